//! Steps done wrongly.

use crate::garbled::mutants::SHARED;
use crate::mutants::Kind::{Challenge, Dropped, Overheard, Unchecked, Unmasked};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 10] = [
    Mutant::new(
        "cut-and-choose/challenge-constant",
        Challenge,
        "1. choice",
        "the first circuit is evaluated, all others are checked",
    ),
    Mutant::new("cut-and-choose/hash-known", Challenge, "3. hash", "it is known beforehand"),
    Mutant::new(
        "cut-and-choose/hash-unmasked",
        Unmasked,
        "4. hash",
        "the hash of the garbler's input is not masked",
    ),
    Mutant::new(
        "cut-and-choose/consistency-unchecked",
        Unchecked,
        "5. hash",
        "the garbler brings what it likes to each circuit",
    ),
    Mutant::new(
        "cut-and-choose/recovery-skipped",
        Dropped,
        "5. recovery",
        "the first of several outputs is taken",
    ),
    Mutant::new(
        "cut-and-choose/seeds-told",
        Overheard,
        "6. seeds",
        "the evaluator is told all seeds",
    ),
    Mutant::new(
        "cut-and-choose/values-unchecked",
        Unchecked,
        "6. values",
        "what labels decrypt to is believed",
    ),
    Mutant::new(
        "cut-and-choose/bits-accepted",
        Unchecked,
        "7. outputs",
        "the garbler accepts bits without their values",
    ),
    Mutant::new(
        "cut-and-choose/slots-in-order",
        Dropped,
        "7. outputs",
        "commitments stand in the order of circuits",
    ),
    Mutant::new(
        "cut-and-choose/differing-stops",
        Dropped,
        "5. recovery",
        "who gets different outputs stops",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&SHARED[..], &OWN[..]].concat()
}
