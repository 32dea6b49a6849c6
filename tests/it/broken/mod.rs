//! Controls of the battery: protocols that are broken on purpose, each flagged by the detector that
//! is named for it, and their sound versions, which nothing flags.

mod audited;
mod board;
mod boasts;
mod coin;
mod mac;
mod relay;
mod roles;
mod sealed;
mod servers;
mod toys;

use mpclab::Registry;
use mpclab::battery::{Case, Deed, Target};
use mpclab::protocols::oracle::Effective;
use mpclab::reports::battery::{Battery, Family, GridCell};
use mpclab::runner::verdict::effective;
use mpclab::runner::{Against, Subject};
use mpclab::sim::RunSeed;
use mpclab::sim::adversary::{
    Action, ElementChange, ElementChoice, Pattern, Rule, Script, Selector,
};
use mpclab::sim::vocabulary::{Guarantee, Observed, PartyId, Standing};

use crate::protocols;
use crate::support::{battered, prepared, text, write};
pub(crate) use boasts::boasting;
use boasts::engines;
use toys::toys;

const THREE: &str = "3";
/// Two clients bring inputs and learn the output.
const CLIENTS: &str = "{ compute: 3, input: 2, output: input }";

fn scenario(function: &str, protocol: &str, parties: &str, seed: u32) -> String {
    format!(
        "about: A control.\nfunction: {function}\nparties: {parties}\nprotocols: [{protocol}]\n\
         network: ideal\ncompute: none\nseed: {seed}\n"
    )
}

const PRODUCT: &str = "{ name: product, params: { bits: 4 } }";
const SUM: &str = "{ name: sum, params: { bits: 4 } }";
const AND: &str = "{ name: and, params: { width: 2 } }";

fn attack(registry: &Registry, scenario: &str, families: &[Family]) -> Battery {
    attack_with(registry, scenario, families, 400)
}

fn attack_with(
    registry: &Registry,
    scenario: &str,
    families: &[Family],
    sweep_cases: usize,
) -> Battery {
    battered(registry, scenario, families, (sweep_cases, 50))
}

fn violations(battery: &Battery) -> Vec<String> {
    let cells = battery.cells(Standing::Violated);
    let told = cells.map(|(row, cell)| {
        let evidence = cell.evidence.first().map_or_else(String::new, ToString::to_string);
        format!("{}: {} under {}: {evidence}", row.protocol, cell.guarantee, cell.attack)
    });
    told.collect()
}

fn is_flagged(battery: &Battery, family: Family, guarantee: Guarantee) -> bool {
    let mut cells = battery.cells(Standing::Violated);
    cells.any(|(_, cell)| (cell.family, cell.guarantee) == (family, guarantee))
}

/// Each is flagged by the detector that is named for it.
fn flagged(broken: &[(&str, &str, Family, Guarantee)]) {
    let registry = toys();
    for (protocol, parties, family, guarantee) in broken {
        let scenario = scenario(PRODUCT, protocol, parties, 1);
        let battery = attack(&registry, &scenario, &[*family]);
        assert!(
            is_flagged(&battery, *family, *guarantee),
            "{protocol}: no violation of {guarantee} in {family}: {:#?}",
            violations(&battery)
        );
    }
}

/// Seeds that nothing may be found with.
const BLOCKS: u32 = 20;

fn quiet(protocol: &str, parties: &str, families: &[Family]) {
    let registry = toys();
    for seed in 1..=BLOCKS {
        // Each block samples other faults.
        let scenario = scenario(PRODUCT, protocol, parties, seed);
        let battery = attack_with(&registry, &scenario, families, 100);
        let violations = violations(&battery);
        assert!(violations.is_empty(), "seed {seed}: {violations:#?}");
        let cells = || battery.rows.iter().flat_map(|row| &row.cells);
        assert!(cells().any(|cell| cell.counts.held > 0), "{protocol}: nothing was tried");
        let known = |cell: &&GridCell| cell.family == Family::Known && !cell.reason.is_empty();
        let surprise = cells().find(known).map(|cell| &cell.reason);
        assert_eq!(surprise, None, "{protocol}, seed {seed}");
    }
}

#[test]
fn shares_with_macs_are_quiet() {
    use Family::{Composition, Generic, Honest, Known, Malformed, Search, SingleFault};
    let families = [Honest, SingleFault, Known, Generic, Search, Malformed, Composition];
    quiet("mac", THREE, &families);
}

