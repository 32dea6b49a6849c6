//! The mutation score: flaws are put into every protocol, one at a time, and batteries have to
//! notice them.
//!
//! `mutants_do_a_step_wrongly` and `a_handful_is_noticed` are quick. The whole score takes
//! long and writes `docs/mutation-score.md`:
//!
//! ```sh
//! cargo test --release --test mutation -- --ignored --nocapture score
//! MPCLAB_MUTANTS=spdz,rep3_ps:masks cargo test --release --test mutation -- --ignored score
//! ```

// A test says by panicking what it did not expect.
#![allow(clippy::unwrap_used)]

/// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod survivors;
mod table;
mod tasks;
mod trial;

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use mpclab::protocols::mutants::{self, Mutant};
use mpclab::reports::battery::Family;
use mpclab::{Registry, registry};

use crate::trial::{Effort, Trial, WHOLE, battery, reached, trial, violations};

/// Which mutants are tried: protocols, or a protocol, a colon and the beginning of names, or
/// `untried` for those that the page lacks, with commas between them; all if it is not there.
const CHOSEN: &str = "MPCLAB_MUTANTS";

/// How many seeds sound protocols are tried with on their first task; on the others one in five.
const SEEDS: &str = "MPCLAB_MUTATION_SEEDS";

/// The mutants that are asked for, by protocol.
fn chosen() -> Vec<(&'static str, Vec<Mutant>)> {
    let Ok(chosen) = env::var(CHOSEN) else { return mutants::corpus() };
    let words: Vec<&str> = chosen.split(',').map(str::trim).collect();
    let tried = table::trials();
    let is_chosen = |protocol: &str, mutant: &Mutant| {
        words.iter().any(|word| match word.split_once(':') {
            None if *word == "untried" => {
                !tried.iter().any(|of| of.protocol == protocol && of.mutant == mutant.name)
            }
            None => *word == protocol,
            Some((of, name)) => of == protocol && mutant.name.starts_with(name),
        })
    };
    let of = |(protocol, all): (&'static str, Vec<Mutant>)| {
        (protocol, all.into_iter().filter(|mutant| is_chosen(protocol, mutant)).collect())
    };
    mutants::corpus()
        .into_iter()
        .map(of)
        .filter(|(_, some): &(_, Vec<_>)| !some.is_empty())
        .collect()
}

#[test]
fn every_protocol_has_mutants_with_names_of_their_own() {
    let corpus = mutants::corpus();
    let protocols: Vec<&str> = corpus.iter().map(|(protocol, _)| *protocol).collect();
    let known: Vec<&str> = registry().protocols().map(|protocol| protocol.name).collect();
    assert_eq!(protocols, known);
    for (protocol, mutants) in &corpus {
        let names: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.name).collect();
        assert_eq!(names.len(), mutants.len(), "{protocol}");
        assert!(mutants.len() >= 8, "{protocol} has {}", mutants.len());
    }
}

/// A mutant that changes nothing would be counted as one that nobody notices. One of each kind is
/// tried here, of building blocks in one protocol, and all are with the score.
#[test]
fn mutants_do_a_step_wrongly() {
    let mut some = chosen();
    let mut tried = BTreeSet::new();
    for (_, mutants) in &mut some {
        let mut kinds = Vec::new();
        mutants.retain(|mutant| {
            let is_first = !kinds.contains(&mutant.kind);
            kinds.push(mutant.kind);
            is_first && tried.insert(mutant.name)
        });
    }
    assert_eq!(dead(some), [""; 0]);
}

#[test]
#[ignore = "takes minutes: an honest battery for each"]
fn every_mutant_does_a_step_wrongly() {
    assert_eq!(dead(chosen()), [""; 0]);
}

