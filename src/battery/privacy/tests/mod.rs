//! Controls: each test flags the protocol that is broken for it, and leaves sound ones alone.

mod careless;
mod cheaters;
mod clients;
mod computed;
mod copies;
mod leaky;
mod roles;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use mpclab_reports::battery::{Family, GridCell};
use mpclab_sim::vocabulary::{Guarantee, Observed, Standing};

use super::*;
use crate::battery;
use crate::registry::Registry;
use crate::runner::{Prepared, prepare};

fn prepared(registry: &Registry, function: &str, protocol: &str, seed: u64) -> Prepared {
    prepared_among(registry, function, protocol, "3", seed)
}

fn prepared_among(
    registry: &Registry,
    function: &str,
    protocol: &str,
    parties: &str,
    seed: u64,
) -> Prepared {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.yaml");
    // The dealer's triples are few enough to go through.
    let protocol = match protocol {
        "gmw" => "{ name: gmw, params: { triples: dealer } }",
        other => other,
    };
    let text = format!(
        "about: A control.\nfunction: {function}\nparties: {parties}\nprotocols: [{protocol}]\n\
         network: lan\ncompute: none\nseed: {seed}\n"
    );
    std::fs::write(&file, text).unwrap();
    let plan = mpclab_scenarios::plan(Path::new(&file), &[], registry);
    plan.and_then(|plan| prepare(plan, registry))
        .unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

const SUM: &str = "{ name: sum, params: { bits: 8, length: 2 } }";
const PRODUCT: &str = "{ name: product, params: { bits: 4 } }";

/// Statistical tests with few runs, and the exact ones if asked for.
fn tested(function: &str, protocol: &str, seed: u64, exact: bool) -> Privacy {
    with(FEW, function, protocol, seed, exact)
}

const FEW: Effort = Effort { fixed: 100, tossed: 300 };

fn with(effort: Effort, function: &str, protocol: &str, seed: u64, exact: bool) -> Privacy {
    let registry = leaky::registry();
    all(&registry, &prepared(&registry, function, protocol, seed), effort, exact)
}

fn all(registry: &Registry, prepared: &Prepared, effort: Effort, exact: bool) -> Privacy {
    let target = Target::new(registry, prepared, &prepared.cells[0]).unwrap();
    let cell = undisturbed(target.cell);
    let probe = Probe { target: &target, cell, effort };
    let units = probe.units(true);
    let statistics = [Stage::Views, Stage::Computing, Stage::UnderAttack];
    let stages = statistics.into_iter().chain(exact.then_some(Stage::Exact));
    let made = |block, suspects: Option<&[Suspect]>| {
        let stages: Vec<Stage> = stages.clone().collect();
        probe.stages(&stages, &units, block, suspects, &|| false)
    };
    findings::conclude(&target, made(0, None), |suspects| made(1, Some(suspects)), ALPHA)
}

fn exact(function: &str, protocol: &str) -> Privacy {
    let registry = leaky::registry();
    let prepared = prepared(&registry, function, protocol, 1);
    let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
    let (cell, effort) = (undisturbed(target.cell), Effort::default());
    let probe = Probe { target: &target, cell, effort };
    let mut tests = enumerate::tests(&probe);
    tests.extend(algebra::tests(&probe));
    let tested = |tests| Tested { seeds: seeds(0), tests };
    findings::conclude(&target, tested(tests), |_| tested(Vec::new()), ALPHA)
}

fn violated(privacy: &Privacy) -> Vec<&str> {
    let violated = |cell: &&GridCell| cell.verdict.standing() == Standing::Violated;
    privacy.cells.iter().filter(violated).map(|cell| cell.attack.as_str()).collect()
}

fn observed<'a>(privacy: &'a Privacy, attack: &str) -> &'a Observed {
    let cell = privacy.cells.iter().find(|cell| cell.attack == attack);
    cell.unwrap_or_else(|| panic!("no {attack}")).verdict.observed()
}

#[test]
fn reused_randomness_is_a_linear_functional() {
    let privacy = tested(SUM, "reused_mask", 1, true);
    let violated = violated(&privacy);
    assert!(violated.contains(&linear::NAME), "{violated:?}");
    assert!(violated.contains(&"exact linear algebra"), "{violated:?}");
    assert!(!violated.contains(&metadata::SHAPE), "{violated:?}");
}

