//! Files, names and texts that mean harm, or had bad luck; each with its control.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{contents, expect, mpclab, results, sum, text, unsealed, write};

/// A folder with a scenario `s.yaml` and its results in `out`.
fn finished() -> (TempDir, String, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", "repetitions: 2\n"));
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let out = folder.path().join("out");
    (folder, file, out)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Item 1: the scenario's name in results is no path.
#[test]
fn names_in_results_stay_in_the_folder() {
    let (folder, _, out) = finished();
    let whole = unsealed(&results(&out));
    for (name, file) in [
        ("../../escaped", "%2E.%2F..%2Fescaped.json"),
        ("/tmp/absolute", "%2Ftmp%2Fabsolute.json"),
        ("..", "%2E%2E.json"),
        ("a\\\\b", "a%5Cb.json"),
        ("nul", "%6Eul.json"),
        ("plain", "plain.json"),
    ] {
        let lines = whole.replace("\"scenario\":\"s\"", &format!("\"scenario\":\"{name}\""));
        assert_ne!(lines, whole);
        let from = folder.path().join("from");
        fs::create_dir_all(&from).unwrap();
        fs::write(from.join("results.jsonl"), lines).unwrap();
        let before = names(folder.path());
        expect(&folder, 0, &["baseline", "update", "from", "--to", "base/deep"]);
        let to = folder.path().join("base/deep");
        assert_eq!(names(&to), [file]);
        expect(&folder, 0, &["compare", "base/deep", "from"]);
        fs::remove_dir_all(folder.path().join("base")).unwrap();
        assert_eq!(names(folder.path()), before, "nothing beside");
    }
    // Names that some systems take for one another do not overwrite each other.
    let two = |name: &str| whole.replace("\"scenario\":\"s\"", &format!("\"scenario\":\"{name}\""));
    fs::write(folder.path().join("from/results.jsonl"), [two("Up"), two("uP")].concat()).unwrap();
    let output = expect(&folder, 2, &["baseline", "update", "from", "--to", "base"]);
    assert!(text(&output.stderr).contains("would be one file"), "{output:?}");
}

/// Item 7: a scenario's name becomes one folder.
#[test]
fn a_file_of_dots_runs_below_the_folder_of_results() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "...yaml", &sum("[shamir]", ""));
    expect(&folder, 0, &["run", "...yaml"]);
    assert_eq!(names(folder.path()), ["...yaml", "mpclab-out"]);
    assert_eq!(names(&folder.path().join("mpclab-out")), ["%2E%2E"]);
}

/// Item 7: neither keys nor lines come out of a file's name, and the printed command is a command.
#[cfg(unix)]
#[test]
fn a_line_break_in_a_name_makes_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let name = "a\nseed: 99\n\u{1b}[31m it's.yaml";
    write(&folder, name, &sum("[shamir]", ""));
    let output = expect(&folder, 0, &["run", name, "--out", "out"]);
    let resolved = fs::read_to_string(folder.path().join("out/resolved.yaml")).unwrap();
    assert!(!resolved.contains("\nseed: 99") && resolved.contains("\nseed: 1\n"), "{resolved}");
    let command = resolved.lines().find_map(|line| line.strip_prefix("# command: ")).unwrap();
    assert!(command.ends_with("run $'a\\nseed: 99\\n\\033[31m it\\'s.yaml'"), "{command}");
    for stream in [&output.stdout, &output.stderr] {
        assert!(!text(stream).contains('\u{1b}'), "{output:?}");
    }
    let output = expect(&folder, 0, &["check", name]);
    assert_eq!(text(&output.stdout).lines().count(), 1, "{output:?}");
    assert!(!text(&output.stdout).contains('\u{1b}'));
}

/// Items 7 and 12: labels are shown, not obeyed, and are no formulas.
#[test]
fn labels_neither_move_the_cursor_nor_forge_lines_nor_compute() {
    let folder = tempfile::tempdir().unwrap();
    let label = "=HYPERLINK(1)\\u001b[2J\\nFAILED forged\\u202e";
    let protocols = format!("[{{ name: shamir, label: \"{label}\" }}]");
    let file = write(&folder, "s.yaml", &sum(&protocols, "expect: [{ correctness: violated }]\n"));
    for format in ["table", "markdown", "csv", "json", "latex"] {
        let run = ["run", &file, "--out", "out", "--format", format];
        let output = expect(&folder, 1, &run);
        let (data, talk) = (text(&output.stdout), text(&output.stderr));
        for shown in [&data, &talk] {
            assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{format}: {shown:?}");
        }
        let forged = talk.lines().any(|line| line.starts_with("FAILED forged"));
        assert!(!forged, "{talk}");
        if format == "csv" {
            assert!(data.contains("\"'=HYPERLINK(1)") || data.contains("'=HYPERLINK"), "{data}");
        }
    }
    let runs = fs::read_to_string(folder.path().join("out/runs.csv")).unwrap();
    assert!(runs.contains("'=HYPERLINK(1)") && !runs.contains(",=HYPERLINK"), "{runs}");
}

