//! A party that says in its own name what an honest one says: commitments, and their openings later.
//!
//! What is the same in all messages of a party at some place, but another thing in those of another
//! party, is taken for its name: such bytes stay the copier's own. A name that is hashed with what is
//! committed to can't be put in the place of another. Or it takes one field alone of messages that
//! have several, such as what is opened without what opens it. One member of a coalition copies
//! alone, as two copies of one summand may cancel each other; but what all say alike, such as a hash of
//! all that was heard, the others of the coalition say as the victim does.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use mpclab_protocols::attack::{Attack, Expected, Plan};
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Act, Adversary, Decision, Departing, Seen, View};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Algebra;

use super::case::{Case, Deed};
use super::{Target, last_mover};

/// Runs that tell what is the same in all messages of a party.
const RUNS: u32 = 4;
/// Honest parties that are copied, and places besides all, of each coalition.
const VICTIMS: usize = 2;
const PLACES: usize = 3;
/// Fields that are copied alone.
const FIELDS: usize = 6;
/// Bytes that two parties say alike by chance are fewer.
const ALIKE: usize = 16;
/// Coalitions that copy.
const COALITIONS: usize = 3;

/// Scope, and place in the channel.
type Slot = (String, u32);
/// Bytes in which a copier's messages differ from those of its victim in all runs.
type Marks = BTreeMap<Slot, Vec<usize>>;
/// Bytes in which messages of the coalition's others are the same as those of the victim in all runs.
type Alike = BTreeMap<(PartyId, Slot), Vec<usize>>;

/// One way to copy.
#[derive(Clone)]
pub(super) struct Copying {
    /// Who copies whom, and where.
    pub(super) name: String,
    pub(super) attack: Attack,
}

/// Copies of a few coalitions.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let alone = target.coalitions().alone();
    let mut cases = Vec::new();
    let last = alone.last().into_iter().filter(|last| !coalitions.contains(last));
    for coalition in coalitions.iter().take(COALITIONS).chain(last) {
        cases.extend(all(target, coalition).into_iter().map(|copying| Case {
            family: Family::Generic,
            attack: "copy under an own name".to_owned(),
            coalition: coalition.clone(),
            repetition: 0,
            deed: Deed::Computed(copying.attack),
        }));
    }
    cases
}

/// All ways in which a coalition copies: everywhere, or where it commits to something.
pub(super) fn all(target: &Target<'_>, coalition: &[PartyId]) -> Vec<Copying> {
    let runs: Vec<View> =
        (0..RUNS).filter_map(|at| Some(target.recorded(at, coalition)?.run.view)).collect();
    let Some(first) = runs.first() else { return Vec::new() };
    let leaves = |seen: &&Seen| !coalition.contains(&seen.to);
    let Some(copier) = first.sent.iter().find(leaves).map(|seen| seen.from) else {
        return Vec::new();
    };
    let mut victims: Vec<PartyId> = target.coalitions().nodes().collect();
    victims.retain(|node| {
        !coalition.contains(node) && first.received.iter().any(|seen| seen.from == *node)
    });
    let mut all = Vec::new();
    for (at, victim) in victims.into_iter().take(VICTIMS).enumerate() {
        let marks = Arc::new(marks(&runs, copier, victim));
        let alike = Arc::new(alike(&runs, copier, victim));
        let what = if at == 0 { parts(first, copier) } else { vec![Part::All] };
        all.extend(what.into_iter().map(|part| Copying {
            name: format!("{copier} copies {victim}{part}"),
            attack: attack((copier, victim), part, (Arc::clone(&marks), Arc::clone(&alike))),
        }));
    }
    all
}

/// What is copied.
#[derive(Clone, Debug)]
enum Part {
    /// Everything.
    All,
    /// What is said on this path.
    Path(String),
    /// One field of messages that have several, in this scope.
    Field(String, usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::All => Ok(()),
            Part::Path(path) => write!(f, " in {path}"),
            Part::Field(scope, at) => write!(f, " in field {at} of {scope}"),
        }
    }
}