/// Keys that are drawn do not excuse a relation that holds with others too; what they mask does not
/// hold with others.
#[test]
fn a_relation_that_outlives_its_keys_counts() {
    let keyed = exact(SUM, "keyed_reused_mask");
    let reasons: Vec<_> = keyed.cells.iter().map(|cell| (&cell.attack, &cell.reason)).collect();
    assert_eq!(violated(&keyed), ["exact linear algebra"], "{reasons:?}");
    let padded = exact(SUM, "padded");
    assert_eq!(violated(&padded), [""; 0]);
    assert_eq!(*observed(&padded, "exact linear algebra"), Observed::Inconclusive);
}

/// What few values mask differs, though hardly ever; the note says how seldom.
#[test]
fn shares_of_few_values_are_measured() {
    let privacy = exact(SUM, "narrow_mask");
    assert_eq!(violated(&privacy), ["exact linear algebra"]);
    let cell = privacy.cells.iter().find(|cell| cell.attack == "exact linear algebra").unwrap();
    let evidence = &cell.evidence[0].what_differed;
    assert!(evidence.contains("a statistical distance of 2^-"), "{evidence}");
}

/// Keys tell what comes from them, also to those who never use them.
#[test]
fn keys_that_are_told_or_never_change_are_known() {
    for (protocol, is_flagged) in [("keyed", false), ("key_told", true), ("key_constant", true)] {
        let privacy = tested(SUM, protocol, 1, true);
        let violated = violated(&privacy);
        assert_eq!(violated.contains(&linear::NAME), is_flagged, "{protocol}: {violated:?}");
        let is_exact = violated.contains(&"exact linear algebra");
        assert_eq!(is_exact, is_flagged, "{protocol}: {violated:?}");
        assert!(is_flagged || violated.is_empty(), "{protocol}: {violated:?}");
    }
}

#[test]
fn a_constant_share_is_a_linear_functional() {
    let privacy = tested(SUM, "constant_share", 1, true);
    let violated = violated(&privacy);
    assert!(violated.contains(&linear::NAME), "{violated:?}");
    // Without a draw there is one branch, in a field of any size.
    assert!(violated.contains(&"exact enumeration, difference of two bits"), "{violated:?}");
}

#[test]
fn a_short_mask_shows_in_the_joint_distribution() {
    let privacy = tested(SUM, "short_mask", 1, false);
    let violated = violated(&privacy);
    assert!(violated.contains(&joint::NAME), "{violated:?}");
    assert!(!violated.contains(&linear::NAME), "{violated:?}");
}

#[test]
fn parts_of_views_that_follow_an_input_are_flagged() {
    for protocol in ["mask_bit", "tag"] {
        let privacy = tested(SUM, protocol, 1, false);
        assert!(violated(&privacy).contains(&parts::NAME), "{protocol}");
    }
    let sound = tested(SUM, "sound", 1, false);
    let row = sound.rows.iter().find(|row| row.test == parts::NAME).unwrap();
    assert!(matches!(row.verdict.observed(), Observed::NotRefuted { .. }));
    assert!(row.note.contains("parts of views; sees what follows"), "{}", row.note);
}

/// No linear functional sees it, as the difference is a product.
#[test]
fn a_mask_of_two_products_is_an_equation_of_degree_two() {
    let privacy = tested(SUM, "challenge", 1, false);
    let violated = violated(&privacy);
    assert!(violated.contains(&equations::NAME), "{violated:?}");
    assert!(!violated.contains(&linear::NAME), "{violated:?}");
    let sound = tested(SUM, "sound", 1, false);
    assert!(matches!(observed(&sound, equations::NAME), Observed::NotRefuted { .. }));
    let row = sound.rows.iter().find(|row| row.test == equations::NAME).unwrap();
    assert!(row.note.contains("sees what holds in"), "{}", row.note);
}

