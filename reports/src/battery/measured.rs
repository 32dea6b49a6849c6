use serde::{Deserialize, Serialize};

use super::Judgement;
use crate::record::big;

/// One test of what a coalition's view tells, or of whether its inputs depend on those of others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrivacyRow {
    /// Label of the protocol.
    pub protocol: String,
    /// Name of the test.
    pub test: String,
    /// Algebra that the protocol computed in.
    pub algebra: String,
    /// Runs that the test looked at; of an exact test, branches that it enumerated.
    #[serde(with = "big::number")]
    pub samples: u64,
    /// Level of the test after correction for the whole battery; an exact test has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// Its p-value, the smallest of several; an exact test has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// Whether it is claimed, and what was observed.
    pub verdict: Judgement,
    /// For which parameters an exact test holds; what the test cannot see.
    #[serde(default)]
    pub note: String,
}

/// How often cheating goes unnoticed, against what the theorem allows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoundnessCurve {
    /// Label of the protocol.
    pub protocol: String,
    /// What counts as success of the adversary.
    pub event: String,
    /// What the adversary does.
    pub strategy: String,
    /// Name of what the points differ in.
    pub parameter: String,
    /// Confidence of each point's interval.
    pub confidence: f64,
    /// The measurements.
    pub points: Vec<SoundnessPoint>,
    /// Paper and statement that the bound comes from.
    pub source: String,
    /// Whether it is claimed, and what was observed.
    pub verdict: Judgement,
}

/// One measurement of a soundness error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoundnessPoint {
    /// Value of the parameter.
    pub value: f64,
    /// The value for a reader; if empty, the number itself.
    #[serde(default)]
    pub label: String,
    /// Attempts to cheat.
    #[serde(with = "big::number")]
    pub trials: u64,
    /// Those that succeeded.
    #[serde(with = "big::number")]
    pub successes: u64,
    /// Lower end of the Clopper-Pearson interval.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
    /// Success probability that the theorem allows.
    pub bound: f64,
}

impl SoundnessPoint {
    /// Share of the attempts that succeeded; 0 without attempts.
    #[must_use]
    pub fn frequency(&self) -> f64 {
        self.successes as f64 / self.trials.max(1) as f64
    }

    /// Whether the measurement contradicts the bound: even the lower end is above it.
    #[must_use]
    pub fn exceeds(&self) -> bool {
        self.lower > self.bound
    }
}
