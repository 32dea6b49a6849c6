//! Evaluation: masked bits and labels of all parties, from wire to wire.

use std::hint::black_box;

use mpclab_kernels::{Block, Tweak, aes, hash};
use mpclab_sim::vocabulary::{Abort, Op};
use mpclab_sim::{Ctx, work};

use super::BmrPlan;
use super::garbling::{both, number, sample, tweak};
use super::party::Prepared;
use crate::algebra::bits::Bits;
use crate::algebra::repeated;
use crate::garbled::wires::{CHUNK, LABELS, Wires, and_wires};
use crate::mutants;

/// Goes through the circuit, from masked inputs and everyone's labels of them; none where there
/// are no ANDs.
///
/// # Errors
/// `CheckFailed` if a label is neither of the own two: somebody has garbled or told something else.
pub(super) fn evaluate(
    ctx: &Ctx,
    plan: &BmrPlan,
    prepared: &Prepared,
    inputs: &Bits,
    labels: &[Vec<Block>],
) -> Result<Wires, Abort> {
    let circuit = plan.layered.circuit();
    let outputs: Vec<u32> = and_wires(circuit).map(|[.., out]| out).collect();
    let tweaks: Vec<Tweak> =
        plan.job.roles.computing().map(|party| tweak(&prepared.tables_scope, party)).collect();
    let (n, me, delta) = (plan.n(), ctx.id().index(), prepared.masks.holder.delta);
    let mut wires = Wires::new(circuit, inputs, labels);
    wires.walk(&plan.layered, |wires, operands, first| {
        work::did(EVALUATE, n * n * operands.len());
        let opened = rows(wires, &prepared.tables, (n, &tweaks), operands, first);
        for (at, labels) in (first..).zip(opened.chunks_exact(n)) {
            let zero = prepared.labels[outputs[at] as usize];
            let masked = labels[me] != zero;
            if masked && labels[me] != zero ^ delta {
                return Err(ctx.check_failed(format!("rows of AND {at}")));
            }
            wires.push(masked, |_, garbler| labels[garbler]);
        }
        Ok(())
    })?;
    Ok(wires)
}

/// Labels of all parties that the opened rows of some ANDs hold, of which the first has this
/// number.
fn rows(
    wires: &Wires,
    tables: &[Block],
    (n, tweaks): (usize, &[Tweak]),
    operands: &[[u32; 2]],
    first: usize,
) -> Vec<Block> {
    let row = |[a, b]: [u32; 2]| 2 * usize::from(wires.is(a)) + usize::from(wires.is(b));
    let mut opened = Vec::with_capacity(n * operands.len());
    for (at, operands) in (first..).zip(operands) {
        opened.extend_from_slice(&tables[(4 * at + row(*operands)) * n..][..n]);
    }
    if mutants::is("bmr/rows-unhashed") {
        return opened;
    }
    let mut keys = Vec::with_capacity(opened.len());
    for (party, tweak) in tweaks.iter().enumerate() {
        keys.clear();
        let mut hashed = Vec::with_capacity(opened.len());
        for (at, [a, b]) in (first..).zip(operands) {
            let label = both(wires.labels(*a)[party], wires.labels(*b)[party]);
            hashed.extend(std::iter::repeat_n(hash::sigma(label), n));
            let start = (4 * number(at) + row([*a, *b])) * n;
            keys.extend((start..start + n).map(|index| tweak.at(index)));
        }
        // H(x) = AES(sigma(x)) + sigma(x).
        let mut pads = hashed.clone();
        aes::encrypt_each(&keys, &mut pads);
        let pads = pads.iter().zip(&hashed);
        opened.iter_mut().zip(pads).for_each(|(block, (pad, x))| *block ^= *pad ^ *x);
    }
    opened
}

/// Price of a block of a row that is opened, for one party's hash of it.
pub(crate) const EVALUATE: Op = Op {
    key: "bmr.evaluate",
    unit: "block",
    parallel: true,
    work: Some(|calls, units| {
        let n = 3;
        let (_, wires) = sample(n, units.div_ceil(n * n));
        let operands: Vec<[u32; 2]> = wires.iter().map(|[a, b, _]| [*a, *b]).collect();
        let tables = vec![Block::ONES; 4 * n * operands.len()];
        let (inputs, labels) = (Bits::zeros(LABELS), vec![vec![Block::ONES; LABELS]; n]);
        let tweaks = vec![Tweak::default(); n];
        let mut wires = Wires::of(&inputs, &labels, operands.len());
        repeated(calls, 0, || {
            wires.truncate(LABELS);
            for (first, operands) in (0..).step_by(CHUNK).zip(operands.chunks(CHUNK)) {
                let opened = rows(&wires, &tables, (n, &tweaks), operands, first);
                for labels in black_box(&opened).chunks_exact(n) {
                    wires.push(labels[0] != Block::ZERO, |_, garbler| labels[garbler]);
                }
            }
        });
    }),
};
