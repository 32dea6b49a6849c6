//! Are the masks under which comparisons and truncations open values as wide as what is claimed, and
//! is each used once?

use mpclab_protocols::oracle::{MASKED, MaskedOpening, States};
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::{Guarantee, Security};
use rayon::prelude::*;

use super::findings::{Compared, Outcome, Test};
use super::{ALPHA, Probe};
use crate::evidence::masks::{self, Masked, Short, shortfall};
use crate::runner::{Against, Subject};

/// Name of the test.
pub(super) const NAME: &str = "masked openings";

/// Runs, and the set that they are.
const RUNS: u32 = 40;
const SET: u32 = 1 << 8;
/// Openings that are kept of each run.
const KEPT: usize = 64;
/// By how many bits one of two values is shifted at most.
const SHIFTS: u32 = 16;

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
    let runs = |inputs: &(dyn Fn(&RunSeed) -> Vec<Inputs> + Sync)| -> Vec<Vec<Masked>> {
        let run = |at| opened(probe, probe.seed(block, SET, at), inputs, sigma);
        (0..RUNS).into_par_iter().filter_map(run).collect()
    };
    let fixed = probe.random_inputs(&probe.seed(0, SET, 0));
    let alike = runs(&|_| fixed.clone());
    let runs = runs(&|seed| probe.random_inputs(seed));
    let all = runs.concat();
    let found = shortfall(&all)?;
    let detail = format!(
        "masks of comparisons lack {} of {sigma} bits: so does each of {} opened values",
        found.bits, found.values
    );
    let one = Compared { what: "width of masks".to_owned(), p_value: found.p_value, detail };
    // Of one bit that all lack, chance makes so many in a row.
    let least = (-ALPHA.log2() / found.values as f64).ceil();
    let pairs = masks::in_pairs(&runs, SHIFTS);
    let apart = pairs.map_or(1, |pairs| pairs.tried);
    let apart = masks::detectable(runs.len() as u64, apart, ALPHA);
    let places = [
        ("width of single masks", "", masks::alone(&runs)),
        ("differences of masks", "another of its run", pairs),
        ("masks of other runs", "the same of another run", masks::across(&runs)),
    ];
    let places = places
        .into_iter()
        .filter_map(|(what, less, found)| found.map(|found| of_place(what, less, sigma, &found)));
    let tied = masks::within(&alike).map(|found| Compared {
        what: "parts of masks".to_owned(),
        p_value: found.p_value,
        detail: format!(
            "of opened value {}, {} bits from bit {} on less the lowest ones are the same in {} of {} \
             runs of equal inputs",
            found.value, found.width, found.shift, found.often, found.runs
        ),
    });
    Some(Test {
        family: Family::Privacy,
        name: NAME.to_owned(),
        guarantee: Guarantee::Privacy,
        claimed: true,
        coalition: Vec::new(),
        algebra: "opened values".to_owned(),
        samples: found.values,
        note: format!(
            "sees masks that lack {least} bits or more, and differences of masks that lack {apart}"
        ),
        outcome: Outcome::Compared([one].into_iter().chain(places).chain(tied).collect()),
    })
}

/// The place that looks shortest.
fn of_place(what: &str, less: &str, sigma: u32, found: &Short) -> Compared {
    let less = match found.less {
        Some(other) if found.shift == 0 => format!(" less {less} (value {other})"),
        Some(other) => format!(" less {less} (value {other} times 2^{})", found.shift),
        None => String::new(),
    };
    let detail = format!(
        "opened value {}{less} lacks {} of {sigma} bits of its mask on average of {} runs",
        found.value,
        found.lacks / found.runs.max(1),
        found.runs
    );
    Compared { what: what.to_owned(), p_value: found.p_value, detail }
}

/// The opened values of one run, each with the width that its mask ought to have.
fn opened(
    probe: &Probe<'_>,
    seed: RunSeed,
    inputs: &(dyn Fn(&RunSeed) -> Vec<Inputs> + Sync),
    sigma: u32,
) -> Option<Vec<Masked>> {
    let (openings, _) = seen(probe, seed, inputs(&seed))?;
    let values = openings
        .iter()
        .flat_map(|opening| opening.opened.iter().map(|value| (opening.bits + sigma, *value)));
    Some(values.take(KEPT).collect()).filter(|values: &Vec<Masked>| !values.is_empty())
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
    let states = States::of(&run);
    // All parties open the same values.
    let first = states.tapped::<MaskedOpening>(MASKED).next().map(|(party, _)| party)?;
    let own = states.tapped::<MaskedOpening>(MASKED).filter(|(party, _)| *party == first);
    let openings = own.map(|(_, opening)| opening.clone()).collect();
    Some((openings, run.outputs().map(|(_, outputs)| outputs.clone()).collect()))
}
