//! Inputs outside of their ranges: refused, seen where nobody refuses them, and never taken for
//! inputs that a party may choose.

use std::path::Path;
use std::sync::Arc;

use mpclab::prelude::{Inputs, PartyId};
use mpclab::reports::record::{Outcome, Record};
use mpclab::runner::verdict::Threat;
use mpclab::runner::{Against, Prepared, Subject, is_failure, prepare, run_one};
use mpclab::sim::RunSeed;
use mpclab::sim::vocabulary::{Guarantee, Observed, Standing, Verdict};
use mpclab::{Registry, registry, scenarios};

use crate::support::write;

/// A scenario of one cell, beside which the file `script.rhai` stands.
fn prepared(registry: &Registry, scenario: &str, script: &str) -> Prepared {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "script.rhai", script);
    let file = write(&folder, "scenario.yaml", scenario);
    scenarios::plan(Path::new(&file), &[], registry)
        .and_then(|plan| prepare(plan, registry))
        .unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

fn correctness(record: &Record) -> &Verdict {
    let verdict = record.verdicts.iter().find(|v| v.guarantee == Guarantee::Correctness);
    verdict.expect("every run has one")
}

/// A run of a scenario's only cell, in which the last party brings what it likes.
fn brings(scenario: &str, script: &str, replace: fn(usize) -> i128) -> Record {
    let registry = registry();
    let prepared = prepared(&registry, scenario, script);
    let cell = &prepared.cells[0];
    let subject = Subject::new(&registry, cell, RunSeed::new(prepared.plan.seed, 0)).unwrap();
    let cheater = PartyId::from(cell.cell.roles.compute - 1);
    let against = Against::semi_honest(&subject.setting(vec![cheater]));
    let inputs = Arc::new(move |_: PartyId, given: &Inputs| {
        let mut brought = given.clone();
        let names: Vec<String> = given.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let column = brought.integers_mut(&name)?;
            column.iter_mut().enumerate().for_each(|(at, value)| *value = replace(at));
        }
        Some(brought)
    });
    let threat = Some(Threat { is_malicious: true, breaks_network: false });
    let against = Against { inputs: Some(inputs), threat, ..against };
    let record = run_one(&registry, &prepared, cell, 0, Some(against));
    assert!(!is_failure(&cell.cell, &record), "no claim is violated: {:?}", record.verdicts);
    record
}

fn scenario(function: &str, protocol: &str) -> String {
    format!(
        "about: A cheater's input.\nfunction: {function}\nparties: 3\nprotocols: [{protocol}]\n\
         network: ideal\ncompute: none\n"
    )
}

/// Twelve values of 8 bits side by side in one output: digits to the base 512.
const PACKED: fn(usize) -> i128 = |at| 1 << (9 * at);

const INNER_PRODUCT: &str = "{ name: inner_product, params: { bits: 8, length: 12 } }";
const SCRIPT: &str = "{ program: script.rhai }";
const PRODUCT_AND_COMPARISON: &str = "let x = inputs(\"x\", uint(4));\n\
    output(\"p\", x[0] * x[2]);\noutput(\"l\", x[0] < x[1]);\n";

fn checked_and_trusting() -> [[String; 2]; 3] {
    let of = |name: &str, params: &str| {
        ["range", "none"].map(|check| {
            format!("{{ name: {name}, params: {{ {params}, input_check: {check} }} }}")
        })
    };
    [of("spdz", "field: p128"), of("rep3_ps", "domain: p128"), of("rep3_ps", "domain: z128")]
}

#[test]
fn an_input_that_reads_all_others_is_refused_or_seen() {
    for [checked, trusting] in checked_and_trusting() {
        // The cheater has to be one of the two that bring vectors.
        let scenario = |protocol: &str| {
            scenario(INNER_PRODUCT, protocol)
                .replace("parties: 3", "parties: { compute: 3, input: [1, 2] }")
        };
        let record = brings(&scenario(&checked), "", PACKED);
        assert_eq!(correctness(&record).standing(), Standing::Held, "{checked}");
        match &record.outcome {
            Outcome::Aborted(why) => assert!(why.contains("range check of inputs"), "{why}"),
            // Digits that can be nothing but bits: it brought another input, within its range.
            outcome => {
                assert!(checked.contains("spdz"), "{checked}");
                assert_eq!(outcome, &Outcome::Ok);
                let evidence = &correctness(&record).evidence;
                assert!(evidence.contains("input substitution"), "{evidence}");
            }
        }

        let record = brings(&scenario(&trusting), "", PACKED);
        let verdict = correctness(&record);
        assert_eq!(verdict.standing(), Standing::OutOfClaim, "{trusting}");
        assert_eq!(verdict.observed, Observed::Broken, "{trusting}");
        assert!(verdict.evidence.starts_with("range violation: "), "{}", verdict.evidence);
        assert!(matches!(record.outcome, Outcome::Wrong(_)), "{:?}", record.outcome);

        // Within its range it may bring what it likes.
        let record = brings(&scenario(&checked), "", |at| -128 + at as i128);
        let verdict = correctness(&record);
        assert_eq!((&record.outcome, verdict.standing()), (&Outcome::Ok, Standing::Held));
        assert!(verdict.evidence.contains("input substitution"), "{}", verdict.evidence);
    }
}

