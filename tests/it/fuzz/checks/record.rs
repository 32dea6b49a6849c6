//! Lines of `results.jsonl`: what is read is written as it was read, and can be shown.

use mpclab::reports::export::{self, Format};
use mpclab::reports::html::{self, ReportInput};
use mpclab::reports::record::{self, Outcome, Record};
use mpclab::reports::table::{Comparison, ScopeTable};

/// One line.
pub(crate) fn check(data: &[u8]) {
    let Ok(record) = Record::parse(data) else { return };
    let line = record.to_line().expect("every record has a line");
    assert!(!line.contains('\n'));
    // Large integers of swept values become text, so the first reading may differ from the second.
    let again = Record::parse(line.as_bytes()).expect("a line that was written is read");
    assert_eq!(again.to_line().expect("every record has a line"), line);
    assert_eq!(again.key.id(), record.key.id());
    assert_eq!(again.is_correct(), record.is_correct());
    assert!(!record.is_correct() || record.outcome == Outcome::Ok);
}

/// Some lines, all that is made from them, and in any order.
pub(crate) fn check_report(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').take(8);
    let mut records: Vec<Record> = lines.filter_map(|line| Record::parse(line).ok()).collect();
    if records.is_empty() {
        return;
    }
    let page = page(&records);
    records.reverse();
    assert_eq!(page, self::page(&records), "the order of the lines is seen");
    record::sort(&mut records);
    let comparison = Comparison::of(&records);
    for format in Format::ALL {
        export::comparison(&comparison, format, 80).expect("a table can be written");
    }
    for format in [Format::Table, Format::Markdown] {
        export::scopes(&ScopeTable::of(&records), format, 80).expect("a table can be written");
    }
}

fn page(records: &[Record]) -> String {
    let input = ReportInput { title: "fuzzed", about: "", records, resolved_yaml: "", command: "" };
    html::render(&input).expect("a page can be written")
}
