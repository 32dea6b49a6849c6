use std::fmt;

/// A closed interval of integers: everything that an element may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Smallest value.
    pub lo: i128,
    /// Largest value.
    pub hi: i128,
}

/// Bits of the shortest two's complement representation.
fn signed_bits(value: i128) -> u32 {
    let magnitude = if value < 0 { !value } else { value };
    i128::BITS - magnitude.leading_zeros() + 1
}

impl Range {
    /// The values of a bit.
    pub const BIT: Range = Range { lo: 0, hi: 1 };

    /// One value.
    #[must_use]
    pub fn point(value: i128) -> Self {
        Range { lo: value, hi: value }
    }

    /// Two's complement integers of 1 to 127 bits; other widths are clamped.
    #[must_use]
    pub fn signed(bits: u32) -> Self {
        let half = 1i128 << (bits.clamp(1, 127) - 1);
        Range { lo: -half, hi: half - 1 }
    }

    /// Integers from 0 to 2^bits - 1, for up to 126 bits; larger widths are clamped.
    #[must_use]
    pub fn unsigned(bits: u32) -> Self {
        Range { lo: 0, hi: (1i128 << bits.min(126)) - 1 }
    }

    /// The smallest range that holds all values, or none if there are none.
    pub fn of(values: impl IntoIterator<Item = i128>) -> Option<Self> {
        values.into_iter().map(Range::point).reduce(Range::hull)
    }

    /// Whether a value lies inside.
    #[must_use]
    pub fn contains(self, value: i128) -> bool {
        self.lo <= value && value <= self.hi
    }

    /// Whether all of another range lies inside.
    #[must_use]
    pub fn covers(self, other: Range) -> bool {
        self.lo <= other.lo && other.hi <= self.hi
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn hull(self, other: Range) -> Self {
        Range { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Two's complement width that holds every value.
    #[must_use]
    pub fn bits(self) -> u32 {
        signed_bits(self.lo).max(signed_bits(self.hi))
    }

    /// Largest absolute value.
    #[must_use]
    pub fn magnitude(self) -> u128 {
        self.lo.unsigned_abs().max(self.hi.unsigned_abs())
    }

    /// Largest difference of two values.
    #[must_use]
    pub fn width(self) -> u128 {
        self.hi.wrapping_sub(self.lo).cast_unsigned()
    }

    /// Range of sums, unless it overflows.
    #[must_use]
    pub fn checked_add(self, other: Range) -> Option<Self> {
        Some(Range { lo: self.lo.checked_add(other.lo)?, hi: self.hi.checked_add(other.hi)? })
    }

    /// Range of differences, unless it overflows.
    #[must_use]
    pub fn checked_sub(self, other: Range) -> Option<Self> {
        Some(Range { lo: self.lo.checked_sub(other.hi)?, hi: self.hi.checked_sub(other.lo)? })
    }

    /// Range of products, unless it overflows.
    #[must_use]
    pub fn checked_mul(self, other: Range) -> Option<Self> {
        let ends = [
            self.lo.checked_mul(other.lo)?,
            self.lo.checked_mul(other.hi)?,
            self.hi.checked_mul(other.lo)?,
            self.hi.checked_mul(other.hi)?,
        ];
        Range::of(ends)
    }

    /// Range of the sum of this many independent values, unless it overflows.
    #[must_use]
    pub fn checked_times(self, count: usize) -> Option<Self> {
        let count = i128::try_from(count).ok()?;
        Some(Range { lo: self.lo.checked_mul(count)?, hi: self.hi.checked_mul(count)? })
    }

    /// Range after floor division by 2^shift, shift below 128.
    #[must_use]
    pub fn shift_right(self, shift: u32) -> Self {
        Range { lo: self.lo >> shift, hi: self.hi >> shift }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.lo, self.hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_are_those_of_twos_complement() {
        for (value, bits) in [(0, 1), (-1, 1), (1, 2), (-2, 2), (127, 8), (-128, 8), (128, 9)] {
            assert_eq!(Range::point(value).bits(), bits, "{value}");
        }
        assert_eq!(Range::signed(8), Range { lo: -128, hi: 127 });
        assert_eq!(Range::signed(127).bits(), 127);
        assert_eq!(Range { lo: i128::MIN, hi: i128::MAX }.width(), u128::MAX);
    }

    #[test]
    fn overflow_is_seen() {
        let wide = Range::signed(100);
        assert_eq!(wide.checked_mul(wide), None);
        assert_eq!(Range::point(i128::MAX).checked_add(Range::point(1)), None);
        assert_eq!(Range::point(i128::MIN).checked_sub(Range::point(1)), None);
        assert_eq!(wide.checked_times(1 << 40), None);
    }

    fn range() -> impl Strategy<Value = (Range, i128)> {
        (-100i128..100, 0i128..100, 0i128..=100)
            .prop_map(|(lo, width, at)| (Range { lo, hi: lo + width }, lo + width * at / 100))
    }

    proptest! {
        #[test]
        fn intervals_hold_every_result((a, x) in range(), (b, y) in range(), shift in 0u32..8) {
            prop_assert!(a.checked_add(b).expect("small").contains(x + y));
            prop_assert!(a.checked_sub(b).expect("small").contains(x - y));
            prop_assert!(a.checked_mul(b).expect("small").contains(x * y));
            prop_assert!(a.shift_right(shift).contains(x.div_euclid(1 << shift)));
            prop_assert!(a.hull(b).covers(a) && a.hull(b).covers(b));
        }
    }
}
