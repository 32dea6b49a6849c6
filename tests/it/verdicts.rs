//! What failed is a row with its reason, the exit code tells, and the rest goes on.

use std::collections::BTreeSet;
use std::path::Path;

use mpclab::reports::ranking::Ranking;
use mpclab::reports::record::{Outcome, Record};
use mpclab::runner::verdict::Threat;
use mpclab::runner::{Against, is_failure, run_one};
use mpclab::sim::adversary::{Adversary, Decision, Departing};
use mpclab::sim::vocabulary::{Guarantee, Observed, PartyId, Setup, Standing, Verdict};
use tempfile::TempDir;

use crate::protocols;
use crate::support::{prepared, records, sum, text, write};

/// Runs protocols that misbehave; the exit code, what was said, and the records.
fn run(scenario: &str) -> (i32, String, Vec<Record>) {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (write(&folder, "s.yaml", scenario), folder.path().join("out"));
    let output = protocols::run(&["run", &file, "--out", out.to_str().unwrap()]);
    (output.status.code().unwrap(), text(&output.stderr), records(&out))
}

fn verdict(record: &Record, guarantee: Guarantee) -> &Verdict {
    record.verdicts.iter().find(|verdict| verdict.guarantee == guarantee).unwrap()
}

#[test]
fn all_checks_hold() {
    let expect = "expect:\n  - { correctness: held }\n  - { declared_cost: held }\n  \
                  - { metric: online.rounds, equals: 1, protocol: plain }\n";
    let (code, said, records) = run(&sum("[plain, shamir]", expect));
    assert_eq!((code, records.len()), (0, 2), "{said}");
    assert!(records.iter().all(|record| record.outcome == Outcome::Ok));
}

#[test]
fn a_wrong_answer_is_a_failed_check_and_the_others_go_on() {
    let (code, said, records) = run(&sum("[wrong, plain]", ""));
    assert_eq!(code, 1, "{said}");
    let [wrong, plain] = &records[..] else { panic!("two records, not {}", records.len()) };
    let Outcome::Wrong(reason) = &wrong.outcome else { panic!("{:?}", wrong.outcome) };
    assert!(reason.contains("party 1: "), "{reason}");
    assert_eq!(verdict(wrong, Guarantee::Correctness).standing(), Standing::Violated);
    assert_eq!(verdict(wrong, Guarantee::Agreement).standing(), Standing::Violated);
    assert_eq!(plain.outcome, Outcome::Ok);
    assert!(said.contains("FAILED wrong, repetition 0: wrong: party 1: "), "{said}");
    assert!(!said.contains("FAILED plain"), "{said}");
}

#[test]
fn a_protocol_that_panics_when_it_is_asked_is_a_record_too() {
    let (code, said, records) = run(&sum("[panics_when_asked, plain]", ""));
    assert_eq!(code, 3, "{said}");
    let Outcome::Bug(why) = &records[0].outcome else { panic!("{:?}", records[0].outcome) };
    assert!(why.contains("asked"), "{why}");
    assert_eq!(records[1].outcome, Outcome::Ok);
}

#[test]
fn a_panic_is_a_record_and_the_others_go_on() {
    let (code, said, records) = run(&sum("[panics, plain]", "repetitions: 3\n"));
    assert_eq!(code, 3, "{said}");
    let (panics, plain) = records.split_at(3);
    for record in panics {
        assert_eq!(record.outcome, Outcome::Bug("panic: party 1 has had enough".to_owned()));
    }
    assert!(plain.len() == 3 && plain.iter().all(|record| record.outcome == Outcome::Ok));
    assert!(said.contains("FAILED panics, repetition 2: bug: panic: party 1"), "{said}");
}

#[test]
fn the_worst_of_several_failures_is_the_exit_code() {
    let (code, said, records) = run(&sum("[wrong, panics, stalls]", ""));
    assert_eq!((code, records.len()), (3, 3), "{said}");
}

#[test]
fn a_stalled_protocol_says_who_waits_for_what() {
    let (code, said, records) = run(&sum("[stalls]", ""));
    assert_eq!(code, 1, "{said}");
    let Outcome::Stalled(who) = &records[0].outcome else { panic!("{:?}", records[0].outcome) };
    for party in 0..3 {
        assert!(who.contains(&format!("party {party} waits in online/again for ")), "{who}");
    }
    assert!(said.contains("stalled: party 0 waits in online/again for party 1, party 2"), "{said}");
}

