//! Lines of `results.jsonl`: what is read is written as it was read.

use mpclab::reports::record::{Outcome, Record};

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
