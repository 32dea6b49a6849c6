use std::sync::{Arc, Mutex};

use mpclab_kernels::aes::AesPrg;
use mpclab_kernels::gf128;
use mpclab_kernels::hash::tccr;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{PartyId, Phase};
use mpclab_sim::{Config, Ideal, PartyEnd, PartyFuture, Run, RunSeed, Simulation};

use super::super::tests::pair;
use super::super::{BaseOt, Extension, KAPPA, OtParams, Receiver as Receives, Scheme};
use super::super::{Sender as Sends, Width, base};
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

/// The paper's steps, a block at a time.
struct Slow {
    set: Set,
    trees: Tweak,
    delta: Block,
    roots: Vec<Block>,
}

impl Slow {
    fn hashed(block: Block, tweak: Tweak) -> Block {
        let mut one = [block];
        tccr(tweak, &mut one);
        one[0]
    }

    /// A node: the path to it is the upper bits of a leaf.
    fn node(&self, tree: usize, level: usize, index: usize) -> Block {
        (0..=level).fold(self.roots[tree], |node, at| {
            let side = index >> (level - at) & 1;
            let index = self.trees.index + 2 * tree as u64 + side as u64;
            Slow::hashed(node, Tweak { index, ..self.trees })
        })
    }

    fn leaf(&self, row: usize) -> Block {
        let Set { depth, .. } = self.set;
        self.node(row >> depth, depth - 1, row & ((1 << depth) - 1))
    }

    fn sum(&self, tree: usize, level: usize, side: usize) -> Block {
        let nodes = (0..2 << level).filter(|index| index & 1 == side);
        nodes.fold(Block::ZERO, |sum, index| sum ^ self.node(tree, level, index))
    }

    /// What the sender says of all trees, under pads of `q` as the receiver turned it.
    fn told(&self, q: &[Block], pads: Tweak) -> Vec<Block> {
        let Set { trees, depth, .. } = self.set;
        let mut told = Vec::new();
        for tree in 0..trees {
            for level in 0..depth {
                let at = tree * depth + level;
                for side in 0..2 {
                    let q = q[at] ^ self.delta.if_set(side == 1);
                    let tweak = Tweak { index: pads.index + at as u64, ..pads };
                    told.push(self.sum(tree, level, side) ^ Slow::hashed(q, tweak));
                }
            }
            let leaves = (tree << depth)..((tree + 1) << depth);
            told.push(leaves.fold(self.delta, |sum, row| sum ^ self.leaf(row)));
        }
        told
    }

    /// Ten places of a row.
    fn places(&self, seed: Block, row: usize) -> Vec<usize> {
        let mut stream = vec![0; 40 * (row + 1)];
        AesPrg::new(seed).fill(&mut stream);
        let words = stream[40 * row..].as_chunks::<4>().0.iter();
        let dimension = self.set.dimension as u64;
        words
            .map(|word| ((u64::from(u32::from_le_bytes(*word)) * dimension) >> 32) as usize)
            .collect()
    }
}

fn drawn(seed: u128, len: usize) -> Vec<Block> {
    let mut blocks = vec![Block::ZERO; len];
    AesPrg::new(Block::from_u128(seed)).fill_blocks(&mut blocks);
    blocks
}

