//! Are the challenges that checks rest on what their theorems ask for?
//!
//! A check by a random combination holds if its coefficients are uniform among as many values as its
//! bound counts, independent of each other, and unknown until what is checked is fixed. Honest
//! parties tap what their checks use, with the number of values that it is claimed to be from. Equal
//! values among few draws tell a small set, one coefficient in place of many, or a constant; values
//! that stay the same whatever honest parties draw are known before anything is checked; also while
//! a coalition copies what an honest party says, whose share of them it may cancel.

use std::collections::BTreeMap;

use mpclab_protocols::oracle::{CHALLENGE, Challenge};
use mpclab_reports::battery::Family;
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, PartyId};
use mpclab_sim::{RunSeed, Tap};
use rayon::prelude::*;

use super::Probe;
use super::findings::{Compared, Outcome, Test};
use super::salted::{self, Salted};
use crate::battery::copier::{self, Copying};
use crate::evidence::masks::shortfall;
use crate::runner::{Against, Subject, Trial};

/// Names of the tests.
pub(super) const FRESH: &str = "challenges";
pub(super) const KNOWN: &str = "challenges for other draws";
pub(super) const COPIED: &str = "challenges under copying";

/// Runs of other sessions, and of one session with other draws, and their sets.
const RUNS: u32 = 24;
const DRAWS: u32 = 12;
const SET: u32 = (1 << 8) + 16;
/// Challenges that are kept of each run.
const KEPT: usize = 32;
/// Coalitions whose draws stay the same while others' change.
const COALITIONS: usize = 3;
/// Runs after which a way to copy is given up if no challenge is used.
const LOOKS: u32 = 2;

/// A challenge: the number of values that it is from, and the value.
pub(super) type Drawn = (u128, u128);
/// Scope and number within it.
type ChallengePlace = (String, usize);
/// Challenges of a run by place.
pub(super) type Places = BTreeMap<ChallengePlace, Drawn>;

/// Judges challenges of a protocol that claims to withstand cheaters. If it taps none, nobody can
/// say anything of those that its theorems count on.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Test> {
    if probe.target.claims().adversary == AdversaryKind::SemiHonest {
        return Vec::new();
    }
    let mut tests = Vec::new();
    if is_tested(&[]) {
        match fresh(probe, block) {
            Some(fresh) => tests.push(fresh),
            None => return untapped(probe).into_iter().collect(),
        }
    }
    let tried = probe.target.coalitions().largest().tried.into_iter().take(COALITIONS);
    for (at, coalition) in tried.enumerate().filter(|(_, coalition)| is_tested(coalition)) {
        let set = 1 + 2 * at as u32;
        tests.extend(known(probe, block, set, &coalition));
        tests.push(copied(probe, block, set + 1, &coalition));
    }
    tests
}

/// What is said of challenges that nobody taps, if theorems rest on some.
fn untapped(probe: &Probe<'_>) -> Option<Test> {
    let bounds = probe.target.soundness();
    let bound = bounds.first()?;
    let why = format!(
        "no honest party taps a challenge, and \"{}\" has a probability by {}: whether what is drawn \
         for it is fresh, late and unknown was looked at by nobody",
        bound.event, bound.source
    );
    let unseen = test(FRESH, &[], 0, String::new(), Vec::new());
    Some(Test { outcome: Outcome::Undecided(why), ..unseen })
}

/// Other sessions: whether values repeat, and fill their range.
fn fresh(probe: &Probe<'_>, block: u32) -> Option<Test> {
    let run = |at: u32| {
        let seed = probe.seed(block, SET, at);
        let subject = Subject::new(probe.target.registry, &probe.cell, seed).ok()?;
        let subject = Subject { inputs: probe.random_inputs(&seed), ..subject };
        Some(drawn(&subject.run(Against::semi_honest(&subject.setting(Vec::new()))), &[]))
    };
    if run(0)?.is_empty() {
        return None;
    }
    let runs: Vec<_> = (0..RUNS).into_par_iter().filter_map(run).collect();
    let all: Vec<Drawn> = runs.iter().flat_map(|run| run.values().copied()).collect();
    let pairs = repeated(&all);
    // Challenges of one size, so that those from few values do not hide what others lack.
    let mut sizes: BTreeMap<u128, Vec<(u32, u128)>> = BTreeMap::new();
    for (among, value) in &all {
        sizes.entry(*among).or_default().push((bits(*among), *value));
    }
    let short = sizes.values().filter_map(|of_size| shortfall(of_size));
    let short = short.min_by(|one, other| one.p_value.total_cmp(&other.p_value))?;
    let values = all.len();
    let compared = vec![
        Compared {
            what: "equal values".to_owned(),
            p_value: pairs.p_value(),
            detail: format!(
                "challenges repeat: {} pairs of {values} are equal, of which chance makes {:.1e}",
                pairs.equal, pairs.expected
            ),
        },
        Compared {
            what: "width".to_owned(),
            p_value: (short.p_value * sizes.len() as f64).min(1.0),
            detail: format!("each of {} challenges lacks {} bits", short.values, short.bits),
        },
    ];
    let note = format!("sees challenges from {} values or fewer", values * values / 4);
    Some(test(FRESH, &[], values, note, compared))
}