/// Item 2: one process writes to a folder at a time; a dead one holds nobody up.
#[cfg(unix)]
#[test]
fn a_folder_is_written_to_by_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let short = write(&folder, "short.yaml", &sum("[shamir]", ""));
    let out = folder.path().join("out");
    let mut first = under_way(&folder, &[], &out.join("journal.jsonl"));
    let by = format!("is being written to by process {}: run ", first.id());
    for arguments in [
        &["run", &short, "--out", "out", "--fresh"][..],
        &["attack", &short, "--out", "out"],
        &["report", "out/journal.jsonl"],
    ] {
        let output = mpclab(&folder).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let told = text(&output.stderr);
        // The journal of a run under way may end in half a line, which is told first.
        assert!(told.contains(&by) || arguments[0] == "report", "{told}");
    }
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!fs::read(out.join(".mpclab-lock")).unwrap().is_empty(), "what a killed one leaves");
    expect(&folder, 0, &["run", &short, "--out", "out", "--fresh"]);
    assert_eq!(results(&out).lines().count(), 1);
}

/// Item 6: neither `run` nor `report` takes two contents of one run, or a changed line.
#[test]
fn damage_is_named_by_run_and_report() {
    let (folder, file, out) = finished();
    let good = results(&out);
    let other = unsealed(&good).replacen("\"seed\":1,", "\"seed\":2,", 1);
    let first = other.lines().next().unwrap();
    let changed = good.replacen("\"metrics\":{", "\"metrics\":{\"x\":1,", 1);
    for (lines, why) in [
        (format!("{good}{first}\n"), "with different contents"),
        (changed, "results.jsonl:1: not as it was written"),
    ] {
        fs::write(out.join("results.jsonl"), &lines).unwrap();
        for arguments in [&["run", &file, "--out", "out"][..], &["report", "out"]] {
            let told = text(&expect(&folder, 2, arguments).stderr);
            assert!(told.contains(why), "{arguments:?}: {told}");
            assert_eq!(results(&out), lines, "it is the user's to repair");
        }
    }
    // Over two files of one folder, and over two folders.
    fs::write(out.join("results.jsonl"), &good).unwrap();
    fs::write(out.join("journal.jsonl"), format!("{first}\n")).unwrap();
    let told = text(&expect(&folder, 2, &["run", &file, "--out", "out"]).stderr);
    assert!(told.contains("out holds"), "{told}");
    fs::remove_file(out.join("journal.jsonl")).unwrap();
    expect(&folder, 0, &["run", &file, "--seed", "2", "--out", "other"]);
    let told = text(&expect(&folder, 2, &["report", "out", "other", "--out", "both"]).stderr);
    assert!(told.contains("is there twice, with different contents"), "{told}");
    // The control: named twice, a folder is read once.
    for _ in 0..2 {
        expect(&folder, 0, &["report", "out", "out", "./out/results.jsonl", "--out", "once"]);
    }
    expect(&folder, 0, &["compare", "out", "out", "./out"]);
    let told = expect(&folder, 0, &["check", &file, "s.yaml", "./s.yaml"]);
    assert_eq!(text(&told.stdout).matches(": ok, ").count(), 1);
}

