//! Mutants of what protocols of two parties share that trust each other in nothing.

use crate::mutants::Kind::{Dropped, Narrow, Overheard, Reused, Unchecked, Unmasked};
use crate::mutants::Mutant;

/// Of the circuit, of the evaluator's encoding, and of circuits from seeds.
pub(crate) const SHARED: [Mutant; 7] = [
    Mutant::new("encoding/plain", Dropped, "input", "the evaluator's input is not encoded"),
    Mutant::new(
        "two-party/outputs-unmasked",
        Unmasked,
        "outputs",
        "the evaluator sees what the garbler alone learns",
    ),
    Mutant::new(
        "two-party/random-of-one",
        Narrow,
        "input",
        "random bits are the evaluator's alone",
    ),
    Mutant::new("replicas/seeds-repeat", Reused, "seeds", "all circuits have one seed"),
    Mutant::new("replicas/keys-told", Overheard, "keys", "the evaluator has all keys"),
    Mutant::new(
        "replicas/labels-unchecked",
        Unchecked,
        "labels",
        "labels of the evaluator's bits are believed",
    ),
    Mutant::new(
        "replicas/tables-unchecked",
        Unchecked,
        "tables",
        "tables of checked circuits are believed",
    ),
];
