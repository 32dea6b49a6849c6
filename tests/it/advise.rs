//! What `advise` recommends, what it rules out, and why.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use mpclab::advise::{Finished, Options, advise};
use mpclab::registry;
use mpclab::reports::advice::{Advice, WhatIfOutcome};
use mpclab::scenarios::deployment;
use tempfile::{TempDir, tempdir};

use crate::support::{contents, expect, text, write};

/// A product of three numbers among three parties, 10 ms apart.
fn product(more: &str) -> String {
    format!(
        "about: Three multiply.\nfunction: {{ name: product }}\nparties: 3\n\
         network: {{ latency: 10ms, uplink: 10Mbit/s, downlink: 10Mbit/s, framing: tcp }}\n\
         repetitions: 6\n{more}"
    )
}

const SEMI_HONEST: &str = "threat: { adversary: semi-honest, corruptions: 1 }\n";

fn found(folder: &TempDir, deployed: &str) -> Finished {
    let path = write(folder, "deployed.yaml", deployed);
    let registry = registry();
    let deployment = deployment(Path::new(&path), &[], &registry);
    let deployment = deployment.unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
    let options = Options { progress: &|_| {}, interrupted: &AtomicBool::new(false) };
    match advise(&registry, &deployment, &options) {
        Ok(finished) => finished,
        Err(why) => panic!("{why:?}"),
    }
}

fn why(advice: &Advice, protocol: &str) -> String {
    let out = advice.ruled_out.iter().find(|out| out.protocol == protocol);
    out.map(|out| out.why.join("; ")).unwrap_or_default()
}

#[test]
fn what_is_ruled_out_says_why() {
    let folder = tempdir().unwrap();
    // Some of the protocols: whoever makes triples of transfers takes long.
    let among = |protocols: &str, threat: &str| {
        let more = format!("protocols: [{protocols}]\nthreat: {{ {threat} }}\n");
        found(&folder, &product(&more)).advice
    };
    let all = "additive, coin_toss, rep3_ps, shamir, spdz";
    let advice = among(all, "adversary: malicious, corruptions: 1");
    assert!(why(&advice, "shamir").contains("withstands semi-honest adversaries"));
    assert!(why(&advice, "spdz").contains("no price"));
    assert!(why(&advice, "coin_toss").contains("it realises coin_toss"));
    let left = |advice: &Advice| -> BTreeSet<String> {
        advice.options.iter().map(|choice| choice.protocol.clone()).collect()
    };
    assert_eq!(left(&advice), ["rep3_ps"].map(str::to_owned).into());
    assert!(advice.recommended.is_some_and(|label| label.starts_with("rep3_ps")));
    // With a weaker threat the same protocol is an option.
    let advice = among(all, "adversary: semi-honest, corruptions: 1");
    assert!(advice.options.iter().any(|choice| choice.protocol == "shamir"));
    let advice = among("additive, gmw, shamir", "adversary: semi-honest, corruptions: 2");
    assert!(why(&advice, "shamir").contains("1 of 3 corrupted, the threat is 2"));
    // Triples that somebody makes have a price; those of a dealer have none.
    assert!(why(&advice, "additive").contains("no price"));
    assert_eq!(left(&advice), ["additive", "gmw"].map(str::to_owned).into());
    let label = advice.recommended.expect("two have a price");
    assert!(label.starts_with("additive ") && label.ends_with(" offline=semi"), "{label}");
}

#[test]
fn a_setup_without_a_price_is_never_ranked_among_others() {
    let folder = tempdir().unwrap();
    let accept =
        format!("{SEMI_HONEST}unpriced_setup: accept\nprotocols: [additive, rep3, shamir, spdz]\n");
    let advice = found(&folder, &product(&accept)).advice;
    assert!(advice.options.iter().all(|choice| !choice.unpriced));
    assert!(advice.unpriced.iter().any(|choice| choice.protocol == "additive"));
    let best = advice.recommended.unwrap();
    assert!(advice.options.iter().any(|choice| choice.label == best));
}

