//! Positive controls and faults: what is wrong is noticed, whoever the protocol is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{self, Builder, Decoding, Inputs, Outputs, Type};
use mpclab_protocols::protocol::Job;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{Abort, AdversaryKind, Figure, OutputGuarantee, PartyId, Roles};
use mpclab_sim::{End, PartyEnd, Run, Waiting};

use crate::harness::{Subject, config, correct, job};
use crate::library::{Size, cases, parties_of};
use crate::registry::{Variant, each, variants};

/// What happens to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// One is added to its first byte, without carry.
    AddOne,
    /// One bit of its last byte is flipped.
    FlipLast,
    Truncate,
    Extend,
    AllOnes,
    /// Neither it nor any later one from its sender to its receiver arrives.
    Cut,
}

/// Changes the message with this number, counted over the run until then; parties below `n` only.
struct Tampers {
    number: usize,
    fault: Fault,
    seen: usize,
    n: usize,
    /// Who sent it and who should get it, for the test to look at.
    hit: Arc<std::sync::Mutex<Option<(PartyId, PartyId)>>>,
}

impl Adversary for Tampers {
    fn corrupted(&self) -> Vec<PartyId> {
        self.hit.lock().expect("unpoisoned").iter().map(|(from, _)| *from).collect()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from.index() >= self.n || message.to.index() >= self.n {
            return Decision::Pass; // ideal functionalities are trusted
        }
        let hit = *self.hit.lock().expect("unpoisoned");
        if self.fault == Fault::Cut && hit == Some((message.from, message.to)) {
            return Decision::Drop;
        }
        self.seen += 1;
        if self.seen != self.number + 1 {
            return Decision::Pass;
        }
        *self.hit.lock().expect("unpoisoned") = Some((message.from, message.to));
        let mut body = message.body.to_vec();
        match self.fault {
            Fault::AddOne => body[0] = body[0].wrapping_add(1),
            Fault::FlipLast => *body.last_mut().expect("no message is empty") ^= 1,
            Fault::Truncate => drop(body.pop()),
            Fault::Extend => body.push(0),
            Fault::AllOnes => body.fill(0xff),
            Fault::Cut => return Decision::Drop,
        }
        Decision::Replace(body)
    }
}

/// A run in which one message is changed.
pub(crate) struct Tampered {
    pub(crate) run: Run<Outputs>,
    pub(crate) from: PartyId,
    pub(crate) to: PartyId,
}

/// Changes the message with this number; none if there are fewer messages.
pub(crate) fn tampered(
    subject: &Subject,
    inputs: &[Inputs],
    number: usize,
    fault: Fault,
) -> Option<Tampered> {
    let (hit, n) = (Arc::default(), subject.job.roles.nodes());
    let tampers = Tampers { number, fault, seen: 0, n, hit: Arc::clone(&hit) };
    let run = subject.simulate(inputs, config(n, 1), Some(Box::new(tampers)));
    let (from, to) = (*hit.lock().expect("unpoisoned"))?;
    Some(Tampered { run, from, to })
}

/// Writes down which step each message is of.
struct Listens {
    steps: Arc<std::sync::Mutex<Vec<String>>>,
    n: usize,
}

impl Adversary for Listens {
    fn corrupted(&self) -> Vec<PartyId> {
        Vec::new()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from.index() < self.n && message.to.index() < self.n {
            // Layers, batches and owners, by their numbers, do the same.
            let path = message.scope.chars().filter(|c| !c.is_ascii_digit());
            let step = path.chain(" ".chars()).chain(message.label.chars()).collect();
            self.steps.lock().expect("unpoisoned").push(step);
        }
        Decision::Pass
    }
}

/// The numbers of the first and the last message of each step.
fn first_and_last(subject: &Subject, inputs: &[Inputs]) -> BTreeSet<usize> {
    let (steps, n) = (Arc::default(), subject.job.roles.nodes());
    let listens = Listens { steps: Arc::clone(&steps), n };
    subject.simulate(inputs, config(n, 1), Some(Box::new(listens)));
    let steps = steps.lock().expect("unpoisoned");
    let mut last = BTreeMap::new();
    let mut first = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        first.entry(step).or_insert(number);
        last.insert(step, number);
    }
    first.into_values().chain(last.into_values()).collect()
}

