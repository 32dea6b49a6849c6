use std::panic::{AssertUnwindSafe, catch_unwind};

use mpclab_protocols::program::Outputs;
use mpclab_reports::record::{Digests, Key, Outcome, Record, SCHEMA};
use mpclab_scenarios::{Cell, ComputeChoice, Plan};
use mpclab_sim::{Run, RunSeed};

use super::chosen::chosen;
use super::{
    Against, LINK_MATRIX_NODES, MODEL, Prepared, PreparedCell, Subject, TRACED_MESSAGES, judge,
    rows,
};
use crate::registry::{Bound, Registry};

/// Runs one repetition of a cell and judges it. Whatever happens, there is a record of it.
///
/// `against` stands in for the adversary that the scenario names, for controls.
#[must_use]
pub fn run_one(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    repetition: u32,
    against: Option<Against>,
) -> Record {
    run_seen(registry, prepared, cell, repetition, against, |_| {})
}

/// Like [`run_one`]; `see` is shown the run before its record is handed out.
#[must_use]
pub fn run_seen(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    repetition: u32,
    against: Option<Against>,
    see: impl FnOnce(&Run<Outputs>),
) -> Record {
    let mut record = blank(prepared, cell, repetition);
    if let Some(why) = &cell.unsupported {
        record.outcome = Outcome::Skipped(why.clone());
        return record;
    }
    let attempt = AssertUnwindSafe(|| {
        let mut record = record.clone();
        fill(registry, prepared, cell, against, &mut record, see);
        record
    });
    match catch_unwind(attempt) {
        Ok(record) => record,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            record.outcome = Outcome::Bug(format!("panic: {}", text.unwrap_or_default()));
            record
        }
    }
}

/// The record of a run that has not begun.
fn blank(prepared: &Prepared, prepared_cell: &PreparedCell, repetition: u32) -> Record {
    let (plan, cell) = (&prepared.plan, &prepared_cell.cell);
    Record {
        schema: SCHEMA,
        model: MODEL,
        cell: prepared_cell.point,
        protocol_index: prepared_cell.protocol_index,
        key: key(plan, cell),
        repetition,
        seed: plan.seed,
        fingerprint: prepared_cell.fingerprint.clone(),
        parts: prepared_cell.parts.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        profile: profile_name(&cell.compute).to_owned(),
        network: cell.network_name.clone(),
        prices: cell.prices.as_ref().map(|tariff| tariff.origin.clone()),
        n: cell.roles.compute as u32,
        nodes: cell.roles.nodes() as u32,
        claims: None,
        roles: Vec::new(),
        security: Some(cell.security),
        unpriced_setup: false,
        function_about: prepared_cell.about.to_owned(),
        domain: String::new(),
        assumptions: Vec::new(),
        corrupted: Vec::new(),
        acts: Vec::new(),
        outcome: Outcome::Error("not run".to_owned()),
        verdicts: Vec::new(),
        metrics: Default::default(),
        ops: Default::default(),
        op_calls: Default::default(),
        scopes: Vec::new(),
        batches: Vec::new(),
        parties: Vec::new(),
        links: None,
        critical_path: None,
        declared: None,
        digests: Digests::default(),
        outputs: String::new(),
    }
}

/// What a cell's records are joined by.
pub(super) fn key(plan: &Plan, cell: &Cell) -> Key {
    Key {
        scenario: plan.name.clone(),
        protocol: cell.protocol.label.clone(),
        function: cell.function.name.clone(),
        sweep: cell.sweep.iter().cloned().collect(),
    }
}

pub(super) fn profile_name(compute: &ComputeChoice) -> &str {
    match compute {
        ComputeChoice::None => "none",
        ComputeChoice::Measured => "measured",
        ComputeChoice::Profile(profile) => &profile.name,
    }
}

fn fill(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    against: Option<Against>,
    record: &mut Record,
    see: impl FnOnce(&Run<Outputs>),
) {
    let seed = RunSeed::new(prepared.plan.seed, record.repetition);
    let subject = match Subject::new(registry, cell, seed) {
        Ok(subject) => Subject { trace_messages: traced_messages(cell), ..subject },
        Err(why) => {
            record.outcome = Outcome::Error(why.to_string());
            return;
        }
    };
    let bound = &subject.bound;
    record.claims = Some(bound.claims);
    record.roles.clone_from(&bound.roles);
    record.domain = bound.domain.clone();
    record.assumptions = assumptions(cell, bound);
    record.declared = bound.declared.clone();
    let named = || {
        let choice = cell.cell.adversary.as_ref()?;
        Some(chosen(registry, prepared, &subject, choice))
    };
    let trial = subject.run(against.or_else(named).unwrap_or_default());
    record.unpriced_setup = uses_ideals(&trial.run);
    judge::judge(&subject, &trial, record);
    rows::fill(cell, &trial.run, record);
    judge::own_outputs(&subject, &trial, record);
    see(&trial.run);
}

/// Whether an ideal functionality did what has no price, whatever the protocol says of its set-up.
fn uses_ideals(run: &Run<Outputs>) -> bool {
    run.metrics.parties.iter().any(|party| party.total().ideal_bytes > 0)
}

/// A run with few parties tells where its time went.
fn traced_messages(cell: &PreparedCell) -> usize {
    if cell.cell.roles.nodes() <= LINK_MATRIX_NODES { TRACED_MESSAGES } else { 0 }
}

fn assumptions(cell: &PreparedCell, bound: &Bound) -> Vec<String> {
    let mut notes = bound.notes.clone();
    notes.extend(bound.leaks.clone());
    notes.extend(bound.assumes.iter().map(|assumed| format!("computational: {assumed}")));
    notes.extend(bound.roles.iter().map(|role| format!("named role {role}")));
    if let mpclab_protocols::functions::Task::Program(program) = &cell.task {
        notes.extend(program.error_bounds().iter().map(ToString::to_string));
        if program.outputs().is_empty() {
            notes.push(
                "nothing is opened: that a run is correct says no more than that all ended"
                    .to_owned(),
            );
        }
    }
    notes
}
