//! What the omniscient checker asks: an input is the dealer's mask and the offset that its owner
//! told all honest parties.

use mpclab_sim::vocabulary::PartyId;

use super::SpdzParams;
use super::attacks;
use crate::FieldName;
use crate::algebra::{PrimeField, Ring, slices};
use crate::engine::field::in_field;
use crate::engine::{InputCheck, Plan};
use crate::oracle::{
    Effective, EffectiveInputs, SoundnessBound, SoundnessPoint, SoundnessTrial, States,
};

/// Label of what the dealer taps of each owner's masks.
pub(super) const MASKS: &str = "masks";
/// Label of what each party taps of each owner's offsets.
pub(super) const OFFSETS: &str = "offsets";

/// Elements about the input of one node.
pub(super) struct About<F> {
    pub(super) owner: PartyId,
    pub(super) elements: Vec<F>,
}

pub(super) fn effective_inputs(plan: &Plan<SpdzParams>, states: &States<'_>) -> EffectiveInputs {
    in_field!(plan.params.field, F => in_field::<F>(plan, states))
}

fn in_field<F: PrimeField>(plan: &Plan<SpdzParams>, states: &States<'_>) -> EffectiveInputs {
    let Plan { job, program, inputs, .. } = plan;
    let corrupted = job.roles.input.iter().filter(|owner| states.corrupted.contains(owner));
    let effective = |owner: &PartyId| match elements::<F>(plan, states, *owner) {
        Ok(Some(elements)) => Effective::Input(inputs.columns(program, *owner, &elements)),
        // Whoever shares nothing has columns without elements at most.
        Ok(None) if inputs.elements().all(|(other, _)| other != *owner) => {
            Effective::Input(inputs.columns::<F>(program, *owner, &[]))
        }
        Ok(None) => Effective::Unknown,
        Err(why) => Effective::Undefined(why),
    };
    corrupted.map(|owner| (*owner, effective(owner))).collect()
}

/// What an owner shared; `None` as long as not all honest parties have heard of it.
fn elements<F: PrimeField>(
    plan: &Plan<SpdzParams>,
    states: &States<'_>,
    owner: PartyId,
) -> Result<Option<Vec<F>>, String> {
    let honest =
        plan.job.roles.computing().filter(|party| !states.corrupted.contains(party)).count();
    let is_owners = |(_, about): &(PartyId, &About<F>)| about.owner == owner;
    let mut masks = states.setup::<About<F>>(MASKS).filter(is_owners);
    let offsets: Vec<&[F]> = states
        .tapped::<About<F>>(OFFSETS)
        .filter(is_owners)
        .map(|(_, about)| about.elements.as_slice())
        .collect();
    let (Some((_, masks)), [first, ..]) = (masks.next(), offsets.as_slice()) else {
        return Ok(None);
    };
    if offsets.iter().any(|other| other != first) {
        return Err(format!("honest parties heard different offsets of the input of {owner}"));
    }
    let all = offsets.len() == honest && first.len() == masks.elements.len();
    let unmasked = || match plan.params.input_check {
        InputCheck::None => slices::add(&masks.elements, first),
        InputCheck::Range => {
            let pairs = masks.elements.iter().zip(*first);
            pairs.map(|(mask, offset)| if mask == offset { F::ZERO } else { F::ONE }).collect()
        }
    };
    Ok(all.then(unmasked))
}

const EVENT: &str = "a forged value passes the MAC checks";

pub(super) fn soundness(params: &SpdzParams) -> Vec<SoundnessBound> {
    vec![SoundnessBound {
        event: EVENT,
        probability: 2.0 / in_field!(params.field, F => F::SIZE) as f64,
        source: "Damgard et al., ESORICS 2013, lemma 1 (MACCheck)",
    }]
}

/// Where forged values pass often enough to be counted.
pub(super) const FIELDS: [FieldName; 3] = [FieldName::P7, FieldName::P31, FieldName::P251];

pub(super) fn soundness_trials(params: &SpdzParams) -> Vec<SoundnessTrial<SpdzParams>> {
    let point = |field: FieldName| SoundnessPoint {
        value: in_field!(field, F => F::SIZE) as f64,
        label: field.label().to_owned(),
        params: SpdzParams { field, ..*params },
        statistical: field.capacity_bits() - 1,
    };
    vec![SoundnessTrial {
        event: EVENT,
        strategies: vec![attacks::forged_mac()],
        function: "and",
        parameter: "size of the field",
        points: FIELDS.map(point).to_vec(),
    }]
}
