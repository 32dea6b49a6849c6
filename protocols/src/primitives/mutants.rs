//! Mutants of what parties agree upon.

use crate::mutants::Kind::{Narrow, Order, Unbound, Unchecked};
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
