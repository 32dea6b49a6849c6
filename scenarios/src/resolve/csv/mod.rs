//! Input tables in CSV files, as spreadsheets, data frames and people write them.

mod dialect;
mod header;

use std::collections::BTreeMap;

use csv::StringRecord;

pub(crate) use self::dialect::field_span;
use self::dialect::{Dialect, unclosed_quote};
use self::header::{Columns, Named, text_of};
use super::inputs::{Column, GivenInputs, Origin, check_parties};
use crate::mistake::Mistake;
use crate::number;
use crate::path::KeyPath;
use crate::source::Source;

/// Largest CSV file, bytes.
pub const MAX_CSV_BYTES: u64 = 16 << 20;

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
    let dialect = Dialect::of(&text);
    if let Some(at) = unclosed_quote(&text[dialect.skipped_bytes..], dialect.separator) {
        let at = dialect.skipped_bytes + at;
        let message = "a quote opens and never closes";
        return Err(vec![Mistake::in_text(
            file,
            at..at + 1,
            message,
            "all that follows is one field",
        )]);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(u8::try_from(dialect.separator).unwrap_or(b','))
        .from_reader(&text.as_bytes()[dialect.skipped_bytes..]);
    let rows: Result<Vec<StringRecord>, csv::Error> = reader.records().collect();
    let mut rows = rows
        .map_err(|error| vec![Mistake::new(at, "cannot read the CSV file", error.to_string())])?;
    while rows.last().is_some_and(is_blank) {
        rows.pop();
    }
    let Some((header, rows)) = rows.split_first() else {
        return Err(vec![Mistake::new(at, "the CSV file is empty", "needs a header row")]);
    };
    let mut table = Table { file, text: &text, dialect, point: None, mistakes: Vec::new() };
    let is_quoted = text[dialect.skipped_bytes..].trim_start().starts_with('"');
    let columns = Columns::of(header, rows, is_quoted).map_err(|wrong| {
        let line = table.line(header);
        let span = field_span(&text, line, wrong.column);
        let mistake = Mistake::in_text(file, span, wrong.message, "in the header row");
        vec![if wrong.help.is_empty() { mistake } else { mistake.help(wrong.help) }]
    })?;
    let mut parties = vec![BTreeMap::new(); input_parties];
    for (index, row) in rows.iter().enumerate() {
        if let Some(party) = table.party_of(&columns, row, index, input_parties) {
            table.add(&columns.named, row, &mut parties[party]);
        }
    }
    let mut mistakes = table.mistakes();
    if mistakes.is_empty() {
        mistakes.extend(check_parties(&parties, 0, at).err());
    }
    match mistakes.is_empty() {
        true => Ok(GivenInputs { parties, origin: Origin::Csv { file } }),
        false => Err(mistakes),
    }
}

fn is_blank(row: &StringRecord) -> bool {
    row.iter().all(|field| text_of(field).is_empty())
}

/// A file while its rows are read.
struct Table<'a> {
    file: usize,
    text: &'a str,
    dialect: Dialect,
    /// The first decimal point that was met, or decimal comma.
    point: Option<char>,
    /// The first mistake of each kind.
    mistakes: Vec<Kind>,
}

/// Mistakes of one kind, which would only repeat each other.
struct Kind {
    /// What tells it from others.
    name: String,
    first: Mistake,
    more: usize,
    last_line: u64,
}

