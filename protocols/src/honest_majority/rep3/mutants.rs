//! Steps done wrongly.

use crate::engine::mutants::{RING3, RING3_BITS};
use crate::mutants::Kind::{Overheard, Reused};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 4] = [
    Mutant::new(
        "rep3/product-told",
        Overheard,
        "products",
        "the next party gets the part that it lacks",
    ),
    Mutant::new("rep3/output-told", Overheard, "outputs", "parts of outputs go to all"),
    Mutant::new(
        "rep3/inject-rewound",
        Reused,
        "from bits to numbers",
        "streams begin anew where bits become numbers",
    ),
    Mutant::new(
        "ring3/key-relayed",
        Reused,
        "set-up",
        "the second party hands on the key of the third as its own",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&RING3[..], &RING3_BITS[..], &OWN[..]].concat()
}
