//! Results as data: the schema of records, old files, flat tables.

use std::collections::BTreeSet;

use mpclab_reports::compare::cases;
use mpclab_reports::export::{self, Format};
use mpclab_reports::record::{self, Outcome, Record, Timing};
use mpclab_reports::table::ScopeTable;
use serde_json::{Value, json};

use crate::fixture;

/// Records as they were written when the schema was new.
const OLD: &str = include_str!("data/records-v1.jsonl");

fn old() -> Vec<Record> {
    OLD.lines().map(|line| Record::parse(line.as_bytes()).unwrap()).collect()
}

/// The schema without room for fields that it does not describe.
fn strict() -> Value {
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(map) => {
                if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                    map.insert("additionalProperties".to_owned(), false.into());
                }
                map.values_mut().for_each(close);
            }
            Value::Array(list) => list.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schema = record::schema();
    close(&mut schema);
    schema
}

fn errors(schema: &Value, line: &str) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    let value: Value = serde_json::from_str(line).unwrap();
    validator.iter_errors(&value).map(|error| error.to_string()).collect()
}

#[test]
fn old_files_are_read() {
    let records = old();
    assert_eq!(records.len(), 5);
    assert!(records.iter().all(Record::is_correct));
    let first = &records[0];
    assert_eq!((first.key.scenario.as_str(), first.metrics["total.bytes"]), ("coin_toss", 224));
    assert!(records.iter().all(|record| record.ops.is_empty() && record.parts.is_empty()));
    // What is written again is what was read.
    for (record, line) in records.iter().zip(OLD.lines()) {
        let old: Value = serde_json::from_str(line).unwrap();
        let mut new: Value = serde_json::from_str(&record.to_line().unwrap()).unwrap();
        assert!(new.as_object_mut().unwrap().remove("checksum").is_some());
        assert_eq!(old, new);
    }
    assert_eq!(cases(&records).unwrap().len(), 4);
}

#[test]
fn every_record_fits_the_schema() {
    let mut records = [fixture::troubled(), fixture::auction(), old()].concat();
    records[0].seed = u64::MAX;
    records[0].ops = [("field.mul".to_owned(), u64::MAX)].into();
    records[0].parts = [("network".to_owned(), "00".to_owned())].into();
    let schema = strict();
    for record in &records {
        let line = record.to_line().unwrap();
        assert_eq!(errors(&schema, &line), [""; 0], "{line}");
    }
    let statuses: BTreeSet<&str> = records.iter().map(|record| record.outcome.status()).collect();
    assert!(statuses.len() >= 3, "{statuses:?}");
    let timing = Timing {
        cell: 0,
        protocol: "rep3".to_owned(),
        repetition: 0,
        wall_ns: u64::MAX - 1,
        peak_bytes: Some(1),
    };
    let line = serde_json::to_string(&timing).unwrap();
    assert_eq!(errors(&record::timings_schema(), &line), [""; 0]);
}

#[test]
fn what_is_no_record_does_not_fit_the_schema() {
    let schema = record::schema();
    let good: Value = serde_json::from_str(&old()[0].to_line().unwrap()).unwrap();
    assert_eq!(errors(&schema, &good.to_string()), [""; 0]);
    let changes = [
        ("/schema", json!(2)),
        ("/seed", json!("x")),
        ("/seed", json!(-1)),
        ("/metrics/total.bytes", json!(1.5)),
        ("/outcome/status", json!("fine")),
        ("/verdicts/0/observed", json!("maybe")),
        ("/key", json!("coin_toss")),
        ("/parties/0/party", json!("one")),
        ("/claims/adversary", json!("friendly")),
        ("/scopes/0/phase", json!("after")),
    ];
    for (place, value) in changes {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
        assert!(!errors(&schema, &bad.to_string()).is_empty(), "{place}");
    }
    for key in ["schema", "key", "seed", "outcome", "fingerprint", "repetition"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(key);
        assert!(!errors(&schema, &bad.to_string()).is_empty(), "without {key}");
    }
}

