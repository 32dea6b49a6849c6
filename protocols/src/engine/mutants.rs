//! Mutants of what several protocols have in common.

use crate::mutants::Kind::{Dropped, Narrow, Overheard, Reused, Unbound, Unchecked, Unmasked};
use crate::mutants::Mutant;

/// Of comparisons behind masks.
pub(crate) const MASKS: [Mutant; 10] = [
    Mutant::new(
        "masks/sigma-12",
        Narrow,
        "Mod2m, step 1",
        "masks have 12 bits more than what they hide",
    ),
    Mutant::new(
        "masks/sigma-8",
        Narrow,
        "Mod2m, step 1",
        "masks have 8 bits more than what they hide",
    ),
    Mutant::new(
        "masks/sigma-4",
        Narrow,
        "Mod2m, step 1",
        "masks have 4 bits more than what they hide",
    ),
    Mutant::new(
        "masks/removed",
        Unmasked,
        "Mod2m, step 1",
        "the high part of a masked value is not masked",
    ),
    Mutant::new(
        "masks/repeat",
        Reused,
        "Mod2m, step 1",
        "all values of a batch have the high part of one mask",
    ),
    Mutant::new(
        "masks/bits-zero",
        Unmasked,
        "Mod2m, step 1",
        "the low part of a masked value is not masked",
    ),
    Mutant::new(
        "masks/bits-repeat",
        Reused,
        "Mod2m, step 1",
        "all values of a batch have the low part of one mask",
    ),
    Mutant::new(
        "masks/lowest-bit-zero",
        Unmasked,
        "Mod2m, step 1",
        "the lowest bit of a masked value is not masked",
    ),
    Mutant::new(
        "masks/first-clear",
        Unmasked,
        "Mod2m, step 1",
        "the low part of a batch's first value is not masked",
    ),
    Mutant::new("masks/high-even", Narrow, "Mod2m, step 1", "the high parts of masks are even"),
];

/// Of piles of correlated randomness from which several layers take.
pub(crate) const STOCK: [Mutant; 2] = [
    Mutant::new(
        "stock/rewound",
        Reused,
        "triples of a batch",
        "each layer takes the first triples again",
    ),
    Mutant::new(
        "stock/rewound-unnoticed",
        Reused,
        "triples of a batch",
        "each layer takes the first triples again and calls them new",
    ),
];

/// Of a dealer's triples.
pub(crate) const DEALER: [Mutant; 7] = [
    Mutant::new("dealer/a-zero", Unmasked, "triples", "x is opened without a mask"),
    Mutant::new("dealer/a-repeats", Reused, "triples", "all products of a batch have one a"),
    Mutant::new("dealer/a-small", Narrow, "triples", "a has 16 bits"),
    Mutant::new("dealer/b-is-a", Reused, "triples", "both factors have one mask"),
    Mutant::new("dealer/a-even", Narrow, "triples", "a is an even integer"),
    Mutant::new("dealer/chained", Reused, "triples", "a of each product is b of the one before"),
    Mutant::new("dealer/seed-short", Narrow, "triples", "a and b come from a seed of 8 bits"),
];

/// Of additive sharing.
pub(crate) const SPLIT: [Mutant; 5] = [
    Mutant::new("split/zero", Unmasked, "sharing", "the last share is the value"),
    Mutant::new("split/repeat", Reused, "sharing", "all values of a vector have the shares of one"),
    Mutant::new("split/small", Narrow, "sharing", "all shares but the last have 24 bits"),
    Mutant::new("split/twins", Reused, "sharing", "the first two parties have the same shares"),
    Mutant::new("split/sometimes-clear", Narrow, "sharing", "one vector of 16 is not masked"),
];

/// Of what holds inputs to their ranges.
pub(crate) const INPUTS: [Mutant; 1] = [Mutant::new(
    "inputs/top-weight",
    Unchecked,
    "range check of inputs",
    "the highest digit stands for a power of two",
)];

