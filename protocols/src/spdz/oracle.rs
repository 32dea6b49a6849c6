//! What the omniscient checker asks: inputs that the dealer's masks and honest parties' offsets fix.

use super::SpdzParams;
use super::dealer::{InputVector, MASK, OFFSET};
use crate::algebra::{PrimeField, slices};
use crate::engine::inputs::Plan;
use crate::oracle::{Effective, EffectiveInputs, States};
use crate::protocol::Job;

/// The inputs of corrupted nodes: mask plus offset.
pub(super) fn effective_inputs<F: PrimeField>(
    job: &Job,
    params: &SpdzParams,
    states: &States<'_>,
) -> EffectiveInputs {
    let Ok(program) = job.program() else { return EffectiveInputs::default() };
    let plan = Plan::new(program, &job.roles, params.input_check);
    let inputs = job.roles.input.iter().filter(|owner| states.corrupted.contains(owner));
    let brought = inputs.map(|owner| {
        let mut masks = states.setup::<InputVector<F>>(MASK);
        let mask = masks.find(|(_, mask)| mask.owner == *owner);
        let mut heard = states.tapped::<InputVector<F>>(OFFSET).filter(|(_, v)| v.owner == *owner);
        let (Some((_, mask)), Some((first, offset))) = (mask, heard.next()) else {
            return (*owner, Effective::Unknown);
        };
        if let Some((other, _)) = heard.find(|(_, other)| other.values != offset.values) {
            let why = format!("{first} and {other} heard different inputs of {owner}");
            return (*owner, Effective::Undefined(why));
        }
        let vector = slices::add(&mask.values, &offset.values);
        let input = plan.decode(program, *owner, &vector);
        (*owner, input.map_or(Effective::Unknown, Effective::Input))
    });
    brought.collect()
}
