//! The regression gate on the command line: `compare` and `baseline update`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::protocols::{VERSION, command};
use crate::support::{HOME, expect, sum, text, write};

/// Results of a version of the protocol `evolves`, in a folder of their own.
fn results(folder: &TempDir, version: &str, out: &str, more: &[&str]) -> String {
    let file = write(folder, "s.yaml", &sum("[evolves]", "repetitions: 2\n"));
    let out = folder.path().join(out).to_str().unwrap().to_owned();
    let run = [&["run", &file, "--out", &out], more].concat();
    let output = command(&run).env(VERSION, version).output().unwrap();
    // Whether the run's own checks hold is another question.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
    out
}

fn compare(folder: &TempDir, code: i32, arguments: &[&str]) -> Output {
    expect(folder, code, &[&["compare"], arguments].concat())
}

/// Three parties send each other 16 bytes; in the worse version party 1 sends once more.
const WORSE: &str = "regression: s: evolves: online.bytes: 96 B, now 112 B, +16.7 %\n";

#[test]
fn a_worsened_protocol_trips_the_gate_and_an_equal_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let good = results(&folder, "nothing", "good", &[]);
    let same = results(&folder, "nothing", "same", &["--jobs", "1"]);
    let worse = results(&folder, "costly", "worse", &[]);
    let baselines = folder.path().join("baselines").to_str().unwrap().to_owned();
    expect(&folder, 0, &["baseline", "update", &good, "--to", &baselines]);
    for base in [&good, &baselines, &format!("{baselines}/s.json")] {
        let equal = compare(&folder, 0, &[base, &same]);
        assert_eq!(text(&equal.stderr), "");
        assert!(text(&equal.stdout).starts_with("against the baseline: 1 unchanged\n"));
        let tripped = compare(&folder, 1, &[base, &worse]);
        assert!(text(&tripped.stderr).contains(WORSE), "{}", text(&tripped.stderr));
        let table = text(&tripped.stdout);
        assert!(table.contains("online.bytes") && table.contains("112 B"), "{table}");
    }
    // Nothing lets a regression pass.
    compare(
        &folder,
        1,
        &[&good, &worse, "--allow", "gone,not-comparable,digest", "--band", "1000%"],
    );
    let wrong = results(&folder, "wrong", "wrong", &[]);
    let tripped = text(&compare(&folder, 1, &[&good, &wrong]).stderr);
    assert!(tripped.contains("evolves: outcome: ok, now wrong\n"), "{tripped}");
}

#[test]
fn an_improved_protocol_passes_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let worse = results(&folder, "costly", "worse", &[]);
    let good = results(&folder, "nothing", "good", &[]);
    let better = compare(&folder, 0, &[&worse, &good]);
    let table = text(&better.stdout);
    assert!(table.starts_with("against the baseline: 1 improvement\n"), "{table}");
    assert!(table.contains("-14.3 %"), "{table}");
    assert_eq!(text(&better.stderr), "");
}

#[test]
fn a_changed_scenario_is_not_comparable_and_says_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let base = results(&folder, "nothing", "base", &[]);
    for (set, reason) in [
        ("function.params.length=2", "what runs has changed: function.params\n"),
        ("network=lan", "what runs has changed: network\n"),
        ("seed=2", "seed 1, now 2\n"),
        ("repetitions=3", "2 repetitions, now 3\n"),
    ] {
        let other = results(&folder, "nothing", &format!("other {set}"), &["--set", set]);
        let told = text(&compare(&folder, 1, &[&base, &other]).stderr);
        assert_eq!(told, format!("not comparable: s: evolves: {reason}"));
        compare(&folder, 0, &[&base, &other, "--allow", "not-comparable"]);
    }
    // What computing costs changes times alone, and this protocol computes nothing.
    let priced = results(&folder, "nothing", "priced", &["--set", "compute=reference"]);
    let told = text(&compare(&folder, 1, &[&base, &priced]).stderr);
    assert_eq!(told, "not comparable: s: evolves: times: profile none, now reference\n");
}

