//! The example from outside: through the library, and as a program.

// A test says by panicking what it did not expect.
#![allow(clippy::unwrap_used)]

#[path = "../../src/main.rs"]
#[expect(dead_code, reason = "its main is another program's")]
mod ring_sum;

#[path = "../../src/star.rs"]
#[expect(dead_code, reason = "its main is another program's")]
mod star;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mpclab::cli::Exit;
use mpclab::prelude::*;
use mpclab::reports::journal::read_results;
use mpclab::reports::record::{Outcome, Record};
use mpclab::runner::{Prepared, prepare, run_one};
use mpclab::sim::vocabulary::{Guarantee, Standing};
use mpclab::{Registry, registry, scenarios};
use ring_sum::{RingSum, RingSumParams};
use star::Star;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/ring_sum.yaml");

/// A folder of this test's own; what an earlier run left is removed.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn load(registry: &Registry, overrides: &[(&str, &str)]) -> Result<Prepared, String> {
    load_file(SCENARIO, registry, overrides)
}

fn load_file(
    file: &str,
    registry: &Registry,
    overrides: &[(&str, &str)],
) -> Result<Prepared, String> {
    let overrides: Vec<(String, String)> =
        overrides.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    scenarios::plan(Path::new(file), &overrides, registry)
        .and_then(|plan| prepare(plan, registry))
        .map_err(|mistakes| mistakes[0].to_string())
}

#[test]
fn a_generic_engine_from_outside_runs_comparisons_and_inner_products() {
    let registry = registry().with::<Star>();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/star.yaml");
    for (overrides, products) in [
        (
            vec![("function", "{ name: inner_product, params: { bits: 8, length: 100 } }")],
            Some(100),
        ),
        (vec![], None),
    ] {
        let overrides = [vec![("sweep", "{ network: [lan] }")], overrides].concat();
        let prepared = load_file(file, &registry, &overrides).unwrap();
        for cell in &prepared.cells {
            let record = run_one(&registry, &prepared, cell, 0, None);
            assert_eq!(record.outcome, Outcome::Ok, "{}", record.key.protocol);
            for guarantee in [Guarantee::Correctness, Guarantee::DeclaredCost] {
                assert_eq!(standing(&record, guarantee), Standing::Held, "{guarantee}");
            }
            // 5 parties: inputs of two of them, a product of two openings for each term, outputs.
            if let (Some(products), "star") = (products, record.key.protocol.as_str()) {
                let elements = 2 * 4 * products + 2 * 2 * 4 * products + 5 * 4;
                assert_eq!(record.metrics["online.bytes"], 8 * elements);
                assert_eq!(record.metrics["online.rounds"], 1 + 2 + 1);
            }
        }
    }
}

fn standing(record: &Record, guarantee: Guarantee) -> Standing {
    record.verdicts.iter().find(|verdict| verdict.guarantee == guarantee).unwrap().standing()
}

#[test]
fn it_is_right_and_costs_what_it_says() {
    let registry = registry().with::<RingSum>();
    for leader in ["0", "2"] {
        let protocols = format!("[{{ name: ring_sum, params: {{ leader: {leader} }} }}]");
        let prepared = load(&registry, &[("protocols", &protocols)]).unwrap();
        for (cell, n) in prepared.cells.iter().zip([3, 6, 12]) {
            let record = run_one(&registry, &prepared, cell, 0, None);
            assert_eq!(record.outcome, Outcome::Ok);
            for guarantee in [Guarantee::Correctness, Guarantee::Agreement, Guarantee::DeclaredCost]
            {
                assert_eq!(standing(&record, guarantee), Standing::Held, "{guarantee}");
            }
            // 100 elements of 16 bytes: n times round the ring, then to n - 1 others.
            assert_eq!(record.metrics["online.bytes"], (2 * n - 1) * 1600);
            assert_eq!(record.metrics["online.rounds"], n + 1);
            assert!(record.metrics["total.compute_ns"] > 0);
        }
    }
}

