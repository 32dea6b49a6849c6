//! Steps done wrongly.

use crate::engine::mutants::{MASKS, SEEDS, SHAMIR, STOCK};
use crate::mutants::Kind::{Dropped, Narrow, Reused, Unmasked};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 11] = [
    Mutant::new(
        "dn07/unmasked",
        Dropped,
        "products",
        "the king gets products without a double sharing",
    ),
    Mutant::new("dn07/high-degree-t", Narrow, "double sharings", "both have degree t"),
    Mutant::new("dn07/doubles-repeat", Reused, "double sharings", "all products have one"),
    Mutant::new(
        "shamir/randoms-of-one",
        Dropped,
        "double sharings",
        "the values of one dealer are all",
    ),
    Mutant::new(
        "dn07/degrees-tied",
        Reused,
        "double sharings",
        "both polynomials differ in the highest coefficient",
    ),
    Mutant::new(
        "shamir/last-dealer-ignored",
        Dropped,
        "double sharings",
        "the values of the last dealer count nowhere",
    ),
    Mutant::new("dn07/zeros-dealt", Unmasked, "double sharings", "everyone deals zeros"),
    Mutant::new(
        "shamir/not-extracted",
        Dropped,
        "double sharings",
        "each sharing is what one party dealt",
    ),
    Mutant::new(
        "shamir/points-alike",
        Reused,
        "double sharings",
        "two parties have one point in the matrix",
    ),
    Mutant::new(
        "dn07/too-many-rows",
        Narrow,
        "double sharings",
        "n are extracted from n that are dealt",
    ),
    Mutant::new(
        "dn07/batches-alike",
        Reused,
        "double sharings",
        "every batch begins with the first ones",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&MASKS[..], &STOCK[..1][..], &SHAMIR[..], &SEEDS[..], &OWN[..]].concat()
}
