//! Steps done wrongly.

use crate::engine::mutants::{DEALER, MASKS, SPLIT, STOCK};
use crate::mutants::Kind::{Overheard, Reused, Unmasked};
use crate::mutants::Mutant;

/// Of the online phase.
const ONLINE: [Mutant; 5] = [
    Mutant::new(
        "additive/own-share-told",
        Overheard,
        "inputs",
        "the owner tells its own share to all",
    ),
    Mutant::new("additive/product-opened", Overheard, "products", "each product is opened to all"),
    Mutant::new("additive/output-told", Overheard, "outputs", "shares of outputs go to all"),
    Mutant::new(
        "masks/high-is-low",
        Reused,
        "Mod2m, step 1",
        "the high part of a mask ends in its low part",
    ),
    Mutant::new(
        "additive/multiplied",
        Unmasked,
        "inputs",
        "shares are random multiples of the value",
    ),
];

/// Of the dealer.
const BATCHES: Mutant = Mutant::new(
    "additive/batches-alike",
    Reused,
    "triples",
    "the dealer draws the same for each batch",
);

pub(crate) fn online() -> Vec<Mutant> {
    ONLINE.to_vec()
}

pub(crate) fn all() -> Vec<Mutant> {
    [&MASKS[..], &STOCK[..], &DEALER[..], &SPLIT[..], &ONLINE[..], &[BATCHES]].concat()
}
