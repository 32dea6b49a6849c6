//! What came out against what should have: the ideal functionality, agreement, declared cost, and
//! what the scenario expects.

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{self, Inputs, Outputs};
use mpclab_reports::record::{Outcome, Record};
use mpclab_scenarios::{Cell, Expected};
use mpclab_sim::faults::{Fault, FaultKind};
use mpclab_sim::vocabulary::{
    DeclaredCost, Guarantee, Observed, OutputGuarantee, PartyId, Phase, Standing, Verdict,
};
use mpclab_sim::{End, PartyEnd, Run};

use super::{Prepared, PreparedCell};
use crate::registry::Bound;

/// Sets outcome, verdicts and the output's text.
pub(super) fn judge(
    cell: &PreparedCell,
    bound: &Bound,
    run: &Run<Outputs>,
    inputs: &[Inputs],
    record: &mut Record,
) {
    let correctness = correctness(cell, run, inputs);
    record.outcome = outcome(run, &correctness);
    // Faults are within the claim only of a protocol that promises its output whatever happens.
    let claimed = run.corrupted.is_empty()
        && (keeps_outputs(&cell.cell) || bound.claims.output == OutputGuarantee::Guaranteed);
    record.verdicts = vec![
        verdict(Guarantee::Correctness, claimed, correctness),
        verdict(Guarantee::Agreement, claimed, agreement(cell, run)),
    ];
    let undisturbed = cell.cell.faults.is_empty() && run.corrupted.is_empty() && run.is_complete();
    if let (Some(declared), true) = (&bound.declared, undisturbed) {
        let held = declared_cost(declared, run);
        record.verdicts.push(verdict(Guarantee::DeclaredCost, true, held));
    }
    if let Some((_, outputs)) = honest_outputs(cell, run).next() {
        record.outputs = cell.task.describe(outputs);
    }
}

/// Whether every party can still reach its output under a cell's faults: a pause is no more than a
/// slow network, unless the network promises to be fast.
fn keeps_outputs(cell: &Cell) -> bool {
    let pauses = |fault: &Fault| matches!(fault.kind, FaultKind::Pause { .. });
    cell.faults.iter().all(pauses) && (cell.faults.is_empty() || cell.synchrony_ns.is_none())
}

/// What a check saw, and what it rests on.
type Seen = (Observed, String);

fn verdict(guarantee: Guarantee, claimed: bool, (observed, evidence): Seen) -> Verdict {
    Verdict { guarantee, claimed, observed, evidence }
}

fn outcome(run: &Run<Outputs>, (correctness, evidence): &Seen) -> Outcome {
    let is_wrong = *correctness == Observed::Broken;
    match &run.end {
        End::Bug(what) => return Outcome::Bug(what.clone()),
        // Not even a run that does not end may hand out a wrong answer.
        _ if is_wrong => return Outcome::Wrong(evidence.clone()),
        End::Stalled(waiting) => {
            let text: Vec<String> = waiting.iter().take(5).map(ToString::to_string).collect();
            let more = waiting.len().saturating_sub(5);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            return Outcome::Stalled(format!("{}{more}", text.join("; ")));
        }
        End::Limit(which) => return Outcome::Limit(which.clone()),
        End::Complete => {}
    }
    let aborted = run.parties.iter().enumerate().find_map(|(at, (end, _))| match end {
        PartyEnd::Abort(abort) => Some(format!("{}: {abort}", PartyId::from(at))),
        PartyEnd::Crashed => Some(format!("{} crashed", PartyId::from(at))),
        PartyEnd::Output(_) | PartyEnd::Unfinished => None,
    });
    aborted.map_or(Outcome::Ok, Outcome::Aborted)
}

/// Outputs of honest parties that should have one.
fn honest_outputs<'a>(
    cell: &'a PreparedCell,
    run: &'a Run<Outputs>,
) -> impl Iterator<Item = (PartyId, &'a Outputs)> {
    run.outputs().filter(|(party, _)| {
        cell.cell.roles.learns_output(*party) && !run.corrupted.contains(party)
    })
}

/// Holds every honest output against the ideal functionality.
fn correctness(cell: &PreparedCell, run: &Run<Outputs>, inputs: &[Inputs]) -> Seen {
    if run.restarted {
        let why = "a party restarted, and the protocol declares no recovery";
        return (Observed::Inconclusive, why.to_owned());
    }
    let got: Vec<(PartyId, &Outputs)> = honest_outputs(cell, run).collect();
    if got.is_empty() {
        return (Observed::Inconclusive, "no honest party has an output".to_owned());
    }
    match &cell.task {
        Task::Program(program) => {
            let expected = match program::interpret(program, inputs) {
                Ok(expected) => expected,
                Err(error) => return (Observed::Inconclusive, error.to_string()),
            };
            for (party, outputs) in &got {
                if let Err(mismatch) = program::check(program, &expected, outputs) {
                    return (Observed::Broken, format!("{party}: {mismatch}"));
                }
            }
        }
        Task::Relation(relation) => {
            let outputs: Vec<Outputs> = got.iter().map(|(_, outputs)| (*outputs).clone()).collect();
            if let Err(error) = relation.accepts(inputs, &outputs) {
                return (Observed::Broken, error.to_string());
            }
        }
    }
    (Observed::Held, format!("{} outputs checked", got.len()))
}

