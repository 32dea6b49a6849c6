//! Input tables in CSV files.

use std::collections::BTreeMap;

use super::inputs::{Column, GivenInputs, NO_BRACKETS, Origin, check_parties, has_brackets};
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::source::Source;
use crate::units;

/// Largest CSV file, bytes.
pub const MAX_CSV_BYTES: u64 = 16 << 20;

/// Largest number of columns.
const MAX_COLUMNS: usize = 4096;

/// The column that says which input party a row belongs to.
const PARTY: &str = "party";

/// Reads a table; `at` is the key that names the file.
pub(crate) fn read(
    source: &Source,
    file: usize,
    at: &KeyPath,
    input_parties: usize,
) -> Result<GivenInputs, Vec<Mistake>> {
    let text = source.text(file);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = reader.records().map(|row| {
        row.map_err(|error| vec![Mistake::new(at, "cannot read the CSV file", error.to_string())])
    });
    let Some(header) = rows.next().transpose()? else {
        return Err(vec![Mistake::new(at, "the CSV file is empty", "needs a header row")]);
    };
    let names = header_names(&header, file, &text)?;
    let mut table = Table { file, text: &text, mistakes: Vec::new() };
    let mut parties = vec![BTreeMap::new(); input_parties];
    for (index, row) in rows.enumerate() {
        let row = row?;
        if let Some(party) = table.party_of(&names, &row, index, input_parties) {
            table.add(&names, &row, &mut parties[party]);
        }
        if table.mistakes.len() >= MAX_MISTAKES {
            break;
        }
    }
    if table.mistakes.is_empty() {
        table.mistakes.extend(check_parties(&parties, at).err());
    }
    match table.mistakes.is_empty() {
        true => Ok(GivenInputs { parties, origin: Origin::Csv { file } }),
        false => Err(table.mistakes),
    }
}

/// Mistakes that are reported of one table.
const MAX_MISTAKES: usize = 10;

/// A file while its rows are read.
struct Table<'a> {
    file: usize,
    text: &'a str,
    mistakes: Vec<Mistake>,
}

impl Table<'_> {
    /// Which input party a row belongs to.
    fn party_of(
        &mut self,
        names: &[String],
        row: &csv::StringRecord,
        index: usize,
        input_parties: usize,
    ) -> Option<usize> {
        if row.len() != names.len() {
            let message = "a row needs a value for each column";
            let label = format!("values: {}, columns: {}", row.len(), names.len());
            self.mistake(row, None, message, label);
            return None;
        }
        let column = names.iter().position(|name| name == PARTY);
        let wanted = match column {
            None => Some(index),
            Some(column) => row[column].parse().ok(),
        };
        if let Some(party) = wanted.filter(|party| *party < input_parties) {
            return Some(party);
        }
        let message = match column {
            None => format!("there are only {input_parties} input parties"),
            Some(_) => "this is no input party".to_owned(),
        };
        let label = match column {
            None => "this row belongs to nobody".to_owned(),
            Some(_) => format!("input parties are 0 to {}", input_parties.saturating_sub(1)),
        };
        self.mistake(row, column, &message, label);
        None
    }

    /// Adds a row's values to those of its party.
    fn add(
        &mut self,
        names: &[String],
        row: &csv::StringRecord,
        party: &mut BTreeMap<String, Column>,
    ) {
        let line = row.position().map_or(0, csv::Position::line);
        for (index, (name, value)) in names.iter().zip(row).enumerate() {
            if name == PARTY {
                continue;
            }
            if !units::is_decimal(value) {
                let label = match value {
                    "" => "there is no value".to_owned(),
                    _ => "this is no decimal number".to_owned(),
                };
                self.mistake(row, Some(index), &format!("bad value in column `{name}`"), label);
                continue;
            }
            let column = party.entry(name.clone()).or_default();
            column.values.push(value.to_owned());
            column.is_list = column.values.len() > 1;
            column.lines.push(line);
            column.index = index;
        }
    }

    fn mistake(
        &mut self,
        row: &csv::StringRecord,
        column: Option<usize>,
        message: &str,
        label: String,
    ) {
        let line = row.position().map_or(1, csv::Position::line);
        let span = field_span(self.text, line, column);
        self.mistakes.push(Mistake::in_text(self.file, span, message, label));
    }
}

fn header_names(
    header: &csv::StringRecord,
    file: usize,
    text: &str,
) -> Result<Vec<String>, Vec<Mistake>> {
    if header.len() > MAX_COLUMNS {
        let message = format!("there may be at most {MAX_COLUMNS} columns");
        let label = format!("these are {}", header.len());
        return Err(vec![Mistake::in_text(file, field_span(text, 1, None), message, label)]);
    }
    let mut names: Vec<String> = Vec::new();
    for (index, name) in header.iter().enumerate() {
        let wrong = match name {
            "" => Some("a column needs a name"),
            _ if has_brackets(name) => Some(NO_BRACKETS),
            _ if units::is_decimal(name) => Some("the first row must hold the names of columns"),
            _ if names.iter().any(|known| known == name) => Some("columns need distinct names"),
            _ => None,
        };
        if let Some(message) = wrong {
            let line = header.position().map_or(1, csv::Position::line);
            let span = field_span(text, line, Some(index));
            return Err(vec![Mistake::in_text(file, span, message, "in the header row")]);
        }
        names.push(name.to_owned());
    }
    if names == [PARTY] {
        let span = field_span(text, 1, None);
        let message = "there must be a column beside `party`";
        return Err(vec![Mistake::in_text(file, span, message, "in the header row")]);
    }
    Ok(names)
}

/// Where a field stands, in bytes; the whole line without a column. Fields that hold quoted commas
/// are not told apart: then it is the line, too.
pub(crate) fn field_span(text: &str, line: u64, column: Option<usize>) -> std::ops::Range<usize> {
    let skipped = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut start = 0;
    let mut whole = "";
    for (index, found) in text.split_inclusive('\n').enumerate() {
        whole = found.trim_end();
        if index == skipped {
            break;
        }
        start += found.len();
    }
    let start = start.min(text.len());
    let Some(column) = column.filter(|_| !whole.contains('"')) else {
        return start..start + whole.len();
    };
    let mut from = start;
    for (index, field) in whole.split(',').enumerate() {
        if index == column {
            let leading = field.len() - field.trim_start().len();
            return from + leading..from + leading + field.trim().len();
        }
        from += field.len() + 1;
    }
    start..start + whole.len()
}
