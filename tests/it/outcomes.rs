//! What becomes of a run that some party does not live to see.

use mpclab::reports::record::{Outcome, Record};
use mpclab::sim::vocabulary::{Guarantee, Observed, Standing, Verdict};

use crate::protocols;
use crate::support::{records, text, write};

fn run(scenario: &str) -> (i32, String, Vec<Record>) {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (write(&folder, "s.yaml", scenario), folder.path().join("out"));
    let output = protocols::run(&["run", &file, "--out", out.to_str().unwrap()]);
    let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
    (output.status.code().unwrap(), told, records(&out))
}

fn verdict(record: &Record, guarantee: Guarantee) -> &Verdict {
    record.verdicts.iter().find(|verdict| verdict.guarantee == guarantee).unwrap()
}

/// Four clients and three servers; node 6 is the last client.
const CLIENTS: &str = "about: a client goes offline\n\
    function: { name: sum, params: { bits: 16 }, inputs: { values: [{value: 1}, {value: 2}, \
    {value: 3}, {value: 4}] } }\n\
    parties: { input: 4, compute: 3, output: input }\n\
    protocols: [shamir, rep3]\nnetwork: wan\n";

fn crash(party: u32, at: &str, kind: &str) -> String {
    format!("faults: [{{ crash: {{ party: {party}, at: {at}, kind: {kind} }} }}]\n")
}

#[test]
fn clients_that_stay_finish_the_run_of_one_that_goes_after_its_input() {
    let expect = "expect:\n  - { correctness: held }\n  - { delivery: held }\n\
                  \x20 - { metric: online.rounds, equals: 2 }\n";
    let (code, said, records) = run(&format!("{CLIENTS}{}{expect}", crash(6, "60ms", "host")));
    assert_eq!((code, records.len()), (0, 2), "{said}");
    for record in &records {
        assert_eq!((&record.outcome, &*record.outputs), (&Outcome::Ok, "sum = 10"), "{said}");
        let delivery = verdict(record, Guarantee::Delivery);
        assert_eq!(
            delivery.evidence,
            "party 6 crashed, nobody misses it: all 3 output parties that are left have their \
             output"
        );
    }
    let remark = "! shamir: finished by the survivors: party 6 crashed";
    assert!(said.contains(remark), "{said}");
    assert!(
        said.trim_end().ends_with("8 verdicts: 8 held, 0 violated, 0 inconclusive, 0 out of claim"),
        "{said}"
    );
}

/// Each server and each client at many moments: right outputs or none, and delivery is claimed only
/// where the others had all that they needed.
#[test]
fn whoever_crashes_whenever_the_verdicts_follow_from_who_is_left() {
    let (mut finished, mut ended) = (0, 0);
    for party in 0..7 {
        for at in ["0ns", "20ms", "49ms", "51ms", "70ms", "99ms", "1h"] {
            for kind in ["host", "process"] {
                let (code, said, records) = run(&format!("{CLIENTS}{}", crash(party, at, kind)));
                assert_eq!(code, 0, "{said}");
                for record in &records {
                    let correctness = verdict(record, Guarantee::Correctness);
                    assert_eq!(correctness.standing(), Standing::Held, "{said}");
                    let delivery = verdict(record, Guarantee::Delivery);
                    assert_ne!(delivery.standing(), Standing::Violated, "{said}");
                    if record.outcome == Outcome::Ok {
                        finished += 1;
                        assert_eq!(delivery.standing(), Standing::Held, "{said}");
                        assert!(record.metrics["total.time_ns"] > 0);
                    } else {
                        ended += 1;
                        assert_eq!(delivery.standing(), Standing::OutOfClaim, "{said}");
                        assert_eq!(delivery.observed, Observed::Broken, "{said}");
                    }
                }
            }
        }
    }
    assert_eq!((finished, ended), (154, 42));
}

/// A server that opens nothing is not missed after its last product; one that opens is.
#[test]
fn a_server_after_its_last_message_is_not_missed() {
    let scenario = |party: u32, at: &str| {
        format!(
            "about: a server crashes\nfunction: {{ name: sum, params: {{ bits: 16 }} }}\nparties: 3\n\
             protocols: [shamir]\nnetwork: wan\n{}",
            crash(party, at, "host")
        )
    };
    let (code, said, records) = run(&scenario(2, "70ms"));
    assert_eq!((code, &records[0].outcome), (0, &Outcome::Ok), "{said}");
    assert_eq!(verdict(&records[0], Guarantee::Delivery).standing(), Standing::Held);
    // The first t + 1 servers open: without one of them there is no output, and none is claimed.
    let (code, said, records) = run(&scenario(0, "20ms"));
    assert_eq!(code, 0, "{said}");
    assert!(matches!(records[0].outcome, Outcome::Stalled(_)), "{said}");
    assert_eq!(verdict(&records[0], Guarantee::Delivery).standing(), Standing::OutOfClaim);
    assert!(said.contains("1 out of claim (1 of them broken, which fails nothing)"), "{said}");
}

/// Who stays may miss what an ideal functionality tells it only when the other one has spoken.
#[test]
fn a_party_that_an_ideal_functionality_waits_for_is_missed() {
    let scenario = format!(
        "about: a garbler crashes\nfunction: {{ name: random_bits, params: {{ count: 4 }} }}\n\
         parties: 2\nprotocols: [{{ name: yao, params: {{ ot: {{ base: ideal }} }} }}]\n\
         network: wan\ncompute: none\n{}",
        crash(0, "0ns", "process")
    );
    let (code, said, records) = run(&scenario);
    assert_eq!(code, 0, "{said}");
    let delivery = verdict(&records[0], Guarantee::Delivery);
    assert_eq!(delivery.observed, Observed::Broken, "{said}");
    assert_eq!(delivery.standing(), Standing::OutOfClaim, "{said}");
}
