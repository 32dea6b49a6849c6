use std::fmt;

use serde::{Deserialize, Serialize};

/// A promise that can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guarantee {
    /// Outputs are those of the ideal functionality.
    Correctness,
    /// Honest parties that output, output the same.
    Agreement,
    /// Measured bytes and rounds are the declared ones.
    DeclaredCost,
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Guarantee::Correctness => "correctness",
            Guarantee::Agreement => "agreement",
            Guarantee::DeclaredCost => "declared cost",
        })
    }
}

/// What a check saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// The guarantee held in this run.
    Held,
    /// It did not.
    Broken,
    /// A statistical test did not refute it.
    NotRefuted {
        /// Samples.
        samples: u64,
        /// Name of the test.
        test: String,
        /// Its level.
        alpha: f64,
    },
    /// The run does not decide it.
    Inconclusive,
}

/// A guarantee, whether it was claimed, and what was observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which guarantee.
    pub guarantee: Guarantee,
    /// Whether the protocol claims it under this run's adversary and network.
    pub claimed: bool,
    /// What the check saw.
    pub observed: Observed,
    /// What the check rests on: the values that differ, or why it is inconclusive.
    pub evidence: String,
}

/// A verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Claimed, and not broken.
    Held,
    /// Claimed and broken.
    Violated,
    /// Not claimed, whatever was observed.
    OutOfClaim,
    /// Claimed, and the run does not decide it.
    Inconclusive,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Standing::Held => "held",
            Standing::Violated => "violated",
            Standing::OutOfClaim => "out of claim",
            Standing::Inconclusive => "inconclusive",
        })
    }
}

impl Verdict {
    /// The verdict in one word.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (self.claimed, &self.observed) {
            (false, _) => Standing::OutOfClaim,
            (true, Observed::Broken) => Standing::Violated,
            (true, Observed::Inconclusive) => Standing::Inconclusive,
            (true, Observed::Held | Observed::NotRefuted { .. }) => Standing::Held,
        }
    }
}
