//! Which columns a table has, and where their values stand in its rows.

use csv::StringRecord;

use super::PARTY;
use crate::number;
use crate::resolve::inputs::{NO_BRACKETS, has_brackets};

/// Largest number of columns.
const MAX_COLUMNS: usize = 4096;

/// What pandas calls an index that was written without a name and read again.
const PANDAS_INDEX: &str = "Unnamed: 0";

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    /// Position in a row.
    pub(super) position: usize,
}

/// What is wrong with a header: at a column, or as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) column: Option<usize>,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// The columns of a table, and how many fields its rows need.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) named: Vec<Named>,
    pub(super) width: usize,
}

impl Columns {
    /// Reads a header. Columns at the end that have neither name nor values are left out, and so is
    /// a first one without a name that only counts the rows, as data frames have it. `is_quoted`
    /// says whether the first name stands in quotes.
    pub(super) fn of(
        header: &StringRecord,
        rows: &[StringRecord],
        is_quoted: bool,
    ) -> Result<Self, Wrong> {
        if header.len() > MAX_COLUMNS {
            let message =
                format!("there may be at most {MAX_COLUMNS} columns, not {}", header.len());
            return Err(Wrong { column: None, message, help: "" });
        }
        let is_blank = |column: usize| {
            rows.iter().all(|row| row.get(column).is_none_or(|field| text_of(field).is_empty()))
        };
        let mut len = header.len();
        while len > 1 && text_of(&header[len - 1]).is_empty() && is_blank(len - 1) {
            len -= 1;
        }
        // R leaves out the name of the index together with its separator, and quotes all names;
        // without quotes, rows that are longer may be of decimal commas.
        let is_longer = is_quoted && rows.iter().all(|row| row.len() == len + 1);
        let shift = usize::from(is_longer && counts_rows(rows) && !is_blank(len));
        let mut named: Vec<Named> = Vec::new();
        for (index, name) in header.iter().take(len).map(text_of).enumerate() {
            let is_index = shift == 0 && index == 0 && (name.is_empty() || name == PANDAS_INDEX);
            if is_index && len > 1 && counts_rows(rows) {
                continue;
            }
            if let Some(wrong) = wrong_name(&named, index, name) {
                return Err(wrong);
            }
            named.push(Named { name: name.to_owned(), position: index + shift });
        }
        if matches!(&named[..], [only] if only.name == PARTY) {
            let message = "there must be a column beside `party`".to_owned();
            return Err(Wrong { column: None, message, help: "" });
        }
        Ok(Columns { named, width: len + shift })
    }
}

fn wrong_name(known: &[Named], index: usize, name: &str) -> Option<Wrong> {
    let (message, help) = match name {
        "" if index == 0 => (
            "a column needs a name",
            "an index is left out only if it counts the rows from 0 or 1; remove or name this one",
        ),
        "" => ("a column needs a name", ""),
        _ if has_brackets(name) => (NO_BRACKETS, ""),
        _ if number::is_number(name) => ("the first row must hold the names of columns", ""),
        _ if known.iter().any(|other| other.name == name) => ("columns need distinct names", ""),
        _ => return None,
    };
    Some(Wrong { column: Some(index), message: message.to_owned(), help })
}

/// Whether the first fields are 0, 1, 2, and so on, or 1, 2, 3.
fn counts_rows(rows: &[StringRecord]) -> bool {
    let first = |row: &StringRecord| row.get(0).and_then(|field| text_of(field).parse().ok());
    let Some(start @ (0 | 1)) = rows.first().and_then(first) else { return false };
    rows.iter().zip(start..).all(|(row, wanted): (_, usize)| first(row) == Some(wanted))
}

/// A field's text without spaces around, and without quotes that a space kept from being read.
pub(super) fn text_of(field: &str) -> &str {
    let field = field.trim();
    let inner = field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map_or(field, str::trim)
}
