//! Steps done wrongly.

use crate::mutants::Kind::{Dropped, Narrow};
use crate::mutants::Mutant;
use crate::primitives::mutants::AGREE;

/// Of this protocol's own steps.
const OWN: [Mutant; 5] = [
    Mutant::new("coin/bits-zero", Dropped, "1. draw", "nobody draws bits"),
    Mutant::new("coin/bits-biased", Narrow, "1. draw", "three of four bits are zero"),
    Mutant::new("coin/one-decides", Dropped, "4. sum", "the coin is the first party's"),
    Mutant::new("coin/bits-tied", Narrow, "1. draw", "the last bit is the first again"),
    Mutant::new(
        "coin/last-bit-of-one",
        Dropped,
        "4. sum",
        "the coin's last bit is the first party's",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&AGREE[..], &OWN[..]].concat()
}
