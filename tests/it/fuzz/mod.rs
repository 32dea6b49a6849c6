//! Hostile bytes: some thousands of inputs for each check that the fuzzer drives for minutes.

mod checks;
mod controls;

use std::fs;
use std::path::Path;

use checks::{CHECKS, Check};

use crate::support::{HOME, expect, results, sum, write};

/// The bytes that come in; always the same.
struct Bytes(u64);

impl Bytes {
    /// A number below a bound, by Knuth's linear congruential generator.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    fn random(&mut self, most: usize) -> Vec<u8> {
        let len = self.below(most + 1);
        (0..len).map(|_| self.below(256) as u8).collect()
    }

    /// The seed with a few stretches replaced by a word or by bytes.
    fn mutated(&mut self, seed: &[u8], words: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..1 + self.below(4) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(8)).min(bytes.len());
            let piece = match self.below(4) {
                0 => self.random(3),
                _ => words[self.below(words.len())].clone(),
            };
            bytes.splice(at..end, piece);
        }
        bytes
    }
}

fn check_of(name: &str) -> Check {
    CHECKS.iter().find(|(known, _)| *known == name).unwrap().1
}

/// The words of one of the fuzzer's dictionaries.
fn words(file: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(format!("{HOME}/fuzz/{file}")).unwrap();
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(unescaped).collect()
}

/// A word as libFuzzer reads it: `\\`, `\"` and `\x0a` stand for one byte each.
fn unescaped(word: &str) -> Vec<u8> {
    let mut rest = word.as_bytes();
    let mut bytes = Vec::new();
    while let [first, after @ ..] = rest {
        rest = after;
        bytes.push(match (first, after) {
            (b'\\', [b'x', hex @ ..]) => {
                rest = &hex[2..];
                u8::from_str_radix(std::str::from_utf8(&hex[..2]).unwrap(), 16).unwrap()
            }
            (b'\\', [escaped, ..]) => {
                rest = &after[1..];
                *escaped
            }
            _ => *first,
        });
    }
    bytes
}

/// All files of some folders with one of these endings.
fn seeds(folders: &[&str], endings: &[&str]) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(Path::new(HOME).join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| endings.contains(&end.to_str().unwrap())))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folders:?} hold seeds");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Runs a check on its seeds and so many mutations of each.
fn mutate(name: &str, seeds: &[Vec<u8>], mutations: usize) {
    let words = words(if name == "record" { "record.dict" } else { "scenario.dict" });
    let (check, mut bytes) = (check_of(name), Bytes(1));
    for seed in seeds {
        check(seed);
        for _ in 0..mutations {
            check(&bytes.mutated(seed, &words));
        }
    }
}

/// Runs a check on so many random inputs of up to so many bytes.
fn random(name: &str, cases: usize, most: usize) {
    let (check, mut bytes) = (check_of(name), Bytes(1));
    for _ in 0..cases {
        check(&bytes.random(most));
    }
}

#[test]
fn messages() {
    random("wire", 20_000, 120);
}

#[test]
fn scenarios() {
    let seeds = seeds(&["scenarios/tests/bad", "scenarios/smoke", "scenarios/networks"], &["yaml"]);
    mutate("scenario", &seeds, 10);
}

#[test]
fn changed_scenarios() {
    random("changes", 1_500, 60);
}

#[test]
fn overrides() {
    let sets = seeds(&["scenarios/tests/bad"], &["yaml"]);
    let sets = sets.iter().flat_map(|text| {
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter_map(|line| line.strip_prefix(b"# set: ")).map(<[u8]>::to_vec)
    });
    mutate("overrides", &sets.collect::<Vec<_>>(), 50);
}

#[test]
fn tables_of_inputs() {
    mutate("csv", &seeds(&["scenarios/tests/bad/files", "scenarios/smoke"], &["csv"]), 40);
}

#[test]
fn records() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", &sum("[shamir]", ""));
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    mutate("record", &[results(&folder.path().join("out")).trim().into()], 2_000);
}

#[test]
fn reports() {
    random("report", 200, 200);
}
