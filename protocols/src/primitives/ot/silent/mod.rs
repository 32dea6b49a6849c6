//! Silent OT extension: iterations that make many correlated transfers from few, by LPN.
//!
//! Yang, Weng, Lan, Zhang, Wang, "Ferret: Fast Extension for coRRElated oT with Small Communication",
//! CCS 2020, with regular noise. From `k + t h` transfers, `q + x delta` at the receiver, an iteration
//! makes `n = t 2^h`, and keeps what the next one takes:
//! 1. Noise. In each of `t` blocks of `2^h` rows the receiver draws a point. For each level of the
//!    block's tree it tells by what its choice differs from that of one of `t h` transfers.
//! 2. Trees. The sender expands a tree of seeds for each block, and tells both sums of every level,
//!    one of which the receiver can read, and the sum of all leaves and `delta`
//!    (`points`). So both have `w = v + e delta` for a vector `e` with a one in each block.
//! 3. Against malicious parties: the check (`check`), for which 128 more transfers go.
//! 4. Code. With `k` transfers `q, t = q + x delta` and the public code `A` of ten terms a row:
//!    `q' = A q + v` for the sender, `x' = A x + e` and `t' = A t + w` for the receiver. That `x'` looks
//!    random is LPN with regular noise; see `sets` for what attacks on it take.
//!
//! SoftSpokenOT makes what the first iteration takes, or what that of a smaller set takes whose
//! transfers begin the large one, as in the paper. Where choices are chosen, the receiver tells what
//! they differ from the random ones by, a bit each.
//!
//! What a malicious sender may learn is in `check`: guesses of the noise, on average less than a
//! bit. A malicious receiver is bound by the transfers that it starts from: what it tells in step 1
//! is a choice of points, whatever it is, and that `delta` is one follows from those.
//!
//! A batch takes whole iterations. What is left of the last one serves the next batch.

pub(crate) mod attacks;
mod check;
mod ops;
mod points;
mod sets;
#[cfg(test)]
mod tests;

use mpclab_kernels::local_code::LocalCode;
use mpclab_kernels::{Block, Tweak};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::work;

use super::params::Choices;
use super::{Blocks, Pair, chosen_pads, pads, soft_spoken};
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::oracle::Kept;

pub(super) use ops::OPS;
use ops::ops_of;
pub use sets::{LARGE, MIDDLE, SETS, SMALL, Set};

/// What silent transfers rest on beside hashes.
pub const ASSUMPTION: &str = "learning parity with regular noise is hard for one random code of \
     ten terms a row, also where a guess about the noise was confirmed";

/// What both ends know of a pair.
struct Common {
    pair: Pair,
    set: Set,
    is_malicious: bool,
    /// Iterations that there were.
    iterations: u64,
    /// Of the next tree, and of the next pad.
    trees: Tweak,
    pads: Tweak,
}

impl Common {
    fn new(pair: &Pair, (set, is_malicious): (Set, bool)) -> Self {
        let [trees, pads] =
            ["mpclab silent ot trees v1", "mpclab silent ot pads v1"].map(|it| pair.tweak(it));
        Common { pair: pair.clone(), set, is_malicious, iterations: 0, trees, pads }
    }

    /// The set whose iteration comes first, and transfers that it takes.
    fn first(&self) -> (Set, usize) {
        let first = self.set.before.copied().unwrap_or(self.set);
        (first, first.needs(self.is_malicious))
    }

    /// Transfers that are kept for the next iteration.
    fn kept(&self) -> usize {
        self.set.needs(self.is_malicious)
    }

    /// The tweaks of an iteration, of its trees and of its pads, and its number.
    fn next(&mut self, set: &Set) -> (Tweak, Tweak, u64) {
        let next = (self.trees, self.pads, self.iterations);
        self.trees.index += 2 * set.trees as u64;
        self.pads.index += set.levels() as u64;
        self.iterations += 1;
        next
    }

