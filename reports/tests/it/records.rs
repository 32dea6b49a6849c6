use std::fs;
use std::path::PathBuf;

use mpclab_reports::journal::{self, Journal, JournalError};
use mpclab_reports::record::{self, Outcome, ParseError, Record, Timing};
use mpclab_sim::vocabulary::{Figure, Synchrony};

use crate::fixture;

/// A folder of its own for a test, empty.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reports").join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn records_come_back_as_they_were() {
    for record in fixture::troubled() {
        let line = record.to_line().unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(Record::parse(line.as_bytes()).unwrap(), record);
    }
}

#[test]
fn integers_above_two_to_the_53_are_strings_and_come_back() {
    const BIG: u64 = u64::MAX - 1;
    let mut record = fixture::single().remove(0);
    record.seed = BIG;
    record.metrics.insert("total.bytes".to_owned(), BIG);
    record.metrics.insert("total.rounds".to_owned(), 1 << 53);
    record.scopes[0].bytes = BIG;
    record.parties[0].finish_ns = BIG;
    record.links.as_mut().unwrap()[0].bytes = BIG;
    record.declared.as_mut().unwrap().phases[0].bytes = Figure::AtMost(BIG);
    record.claims.as_mut().unwrap().network = Synchrony::Synchronous { delta_ns: BIG };
    record.outputs = BIG.to_string();
    let line = record.to_line().unwrap();
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(json["seed"], BIG.to_string());
    assert_eq!(json["metrics"]["total.bytes"], BIG.to_string());
    assert_eq!(json["metrics"]["total.rounds"], 1u64 << 53, "2^53 itself is exact");
    assert_eq!(json["declared"]["phases"][0]["bytes"]["at_most"], BIG.to_string());
    assert_eq!(json["claims"]["network"]["synchronous"]["delta_ns"], BIG.to_string());
    assert!(!line.contains(&format!(":{BIG}")), "no big number is left: {line}");
    assert_eq!(Record::parse(line.as_bytes()).unwrap(), record);
}

#[test]
fn outputs_of_their_own_are_told_by_party() {
    let mut record = fixture::single().remove(0);
    assert_eq!(record.outputs_text(), "winner = 3, price = 870");
    for (at, output) in [(0, "sum = 7"), (1, "difference = -1"), (3, "sum = 7")] {
        record.parties[at].output = Some(output.to_owned());
    }
    record.parties[1].named_role = Some("server".to_owned());
    let told = "party 0, party 3: sum = 7; party 1 (server): difference = -1";
    assert_eq!(record.outputs_text(), told);
    let line = record.to_line().unwrap();
    assert_eq!(Record::parse(line.as_bytes()).unwrap(), record);
    let mut many = record.clone();
    many.parties = vec![record.parties[0].clone(); 100];
    for (party, row) in many.parties.iter_mut().enumerate() {
        row.output = Some(format!("share = {party}"));
    }
    let told = many.outputs_text();
    assert!(told.ends_with("party 0: share = 7; and 92 more outputs"), "{told}");
}

#[test]
fn swept_fractions_come_back_to_the_last_bit() {
    let mut record = fixture::single().remove(0);
    let mut value: f64 = 5.999_999_999_999_999e81;
    for _ in 0..1_000 {
        record.key.sweep.insert("network.loss".to_owned(), value.into());
        let read = Record::parse(record.to_line().unwrap().as_bytes()).unwrap();
        assert_eq!(read.key, record.key);
        assert_eq!(read.key.id(), record.key.id());
        value *= 0.83;
    }
}

#[test]
fn both_forms_of_an_integer_are_read() {
    let record = fixture::single().remove(0);
    let mut json: serde_json::Value = serde_json::from_str(&record.to_line().unwrap()).unwrap();
    json["seed"] = "17".into();
    json["metrics"]["total.bytes"] = u64::MAX.into();
    let read = Record::parse(json.to_string().as_bytes()).unwrap();
    assert_eq!((read.seed, read.metrics["total.bytes"]), (17, u64::MAX));
    for wrong in ["-1".into(), "x".into(), 1.5.into(), serde_json::Value::Null] {
        json["seed"] = wrong;
        let error = Record::parse(json.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, ParseError::Form(_)), "{error}");
    }
}

#[test]
fn unknown_fields_are_ignored_and_unknown_schemas_refused() {
    let record = fixture::single().remove(0);
    let mut json: serde_json::Value = serde_json::from_str(&record.to_line().unwrap()).unwrap();
    json["of_a_later_version"] = 1.into();
    assert_eq!(Record::parse(json.to_string().as_bytes()).unwrap(), record);
    json["schema"] = 2.into();
    let error = Record::parse(json.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "schema 2, but this version reads schema 1");
}

