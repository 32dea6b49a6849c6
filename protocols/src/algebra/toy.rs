use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::{Algebra, Element};
use zeroize::DefaultIsZeroes;

use super::{M61, PrimeField, Ring};

/// The integers modulo a prime `P` below 2^16 that is 3 modulo 4; one or two bytes on the wire.
///
/// A toy field, for soundness curves and exact privacy tests only: what is improbable in a real
/// field happens here often enough to be counted. Another `P` does not compile. Its additions and
/// multiplications are priced as those of [`M61`]: nobody asks what they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Toy<const P: u64>(u16);

/// Whether the prime is one that [`Toy`] is made for.
const fn is_allowed(p: u64) -> bool {
    let mut divisor = 2;
    while divisor * divisor <= p {
        if p.is_multiple_of(divisor) {
            return false;
        }
        divisor += 1;
    }
    p % 4 == 3 && p < 1 << 16
}

const fn label(p: u64) -> &'static str {
    match p {
        3 => "Z_p, p = 3",
        7 => "Z_p, p = 7",
        31 => "Z_p, p = 31",
        251 => "Z_p, p = 251",
        _ => "Z_p, p < 2^16",
    }
}

const fn name(p: u64) -> &'static str {
    match p {
        3 => "p3",
        7 => "p7",
        31 => "p31",
        251 => "p251",
        _ => "toy",
    }
}

impl<const P: u64> Toy<P> {
    const CHECKED: u64 = {
        assert!(is_allowed(P), "a prime below 2^16 that is 3 modulo 4");
        P
    };

    fn residue(value: u64) -> Self {
        Toy((value % Self::CHECKED) as u16)
    }

    fn value(self) -> u64 {
        u64::from(self.0)
    }
}

impl<const P: u64> std::ops::Add for Toy<P> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::residue(self.value() + other.value())
    }
}

impl<const P: u64> std::ops::Sub for Toy<P> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<const P: u64> std::ops::Mul for Toy<P> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::residue(self.value() * other.value())
    }
}

impl<const P: u64> std::ops::Neg for Toy<P> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::residue(P - self.value())
    }
}

impl<const P: u64> std::ops::AddAssign for Toy<P> {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<const P: u64> std::ops::SubAssign for Toy<P> {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl<const P: u64> std::ops::MulAssign for Toy<P> {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl<const P: u64> Element for Toy<P> {
    const BYTES: usize = <Self as Ring>::BITS.div_ceil(8) as usize;
    const ALGEBRA: Algebra = Algebra::Prime(P as u128);
    const NAME: &'static str = name(P);

    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes()[..Self::BYTES]);
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let value = low_bytes(bytes, Self::BYTES)?;
        (u64::from(value) < P).then_some(Toy(value))
    }
}

impl<const P: u64> Ring for Toy<P> {
    const SIZE: u128 = P as u128;
    const ZERO: Self = Toy(0);
    const ONE: Self = Toy(1);
    const LABEL: &'static str = label(P);
    const BITS: u32 = (Self::CHECKED - 1).ilog2() + 1;
    const ADD: Op = M61::ADD;
    const MUL: Op = M61::MUL;
    const TERM: Op = M61::TERM;
    const DRAW: Op = M61::DRAW;
    const PLACE: Op = M61::PLACE;

    type Accumulator = u64;
    // Each product is below 2^32.
    const LAZY_PRODUCTS: usize = 1 << 16;

    fn accumulate(sum: u64, a: Self, b: Self) -> u64 {
        sum + a.value() * b.value()
    }

    fn reduce(sum: u64) -> Self {
        Self::residue(sum)
    }

    fn from_i128(value: i128) -> Self {
        let magnitude = Self::from_u128(value.unsigned_abs());
        if value < 0 { -magnitude } else { magnitude }
    }

    fn to_i128(self) -> i128 {
        let value = i128::from(self.0);
        if self.value() > P / 2 { value - i128::from(P) } else { value }
    }

    fn from_u128(value: u128) -> Self {
        Toy((value % u128::from(Self::CHECKED)) as u16)
    }

    fn to_u128(self) -> u128 {
        u128::from(self.0)
    }

    /// Of as many uniform bits as the prime has, those that are no element are drawn again.
    fn from_uniform_bytes(bytes: &[u8]) -> Option<Self> {
        let value = low_bytes(bytes, Self::BYTES)? & ((1u32 << Self::BITS) - 1) as u16;
        (u64::from(value) < P).then_some(Toy(value))
    }
}

/// The integer of exactly so many bytes, one or two.
fn low_bytes(bytes: &[u8], count: usize) -> Option<u16> {
    match bytes {
        [low] if count == 1 => Some(u16::from(*low)),
        [low, high] if count == 2 => Some(u16::from_le_bytes([*low, *high])),
        _ => None,
    }
}

impl<const P: u64> DefaultIsZeroes for Toy<P> {}

impl<const P: u64> PrimeField for Toy<P> {
    const MODULUS: u128 = P as u128;
}
