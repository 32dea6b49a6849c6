//! What the gate holds of one protocol at one sweep point.

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::{Aggregate, Claims, MetricName, Observed, Phase, Verdict};
use serde_json::Value;

use crate::record::{Key, Record, Timing};

/// Added to what a check saw of a guarantee that is not claimed.
pub(super) const NOT_CLAIMED: &str = " (not claimed)";

/// All repetitions of one protocol at one sweep point: their settings, and their figures by name.
///
/// Figures are the record's metrics under their own names, `op.<name>` for units charged,
/// `verdict.<guarantee>`, `digest.event`, `digest.transcript` and `outcome`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What was run.
    pub key: Key,
    /// Version of kernel, network and pricing semantics.
    pub model: u32,
    /// The scenario's seed.
    pub seed: u64,
    /// Hash of everything resolved that can affect the result.
    pub fingerprint: String,
    /// Hashes of the parts of that; empty if they were not kept.
    pub parts: BTreeMap<String, String>,
    /// Name of the compute profile.
    pub profile: String,
    /// What the protocol claims.
    pub claims: Option<Claims>,
    /// Whether a setup or offline phase has no price.
    pub unpriced_setup: bool,
    /// Whether parties are corrupted: times are no cost figures then.
    pub corrupted: bool,
    /// The repetitions, ascending.
    pub repetitions: Vec<u32>,
    /// Figures by name, one value for each repetition; null where there is none.
    pub figures: BTreeMap<String, Vec<Value>>,
    /// Wall-clock times of the repetitions, nanoseconds; empty if they are not known.
    pub wall_ns: Vec<u64>,
}

/// Why results cannot be compared at all.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// A run is there twice.
    #[error("{id}, repetition {repetition}, occurs twice")]
    Twice {
        /// Which case.
        id: String,
        /// Which repetition.
        repetition: u32,
    },
    /// Runs of one case do not belong together.
    #[error("the runs of {id} come from different scenarios, seeds or versions")]
    Mixed {
        /// Which case.
        id: String,
    },
}

/// Groups records by protocol and sweep point, in the order of their ids.
///
/// # Errors
/// [`CaseError`] if the records do not come from one set of runs.
pub fn cases(records: &[Record]) -> Result<Vec<Case>, CaseError> {
    let mut groups: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
    for record in records {
        groups.entry(record.key.id()).or_default().push(record);
    }
    groups.into_iter().map(|(id, group)| case(id, group)).collect()
}

/// Gives cases of these records the wall-clock times of their cells.
pub fn time(cases: &mut [Case], records: &[Record], timings: &[Timing]) {
    let by_id: BTreeMap<String, usize> =
        cases.iter().enumerate().map(|(at, case)| (case.key.id(), at)).collect();
    let mut by_cell: BTreeMap<(u32, &str), usize> = BTreeMap::new();
    for record in records {
        if let Some(at) = by_id.get(&record.key.id()) {
            by_cell.entry((record.cell, &record.key.protocol)).or_insert(*at);
        }
    }
    for timing in timings {
        let at = by_cell.get(&(timing.cell, timing.protocol.as_str()));
        let case = at.and_then(|at| cases.get_mut(*at));
        let own = case.filter(|case| case.repetitions.binary_search(&timing.repetition).is_ok());
        own.into_iter().for_each(|case| case.wall_ns.push(timing.wall_ns));
    }
}