/// Item 6: wall-clock figures that a crash cut off are repaired.
#[test]
fn torn_timings_are_repaired() {
    let (folder, file, out) = finished();
    let path = out.join("timings.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    expect(&folder, 0, &["compare", "out", "out"]);
    expect(&folder, 0, &["run", &file, "--out", "out", "--set", "repetitions=3"]);
    let lines = fs::read_to_string(&path).unwrap();
    assert_eq!(lines.lines().count(), 2, "the torn one is gone, one more is there");
    expect(&folder, 0, &["compare", "out", "out"]);
}

/// Items 7 and 11: only regular files are read, of limited size, and links not at all where mpclab
/// writes itself.
#[cfg(unix)]
#[test]
fn pipes_devices_folders_and_links_are_named() {
    use std::os::unix::fs::symlink;
    let (folder, file, out) = finished();
    let path = |name: &str| folder.path().join(name);
    pipe(&path("pipe.yaml"));
    fs::create_dir(path("folder.csv")).unwrap();
    let inputs = |csv: &str| {
        sum("[shamir]", "")
            .replace("{ name: sum }", &format!("{{ name: sum, inputs: {{ csv: {csv} }} }}"))
    };
    let network =
        |name: &str| sum("[shamir]", "").replace("network: ideal", &format!("network: {name}"));
    let compute =
        |name: &str| sum("[shamir]", "").replace("compute: none", &format!("compute: {name}"));
    let pipe_told = "it is a pipe, a device or a socket; only regular files are read";
    for (scenario, why) in [
        (inputs("./pipe.yaml"), pipe_told),
        (inputs("/dev/zero"), pipe_told),
        (inputs("folder.csv"), "it is a folder; only regular files are read"),
        (network("./pipe.yaml"), pipe_told),
        (compute("./pipe.yaml"), pipe_told),
        (sum("[shamir]", "prices: ./pipe.yaml\n"), pipe_told),
    ] {
        let bad = write(&folder, "bad.yaml", &scenario);
        for verb in ["check", "run", "attack"] {
            let told = text(&expect(&folder, 2, &[verb, &bad]).stderr);
            assert!(told.contains(why), "{verb}: {told}");
        }
    }
    for arguments in [
        &["check", "pipe.yaml"][..],
        &["check", "/dev/zero"],
        &["run", "pipe.yaml"],
        &["advise", "pipe.yaml"],
        &["report", "pipe.yaml"],
        &["compare", "pipe.yaml", "out"],
        &["compare", "out", "pipe.yaml"],
        &["baseline", "update", "pipe.yaml", "--to", "base"],
        &["circuit", "pipe.yaml"],
        &["crossover", "pipe.yaml", "--over", "network.rtt", "--from", "1ms", "--to", "2ms"],
    ] {
        let told = text(&expect(&folder, 2, arguments).stderr);
        assert!(told.contains(pipe_told), "{arguments:?}: {told}");
    }
    let good = results(&out);
    for name in ["results.jsonl", "journal.jsonl", "timings.jsonl", "resolved.yaml"] {
        let kept = fs::read(out.join(name)).ok();
        let _ = fs::remove_file(out.join(name));
        symlink("/etc/passwd", out.join(name)).unwrap();
        let verb = match name {
            "resolved.yaml" => &["report", "out"][..],
            _ => &["run", &file, "--out", "out"],
        };
        let told = text(&expect(&folder, 2, verb).stderr);
        assert!(told.contains(&format!("{name}: it is a symbolic link")), "{told}");
        assert!(!told.contains("root:"), "{told}");
        fs::remove_file(out.join(name)).unwrap();
        kept.inspect(|kept| fs::write(out.join(name), kept).unwrap());
    }
    assert_eq!(results(&out), good);
    // A hole of 100 GiB takes no memory.
    fs::File::create(out.join("results.jsonl")).unwrap().set_len(100 << 30).unwrap();
    for arguments in
        [&["report", "out"][..], &["run", &file, "--out", "out"], &["compare", "out", "out"]]
    {
        let told = text(&expect(&folder, 2, arguments).stderr);
        assert!(told.contains("is larger than 17179869184 bytes"), "{told}");
    }
}

/// Item 11: one bad file in a folder is named, and the others are checked.
#[cfg(unix)]
#[test]
fn one_bad_file_in_a_folder_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("all")).unwrap();
    write(&folder, "all/good.yaml", &sum("[shamir]", ""));
    write(&folder, "all/late.yaml", &sum("[shamir]", ""));
    fs::write(path("all/binary.yaml"), [0xff, 0xfe]).unwrap();
    pipe(&path("all/fifo.yaml"));
    std::os::unix::fs::symlink("nowhere", path("all/gone.yaml")).unwrap();
    std::os::unix::fs::symlink("..", path("all/circle")).unwrap();
    let output = expect(&folder, 2, &["check", "all"]);
    let (checked, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(checked.matches(": ok, ").count(), 2, "{checked}");
    for (name, why) in [
        ("binary", "it is no UTF-8 text"),
        ("fifo", "it is a pipe, a device or a socket"),
        ("gone", "there is no such file"),
    ] {
        assert!(told.contains(&format!("{name}.yaml: {why}")), "{told}");
    }
}

