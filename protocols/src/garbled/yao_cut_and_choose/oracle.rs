//! What theorems say of cheating garblers.

use super::{CutAndChooseParams, CutPlan, MOST, attacks, sigma};
use crate::oracle::{SoundnessBound, SoundnessPoint, SoundnessTrial};

const EVENT: &str = "all circuits that are evaluated are wrong, and no other is";

/// With which probability a garbler guesses the set that is evaluated.
fn guess(replicas: u32) -> f64 {
    let sets = (1u128 << replicas.min(MOST)) - 1;
    1.0 / sets as f64
}

pub(super) fn soundness(plan: &CutPlan) -> Vec<SoundnessBound> {
    let inverse = 1.0 / (1u128 << sigma(&plan.job).min(127)) as f64;
    vec![
        SoundnessBound {
            event: EVENT,
            probability: guess(plan.params.replicas),
            source: "Lindell, CRYPTO 2013; the empty set is not chosen",
        },
        SoundnessBound {
            event: "inputs of the garbler differ, or labels are none, and their hashes agree",
            probability: inverse,
            source: "shelat, Shen, CCS 2013: 2-universal hashes of all pairs of circuits",
        },
    ]
}

/// Where a garbler succeeds often enough to be counted.
const REPLICAS: [u32; 3] = [2, 4, 6];

pub(super) fn trials(params: &CutAndChooseParams) -> Vec<SoundnessTrial<CutAndChooseParams>> {
    let point = |replicas: u32| SoundnessPoint {
        value: f64::from(replicas),
        label: format!("{replicas} circuits"),
        params: CutAndChooseParams { replicas, ..*params },
        statistical: 20,
    };
    vec![SoundnessTrial {
        event: EVENT,
        strategies: vec![attacks::guessed_set(), attacks::lone_circuit()],
        function: "product",
        parameter: "circuits",
        points: REPLICAS.map(point).to_vec(),
    }]
}