/// A new protocol brings new prices to a profile; results of the others stay comparable.
#[test]
fn the_price_of_what_is_not_charged_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[rep3]", "").replace("none", "machine.yaml"));
    let profile = fs::read_to_string(format!("{HOME}/scenarios/profiles/reference.yaml")).unwrap();
    let run = |out: &str, op: &str| {
        let changed =
            profile.replace(&format!("  {op}: {{ call: "), &format!("  {op}: {{ call: 9"));
        write(&folder, "machine.yaml", &changed);
        expect(&folder, 0, &["run", &file, "--out", out]);
        changed != profile
    };
    assert!(!run("base", "none"));
    for not_charged in ["ot.hash", "field.m61.mul"] {
        assert!(run(not_charged, not_charged));
        compare(&folder, 0, &["base", not_charged]);
    }
    for charged in ["net.send", "prg.chacha.byte"] {
        assert!(run(charged, charged), "{charged}");
        let told = text(&compare(&folder, 1, &["base", charged]).stderr);
        assert_eq!(told, "not comparable: s: rep3: times: profile machine has changed\n");
    }
}

#[test]
fn what_is_gone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let both = write(&folder, "s.yaml", &sum("[rep3, shamir]", ""));
    expect(&folder, 0, &["run", &both, "--out", "both"]);
    write(&folder, "s.yaml", &sum("[rep3]", ""));
    expect(&folder, 0, &["run", &both, "--out", "one"]);
    let gone = expect(&folder, 1, &["compare", "both", "one"]);
    assert!(text(&gone.stderr).starts_with("gone: s: shamir: "), "{}", text(&gone.stderr));
    expect(&folder, 0, &["compare", "both", "one", "--allow", "gone"]);
    let new = expect(&folder, 0, &["compare", "one", "both"]);
    assert!(text(&new.stdout).starts_with("against the baseline: 1 new, 1 unchanged\n"));
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[rep3]", ""));
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    write(&folder, "broken.json", "{}");
    fs::create_dir(folder.path().join("copy")).unwrap();
    let path = |name: &str| folder.path().join(name).join("results.jsonl");
    fs::copy(path("out"), path("copy")).unwrap();
    for (arguments, told) in [
        (&["compare", "absent", "out"][..], "absent"),
        (&["compare", "empty", "out"], "no results and no baselines"),
        (&["compare", "broken.json", "out"], "not a baseline"),
        (&["compare", "out", "out", "copy"], "is there twice"),
        (&["compare", "out", "out", "--format", "xml"], "benchmark-action"),
        (&["compare", "out", "out", "--band", "wide"], "percent"),
        (&["compare", "out", "out", "--allow", "regression"], "not-comparable"),
        (&["compare", "out", "out", "--history", "out"], "--out"),
        (&["baseline", "update", "empty", "--to", "b"], "no results"),
    ] {
        let said = text(&expect(&folder, 2, arguments).stderr);
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    let measured = sum("[rep3]", "").replace("compute: none", "compute: measured");
    let file = write(&folder, "m.yaml", &measured);
    expect(&folder, 0, &["run", &file, "--out", "measured"]);
    let said = text(&expect(&folder, 2, &["baseline", "update", "measured", "--to", "b"]).stderr);
    assert!(said.contains("a baseline needs a profile"), "{said}");
}

#[test]
fn a_baseline_is_stable_and_free_of_noise() {
    let folder = tempfile::tempdir().unwrap();
    let coin = format!("{HOME}/scenarios/smoke/coin_toss.yaml");
    for out in ["a", "b"] {
        expect(&folder, 0, &["run", &coin, "--out", out]);
    }
    let update = |from: &str| {
        text(&expect(&folder, 0, &["baseline", "update", from, "--to", "base"]).stderr)
    };
    assert_eq!(update("a"), "base/coin_toss.json: written\n");
    assert_eq!(update("b"), "base/coin_toss.json: unchanged\n");
    let baseline = fs::read_to_string(folder.path().join("base/coin_toss.json")).unwrap();
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(!baseline.contains("wall") && !baseline.contains(&version), "{baseline}");
    let figures = |name: &str| baseline.lines().filter(|line| line.contains(name)).count();
    // One line for each of the cases.
    assert_eq!(figures("\"total.bytes\":"), figures("\"key\":"));
    let widest = baseline.lines().map(str::len).max().unwrap();
    assert!(widest < 300, "{widest}");
    expect(&folder, 0, &["compare", "base", "a"]);
}

