//! What protocols compute in: prime fields, rings modulo a power of two, packed bits, and
//! Shamir's sharing over the fields.
//!
//! Elements are `Copy` values in canonical form; protocols hold flat vectors of them and work on
//! whole layers through [`slices`]. Arithmetic has no secret-dependent branch or memory access, as
//! far as the compiler keeps it so.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use mpclab_sim::Draw;
use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::Element;
use zeroize::DefaultIsZeroes;

pub mod bits;
mod calibrate;
mod m61;
mod p128;
mod ring;
pub mod shamir;
pub mod slices;
#[cfg(test)]
mod tests;
mod toy;

pub use bits::Bits;
pub(crate) use calibrate::{Pool, repeated};
pub use m61::M61;
pub use p128::P128;
pub use ring::{BinaryRing, Z64, Z128};
pub use toy::Toy;

/// A finite commutative ring whose elements are the integers modulo some number.
///
/// `a + b`, `a - b`, `a * b` and `-a` are the ring's operations; they never overflow.
pub trait Ring:
    Element
    + Eq
    + Debug
    + Default
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// Neutral element of addition.
    const ZERO: Self;
    /// Neutral element of multiplication.
    const ONE: Self;
    /// Name for people, for example `Z_p, p = 2^61 - 1`; [`Element::NAME`] is the short one.
    const LABEL: &'static str;
    /// Number of elements; 0 stands for 2^128.
    const SIZE: u128;
    /// Bits of the largest canonical representative.
    const BITS: u32;
    /// Price of one addition, subtraction or negation, from one vector to another.
    const ADD: Op;
    /// Price of one multiplication, from one vector to another.
    const MUL: Op;
    /// Price of one term of an inner product or of a linear combination.
    const TERM: Op;
    /// Price of one uniform element from a stream.
    const DRAW: Op;
    /// Price of one element that is copied, converted or put elsewhere.
    const PLACE: Op;
    /// All of these.
    const OPS: &'static [Op] = &[Self::ADD, Self::MUL, Self::TERM, Self::DRAW, Self::PLACE];

    /// A sum of products that is not reduced yet.
    type Accumulator: Copy + Default;
    /// How many products an [`Ring::Accumulator`] holds before it has to be reduced.
    const LAZY_PRODUCTS: usize;

    /// Adds `a * b` to a sum that holds fewer than [`Ring::LAZY_PRODUCTS`] products.
    #[must_use]
    fn accumulate(sum: Self::Accumulator, a: Self, b: Self) -> Self::Accumulator;
    /// The ring element that a sum of products stands for.
    #[must_use]
    fn reduce(sum: Self::Accumulator) -> Self;

    /// The residue of an integer; negative ones wrap.
    #[must_use]
    fn from_i128(value: i128) -> Self;
    /// The centred representative: the integer of least absolute value in this residue class.
    ///
    /// It fits for every ring of this module. In an even ring of size m it lies in `-m/2..m/2`.
    #[must_use]
    fn to_i128(self) -> i128;
    /// The residue of an unsigned integer.
    #[must_use]
    fn from_u128(value: u128) -> Self;
    /// The representative from zero up.
    #[must_use]
    fn to_u128(self) -> u128;

    /// A uniform element from [`Element::BYTES`] uniform bytes; `None` if they have to be drawn
    /// again, which happens so that no element is favoured.
    #[must_use]
    fn from_uniform_bytes(bytes: &[u8]) -> Option<Self>;

    /// A uniform element.
    fn random<R: Draw + ?Sized>(rng: &mut R) -> Self {
        if let Some(chosen) = rng.choose(Self::SIZE) {
            return Self::from_u128(chosen);
        }
        let mut bytes = [0u8; 16];
        loop {
            rng.fill_bytes(&mut bytes[..Self::BYTES]);
            if let Some(element) = Self::from_uniform_bytes(&bytes[..Self::BYTES]) {
                return element;
            }
        }
    }
}

/// The integers modulo a prime that is 3 modulo 4.
///
/// Keys of MACs are elements, so elements can be erased from memory.
pub trait PrimeField: Ring + DefaultIsZeroes {
    /// The prime.
    const MODULUS: u128;

    /// `self` to the power of `exponent`; the power 0 is one.
    ///
    /// The exponent is public: running time depends on it.
    #[must_use]
    fn pow(self, exponent: u128) -> Self {
        let mut power = Self::ONE;
        for bit in (0..128 - exponent.leading_zeros()).rev() {
            power *= power;
            if (exponent >> bit) & 1 == 1 {
                power *= self;
            }
        }
        power
    }

    /// The inverse; `None` for zero.
    #[must_use]
    fn inv(self) -> Option<Self> {
        (self != Self::ZERO).then(|| self.pow(Self::MODULUS - 2))
    }

    /// The inverse of a square root, up to its sign: for a square `s = r * r` that is not zero,
    /// `r` times this is 1 or -1, and 1 as often as -1 for uniform `r`. Zero gives zero.
    #[must_use]
    fn inverse_root(self) -> Self {
        self.pow((Self::MODULUS - 3) / 4)
    }
}

/// Every priced operation of this module.
pub fn ops() -> impl Iterator<Item = Op> {
    [M61::OPS, P128::OPS, Z64::OPS, Z128::OPS, bits::OPS].into_iter().flatten().copied()
}

/// What a protocol does that computes in a ring of these ops: them, bits, and symmetric primitives.
#[must_use]
pub fn ops_with(of_ring: &[Op]) -> Vec<Op> {
    of_ring.iter().chain(bits::OPS).chain(crate::primitives::OPS).copied().collect()
}

/// Gives a newtype the ring operators from the functions `add`, `sub`, `mul` of its module.
macro_rules! ring_operators {
    ($name:ident) => {
        impl std::ops::Add for $name {
            type Output = $name;
            #[inline(always)]
            fn add(self, other: $name) -> $name {
                $name(add(self.0, other.0))
            }
        }
        impl std::ops::Sub for $name {
            type Output = $name;
            #[inline(always)]
            fn sub(self, other: $name) -> $name {
                $name(sub(self.0, other.0))
            }
        }
        impl std::ops::Mul for $name {
            type Output = $name;
            #[inline(always)]
            fn mul(self, other: $name) -> $name {
                $name(mul(self.0, other.0))
            }
        }
        impl std::ops::Neg for $name {
            type Output = $name;
            #[inline(always)]
            fn neg(self) -> $name {
                $name(sub(0, self.0))
            }
        }
        impl std::ops::AddAssign for $name {
            #[inline(always)]
            fn add_assign(&mut self, other: $name) {
                *self = *self + other;
            }
        }
        impl std::ops::SubAssign for $name {
            #[inline(always)]
            fn sub_assign(&mut self, other: $name) {
                *self = *self - other;
            }
        }
        impl std::ops::MulAssign for $name {
            #[inline(always)]
            fn mul_assign(&mut self, other: $name) {
                *self = *self * other;
            }
        }
    };
}
use ring_operators;
