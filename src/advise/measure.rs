//! Runs of a cell, and what they say.

use std::sync::Mutex;

use mpclab_reports::advice::Cost;
use mpclab_reports::record::Record;
use mpclab_reports::stats::{Summary, percentile};
use rayon::prelude::*;

use super::load::demand::{Resource, demand, resources};
use super::load::queueing::Demand;
use crate::registry::Registry;
use crate::runner::{Prepared, PreparedCell, run_seen};

/// Metric of the time of a run.
const TIME: &str = "total.time_ns";

/// What the runs of a cell gave.
pub(super) struct Measured {
    /// A record for each repetition.
    pub records: Vec<Record>,
    /// What can be queued for.
    pub resources: Vec<Resource>,
    /// What each correct run asks of these.
    pub demands: Vec<Demand>,
}

/// Runs a cell so many times.
pub(super) fn measure(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    repetitions: u32,
) -> Measured {
    let network = &cell.cell.network;
    let resources = resources(network);
    let run = |repetition: u32| {
        let seen = Mutex::new(None);
        let record = run_seen(registry, prepared, cell, repetition, None, |run| {
            let demand = demand(run, network, &resources);
            *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(demand);
        });
        let demand = seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let demand = demand.filter(|_| record.is_correct());
        (record, demand)
    };
    let runs: Vec<(Record, Option<Demand>)> = (0..repetitions).into_par_iter().map(run).collect();
    let (records, demands): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    Measured { records, demands: demands.into_iter().flatten().collect(), resources }
}

impl Measured {
    /// What a run costs that is alone.
    ///
    /// # Errors
    /// Why, if a run did not end with the right output.
    pub(super) fn cost(&self, percent: usize) -> Result<Cost, String> {
        if let Some(bad) = self.records.iter().find(|record| !record.is_correct()) {
            let (status, reason) = (bad.outcome.status(), bad.outcome.reason());
            return Err(format!("repetition {} ended {status}: {reason}", bad.repetition));
        }
        let values = |name: &str| -> Vec<u64> {
            self.records.iter().filter_map(|record| record.metrics.get(name).copied()).collect()
        };
        let median = |name| Summary::of(values(name)).map_or(0, |summary| summary.median);
        let times = values(TIME);
        Ok(Cost {
            runs: self.records.len(),
            median_ns: median(TIME),
            late_ns: percentile(&times, percent).unwrap_or(0),
            loaded_ns: None,
            bytes: median("total.bytes"),
            wire_bytes: median("total.wire_bytes"),
            rounds: median("total.rounds"),
            money_nusd: Summary::of(values("total.money_nusd")).map(|summary| summary.median),
        })
    }

    /// The record whose time is nearest above the median: what is told of one run is told of it.
    pub(super) fn typical(&self) -> Option<&Record> {
        let correct = self.records.iter().filter(|record| record.is_correct());
        let mut sorted: Vec<&Record> = correct.collect();
        sorted.sort_by_key(|record| (record.metrics.get(TIME).copied(), record.repetition));
        sorted.get(sorted.len() / 2).copied()
    }
}
