use std::fmt;

use super::Range;

/// Names a node of one program; ids ascend in topological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Position in [`super::Program::nodes`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What the elements of a vector mean. All of them are integers; the type says how to read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Two's complement integer.
    Int {
        /// Width, sign included.
        bits: u32,
    },
    /// `raw / 2^frac`, where `raw` is a two's complement integer.
    Fixed {
        /// Width of `raw`, sign included.
        bits: u32,
        /// Fractional bits.
        frac: u32,
    },
    /// `raw / 10^decimals`, where `raw` is a two's complement integer. Only columns are read so: what
    /// is computed of them counts as integers, and [`super::Decoding`] says how to read it.
    Decimal {
        /// Width of `raw`, sign included.
        bits: u32,
        /// Decimals.
        decimals: u32,
    },
    /// 0 or 1.
    Bit,
    /// The bits of one number, least significant first. Only columns are read so: what is computed
    /// of them counts as bits.
    Word,
    /// Some of the bits of a wider number. Only columns are read so, see
    /// [`super::Builder::input_wide`]: what is computed of them counts as integers.
    Limb {
        /// Place of the lowest bit in the number.
        at: u32,
        /// Width.
        bits: u32,
        /// Whether these are the highest bits of a number in two's complement.
        signed: bool,
    },
}

impl Type {
    /// The narrowest type for a range with so many fractional bits.
    #[must_use]
    pub fn of(range: Range, frac: u32) -> Self {
        match frac {
            0 => Type::Int { bits: range.bits() },
            frac => Type::Fixed { bits: range.bits(), frac },
        }
    }

    /// Fractional bits; 0 for integers, decimals and bits.
    #[must_use]
    pub fn frac(self) -> u32 {
        match self {
            Type::Fixed { frac, .. } => frac,
            Type::Int { .. }
            | Type::Decimal { .. }
            | Type::Bit
            | Type::Word
            | Type::Limb { .. } => 0,
        }
    }

    /// All raw values of the type.
    #[must_use]
    pub fn range(self) -> Range {
        match self {
            Type::Int { bits } | Type::Fixed { bits, .. } | Type::Decimal { bits, .. } => {
                Range::signed(bits)
            }
            Type::Bit | Type::Word => Range::BIT,
            Type::Limb { bits, signed: true, .. } => Range::signed(bits),
            Type::Limb { bits, .. } => Range::unsigned(bits),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Int { bits } => write!(f, "integer of {bits} bits"),
            Type::Fixed { bits, frac } => {
                write!(f, "fixed point of {bits} bits, {frac} of them fractional")
            }
            Type::Decimal { bits, decimals } => {
                write!(f, "integer of {bits} bits with {decimals} decimals")
            }
            Type::Bit => write!(f, "bit"),
            Type::Word => write!(f, "bit of one number"),
            Type::Limb { at, bits, .. } => {
                write!(f, "bits {at} to {} of a number", (at + bits).saturating_sub(1))
            }
        }
    }
}

/// How exact a truncation has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rounding {
    /// Exact truncation: floor division by the power of two, the same in every engine.
    Floor,
    /// Probabilistic truncation: the floor or the floor plus one, whichever the engine's protocol
    /// yields; mostly the nearer. It takes less communication.
    ///
    /// Protocols that open the value behind a mask, as `TruncPr` (Catrina and Saxena, FC 2010),
    /// open what decides the rounding. Where an output shows the rounding, both together tell of
    /// the fraction that was cut off (Li et al., USENIX Security 2023): such a program computes a
    /// functionality that leaks the masked low bits (Santos et al., ePrint 2024/1127). See
    /// [`super::Statistics::shown_roundings`].
    Either,
}