/// Item 11: aliases are held to what they expand to.
#[test]
fn aliases_of_one_long_text_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let aliases = vec!["*long"; 90].join(", ");
    let bomb = format!("about: &long {}\nfunction: [{aliases}]\n", "x".repeat(1 << 20));
    let file = write(&folder, "s.yaml", &bomb);
    for verb in ["check", "run", "advise"] {
        let told = text(&expect(&folder, 2, &[verb, &file]).stderr);
        assert!(told.contains("aliases expand to too much text"), "{told}");
    }
    // `report` has the same limits, and takes what is no scenario as none.
    let (folder, _, out) = finished();
    fs::write(out.join("resolved.yaml"), &bomb).unwrap();
    expect(&folder, 0, &["report", "out"]);
}

/// Item 12: key paths have an end.
#[test]
fn deep_key_paths_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let deep = vec!["a"; 12_000].join(".");
    let file = write(&folder, "s.yaml", &sum("[shamir]", ""));
    let told = text(&expect(&folder, 2, &["run", &file, "--set", &format!("{deep}=1")]).stderr);
    assert!(told.contains("at most 64 steps"), "{told}");
    // A long key has to say that it is one.
    let swept = sum("[shamir]", &format!("sweep:\n  ? network.{deep}\n  : [1, 2]\n"));
    let file = write(&folder, "t.yaml", &swept);
    let told = text(&expect(&folder, 2, &["check", &file]).stderr);
    assert!(told.contains("at most 64 steps"), "{told}");
}

/// Item 12: `--fresh` keeps what is there until the new is there.
#[test]
fn fresh_keeps_the_old_until_the_new_is_there() {
    let (folder, file, out) = finished();
    let whole = contents(&out);
    // What a `--fresh` that was killed leaves beside.
    for name in ["journal.jsonl.fresh", "timings.jsonl.fresh"] {
        fs::write(out.join(name), "{\"half").unwrap();
    }
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let again = contents(&out);
    assert!(whole.iter().all(|(name, bytes)| again[name] == *bytes));
    expect(&folder, 0, &["run", &file, "--out", "out", "--fresh", "--seed", "7"]);
    assert!(!out.join("journal.jsonl.fresh").exists() && !out.join("timings.jsonl.fresh").exists());
    assert!(results(&out).lines().all(|line| line.contains("\"seed\":7,")));
    let timings = fs::read_to_string(out.join("timings.jsonl")).unwrap();
    assert_eq!(timings.lines().count(), 2);
}

