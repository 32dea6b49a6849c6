//! Steps done wrongly.

use crate::engine::mutants::{DEALER, MASKS, SPLIT, STOCK};
use crate::mutants::Kind::{Overheard, Reused};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 4] = [
    Mutant::new(
        "additive/own-share-told",
        Overheard,
        "inputs",
        "the owner tells its own share to all",
    ),
    Mutant::new("additive/product-opened", Overheard, "products", "each product is opened to all"),
    Mutant::new("additive/output-told", Overheard, "outputs", "shares of outputs go to all"),
    Mutant::new(
        "additive/batches-alike",
        Reused,
        "triples",
        "the dealer draws the same for each batch",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&MASKS[..], &STOCK[..], &DEALER[..], &SPLIT[..], &OWN[..]].concat()
}
