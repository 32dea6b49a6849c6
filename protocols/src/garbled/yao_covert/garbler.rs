//! The garbler, and what a cheating one does otherwise.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use super::{CovertPlan, HASH, Scopes, YaoCovert};
use crate::algebra::bits::Bits;
use crate::garbled::cheating::Wrong;
use crate::garbled::sending::{self, Garbled};
use crate::garbled::{EVALUATOR, GARBLER};
use crate::mutants;
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// Where a cheating garbler deviates; an honest one does nowhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Deviation {
    /// Circuits of the negated function.
    pub(super) negated: Vec<usize>,
    /// What is wrong in all circuits.
    pub(super) wrong: Wrong,
    /// Whether the labels of its own bits are none.
    pub(super) is_garbage: bool,
}

pub(super) async fn garble(
    ctx: &Ctx,
    plan: &CovertPlan,
    input: &Inputs,
    how: &Deviation,
) -> Result<Outputs, Abort> {
    let (cut, two) = (&plan.cut, &plan.cut.two);
    let sides = sending::transfers(ctx, cut, YaoCovert::NAME).await?;
    let scopes = Scopes::new(ctx);
    let place = &scopes.place;
    // 1. The evaluator's choices.
    let sides = sending::chosen(place, &sides).await?;
    // 2. Circuits, commitments and decoding.
    let bits = two.garbler_input(&place.input, input)?;
    let mut circuits = sending::begin(place, cut, &how.wrong, |_| bits.clone());
    if how.is_garbage {
        let labels = circuits.iter_mut().flat_map(|circuit| &mut circuit.active);
        labels.for_each(|label| *label ^= Block::ONES);
    }
    sending::keys_and_labels(place, cut, &circuits, &sides, &how.wrong);
    sending::tables(place, cut, &mut circuits, &how.wrong);
    let committed = circuits.iter().enumerate().flat_map(|(at, circuit)| {
        scopes.committed(at, &circuit.replica.garbler, circuit.replica.delta)
    });
    let committed: Vec<u8> = committed.collect();
    if !committed.is_empty() {
        scopes.circuits.send(EVALUATOR, &committed);
    }
    let decoding = circuits.iter().enumerate().flat_map(|(at, circuit)| {
        let delta = circuit.replica.delta;
        let negated = delta.if_set(how.negated.contains(&at));
        let zeros: Vec<Block> = circuit.outputs.iter().map(|zero| *zero ^ negated).collect();
        scopes.decoding(at, &zeros, delta)
    });
    let decoding: Vec<u8> = decoding.collect();
    if !decoding.is_empty() {
        scopes.circuits.send(EVALUATOR, &decoding);
    }
    // 4. Its own outputs.
    let told = two.told();
    if told.is_empty() {
        return Ok(two.outputs(GARBLER, Bits::default(), Some(&bits)));
    }
    let shape = (told.len(), ());
    let (outputs, proof) = scopes.output.recv::<(Bits, [u8; HASH])>(EVALUATOR, shape).await?;
    let is_of = |circuit: &Garbled| {
        let labels = told.iter().zip(outputs.iter());
        let labels: Vec<Block> = labels
            .map(|(place, bit)| circuit.outputs[*place] ^ circuit.replica.delta.if_set(bit))
            .collect();
        scopes.proof(circuit.key, &labels) == proof
    };
    // All of them, so that what this takes does not tell which it was.
    let known = circuits.iter().map(is_of).fold(false, |known, is_of| known | is_of);
    if !mutants::is("covert/bits-accepted") && !known {
        return Err(ctx.cheating(vec![EVALUATOR], "4. labels of outputs"));
    }
    Ok(two.outputs(GARBLER, outputs, Some(&bits)))
}
