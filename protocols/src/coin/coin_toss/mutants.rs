//! Steps done wrongly.

use crate::mutants::Kind::{Dropped, Narrow, Unchecked};
use crate::mutants::Mutant;
use crate::primitives::mutants::AGREE;

/// Of this protocol's own steps.
const OWN: [Mutant; 8] = [
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
    Mutant::new(
        "coin/cheater-left-out",
        Unchecked,
        "3. check",
        "the bits of who opens wrongly are left out",
    ),
    Mutant::new("agree/nonce-from-message", Narrow, "1. commit", "nonces are hashes of messages"),
    Mutant::new(
        "agree/view-without-last",
        Unchecked,
        "4. compare",
        "commitments of the last party are not compared",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&AGREE[..], &OWN[..]].concat()
}