/// Masks of 40 bits more than a value are enough where 40 are claimed, and short where 52 are.
#[test]
fn masks_that_are_shorter_than_claimed_are_flagged() {
    let registry = leaky::registry();
    let prepared = prepared(&registry, "{ name: max, params: { bits: 8 } }", "shamir", 1);
    let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
    assert_eq!(openings::claimed(target.claims().security), Some(40));
    let (cell, effort) = (undisturbed(target.cell), FEW);
    let probe = Probe { target: &target, cell, effort };
    for (sigma, is_flagged) in [(40, false), (52, true), (68, true)] {
        let tested = |block| Tested {
            seeds: seeds(block),
            tests: openings::tests(&probe, block, sigma).into_iter().collect(),
        };
        let privacy = findings::conclude(&target, tested(0), |_| tested(1), ALPHA);
        let expected = if is_flagged { vec![openings::NAME] } else { vec![] };
        assert_eq!(violated(&privacy), expected, "{sigma}");
    }
}

/// Time would tell on a machine on which computing takes some.
#[test]
fn computing_that_depends_on_an_input_is_timing_without_prices_too() {
    assert_eq!(violated(&tested(SUM, "compute", 1, false)), [metadata::TIMING]);
}

#[test]
fn a_size_that_depends_on_an_input_is_a_transcript_shape() {
    let privacy = tested(SUM, "size", 1, false);
    let violated = violated(&privacy);
    assert!([metadata::SIZES, metadata::SHAPE].iter().all(|test| violated.contains(test)));
    let row = privacy.rows.iter().find(|row| row.test == metadata::SHAPE).unwrap();
    assert_eq!(row.verdict.standing(), Standing::Violated);
    let cell = privacy.cells.iter().find(|cell| cell.attack == metadata::SHAPE).unwrap();
    let evidence = &cell.evidence[0].what_differed;
    assert!(evidence.contains("bytes from party 0 to party 1 in `online/extra`"), "{evidence}");
}

#[test]
fn timing_that_depends_on_an_input_is_flagged_as_timing_alone() {
    assert_eq!(violated(&tested(SUM, "timing", 1, false)), [metadata::TIMING]);
}

#[test]
fn an_abort_that_depends_on_an_input_is_flagged() {
    let privacy = tested(SUM, "abort", 1, false);
    assert!(violated(&privacy).contains(&metadata::ABORT), "{:?}", violated(&privacy));
}

#[test]
fn copying_an_input_that_was_said_aloud_is_flagged() {
    let privacy = tested(SUM, "open", 1, false);
    let found = privacy.cells.iter().find(|cell| cell.attack == "copied inputs").unwrap();
    assert_eq!(found.guarantee, Guarantee::InputIndependence);
    assert_eq!(found.verdict.standing(), Standing::Violated);
}

/// Neither chance nor confirmation accuses sound protocols, and pooled shares always reveal; twenty
/// seeds of every protocol are tried in the long tier.
#[test]
fn sound_protocols_are_quiet_on_blocks_of_seeds() {
    for seed in 0..6 {
        for (function, protocol) in [(SUM, "sound"), (PRODUCT, "shamir"), (PRODUCT, "rep3")] {
            let effort = Effort { fixed: 60, tossed: 200 };
            let privacy = with(effort, function, protocol, seed, false);
            assert_eq!(violated(&privacy), [""; 0], "{protocol}, seed {seed}");
            let quiet = observed(&privacy, linear::NAME);
            assert!(matches!(quiet, Observed::NotRefuted { .. }), "{protocol}: {quiet:?}");
            if function == PRODUCT {
                assert_eq!(*observed(&privacy, "2 of 3 pool their views"), Observed::Broken);
            }
        }
    }
}

