//! Tables of the page: the first rows as HTML, so that they are there without a script, the rest as
//! data, which the script of the page shows on demand.

use std::collections::BTreeSet;

use minijinja::context;
use minijinja::value::Value;
use serde_json::{Map, json};

use crate::table::{Align, Cells, Column, Row, Sheet};

/// A table for the template, and what of it is left to the script.
pub(super) struct Shown {
    pub(super) template: Value,
    pub(super) rest: serde_json::Value,
}

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq)]
struct RowPlace {
    block: usize,
    section: usize,
}

/// A table that the page's script sorts, filters and turns the pages of: at most `most` rows are
/// HTML. `series` knows the labels that rows may belong to, by their first cell.
pub(super) fn scripted(
    id: &str,
    sheet: &Sheet,
    most: usize,
    series: &BTreeSet<&str>,
    marked: &[&str],
) -> Shown {
    let mut places = Vec::new();
    for (at, block) in sheet.blocks.iter().enumerate() {
        for (number, section) in block.sections.iter().enumerate() {
            let place = RowPlace { block: at, section: number };
            places.extend(section.rows.iter().map(|row| (place, row)));
        }
    }
    let (first, rest) = places.split_at(places.len().min(most));
    let table = Table { sheet, series, marked };
    let rest = if rest.is_empty() { serde_json::Value::Null } else { table.packed(rest) };
    Shown { template: table.template(Some(id), first, places.len()), rest }
}

/// A table that is there as a whole.
pub(super) fn table(sheet: &Sheet) -> Value {
    let shown = scripted("", sheet, usize::MAX, &BTreeSet::new(), &[]);
    shown.template
}

struct Table<'a> {
    sheet: &'a Sheet,
    series: &'a BTreeSet<&'a str>,
    /// Headings of columns whose words are good or bad news.
    marked: &'a [&'a str],
}

impl Table<'_> {
    fn columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.sheet.groups.iter().flat_map(|group| group.columns.iter().enumerate())
    }

    fn template(&self, id: Option<&str>, rows: &[(RowPlace, &Row)], total: usize) -> Value {
        let sheet = self.sheet;
        let named = sheet.groups.iter().any(|group| !group.name.is_empty());
        let heads: Vec<Value> = sheet
            .groups
            .iter()
            .map(|group| context! { name => group.name.clone(), width => group.columns.len() })
            .collect();
        let columns = self.columns().map(|(at, column)| {
            context! {
                text => column.header.clone(),
                class => class(column.align, at),
                marked => self.is_marked(column),
            }
        });
        let mut blocks: Vec<Value> = Vec::new();
        for block in rows.chunk_by(|a, b| a.0.block == b.0.block) {
            let of = &sheet.blocks[block[0].0.block];
            let section = |section: &[(RowPlace, &Row)]| {
                let rows: Vec<Value> = section.iter().map(|(_, row)| self.row(row)).collect();
                context! { name => of.sections[section[0].0.section].name.clone(), rows => rows }
            };
            let sections = block.chunk_by(|a, b| a.0 == b.0).map(section).collect::<Vec<_>>();
            blocks.push(context! { heading => of.heading.clone(), sections => sections });
        }
        context! {
            id => id.filter(|id| !id.is_empty()),
            title => sheet.title.clone(),
            heads => named.then_some(heads),
            columns => columns.collect::<Vec<_>>(),
            width => sheet.width(),
            blocks => blocks,
            shown => rows.len(),
            total => total,
            notes => sheet.notes.clone(),
        }
    }

    fn is_marked(&self, column: &Column) -> bool {
        self.marked.contains(&column.header.as_str())
    }

    /// A row as the template draws it: cells with a class and a width in columns.
    fn row(&self, row: &Row) -> Value {
        let mut values: Vec<Value> = Vec::new();
        for (group, cells) in self.sheet.groups.iter().zip(row) {
            match cells {
                Cells::Each(texts) => {
                    for (at, (text, column)) in texts.iter().zip(&group.columns).enumerate() {
                        let mark = if self.is_marked(column) { mark(text) } else { "" };
                        let class = format!("{}{mark}", class(column.align, at));
                        let (text, head) = (text.clone(), values.is_empty());
                        values.push(context! { text, class, head, width => 1 });
                    }
                }
                Cells::Merged(text) => {
                    let (text, width) = (text.clone(), group.columns.len());
                    values.push(context! { text, class => "merged first", width });
                }
            }
        }
        context! { cells => values, series => self.series_of(row) }
    }

    /// The protocol that a row is of; a mark may follow its name.
    fn series_of(&self, row: &Row) -> Option<String> {
        let Some(Cells::Each(texts)) = row.first() else { return None };
        let text = texts.iter().find(|text| {
            self.series.contains(text.as_str()) || self.series.contains(unmarked(text))
        })?;
        let exact = self.series.contains(text.as_str());
        Some(if exact { text.clone() } else { unmarked(text).to_owned() })
    }

    /// Rows by column, repeated texts once.
    fn packed(&self, rows: &[(RowPlace, &Row)]) -> serde_json::Value {
        let sheet = self.sheet;
        let blocks = rows.iter().map(|(place, _)| Some(sheet.blocks[place.block].heading.clone()));
        let sections = rows
            .iter()
            .map(|(place, _)| Some(sheet.blocks[place.block].sections[place.section].name.clone()));
        let series = rows.iter().map(|(_, row)| self.series_of(row));
        let cells: Vec<Vec<Option<String>>> =
            rows.iter().map(|(_, row)| flat_row(sheet, row)).collect();
        let column = |at: usize| column(cells.iter().map(|row| row[at].clone()).collect());
        let columns: Vec<serde_json::Value> = (0..sheet.width()).map(column).collect();
        let mut table = Map::new();
        table.insert("block".to_owned(), self::column(blocks.collect()));
        table.insert("section".to_owned(), self::column(sections.collect()));
        table.insert("series".to_owned(), self::column(series.collect()));
        table.insert("columns".to_owned(), columns.into());
        table.into()
    }
}

