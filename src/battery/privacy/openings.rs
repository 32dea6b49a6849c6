//! Are the masks under which comparisons and truncations open values as wide as what is claimed?

use mpclab_protocols::oracle::{MASKED, MaskedOpening, States};
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::{Guarantee, Security};
use rayon::prelude::*;

use super::findings::{Compared, Outcome, Test};
use super::{ALPHA, Probe};
use crate::evidence::masks::shortfall;
use crate::runner::{Against, Subject};

/// Name of the test.
pub(super) const NAME: &str = "masked openings";

/// Runs, and the set that they are.
const RUNS: u32 = 40;
const SET: u32 = 1 << 8;
/// Openings that are kept of each run.
const KEPT: usize = 64;

/// The statistical parameter that a protocol claims.
pub(super) fn claimed(security: Security) -> Option<u32> {
    match security {
        Security::Statistical { sigma } | Security::Both { sigma, .. } => Some(sigma),
        Security::Perfect | Security::Computational { .. } => None,
    }
}

/// Judges what honest parties open under masks, against a statistical parameter; nothing if they
/// open nothing so.
pub(super) fn tests(probe: &Probe<'_>, block: u32, sigma: u32) -> Option<Test> {
    let runs: Vec<Vec<(u32, u128)>> = (0..RUNS)
        .into_par_iter()
        .map(|at| opened(probe, block, at, sigma).unwrap_or_default())
        .collect();
    let all = runs.concat();
    let found = shortfall(&all)?;
    let detail = format!(
        "masks of comparisons lack {} of {sigma} bits: so does each of {} opened values",
        found.bits, found.values
    );
    let one = Compared { what: "width of masks".to_owned(), p_value: found.p_value, detail };
    // Of one bit that all lack, chance makes so many in a row.
    let least = (-ALPHA.log2() / found.values as f64).ceil();
    Some(Test {
        family: Family::Privacy,
        name: NAME.to_owned(),
        guarantee: Guarantee::Privacy,
        claimed: true,
        coalition: Vec::new(),
        algebra: "opened values".to_owned(),
        samples: found.values,
        note: format!("sees masks that lack {least} bits or more"),
        outcome: Outcome::Compared(vec![one]),
    })
}

/// The opened values of one run, each with the width that its mask ought to have.
fn opened(probe: &Probe<'_>, block: u32, at: u32, sigma: u32) -> Option<Vec<(u32, u128)>> {
    let seed = probe.seed(block, SET, at);
    let (openings, _) = seen(probe, seed, probe.random_inputs(&seed))?;
    let values = openings
        .iter()
        .flat_map(|opening| opening.opened.iter().map(|value| (opening.bits + sigma, *value)));
    Some(values.take(KEPT).collect())
}

/// What everybody sees opened under masks in one run, and what each party learns.
pub(super) fn seen(
    probe: &Probe<'_>,
    seed: RunSeed,
    inputs: Vec<Inputs>,
) -> Option<(Vec<MaskedOpening>, Vec<Outputs>)> {
    let subject = Subject::new(probe.target.registry, &probe.cell, seed).ok()?;
    let subject = Subject { inputs, ..subject };
    let run = subject.run(Against::semi_honest(&subject.setting(Vec::new()))).run;
    let states = States { corrupted: &[], honest: &run.taps, setup: &run.ideal_taps };
    // All parties open the same values.
    let first = states.tapped::<MaskedOpening>(MASKED).next().map(|(party, _)| party)?;
    let own = states.tapped::<MaskedOpening>(MASKED).filter(|(party, _)| *party == first);
    let openings = own.map(|(_, opening)| opening.clone()).collect();
    Some((openings, run.outputs().map(|(_, outputs)| outputs.clone()).collect()))
}
