mod cheaters;
mod reference;
mod sizes;

use std::sync::{Arc, Mutex};

use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{PartyId, Phase};
use mpclab_sim::{Config, Ideal, PartyFuture, Run, RunSeed, Simulation};

use super::super::tests::pair;
use super::super::{BaseOt, Extension, KAPPA, Receiver as Receives, Sender as Sends, Width, base};
use super::*;
use crate::algebra::bits::Bits;

/// Sets that prove nothing but that the steps are right.
const TOY: Set = Set { name: "toy", trees: 16, depth: 5, dimension: 40, before: None };
const AFTER_TOY: Set =
    Set { name: "after", trees: 8, depth: 7, dimension: 100, before: Some(&TOY) };

const fn extension(set: Set, is_malicious: bool) -> Extension {
    Extension { base: BaseOt::Ideal, width: Width::One, is_malicious, silent: Some(set) }
}

/// A run of two, what each of them has in the end, and ideal base transfers between them.
fn two<T: Send + 'static, F>(
    seed: u64,
    adversary: Option<Box<dyn Adversary>>,
    party: impl Fn(Ctx) -> F,
) -> (Run<Vec<i128>>, [Option<T>; 2])
where
    F: Future<Output = Result<T, Abort>> + Send + 'static,
{
    let config = Config::new(Network::constant(2, 1), RunSeed::new(seed, 0));
    let ideal = Ideal {
        name: base::IDEAL,
        start: Arc::new(|ctx: Ctx| -> PartyFuture<()> {
            let scope = ctx.scope("setup").scope("base");
            Box::pin(async move { base::ideal(&scope, [PartyId(1), PartyId(0)], KAPPA).await })
        }),
    };
    let mut simulation = Simulation::new(config).with_ideal(ideal);
    if let Some(adversary) = adversary {
        simulation = simulation.with_adversary(adversary);
    }
    let ends: Arc<Mutex<[Option<T>; 2]>> = Arc::new(Mutex::new([None, None]));
    let run = simulation.run(|ctx| {
        let (id, ends, end) = (ctx.id(), Arc::clone(&ends), party(ctx));
        Box::pin(async move {
            let end = end.await?;
            ends.lock().expect("no panics")[id.index()] = Some(end);
            Ok(Vec::new())
        })
    });
    let ends = std::mem::take(&mut *ends.lock().expect("no panics"));
    (run, ends)
}

/// What either end has of some batches: choices at the receiver, and blocks.
type Half = (Block, Vec<(Bits, Vec<Block>)>);

fn choices(len: usize) -> Bits {
    (0..len).map(|at| at % 5 < 2).collect()
}

/// Batches one after the other.
async fn batches(
    ctx: Ctx,
    extension: Extension,
    batches: &'static [(usize, Choices)],
) -> Result<Half, Abort> {
    let scope = ctx.scope("setup");
    let pair = pair(&scope);
    let mut halves = Vec::new();
    if ctx.id() == PartyId(1) {
        let mut receiver = Receives::set_up(&scope, &pair, extension).await?;
        for (at, (count, how)) in batches.iter().enumerate() {
            let scope = ctx.scope(("offline", at));
            let half = match how {
                Choices::Random => receiver.random(&scope, *count).await?,
                Choices::Chosen => receiver.chosen(&scope, &choices(*count)).await?,
            };
            halves.push((half.choices, half.t));
        }
        return Ok((Block::ZERO, halves));
    }
    let mut rng = ctx.scope("delta").rng();
    let delta = Block::random(|bytes| rand::Rng::fill_bytes(&mut rng, bytes));
    let mut sender = Sends::set_up(&scope, &pair, extension, delta).await?;
    for (at, (count, how)) in batches.iter().enumerate() {
        let half = sender.extend(&ctx.scope(("offline", at)), *count, *how).await?;
        halves.push((Bits::default(), half.q));
    }
    Ok((delta, halves))
}

fn are_correlated(delta: Block, q: &[Block], x: &Bits, t: &[Block]) -> bool {
    let fits = |((q, t), x): ((&Block, &Block), bool)| *t == *q ^ delta.if_set(x);
    q.len() == t.len() && x.len() == t.len() && q.iter().zip(t).zip(x.iter()).all(fits)
}

const BATCHES: [(usize, Choices); 4] =
    [(130, Choices::Random), (1001, Choices::Chosen), (0, Choices::Random), (600, Choices::Random)];