#[test]
fn flaws_of_shares_with_macs_are_flagged() {
    use Family::{Generic, Honest, Known, Malformed, SingleFault};
    use Guarantee::{Correctness, Invariants};
    flagged(&[
        ("mac_no_check", THREE, SingleFault, Correctness),
        ("mac_unchecked_output", THREE, SingleFault, Correctness),
        ("mac_no_sacrifice", THREE, Known, Correctness),
        ("mac_no_commitment", THREE, Generic, Correctness),
        ("mac_reused_triple", THREE, Honest, Invariants),
        ("mac_kept_key", THREE, SingleFault, Invariants),
        ("mac_talkative", THREE, SingleFault, Invariants),
        ("mac_panics", THREE, Malformed, Invariants),
        ("mac_lax", THREE, Malformed, Invariants),
    ]);
}

#[test]
fn promises_of_a_trusted_board_are_quiet() {
    use Family::{Composition, Generic, Honest, SingleFault};
    let families = [Honest, SingleFault, Generic, Composition];
    for protocol in ["board", "board_fair", "board_names", "board_unanimous"] {
        quiet(protocol, THREE, &families);
    }
    quiet("board", CLIENTS, &[Honest]);
}

#[test]
fn broken_promises_are_flagged() {
    use Family::{Generic, Honest, SingleFault};
    use Guarantee::{AbortKind, Correctness, Delivery, Fairness, Identification};
    flagged(&[
        ("board_patient", THREE, SingleFault, Delivery),
        ("board_wrong_receiver", CLIENTS, Honest, Correctness),
        ("board_unfair", THREE, Generic, Fairness),
        ("board_blames_next", THREE, SingleFault, Identification),
        ("board_selective", THREE, SingleFault, AbortKind),
    ]);
}

/// A fair output is one that nobody can compute who leaves others without it, whatever its code
/// makes of what it got: the product of the others, or shares of which it withholds its own.
#[test]
fn what_a_coalition_can_compute_is_what_it_learned() {
    use Family::{Generic, Privacy, SingleFault};
    flagged(&[
        ("board_tells_anyway", THREE, Privacy, Guarantee::Fairness),
        ("board_shares", THREE, Privacy, Guarantee::Fairness),
        ("board_unfair", THREE, Privacy, Guarantee::Fairness),
    ]);
    let registry = toys();
    // No party's code has the output: runs alone do not show it.
    for protocol in ["board_tells_anyway", "board_shares"] {
        let scenario = scenario(PRODUCT, protocol, THREE, 1);
        let runs = attack(&registry, &scenario, &[SingleFault, Generic]);
        let by_code = [SingleFault, Generic].map(|f| is_flagged(&runs, f, Guarantee::Fairness));
        assert_eq!(by_code, [false; 2], "{:#?}", violations(&runs));
        let views = attack(&registry, &scenario, &[Privacy]);
        let mut fairness =
            violations(&views).into_iter().filter(|v| v.contains(": fairness under"));
        let is_computed = |found: String| found.contains("the output is an affine function of");
        assert!(fairness.next().is_some_and(is_computed), "{:#?}", violations(&views));
    }
    for seed in 1..=2 {
        let views = attack(&registry, &scenario(PRODUCT, "board_fair", THREE, seed), &[Privacy]);
        assert_eq!(violations(&views), [""; 0], "seed {seed}");
        let mut cells = views.rows.iter().flat_map(|row| &row.cells);
        let cell = cells.find(|cell| cell.guarantee == Guarantee::Fairness).expect("a test");
        assert!(matches!(cell.verdict.observed(), Observed::NotRefuted { .. }), "{cell:?}");
    }
}

/// A client that tells servers different values is caught by who compares them; it is the only one
/// who can.
#[test]
fn clients_cheat_too() {
    use Family::{Composition, Generic, Honest, Malformed, Search, SingleFault};
    quiet("servers", CLIENTS, &[Honest, SingleFault, Generic, Search, Malformed, Composition]);
    let correctness = Guarantee::Correctness;
    flagged(&[
        ("servers_trusting", CLIENTS, SingleFault, correctness),
        ("servers_trusting", CLIENTS, Generic, correctness),
    ]);
    let registry = toys();
    let scenario = scenario(PRODUCT, "servers_trusting", CLIENTS, 1);
    let battery = attack(&registry, &scenario, &[SingleFault]);
    let mut cells = battery.cells(Standing::Violated).flat_map(|(_, cell)| &cell.evidence);
    let is_client = |id: &PartyId| id.index() >= 3;
    assert!(cells.all(|evidence| evidence.coalition.iter().any(is_client)));
}

