//! Ctrl-C keeps what is done.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{HOME, expect, results, text};

/// A scenario of some seconds; every run is a fraction of one.
fn arguments(out: &Path) -> Vec<String> {
    let auction = format!("{HOME}/scenarios/smoke/auction.yaml");
    let words = [
        "run",
        &auction,
        "--set",
        "protocols=[additive, shamir]",
        "--set",
        "repetitions=150",
        "--out",
        out.to_str().unwrap(),
    ];
    words.map(str::to_owned).to_vec()
}

fn journal_lines(out: &Path) -> usize {
    fs::read_to_string(out.join("journal.jsonl")).map_or(0, |text| text.lines().count())
}

/// Waits until some runs are done, then does what Ctrl-C does.
fn interrupt(child: &mut Child, out: &Path) {
    let start = Instant::now();
    while journal_lines(out) < 5 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be interrupted");
        assert!(start.elapsed() < Duration::from_secs(60), "no run has ended for a minute");
        sleep(Duration::from_millis(2));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_done_and_running_again_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (cut, whole) = (folder.path().join("cut"), folder.path().join("whole"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_mpclab"))
        .args(arguments(&cut))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    interrupt(&mut child, &cut);
    let output = child.wait_with_output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let first = said.lines().next().unwrap();
    assert!(first.starts_with("interrupted: finishing "), "{said}");
    assert!(first.ends_with(" under way; Ctrl-C again stops at once"), "{said}");
    let done = journal_lines(&cut);
    assert!((5..600).contains(&done), "{done} runs");
    assert!(said.contains(&format!("interrupted after {done} runs; run again to go on")), "{said}");
    assert!(!cut.join("results.jsonl").exists(), "half of the results are not results");

    let again = arguments(&cut);
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    let output = expect(&folder, 0, &again);
    let said = text(&output.stderr);
    assert!(!said.contains("finishing"), "{said}");
    assert!(said.contains(&format!("({done} runs were there before)")), "{said}");
    let uninterrupted = arguments(&whole);
    expect(&folder, 0, &uninterrupted.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(results(&cut) == results(&whole), "an interruption changes the results");
}
