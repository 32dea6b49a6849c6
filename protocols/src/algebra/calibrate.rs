//! The work whose time becomes a price: calls of what protocols call, on vectors of any size.

use std::hint::black_box;

use super::{Ring, slices};
use crate::primitives::Prg;

/// Elements that are spread over the whole ring.
pub(crate) fn operands<R: Ring>(count: usize, seed: u128) -> Vec<R> {
    let spread = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128;
    (1..=count as u128).map(|i| R::from_u128((i + seed).wrapping_mul(spread))).collect()
}

/// Bytes of results that are held before they are dropped: more than caches do, as in a run, where
/// a vector that is made is seldom the one that was dropped last.
const HELD_BYTES: usize = 1 << 22;

/// Calls something that makes results of about so many bytes, so often.
pub(crate) fn repeated<T>(calls: u64, bytes: usize, mut act: impl FnMut() -> T) {
    let most = (HELD_BYTES / bytes.max(1)).clamp(1, 1 << 16);
    let mut held = Vec::with_capacity(most.min(usize::try_from(calls).unwrap_or(most)));
    for _ in 0..calls {
        if held.len() == most {
            held.clear();
        }
        held.push(black_box(act()));
    }
}

/// Products of pairs.
pub(crate) fn mul<R: Ring>(calls: u64, units: usize) {
    let (a, b) = (operands::<R>(units, 0), operands::<R>(units, 7));
    repeated(calls, units * R::BYTES, || slices::mul(black_box(&a), black_box(&b)));
}

/// Sums of pairs.
pub(crate) fn add<R: Ring>(calls: u64, units: usize) {
    let (a, b) = (operands::<R>(units, 0), operands::<R>(units, 7));
    repeated(calls, units * R::BYTES, || slices::add(black_box(&a), black_box(&b)));
}

/// Terms of linear combinations of three vectors.
pub(crate) fn term<R: Ring>(calls: u64, units: usize) {
    let rows: [Vec<R>; 3] = [0, 7, 11].map(|seed| operands(units.div_ceil(3), seed));
    let factors: Vec<R> = operands(3, 3);
    let rows = rows.each_ref().map(Vec::as_slice);
    repeated(calls, units * R::BYTES / 3, || {
        slices::linear_combination(black_box(&factors), black_box(&rows))
    });
}

/// Elements from a stream.
pub(crate) fn draw<R: Ring>(calls: u64, units: usize) {
    let mut prg = Prg::new([7; 32], b"calibrate");
    repeated(calls, units * R::BYTES, || prg.elements::<R>(black_box(units)));
}

/// Elements that are copied to where they are needed.
pub(crate) fn place<R: Ring>(calls: u64, units: usize) {
    let a = operands::<R>(units, 0);
    let indices: Vec<u32> = (0..units as u32).rev().collect();
    repeated(calls, units * R::BYTES, || slices::gather(black_box(&a), black_box(&indices)));
}

/// An op of a ring.
macro_rules! ring_op {
    ($prefix:literal, $name:literal, $unit:literal, $work:ident) => {
        mpclab_sim::vocabulary::Op {
            key: concat!($prefix, ".", $name),
            unit: $unit,
            parallel: true,
            work: Some($crate::algebra::calibrate::$work::<Self>),
        }
    };
}
pub(crate) use ring_op;

/// The ops of a ring, by the beginning of their keys.
macro_rules! ring_ops {
    ($prefix:literal) => {
        const ADD: Op = ring_op!($prefix, "add", "addition", add);
        const MUL: Op = ring_op!($prefix, "mul", "multiplication", mul);
        const TERM: Op = ring_op!($prefix, "term", "term of a sum of products", term);
        const DRAW: Op = ring_op!($prefix, "draw", "random element", draw);
        const PLACE: Op = ring_op!($prefix, "place", "element moved", place);
    };
}
pub(crate) use ring_ops;
