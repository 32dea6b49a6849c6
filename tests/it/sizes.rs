//! What multiplies is counted and estimated before it is made.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{expect, sum, text, write};

/// A sum among so many with vectors of this length.
fn vectors(parties: usize, length: usize) -> String {
    let sum = sum("[additive, shamir]", "");
    let sum = sum.replace("parties: 3", &format!("parties: {parties}"));
    sum.replace("{ name: sum }", &format!("{{ name: sum, params: {{ length: {length} }} }}"))
}

/// What `run` and `check` say alike about a file that they refuse; nothing is made.
fn refused(folder: &TempDir, file: &str, more: &[&str]) -> String {
    let start = Instant::now();
    let said = ["run", "check"].map(|verb| {
        let arguments = [&[verb, file][..], more].concat();
        text(&expect(folder, 2, &arguments).stderr)
    });
    assert_eq!(said[0], said[1]);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    assert!(!folder.path().join("mpclab-out").exists());
    said[0].clone()
}

#[test]
fn runs_that_would_swamp_memory_are_refused_with_their_sizes() {
    let folder = tempfile::tempdir().unwrap();
    for (scenario, told) in [
        (vectors(20, 4_000_000), ["among 20: 160,000,000 values in and out", "of payload"]),
        (vectors(3000, 1), ["among 3000: 6,000 values in and out", "messages"]),
    ] {
        let file = write(&folder, "large.yaml", &scenario);
        let said = refused(&folder, &file, &["--budget", "memory=4GiB"]);
        assert!(said.contains("of memory, and the budget is 4.29 GB"), "{said}");
        assert!(said.contains("large.yaml:2:"), "{said}");
        assert!(told.iter().all(|told| said.contains(told)), "{said}");
        assert!(said.contains("`--budget memory=...` allows more"), "{said}");
    }
    // What does fit is not refused, and says what it takes where that is much.
    let file = write(&folder, "large.yaml", &vectors(20, 4_000_000));
    let output = expect(&folder, 0, &["check", &file, "--budget", "memory=1000GB"]);
    let said = text(&output.stdout);
    assert!(said.contains("  estimated: ") && said.contains(" GB of memory, "), "{said}");
    let file = write(&folder, "small.yaml", &vectors(3, 4));
    let output = expect(&folder, 0, &["check", &file]);
    assert!(text(&output.stdout).ends_with("ok, 2 cells, 2 runs\n"), "{output:?}");
    expect(&folder, 0, &["run", &file, "--budget", "memory=1GB,time=1min"]);
}

#[test]
fn budgets_are_of_memory_and_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "small.yaml", &vectors(3, 4));
    let said = refused(&folder, &file, &["--budget", "memory=20MB", "--jobs", "2"]);
    assert!(said.contains("the budget is 20.0 MB"), "{said}");
    assert!(said.contains("`--jobs 1` needs less"), "{said}");
    let said = refused(&folder, &file, &["--budget", "time=1us", "--jobs", "1"]);
    assert!(said.contains("these 2 runs need about ") && said.contains("1.00 µs"), "{said}");
    assert!(!said.contains("--jobs"), "{said}");
    let said = text(&expect(&folder, 2, &["run", &file, "--budget", "8GiB"]).stderr);
    assert!(said.contains("memory=8GiB, time=2h, or both"), "{said}");
    let said = text(&expect(&folder, 2, &["attack", &file, "--budget", "memory=20MB"]).stderr);
    assert!(said.contains("the budget is 20.0 MB"), "{said}");
}

#[test]
fn sweeps_times_protocols_times_repetitions_are_counted_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let values = |from: usize| (from..from + 100).map(|at| at.to_string()).collect::<Vec<_>>();
    let sweep = format!(
        "sweep: {{ security.statistical: [{}], security.computational: [{}] }}\n",
        values(40).join(", "),
        values(80).join(", ")
    );
    let many = format!("{sweep}repetitions: 1000000\n");
    let file = write(&folder, "runs.yaml", &sum("[additive]", &many));
    let said = refused(&folder, &file, &[]);
    assert!(said.contains("a scenario may have at most 1000000 runs"), "{said}");
    let counts = "these are 10000000000: 10000 combinations of swept values x 1 protocols x \
                  1000000 repetitions";
    assert!(said.contains(counts), "{said}");
    let labels: Vec<String> =
        (0..11).map(|at| format!("{{ name: additive, label: a{at} }}")).collect();
    let file = write(&folder, "cells.yaml", &sum(&format!("[{}]", labels.join(", ")), &sweep));
    let said = refused(&folder, &file, &[]);
    assert!(said.contains("a scenario may have at most 100000 cells"), "{said}");
    assert!(said.contains("these are 110000: 10000 combinations"), "{said}");
    // One point less of each key, and one run of each, are fine.
    let file = write(&folder, "few.yaml", &sum("[additive]", "repetitions: 1000\n"));
    let output = expect(&folder, 0, &["check", &file]);
    assert!(text(&output.stdout).contains("ok, 1 cells, 1000 runs"), "{output:?}");
}
