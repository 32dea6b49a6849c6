use serde_json::{Map, Value};
use tabled::builder::Builder;
use tabled::settings::Style;

use super::{ExportError, Format, terminal};

/// Plain rows of text under headings: what there is, not what was measured. Lines within a cell
/// stay lines in a terminal, and are joined by semicolons elsewhere.
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

    /// The list as text; a terminal of `width` columns wraps the widest cells at words, and where
    /// not even single words fit beside each other, cells stand below each other. LaTeX has no
    /// lists: it reads as Markdown.
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
                    writer
                        .write_record(row.iter().map(|cell| mpclab_files::cell(&joined(cell))))?;
                }
                let bytes = writer.into_inner().map_err(|error| error.into_error())?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            Format::Json => {
                let object = |row: &Vec<String>| -> Value {
                    let cells = self.headers.iter().zip(row);
                    let cells = cells.map(|(key, cell)| (key.clone(), Value::from(joined(cell))));
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
        if format != Format::Table {
            let joined = |row: &Vec<String>| row.iter().map(|cell| joined(cell)).collect();
            self.rows.iter().for_each(|row| builder.push_record::<Vec<String>>(joined(row)));
            return format!("{}\n", builder.build().with(Style::markdown()));
        }
        let Some(widths) = self.widths(width) else { return self.stacked(width) };
        for row in &self.rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| wrapped(cell, *width));
            builder.push_record(cells);
        }
        format!("{}\n", builder.build().with(Style::sharp()))
    }

    /// Widths of the columns' texts that fit in a terminal without a word broken: the widest column
    /// gives way first. `None` if there are none.
    fn widths(&self, width: usize) -> Option<Vec<usize>> {
        let column = |at: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(at));
            cells.chain(self.headers.get(at)).map(String::as_str)
        };
        let longest = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let columns = self.headers.len();
        let mut widths: Vec<usize> =
            (0..columns).map(|at| longest(&mut column(at).flat_map(str::lines))).collect();
        let least: Vec<usize> = (0..columns)
            .map(|at| longest(&mut column(at).flat_map(str::split_whitespace)))
            .collect();
        // A border before each column and behind the last, and a space on either side of a text.
        let room = width.checked_sub(3 * columns + 1)?;
        while widths.iter().sum::<usize>() > room {
            let mut shrinks = (0..columns).filter(|at| widths[*at] > least[*at]);
            let first = shrinks.next()?;
            let widest = shrinks.fold(first, |a, b| if widths[b] > widths[a] { b } else { a });
            widths[widest] -= 1;
        }
        Some(widths)
    }

    /// A paragraph for each row: its first cell, and below it the others after their headings.
    fn stacked(&self, width: usize) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let [name, others @ ..] = &row[..] else { continue };
            text += &terminal::wrap(name, width, "");
            for (header, cell) in self.headers.iter().skip(1).zip(others) {
                text += &terminal::wrap_after(&format!("{header}: {}", joined(cell)), width);
            }
        }
        text
    }
}

/// A cell whose lines are no longer than its column is wide, broken at spaces.
fn wrapped(cell: &str, width: usize) -> String {
    let lines: String = cell.lines().map(|line| terminal::wrap(line, width, "")).collect();
    lines.trim_end().to_owned()
}

/// A cell in one line.
fn joined(cell: &str) -> String {
    cell.lines().collect::<Vec<_>>().join("; ")
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
    fn a_narrow_terminal_wraps_at_words() {
        let text = listing().write(Format::Table, 24).expect("writes");
        assert!(text.lines().all(|line| line.chars().count() <= 24), "{text}");
        assert!(text.contains("│ max  │ the largest │\n│      │ value       │"), "{text}");
    }

    #[test]
    fn where_words_do_not_fit_beside_each_other_cells_stand_below() {
        let text = listing().write(Format::Table, 16).expect("writes");
        assert_eq!(
            text,
            "max\n  about: the\n    largest\n    value\nsum\n  about: the\n    sum, of all\n"
        );
    }

    #[test]
    fn lines_of_a_cell_are_joined_where_there_are_none() {
        let rows = vec![vec!["sum".to_owned(), "bits: 2 to 64\nlength".to_owned()]];
        let list = Listing::new(&["name", "about"], rows);
        let write = |format| list.write(format, 100).expect("writes");
        assert!(
            write(Format::Table).contains("│ sum  │ bits: 2 to 64 │\n│      │ length        │")
        );
        assert_eq!(write(Format::Csv), "name,about\nsum,bits: 2 to 64; length\n");
        assert!(write(Format::Markdown).contains("bits: 2 to 64; length"));
    }
}
