use mpclab_sim::vocabulary::Phase;
use serde_json::Value;

use super::sheet::{Align, Block, Cells, ColumnGroup, Section, Sheet};
use super::{Frame, section};
use crate::conventions;
use crate::record::{self, Record, ScopeRow};
use crate::stats::{self, Group, Point};
use crate::units::Unit;

/// Figures by scope: one row for each (sweep point, protocol, scope).
#[derive(Clone, Debug)]
pub struct ScopeTable<'a> {
    points: Vec<Point>,
    groups: Vec<Group<'a>>,
}

/// A figure of a scope: column, unit, value.
type Figure = (&'static str, Unit, fn(&ScopeRow) -> u64);

const FIGURES: [Figure; 5] = [
    ("bytes", Unit::Bytes, |row| row.bytes),
    ("wire_bytes", Unit::Bytes, |row| row.wire_bytes),
    ("messages", Unit::Count, |row| row.messages),
    ("compute_ns", Unit::Time, |row| row.compute_ns),
    ("ideal_bytes", Unit::Bytes, |row| row.ideal_bytes),
];

impl<'a> ScopeTable<'a> {
    /// Groups the records; their order does not matter.
    #[must_use]
    pub fn of(records: &'a [Record]) -> Self {
        let (points, groups) = stats::group(records);
        ScopeTable { points, groups }
    }

    /// The table for readers. Sweep points with equal figures share a block; columns that are zero
    /// everywhere are left out.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let shown: Vec<&Figure> = FIGURES.iter().filter(|figure| self.costs(figure.2)).collect();
        let header = |figure: &&Figure| match figure.0 {
            "wire_bytes" => ("wire bytes", Align::Right),
            "compute_ns" => ("compute", Align::Right),
            "ideal_bytes" => ("ideal bytes", Align::Right),
            name => (name, Align::Right),
        };
        let columns: Vec<_> = shown.iter().map(header).collect();
        let mut sheet = Sheet {
            title: "figures by scope, over all parties".to_owned(),
            section_header: "protocol".to_owned(),
            groups: vec![
                ColumnGroup::new("", &[("scope", Align::Left)]),
                ColumnGroup::new("", &columns),
            ],
            blocks: (0..self.points.len()).map(|point| self.block(point, &shown)).collect(),
            notes: [conventions::SCOPES, conventions::BYTES].map(str::to_owned).to_vec(),
        };
        sheet.join_equal_blocks(|points| stats::name_points(&self.points, points));
        sheet
    }

    /// The table for programs.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let mut frame = Frame::default();
        for group in &self.groups {
            let key = &group.first().key;
            for (phase, path) in paths(group) {
                let mut row: Vec<(String, Value)> =
                    vec![("scenario".into(), key.scenario.clone().into())];
                let swept = key.sweep.iter();
                row.extend(
                    swept.map(|(path, value)| {
                        (format!("sweep.{path}"), record::label(value).into())
                    }),
                );
                row.push(("protocol".into(), key.protocol.clone().into()));
                row.push(("phase".into(), phase.name().into()));
                row.push(("scope".into(), path.into()));
                let figure = |(name, _, figure): &Figure| {
                    ((*name).to_owned(), median(group, path, *figure).into())
                };
                row.extend(FIGURES.iter().map(figure));
                frame.push(row);
            }
        }
        frame.notes = self.sheet().notes;
        frame
    }

    fn costs(&self, figure: fn(&ScopeRow) -> u64) -> bool {
        let records = || self.groups.iter().flat_map(Group::correct);
        records().flat_map(|record| &record.scopes).any(|row| figure(row) > 0)
    }

    fn block(&self, point: usize, shown: &[&Figure]) -> Block {
        let row = |group: &Group<'_>, path: &str| {
            let figure = |(_, unit, figure): &&Figure| unit.show(median(group, path, *figure));
            let figures = shown.iter().map(figure).collect();
            vec![Cells::Each(vec![path.to_owned()]), Cells::Each(figures)]
        };
        let section = |group: &Group<'_>| {
            let first = group.first();
            let (_, claims) = section(first.claims.as_ref());
            Section {
                name: format!("{} ({claims})", first.key.protocol),
                rows: paths(group).into_iter().map(|(_, path)| row(group, path)).collect(),
            }
        };
        let members = self.groups.iter().filter(|group| group.point == point);
        Block {
            heading: stats::name_point(&self.points, point),
            sections: members.map(section).filter(|section| !section.rows.is_empty()).collect(),
            remarks: Vec::new(),
        }
    }
}

/// The scopes of the correct runs, by phase, in the order in which they first appear.
fn paths<'a>(group: &Group<'a>) -> Vec<(Phase, &'a str)> {
    let mut paths: Vec<(Phase, &str)> = Vec::new();
    for row in group.correct().flat_map(|record| &record.scopes) {
        if !paths.contains(&(row.phase, &row.path)) {
            paths.push((row.phase, &row.path));
        }
    }
    paths.sort_by_key(|(phase, _)| *phase);
    paths
}

/// Median of a figure of one scope; a run that never opened the scope spent nothing in it.
fn median(group: &Group<'_>, path: &str, figure: fn(&ScopeRow) -> u64) -> u64 {
    let of = |record: &Record| {
        let rows = record.scopes.iter().filter(|row| row.path == path);
        rows.map(figure).fold(0, u64::saturating_add)
    };
    group.summary(|record| Some(of(record))).map_or(0, |summary| summary.median)
}
