//! The evaluator: masked bits and labels of all garblers, from wire to wire.

use mpclab_kernels::{Block, Tweak, aes, hash};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::work;

use super::WrkPlan;
use super::tables::{Gates, tweak};
use crate::algebra::bits::Bits;
use crate::garbled::wires::{CHUNK, TABLES, Wires};
use crate::mutants;
use crate::oracle::Beside;
use crate::primitives::auth::{Holder, TAG};
use crate::primitives::ot::{Blocks, HASH};

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
    let of_garbler = |garbler: usize| {
        let tweak = tables.tweaks[garbler];
        let blocks = 2 * n * operands.len();
        let (mut tweaks, mut hashed) = (Vec::with_capacity(blocks), Vec::with_capacity(blocks));
        for (at, [a, b]) in (first..).zip(operands) {
            let [u, v] = [a, b].map(|wire| usize::from(wires.is(*wire)));
            let gate = if mutants::is("wrk/tweaks-repeat") { at % CHUNK } else { at };
            for (wire, start) in [(a, n * v), (b, 2 * n + n * u)] {
                let label = hash::sigma(wires.labels(*wire)[garbler]);
                hashed.resize(hashed.len() + n, label);
                tweaks.extend((0..n).map(|k| tweak.at(4 * n * gate + start + k)));
            }
        }
        work::did(HASH, blocks);
        let mut pads = hashed.clone();
        aes::encrypt_each(&tweaks, &mut pads);
        let mut opened = Vec::with_capacity(n * operands.len());
        for ((at, [a, b]), from) in (first..).zip(operands).zip((0..).step_by(2 * n)) {
            let [u, v] = [a, b].map(|wire| usize::from(wires.is(*wire)));
            let row = &tables.rows[garbler][n * (4 * at + 2 * u + v)..][..n];
            // H(x) = AES(sigma(x)) + sigma(x).
            opened.extend(row.iter().enumerate().map(|(k, block)| {
                let k = if mutants::is("wrk/pads-alike") { 0 } else { k };
                let [a, b] = [from + k, from + n + k].map(|at| pads[at] ^ hashed[at]);
                *block ^ a ^ b
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
    let holder = gates.out.holder();
    let (n, delta) = (holder.n, holder.delta);
    let rows = rows(n, tables, operands, first, wires);
    work::did(TAG, operands.len() * n * holder.tags());
    for (at, [a, b]) in operands.iter().enumerate() {
        let [u, v] = [a, b].map(|wire| wires.is(*wire));
        let [left, right, zero] = [&gates.left, &gates.right, &gates.out]
            .map(|of| (of.bits().get(first + at), of.tags(first + at)));
        Beside::tap(ctx, || {
            let own = [left.1, right.1, zero.1].into_iter().flatten().copied();
            let rows = tables.rows.iter();
            let rows = rows.flat_map(|rows| rows[4 * n * (first + at)..][..4 * n].iter().copied());
            own.chain(rows).collect()
        });
        let tag = |at: usize| zero.1[at] ^ right.1[at].if_set(u) ^ left.1[at].if_set(v);
        let mut masked = zero.0 ^ (u && right.0) ^ (v && left.0) ^ (u && v);
        let row = |garbler: usize| &rows[garbler][n * at..][..n];
        // The MAC of each garbler's share under the evaluator's key, which stands first, says the
        // share.
        for garbler in 0..n - 1 {
            let (mac, key) = (row(garbler)[0], tag(2 * garbler + 1));
            let bit = mac == key ^ delta;
            if !bit && mac != key && !mutants::is("wrk/rows-unchecked") {
                let culprit = PartyId::from(garbler + 1);
                return Err(blame(ctx, n, culprit, format!("rows of AND {}", first + at)));
            }
            masked ^= bit;
        }
        // A garbler's label, with the MACs of all others' shares under its key.
        wires.push(masked, |_, garbler| {
            let to = PartyId::from(garbler + 1);
            let others = (0..n - 1).filter(|other| *other != garbler);
            let macs = others.fold(tag(2 * garbler), |sum, other| {
                let me = PartyId::from(other + 1);
                sum ^ row(other)[Holder { me, ..holder }.slot(to)]
            });
            row(garbler)[n - 1] ^ macs
        });
    }
    Ok(())
}

/// Between two parties it was the other one. Among more, labels may be wrong because another
/// garbler's row was: nobody can say who.
pub(super) fn blame(ctx: &Ctx, n: usize, other: PartyId, step: String) -> Abort {
    match n {
        2 => ctx.cheating(vec![other], step),
        _ => ctx.check_failed(step),
    }
}
