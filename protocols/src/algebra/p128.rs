use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::{Algebra, Element};
use zeroize::DefaultIsZeroes;

use super::calibrate::{ring_op, ring_ops};
use super::{PrimeField, Ring, ring_operators};

/// 2^128 is this much above the prime, so a carry out of 128 bits counts as much as this.
const FOLD: u128 = 173;
const P: u128 = FOLD.wrapping_neg();

/// The integers modulo 2^128 - 173, the largest 128-bit prime that is 3 modulo 4; 16 bytes on the
/// wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct P128(u128);

/// [`FOLD`] if the condition holds, else zero, without a branch.
#[inline(always)]
fn fold_if(condition: bool) -> u128 {
    u128::from(u64::from(condition).wrapping_neg() & FOLD as u64)
}

#[inline(always)]
fn add(a: u128, b: u128) -> u128 {
    // A carry says that the sum is p or more, and what it drops is what remains of taking p away.
    let (sum, carry) = a.overflowing_add(b + FOLD);
    sum.wrapping_sub(fold_if(!carry))
}

#[inline(always)]
fn sub(a: u128, b: u128) -> u128 {
    let (difference, borrow) = a.overflowing_sub(b);
    difference.wrapping_sub(fold_if(borrow))
}

/// The 256-bit product, lower and upper half.
#[inline(always)]
fn widening_mul(a: u128, b: u128) -> (u128, u128) {
    let (a0, a1) = (u128::from(a as u64), a >> 64);
    let (b0, b1) = (u128::from(b as u64), b >> 64);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 64);
    let other = a0 * b1 + u128::from(middle as u64);
    let upper = a1 * b1 + (middle >> 64) + (other >> 64);
    ((other << 64) | u128::from(low as u64), upper)
}

/// The residue of `low + high * 2^128`.
#[inline(always)]
fn fold(low: u128, high: u128) -> u128 {
    let lower = u128::from(low as u64) + u128::from(high as u64) * FOLD;
    let upper = (low >> 64) + (high >> 64) * FOLD + (lower >> 64);
    once((upper << 64) | u128::from(lower as u64), (upper >> 64) as u64)
}

/// The residue of `low + spill * 2^128`, for a spill of at most 173.
#[inline(always)]
fn once(low: u128, spill: u64) -> u128 {
    let (reduced, at_least_p) = low.overflowing_add(u128::from((spill + 1) * FOLD as u64));
    reduced.wrapping_sub(fold_if(!at_least_p))
}

#[inline(always)]
fn mul(a: u128, b: u128) -> u128 {
    let (low, high) = widening_mul(a, b);
    fold(low, high)
}

ring_operators!(P128);

/// Products of 256 bits, and how often their sum left 256 bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct WideSum {
    low: u128,
    high: u128,
    carries: u64,
}

impl Element for P128 {
    const BYTES: usize = 16;
    const ALGEBRA: Algebra = Algebra::Prime(P);
    const NAME: &'static str = "p128";

    #[inline]
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    #[inline]
    fn take(bytes: &[u8]) -> Option<Self> {
        let value = u128::from_le_bytes(bytes.try_into().ok()?);
        (value < P).then_some(P128(value))
    }
}

impl Ring for P128 {
    const ZERO: Self = P128(0);
    const ONE: Self = P128(1);
    const SIZE: u128 = P;
    const LABEL: &'static str = "Z_p, p = 2^128 - 173";
    const BITS: u32 = 128;
    ring_ops!("field.p128");

    type Accumulator = WideSum;
    const LAZY_PRODUCTS: usize = usize::MAX;

    #[inline(always)]
    fn accumulate(sum: WideSum, a: Self, b: Self) -> WideSum {
        let (low, high) = widening_mul(a.0, b.0);
        let (low, carry) = sum.low.overflowing_add(low);
        // A product's upper half is at most 2^128 - 2^8, so taking the carry in cannot overflow.
        let (high, overflow) = sum.high.overflowing_add(high + u128::from(carry));
        WideSum { low, high, carries: sum.carries + u64::from(overflow) }
    }

    #[inline(always)]
    fn reduce(sum: WideSum) -> Self {
        let carried = mul(u128::from(sum.carries), FOLD * FOLD);
        P128(add(fold(sum.low, sum.high), carried))
    }

    #[inline]
    fn from_i128(value: i128) -> Self {
        let magnitude = P128(value.unsigned_abs());
        if value < 0 { -magnitude } else { magnitude }
    }

    #[inline]
    fn to_i128(self) -> i128 {
        // Half of p is below 2^127, so both branches fit.
        if self.0 > P / 2 { -((P - self.0) as i128) } else { self.0 as i128 }
    }

    #[inline]
    fn from_u128(value: u128) -> Self {
        P128(once(value, 0))
    }

    #[inline]
    fn to_u128(self) -> u128 {
        self.0
    }

    #[inline]
    fn from_uniform_bytes(bytes: &[u8]) -> Option<Self> {
        P128::take(bytes)
    }
}

impl DefaultIsZeroes for P128 {}

impl PrimeField for P128 {
    const MODULUS: u128 = P;
}