/// Bytes of both ends and rounds of set-up and batches, from the paper's steps.
#[test]
fn transfers_are_correlated_and_cost_what_is_declared() {
    let bases = [(TOY, BaseOt::Endemic), (TOY, BaseOt::Ideal), (AFTER_TOY, BaseOt::Simplest)];
    let ideal = [AFTER_TOY, SMALL, MIDDLE].map(|set| (set, BaseOt::Ideal));
    for (set, base) in bases.into_iter().chain(ideal) {
        for (is_malicious, width) in
            [(false, Width::Eight), (true, Width::Two), (false, Width::One)]
        {
            let extension = Extension { base, width, ..extension(set, is_malicious) };
            let (run, ends) = two(1, None, |ctx| batches(ctx, extension, &BATCHES));
            assert!(run.is_complete(), "{extension:?} {:?}", run.parties);
            let [Some((delta, sent)), Some((_, received))] = &ends else { panic!("both end") };
            for (((_, q), (x, t)), (count, how)) in sent.iter().zip(received).zip(BATCHES) {
                assert_eq!(q.len(), count);
                assert!(are_correlated(*delta, q, x, t), "{extension:?}");
                match how {
                    Choices::Chosen => assert_eq!(*x, choices(count)),
                    Choices::Random => {
                        let ones = x.count_ones();
                        assert!(ones.abs_diff(count / 2) <= count / 5, "{ones} of {count}");
                    }
                }
            }
            let (mut bill, mut waited, mut rounds) = (extension.bill(), 0, 0);
            let mut bytes = extension.set_up_bytes();
            for (count, how) in BATCHES {
                let batch = bill.batch(count, how);
                rounds = rounds.max(waited + batch.rounds);
                waited += batch.waits;
                bytes = [0, 1].map(|end| bytes[end] + batch.bytes[end]);
            }
            let sent = [0, 1].map(|party| run.metrics.parties[party].total().sent_bytes);
            assert_eq!(sent, bytes, "{extension:?}");
            let of = |phase: Phase| u64::from(run.rounds.phase[phase.index()]);
            assert_eq!(of(Phase::Setup), extension.set_up_rounds(), "{extension:?}");
            assert_eq!(of(Phase::Offline), rounds, "{extension:?}");
        }
    }
}
/// Who listens to what the receiver says.
struct Listens(Arc<Mutex<Vec<Vec<u8>>>>);

impl Adversary for Listens {
    fn corrupted(&self) -> Vec<PartyId> {
        Vec::new()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from == PartyId(1) && message.scope.starts_with("offline") {
            self.0.lock().expect("no panics").push(message.body.to_vec());
        }
        Decision::Pass
    }
}

/// Both iterations' noise, once the secret's part is taken off.
async fn noise_of(ctx: Ctx) -> Result<Vec<Bits>, Abort> {
    let scope = ctx.scope("setup");
    let (pair, with) = (pair(&scope), extension(SMALL, false));
    let scopes = [0, 1].map(|at| ctx.scope(("offline", at)));
    let mut noise = Vec::new();
    if ctx.id() == PartyId(0) {
        let soft = soft_spoken::Sender::set_up(&scope, &pair, with, Block::ONES).await?;
        let of = (&pair, Block::ONES);
        let mut sender = Sender::start(&scope.scope("silent"), of, soft, (SMALL, false)).await?;
        for scope in &scopes {
            sender.iterate(scope, SMALL).await?;
        }
        return Ok(noise);
    }
    let soft = soft_spoken::Receiver::set_up(&scope, &pair, with).await?;
    let mut receiver = Receiver::start(&scope.scope("silent"), &pair, soft, (SMALL, false)).await?;
    for scope in &scopes {
        let secret = receiver.kept.0.clone();
        receiver.iterate(scope, SMALL).await?;
        let mut bits = receiver.ready.0.clone();
        bits.append(&receiver.kept.0);
        let mut words = bits.words().to_vec();
        let zeros = vec![Block::ZERO; SMALL.dimension];
        let mut rows = vec![Block::ZERO; SMALL.rows()];
        let code = receiver.common.code(&SMALL);
        code.add_with_bits((&zeros, secret.words()), (&mut rows, &mut words));
        noise.push(Bits::from_words(words, SMALL.rows()));
    }
    Ok(noise)
}

#[test]
fn noise_is_regular_and_secret() {
    let heard = Arc::default();
    let (run, [_, noise]) = two(5, Some(Box::new(Listens(Arc::clone(&heard)))), noise_of);
    assert!(run.is_complete(), "{:?}", run.parties);
    let noise = noise.expect("the receiver ends");
    let points: Vec<Vec<usize>> = noise
        .iter()
        .map(|noise| {
            let block = |tree: usize| {
                let ones: Vec<usize> = (0..32).filter(|at| noise.get(tree * 32 + at)).collect();
                assert_eq!(ones.len(), 1, "tree {tree}");
                ones[0]
            };
            (0..SMALL.trees).map(block).collect()
        })
        .collect();
    let heard = heard.lock().expect("no panics").clone();
    for (points, body) in points.iter().zip(&heard) {
        // 288 draws of 32 positions.
        for position in 0..32 {
            let found = points.iter().filter(|point| **point == position).count();
            assert!((1..=24).contains(&found), "{found} of position {position}");
        }
        // What is said of choices is right for half of them.
        let choices = points::choices(&SMALL, points);
        let said = |at: usize| body[at / 8] >> (at % 8) & 1 == 1;
        let right = (0..choices.len()).filter(|at| said(*at) == choices.get(*at)).count();
        assert!(right.abs_diff(choices.len() / 2) < 120, "{right} of {}", choices.len());
    }
    let same = points[0].iter().zip(&points[1]).filter(|(a, b)| a == b).count();
    assert!(same < 30, "{same} points stay where they were");
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let digests =
        |seed| two(seed, None, |ctx| batches(ctx, extension(AFTER_TOY, true), &BATCHES)).0.digests;
    assert_eq!(digests(3), digests(3));
    assert_ne!(digests(3), digests(4));
}