/// Does something with the run for the first and the last message of each step; returns how many
/// runs there were.
fn each_message(
    subject: &Subject,
    inputs: &[Inputs],
    fault: Fault,
    mut look: impl FnMut(usize, Tampered),
) -> usize {
    let chosen = first_and_last(subject, inputs);
    assert!(!chosen.is_empty(), "{} sends nothing", subject.name);
    for number in &chosen {
        let tampered = tampered(subject, inputs, *number, fault).expect("it is sent");
        // The cheater, if it still runs, and whoever waits for it may not blame themselves.
        let (name, end) = (&subject.name, &tampered.run.end);
        let at = format!("{name}, {fault:?} of message {number}");
        assert!(!matches!(end, End::Bug(_) | End::Limit(_)), "{at}: {end:?}");
        for (end, _) in &tampered.run.parties {
            assert!(!matches!(end, PartyEnd::Abort(Abort::Bug(_))), "{at}: {end:?}");
        }
        look(*number, tampered);
    }
    chosen.len()
}

/// A product and, if asked for, a comparison, both opened.
pub(crate) fn product_and(compares: bool, n: usize) -> (Arc<Job>, Vec<Inputs>) {
    let mut builder = Builder::new();
    let ty = Type::Int { bits: 8 };
    let x = builder.input("x", 0, 1, ty).expect("allowed");
    let y = builder.input("x", 1, 1, ty).expect("allowed");
    let product = builder.mul(x, y).expect("allowed");
    builder.output("product", product, Decoding::Integer).expect("allowed");
    if compares {
        let less = builder.less(x, y).expect("allowed");
        builder.output("less", less, Decoding::Integer).expect("allowed");
    }
    let task = Task::Program(Arc::new(builder.finish().expect("allowed")));
    let input = |value| Inputs::from([("x".to_owned(), vec![value])]);
    (job(task, Roles::all(n), 8), vec![input(-5), input(100)])
}

/// Something short that the protocol can do: a product and a comparison, a product, or the first
/// function that it supports.
pub(crate) fn short(variant: &Variant) -> (Subject, Vec<Inputs>) {
    let n = parties_of(variant);
    let programs = [true, false].into_iter().map(|compares| product_and(compares, n));
    let roles = Roles::all(n);
    let functions = cases(Size::Small, n).into_iter().map(|case| {
        let job = case.job(&roles, Size::Small);
        (job, case.inputs[0].clone())
    });
    let jobs = programs.chain(functions);
    let mut bound =
        jobs.filter_map(|(job, inputs)| variant.bind(&job).ok().map(|bound| (bound, inputs)));
    let (name, params) = (variant.entry.name, variant.params);
    bound.next().unwrap_or_else(|| panic!("{name} {params} does nothing among {n} parties"))
}

/// Outputs of all but a cheater, as far as they have some.
fn honest(run: &Run<Outputs>, cheater: PartyId) -> impl Iterator<Item = (PartyId, &Outputs)> {
    run.outputs().filter(move |(party, _)| *party != cheater)
}

/// Whether this output of one honest party is right; for a relation, whether it is one at all.
fn is_right(job: &Job, inputs: &[Inputs], output: &Outputs) -> bool {
    match &job.task {
        Task::Program(program) => {
            let expected = program::interpret(program, inputs).expect("inputs fit");
            program::check_outputs(program, &expected, 0, output).is_ok()
        }
        Task::Relation(relation) => {
            output.iter().map(|(_, column)| column.len()).sum::<usize>() == relation.output_len()
        }
    }
}

/// A malicious party may make others abort; it may not make them have different outputs.
fn agree(subject: &Subject, at: usize, fault: Fault, Tampered { run, from, .. }: &Tampered) {
    if subject.bound.claims.adversary != AdversaryKind::Malicious {
        return;
    }
    let learns = |party: &PartyId| subject.job.roles.learns_output(*party);
    let outputs: Vec<_> = honest(run, *from).filter(|(party, _)| learns(party)).collect();
    let same = outputs.iter().all(|(_, output)| *output == outputs[0].1);
    assert!(same, "{}, {fault:?} of message {at}: {outputs:?}", subject.name);
}

