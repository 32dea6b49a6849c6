//! What a figure draws, as numbers: for programs, for a table, and for PGFPlots.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::table::{Align, Block, Cells, ColumnGroup, Frame, Section, Sheet};
use crate::units::{Unit, probability};

/// What a figure draws.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Points of several series over a level axis.
    Lines {
        /// What is varied.
        level: Scale,
        /// What is measured.
        upright: Scale,
        /// The lines.
        series: Vec<Series>,
    },
    /// Level bars in several panels.
    Bars {
        /// What the length of a bar means.
        value: Scale,
        /// What a bar is for, for example `protocol`.
        rows: String,
        /// What the parts of a bar are.
        parts: Vec<String>,
        /// Whether the parts stand behind one another, not below.
        stacked: bool,
        /// The panels.
        panels: Vec<BarPanel>,
    },
    /// Square matrices.
    Matrix {
        /// What the shade of a cell means.
        value: Scale,
        /// What a row is for, for example `from`.
        rows: String,
        /// What a column is for.
        columns: String,
        /// The matrices.
        panels: Vec<MatrixPanel>,
    },
    /// Anything else: a flat table. PGFPlots gets nothing of it.
    Table(Frame),
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// What it shows.
    pub name: String,
    /// The unit of its numbers: nanoseconds, bytes, bits per second.
    pub unit: Unit,
    /// Whether it is logarithmic.
    pub log: bool,
    /// Words for the numbers 0, 1, 2 and so on; empty if numbers are numbers.
    pub words: Vec<String>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is.
    pub label: String,
    /// Its points, from left to right.
    pub points: Vec<SeriesPoint>,
}

/// One point with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesPoint {
    /// Place on the level axis.
    pub at: f64,
    /// The figure.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
}

/// Bars with a common scale.
#[derive(Clone, Debug, PartialEq)]
pub struct BarPanel {
    /// What they hold for; empty if there is nothing to tell apart.
    pub heading: String,
    /// The bars.
    pub rows: Vec<BarRow>,
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct BarRow {
    /// What it is for.
    pub label: String,
    /// Its parts; `None` for what has no figure.
    pub parts: Vec<Option<u64>>,
}

/// One matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixPanel {
    /// What it holds for.
    pub heading: String,
    /// Number of rows, and of columns.
    pub side: usize,
    /// The cells, row by row; `None` for what is empty.
    pub cells: Vec<Option<u64>>,
}

impl SeriesPoint {
    /// A point without an interval.
    #[must_use]
    pub fn exact(at: f64, value: f64) -> Self {
        SeriesPoint { at, value, low: value, high: value }
    }
}

impl Scale {
    /// A number for a reader.
    fn show(&self, value: f64) -> String {
        match self.words.get(value as usize) {
            Some(word) => word.clone(),
            None if self.unit == Unit::Probability => probability(value),
            None if value.fract() == 0.0 && value >= 0.0 => self.unit.show(value as u64),
            None => self.unit.tick(value),
        }
    }

    /// A number for a program; whole ones as integers.
    fn raw(&self, value: f64) -> Value {
        match self.words.get(value as usize) {
            Some(word) => word.as_str().into(),
            None if value.fract() == 0.0 && (0.0..1.8e19).contains(&value) => (value as u64).into(),
            None => value.into(),
        }
    }

    /// The heading of a column, with the unit.
    fn column(&self, name: &str) -> String {
        match self.unit.suffix() {
            suffix if suffix.is_empty() || !self.words.is_empty() => name.to_owned(),
            suffix => format!("{name}_{suffix}"),
        }
    }
}

