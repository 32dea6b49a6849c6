//! Time and bytes by phase.

use mpclab_sim::vocabulary::{Aggregate, MetricName, Phase};

use super::stacks::{self, Bar, Stack};
use super::{Figure, PlotError, Scenario, style};
use crate::record::Record;
use crate::stats::Group;
use crate::table::is_unpriced;
use crate::units::Unit;

/// A metric by phase.
struct Quantity {
    name: &'static str,
    title: &'static str,
    axis: &'static str,
    metric: &'static str,
    aggregate: Aggregate,
    unit: Unit,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity {
        name: "time-by-phase",
        title: "Time by phase",
        axis: "virtual time",
        metric: "time_ns",
        aggregate: Aggregate::Run,
        unit: Unit::Time,
    },
    Quantity {
        name: "bytes-by-phase",
        title: "Bytes by phase",
        axis: "payload sent, all parties",
        metric: "bytes",
        aggregate: Aggregate::Sum,
        unit: Unit::Bytes,
    },
];

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    let mut figures = Vec::new();
    for quantity in &QUANTITIES {
        let stack = Stack {
            name: quantity.name,
            title: quantity.title,
            axis: quantity.axis,
            unit: quantity.unit,
            parts: Phase::ALL.map(|phase| (phase.name(), style::PHASES[phase.index()])).to_vec(),
            caption: "Medians over the correct repetitions, by phase; the label is the median total.",
        };
        figures.extend(stacks::figures(scenario, &stack, |group| bar(group, quantity))?);
    }
    Ok(figures)
}

fn bar(group: &Group<'_>, quantity: &Quantity) -> Option<Bar> {
    let metric = |phase| MetricName { phase, name: quantity.metric, aggregate: quantity.aggregate };
    let record = group.first();
    let phase = |phase| group.metric(metric(Some(phase))).map_or(0, |summary| summary.median);
    let unpriced = Phase::ALL.into_iter().filter(|phase| unpriced(record, *phase));
    Some(Bar {
        protocol: record.key.protocol.clone(),
        parts: Phase::ALL.map(phase).to_vec(),
        total: group.metric(metric(None))?.median,
        unpriced: unpriced.map(Phase::index).collect(),
    })
}

/// A dealer stands in for one of two phases; only the offline one is worth a mark, unless the
/// parties do have one.
fn unpriced(record: &Record, phase: Phase) -> bool {
    phase == Phase::Offline && is_unpriced(record, phase)
}