/// Semi-honest protocols: a wrong message gives wrong outputs somewhere and the check says so.
#[test]
fn tampering_makes_outputs_of_semi_honest_protocols_wrong() {
    let looked_at = each(&variants(), |variant| {
        let (subject, inputs) = short(variant);
        if subject.bound.claims.adversary != AdversaryKind::SemiHonest {
            return false;
        }
        let mut wrong = 0;
        let messages = each_message(&subject, &inputs, Fault::AddOne, |_, tampered| {
            wrong += usize::from(correct(&subject.job, &inputs, &tampered.run).is_err());
        });
        let name = &subject.name;
        // In circuits of bits, what is wrong may meet a zero.
        assert!(4 * wrong > messages, "{name}: {wrong} of {messages} tampered runs are wrong");
        true
    });
    assert!(looked_at.contains(&true), "some protocol is semi-honest");
}

/// Whatever a message is replaced with, nothing panics, no party finds a bug in itself, and bytes
/// that are no encoding are blamed on their sender; nobody else has a wrong output from them.
#[test]
fn malformed_messages_end_in_an_abort_that_blames_the_sender() {
    each(&variants(), |variant| {
        let (subject, inputs) = short(variant);
        for fault in [Fault::Truncate, Fault::Extend] {
            each_message(&subject, &inputs, fault, |number, tampered| {
                let at = format!("{}, {fault:?} of message {number}", subject.name);
                let end = &tampered.run.parties[tampered.to.index()].0;
                let PartyEnd::Abort(Abort::Malformed { from: blamed, .. }) = end else {
                    panic!("{at}: {end:?}");
                };
                assert_eq!(*blamed, tampered.from, "{at}");
                for (party, output) in honest(&tampered.run, tampered.from) {
                    let learns = subject.job.roles.learns_output(party);
                    let right = !learns || is_right(&subject.job, &inputs, output);
                    assert!(right, "{at}: {party} has {output:?}");
                }
            });
        }
        for fault in [Fault::AllOnes, Fault::FlipLast] {
            each_message(&subject, &inputs, fault, |number, tampered| {
                agree(&subject, number, fault, &tampered);
            });
        }
    });
}

/// Who waits for messages that never come either stops or is named, with their sender; nobody has a
/// wrong output.
#[test]
fn missing_messages_end_in_an_abort_or_a_stall_that_is_named() {
    each(&variants(), |variant| {
        let (subject, inputs) = short(variant);
        each_message(&subject, &inputs, Fault::Cut, |number, tampered| {
            let Tampered { run, from, to } = &tampered;
            let at = format!("{}: message {number} from {from} to {to}", subject.name);
            for (party, output) in honest(run, *from) {
                let learns = subject.job.roles.learns_output(party);
                let right = !learns || is_right(&subject.job, &inputs, output);
                assert!(right, "{at}: {party} has {output:?}");
            }
            match (&run.parties[to.index()].0, &run.end) {
                (PartyEnd::Abort(Abort::Closed { from: missing, .. }), _)
                | (PartyEnd::Abort(Abort::Missing { from: missing, .. }), _) => {
                    assert_eq!(missing, from, "{at}");
                }
                (PartyEnd::Abort(_), _) => {}
                (PartyEnd::Output(_), _) => {
                    let promised = subject.bound.claims.output == OutputGuarantee::Guaranteed;
                    assert!(promised, "{at} was not needed");
                }
                (_, End::Stalled(waiting)) => {
                    let mut of_receiver = waiting.iter().filter(|waiting| waiting.party == *to);
                    let named = |waiting: &Waiting| {
                        !waiting.scope.is_empty()
                            && (waiting.from.is_empty() || waiting.from.contains(from))
                    };
                    assert!(of_receiver.any(named), "{at}: {waiting:?}");
                }
                (end, how) => panic!("{at}: {end:?}, {how:?}"),
            }
        });
    });
}

/// A round too many in each declared phase, or a byte.
#[test]
fn wrong_declared_costs_are_noticed() {
    each(&variants(), |variant| {
        let (mut subject, inputs) = short(variant);
        subject.expect(&inputs, 1);
        let honest = subject.bound.declared.clone().expect("a declared cost");
        for (bytes, rounds) in [(0, 1), (1, 0)] {
            let mut cost = honest.clone();
            for phase in &mut cost.phases {
                let more = |figure: &mut Figure, by| match figure {
                    Figure::Exact(value) => *value += by,
                    other => panic!("{}: {other:?} is not exact", variant.entry.name),
                };
                more(&mut phase.bytes, bytes);
                more(&mut phase.rounds, rounds);
            }
            subject.bound.declared = Some(cost);
            let why = subject.conform(&inputs, 1).err().expect("it is wrong");
            assert!(why.contains("rounds, but declared are"), "{}: {why}", subject.name);
        }
    });
}