/// Trees, noise and code of one iteration, against their definitions and a digest.
#[test]
fn an_iteration_is_what_the_paper_says() {
    let set = Set { name: "odd", trees: 5, depth: 4, dimension: 33, before: None };
    let (trees, pad) = (
        Tweak { session: Block::from_u128(11 << 64), index: 40 },
        Tweak { session: Block::from_u128(13 << 64), index: 7 },
    );
    let (delta, seed) = (drawn(1, 1)[0], drawn(2, 1)[0]);
    let slow = Slow { set, trees, delta, roots: drawn(3, set.trees) };
    // Transfers to begin with.
    let (q, flags) = (drawn(4, set.dimension + set.levels()), drawn(5, 1)[0].to_u128());
    let x: Bits = (0..q.len()).map(|at| flags >> (at % 128) & 1 == 1).collect();
    let t: Vec<Block> = q.iter().zip(x.iter()).map(|(q, x)| *q ^ delta.if_set(x)).collect();
    let points = [0, 15, 7, 8, 2];
    let choices = points::choices(&set, &points);
    let of_points: Vec<bool> = points
        .iter()
        .flat_map(|point| (0..4).rev().map(move |bit| point >> bit & 1 == 0))
        .collect();
    assert_eq!(choices.iter().collect::<Vec<bool>>(), of_points);
    let differ = choices.xor(&x.slice(set.dimension..q.len()));
    let turned: Vec<Block> =
        q[set.dimension..].iter().zip(differ.iter()).map(|(q, is)| *q ^ delta.if_set(is)).collect();
    // 2. Trees.
    let both = pads(delta, pad, &turned);
    let mut v = vec![Block::ZERO; set.rows()];
    let told = points::plant((&set, trees), (delta, &slow.roots, &both), &mut v);
    assert_eq!(told, slow.told(&turned, pad));
    assert_eq!(told.len(), set.told());
    let mut w = vec![Block::ZERO; set.rows()];
    let chosen = chosen_pads(pad, &t[set.dimension..]);
    points::harvest((&set, trees), (&points, &chosen), &told, &mut w);
    let mut noise = points::bits(&set, &points);
    for row in 0..set.rows() {
        let is_point = points[row >> 4] == row & 15;
        assert_eq!(v[row], slow.leaf(row), "row {row}");
        assert_eq!(w[row], slow.leaf(row) ^ delta.if_set(is_point), "row {row}");
        assert_eq!(noise[row / 64] >> (row % 64) & 1 == 1, is_point, "row {row}");
    }
    // 4. Code.
    let code = LocalCode::new(seed, set.dimension);
    code.add(&q[..set.dimension], &mut v);
    code.add_with_bits((&t[..set.dimension], x.words()), (&mut w, &mut noise));
    for row in 0..set.rows() {
        let places = slow.places(seed, row);
        let add = |own: &[Block], leaf| places.iter().fold(leaf, |sum, at| sum ^ own[*at]);
        let is_point = points[row >> 4] == row & 15;
        let bit = places.iter().fold(is_point, |bit, at| bit ^ x.get(*at));
        assert_eq!(v[row], add(&q, slow.leaf(row)), "row {row}");
        assert_eq!(w[row], add(&t, slow.leaf(row) ^ delta.if_set(is_point)), "row {row}");
        assert_eq!(noise[row / 64] >> (row % 64) & 1 == 1, bit, "row {row}");
    }
    let all = [&told[..], &v, &w].map(Block::as_bytes).concat();
    assert_eq!(blake3::hash(&all).to_hex()[..16], *"5d517b665cc94734");
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

// ---- cheaters ----

/// Flips bits of blocks of a corrupted party's message with this number in a scope.
#[derive(Clone, Copy)]
struct Flips(PartyId, &'static str, u32, &'static [usize]);

impl Adversary for Flips {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![self.0]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let Flips(from, scope, occurrence, blocks) = *self;
        if (message.from, message.scope, message.occurrence) != (from, scope, occurrence) {
            return Decision::Pass;
        }
        let mut body = message.body.to_vec();
        blocks.iter().for_each(|block| body[block * Block::BYTES] ^= 1);
        Decision::Replace(body)
    }
}

const ONE: [(usize, Choices); 1] = [(200, Choices::Random)];

/// In how many of so many runs the other one notices; where it does not, transfers are right.
fn caught(flips: Flips, runs: u64) -> u64 {
    caught_by(extension(TOY, true), flips, runs)
}

fn caught_by(extension: Extension, flips: Flips, runs: u64) -> u64 {
    let (cheater, honest) = (flips.0, 1 - flips.0.index());
    let is_caught = |seed: &u64| {
        let (run, ends) = two(*seed, Some(Box::new(flips)), |ctx| batches(ctx, extension, &ONE));
        match &run.parties[honest].0 {
            PartyEnd::Output(_) => {
                let [Some((delta, sent)), Some((_, received))] = &ends else { panic!("both end") };
                let ((_, q), (x, t)) = (&sent[0], &received[0]);
                assert!(are_correlated(*delta, q, x, t), "seed {seed}");
                false
            }
            PartyEnd::Abort(Abort::Cheating { culprits, .. }) => *culprits == [cheater],
            end => panic!("{end:?}"),
        }
    };
    (0..runs).filter(is_caught).count() as u64
}