fn case(id: String, mut group: Vec<&Record>) -> Result<Case, CaseError> {
    group.sort_by_key(|record| record.repetition);
    if let Some(twice) = group.windows(2).find(|pair| pair[0].repetition == pair[1].repetition) {
        return Err(CaseError::Twice { id, repetition: twice[0].repetition });
    }
    let first = group[0];
    let settings = |record: &Record| (record.model, record.seed, record.fingerprint.clone());
    if group.iter().any(|record| settings(record) != settings(first)) {
        return Err(CaseError::Mixed { id });
    }
    let mut figures: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (at, record) in group.iter().enumerate() {
        for (name, value) in figures_of(record) {
            figures.entry(name).or_insert_with(|| vec![Value::Null; group.len()])[at] = value;
        }
    }
    Ok(Case {
        key: first.key.clone(),
        model: first.model,
        seed: first.seed,
        fingerprint: first.fingerprint.clone(),
        parts: first.parts.clone(),
        profile: first.profile.clone(),
        claims: group.iter().find_map(|record| record.claims),
        unpriced_setup: group.iter().any(|record| record.unpriced_setup),
        corrupted: group.iter().any(|record| !record.corrupted.is_empty()),
        repetitions: group.iter().map(|record| record.repetition).collect(),
        figures,
        wall_ns: Vec::new(),
    })
}

fn figures_of(record: &Record) -> Vec<(String, Value)> {
    let mut figures = vec![("outcome".to_owned(), record.outcome.status().into())];
    for verdict in &record.verdicts {
        let name = format!("verdict.{}", verdict.guarantee.name().replace(' ', "_"));
        figures.push((name, observed(verdict).into()));
    }
    for (name, value) in &record.metrics {
        if !is_unpriced(record, name) {
            figures.push((name.clone(), (*value).into()));
        }
    }
    let ops = record.ops.iter();
    figures.extend(ops.map(|(op, times)| (format!("op.{op}"), (*times).into())));
    let digests = [("event", &record.digests.event), ("transcript", &record.digests.transcript)];
    let digests = digests.into_iter().filter(|(_, digest)| !digest.is_empty());
    figures.extend(digests.map(|(name, digest)| (format!("digest.{name}"), digest.clone().into())));
    figures
}

/// What has no price is no figure, least of all zero. What a dealer hands out instead is one.
fn is_unpriced(record: &Record, name: &str) -> bool {
    let metric = name.parse::<MetricName>().ok();
    if metric.is_some_and(|metric| metric.name == "ideal_bytes") {
        return false;
    }
    let phase = name
        .split('.')
        .next()
        .and_then(|first| Phase::ALL.into_iter().find(|phase| phase.name() == first));
    phase.is_some_and(|phase| crate::table::is_unpriced(record, phase))
}

fn observed(verdict: &Verdict) -> String {
    let seen = match verdict.observed {
        Observed::Held => "held",
        Observed::NotRefuted { .. } => "not refuted",
        Observed::Inconclusive => "inconclusive",
        Observed::Broken => "broken",
    };
    format!("{seen}{}", if verdict.claimed { "" } else { NOT_CLAIMED })
}

impl Case {
    /// The values of a metric over the runs that were correct.
    pub(crate) fn correct(&self, metric: &str) -> Vec<u64> {
        let broken = |name: &str, at: usize| {
            let seen = self.figures.get(name).and_then(|values| values[at].as_str());
            seen.is_some_and(|seen| seen.trim_end_matches(NOT_CLAIMED) == "broken")
        };
        let is_correct = |at: &usize| {
            let outcome = self.figures.get("outcome").is_some_and(|values| values[*at] == "ok");
            outcome && !broken("verdict.correctness", *at) && !broken("verdict.agreement", *at)
        };
        let values = self.figures.get(metric);
        let runs = (0..self.repetitions.len()).filter(is_correct);
        runs.filter_map(|at| values?[at].as_u64()).collect()
    }

    /// Metrics that say what it costs, each folded in the way that is its default: in total, or
    /// online alone where the rest has no price.
    pub(crate) fn costs(&self) -> Vec<MetricName> {
        let names = self.figures.keys().filter_map(|name| name.parse::<MetricName>().ok());
        let phase = if self.unpriced_setup { Some(Phase::Online) } else { None };
        let is_default = |name: &MetricName| {
            let default = name.metric().map_or(Aggregate::Sum, |metric| metric.aggregates[0]);
            name.phase == phase && name.aggregate == default
        };
        names.filter(is_default).collect()
    }
}
