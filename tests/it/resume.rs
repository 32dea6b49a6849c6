//! What is done is not done again, and nothing is lost.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::{contents, expect, results, sum, text, unsealed, write};

const MORE: &str = "sweep: { parties: [3, 5] }\nrepetitions: 4\nseed: 3\n";

/// A folder with a scenario of 16 runs and its results in `out`.
fn finished() -> (TempDir, String, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[additive, shamir]", MORE));
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let out = folder.path().join("out");
    assert_eq!(results(&out).lines().count(), 16);
    (folder, file, out)
}

#[test]
fn a_run_that_was_cut_off_ends_with_the_same_bytes() {
    let (folder, file, out) = finished();
    let whole = contents(&out);
    assert!(!out.join("journal.jsonl").exists(), "the journal is gone when all is done");
    // As a crash leaves it: some records in the order in which they ended, the last one torn.
    let lines: Vec<String> = results(&out).lines().map(|line| format!("{line}\n")).collect();
    let torn = &lines[11][..lines[11].len() / 2];
    for journal in [
        format!("{}{}{}{torn}", lines[9], lines[2], lines[5]),
        String::new(),
        lines[15].trim_end().to_owned(),
    ] {
        let made_by = fs::read_to_string(out.join("made_by.json")).unwrap();
        fs::remove_dir_all(&out).unwrap();
        fs::create_dir(&out).unwrap();
        let there = journal.lines().count().saturating_sub(usize::from(journal.ends_with(torn)));
        fs::write(out.join("journal.jsonl"), journal).unwrap();
        fs::write(out.join("made_by.json"), made_by.replace("results", "journal")).unwrap();
        let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
        let resumed = format!("({there} runs were there before)");
        assert_eq!(text(&output.stderr).contains(&resumed), there > 0, "{output:?}");
        assert!(contents(&out) == whole);
    }
}

#[test]
fn what_is_done_is_not_done_again() {
    let (folder, file, out) = finished();
    let timings = || fs::read_to_string(out.join("timings.jsonl")).unwrap().lines().count();
    let (whole, before) = (contents(&out), timings());
    let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
    assert!(text(&output.stderr).contains("16 runs were there before"), "{output:?}");
    assert_eq!(timings(), before);
    assert!(contents(&out) == whole);
    // More repetitions go on with the ones that are there.
    expect(&folder, 0, &["run", &file, "--out", "out", "--set", "repetitions=5"]);
    assert_eq!(timings(), before + 4);
}

#[test]
fn a_crash_before_the_journal_is_removed_leaves_no_doubles() {
    let (folder, file, out) = finished();
    let whole = contents(&out);
    fs::copy(out.join("results.jsonl"), out.join("journal.jsonl")).unwrap();
    let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
    assert!(text(&output.stderr).contains("16 runs were there before"), "{output:?}");
    assert!(contents(&out) == whole);
}

#[test]
fn a_protocol_more_joins_results_that_are_there() {
    let (folder, _, out) = finished();
    // In front of the others and between them, so that all change their places.
    let file = write(&folder, "s.yaml", &sum("[rep3, additive, shamir]", MORE));
    let more = ["--set", "sweep={ parties: [3, 4, 5] }", "--set", "unsupported=skip"];
    let run = |out| expect(&folder, 0, &[&["run", &file, "--out", out][..], &more].concat());
    let output = run("out");
    assert!(text(&output.stderr).contains("16 runs were there before"), "{output:?}");
    run("fresh");
    assert!(results(&out) == results(&folder.path().join("fresh")));
}

#[test]
fn results_of_something_else_are_left_alone() {
    let (folder, file, out) = finished();
    let whole = contents(&out);
    let other = write(&folder, "other.yaml", &sum("[additive]", ""));
    for (arguments, why) in [
        (&["run", &file, "--seed", "4"][..], "its seed is 3"),
        (&["run", &file, "--set", "function.params.bits=16"], "has changed"),
        (&["run", &file, "--set", "network=lan"], "has changed"),
        (&["run", &file, "--set", "repetitions=3"], "repetition 3, is not part of it"),
        (&["run", &other], "is not part of it"),
    ] {
        let output = expect(&folder, 2, &[arguments, &["--out", "out"]].concat());
        let said = text(&output.stderr);
        assert!(said.contains(why) && said.contains("--fresh"), "{said}");
        assert!(contents(&out) == whole, "{arguments:?} touched the folder");
    }
    // What does not affect results is no hindrance.
    let expected = ["--set", "about=Other prose.", "--set", "expect=[{ correctness: held }]"];
    expect(&folder, 0, &[&["run", &file, "--out", "out"][..], &expected].concat());
    // A version that is not this one's.
    let old = unsealed(&results(&out)).replace(env!("CARGO_PKG_VERSION"), "0.0.9");
    fs::write(out.join("results.jsonl"), &old).unwrap();
    let output = expect(&folder, 2, &["run", &file, "--out", "out"]);
    assert!(text(&output.stderr).contains("version 0.0.9"), "{output:?}");
    assert_eq!(results(&out), old);
}