/// Clients and a consumer beside servers, corrupted alone and with them.
#[test]
fn protocols_are_clean_against_clients() {
    let registry = mpclab::registry();
    let parties = "{ compute: 3, input: 2, output: 1 }";
    for protocol in ["shamir", "rep3", "additive"] {
        use Family::{Composition, Generic, Honest, Known, Malformed, Privacy, SingleFault};
        let families = [Honest, SingleFault, Known, Generic, Malformed, Composition, Privacy];
        let scenario = scenario(PRODUCT, protocol, parties, 1);
        let battery = attack_with(&registry, &scenario, &families, 60);
        assert_eq!(violations(&battery), [""; 0], "{protocol}");
        let [row] = &battery.rows[..] else { panic!("{:?}", battery.notes) };
        assert!(row.coalitions > u64::from(row.t), "{protocol}: {} coalitions", row.coalitions);
        let known = row.cells.iter().filter(|cell| cell.family == Known);
        let surprises: Vec<&str> =
            known.map(|cell| cell.reason.as_str()).filter(|r| r.starts_with("expected")).collect();
        assert_eq!(surprises, [""; 0], "{protocol}");
    }
}

#[test]
fn what_crosses_sessions_is_flagged() {
    use Family::{Composition, Honest, SingleFault};
    quiet("relay", THREE, &[Honest, SingleFault, Composition]);
    flagged(&[
        ("relay_no_session", THREE, Composition, Guarantee::Agreement),
        ("relay_shared_nonce", THREE, Composition, Guarantee::Invariants),
    ]);
    // In one session alone nothing is wrong with them.
    let registry = toys();
    for protocol in ["relay_no_session", "relay_shared_nonce"] {
        let alone =
            attack(&registry, &scenario(PRODUCT, protocol, THREE, 1), &[Honest, SingleFault]);
        assert_eq!(violations(&alone), [""; 0]);
    }
}

/// A commitment that does not say whose it is can be copied, and the copier brings the input of
/// another party.
#[test]
fn a_copied_commitment_is_noticed() {
    quiet("sealed", THREE, &[Family::Honest, Family::SingleFault, Family::Known]);
    let registry = toys();
    let copied = |protocol| {
        let scenario = scenario(PRODUCT, protocol, THREE, 1);
        let prepared = prepared(&registry, &scenario);
        let seeds = 0..6;
        let runs = seeds.map(|repetition| {
            let seed = RunSeed::new(1, repetition);
            let subject = Subject::new(&registry, &prepared.cells[0], seed).expect("it can do it");
            let setting = subject.setting(vec![PartyId(1)]);
            let trial = subject.run(Against::attack(&setting, &sealed::copy(), None));
            let facts = subject.facts(&trial);
            let has_output = trial.run.outputs().any(|(party, _)| party != PartyId(1));
            let copy = Effective::Input(subject.inputs[2].clone());
            has_output && effective(&facts) == [(PartyId(1), copy)]
        });
        runs.filter(|is_copied| *is_copied).count()
    };
    assert_eq!((copied("sealed"), copied("sealed_no_identity")), (0, 6));
    let scenario = scenario(PRODUCT, "sealed_no_identity", THREE, 1);
    let battery = attack(&registry, &scenario, &[Family::Known]);
    let cell = correctness(&battery, "copy-commitments");
    assert_eq!(cell.reason, "expected: caught");
    assert!(cell.counts.input_substitution > 0);
    let is_dependent = |protocol| {
        let scenario = self::scenario(PRODUCT, protocol, THREE, 1);
        let battery = attack(&registry, &scenario, &[Family::Privacy]);
        is_flagged(&battery, Family::Privacy, Guarantee::InputIndependence)
    };
    assert!(is_dependent("sealed_no_identity") && !is_dependent("sealed"));
}

/// A coin that can be chosen is biased; one that can only be stopped is not called so.
#[test]
fn a_coin_without_commitments_is_chosen_by_whoever_speaks_last() {
    let registry = coin::registry();
    let is_chosen = |protocol| {
        let function = "{ name: coin_toss, params: { bits: 4 } }";
        let battery = attack(&registry, &scenario(function, protocol, "2", 1), &[Family::Privacy]);
        is_flagged(&battery, Family::Privacy, Guarantee::InputIndependence)
    };
    assert!(is_chosen(coin::NAME) && !is_chosen("coin_toss"));
}

fn correctness<'a>(battery: &'a Battery, attack: &str) -> &'a GridCell {
    let mut cells = battery.rows.iter().flat_map(|row| &row.cells);
    let found = cells.find(|c| c.attack == attack && c.guarantee == Guarantee::Correctness);
    found.expect("a cell")
}

