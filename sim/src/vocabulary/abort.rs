use serde::{Deserialize, Serialize};

use super::PartyId;

/// Why a party ended without an output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Abort {
    /// A message that is no encoding of what the step expects.
    #[error("{from} sent a malformed message in {scope}: {reason}")]
    Malformed {
        /// Who sent it.
        from: PartyId,
        /// Path of the scope it came in.
        scope: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing came within the synchrony bound.
    #[error("{from} sent nothing in time in {scope}")]
    Missing {
        /// Who should have sent.
        from: PartyId,
        /// Path of the scope it was expected in.
        scope: String,
    },
    /// The sender ended, so nothing will come.
    #[error("{from} closed its channel in {scope}")]
    Closed {
        /// Who should have sent.
        from: PartyId,
        /// Path of the scope it was expected in.
        scope: String,
    },
    /// A cheater was caught.
    #[error("{step}: caught {}", list(.culprits))]
    Cheating {
        /// Who is blamed, in ascending order.
        culprits: Vec<PartyId>,
        /// The step of the paper whose check failed.
        step: String,
    },
    /// A check failed that names nobody.
    #[error("{step}: the check failed")]
    CheckFailed {
        /// The step of the paper whose check failed.
        step: String,
    },
    /// The protocol's own code met a state that it rules out.
    #[error("bug: {0}")]
    Bug(String),
}

fn list(parties: &[PartyId]) -> String {
    parties.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
