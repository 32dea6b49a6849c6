//! Advice as text.

use super::{Advice, Part, document};
use crate::export::{ExportError, Format, Listing};

/// For a terminal of `width` columns.
///
/// # Errors
/// [`ExportError`] if a table can't be written.
pub fn terminal(advice: &Advice, width: usize) -> Result<String, ExportError> {
    let mut text = String::new();
    for part in document(advice) {
        match part {
            Part::Heading(heading) => text += &format!("\n{heading}\n"),
            Part::Text(paragraph) => text += &format!("{}\n", folded(&paragraph, width)),
            Part::Table { headers, rows, notes } => {
                text += &Listing::new(&headers, rows).write(Format::Table, width)?;
                for note in notes {
                    text += &format!("{}\n", folded(&note, width));
                }
            }
        }
    }
    Ok(text)
}

/// As Markdown.
///
/// # Errors
/// [`ExportError`] if a table can't be written.
pub fn markdown(advice: &Advice) -> Result<String, ExportError> {
    let mut text = format!("# Advice for {}\n\n{}\n", advice.deployment, advice.about);
    for part in document(advice) {
        match part {
            Part::Heading(heading) => text += &format!("\n## {heading}\n"),
            Part::Text(paragraph) => text += &format!("\n{paragraph}\n"),
            Part::Table { headers, rows, notes } => {
                text.push('\n');
                text += &Listing::new(&headers, rows).write(Format::Markdown, usize::MAX)?;
                if !notes.is_empty() {
                    text.push('\n');
                }
                for note in notes {
                    text += &format!("- {note}\n");
                }
            }
        }
    }
    Ok(text)
}

/// Throughput and latency at rising loads, a row for each option and load.
///
/// # Errors
/// [`ExportError`] if a row can't be written.
pub fn curve_csv(advice: &Advice) -> Result<String, ExportError> {
    let headers = [
        "protocol",
        "priced",
        "offered_per_second",
        "done_per_second",
        "median_ns",
        "p95_ns",
        "p99_ns",
    ];
    let of = |priced: bool| {
        let choices = if priced { &advice.options } else { &advice.unpriced };
        let points = choices.iter().flat_map(|choice| {
            let curve = choice.load.iter().flat_map(|load| &load.curve);
            curve.map(|point| (choice.label.clone(), *point))
        });
        points.map(move |(label, point)| {
            vec![
                label,
                priced.to_string(),
                point.offered_per_second.to_string(),
                point.done_per_second.to_string(),
                point.median_ns.to_string(),
                point.p95_ns.to_string(),
                point.p99_ns.to_string(),
            ]
        })
    };
    Listing::new(&headers, of(true).chain(of(false))).write(Format::Csv, 0)
}

/// Breaks a paragraph at spaces.
fn folded(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