#[test]
fn a_tighter_deadline_changes_the_recommendation_until_nothing_meets_it() {
    let folder = tempdir().unwrap();
    // By bytes, so that the deadline and not the rank asks for the fastest.
    let by_bytes = |more: &str| {
        let deployed = format!(
            "about: Three bid.\nfunction: {{ name: second_price_auction, params: {{ bits: 32 }} }}\n\
             parties: 3\nnetwork: {{ latency: 10ms }}\nrepetitions: 3\n{SEMI_HONEST}\
             rank_by: bytes\nprotocols: [shamir, rep3]\n{more}"
        );
        found(&folder, &deployed).advice
    };
    let relaxed = by_bytes("");
    let first = relaxed.best().unwrap();
    let faster = relaxed.options.iter().filter(|other| other.cost.late_ns < first.cost.late_ns);
    let faster =
        faster.map(|other| other.cost.late_ns).max().expect("a faster one with more bytes");
    let tight = by_bytes(&format!("deadline: {faster}ns\n"));
    assert!(tight.recommended.is_some());
    assert_ne!(tight.recommended, relaxed.recommended);
    let missed = tight.options.iter().find(|choice| choice.label == first.label).unwrap();
    assert!(missed.misses[0].starts_with("misses the deadline by"), "{:?}", missed.misses);
    let hopeless = by_bytes("deadline: 1ms\n");
    assert_eq!(hopeless.recommended, None);
    assert!(hopeless.options.iter().all(|choice| !choice.misses.is_empty()));
}

#[test]
fn changes_are_run_and_not_guessed() {
    let folder = tempdir().unwrap();
    let more = format!("{SEMI_HONEST}protocols: [shamir]\n");
    let finished = found(&folder, &product(&more));
    let best = finished.advice.best().unwrap();
    let factor = |change: &str| {
        let asked = best.what_if.iter().find(|what| what.change.contains(change)).unwrap();
        match &asked.outcome {
            WhatIfOutcome::Cost { cost, .. } => cost.median_ns as f64 / best.cost.median_ns as f64,
            WhatIfOutcome::No(why) => panic!("{change}: {why}"),
        }
    };
    assert!((1.8..=2.0).contains(&factor("RTT doubles")), "{}", factor("RTT doubles"));
    assert!(factor("link capacity halves") > 1.0);
    assert!(factor("4 times slower") > 1.0);
    assert!(factor("2 more parties join") >= 1.0);
    let swept = |record: &mpclab::reports::record::Record| record.key.sweep.contains_key("what_if");
    assert!(finished.records.iter().any(swept), "they are among the results");
}

