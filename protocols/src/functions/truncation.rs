use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::program::Rounding;

/// How fixed-point numbers lose the bits that nobody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Truncation {
    /// Down to the neighbour, and the result to the nearest: every protocol gets the same, and
    /// learns nothing else.
    #[default]
    Exact,
    /// To one of the two neighbours, mostly the nearer: cheaper, and runs may differ in the last
    /// bits, within the stated error. Engines that open a masked value for it leak which fraction
    /// was cut off, see [`Rounding::Either`].
    Probabilistic,
}

impl From<Truncation> for Rounding {
    fn from(truncation: Truncation) -> Self {
        match truncation {
            Truncation::Probabilistic => Rounding::Either,
            Truncation::Exact => Rounding::Floor,
        }
    }
}
