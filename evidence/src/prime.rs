//! Arithmetic modulo a prime that is known only at run time.

use super::elimination::LocalRing;

/// The integers modulo a prime below 2^128; elements are canonical `u128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prime {
    modulus: u128,
    /// `-1 / modulus` modulo 2^128.
    negated_inverse: u128,
    /// 2^256 modulo the prime: takes an element into Montgomery's form.
    to_montgomery: u128,
}

impl Prime {
    /// The field of this many elements; `None` unless the number is 2 or odd and passes Fermat's
    /// test to a few bases.
    #[must_use]
    pub fn new(modulus: u128) -> Option<Self> {
        if modulus == 2 {
            return Some(Prime { modulus, negated_inverse: 0, to_montgomery: 0 });
        }
        if modulus < 3 || modulus.is_multiple_of(2) {
            return None;
        }
        // Newton's step doubles the correct low bits; an odd number inverts itself modulo 8.
        let mut inverse = modulus;
        for _ in 0..6 {
            let error = 2u128.wrapping_sub(modulus.wrapping_mul(inverse));
            inverse = inverse.wrapping_mul(error);
        }
        let negated_inverse = inverse.wrapping_neg();
        let mut field = Prime { modulus, negated_inverse, to_montgomery: 0 };
        field.to_montgomery =
            (0..128).fold((u128::MAX % modulus + 1) % modulus, |power, _| field.add(power, power));
        let passes = |base: u128| {
            base.is_multiple_of(modulus) || field.pow(base % modulus, modulus - 1) == 1
        };
        [2, 3, 5, 7, 11].into_iter().all(passes).then_some(field)
    }

    /// The number of elements.
    #[must_use]
    pub fn modulus(self) -> u128 {
        self.modulus
    }

    /// `a + b`.
    #[must_use]
    #[inline]
    pub fn add(self, a: u128, b: u128) -> u128 {
        let (sum, carry) = a.overflowing_add(b);
        if carry || sum >= self.modulus { sum.wrapping_sub(self.modulus) } else { sum }
    }

    /// `a - b`.
    #[must_use]
    #[inline]
    pub fn sub(self, a: u128, b: u128) -> u128 {
        let (difference, borrow) = a.overflowing_sub(b);
        if borrow { difference.wrapping_add(self.modulus) } else { difference }
    }

    /// `a * b`.
    #[must_use]
    #[inline]
    pub fn mul(self, a: u128, b: u128) -> u128 {
        self.times(self.prepare(a), b)
    }

    /// `base` to the power of `exponent`; the power 0 is one.
    #[must_use]
    pub fn pow(self, base: u128, exponent: u128) -> u128 {
        (0..128 - exponent.leading_zeros()).rev().fold(1, |power, bit| {
            let square = self.mul(power, power);
            if (exponent >> bit) & 1 == 1 { self.mul(square, base) } else { square }
        })
    }

    /// `1 / a`; zero for zero.
    #[must_use]
    pub fn inv(self, a: u128) -> u128 {
        self.pow(a, self.modulus - 2)
    }

    /// The inner product of two vectors of equal length.
    #[must_use]
    pub fn dot(self, a: &[u128], b: &[u128]) -> u128 {
        let terms = a.iter().zip(b).filter(|(a, b)| **a != 0 && **b != 0);
        terms.fold(0, |sum, (a, b)| self.add(sum, self.mul(*a, *b)))
    }

    /// A factor in the form in which [`Prime::times`] takes it.
    #[inline]
    fn prepare(self, a: u128) -> u128 {
        if self.modulus == 2 { a } else { self.montgomery(a, self.to_montgomery) }
    }

    #[inline]
    fn times(self, prepared: u128, b: u128) -> u128 {
        if self.modulus == 2 { prepared & b } else { self.montgomery(prepared, b) }
    }

    /// `a * b / 2^128` (Montgomery, Modular multiplication without trial division, 1985).
    #[inline]
    fn montgomery(self, a: u128, b: u128) -> u128 {
        let (low, high) = widening_mul(a, b);
        let (_, upper) = widening_mul(low.wrapping_mul(self.negated_inverse), self.modulus);
        // The lower halves add up to 2^128 unless both are zero.
        let (sum, carry) = high.overflowing_add(upper);
        let (sum, carried) = sum.overflowing_add(u128::from(low != 0));
        let reduce = carry || carried || sum >= self.modulus;
        if reduce { sum.wrapping_sub(self.modulus) } else { sum }
    }
}

/// The 256-bit product, lower and upper half.
#[inline]
fn widening_mul(a: u128, b: u128) -> (u128, u128) {
    let (a0, a1) = (u128::from(a as u64), a >> 64);
    let (b0, b1) = (u128::from(b as u64), b >> 64);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 64);
    let other = a0 * b1 + u128::from(middle as u64);
    let upper = a1 * b1 + (middle >> 64) + (other >> 64);
    ((other << 64) | u128::from(low as u64), upper)
}

impl LocalRing for Prime {
    fn nilpotency(self) -> u32 {
        1
    }

    fn residue_bits(self) -> f64 {
        (self.modulus as f64).log2()
    }

    fn reduce(self, value: u128) -> u128 {
        value % self.modulus
    }

    #[inline]
    fn valuation(self, a: u128) -> u32 {
        u32::from(a == 0)
    }

    fn invert_unit(self, a: u128) -> u128 {
        self.inv(a)
    }

    fn unscale(self, a: u128, _power: u32) -> u128 {
        a
    }

    fn scale(self, a: u128, power: u32) -> u128 {
        if power == 0 { a } else { 0 }
    }

    fn add(self, a: u128, b: u128) -> u128 {
        Prime::add(self, a, b)
    }

    fn sub(self, a: u128, b: u128) -> u128 {
        Prime::sub(self, a, b)
    }

    fn mul(self, a: u128, b: u128) -> u128 {
        Prime::mul(self, a, b)
    }

    fn subtract_multiple(self, row: &mut [u128], factor: u128, other: &[u128]) {
        let prepared = self.prepare(factor);
        for (entry, other) in row.iter_mut().zip(other) {
            *entry = Prime::sub(self, *entry, self.times(prepared, *other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_fields_have_exact_tables() {
        for p in [2u128, 3, 5, 7, 101] {
            let field = Prime::new(p).unwrap();
            for (a, b) in (0..p).flat_map(|a| (0..p).map(move |b| (a, b))) {
                assert_eq!(field.mul(a, b), a * b % p, "{a} * {b} mod {p}");
                assert_eq!(field.add(a, b), (a + b) % p);
                assert_eq!(field.sub(a, b), (p + a - b) % p);
            }
            for a in 1..p {
                assert_eq!(field.mul(a, field.inv(a)), 1);
            }
        }
    }

    #[test]
    fn composite_moduli_are_refused() {
        for n in [0, 1, 4, 9, 15, 1 << 64, (1 << 61) + 1, u128::MAX] {
            assert_eq!(Prime::new(n), None, "{n}");
        }
    }
}
