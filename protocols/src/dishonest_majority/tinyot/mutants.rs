//! Steps done wrongly.

use crate::mutants::Kind::{Order, Overheard, Unchecked};
use crate::mutants::Mutant;
use crate::primitives::auth::mutants::AUTH;
use crate::primitives::mutants::{AGREE, CHECK_HALF, SILENT, SILENT_CHECK};

/// Of this protocol's own steps.
const OWN: [Mutant; 5] = [
    Mutant::new(
        "tinyot/output-before-check",
        Order,
        "4. outputs",
        "they are opened before what they depend on is checked",
    ),
    Mutant::new("tinyot/outputs-told", Overheard, "4. outputs", "shares of outputs go to all"),
    CHECK_HALF,
    Mutant::new(
        "auth/ledger-overwritten",
        Unchecked,
        "openings",
        "MACs of the last opening alone are checked",
    ),
    Mutant::new(
        "auth/macs-explained",
        Overheard,
        "openings",
        "who is caught is told the MACs that were expected",
    ),
];

/// Those of silent transfers against malicious parties stand here alone: `wrk`, `yao_covert` and
/// `yao_cut_and_choose` share this code.
pub(crate) fn all() -> Vec<Mutant> {
    [&AGREE[..], &AUTH[..], &SILENT[..], &SILENT_CHECK[..], &OWN[..]].concat()
}
