//! The programs under `scenarios/programs`, against plain arithmetic on the same random inputs.

use std::path::{Path, PathBuf};

use mpclab_protocols::functions::{Task, uniform_inputs};
use mpclab_protocols::program::{Decoding, Inputs, Program, interpret};
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::PartyId;
use serde_json::{Value, json};

use super::build;
use crate::registry;
use crate::runner::{expectations, prepare, run_one};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/programs")
}

fn program(name: &str, params: &Value, parties: usize) -> Program {
    let text = std::fs::read_to_string(folder().join(format!("{name}.rhai"))).unwrap();
    build(&text, params, parties).unwrap_or_else(|failure| panic!("{name}: {failure:?}"))
}

/// The values of a column, party by party.
fn column(inputs: &[Inputs], name: &str) -> Vec<i128> {
    inputs.iter().filter_map(|party| party.integers(name)).flatten().copied().collect()
}

/// What a program should yield for these inputs: outputs with the largest difference allowed.
type Oracle = fn(&[Inputs]) -> Vec<(f64, f64)>;

fn exact(values: &[i128]) -> Vec<(f64, f64)> {
    values.iter().map(|&value| (value as f64, 0.0)).collect()
}

fn median(inputs: &[Inputs]) -> Vec<(f64, f64)> {
    let mut values = column(inputs, "value");
    values.sort_unstable();
    exact(&[values[(values.len() - 1) / 2]])
}

fn top_k(inputs: &[Inputs]) -> Vec<(f64, f64)> {
    let mut ranked: Vec<(i128, i128)> =
        column(inputs, "value").into_iter().zip(0..).map(|(value, at)| (-value, at)).collect();
    ranked.sort_unstable();
    exact(&[-ranked[0].0, -ranked[1].0, ranked[0].1, ranked[1].1])
}

fn chi_square(inputs: &[Inputs]) -> Vec<(f64, f64)> {
    let total = |name| column(inputs, name).into_iter().sum::<i128>();
    let (a, b) = (total("exposed_ill"), total("exposed_well"));
    let (c, d) = (total("other_ill"), total("other_well"));
    let (rows, columns) = ([a + b, c + d], [a + c, b + d]);
    let numerator = (a + b + c + d) * (a * d - b * c).pow(2);
    let denominator = rows[0] * rows[1] * columns[0] * columns[1];
    // The textbook's sum over cells of (observed - expected)^2 / expected.
    let n = (a + b + c + d) as f64;
    let statistic: f64 = [(a, 0, 0), (b, 0, 1), (c, 1, 0), (d, 1, 1)]
        .map(|(observed, row, col)| {
            let expected = rows[row] as f64 * columns[col] as f64 / n;
            (observed as f64 - expected).powi(2) / expected
        })
        .iter()
        .sum();
    assert!((statistic - numerator as f64 / denominator as f64).abs() < 1e-6 * (1.0 + statistic));
    exact(&[numerator, denominator, i128::from(statistic >= 3.841)])
}

fn logistic(inputs: &[Inputs]) -> Vec<(f64, f64)> {
    let real = |name| column(inputs, name).into_iter().map(|raw| raw as f64 / 4096.0);
    let z: f64 = real("feature").zip(real("weight")).map(|(x, w)| x * w).sum();
    let z = z + real("bias").sum::<f64>();
    vec![(1.0 / (1.0 + (-z).exp()), 0.021)]
}

fn decision_tree(inputs: &[Inputs]) -> Vec<(f64, f64)> {
    let (x, thresholds) = (column(inputs, "feature"), column(inputs, "threshold"));
    let mut node = 0;
    while node < thresholds.len() {
        node = 2 * node + if x[node % x.len()] < thresholds[node] { 1 } else { 2 };
    }
    exact(&[column(inputs, "leaf")[node - thresholds.len()]])
}

fn auction(inputs: &[Inputs]) -> Vec<(f64, f64)> {
    let all = column(inputs, "bid");
    let (reserve, bids) = (all[0], &all[1..]);
    let best = *bids.iter().max().unwrap();
    if best < reserve {
        return exact(&[0, 0]);
    }
    let winner = bids.iter().position(|&bid| bid == best).unwrap();
    let others = bids.iter().enumerate().filter(|(at, _)| *at != winner).map(|(_, &bid)| bid);
    exact(&[winner as i128 + 1, others.max().unwrap().max(reserve)])
}

