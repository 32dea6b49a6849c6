//! Tables as text, one exporter for each format.

mod csv;
mod json;
mod latex;
mod listing;
mod markdown;
mod terminal;

use std::fmt;
use std::str::FromStr;

pub use listing::Listing;

use crate::table::{Comparison, Frame, ScopeTable, Sheet};

/// What a table is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Aligned text for a terminal.
    #[default]
    Table,
    /// GitHub-flavoured Markdown.
    Markdown,
    /// Comma-separated values with raw integers.
    Csv,
    /// JSON with raw integers.
    Json,
    /// A LaTeX table that needs the package `booktabs`.
    Latex,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] =
        [Format::Table, Format::Markdown, Format::Csv, Format::Json, Format::Latex];

    /// Name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Markdown => "markdown",
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Latex => "latex",
        }
    }

    /// Ending of a file in this format, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Table => "txt",
            Format::Markdown => "md",
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Latex => "tex",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    /// # Errors
    /// A sentence that says what is allowed.
    fn from_str(text: &str) -> Result<Self, String> {
        Format::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| {
            let names = Format::ALL.map(Format::name).join(", ");
            format!("`{text}` is no format; there are {names}")
        })
    }
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// As CSV.
    #[error("writing CSV: {0}")]
    Csv(#[from] ::csv::Error),
    /// As CSV, at the end.
    #[error("writing CSV: {0}")]
    Io(#[from] std::io::Error),
    /// As JSON.
    #[error("writing JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The comparison in a format; `width` is the terminal's, in columns, and matters only there.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format.
pub fn comparison(
    comparison: &Comparison<'_>,
    format: Format,
    width: usize,
) -> Result<String, ExportError> {
    write(|| comparison.sheet(), || comparison.frame(), format, width)
}

/// The figures by scope in a format; `width` is the terminal's, in columns, and matters only there.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format.
pub fn scopes(
    scopes: &ScopeTable<'_>,
    format: Format,
    width: usize,
) -> Result<String, ExportError> {
    write(|| scopes.sheet(), || scopes.frame(), format, width)
}

fn write(
    sheet: impl Fn() -> Sheet,
    frame: impl Fn() -> Frame,
    format: Format,
    width: usize,
) -> Result<String, ExportError> {
    match format {
        Format::Table => Ok(terminal::write(&sheet(), width)),
        Format::Markdown => Ok(markdown::write(&sheet())),
        Format::Latex => Ok(latex::write(&sheet())),
        Format::Csv => csv::write(&frame()),
        Format::Json => json::write(&frame()),
    }
}
