//! Steps done wrongly, for every protocol over authenticated bits.

use crate::mutants::Kind::{Challenge, Dropped, Narrow, Overheard, Reused, Unchecked, Unmasked};
use crate::mutants::Mutant;

/// Of bits, ANDs and openings.
pub(crate) const AUTH: [Mutant; 24] = [
    Mutant::new("auth/key-zero", Narrow, "set-up", "global keys are zero"),
    Mutant::new("auth/key-short", Narrow, "set-up", "global keys have one bit"),
    Mutant::new("auth/bits-zero", Narrow, "aBit, 1", "all bits are zero"),
    Mutant::new("auth/bits-biased", Narrow, "aBit, 1", "three of four bits are zero"),
    Mutant::new("auth/bits-repeat", Reused, "aBit, 1", "a party's bits are all the same"),
    Mutant::new("auth/bits-check-skipped", Dropped, "aBit, 3", "bits are not compared"),
    Mutant::new("auth/bits-unchecked", Unchecked, "aBit, 3", "MACs of sums of bits are believed"),
    Mutant::new("auth/keys-check-skipped", Dropped, "aShare, 3", "global keys are not compared"),
    Mutant::new("auth/keys-unchecked", Unchecked, "aShare, 3d", "sums of keys are believed"),
    Mutant::new(
        "auth/shown-unchecked",
        Unchecked,
        "aShare, 3b",
        "bits that are shown are believed",
    ),
    Mutant::new("auth/coin-of-one", Challenge, "coins", "the first party's seed is the sum"),
    Mutant::new("auth/coin-constant", Challenge, "coins", "all seeds are zero"),
    Mutant::new("auth/one-hash", Reused, "HaAND", "bit and block are hashed alike"),
    Mutant::new("auth/leaky-weights-one", Challenge, "LaAND, 7", "all coefficients are one"),
    Mutant::new("auth/leaky-unheeded", Unchecked, "LaAND, 7", "what is not zero stops nobody"),
    Mutant::new("auth/bucket-of-one", Narrow, "aAND, 2", "leaky ANDs are used as they are"),
    Mutant::new("auth/permutation-constant", Challenge, "aAND, 2", "nothing is permuted"),
    Mutant::new("auth/triples-reused", Reused, "ANDs", "the first ANDs are taken again"),
    Mutant::new("auth/macs-unheeded", Unchecked, "openings", "MACs are believed"),
    Mutant::new("auth/echo-unheeded", Unchecked, "openings", "what parties heard may differ"),
    Mutant::new("auth/inputs-unmasked", Unmasked, "inputs", "all inputs are told as they are"),
    Mutant::new("auth/input-masks-repeat", Reused, "inputs", "all have one mask"),
    Mutant::new("auth/masks-told", Overheard, "inputs", "masks are broadcast too"),
    Mutant::new("auth/check-skipped", Dropped, "openings", "nothing is checked before outputs"),
];
