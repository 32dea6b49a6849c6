use mpclab_reports::trace::TracedRun;
use mpclab_sim::RunSeed;

use super::chosen::chosen;
use super::one::key;
use super::{Prepared, PreparedCell, Subject};
use crate::registry::Registry;

/// Why a run has no trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTrace {
    /// It cannot be made at all.
    #[error("the protocol cannot run this cell")]
    Unsupported,
    /// It sends more messages than are taken down.
    #[error("the run sends more than {0} messages; --trace-messages allows for more")]
    TooLong(usize),
}

/// Runs a repetition of a cell once more and takes down what happens, up to so many messages.
///
/// # Errors
/// [`NoTrace`].
pub fn trace_run(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    repetition: u32,
    messages: usize,
) -> Result<TracedRun, NoTrace> {
    let seed = RunSeed::new(prepared.plan.seed, repetition);
    let subject = Subject::new(registry, cell, seed).map_err(|_| NoTrace::Unsupported)?;
    let subject = Subject { trace_messages: messages, ..subject };
    let choice = cell.cell.adversary.as_ref();
    let against = choice.map(|choice| chosen(registry, prepared, &subject, choice));
    let run = subject.run(against.unwrap_or_default()).run;
    let trace = run.trace.ok_or(NoTrace::TooLong(messages))?;
    Ok(TracedRun { key: key(&prepared.plan, &cell.cell), repetition, trace })
}
