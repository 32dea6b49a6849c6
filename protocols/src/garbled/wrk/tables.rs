//! What is prepared for a circuit: masks of wires, products of masks, and rows.
//!
//! Block `k` of row `(u, v)` of AND `g` is hidden by `H(A_u, t) + H(B_v, t')`, where `A_u` and
//! `B_v` are the labels of masked inputs `u` and `v`, `H` is tweakable circular correlation robust
//! ([`tccr_pairs`]), and the tweaks are numbered so that no hash hides two blocks:
//!
//! | index | label | used in rows |
//! |---|---|---|
//! | `4 n g + n v + k` | of the left input | `(0, v)` and `(1, v)`, each with its own label |
//! | `4 n g + 2 n + n u + k` | of the right input | `(u, 0)` and `(u, 1)`, likewise |
//!
//! Whoever knows one label of each input knows both hashes of one row; in each other row at least
//! one hash is of a label that it does not know.

use mpclab_kernels::hash::tccr_pairs;
use mpclab_kernels::{Block, Tweak};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Op, PartyId};
use mpclab_sim::work;

use super::{EVALUATOR, Wrk, WrkPlan};
use crate::algebra::repeated;
use crate::garbled::wires::{self, CHUNK, LABELS, TABLES, and_wires, fresh_labels};
use crate::mutants;
use crate::primitives::auth::{self, AuthBits, Prepared, Triples};
use crate::primitives::ot::Pair;
use crate::protocol::Protocol;

/// Masks of all ANDs: of their inputs, and `sigma + lambda` of their outputs, which is `r_00`.
pub(super) struct Gates {
    pub(super) left: AuthBits,
    pub(super) right: AuthBits,
    pub(super) out: AuthBits,
}

/// All that a party has of a circuit before inputs are known.
pub(super) struct Masks {
    pub(super) gates: Gates,
    pub(super) outputs: AuthBits,
}

/// 1, 2. Masks of all wires, and the products of those that an AND reads.
pub(super) async fn masks(
    ctx: &Ctx,
    plan: &WrkPlan,
    prepared: &mut Prepared,
) -> Result<Masks, Abort> {
    let inputs = auth::masks(ctx, &plan.shared, prepared);
    let of = wires::masks(&plan.layered, inputs, |ands| {
        let out = prepared.take_shared(ctx, ands);
        if mutants::is("wrk/masks-repeat") { out.gather(&vec![0; out.len()]) } else { out }
    })?;
    let outputs = of.outputs.slice(0..plan.shared.output_bits());
    let wires::Masks { left, right, ands: mut out, .. } = of;
    if plan.ands() > 0 {
        let triples = prepared.triples.take(ctx, plan.ands())?;
        let differences = Triples::differences(&triples, [&left, &right]);
        let opened = auth::open(&ctx.scope("differences"), Wrk::NAME, &differences).await?;
        out ^= &Triples::products(&triples, &opened);
    }
    Ok(Masks { gates: Gates { left, right, out }, outputs })
}

/// A garbler's labels of the masked bit 0 of every wire.
pub(super) fn labels(ctx: &Ctx, plan: &WrkPlan) -> Vec<Block> {
    fresh_labels(ctx, plan.layered.circuit(), plan.ands(), mutants::is("wrk/labels-repeat"))
}

/// The tweak of a garbler's first row.
pub(super) fn tweak(ctx: &Ctx, garbler: PartyId) -> Tweak {
    Pair::new(ctx, Wrk::NAME, [garbler, EVALUATOR]).tweak("mpclab wrk rows v1")
}

/// 3. All rows of all ANDs, in messages.
pub(super) fn garble(ctx: &Ctx, plan: &WrkPlan, gates: &Gates, labels: &[Block]) {
    let wires: Vec<[u32; 3]> = and_wires(plan.layered.circuit()).collect();
    let first = tweak(ctx, ctx.id());
    for start in (0..wires.len()).step_by(TABLES) {
        let end = wires.len().min(start + TABLES);
        let mut rows = Vec::with_capacity((end - start) * 4 * gates.out.holder().n);
        for start in (start..end).step_by(CHUNK) {
            let end = end.min(start + CHUNK);
            chunk(gates, labels, &wires[start..end], (start, first), &mut rows);
        }
        ctx.send(EVALUATOR, &crate::primitives::ot::Blocks(rows));
    }
}

/// Appends the rows of some ANDs, of which the first has this number.
fn chunk(
    gates: &Gates,
    labels: &[Block],
    wires: &[[u32; 3]],
    (start, first): (usize, Tweak),
    rows: &mut Vec<Block>,
) {
    let holder = gates.out.holder();
    let (n, delta) = (holder.n, holder.delta);
    work::did(GARBLE, 4 * n * wires.len());
    let mut hashes: Vec<[Block; 2]> = Vec::with_capacity(4 * n * wires.len());
    for [a, b, _] in wires {
        for wire in [a, b] {
            let label = labels[*wire as usize];
            hashes.extend(std::iter::repeat_n([label, label ^ delta], 2 * n));
        }
    }
    let mut index = first.index + (4 * n * start) as u64;
    if mutants::is("wrk/tweaks-repeat") {
        index = first.index;
    }
    tccr_pairs(Tweak { index, ..first }, &mut hashes);
    for ((at, [.., out]), hashes) in (start..).zip(wires).zip(hashes.chunks_exact(4 * n)) {
        let (left, right, zero) = (gates.left.tags(at), gates.right.tags(at), gates.out.tags(at));
        let bit = |of: &AuthBits| of.bits().get(at);
        let (of_left, of_right, of_zero) = (bit(&gates.left), bit(&gates.right), bit(&gates.out));
        for (u, v) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let (with_right, with_left) = (Block::mask(u == 1), Block::mask(v == 1));
            let tag = |at: usize| zero[at] ^ (right[at] & with_right) ^ (left[at] & with_left);
            // The evaluator's share has u v added to it.
            let bit = of_zero ^ (u == 1 && of_right) ^ (v == 1 && of_left) ^ (u & v == 1);
            let mut own = labels[*out as usize] ^ delta.if_set(bit);
            let alike = mutants::is("wrk/pads-alike");
            let pad = |k: usize| if alike { 0 } else { k };
            let pad = |k: usize| hashes[v * n + pad(k)][u] ^ hashes[2 * n + u * n + pad(k)][v];
            for slot in 0..n - 1 {
                rows.push(tag(2 * slot) ^ pad(slot));
                own ^= tag(2 * slot + 1);
            }
            rows.push(own ^ pad(n - 1));
        }
    }
}

/// Price of a block of a row that is made, two hashes with it.
pub(crate) const GARBLE: Op = Op {
    key: "wrk.garble",
    unit: "block",
    parallel: true,
    work: Some(|calls, units| {
        let (gates, wires) = sample(3, units.div_ceil(4 * 3));
        let labels = vec![Block::ONES; LABELS];
        repeated(calls, units * Block::BYTES, || {
            let mut rows = Vec::with_capacity(4 * 3 * wires.len());
            for (start, wires) in (0..).step_by(CHUNK).zip(wires.chunks(CHUNK)) {
                chunk(&gates, &labels, wires, (start, Tweak::default()), &mut rows);
            }
            rows
        });
    }),
};

/// Shares of so many ANDs among `n` parties, and what each reads and makes, to be timed.
pub(super) fn sample(n: usize, ands: usize) -> (Gates, Vec<[u32; 3]>) {
    let ([left, right, out], wires) = wires::sample(n, ands);
    (Gates { left, right, out }, wires)
}