impl Data {
    /// One row for each point, part or cell: raw numbers, units in the headings.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let mut frame = Frame::default();
        match self {
            Data::Lines { level, upright, series } => {
                for (line, point) in
                    series.iter().flat_map(|s| s.points.iter().map(move |p| (s, p)))
                {
                    let figure = |name, value| (upright.column(name), upright.raw(value));
                    frame.push(vec![
                        ("series".to_owned(), line.label.as_str().into()),
                        (level.column(&level.name), level.raw(point.at)),
                        figure("value", point.value),
                        figure("low", point.low),
                        figure("high", point.high),
                    ]);
                }
            }
            Data::Bars { value, rows, parts, panels, .. } => {
                for (panel, row) in panels.iter().flat_map(|p| p.rows.iter().map(move |r| (p, r))) {
                    for (part, figure) in parts.iter().zip(&row.parts) {
                        frame.push(vec![
                            ("panel".to_owned(), panel.heading.as_str().into()),
                            (rows.clone(), row.label.as_str().into()),
                            ("part".to_owned(), part.as_str().into()),
                            (value.column("value"), figure.map_or(Value::Null, Value::from)),
                        ]);
                    }
                }
            }
            Data::Matrix { value, rows, columns, panels } => {
                for (panel, at) in
                    panels.iter().flat_map(|p| (0..p.cells.len()).map(move |c| (p, c)))
                {
                    let figure = panel.cells[at];
                    frame.push(vec![
                        ("panel".to_owned(), panel.heading.as_str().into()),
                        (rows.clone(), (at / panel.side.max(1)).into()),
                        (columns.clone(), (at % panel.side.max(1)).into()),
                        (value.column("value"), figure.map_or(Value::Null, Value::from)),
                    ]);
                }
            }
            Data::Table(table) => return table.clone(),
        }
        frame
    }

    /// A table for readers.
    #[must_use]
    pub fn sheet(&self, title: &str, note: &str) -> Sheet {
        let (columns, blocks) = match self {
            Data::Lines { level, upright, series } => lines(level, upright, series),
            Data::Bars { value, rows, parts, panels, .. } => bars(value, rows, parts, panels),
            Data::Matrix { value, rows, columns, panels } => {
                matrix(value, &format!("{rows}, {columns}"), panels)
            }
            Data::Table(frame) => flat(frame),
        };
        let columns: Vec<(&str, Align)> = columns
            .iter()
            .enumerate()
            .map(|(at, name)| (name.as_str(), if at == 0 { Align::Left } else { Align::Right }))
            .collect();
        Sheet {
            title: title.to_owned(),
            section_header: String::new(),
            groups: vec![ColumnGroup::new("", &columns)],
            blocks,
            notes: vec![note.to_owned()],
        }
    }
}

fn block(heading: &str, rows: Vec<Vec<String>>) -> Block {
    let rows = rows.into_iter().map(|row| vec![Cells::Each(row)]).collect();
    let sections = vec![Section { name: String::new(), rows }];
    Block { heading: heading.to_owned(), sections, remarks: Vec::new() }
}

/// Headings of the columns, and the rows in blocks.
type Table = (Vec<String>, Vec<Block>);

const NONE: &str = "–";

fn lines(level: &Scale, upright: &Scale, series: &[Series]) -> Table {
    let mut places: Vec<f64> = series.iter().flat_map(|s| s.points.iter().map(|p| p.at)).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let heads = std::iter::once(level.name.clone()).chain(series.iter().map(|s| s.label.clone()));
    // Both zeros are one place.
    let place_of = |at: f64| (at + 0.0).to_bits();
    let known: Vec<BTreeMap<u64, f64>> = series
        .iter()
        .map(|line| line.points.iter().rev().map(|one| (place_of(one.at), one.value)).collect())
        .collect();
    let cell = |line: &BTreeMap<u64, f64>, place: f64| {
        let value = line.get(&place_of(place));
        value.map_or(NONE.to_owned(), |value| upright.show(*value))
    };
    let row = |place: &f64| {
        let cells = known.iter().map(|line| cell(line, *place));
        std::iter::once(level.show(*place)).chain(cells).collect()
    };
    (heads.collect(), vec![block("", places.iter().map(row).collect())])
}

fn bars(value: &Scale, rows: &str, parts: &[String], panels: &[BarPanel]) -> Table {
    let heads = std::iter::once(rows.to_owned()).chain(parts.iter().cloned()).collect();
    let cell = |part: &Option<u64>| part.map_or(NONE.to_owned(), |part| value.unit.show(part));
    let row = |row: &BarRow| {
        std::iter::once(row.label.clone()).chain(row.parts.iter().map(cell)).collect()
    };
    let panel = |panel: &BarPanel| block(&panel.heading, panel.rows.iter().map(row).collect());
    (heads, panels.iter().map(panel).collect())
}

fn matrix(value: &Scale, corner: &str, panels: &[MatrixPanel]) -> Table {
    let side = panels.iter().map(|panel| panel.side).max().unwrap_or(0);
    let heads = std::iter::once(corner.to_owned()).chain((0..side).map(|at| at.to_string()));
    let row = |panel: &MatrixPanel, at: usize| {
        let cell = |column: usize| {
            let within = column < panel.side;
            let cell = panel.cells.get(at * panel.side + column).filter(|_| within);
            cell.copied().flatten().map_or(NONE.to_owned(), |cell| value.unit.show(cell))
        };
        std::iter::once(at.to_string()).chain((0..side).map(cell)).collect()
    };
    let panel = |panel: &MatrixPanel| {
        block(&panel.heading, (0..panel.side).map(|at| row(panel, at)).collect())
    };
    (heads.collect(), panels.iter().map(panel).collect())
}

fn flat(frame: &Frame) -> Table {
    let cell = |value: &Value| match value {
        Value::Null => NONE.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rows = frame.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    (frame.columns.clone(), vec![block("", rows)])
}
