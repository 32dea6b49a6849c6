//! Shapes of random inputs.

use rand::{Rng, RngExt};

use crate::program::{Inputs, Range};

/// A bell-shaped draw over a range: the mean of four uniform ones.
pub(super) fn bell(rng: &mut dyn Rng, range: Range) -> i128 {
    if range.width() >> 120 != 0 {
        let quarter = |value: i128| value.wrapping_sub(range.lo).cast_unsigned() / 4;
        let above: u128 = (0..4).map(|_| quarter(uniform(rng, range))).sum();
        return range.lo.wrapping_add_unsigned(above);
    }
    let sum: i128 = (0..4).map(|_| uniform(rng, range) - range.lo).sum();
    range.lo + sum / 4
}

/// A uniform draw.
pub(super) fn uniform(rng: &mut dyn Rng, range: Range) -> i128 {
    rng.random_range(range.lo..=range.hi)
}

/// A uniform draw of anything but 0, from a range that holds 0 and more.
pub(super) fn nonzero(rng: &mut dyn Rng, range: Range) -> i128 {
    let value = uniform(rng, Range { lo: range.lo, hi: range.hi - 1 });
    if value < 0 { value } else { value + 1 }
}

/// A heavy-tailed draw of up to so many bits: every order of magnitude is as likely.
pub(super) fn log_uniform(rng: &mut dyn Rng, bits: u32) -> i128 {
    let bits = rng.random_range(1..=bits.clamp(1, 126));
    uniform(rng, Range::unsigned(bits))
}

/// A single column.
pub(super) fn column(name: &str, values: Vec<i128>) -> Inputs {
    Inputs::from([(name.to_owned(), values)])
}