    /// The code of a set, from a seed that nobody chose: the pair's name.
    fn code(&self, set: &Set) -> LocalCode {
        let name = self.pair.tweak("mpclab silent ot code v1");
        let seed = Tweak { index: set.dimension as u64, ..name }.at(0);
        let narrow = mutants::is("silent/secret-short");
        LocalCode::new(seed, if narrow { 8 } else { set.dimension })
    }
}

/// The part of a secret that a code reads: all of it.
fn read<T>(secret: &[T]) -> &[T] {
    if mutants::is("silent/secret-short") { &secret[..8.min(secret.len())] } else { secret }
}

/// Who sends transfers.
pub(super) struct Sender {
    common: Common,
    delta: Block,
    /// For the next iteration.
    kept: Vec<Block>,
    /// Made, of which so many are gone.
    ready: Vec<Block>,
    taken: usize,
}

impl Sender {
    /// Makes what the first iteration takes.
    ///
    /// # Errors
    /// `Cheating` if the receiver used several choices for one transfer.
    pub(super) async fn start(
        ctx: &Ctx,
        (pair, delta): (&Pair, Block),
        mut soft: soft_spoken::Sender,
        set: (Set, bool),
    ) -> Result<Self, Abort> {
        let common = Common::new(pair, set);
        let (first, needs) = common.first();
        let kept = soft.extend(ctx, needs, Choices::Random).await?;
        let mut sender = Sender { common, delta, kept, ready: Vec::new(), taken: 0 };
        if first != sender.common.set {
            sender.iterate(ctx, first).await?;
        }
        Ok(sender)
    }

    /// `q_i` of the next transfers.
    ///
    /// # Errors
    /// What receiving messages may fail with.
    pub(super) async fn extend(
        &mut self,
        ctx: &Ctx,
        count: usize,
        choices: Choices,
    ) -> Result<Vec<Block>, Abort> {
        let mut q = Vec::with_capacity(count);
        loop {
            let end = self.ready.len().min(self.taken + count - q.len());
            q.extend_from_slice(&self.ready[self.taken..end]);
            self.taken = end;
            if q.len() == count {
                break;
            }
            self.iterate(ctx, self.common.set).await?;
        }
        if choices == Choices::Chosen {
            let differ = ctx.recv::<Bits>(self.common.pair.receiver, count).await?;
            q.iter_mut().zip(differ.iter()).for_each(|(q, is)| *q ^= self.delta.if_set(is));
        }
        Ok(q)
    }

    /// One iteration of a set; all transfers that are ready have been taken.
    async fn iterate(&mut self, ctx: &Ctx, set: Set) -> Result<(), Abort> {
        let (trees, pad, iteration) = self.common.next(&set);
        let pair = &self.common.pair;
        let (secret, rest) = self.kept.split_at(set.dimension);
        let (levels, checked) = rest.split_at(set.levels());
        // 1. Noise.
        let differ = ctx.recv::<Bits>(pair.receiver, set.levels()).await?;
        let q = levels.iter().zip(differ.iter()).map(|(q, is)| *q ^ self.delta.if_set(is));
        let pads = pads(self.delta, pad, &q.collect::<Vec<Block>>());
        // 2. Trees.
        work::did(ops_of(set.depth)[0], set.trees);
        self.ready.resize(set.rows(), Block::ZERO);
        let roots = points::roots(ctx, &set);
        for root in &roots {
            Kept::tap(ctx, "root of a tree", 128, || Blocks(vec![*root]));
        }
        let own = (self.delta, &roots[..], &pads[..]);
        let told = points::plant((&set, trees), own, &mut self.ready);
        ctx.send(pair.receiver, &Blocks(told));
        // 3. The check.
        if self.common.is_malicious {
            check::answer(ctx, (pair, iteration, self.delta), &self.ready, checked).await?;
        }
        // 4. Code.
        if !mutants::is("silent/code-left-out") {
            self.common.code(&set).add(read(secret), &mut self.ready);
        }
        self.kept = self.ready.split_off(set.rows() - self.common.kept());
        self.taken = 0;
        Ok(())
    }
}

