//! Columns of decimals: whole numbers of `10^-decimals`, so that sums and products stay exact.

use super::FunctionError;
use super::error::allow;
use crate::program::{Decoding, Range, Type};

/// With more decimals no 64-bit value is left room for.
const MAX_DECIMALS: u32 = 18;

/// How many raw units make 1.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    decimals: u32,
}

impl Scale {
    /// The scale that a function's parameter asks for.
    pub(super) fn checked(decimals: Option<u32>) -> Result<Self, FunctionError> {
        allow("decimals", decimals.unwrap_or(0), 0..=MAX_DECIMALS)?;
        Ok(Scale::of(decimals))
    }

    /// The scale of a parameter that is known to be allowed.
    pub(super) fn of(decimals: Option<u32>) -> Self {
        Scale { decimals: decimals.unwrap_or(0).min(MAX_DECIMALS) }
    }

    /// Raw units in 1.
    pub(super) fn unit(self) -> i128 {
        10i128.pow(self.decimals)
    }

    /// Raw values of the numbers from -2^(bits-1) to 2^(bits-1) - 1; at most 64 bits.
    pub(super) fn signed(self, bits: u32) -> Range {
        self.times(Range::signed(bits))
    }

    /// Raw values of the numbers from 0 to 2^bits - 1; at most 64 bits.
    pub(super) fn unsigned(self, bits: u32) -> Range {
        self.times(Range::unsigned(bits))
    }

    fn times(self, range: Range) -> Range {
        let by = |end: i128| end.saturating_mul(self.unit());
        Range { lo: by(range.lo), hi: by(range.hi) }
    }

    /// The type of a column whose raw values lie in a range.
    pub(super) fn ty(self, range: Range) -> Type {
        match self.decimals {
            0 => Type::Int { bits: range.bits() },
            decimals => Type::Decimal { bits: range.bits(), decimals },
        }
    }

    /// How a product of so many raw values is read.
    pub(super) fn decoding(self, factors: usize) -> Decoding {
        match self.decimals {
            0 => Decoding::Integer,
            each => {
                let factors = u32::try_from(factors).unwrap_or(u32::MAX);
                Decoding::Decimal { decimals: each.saturating_mul(factors) }
            }
        }
    }
}
