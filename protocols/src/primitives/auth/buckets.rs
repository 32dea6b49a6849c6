//! ANDs of which no bit is known, from leaky ones: `Pi_aAND` of Wang, Ranellucci, Katz, CCS 2017.
//!
//! Leaky ANDs are put into buckets by a random permutation, and those of a bucket are added up to
//! one: its `x` is the sum of all of theirs, so that it is hidden unless a cheater has guessed in
//! all of them.
//!
//! How large buckets have to be follows from what a cheater can gain: if it guesses in `t` of the
//! `l B` leaky ANDs, it passes with probability `2^-t`, and then some bucket of `B` holds guessed
//! ones alone with probability at most `l C(t, B) / C(l B, B)`, for its guesses are chosen before
//! the permutation is tossed. The product is largest for `t` = `2 B`. For 280,000 ANDs, 3,100 and
//! 320 it is below `2^-40` from `B` = 3, 4 and 5 on: the figures of Wang, Ranellucci, Katz,
//! "Authenticated Garbling and Efficient Maliciously Secure Two-Party Computation", CCS 2017, table
//! 4.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::work;
use rand::Rng;

use super::coins::{TOSS, toss};
use super::opening::opening_bytes;
use super::{AuthBits, SHUFFLE, Session, open};
use crate::circuit::BitSharing;
use crate::engine::cost::Cost;
use crate::mutants;
use crate::oracle::{CHALLENGE, Challenge};
use crate::primitives::Prg;

/// ANDs that are made at a time: what they are made of is held meanwhile.
const MOST: usize = 1 << 19;

/// ANDs that are made together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// ANDs that are used.
    pub used: usize,
    /// Buckets: ANDs that are made.
    pub buckets: usize,
    /// Leaky ANDs of a bucket.
    pub size: usize,
}

impl Batch {
    /// Batches of so many ANDs in all, such that nothing leaks but for a probability of `2^-sigma`
    /// in all; of each, the cheapest.
    #[must_use]
    pub fn of(count: usize, sigma: u32) -> Vec<Batch> {
        let batches = count.div_ceil(MOST);
        let sigma = sigma + batches.max(1).next_power_of_two().trailing_zeros();
        let mut all = Vec::with_capacity(batches);
        for start in (0..count).step_by(MOST) {
            all.push(Batch::one(MOST.min(count - start), sigma));
        }
        all
    }

    /// One batch, with fewest leaky ANDs.
    fn one(used: usize, sigma: u32) -> Batch {
        if mutants::is("auth/bucket-of-one") {
            return Batch { used, buckets: used, size: 1 };
        }
        // A single bucket leaks with probability 2^-B.
        let sizes = 2..=(sigma as usize).max(2);
        let batches = sizes.filter_map(|size| {
            let enough = |buckets: usize| leaks_at_most(buckets, size, sigma);
            let (mut low, mut high) = (used, used);
            while !enough(high) {
                high = high.checked_mul(2).filter(|high| *high <= 1 << 40)?;
            }
            while low < high {
                let middle = low + (high - low) / 2;
                match enough(middle) {
                    true => high = middle,
                    false => low = middle + 1,
                }
            }
            Some(Batch { used, buckets: high, size })
        });
        let least = batches.min_by_key(|batch| (batch.leaky(), batch.size));
        least.unwrap_or(Batch { used, buckets: used, size: sigma.max(2) as usize })
    }

    /// Leaky ANDs in all.
    #[must_use]
    pub const fn leaky(self) -> usize {
        self.buckets * self.size
    }

    /// Probability at most that a cheater passes and knows a bit.
    #[must_use]
    pub fn leaks(self) -> f64 {
        leaks(self.buckets, self.size)
    }

    /// What the buckets cost among `n` parties.
    pub(super) fn cost(self, n: usize) -> Cost {
        let differences = opening_bytes(self.buckets * (self.size - 1));
        let differences = if self.size > 1 { differences } else { 0 };
        let rounds = 2 + u64::from(self.size > 1);
        Cost { bytes: (n * (n - 1)) as u64 * (TOSS + differences), rounds }
    }
}

/// `l 2^-t C(t, B) / C(l B, B)` where it is largest. Products and quotients alone: every machine
/// rounds them alike.
fn leaks(buckets: usize, size: usize) -> f64 {
    let all = buckets * size;
    let guesses = all.min(2 * size);
    let hit = (0..size).map(|at| (guesses - at) as f64 / (all - at) as f64).product::<f64>();
    (0..guesses).fold(buckets as f64 * hit, |all, _| all / 2.0)
}

fn leaks_at_most(buckets: usize, size: usize, sigma: u32) -> bool {
    (0..sigma).fold(leaks(buckets, size), |all, _| all * 2.0) <= 1.0
}

/// A uniform number below a bound: Lemire, "Fast Random Integer Generation in an Interval", TOMACS
/// 2019. What would make some numbers likelier is drawn again.
fn below(bound: u64, rng: &mut impl Rng) -> u64 {
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        // A division for one draw of 2^64 / bound alone.
        let low = product as u64;
        if low >= bound || low >= bound.wrapping_neg() % bound {
            return (product >> 64) as u64;
        }
    }
}

/// A uniform permutation.
pub(super) fn permutation(len: usize, rng: &mut impl Rng) -> Vec<u32> {
    work::did(SHUFFLE, len);
    let mut places: Vec<u32> = (0..len as u32).collect();
    // Fisher and Yates.
    for last in (1..len).rev() {
        places.swap(last, below(last as u64 + 1, rng) as usize);
    }
    places
}

/// One AND from each bucket; those that are used.
pub(super) async fn combine(
    ctx: &Ctx,
    session: &Session,
    [x, y, z]: [&AuthBits; 3],
    batch: Batch,
) -> Result<[AuthBits; 3], Abort> {
    // 2. A permutation that is tossed when all leaky ANDs are fixed.
    let coins = ctx.scope("coins");
    let seed = toss(&coins, session.protocol).await?;
    let path = coins.path();
    let domain = session.domain(&coins, mpclab_sim::vocabulary::PartyId(0), &path);
    let mut places = permutation(batch.leaky(), &mut Prg::of(ctx, seed, &domain));
    if mutants::is("auth/permutation-constant") {
        places = (0..batch.leaky() as u32).collect();
    }
    ctx.tap(CHALLENGE, || Challenge {
        among: batch.leaky() as u128,
        drawn: places.first().map(|place| u128::from(*place)).into_iter().collect(),
    });
    // Member k of all buckets, side by side.
    let member =
        |k: usize| -> Vec<u32> { places.iter().skip(k).step_by(batch.size).copied().collect() };
    let first = member(0);
    let [mut sum, y0, mut products] = [x, y, z].map(|of| of.gather(&first));
    let others: Vec<Vec<u32>> = (1..batch.size).map(member).collect();
    // 3. (a) Open d = y' + y'', with MACs.
    let mut differences = AuthBits::none(session.holder);
    differences.reserve(others.len() * batch.buckets);
    for places in &others {
        let mut difference = y.gather(places);
        difference ^= &y0;
        differences.extend(&difference);
    }
    if !differences.is_empty() {
        let opened = open(&ctx.scope("differences"), session.protocol, &differences).await?;
        // (b) x = x' + x'', y = y', z = z' + z'' + d x''.
        for (at, places) in others.iter().enumerate() {
            let d = opened.slice(at * batch.buckets..(at + 1) * batch.buckets);
            let x = x.gather(places);
            sum ^= &x;
            products ^= &z.gather(places);
            products ^= &x.times(&d);
        }
    }
    Ok([sum, y0, products].map(|of| of.slice(0..batch.used)))
}
