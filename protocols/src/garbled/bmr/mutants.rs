//! Steps done wrongly.

use crate::mutants::Kind::{Dropped, Narrow, Overheard, Reused, Unmasked};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 18] = [
    Mutant::new("bmr/offset-constant", Narrow, "set-up", "all parties have one known offset"),
    Mutant::new("bmr/offset-one", Narrow, "set-up", "two labels differ in their lowest bit alone"),
    Mutant::new("bmr/inputs-unmasked", Unmasked, "masks", "a party's own bits have no masks"),
    Mutant::new("bmr/inputs-masked-alike", Reused, "masks", "all bits of a party have one mask"),
    Mutant::new("bmr/masks-repeat", Reused, "masks", "all ANDs have one mask"),
    Mutant::new("bmr/masks-of-one", Narrow, "masks", "masks of ANDs are the first party's alone"),
    Mutant::new("bmr/random-of-one", Narrow, "masks", "random bits are the first party's alone"),
    Mutant::new("bmr/masks-told", Overheard, "masks", "all shares of masks of ANDs go to all"),
    Mutant::new(
        "bmr/products-unmasked",
        Unmasked,
        "products",
        "shares of masks are told as they are",
    ),
    Mutant::new("bmr/labels-repeat", Reused, "labels", "all inputs have a party's first label"),
    Mutant::new("bmr/rows-unhashed", Unmasked, "rows", "shares of rows are sent without hashes"),
    Mutant::new("bmr/one-label", Dropped, "rows", "the label of the left input alone is hashed"),
    Mutant::new("bmr/tweaks-repeat", Reused, "rows", "every 256 ANDs are hashed alike"),
    Mutant::new("bmr/clients-unmasked", Unmasked, "1. inputs", "the last share is the value"),
    Mutant::new("bmr/labels-told", Overheard, "2. labels", "both labels of inputs are told"),
    Mutant::new(
        "bmr/outputs-left",
        Unmasked,
        "4. outputs",
        "shares of masks of outputs are not made random again",
    ),
    Mutant::new(
        "bmr/mask-of-left",
        Reused,
        "masks",
        "the mask of an AND is that of its left input",
    ),
    Mutant::new(
        "ot/streams-rewound",
        Reused,
        "transfers",
        "every batch of a pair begins with the same streams",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    OWN.to_vec()
}
