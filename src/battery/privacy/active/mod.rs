//! Privacy under active attack: a coalition deviates, and what it then sees has to be as likely for
//! two inputs of honest parties that the ideal functionality does not tell it apart.
//!
//! Each fault is screened with a few pairs of runs that share their randomness and differ in honest
//! inputs alone. What differs in a pair (who aborts and where, the shape of messages, their times)
//! or tells the classes apart in all (a word that an honest party sends) is suspicious, and is
//! counted on fresh seeds for as long as evidence grows ([`crate::evidence::sequential`]). For some
//! faults of each step the linear distinguisher looks at the whole view.
//!
//! A coalition that brings another input may be told another output, for different inputs different
//! ones. Runs in which that is so, or in which nobody knows, are left out and counted.

pub(super) mod exact;
pub(super) mod fairness;
mod faults;
mod run;
mod whole;

use std::collections::BTreeSet;
use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::OtherRun;
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, PartyId};
use rayon::prelude::*;

use self::faults::Fault;
use self::run::{FEATURES, Shown};
use super::findings::{Compared, Outcome, Test};
use super::secrets::Pair;
use super::{EVENTS_OF_A_RUN, Probe};
use crate::evidence::sequential::{self, Discordance};

/// Names of the tests.
pub(super) const ABORTS: &str = "aborts and shape under attack";
pub(super) const WORDS: &str = "words under attack";
pub(super) const LINEAR: &str = "linear functionals under attack";

/// Coalitions that attack.
const COALITIONS: usize = 3;
/// Pairs of inputs, and runs of each class with each of them, that screen a fault.
const PAIRS: u32 = 4;
const SCREEN: u32 = 2;
/// Pairs of runs that a suspicion is counted in, at most.
const MOST: u32 = 640;
/// After so many pairs evidence has to exceed so much, its natural logarithm, or it is over.
const LEAST: [(u32, f64); 4] = [(16, -1.5), (48, 0.2), (160, 2.0), (320, 6.0)];
/// Evidence that no family of tests needs more of, its natural logarithm.
const ENOUGH: f64 = 32.0;
/// Faults that have seeds of their own.
const FAULTS: usize = 120;
/// Faults of one coalition that are screened at most.
const MOST_FAULTS: usize = 160;
/// Words of one fault that are suspected.
const SUSPECTED: usize = 6;
/// Suspicions of one coalition that are counted.
const COUNTED: usize = 48;
/// Events that screening the faults of one protocol may cost.
const EVENTS: u64 = 6_000_000;
/// Sets of runs from here on are for these tests.
const SETS: u32 = 1 << 9;

/// A coalition that attacks, with what is the same for all its faults.
struct Attacker<'a> {
    probe: &'a Probe<'a>,
    coalition: Vec<PartyId>,
    /// Number of its first set of runs.
    set: u32,
    pairs: Vec<Pair>,
    other_run: Arc<OtherRun>,
    block: u32,
}

/// What a screening gave.
#[derive(Default)]
struct Screened {
    suspects: Vec<Suspicion>,
    runs: u64,
    /// Pairs of runs that were compared.
    compared: u64,
    is_acted: bool,
}

