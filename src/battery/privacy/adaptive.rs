//! Input independence against a coalition that chooses its input late.
//!
//! It knows the code, the session and who takes part. Messages that do not depend on its input it
//! sends; the others it withholds until it has heard what honest parties say without them. Then it
//! runs an honest party's code with each of a few inputs: words that are the same for all draws, but
//! others for each input, tell which input was brought. It takes the same as its own.

use std::collections::{BTreeMap, BTreeSet};

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::Inputs;
use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::adversary::{Adversary, Decision, Departing, Seen as Message, View};
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, PartyId};
use rand::RngExt;
use rayon::prelude::*;

use super::Probe;
use super::findings::{Outcome, Test};
use super::independent::{self, Seen};
use super::salted::{self, Salted};
use crate::runner::verdict::{Threat, effective};
use crate::runner::{Against, Subject, Trial};

/// Name of the test.
pub(super) const NAME: &str = "inputs chosen late";

/// First of the sets of runs; each coalition takes so many.
const SET: u32 = (1 << 8) + 48;
const SETS: u32 = 4;
/// Inputs that are tried.
const VALUES: usize = 2;
/// Draws of an honest party with each of them.
const DRAWS: u32 = 4;
/// Runs in which the coalition chooses.
const RUNS: u32 = 48;

/// Sender, receiver, scope, place in the channel.
type Slot = (PartyId, PartyId, String, u32);
/// The same and a field: what was said there.
type Words = BTreeMap<(Slot, usize), Vec<u8>>;
/// What is said with each of the inputs.
type Told = Vec<((Slot, usize), [Vec<u8>; VALUES])>;

/// Tests coalitions on one block of seeds.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Test> {
    if matches!(probe.cell.task, Task::Relation(_)) {
        return Vec::new();
    }
    let tried = independent::tried(probe).into_iter().zip((SET..).step_by(SETS as usize));
    let tried = tried.filter(|(coalition, _)| is_tested(coalition));
    let late = |(coalition, set)| Late::new(probe, (block, set), coalition);
    tried.filter_map(late).filter_map(|late| late.test()).collect()
}

/// A coalition of which one member chooses its input by what an honest party says.
struct Late<'a> {
    probe: &'a Probe<'a>,
    block: u32,
    set: u32,
    coalition: Vec<PartyId>,
    /// Places among those who bring inputs.
    own: usize,
    victim: usize,
}

impl<'a> Late<'a> {
    fn new(
        probe: &'a Probe<'a>,
        (block, set): (u32, u32),
        coalition: Vec<PartyId>,
    ) -> Option<Self> {
        let mut who = probe.cell.cell.roles.input.iter();
        let own = who.position(|party| coalition.contains(party))?;
        let mut who = probe.cell.cell.roles.input.iter();
        let victim = who.position(|party| !coalition.contains(party))?;
        Some(Late { probe, block, set, coalition, own, victim })
    }

    fn session(&self) -> RunSeed {
        self.probe.seed(self.block, self.set, 0)
    }

    /// Small inputs, and these of the two.
    fn inputs(&self, run: u32, own: usize, theirs: usize) -> Vec<Inputs> {
        let seed = self.probe.seed(self.block, self.set + 1, run);
        let mut inputs = independent::small_inputs(self.probe, &seed);
        for decl in self.probe.cell.task.inputs() {
            let value = match decl.party {
                party if party == self.own => own,
                party if party == self.victim => theirs,
                _ => continue,
            };
            let value = (independent::lowest(decl.range) + value as i128).min(decl.range.hi);
            inputs[decl.party].insert(decl.name.to_string(), vec![value; decl.len]);
        }
        inputs
    }

