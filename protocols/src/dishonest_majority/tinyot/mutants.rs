//! Steps done wrongly.

use crate::mutants::Kind::{Order, Overheard};
use crate::mutants::Mutant;
use crate::primitives::auth::mutants::AUTH;
use crate::primitives::mutants::{AGREE, SILENT, SILENT_CHECK};

/// Of this protocol's own steps.
const OWN: [Mutant; 2] = [
    Mutant::new(
        "tinyot/output-before-check",
        Order,
        "4. outputs",
        "they are opened before what they depend on is checked",
    ),
    Mutant::new("tinyot/outputs-told", Overheard, "4. outputs", "shares of outputs go to all"),
];

/// Those of silent transfers against malicious parties stand here alone: `wrk`, `yao_covert` and
/// `yao_cut_and_choose` share this code.
pub(crate) fn all() -> Vec<Mutant> {
    [&AGREE[..], &AUTH[..], &SILENT[..], &SILENT_CHECK[..], &OWN[..]].concat()
}
