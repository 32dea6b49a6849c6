//! Kernels with instructions of x86-64, written once for registers `V` of `LANES` blocks each.
//!
//! The macros of this module define them; [`narrow`] and [`wide`] expand the macros beside their
//! names for the instructions. Inside, all is safe code: a function that may use a feature calls
//! others that may.

mod ciphers;
mod gates;
mod matrices;
pub(crate) mod narrow;
mod registers;
mod streams;
mod trees;
pub(crate) mod wide;

use bytemuck::Zeroable;

/// An array that begins with `part`, and zeros behind.
#[inline]
fn padded<T: Copy + Zeroable, const N: usize>(part: &[T]) -> [T; N] {
    let mut all = [T::zeroed(); N];
    all[..part.len()].copy_from_slice(part);
    all
}

/// The element of GF(2^128) that a product of 256 bits stands for.
#[inline]
fn reduce(low: u128, high: u128) -> crate::Block {
    // x^128 = x^7 + x^2 + x + 1, twice: the second time for what the first shifts out.
    let carried = (high >> 127) ^ (high >> 126) ^ (high >> 121);
    let fold = |x: u128| x ^ (x << 1) ^ (x << 2) ^ (x << 7);
    crate::Block::from_u128(low ^ fold(high) ^ fold(carried))
}
