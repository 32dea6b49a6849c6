//! What functions in fixed point with a secret reciprocal or root have in common.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::allow;
use super::{FunctionError, Truncation};

/// Parameters of [`super::Divide`] and [`super::SquareRoot`]. The defaults keep every value within
/// 63 bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FixedPointParams {
    /// Width of a value, bits: 2 to 48 with sign of a dividend or divisor, 1 to 64 without sign
    /// under a root.
    pub bits: u32,
    /// Values per party, at least 1, and 2^24 of all parties at most.
    pub length: usize,
    /// Fractional bits of the result: 0 to 40 of a quotient, 1 to 40 of a root.
    pub frac: u32,
    /// Fractional bits of the secret iteration: 8 to 60 of a reciprocal, 8 to 56 of a root.
    pub precision: u32,
    /// How fixed-point numbers are truncated.
    pub truncation: Truncation,
    /// Decimals of a value, at most 18; as many as given inputs have if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for FixedPointParams {
    fn default() -> Self {
        FixedPointParams {
            bits: 16,
            length: 1,
            frac: 16,
            precision: 24,
            truncation: Truncation::Exact,
            decimals: None,
        }
    }
}

impl FixedPointParams {
    /// Whether they lie in a function's limits; how values are scaled.
    pub(super) fn checked(
        &self,
        bits: RangeInclusive<u32>,
        frac: RangeInclusive<u32>,
        precision: RangeInclusive<u32>,
    ) -> Result<Scale, FunctionError> {
        allow("bits", self.bits, bits)?;
        allow("frac", self.frac, frac)?;
        allow("precision", self.precision, precision)?;
        Scale::checked(self.decimals)
    }
}
