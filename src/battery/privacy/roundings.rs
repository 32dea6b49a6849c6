//! Does what truncations open tell more than the output beside it?
//!
//! A probabilistic truncation opens `c = a + r` and rounds by whether `c` is smaller than the mask's
//! low bits, so that `c`, which alone is uniform, and a rounding that an output shows together tell
//! of the bits of `a` that are cut off (Li et al., USENIX Security 2023). Views are therefore compared
//! among runs in which the coalition learned the same, where outputs of equal inputs differ from run
//! to run: given its outputs, what is opened must not depend on honest inputs.

use std::collections::BTreeMap;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Outputs, Program, interpret};
use mpclab_reports::battery::Family;
use mpclab_sim::vocabulary::{Guarantee, PartyId};
use rayon::prelude::*;

use super::findings::{Compared, Outcome, Test};
use super::{Inputs, Probe, openings};
use crate::evidence::contingency;

/// Name of the test.
pub(super) const NAME: &str = "roundings beside outputs";

/// Runs of each class on each pair at most, and the first of their sets.
const RUNS: u32 = 200;
const SET: u32 = (1 << 8) + 1;
/// Pairs of inputs, of which the coalition may learn the same, and draws for each.
const PAIRS: u32 = 4;
const DRAWS: u32 = 1000;
/// Runs with the same output that a comparison takes.
const LEAST: usize = 30;
/// Openings that are looked at, and low bits of each.
const OPENED: usize = 4;
const BITS: u32 = 40;

/// The outputs of one run, and what it opened under masks.
type Opened = (Vec<Outputs>, Vec<u128>);

/// Compares the openings of programs whose outputs depend on truncations; nothing of others.
pub(super) fn tests(probe: &Probe<'_>, block: u32) -> Vec<Test> {
    let Task::Program(program) = &probe.cell.task else { return Vec::new() };
    if program.statistics().truncations == 0 || program.outputs().is_empty() {
        return Vec::new();
    }
    let coalition = observers(probe);
    if coalition.is_empty() {
        return Vec::new();
    }
    let mut compared = Vec::new();
    let mut samples = 0;
    for at in 0..PAIRS {
        // Pairs are the same on each block.
        let Some(pair) = pair(probe, program, &coalition, at) else { continue };
        let classes = [0, 1].map(|class| {
            let first = (2 * at + class) * RUNS;
            runs(probe, block, first, &pair[class as usize])
        });
        samples += classes.iter().map(|runs| runs.len() as u64).sum::<u64>();
        compared.extend(differences(at, &classes));
    }
    if compared.is_empty() {
        return Vec::new();
    }
    vec![Test {
        family: Family::Privacy,
        name: NAME.to_owned(),
        guarantee: Guarantee::Privacy,
        claimed: probe.target.leaks().is_none(),
        coalition,
        algebra: "opened values".to_owned(),
        samples,
        note: format!("among runs with one output, {LEAST} or more of either input"),
        outcome: Outcome::Compared(compared),
    }]
}

/// Two inputs that are alike for the coalition but for roundings, and far from each other elsewhere:
/// drawn anew until outputs meet.
fn pair(
    probe: &Probe<'_>,
    program: &Program,
    coalition: &[PartyId],
    at: u32,
) -> Option<[Vec<Inputs>; 2]> {
    let roles = &probe.cell.cell.roles;
    let draw = |run: u32| probe.random_inputs(&probe.seed(0, SET + 2, at * DRAWS + run));
    let first = draw(0);
    let expected = interpret(program, &first).ok()?;
    let second = (1..DRAWS).map(|run| {
        let mut other = draw(run);
        for party in coalition.iter().filter_map(|party| roles.input_index(*party)) {
            other[party].clone_from(&first[party]);
        }
        other
    });
    let mut meets = second.filter(|other| {
        interpret(program, other).is_ok_and(|found| {
            let outputs = expected.outputs.iter().zip(&found.outputs);
            let errors = expected.errors.iter().zip(&found.errors);
            let mut all = outputs.zip(errors);
            *other != first && all.all(|((a, b), (da, db))| a.abs_diff(*b) <= *da.max(db))
        })
    });
    let second = meets.next();
    second.map(|second| [first, second])
}

