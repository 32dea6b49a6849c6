//! A coalition that forges tags: an error in what it holds, and what the tag of the error would be if
//! it knew the key.
//!
//! Linear tags (`key * value`, both shared) hold against whoever does not know the key. The coalition
//! goes on with one more than each value that it was told, and with a candidate of the key more than
//! each tag. Candidates are what its own shares of a key tell: one of them, as many times as there
//! are parties, and the sum of all that it has. Which messages hold values with their tags, and how
//! they lie, is not known here: one of each kind is tried, in halves and in pairs, in all values and
//! in single ones, as other values may feed checks of their own.

use std::collections::BTreeMap;
use std::fmt;

use mpclab_protocols::attack::{Attack, Expected, Plan, Setting};
use mpclab_reports::battery::Family;
use mpclab_sim::PartyRng;
use mpclab_sim::adversary::{Decision, Departing, ElementChange};
use mpclab_sim::vocabulary::{AdversaryKind, PartyId};
use mpclab_sim::wire::Field;

use super::case::{Case, Deed};
use super::last_mover::{is_summed, kind};
use super::{Target, names};

/// Coalitions that try it, and kinds of messages that each changes.
const COALITIONS: usize = 3;
const KINDS: usize = 8;

/// Values that are changed alone: the first few, such as those of a triple, and the last.
const SINGLE: usize = 3;

/// How values and their tags lie in a message.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// All values, then all tags.
    Halves,
    /// Each value with its tag.
    Pairs,
}

/// What is taken for the key.
#[derive(Clone, Copy, Debug)]
enum Candidate {
    /// The first share.
    Share,
    /// The first share, as often as there are parties.
    Equal,
    /// The sum of all shares that the coalition has.
    Sum,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Candidate::Share => "its share",
            Candidate::Equal => "its share, once for each party",
            Candidate::Sum => "the sum of its shares",
        })
    }
}

/// Which values of a message are changed.
#[derive(Clone, Copy, Debug)]
enum Error {
    All,
    /// This one.
    At(usize),
    Last,
}

/// One way to err.
#[derive(Clone, Copy, Debug)]
struct How {
    layout: Layout,
    candidate: Candidate,
    error: Error,
}

fn errors() -> impl Iterator<Item = Error> {
    (0..SINGLE).map(Error::At).chain([Error::Last, Error::All])
}

/// Errors in one message of each kind that a few coalitions hold.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    if target.claims().adversary != AdversaryKind::Malicious {
        return Vec::new();
    }
    let mut cases = Vec::new();
    for coalition in coalitions.iter().take(COALITIONS) {
        for scope in scopes(target, coalition) {
            for layout in [Layout::Halves, Layout::Pairs] {
                for candidate in [Candidate::Equal, Candidate::Sum, Candidate::Share] {
                    let attacks = errors().map(|error| {
                        let how = How { layout, candidate, error };
                        attack(&scope, how, target.n())
                    });
                    cases.extend(attacks.map(|attack| Case {
                        family: Family::Generic,
                        attack: "error with a fitting tag".to_owned(),
                        coalition: coalition.clone(),
                        repetition: 0,
                        deed: Deed::Computed(attack),
                    }));
                }
            }
        }
    }
    cases
}

/// Where the first of a coalition is told several elements, after it has got a single one; the last
/// of each kind, as errors in the last products reach an output.
fn scopes(target: &Target<'_>, coalition: &[PartyId]) -> Vec<String> {
    let Some(trial) = target.recorded(0, coalition) else { return Vec::new() };
    let Some(first) = coalition.first() else { return Vec::new() };
    let mut scopes: BTreeMap<String, String> = BTreeMap::new();
    let mut has_key = false;
    for seen in trial.run.view.received.iter() {
        if seen.to != *first || coalition.contains(&seen.from) {
            continue;
        }
        has_key |= seen.fields().iter().any(is_key);
        if seen.fields().iter().any(|field| is_summed(field) && field.count > 1) {
            scopes.insert(kind(seen.scope()), seen.scope().to_owned());
        }
    }
    if has_key { scopes.into_values().take(KINDS).collect() } else { Vec::new() }
}

