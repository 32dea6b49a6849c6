//! All kernels at all levels that the processor has, against vectors, definitions and each other.

mod ciphers;
mod fields;
mod gates;
mod three_halves;
mod trees;

use crate::aes::AesPrg;
use crate::{Block, Level};

/// Lengths around those of batches at any level.
const LENGTHS: [usize; 16] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 31, 32, 33, 64, 131];

/// Blocks that look random, the same for one seed, with those of all zeros and all ones first.
fn blocks(seed: u128, len: usize) -> Vec<Block> {
    let mut blocks = vec![Block::ZERO; len];
    AesPrg::new(Block::from_u128(seed)).fill_blocks(&mut blocks);
    for (block, edge) in blocks.iter_mut().zip([Block::ZERO, Block::ONES]) {
        *block = edge;
    }
    blocks
}

fn groups<const M: usize>(seed: u128, len: usize) -> Vec<[Block; M]> {
    blocks(seed, len * M).as_chunks().0.to_vec()
}

fn block(hex: &str) -> Block {
    let number = u128::from_str_radix(hex, 16).expect("hexadecimal digits");
    Block::from_bytes(number.to_be_bytes())
}

/// Holds what `f` gives at every level against what it gives in portable form.
fn same_at_all_levels<T: PartialEq + std::fmt::Debug>(f: impl Fn() -> T) {
    let expected = Level::PORTABLE.run(&f);
    for level in Level::available() {
        assert_eq!(level.run(&f), expected, "{}", level.name());
    }
}

#[test]
fn a_level_holds_for_its_closure() {
    let outside = Level::current();
    assert_eq!(Level::available().last(), Some(&outside));
    assert_eq!(Level::PORTABLE.run(Level::current), Level::PORTABLE);
    assert_eq!(Level::current(), outside);
}

#[test]
fn blocks_are_little_endian_integers() {
    let one = Block::from_u128(1);
    assert_eq!(one.to_bytes()[0], 1);
    assert!(one.lsb() && !Block::from_u128(2).lsb() && Block::from_u128(2).with_lsb().lsb());
    let two = [Block::from_u128(0x0102), Block::ONES];
    assert_eq!(Block::as_bytes(&two)[..3], [2, 1, 0]);
    assert_eq!(Block::blocks_of(Block::as_bytes(&two)), two);
    assert_eq!(Block::blocks_of(&[1; 17]).len(), 1);
    assert_eq!(Block::random(|bytes| bytes.fill(0xff)), Block::ONES);
    assert_eq!(two[0].if_set(false), Block::ZERO);
    assert_eq!(two[0].if_set(true), two[0]);
    assert_eq!(format!("{one:?}"), "Block(0x00000000000000000000000000000001)");
}
