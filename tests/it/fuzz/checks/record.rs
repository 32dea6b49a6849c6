//! Lines of `results.jsonl`: what is read is written as it was read.

use mpclab::reports::record::{Outcome, Record};

/// One line.
pub(crate) fn check(data: &[u8]) {
    comes_back(data, |line| Record::parse(line).ok());
}

/// What is read is written so that it is read as the same.
pub(crate) fn comes_back(data: &[u8], mut parse: impl FnMut(&[u8]) -> Option<Record>) {
    let Some(record) = parse(data) else { return };
    let line = record.to_line().expect("every record has a line");
    assert!(!line.contains('\n'));
    // Large integers of swept values become text, so the first reading may differ from the second.
    let again = parse(line.as_bytes()).expect("a line that was written is read");
    assert_eq!(again.to_line().expect("every record has a line"), line);
    assert_eq!(again.key.id(), record.key.id());
    assert_eq!(again.is_correct(), record.is_correct());
    assert!(!record.is_correct() || record.outcome == Outcome::Ok);
}
