//! Verbs, streams, formats and exit codes of the command `mpclab`.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{HOME, expect, mpclab, sum, text, write};

/// Runs a small scenario; what it prints and what it says.
fn printed(format: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[additive, shamir]", "repetitions: 2\n"));
    let output = expect(&folder, 0, &["run", &file, "--format", format]);
    assert!(folder.path().join("mpclab-out/s/results.jsonl").exists(), "the default folder");
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn data_goes_to_stdout_and_talk_to_stderr() {
    let (data, talk) = printed("table");
    assert!(data.contains("additive") && data.contains("shamir") && data.contains("2/2"), "{data}");
    assert!(!data.contains("report.html"), "{data}");
    let lines: Vec<&str> = talk.lines().collect();
    let [first, outputs, report, verdicts] = &lines[..] else { panic!("{talk}") };
    assert_eq!(*first, "outputs of the first repetition:");
    assert!(outputs.starts_with("  additive, shamir: sum = "), "{outputs}");
    assert_eq!(*report, "report: mpclab-out/s/report.html");
    assert_eq!(*verdicts, "16 verdicts: 16 held, 0 violated, 0 inconclusive, 0 out of claim");
    assert!(!data.contains('\u{1b}') && !talk.contains('\u{1b}'), "no terminal, no codes");
}

#[test]
fn a_table_fits_its_width() {
    let (data, _) = printed("table");
    let widest = data.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{widest} columns");
}

#[test]
fn csv_has_equally_long_rows() {
    let (data, _) = printed("csv");
    let rows: Vec<Vec<String>> = data.lines().map(csv_fields).collect();
    let [header, additive, shamir] = &rows[..] else { panic!("{data}") };
    let field = |row: &[String], name: &str| {
        row[header.iter().position(|column| column == name).unwrap()].clone()
    };
    assert!(header.len() == additive.len() && header.len() == shamir.len(), "{data}");
    assert_eq!(field(shamir, "protocol"), "shamir");
    assert_eq!(field(shamir, "domain"), "Z_p, p = 2^128 - 173");
    assert_eq!(field(shamir, "online.bytes"), "160");
    assert_eq!(field(additive, "offline.bytes"), "0", "a sum takes no dealer");
    let folder = tempfile::tempdir().unwrap();
    let product = sum("[additive]", "").replace("name: sum", "name: product");
    let file = write(&folder, "s.yaml", &product);
    let output = expect(&folder, 0, &["run", &file, "--format", "csv"]);
    let rows: Vec<Vec<String>> = text(&output.stdout).lines().map(csv_fields).collect();
    let at = rows[0].iter().position(|column| column == "offline.bytes").unwrap();
    assert_eq!(rows[1][at], "", "what is not priced is not 0");
}

/// The fields of a row; a quoted one may hold commas.
fn csv_fields(row: &str) -> Vec<String> {
    let (mut fields, mut is_quoted) = (vec![String::new()], false);
    for c in row.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

#[test]
fn json_is_json() {
    let (data, _) = printed("json");
    let json: Value = serde_json::from_str(&data).unwrap();
    assert!(json.to_string().contains("\"shamir\""), "{json}");
}

#[test]
fn markdown_has_tables() {
    let (data, _) = printed("markdown");
    let rows = data.lines().filter(|line| line.starts_with('|'));
    assert!(rows.clone().any(|row| row.contains("---")), "{data}");
    assert!(rows.clone().any(|row| row.contains("shamir")), "{data}");
}

#[test]
fn latex_has_a_booktabs_table() {
    let (data, _) = printed("latex");
    for needed in ["\\begin{tabular}", "\\toprule", "\\bottomrule", "\\end{tabular}", "shamir"] {
        assert!(data.contains(needed), "{needed}: {data}");
    }
    assert_eq!(data.matches("\\begin{").count(), data.matches("\\end{").count());
}

#[test]
fn an_unknown_format_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", ""));
    let output = expect(&folder, 2, &["run", &file, "--format", "excel"]);
    assert!(text(&output.stderr).contains("latex"), "what is allowed: {output:?}");
    assert!(!folder.path().join("mpclab-out").exists());
}

#[test]
fn colour_is_for_those_who_want_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "bad.yaml", &sum("[shamri]", ""));
    let said = |environment: &[(&str, &str)]| {
        let mut command = mpclab(&folder);
        command.args(["check", &file]).envs(environment.iter().copied());
        text(&command.output().unwrap().stderr)
    };
    let plain = said(&[]);
    assert!(plain.contains("did you mean `shamir`") && !plain.contains('\u{1b}'), "{plain}");
    assert!(said(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'), "colour can be had");
    assert_eq!(said(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}

/// Runs with a stdout, and perhaps a stderr, that nobody reads.
fn unheard(arguments: &[&str], deaf: bool) -> Option<i32> {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", ""));
    let mut child = Command::new(env!("CARGO_BIN_EXE_mpclab"))
        .args(arguments)
        .arg(file)
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    if deaf {
        drop(child.stderr.take());
    }
    child.wait_with_output().unwrap().status.code()
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    assert_eq!(unheard(&["run"], false), Some(0));
    assert_eq!(unheard(&["run"], true), Some(0));
    assert_eq!(unheard(&["check"], true), Some(0));
    // Nor does it turn a mistake into something else.
    assert_eq!(unheard(&["run", "--set", "parties=0"], true), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_mistake_and_no_panic() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let run = |stdout: Stdio, stderr: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpclab"));
        command.args(["list", "protocols"]).stdout(stdout).stderr(stderr).output().unwrap()
    };
    let output = run(full().into(), Stdio::piped());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: stdout: "), "{output:?}");
    assert_eq!(run(full().into(), full().into()).status.code(), Some(2));
}

#[test]
fn lists_come_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    for (what, known) in [
        ("protocols", "rep3"),
        ("attacks", "guessed-challenge"),
        ("functions", "second_price_auction"),
        ("networks", "aws10"),
        ("profiles", "reference"),
        ("prices", "aws"),
        ("metrics", "wire_bytes"),
        ("ops", "hash.blake3.byte"),
    ] {
        let list =
            |format: &str| text(&expect(&folder, 0, &["list", what, "--format", format]).stdout);
        assert!(list("table").contains(known), "{what}");
        assert!(list("markdown").contains(known), "{what}");
        let rows = list("csv").lines().count() - 1;
        let json: Value = serde_json::from_str(&list("json")).unwrap();
        assert_eq!(json.as_array().unwrap().len(), rows, "{what}: {json}");
        assert!(json.to_string().contains(known), "{what}: {json}");
    }
    expect(&folder, 2, &["list", "protocols", "--format", "latex"]);
    expect(&folder, 2, &["list", "colours"]);
}

#[test]
fn check_takes_every_scenario_that_comes_along() {
    let folder = tempfile::tempdir().unwrap();
    // The crate's own tests hold bad files too.
    let home =
        fs::read_dir(format!("{HOME}/scenarios")).unwrap().map(|entry| entry.unwrap().path());
    let folders = home.filter(|path| path.is_dir() && !path.ends_with("tests"));
    let folders: Vec<String> = folders.map(|path| path.to_str().unwrap().to_owned()).collect();
    let paths: Vec<&str> = folders.iter().map(String::as_str).collect();
    let output = expect(&folder, 0, &[&["check"], &paths[..]].concat());
    // What a program of one's own takes is set in.
    let output = text(&output.stdout);
    let lines = output.lines().filter(|line| !line.starts_with(' '));
    let checked: BTreeSet<String> = lines.map(str::to_owned).collect();
    let is_auction = |line: &String| line.ends_with("smoke/auction.yaml: ok, 6 cells, 18 runs");
    assert!(checked.iter().any(is_auction), "{checked:#?}");
    assert!(checked.iter().all(|line| line.contains(": ok, ")), "{checked:#?}");
    // Networks and profiles are no scenarios.
    assert!(!checked.iter().any(|line| line.contains("networks/")), "{checked:#?}");
}

#[test]
fn check_says_what_is_wrong_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (bad, good) = (sum("[shamri]", ""), sum("[shamir]", ""));
    let (bad, good) = (write(&folder, "bad.yaml", &bad), write(&folder, "good.yaml", &good));
    let output = expect(&folder, 2, &["check", &bad, &good]);
    assert_eq!(text(&output.stdout), format!("{good}: ok, 1 cells, 1 runs\n"));
    assert!(text(&output.stderr).contains("bad.yaml:4:13"), "{output:?}");
    expect(&folder, 2, &["check", "missing.yaml"]);
}

#[test]
fn completions_know_the_verbs() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&expect(&folder, 0, &["completions", shell]).stdout);
        for verb in ["run", "check", "list", "report", "calibrate", "schema", "completions"] {
            assert!(script.contains(verb), "{shell} does not know {verb}");
        }
        assert!(script.contains("mpclab"), "{shell}");
    }
    expect(&folder, 2, &["completions", "cobol"]);
}

