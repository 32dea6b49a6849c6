//! Input made to exhaust memory, stack or time is refused quickly.

use std::io::Write;

use crate::catalogue::{plan_file, try_plan};

fn refused(text: &str) -> String {
    try_plan(text, &[]).expect_err("hostile input is refused")
}

#[test]
fn deep_nesting() {
    for open in ["[", "{a: ", "- "] {
        let message = refused(&format!("about: {}", open.repeat(400_000)));
        assert!(message.len() < 2_000, "{message}");
    }
    let nested = refused(&format!("about: {}{}", "[".repeat(1000), "]".repeat(1000)));
    assert!(nested.contains("nested too deeply"), "{nested}");
    // Nesting after a duplicate key, which alone would be looked for by another reader.
    let after = refused(&format!("about: x\nabout: y\nseed: {}", "[".repeat(400_000)));
    assert!(after.contains("error"), "{after}");
}

#[test]
fn alias_bombs() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        bomb += &format!("a{level}: &a{level} [{before}]\n");
    }
    let message = refused(&bomb);
    assert!(message.contains("aliases repeat too much"), "{message}");
}

#[test]
fn large_files_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.yaml");
    // Sparse: 100 MB that take no space.
    std::fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let message = plan_file(&path, &[]).unwrap_err();
    assert!(message.contains("it is larger than 4194304 bytes"), "{message}");
    let message = plan_file(folder.path(), &[]).unwrap_err();
    assert!(message.contains("it is a folder; only regular files are read"), "{message}");
}

#[test]
fn bytes_that_are_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.yaml");
    std::fs::File::create(&path).unwrap().write_all(&[0xff, 0xfe, 0, 1]).unwrap();
    let message = plan_file(&path, &[]).unwrap_err();
    assert!(message.contains("it is no UTF-8 text"), "{message}");
}

#[test]
fn huge_sweeps_and_huge_networks() {
    let base = "about: x\nfunction: {name: sum}\nprotocols: [shamir]\nnetwork: ideal\n";
    let numbers = (3..203).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let sweep = format!(
        "{base}parties: 3\nsweep: {{parties.compute: [{numbers}], network.loss: [{}]}}\n",
        (1..100).map(|n| format!("0.{n:02}")).collect::<Vec<_>>().join(", ")
    );
    assert!(refused(&sweep).contains("at most 10000 combinations"));
    assert!(refused(&format!("{base}parties: 5000\n")).contains("1 to 4096"));
}

#[test]
fn a_long_line_is_not_shown_in_full() {
    let message = refused(&format!("about: x\nseed: {}\n", "9".repeat(1 << 20)));
    assert!(message.len() < 5_000, "{} bytes", message.len());
}

/// Pieces that mean something in YAML or in a scenario, and some that mean nothing.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    "- ",
    "\n",
    "  ",
    ",",
    "'",
    "\"",
    "&a ",
    "*a",
    "!t ",
    "#",
    "é",
    "\u{feff}",
    "0",
    "-1",
    "1ms",
    "null",
    "...\n",
    "network: lan\n",
];

#[test]
fn mutated_files_are_planned_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.yaml");
    let cases: u64 = std::option_env!("CASES").and_then(|n| n.parse().ok()).unwrap_or(5);
    let mut state: u64 = 1;
    let mut next = |below: usize| {
        // Knuth's linear congruential generator: any sequence will do that is always the same.
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below.max(1)
    };
    for entry in std::fs::read_dir("tests/bad").unwrap() {
        let Ok(text) = std::fs::read_to_string(entry.unwrap().path()) else { continue };
        for _ in 0..cases {
            let mut mutated = text.clone();
            for _ in 0..1 + next(4) {
                let bounds: Vec<_> = mutated.char_indices().map(|(at, _)| at).collect();
                let at = bounds.get(next(bounds.len())).copied().unwrap_or(0);
                let end = bounds.iter().copied().find(|end| *end > at + next(6)).unwrap_or(at);
                mutated.replace_range(at..end, PIECES[next(PIECES.len())]);
            }
            std::fs::write(&path, &mutated).unwrap();
            if let Err(message) = plan_file(&path, &[("network.loss", "1%")]) {
                assert!(message.starts_with("error: "), "{message}");
            }
        }
    }
}