/// Everything, where a party tells others opaque bytes (the paths around such scopes, the first of
/// each kind), and single fields.
fn parts(view: &View, copier: PartyId) -> Vec<Part> {
    let mut places: Vec<String> = Vec::new();
    let is_opaque =
        |seen: &&Seen| seen.fields().iter().any(|field| field.algebra == Algebra::Bytes);
    for seen in view.sent.iter().filter(|seen| seen.from == copier).filter(is_opaque) {
        let Some((place, _)) = seen.scope().rsplit_once('/') else { continue };
        let kind = last_mover::kind(place);
        let is_new = places.iter().all(|other| last_mover::kind(other) != kind);
        if is_new && places.len() < PLACES {
            places.push(place.to_owned());
        }
    }
    let sent = view.sent.iter().filter(|seen| seen.from == copier);
    let mut scopes: Vec<&str> = Vec::new();
    let mut fields: Vec<Part> = Vec::new();
    for seen in sent.filter(|seen| seen.fields().len() > 1) {
        if !scopes.iter().any(|scope| last_mover::kind(scope) == last_mover::kind(seen.scope())) {
            scopes.push(seen.scope());
            let places = 0..seen.fields().len();
            fields.extend(places.map(|at| Part::Field(seen.scope().to_owned(), at)));
        }
    }
    // Later ones may be openings of the first.
    let skipped = fields.len().saturating_sub(FIELDS);
    let paths = places.into_iter().map(Part::Path);
    std::iter::once(Part::All).chain(paths).chain(fields.into_iter().skip(skipped)).collect()
}

/// Bytes that never change at a place, and are others in what a victim says there.
fn marks(runs: &[View], copier: PartyId, victim: PartyId) -> Marks {
    let of_run = |view: &View| {
        let mut said = Said::default();
        view.received.iter().filter(|seen| seen.from == victim).for_each(|seen| {
            said.hear((seen.scope(), seen.occurrence), seen.label(), seen.body());
        });
        let mut pairs: BTreeMap<Slot, (Vec<u8>, Vec<u8>)> = BTreeMap::new();
        for own in view.sent.iter().filter(|seen| seen.from == copier) {
            let slot = (own.scope().to_owned(), own.occurrence);
            if let Some(theirs) = said.instead(&slot, own.label(), own.body().len()) {
                pairs.entry(slot).or_insert_with(|| (own.body().to_vec(), theirs.clone()));
            }
        }
        pairs
    };
    let runs: Vec<_> = runs.iter().map(of_run).collect();
    let Some(first) = runs.first() else { return Marks::new() };
    let constant = |(slot, (own, theirs)): (&Slot, &(Vec<u8>, Vec<u8>))| {
        let others: Option<Vec<_>> = runs.iter().map(|run| run.get(slot)).collect();
        let others = others?;
        let is_mark = |at: &usize| {
            let same = |pair: &&(Vec<u8>, Vec<u8>)| {
                pair.0.get(*at) == own.get(*at) && pair.1.get(*at) == theirs.get(*at)
            };
            own.get(*at) != theirs.get(*at) && others.iter().all(same)
        };
        let marks: Vec<usize> = (0..own.len()).filter(is_mark).collect();
        Some((slot.clone(), marks)).filter(|(_, marks)| !marks.is_empty())
    };
    first.iter().filter_map(constant).collect()
}

/// Bytes that others of the coalition say as a victim does, at the same place, in all runs.
fn alike(runs: &[View], copier: PartyId, victim: PartyId) -> Alike {
    let of_run = |view: &View| {
        let mut said = Said::default();
        view.received.iter().filter(|seen| seen.from == victim).for_each(|seen| {
            said.hear((seen.scope(), seen.occurrence), seen.label(), seen.body());
        });
        let mut equal = Alike::new();
        for own in view.sent.iter().filter(|seen| seen.from != copier) {
            let slot = (own.scope().to_owned(), own.occurrence);
            let Some(theirs) = said.at.get(&slot) else { continue };
            if theirs.len() == own.body().len() {
                let is_equal = |at: &usize| own.body().get(*at) == theirs.get(*at);
                let places = (0..theirs.len()).filter(is_equal).collect();
                equal.entry((own.from, slot)).or_insert(places);
            }
        }
        equal
    };
    let mut runs = runs.iter().map(of_run);
    let mut alike = runs.next().unwrap_or_default();
    for run in runs {
        alike.retain(|place, bytes| {
            let other = run.get(place).map(Vec::as_slice).unwrap_or_default();
            bytes.retain(|at| other.contains(at));
            !bytes.is_empty()
        });
    }
    alike.values_mut().for_each(|bytes| *bytes = stretches(bytes));
    alike.retain(|_, bytes| !bytes.is_empty());
    alike
}

/// Those of ascending places that lie in stretches of [`ALIKE`] or more.
fn stretches(places: &[usize]) -> Vec<usize> {
    let runs = places.chunk_by(|a, b| a + 1 == *b);
    runs.filter(|run| run.len() >= ALIKE).flatten().copied().collect()
}