#[test]
fn bash_can_read_its_completions() {
    let folder = tempfile::tempdir().unwrap();
    let script = text(&expect(&folder, 0, &["completions", "bash"]).stdout);
    let script = write(&folder, "mpclab.bash", &script);
    let Ok(status) = Command::new("bash").args(["-n", &script]).status() else {
        return eprintln!("there is no bash here");
    };
    assert!(status.success());
}

#[test]
fn help_and_version_are_data() {
    let folder = tempfile::tempdir().unwrap();
    let version = text(&expect(&folder, 0, &["--version"]).stdout);
    assert_eq!(version, format!("mpclab {}\n", env!("CARGO_PKG_VERSION")));
    let help = text(&expect(&folder, 0, &["run", "--help"]).stdout);
    for option in ["--set", "--seed", "--jobs", "--out", "--fresh", "--format"] {
        assert!(help.contains(option), "{option}");
    }
    let output = expect(&folder, 2, &[]);
    assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    expect(&folder, 2, &["fly"]);
}

#[test]
fn calibration_writes_a_profile_that_scenarios_can_use() {
    let folder = tempfile::tempdir().unwrap();
    expect(&folder, 0, &["calibrate", "--millis", "1", "--rounds", "1", "--out", "mine.yaml"]);
    let scenario = sum("[shamir]", "").replace("compute: none", "compute: ./mine.yaml");
    let file = write(&folder, "s.yaml", &scenario);
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let [record] = &crate::support::records(&folder.path().join("out"))[..] else { panic!() };
    assert_eq!(record.profile, "mine");
    assert!(record.metrics["total.compute_ns"] > 0);
}
