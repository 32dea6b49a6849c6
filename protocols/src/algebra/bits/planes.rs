use std::hint::black_box;

use mpclab_sim::vocabulary::Op;
use mpclab_sim::work;

use super::Bits;
use crate::algebra::calibrate::{operands, repeated};
use crate::algebra::ring::{BinaryRing, Z64};

/// Price of moving one 64-bit word of a value to its bit planes, or back.
pub const TRANSPOSE_WORD: Op = Op {
    key: "bits.transpose.word",
    unit: "64-bit word",
    parallel: true,
    work: Some(calibrate_transpose),
};

fn calibrate_transpose(calls: u64, units: usize) {
    let values: Vec<Z64> = operands(units, 0);
    repeated(calls, 8 * units, || to_planes(black_box(&values), 64));
}

/// Transposes a 64x64 bit matrix whose row `i` is `rows[i]` and whose column `j` is bit `j`.
///
/// Warren, Hacker's Delight, section 7-3: swap halves of ever smaller blocks.
fn transpose(rows: &mut [u64; 64]) {
    let mut width = 32;
    let mut mask = u64::MAX >> 32;
    while width > 0 {
        for start in (0..64).step_by(2 * width) {
            for row in start..start + width {
                let swapped = ((rows[row] >> width) ^ rows[row + width]) & mask;
                rows[row] ^= swapped << width;
                rows[row + width] ^= swapped;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

/// Bit planes of a vector: plane `j` holds bit `j` of every value; `count` planes, at most the
/// width of the ring.
#[must_use]
pub fn to_planes<R: BinaryRing>(values: &[R], count: u32) -> Vec<Bits> {
    work::did(TRANSPOSE_WORD, values.len() * R::LIMBS);
    let count = count.min(R::BITS) as usize;
    let mut planes = vec![vec![0u64; values.len().div_ceil(64)]; count];
    for (index, values) in values.chunks(64).enumerate() {
        for (limb, planes) in planes.chunks_mut(64).enumerate() {
            let mut block = [0u64; 64];
            for (row, value) in block.iter_mut().zip(values) {
                *row = value.limb(limb);
            }
            transpose(&mut block);
            for (plane, column) in planes.iter_mut().zip(block) {
                plane[index] = column;
            }
        }
    }
    planes.into_iter().map(|words| Bits::from_words(words, values.len())).collect()
}

/// The values whose bit `j` is in plane `j`; bits without a plane are zero.
///
/// There are as many values as the first plane has bits; planes above the width of the ring are
/// left out.
#[must_use]
pub fn from_planes<R: BinaryRing>(planes: &[Bits]) -> Vec<R> {
    let len = planes.first().map_or(0, Bits::len);
    debug_assert!(planes.iter().all(|plane| plane.len() == len));
    work::did(TRANSPOSE_WORD, len * R::LIMBS);
    let mut values = vec![R::ZERO; len];
    for (index, values) in values.chunks_mut(64).enumerate() {
        for (limb, planes) in planes.chunks(64).take(R::LIMBS).enumerate() {
            let mut block = [0u64; 64];
            for (row, plane) in block.iter_mut().zip(planes) {
                *row = plane.words().get(index).copied().unwrap_or(0);
            }
            transpose(&mut block);
            for (value, column) in values.iter_mut().zip(block) {
                *value = value.with_limb(limb, column);
            }
        }
    }
    values
}
