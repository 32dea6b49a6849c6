//! Positive controls: what is wrong is noticed, and a cheater does what the claims say it can.

use std::sync::Arc;

use mpclab_protocols::FieldName;
use mpclab_protocols::additive::{Additive, AdditiveParams};
use mpclab_protocols::algebra::Bits;
use mpclab_protocols::coin_toss::{CoinToss, CoinTossParams};
use mpclab_protocols::functions::{self, Function, Task};
use mpclab_protocols::gmw::{Gmw, GmwParams};
use mpclab_protocols::primitives::{Domain, commit};
use mpclab_protocols::program::{Builder, Decoding, Inputs, Outputs, Type};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_protocols::rep3::{Rep3, Rep3Params};
use mpclab_protocols::rep3_ps::{Rep3Ps, Rep3PsParams};
use mpclab_protocols::shamir::{Shamir, ShamirParams};
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{Abort, DeclaredCost, Figure, PartyId, Roles};
use mpclab_sim::wire::Wire;
use mpclab_sim::{Ctx, End, Ideal, PartyEnd, Run};

use crate::harness::{config, conform, correct, job, simulate};

const P0: PartyId = PartyId(0);
const P1: PartyId = PartyId(1);
const P2: PartyId = PartyId(2);

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
}

/// Changes the message with this number, counted over the run; parties below `n` only.
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
        if message.from.index() >= self.n {
            return Decision::Pass; // the dealer is trusted
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
        }
        Decision::Replace(body)
    }
}

/// A run in which one message is changed; none if there are fewer messages.
pub(crate) fn tampered<P: Protocol>(
    job: &Arc<Job>,
    params: &Arc<P::Params>,
    inputs: &[Inputs],
    number: usize,
    fault: Fault,
) -> Option<(Run<Outputs>, PartyId, PartyId)> {
    let (hit, n) = (Arc::default(), job.roles.nodes());
    let tampers = Tampers { number, fault, seen: 0, n, hit: Arc::clone(&hit) };
    let run = simulate::<P>(job, params, inputs, config(n, 1), Some(Box::new(tampers)));
    let (from, to) = (*hit.lock().expect("unpoisoned"))?;
    Some((run, from, to))
}

/// A product and a comparison, both opened.
pub(crate) fn subject() -> (Arc<Job>, [Inputs; 2]) {
    let mut builder = Builder::new();
    let ty = Type::Int { bits: 8 };
    let x = builder.input("x", 0, 1, ty).expect("allowed");
    let y = builder.input("x", 1, 1, ty).expect("allowed");
    let product = builder.mul(x, y).expect("allowed");
    let less = builder.less(x, y).expect("allowed");
    builder.output("product", product, Decoding::Integer).expect("allowed");
    builder.output("less", less, Decoding::Integer).expect("allowed");
    let task = Task::Program(Arc::new(builder.finish().expect("allowed")));
    let input = |value| Inputs::from([("x".to_owned(), vec![value])]);
    (job(task, Roles::all(3), 8), [input(-5), input(100)])
}

/// Semi-honest engines: a wrong message gives wrong outputs somewhere and the check says so.
fn tampering_shows<P: Protocol>(params: P::Params) {
    let (job, inputs) = subject();
    let params = Arc::new(params);
    let (mut messages, mut wrong) = (0, 0);
    while let Some((run, ..)) = tampered::<P>(&job, &params, &inputs, messages, Fault::AddOne) {
        messages += 1;
        wrong += usize::from(correct(&job, &inputs, &run).is_err());
    }
    assert!(2 * wrong > messages, "{}: {wrong} of {messages} tampered runs are wrong", P::NAME);
}

#[test]
fn tampering_makes_outputs_of_semi_honest_engines_wrong() {
    tampering_shows::<Additive>(AdditiveParams { field: FieldName::M61, ..Default::default() });
    tampering_shows::<Shamir>(ShamirParams { field: FieldName::M61, ..Default::default() });
    tampering_shows::<Rep3>(Rep3Params::default());
    tampering_shows::<Gmw>(GmwParams::default());
}