/// One session in which the coalition draws the same each time: whether values follow what honest
/// parties draw.
fn known(probe: &Probe<'_>, block: u32, set: u32, coalition: &[PartyId]) -> Option<Test> {
    let pairs = pairs_of(probe, (block, set), coalition, None);
    if pairs.all == 0 {
        return None;
    }
    let compared = pairs.compared("equal values for other draws".to_owned(), "");
    let note = format!("among {} pairs of values", pairs.all);
    Some(test(KNOWN, coalition, DRAWS as usize, note, vec![compared]))
}

/// The same while one of the coalition says what an honest party says.
fn copied(probe: &Probe<'_>, block: u32, set: u32, coalition: &[PartyId]) -> Test {
    let (mut compared, mut all) = (Vec::new(), 0);
    let ways = copier::all(probe.target, coalition);
    for copying in &ways {
        let pairs = pairs_of(probe, (block, set), coalition, Some(copying));
        all += pairs.all;
        if pairs.all > 0 {
            compared.push(pairs.compared(copying.name.clone(), ", while copied"));
        }
    }
    let note = match all {
        0 => format!("{} ways to copy: none goes on to a challenge", ways.len()),
        _ => format!("{} ways to copy, {all} pairs of values", ways.len()),
    };
    test(COPIED, coalition, DRAWS as usize * ways.len(), note, compared)
}

/// Pairs of values at the same place for other draws of honest parties.
fn pairs_of(
    probe: &Probe<'_>,
    (block, set): (u32, u32),
    coalition: &[PartyId],
    copying: Option<&Copying>,
) -> Pairs {
    let session: RunSeed = probe.seed(block, SET + set, 0);
    let inputs = probe.random_inputs(&session);
    let own = salted::salt(probe, block, SET + set, 0);
    let run = |at: u32| {
        let salt = salted::salt(probe, block, SET + set, 1 + at);
        let salted = Salted::new(salt).with(coalition, own);
        let Some(copying) = copying else {
            let trial = salted::run(probe, session, &inputs, &[], salted);
            return trial.map(|trial| drawn(&trial, coalition));
        };
        let subject = salted::subject(probe, session, &inputs, salted)?;
        let setting = subject.setting(coalition.to_vec());
        let against = Against::attack(&setting, &copying.attack, None);
        salted::run_against(&subject, against).map(|trial| drawn(&trial, coalition))
    };
    let mut runs: Vec<_> = (0..LOOKS).into_par_iter().filter_map(run).collect();
    if runs.iter().all(BTreeMap::is_empty) {
        return Pairs::default();
    }
    runs.extend((LOOKS..DRAWS).into_par_iter().filter_map(run).collect::<Vec<_>>());
    let mut places: BTreeMap<&ChallengePlace, Vec<Drawn>> = BTreeMap::new();
    for (place, drawn) in runs.iter().flatten() {
        places.entry(place).or_default().push(*drawn);
    }
    places.values().map(|drawn| repeated(drawn)).sum()
}

/// Values of one place in runs of one session that have other draws from some time on.
pub(super) fn late(place: &str, runs: &[Vec<Drawn>]) -> Compared {
    let width = runs.iter().map(Vec::len).min().unwrap_or(0);
    let at = |at: usize| runs.iter().map(|run| run[at]).collect::<Vec<Drawn>>();
    let pairs: Pairs = (0..width).map(|which| repeated(&at(which))).sum();
    pairs.compared(format!("late draws for {place}"), " once a coalition has spoken")
}

pub(super) fn test(
    name: &str,
    coalition: &[PartyId],
    samples: usize,
    note: String,
    compared: Vec<Compared>,
) -> Test {
    Test {
        family: Family::Privacy,
        name: name.to_owned(),
        guarantee: Guarantee::Soundness,
        claimed: true,
        coalition: coalition.to_vec(),
        algebra: "challenges".to_owned(),
        samples: samples as u64,
        note,
        outcome: Outcome::Compared(compared),
    }
}

/// The challenges of a run, as the first party has them that is neither corrupted nor of a
/// coalition, by place. Who challenges others may draw as it likes.
pub(super) fn drawn(trial: &Trial, coalition: &[PartyId]) -> Places {
    of_places(trial, coalition, (KEPT, KEPT))
}