/// Beside a comparison, what feeds a product alone is held to its range as well.
#[test]
fn what_is_only_multiplied_is_checked_beside_what_is_compared() {
    for [checked, trusting] in &checked_and_trusting()[..2] {
        for (value, is_refused) in [(15, false), (16, true), (-1, true)] {
            let replace: fn(usize) -> i128 = match value {
                15 => |_| 15,
                16 => |_| 16,
                _ => |_| -1,
            };
            let record = brings(&scenario(SCRIPT, checked), PRODUCT_AND_COMPARISON, replace);
            // With `spdz` whatever it brings is in range.
            let stops = is_refused && !checked.contains("spdz");
            let is_aborted = matches!(record.outcome, Outcome::Aborted(_));
            assert_eq!(is_aborted, stops, "{checked}, {value}: {:?}", record.outcome);
            assert_eq!(correctness(&record).standing(), Standing::Held, "{checked}, {value}");
            let record = brings(&scenario(SCRIPT, trusting), PRODUCT_AND_COMPARISON, replace);
            let seen = correctness(&record).evidence.starts_with("range violation: ");
            assert_eq!(seen, is_refused, "{trusting}, {value}: {:?}", record.outcome);
        }
    }
}

/// A run of a scenario's only cell under its own adversary.
fn run(scenario: &str, script: &str) -> Record {
    let registry = registry();
    let prepared = prepared(&registry, scenario, script);
    run_one(&registry, &prepared, &prepared.cells[0], 0, None)
}

fn opened(function: &str, script: &str, protocol: &str, change: &str) -> Record {
    let scenario = format!(
        "{}adversary:\n  corrupt: [1]\n  strategy:\n    \
         - {{ at: {{ from: 1, scope: \"online/output*\" }}, do: {change} }}\n",
        scenario(function, protocol)
    );
    run(&scenario, script)
}

const GIVEN: &str = "params: { bits: 8 }, \
                     inputs: { values: [{value: 5}, {value: 7}, {value: 3}] }";

/// No 8-bit input beside 5 and 3 gives such a sum; one of 27 bits does.
#[test]
fn a_sum_beyond_the_range_is_a_range_violation() {
    for protocol in ["additive", "{ name: additive, params: { field: p128 } }"] {
        let record =
            opened(&format!("{{ name: sum, {GIVEN} }}"), "", protocol, "{ set: 123456789 }");
        let verdict = correctness(&record);
        assert_eq!(verdict.observed, Observed::Broken, "{}", verdict.evidence);
        assert_eq!(verdict.standing(), Standing::OutOfClaim, "of semi-honest security");
        assert!(verdict.evidence.starts_with("range violation: "), "{}", verdict.evidence);
        assert!(matches!(record.outcome, Outcome::Wrong(_)), "{:?}", record.outcome);
    }
}

/// 106 is no multiple of 15: in a field it is, but the function is one of integers.
#[test]
fn a_product_that_no_integer_gives_is_wrong() {
    let record = opened(&format!("{{ name: product, {GIVEN} }}"), "", "additive", "{ add: 1 }");
    let verdict = correctness(&record);
    assert_eq!(verdict.observed, Observed::Broken, "{}", verdict.evidence);
    assert!(verdict.evidence.contains("no inputs of the coalition in their ranges give"));
    assert!(matches!(record.outcome, Outcome::Wrong(_)), "{:?}", record.outcome);
    let record = opened(&format!("{{ name: product, {GIVEN} }}"), "", "additive", "{ add: 15 }");
    let verdict = correctness(&record);
    assert_eq!(verdict.observed, Observed::Held, "{}", verdict.evidence);
    assert!(verdict.evidence.contains("input substitution"), "{}", verdict.evidence);
}

/// Outputs that some learn and others do not are searched like others.
#[test]
fn own_outputs_are_searched_for_inputs_that_explain_them() {
    let script = "let x = inputs(\"x\", uint(4));\nlet z = x[0] + x[2];\n\
                  output(\"own\", z + x[1], 0);\noutput(\"all\", z);\n";
    let given = "inputs: { values: [{x: 5}, {x: 7}, {x: 3}] }";
    let record =
        opened(&format!("{{ program: script.rhai, {given} }}"), script, "gmw", "{ add: 1 }");
    let verdict = correctness(&record);
    assert_ne!(verdict.observed, Observed::Inconclusive, "{}", verdict.evidence);
    assert!(!record.acts.is_empty());
}