/// Mutants that do nothing, or make outputs wrong.
fn dead(corpus: Vec<(&'static str, Vec<Mutant>)>) -> Vec<String> {
    let registry = registry();
    let mut dead = Vec::new();
    for (protocol, mutants) in corpus {
        for mutant in mutants {
            let (tasks, wrong) = reached(&registry, protocol, &mutant);
            if tasks.is_empty() || wrong {
                let why = if wrong { "outputs are wrong" } else { "no step asks for it" };
                dead.push(format!("{protocol}: {}: {why}", mutant.name));
            }
        }
    }
    dead
}

/// The switch works, and is off afterwards.
#[test]
fn a_handful_is_noticed() {
    let registry = registry();
    for (protocol, name) in [
        ("additive", "dealer/a-zero"),
        ("additive", "masks/repeat"),
        ("coin_toss", "agree/nonce-short"),
        ("coin_toss", "coin/one-decides"),
        ("coin_toss", "agree/last-told-early"),
        ("coin_toss", "agree/opening-one-byte"),
        ("gmw", "gmw/triples-reused"),
        ("bmr", "ot/streams-rewound"),
        ("oblivious_transfer", "transfer/keys-told"),
        ("oblivious_transfer", "transfer/check-skipped"),
        ("rep3", "rep3/inject-rewound"),
        ("yao", "yao/output-zeros-told"),
        ("dn07", "shamir/coefficient-adds"),
        ("shamir", "shamir/input-degree-low"),
        ("rep3_ps", "rep3_ps/residues-unheeded"),
        ("rep3_ps", "rep3_ps/digits-unchecked"),
        ("rep3_ps", "inputs/top-weight"),
        ("spdz", "spdz/check-unheeded"),
        ("spdz", "spdz/input-mask-biased"),
    ] {
        let corpus = mutants::corpus();
        let (_, mutants) = corpus.iter().find(|(of, _)| *of == protocol).unwrap();
        let mutant = mutants.iter().find(|mutant| mutant.name == name).unwrap();
        let effort = Effort { sweep_cases: 200, ..WHOLE };
        let trial = trial(&registry, protocol, mutant, effort, None);
        assert!(trial.kill.is_some(), "{protocol}: {name}");
    }
}

/// Where views are few enough to go through, or linear, what is wrong with masks is decided.
#[test]
fn flaws_of_masks_and_triples_are_decided_exactly() {
    let registry = registry();
    let mut missed = Vec::new();
    let gmw = ["a-zero", "a-repeats", "b-is-a", "a-biased", "inputs-unmasked", "triples-unmasked"];
    let gmw = gmw.map(|name| ("gmw", format!("gmw/{name}")));
    let dn07 = ["dn07/zeros-dealt", "shamir/not-extracted", "shamir/points-alike"];
    let dn07 = dn07.map(|name| ("dn07", name.to_owned()));
    for (protocol, name) in gmw.into_iter().chain(dn07) {
        let mutant = mutants::corpus().into_iter().flat_map(|(_, all)| all);
        let mutant = mutant.map(|mutant| mutant.name).find(|known| *known == name).unwrap();
        let attacks = attacks_on(&registry, (protocol, "product"), mutant, Family::Privacy);
        if !attacks.iter().any(|attack| attack.starts_with("exact")) {
            missed.push(format!("{name}: {attacks:?}"));
        }
    }
    assert_eq!(missed, [""; 0]);
}

/// An error in the first of two products is a multiple of a secret after the second.
#[test]
fn outputs_before_their_check_give_secrets_away() {
    let registry = registry();
    let (protocol, name) = ("rep3_ps", "rep3_ps/output-before-verify");
    let task = tasks::of(protocol)[0];
    let run = || battery(&registry, (protocol, &task, 1), &[Family::Privacy], WHOLE);
    let (battery, _) = mutants::with(Some(name), run);
    let attacks: Vec<&str> = violations(&battery, false).map(|cell| cell.attack.as_str()).collect();
    assert!(attacks.contains(&"exact linear algebra under attack"), "{name}: {attacks:?}");
}

/// Where parameters are too small for what is claimed, the theorem says so.
#[test]
fn parameters_that_are_too_small_are_seen() {
    let registry = registry();
    for protocol in ["tinyot", "wrk"] {
        let of = (protocol, "product of two");
        let attacks = attacks_on(&registry, of, "auth/bucket-of-one", Family::Soundness);
        assert!(attacks.contains(&"bounds of theorems".to_owned()), "{protocol}: {attacks:?}");
    }
}

/// Each of these is noticed by the test of views that is meant for it.
#[test]
#[ignore = "takes long: a battery of views for each"]
fn challenges_that_a_coalition_knows_or_chooses_are_seen() {
    let registry = registry();
    let mut missed = Vec::new();
    for (protocol, task, mutant, attack) in [
        ("spdz", "sum", "agree/identity-unbound", "challenges under copying"),
        ("spdz", "sum", "agree/opens-early", "challenges chosen last"),
        ("spdz", "sum", "agree/last-told-early", "challenges chosen last"),
        ("spdz", "comparison", "spdz/coin-stretched", "challenges for late draws"),
        ("yao_covert", "product", "covert/choice-told", "challenges that are told"),
        ("spdz", "sum", "agree/opening-one-byte", "challenges changed last"),
        ("tinyot", "product of two", "agree/content-unbound", "challenges changed last"),
    ] {
        let attacks = attacks_on(&registry, (protocol, task), mutant, Family::Privacy);
        if !attacks.contains(&attack.to_owned()) {
            missed.push(format!("{mutant}: {attacks:?}"));
        }
    }
    assert_eq!(missed, [""; 0]);
}

/// What notices a mutant on one task, of one family.
fn attacks_on(
    registry: &Registry,
    (protocol, task): (&str, &str),
    mutant: &'static str,
    family: Family,
) -> Vec<String> {
    let task = tasks::of(protocol).into_iter().find(|of| of.name == task).unwrap();
    let run = || battery(registry, (protocol, &task, 1), &[family], WHOLE);
    let (battery, _) = mutants::with(Some(mutant), run);
    violations(&battery, false).map(|cell| cell.attack.clone()).collect()
}

/// Features of `mpclab-protocols` in a build with these dependencies, as cargo resolves them.
fn has_mutants(edges: &str) -> bool {
    let arguments = ["tree", "--offline", "-p", "mpclab", "-i", "mpclab-protocols", "-e", edges];
    let home = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(home).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).contains("feature \"mutants\"")
}

