//! Steps done wrongly.

use crate::mutants::Kind::{Reused, Unchecked};
use crate::mutants::Mutant;
use crate::primitives::auth::mutants::AUTH;

/// Of this protocol's own steps.
const OWN: [Mutant; 6] = [
    Mutant::new("wrk/masks-repeat", Reused, "masks", "all ANDs of a layer have one output mask"),
    Mutant::new("wrk/labels-repeat", Reused, "labels", "all inputs have a garbler's first label"),
    Mutant::new("wrk/tweaks-repeat", Reused, "rows", "every 256 ANDs are hashed alike"),
    Mutant::new("wrk/rows-unchecked", Unchecked, "2. circuit", "a row without a MAC is a zero"),
    Mutant::new("wrk/labels-unchecked", Unchecked, "3. outputs", "masked outputs are believed"),
    Mutant::new("wrk/pads-alike", Reused, "rows", "all blocks of a row have one pad"),
];

pub(crate) fn all() -> Vec<Mutant> {
    // Without global keys an evaluator can't tell the rows of a zero from those of a one: outputs
    // would be wrong.
    let keyless = ["auth/key-zero", "auth/key-short"];
    let mut all = [&AUTH[..], &OWN[..]].concat();
    all.retain(|mutant| !keyless.contains(&mutant.name));
    all
}
