//! Steps done wrongly.

use crate::engine::mutants::{MASKS, SEEDS, SHAMIR};
use crate::mutants::Kind::Narrow;
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 2] = [
    Mutant::new("shamir/reshare-degree-low", Narrow, "resharing", "polynomials have degree t - 1"),
    Mutant::new("shamir/rarely-constant", Narrow, "sharing", "one polynomial of 256 is constant"),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&MASKS[..], &SHAMIR[..], &SEEDS[..], &OWN[..]].concat()
}
