//! Steps done wrongly.

use crate::garbled::mutants::SHARED;
use crate::mutants::Kind::{Challenge, Unbound, Unchecked};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 6] = [
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
];

pub(crate) fn all() -> Vec<Mutant> {
    [&SHARED[..], &OWN[..]].concat()
}