/// Something that differs between two runs of a pair of inputs.
#[derive(Clone, Copy, Debug)]
struct Suspicion {
    feature: Feature,
    pair: usize,
    /// What was seen with each of the inputs: these values are counted.
    values: [u128; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feature {
    /// One of [`FEATURES`].
    Hash(usize),
    /// A word that an honest party sends, or that honest parties open.
    Word(usize),
    /// About how large it is: masks of a fixed width no longer hide what an error has multiplied.
    Size(usize),
}

impl Feature {
    /// Whether it is one of the same kind.
    fn is_like(self, other: Feature) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    fn of(self, shown: &Shown) -> Option<u128> {
        match self {
            Feature::Hash(at) => Some(shown.features[at].into()),
            Feature::Word(at) => shown.fields.get(at).copied(),
            Feature::Size(at) => shown.fields.get(at).map(|word| size(*word)),
        }
    }

    fn name(self) -> String {
        match self {
            Feature::Hash(at) => FEATURES[at].to_owned(),
            Feature::Word(at) => format!("word {at} from honest parties"),
            Feature::Size(at) => format!("size of word {at} from honest parties"),
        }
    }
}

/// Tests the coalitions of a protocol that claims security against cheaters.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
    is_over: &dyn Fn() -> bool,
) -> Vec<Test> {
    let is_claimed = probe.target.claims().adversary != AdversaryKind::SemiHonest;
    if !is_claimed || !matches!(probe.cell.task, Task::Program(_)) {
        return Vec::new();
    }
    let tried = probe.target.coalitions().largest().tried.into_iter().take(COALITIONS);
    let mut tests = Vec::new();
    for (at, coalition) in tried.enumerate().filter(|(_, coalition)| is_tested(coalition)) {
        if is_over() {
            break;
        }
        tests.extend(of_coalition(probe, block, SETS + 128 * at as u32, coalition));
    }
    tests
}

fn of_coalition(probe: &Probe<'_>, block: u32, set: u32, coalition: Vec<PartyId>) -> Vec<Test> {
    // Pairs are the same on each block, so that what is found can repeat.
    let pair = |at: u32| probe.pair(&coalition, &probe.seed(0, set, at));
    let pairs: Vec<Pair> = (0..PAIRS).filter_map(pair).collect();
    let other_run = probe.target.other_run(&coalition);
    let attacker = Attacker { probe, coalition, set, pairs, other_run, block };
    if attacker.pairs.is_empty() {
        let why = "its outputs and its own inputs give all other inputs away".to_owned();
        return vec![attacker.test(ABORTS, 0, String::new(), Outcome::Undecided(why))];
    }
    let (mut faults, in_all) = faults::faults(probe, &attacker.coalition);
    let cost = match attacker.cost(&faults) {
        Ok(cost) => cost,
        Err(why) => return vec![attacker.test(ABORTS, 0, String::new(), Outcome::Undecided(why))],
    };
    let of_fault = cost * u64::from(2 * SCREEN) * attacker.pairs.len() as u64;
    let affordable = (EVENTS / COALITIONS as u64 / of_fault.max(1)) as usize;
    faults.truncate(affordable.clamp(1, MOST_FAULTS));
    let (mut tests, is_compared) = attacker.screen(&faults, in_all);
    let mut is_compared = is_compared.into_iter();
    faults.retain(|_| is_compared.next().unwrap_or(false));
    tests.extend(attacker.linear(&faults, cost));
    tests
}

impl Attacker<'_> {
    fn test(&self, name: &str, samples: u64, note: String, outcome: Outcome) -> Test {
        Test {
            family: Family::Privacy,
            name: name.to_owned(),
            guarantee: Guarantee::Privacy,
            claimed: true,
            coalition: self.coalition.clone(),
            algebra: "under attack".to_owned(),
            samples,
            note,
            outcome,
        }
    }

    /// Events of a run.
    fn cost(&self, faults: &[Fault]) -> Result<u64, String> {
        let fault = faults.first().ok_or("it sends nothing that could be changed")?;
        let seed = self.probe.seed(self.block, self.set, 64);
        let inputs = &self.pairs[0].inputs[0];
        let observation = self.probe.observe(seed, inputs)?;
        run::run(self.probe, &self.coalition, fault, seed, inputs, &self.other_run)?;
        Ok(observation.events + EVENTS_OF_A_RUN)
    }

    /// Two runs with the same randomness and different honest inputs; `None` if the functionality
    /// tells them apart, or nobody knows.
    fn both(
        &self,
        fault: &Fault,
        pair: usize,
        set: u32,
        at: u32,
    ) -> Result<Option<[Shown; 2]>, String> {
        let seed = self.probe.seed(self.block, self.set + set, at);
        let run = |class: usize| {
            let inputs = &self.pairs[pair].inputs[class];
            run::run(self.probe, &self.coalition, fault, seed, inputs, &self.other_run)
        };
        let runs = [run(0)?, run(1)?];
        let is_equal = runs[0].told.is_some() && runs[0].told == runs[1].told;
        Ok(is_equal.then_some(runs))
    }

    /// Tests of what a few runs show, and which faults act while the functionality tells nothing
    /// apart.
    fn screen(&self, faults: &[Fault], in_all: usize) -> (Vec<Test>, Vec<bool>) {
        let screened: Vec<Screened> =
            faults.par_iter().enumerate().map(|(at, fault)| self.screened(fault, at)).collect();
        let is_compared: Vec<bool> =
            screened.iter().map(|one| one.compared > 0 && one.is_acted).collect();
        let compared = is_compared.iter().filter(|is| **is).count();
        let mut runs: u64 = screened.iter().map(|one| one.runs).sum();
        let suspects = screened.iter().zip(faults).enumerate().flat_map(|(at, (one, fault))| {
            one.suspects.iter().map(move |suspicion| (at, fault, *suspicion))
        });
        let suspects: Vec<(usize, &Fault, Suspicion)> = suspects.take(COUNTED).collect();
        let counted: Vec<(Feature, Compared, u64)> =
            suspects.par_iter().map(|(at, fault, one)| self.count(fault, *at, *one)).collect();
        let (mut hashes, mut words): (Vec<Compared>, Vec<Compared>) = (Vec::new(), Vec::new());
        for (feature, found, pairs) in counted {
            runs += 2 * pairs;
            match feature {
                Feature::Hash(_) => hashes.push(found),
                Feature::Word(_) | Feature::Size(_) => words.push(found),
            }
        }
        let quiet = |what: &str| Compared {
            what: format!("{what} of faults that differ in no pair"),
            p_value: 1.0,
            detail: String::new(),
        };
        hashes.push(quiet("aborts and shape"));
        words.push(quiet("words"));
        let note = self.note(compared, faults.len(), in_all);
        let outcome = |all| match compared {
            0 => Outcome::Undecided("no fault leaves its output known and equal".to_owned()),
            _ => Outcome::Compared(all),
        };
        let tests = vec![
            self.test(ABORTS, runs, note, outcome(hashes)),
            self.test(WORDS, runs, String::new(), outcome(words)),
        ];
        (tests, is_compared)
    }

