//! What messages tell without their contents: shape of the transcript, sizes and counts, timing,
//! and whether somebody aborts.

use std::collections::BTreeMap;

use super::Unit;
use super::findings::{Compared, Outcome, Test};
use super::linear::by_class;
use super::views::Sample;
use crate::evidence::contingency::table;
use crate::evidence::two_sample::{Comparison, events, kolmogorov_smirnov, welch};

/// Names of the tests.
pub(super) const SHAPE: &str = "transcript shape";
pub(super) const SIZES: &str = "sizes and counts";
pub(super) const TIMING: &str = "timing";
pub(super) const ABORT: &str = "abort indicator";

/// What runs of two classes look like from outside. `what` says whose they are, and `shape` what
/// differs between two transcripts of different shape.
pub(super) fn compare(
    unit: &Unit,
    what: &str,
    samples: &[(usize, Sample)],
    shape: impl Fn(usize, usize) -> String,
) -> Vec<Test> {
    let count = samples.len() as u64;
    let test = |name: &str, note: &str, all: Vec<Compared>| Test {
        note: note.to_owned(),
        ..unit.test(name, "metadata", count, Outcome::Compared(all))
    };
    let timing = "sees the message pattern, sleeps and declared charges, not real computing";
    vec![
        test(SHAPE, "", vec![shapes(what, samples, shape)]),
        test(SIZES, "", sizes(what, samples)),
        test(TIMING, timing, times(what, samples)),
        test(ABORT, "", vec![aborts(what, samples)]),
    ]
}

fn of_class(samples: &[(usize, Sample)], class: usize) -> impl Iterator<Item = &Sample> {
    samples.iter().filter(move |(of, _)| *of == class).map(|(_, sample)| sample)
}

/// Whether shapes are as frequent in one class as in the other; one shape alone is.
fn shapes(
    what: &str,
    samples: &[(usize, Sample)],
    shape: impl Fn(usize, usize) -> String,
) -> Compared {
    let mut counts: BTreeMap<[u8; 32], [u64; 2]> = BTreeMap::new();
    for (class, sample) in samples {
        counts.entry(sample.signature).or_default()[*class] += 1;
    }
    let rows: Vec<Vec<u64>> = counts.values().map(|counts| counts.to_vec()).collect();
    let first = samples.first().map(|(_, sample)| sample.signature);
    let other = samples.iter().position(|(_, sample)| Some(sample.signature) != first);
    let detail = other.map_or_else(String::new, |other| shape(0, other));
    Compared { what: format!("shape ({what})"), p_value: table(&rows).p_value, detail }
}

fn sizes(what: &str, samples: &[(usize, Sample)]) -> Vec<Compared> {
    let columns = [("messages", 0), ("payload bytes", 1)];
    let compare = |(name, at): (&str, usize)| {
        let column = |class| of_class(samples, class).map(|sample| sample.sizes[at]).collect();
        both(&format!("{name} ({what})"), [column(0), column(1)])
    };
    columns.into_iter().flat_map(compare).collect()
}

fn times(what: &str, samples: &[(usize, Sample)]) -> Vec<Compared> {
    let classes = by_class(samples);
    let width = classes.iter().flatten().map(|sample| sample.times_ns.len()).min().unwrap_or(0);
    let compare = |at: usize| {
        let column =
            |class: usize| classes[class].iter().map(|sample| sample.times_ns[at]).collect();
        both(&format!("time {at} ({what})"), [column(0), column(1)])
    };
    // Where computing takes no time, what is declared of it would.
    let work = |class| of_class(samples, class).map(|sample| sample.work).collect();
    let work = both(&format!("declared computing ({what})"), [work(0), work(1)]);
    (0..width).flat_map(compare).chain(work).collect()
}

fn both(what: &str, [first, second]: [Vec<u64>; 2]) -> Vec<Compared> {
    let compared = |test: &str, Comparison { p_value, .. }| Compared {
        what: format!("{test} of {what}"),
        p_value,
        detail: String::new(),
    };
    let is_constant = first.iter().chain(&second).all(|value| Some(value) == first.first());
    if is_constant {
        return vec![compared("mean", Comparison { statistic: 0.0, p_value: 1.0 })];
    }
    vec![
        compared("mean", welch(&first, &second)),
        compared("distribution", kolmogorov_smirnov(&first, &second)),
    ]
}

fn aborts(what: &str, samples: &[(usize, Sample)]) -> Compared {
    let of = |class| {
        let runs: Vec<&Sample> = of_class(samples, class).collect();
        (runs.iter().filter(|sample| sample.is_aborted).count() as u64, runs.len() as u64)
    };
    let (first, second) = (of(0), of(1));
    let detail = format!(
        "{} of {} runs abort with one input and {} of {} with the other",
        first.0, first.1, second.0, second.1
    );
    Compared { what: format!("aborts ({what})"), p_value: events(first, second), detail }
}
