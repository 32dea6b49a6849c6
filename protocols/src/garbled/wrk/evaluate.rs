//! The evaluator: masked bits and labels of all garblers, from wire to wire.

use std::hint::black_box;

use mpclab_kernels::{Block, Tweak, aes, hash, xor_into};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Op, PartyId};
use mpclab_sim::work;

use super::WrkPlan;
use super::tables::{Gates, sample, tweak};
use crate::algebra::bits::Bits;
use crate::algebra::repeated;
use crate::garbled::wires::{CHUNK, LABELS, TABLES, Wires};
use crate::mutants;
use crate::oracle::Beside;
use crate::primitives::auth::{AuthBits, Holder};
use crate::primitives::ot::Blocks;

/// All rows of all garblers, and the first tweak of each.
pub(super) struct Tables {
    rows: Vec<Vec<Block>>,
    tweaks: Vec<Tweak>,
}

impl Tables {
    /// Receives them.
    pub(super) async fn receive(ctx: &Ctx, plan: &WrkPlan) -> Result<Self, Abort> {
        let (ands, blocks) = (plan.ands(), 4 * plan.job.roles.compute);
        let mut rows = vec![Vec::with_capacity(ands * blocks); plan.garblers().count()];
        for start in (0..ands).step_by(TABLES) {
            let len = TABLES.min(ands - start) * blocks;
            let told = ctx.gather_from::<Blocks>(plan.garblers(), len).await?;
            for (rows, (_, Blocks(more))) in rows.iter_mut().zip(told) {
                rows.extend_from_slice(&more);
            }
        }
        let tweaks = plan.garblers().map(|garbler| tweak(ctx, garbler)).collect();
        Ok(Tables { rows, tweaks })
    }
}

/// Goes through the circuit, from masked inputs and the garblers' labels of them.
///
/// # Errors
/// `Cheating` with a garbler whose row has no MAC.
pub(super) fn evaluate(
    ctx: &Ctx,
    plan: &WrkPlan,
    gates: &Gates,
    tables: &Tables,
    inputs: (&Bits, &[Vec<Block>]),
) -> Result<Wires, Abort> {
    let (inputs, of_garblers) = inputs;
    let mut wires = Wires::new(plan.layered.circuit(), inputs, of_garblers);
    wires.walk(&plan.layered, |wires, operands, first| {
        ands(ctx, gates, tables, operands, first, wires)
    })?;
    Ok(wires)
}

/// Blocks of opened rows of some ANDs, of one garbler after the other.
fn rows(
    n: usize,
    tables: &Tables,
    operands: &[[u32; 2]],
    first: usize,
    wires: &Wires,
) -> Vec<Vec<Block>> {
    let masked: Vec<(usize, usize)> = operands
        .iter()
        .map(|[a, b]| (usize::from(wires.is(*a)), usize::from(wires.is(*b))))
        .collect();
    let of_garbler = |garbler: usize| {
        let tweak = tables.tweaks[garbler];
        let blocks = 2 * n * operands.len();
        let (mut tweaks, mut hashed) = (Vec::with_capacity(blocks), Vec::with_capacity(blocks));
        for ((at, [a, b]), (u, v)) in (first..).zip(operands).zip(&masked) {
            let gate = if mutants::is("wrk/tweaks-repeat") { at % CHUNK } else { at };
            for (wire, start) in [(a, n * v), (b, 2 * n + n * u)] {
                let label = hash::sigma(wires.labels(*wire)[garbler]);
                hashed.extend(std::iter::repeat_n(label, n));
                tweaks.extend((0..n).map(|k| tweak.at(4 * n * gate + start + k)));
            }
        }
        let mut pads = hashed.clone();
        aes::encrypt_each(&tweaks, &mut pads);
        // H(x) = AES(sigma(x)) + sigma(x).
        xor_into(&mut pads, &hashed);
        let mut opened = Vec::with_capacity(n * operands.len());
        for ((at, pads), (u, v)) in (first..).zip(pads.chunks_exact(2 * n)).zip(&masked) {
            let row = &tables.rows[garbler][n * (4 * at + 2 * u + v)..][..n];
            opened.extend(row.iter().enumerate().map(|(k, block)| {
                let k = if mutants::is("wrk/pads-alike") { 0 } else { k };
                *block ^ pads[k] ^ pads[n + k]
            }));
        }
        opened
    };
    (0..tables.rows.len()).map(of_garbler).collect()
}

/// Some ANDs, of which the first has this number.
fn ands(
    ctx: &Ctx,
    gates: &Gates,
    tables: &Tables,
    operands: &[[u32; 2]],
    first: usize,
    wires: &mut Wires,
) -> Result<(), Abort> {
    let n = gates.out.holder().n;
    Beside::tap(ctx, || {
        (first..first + operands.len()).map(|at| of_and(gates, tables, at)).collect()
    });
    work::did(EVALUATE, tables.rows.len() * n * operands.len());
    let rows = rows(n, tables, operands, first, wires);
    made(gates, &rows, operands, first, wires).map_err(|(at, garbler)| {
        let culprit = PartyId::from(garbler + 1);
        blame(ctx, n, culprit, format!("rows of AND {at}"))
    })
}

