//! Circuits from files, and circuits as files.

use std::fs;

use crate::support::{HOME, expect, text, write};

/// The older form and Bristol Fashion, on generic protocols of every kind.
#[test]
fn a_half_adder_from_a_file_adds_one_and_one() {
    let folder = tempfile::tempdir().unwrap();
    let gates = "2 1 0 1 2 XOR\n2 1 0 1 3 AND\n";
    let forms = [
        ("older.txt", "2 4\n1 1 2\n\n", "out0 = 2"),
        ("fashion.txt", "2 4\n2 1 1\n2 1 1\n\n", "out0 = 0, out1 = 1"),
    ];
    for (name, header, outputs) in forms {
        write(&folder, name, &format!("{header}{gates}"));
        let scenario = format!(
            "about: A half adder.\nfunction: {{ circuit: {name}, inputs: {{ values: [{{ in: 1 }}, \
             {{ in: 1 }}] }} }}\nparties: 2\nprotocols: [additive, gmw, spdz]\nnetwork: lan\n\
             expect: [{{ correctness: held }}]\n"
        );
        let file = write(&folder, "half.yaml", &scenario);
        expect(&folder, 0, &["run", &file, "--out", name.trim_end_matches(".txt")]);
        let results = folder.path().join(name.trim_end_matches(".txt")).join("results.jsonl");
        let results = fs::read_to_string(results).unwrap();
        assert_eq!(results.matches(outputs).count(), 3, "{results}");
    }
}

/// What the project writes it reads back, and FIPS 197, appendix C.1, comes out.
#[test]
fn aes_128_is_written_read_and_run() {
    let folder = tempfile::tempdir().unwrap();
    let output = expect(&folder, 0, &["circuit", "aes128", "--out", "aes128.txt"]);
    assert!(text(&output.stderr).contains("6400 AND"), "{output:?}");
    let written = fs::read_to_string(folder.path().join("aes128.txt")).unwrap();
    let kept = fs::read_to_string(format!("{HOME}/scenarios/circuits/aes128.txt")).unwrap();
    assert_eq!(written, kept);
    let scenario = format!("{HOME}/scenarios/circuits/aes128.yaml");
    expect(&folder, 0, &["run", &scenario, "--set", "protocols=[gmw]", "--out", "aes"]);
    let results = fs::read_to_string(folder.path().join("aes/results.jsonl")).unwrap();
    let encrypted = "0x5ac5b47080b7cdd830047b6ad8e0c469";
    assert!(results.contains(encrypted), "{results}");
}

/// Standard circuits need no file; FIPS 180-4's digest of "abc" comes out, and once more from what a
/// run says of itself.
#[test]
fn a_scenario_names_a_standard_circuit() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = format!("{HOME}/scenarios/paper/sha256.yaml");
    let only = ["--set", "protocols=[yao]", "--set", "expect=[{correctness: held}]"];
    let digest = "0xf20015adb410ff6196177a9cb00361a35dae2223414140de8f01cfeaba7816bf";
    for (file, out) in [(&*scenario, "first"), ("first/resolved.yaml", "again")] {
        expect(&folder, 0, &[&["run", file, "--out", out], &only[..]].concat());
        let results = fs::read_to_string(folder.path().join(out).join("results.jsonl")).unwrap();
        assert!(results.contains(digest), "{results}");
    }
    let known =
        "about: x\nfunction: { circuit: sha256 }\nparties: 2\nprotocols: [yao]\nnetwork: lan\n";
    let file = write(&folder, "typo.yaml", &known.replace("sha256", "sha255"));
    let output = expect(&folder, 2, &["check", &file]);
    assert!(text(&output.stderr).contains("did you mean `sha256`"), "{output:?}");
}

#[test]
fn any_function_is_written_as_a_circuit() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = format!("{HOME}/scenarios/smoke/auction.yaml");
    let output = expect(&folder, 0, &["circuit", &scenario]);
    let header: Vec<String> = text(&output.stdout).lines().take(3).map(str::to_owned).collect();
    assert_eq!(header[1], "5 32 32 32 32 32", "a bid of each bidder");
    assert!(header[2].starts_with("2 "), "{header:?}: winner and price");
    assert!(text(&output.stderr).contains("AND depth"), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("input word 4: `bid` of party 4: 32 bits, without sign"), "{said}");
    assert!(said.contains("output word 1: `price`: 32 bits, without sign"), "{said}");
    // Wide numbers are one word each, though they are shared as halves.
    let wide = "about: w\nfunction: { name: max, params: { bits: 100 } }\nparties: 2\n\
                protocols: [additive]\nnetwork: lan\n";
    let wide = write(&folder, "wide.yaml", wide);
    let output = expect(&folder, 0, &["circuit", &wide]);
    assert_eq!(text(&output.stdout).lines().nth(1), Some("2 100 100"));
    assert_eq!(text(&output.stdout).lines().nth(2), Some("1 100"));
    let said = text(&output.stderr);
    assert!(said.contains("input word 0: `value` of party 0: 100 bits, two's"), "{said}");
    // A relation has no circuit, and what is no name is no file.
    let coins = format!("{HOME}/scenarios/smoke/coin_toss.yaml");
    expect(&folder, 2, &["circuit", &coins]);
    let output = expect(&folder, 2, &["circuit", "aes129"]);
    assert!(text(&output.stderr).contains("none of adder64, aes128"), "{output:?}");
}

#[test]
fn mistakes_in_circuits_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "bad.txt", "1 3\n2 1 1\n1 1\n\n2 1 0 7 2 AND\n");
    let scenario = |circuit: &str, parties: usize| {
        format!(
            "about: A gate.\nfunction: {{ circuit: {circuit} }}\nparties: {parties}\n\
             protocols: [gmw]\nnetwork: lan\n"
        )
    };
    let file = write(&folder, "bad.yaml", &scenario("bad.txt", 2));
    let output = expect(&folder, 2, &["check", &file]);
    assert!(text(&output.stderr).contains("holds no circuit"), "{output:?}");
    assert!(text(&output.stderr).contains("line 5"), "{output:?}");
    write(&folder, "three.txt", "1 4\n3 1 1 1\n1 1\n\n2 1 0 1 3 AND\n");
    let file = write(&folder, "three.yaml", &scenario("three.txt", 2));
    let output = expect(&folder, 2, &["check", &file]);
    assert!(text(&output.stderr).contains("3 input words"), "{output:?}");
}