#[test]
fn only_test_builds_have_the_switch() {
    assert!(has_mutants("normal,dev,features"));
    assert!(!has_mutants("normal,build,features"));
}

/// Sound protocols, on as many seeds as are asked for: nothing is violated.
#[test]
#[ignore = "takes long: whole batteries on many seeds"]
fn sound_protocols_raise_no_alarm() {
    let registry = registry();
    let seeds: u64 = env::var(SEEDS).map_or(20, |seeds| seeds.parse().unwrap());
    let mut alarms = Vec::new();
    for (protocol, _) in chosen() {
        for (at, task) in tasks::of(protocol).into_iter().enumerate() {
            let seeds = if at == 0 { seeds } else { seeds.div_ceil(5) };
            for seed in 1..=seeds {
                let run = || battery(&registry, (protocol, &task, seed), &[], WHOLE);
                let (battery, _) = mutants::with(None, run);
                alarms.extend(violations(&battery, false).map(|cell| {
                    let (attack, guarantee) = (&cell.attack, cell.guarantee);
                    format!("{protocol}, {}, seed {seed}: {guarantee}: {attack}", task.name)
                }));
            }
            eprintln!("{protocol}, {}: {seeds} seeds, {} alarms so far", task.name, alarms.len());
        }
    }
    assert_eq!(alarms, [""; 0]);
}

/// All mutants, and the page that says who noticed which.
#[test]
#[ignore = "takes long: hundreds of batteries"]
fn score() {
    let registry = registry();
    let before = table::trials();
    for (protocol, mutants) in chosen() {
        for mutant in mutants {
            let kept = before.iter().find(|of| of.protocol == protocol && of.mutant == mutant.name);
            let kill = kept.and_then(|trial| trial.kill.as_ref());
            let trial: Trial = trial(&registry, protocol, &mutant, WHOLE, kill);
            eprintln!("{}", table::line(&trial));
            table::keep(&trial);
        }
    }
    let unexplained = table::write();
    if env::var(CHOSEN).is_err() {
        assert_eq!(unexplained, [""; 0], "survivors without a reason in survivors.rs");
    }
}