/// The same, so many of each place and in all.
pub(super) fn of_places(
    trial: &Trial,
    coalition: &[PartyId],
    (each, most): (usize, usize),
) -> Places {
    let is_challenge = |tap: &&Tap| tap.label == CHALLENGE;
    let parties = trial.run.taps.iter().enumerate();
    let is_honest =
        |party: &PartyId| !trial.run.corrupted.contains(party) && !coalition.contains(party);
    let honest = parties.filter(|(at, _)| is_honest(&PartyId::from(*at)));
    let mut honest = honest.map(|(_, taps)| taps);
    let first = honest.find(|taps| taps.iter().any(|tap| is_challenge(&tap)));
    let mut all = Places::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tap in first.into_iter().flatten().filter(is_challenge) {
        let Some(challenge) = tap.value.downcast_ref::<Challenge>() else { continue };
        let room = most.saturating_sub(all.len()).min(each);
        for value in challenge.drawn.iter().take(room) {
            let count = counts.entry(&tap.scope).or_default();
            all.insert((tap.scope.clone(), *count), (challenge.among, *value));
            *count += 1;
        }
    }
    all
}

/// Pairs of values.
#[derive(Clone, Debug, Default)]
struct Pairs {
    all: u64,
    equal: u64,
    /// How many are equal on average if values are uniform and independent.
    expected: f64,
    /// How many are equal, and how many on average, by the size of the set that they are from.
    sizes: BTreeMap<u128, (u64, f64)>,
}

impl Pairs {
    fn compared(&self, what: String, how: &str) -> Compared {
        Compared {
            what,
            p_value: self.p_value(),
            detail: format!(
                "challenges do not depend on what honest parties draw{how}: {} pairs of {} are \
                 equal, of which chance makes {:.1e}",
                self.equal, self.all, self.expected
            ),
        }
    }

    /// By Markov's inequality, as pairs share values; the least of all sizes.
    fn p_value(&self) -> f64 {
        let of_size = |(equal, expected): &(u64, f64)| match equal {
            0 => 1.0,
            equal => expected / *equal as f64,
        };
        let least = self.sizes.values().map(of_size).fold(1.0, f64::min);
        (least * self.sizes.len().max(1) as f64).min(1.0)
    }
}

impl std::iter::Sum for Pairs {
    fn sum<I: Iterator<Item = Self>>(pairs: I) -> Self {
        pairs.fold(Pairs::default(), |mut sum, one| {
            sum.all += one.all;
            sum.equal += one.equal;
            sum.expected += one.expected;
            for (among, (equal, expected)) in one.sizes {
                let of_size = sum.sizes.entry(among).or_default();
                *of_size = (of_size.0 + equal, of_size.1 + expected);
            }
            sum
        })
    }
}

/// Pairs of values that are from sets of one size.
fn repeated(drawn: &[Drawn]) -> Pairs {
    let pairs = |count: u64| count * count.saturating_sub(1) / 2;
    let mut sizes: BTreeMap<u128, BTreeMap<u128, u64>> = BTreeMap::new();
    for (among, value) in drawn {
        *sizes.entry(*among).or_default().entry(*value).or_default() += 1;
    }
    let of_size = |(among, values): (&u128, &BTreeMap<u128, u64>)| {
        let all = pairs(values.values().sum());
        let size = if *among == 0 { 128f64.exp2() } else { *among as f64 };
        let equal: u64 = values.values().map(|count| pairs(*count)).sum();
        let expected = all as f64 / size;
        Pairs { all, equal, expected, sizes: BTreeMap::from([(*among, (equal, expected))]) }
    };
    sizes.iter().map(of_size).sum()
}

/// Bits that numbers below `among` fill; those beyond are not counted.
fn bits(among: u128) -> u32 {
    if among == 0 { 128 } else { among.ilog2() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_count_against_the_size_of_their_set() {
        let wide: Vec<Drawn> = (0..40).map(|at| (1 << 61, at % 16)).collect();
        let found = repeated(&wide);
        assert_eq!((found.all, found.equal), (780, 8 * 3 + 8));
        assert!(found.p_value() < 1e-16, "{found:?}");
        // The same values, where no more are claimed.
        let narrow: Vec<Drawn> = wide.iter().map(|(_, value)| (16, *value)).collect();
        assert_eq!(repeated(&narrow).p_value(), 1.0);
        // Few values that repeat do not hide others that must not.
        let both = repeated(&[wide, narrow].concat());
        assert!(both.p_value() < 1e-15, "{both:?}");
        let distinct: Vec<Drawn> = (0..40).map(|at| (0, at)).collect();
        assert_eq!(repeated(&distinct).p_value(), 1.0);
        assert_eq!((bits(0), bits(257), bits(251)), (128, 8, 7));
    }
}
