//! Steps done wrongly.

use crate::mutants::Kind::{Narrow, Overheard, Reused, Unmasked};
use crate::mutants::Mutant;

/// Of this protocol's own steps.
const OWN: [Mutant; 10] = [
    Mutant::new("yao/offset-one", Narrow, "offset", "two labels differ in their lowest bit alone"),
    Mutant::new(
        "yao/labels-repeat",
        Reused,
        "1. inputs",
        "all of the garbler's bits have one label",
    ),
    Mutant::new(
        "yao/permute-bits-clear",
        Unmasked,
        "1. inputs",
        "the lowest bit of the garbler's label is its bit",
    ),
    Mutant::new("yao/one-choice", Unmasked, "offline", "the evaluator's random choices are zero"),
    Mutant::new(
        "yao/choices-told",
        Overheard,
        "1. inputs",
        "the evaluator tells its random choices",
    ),
    Mutant::new("yao/clients-unmasked", Unmasked, "1. inputs", "the evaluator's share is the bit"),
    Mutant::new(
        "yao/coins-known",
        Unmasked,
        "2. tables",
        "coins that hide the permute bits of gates in three halves are public",
    ),
    Mutant::new("yao/random-of-one", Narrow, "1. inputs", "random bits are the evaluator's alone"),
    Mutant::new(
        "yao/outputs-told",
        Overheard,
        "3. outputs",
        "shares of outputs go to both parties",
    ),
    Mutant::new(
        "yao/output-zeros-told",
        Overheard,
        "3. outputs",
        "the evaluator is told labels of zeros",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    OWN.to_vec()
}
