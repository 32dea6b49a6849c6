//! Steps done wrongly.

use crate::engine::mutants::{INPUTS, MASKS, RING3};
use crate::mutants::Kind::{
    Challenge, Dropped, Narrow, Order, Overheard, Reused, Unchecked, Unmasked,
};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 22] = [
    Mutant::new("rep3_ps/sacrifice-zero", Unmasked, "1. random a", "a is zero"),
    Mutant::new(
        "rep3_ps/sacrifice-repeats",
        Reused,
        "1. random a",
        "all products of a batch have one a",
    ),
    Mutant::new("rep3_ps/verify-skipped", Dropped, "3 to 5", "no product is checked"),
    Mutant::new("rep3_ps/challenge-constant", Challenge, "3. challenge", "it is one"),
    Mutant::new(
        "rep3_ps/challenge-public",
        Challenge,
        "3. challenge",
        "it is a hash of what is public",
    ),
    Mutant::new("rep3_ps/challenge-short", Challenge, "3. challenge", "it has 4 bits"),
    Mutant::new(
        "rep3_ps/residues-unheeded",
        Unchecked,
        "5. residues",
        "what is not zero stops nobody",
    ),
    Mutant::new(
        "rep3_ps/one-peer-checked",
        Unchecked,
        "5. residues",
        "the hash of one peer is not read",
    ),
    Mutant::new(
        "rep3_ps/opening-hash-unheeded",
        Unchecked,
        "openings",
        "the second holder's hash is not read",
    ),
    Mutant::new(
        "rep3_ps/output-hash-unheeded",
        Unchecked,
        "6. outputs",
        "the second holder's hash is not read",
    ),
    Mutant::new(
        "rep3_ps/output-before-verify",
        Order,
        "6. outputs",
        "outputs are opened before products are checked",
    ),
    Mutant::new(
        "rep3_ps/verified-at-the-end",
        Order,
        "comparisons",
        "what they depend on is checked at the end",
    ),
    Mutant::new("rep3_ps/bits-unverified", Order, "random bits", "squares are checked at the end"),
    Mutant::new(
        "rep3_ps/high-bits-shown",
        Overheard,
        "6. outputs",
        "bits above the value are opened too",
    ),
    Mutant::new("rep3_ps/sacrifice-even", Narrow, "1. random a", "a is twice a random value"),
    Mutant::new(
        "rep3_ps/challenge-of-two",
        Challenge,
        "3. challenge",
        "it comes from the key of two parties",
    ),
    Mutant::new(
        "rep3_ps/residue-hash-one-byte",
        Unchecked,
        "5. residues",
        "one byte of hashes is compared",
    ),
    Mutant::new(
        "rep3_ps/last-residue-unread",
        Unchecked,
        "5. residues",
        "the last product is not checked",
    ),
    Mutant::new("rep3_ps/digits-unchecked", Unchecked, "range check of inputs", "it is left out"),
    Mutant::new(
        "rep3_ps/last-digit-unchecked",
        Unchecked,
        "range check of inputs",
        "the last digit may be anything",
    ),
    Mutant::new(
        "rep3_ps/odd-digits-unchecked",
        Unchecked,
        "range check of inputs",
        "every second digit may be anything",
    ),
    Mutant::new(
        "rep3_ps/zeros-alike",
        Reused,
        "2. products",
        "a product and that of a have one zero sharing",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&MASKS[..], &INPUTS[..], &RING3[..], &OWN[..]].concat()
}
