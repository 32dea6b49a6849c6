//! Tables as text, one exporter for each format.

mod csv;
mod json;
mod latex;
mod listing;
mod markdown;
#[cfg(feature = "parquet")]
mod parquet;
mod runs;
mod terminal;

use std::fmt;
use std::str::FromStr;

pub(crate) use latex::escape as latex_escape;
pub use listing::Listing;
#[cfg(feature = "parquet")]
pub use parquet::results_parquet;
pub use runs::{NamedFrame, results, results_csv};

use crate::battery::{self, Battery, BatteryError, Layout};
use crate::compare::{self, Gate};
use crate::plot::Figure;
use crate::ranking::Ranking;
use crate::table::{self, Comparison, Frame, ScopeTable, Sheet};

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
    /// A table as Parquet.
    #[cfg(feature = "parquet")]
    #[error("writing Parquet: {0}")]
    Parquet(String),
    /// A battery as JSON.
    #[error(transparent)]
    Battery(#[from] BatteryError),
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

/// The ranking in a format; `width` is the terminal's, in columns, and matters only there. CSV and
/// JSON have the places; geometric means follow from them.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format.
pub fn ranking(ranking: &Ranking<'_>, format: Format, width: usize) -> Result<String, ExportError> {
    match format {
        Format::Csv => csv::write(&table::ranking_frame(ranking)),
        Format::Json => json::write(&table::ranking_frame(ranking)),
        Format::Table | Format::Markdown | Format::Latex => {
            let sheets = table::ranking_sheets(ranking);
            let texts: Vec<String> = sheets.iter().map(|one| text(one, format, width)).collect();
            Ok(texts.join("\n"))
        }
    }
}

/// A comparison with a baseline in a format; `width` is the terminal's, in columns, and matters
/// only there. CSV and JSON have every finding.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format.
pub fn gate(gate: &Gate, format: Format, width: usize) -> Result<String, ExportError> {
    write(|| compare::sheet(gate), || compare::frame(gate), format, width)
}

/// The numbers of a figure in a format; `width` is the terminal's, in columns, and matters only
/// there.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format.
pub fn figure(figure: &Figure, format: Format, width: usize) -> Result<String, ExportError> {
    let sheet = || figure.data.sheet(&figure.title, &figure.caption);
    write(sheet, || figure.data.frame(), format, width)
}

/// An attack battery in a format; `width` is the terminal's, in columns, and matters only there.
///
/// Formats for readers have everything: the matrix, the worst of each guarantee, the grid, the tests of privacy
/// and the soundness curves. CSV has the grid alone; [`privacy`] and [`soundness`] have the rest.
/// JSON is the battery itself.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format, or the battery contradicts itself.
pub fn battery(battery: &Battery, format: Format, width: usize) -> Result<String, ExportError> {
    match format {
        Format::Json => return Ok(battery.to_json()?),
        Format::Csv => return csv::write(&battery::frame(battery)),
        Format::Table | Format::Markdown | Format::Latex => {}
    }
    let longest = longest(format, width);
    let mut sheets = vec![battery::matrix(battery), battery::overview(battery)];
    sheets.extend(grid(battery, format, width));
    if !battery.privacy.is_empty() {
        sheets.push(battery::privacy_sheet(battery, longest));
    }
    if !battery.soundness.is_empty() {
        sheets.push(battery::soundness_sheet(battery, longest));
    }
    let texts: Vec<String> = sheets.iter().map(|sheet| text(sheet, format, width)).collect();
    Ok(texts.join("\n"))
}

/// The grid with the attacks across where that fits, and down where it does not.
fn grid(battery: &Battery, format: Format, width: usize) -> Vec<Sheet> {
    let longest = longest(format, width);
    let across = battery::sheets(battery, Layout::AttacksAcross, longest);
    let fits = |sheet: &Sheet| format == Format::Table && terminal::fits(sheet, width);
    if across.iter().all(fits) {
        return across;
    }
    battery::sheets(battery, Layout::AttacksDown, longest)
}

/// Characters of a name that leave room for one column of marks beside it in a terminal.
fn longest(format: Format, width: usize) -> usize {
    if format == Format::Table { width.saturating_sub(34).clamp(12, 36) } else { usize::MAX }
}

/// The tests of privacy in a format; `width` is the terminal's, in columns, and matters only there.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format.
pub fn privacy(battery: &Battery, format: Format, width: usize) -> Result<String, ExportError> {
    let sheet = || battery::privacy_sheet(battery, longest(format, width));
    write(sheet, || battery::privacy_frame(battery), format, width)
}

/// The soundness curves in a format; `width` is the terminal's, in columns, and matters only there.
///
/// # Errors
/// [`ExportError`] if a value has no form in the format.
pub fn soundness(battery: &Battery, format: Format, width: usize) -> Result<String, ExportError> {
    let sheet = || battery::soundness_sheet(battery, longest(format, width));
    write(sheet, || battery::soundness_frame(battery), format, width)
}

fn write(
    sheet: impl Fn() -> Sheet,
    frame: impl Fn() -> Frame,
    format: Format,
    width: usize,
) -> Result<String, ExportError> {
    match format {
        Format::Table | Format::Markdown | Format::Latex => Ok(text(&sheet(), format, width)),
        Format::Csv => csv::write(&frame()),
        Format::Json => json::write(&frame()),
    }
}

/// A table for readers: LaTeX or Markdown where asked for, otherwise for a terminal.
fn text(sheet: &Sheet, format: Format, width: usize) -> String {
    match format {
        Format::Latex => latex::write(sheet),
        Format::Markdown => markdown::write(sheet),
        Format::Table | Format::Csv | Format::Json => terminal::write(sheet, width),
    }
}
