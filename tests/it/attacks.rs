//! Known attacks: what each is expected to achieve, it achieves.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use mpclab::battery::{self, Finished, Options};
use mpclab::protocols::attack::Attack;
use mpclab::registry;
use mpclab::reports::battery::Family;

use crate::support::prepared;

/// Functions on which every attack acts: products of one and of several layers, inner products,
/// comparisons, sums, and coins.
const FUNCTIONS: [(&str, usize, &str); 7] = [
    ("product", 3, "{ bits: 4 }"),
    ("product", 4, "{ bits: 4 }"),
    ("inner_product", 3, "{ bits: 4, length: 3 }"),
    ("millionaires", 3, "{ bits: 8 }"),
    ("sum", 3, "{ bits: 8 }"),
    ("coin_toss", 3, "{}"),
    ("coin_toss", 2, "{}"),
];

fn attacked(function: &str, parties: usize, params: &str, families: &[Family]) -> Finished {
    let registry = registry();
    let protocols: Vec<&str> = registry.protocols().map(|protocol| protocol.name).collect();
    let scenario = format!(
        "about: Known attacks.\nfunction: {{ name: {function}, params: {params} }}\n\
         parties: {parties}\nprotocols: [{}]\nnetwork: ideal\ncompute: none\nunsupported: skip\n\
         seed: 7\n",
        protocols.join(", ")
    );
    let prepared = prepared(&registry, &scenario);
    let interrupted = AtomicBool::new(false);
    let options = Options { sweep_cases: 0, families, interrupted: &interrupted };
    battery::run(&registry, &prepared, &options, &|_, _| {})
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
    let mut acted = BTreeSet::new();
    for (function, parties, params) in FUNCTIONS {
        let finished = attacked(function, parties, params, &[Family::Known]);
        assert!(!finished.battery.is_violated(), "{function}: {:?}", finished.battery);
        let surprises: Vec<&String> =
            finished.battery.notes.iter().filter(|note| note.contains("expected")).collect();
        assert!(surprises.is_empty(), "{function} of {parties}: {surprises:#?}");
        for row in &finished.battery.rows {
            let cells = row.cells.iter().filter(|cell| cell.counts.no_effect < cell.counts.cases);
            acted.extend(cells.map(|cell| {
                let attack = cell.attack.trim_end_matches(" (out of claim)").to_owned();
                (row.protocol.clone(), attack)
            }));
        }
    }
    for protocol in registry.protocols() {
        for attack in registry.attacks(protocol.name) {
            let key = (protocol.name.to_owned(), attack.name.to_owned());
            assert!(acted.contains(&key), "{key:?} acts on none of the functions");
        }
    }
}
