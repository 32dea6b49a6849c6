//! Declared against measured cost.

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::{Aggregate, Figure, MetricName, Phase};

use crate::record::Record;
use crate::stats::{Group, Points};
use crate::table::{Align, Block, Cells, ColumnGroup, Row, Section, Sheet};
use crate::units::thousands;

/// One row for each declared figure; sweep points at which declared and measured figures are equal
/// share a row.
pub(super) fn declared(points: &Points, groups: &[Group<'_>]) -> Sheet {
    let mut rows: Vec<(Vec<usize>, Vec<String>, bool)> = Vec::new();
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for group in groups {
        for (row, agrees) in declared_rows(group) {
            match known.get(&row) {
                Some(at) => {
                    rows[*at].0.push(group.point);
                    rows[*at].2 &= agrees;
                }
                None => {
                    known.insert(row.clone(), rows.len());
                    rows.push((vec![group.point], row, agrees));
                }
            }
        }
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        places.entry(&group.first().key.protocol).or_insert(at);
    }
    rows.sort_by_key(|(_, row, _)| places.get(row[0].as_str()));
    let row = |(members, mut cells, agrees): (Vec<usize>, Vec<String>, bool)| {
        let source = cells.pop().unwrap_or_default();
        let verdict = if agrees { "agrees" } else { "differs" };
        let at = points.name_some(&members).unwrap_or_else(|| "every point".to_owned());
        cells.extend([verdict.to_owned(), at, source]);
        vec![Cells::Each(cells)]
    };
    let columns = [
        ("protocol", Align::Left),
        ("phase", Align::Left),
        ("figure", Align::Left),
        ("declared", Align::Right),
        ("measured", Align::Right),
        ("agreement", Align::Left),
        ("at", Align::Left),
        ("source", Align::Left),
    ];
    let rows: Vec<Row> = rows.into_iter().map(row).collect();
    let section = (!rows.is_empty()).then(|| Section { name: String::new(), rows });
    Sheet {
        title: "Declared and measured cost".to_owned(),
        section_header: String::new(),
        groups: vec![ColumnGroup::new("", &columns)],
        blocks: vec![Block {
            heading: String::new(),
            sections: section.into_iter().collect(),
            remarks: Vec::new(),
        }],
        notes: vec![
            "declared: what the protocol's authors say, held against every undisturbed run"
                .to_owned(),
        ],
    }
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