fn attack(
    (copier, victim): (PartyId, PartyId),
    part: Part,
    (marks, alike): (Arc<Marks>, Arc<Alike>),
) -> Attack {
    let plan = Plan::Outbox(Arc::new(move |setting| {
        Box::new(Copier {
            corrupted: setting.corrupted.clone(),
            copier,
            victim,
            part: part.clone(),
            marks: Arc::clone(&marks),
            alike: Arc::clone(&alike),
            said: Said::default(),
            acts: Vec::new(),
        }) as Box<dyn Adversary>
    }));
    Attack::new(
        "copies-under-own-name",
        "says in its own name what an honest party says, with its own name where one stands",
        "Dolev, Dwork, Naor, STOC 1991 (malleability); Blum, CRYPTO 1981 (copied commitments)",
        plan,
        Expected::Caught,
    )
}

/// What a victim said.
#[derive(Default)]
struct Said {
    at: BTreeMap<Slot, Vec<u8>>,
    /// The last by type and length.
    latest: BTreeMap<(String, usize), Vec<u8>>,
}

impl Said {
    fn hear(&mut self, (scope, occurrence): (&str, u32), label: &str, body: &[u8]) {
        self.at.entry((scope.to_owned(), occurrence)).or_insert_with(|| body.to_vec());
        self.latest.insert((label.to_owned(), body.len()), body.to_vec());
    }

    /// What was said at the same place, or last of the same type and length.
    fn instead(&self, slot: &Slot, label: &str, len: usize) -> Option<&Vec<u8>> {
        let same = self.at.get(slot).filter(|body| body.len() == len);
        same.or_else(|| self.latest.get(&(label.to_owned(), len)))
    }
}

struct Copier {
    corrupted: Vec<PartyId>,
    copier: PartyId,
    victim: PartyId,
    part: Part,
    marks: Arc<Marks>,
    alike: Arc<Alike>,
    said: Said,
    acts: Vec<Act>,
}

impl Copier {
    /// A message with what was said in its place, or in that of a part of it.
    fn copied(&self, message: &Departing<'_>, said: &[u8]) -> Option<Vec<u8>> {
        match &self.part {
            Part::All => Some(said.to_vec()),
            Part::Path(path) => {
                let rest = message.scope.strip_prefix(path.as_str())?;
                (rest.is_empty() || rest.starts_with('/')).then(|| said.to_vec())
            }
            Part::Field(scope, at) => {
                let field = message.fields.get(*at).filter(|_| message.scope == scope)?;
                let range = field.offset..field.offset.saturating_add(field.bytes());
                let mut body = message.body.to_vec();
                body.get_mut(range.clone())?.copy_from_slice(said.get(range)?);
                Some(body)
            }
        }
    }
}

impl Copier {
    /// What all say alike another of the coalition says as the victim did.
    fn agrees(&mut self, message: &Departing<'_>) -> Decision {
        let slot = (message.scope.to_owned(), message.occurrence);
        let Some(said) = self.said.at.get(&slot) else { return Decision::Pass };
        let mut body = message.body.to_vec();
        for at in self.alike.get(&(message.from, slot)).into_iter().flatten() {
            if let (Some(byte), Some(theirs)) = (body.get_mut(*at), said.get(*at)) {
                *byte = *theirs;
            }
        }
        if body == message.body {
            return Decision::Pass;
        }
        self.acts.push(Act::on(message, format!("agrees with {}", self.victim)));
        Decision::Replace(body)
    }
}

impl Adversary for Copier {
    fn corrupted(&self) -> Vec<PartyId> {
        self.corrupted.clone()
    }

    fn is_rushing(&self) -> bool {
        true
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from == self.victim && self.corrupted.contains(&message.to) {
            let slot = (message.scope, message.occurrence);
            self.said.hear(slot, message.label, message.body);
        }
        let is_own = self.corrupted.contains(&message.from);
        if !is_own || self.corrupted.contains(&message.to) {
            return Decision::Pass;
        }
        if message.from != self.copier {
            return self.agrees(message);
        }
        let slot = (message.scope.to_owned(), message.occurrence);
        let said = self.said.instead(&slot, message.label, message.body.len());
        let Some(mut body) = said.and_then(|said| self.copied(message, said)) else {
            return Decision::Pass;
        };
        for at in self.marks.get(&slot).into_iter().flatten() {
            body[*at] = message.body[*at];
        }
        if body == message.body {
            return Decision::Pass;
        }
        self.acts.push(Act::on(message, format!("repeats what {} said", self.victim)));
        Decision::Replace(body)
    }

    fn acts(&self) -> Vec<Act> {
        self.acts.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_bytes_are_alike_by_chance() {
        let places: Vec<usize> = [3, 4].into_iter().chain(10..26).chain(40..55).collect();
        assert_eq!(stretches(&places), (10..26).collect::<Vec<_>>());
    }
}
