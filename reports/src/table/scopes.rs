use std::collections::BTreeMap;

use mpclab_sim::vocabulary::Phase;
use serde_json::Value;

use super::sheet::{Align, Block, Cells, ColumnGroup, Section, Sheet};
use super::{Frame, protocols_by_text, section};
use crate::conventions;
use crate::record::{self, Record, ScopeRow};
use crate::stats::{self, Group, Points};
use crate::units::Unit;

/// Figures by scope: one row for each (sweep point, protocol, scope).
#[derive(Clone, Debug)]
pub struct ScopeTable<'a> {
    points: Points,
    groups: Vec<Group<'a>>,
    scopes: Scopes,
}

/// Which scopes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scopes {
    /// All, indices folded.
    Folded,
    /// Those with an index, as far as it: batches, levels, attempts. They hold the scopes inside.
    Indexed,
}

impl Scopes {
    fn rows(self, record: &Record) -> &[ScopeRow] {
        match self {
            Scopes::Folded => &record.scopes,
            Scopes::Indexed => &record.batches,
        }
    }
}

/// A figure of a scope: column, unit, value.
type Figure = (&'static str, Unit, fn(&ScopeRow) -> u64);

const FIGURES: [Figure; 6] = [
    ("bytes", Unit::Bytes, |row| row.bytes),
    ("wire_bytes", Unit::Bytes, |row| row.wire_bytes),
    ("received_bytes", Unit::Bytes, |row| row.received_bytes.unwrap_or(0)),
    ("messages", Unit::Count, |row| row.messages),
    ("compute_ns", Unit::Time, |row| row.compute_ns),
    ("ideal_bytes", Unit::Bytes, |row| row.ideal_bytes),
];

/// Figures that readers also see with the scopes inside; programs see all.
const INCLUSIVE: [&str; 2] = ["bytes", "compute_ns"];

/// Figures that only exist with the scopes inside, where a record kept them.
type Span = (&'static str, Unit, fn(&ScopeRow) -> Option<u64>);

const SPANS: [Span; 2] =
    [("rounds", Unit::Count, |row| row.rounds), ("time_ns", Unit::Time, |row| row.time_ns)];

impl<'a> ScopeTable<'a> {
    /// Groups the records; their order does not matter.
    #[must_use]
    pub fn of(records: &'a [Record]) -> Self {
        let (points, groups) = stats::group(records);
        ScopeTable { points, groups, scopes: Scopes::Folded }
    }

    /// The same by batch: of scopes with an index, the first of each path.
    #[must_use]
    pub fn of_batches(records: &'a [Record]) -> Self {
        ScopeTable { scopes: Scopes::Indexed, ..ScopeTable::of(records) }
    }

    /// The table for readers. Sweep points with equal figures share a block; columns that are zero
    /// everywhere are left out.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let shown: Vec<&Figure> = FIGURES.iter().filter(|figure| self.costs(figure.2)).collect();
        let header = |figure: &&Figure| match figure.0 {
            "wire_bytes" => ("wire bytes", Align::Right),
            "received_bytes" => ("received", Align::Right),
            "compute_ns" => ("compute", Align::Right),
            "ideal_bytes" => ("ideal bytes", Align::Right),
            name => (name, Align::Right),
        };
        let columns: Vec<_> = shown.iter().map(header).collect();
        let inclusive = shown.iter().filter(|figure| INCLUSIVE.contains(&figure.0));
        let mut inclusive: Vec<_> = inclusive.map(header).collect();
        let has_spans = self.has_spans();
        if has_spans {
            inclusive.extend([("rounds", Align::Right), ("time", Align::Right)]);
        }
        let (title, groups) = match self.scopes {
            Scopes::Folded => (
                "figures by scope, over all parties",
                vec![
                    ColumnGroup::new("", &[("scope", Align::Left)]),
                    ColumnGroup::new("alone", &columns),
                    ColumnGroup::new("with the scopes inside", &inclusive),
                ],
            ),
            Scopes::Indexed => (
                "figures by batch, over all parties",
                vec![
                    ColumnGroup::new("", &[("batch", Align::Left)]),
                    ColumnGroup::new("with the scopes inside", &inclusive),
                ],
            ),
        };
        let mut sheet = Sheet {
            title: title.to_owned(),
            section_header: "protocol".to_owned(),
            groups,
            blocks: (0..self.points.len())
                .map(|point| self.block(point, &shown, has_spans))
                .collect(),
            notes: self.notes(),
        };
        // Where no run was correct, there is nothing to show.
        sheet.drop_empty_groups();
        sheet.join_equal_blocks(|points| self.points.name_some(points));
        sheet
    }

    /// The table for programs.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let mut frame = Frame::default();
        for group in &self.groups {
            let key = &group.first().key;
            for (phase, path) in self.paths(group) {
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
                    ((*name).to_owned(), self.median(group, path, Reach::Alone, *figure).into())
                };
                row.extend(FIGURES.iter().map(figure));
                let figure = |(name, _, figure): &Figure| {
                    let value = self.median(group, path, Reach::Inside, *figure);
                    (format!("{name}.inclusive"), value.into())
                };
                row.extend(FIGURES.iter().map(figure));
                row.extend(SPANS.iter().map(|(name, _, figure)| {
                    ((*name).to_owned(), self.span(group, path, *figure).into())
                }));
                frame.push(row);
            }
        }
        frame.notes = self.sheet().notes;
        frame
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = [conventions::SCOPES, conventions::BYTES].map(str::to_owned).to_vec();
        if self.has_spans() {
            notes.push(conventions::SPANS.to_owned());
        }
        let consumed = |record: &Record| {
            let mut most: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
            for party in &record.parties {
                for (kind, count) in &party.correlated {
                    let bytes = party.correlated_bytes.get(kind).copied().unwrap_or(0);
                    let known = most.entry(kind).or_default();
                    *known = (*known).max((*count, bytes));
                }
            }
            let texts = most.iter().map(|(kind, (count, bytes))| match bytes {
                0 => format!("{count} x {kind}"),
                _ => format!("{count} x {kind} ({})", Unit::Bytes.show(*bytes)),
            });
            texts.collect::<Vec<_>>().join(", ")
        };
        let texts: Vec<(&Record, String)> =
            self.groups.iter().map(|group| (group.first(), consumed(group.first()))).collect();
        let used = texts.iter().map(|(record, text)| (*record, text.as_str()));
        let used = protocols_by_text(used).into_iter();
        notes.extend(used.map(|text| {
            format!("correlated randomness used up by the party that needs most: {text}")
        }));
        notes
    }

    fn costs(&self, figure: fn(&ScopeRow) -> u64) -> bool {
        let records = || self.groups.iter().flat_map(Group::correct);
        records().flat_map(|record| self.scopes.rows(record)).any(|row| figure(row) > 0)
    }

    fn has_spans(&self) -> bool {
        let records = || self.groups.iter().flat_map(Group::correct);
        records().flat_map(|record| self.scopes.rows(record)).any(|row| row.rounds.is_some())
    }

    fn block(&self, point: usize, shown: &[&Figure], has_spans: bool) -> Block {
        let row = |group: &Group<'_>, path: &str| {
            let show = |reach: Reach| {
                let show = move |(_, unit, figure): &&Figure| {
                    unit.show(self.median(group, path, reach, *figure))
                };
                let wanted =
                    |figure: &&&Figure| reach == Reach::Alone || INCLUSIVE.contains(&figure.0);
                shown.iter().filter(wanted).map(show).collect::<Vec<String>>()
            };
            let show_span = |(_, unit, figure): &Span| {
                self.span(group, path, *figure)
                    .map_or_else(|| "-".to_owned(), |value| unit.show(value))
            };
            let spans = SPANS.iter().filter(|_| has_spans).map(show_span);
            let inside = show(Reach::Inside).into_iter().chain(spans).collect();
            let alone = (self.scopes == Scopes::Folded).then(|| show(Reach::Alone));
            let cells = [Some(vec![path.to_owned()]), alone, Some(inside)];
            cells.into_iter().flatten().map(Cells::Each).collect()
        };
        let section = |group: &Group<'_>| {
            let first = group.first();
            let (_, claims) = section(first.claims.as_ref());
            Section {
                name: format!("{} ({claims})", first.key.protocol),
                rows: self.paths(group).into_iter().map(|(_, path)| row(group, path)).collect(),
            }
        };
        let members = stats::at_point(&self.groups, point).iter();
        Block {
            heading: self.points.name(point),
            sections: members.map(section).filter(|section| !section.rows.is_empty()).collect(),
            remarks: Vec::new(),
        }
    }

    /// The scopes of the correct runs and those around them, by phase, in the order in which they first
    /// appear.
    fn paths<'g>(&self, group: &Group<'g>) -> Vec<(Phase, &'g str)> {
        let mut paths: Vec<(Phase, &str)> = Vec::new();
        for row in group.correct().flat_map(|record| self.scopes.rows(record)) {
            let path = row.path.as_str();
            let around = path.match_indices('/').map(|(end, _)| &path[..end]);
            let around = around.filter(|_| self.scopes == Scopes::Folded);
            for path in around.chain([path]) {
                if !paths.contains(&(row.phase, path)) {
                    paths.push((row.phase, path));
                }
            }
        }
        paths.sort_by_key(|(phase, _)| *phase);
        paths
    }

    /// Median of a figure of one scope; a run that never opened the scope spent nothing in it.
    fn median(
        &self,
        group: &Group<'_>,
        path: &str,
        reach: Reach,
        figure: fn(&ScopeRow) -> u64,
    ) -> u64 {
        let is_inside = |row: &ScopeRow| match row.path.strip_prefix(path) {
            Some("") => true,
            Some(rest) => reach == Reach::Inside && rest.starts_with('/'),
            None => false,
        };
        let of = |record: &Record| {
            let rows = self.scopes.rows(record).iter().filter(|row| is_inside(row));
            rows.map(figure).fold(0, u64::saturating_add)
        };
        group.summary(|record| Some(of(record))).map_or(0, |summary| summary.median)
    }

    /// Median of a figure that only exists with the scopes inside; `None` if no run kept it.
    fn span(
        &self,
        group: &Group<'_>,
        path: &str,
        figure: fn(&ScopeRow) -> Option<u64>,
    ) -> Option<u64> {
        let of = |record: &Record| {
            self.scopes.rows(record).iter().find(|row| row.path == path).map_or(Some(0), figure)
        };
        let kept =
            |record: &Record| self.scopes.rows(record).iter().any(|row| figure(row).is_some());
        let summary = group.summary(|record| if kept(record) { of(record) } else { None });
        summary.map(|summary| summary.median)
    }
}

/// Which scopes a figure is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The scope without the scopes inside it.
    Alone,
    /// The scope with all scopes inside it.
    Inside,
}
