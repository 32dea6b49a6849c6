//! The checks find what is broken on purpose.

use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use mpclab::protocols::algebra::M61;
use mpclab::reports::record::Record;
use mpclab::runner::{prepare, run_one};
use mpclab::scenarios::{Diagnostic, plan_texts};
use mpclab::sim::wire::{Element, Field, Malformed, Wire};
use serde_json::json;

use super::Bytes;
use super::checks::changes::{SAMPLES, files};
use super::checks::record::comes_back;
use super::checks::report::in_any_order;
use super::checks::scenario::{Texts, difference, refused};
use super::checks::{Input, wire};
use crate::support::{HOME, prepared, sum};

const GOOD: u8 = 0;
/// Takes elements that are not canonical.
const LENIENT: u8 = 1;
/// Refuses a zero that is the last element.
const PICKY: u8 = 2;
/// Reserves room for what the shape promises before it looks at the bytes.
const TRUSTING: u8 = 3;
/// Reads without looking whether there is something.
const PANICKING: u8 = 4;
/// Shows one element more than there is.
const STICKING_OUT: u8 = 5;
/// Forgets to say that the sizes differ.
const CARELESS: u8 = 6;

/// Elements of a prime field, with something wrong.
#[derive(Debug)]
struct Broken<const HOW: u8>(Vec<M61>);

impl<const HOW: u8> Wire for Broken<HOW> {
    type Shape = usize;
    const NAME: &'static str = "broken";

    fn shape(&self) -> usize {
        self.0.len()
    }
    fn len(shape: &usize) -> usize {
        <Vec<M61> as Wire>::len(shape)
    }
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
    fn decode(bytes: &[u8], shape: &usize) -> Result<Self, Malformed> {
        let zero = M61::default();
        match HOW {
            LENIENT if bytes.len() == Self::len(shape) => {
                let each = bytes.chunks(M61::BYTES).map(|one| M61::take(one).unwrap_or(zero));
                return Ok(Broken(each.collect()));
            }
            CARELESS if bytes.len() > Self::len(shape) => {
                return Vec::decode(&bytes[..Self::len(shape)], shape).map(Broken);
            }
            PANICKING => assert!(!bytes.is_empty(), "nothing to read"),
            TRUSTING => Vec::<M61>::new().try_reserve(*shape).expect("enough memory"),
            _ => {}
        }
        let all = Vec::<M61>::decode(bytes, shape)?;
        if HOW == PICKY && all.last() == Some(&zero) {
            return Err(Malformed("a zero is the last".to_owned()));
        }
        Ok(Broken(all))
    }
    fn fields(shape: &usize) -> Vec<Field> {
        let more = usize::from(HOW == STICKING_OUT);
        <Vec<M61> as Wire>::fields(&shape.saturating_add(more))
    }
}

/// Whether the check of message types finds something in a broken one.
fn is_found<const HOW: u8>() -> bool {
    let mut bytes = Bytes(1);
    let mut cases = (0..20_000).map(|_| bytes.random(120));
    cases.any(|case| catch_unwind(|| wire::one::<Broken<HOW>>(&mut Input(&case))).is_err())
}

#[test]
fn broken_message_types_are_found() {
    let found = [
        is_found::<LENIENT>(),
        is_found::<PICKY>(),
        is_found::<TRUSTING>(),
        is_found::<PANICKING>(),
        is_found::<STICKING_OUT>(),
        is_found::<CARELESS>(),
    ];
    assert_eq!((found, is_found::<GOOD>()), ([true; 6], false));
}

#[test]
fn what_is_changed_is_right_before() {
    let registry = mpclab::registry();
    for sample in SAMPLES {
        let texts = files(sample.to_owned());
        let plan = plan_texts(&texts, Path::new("scenario.yaml"), &[], &registry);
        let prepared = plan.and_then(|plan| prepare(plan, &registry));
        if let Err(mistakes) = prepared {
            panic!("{}", mistakes[0]);
        }
    }
}

#[test]
fn a_changed_plan_is_found() {
    let plan = json!({ "cells": [1, { "sweep": [] }], "seed": 1 });
    assert_eq!(difference("plan", &plan, &plan), None);
    for (other, at) in [
        (json!({ "cells": [1, { "sweep": [] }], "seed": 2 }), "plan.seed"),
        (json!({ "cells": [1, { "sweep": [0] }], "seed": 1 }), "plan.cells[1].sweep"),
        (json!({ "cells": [1], "seed": 1 }), "plan.cells"),
        (json!({ "cells": [1, { "sweep": [] }] }), "plan.seed"),
    ] {
        let found = difference("plan", &plan, &other).unwrap();
        assert!(found.starts_with(&format!("{at}: ")), "{found}");
    }
}

