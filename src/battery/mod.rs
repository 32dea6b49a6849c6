//! Batteries: every attack there is, against every protocol of a scenario.
//!
//! A [`Target`] is one protocol on one function. Families of attacks turn it into [`Case`]s, each
//! of which is one run; cases run in parallel, and their verdicts add up to the cells of a grid.
//!
//! | file | family | strategy |
//! |---|---|---|
//! | `target` | honest | no attack: the control that every other case is read against |
//! | `sweep` | single fault, thresholds | one outgoing message, one mutation; coalitions beyond `t`, drop-outs up to and beyond a role's limit |
//! | `known` | known | the protocol's own list, with the outcome that theory expects |
//! | `generic` | generic | named attacks that fit any protocol: copy, replay, equivocate, rush |
//! | `copier` | generic | one party says in its own name what an honest one says |
//! | `last_mover` | generic | a rushing coalition that errs, and says last what makes a later sum zero |
//! | `grind` | generic | one error with many seeds, as far as small runs are affordable |
//! | `twins` | generic | two honest instances of a corrupted party in one session, or in one step of it |
//! | `search` | search | several small mutations at once, drawn from a seed |
//! | `malformed` | malformed | bytes that are no encoding |
//! | `network` | network | late, lost, doubled messages; crashes and pauses |
//! | `composition` | composition | two sessions at once, or one after the other |
//! | `privacy` | privacy | what views tell: recorded, then tested by [`crate::evidence`] |
//! | `soundness` | soundness | how often cheating goes unnoticed, against the theorem's bound |
//! | `covert` | soundness | the same against the deterrence that is claimed |
//!
//! `coalition` says whom an adversary corrupts, `strategies` finds what is measured for soundness,
//! `case` runs and judges one, `collect` adds verdicts up, `reproduce` shrinks a violation to a
//! scenario file. A new strategy is a file here with a function from a target to cases, a line in
//! `cases`, and, if it is a family of its own, a variant of [`Family`].

mod case;
mod coalition;
mod collect;
pub(crate) mod composition;
mod copier;
mod covert;
mod generic;
mod grind;
mod known;
mod last_mover;
mod malformed;
mod network;
mod privacy;
mod reproduce;
mod search;
mod soundness;
mod strategies;
mod sweep;
mod target;
mod theorems;
mod twins;

use std::sync::atomic::{AtomicBool, Ordering};

use mpclab_reports::battery::{Battery, Family, ProtocolRow, SCHEMA};
use mpclab_sim::vocabulary::{Guarantee, PartyId};
use rayon::prelude::*;

use crate::registry::Registry;
use crate::runner::{MODEL, Prepared};

pub use case::{Case, Deed, Expectation, Tried};
pub use collect::Cells;
pub use composition::{Crossing, Together};
pub use reproduce::Reproduction;
pub use target::Target;

/// Family-wise level of a battery's statistical tests.
pub const ALPHA: f64 = 1e-6;

/// What a battery tries.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Cases of the single-fault sweep per protocol at most; more are sampled.
    pub sweep_cases: usize,
    /// Cases of the search for several faults per protocol.
    pub search_cases: usize,
    /// Families that are tried; all if empty.
    pub families: &'a [Family],
    /// Set from outside to stop after the cases that run.
    pub interrupted: &'a AtomicBool,
    /// Whether tests of views stop with the first stage that violates a claim.
    pub until_violated: bool,
}

impl Options<'_> {
    fn tries(&self, family: Family) -> bool {
        self.families.is_empty() || self.families.contains(&family)
    }
}

