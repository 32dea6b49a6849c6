//! Steps done wrongly.

use super::super::additive;
use crate::engine::mutants::{DEALER, MASKS, SPLIT, STOCK};
use crate::mutants::Kind::{Narrow, Overheard, Unmasked};
use crate::mutants::Mutant;
use crate::primitives::mutants::OLE;

/// Of this protocol's own steps.
const OWN: [Mutant; 4] = [
    Mutant::new("semi/delta-zero", Unmasked, "transfers", "both messages are the same"),
    Mutant::new("semi/bits-of-one", Narrow, "random bits", "the first party knows all bits"),
    Mutant::new("semi/bits-told", Overheard, "random bits", "parties tell their parts of bits"),
    Mutant::new("semi/masks-of-one", Narrow, "masks", "the first party knows all masks"),
];

pub(crate) fn all() -> Vec<Mutant> {
    let online = additive::mutants::online();
    [&MASKS[..], &STOCK[..], &DEALER[..], &SPLIT[..], &online, &OLE[..], &OWN[..]].concat()
}