/// Whatever a message is replaced with, nothing panics, no party finds a bug in itself, and bytes
/// that are no encoding are blamed on their sender.
pub(crate) fn malformed_messages_are_blamed<P: Protocol>(
    job: &Arc<Job>,
    params: P::Params,
    inputs: &[Inputs],
) {
    let params = Arc::new(params);
    for fault in [Fault::Truncate, Fault::Extend, Fault::AllOnes, Fault::FlipLast] {
        let mut number = 0;
        while let Some((run, from, to)) = tampered::<P>(job, &params, inputs, number, fault) {
            number += 1;
            assert!(!matches!(run.end, End::Bug(_) | End::Limit(_)), "{}: {:?}", P::NAME, run.end);
            for (end, _) in &run.parties {
                assert!(!matches!(end, PartyEnd::Abort(Abort::Bug(_))), "{}: {end:?}", P::NAME);
            }
            let end = &run.parties[to.index()].0;
            if matches!(fault, Fault::Truncate | Fault::Extend) {
                let PartyEnd::Abort(Abort::Malformed { from: blamed, .. }) = end else {
                    panic!("{}, {fault:?} of message {number}: {end:?}", P::NAME);
                };
                assert_eq!(*blamed, from, "{}", P::NAME);
            }
        }
        assert!(number > 0);
    }
}

#[test]
fn malformed_messages_end_in_an_abort_that_blames_the_sender() {
    let (job, inputs) = subject();
    malformed_messages_are_blamed::<Additive>(&job, AdditiveParams::default(), &inputs);
    malformed_messages_are_blamed::<Shamir>(&job, ShamirParams::default(), &inputs);
    malformed_messages_are_blamed::<Gmw>(&job, GmwParams::default(), &inputs);
    malformed_messages_are_blamed::<Rep3>(&job, Rep3Params::default(), &inputs);
    malformed_messages_are_blamed::<Rep3Ps>(&job, Rep3PsParams::default(), &inputs);
    malformed_messages_are_blamed::<CoinToss>(&coins(3, 5), CoinTossParams {}, &[]);
}

// ---- coin_toss ----

fn coins(n: usize, bits: usize) -> Arc<Job> {
    let params = functions::CoinTossParams { bits };
    let task = functions::CoinToss::build(&params, n).expect("allowed");
    job(task, Roles::all(n), 40)
}

fn toss(job: &Arc<Job>, cheater: Box<dyn Adversary>) -> Run<Outputs> {
    let n = job.roles.nodes();
    simulate::<CoinToss>(job, &Arc::new(CoinTossParams {}), &[], config(n, 1), Some(cheater))
}

fn blamed(run: &Run<Outputs>, party: PartyId) -> Option<Vec<PartyId>> {
    match &run.parties[party.index()].0 {
        PartyEnd::Abort(Abort::Cheating { culprits, .. }) => Some(culprits.clone()),
        _ => None,
    }
}

/// The receiver of a wrong commitment or opening blames its sender alone; nobody accepts a coin
/// that another honest party does not have.
#[test]
fn tampering_with_a_coin_toss_is_blamed_on_the_sender() {
    let (job, params) = (coins(3, 8), Arc::new(CoinTossParams {}));
    for fault in [Fault::AddOne, Fault::FlipLast] {
        let mut number = 0;
        while let Some((run, from, to)) = tampered::<CoinToss>(&job, &params, &[], number, fault) {
            number += 1;
            // The last byte of an opening is the hash of all commitments: a lie about what came.
            if fault == Fault::FlipLast && number > 6 {
                let end = &run.parties[to.index()].0;
                assert!(
                    matches!(end, PartyEnd::Abort(Abort::CheckFailed { .. })),
                    "message {number}: {end:?}"
                );
            } else {
                assert_eq!(blamed(&run, to), Some(vec![from]), "message {number}, {fault:?}");
            }
            for party in PartyId::all(3).filter(|party| *party != to) {
                assert_eq!(blamed(&run, party), None, "message {number}, {fault:?}");
            }
        }
        assert_eq!(number, 12, "six commitments and six openings");
    }
}

