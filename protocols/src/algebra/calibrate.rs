//! Calibration routines: the work whose time becomes a price.

use std::hint::black_box;

use super::{Ring, slices};

/// Vectors of this many elements are worked on, so that a price is that of a layer in cache.
const BLOCK: usize = 1024;

/// Calls `work` with block lengths that add up to `times`.
pub(crate) fn in_blocks(times: u64, block: usize, mut work: impl FnMut(usize)) {
    let mut left = times;
    while left > 0 {
        let now = left.min(block as u64);
        work(now as usize);
        left -= now;
    }
}

/// Elements that are spread over the whole ring.
pub(crate) fn operands<R: Ring>(count: usize, seed: u128) -> Vec<R> {
    let spread = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128;
    (1..=count as u128).map(|i| R::from_u128((i + seed).wrapping_mul(spread))).collect()
}

/// Multiplies `times` pairs.
pub(crate) fn mul<R: Ring>(times: u64) {
    let (mut a, b) = (operands::<R>(BLOCK, 0), operands::<R>(BLOCK, 7));
    in_blocks(times, BLOCK, |count| {
        slices::mul_assign(black_box(&mut a[..count]), black_box(&b[..count]));
    });
    black_box(a);
}

/// Adds `times` pairs.
pub(crate) fn add<R: Ring>(times: u64) {
    let (mut a, b) = (operands::<R>(BLOCK, 0), operands::<R>(BLOCK, 7));
    in_blocks(times, BLOCK, |count| {
        slices::add_assign(black_box(&mut a[..count]), black_box(&b[..count]));
    });
    black_box(a);
}