/// Who receives transfers.
pub(super) struct Receiver {
    common: Common,
    /// For the next iteration.
    kept: (Bits, Vec<Block>),
    /// Made, of which so many are gone.
    ready: (Bits, Vec<Block>),
    taken: usize,
}

impl Receiver {
    /// Makes what the first iteration takes.
    ///
    /// # Errors
    /// `Cheating` if trees are not what they have to be; what receiving messages may fail with.
    pub(super) async fn start(
        ctx: &Ctx,
        pair: &Pair,
        mut soft: soft_spoken::Receiver,
        set: (Set, bool),
    ) -> Result<Self, Abort> {
        let common = Common::new(pair, set);
        let (first, needs) = common.first();
        let kept = soft.extend(ctx, needs, None).await?;
        let mut receiver = Receiver { common, kept, ready: Default::default(), taken: 0 };
        if first != receiver.common.set {
            receiver.iterate(ctx, first).await?;
        }
        Ok(receiver)
    }

    /// `x_i` and `t_i` of the next transfers, with random choices or with these.
    ///
    /// # Errors
    /// `Cheating` if trees are not what they have to be; what receiving messages may fail with.
    pub(super) async fn extend(
        &mut self,
        ctx: &Ctx,
        count: usize,
        choices: Option<&Bits>,
    ) -> Result<(Bits, Vec<Block>), Abort> {
        let (mut x, mut t) = (Bits::default(), Vec::with_capacity(count));
        loop {
            let end = self.ready.1.len().min(self.taken + count - t.len());
            x.append(&self.ready.0.slice(self.taken..end));
            t.extend_from_slice(&self.ready.1[self.taken..end]);
            self.taken = end;
            if t.len() == count {
                break;
            }
            self.iterate(ctx, self.common.set).await?;
        }
        let Some(choices) = choices else { return Ok((x, t)) };
        ctx.send(self.common.pair.sender, &x.xor(choices));
        Ok((choices.clone(), t))
    }

    /// One iteration of a set; all transfers that are ready have been taken.
    async fn iterate(&mut self, ctx: &Ctx, set: Set) -> Result<(), Abort> {
        let (trees, pad, iteration) = self.common.next(&set);
        let pair = &self.common.pair;
        let (secret, rest) = self.kept.1.split_at(set.dimension);
        let (levels, checked) = rest.split_at(set.levels());
        let [secret_bits, level_bits, checked_bits] = {
            let end = set.dimension + set.levels();
            let kept = &self.kept.0;
            [0..set.dimension, set.dimension..end, end..kept.len()].map(|part| kept.slice(part))
        };
        // 1. Noise.
        let points = points::noise(ctx, &set);
        let choices = points::choices(&set, &points);
        Kept::tap(ctx, "noise", set.levels() as u32, || choices.clone());
        ctx.send(pair.sender, &choices.xor(&level_bits));
        if mutants::is("silent/choices-told") {
            ctx.scope("choices").send(pair.sender, &choices);
        }
        // 2. Trees.
        let pads = chosen_pads(pad, levels);
        let told = ctx.recv::<Blocks>(pair.sender, set.told()).await?.0;
        work::did(ops_of(set.depth)[1], set.trees);
        let (_, rows) = &mut self.ready;
        rows.resize(set.rows(), Block::ZERO);
        points::harvest((&set, trees), (&points, &pads), &told, rows);
        // 3. The check.
        if self.common.is_malicious {
            let (of, at) = ((pair, iteration), (&set, &points[..]));
            check::ask(ctx, of, at, rows, (&checked_bits, checked)).await?;
        }
        // 4. Code.
        let mut bits = points::bits(&set, &points);
        if !mutants::is("silent/code-left-out") {
            let secret = (read(secret), secret_bits.words());
            self.common.code(&set).add_with_bits(secret, (rows, &mut bits));
        }
        let (bits, end) = (Bits::from_words(bits, set.rows()), set.rows() - self.common.kept());
        self.kept = (bits.slice(end..set.rows()), rows.split_off(end));
        self.ready.0 = bits.slice(0..end);
        self.taken = 0;
        Ok(())
    }
}