/// Party 1 repeats whatever party 0 sent: its commitment, later its opening.
#[derive(Default)]
struct Copies(std::collections::BTreeMap<(u64, PartyId), Vec<u8>>);

impl Adversary for Copies {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P1]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from == P0 {
            // What party 0 tells party 1 is all that party 1 has to repeat it to party 2.
            self.0.insert((message.scope_id, message.to), message.body.to_vec());
        }
        match self.0.get(&(message.scope_id, P1)) {
            Some(copy) if message.from == P1 => Decision::Replace(copy.clone()),
            _ => Decision::Pass,
        }
    }
}

#[test]
fn a_copied_commitment_opens_for_nobody_else() {
    let run = toss(&coins(3, 16), Box::<Copies>::default());
    assert_eq!(blamed(&run, P0), Some(vec![P1]));
    assert_eq!(blamed(&run, P2), Some(vec![P1]));
}

/// Party 0 commits to party 1 to other bits than to party 2, and opens both correctly.
struct Equivocates {
    job: Arc<Job>,
    first_scope: Option<u64>,
    run_id: [u8; 32],
}

impl Adversary for Equivocates {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P0]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let first = *self.first_scope.get_or_insert(message.scope_id);
        if (message.from, message.to) != (P0, P1) {
            return Decision::Pass;
        }
        let (bits, nonce) = (Bits::ones(self.job.task.output_len()), [9; 32]);
        if message.scope_id == first {
            let session = &self.run_id;
            let domain = Domain { protocol: CoinToss::NAME, session, party: P0, scope: b"online" };
            let words: Vec<u8> = bits.words().iter().flat_map(|word| word.to_le_bytes()).collect();
            return Decision::Replace(commit::commit(&domain, &words, &nonce).to_vec());
        }
        let mut body = Vec::new();
        (bits, nonce).encode(&mut body);
        body.extend_from_slice(&message.body[body.len()..]);
        Decision::Replace(body)
    }
}

/// Without a broadcast channel, parties 1 and 2 would end with different coins.
#[test]
fn equivocation_leaves_honest_parties_without_different_coins() {
    let job = coins(3, 64);
    let run = {
        let run_id = config(3, 1).seed.purpose("session");
        let cheater = Equivocates { job: Arc::clone(&job), first_scope: None, run_id };
        toss(&job, Box::new(cheater))
    };
    for party in [P1, P2] {
        let end = &run.parties[party.index()].0;
        assert!(matches!(end, PartyEnd::Abort(Abort::CheckFailed { .. })), "{party}: {end:?}");
    }
}

// ---- declared cost ----

/// `additive` with a round too many in each declared phase.
struct Misdeclared;

impl Protocol for Misdeclared {
    const NAME: &'static str = "misdeclared";
    const INFO: Info = Additive::INFO;
    type Params = AdditiveParams;

    type Plan = <Additive as Protocol>::Plan;

    fn compile(job: &Arc<Job>, params: &AdditiveParams) -> Result<Arc<Self::Plan>, Unsupported> {
        Additive::compile(job, params)
    }

    async fn run(ctx: Ctx, plan: Arc<Self::Plan>, input: Inputs) -> Result<Outputs, Abort> {
        Additive::run(ctx, plan, input).await
    }

    fn ideals(plan: &Arc<Self::Plan>) -> Vec<Ideal> {
        Additive::ideals(plan)
    }

    fn declared_cost(plan: &Self::Plan) -> Option<DeclaredCost> {
        let mut cost = Additive::declared_cost(plan)?;
        for phase in &mut cost.phases {
            if let Figure::Exact(rounds) = &mut phase.rounds {
                *rounds += 1;
            }
        }
        Some(cost)
    }
}

#[test]
fn a_wrong_declared_cost_is_noticed() {
    let (job, inputs) = subject();
    let params = Arc::new(AdditiveParams::default());
    let honest = conform::<Additive>(&job, &params, &inputs, 1);
    assert!(honest.is_ok(), "{:?}", honest.err());
    let why = conform::<Misdeclared>(&job, &params, &inputs, 1).err().expect("a round too many");
    assert!(why.contains("rounds, but declared are"), "{why}");
}
