//! Steps done wrongly.

use crate::mutants::Kind::{Dropped, Narrow, Overheard, Reused, Unmasked};
use crate::mutants::Mutant;
use crate::primitives::mutants::SILENT;

/// Of this protocol's own steps.
const OWN: [Mutant; 20] = [
    Mutant::new("gmw/a-zero", Unmasked, "triples", "x is opened without a mask"),
    Mutant::new("gmw/a-repeats", Reused, "triples", "all ANDs have one a"),
    Mutant::new("gmw/b-is-a", Reused, "triples", "both factors have one mask"),
    Mutant::new("gmw/a-biased", Narrow, "triples", "three of four a are zero"),
    Mutant::new("gmw/inputs-unmasked", Unmasked, "inputs", "the last share is the value"),
    Mutant::new(
        "gmw/inputs-masked-alike",
        Reused,
        "inputs",
        "all bits of an input have the shares of one",
    ),
    Mutant::new("gmw/triples-unmasked", Unmasked, "triples", "the last party has them all"),
    Mutant::new("gmw/triples-masked-alike", Reused, "triples", "all bits have the shares of one"),
    Mutant::new("gmw/triples-reused", Reused, "ANDs", "each layer takes the first triples again"),
    Mutant::new(
        "gmw/triples-reused-unnoticed",
        Reused,
        "ANDs",
        "each layer takes the first triples again and calls them new",
    ),
    Mutant::new("gmw/own-share-told", Overheard, "inputs", "the owner tells its own share to all"),
    Mutant::new("gmw/products-told", Overheard, "ANDs", "shares of each layer go to all"),
    Mutant::new("gmw/output-told", Overheard, "outputs", "shares of outputs go to all"),
    Mutant::new("gmw/chained", Reused, "triples", "a of each AND is b of the one before"),
    Mutant::new("gmw/seed-short", Narrow, "triples", "a and b come from a seed of 8 bits"),
    Mutant::new(
        "gmw/last-bit-twins",
        Reused,
        "inputs",
        "two parties have one share of an input's last bit",
    ),
    Mutant::new("gmw/delta-zero", Unmasked, "transfers", "both messages are the same"),
    Mutant::new(
        "gmw/difference-told",
        Overheard,
        "triples",
        "what two pads differ by is told beside the correction",
    ),
    Mutant::new("gmw/sometimes-clear", Narrow, "inputs", "one sharing of 16 is not masked"),
    Mutant::new("gmw/pads-unhashed", Dropped, "triples", "pads of transfers are not hashed"),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&SILENT[..], &OWN[..]].concat()
}
