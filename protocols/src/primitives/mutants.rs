//! Mutants of what parties agree upon, and of transfers.

use crate::mutants::Kind::{
    Dropped, Narrow, Order, Overheard, Reused, Unbound, Unchecked, Unmasked,
};
use crate::mutants::Mutant;

/// Of commitments that are opened later.
pub(crate) const AGREE: [Mutant; 13] = [
    Mutant::new("agree/nonce-constant", Narrow, "1. commit", "nonces are zero"),
    Mutant::new("agree/nonce-short", Narrow, "1. commit", "nonces have 8 bits"),
    Mutant::new("agree/opens-early", Order, "2. open", "the opening goes out with the commitment"),
    Mutant::new("agree/opening-unchecked", Unchecked, "3. check", "openings are believed"),
    Mutant::new(
        "agree/view-unchecked",
        Unchecked,
        "4. compare",
        "parties may have been told different commitments",
    ),
    Mutant::new(
        "agree/identity-unbound",
        Unbound,
        "1. commit",
        "commitments do not name who commits",
    ),
    Mutant::new(
        "agree/session-unbound",
        Unbound,
        "1. commit",
        "commitments do not name the session",
    ),
    Mutant::new("agree/content-unbound", Unbound, "1. commit", "the nonce alone is committed to"),
    Mutant::new(
        "agree/nonce-is-session",
        Narrow,
        "1. commit",
        "nonces are the public name of the run",
    ),
    Mutant::new(
        "agree/last-told-early",
        Order,
        "2. open",
        "the last party is told with the commitment",
    ),
    Mutant::new(
        "agree/opening-one-byte",
        Unchecked,
        "3. check",
        "one byte of a commitment is compared",
    ),
    Mutant::new(
        "agree/last-opening-unchecked",
        Unchecked,
        "3. check",
        "the last party's opening is believed",
    ),
    Mutant::new(
        "agree/view-one-byte",
        Unchecked,
        "4. compare",
        "one byte of each commitment is compared",
    ),
];

/// Of OT extension against malicious receivers.
pub(crate) const CHECK_HALF: Mutant =
    Mutant::new("ot/check-half", Unchecked, "OT extension, 3", "half of the rows are checked");

/// Of silent extension among semi-honest parties.
pub(crate) const SILENT: [Mutant; 6] = [
    Mutant::new(
        "silent/trees-alike",
        Reused,
        "2. trees",
        "all trees of an iteration have one root and one tweak",
    ),
    Mutant::new(
        "silent/sums-unmasked",
        Unmasked,
        "2. trees",
        "sums of both sides of every level are told in clear",
    ),
    Mutant::new("silent/noise-constant", Narrow, "1. noise", "every block's point is its first"),
    Mutant::new("silent/choices-told", Overheard, "1. noise", "the receiver tells its points"),
    Mutant::new("silent/code-left-out", Dropped, "4. code", "all choices but the noise are zero"),
    Mutant::new("silent/secret-short", Narrow, "4. code", "the code expands 8 bits"),
];

/// Of its check against malicious parties.
pub(crate) const SILENT_CHECK: [Mutant; 1] = [Mutant::new(
    "silent/check-skipped",
    Unchecked,
    "3. the check",
    "the receiver believes the sender's trees",
)];

/// Of products by oblivious transfer.
pub(crate) const OLE: [Mutant; 4] = [
    Mutant::new("ole/pads-unhashed", Dropped, "1. transfers", "pads are not hashed"),
    Mutant::new("ole/choices-told", Overheard, "1. transfers", "the receiver tells its choices"),
    Mutant::new(
        "ole/highest-unmasked",
        Unmasked,
        "2. correct",
        "the correction of the highest bit is the factor itself",
    ),
    Mutant::new("ole/factor-told", Overheard, "2. correct", "the sender tells what it multiplies"),
];
