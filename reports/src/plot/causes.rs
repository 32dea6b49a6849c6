//! Where the time goes: the critical path by cause.

use mpclab_sim::trace::Cause;

use super::stacks::{self, Bar, Stack};
use super::{Figure, PlotError, Scenario, style};
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
    let (total, median) = group.median_path()?;
    let rows = || median.critical_path.iter().flatten();
    let part = |cause| rows().filter(|row| row.cause == cause).map(|row| row.time_ns).sum();
    let protocol = median.key.protocol.clone();
    let parts = Cause::ALL.into_iter().map(part).collect();
    Some(Bar { protocol, parts, total, unpriced: Vec::new() })
}
