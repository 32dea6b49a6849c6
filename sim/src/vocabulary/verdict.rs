use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A promise that can be checked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Guarantee {
    /// Outputs are those of the ideal functionality on the effective inputs.
    Correctness,
    /// Honest parties that output, output the same.
    Agreement,
    /// Honest parties learn of an abort as the claim says: some of them, or all or none.
    AbortKind,
    /// An abort names corrupted parties, the same ones everywhere, and no honest one.
    Identification,
    /// If the coalition learns the output, all honest parties do.
    Fairness,
    /// Honest parties end: with their output if it is guaranteed, else with an output or an abort.
    Delivery,
    /// Inputs of corrupted parties do not depend on those of honest ones.
    InputIndependence,
    /// The coalition's view tells nothing but its inputs, its outputs and the declared leakage.
    Privacy,
    /// Cheating goes unnoticed with at most the probability that the theorem gives.
    Soundness,
    /// Correlated randomness is used once, and whoever aborts falls silent and erases its keys.
    Invariants,
    /// Measured bytes and rounds are the declared ones.
    DeclaredCost,
}

impl Guarantee {
    /// All of them, in order.
    pub const ALL: [Guarantee; 11] = [
        Guarantee::Correctness,
        Guarantee::Agreement,
        Guarantee::AbortKind,
        Guarantee::Identification,
        Guarantee::Fairness,
        Guarantee::Delivery,
        Guarantee::InputIndependence,
        Guarantee::Privacy,
        Guarantee::Soundness,
        Guarantee::Invariants,
        Guarantee::DeclaredCost,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Guarantee::Correctness => "correctness",
            Guarantee::Agreement => "agreement",
            Guarantee::AbortKind => "abort kind",
            Guarantee::Identification => "identification",
            Guarantee::Fairness => "fairness",
            Guarantee::Delivery => "delivery",
            Guarantee::InputIndependence => "input independence",
            Guarantee::Privacy => "privacy",
            Guarantee::Soundness => "soundness",
            Guarantee::Invariants => "invariants",
            Guarantee::DeclaredCost => "declared cost",
        }
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a check saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
