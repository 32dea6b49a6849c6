//! What came out against what should have: the ideal functionality, agreement, declared cost, and
//! what the scenario expects.

use mpclab_protocols::program::Outputs;
use mpclab_protocols::value::shorten;
use mpclab_reports::record::{Outcome, Record};
use mpclab_scenarios::{Cell, Expected};
use mpclab_sim::vocabulary::{Guarantee, Observed, PartyId, Roles, Standing, Verdict};
use mpclab_sim::{End, PartyEnd, Run};

use super::verdict::keeps_outputs;
use super::{Prepared, PreparedCell, Subject, Trial};

/// Longest text of an output that a record holds; of a longer one it has the start and a digest.
const OUTPUT_CHARACTERS: usize = 256;

/// Sets outcome, verdicts and the output's text.
pub(super) fn judge(subject: &Subject<'_>, trial: &Trial, record: &mut Record) {
    let facts = subject.facts(trial);
    record.corrupted = trial.run.corrupted.clone();
    record.acts = trial.run.acts.iter().map(ToString::to_string).collect();
    record.verdicts = facts.judge().0;
    record.outcome = outcome(&trial.run, &record.verdicts, &subject.cell.cell.roles);
    if let Some((_, outputs)) = facts.honest_outputs().next() {
        record.outputs = output_text(subject, outputs);
    }
}

fn output_text(subject: &Subject<'_>, outputs: &Outputs) -> String {
    let text = subject.cell.task.describe(outputs);
    shorten(text, OUTPUT_CHARACTERS, || outputs.digest_text())
}

/// Adds to the rows of a record's parties what each learned, where they did not all learn the same.
pub(super) fn own_outputs(subject: &Subject<'_>, trial: &Trial, record: &mut Record) {
    let facts = subject.facts(trial);
    let mut honest = facts.honest_outputs();
    let Some((_, first)) = honest.next() else { return };
    if honest.all(|(_, outputs)| outputs == first) {
        return;
    }
    for (party, outputs) in facts.honest_outputs().filter(|(_, outputs)| !outputs.is_empty()) {
        if let Some(row) = record.parties.iter_mut().find(|row| row.party == party) {
            row.output = Some(output_text(subject, outputs));
        }
    }
}

/// Honest parties that a fault took away before they ended.
pub(super) fn crashed(run: &Run<Outputs>) -> Vec<PartyId> {
    let ends = run.parties.iter().enumerate().map(|(at, (end, _))| (PartyId::from(at), end));
    let crashed = |(party, end): &(PartyId, &PartyEnd<Outputs>)| {
        matches!(end, PartyEnd::Crashed) && !run.corrupted.contains(party)
    };
    ends.filter(crashed).map(|(party, _)| party).collect()
}

/// Whether some honest party crashed, and every output party that is honest and alive has its
/// output: to them the run is finished, whatever became of others.
fn is_finished_without(run: &Run<Outputs>, crashed: &[PartyId], roles: &Roles) -> bool {
    let left = |party: &PartyId| !run.corrupted.contains(party) && !crashed.contains(party);
    let mut living = roles.output.iter().copied().filter(left).peekable();
    let is_end = matches!(run.end, End::Complete | End::Stalled(_));
    let has_output = |party: PartyId| {
        let end = run.parties.get(party.index());
        end.is_some_and(|(end, _)| matches!(end, PartyEnd::Output(_)))
    };
    is_end && !crashed.is_empty() && living.peek().is_some() && living.all(has_output)
}

fn outcome(run: &Run<Outputs>, verdicts: &[Verdict], roles: &Roles) -> Outcome {
    let correctness = verdicts.iter().find(|v| v.guarantee == Guarantee::Correctness);
    let wrong = correctness.filter(|verdict| verdict.observed == Observed::Broken);
    let crashed = crashed(run);
    match &run.end {
        End::Bug(what) => return Outcome::Bug(what.clone()),
        // Not even a run that does not end may hand out a wrong answer.
        _ if wrong.is_some() => {
            return Outcome::Wrong(wrong.map(|v| v.evidence.clone()).unwrap_or_default());
        }
        _ if is_finished_without(run, &crashed, roles) => return Outcome::Ok,
        End::Stalled(waiting) => {
            let text: Vec<String> = waiting.iter().take(5).map(ToString::to_string).collect();
            let more = waiting.len().saturating_sub(5);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            return Outcome::Stalled(format!("{}{more}", text.join("; ")));
        }
        End::Limit(which) => return Outcome::Limit(which.clone()),
        End::Complete => {}
    }
    let honest = run.parties.iter().enumerate();
    let mut honest = honest.filter(|(at, _)| !run.corrupted.contains(&PartyId::from(*at)));
    let aborted = honest.find_map(|(at, (end, _))| match end {
        PartyEnd::Abort(abort) => Some(format!("{}: {abort}", PartyId::from(at))),
        PartyEnd::Crashed => Some(format!("{} crashed", PartyId::from(at))),
        PartyEnd::Output(_) | PartyEnd::Unfinished => None,
    });
    aborted.map_or(Outcome::Ok, Outcome::Aborted)
}

/// Whether a record is a failed check.
///
/// Crashes and restarts may end a run without an output; they may not make an output wrong. Under
/// an adversary only a claim that was violated counts: a wrong output that nobody promised against
/// is told, and fails nothing.
#[must_use]
pub fn is_failure(cell: &Cell, record: &Record) -> bool {
    let is_attacked = !record.corrupted.is_empty();
    let ended_badly = match &record.outcome {
        Outcome::Ok | Outcome::Skipped(_) => false,
        Outcome::Aborted(_) | Outcome::Stalled(_) | Outcome::Limit(_) => {
            !is_attacked && keeps_outputs(&cell.faults, cell.synchrony_ns)
        }
        Outcome::Wrong(_) => !is_attacked,
        Outcome::Error(_) | Outcome::Bug(_) => true,
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
