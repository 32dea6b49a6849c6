//! What malicious parties do to `spdz`, and what honest ones say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Inputs, Outputs, Range, Type};
use mpclab_protocols::protocol::Job;
use mpclab_protocols::spdz::{Spdz, SpdzParams};
use mpclab_protocols::{FieldName, InputCheck};
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use mpclab_sim::{PartyEnd, Run};

use super::subject;
use crate::harness::{config, job};
use crate::tampering::{Fault, Tampered, product_and, tampered};

const P1: PartyId = PartyId(1);

fn small(input_check: InputCheck) -> SpdzParams {
    SpdzParams { field: FieldName::M61, input_check, ..Default::default() }
}

fn end(run: &Run<Outputs>, party: PartyId) -> &PartyEnd<Outputs> {
    &run.parties[party.index()].0
}

fn step(end: &PartyEnd<Outputs>) -> Option<&str> {
    match end {
        PartyEnd::Abort(Abort::CheckFailed { step } | Abort::Cheating { step, .. }) => Some(step),
        _ => None,
    }
}

/// Whatever message is changed, who got it aborts, nobody has another output, and nobody but the
/// cheater is blamed: not the owner of an input whose check a third party disturbs.
#[test]
fn every_changed_message_is_noticed_and_no_honest_party_is_blamed() {
    let (job, inputs) = product_and(true, 3);
    let subject = subject::<Spdz>(&job, &small(InputCheck::Range));
    let expected = vec![-500, 1];
    let mut steps: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = 0;
    while let Some(Tampered { run, from, to }) = tampered(&subject, &inputs, number, Fault::AddOne)
    {
        number += 1;
        let of_receiver = end(&run, to);
        assert!(matches!(of_receiver, PartyEnd::Abort(_)), "message {number}: {of_receiver:?}");
        for party in PartyId::all(3).filter(|party| *party != from) {
            match end(&run, party) {
                PartyEnd::Output(output) => {
                    assert_eq!(output.values(), expected, "message {number}")
                }
                PartyEnd::Abort(Abort::Bug(why)) => panic!("message {number}: {why}"),
                PartyEnd::Abort(Abort::Cheating { culprits, .. }) => {
                    assert_eq!(culprits, &[from], "message {number}");
                }
                _ => {}
            }
        }
        if let Some(step) = step(of_receiver) {
            *steps.entry(step.to_owned()).or_default() += 1;
        }
    }
    // Every check has caught something: inputs, openings of all kinds, coins and MACs.
    for caught in [
        "equal broadcasts in online/output/before/echo",
        "9: MACs of online/output/before",
        "9: MACs of online/output/mac_check",
        "openings in online/output/mac_check/coins",
        "openings in online/output/before/sigma",
    ] {
        assert!(steps.contains_key(caught), "{caught} is not among {steps:#?}");
    }
}

/// What party 1 says in one scope is changed for all who hear it, or for some.
struct Changes {
    /// Number of the scope among those in which party 1 speaks, in order of first messages.
    scope: usize,
    seen: Vec<u64>,
    to: Option<PartyId>,
    /// Added to the byte at this position.
    change: (usize, u8),
    said: Arc<Mutex<BTreeMap<PartyId, usize>>>,
}

impl Changes {
    fn to_all(scope: usize, change: (usize, u8)) -> Self {
        Changes { scope, seen: Vec::new(), to: None, change, said: Arc::default() }
    }
}

impl Adversary for Changes {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P1]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        *self.said.lock().expect("unpoisoned").entry(message.from).or_default() += 1;
        if message.from != P1 {
            return Decision::Pass;
        }
        if !self.seen.contains(&message.scope_id) {
            self.seen.push(message.scope_id);
        }
        let here = self.seen.get(self.scope) == Some(&message.scope_id);
        if !here || self.to.is_some_and(|to| to != message.to) {
            return Decision::Pass;
        }
        let (at, by) = self.change;
        let mut body = message.body.to_vec();
        body[at] = body[at].wrapping_add(by);
        Decision::Replace(body)
    }
}

/// Party 1's scopes in `product_and`, in the order in which it first speaks in them.
const INPUT: usize = 0;
const PRODUCT: usize = 1;
const COINS_OPEN: usize = 4;

fn disturbed(changes: Changes) -> Run<Outputs> {
    let (job, inputs) = product_and(false, 3);
    disturbed_run(&job, &inputs, changes).0
}

fn disturbed_run(
    job: &Arc<Job>,
    inputs: &[Inputs],
    changes: Changes,
) -> (Run<Outputs>, BTreeMap<PartyId, usize>) {
    let said = Arc::clone(&changes.said);
    let subject = subject::<Spdz>(job, &small(InputCheck::Range));
    let run = subject.simulate(inputs, config(3, 1), Some(Box::new(changes)));
    let said = said.lock().expect("unpoisoned").clone();
    (run, said)
}

fn honest() -> [PartyId; 2] {
    [PartyId(0), PartyId(2)]
}

/// The first input digit of party 1 is more by one for party 0 alone.
#[test]
fn unequal_broadcasts_are_noticed_before_anything_is_opened() {
    let unequal = Changes { to: Some(PartyId(0)), ..Changes::to_all(INPUT, (0, 1)) };
    let run = disturbed(unequal);
    for party in honest() {
        let expected = "equal broadcasts in online/output/before/echo";
        assert_eq!(step(end(&run, party)), Some(expected), "{party}");
    }
}

