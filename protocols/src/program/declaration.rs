use std::fmt;
use std::sync::Arc;

use super::{NodeId, Range, Type, format_quotient};

/// Name of an input or output; cheap to clone.
pub type Name = Arc<str>;

/// One column of one input party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputDecl {
    /// Column.
    pub name: Name,
    /// Index among the input parties.
    pub party: usize,
    /// Number of values.
    pub len: usize,
    /// How they are read.
    pub ty: Type,
    /// What is allowed, in raw units; within the type.
    pub range: Range,
}

/// Who learns an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// All output parties.
    All,
    /// Those of these indices among the output parties.
    These(Vec<usize>),
}

impl Recipients {
    /// Whether an output party is one of them.
    #[must_use]
    pub fn include(&self, party: usize) -> bool {
        match self {
            Recipients::All => true,
            Recipients::These(parties) => parties.contains(&party),
        }
    }
}

/// One vector that output parties learn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputDecl {
    /// Name.
    pub name: Name,
    /// The node that is opened.
    pub node: NodeId,
    /// Number of values.
    pub len: usize,
    /// What the raw values stand for.
    pub decoding: Decoding,
    /// Who learns it.
    pub to: Recipients,
}

/// What a raw output value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoding {
    /// Itself.
    Integer,
    /// A bit of one number: the whole vector, least significant bit first.
    Word,
    /// A limb of one number: the whole vector, lowest limb first.
    Limbs {
        /// Bits of each limb but the highest, 1 to 127.
        bits: u32,
        /// Whether the number is two's complement; else it has no sign.
        signed: bool,
    },
    /// `raw / 2^frac`.
    Fixed {
        /// Fractional bits, at most 120.
        frac: u32,
    },
    /// `raw / 10^decimals`.
    Decimal {
        /// Decimals, at most 38.
        decimals: u32,
    },
    /// `raw / divisor`, a public divisor of at least 1.
    Quotient {
        /// The divisor.
        divisor: u128,
    },
}

impl Decoding {
    /// Whether a vector is one number.
    pub(super) fn is_of_one_number(self) -> bool {
        matches!(self, Decoding::Word | Decoding::Limbs { .. })
    }

    /// The one number that this vector is; none if it is no such number.
    pub(super) fn number(self, values: &[i128]) -> Option<String> {
        match self {
            Decoding::Limbs { bits, signed } => of_limbs(values, bits, signed),
            _ => Decoding::of_bits(values),
        }
    }

    /// The number of these bits: decimal up to 64 of them, hexadecimal above. None if there is
    /// something else among them.
    fn of_bits(bits: &[i128]) -> Option<String> {
        if bits.iter().any(|bit| !matches!(bit, 0 | 1)) {
            return None;
        }
        let part = |bits: &[i128]| bits.iter().rev().fold(0u64, |all, bit| 2 * all + *bit as u64);
        if bits.len() <= 64 {
            return Some(part(bits).to_string());
        }
        let digits = bits.chunks(4).rev().map(|digit| format!("{:x}", part(digit)));
        Some(format!("0x{}", digits.collect::<String>()))
    }

    /// Decimal text of a raw value; what is not an integer is rounded to the digits that matter.
    #[must_use]
    pub fn render(self, raw: i128) -> String {
        match self {
            Decoding::Integer | Decoding::Word | Decoding::Limbs { .. } => raw.to_string(),
            // 10^digits >= 2^frac, as log10 2 < 0.302.
            Decoding::Fixed { frac } => {
                format_quotient(raw, 1u128 << frac.min(120), (frac * 302).div_ceil(1000))
            }
            Decoding::Decimal { decimals } => {
                format_quotient(raw, 10u128.pow(decimals.min(38)), decimals.min(38))
            }
            Decoding::Quotient { divisor } => format_quotient(raw, divisor, 6),
        }
    }
}

/// The decimal number of up to 128 bits with these limbs; none if a limb is too large.
fn of_limbs(limbs: &[i128], bits: u32, signed: bool) -> Option<String> {
    let (highest, lower) = limbs.split_last()?;
    let mut number = highest.cast_unsigned();
    for limb in lower.iter().rev() {
        let limb = limb.cast_unsigned();
        if bits >= u128::BITS || limb >> bits != 0 {
            return None;
        }
        let next = (number << bits) | limb;
        let kept = if signed { (next.cast_signed() >> bits).cast_unsigned() } else { next >> bits };
        if kept != number {
            return None;
        }
        number = next;
    }
    Some(if signed { number.cast_signed().to_string() } else { number.to_string() })
}

/// How far a decoded output may be from the real-valued function: at most
/// `absolute + relative * |of|`.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorBound {
    /// The output.
    pub output: Name,
    /// Part that does not depend on the data.
    pub absolute: f64,
    /// Factor of the data-dependent part.
    pub relative: f64,
    /// The real value that the second part is proportional to.
    pub of: Name,
}

impl fmt::Display for ErrorBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ErrorBound { output, absolute, relative, of } = self;
        write!(f, "{output}: error at most {absolute:.2e} + {relative:.2e} * |{of}|")
    }
}
