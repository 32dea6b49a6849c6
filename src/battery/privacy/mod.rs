//! What a coalition's view tells: tests of privacy and of input independence.
//!
//! Runs of honest parties are recorded with everything that is drawn and sent ([`observe`]); the
//! view of each coalition is a part of that ([`views`]). [`crate::evidence`] has the mathematics.
//! Statistical tests use disjoint blocks of seeds, and what looks like a finding counts only if it
//! repeats on a fresh one ([`findings`]). Where a protocol accepts a small field, its views are
//! enumerated ([`enumerate`]); in large fields linear algebra decides ([`algebra`]).
//!
//! All draws come from tapes, so pseudorandom functions are random functions here; that an
//! adversary cannot break them is assumed.

mod active;
mod adaptive;
mod algebra;
mod challenges;
mod chosen;
mod columns;
mod early;
mod enumerate;
mod equations;
mod findings;
mod guesses;
mod independent;
mod joint;
mod kept;
mod late;
mod linear;
mod metadata;
mod observe;
mod openings;
mod own;
mod parts;
mod redrawn;
mod repeated;
mod roundings;
mod salted;
mod secrets;
mod stages;
mod sums;
mod tape;
#[cfg(test)]
mod tests;
mod tiny;
mod unknowns;
mod views;
mod windows;

use std::sync::atomic::Ordering;

use mpclab_protocols::program::Inputs;
use mpclab_reports::battery::{Family, GridCell, PrivacyRow};
use mpclab_scenarios::ComputeChoice;
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::{Guarantee, PartyId, Standing};
use rayon::prelude::*;

use self::findings::{Outcome, Suspect, Test, Tested};
use self::observe::{Observation, observe_seed};
use self::stages::Stage;
use self::views::{Sample, transcript};
use super::{ALPHA, Options, Target};
use crate::evidence::shape;
use crate::runner::PreparedCell;

/// What the tests of one protocol gave.
pub(super) struct Privacy {
    /// Tests of all coalitions.
    pub(super) cases: u64,
    /// Verdicts for the grid.
    pub(super) cells: Vec<GridCell>,
    /// The tests in detail.
    pub(super) rows: Vec<PrivacyRow>,
    /// What was left out.
    pub(super) notes: Vec<String>,
}

/// A protocol whose views are tested.
struct Probe<'a> {
    target: &'a Target<'a>,
    /// The target's cell without faults.
    cell: PreparedCell,
    effort: Effort,
}

/// How many runs a test takes.
#[derive(Clone, Copy, Debug, Default)]
struct Effort {
    /// Of each class.
    fixed: usize,
    /// Of a search over many pairs of inputs, at most.
    tossed: usize,
}

/// Whose view is tested.
struct Unit {
    /// Ascending; nobody for the network.
    coalition: Vec<PartyId>,
    index: u32,
    family: Family,
    claimed: bool,
}

/// Repetitions of the scenario's seed from here on are for tests of privacy alone.
const FIRST: u32 = 1 << 24;
/// Repetitions of a block.
const BLOCK: u32 = 1 << 23;
/// Repetitions of one set of runs in it.
const RUNS: u32 = 1 << 12;
/// Sets of runs of one coalition.
const SETS: u32 = 4;
/// Pairs of inputs that runs are compared on.
const PAIRS: usize = 2;
/// Runs of each class, fewest and most.
const CLASS: (usize, usize) = (30, 200);
/// Events that the tests of one protocol may cost, a run at least so many.
const EVENTS: u64 = 8_000_000;
const EVENTS_OF_A_RUN: u64 = 60;
/// What an exact test with keys rests on.
const BYTES: &str = ", with the same keys in all runs";
/// Coalitions of one party more than claimed.
const BEYOND: usize = 3;

impl Unit {
    /// Place of a set of runs among all.
    fn number(&self, set: u32) -> u32 {
        self.index * SETS + set
    }

    fn test(&self, name: &str, algebra: &str, samples: u64, outcome: Outcome) -> Test {
        Test {
            family: self.family,
            name: name.to_owned(),
            guarantee: Guarantee::Privacy,
            claimed: self.claimed,
            coalition: self.coalition.clone(),
            algebra: algebra.to_owned(),
            samples,
            note: String::new(),
            outcome,
        }
    }
}