/// The same where inputs are compared before anything is checked.
#[test]
fn unequal_broadcasts_of_what_is_compared_are_noticed_before_outputs_are_opened() {
    let (job, inputs) = product_and(true, 3);
    let unequal = Changes { to: Some(PartyId(0)), ..Changes::to_all(INPUT, (0, 1)) };
    let (run, _) = disturbed_run(&job, &inputs, unequal);
    for party in honest() {
        let expected = "equal broadcasts in online/output/before/echo";
        assert_eq!(step(end(&run, party)), Some(expected), "{party}");
    }
}

#[test]
fn a_wrong_opening_of_a_commitment_is_blamed_on_its_sender() {
    let run = disturbed(Changes::to_all(COINS_OPEN, (0, 1)));
    for party in honest() {
        let PartyEnd::Abort(Abort::Cheating { culprits, step }) = end(&run, party) else {
            panic!("{party}: {:?}", end(&run, party));
        };
        assert_eq!(culprits, &[P1]);
        assert_eq!(step, "openings in online/output/before/coins");
    }
}

/// After a failed check the key is gone and nothing more is said: of the messages of an honest run
/// those up to the opened sigmas, and no other.
#[test]
fn a_changed_opening_fails_the_check_and_honest_parties_say_no_more() {
    let (job, inputs) = product_and(false, 3);
    let (run, said) = disturbed_run(&job, &inputs, Changes::to_all(PRODUCT, (0, 1)));
    for party in honest() {
        assert_eq!(step(end(&run, party)), Some("9: MACs of online/output/before"), "{party}");
        // To two others each: what the product opens, an echo, a coin's commitment and opening, and
        // those of sigma. Party 0 also brings an input.
        let messages = 2 * (6 + usize::from(party == PartyId(0)));
        assert_eq!(said.get(&party), Some(&messages), "{party}");
    }
}

/// Whether the product of two inputs in this range is below 5.
fn bounded(range: Range) -> Arc<Job> {
    let mut builder = Builder::new();
    let ty = Type::of(range, 0);
    let x = builder.input_in("x", 0, 1, ty, range).expect("allowed");
    let y = builder.input_in("x", 1, 1, ty, range).expect("allowed");
    let product = builder.mul(x, y).expect("allowed");
    let five = builder.constant(vec![5], 0).expect("allowed");
    let less = builder.less(product, five).expect("allowed");
    builder.output("less", less, Decoding::Integer).expect("allowed");
    job(Task::Program(Arc::new(builder.finish().expect("allowed"))), Roles::all(3), 8)
}

fn bring(job: &Arc<Job>, check: InputCheck, y: i128) -> Run<Outputs> {
    let input = |value| Inputs::from([("x".to_owned(), vec![value])]);
    let inputs = [input(0), input(y), Inputs::new()];
    subject::<Spdz>(job, &small(check)).simulate(&inputs, config(3, 1), None)
}

/// An error in a product is noticed before the comparison of the product opens anything: behind a
/// mask of few bits, an error of many would show the other factor.
#[test]
fn a_wrong_product_is_noticed_before_it_is_compared() {
    let job = bounded(Range { lo: 0, hi: 15 });
    let input = |value| Inputs::from([("x".to_owned(), vec![value])]);
    let inputs = [input(3), input(5), Inputs::new()];
    // The sixth byte is beyond all masks.
    let (run, _) = disturbed_run(&job, &inputs, Changes::to_all(PRODUCT, (6, 1)));
    for party in honest() {
        assert_eq!(step(end(&run, party)), Some("9: MACs of online/verify[0]"), "{party}");
    }
}

/// Party 1 runs the honest code on an input outside of its range: it can share nothing but an input
/// in range, here the lowest. Neighbours of the ends, what wraps around the digits, and what is far
/// away.
#[test]
fn nobody_can_bring_an_input_out_of_range() {
    for (range, outside) in [
        (Range { lo: 0, hi: 9 }, vec![-1, 10, 15, 16, 25, -7, 1 << 50]),
        (Range { lo: -8, hi: 7 }, vec![-9, 8, 24, -(1 << 40)]),
        (Range { lo: 0, hi: 1 }, vec![-1, 2, 3]),
        (Range { lo: -3, hi: 100 }, vec![-4, 101, 125]),
    ] {
        let job = bounded(range);
        for inside in [range.lo, range.lo + 1, range.hi - 1, range.hi] {
            assert!(bring(&job, InputCheck::Range, inside).is_complete(), "{inside} in {range}");
        }
        for value in outside {
            let [with, lowest] =
                [value, range.lo].map(|value| bring(&job, InputCheck::Range, value));
            let outputs = |run: &Run<Outputs>| -> Vec<Vec<i128>> {
                run.outputs().map(|(_, outputs)| outputs.values().to_vec()).collect()
            };
            assert_eq!(outputs(&with), outputs(&lowest), "{value} in {range}");
            assert_eq!(outputs(&with).len(), 3, "{value} in {range}");
            // Without digits it is taken as it is: that is why malicious security is not claimed.
            assert!(bring(&job, InputCheck::None, value).is_complete(), "{value} in {range}");
        }
    }
}
