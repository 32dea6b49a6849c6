//! Where the time goes: the critical path by cause.

use mpclab_sim::trace::Cause;

use super::stacks::{self, Bar, Stack};
use super::{Figure, PlotError, Scenario, style};
use crate::record::Record;
use crate::stats::Group;
use crate::units::Unit;

/// What the names of these figures have in them.
pub(crate) const BY_CAUSE: &str = "time-by-cause";

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    let paint = |(at, cause): (usize, Cause)| (words(cause), style::paint(at));
    let stack = Stack {
        name: BY_CAUSE,
        title: "Where the time goes",
        axis: "virtual time on the critical path",
        unit: Unit::Time,
        parts: Cause::ALL.into_iter().enumerate().map(paint).collect(),
        caption: "The critical path of the repetition with the median time: the chain of causes \
                  that ends at the last output. Its parts add up to the time of the run.",
    };
    stacks::figures(scenario, &stack, bar)
}

/// A cause for a legend.
fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::StartUp => "connection start-up",
        Cause::Held => "held by the adversary",
        Cause::Queueing => "queueing and sharing",
        other => other.name(),
    }
}

fn bar(group: &Group<'_>) -> Option<Bar> {
    let time = |record: &Record| -> Option<u64> {
        Some(record.critical_path.as_ref()?.iter().map(|row| row.time_ns).sum())
    };
    let mut runs: Vec<(u64, &Record)> =
        group.correct().filter_map(|record| Some((time(record)?, record))).collect();
    runs.sort_by_key(|(time_ns, record)| (*time_ns, record.repetition));
    // Of a run that there was; medians of the parts would not add up.
    let (total, median) = *runs.get(runs.len().saturating_sub(1) / 2)?;
    let rows = || median.critical_path.iter().flatten();
    let part = |cause| rows().filter(|row| row.cause == cause).map(|row| row.time_ns).sum();
    let protocol = median.key.protocol.clone();
    let parts = Cause::ALL.into_iter().map(part).collect();
    Some(Bar { protocol, parts, total, unpriced: Vec::new() })
}
