use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::{Algebra, Element};

use super::Ring;
use super::calibrate::{ring_op, ring_ops};

/// The integers modulo a power of two, whose elements are strings of bits as well.
pub trait BinaryRing: Ring {
    /// 64-bit words of an element.
    const LIMBS: usize;

    /// Word `index` of the element, least significant first; `index` is below
    /// [`BinaryRing::LIMBS`].
    #[must_use]
    fn limb(self, index: usize) -> u64;
    /// Sets the bits of word `index` that are set in `bits`.
    #[must_use]
    fn with_limb(self, index: usize, bits: u64) -> Self;
}

macro_rules! binary_ring {
    ($module:ident, $name:ident, $int:ty, $signed:ty, $about:literal, $label:literal, $short:literal,
     $ops:literal) => {
        #[doc = $about]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name(pub $int);

        mod $module {
            use super::$name;
            use crate::algebra::ring_operators;

            #[inline(always)]
            fn add(a: $int, b: $int) -> $int {
                a.wrapping_add(b)
            }
            #[inline(always)]
            fn sub(a: $int, b: $int) -> $int {
                a.wrapping_sub(b)
            }
            #[inline(always)]
            fn mul(a: $int, b: $int) -> $int {
                a.wrapping_mul(b)
            }
            ring_operators!($name);
        }

        impl Element for $name {
            const BYTES: usize = size_of::<$int>();
            const ALGEBRA: Algebra = Algebra::Ring { bits: <$int>::BITS };
            const NAME: &'static str = $short;

            #[inline]
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0.to_le_bytes());
            }
            #[inline]
            fn take(bytes: &[u8]) -> Option<Self> {
                Some($name(<$int>::from_le_bytes(bytes.try_into().ok()?)))
            }
        }

        impl Ring for $name {
            const ZERO: Self = $name(0);
            const ONE: Self = $name(1);
            const SIZE: u128 = if Self::BITS == 128 { 0 } else { 1 << (Self::BITS % 128) };
            const LABEL: &'static str = $label;
            const BITS: u32 = <$int>::BITS;
            ring_ops!($ops);

            type Accumulator = $name;
            const LAZY_PRODUCTS: usize = usize::MAX;

            #[inline(always)]
            fn accumulate(sum: $name, a: Self, b: Self) -> $name {
                sum + a * b
            }
            #[inline(always)]
            fn reduce(sum: $name) -> Self {
                sum
            }
            #[inline]
            fn from_i128(value: i128) -> Self {
                $name(value as $int)
            }
            #[inline]
            fn to_i128(self) -> i128 {
                self.0 as $signed as i128
            }
            #[inline]
            fn from_u128(value: u128) -> Self {
                $name(value as $int)
            }
            #[inline]
            fn to_u128(self) -> u128 {
                self.0 as u128
            }
            #[inline]
            fn from_uniform_bytes(bytes: &[u8]) -> Option<Self> {
                $name::take(bytes)
            }
        }

        impl BinaryRing for $name {
            const LIMBS: usize = size_of::<$int>() / 8;

            #[inline]
            fn limb(self, index: usize) -> u64 {
                (self.0 >> (64 * index)) as u64
            }
            #[inline]
            fn with_limb(self, index: usize, bits: u64) -> Self {
                $name(self.0 | (<$int>::from(bits) << (64 * index)))
            }
        }
    };
}

binary_ring!(
    z64,
    Z64,
    u64,
    i64,
    "The integers modulo 2^64; 8 bytes on the wire.",
    "Z_2^64",
    "z64",
    "ring.z64"
);
binary_ring!(
    z128,
    Z128,
    u128,
    i128,
    "The integers modulo 2^128; 16 bytes on the wire.",
    "Z_2^128",
    "z128",
    "ring.z128"
);