/// Blocks that the evaluator has of an AND: of its own shares, and rows of all garblers.
fn of_and(gates: &Gates, tables: &Tables, at: usize) -> Vec<Block> {
    let own = [&gates.left, &gates.right, &gates.out].into_iter().flat_map(|of| of.tags(at));
    let blocks = 4 * gates.out.holder().n;
    own.chain(tables.rows.iter().flat_map(|rows| &rows[blocks * at..][..blocks])).copied().collect()
}

/// Wires that some ANDs make, of which the first has this number, from what their rows hold.
///
/// # Errors
/// The AND and the garbler whose row has no MAC.
fn made(
    gates: &Gates,
    rows: &[Vec<Block>],
    operands: &[[u32; 2]],
    first: usize,
    wires: &mut Wires,
) -> Result<(), (usize, usize)> {
    let holder = gates.out.holder();
    let (n, delta) = (holder.n, holder.delta);
    // Where a garbler's row has the MAC of another one's share: garbler after garbler.
    let slots: Vec<Vec<usize>> = (0..n - 1).map(|garbler| slots(holder, garbler)).collect();
    for (at, [a, b]) in operands.iter().enumerate() {
        let (u, v) = (wires.is(*a), wires.is(*b));
        let (left, right, zero) =
            (gates.left.tags(first + at), gates.right.tags(first + at), gates.out.tags(first + at));
        let tag = |at: usize| zero[at] ^ right[at].if_set(u) ^ left[at].if_set(v);
        let bit = |of: &AuthBits| of.bits().get(first + at);
        let own = bit(&gates.out) ^ (u && bit(&gates.right)) ^ (v && bit(&gates.left));
        let mut masked = own ^ (u && v);
        // The MAC of each garbler's share under the evaluator's key, which stands first, says the
        // share.
        for (garbler, of_garbler) in rows.iter().enumerate() {
            let (mac, key) = (of_garbler[n * at], tag(2 * garbler + 1));
            let bit = mac == key ^ delta;
            if !bit && mac != key && !mutants::is("wrk/rows-unchecked") {
                return Err((first + at, garbler));
            }
            masked ^= bit;
        }
        // A garbler's label, with the MACs of all others' shares under its key.
        wires.push(masked, |_, garbler| {
            let own = rows[garbler][n * at + n - 1] ^ tag(2 * garbler);
            let others = rows.iter().zip(&slots[garbler]).enumerate();
            let others = others.filter(|(other, _)| *other != garbler);
            others.fold(own, |sum, (_, (row, slot))| sum ^ row[n * at + slot])
        });
    }
    Ok(())
}

/// For each other garbler, where its rows have the MAC under this one's key.
fn slots(holder: Holder, garbler: usize) -> Vec<usize> {
    let to = PartyId::from(garbler + 1);
    let of = |other: usize| Holder { me: PartyId::from(other + 1), ..holder }.slot(to);
    (0..holder.n - 1).map(|other| if other == garbler { 0 } else { of(other) }).collect()
}

/// Price of a block of a row that is opened and used, two hashes with it.
pub(crate) const EVALUATE: Op = Op {
    key: "wrk.evaluate",
    unit: "block",
    parallel: true,
    work: Some(|calls, units| {
        let n = 3;
        let (gates, wires) = sample(n, units.div_ceil(n * (n - 1)));
        let ands = gates.out.len();
        let tables = Tables {
            rows: vec![vec![Block::ONES; 4 * n * ands]; n - 1],
            tweaks: vec![Tweak::default(); n - 1],
        };
        // What opens has MACs that are right: of zeros, under keys that are zero.
        let zeros = vec![vec![Block::ZERO; n * ands.min(CHUNK)]; n - 1];
        let operands: Vec<[u32; 2]> = wires.iter().map(|[a, b, _]| [*a, *b]).collect();
        let inputs = Bits::zeros(LABELS);
        let labels = vec![vec![Block::ONES; LABELS]; n - 1];
        let mut wires = Wires::of(&inputs, &labels, ands);
        repeated(calls, 0, || {
            wires.truncate(LABELS);
            for (first, operands) in (0..).step_by(CHUNK).zip(operands.chunks(CHUNK)) {
                black_box(rows(n, &tables, operands, first, &wires));
                black_box(made(&gates, &zeros, operands, first, &mut wires).is_ok());
            }
        });
    }),
};

/// Between two parties it was the other one. Among more, labels may be wrong because another
/// garbler's row was: nobody can say who.
pub(super) fn blame(ctx: &Ctx, n: usize, other: PartyId, step: String) -> Abort {
    match n {
        2 => ctx.cheating(vec![other], step),
        _ => ctx.check_failed(step),
    }
}
