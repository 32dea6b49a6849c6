//! Every registered protocol and function over the real command line, without being named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mpclab::reports::record::{Outcome, Record};
use mpclab::{Registry, registry};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{expect, records, write};

/// What a scenario says of its parties.
type Parties = String;

/// Whether protocols have peers only, or clients that bring and learn as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    Peers,
    Clients,
}

/// Protocols with parameters, as entries of a scenario, by the parties that they are tried among.
fn protocols(registry: &Registry, among: Among) -> BTreeMap<Parties, Vec<String>> {
    let mut grouped: BTreeMap<Parties, Vec<String>> = BTreeMap::new();
    for protocol in registry.protocols() {
        let (least, most) = protocol.info.parties;
        let n = 3.clamp(least, most);
        let parties = match among {
            Among::Peers => n.to_string(),
            Among::Clients => format!("{{ compute: {n}, input: 2, output: all }}"),
        };
        assert!(!protocol.variants.is_empty(), "{} covers nothing", protocol.name);
        for (at, params) in protocol.variants.iter().enumerate() {
            let name = protocol.name;
            let entry = format!("{{ name: {name}, label: {name}-{at}, params: {params} }}");
            grouped.entry(parties.clone()).or_default().push(entry);
        }
    }
    grouped
}

fn scenario(function: &str, parties: &str, protocols: &[String]) -> String {
    format!(
        "about: Conformance.\nfunction: {{ name: {function} }}\nparties: {parties}\n\
         protocols: [{}]\nnetwork: lan\ncompute: none\nunsupported: skip\nseed: 7\n",
        protocols.join(", ")
    )
}

/// Labels of variants whose set-up is by public keys, of protocols that have one without, and of
/// those that prepare more than [`MUCH`]. It takes longest, and is the same whatever is computed.
fn dear(records: &[Record]) -> BTreeSet<String> {
    let sent = |record: &Record| record.parties.iter().map(|row| row.sent_bytes).sum::<u64>();
    let prepares = |record: &&Record| sent(record) > MUCH;
    let much = records.iter().filter(prepares).map(|record| record.key.protocol.clone());
    much.chain(by_keys(records)).collect()
}

/// Bytes.
const MUCH: u64 = 2 << 20;

fn by_keys(records: &[Record]) -> BTreeSet<String> {
    let by_keys: BTreeSet<&str> = records
        .iter()
        .filter(|record| record.ops.keys().any(|op| op.starts_with("ristretto.")))
        .map(|record| record.key.protocol.as_str())
        .collect();
    let protocol_of = |label: &str| label.rsplit_once('-').unwrap().0.to_owned();
    let ran = records.iter().filter(|record| record.outcome == Outcome::Ok);
    let without: BTreeSet<String> = ran
        .map(|record| record.key.protocol.as_str())
        .filter(|label| !by_keys.contains(label))
        .map(protocol_of)
        .collect();
    let is_dear = |label: &&&str| without.contains(&protocol_of(label));
    by_keys.iter().filter(is_dear).map(|label| (*label).to_owned()).collect()
}

fn has_label(entry: &str, label: &str) -> bool {
    entry.contains(&format!("label: {label},"))
}

/// Runs all functions and gives the records, which are right or say why they were skipped. Variants
/// that are dear run one.
fn run_all(registry: &Registry, among: Among) -> Vec<Record> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for function in registry.functions() {
        let dear = dear(&all);
        let is_cheap = |entry: &&String| !dear.iter().any(|label| has_label(entry, label));
        for (at, (parties, protocols)) in protocols(registry, among).iter().enumerate() {
            let protocols: Vec<String> = protocols.iter().filter(is_cheap).cloned().collect();
            if protocols.is_empty() {
                continue;
            }
            let name = format!("{}-{at}", function.name);
            let text = scenario(function.name, parties, &protocols);
            let file = write(&folder, &format!("{name}.yaml"), &text);
            expect(&folder, 0, &["run", &file, "--out", &name]);
            let records = records(&folder.path().join(&name));
            assert_eq!(records.len(), protocols.len(), "{name}");
            all.extend(records);
        }
    }
    for record in &all {
        match &record.outcome {
            Outcome::Ok => {}
            Outcome::Skipped(why) => assert!(why.contains("would work"), "{:?}: {why}", record.key),
            other => panic!("{:?}: {other:?}", record.key),
        }
    }
    all
}

/// Which functions ran, by label.
fn ran(records: &[Record]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut ran: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for record in records {
        let functions = ran.entry(&record.key.protocol).or_default();
        if record.outcome == Outcome::Ok {
            functions.insert(&record.key.function);
        }
    }
    ran
}

#[test]
fn every_protocol_runs_and_withstands_what_it_claims_to() {
    let registry = registry();
    let records = run_all(&registry, Among::Peers);
    let ran = ran(&records);
    for (label, functions) in &ran {
        let is_default = label.ends_with("-0");
        assert!(!is_default || !functions.is_empty(), "{label} runs no function");
    }
    // Malformed bytes (`attacks.rs` has the known attacks), on the first function that each protocol
    // runs.
    let dear = by_keys(&records);
    let mut subjects: BTreeMap<(Parties, &str), Vec<String>> = BTreeMap::new();
    for (parties, protocols) in protocols(&registry, Among::Peers) {
        for entry in protocols {
            let (label, functions) =
                ran.iter().find(|(label, _)| has_label(&entry, label)).unwrap();
            if dear.contains(*label) {
                continue;
            }
            if let Some(function) = functions.first() {
                subjects.entry((parties.clone(), function)).or_default().push(entry);
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for (at, ((parties, function), protocols)) in subjects.iter().enumerate() {
        let text = scenario(function, parties, protocols);
        attack(&folder, &format!("attack-{at}"), &text, protocols.len());
    }
}

/// A short battery of which every case holds, with a row for each protocol.
fn attack(folder: &TempDir, name: &str, scenario: &str, protocols: usize) {
    let file = write(folder, &format!("{name}.yaml"), scenario);
    let only = ["--only", "honest,malformed", "--cases", "60"];
    expect(folder, 0, &[&["attack", &file, "--out", name][..], &only].concat());
    let battery = fs::read_to_string(folder.path().join(name).join("battery.json")).unwrap();
    let battery: Value = serde_json::from_str(&battery).unwrap();
    let rows = battery["rows"].as_array().unwrap().iter();
    let labels: BTreeSet<&str> = rows.map(|row| row["protocol"].as_str().unwrap()).collect();
    assert_eq!(labels.len(), protocols, "{name}: {labels:?}");
}

#[test]
fn protocols_serve_clients_or_say_what_would_work() {
    let records = run_all(&registry(), Among::Clients);
    let ran = ran(&records);
    assert!(ran.values().any(|functions| !functions.is_empty()), "somebody serves clients");
}
