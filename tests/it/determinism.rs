//! The same file and seed give the same bytes, whatever runs beside them.

use std::collections::BTreeSet;

use mpclab::reports::record::Outcome;
use tempfile::TempDir;

use crate::support::{expect, records, results, write};

/// Comparisons, clients, a dealer, random latencies, a sweep: whatever could differ.
const SCENARIO: &str = "
about: Everything that could differ.
function: { name: second_price_auction, params: { bits: 16 } }
parties: 3
protocols:
  - additive
  - shamir
  - { name: rep3, parties: { compute: 3, input: 3, output: all } }
network: mobile
sweep: { network: [mobile, { preset: lan, jitter: { exponential: { mean: 1ms } } }] }
repetitions: 3
seed: 7
";

/// Runs a scenario and gives `results.jsonl`.
fn run(folder: &TempDir, scenario: &str, out: &str, more: &[&str]) -> String {
    let file = write(folder, "s.yaml", scenario);
    let arguments = [&["run", &file, "--out", out][..], more].concat();
    expect(folder, 0, &arguments);
    results(&folder.path().join(out))
}

#[test]
fn two_runs_give_the_same_bytes_whatever_the_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let once = run(&folder, SCENARIO, "a", &["--jobs", "1"]);
    assert_eq!(once.lines().count(), 18);
    assert!(once == run(&folder, SCENARIO, "b", &["--jobs", "1"]), "two runs differ");
    assert!(once == run(&folder, SCENARIO, "c", &["--jobs", "2"]), "jobs enter the results");
    assert!(once != run(&folder, SCENARIO, "d", &["--seed", "8"]), "the seed does not enter");
}

#[test]
fn repetitions_and_seeds_differ_in_what_is_random() {
    let folder = tempfile::tempdir().unwrap();
    run(&folder, SCENARIO, "a", &[]);
    run(&folder, SCENARIO, "b", &["--seed", "8"]);
    let mut all = records(&folder.path().join("a"));
    all.extend(records(&folder.path().join("b")));
    let events: BTreeSet<&str> = all.iter().map(|record| &*record.digests.event).collect();
    assert_eq!(events.len(), all.len(), "two runs have the same digest");
    // Every repetition has inputs of its own.
    let outputs: BTreeSet<(u64, u32, &str)> =
        all.iter().map(|record| (record.seed, record.repetition, &*record.outputs)).collect();
    assert_eq!(outputs.len(), 6);
    assert!(outputs.iter().map(|(_, _, outputs)| outputs).collect::<BTreeSet<_>>().len() > 1);
}

#[test]
fn protocols_that_are_compared_meet_the_same_inputs() {
    let folder = tempfile::tempdir().unwrap();
    // A sum of 20 random numbers of 32 bits is no coincidence.
    let scenario = "
about: Whose inputs?
function: { name: sum, params: { length: 20 } }
parties: 3
protocols:
  - additive
  - { name: additive, params: { field: m61 }, label: small }
  - shamir
  - { name: rep3, parties: { compute: 3, input: 3, output: all } }
network: lan
sweep: { network: [lan, wan] }
repetitions: 2
";
    run(&folder, scenario, "out", &[]);
    let records = records(&folder.path().join("out"));
    assert_eq!(records.len(), 16);
    assert!(records.iter().all(|record| record.outcome == Outcome::Ok));
    for record in &records {
        let first = records.iter().find(|other| other.repetition == record.repetition).unwrap();
        assert_eq!(record.outputs, first.outputs, "{}", record.key.id());
    }
    assert_ne!(records[0].outputs, records[1].outputs, "repetitions have inputs of their own");
}

#[test]
fn a_cell_more_changes_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let fewer = run(&folder, SCENARIO, "a", &["--set", "protocols=[additive, shamir]"]);
    let more = run(&folder, SCENARIO, "b", &[]);
    let more: BTreeSet<&str> = more.lines().collect();
    assert!(fewer.lines().count() == 12 && fewer.lines().all(|line| more.contains(line)));
    let point = run(&folder, SCENARIO, "c", &["--set", "sweep={ network: [mobile] }"]);
    assert!(point.lines().count() == 9 && point.lines().all(|line| more.contains(line)));
    let repetition = run(&folder, SCENARIO, "d", &["--set", "repetitions=1"]);
    assert!(repetition.lines().count() == 6 && repetition.lines().all(|line| more.contains(line)));
}