/// Tests the views of one protocol.
pub(super) fn test(target: &Target<'_>, options: &Options<'_>) -> Privacy {
    let mut probe = Probe { target, cell: undisturbed(target.cell), effort: Effort::default() };
    let mut units = probe.units(options.tries(Family::Thresholds));
    let (effort, note) = match probe.measure(&mut units) {
        Ok(measured) => measured,
        Err(why) => {
            let test = units[0].test("views", "", 0, Outcome::Undecided(why));
            let tested = |tests| Tested { seeds: seeds(0), tests };
            return findings::conclude(target, tested(vec![test]), |_| tested(Vec::new()), ALPHA);
        }
    };
    probe.effort = effort;
    let is_over = || options.interrupted.load(Ordering::Relaxed);
    // Each protocol gets the same share of the battery's level.
    let level = ALPHA / target.prepared.cells.len().max(1) as f64;
    let made = |stages: &[Stage]| {
        let first = probe.stages(stages, &units, 0, None, &is_over);
        let again =
            |suspects: &[Suspect]| probe.stages(stages, &units, 1, Some(suspects), &is_over);
        findings::conclude(target, first, again, level)
    };
    let privacy = if options.until_violated {
        let is_violated = |privacy: &Privacy| {
            privacy.cells.iter().any(|cell| cell.verdict.standing() == Standing::Violated)
        };
        let [first, rest @ ..] = Stage::QUICKEST_FIRST;
        rest.iter().fold(made(&[first]), |found, stage| match is_violated(&found) {
            true => found,
            false => made(&[*stage]),
        })
    } else {
        made(&Stage::ALL)
    };
    let leaks = target.leaks().map(|leaks| format!("{}: {leaks}", target.label()));
    let notes = note.into_iter().chain(leaks).chain(privacy.notes).collect();
    Privacy { notes, ..privacy }
}

fn seeds(block: u32) -> std::ops::Range<u64> {
    let start = u64::from(FIRST + block * BLOCK);
    start..start + u64::from(BLOCK)
}

/// The cell without what else befalls its parties.
fn undisturbed(cell: &PreparedCell) -> PreparedCell {
    let mut cell = cell.clone();
    cell.cell.faults.clear();
    // Wall clocks of this machine are no part of a view.
    if matches!(cell.cell.compute, ComputeChoice::Measured) {
        cell.cell.compute = ComputeChoice::None;
    }
    cell
}