/// Whether it may be a share of a key: one element alone.
fn is_key(field: &Field) -> bool {
    is_summed(field) && field.count == 1
}

fn attack(scope: &str, how: How, n: usize) -> Attack {
    let scope = scope.to_owned();
    let plan = Plan::adaptive(false, move |setting| {
        let mut forger = Forger::new(setting, &scope, how, n);
        move |message: &Departing<'_>| forger.decide(message)
    });
    Attack::new(
        "error-with-a-fitting-tag",
        "goes on with an error, and with the tag that it has if the key is what its shares tell",
        "Bendlin, Damgard, Orlandi, Zakarias, EUROCRYPT 2011: why nobody may know the key",
        plan,
        Expected::Caught,
    )
}

struct Forger {
    corrupted: Vec<PartyId>,
    scope: String,
    how: How,
    n: usize,
    /// Shares of a key by who holds them.
    keys: BTreeMap<PartyId, u128>,
    rng: PartyRng,
}

impl Forger {
    fn new(setting: &Setting, scope: &str, how: How, n: usize) -> Self {
        Forger {
            corrupted: setting.corrupted.clone(),
            scope: scope.to_owned(),
            how,
            n,
            keys: BTreeMap::new(),
            rng: setting.seed.rng("forger", PartyId(0)),
        }
    }

    fn decide(&mut self, message: &Departing<'_>) -> Option<(Decision, String)> {
        let Forger { corrupted, .. } = self;
        if !corrupted.contains(&message.to) || corrupted.contains(&message.from) {
            return None;
        }
        if let Some(key) = message.fields.iter().find(|field| is_key(field)) {
            let share = value(key, message.body, 0);
            self.keys.entry(message.to).or_insert(share);
        }
        if corrupted.first() != Some(&message.to) || message.scope != self.scope {
            return None;
        }
        let mut body = message.body.to_vec();
        for field in message.fields.iter().filter(|field| is_summed(field) && field.count > 1) {
            for (at, tag) in places(self.how, field.count) {
                ElementChange::Add(1).apply(field, &mut body, at, &mut self.rng);
                for by in self.candidates() {
                    ElementChange::Add(by).apply(field, &mut body, tag, &mut self.rng);
                }
            }
        }
        let Forger { how: How { candidate, .. }, corrupted, .. } = self;
        let what = format!("{} adds one, and {candidate} to tags", names(corrupted));
        (body != message.body).then_some((Decision::Replace(body), what))
    }

    /// What adds up to the candidate.
    fn candidates(&self) -> Vec<u128> {
        let shares: Vec<u128> = self.keys.values().copied().collect();
        match self.how.candidate {
            Candidate::Share => shares.into_iter().take(1).collect(),
            Candidate::Equal => shares.first().map_or_else(Vec::new, |key| vec![*key; self.n]),
            Candidate::Sum => shares,
        }
    }
}

fn value(field: &Field, body: &[u8], at: usize) -> u128 {
    let (mut body, mut value) = (body.to_vec(), 0);
    field.mutate(&mut body, at, |old| {
        value = old;
        old
    });
    value
}

/// Places of the values that are changed, each with that of its tag.
fn places(how: How, count: usize) -> Vec<(usize, usize)> {
    let half = count / 2;
    let place = |at| match how.layout {
        Layout::Halves => (at, at + half),
        Layout::Pairs => (2 * at, 2 * at + 1),
    };
    let values = match how.error {
        Error::All => 0..half,
        Error::At(at) => at.min(half)..(at + 1).min(half),
        Error::Last => half.saturating_sub(1)..half,
    };
    values.map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_tags_behind_them() {
        let how = |layout, error| How { layout, candidate: Candidate::Sum, error };
        assert_eq!(places(how(Layout::Halves, Error::All), 6), [(0, 3), (1, 4), (2, 5)]);
        assert_eq!(places(how(Layout::Halves, Error::At(2)), 6), [(2, 5)]);
        assert_eq!(places(how(Layout::Halves, Error::At(3)), 6), []);
        assert_eq!(places(how(Layout::Pairs, Error::All), 5), [(0, 1), (2, 3)]);
        assert_eq!(places(how(Layout::Pairs, Error::Last), 5), [(2, 3)]);
    }
}
