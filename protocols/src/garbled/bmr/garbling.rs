//! Labels, and shares of rows.
//!
//! A party hides its shares of row `(a, b)` of an AND, one for each party `j`, by
//! `H(A_a + sigma(B_b), t)`, where `A_a` and `B_b` are its labels of both inputs and `H` is
//! [`tccr`], which is re-keyed for each of the tweaks `t`: `(4 g + 2 a + b) n + j` of AND `g`. What
//! is hashed for the four rows differs by `a delta + b sigma(delta)`, none of which is zero:
//! `sigma` is a linear orthomorphism. So whoever has a label of each input, and not `delta`, knows
//! one hash of four, and the others are hashes of what it does not know, each under a key of its
//! own.

use mpclab_kernels::hash::{sigma, tccr};
use mpclab_kernels::{Block, Tweak, xor_into};
use mpclab_sim::vocabulary::{Abort, Op, PartyId};
use mpclab_sim::{Ctx, work};

use super::masks::Masks;
use super::{Bmr, BmrPlan};
use crate::algebra::bits::Bits;
use crate::algebra::repeated;
use crate::garbled::wires::{self, CHUNK, LABELS, TABLES, and_wires, fresh_labels};
use crate::mutants;
use crate::primitives::auth::{AuthBits, TAG};
use crate::primitives::ot::{Blocks, Pair};
use crate::protocol::Protocol;

/// The rows, in their order.
pub(super) const ROWS: [(bool, bool); 4] =
    [(false, false), (false, true), (true, false), (true, true)];

/// A party's labels of the masked bit 0 of every wire.
pub(super) fn labels(ctx: &Ctx, plan: &BmrPlan) -> Vec<Block> {
    fresh_labels(ctx, plan.layered.circuit(), plan.ands(), mutants::is("bmr/labels-repeat"))
}

/// The tweak of a party's first row.
pub(super) fn tweak(ctx: &Ctx, party: PartyId) -> Tweak {
    Pair::new(ctx, Bmr::NAME, [party; 2]).tweak("mpclab bmr rows v1")
}

/// The number of an AND among those that have tweaks of their own.
pub(super) fn number(and: usize) -> usize {
    if mutants::is("bmr/tweaks-repeat") { and % CHUNK } else { and }
}

/// What is hashed of two labels.
pub(super) fn both(left: Block, right: Block) -> Block {
    if mutants::is("bmr/one-label") { left } else { left ^ sigma(right) }
}

/// Step 4: sends shares of all rows to whoever evaluates; the sum of all, row after row, if that
/// is this party.
pub(super) async fn tables(
    ctx: &Ctx,
    plan: &BmrPlan,
    masks: &Masks,
    labels: &[Block],
) -> Result<Vec<Block>, Abort> {
    let wires: Vec<[u32; 3]> = and_wires(plan.layered.circuit()).collect();
    let (first, blocks) = (tweak(ctx, ctx.id()), 4 * plan.n());
    let evaluates = plan.evaluators().any(|party| party == ctx.id());
    let mut sum = Vec::with_capacity(if evaluates { blocks * wires.len() } else { 0 });
    for start in (0..wires.len()).step_by(TABLES) {
        let end = wires.len().min(start + TABLES);
        let mut rows = Blocks(Vec::with_capacity((end - start) * blocks));
        for start in (start..end).step_by(CHUNK) {
            let end = end.min(start + CHUNK);
            chunk(masks, labels, &wires[start..end], (start, first), &mut rows.0);
        }
        ctx.send_to(plan.evaluators(), &rows);
        if evaluates {
            sum.append(&mut rows.0);
        }
    }
    if evaluates {
        for start in (0..wires.len()).step_by(TABLES) {
            let end = wires.len().min(start + TABLES);
            let (all, len) = (plan.job.roles.computing(), (end - start) * blocks);
            for (_, Blocks(rows)) in ctx.gather_from::<Blocks>(all, len).await? {
                work::did(TAG, len);
                xor_into(&mut sum[start * blocks..end * blocks], &rows);
            }
        }
    }
    Ok(sum)
}

/// Appends a party's shares of the rows of some ANDs, of which the first has this number.
fn chunk(
    masks: &Masks,
    labels: &[Block],
    wires: &[[u32; 3]],
    (start, first): (usize, Tweak),
    rows: &mut Vec<Block>,
) {
    let Masks { holder, left, right, ands, .. } = masks;
    let (n, delta, me) = (holder.n, holder.delta, holder.me.index());
    work::did(GARBLE, 4 * n * wires.len());
    let mut hashes = Vec::with_capacity(4 * n * wires.len());
    for [a, b, _] in wires {
        let (a, b) = (labels[*a as usize], labels[*b as usize]);
        for (with_a, with_b) in ROWS {
            let hashed = both(a ^ delta.if_set(with_a), b ^ delta.if_set(with_b));
            hashes.extend(std::iter::repeat_n(hashed, n));
        }
    }
    let index = first.index + (4 * n * number(start)) as u64;
    tccr(Tweak { index, ..first }, &mut hashes);
    if mutants::is("bmr/rows-unhashed") {
        hashes.fill(Block::ZERO);
    }
    for ((at, [.., out]), hashes) in (start..).zip(wires).zip(hashes.chunks_exact(4 * n)) {
        let bit = |of: &AuthBits| of.bits().get(at);
        let (of_left, of_right, of_zero) = (bit(left), bit(right), bit(ands));
        let (left, right, zero) = (left.tags(at), right.tags(at), ands.tags(at));
        for ((a, b), hashes) in ROWS.into_iter().zip(hashes.chunks_exact(n)) {
            let tag = |at: usize| zero[at] ^ right[at].if_set(a) ^ left[at].if_set(b);
            let bit = of_zero ^ (a && of_right) ^ (b && of_left) ^ (a && b);
            let mut own = labels[*out as usize] ^ delta.if_set(bit);
            let place = rows.len();
            rows.extend_from_slice(hashes);
            for slot in 0..n - 1 {
                // Of another party, for which the own share has `t`.
                rows[place + slot + usize::from(slot >= me)] ^= tag(2 * slot);
                own ^= tag(2 * slot + 1);
            }
            rows[place + me] ^= own;
        }
    }
}

/// Price of a block of a row that is made, its hash with it.
pub(crate) const GARBLE: Op = Op {
    key: "bmr.garble",
    unit: "block",
    parallel: true,
    work: Some(|calls, units| {
        let (masks, wires) = sample(3, units.div_ceil(4 * 3));
        let labels = vec![Block::ONES; LABELS];
        repeated(calls, units * Block::BYTES, || {
            let mut rows = Vec::with_capacity(4 * 3 * wires.len());
            for (start, wires) in (0..).step_by(CHUNK).zip(wires.chunks(CHUNK)) {
                chunk(&masks, &labels, wires, (start, Tweak::default()), &mut rows);
            }
            rows
        });
    }),
};

/// Shares of so many ANDs among `n` parties, and what each reads and makes, to be timed.
pub(super) fn sample(n: usize, count: usize) -> (Masks, Vec<[u32; 3]>) {
    let ([left, right, ands], wires) = wires::sample(n, count);
    let [own, clients, outputs] = [(); 3].map(|()| Bits::default());
    (Masks { holder: ands.holder(), own, clients, left, right, ands, outputs }, wires)
}