/// A battery, and what of it wall clocks tell.
pub struct Finished {
    /// What was found.
    pub battery: Battery,
    /// Wall-clock time by protocol.
    pub timings: Vec<mpclab_reports::battery::Timing>,
    /// The smallest scenario file for each violation that a file can show.
    pub reproductions: Vec<Reproduction>,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// Runs a battery against every cell of a plan; cells that a protocol can't run are left out.
#[must_use]
pub fn run(
    registry: &Registry,
    prepared: &Prepared,
    options: &Options<'_>,
    progress: &(dyn Fn(&str, usize) + Sync),
) -> Finished {
    let plan = &prepared.plan;
    let mut battery = Battery {
        schema: SCHEMA,
        model: MODEL,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: plan.name.clone(),
        about: plan.about.clone(),
        seed: plan.seed,
        function: plan.cells.first().map(|cell| cell.function.name.clone()).unwrap_or_default(),
        alpha: ALPHA,
        rows: Vec::new(),
        privacy: Vec::new(),
        soundness: Vec::new(),
        notes: Vec::new(),
    };
    let (mut timings, mut reproductions) = (Vec::new(), Vec::new());
    for cell in &prepared.cells {
        let Some(target) = Target::new(registry, prepared, cell) else {
            let why = cell.unsupported.clone().unwrap_or_default();
            battery.notes.push(format!("{} was left out: {why}", cell.cell.protocol.label));
            continue;
        };
        let started = std::time::Instant::now();
        let tried = attack(&target, options, progress);
        let mut row = tried.row;
        battery.notes.extend(tried.notes);
        reproductions.extend(tried.reproductions);
        if options.tries(Family::Privacy) {
            let found = privacy::test(&target, options);
            row.cases += found.cases;
            row.cells.extend(found.cells);
            battery.privacy.extend(found.rows);
            battery.notes.extend(found.notes);
        }
        if options.tries(Family::Soundness) {
            for measure in [soundness::measure, covert::measure] {
                let measured = measure(&target, options);
                row.cases += measured.runs;
                row.cells.extend(measured.cells);
                battery.soundness.extend(measured.curves);
                battery.notes.extend(measured.notes);
            }
        }
        let wall_ns = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        timings.push(mpclab_reports::battery::Timing { protocol: row.protocol.clone(), wall_ns });
        battery.rows.push(row);
    }
    let interrupted = options.interrupted.load(Ordering::Relaxed);
    Finished { battery, timings, reproductions, interrupted }
}

/// What the attacks on one protocol gave.
struct Attacked {
    row: ProtocolRow,
    notes: Vec<String>,
    reproductions: Vec<Reproduction>,
}

/// Violations that are shrunk to a file, per protocol.
const REPRODUCED: usize = 5;

fn attack(
    target: &Target<'_>,
    options: &Options<'_>,
    progress: &(dyn Fn(&str, usize) + Sync),
) -> Attacked {
    let coalitions = target.coalitions().largest();
    let mut notes = Vec::new();
    let cases = cases(target, options, &coalitions.tried, &mut notes);
    progress(&target.label(), cases.len());
    let run =
        |case: &Case| (!options.interrupted.load(Ordering::Relaxed)).then(|| case.run(target));
    let tried: Vec<Option<Tried>> = cases.par_iter().map(run).collect();
    let mut cells = Cells::default();
    let mut violations: Vec<(&Case, Guarantee)> = Vec::new();
    for (case, tried) in cases.iter().zip(&tried) {
        let Some(tried) = tried else { continue };
        cells.add(target, case, tried);
        if let Some(guarantee) = reproduce::violated(tried) {
            let is_new = violations
                .iter()
                .all(|(other, broken)| (&other.attack, *broken) != (&case.attack, guarantee));
            if is_new && violations.len() < REPRODUCED {
                violations.push((case, guarantee));
            }
        }
    }
    let surprises = cells.surprises().into_iter();
    notes.extend(surprises.map(|surprise| format!("{}: {surprise}", target.label())));
    let reproduce =
        |(case, guarantee): &(&Case, Guarantee)| reproduce::reproduce(target, case, *guarantee);
    let reproductions = violations.par_iter().filter_map(reproduce).collect();
    let (count, cells) = cells.finish();
    let row = ProtocolRow {
        protocol: target.label(),
        claims: *target.claims(),
        n: target.n() as u32,
        t: target.coalitions().size() as u32,
        roles: target.roles().to_vec(),
        coalitions: coalitions.tried.len() as u64,
        coalitions_in_all: coalitions.in_all,
        cases: count,
        cells,
    };
    Attacked { row, notes, reproductions }
}

/// All cases of the families that are tried, in order.
fn cases(
    target: &Target<'_>,
    options: &Options<'_>,
    coalitions: &[Vec<PartyId>],
    notes: &mut Vec<String>,
) -> Vec<Case> {
    let mut cases = Vec::new();
    if options.tries(Family::Honest) {
        cases.extend(target.honest());
    }
    if options.tries(Family::SingleFault) {
        let sweep = sweep::cases(target, coalitions, options.sweep_cases);
        notes.extend(sweep.note);
        cases.extend(sweep.cases);
    }
    if options.tries(Family::Known) {
        cases.extend(known::cases(target, coalitions));
    }
    if options.tries(Family::Generic) {
        cases.extend(generic::cases(target, coalitions));
        cases.extend(copier::cases(target, coalitions));
        cases.extend(last_mover::cases(target, coalitions));
        cases.extend(twins::cases(target, coalitions));
        cases.extend(grind::cases(target, coalitions));
    }
    if options.tries(Family::Search) {
        let mut search = search::Search::new(target, coalitions);
        cases.extend(search.cases(target, options.search_cases));
        notes.push(search.note(target));
    }
    if options.tries(Family::Malformed) {
        cases.extend(malformed::cases(target, coalitions));
    }
    if options.tries(Family::Thresholds) {
        cases.extend(sweep::beyond(target));
        cases.extend(sweep::drop_outs(target));
    }
    if options.tries(Family::Network) {
        cases.extend(network::cases(target));
    }
    if options.tries(Family::Composition) {
        cases.extend(composition::cases(target, coalitions));
    }
    cases
}

/// A coalition for people.
fn names(coalition: &[PartyId]) -> String {
    coalition.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