fn trimmed_mean(inputs: &[Inputs]) -> Vec<(f64, f64)> {
    let mut values = column(inputs, "value");
    values.sort_unstable();
    let kept = &values[1..values.len() - 1];
    vec![(kept.iter().sum::<i128>() as f64 / kept.len() as f64, 1e-9)]
}

/// The first seed whose outputs are not what the oracle says.
fn first_difference(program: &Program, parties: usize, oracle: Oracle) -> Option<u32> {
    let task = Task::Program(program.clone().into());
    (0..300).find(|&repetition| {
        let seed = RunSeed::new(7, repetition);
        let draw =
            |party| uniform_inputs(&task, party, &mut seed.rng("input", PartyId::from(party)));
        let inputs: Vec<Inputs> = (0..parties).map(draw).collect();
        let outputs = interpret(program, &inputs).unwrap().outputs;
        let units = program.outputs().iter().flat_map(|output| {
            let unit = match output.decoding {
                Decoding::Integer | Decoding::Word | Decoding::Limbs { .. } => 1.0,
                Decoding::Decimal { decimals } => 10f64.powi(decimals as i32),
                Decoding::Fixed { frac } => (1u64 << frac) as f64,
                Decoding::Quotient { divisor } => divisor as f64,
            };
            std::iter::repeat_n(unit, output.len)
        });
        let expected = oracle(&inputs);
        assert_eq!(outputs.len(), expected.len());
        let got = outputs.iter().zip(units).map(|(&raw, unit)| raw as f64 / unit);
        got.zip(expected).any(|(got, (wanted, error))| (got - wanted).abs() > error)
    })
}

#[test]
fn programs_compute_what_plain_arithmetic_does() {
    let cases: [(&str, Value, usize, Oracle); 9] = [
        ("median", json!({ "length": 2 }), 3, median),
        ("median", json!({ "bits": 2 }), 7, median),
        ("top_k", json!({ "bits": 2 }), 5, top_k),
        ("chi_square", json!({ "bits": 4 }), 3, chi_square),
        ("logistic", json!({}), 2, logistic),
        ("decision_tree", json!({ "depth": 4, "bits": 3 }), 2, decision_tree),
        ("auction", json!({ "bits": 2 }), 4, auction),
        ("auction", json!({}), 6, auction),
        ("trimmed_mean", json!({}), 5, trimmed_mean),
    ];
    for (name, params, parties, oracle) in cases {
        let program = program(name, &params, parties);
        assert_eq!(first_difference(&program, parties, oracle), None, "{name} {params}");
    }
    // A wrong oracle is noticed: the upper median of an even number, the first price.
    let wrong: Oracle = |inputs| {
        let mut values = column(inputs, "value");
        values.sort_unstable();
        exact(&[values[values.len() / 2]])
    };
    let even = program("median", &json!({}), 4);
    assert!(first_difference(&even, 4, wrong).is_some());
    let first_price: Oracle = |inputs| {
        let mut right = auction(inputs);
        let bids = column(inputs, "bid");
        right[1].0 =
            right[1].0.max(if right[0].0 > 0.0 { bids[right[0].0 as usize] as f64 } else { 0.0 });
        right
    };
    let auction = program("auction", &json!({}), 4);
    assert!(first_difference(&auction, 4, first_price).is_some());
}

#[test]
fn protocols_compute_the_programs() {
    let registry = registry();
    let mut cells = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        let plan = mpclab_scenarios::plan(&path, &[], &registry);
        let plan = plan.unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
        // What was run can be run again from its own text, and is the same.
        let again = mpclab_scenarios::plan_texts(
            &[(PathBuf::from("resolved.yaml"), plan.resolved.clone())].into(),
            Path::new("resolved.yaml"),
            &[],
            &registry,
        );
        let again = again.unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
        assert_eq!(again.cells[0].identity(), plan.cells[0].identity());
        let prepared = prepare(plan, &registry).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        for cell in &prepared.cells {
            let record = run_one(&registry, &prepared, cell, 0, None);
            let unmet = expectations(&prepared, std::slice::from_ref(&record)).len();
            let label = &cell.cell.protocol.label;
            assert_eq!(unmet, 0, "{}, {label}: {:?}", path.display(), record.outcome);
            cells += 1;
        }
    }
    assert_eq!(cells, 27);
}