#[test]
fn the_model_of_load_agrees_with_sessions_that_are_run() {
    let folder = tempdir().unwrap();
    let more = format!(
        "{SEMI_HONEST}protocols: [shamir]\ndeadline: 1s\n\
         load: {{ arrivals: {{ poisson: 100/s }}, in_flight: 64, requests: 500 }}\n"
    );
    let advice = found(&folder, &product(&more)).advice;
    let load = advice.best().unwrap().load.as_ref().unwrap();
    assert_eq!(load.checks.len(), 2);
    for check in &load.checks {
        let (median, p95) = check.errors().unwrap_or_else(|| panic!("{:?}", check.measured));
        assert!(median.abs() < 0.15 && p95.abs() < 0.25, "{median} and {p95} in {check:?}");
    }
    let sizing = &advice.best().unwrap().sizing;
    assert!(sizing.iter().any(|sizing| sizing.what == "link" && sizing.smallest.is_some()));
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let folder = tempdir().unwrap();
    let refused = |more: &str, wanted: &[&str]| {
        let path = write(&folder, "bad.yaml", &product(more));
        let shown = text(&expect(&folder, 2, &["advise", &path]).stderr);
        for part in wanted {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
    };
    refused("", &["missing key `threat`"]);
    let many = "threat: { adversary: malicious, corruptions: 3 }\n";
    refused(many, &["bad.yaml:6:", "less than the 3 computing parties"]);
    refused("threat: { adversary: malicous, corruptions: 1 }\n", &["did you mean `malicious`?"]);
    refused(&format!("{SEMI_HONEST}deadlin: 1s\n"), &["bad.yaml:7:", "did you mean `deadline`?"]);
    refused(&format!("{SEMI_HONEST}deadline: 5\n"), &["the unit is missing"]);
    refused(&format!("{SEMI_HONEST}protocols: [shamri]\n"), &["did you mean `shamir`?"]);
    let load = format!("{SEMI_HONEST}load: {{ arrivals: {{ poisson: 0/s }} }}\n");
    refused(&load, &["there would be no requests"]);
    write(&folder, "trace.txt", "1s\n3s\n2s\n");
    let load = format!("{SEMI_HONEST}load: {{ arrivals: {{ trace: trace.txt }} }}\n");
    refused(&load, &["trace.txt:3:1", "earlier than the one before"]);
    // What it shares with scenarios is read by the same code.
    let twice = format!("{SEMI_HONEST}machines: [{{ party: 7, slowdown: 2 }}]\n");
    refused(&twice, &["there is no node 7", "nodes are 0 to 2"]);
}

#[test]
fn the_same_file_gives_the_same_bytes_and_the_exit_code_says_whether_it_will_do() {
    let folder = tempdir().unwrap();
    let more = format!(
        "{SEMI_HONEST}protocols: [shamir, rep3_ps]\ndeadline: 10s\n\
         load: {{ arrivals: {{ poisson: 5/s }}, requests: 200 }}\n"
    );
    let path = write(&folder, "deployed.yaml", &product(&more));
    let run = |out: &str, jobs: &str| {
        let arguments = ["advise", &path, "--out", out, "--jobs", jobs];
        let shown = expect(&folder, 0, &arguments).stdout;
        (shown, contents(&folder.path().join(out)))
    };
    let first = run("first", "1");
    assert!(first.1.contains_key(Path::new("advice.html")));
    assert!(first.1.contains_key(Path::new("plots/load.svg")));
    assert_eq!(first, run("second", "2"));
    let shown = text(&first.0);
    assert!(shown.starts_with("Recommended: "), "{shown}");
    let late = ["advise", &path, "--set", "deadline=1ms", "--out", "late"];
    let shown = text(&expect(&folder, 1, &late).stdout);
    assert!(shown.starts_with("Recommended: none. Nothing meets all requirements"), "{shown}");
}

/// What `advise` refuses, `check` refuses: they plan with the same code.
#[test]
fn check_refuses_what_advise_refuses() {
    let folder = tempdir().unwrap();
    let good = product(SEMI_HONEST);
    let regions = "network: { preset: aws10, placement: [us-east-1, us-east-2, atlantis-1] }";
    let network = good.lines().nth(3).unwrap();
    for (deployed, why, line) in [
        (good.replace(network, regions), "atlantis-1", 4),
        (good.replace("name: product", "name: product, params: { bits: 900 }"), "bits", 2),
        (good.replace("uplink: 10Mbit/s", "uplink: 1Gbit"), "1Gbit", 4),
        (good.replace("parties: 3", "parties: 0"), "parties", 3),
    ] {
        assert_ne!(deployed, good);
        let path = write(&folder, "deployed.yaml", &deployed);
        let checked = text(&expect(&folder, 2, &["check", &path]).stderr);
        assert!(checked.contains(why), "{checked}");
        assert!(checked.contains(&format!("deployed.yaml:{line}:")), "{checked}");
        assert_eq!(checked, text(&expect(&folder, 2, &["advise", &path]).stderr));
    }
    let path = write(&folder, "deployed.yaml", &good);
    let checked = text(&expect(&folder, 0, &["check", &path]).stdout);
    assert!(checked.contains("ok, a deployment, ") && checked.contains(" options"), "{checked}");
}