#[test]
fn semi_honest_engines_break_out_of_claim_and_violate_what_they_boast() {
    let registry = engines();
    for engine in ["additive", "shamir", "rep3"] {
        for function in [PRODUCT, AND] {
            let honest = scenario(function, engine, THREE, 1);
            let battery = attack(&registry, &honest, &[Family::SingleFault]);
            assert_eq!(violations(&battery), [""; 0]);
            let cell = correctness(&battery, "one message changed");
            assert!(!cell.verdict.claimed() && cell.counts.broken > 0, "{engine}: {cell:?}");
            assert_eq!(*cell.verdict.observed(), Observed::Broken);
            let boasting = scenario(function, &format!("boasting_{engine}"), THREE, 1);
            let battery = attack(&registry, &boasting, &[Family::SingleFault]);
            assert!(is_flagged(&battery, Family::SingleFault, Guarantee::Correctness), "{engine}");
        }
    }
}

#[test]
fn a_violation_is_a_failed_check_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = |protocol: &str| {
        let file = write(&folder, "s.yaml", &scenario(PRODUCT, protocol, THREE, 1));
        let out = out.to_str().unwrap();
        protocols::run(&["attack", &file, "--only", "single-fault", "--out", out])
    };
    let honest = run("shamir");
    assert_eq!(honest.status.code(), Some(0), "{}", text(&honest.stderr));
    let boasting = run("boasting_shamir");
    assert_eq!(boasting.status.code(), Some(1), "{}", text(&boasting.stderr));
    let said = text(&boasting.stderr);
    assert!(said.contains("VIOLATED boasting_shamir: correctness under `one message "), "{said}");
}

/// Whatever all but one do to a sum amounts to other inputs of theirs, in range or out of it.
#[test]
fn on_a_sum_a_coalition_does_no_more_than_bring_another_input() {
    let registry = engines();
    for protocol in ["additive", "boasting_additive"] {
        let battery = attack(&registry, &scenario(SUM, protocol, THREE, 1), &[Family::SingleFault]);
        let violations = violations(&battery);
        assert!(
            violations.iter().all(|why| why.contains(": range violation: ")),
            "{violations:#?}"
        );
        assert_eq!(
            violations.is_empty(),
            protocol == "additive",
            "out of claim where it is honest"
        );
        let cells = battery.rows.iter().flat_map(|row| &row.cells);
        let correctness: Vec<&GridCell> =
            cells.filter(|cell| cell.guarantee == Guarantee::Correctness).collect();
        assert!(correctness.iter().all(|cell| cell.counts.inconclusive == 0));
        assert!(correctness.iter().any(|cell| cell.counts.broken > 0));
        assert!(correctness.iter().any(|cell| cell.counts.input_substitution > 0));
    }
    let malicious = scenario(SUM, "rep3_ps", THREE, 1);
    let battery = attack(&registry, &malicious, &[Family::SingleFault]);
    assert_eq!(violations(&battery), [""; 0]);
    let cell = correctness(&battery, "one message changed");
    assert_eq!(cell.verdict.standing(), Standing::Held);
    // A digit that is changed at random is no digit.
    assert!(cell.counts.held > 0);
}

#[test]
fn protocols_with_malicious_security_are_clean() {
    let registry = mpclab::registry();
    for (function, protocol) in [
        (PRODUCT, "rep3_ps"),
        (AND, "rep3_ps"),
        (PRODUCT, "spdz"),
        ("{ name: coin_toss, params: { bits: 8 } }", "coin_toss"),
    ] {
        use Family::{Composition, Generic, Honest, Malformed, Network, Search, SingleFault};
        let families = [Honest, SingleFault, Generic, Search, Malformed, Network, Composition];
        let battery = attack(&registry, &scenario(function, protocol, THREE, 1), &families);
        assert_eq!(violations(&battery), [""; 0], "{protocol}");
    }
}

/// What a coalition tells itself has no effect on anybody.
#[test]
fn an_act_that_no_honest_party_sees_has_no_effect() {
    let registry = mpclab::registry();
    let prepared = prepared(&registry, &scenario(PRODUCT, "additive", THREE, 1));
    let target = Target::new(&registry, &prepared, &prepared.cells[0]).expect("it can run");
    let tried = |to| {
        let change = ElementChange::Add(1);
        let on = Selector {
            from: Some(PartyId(1)),
            to: Some(to),
            scope: Some(Pattern("online/output".to_owned())),
            ..Selector::default()
        };
        let action = Action::Tamper { field: None, element: ElementChoice::All, change };
        let case = Case {
            family: Family::SingleFault,
            attack: "one message changed".to_owned(),
            coalition: vec![PartyId(1), PartyId(2)],
            repetition: 0,
            deed: Deed::Script(Script { rules: vec![Rule { on, action }], ..Script::default() }),
        };
        let tried = case.run(&target);
        assert!(tried.act.is_some());
        tried.is_without_effect
    };
    assert!(tried(PartyId(2)) && !tried(PartyId(0)));
}
