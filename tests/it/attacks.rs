//! Known attacks: what each is expected to achieve, it achieves.

use std::collections::BTreeSet;

use mpclab::prelude::*;
use mpclab::protocols::attack::{Attack, Expected};
use mpclab::protocols::rep3::{Rep3, Rep3Params};
use mpclab::reports::battery::{Battery, Family};
use mpclab::sim::vocabulary::Standing;
use mpclab::{Registry, registry};

use crate::support::battered;

/// Functions on which every attack acts, the cheapest first: products of one and of several layers,
/// inner products, comparisons, sums, coins, and transfers. Whose attacks have all acted is run no
/// more.
const FUNCTIONS: [(&str, usize, &str); 9] = [
    ("product", 2, "{ bits: 4 }"),
    ("coin_toss", 3, "{}"),
    ("coin_toss", 2, "{}"),
    ("product", 3, "{ bits: 4 }"),
    ("sum", 3, "{ bits: 8 }"),
    ("inner_product", 3, "{ bits: 4, length: 3 }"),
    ("product", 4, "{ bits: 4 }"),
    ("millionaires", 3, "{ bits: 8 }"),
    ("oblivious_transfer", 2, "{ choices: 5, length: 3, bits: 8 }"),
];

fn attacked(registry: &Registry, protocols: &str, function: (&str, usize, &str)) -> Battery {
    let (name, parties, params) = function;
    let scenario = format!(
        "about: Known attacks.\nfunction: {{ name: {name}, params: {params} }}\n\
         parties: {parties}\nprotocols: [{protocols}]\nnetwork: ideal\ncompute: none\n\
         unsupported: skip\nseed: 7\n"
    );
    battered(registry, &scenario, &[Family::Known], (0, 0))
}

fn surprises(battery: &Battery) -> Vec<&String> {
    battery.notes.iter().filter(|note| note.contains("expected")).collect()
}

#[test]
fn names_are_unique_and_say_where_they_come_from() {
    let registry = registry();
    for protocol in registry.protocols() {
        let attacks = registry.attacks(protocol.name);
        assert!(!attacks.is_empty(), "{} has no attacks", protocol.name);
        let names: BTreeSet<&str> = attacks.iter().map(|attack| attack.name).collect();
        assert_eq!(names.len(), attacks.len(), "{}", protocol.name);
        for Attack { name, about, source, .. } in attacks {
            let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(is_plain && !about.is_empty(), "{name}");
            // Each names a row of the list of attacks behind its paper.
            assert!(source.contains('(') && source.ends_with(')'), "{name}: {source}");
        }
    }
}

#[test]
fn every_attack_acts_and_achieves_what_is_expected() {
    let registry = registry();
    let mut idle: BTreeSet<(&str, &str)> = registry
        .protocols()
        .flat_map(|protocol| {
            let attacks = registry.attacks(protocol.name).into_iter();
            attacks.map(move |attack| (protocol.name, attack.name))
        })
        .collect();
    let is_of_silent = |attack: &str| attack.starts_with("silent-");
    // Attacks on silent transfers are idle where transfers are not.
    let runs = FUNCTIONS.map(|function| (function, false));
    let silent = [FUNCTIONS[0], FUNCTIONS[8]].map(|function| (function, true));
    for (function, silent) in runs.into_iter().chain(silent) {
        let some = idle.iter().filter(|(_, attack)| is_of_silent(attack) == silent);
        let protocols: BTreeSet<&str> = some.map(|(protocol, _)| *protocol).collect();
        let entries: Vec<String> =
            protocols.iter().map(|protocol| entry(&registry, protocol, silent)).collect();
        if entries.is_empty() {
            continue;
        }
        let battery = attacked(&registry, &entries.join(", "), function);
        let violated: Vec<_> = battery.cells(Standing::Violated).collect();
        assert!(violated.is_empty(), "{function:?}: {violated:#?}");
        assert!(surprises(&battery).is_empty(), "{function:?}: {:#?}", surprises(&battery));
        for row in &battery.rows {
            let cells = row.cells.iter().filter(|cell| cell.counts.no_effect < cell.counts.cases);
            for cell in cells {
                let attack = cell.attack.trim_end_matches(" (out of claim)");
                idle.retain(|(of, name)| (*of, *name) != (row.protocol.as_str(), attack));
            }
        }
    }
    assert_eq!(idle, BTreeSet::new(), "act on none of the functions");
}

/// A protocol in a scenario. Base transfers take long, and no attack is about them.
fn entry(registry: &Registry, name: &str, silent: bool) -> String {
    let ot = if silent { "base: ideal, extension: silent" } else { "base: ideal" };
    let mut all = registry.protocols();
    let protocol = all.find(|protocol| protocol.name == name).unwrap();
    // With a dealer by default there are no transfers.
    let has = |param| protocol.schema["properties"].get(param).is_some();
    match has("ot") && !has("offline") {
        true => format!("{{ name: {name}, params: {{ ot: {{ {ot} }} }} }}"),
        false => name.to_owned(),
    }
}

/// `rep3`, but it expects all attacks to be caught.
struct Optimist;

impl Protocol for Optimist {
    const NAME: &'static str = "optimist";
    const INFO: Info = Rep3::INFO;
    type Params = Rep3Params;

    type Plan = <Rep3 as Protocol>::Plan;

    fn compile(job: &Arc<Job>, params: &Rep3Params) -> Result<Arc<Self::Plan>, Unsupported> {
        Rep3::compile(job, params)
    }

    async fn run(ctx: Ctx, plan: Arc<Self::Plan>, input: Inputs) -> Result<Outputs, Abort> {
        Rep3::run(ctx, plan, input).await
    }

    fn attacks() -> Vec<Attack> {
        let expected = Expected::Caught;
        Rep3::attacks().into_iter().map(|attack| Attack { expected, ..attack }).collect()
    }
}

#[test]
fn an_attack_that_achieves_something_else_is_a_finding() {
    let registry = registry().with::<Optimist>();
    let battery = attacked(&registry, "optimist", ("product", 3, "{ bits: 4 }"));
    let surprises = surprises(&battery);
    for attack in ["additive-error", "reveal-mismatch", "input-substitution"] {
        let says = |note: &&&String| note.starts_with(&format!("optimist: {attack}: expected"));
        assert!(surprises.iter().any(|note| says(&note)), "{attack}: {surprises:#?}");
    }
}
