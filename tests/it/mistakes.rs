//! The user's mistakes: told with their place before anything runs, and nothing is written.

use std::fs;

use crate::support::{auction, expect, mpclab, sum, text, write};

/// A mistake in a scenario: its text, where it is found, and what is said.
struct Bad {
    scenario: String,
    place: &'static str,
    says: &'static [&'static str],
}

fn bad(scenario: String, place: &'static str, says: &'static [&'static str]) -> Bad {
    Bad { scenario, place, says }
}

/// One of each kind that only shows when the protocols and functions are known; the reader's own
/// are tested beside it.
fn all() -> Vec<Bad> {
    let auction = |protocol: &str| {
        sum(&format!("[{protocol}]"), "").replace("name: sum", "name: second_price_auction")
    };
    let sum_of = |inputs: &str| {
        sum("[shamir]", "").replace("{ name: sum }", &format!("{{ name: sum, inputs: {inputs} }}"))
    };
    vec![
        bad(sum("[shamir]", "sedd: 3\n"), ":7:1", &["sedd", "did you mean `seed`"]),
        bad(sum("[shamri]", ""), ":4:13", &["shamri", "did you mean `shamir`"]),
        bad(sum("[shamir]", "").replace("name: sum", "name: summ"), ":2:19", &["summ", "`sum`"]),
        bad(sum("[shamir]", "seed: 1\nseed: 2\n"), ":8:1", &["seed"]),
        bad(
            sum("[{ name: shamir, params: { threshold: 2 } }]", ""),
            ":4:",
            &["`shamir` can't run `sum` here", "would work", "unsupported: skip"],
        ),
        bad(
            sum("[{ name: shamir, params: { treshold: 1 } }]", ""),
            ":4:39",
            &["treshold", "did you mean `threshold`"],
        ),
        // A statistical mask of 40 bits does not fit beside 32-bit comparisons.
        bad(
            auction("{ name: additive, params: { field: m61 } }"),
            ":4:",
            &["`additive` can't run `second_price_auction` here", "p128"],
        ),
        bad(sum("[coin_toss]", ""), ":4:", &["it realises coin_toss, not sum"]),
        bad(
            sum("[rep3]", "").replace("parties: 3", "parties: 5"),
            ":4:",
            &["5 computing parties are asked for", "exactly 3"],
        ),
        bad(
            sum("[shamir]", "").replace("name: sum", "name: sum, params: { bits: 65 }"),
            ":2:",
            &["`bits` is out of range", "is 65; allowed: 2 to 64"],
        ),
        bad(sum_of("{ csv: missing.csv }"), ":2:", &["missing.csv"]),
        bad(
            sum_of("{ values: [{ value: 1 }, { value: 2 }] }"),
            ":2:42",
            &["nothing for input party 2"],
        ),
        bad(
            sum_of("{ values: [{ value: 1 }, { value: 2 }, { value: 3000000000 }] }"),
            ":2:",
            &["inputs of party 2: column `value`", "3000000000"],
        ),
        bad(
            sum("[shamir]", "").replace("compute: none", "compute: { cores: 1, ops: {} }"),
            ":6:",
            &["has no price for", "mpclab calibrate", "compute: none"],
        ),
    ]
}

#[test]
fn nothing_runs_and_nothing_is_written() {
    for Bad { scenario, place, says } in all() {
        let folder = tempfile::tempdir().unwrap();
        let file = write(&folder, "bad.yaml", &scenario);
        for verb in ["run", "check"] {
            let output = expect(&folder, 2, &[verb, &file]);
            let said = text(&output.stderr);
            assert!(said.contains(&format!("bad.yaml{place}")), "{place} in {said}");
            for words in says {
                assert!(said.contains(words), "{words} in {said}");
            }
            assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
            let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
            assert_eq!(left.len(), 1, "{verb} wrote something: {left:?}");
        }
    }
}

#[test]
fn one_bad_file_keeps_the_good_ones_from_running() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(&folder, "good.yaml", &sum("[shamir]", ""));
    let bad = write(&folder, "bad.yaml", &sum("[shamri]", ""));
    expect(&folder, 2, &["run", &good, &bad]);
    assert!(!folder.path().join("mpclab-out").exists());
    expect(&folder, 2, &["run", &good, "missing.yaml"]);
    assert!(!folder.path().join("mpclab-out").exists());
}

#[test]
fn csv_inputs_are_told_by_row_and_column() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "bids.csv", "party,bid\n0,5\n1,12x\n2,7\n");
    let scenario = sum("[shamir]", "")
        .replace("{ name: sum }", "{ name: second_price_auction, inputs: { csv: bids.csv } }");
    let file = write(&folder, "s.yaml", &scenario);
    let output = expect(&folder, 2, &["run", &file]);
    let said = text(&output.stderr);
    assert!(said.contains("bids.csv:3:3") && said.contains("12x"), "{said}");
    // Right once it is repaired.
    write(&folder, "bids.csv", "party,bid\n0,5\n1,12\n2,7\n");
    let output = expect(&folder, 0, &["run", &file, "--format", "json", "--out", "out"]);
    assert!(!output.stdout.is_empty());
    let record = &crate::support::records(&folder.path().join("out"))[0];
    assert_eq!(record.outputs, "winner = 1, price = 7");
}

#[test]
fn overrides_are_checked_too() {
    let folder = tempfile::tempdir().unwrap();
    for (set, says) in [
        ("network.rtt=fast", "rtt"),
        ("netwrok=lan", "netwrok"),
        ("parties=0", "parties"),
        ("seed=-1", "seed"),
        ("nothing", "an equals sign"),
    ] {
        let output = expect(&folder, 2, &["run", &auction(), "--set", set]);
        assert!(text(&output.stderr).contains(says), "{set}: {}", text(&output.stderr));
        assert!(!folder.path().join("mpclab-out").exists());
    }
}

#[test]
fn folders_that_cannot_be_written_are_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", ""));
    let output = expect(&folder, 2, &["run", &file, "--out", &format!("{file}/out")]);
    assert!(text(&output.stderr).contains("s.yaml/out: "), "{output:?}");
    expect(&folder, 2, &["run", &file, &file, "--out", "out"]);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn report_tells_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let output = expect(&folder, 2, &["report", "nowhere"]);
    assert!(text(&output.stderr).contains("nowhere"), "{output:?}");
    write(&folder, "results.jsonl", "");
    let output = expect(&folder, 2, &["report", "."]);
    assert!(text(&output.stderr).contains("no records"), "{output:?}");
    write(&folder, "results.jsonl", "{\"schema\":99}\n");
    let output = mpclab(&folder).args(["report", "results.jsonl"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("results.jsonl:1: schema 99"), "{output:?}");
}