#[test]
fn an_abort_without_a_fault_is_a_failed_check() {
    let (code, said, records) = run(&sum("[aborts]", ""));
    assert_eq!(code, 1, "{said}");
    let Outcome::Aborted(why) = &records[0].outcome else { panic!("{:?}", records[0].outcome) };
    assert_eq!(why, "party 1: 2: the test: the check failed");
}

#[test]
fn an_undeclared_cost_is_a_failed_check() {
    let (code, said, records) = run(&sum("[costly]", ""));
    assert_eq!(code, 1, "{said}");
    // The answer is right: only the declaration is not.
    assert_eq!(records[0].outcome, Outcome::Ok);
    let declared = verdict(&records[0], Guarantee::DeclaredCost);
    assert_eq!(declared.standing(), Standing::Violated);
    assert_eq!(declared.evidence, "online.bytes: declared 96, measured 112");
    assert!(said.contains("declared cost violated: online.bytes: declared 96"), "{said}");
}

#[test]
fn an_expectation_that_is_not_met_is_named() {
    let expect = "expect:\n  - { metric: online.rounds, max: 1, protocol: shamir }\n";
    let (code, said, records) = run(&sum("[plain, shamir]", expect));
    assert_eq!(code, 1, "{said}");
    // Nothing is wrong with the runs themselves.
    assert!(records.iter().all(|record| record.outcome == Outcome::Ok));
    assert!(said.contains("s.yaml:8:5"), "{said}");
    assert!(said.contains("{ metric: online.rounds, max: 1, protocol: shamir }"), "{said}");
    assert!(said.contains("shamir, repetition 0: online.rounds = 2"), "{said}");
    assert!(!said.contains("plain, repetition"), "{said}");
}

#[test]
fn a_limit_ends_a_run() {
    let (code, said, records) = run(&sum("[plain]", "limits: { virtual_time: 500ns }\n"));
    assert_eq!(code, 1, "{said}");
    assert!(matches!(records[0].outcome, Outcome::Limit(_)), "{:?}", records[0].outcome);
}

#[test]
fn a_crash_may_take_the_output_but_violates_nothing() {
    let crash = |kind: &str| {
        sum("[shamir]", &format!("faults: [{{ crash: {{ party: 2, at: 0ns, kind: {kind} }} }}]\n"))
    };
    let (code, said, records) = run(&crash("process"));
    assert_eq!(code, 0, "{said}");
    assert!(matches!(records[0].outcome, Outcome::Aborted(_)), "{:?}", records[0].outcome);
    // That outputs are right is claimed whatever crashes, that there are any is not.
    let delivery = verdict(&records[0], Guarantee::Delivery);
    assert_eq!(
        (delivery.standing(), &delivery.observed),
        (Standing::OutOfClaim, &Observed::Broken)
    );
    assert_eq!(verdict(&records[0], Guarantee::Correctness).standing(), Standing::Held);
    // A machine that is gone tells nobody: without a synchrony bound the others wait for ever.
    let (code, said, records) = run(&crash("host"));
    assert_eq!(code, 0, "{said}");
    let Outcome::Stalled(who) = &records[0].outcome else { panic!("{:?}", records[0].outcome) };
    assert!(who.contains("for party 2"), "{who}");
    // With one they give up and say on whom.
    let (code, said, records) = run(&format!("{}synchrony: 1s\n", crash("host")));
    assert_eq!(code, 0, "{said}");
    let Outcome::Aborted(why) = &records[0].outcome else { panic!("{:?}", records[0].outcome) };
    assert!(why.contains("party 2 sent nothing in time"), "{why}");
}

/// A pause is no more than a slow network: outputs stay claimed, and a protocol that stalls fails.
#[test]
fn a_pause_excuses_nothing() {
    let pause = "faults: [{ pause: { party: 0, at: 0ns, for: 1s } }]\n";
    let (code, said, records) = run(&sum("[shamir]", pause));
    assert_eq!((code, &records[0].outcome), (0, &Outcome::Ok), "{said}");
    let correctness = &records[0].verdicts[0];
    assert_eq!(correctness.standing(), Standing::Held);
    assert!(records[0].parties[0].finish_ns >= 1_000_000_000);
    let (code, said, _) = run(&sum("[stalls]", pause));
    assert_eq!(code, 1, "{said}");
}

