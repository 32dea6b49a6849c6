use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a protocol promises, and under which assumptions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claims {
    /// The strongest adversary that it withstands; corruption is static.
    pub adversary: AdversaryKind,
    /// How many computing parties may be corrupted; of a protocol with named roles, how many of
    /// those who have one, in all.
    pub threshold: Threshold,
    /// What honest parties get.
    pub output: OutputGuarantee,
    /// Who learns of an abort.
    pub abort: AbortKind,
    /// How well secrets are hidden.
    pub security: Security,
    /// What has to exist before the first message.
    pub setup: Setup,
    /// What the network must promise.
    pub network: Synchrony,
}

/// How corrupted parties behave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdversaryKind {
    /// They follow the protocol and pool what they see.
    SemiHonest,
    /// They deviate, but are caught with this probability.
    Covert(f64),
    /// They deviate at will.
    Malicious,
}

impl fmt::Display for AdversaryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AdversaryKind::SemiHonest => f.write_str("semi-honest"),
            // What statistical security takes off it is too small to read.
            AdversaryKind::Covert(caught) => write!(f, "covert ({})", (caught * 1e6).round() / 1e6),
            AdversaryKind::Malicious => f.write_str("malicious"),
        }
    }
}

/// How many computing parties may be corrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// Fewer than a third.
    BelowThird,
    /// Fewer than half.
    BelowHalf,
    /// All but one.
    BelowAll,
    /// This many.
    Exact(u32),
}

impl Threshold {
    /// The largest number of corrupted parties tolerated among `n` computing parties.
    #[must_use]
    pub fn max_corrupted(self, n: usize) -> usize {
        match self {
            Threshold::BelowThird => n.saturating_sub(1) / 3,
            Threshold::BelowHalf => n.saturating_sub(1) / 2,
            Threshold::BelowAll => n.saturating_sub(1),
            Threshold::Exact(t) => t as usize,
        }
    }
}

/// What honest parties are promised to get.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OutputGuarantee {
    /// The output, or an abort.
    Abort,
    /// The output, or an abort that names a corrupted party.
    IdentifiableAbort,
    /// If anybody gets the output, all do.
    Fairness,
    /// All get the output.
    Guaranteed,
}

/// Who learns of an abort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbortKind {
    /// Some honest parties may abort while others get the output.
    Selective,
    /// Either all honest parties abort or none.
    Unanimous,
}

/// How well secrets are hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Against unbounded adversaries, without error.
    Perfect,
    /// Against unbounded adversaries, up to 2^-sigma.
    Statistical {
        /// Statistical security parameter, bits.
        sigma: u32,
    },
    /// Against bounded adversaries.
    Computational {
        /// Computational security parameter, bits.
        kappa: u32,
    },
    /// Against bounded adversaries, up to 2^-sigma: masks or checks are statistical, and something
    /// else computational.
    Both {
        /// Statistical security parameter, bits.
        sigma: u32,
        /// Computational security parameter, bits.
        kappa: u32,
    },
}

impl Security {
    /// The statistical security parameter, bits, if anything holds only up to it.
    #[must_use]
    pub fn statistical(self) -> Option<u32> {
        match self {
            Security::Statistical { sigma } | Security::Both { sigma, .. } => Some(sigma),
            Security::Perfect | Security::Computational { .. } => None,
        }
    }

    /// The computational security parameter, bits, if anything rests on a bounded adversary.
    #[must_use]
    pub fn computational(self) -> Option<u32> {
        match self {
            Security::Computational { kappa } | Security::Both { kappa, .. } => Some(kappa),
            Security::Perfect | Security::Statistical { .. } => None,
        }
    }
}

/// What has to exist before the first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// Private authenticated channels only.
    None,
    /// A dealer that all trust hands out correlated randomness; what it would cost is not priced.
    TrustedDealer,
    /// Public keys of all parties.
    Pki,
    /// A common reference string.
    Crs,
    /// Correlated randomness from elsewhere; what it would cost is not priced.
    CorrelatedRandomness,
}

impl Setup {
    /// Whether a report must print `not priced` for what this setup would cost.
    #[must_use]
    pub fn is_unpriced(self) -> bool {
        matches!(self, Setup::TrustedDealer | Setup::CorrelatedRandomness)
    }
}

/// What the network must promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Synchrony {
    /// Every message arrives within this bound, in nanoseconds.
    Synchronous {
        /// The bound, nanoseconds.
        delta_ns: u64,
    },
    /// Every message arrives; no deadline is used.
    Eventual,
    /// Like eventual, and the protocol ends even if some parties never speak.
    Asynchronous,
}