/// Starts a long run, and waits until it has written a record into this file.
#[cfg(unix)]
fn under_way(folder: &TempDir, more: &[&str], journal: &Path) -> std::process::Child {
    let long = write(folder, "long.yaml", &sum("[shamir]", "repetitions: 100000\n"));
    let run = Command::new(env!("CARGO_BIN_EXE_mpclab"))
        .args([&["run", &long, "--out", "out", "--jobs", "1"], more].concat())
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while fs::metadata(journal).map_or(0, |about| about.len()) == 0 {
        assert!(started.elapsed() < Duration::from_secs(60), "the first run does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    run
}

/// Item 12: whether it is killed or interrupted.
#[cfg(unix)]
#[test]
fn a_fresh_run_that_ends_early_leaves_the_old_results() {
    let (folder, file, out) = finished();
    let old = results(&out);
    for signal in ["-KILL", "-INT"] {
        let mut run = under_way(&folder, &["--fresh"], &out.join("journal.jsonl.fresh"));
        let sent = Command::new("kill").args([signal, &run.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let code = run.wait().unwrap().code();
        assert_eq!(code, if signal == "-INT" { Some(130) } else { None });
        assert_eq!(results(&out), old, "{signal}");
        expect(&folder, 0, &["report", "out"]);
        let told = text(&expect(&folder, 0, &["run", &file, "--out", "out"]).stderr);
        assert!(told.contains("2 runs were there before"), "{told}");
        fs::remove_file(out.join("journal.jsonl.fresh")).unwrap();
    }
}

/// Item 12: filters of traces that match nothing say so.
#[test]
fn filters_that_match_nothing_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", ""));
    let run = |more: &[&str], code| {
        let all = [&["run", &file, "--out", "out", "--trace", "t.json"], more].concat();
        text(&expect(&folder, code, &all).stderr)
    };
    let told = run(&["--trace-scope", "nowhere*"], 2);
    assert!(told.contains("the filters match nothing; its scopes are "), "{told}");
    assert!(!folder.path().join("t.json").exists());
    let told = run(&["--trace-nodes", "3"], 2);
    assert!(told.contains("there is no node 3; there are 0 to 2"), "{told}");
    run(&["--trace-scope", "online*", "--trace-nodes", "1"], 0);
    assert!(folder.path().join("t.json").exists());
}

/// Item 8: what comes out is checked before the work.
#[test]
fn outputs_are_checked_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", ""));
    write(&folder, "plain", "");
    fs::create_dir(folder.path().join("t.json")).unwrap();
    for (arguments, why) in [
        (&["run", &file, "--out", "out", "--trace", "no/t.json"][..], "there is no folder no"),
        (&["run", &file, "--out", "out", "--trace", "t.json"], "it is a folder"),
        (&["run", &file, "--out", "out", "--trace", "out/results.jsonl"], "give the trace another"),
        (&["run", &file, "--out", "out", "--views", "plain"], "plain"),
        (&["run", &file, "--out", "plain"], "plain"),
        (&["attack", &file, "--out", "plain"], "plain"),
        (&["calibrate", "--out", "no/p.yaml"], "there is no folder no"),
        (&["circuit", "aes128", "--out", "no/c.txt"], "there is no folder no"),
        (&["compare", "plain", "plain", "--out", "plain"], "plain"),
    ] {
        let output = expect(&folder, 2, arguments);
        let told = text(&output.stderr);
        assert!(told.contains(why), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!folder.path().join("out/results.jsonl").exists(), "{arguments:?} ran first");
    }
}

/// Item 12: files that are not the scenario's are not quoted.
#[test]
fn a_file_from_elsewhere_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("s")).unwrap();
    fs::create_dir(folder.path().join("s/.git")).unwrap();
    for name in ["secret.txt", "s/.git/config", "s/open.csv"] {
        write(&folder, name, "pass;word\nhunter2;x\n");
    }
    for (csv, is_quoted) in [("../secret.txt", false), (".git/config", false), ("open.csv", true)] {
        let inputs = format!("{{ name: sum, inputs: {{ csv: {csv} }} }}");
        let scenario = sum("[shamir]", "").replace("{ name: sum }", &inputs);
        let file = write(&folder, "s/s.yaml", &scenario);
        let told = text(&expect(&folder, 2, &["check", &file]).stderr);
        assert_eq!(told.contains("hunter2"), is_quoted, "{told}");
        assert_eq!(told.contains("`pass`"), is_quoted, "{told}");
        assert!(told.contains(":2:"), "its line is named: {told}");
    }
    for (from, to) in [
        ("network: ideal", "network: ../secret.txt"),
        ("{ name: sum }", "{ program: ../secret.txt }"),
    ] {
        let file = write(&folder, "s/s.yaml", &sum("[shamir]", "").replace(from, to));
        let told = text(&expect(&folder, 2, &["check", &file]).stderr);
        assert!(!told.contains("hunter2") && !told.contains("pass;"), "{told}");
    }
}

/// Items 7 and 12: tables and dates that cannot be.
#[test]
fn open_quotes_and_days_that_no_calendar_has_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "in.csv", "value\n1\n\"2\n3\n");
    let inputs = "{ name: sum, inputs: { csv: in.csv } }";
    let file = write(&folder, "s.yaml", &sum("[shamir]", "").replace("{ name: sum }", inputs));
    let told = text(&expect(&folder, 2, &["check", &file]).stderr);
    assert!(told.contains("in.csv:3:1") && told.contains("never closes"), "{told}");
    let prices = |day: &str| {
        let machine = "machine: { vcpu_hour: 1 USD }, egress: [{ gb: 0 USD }]";
        sum(
            "[shamir]",
            &format!("prices: {{ source: me, currency: USD, date: {day}, {machine} }}\n"),
        )
    };
    for (day, code) in [("2026-02-30", 2), ("2026-02-28", 0), ("2025-02-29", 2), ("2024-02-29", 0)]
    {
        let file = write(&folder, "p.yaml", &prices(day));
        expect(&folder, code, &["check", &file]);
    }
}
