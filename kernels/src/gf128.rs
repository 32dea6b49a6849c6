//! The field GF(2^128) of polynomials modulo `x^128 + x^7 + x^2 + x + 1`; bit `i` of a block is
//! the coefficient of `x^i`. Sums are XOR.

use crate::level::kernel;
use crate::{Block, Level};

/// The product of two elements.
#[must_use]
pub fn mul(a: Block, b: Block) -> Block {
    kernel!(Level::current(), mul(a, b))
}

/// The sum of the products of elements, reduced once: the check of correlations in OT extension
/// (Keller, Orsini, Scholl, "Actively Secure OT Extension with Optimal Overhead", CRYPTO 2015).
///
/// # Panics
/// If the vectors' lengths differ.
#[must_use]
pub fn inner_product(a: &[Block], b: &[Block]) -> Block {
    assert_eq!(a.len(), b.len(), "vectors of an inner product have one length");
    kernel!(Level::current(), inner_product(a, b))
}
