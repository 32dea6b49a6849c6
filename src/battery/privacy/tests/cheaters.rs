//! Controls of the tests under active attack.

use super::*;
use crate::battery::privacy::active;

/// Two of three bring an input, so that the third has nothing to substitute.
const TWO: &str = "{ compute: 3, input: [0, 1] }";

fn under_attack(function: &str, protocol: &str, parties: &str, seed: u64) -> Privacy {
    let registry = careless::with_all(leaky::registry());
    let prepared = prepared_among(&registry, function, protocol, parties, seed);
    let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
    let probe = Probe { target: &target, cell: undisturbed(target.cell), effort: FEW };
    let tested = |block: u32, suspects: Option<&[Suspect]>| {
        let is_tested = |coalition: &[PartyId]| {
            let whose = (Family::Privacy, Guarantee::Privacy, coalition.to_vec());
            suspects.is_none_or(|suspects| suspects.contains(&whose))
        };
        Tested { seeds: seeds(block), tests: active::tests(&probe, block, is_tested, &|| false) }
    };
    findings::conclude(&target, tested(0, None), |suspects| tested(1, Some(suspects)), ALPHA)
}

fn evidence<'a>(privacy: &'a Privacy, attack: &str) -> &'a str {
    let cell = privacy.cells.iter().find(|cell| cell.attack == attack).unwrap();
    cell.evidence.first().map_or("", |evidence| &evidence.what_differed)
}

#[test]
fn aborts_that_hang_on_an_input_are_flagged() {
    for fault in [careless::SELECTIVE, careless::SELDOM, careless::LATE] {
        let privacy = under_attack(SUM, careless::NAMES[fault], TWO, 1);
        assert!(violated(&privacy).contains(&active::ABORTS), "{}", careless::NAMES[fault]);
        let what = if fault == careless::LATE { "timing" } else { "aborts in factors are one" };
        let evidence = evidence(&privacy, active::ABORTS);
        assert!(evidence.contains(what), "{}: {evidence}", careless::NAMES[fault]);
    }
}

#[test]
fn an_input_said_aloud_to_a_cheater_is_flagged() {
    let privacy = under_attack(SUM, careless::NAMES[careless::RAW], TWO, 1);
    let violated = violated(&privacy);
    assert!(violated.contains(&active::WORDS), "{violated:?}");
    assert!(violated.contains(&active::LINEAR), "{violated:?}");
}

/// Each share alone is masked: only the whole view tells.
#[test]
fn an_opening_before_its_check_is_flagged() {
    let privacy = under_attack(SUM, careless::NAMES[careless::EARLY], TWO, 1);
    assert_eq!(violated(&privacy), [active::LINEAR]);
}

#[test]
fn protocols_that_stop_in_time_are_quiet() {
    for seed in 0..3 {
        for fault in [careless::NOTHING, careless::COIN] {
            let privacy = under_attack(SUM, careless::NAMES[fault], TWO, seed);
            assert_eq!(violated(&privacy), [""; 0], "{}, seed {seed}", careless::NAMES[fault]);
        }
    }
    let privacy = under_attack(SUM, careless::NAMES[careless::NOTHING], TWO, 1);
    for test in [active::ABORTS, active::WORDS, active::LINEAR] {
        assert!(matches!(observed(&privacy, test), Observed::NotRefuted { .. }), "{test}");
    }
    let row = privacy.rows.iter().find(|row| row.test == active::ABORTS).unwrap();
    assert!(row.note.contains("faults compared"), "{}", row.note);
}

#[test]
fn sound_protocols_against_cheaters_are_quiet() {
    for (function, protocol) in [(PRODUCT, "spdz"), (PRODUCT, "rep3_ps")] {
        let privacy = under_attack(function, protocol, "3", 1);
        assert_eq!(violated(&privacy), [""; 0], "{protocol}");
        for test in [active::ABORTS, active::WORDS, active::LINEAR] {
            assert!(matches!(observed(&privacy, test), Observed::NotRefuted { .. }), "{test}");
        }
    }
}

/// Exact linear algebra under attack decides all faults of one sound protocol, and of another, which
/// draws more, some; it finds nothing.
#[test]
fn sound_protocols_give_nothing_away_under_attack() {
    let registry = crate::registry();
    for protocol in ["rep3_ps", "spdz"] {
        let prepared = prepared(&registry, SUM, protocol, 1);
        let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
        let probe = Probe { target: &target, cell: undisturbed(target.cell), effort: FEW };
        let tests = active::exact::tests(&probe);
        assert!(!tests.is_empty(), "{protocol}");
        for Test { outcome, note, .. } in tests {
            let is_quiet = match outcome {
                Outcome::Decided(found) => found.is_none(),
                Outcome::Compared(_) => protocol == "spdz",
                _ => false,
            };
            assert!(is_quiet, "{protocol}: {note}");
        }
    }
}