#[test]
fn an_outcome_is_a_status_and_a_reason() {
    let json = |outcome: &Outcome| serde_json::to_string(outcome).unwrap();
    assert_eq!(json(&Outcome::Ok), r#"{"status":"ok"}"#);
    let wrong = Outcome::Wrong("3, not 4".to_owned());
    assert_eq!(json(&wrong), r#"{"status":"wrong","reason":"3, not 4"}"#);
    assert_eq!((wrong.status(), wrong.reason()), ("wrong", "3, not 4"));
}

#[test]
fn keys_are_told_apart() {
    let key = |scenario: &str, protocol: &str| {
        let mut key = fixture::single().remove(0).key;
        (key.scenario, key.protocol) = (scenario.to_owned(), protocol.to_owned());
        key.id()
    };
    assert_ne!(key("a/b", "c"), key("a", "b/c"));
    let records = fixture::auction();
    assert_ne!(records[0].key.id(), records[20].key.id(), "another sweep point");
    assert_eq!(records[0].key.id(), records[1].key.id(), "another repetition");
    assert_eq!(records[0].key.sweep_label(), "network.rtt = 1ms");
}

#[test]
fn a_torn_last_line_is_cut_off_and_the_journal_goes_on() {
    let path = folder("torn").join("journal.jsonl");
    let records = fixture::single();
    let mut journal = Journal::create(&path).unwrap();
    for record in &records[..3] {
        journal.append(record).unwrap();
    }
    drop(journal);
    let whole = fs::read(&path).unwrap();
    let torn = records[3].to_line().unwrap();
    // A byte of a character that takes two: the cut may be anywhere.
    let tails = [&torn.as_bytes()[..torn.len() / 2], b"{", b"\"\xc2", b"{\"schema\":1,\n", b"\0\0"];
    for tail in tails {
        fs::write(&path, [&whole, tail].concat()).unwrap();
        let recovered = journal::recover(&path).unwrap();
        assert_eq!(recovered.records, records[..3]);
        assert_eq!(recovered.torn_bytes, tail.len() as u64);
        let (mut journal, recovered) = Journal::resume(&path).unwrap();
        assert_eq!(recovered.records.len(), 3);
        journal.append(&records[3]).unwrap();
        let recovered = journal::recover(&path).unwrap();
        assert_eq!((recovered.records, recovered.torn_bytes), (records[..4].to_vec(), 0));
    }
}

#[test]
fn a_last_line_without_its_end_is_kept() {
    let path = folder("unterminated").join("journal.jsonl");
    let records = fixture::single();
    fs::write(&path, records[0].to_line().unwrap()).unwrap();
    let (mut journal, recovered) = Journal::resume(&path).unwrap();
    assert_eq!((recovered.records.len(), recovered.torn_bytes), (1, 0));
    journal.append(&records[1]).unwrap();
    assert_eq!(journal::read_results(&path).unwrap(), records[..2]);
}

#[test]
fn damage_elsewhere_is_an_error_with_its_line() {
    let path = folder("damaged").join("journal.jsonl");
    let line = fixture::single()[0].to_line().unwrap();
    fs::write(&path, format!("{line}\n{{\n{line}\n")).unwrap();
    let error = Journal::resume(&path).unwrap_err();
    assert!(matches!(error, JournalError::Line { line: 2, .. }), "{error}");
    fs::write(&path, format!("{line}\n{{\"schema\":2}}\n")).unwrap();
    let error = journal::recover(&path).unwrap_err();
    assert!(matches!(error, JournalError::Line { line: 2, .. }), "a later version is not torn");
    fs::write(&path, format!("{line}\n{{\n")).unwrap();
    assert!(journal::read_results(&path).is_err(), "finished results are never torn");
}

#[test]
fn resuming_without_a_journal_starts_one() {
    let path = folder("fresh").join("journal.jsonl");
    let (mut journal, recovered) = Journal::resume(&path).unwrap();
    assert!(recovered.records.is_empty());
    journal.append(&fixture::single()[0]).unwrap();
    assert_eq!(journal::recover(&path).unwrap().records.len(), 1);
    let missing = journal::read_results(&folder("missing").join("results.jsonl")).unwrap_err();
    assert!(matches!(missing, JournalError::Read { .. }), "{missing}");
}

#[test]
fn results_are_sorted_and_equal_however_the_runs_came_in() {
    let folder = folder("sorted");
    let (one, two) = (folder.join("one.jsonl"), folder.join("two.jsonl"));
    let records = fixture::auction();
    let mut reversed: Vec<Record> = records.iter().rev().cloned().collect();
    reversed.extend(records[..7].iter().cloned());
    journal::write_results(&one, &mut records.clone()).unwrap();
    journal::write_results(&two, &mut reversed).unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
    assert_eq!(journal::read_results(&two).unwrap(), records, "the order of the scenario");
    let files: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    assert_eq!(files.len(), 2, "nothing is left over");
}

#[test]
fn sorting_keeps_runs_that_differ() {
    let mut records = vec![fixture::single().remove(0), fixture::single().remove(0)];
    records[1].seed += 1;
    record::sort(&mut records);
    assert_eq!(records.len(), 2);
}

#[test]
fn a_changed_line_is_named_and_one_without_a_checksum_is_read() {
    let path = folder("changed").join("results.jsonl");
    let records = fixture::single();
    let lines: Vec<String> = records[..2].iter().map(|r| r.to_line().unwrap()).collect();
    // Still a record, only not the one that was written.
    let changed = lines[1].replacen("\"repetition\":1", "\"repetition\":2", 1);
    assert_ne!(changed, lines[1]);
    fs::write(&path, format!("{}\n{changed}\n", lines[0])).unwrap();
    let told = journal::read_results(&path).unwrap_err().to_string();
    assert!(told.contains("results.jsonl:2: not as it was written"), "{told}");
    let told = journal::recover(&path).unwrap_err().to_string();
    assert!(told.contains("results.jsonl:2: not as it was written"), "{told}");
    let (text, _) = changed.split_once(",\"checksum\"").unwrap();
    fs::write(&path, format!("{}\n{text}}}\n", lines[0])).unwrap();
    assert_eq!(journal::read_results(&path).unwrap()[1].repetition, 2);
    // Other line ends change nothing.
    fs::write(&path, format!("{}\r\n{}\r\n", lines[0], lines[1])).unwrap();
    assert_eq!(journal::read_results(&path).unwrap(), records[..2]);
}

#[test]
fn one_run_with_two_contents_is_named_and_the_same_line_twice_is_not() {
    let path = folder("twice").join("journal.jsonl");
    let one = fixture::single().remove(0);
    let other = Record { seed: one.seed + 1, ..one.clone() };
    let line = |record: &Record| record.to_line().unwrap();
    fs::write(&path, format!("{}\n{}\n", line(&one), line(&one))).unwrap();
    assert_eq!(journal::recover(&path).unwrap().records.len(), 2);
    fs::write(&path, format!("{}\n{}\n", line(&one), line(&other))).unwrap();
    for told in [
        journal::recover(&path).unwrap_err().to_string(),
        journal::read_results(&path).unwrap_err().to_string(),
        Journal::resume(&path).unwrap_err().to_string(),
    ] {
        let expected = "repetition 0, and so is line 1, with different contents";
        assert!(told.contains("journal.jsonl:2: ") && told.contains(expected), "{told}");
    }
    let mut both = vec![one, other];
    record::sort(&mut both);
    assert!(record::contradiction(&both).is_some());
    assert!(record::contradiction(&fixture::auction()).is_none());
}

#[test]
fn timings_are_repaired_as_journals_are() {
    let timing = |repetition| Timing {
        cell: 0,
        protocol: "rep3".to_owned(),
        repetition,
        wall_ns: 5,
        peak_bytes: None,
    };
    let path = folder("torn_timings").join("timings.jsonl");
    Journal::create(&path).unwrap().append(&timing(0)).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{}", &whole[..20])).unwrap();
    assert_eq!(journal::read_timings(&path).unwrap(), [timing(0)]);
    Journal::resume_timings(&path).unwrap().append(&timing(1)).unwrap();
    assert_eq!(journal::read_timings(&path).unwrap(), [timing(0), timing(1)]);
    fs::write(&path, whole.replace("\"wall_ns\":5", "\"wall_ns\":6")).unwrap();
    assert!(journal::read_timings(&path).unwrap_err().to_string().contains(":1: not as it was"));
}

#[test]
fn timings_have_their_own_lines() {
    let timing = Timing {
        cell: 1,
        protocol: "rep3".to_owned(),
        repetition: 2,
        wall_ns: u64::MAX,
        peak_bytes: None,
    };
    let path = folder("timings").join("timings.jsonl");
    Journal::create(&path).unwrap().append(&timing).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<Timing>(&text).unwrap(), timing);
}