#[test]
fn a_journal_of_something_else_keeps_its_torn_line() {
    let (folder, file, out) = finished();
    let journal = format!("{}{{\"schema\":1,\"mod", results(&out));
    fs::rename(out.join("results.jsonl"), out.join("journal.jsonl")).unwrap();
    fs::write(out.join("journal.jsonl"), &journal).unwrap();
    expect(&folder, 2, &["run", &file, "--out", "out", "--seed", "4"]);
    assert_eq!(fs::read_to_string(out.join("journal.jsonl")).unwrap(), journal);
}

/// Code that changed may give something else, so a gate must not pass on what it gave before.
#[test]
fn runs_of_other_code_are_made_again() {
    let (folder, file, out) = finished();
    let (whole, made_by) = (contents(&out), out.join("made_by.json"));
    let own = fs::read_to_string(&made_by).unwrap();
    let timings = || fs::read_to_string(out.join("timings.jsonl")).unwrap().lines().count();
    let again = "16 runs in out came from another build of this program: they are made again";
    // What it gave is wrong, and only that it was made by other code tells.
    let wrong = unsealed(&results(&out)).replace("\"sent_bytes\":", "\"sent_bytes\":1");
    let other = "{\"results\":\"00112233445566778899aabbccddeeff\"}\n";
    for maker in [other, "", "no JSON"] {
        fs::write(out.join("results.jsonl"), &wrong).unwrap();
        fs::write(&made_by, maker).unwrap();
        let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
        let said = text(&output.stderr);
        assert!(said.contains(again) && !said.contains("were there before"), "{said}");
        assert!(contents(&out) == whole && timings() == 16, "{maker}");
    }
    // So are those of a journal, which other code began.
    fs::rename(out.join("results.jsonl"), out.join("journal.jsonl")).unwrap();
    fs::write(&made_by, other.replace("results", "journal")).unwrap();
    let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
    assert!(text(&output.stderr).contains(again), "{output:?}");
    assert!(contents(&out) == whole && timings() == 16);
    // The same code's are not.
    assert_eq!(fs::read_to_string(&made_by).unwrap(), own);
    let output = expect(&folder, 0, &["run", &file, "--out", "out"]);
    let said = text(&output.stderr);
    assert!(said.contains("16 runs were there before") && !said.contains("again"), "{said}");
    assert!(!results(&out).contains(own[12..44].trim()), "results are the same in every build");
}

#[test]
fn more_jobs_than_runs_are_no_more_threads() {
    let (folder, file, out) = finished();
    let arguments = ["run", &file, "--out", "many", "--jobs", "1000000000"];
    expect(&folder, 0, &arguments);
    assert!(results(&folder.path().join("many")) == results(&out));
}

#[test]
fn fresh_replaces() {
    let (folder, file, out) = finished();
    let before = results(&out);
    expect(&folder, 0, &["run", &file, "--out", "out", "--seed", "4", "--fresh"]);
    let after = results(&out);
    assert_eq!(after.lines().count(), 16);
    assert!(after.lines().all(|line| line.contains("\"seed\":4,")) && after != before);
}

#[test]
fn damaged_results_are_the_users_to_repair() {
    let (folder, file, out) = finished();
    let damaged = results(&out).replacen("\"schema\":1", "\"schema\":", 1);
    fs::write(out.join("results.jsonl"), &damaged).unwrap();
    let output = expect(&folder, 2, &["run", &file, "--out", "out"]);
    assert!(text(&output.stderr).contains("results.jsonl:1: "), "{output:?}");
    assert_eq!(results(&out), damaged);
}

/// A network of another name and the same contents is the same; results bear its name.
#[test]
fn results_of_the_same_under_another_name_bear_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", "repetitions: 2\n"));
    write(&folder, "other.yaml", "about: The same as ideal.\nlatency: 1us\n");
    for (network, out) in [("ideal", "out"), ("other.yaml", "out"), ("other.yaml", "fresh")] {
        let set = format!("network={network}");
        expect(&folder, 0, &["run", &file, "--out", out, "--set", &set]);
    }
    let of = |out: &str| results(&folder.path().join(out));
    assert!(of("fresh").contains("other") && of("out") == of("fresh"));
}

#[test]
fn two_scenarios_of_one_name_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a", "b"].map(|below| {
        fs::create_dir(folder.path().join(below)).unwrap();
        write(&folder, &format!("{below}/s.yaml"), &sum("[shamir]", ""))
    });
    let output = expect(&folder, 2, &["run", &paths[0], &paths[1], "--fresh"]);
    assert!(text(&output.stderr).contains("two scenarios are called `s`"), "{output:?}");
    assert!(!folder.path().join("mpclab-out").exists());
}
