//! Steps done wrongly.

use crate::engine::mutants::{RING3, RING3_BITS};
use crate::mutants::Kind::Overheard;
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 2] = [
    Mutant::new(
        "rep3/product-told",
        Overheard,
        "products",
        "the next party gets the part that it lacks",
    ),
    Mutant::new("rep3/output-told", Overheard, "outputs", "parts of outputs go to all"),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&RING3[..], &RING3_BITS[..], &OWN[..]].concat()
}
