//! Figures of records against what they are made of.

use mpclab::reports::record::PartyRow;
use mpclab::scenarios::ComputeChoice;
use mpclab_sim::Charged;

use crate::support::{self, expect, records};

#[test]
fn units_charged_by_op_make_up_the_compute_time() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = support::sum("[shamir, rep3]", "sweep: { compute: [reference, none] }\n");
    let file = support::write(&folder, "s.yaml", &scenario);
    let prepared = support::prepared(&mpclab::registry(), &scenario);
    // Cells keep the prices of what they charge alone.
    let ComputeChoice::Profile(profile) = &prepared.plan.cells[0].compute else { panic!() };
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let records = records(&folder.path().join("out"));
    assert_eq!(records.len(), 4);
    for record in &records {
        let cost = |(op, units): (&String, &u64)| {
            let charged = Charged { calls: record.op_calls[op], units: *units };
            profile.prices[op].of(charged) / 1000
        };
        let expected: u64 = record.ops.iter().map(cost).sum();
        assert!(expected > 0, "{} charges", record.key.id());
        let charged = record.metrics["total.compute_ns"];
        let priced = record.profile == "reference";
        // Every op of every party is rounded down.
        let close = expected.abs_diff(charged) <= 20;
        assert!(if priced { close } else { charged == 0 }, "{expected} and {charged}");
    }
}

#[test]
fn money_is_machines_for_the_time_and_traffic_by_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = support::sum(
        "[shamir, { name: rep3, parties: { compute: 3, input: 3, output: all } }]",
        "prices:\n  source: made up\n  date: 2026-06\n  currency: USD\n  \
         machine: { vcpu_hour: 3600 USD }\n  egress: [{ pair: internet, gb: 5000 USD }]\n",
    );
    let scenario = scenario.replace("network: ideal", "network: lan");
    let file = support::write(&folder, "s.yaml", &scenario);
    let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
    let table = support::text(&output.stdout);
    assert!(table.contains("money") && table.contains("(2026-06): made up"), "{table}");
    let records = records(&folder.path().join("out"));
    assert_eq!(records.len(), 2);
    for record in &records {
        let metric = |name: &str| record.metrics[name];
        // A dollar a second is a nano-dollar a nanosecond; $5000 a gigabyte is 5000 a byte.
        let nodes = u64::from(record.nodes);
        assert_eq!(metric("total.machine_nusd"), nodes * metric("total.time_ns"));
        assert_eq!(metric("total.machine_nusd.max_party"), metric("total.time_ns"));
        assert_eq!(metric("total.egress_nusd"), 5000 * metric("total.wire_bytes"));
        let most = metric("total.egress_nusd.max_party");
        assert_eq!(most, 5000 * metric("total.wire_bytes.max_party"));
        let sum = metric("total.machine_nusd") + metric("total.egress_nusd");
        assert_eq!(metric("total.money_nusd"), sum);
        let phases = ["setup", "offline", "online"].map(|p| metric(&format!("{p}.money_nusd")));
        assert_eq!(phases.iter().sum::<u64>(), sum);
    }
}

#[test]
fn where_nothing_is_priced_there_is_no_money_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let file = support::write(&folder, "s.yaml", &support::sum("[shamir]", ""));
    let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
    assert!(!support::text(&output.stdout).contains("money"));
    let out = folder.path().join("out");
    let has = |file: &str| std::fs::read_to_string(out.join(file)).unwrap().contains("nusd");
    assert!(!has("results.jsonl") && !has("comparison.csv"));
}

#[test]
fn beyond_the_link_matrix_money_is_there_and_the_matrix_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = support::sum("[shamir]", "prices: aws\n").replace("parties: 3", "parties: 65");
    let file = support::write(&folder, "s.yaml", &scenario);
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let record = &records(&folder.path().join("out"))[0];
    assert_eq!(record.links, None);
    assert!(record.metrics["total.egress_nusd"] > 0);
    assert!(!record.metrics.contains_key("total.bytes.max_link"), "as without prices");
}

#[test]
fn traffic_adds_up_by_party_link_and_scope() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = support::sum("[additive, shamir]", "");
    let scenario = scenario.replace("sum }", "product }").replace("network: ideal", "network: lan");
    let file = support::write(&folder, "s.yaml", &scenario);
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    for record in &records(&folder.path().join("out")) {
        let metric = |name: &str| record.metrics[name];
        let sum = |of: fn(&PartyRow) -> u64| record.parties.iter().map(of).sum::<u64>();
        assert_eq!(sum(|row| row.sent_bytes), metric("total.bytes"));
        assert_eq!(sum(|row| row.received_bytes), metric("total.bytes"), "nothing is lost");
        assert_eq!(sum(|row| row.sent_wire_bytes.unwrap()), metric("total.wire_bytes"));
        assert_eq!(sum(|row| row.received_wire_bytes.unwrap()), metric("total.wire_bytes"));
        let links = record.links.as_ref().unwrap();
        let wire: u64 = links.iter().map(|link| link.wire_bytes.unwrap()).sum();
        assert_eq!(wire, metric("total.wire_bytes"));
        let received: u64 = record.scopes.iter().map(|row| row.received_bytes.unwrap()).sum();
        assert_eq!(received, metric("total.bytes"));
        // A product of three factors takes two triples; Shamir shares are multiplied without any.
        let triples = if record.key.protocol == "additive" { 2 } else { 0 };
        for party in &record.parties {
            let used: u64 = party.correlated.values().sum();
            assert_eq!(used, triples, "{}: {:?}", record.key.protocol, party.correlated);
            let bytes: u64 = party.correlated_bytes.values().sum();
            assert_eq!(bytes, triples * 3 * 16, "three elements of p128 each");
            // The dealer hands out all six shares of 16 bytes at once; without one, two others send
            // a share each.
            let peak = party.mailbox_peak_bytes.unwrap();
            let expected = if record.key.protocol == "additive" { 96..=96 } else { 16..=32 };
            assert!(expected.contains(&peak), "{}: {peak}", record.key.protocol);
        }
    }
}
