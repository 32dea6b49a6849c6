use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::{Algebra, Element};
use zeroize::DefaultIsZeroes;

use super::calibrate::{ring_op, ring_ops};
use super::{PrimeField, Ring, ring_operators};

const P: u64 = (1 << 61) - 1;

/// The integers modulo the Mersenne prime 2^61 - 1; 8 bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct M61(u64);

/// Brings a value below 2p to its canonical form.
#[inline(always)]
fn once(value: u64) -> u64 {
    // Adding one carries into bit 61 exactly if the value is p or more; then p has to go, which is
    // adding one and dropping that bit. Shifts and sums, so that compilers may vectorise it.
    (value + ((value + 1) >> 61)) & P
}

#[inline(always)]
fn add(a: u64, b: u64) -> u64 {
    once(a + b)
}

#[inline(always)]
fn sub(a: u64, b: u64) -> u64 {
    let difference = a.wrapping_sub(b);
    difference.wrapping_sub(difference >> 63) & P
}

#[inline(always)]
fn mul(a: u64, b: u64) -> u64 {
    // 2^61 is 1 here, so the upper part of the product counts as much as the lower one. Eight
    // times the product has the upper part in its upper word. The sum of both stays below 2p,
    // because (p - 1)^2 is too small for both to be p.
    let product = u128::from(a << 3) * u128::from(b);
    once((product as u64 >> 3) + (product >> 64) as u64)
}

/// The residue of any 128-bit value.
#[inline(always)]
fn fold(value: u128) -> u64 {
    // 2^64 is 8 here. Words are cut one by one: shifts across words are slow.
    let (low, high) = (value as u64, (value >> 64) as u64);
    let parts = (low & P) + (low >> 61) + ((high << 3) & P) + (high >> 58);
    once((parts & P) + (parts >> 61))
}

ring_operators!(M61);

impl Element for M61 {
    const BYTES: usize = 8;
    const ALGEBRA: Algebra = Algebra::Prime(P as u128);
    const NAME: &'static str = "m61";

    #[inline]
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    #[inline]
    fn take(bytes: &[u8]) -> Option<Self> {
        let value = u64::from_le_bytes(bytes.try_into().ok()?);
        (value < P).then_some(M61(value))
    }
}

impl Ring for M61 {
    const ZERO: Self = M61(0);
    const ONE: Self = M61(1);
    const SIZE: u128 = P as u128;
    const LABEL: &'static str = "Z_p, p = 2^61 - 1";
    const BITS: u32 = 61;
    ring_ops!("field.m61");

    type Accumulator = u128;
    // Each product is below 2^122.
    const LAZY_PRODUCTS: usize = 64;

    #[inline(always)]
    fn accumulate(sum: u128, a: Self, b: Self) -> u128 {
        sum + u128::from(a.0) * u128::from(b.0)
    }

    #[inline(always)]
    fn reduce(sum: u128) -> Self {
        M61(fold(sum))
    }

    #[inline]
    fn from_i128(value: i128) -> Self {
        let magnitude = M61(fold(value.unsigned_abs()));
        if value < 0 { -magnitude } else { magnitude }
    }

    #[inline]
    fn to_i128(self) -> i128 {
        if self.0 > P / 2 { i128::from(self.0) - i128::from(P) } else { i128::from(self.0) }
    }

    #[inline]
    fn from_u128(value: u128) -> Self {
        M61(fold(value))
    }

    #[inline]
    fn to_u128(self) -> u128 {
        u128::from(self.0)
    }

    #[inline]
    fn from_uniform_bytes(bytes: &[u8]) -> Option<Self> {
        // Of 61 uniform bits only the value p itself is no element.
        let value = u64::from_le_bytes(bytes.try_into().ok()?) & P;
        (value != P).then_some(M61(value))
    }
}

impl DefaultIsZeroes for M61 {}

impl PrimeField for M61 {
    const MODULUS: u128 = P as u128;
}
