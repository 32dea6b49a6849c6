//! Declared cost of a program: what papers say of single operations, added up over its schedule.

use mpclab_sim::vocabulary::{DeclaredCost, Figure, Phase, PhaseCost};

use crate::program::{Batch, Program};

/// What something costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Payload over all parties, bytes.
    pub(crate) bytes: u64,
    /// Causal rounds.
    pub(crate) rounds: u64,
}

impl Cost {
    /// One after the other.
    pub(crate) fn then(self, next: Cost) -> Cost {
        Cost { bytes: self.bytes + next.bytes, rounds: self.rounds + next.rounds }
    }
}

/// Cost of a phase, exact.
pub(crate) fn exact(phase: Phase, cost: Cost) -> PhaseCost {
    PhaseCost { phase, bytes: Figure::Exact(cost.bytes), rounds: Figure::Exact(cost.rounds) }
}

/// The batches as a data flow: bytes add up, rounds are those of the longest path.
pub(crate) fn batches(program: &Program, cost: impl Fn(&Batch) -> Cost) -> Cost {
    let mut total = Cost::default();
    let mut ends: Vec<u64> = Vec::new();
    for batch in &program.schedule().batches {
        let own = cost(batch);
        let start = batch.depends_on.iter().filter_map(|before| ends.get(*before)).max();
        ends.push(start.copied().unwrap_or(0) + own.rounds);
        total.bytes += own.bytes;
    }
    total.rounds = ends.into_iter().max().unwrap_or(0);
    total
}

/// Puts phases together; those that cost nothing are left out.
pub(crate) fn declare(
    phases: impl IntoIterator<Item = (Phase, Cost)>,
    source: &str,
) -> DeclaredCost {
    let costly = phases.into_iter().filter(|(_, cost)| *cost != Cost::default());
    DeclaredCost {
        phases: costly.map(|(phase, cost)| exact(phase, cost)).collect(),
        source: source.to_owned(),
    }
}