fn unmarked(text: &str) -> &str {
    text.strip_suffix('*').unwrap_or(text)
}

/// One text for each column; `None` where the one before goes on.
fn flat_row(sheet: &Sheet, row: &Row) -> Vec<Option<String>> {
    let mut flat = Vec::with_capacity(sheet.width());
    for (group, cells) in sheet.groups.iter().zip(row) {
        let width = group.columns.len();
        match cells {
            Cells::Each(texts) => {
                flat.extend((0..width).map(|at| Some(texts.get(at).cloned().unwrap_or_default())));
            }
            Cells::Merged(text) => {
                flat.push(Some(text.clone()));
                flat.extend(std::iter::repeat_n(None, width.saturating_sub(1)));
            }
        }
    }
    flat
}

/// A column; if few texts make it up, each of them once, and their numbers.
fn column(texts: Vec<Option<String>>) -> serde_json::Value {
    let distinct: BTreeSet<&Option<String>> = texts.iter().collect();
    if distinct.len() * 2 > texts.len() {
        return json!(texts);
    }
    let distinct: Vec<&Option<String>> = distinct.into_iter().collect();
    let numbers: Vec<usize> =
        texts.iter().map(|text| distinct.binary_search(&text).unwrap_or(0)).collect();
    json!({ "texts": distinct, "rows": numbers })
}

fn class(align: Align, place_in_group: usize) -> &'static str {
    match (align, place_in_group) {
        (Align::Left, _) => "name",
        (Align::Right, 0) => "figure first",
        (Align::Right, _) => "figure",
    }
}

/// What a word in a marked column is; the page's script has the same list.
fn mark(text: &str) -> &'static str {
    match text {
        "ok" | "agrees" | "held" => " good",
        "wrong" | "aborted" | "stalled" | "limit" | "error" | "bug" | "differs" | "VIOLATED" => {
            " bad"
        }
        _ => "",
    }
}