/// Rows of a table by the name of the column.
fn rows(csv: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn tables_of_runs_have_a_row_for_each_run_and_nothing_for_what_has_no_price() {
    let mut records = fixture::auction();
    records[0].outcome = Outcome::Aborted("a, \"quoted\" reason".to_owned());
    record::sort(&mut records);
    let tables = export::results_csv(&records).unwrap();
    let names: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["runs", "scopes", "batches", "parties"]);
    let [runs, scopes, parties] = [0, 1, 3].map(|at: usize| rows(&tables[at].1));
    assert_eq!(runs.len(), records.len());
    assert_eq!(scopes.len(), records.iter().map(|record| record.scopes.len()).sum::<usize>());
    assert_eq!(parties.len(), records.iter().map(|record| record.parties.len()).sum::<usize>());
    for (row, record) in runs.iter().zip(&records) {
        assert_eq!(row["protocol"], record.key.protocol);
        assert_eq!(row["sweep.network.rtt"], record.key.sweep["network.rtt"].as_str().unwrap());
        assert_eq!(row["online.bytes"], record.metrics["online.bytes"].to_string());
        assert_eq!(row["verdict.correctness"], "held");
        assert_eq!(row["correct"], record.is_correct().to_string());
        let offline = &row["offline.bytes"];
        assert_eq!(offline.is_empty(), record.unpriced_setup, "{}", record.key.protocol);
    }
    assert!(runs.iter().any(|row| row["reason"] == "a, \"quoted\" reason"));
    let sent = |row: &std::collections::BTreeMap<String, String>| row["sent_bytes"].clone();
    assert_eq!(sent(&parties[0]), records[0].parties[0].sent_bytes.to_string());
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_holds_what_csv_holds() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    let mut records = fixture::auction();
    records[0].metrics.insert("total.bytes".to_owned(), u64::MAX);
    let csv = export::results_csv(&records).unwrap();
    for (at, (name, bytes)) in export::results_parquet(&records).unwrap().into_iter().enumerate() {
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let expected = rows(&csv[at].1);
        let mut count = 0;
        for (row, expected) in reader.get_row_iter(None).unwrap().zip(&expected) {
            count += 1;
            for (column, field) in row.unwrap().get_column_iter() {
                let text = match field {
                    Field::Null => String::new(),
                    Field::Str(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(text, expected[column], "{name}: {column}");
            }
        }
        assert_eq!((count, csv[at].0), (expected.len(), name));
    }
}

#[test]
fn rounds_and_time_of_a_scope_stand_beside_its_bytes() {
    let mut records = fixture::auction();
    records.retain(|record| record.cell == 0 && record.key.protocol == "rep3");
    for record in &mut records {
        for (row, rounds) in record.scopes.iter_mut().zip([3, 40, 2]) {
            (row.rounds, row.time_ns) = (Some(rounds), Some(rounds * 1_000_000));
        }
        let batch = record.scopes[1].clone();
        record.batches = vec![record::ScopeRow { path: "online/less[0]".to_owned(), ..batch }];
    }
    let text = records[0].to_line().unwrap();
    assert_eq!(Record::parse(text.as_bytes()).unwrap(), records[0]);
    let table = ScopeTable::of(&records);
    let frame = export::scopes(&table, Format::Csv, 100).unwrap();
    let less = rows(&frame).into_iter().find(|row| row["scope"] == "online/less").unwrap();
    assert_eq!((less["rounds"].as_str(), less["time_ns"].as_str()), ("40", "40000000"));
    let shown = export::scopes(&table, Format::Table, 200).unwrap();
    let line = shown.lines().find(|line| line.contains("online/less")).unwrap();
    assert!(line.trim_end().ends_with("40 40.0 ms"), "{line}");
    let shown = export::scopes(&ScopeTable::of_batches(&records), Format::Table, 200).unwrap();
    let line = shown.lines().find(|line| line.contains("online/less[0]")).unwrap();
    assert!(line.trim_end().ends_with("40 40.0 ms"), "{line}");
    assert!(!shown.contains("  online ") && !shown.contains("online/input"), "{shown}");
    let tables = export::results_csv(&records).unwrap();
    let batches = rows(&tables[2].1);
    assert_eq!(batches.len(), records.len());
    assert_eq!(
        (batches[0]["path"].as_str(), batches[0]["rounds"].as_str()),
        ("online/less[0]", "40")
    );
}
