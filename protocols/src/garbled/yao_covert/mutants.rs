//! Steps done wrongly.

use crate::garbled::mutants::SHARED;
use crate::mutants::Kind::{Challenge, Overheard, Unbound, Unchecked, Unmasked};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 8] = [
    Mutant::new(
        "covert/challenge-constant",
        Challenge,
        "1. choice",
        "the first circuit is evaluated, all others are checked",
    ),
    Mutant::new(
        "covert/commitments-unchecked",
        Unchecked,
        "3. commitments",
        "commitments to labels of checked circuits are believed",
    ),
    Mutant::new(
        "covert/decoding-unchecked",
        Unchecked,
        "3. decoding",
        "decoding bits of checked circuits are believed",
    ),
    Mutant::new(
        "covert/labels-unchecked",
        Unchecked,
        "3. labels",
        "labels of the garbler's bits may be none",
    ),
    Mutant::new(
        "covert/bits-accepted",
        Unchecked,
        "4. outputs",
        "the garbler accepts bits without their labels",
    ),
    Mutant::new(
        "covert/proof-keyless",
        Unbound,
        "4. outputs",
        "labels of any circuit prove outputs, also of one whose seed the evaluator has",
    ),
    Mutant::new(
        "covert/commitments-in-order",
        Unmasked,
        "2. commitments",
        "commitments stand in the order of bits",
    ),
    Mutant::new(
        "covert/choice-told",
        Overheard,
        "1. choice",
        "the garbler is told which circuit is evaluated",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&SHARED[..], &OWN[..]].concat()
}
