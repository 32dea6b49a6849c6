//! Steps done wrongly.

use crate::mutants::Kind::{Dropped, Narrow, Overheard, Reused, Unbound, Unchecked, Unmasked};
use crate::mutants::Mutant;
use crate::primitives::mutants::{CHECK_HALF, SILENT_CHECK};

/// Of this protocol's own steps.
const OWN: [Mutant; 16] = [
    Mutant::new("transfer/offset-one", Narrow, "offset", "two keys differ by one before hashing"),
    Mutant::new("transfer/offset-told", Overheard, "offset", "the receiver is told the offset"),
    Mutant::new("transfer/bits-zero", Unmasked, "offline", "the receiver's random bits are zero"),
    Mutant::new("transfer/bits-alike", Reused, "offline", "the receiver's random bits are one"),
    Mutant::new("transfer/bits-biased", Narrow, "offline", "three of four random bits are zero"),
    Mutant::new("transfer/last-bit-zero", Unmasked, "offline", "the last random bit is zero"),
    Mutant::new(
        "transfer/chance-told",
        Overheard,
        "1. choices",
        "the receiver tells its random bits",
    ),
    Mutant::new(
        "transfer/keys-reused",
        Reused,
        "1. choices",
        "all transfers have the keys and random bits of the first",
    ),
    Mutant::new(
        "transfer/first-unmasked",
        Unmasked,
        "2. messages",
        "messages with number 0 are not masked",
    ),
    Mutant::new("transfer/mask-narrow", Narrow, "2. messages", "half of each message is masked"),
    Mutant::new(
        "transfer/keys-told",
        Overheard,
        "2. messages",
        "the receiver is told what both keys differ by",
    ),
    Mutant::new(
        "transfer/one-digit",
        Dropped,
        "2. messages",
        "masks are made of the key of the lowest digit alone",
    ),
    Mutant::new(
        "transfer/number-unbound",
        Unbound,
        "2. messages",
        "keys are hashed to the same for every message",
    ),
    Mutant::new(
        "transfer/keys-unhashed",
        Dropped,
        "2. messages",
        "masks are sums of keys, which several messages have",
    ),
    Mutant::new(
        "transfer/obtained-told",
        Overheard,
        "3. messages",
        "the receiver tells what it has obtained",
    ),
    Mutant::new(
        "transfer/check-skipped",
        Unchecked,
        "offline",
        "extension is that against semi-honest parties",
    ),
];

pub(crate) fn all() -> Vec<Mutant> {
    [&[CHECK_HALF], &SILENT_CHECK[..], &OWN[..]].concat()
}