/// A wrong sum is noticed by who takes it: a tree's point is on its side with probability one half
/// for each level, and who passes has guessed where points are.
#[test]
fn wrong_trees_are_caught_unless_the_point_is_guessed() {
    const SENDER: PartyId = PartyId(0);
    // Trees of five levels: eleven blocks each.
    let of = |blocks| Flips(SENDER, "offline[0]", 0, blocks);
    let one = caught(of(&[0]), 200);
    assert!((70..=130).contains(&one), "{one} of 200, 100 expected");
    let other_side = caught(of(&[11 * 15 + 9]), 200);
    assert!((70..=130).contains(&other_side), "{other_side} of 200, 100 expected");
    let three_trees = caught(of(&[0, 13, 26]), 200);
    assert!((155..=193).contains(&three_trees), "{three_trees} of 200, 175 expected");
    let whole_path = caught(of(&[1, 2, 5, 6, 8]), 200);
    assert!((183..=200).contains(&whole_path), "{whole_path} of 200, 194 expected");
    // Both sides, the sum of all leaves, and the hash: nothing is left to guess.
    assert_eq!(caught(of(&[0, 1]), 60), 60);
    assert_eq!(caught(of(&[10]), 60), 60);
    assert_eq!(caught(Flips(SENDER, "offline[0]", 1, &[0]), 60), 60);
}

/// Another choice in a field of the transfers that an iteration starts from.
#[test]
fn a_receiver_is_bound_by_what_it_starts_from() {
    let flips = Flips(PartyId(1), "setup/silent", 0, &[0]);
    let eight = Extension { width: Width::Eight, ..extension(TOY, true) };
    let caught = caught_by(eight, flips, 40);
    assert!(caught >= 38, "{caught} of 40");
}

/// A sender that adds an error to a tree's leaf sum and to its answer, as if the point was the first.
async fn guesses(ctx: Ctx, set: Set) -> Result<Half, Abort> {
    let error = Block::from_u128(0xdead_beef << 77);
    let scope = ctx.scope("setup");
    let (of, with) = (pair(&scope), extension(set, true));
    let offline = ctx.scope("offline");
    if ctx.id() == PartyId(1) {
        let mut receiver = Receives::set_up(&scope, &of, with).await?;
        let half = receiver.random(&offline, 20).await?;
        return Ok((Block::ZERO, vec![(half.choices, half.t)]));
    }
    let soft = soft_spoken::Sender::set_up(&scope, &of, with, Block::ONES).await?;
    let silent = scope.scope("silent");
    let mut sender = Sender::start(&silent, (&of, Block::ONES), soft, (set, true)).await?;
    let (trees, pad, iteration) = sender.common.next(&set);
    let (levels, checked) = sender.kept[set.dimension..].split_at(set.levels());
    let differ = offline.recv::<Bits>(of.receiver, set.levels()).await?;
    let turned = levels.iter().zip(differ.iter()).map(|(q, is)| *q ^ Block::ONES.if_set(is));
    let pads = pads(Block::ONES, pad, &turned.collect::<Vec<_>>());
    let mut rows = vec![Block::ZERO; set.rows()];
    let own = (Block::ONES, &points::roots(&offline, &set)[..], &pads[..]);
    let mut told = points::plant((&set, trees), own, &mut rows);
    told[2 * set.depth] ^= error;
    offline.send(of.receiver, &Blocks(told));
    let asked = offline.recv::<Blocks>(of.receiver, 2).await?.0;
    let v = check::sum(asked[0], &rows) ^ check::packed(checked);
    let v = v ^ gf128::mul(asked[1], Block::ONES);
    let guess = gf128::mul(check::sum_at(asked[0], [0].into_iter()), error);
    offline.send(of.receiver, &check::digest(&of, iteration, v ^ guess).to_vec());
    Ok((error, Vec::new()))
}