/// One run of a set: its number, and the inputs of all runs, each with its class.
type BlockOfInputs<'a> = (usize, &'a [(usize, &'a [Inputs])]);

impl Probe<'_> {
    /// The network, all coalitions that the claims cover, and a few larger ones.
    fn units(&self, beyond: bool) -> Vec<Unit> {
        let all = self.target.coalitions();
        let tried = all.largest().tried.into_iter();
        // Outputs give the input of the only honest party away more often than those of several:
        // one party alone is compared on more pairs of inputs.
        let alone = all.alone().into_iter().take(1);
        let within = std::iter::once(Vec::new()).chain(tried).chain(alone);
        // A functionality that leaks more than outputs promises less than these tests ask for.
        let claimed = self.target.leaks().is_none();
        let mut coalitions: Vec<_> =
            within.map(|coalition| (coalition, Family::Privacy, claimed)).collect();
        if beyond {
            let larger = all.beyond().flat_map(|of_kind| of_kind.into_iter().take(BEYOND));
            coalitions.extend(larger.map(|coalition| (coalition, Family::Thresholds, false)));
        }
        let unit = |(index, (coalition, family, claimed))| Unit {
            coalition,
            index: index as u32,
            family,
            claimed,
        };
        coalitions.into_iter().enumerate().map(unit).collect()
    }

    /// How many runs are affordable, by the length of one; of too many coalitions the last are left
    /// out, and it is said.
    fn measure(&self, units: &mut Vec<Unit>) -> Result<(Effort, Option<String>), String> {
        let seed = self.seed(0, SETS - 1, 0);
        let run = self.observe(seed, &self.random_inputs(&seed))?;
        // Two classes on each pair, and a search of six times as many runs.
        let of_unit = (run.events + EVENTS_OF_A_RUN) * (2 * PAIRS as u64 + 6);
        let (least, most) = CLASS;
        let (affordable, all) = ((EVENTS / of_unit) as usize / least, units.len());
        if affordable < 2 {
            return Err(format!("a run has {} events: too many for tests of views", run.events));
        }
        units.truncate(affordable);
        let fixed = ((EVENTS / of_unit) as usize / units.len()).clamp(least, most);
        let note = (all > units.len()).then(|| {
            let (label, tested) = (self.target.label(), units.len() - 1);
            format!("{label}: views of {tested} of {} coalitions were tested", all - 1)
        });
        Ok((Effort { fixed, tossed: 6 * fixed }, note))
    }

    /// The seed of one run.
    fn seed(&self, block: u32, set: u32, run: u32) -> RunSeed {
        RunSeed::new(self.target.prepared.plan.seed, FIRST + block * BLOCK + set * RUNS + run)
    }

    fn observe(&self, seed: RunSeed, inputs: &[Inputs]) -> Result<Observation, String> {
        let mut observation = observe_seed(self.target.registry, &self.cell, seed, inputs)?;
        observation.record.public = self.target.public_keys(|| {
            let seeds = [0, 1].map(|run| self.seed(0, SETS - 1, run));
            observe::public_keys(self.target.registry, &self.cell, seeds, inputs)
        });
        Ok(observation)
    }

    /// An honest run of a set, on inputs of its own.
    fn honest(&self, block: u32, set: u32, at: u32) -> Result<Observation, String> {
        let seed = self.seed(block, set, at);
        self.observe(seed, &self.random_inputs(&seed))
    }

    fn sample(
        &self,
        unit: &Unit,
        seed: RunSeed,
        inputs: &[Inputs],
        with_windows: bool,
    ) -> Result<Sample, String> {
        let observation = self.observe(seed, inputs)?;
        let seed = self.target.prepared.plan.seed;
        Ok(Sample::with(&observation, &unit.coalition, seed, with_windows))
    }

    /// A set of runs, each with its class and its inputs.
    fn samples(
        &self,
        unit: &Unit,
        block: u32,
        set: u32,
        inputs: &[(usize, &[Inputs])],
        with_windows: bool,
    ) -> Result<Vec<(usize, Sample)>, String> {
        let run = |(at, (class, inputs)): (usize, &(usize, &[Inputs]))| {
            let seed = self.seed(block, unit.number(set), at as u32);
            Ok((*class, self.sample(unit, seed, inputs, with_windows)?))
        };
        let runs: Vec<Result<_, String>> = inputs.par_iter().enumerate().map(run).collect();
        runs.into_iter().collect()
    }

    /// All tests of one view on one block of seeds.
    fn views(&self, unit: &Unit, block: u32) -> Vec<Test> {
        let random: Vec<Vec<Inputs>> = match unit.coalition.as_slice() {
            [] => {
                let seed = |at| self.seed(block, unit.number(2), at);
                (0..self.effort.fixed).map(|at| self.random_inputs(&seed(at as u32))).collect()
            }
            _ => return self.views_of_pairs(unit, block),
        };
        // The fixed inputs are the same on each block.
        let fixed = self.random_inputs(&self.seed(0, unit.number(3), 0));
        let classes = random.iter().flat_map(|random| [(0, &fixed[..]), (1, &random[..])]);
        let inputs: Vec<(usize, &[Inputs])> = classes.collect();
        match self.samples(unit, block, 0, &inputs, false) {
            Err(why) => vec![unit.test(metadata::SHAPE, "", 0, Outcome::Undecided(why))],
            Ok(samples) => {
                let differ = |a, b| self.difference(unit, block, 0, [(a, &inputs), (b, &inputs)]);
                metadata::compare(unit, "fixed against random", &samples, differ)
            }
        }
    }

    fn views_of_pairs(&self, unit: &Unit, block: u32) -> Vec<Test> {
        // Pairs are the same on each block, so that what is found can repeat.
        let pair = |at: usize| self.pair(&unit.coalition, &self.seed(0, unit.number(3), at as u32));
        // Of too large a coalition it is enough to see what it learns.
        let is_control = unit.family == Family::Thresholds;
        let count = if is_control { 1 } else { PAIRS };
        let pairs: Vec<_> = (0..count).filter_map(pair).collect();
        if pairs.is_empty() {
            let why = "its outputs and its own inputs give all other inputs away".to_owned();
            let names = [linear::NAME, joint::NAME, metadata::SHAPE];
            return names.map(|n| unit.test(n, "", 0, Outcome::Undecided(why.clone()))).to_vec();
        }
        let mut tests = linear::leaks(self, unit, block);
        for (at, pair) in pairs.iter().enumerate() {
            let inputs: Vec<(usize, &[Inputs])> = (0..2 * self.effort.fixed)
                .map(|run| (run % 2, pair.inputs[run % 2].as_slice()))
                .collect();
            let samples = match self.samples(unit, block, at as u32, &inputs, true) {
                Ok(samples) => samples,
                Err(why) => {
                    tests.push(unit.test(metadata::SHAPE, "", 0, Outcome::Undecided(why)));
                    continue;
                }
            };
            let classes = linear::by_class(&samples);
            tests.extend(linear::separates(unit, at, &classes));
            tests.extend(windows::separates(unit, at, &classes));
            tests.extend(joint::compare(unit, at, &classes, self.target.prepared.plan.seed));
            if is_control {
                continue;
            }
            let set = at as u32;
            let differ = |a, b| self.difference(unit, block, set, [(a, &inputs), (b, &inputs)]);
            tests.extend(metadata::compare(unit, &format!("pair {at}"), &samples, differ));
        }
        tests
    }

    /// What differs between the transcripts of two runs of a set.
    fn difference(
        &self,
        unit: &Unit,
        block: u32,
        set: u32,
        runs: [BlockOfInputs<'_>; 2],
    ) -> String {
        let transcripts = runs.map(|(at, inputs)| {
            let seed = self.seed(block, unit.number(set), at as u32);
            let run = self.observe(seed, inputs[at].1);
            let mut seen = run.map(|run| transcript(&run, &unit.coalition)).unwrap_or_default();
            shape::by_channel(&mut seen);
            seen
        });
        match shape::first_difference(&transcripts) {
            Some(difference) => difference.to_string(),
            None => "the number of random draws differs".to_owned(),
        }
    }
}
