use serde_json::{Map, Value};
use tabled::builder::Builder;
use tabled::settings::peaker::Priority;
use tabled::settings::{Style, Width};

use super::{ExportError, Format};

/// Plain rows of text under headings: what there is, not what was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Listing {
    /// Every row has as many cells as there are headings.
    pub fn new(headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        let headers = headers.iter().map(|header| (*header).to_owned()).collect();
        Listing { headers, rows: rows.into_iter().collect() }
    }

    /// The list as text; a terminal of `width` columns wraps the widest cells. LaTeX has no lists:
    /// it reads as Markdown.
    ///
    /// # Errors
    /// [`ExportError`] if a value has no form in the format.
    pub fn write(&self, format: Format, width: usize) -> Result<String, ExportError> {
        match format {
            Format::Table | Format::Markdown | Format::Latex => Ok(self.aligned(format, width)),
            Format::Csv => {
                let mut writer = ::csv::Writer::from_writer(Vec::new());
                writer.write_record(&self.headers)?;
                for row in &self.rows {
                    writer.write_record(row)?;
                }
                let bytes = writer.into_inner().map_err(|error| error.into_error())?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            Format::Json => {
                let object = |row: &Vec<String>| -> Value {
                    let cells = self.headers.iter().zip(row);
                    let cells = cells.map(|(key, cell)| (key.clone(), Value::from(cell.as_str())));
                    Value::Object(cells.collect::<Map<_, _>>())
                };
                let rows: Vec<Value> = self.rows.iter().map(object).collect();
                Ok(serde_json::to_string_pretty(&rows)? + "\n")
            }
        }
    }

    fn aligned(&self, format: Format, width: usize) -> String {
        let mut builder = Builder::default();
        builder.push_record(&self.headers);
        self.rows.iter().for_each(|row| builder.push_record(row));
        let mut table = builder.build();
        if format == Format::Table {
            table.with(Style::sharp());
            table.with(Width::wrap(width).priority(Priority::max(true)).keep_words(true));
        } else {
            table.with(Style::markdown());
        }
        format!("{table}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let rows = [["max", "the largest value"], ["sum", "the sum, of all"]];
        Listing::new(&["name", "about"], rows.map(|row| row.map(str::to_owned).to_vec()))
    }

    #[test]
    fn lists_in_every_format() {
        let write = |format| listing().write(format, 100).expect("writes");
        assert_eq!(
            write(Format::Csv),
            "name,about\nmax,the largest value\nsum,\"the sum, of all\"\n"
        );
        assert!(write(Format::Json).contains("\"about\": \"the largest value\""));
        assert!(write(Format::Markdown).starts_with("| name | about             |\n|---"));
        assert!(write(Format::Table).contains("│ max  │ the largest value │"));
    }

    #[test]
    fn a_narrow_terminal_wraps_words() {
        let text = listing().write(Format::Table, 20).expect("writes");
        assert!(text.lines().all(|line| line.chars().count() <= 20), "{text}");
    }
}