/// As many runs as tests of views may take; none where nothing is opened under masks.
fn runs(probe: &Probe<'_>, block: u32, first: u32, inputs: &[Inputs]) -> Vec<Opened> {
    let run = |at: u32| opened(probe, block, at, inputs);
    if run(first).is_none() {
        return Vec::new();
    }
    let affordable = RUNS.min(2 * probe.effort.fixed as u32);
    (first..first + affordable).into_par_iter().filter_map(run).collect()
}

fn opened(probe: &Probe<'_>, block: u32, at: u32, inputs: &[Inputs]) -> Option<Opened> {
    let (openings, outputs) =
        openings::seen(probe, probe.seed(block, SET + 1, at), inputs.to_vec())?;
    let values = openings.into_iter().flat_map(|opening| opening.opened).take(OPENED);
    Some((outputs, values.collect()))
}

/// Openings of both classes beside each output that is frequent in both.
fn differences(pair: u32, classes: &[Vec<Opened>; 2]) -> Vec<Compared> {
    let mut by_output: BTreeMap<&[Outputs], [Vec<&[u128]>; 2]> = BTreeMap::new();
    for (class, runs) in classes.iter().enumerate() {
        for (outputs, values) in runs {
            by_output.entry(outputs).or_default()[class].push(values);
        }
    }
    let frequent = by_output.values().filter(|of| of.iter().all(|runs| runs.len() >= LEAST));
    let mut compared = Vec::new();
    for (output, sides) in frequent.enumerate() {
        let openings = sides.iter().flatten().map(|values| values.len()).min().unwrap_or(0);
        for opening in 0..openings {
            let least = (2..=BITS).map(|bits| (quarters(sides, opening, bits), bits));
            let least = least.min_by(|(a, _), (b, _)| a.total_cmp(b));
            let Some((p_value, bits)) = least else { continue };
            let runs = sides.iter().map(Vec::len).sum::<usize>();
            compared.push(Compared {
                what: format!("pair {pair}, output {output}, opening {opening}"),
                // The best of as many looks.
                p_value: (p_value * f64::from(BITS - 1)).min(1.0),
                detail: format!(
                    "given the same output, opened value {opening} modulo 2^{bits} follows an \
                     honest input ({runs} runs)"
                ),
            });
        }
    }
    compared
}

/// How often the opened value modulo `2^bits` lies in each quarter, for both classes.
fn quarters(sides: &[Vec<&[u128]>; 2], opening: usize, bits: u32) -> f64 {
    let count = |runs: &Vec<&[u128]>| {
        let mut counts = vec![0u64; 4];
        for values in runs {
            let value = values.get(opening).copied().unwrap_or(0);
            counts[((value >> (bits - 2)) & 3) as usize] += 1;
        }
        counts
    };
    contingency::table(&sides.each_ref().map(count)).p_value
}

/// Whose views these tests are about: the first coalition that leaves out a party with inputs.
pub(super) fn observers(probe: &Probe<'_>) -> Vec<PartyId> {
    let mut coalitions = probe.target.coalitions().largest().tried.into_iter();
    let brings = |party: &PartyId| {
        let roles = &probe.cell.cell.roles;
        roles.input_index(*party).is_some_and(|at| !probe.cell.task.inputs_of(at).is_empty())
    };
    let is_blind = |coalition: &Vec<PartyId>| {
        let input = &probe.cell.cell.roles.input;
        !coalition.is_empty()
            && input.iter().any(|party| brings(party) && !coalition.contains(party))
    };
    coalitions.find(is_blind).unwrap_or_default()
}
