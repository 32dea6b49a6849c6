//! The work whose time becomes a price: calls of what protocols call, on vectors of any size.

use std::hint::black_box;

use super::{Ring, slices};
use crate::primitives::Prg;

/// Elements that are spread over the whole ring; a thousand of them, again and again: to make them
/// should not take longer than what is timed.
pub(crate) fn operands<R: Ring>(count: usize, seed: u128) -> Vec<R> {
    let spread = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128;
    let mut elements = Vec::with_capacity(count);
    let first = 1..=count.min(1 << 10) as u128;
    elements.extend(first.map(|i| R::from_u128((i + seed).wrapping_mul(spread))));
    while elements.len() < count {
        elements.extend_from_within(..elements.len().min(count - elements.len()));
    }
    elements
}

/// Bytes of results that are held before they are dropped, and of operands that are read before they
/// are read again: more than a core's own caches hold, as in a run, where a vector that is made is
/// seldom the one that was dropped last, and others were read since.
const HELD_BYTES: usize = 1 << 22;

/// Operands that are read in turn.
pub(crate) struct Pool<T> {
    elements: Vec<T>,
    next: usize,
}

impl<R: Ring> Pool<R> {
    /// Of elements of a ring, for calls on so many at a time.
    fn new(units: usize, seed: u128) -> Self {
        Pool::of(operands(units.max(HELD_BYTES / R::BYTES), seed))
    }
}

impl<T> Pool<T> {
    /// Of these.
    pub(crate) fn of(elements: Vec<T>) -> Self {
        Pool { elements, next: 0 }
    }

    /// The next so many.
    pub(crate) fn take(&mut self, units: usize) -> &[T] {
        if self.next + units > self.elements.len() {
            self.next = 0;
        }
        self.next += units;
        &self.elements[self.next - units..self.next]
    }
}

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
    let [mut a, mut b] = [0, 7].map(|seed| Pool::<R>::new(units, seed));
    repeated(calls, units * R::BYTES, || {
        slices::mul(black_box(a.take(units)), black_box(b.take(units)))
    });
}

/// Sums of pairs.
pub(crate) fn add<R: Ring>(calls: u64, units: usize) {
    let [mut a, mut b] = [0, 7].map(|seed| Pool::<R>::new(units, seed));
    repeated(calls, units * R::BYTES, || {
        slices::add(black_box(a.take(units)), black_box(b.take(units)))
    });
}

/// Terms of linear combinations of three vectors.
pub(crate) fn term<R: Ring>(calls: u64, units: usize) {
    let columns = units.div_ceil(3);
    let mut rows = [0, 7, 11].map(|seed| Pool::<R>::new(columns, seed));
    let factors: Vec<R> = operands(3, 3);
    repeated(calls, units * R::BYTES / 3, || {
        let rows = rows.each_mut().map(|row| row.take(columns));
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
    let mut a = Pool::<R>::new(units, 0);
    let indices: Vec<u32> = (0..units as u32).rev().collect();
    repeated(calls, units * R::BYTES, || {
        slices::gather(black_box(a.take(units)), black_box(&indices))
    });
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