    /// What was compared, and what would be seen.
    fn note(&self, compared: usize, tried: usize, in_all: usize) -> String {
        let looks = f64::from(SCREEN) * self.pairs.len() as f64;
        // A difference in this share of pairs is looked at in nine of ten screenings.
        let seen = 1.0 - 0.1f64.powf(1.0 / looks);
        let least = sequential::needed(super::ALPHA / COUNTED as f64);
        format!(
            "{compared} of {tried} faults compared, of {in_all} in all; sees what differs in {:.0} \
             % of pairs of runs, and {least} of up to {MOST} pairs then decide",
            100.0 * seen
        )
    }

    fn screened(&self, fault: &Fault, at: usize) -> Screened {
        let mut screened = Screened::default();
        let mut hashes: BTreeSet<usize> = BTreeSet::new();
        for pair in 0..self.pairs.len() {
            let mut shown: Vec<[Shown; 2]> = Vec::new();
            for run in 0..SCREEN {
                screened.runs += 2;
                let number = (at as u32 * PAIRS + pair as u32) * SCREEN + run;
                // What a run panics of is a matter of other families.
                if let Ok(Some(both)) = self.both(fault, pair, 1, number) {
                    screened.is_acted |= both[0].is_acted;
                    shown.push(both);
                }
            }
            screened.compared += shown.len() as u64;
            for (both, at) in
                shown.iter().flat_map(|both| (0..FEATURES.len()).map(move |at| (both, at)))
            {
                let feature = Feature::Hash(at);
                let values = [0, 1].map(|class| u128::from(both[class].features[at]));
                if values[0] != values[1] && hashes.insert(at) {
                    screened.suspects.push(Suspicion { feature, pair, values });
                }
            }
            if shown.len() < SCREEN as usize {
                continue;
            }
            for kind in [Feature::Word, Feature::Size] {
                let is_known = |one: &Suspicion| one.feature.is_like(kind(0));
                if !screened.suspects.iter().any(is_known) {
                    let found = separating(&shown, kind).into_iter().take(SUSPECTED);
                    screened.suspects.extend(found.map(|(feature, values)| Suspicion {
                        feature,
                        pair,
                        values,
                    }));
                }
            }
        }
        screened
    }

    /// Counts in how many pairs of runs a feature has one of the values in one class alone.
    fn count(&self, fault: &Fault, at: usize, one: Suspicion) -> (Feature, Compared, u64) {
        let mut found = [Discordance::default(); 2];
        let mut ends = None;
        let set = 2 + (at % FAULTS) as u32;
        for number in 0..MOST {
            if let Ok(Some(both)) = self.both(fault, one.pair, set, number) {
                let seen = [0, 1].map(|class| one.feature.of(&both[class]));
                for (found, value) in found.iter_mut().zip(one.values) {
                    found.add(seen.map(|seen| seen == Some(value)));
                }
                if seen[0] != seen[1] {
                    ends.get_or_insert(both.map(|shown| shown.ends));
                }
            }
            let most = found.map(|found| found.ln_evidence()).into_iter().fold(f64::MIN, f64::max);
            let is_over = LEAST.iter().any(|(pairs, least)| number + 1 == *pairs && most < *least);
            if is_over || most > ENOUGH {
                break;
            }
        }
        let best = if found[1].p_value() < found[0].p_value() { found[1] } else { found[0] };
        let Discordance { counts: [a, b], pairs, .. } = best;
        let differs = match (one.feature, ends) {
            (Feature::Hash(0), Some([first, second])) => format!(" ({first}, or {second})"),
            _ => String::new(),
        };
        let what = format!("{}: {}", fault.name, one.feature.name());
        let detail =
            format!("{what} tells two inputs apart{differs}: {a} and {b} of {pairs} pairs of runs");
        // Two values are counted.
        let p_value = (2.0 * best.p_value()).min(1.0);
        (one.feature, Compared { what, p_value, detail }, pairs)
    }
}

/// Bytes of a word.
fn size(word: u128) -> u128 {
    u128::from((128 - word.leading_zeros()).div_ceil(8))
}

/// Words, or sizes of words, that have one value in each class, and not the same.
fn separating(shown: &[[Shown; 2]], kind: impl Fn(usize) -> Feature) -> Vec<(Feature, [u128; 2])> {
    let Some(first) = shown.first() else { return Vec::new() };
    let values =
        |both: &[Shown; 2], feature: Feature| Some([feature.of(&both[0])?, feature.of(&both[1])?]);
    let constant = |at: usize| {
        let feature = kind(at);
        let value = values(first, feature)?;
        let is_constant = shown.iter().all(|both| values(both, feature) == Some(value));
        (is_constant && value[0] != value[1]).then_some((feature, value))
    };
    (0..first[0].fields.len()).filter_map(constant).collect()
}
