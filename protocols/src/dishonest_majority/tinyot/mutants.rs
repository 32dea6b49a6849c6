//! Steps done wrongly.

use crate::mutants::Kind::{Order, Overheard};
use crate::mutants::Mutant;
use crate::primitives::auth::mutants::AUTH;
use crate::primitives::mutants::AGREE;

/// Of this protocol's own steps.
const OWN: [Mutant; 2] = [
    Mutant::new(
        "tinyot/output-before-check",
        Order,
        "4. outputs",
        "they are opened before what they depend on is checked",
    ),
    Mutant::new("tinyot/outputs-told", Overheard, "4. outputs", "shares of outputs go to all"),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&AGREE[..], &AUTH[..], &OWN[..]].concat()
}