fn agreement(cell: &PreparedCell, run: &Run<Outputs>) -> Seen {
    let mut outputs = honest_outputs(cell, run);
    let Some((first, expected)) = outputs.next() else {
        return (Observed::Inconclusive, "no honest party has an output".to_owned());
    };
    match outputs.find(|(_, got)| *got != expected) {
        Some((other, _)) => (Observed::Broken, format!("{first} and {other} differ")),
        None => (Observed::Held, String::new()),
    }
}

/// Measured bytes and rounds of every phase against the declared ones.
fn declared_cost(declared: &DeclaredCost, run: &Run<Outputs>) -> Seen {
    let mut wrong = Vec::new();
    for phase in Phase::ALL {
        let cost = declared.phase(phase);
        let bytes = run.metrics.phase(phase).sent_bytes;
        let rounds = u64::from(run.rounds.phase[phase.index()]);
        for (what, figure, measured) in
            [("bytes", cost.bytes, bytes), ("rounds", cost.rounds, rounds)]
        {
            if !figure.admits(measured) {
                wrong.push(format!("{phase}.{what}: declared {figure}, measured {measured}"));
            }
        }
    }
    if wrong.is_empty() {
        return (Observed::Held, declared.source.clone());
    }
    (Observed::Broken, wrong.join("; "))
}

/// Whether a record is a failed check.
///
/// Crashes and restarts may end a run without an output; they may not make an output wrong.
#[must_use]
pub fn is_failure(cell: &Cell, record: &Record) -> bool {
    let ended_badly = match &record.outcome {
        Outcome::Ok | Outcome::Skipped(_) => false,
        Outcome::Aborted(_) | Outcome::Stalled(_) | Outcome::Limit(_) => keeps_outputs(cell),
        Outcome::Wrong(_) | Outcome::Error(_) | Outcome::Bug(_) => true,
    };
    let violated = |verdict: &Verdict| verdict.standing() == Standing::Violated;
    ended_badly || record.verdicts.iter().any(violated)
}

/// An expectation that a run did not meet.
pub struct Failure {
    /// Position in the scenario's list of expectations.
    pub expectation: usize,
    /// The run, and what it gave instead.
    pub what: String,
}

/// Holds records against what the scenario expects of each of them.
#[must_use]
pub fn expectations(prepared: &Prepared, records: &[Record]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for record in records {
        let Some(PreparedCell { cell, .. }) = prepared.cell_of(record) else { continue };
        for (expectation, expect) in prepared.plan.expect.iter().enumerate() {
            let protocol = expect.protocol.as_ref();
            let concerns = protocol
                .is_none_or(|name| [&cell.protocol.label, &cell.protocol.name].contains(&name))
                && expect.when.iter().all(|(key, value)| record.key.sweep.get(key) == Some(value));
            if !concerns || matches!(record.outcome, Outcome::Skipped(_)) {
                continue;
            }
            if let Some(instead) = unmet(&expect.expected, record) {
                let what = format!("{}: {instead}", run_name(record));
                failures.push(Failure { expectation, what });
            }
        }
    }
    failures
}

/// A run for people, for example `rep3, network.rtt = 20ms, repetition 3`.
#[must_use]
pub fn run_name(record: &Record) -> String {
    let sweep = record.key.sweep_label();
    let sweep = if sweep.is_empty() { sweep } else { format!("{sweep}, ") };
    format!("{}, {sweep}repetition {}", record.key.protocol, record.repetition)
}

fn unmet(expected: &Expected, record: &Record) -> Option<String> {
    match expected {
        Expected::Verdict { guarantee, standing } => {
            let verdict = record.verdicts.iter().find(|v| v.guarantee == *guarantee);
            let Some(verdict) = verdict else {
                return Some(format!("no verdict on {guarantee}"));
            };
            (verdict.standing() != *standing)
                .then(|| format!("{guarantee} is {}", verdict.standing()))
        }
        Expected::Metric { metric, bounds } => match record.metric(*metric) {
            Some(measured) if bounds.admit(measured) => None,
            Some(measured) => Some(format!("{metric} = {measured}")),
            None => Some(format!("{metric} was not measured")),
        },
    }
}
