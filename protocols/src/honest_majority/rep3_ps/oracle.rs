//! What the omniscient checker asks: inputs that honest shares fix, and functions over the domain.

use super::attacks;
use super::params::{DomainName, Place, Rep3PsParams};
use super::ring::centred;
use crate::algebra::{Ring, Z64, Z128};
use crate::engine::field::in_field;
use crate::engine::replicated::extract;
use crate::engine::{Plan, Replicated, oracle};
use crate::oracle::{EffectiveInputs, SoundnessBound, SoundnessPoint, SoundnessTrial, States};
use crate::program::{Inputs, Outputs};
use crate::protocol::Job;
use crate::rep3::RingName;

/// Two honest parties hold all parts of an input, and one of them twice.
pub(super) fn effective_inputs(plan: &Plan<Rep3PsParams>, states: &States<'_>) -> EffectiveInputs {
    match plan.params.domain.place() {
        Place::Field(name) => in_field!(name, F => {
            oracle::effective_inputs::<Replicated<F>, F, _>(plan, states, extract)
        }),
        Place::Ring(RingName::Z64) => in_ring::<Z64>(plan, states),
        Place::Ring(RingName::Z128) => in_ring::<Z128>(plan, states),
    }
}

/// Of a ring element the low bits are the value.
fn in_ring<Z: Ring>(plan: &Plan<Rep3PsParams>, states: &States<'_>) -> EffectiveInputs {
    let bits = value_bits::<Z>(&plan.job);
    oracle::effective_inputs::<Replicated<Z>, Z, _>(plan, states, |owner, shares| {
        let values = extract(owner, shares)?;
        Ok(values.map(|all| all.into_iter().map(|value| centred(value, bits)).collect()))
    })
}

pub(super) fn evaluate(plan: &Plan<Rep3PsParams>, inputs: &[Inputs]) -> Option<Outputs> {
    fn in_ring<Z: Ring>(plan: &Plan<Rep3PsParams>, inputs: &[Inputs]) -> Option<Outputs> {
        let bits = value_bits::<Z>(&plan.job);
        let outputs = oracle::evaluate::<Z>(&plan.program, inputs)?.into_iter();
        let raw: Vec<i128> = outputs.map(|value| centred(value, bits).to_i128()).collect();
        Some(plan.program.to_outputs(&raw))
    }
    match plan.params.domain.place() {
        Place::Field(name) => {
            in_field!(name, F => oracle::evaluate_centred::<F>(&plan.program, inputs))
        }
        Place::Ring(RingName::Z64) => in_ring::<Z64>(plan, inputs),
        Place::Ring(RingName::Z128) => in_ring::<Z128>(plan, inputs),
    }
}

fn value_bits<Z: Ring>(job: &Job) -> u32 {
    Z::BITS.saturating_sub(job.security.statistical).max(1)
}

const EVENT: &str = "a wrong product passes the check";

pub(super) fn soundness(plan: &Plan<Rep3PsParams>) -> Vec<SoundnessBound> {
    let probability = match plan.params.domain.place() {
        Place::Field(name) => 1.0 / in_field!(name, F => F::SIZE) as f64,
        Place::Ring(_) => (-f64::from(plan.job.security.statistical)).exp2(),
    };
    vec![SoundnessBound {
        event: EVENT,
        probability,
        source: "Lindell and Nof, CCS 2017; Eerikson et al., ITC 2020; derived in the module",
    }]
}

/// In toy fields, or with short challenges in the same ring.
pub(super) fn soundness_trials(params: &Rep3PsParams) -> Vec<SoundnessTrial<Rep3PsParams>> {
    let in_field = |domain: DomainName| SoundnessPoint {
        value: match domain.place() {
            Place::Field(name) => in_field!(name, F => F::SIZE) as f64,
            Place::Ring(name) => f64::from(name.bits()),
        },
        label: domain.label().to_owned(),
        params: Rep3PsParams { domain, ..*params },
        statistical: domain.max_sigma(),
    };
    let in_ring = |bits: u32| SoundnessPoint {
        value: f64::from(bits),
        label: format!("{bits} bits"),
        params: *params,
        statistical: bits,
    };
    let (parameter, points) = match params.domain.place() {
        Place::Field(_) => {
            let fields = [DomainName::P7, DomainName::P31, DomainName::P251];
            ("size of the field", fields.map(in_field).to_vec())
        }
        Place::Ring(_) => ("bits of a challenge", [1, 2, 4, 6, 8].map(in_ring).to_vec()),
    };
    let strategies = vec![attacks::guessed_challenge()];
    vec![SoundnessTrial { event: EVENT, strategies, function: "and", parameter, points }]
}