    /// The session with these inputs, and the draws of this number; the coalition's are the same.
    fn subject(&self, inputs: &[Inputs], draws: u32) -> Option<Subject<'_>> {
        let [own, others] =
            [0, 1 + draws].map(|run| salted::salt(self.probe, self.block, self.set + 2, run));
        let salted = Salted::new(others).with(&self.coalition, own);
        salted::subject(self.probe, self.session(), inputs, salted)
    }

    fn run(&self, inputs: &[Inputs], draws: u32) -> Option<(Subject<'_>, Trial)> {
        let subject = self.subject(inputs, draws)?;
        let against = Against::semi_honest(&subject.setting(self.coalition.clone()));
        let trial = salted::run_against(&subject, against)?;
        Some((subject, trial))
    }

    /// Messages of the coalition that depend on its input.
    fn dependent(&self) -> Option<BTreeSet<Slot>> {
        let sent = |own: usize| -> Option<BTreeMap<Slot, Vec<u8>>> {
            let (_, trial) = self.run(&self.inputs(0, own, 0), 0)?;
            let view: &View = &trial.run.view;
            let leaves = view.sent.iter().filter(|seen| !self.coalition.contains(&seen.to));
            Some(leaves.map(|seen| (slot(seen), seen.body().to_vec())).collect())
        };
        let (first, second) = (sent(0)?, sent(1)?);
        let slots = first.keys().chain(second.keys());
        Some(slots.filter(|slot| first.get(*slot) != second.get(*slot)).cloned().collect())
    }

    /// What the victim says while the coalition withholds what depends on its input.
    fn heard(&self, withheld: &BTreeSet<Slot>, inputs: &[Inputs], draws: u32) -> Option<Words> {
        let subject = self.subject(inputs, draws)?;
        let withhold = Withhold { corrupted: self.coalition.clone(), slots: withheld.clone() };
        let against = Against {
            adversary: Some(Box::new(withhold)),
            threat: Some(Threat { is_malicious: true, ..Threat::default() }),
            ..Against::default()
        };
        let trial = salted::run_against(&subject, against)?;
        let victim = self.probe.cell.cell.roles.input[self.victim];
        let received = trial.run.view.received.iter().filter(|seen| seen.from == victim);
        Some(received.flat_map(words).collect())
    }

    /// Where the victim's words are the same for all draws, and others for each input.
    fn told(&self, withheld: &BTreeSet<Slot>) -> Option<Told> {
        let always = |theirs: usize| -> Option<Words> {
            let heard = |draws| self.heard(withheld, &self.inputs(draws, 0, theirs), draws);
            let all: Vec<Option<Words>> = (0..DRAWS).into_par_iter().map(heard).collect();
            let all: Vec<Words> = all.into_iter().collect::<Option<_>>()?;
            let mut first = all.first()?.clone();
            first.retain(|at, said| all.iter().all(|words| words.get(at) == Some(said)));
            Some(first)
        };
        let (first, mut second) = (always(0)?, always(1)?);
        let pair = |(at, said)| Some((second.remove(&at)?, at, said));
        let pairs = first.into_iter().filter_map(pair);
        Some(pairs.filter(|(b, _, a)| a != b).map(|(b, at, a)| (at, [a, b])).collect())
    }

    /// One run in which the coalition's input is what it takes for the victim's.
    fn choose(&self, withheld: &BTreeSet<Slot>, told: &Told, run: u32) -> Option<Seen> {
        let mut rng = self.probe.seed(self.block, self.set + 3, run).rng("late", PartyId(0));
        let theirs = usize::from(rng.random_bool(0.5));
        let heard = self.heard(withheld, &self.inputs(run, 0, theirs), DRAWS + run)?;
        let fits = |value: usize| {
            told.iter().filter(|(at, said)| heard.get(at) == Some(&said[value])).count()
        };
        let own = match fits(0).cmp(&fits(1)) {
            std::cmp::Ordering::Less => 1,
            std::cmp::Ordering::Greater => 0,
            std::cmp::Ordering::Equal => usize::from(rng.random_bool(0.5)),
        };
        let given = self.inputs(run, own, theirs);
        let (subject, trial) = self.run(&given, DRAWS + run)?;
        let brought = effective(&subject.facts(&trial));
        let output = independent::honest_output(&trial, self.probe);
        Some(Seen { given, brought, output })
    }

    fn test(&self) -> Option<Test> {
        let withheld = self.dependent()?;
        let test = |samples, note: &str, outcome| Test {
            family: Family::Privacy,
            name: NAME.to_owned(),
            guarantee: Guarantee::InputIndependence,
            claimed: self.probe.target.claims().adversary == AdversaryKind::Malicious,
            coalition: self.coalition.clone(),
            algebra: "extracted inputs".to_owned(),
            samples,
            note: note.to_owned(),
            outcome,
        };
        let looks = u64::from(2 + 2 * DRAWS);
        let told = self.told(&withheld)?;
        if told.is_empty() || withheld.is_empty() {
            let note = "what is heard before an input is brought tells none of two";
            return Some(test(looks, note, Outcome::Compared(Vec::new())));
        }
        let choose = |run| self.choose(&withheld, &told, run);
        let runs: Vec<Option<Seen>> = (0..RUNS).into_par_iter().map(choose).collect();
        let runs: Vec<Seen> = runs.into_iter().flatten().collect();
        let samples = looks + 2 * runs.len() as u64;
        let deed = "chosen by what was heard";
        let outcome = match independent::contingency(self.probe, deed, &self.coalition, &runs) {
            Ok(compared) => Outcome::Compared(compared),
            Err(why) => Outcome::Undecided(why),
        };
        Some(test(samples, "sees words that follow from one of two inputs", outcome))
    }
}

fn slot(seen: &Message) -> Slot {
    (seen.from, seen.to, seen.scope().to_owned(), seen.occurrence)
}

/// The fields of a message, or the whole of one without.
fn words(seen: &Message) -> Vec<((Slot, usize), Vec<u8>)> {
    let slot = slot(seen);
    if seen.fields().is_empty() {
        return vec![((slot, 0), seen.body().to_vec())];
    }
    let field = |(at, field): (usize, &mpclab_sim::wire::Field)| {
        let end = field.offset.saturating_add(field.bytes());
        Some(((slot.clone(), at), seen.body().get(field.offset..end)?.to_vec()))
    };
    seen.fields().iter().enumerate().filter_map(field).collect()
}

/// A rushing coalition that says everything but this.
struct Withhold {
    corrupted: Vec<PartyId>,
    slots: BTreeSet<Slot>,
}

impl Adversary for Withhold {
    fn corrupted(&self) -> Vec<PartyId> {
        self.corrupted.clone()
    }

    fn is_rushing(&self) -> bool {
        true
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let slot = (message.from, message.to, message.scope.to_owned(), message.occurrence);
        match self.slots.contains(&slot) {
            true => Decision::Drop,
            false => Decision::Pass,
        }
    }
}
