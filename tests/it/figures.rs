//! Figures of records against what they are made of.

use mpclab::scenarios::ComputeChoice;

use crate::support::{self, expect, records};

#[test]
fn units_charged_by_op_make_up_the_compute_time() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = support::sum("[shamir, rep3]", "sweep: { compute: [reference, none] }\n");
    let file = support::write(&folder, "s.yaml", &scenario);
    let prepared = support::prepared(&mpclab::registry(), &scenario);
    let ComputeChoice::Profile(profile) = &prepared.cells[0].cell.compute else { panic!() };
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let records = records(&folder.path().join("out"));
    assert_eq!(records.len(), 4);
    for record in &records {
        let cost = |(op, times): (&String, &u64)| profile.price_ps[op] * times / 1000;
        let expected: u64 = record.ops.iter().map(cost).sum();
        assert!(expected > 0, "{} charges", record.key.id());
        let charged = record.metrics["total.compute_ns"];
        let priced = record.profile == "reference";
        // Every op of every party is rounded down.
        let close = expected.abs_diff(charged) <= 20;
        assert!(if priced { close } else { charged == 0 }, "{expected} and {charged}");
    }
}
