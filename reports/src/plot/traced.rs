//! Figures of one traced run.

use mpclab_sim::trace::{NodeTrace, Trace};
use mpclab_sim::vocabulary::Phase;

use super::panels::Entry;
use super::style::{self, Paint};
use super::{Figure, Medium, PlotError, sequence, timeline};
use crate::trace::TracedRun;

/// The parties over time, and if the run is small, its message sequence chart.
pub(super) fn figures(run: &TracedRun, medium: Medium) -> Result<Vec<Figure>, PlotError> {
    let figures = [timeline::figure(run, medium)?, sequence::figure(run, medium)?];
    Ok(figures.into_iter().flatten().collect())
}

/// The run for a title.
pub(super) fn about(run: &TracedRun) -> String {
    let sweep = run.key.sweep_label();
    let at = if sweep.is_empty() { String::new() } else { format!(", {sweep}") };
    format!("{}, {}{at}", run.key.scenario, run.key.protocol)
}

/// A node for a label.
pub(super) fn node_name(node: &NodeTrace) -> String {
    match &node.ideal {
        Some(name) => name.clone(),
        None if node.is_corrupted => format!("{} (corrupted)", node.node),
        None => node.node.to_string(),
    }
}

/// The phase of each scope, by its first name.
pub(super) struct Phases(Vec<Phase>);

impl Phases {
    pub(super) fn of(trace: &Trace) -> Self {
        let phase = |folded: &str| {
            let mut names = folded.split('/');
            let first = names.next().unwrap_or("");
            let first = if first == "session" { names.next().unwrap_or("") } else { first };
            Phase::ALL.into_iter().find(|phase| phase.name() == first).unwrap_or(Phase::Online)
        };
        Phases(trace.scopes.iter().map(|scope| phase(&scope.folded)).collect())
    }

    pub(super) fn index(&self, scope: u32) -> usize {
        self.0.get(scope as usize).map_or(Phase::Online.index(), |phase| phase.index())
    }

    pub(super) fn paint(&self, scope: u32) -> Paint {
        style::PHASES[self.index(scope)]
    }

    /// The phases that occur.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let occurs = |phase: &Phase| self.0.contains(phase);
        let phases = Phase::ALL.into_iter().filter(occurs);
        phases.map(|phase| Entry::area(style::PHASES[phase.index()], phase.name())).collect()
    }
}
