//! How a CSV file is written: its mark of order, its separator, and where its fields stand.

use std::ops::Range;

/// What separates fields, in the order in which equal evidence decides.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Rows that are looked at to find the separator.
const LOOKED_AT: usize = 10;

/// What is known of a file before its rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Between fields.
    pub(super) separator: char,
    /// Bytes before the table: a byte order mark, and a line such as `sep=;`.
    pub(super) skipped_bytes: usize,
    /// Lines before the table.
    pub(super) skipped_lines: u64,
}

impl Dialect {
    /// The separator is what a first line `sep=;` says, else what splits the header and as many of
    /// the next rows as possible into equally many fields.
    pub(super) fn of(text: &str) -> Self {
        let table = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mark = text.len() - table.len();
        let first = table.split_inclusive('\n').next().unwrap_or("");
        let said = first.trim_end_matches(['\r', '\n']).strip_prefix("sep=");
        let said = said.and_then(|said| said.parse().ok());
        if let Some(separator) = said.filter(|said| SEPARATORS.contains(said)) {
            let skipped_bytes = mark + first.len();
            return Dialect { separator, skipped_bytes, skipped_lines: 1 };
        }
        let mut rows = table.lines().filter(|line| !line.trim().is_empty());
        let header = rows.next().unwrap_or("");
        let rows: Vec<&str> = rows.take(LOOKED_AT).collect();
        let evidence = |separator: char| {
            let splits = count(header, separator);
            let alike = rows.iter().filter(|row| splits > 0 && count(row, separator) == splits);
            (alike.count(), splits)
        };
        let best = SEPARATORS.into_iter().rev().max_by_key(|&separator| evidence(separator));
        let separator = best.unwrap_or(',');
        Dialect { separator, skipped_bytes: mark, skipped_lines: 0 }
    }

    /// As it is shown to people.
    pub(super) fn shown(self) -> &'static str {
        match self.separator {
            '\t' => "a tab",
            ';' => "`;`",
            '|' => "`|`",
            _ => "`,`",
        }
    }
}

/// Where a quote opens that nothing closes, in bytes: what follows it would be one field. A field is
/// quoted if it starts with a quote; two quotes in it are one.
pub(super) fn unclosed_quote(table: &str, separator: char) -> Option<usize> {
    let (mut opened, mut is_start) = (None, true);
    let mut chars = table.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match opened {
            Some(_) if c == '"' => {
                if chars.next_if(|(_, next)| *next == '"').is_none() {
                    opened = None;
                }
            }
            Some(_) => {}
            None if c == '"' && is_start => opened = Some(at),
            None => is_start = c == separator || matches!(c, '\n' | '\r'),
        }
        if opened.is_some() {
            is_start = false;
        }
    }
    opened
}

/// How many times a separator stands outside quotes.
fn count(line: &str, separator: char) -> usize {
    let mut is_quoted = false;
    let outside = |&c: &char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    };
    line.chars().filter(outside).count()
}

/// Where a field stands, in bytes; the whole line without a column. Fields of a line with quotes
/// are not told apart: then it is the line, too.
pub(crate) fn field_span(text: &str, line: u64, column: Option<usize>) -> Range<usize> {
    let skipped = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut start = 0;
    let mut whole = "";
    for (index, found) in text.split_inclusive('\n').enumerate() {
        whole = found.trim_end_matches(['\r', '\n']);
        if index == skipped {
            break;
        }
        start += found.len();
        whole = "";
    }
    let mut start = start.min(text.len());
    if let Some(rest) = whole.strip_prefix('\u{feff}') {
        start += whole.len() - rest.len();
        whole = rest;
    }
    let everything = start..start + whole.trim_end().len();
    let Some(column) = column.filter(|_| !whole.contains('"')) else { return everything };
    let mut from = start;
    for (index, field) in whole.split(Dialect::of(text).separator).enumerate() {
        if index == column {
            let leading = field.len() - field.trim_start().len();
            return from + leading..from + leading + field.trim().len();
        }
        from += field.len() + 1;
    }
    everything
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_what_splits_the_rows_alike() {
        for (text, separator) in [
            ("value\n1\n", ','),
            ("party,value\n0,1\n", ','),
            ("party;value\r\n0;1,5\r\n", ';'),
            ("party\tvalue\n0\t1\n", '\t'),
            ("party|value\n0|1\n", '|'),
            ("\u{feff}party;value\n0;1\n", ';'),
            ("party;value, EUR\n0;1\n1;2\n", ';'),
            ("\"a,b,c\";\"d\"\n1;2\n", ';'),
            ("\n\nparty;value\n", ';'),
            ("", ','),
        ] {
            assert_eq!(Dialect::of(text).separator, separator, "{text:?}");
        }
        let said = Dialect::of("\u{feff}sep=;\r\nvalue\r\n1\r\n");
        assert_eq!(said, Dialect { separator: ';', skipped_bytes: 10, skipped_lines: 1 });
    }

    #[test]
    fn quotes_that_nothing_closes_are_found() {
        for (text, at) in [
            ("a,b\n1,2\n", None),
            ("\"a\",\"b\"\n1,\"2\"", None),
            ("\"a \"\"b\"\"\",c\n", None),
            ("5\",6\n", None),
            ("\"a\nb\",1\n", None),
            ("a,\"b\n1,2\n", Some(2)),
            ("\"a\"\"", Some(0)),
            ("a\n\"1\n2\n", Some(2)),
        ] {
            assert_eq!(unclosed_quote(text, ','), at, "{text:?}");
        }
    }

    #[test]
    fn fields_are_found_in_every_dialect() {
        let at = |text: &'static str, line, column| &text[field_span(text, line, column)];
        assert_eq!(at("a,b\n1, 22 \n", 2, Some(1)), "22");
        assert_eq!(at("a;b\r\n1;2,5\r\n", 2, Some(1)), "2,5");
        assert_eq!(at("a\tb\n1\t\n", 2, Some(1)), "");
        assert_eq!(at("\u{feff}a|b\n", 1, Some(0)), "a");
        assert_eq!(at("a,b\n\"1\",2\n", 2, Some(1)), "\"1\",2");
        assert_eq!(at("a\n", 9, None), "");
    }
}