#[test]
fn every_format_is_written_and_printed() {
    let folder = tempfile::tempdir().unwrap();
    let good = results(&folder, "nothing", "good", &[]);
    let worse = results(&folder, "costly", "worse", &[]);
    let out = folder.path().join("gate");
    let words = ["--out", out.to_str().unwrap(), "--history", &good, &worse];
    compare(&folder, 1, &[&[&good[..], &worse], &words[..]].concat());
    let names: BTreeSet<String> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = [
        "bencher.json",
        "benchmark-action.json",
        "compare.csv",
        "compare.json",
        "compare.md",
        "compare.tex",
        "compare.txt",
        "junit.xml",
        "plots",
    ];
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    for figure in ["bytes", "rounds", "time"] {
        assert!(read(&format!("plots/history-s-{figure}.svg")).contains("<svg"), "{figure}");
    }
    let json = |name: &str| -> Value { serde_json::from_str(&read(name)).unwrap() };
    assert_eq!(json("bencher.json")["s: evolves"]["total.bytes"]["value"], 112);
    assert_eq!(json("compare.json")["rows"][0]["class"], "regression");
    let entries = json("benchmark-action.json");
    assert!(
        entries.as_array().unwrap().iter().any(|entry| entry["name"] == "s: evolves total.bytes")
    );
    assert!(read("junit.xml").contains("<failure") && read("compare.md").contains("| --- |"));
    for (format, file) in [
        ("markdown", "compare.md"),
        ("junit", "junit.xml"),
        ("bencher", "bencher.json"),
        ("benchmark-action", "benchmark-action.json"),
        ("csv", "compare.csv"),
    ] {
        let printed = compare(&folder, 1, &[&good, &worse, "--format", format]).stdout;
        assert_eq!(text(&printed), read(file), "{format}");
    }
}

/// Commands of a workflow, a line each, as the shell would get them.
fn commands(workflow: &Value) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.extend(text.lines().map(str::to_owned)),
            Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
            Value::Object(map) => map.values().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(workflow, &mut found);
    found.retain(|line| line.starts_with("mpclab ") || line.contains(" mpclab "));
    found.retain(|line| !line.contains("cargo install"));
    found
}

/// The workflows' own commands, in a project that has what they say that it has.
#[cfg(unix)]
#[test]
fn workflows_to_copy_trip_on_a_regression_alone() {
    use std::process::Command;

    let binary = Path::new(env!("CARGO_BIN_EXE_mpclab")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    for name in ["github.yml", "gitlab.yml"] {
        let yaml = fs::read_to_string(format!("{HOME}/docs/ci/{name}")).unwrap();
        let commands = commands(&serde_yaml::from_str(&yaml).unwrap());
        assert!(commands.iter().any(|line| line.starts_with("mpclab compare ")), "{commands:?}");
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("scenarios")).unwrap();
        write(&folder, "scenarios/s.yaml", &sum("[rep3]", ""));
        let run = |script: &str| {
            let output = Command::new("bash")
                .args(["-euo", "pipefail", "-c", script])
                .current_dir(folder.path())
                .env("PATH", &path)
                .env("GITHUB_STEP_SUMMARY", folder.path().join("summary.md"))
                .output()
                .unwrap();
            (output.status.code(), text(&output.stderr))
        };
        // As the file says at its top: the first baselines.
        let first = yaml.lines().filter_map(|line| line.strip_prefix("#   "));
        let first: Vec<&str> = first.filter(|line| line.starts_with("mpclab ")).collect();
        assert_eq!(first.len(), 2, "{name}");
        assert_eq!(run(&first.join("\n")).0, Some(0), "{name}: {first:?}");
        let script = commands.join("\n");
        let (code, said) = run(&script);
        assert_eq!(code, Some(0), "{name}: {said}");
        // A baseline that was better.
        let baseline = folder.path().join("baselines/s.json");
        let text = fs::read_to_string(&baseline).unwrap();
        let better = |line: &str| match line.split_once("\"total.bytes\": ") {
            Some((indent, _)) => format!("{indent}\"total.bytes\": 1,\n"),
            None => format!("{line}\n"),
        };
        fs::write(&baseline, text.lines().map(better).collect::<String>()).unwrap();
        let (code, said) = run(&script);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains("regression: s: rep3: total.bytes: 1 B, now "), "{said}");
    }
}
