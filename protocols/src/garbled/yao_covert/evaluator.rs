//! The evaluator.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;
use rand::Rng;

use super::{CovertPlan, HASH, Scopes, YaoCovert};
use crate::algebra::bits::Bits;
use crate::garbled::opening::{self, Circuit, cheats};
use crate::garbled::{EVALUATOR, GARBLER};
use crate::mutants;
use crate::oracle::{CHALLENGE, Challenge, Computed};
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// Where a malicious evaluator deviates; an honest one does nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deviation {
    /// Whether it tells the garbler other outputs, with labels of a circuit whose seed it has.
    pub(super) forges: bool,
}

pub(super) async fn evaluate(
    ctx: &Ctx,
    plan: &CovertPlan,
    input: &Inputs,
    how: Deviation,
) -> Result<Outputs, Abort> {
    let (cut, two) = (&plan.cut, &plan.cut.two);
    let (pads, choices) = opening::transfers(ctx, cut, YaoCovert::NAME).await?;
    let scopes = Scopes::new(ctx);
    let place = &scopes.place;
    // 1. Which circuit it evaluates, and its input.
    let evaluates = challenge(&place.input, cut.replicas);
    let bits = two.evaluator_input(&place.input, input)?;
    let encoded = cut.encoding.encode(&bits, &mut place.input.scope("encoding").rng());
    if mutants::is("covert/choice-told") {
        place.input.scope("chance").send(GARBLER, &choices.slice(0..cut.replicas));
    }
    place.input.send(GARBLER, &Bits::concat([&evaluates, &encoded]).xor(&choices));
    // 3. All circuits but one are garbled again, and one is evaluated.
    let mut circuits = opening::keys_and_labels(place, cut, &pads, [&evaluates, &encoded]).await?;
    opening::tables(place, cut, &mut circuits).await?;
    let (ctx, width) = (&scopes.circuits, 2 * HASH * cut.brought);
    let committed = match width {
        0 => Vec::new(),
        _ => ctx.recv::<Vec<u8>>(GARBLER, width * cut.replicas).await?,
    };
    let decoded = 2 * HASH * two.output_bits();
    let decoding = match decoded {
        0 => Vec::new(),
        _ => ctx.recv::<Vec<u8>>(GARBLER, decoded * cut.replicas).await?,
    };
    let (mut result, mut known) = (Bits::default(), (Block::ZERO, Vec::new()));
    let mut checked = (Block::ZERO, Vec::new());
    for (at, circuit) in circuits.into_iter().enumerate() {
        let committed = &committed[width * at..width * (at + 1)];
        let decoding = &decoding[decoded * at..decoded * (at + 1)];
        match circuit {
            Circuit::Checked { replica, outputs, .. } => {
                let again = scopes.committed(at, &replica.garbler, replica.delta);
                if !mutants::is("covert/commitments-unchecked") && again != committed {
                    return Err(cheats(ctx, "3. commitments to labels", at));
                }
                let again = scopes.decoding(at, &outputs, replica.delta);
                if !mutants::is("covert/decoding-unchecked") && again != decoding {
                    return Err(cheats(ctx, "3. decoding of outputs", at));
                }
                checked = (replica.delta, outputs);
            }
            Circuit::Evaluated { key, garbler, outputs, .. } => {
                let pairs = committed.as_chunks::<HASH>().0.as_chunks::<2>().0;
                let is_committed = |(bit, (label, pair)): (usize, (&Block, &[[u8; HASH]; 2]))| {
                    let found = scopes.commitment(at, bit, *label);
                    match mutants::is("covert/commitments-in-order") {
                        true => pair.contains(&found),
                        false => pair[usize::from(label.lsb())] == found,
                    }
                };
                // Which commitment is that of a label is as much a part of its view as both are.
                Computed::tap(ctx, || -> Bits {
                    let of = garbler.iter().zip(pairs).enumerate();
                    let second = |(bit, (label, pair)): (usize, (&Block, &[[u8; HASH]; 2]))| {
                        pair[1] == scopes.commitment(at, bit, *label)
                    };
                    of.map(second).collect()
                });
                let held = garbler.iter().zip(pairs).enumerate().map(is_committed);
                let held = held.fold(true, |all, held| all & held);
                if !mutants::is("covert/labels-unchecked") && !held {
                    return Err(cheats(ctx, "3. labels of the garbler's bits", at));
                }
                let pairs = decoding.as_chunks::<HASH>().0.as_chunks::<2>().0;
                let decode = |(bit, (label, pair)): (usize, (&Block, &[[u8; HASH]; 2]))| {
                    let hash = scopes.decoded(at, bit, *label);
                    pair.iter().position(|other| *other == hash).map(|bit| bit == 1)
                };
                let bits: Option<Bits> =
                    outputs.iter().zip(pairs).enumerate().map(decode).collect();
                let Some(bits) = bits else {
                    return Err(cheats(ctx, "3. labels of outputs", at));
                };
                (result, known) = (bits, (key, outputs));
            }
        }
    }
    // 4. The garbler's outputs.
    if !two.told().is_empty() {
        let (key, labels) = known;
        let mut bits = two.of(GARBLER, &result);
        let mut labels: Vec<Block> = two.told().iter().map(|place| labels[*place]).collect();
        if how.forges {
            let (delta, zeros) = checked;
            bits = bits.xor(&Bits::ones(bits.len()));
            let told = two.told().iter().zip(bits.iter());
            labels = told.map(|(place, bit)| zeros[*place] ^ delta.if_set(bit)).collect();
        }
        scopes.output.send(GARBLER, &(bits, scopes.proof(key, &labels)));
    }
    Ok(two.outputs(EVALUATOR, two.of(EVALUATOR, &result), None))
}

/// Which circuit is evaluated, uniformly but for `2^-54`.
fn challenge(ctx: &Ctx, replicas: usize) -> Bits {
    let scope = ctx.scope("challenge");
    let drawn = scope.rng().next_u64() % replicas as u64;
    let chosen = match mutants::is("covert/challenge-constant") {
        true => 0,
        false => drawn as usize,
    };
    scope.tap(CHALLENGE, || Challenge { among: replicas as u128, drawn: vec![chosen as u128] });
    (0..replicas).map(|at| at == chosen).collect()
}