#[test]
fn it_is_refused_where_it_does_not_fit() {
    let registry = registry().with::<RingSum>();
    let refused = |overrides: &[(&str, &str)]| load(&registry, overrides).err().unwrap();
    for (key, value) in [
        ("protocols", "[{ name: ring_sum, params: { leader: 3 } }]"),
        ("protocols", "[{ name: ring_sum, parties: { compute: 3, input: 4 } }]"),
        ("sweep", "{ function.name: [max] }"),
    ] {
        let why = refused(&[(key, value)]);
        let is_told = ["leader 0 to 2", "length", "it realises sum"];
        assert!(is_told.iter().any(|part| why.contains(part)), "{why}");
    }
    assert!(refused(&[("sweep", "{ parties: [2] }")]).contains("3 or more computing parties"));
    let why = refused(&[("protocols", "[{ name: ring_sum, params: { leeder: 1 } }]")]);
    assert!(why.contains("did you mean `leader`"), "{why}");
}

#[test]
fn the_program_compares_it_with_what_comes_along() {
    let out = folder("program");
    let program = env!("CARGO_BIN_EXE_ring_sum");
    let run = Command::new(program).args(["run", SCENARIO, "--out"]).arg(&out).output().unwrap();
    let (table, talk) = (String::from_utf8(run.stdout), String::from_utf8(run.stderr).unwrap());
    assert_eq!(run.status.code(), Some(0), "{talk}");
    let table = table.unwrap();
    assert!(["ring_sum", "additive", "shamir"].iter().all(|name| table.contains(name)), "{table}");
    let records = read_results(&out.join("results.jsonl")).unwrap();
    assert_eq!(records.len(), 27);
    // All protocols met the same inputs.
    for record in &records {
        let same =
            |other: &&Record| (other.cell, other.repetition) == (record.cell, record.repetition);
        assert_eq!(record.outputs, records.iter().find(same).unwrap().outputs);
    }
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("ring_sum run "), "the command names this program");
    let list = Command::new(program).args(["list", "protocols"]).output().unwrap();
    assert!(String::from_utf8(list.stdout).unwrap().contains("Clifton"));
}

/// The same, but party 1 counts its input twice.
struct CountsTwice;

impl Protocol for CountsTwice {
    const NAME: &'static str = RingSum::NAME;
    const INFO: Info = RingSum::INFO;
    type Params = RingSumParams;

    type Plan = <RingSum as Protocol>::Plan;

    fn compile(job: &Arc<Job>, params: &RingSumParams) -> Result<Arc<Self::Plan>, Unsupported> {
        RingSum::compile(job, params)
    }

    async fn run(ctx: Ctx, plan: Arc<Self::Plan>, mut input: Inputs) -> Result<Outputs, Abort> {
        if ctx.id() == PartyId(1) {
            input.all_integers_mut().for_each(|value| *value *= 2);
        }
        RingSum::run(ctx, plan, input).await
    }
}

#[test]
fn a_wrong_answer_is_caught() {
    let out = folder("wrong");
    // Under the same name it takes the right one's place.
    let registry = registry().with::<RingSum>().with::<CountsTwice>();
    let out_text = out.to_str().unwrap();
    let set = ["--set", "sweep={ parties: [3] }", "--set", "repetitions=1"];
    let command = [&["ring_sum", "run", SCENARIO, "--out", out_text][..], &set].concat();
    assert_eq!(mpclab::cli::run(&registry, command), Exit::Failed);
    assert_eq!(Exit::Failed as u8, 1);
    let records = read_results(&out.join("results.jsonl")).unwrap();
    let (ring, others): (Vec<_>, Vec<_>) =
        records.iter().partition(|record| record.key.protocol == "ring_sum");
    assert_eq!((ring.len(), others.len()), (1, 2));
    for record in ring {
        assert!(matches!(record.outcome, Outcome::Wrong(_)), "{:?}", record.outcome);
        assert_eq!(standing(record, Guarantee::Correctness), Standing::Violated);
        assert_eq!(standing(record, Guarantee::Agreement), Standing::Held, "all are wrong alike");
    }
    assert!(others.iter().all(|record| record.outcome == Outcome::Ok));
}
