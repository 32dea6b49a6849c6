//! Steps done wrongly.

use crate::engine::mutants::{DEALER, INPUTS, MASKS, SPLIT, STOCK};
use crate::mutants::Kind::{
    Challenge, Dropped, Narrow, Order, Overheard, Reused, Unchecked, Unmasked,
};
use crate::mutants::Mutant;
use crate::primitives::mutants::AGREE;

/// Of this protocol's own steps.
const OWN: [Mutant; 19] = [
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
    Mutant::new("spdz/input-mask-small", Narrow, "inputs", "masks have 24 bits"),
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
];

pub(crate) fn all() -> Vec<Mutant> {
    [&MASKS[..], &STOCK[..], &DEALER[..], &SPLIT[..], &INPUTS[..], &AGREE[..], &OWN[..]].concat()
}