impl Table<'_> {
    /// Which input party a row belongs to.
    fn party_of(
        &mut self,
        columns: &Columns,
        row: &StringRecord,
        index: usize,
        input_parties: usize,
    ) -> Option<usize> {
        let Columns { named, width } = columns;
        let surplus = row.iter().skip(*width).any(|field| !text_of(field).is_empty());
        if row.len() < *width || surplus {
            let message = "a row needs a value for each column";
            let label = format!("values: {}, columns: {width}", row.len());
            let help = format!("the separator is {}", self.dialect.shown());
            self.mistake(row, None, message, message, label, &help);
            return None;
        }
        let column = named.iter().find(|column| column.name == PARTY);
        let wanted = match column {
            None => Some(index),
            Some(column) => whole(text_of(&row[column.position])),
        };
        if let Some(party) = wanted.filter(|party| *party < input_parties) {
            return Some(party);
        }
        let (message, label) = match column {
            None => (
                format!("there are only {input_parties} input parties"),
                "this row belongs to nobody".to_owned(),
            ),
            Some(_) => (
                "this is no input party".to_owned(),
                format!("input parties are 0 to {}", input_parties.saturating_sub(1)),
            ),
        };
        self.mistake(row, column.map(|column| column.position), &message, &message, label, "");
        None
    }

    /// Adds a row's values to those of its party.
    fn add(&mut self, named: &[Named], row: &StringRecord, party: &mut BTreeMap<String, Column>) {
        let line = self.line(row);
        for Named { name, position } in named.iter().filter(|column| column.name != PARTY) {
            match self.number(text_of(&row[*position])) {
                Ok(value) => {
                    let column = party.entry(name.clone()).or_default();
                    column.values.push(value);
                    column.is_list = column.values.len() > 1;
                    column.lines.push(line);
                    column.index = *position;
                }
                Err(why) => {
                    let message = format!("bad value in column `{name}`");
                    self.mistake(row, Some(*position), why, &message, why.to_owned(), "");
                }
            }
        }
    }

    /// A value in plain form. Where `;` separates the fields, a comma is a decimal point, but not
    /// beside real ones, of which nobody knows whether they group digits.
    fn number(&mut self, text: &str) -> Result<String, &'static str> {
        let commas = text.matches(',').count();
        let takes_commas = self.dialect.separator == ';';
        let is_comma = takes_commas && commas == 1 && !text.contains('.');
        if takes_commas && commas > 0 && !is_comma {
            return Err("digits may not be grouped; write `1000,5` or `1000.5`");
        }
        let value = match is_comma {
            true => number::plain(&text.replace(',', "."))?,
            false => number::plain(text)?,
        };
        let point = text.chars().find(|c| matches!(c, ',' | '.'));
        if point.is_some_and(|point| *self.point.get_or_insert(point) != point) {
            return Err("decimal points and decimal commas may not stand in one file");
        }
        Ok(value)
    }

    /// The line of a row, from 1. Its position is where the row before has ended, ahead of the rest
    /// of a line break and of empty lines.
    fn line(&self, row: &StringRecord) -> u64 {
        let Some(position) = row.position() else { return 1 };
        let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let from = from.saturating_add(self.dialect.skipped_bytes);
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let skipped = breaks.filter(|byte| **byte == b'\n').count() as u64;
        position.line() + skipped + self.dialect.skipped_lines
    }

    /// Notes a mistake, unless there was one of its kind.
    fn mistake(
        &mut self,
        row: &StringRecord,
        column: Option<usize>,
        kind: &str,
        message: &str,
        label: String,
        help: &str,
    ) {
        let line = self.line(row);
        if let Some(known) = self.mistakes.iter_mut().find(|known| known.name == kind) {
            known.more += 1;
            known.last_line = line;
            return;
        }
        let span = field_span(self.text, line, column);
        let first = Mistake::in_text(self.file, span, message, label);
        let first = if help.is_empty() { first } else { first.help(help) };
        self.mistakes.push(Kind { name: kind.to_owned(), first, more: 0, last_line: line });
    }

    /// One mistake of each kind, with how many more there are.
    fn mistakes(self) -> Vec<Mistake> {
        let told = |Kind { first, more, last_line, .. }: Kind| match more {
            0 => first,
            more => first.help(format!("{more} more of this kind, the last in line {last_line}")),
        };
        self.mistakes.into_iter().map(told).collect()
    }
}

/// A party's number; data frames write one as `1.0` where another row has none.
fn whole(text: &str) -> Option<usize> {
    let plain = number::plain(text).ok()?;
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    if fraction.bytes().any(|digit| digit != b'0') {
        return None;
    }
    whole.parse().ok()
}