#[test]
fn enumeration_finds_shamir_and_additive_perfect() {
    let shamir = exact(PRODUCT, "shamir");
    assert_eq!(violated(&shamir), [""; 0]);
    assert_eq!(*observed(&shamir, "exact enumeration, product of two bits"), Observed::Held);
    assert_eq!(*observed(&shamir, "exact enumeration, difference of two bits"), Observed::Held);
    assert_eq!(*observed(&shamir, "2 of 3 pool their views"), Observed::Broken);
    let row = |privacy: &Privacy| {
        let is = |test: &str| test == "exact enumeration, product of two bits";
        let row = privacy.rows.iter().find(|row| is(&row.test)).unwrap();
        (row.samples, row.algebra.clone(), row.note.clone())
    };
    // Two sharings and three of the degree reduction: 7^5 branches for each input; seven inputs
    // over the classes of the three coalitions.
    let (samples, algebra, note) = row(&shamir);
    assert_eq!((samples, algebra.as_str()), (7 * 7u64.pow(5), "Z_p, p = 7"));
    assert_eq!(note, "exact for product of two bits, n = 3, t = 1, Z_p, p = 7");
    let additive = exact(PRODUCT, "additive");
    assert_eq!(violated(&additive), [""; 0]);
    assert_eq!(row(&additive).0, 4 * 3u64.pow(7));
    assert_eq!(*observed(&additive, "exact linear algebra"), Observed::Held);
}

/// Products of two layers, side by side: their masks must not be related.
const AND: &str = "{ name: and, params: { width: 2 } }";

/// With flaws they are among the mutants (`tests/mutation`).
#[test]
fn products_under_double_sharings_are_decided() {
    assert_eq!(violated(&exact(AND, "dn07")), [""; 0]);
    assert_eq!(*observed(&exact(PRODUCT, "dn07"), "exact linear algebra"), Observed::Held);
}

/// Over bits no linear algebra decides, but two functions are small enough to go through all.
#[test]
fn enumeration_finds_gmw_perfect() {
    let tests = [
        "exact enumeration, product of two bits",
        "exact enumeration, product of a product of two bits",
    ];
    let privacy = exact(AND, "gmw");
    assert_eq!(violated(&privacy), [""; 0]);
    assert!(tests.iter().all(|test| *observed(&privacy, test) == Observed::Held));
    // That is no gap: there is no verdict, and a note says why.
    assert!(privacy.cells.iter().all(|cell| cell.attack != "exact linear algebra"));
    let notes = privacy.notes.concat();
    assert!(notes.contains("exact linear algebra is not applicable: bits are drawn"), "{notes}");
}

/// A rounding that an output shows, and what was opened for it, tell of what was cut off. The
/// functionality says so, hence it violates nothing; exact truncation tells nothing.
#[test]
fn what_a_shown_rounding_tells_is_found_and_is_out_of_claim() {
    let truncate = |exact: bool| {
        let params = format!("bits: 16, shift: 8, exact: {exact}, open: true");
        tested(&format!("{{ name: truncate, params: {{ {params} }} }}"), "additive", 1, false)
    };
    let (rounded, exact) = (truncate(false), truncate(true));
    assert_eq!((violated(&rounded), violated(&exact)), (vec![], vec![]));
    assert_eq!(*observed(&rounded, roundings::NAME), Observed::Broken);
    assert!(matches!(observed(&exact, roundings::NAME), Observed::NotRefuted { .. }));
}

#[test]
fn enumeration_flags_broken_sharings() {
    let sound = exact(SUM, "toy_sound");
    assert_eq!(violated(&sound), [""; 0]);
    assert_eq!(*observed(&sound, "exact enumeration, difference of two bits"), Observed::Held);
    for broken in ["toy_biased", "toy_constant_share"] {
        let privacy = exact(SUM, broken);
        assert_eq!(violated(&privacy), ["exact enumeration, difference of two bits"], "{broken}");
    }
}

#[test]
fn a_battery_with_a_violation_agrees_with_itself() {
    let registry = leaky::registry();
    let prepared = prepared(&registry, SUM, "constant_share, sound", 1);
    let interrupted = AtomicBool::new(false);
    let families = [Family::Privacy];
    let options = Options {
        sweep_cases: 0,
        search_cases: 0,
        families: &families,
        interrupted: &interrupted,
        until_violated: false,
    };
    let finished = battery::run(&registry, &prepared, &options, &|_, _| {});
    let battery = &finished.battery;
    assert!(battery.is_violated());
    battery.check().unwrap_or_else(|why| panic!("{why}"));
    assert!(battery.cells(Standing::Violated).all(|(row, _)| row.protocol == "constant_share"));
    let notes = battery.notes.join("\n");
    assert!(notes.contains("sound: views were decided by exact linear algebra"), "{notes}");
}