/// The best that a sender can do who knows the coefficients: one of four points.
#[test]
fn a_sender_that_answers_for_a_guess_passes_as_often_as_it_is_right() {
    let set = Set { name: "flat", trees: 100, depth: 2, dimension: 40, before: None };
    let passes = |seed: &u64| {
        let (run, _) = two(*seed, None, |ctx| guesses(ctx, set));
        match &run.parties[1].0 {
            PartyEnd::Output(_) => true,
            PartyEnd::Abort(Abort::Cheating { culprits, .. }) => {
                assert_eq!(*culprits, [PartyId(0)]);
                false
            }
            end => panic!("{end:?}"),
        }
    };
    let passed = (0..160).filter(passes).count();
    assert!((20..=62).contains(&passed), "{passed} of 160, 40 expected");
}

// ---- sizes ----

#[test]
fn the_size_is_the_cheapest_for_what_is_needed() {
    for is_malicious in [false, true] {
        let any = Extension { width: Width::Eight, ..extension(LARGE, is_malicious) };
        let name = |transfers| any.for_demand(transfers).silent.map(|set| set.name);
        assert_eq!([0, 1, 5_000, 20_000].map(name), [Some("small"); 4]);
        assert_eq!([50_000, 600_000].map(name), [Some("middle"); 2]);
        assert_eq!([2_000_000, 100_000_000].map(name), [Some("large"); 2]);
    }
    let soft = Extension { silent: None, ..extension(LARGE, false) };
    assert_eq!(soft.for_demand(1 << 30), soft);
}

/// The paper's figures of an iteration of the large set, with one round trip each.
#[test]
fn ten_million_transfers_take_570_kilobytes() {
    // 1,319 trees of 13 levels: two blocks each and one for all, and a bit each from the receiver.
    let sender = 1_319 * (2 * 13 + 1) * 16;
    let receiver = (1_319_u64 * 13).div_ceil(8);
    assert_eq!(LARGE.bytes(false), [sender, receiver]);
    assert_eq!(LARGE.rows(), 10_805_248);
    assert_eq!(LARGE.yields(false), 10_805_248 - 589_760 - 1_319 * 13);
    let bits = 8.0 * (sender + receiver) as f64 / LARGE.yields(false) as f64;
    assert!((0.44..0.46).contains(&bits), "{bits} bits a transfer");
    for set in SETS {
        for is_malicious in [false, true] {
            let before = set.before.map_or(usize::MAX, |before| before.rows());
            assert!(before >= set.needs(is_malicious), "{}", set.name);
            assert!(set.rows() > 2 * set.needs(is_malicious), "{}", set.name);
        }
    }
}

/// What is left of an iteration serves the next batch.
#[test]
fn a_batch_begins_with_what_the_last_one_left() {
    let mut bill = extension(SMALL, false).bill();
    let yields = SMALL.yields(false);
    assert_eq!(yields, 9_216 - 2_688 - 1_440);
    assert_eq!(bill.batch(yields - 10, Choices::Random).iterations, 1);
    assert_eq!((bill.left(), bill.batch(10, Choices::Random).bytes), (10, [0, 0]));
    let batch = bill.batch(2 * yields + 1, Choices::Chosen);
    assert_eq!((batch.iterations, batch.rounds, bill.left()), (3, 7, yields - 1));
    let large = extension(LARGE, true).bill();
    assert_eq!(large.left(), 649_728 - 589_760 - 1_319 * 13 - 128);
}

#[test]
fn scenarios_name_the_extension() {
    let silent: OtParams = serde_json::from_str(r#"{ "extension": "silent" }"#).expect("known");
    assert_eq!(silent, OtParams { extension: Scheme::Silent, ..OtParams::DEFAULT });
    assert_eq!(OtParams::default(), OtParams::DEFAULT);
    let soft: OtParams = serde_json::from_str(r#"{ "extension": "softspoken" }"#).expect("known");
    assert_eq!(soft, OtParams::DEFAULT);
    assert!(serde_json::from_str::<OtParams>(r#"{ "extension": "silver" }"#).is_err());
    // What scenarios did not say before is not written: their cells stay the same.
    assert_eq!(serde_json::to_string(&soft).expect("plain"), r#"{"width":2,"base":"endemic"}"#);
    assert_eq!(
        silent.to_string(),
        "silent OT extension, which starts from transfers over fields of 2^2, endemic base transfers"
    );
    let simplest = OtParams { base: BaseOt::Simplest, ..silent };
    assert!(simplest.malicious().is_err() && silent.malicious().is_ok_and(|it| it.is_malicious));
}