/// Of numbers shared among three.
pub(crate) const RING3: [Mutant; 14] = [
    Mutant::new(
        "ring3/zeros-dropped",
        Dropped,
        "resharing of a product",
        "products are sent without a zero sharing",
    ),
    Mutant::new(
        "ring3/zeros-repeat",
        Reused,
        "resharing of a product",
        "all products of a batch have one zero sharing",
    ),
    Mutant::new(
        "ring3/zeros-small",
        Narrow,
        "resharing of a product",
        "zero sharings are made of numbers of 24 bits",
    ),
    Mutant::new("ring3/keys-constant", Unmasked, "set-up", "all keys are zero"),
    Mutant::new("ring3/key-told", Overheard, "set-up", "each key goes to both other parties"),
    Mutant::new("ring3/one-stream", Unbound, "streams of keys", "all scopes draw from one stream"),
    Mutant::new(
        "ring3/one-stream-unnoticed",
        Unbound,
        "streams of keys",
        "all scopes draw from one stream and call it new",
    ),
    Mutant::new(
        "ring3/input-unmasked",
        Unmasked,
        "sharing of an input",
        "the previous party gets the input itself",
    ),
    Mutant::new("ring3/input-repeat", Reused, "sharing of an input", "all values have one mask"),
    Mutant::new("ring3/input-small", Narrow, "sharing of an input", "masks have 24 bits"),
    Mutant::new(
        "ring3/both-parts-told",
        Overheard,
        "sharing of an input",
        "the previous party gets both parts",
    ),
    Mutant::new(
        "ring3/zeros-every-second",
        Dropped,
        "resharing of a product",
        "every second product is sent without a zero sharing",
    ),
    Mutant::new(
        "ring3/zeros-even",
        Narrow,
        "resharing of a product",
        "zero sharings are made of even numbers",
    ),
    Mutant::new(
        "ring3/input-announced",
        Overheard,
        "sharing of an input",
        "there is a message more if the first value is odd",
    ),
];

/// Of bits shared among three.
pub(crate) const RING3_BITS: [Mutant; 4] = [
    Mutant::new(
        "ring3/input-bits-unmasked",
        Unmasked,
        "sharing of bits",
        "the previous party gets the bits themselves",
    ),
    Mutant::new("ring3/ands-unmasked", Dropped, "AND", "ANDs are sent without a zero sharing"),
    Mutant::new(
        "ring3/ands-masked-alike",
        Reused,
        "AND",
        "all ANDs of a layer have the zero sharing of one",
    ),
    Mutant::new(
        "ring3/last-bit-clear",
        Unmasked,
        "sharing of bits",
        "the last bit of a vector is not masked",
    ),
];

/// Of Shamir's sharing.
pub(crate) const SHAMIR: [Mutant; 16] = [
    Mutant::new(
        "shamir/input-degree-low",
        Narrow,
        "sharing of an input",
        "polynomials have degree t - 1",
    ),
    Mutant::new("shamir/64-bits", Narrow, "sharing", "coefficients have 64 bits"),
    Mutant::new("shamir/24-bits", Narrow, "sharing", "coefficients have 24 bits"),
    Mutant::new("shamir/16-bits", Narrow, "sharing", "coefficients have 16 bits"),
    Mutant::new(
        "shamir/coefficients-repeat",
        Reused,
        "sharing",
        "all values of a vector have the coefficients of one",
    ),
    Mutant::new(
        "shamir/own-share-told",
        Overheard,
        "inputs",
        "the owner tells its own share to all",
    ),
    Mutant::new("shamir/output-told", Overheard, "outputs", "shares of outputs go to all"),
    Mutant::new("shamir/product-opened", Overheard, "products", "each product is opened to all"),
    Mutant::new("shamir/bits-of-one", Dropped, "random bits", "the bits of one party are all"),
    Mutant::new("shamir/masks-of-one", Dropped, "masks", "the masks of one party are all"),
    Mutant::new("shamir/coefficients-even", Narrow, "sharing", "coefficients are even integers"),
    Mutant::new(
        "shamir/coefficient-tells",
        Unmasked,
        "sharing",
        "bit 40 of a coefficient is the value's lowest",
    ),
    Mutant::new(
        "shamir/coefficient-adds",
        Unmasked,
        "sharing",
        "the sum of bits 17 and 40 of a coefficient is the value's lowest bit",
    ),
    Mutant::new("shamir/point-zero", Unmasked, "sharing", "points of parties begin with zero"),
    Mutant::new("shamir/seed-short", Narrow, "sharing", "coefficients come from a seed of 8 bits"),
    Mutant::new("shamir/charged-by-input", Overheard, "inputs", "odd values take longer"),
];

/// Of sharings whose shares come from seeds.
pub(crate) const SEEDS: [Mutant; 7] = [
    Mutant::new("seeds/constant", Unmasked, "set-up", "seeds are places on the ring"),
    Mutant::new("seeds/one-for-all", Reused, "set-up", "all followers of a dealer have one seed"),
    Mutant::new("seeds/told", Overheard, "set-up", "each seed goes to another party as well"),
    Mutant::new("seeds/one-stream", Unbound, "streams of seeds", "all scopes draw from one stream"),
    Mutant::new(
        "seeds/one-stream-unnoticed",
        Unbound,
        "streams of seeds",
        "all scopes draw from one stream and call it new",
    ),
    Mutant::new(
        "seeds/stands-still",
        Reused,
        "shares from seeds",
        "all values of a vector have the shares of one",
    ),
    Mutant::new("seeds/24-bits", Narrow, "shares from seeds", "shares have 24 bits"),
];
