use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_reports::record::{Digests, Key, Outcome, Record, SCHEMA};
use mpclab_scenarios::{Cell, ComputeChoice, Plan};
use mpclab_sim::adversary::Adversary;
use mpclab_sim::compute::Compute;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Config, Limits, Run, RunSeed, Simulation};

use super::{LINK_MATRIX_NODES, MODEL, Prepared, PreparedCell, ThreadCpu, judge, rows};
use crate::registry::{Bound, Registry};

/// Runs one repetition of a cell and judges it. Whatever happens, there is a record of it.
///
/// `adversary` stands at the outboxes, for controls.
#[must_use]
pub fn run_one(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    repetition: u32,
    adversary: Option<Box<dyn Adversary>>,
) -> Record {
    let mut record = blank(prepared, cell, repetition);
    if let Some(why) = &cell.unsupported {
        record.outcome = Outcome::Skipped(why.clone());
        return record;
    }
    let attempt = AssertUnwindSafe(|| {
        let mut record = record.clone();
        fill(registry, prepared, cell, adversary, &mut record);
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
        version: env!("CARGO_PKG_VERSION").to_owned(),
        profile: profile_name(&cell.compute).to_owned(),
        network: cell.network_name.clone(),
        n: cell.roles.compute as u32,
        nodes: cell.roles.nodes() as u32,
        claims: None,
        unpriced_setup: false,
        function_about: prepared_cell.about.to_owned(),
        domain: String::new(),
        assumptions: Vec::new(),
        outcome: Outcome::Error("not run".to_owned()),
        verdicts: Vec::new(),
        metrics: Default::default(),
        scopes: Vec::new(),
        parties: Vec::new(),
        links: None,
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
    adversary: Option<Box<dyn Adversary>>,
    record: &mut Record,
) {
    let seed = RunSeed::new(prepared.plan.seed, record.repetition);
    let job = cell.job(seed.purpose("session"));
    let bound = match cell.bind(registry, &job) {
        Ok(bound) => bound,
        Err(why) => {
            record.outcome = Outcome::Error(why.to_string());
            return;
        }
    };
    let inputs = inputs(registry, cell, &seed);
    record.claims = Some(bound.claims);
    record.unpriced_setup = bound.claims.setup.is_unpriced();
    record.domain = bound.domain.clone();
    record.assumptions = assumptions(cell, &bound);
    record.declared = bound.declared.clone();
    let run = simulate(cell, &bound, seed, &inputs, adversary);
    judge::judge(cell, &bound, &run, &inputs, record);
    rows::fill(cell, &run, record);
}

/// Inputs by input party: given, or drawn from the run's seed, the same for every protocol.
fn inputs(registry: &Registry, prepared: &PreparedCell, seed: &RunSeed) -> Vec<Inputs> {
    let function = &prepared.cell.function;
    let parties = prepared.cell.roles.input.len();
    prepared.given.clone().unwrap_or_else(|| {
        let generate = |party: usize| {
            let mut rng = seed.rng("input", PartyId::from(party));
            registry.generate(&function.name, &function.params, party, parties, &mut rng)
        };
        (0..parties).map(generate).collect()
    })
}

fn assumptions(cell: &PreparedCell, bound: &Bound) -> Vec<String> {
    let mut notes = bound.notes.clone();
    if let mpclab_protocols::functions::Task::Program(program) = &cell.task {
        notes.extend(program.error_bounds().iter().map(ToString::to_string));
    }
    notes
}

fn simulate(
    prepared: &PreparedCell,
    bound: &Bound,
    seed: RunSeed,
    inputs: &[Inputs],
    adversary: Option<Box<dyn Adversary>>,
) -> Run<Outputs> {
    let cell = &prepared.cell;
    let limits = Limits::default();
    let config = Config {
        network: Arc::clone(&cell.network),
        faults: cell.faults.clone(),
        compute: match &cell.compute {
            ComputeChoice::None => Compute::None,
            ComputeChoice::Measured => Compute::Measured(Arc::new(ThreadCpu)),
            ComputeChoice::Profile(profile) => Compute::Profile(Arc::new(profile.clone())),
        },
        seed,
        synchrony_ns: cell.synchrony_ns,
        limits: Limits {
            virtual_ns: cell.limits.virtual_time_ns.unwrap_or(limits.virtual_ns),
            events: cell.limits.events.unwrap_or(limits.events),
            ..limits
        },
        salt: None,
        keep_taps: adversary.is_some(),
        randomness: BTreeMap::new(),
        tape: None,
        keep_links: cell.roles.nodes() <= LINK_MATRIX_NODES,
        full_path: false,
    };
    let mut simulation = Simulation::new(config);
    for ideal in &bound.ideals {
        simulation = simulation.with_ideal(ideal.clone());
    }
    if let Some(adversary) = adversary {
        simulation = simulation.with_adversary(adversary);
    }
    simulation.run(|ctx| {
        let input = cell.roles.input_index(ctx.id()).and_then(|party| inputs.get(party));
        (bound.start)(ctx, input.cloned().unwrap_or_default())
    })
}
