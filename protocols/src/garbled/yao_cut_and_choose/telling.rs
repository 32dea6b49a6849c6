//! What the evaluator tells of the garbler's outputs: commitments beforehand, of which it opens one.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::Abort;
use rand::Rng;

use super::evaluator::{Deviation, Found};
use super::{CutPlan, HASH, Scopes, commitment};
use crate::algebra::bits::Bits;
use crate::garbled::GARBLER;
use crate::primitives::commit;

/// A commitment to what a circuit gives: its place among all.
pub(super) struct Slot {
    at: usize,
    nonce: [u8; 32],
    bits: Bits,
}

/// Commits to the garbler's outputs as each circuit gives them, in random order. There is one for
/// each that is evaluated, also for one that gives none: how long this takes tells nothing of them.
pub(super) fn commit(
    scopes: &Scopes,
    plan: &CutPlan,
    found: &[Found],
    how: Deviation,
) -> Vec<Slot> {
    let told = plan.cut.two.told();
    if told.is_empty() {
        return Vec::new();
    }
    let mut rng = scopes.output.scope("commit").rng();
    let mut slots = Vec::with_capacity(found.len());
    let mut order: Vec<usize> = (0..plan.cut.replicas).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, (rng.next_u64() % (at as u64 + 1)) as usize);
    }
    if crate::mutants::is("cut-and-choose/slots-in-order") {
        order.sort_unstable();
    }
    let mut commitments = vec![[0; HASH]; plan.cut.replicas];
    // Whoever sees them can't tell which of them commit to anything.
    commitments.iter_mut().for_each(|commitment| rng.fill_bytes(commitment));
    for Found { replica, bits, values } in found {
        let nonce = commit::nonce(&mut rng);
        let none = Block::ONES.if_set(how.forges);
        let values: Vec<Block> = told.iter().map(|place| values[*place] ^ none).collect();
        let at = order[*replica];
        commitments[at] = commitment(&scopes.output, &values, &nonce);
        slots.extend(bits.iter().map(|bits| Slot { at, nonce, bits: bits.clone() }));
    }
    scopes.recovery.send(GARBLER, &commitments.concat());
    slots
}

/// Opens a commitment to the garbler's outputs. Which circuit it is of may depend on the
/// evaluator's input; places are permuted, so that its place does not.
pub(super) fn open(
    scopes: &Scopes,
    plan: &CutPlan,
    result: &Bits,
    slots: &[Slot],
    how: Deviation,
) -> Result<(), Abort> {
    if plan.cut.two.told().is_empty() {
        return Ok(());
    }
    let Some(Slot { at, nonce, .. }) = slots.iter().find(|slot| slot.bits == *result) else {
        return Err(scopes.output.cheating(vec![GARBLER], "7. no circuit gives the outputs"));
    };
    let mut outputs = plan.cut.two.of(GARBLER, result);
    if how.forges {
        outputs = outputs.xor(&Bits::ones(outputs.len()));
    }
    scopes.output.send(GARBLER, &(((*at as u32).to_le_bytes(), *nonce), outputs));
    Ok(())
}
