use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Phase;

/// What a protocol says it costs, to be held against what was measured.
///
/// Bytes are payload bytes sent over all parties, self-delivery excluded, a point-to-point
/// broadcast counted `n - 1` times; traffic with ideal functionalities is not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredCost {
    /// One entry for each phase that costs anything; absent phases must be free.
    pub phases: Vec<PhaseCost>,
    /// Paper and statement that the figures come from.
    pub source: String,
}

/// What one phase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseCost {
    /// Which phase.
    pub phase: Phase,
    /// Payload bytes sent over all parties.
    pub bytes: Figure,
    /// Causal rounds.
    pub rounds: Figure,
}

/// A figure or a bound on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Exactly this.
    Exact(u64),
    /// No more than this.
    AtMost(u64),
}

impl Figure {
    /// Whether a measured value agrees.
    #[must_use]
    pub fn admits(self, measured: u64) -> bool {
        match self {
            Figure::Exact(value) => measured == value,
            Figure::AtMost(bound) => measured <= bound,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Exact(value) => write!(f, "{value}"),
            Figure::AtMost(bound) => write!(f, "at most {bound}"),
        }
    }
}

impl DeclaredCost {
    /// The declared figures of a phase, zero where nothing was declared.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> PhaseCost {
        self.phases.iter().copied().find(|cost| cost.phase == phase).unwrap_or(PhaseCost {
            phase,
            bytes: Figure::Exact(0),
            rounds: Figure::Exact(0),
        })
    }
}
