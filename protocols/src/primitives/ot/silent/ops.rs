//! What iterations of each size take: prices of a tree and of its rows of the code.

use mpclab_kernels::local_code::LocalCode;
use mpclab_kernels::{Block, Tweak, ggm};
use mpclab_sim::vocabulary::Op;

use super::{LARGE, MIDDLE, SMALL, Set, check};
use crate::algebra::bits::Bits;
use crate::algebra::repeated;

/// Prices of a tree of a set, and of its rows of the code, for sender and receiver.
pub(super) const fn ops_of(depth: usize) -> [Op; 2] {
    match depth {
        0..=5 => [
            op("ot.silent.small.sender", |calls, units| sends(&SMALL, calls, units)),
            op("ot.silent.small.receiver", |calls, units| receives(&SMALL, calls, units)),
        ],
        6..=9 => [
            op("ot.silent.middle.sender", |calls, units| sends(&MIDDLE, calls, units)),
            op("ot.silent.middle.receiver", |calls, units| receives(&MIDDLE, calls, units)),
        ],
        _ => [
            op("ot.silent.large.sender", |calls, units| sends(&LARGE, calls, units)),
            op("ot.silent.large.receiver", |calls, units| receives(&LARGE, calls, units)),
        ],
    }
}

const fn op(key: &'static str, work: fn(u64, usize)) -> Op {
    Op { key, unit: "tree", parallel: true, work: Some(work) }
}

/// Every priced operation of silent extension.
pub(in super::super) const OPS: [Op; 7] = {
    let [small, middle, large] = [ops_of(SMALL.depth), ops_of(MIDDLE.depth), ops_of(LARGE.depth)];
    [small[0], small[1], middle[0], middle[1], large[0], large[1], check::CHECK]
};

fn sends(set: &Set, calls: u64, units: usize) {
    let code = LocalCode::new(Block::ONES, set.dimension);
    let secret = vec![Block::ONES; set.dimension];
    let mut rows = vec![Block::ZERO; units << set.depth];
    repeated(calls, 0, || {
        for leaves in rows.chunks_mut(1 << set.depth) {
            ggm::expand_into(Block::ONES, Tweak::default(), leaves);
        }
        code.add(&secret, &mut rows);
    });
}

fn receives(set: &Set, calls: u64, units: usize) {
    let code = LocalCode::new(Block::ONES, set.dimension);
    let (secret, bits) = (vec![Block::ONES; set.dimension], Bits::ones(set.dimension));
    let mut rows = vec![Block::ZERO; units << set.depth];
    let (sums, total) = (vec![Block::ONES; set.depth], Some(Block::ONES));
    repeated(calls, 0, || {
        for leaves in rows.chunks_mut(1 << set.depth) {
            ggm::expand_punctured_into((1, total), &sums, Tweak::default(), leaves);
        }
        let mut row_bits = vec![0; rows.len().div_ceil(64)];
        code.add_with_bits((&secret, bits.words()), (&mut rows, &mut row_bits));
    });
}
