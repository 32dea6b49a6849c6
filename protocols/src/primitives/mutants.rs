//! Mutants of what parties agree upon.

use crate::mutants::Kind::{Narrow, Order, Unbound, Unchecked};
use crate::mutants::Mutant;

/// Of commitments that are opened later.
pub(crate) const AGREE: [Mutant; 8] = [
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
];
