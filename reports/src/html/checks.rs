//! Verdicts, and declared against measured cost.

use minijinja::context;
use minijinja::value::Value;
use mpclab_sim::vocabulary::{Aggregate, Figure, MetricName, Phase, Standing, Verdict};

use crate::record::Record;
use crate::stats::{self, Group, name_points};
use crate::units::thousands;

/// Standings in the order of the columns.
const STANDINGS: [Standing; 4] =
    [Standing::Held, Standing::Violated, Standing::OutOfClaim, Standing::Inconclusive];

/// One row for each (protocol, guarantee): how often each standing was found, over all runs.
pub(super) fn verdicts(records: &[Record]) -> Vec<Value> {
    let mut rows: Vec<(&str, &'static str, Vec<&Verdict>)> = Vec::new();
    let (_, groups) = stats::group(records);
    for record in groups.iter().flat_map(|group| group.records.iter()) {
        for verdict in &record.verdicts {
            let (protocol, name) = (record.key.protocol.as_str(), verdict.guarantee.name());
            match rows.iter_mut().find(|row| (row.0, row.1) == (protocol, name)) {
                Some(row) => row.2.push(verdict),
                None => rows.push((protocol, name, vec![verdict])),
            }
        }
    }
    let row = |(protocol, name, verdicts): (&str, &'static str, Vec<&Verdict>)| {
        let count = |standing: Standing| {
            verdicts.iter().filter(|verdict| verdict.standing() == standing).count()
        };
        let worst = [Standing::Violated, Standing::Inconclusive, Standing::OutOfClaim];
        let evidence = worst.into_iter().find_map(|standing| {
            let found = verdicts.iter().find(|verdict| verdict.standing() == standing)?;
            (!found.evidence.is_empty()).then(|| found.evidence.clone())
        });
        context! {
            protocol => protocol,
            guarantee => name,
            counts => STANDINGS.map(count).to_vec(),
            violated => count(Standing::Violated) > 0,
            evidence => evidence.unwrap_or_default(),
        }
    };
    rows.into_iter().map(row).collect()
}

/// One row for each declared figure; sweep points at which declared and measured figures are equal
/// share a row.
pub(super) fn declared(records: &[Record]) -> Vec<Value> {
    let (points, groups) = stats::group(records);
    let mut rows: Vec<(Vec<usize>, Vec<String>, bool)> = Vec::new();
    for group in &groups {
        for (row, agrees) in declared_rows(group) {
            match rows.iter_mut().find(|(_, known, _)| *known == row) {
                Some((members, ..)) => members.push(group.point),
                None => rows.push((vec![group.point], row, agrees)),
            }
        }
    }
    rows.sort_by_key(|(_, row, _)| place(&groups, &row[0]));
    let row = |(members, cells, agrees): (Vec<usize>, Vec<String>, bool)| {
        let at = name_points(&points, &members).unwrap_or_else(|| "every point".to_owned());
        context! { at => at, cells => cells, agrees => agrees }
    };
    rows.into_iter().map(row).collect()
}

fn place(groups: &[Group<'_>], protocol: &str) -> Option<usize> {
    groups.iter().position(|group| group.first().key.protocol == protocol)
}

/// Protocol, phase, quantity, declared, measured, source; and whether every correct run agrees.
fn declared_rows(group: &Group<'_>) -> Vec<(Vec<String>, bool)> {
    let record = group.first();
    let Some(declared) = &record.declared else { return Vec::new() };
    let mut rows = Vec::new();
    for cost in &declared.phases {
        let phase = cost.phase;
        let metrics =
            [("bytes", Aggregate::Sum, cost.bytes), ("rounds", Aggregate::Run, cost.rounds)];
        for (name, aggregate, figure) in metrics {
            let metric = MetricName { phase: Some(phase), name, aggregate };
            let Some(measured) = group.metric(metric) else { continue };
            let of = |record: &Record| record.metric(metric).unwrap_or(0);
            let agrees = group
                .correct()
                .all(|record| figure_of(record, phase, name, figure).admits(of(record)));
            let shown = if measured.min == measured.max {
                thousands(measured.min)
            } else {
                format!("{} to {}", thousands(measured.min), thousands(measured.max))
            };
            let declared_text = match figure {
                Figure::Exact(value) => thousands(value),
                Figure::AtMost(value) => format!("at most {}", thousands(value)),
            };
            let cells = [
                record.key.protocol.clone(),
                phase.name().to_owned(),
                name.to_owned(),
                declared_text,
                shown,
                declared.source.clone(),
            ];
            rows.push((cells.to_vec(), agrees));
        }
    }
    rows
}

/// What a run itself declared; the given figure if it declared nothing.
fn figure_of(record: &Record, phase: Phase, name: &str, otherwise: Figure) -> Figure {
    let Some(declared) = &record.declared else { return otherwise };
    let cost = declared.phase(phase);
    if name == "bytes" { cost.bytes } else { cost.rounds }
}