#[test]
fn a_refusal_without_reason_or_place_is_found() {
    let texts = Texts::from([("s.yaml".into(), "about: x\n".to_owned())]);
    let registry = mpclab::registry();
    let good = plan_texts(&texts, Path::new("s.yaml"), &[], &registry).unwrap_err();
    let is_found = |mistakes: &[Diagnostic]| catch_unwind(|| refused(mistakes, &texts)).is_err();
    assert!(!is_found(&good));
    assert!(is_found(&[]));
    assert!(is_found(&[Diagnostic::without_place("somewhere")]));
    let with = |change: fn(&mut Diagnostic)| {
        let mut one = good[0].clone();
        change(&mut one);
        is_found(&[one])
    };
    assert!(with(|one| one.message = " ".to_owned()));
    assert!(with(|one| one.help = vec!["x".repeat(20_000)]));
    assert!(with(|one| one.location.as_mut().unwrap().line = 9));
    assert!(with(|one| one.location.as_mut().unwrap().column = 99));
}

#[test]
fn records_that_change_and_pages_that_depend_on_order_are_found() {
    let registry = mpclab::registry();
    let prepared = prepared(&registry, &sum("[shamir]", "repetitions: 2\n"));
    let run = |repetition| run_one(&registry, &prepared, &prepared.cells[0], repetition, None);
    let mut records = vec![run(0), run(1)];
    let line = records[0].to_line().unwrap();
    let reads = Cell::new(0);
    let drifting = |line: &[u8]| {
        reads.set(reads.get() + 1);
        let record = Record::parse(line).ok()?;
        Some(Record { seed: record.seed + reads.get(), ..record })
    };
    let found = catch_unwind(AssertUnwindSafe(|| comes_back(line.as_bytes(), drifting)));
    assert!(found.is_err());
    let by_order = |records: &[Record]| format!("{:04}", records[0].repetition);
    let found = catch_unwind(AssertUnwindSafe(|| in_any_order(&mut records, by_order)));
    assert!(found.is_err());
}

/// Implementations that [`wire::TYPES`] covers: the line as it stands, by file.
const COVERED: [(&str, &str); 11] = [
    ("protocols/src/algebra/bits/mod.rs", "impl Wire for Bits {"),
    ("protocols/src/algebra/m61.rs", "impl Element for M61 {"),
    ("protocols/src/algebra/p128.rs", "impl Element for P128 {"),
    ("protocols/src/algebra/ring.rs", "impl Element for $name {"),
    ("protocols/src/algebra/toy.rs", "impl<const P: u64> Element for Toy<P> {"),
    ("protocols/src/primitives/group.rs", "impl Element for Encoded {"),
    ("protocols/src/primitives/ot/mod.rs", "impl Wire for Blocks {"),
    ("sim/src/wire.rs", "impl Element for u8 {"),
    ("sim/src/wire.rs", "impl<A: Wire, B: Wire> Wire for (A, B) {"),
    ("sim/src/wire.rs", "impl<E: Element> Wire for Vec<E> {"),
    ("sim/src/wire.rs", "impl<const N: usize> Wire for [u8; N] {"),
];

#[test]
fn every_message_type_is_fuzzed() {
    let mut found = Vec::new();
    let mut folders = vec!["sim/src".to_owned(), "protocols/src".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(format!("{HOME}/{folder}")).unwrap() {
            let path = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            if fs::metadata(format!("{HOME}/{path}")).unwrap().is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                let text = fs::read_to_string(format!("{HOME}/{path}")).unwrap();
                let lines = text.lines().map(str::trim).filter(|line| line.starts_with("impl"));
                let wire =
                    |line: &&str| line.contains(" Wire for ") || line.contains(" Element for ");
                found.extend(lines.filter(wire).map(|line| (path.clone(), line.to_owned())));
            }
        }
    }
    found.sort();
    let covered = COVERED.map(|(path, line)| (path.to_owned(), line.to_owned()));
    assert_eq!(found, covered, "add the type to `TYPES` in checks/wire.rs, then here");
}

#[test]
fn every_check_has_a_fuzz_target() {
    let manifest = fs::read_to_string(format!("{HOME}/fuzz/Cargo.toml")).unwrap();
    let named = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    let named: Vec<&str> = named.filter_map(|line| line.strip_suffix(".rs\"")).collect();
    assert_eq!(named, super::CHECKS.map(|(name, _)| name));
}