#[test]
fn a_fault_does_not_excuse_a_wrong_answer() {
    let fault = "faults: [{ pause: { party: 0, at: 0ns, for: 1s } }]\n";
    let (code, said, records) = run(&sum("[wrong]", fault));
    assert_eq!(code, 1, "{said}");
    assert!(matches!(records[0].outcome, Outcome::Wrong(_)), "{:?}", records[0].outcome);
    // Nor one beside a party that waits for ever.
    let crash = "faults: [{ crash: { party: 2, at: 50ms, kind: host } }]\n";
    let pause = "faults: [{ pause: { party: 2, at: 0ns, for: 1s } }]\n";
    for fault in [crash, pause] {
        let (code, said, records) = run(&sum("[wrong_and_stalls]", fault));
        assert_eq!(code, 1, "{said}");
        assert!(matches!(records[0].outcome, Outcome::Wrong(_)), "{:?}", records[0].outcome);
    }
}

/// Adds one to the first byte of every message of party 1 but its first to each party.
struct OffByOne {
    corrupted: Vec<PartyId>,
    seen: Vec<PartyId>,
}

impl Adversary for OffByOne {
    fn corrupted(&self) -> Vec<PartyId> {
        self.corrupted.clone()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from != PartyId(1) || message.to == message.from {
            return Decision::Pass;
        }
        if !self.seen.contains(&message.to) {
            self.seen.push(message.to);
            return Decision::Pass;
        }
        let mut body = message.body.to_vec();
        body[0] = body[0].wrapping_add(1);
        Decision::Replace(body)
    }
}

fn tampered(corrupted: Vec<PartyId>) -> (bool, Record) {
    let registry = mpclab::registry();
    let prepared = prepared(&registry, &sum("[additive]", ""));
    let cell = &prepared.cells[0];
    let threat = Threat { is_malicious: true, breaks_network: false };
    let threat = (!corrupted.is_empty()).then_some(threat);
    let adversary: Box<dyn Adversary> = Box::new(OffByOne { corrupted, seen: Vec::new() });
    let against = Against { adversary: Some(adversary), threat, ..Against::default() };
    let record = run_one(&registry, &prepared, cell, 0, Some(against));
    (is_failure(&cell.cell, &record), record)
}

/// What a box computed has no price, though the protocol declares no dealer: it sends nothing, and
/// would be the first.
#[test]
fn what_an_undeclared_box_computes_is_not_priced_and_not_ranked() {
    let (code, said, records) = run(&sum("[delegates, plain]", ""));
    assert_eq!(code, 0, "{said}");
    assert_eq!(records[0].claims.unwrap().setup, Setup::None);
    assert_eq!(records[0].metrics.get("total.bytes"), Some(&0));
    assert_eq!([0, 1].map(|at: usize| records[at].unpriced_setup), [true, false]);
    let ranking = Ranking::of(&records);
    let mut names = BTreeSet::new();
    for entry in ranking.groups.iter().flat_map(|group| group.ranked()) {
        names.insert(&*entry.record.key.protocol);
    }
    assert!(names.into_iter().eq(["plain"]));
}

#[test]
fn a_byte_that_changes_on_the_way_is_a_wrong_answer() {
    // Nobody is corrupted, so the claim stands, and is broken.
    let (is_failure, record) = tampered(Vec::new());
    assert!(matches!(record.outcome, Outcome::Wrong(_)), "{:?}", record.outcome);
    assert!(is_failure);
    let correctness = verdict(&record, Guarantee::Correctness);
    assert_eq!(correctness.observed, Observed::Broken);
    assert_eq!(correctness.standing(), Standing::Violated);
    // The cost of a run that was tampered with is still that of the protocol.
    assert_eq!(record.declared.is_some(), record.verdicts.len() == 4);
}

#[test]
fn an_active_party_is_out_of_a_semi_honest_claim() {
    let (is_failure, record) = tampered(vec![PartyId(1)]);
    let correctness = verdict(&record, Guarantee::Correctness);
    assert_eq!(correctness.standing(), Standing::OutOfClaim);
    // A sum is right for some input of the party that changed it, whatever it was given.
    assert_eq!(correctness.observed, Observed::Held);
    assert!(correctness.evidence.contains("input substitution"), "{}", correctness.evidence);
    assert!(!is_failure && record.corrupted == [PartyId(1)]);
}

#[test]
fn what_cannot_run_is_refused_or_a_row_with_its_reason() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let scenario = sum("[rep3, shamir]", "").replace("parties: 3", "parties: 4");
    let (file, out) = (write(&folder, "s.yaml", &scenario), folder.path().join("out"));
    let output = protocols::run(&["run", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("exactly 3 computing parties"));
    assert!(!Path::new(&out).exists());
    let (code, said, records) = run(&format!("{scenario}unsupported: skip\n"));
    assert_eq!(code, 0, "{said}");
    assert!(matches!(&records[0].outcome, Outcome::Skipped(why) if why.contains("exactly 3")));
    assert_eq!(records[1].outcome, Outcome::Ok);
}
