//! Steps done wrongly.

use crate::engine::mutants::{DEALER, INPUTS, MASKS, SPLIT, STOCK};
use crate::mutants::Kind::{
    Challenge, Dropped, Narrow, Order, Overheard, Reused, Unchecked, Unmasked,
};
use crate::mutants::Mutant;
use crate::primitives::mutants::AGREE;

/// Of this protocol's own steps.
const OWN: [Mutant; 29] = [
    Mutant::new("agree/echo-unheeded", Unchecked, "0. broadcasts", "what parties heard may differ"),
    Mutant::new("spdz/echo-skipped", Dropped, "0. broadcasts", "nobody says what it heard"),
    Mutant::new("spdz/key-zero", Unmasked, "MAC key", "it is zero"),
    Mutant::new("spdz/key-equal", Challenge, "MAC key", "all have one share"),
    Mutant::new("spdz/key-short", Narrow, "MAC key", "shares have two bits"),
    Mutant::new("spdz/input-mask-zero", Unmasked, "inputs", "they are broadcast as they are"),
    Mutant::new(
        "spdz/input-mask-repeats",
        Reused,
        "inputs",
        "all values of an input have one mask",
    ),
    Mutant::new("spdz/input-mask-biased", Narrow, "inputs", "half of the masks are zero"),
    Mutant::new(
        "spdz/answers-zero",
        Overheard,
        "inputs",
        "whoever broadcasts zeros is told the others' inputs",
    ),
    Mutant::new(
        "spdz/products-unchecked",
        Unchecked,
        "MAC check",
        "what products open is not checked",
    ),
    Mutant::new("spdz/key-survives", Dropped, "MAC check", "a failed check leaves the key"),
    Mutant::new("spdz/check-skipped", Dropped, "MAC check", "nothing is checked"),
    Mutant::new("spdz/check-unheeded", Unchecked, "MAC check, 9", "what is not zero stops nobody"),
    Mutant::new(
        "spdz/seed-public",
        Challenge,
        "MAC check, 3",
        "coefficients follow from what is public",
    ),
    Mutant::new("spdz/weights-one", Challenge, "MAC check, 4", "all coefficients are one"),
    Mutant::new("spdz/weights-repeat", Challenge, "MAC check, 4", "all coefficients are the same"),
    Mutant::new(
        "spdz/checked-at-the-end",
        Order,
        "comparisons",
        "what they depend on is checked at the end",
    ),
    Mutant::new(
        "spdz/output-before-check",
        Order,
        "outputs",
        "they are opened before what they depend on is checked",
    ),
    Mutant::new("spdz/output-unchecked", Dropped, "outputs", "MACs of outputs are not checked"),
    Mutant::new(
        "spdz/macs-shared-alike",
        Reused,
        "sharing",
        "shares of MACs are those of values but for the last party's",
    ),
    Mutant::new(
        "spdz/answers-malformed",
        Overheard,
        "inputs",
        "whoever sends what cannot be read is told the others' inputs",
    ),
    Mutant::new(
        "spdz/every-second-unchecked",
        Unchecked,
        "MAC check, 4",
        "every second coefficient is zero",
    ),
    Mutant::new(
        "spdz/seed-tells",
        Unmasked,
        "MAC check, 1",
        "two bits of a seed add up to the first digit of an input",
    ),
    Mutant::new("spdz/last-unchecked", Unchecked, "MAC check, 4", "the last coefficient is zero"),
    Mutant::new("spdz/weights-short", Challenge, "MAC check, 4", "coefficients have 4 bits"),
    Mutant::new("spdz/seed-of-one", Challenge, "MAC check, 3", "the first party's seed is the sum"),
    Mutant::new("spdz/sigma-shown", Order, "MAC check, 7", "nobody commits to its part of the sum"),
    Mutant::new(
        "spdz/coin-stretched",
        Challenge,
        "MAC check, 3",
        "coefficients of later checks follow from the first coin",
    ),
    Mutant::new("spdz/input-masks-of-all", Reused, "inputs", "all owners have the same masks"),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&MASKS[..], &STOCK[..], &DEALER[..], &SPLIT[..], &INPUTS[..], &AGREE[..], &OWN[..]].concat()
}
