use super::{blocks, same_at_all_levels};
use crate::aes::AesPrg;
use crate::hash::tccr;
use crate::local_code::{LocalCode, WEIGHT};
use crate::{Block, Level, Tweak, ggm};

const TWEAK: Tweak = Tweak { session: Block::from_u128(3 << 90 | 1), index: 6 };

/// A leaf and its ancestors below the root, by their definition.
fn path(root: Block, depth: usize, leaf: usize) -> Vec<Block> {
    let mut node = root;
    let child = |level: usize| {
        let side = leaf >> (depth - 1 - level) & 1;
        let mut hashed = [node];
        tccr(Tweak { index: TWEAK.index + side as u64, ..TWEAK }, &mut hashed);
        node = hashed[0];
        node
    };
    (0..depth).map(child).collect()
}

#[test]
fn leaves_are_hashes_of_hashes() {
    for depth in 0..=13 {
        same_at_all_levels(|| {
            let tree = ggm::expand(Block::ONES, depth, TWEAK);
            (tree.leaves, tree.sums)
        });
    }
    for depth in [1, 2, 5, 6, 7] {
        let tree = ggm::expand(Block::ONES, depth, TWEAK);
        let paths: Vec<Vec<Block>> =
            (0..1 << depth).map(|leaf| path(Block::ONES, depth, leaf)).collect();
        let mut sums = vec![[Block::ZERO; 2]; depth];
        for (leaf, path) in paths.iter().enumerate() {
            assert_eq!(tree.leaves[leaf], path[depth - 1], "{depth} {leaf}");
            for (level, node) in path.iter().enumerate() {
                // One of the leaves below a node speaks for it.
                let below = depth - 1 - level;
                if leaf % (1 << below) == 0 {
                    sums[level][leaf >> below & 1] ^= *node;
                }
            }
        }
        assert_eq!(tree.sums, sums, "{depth}");
    }
}

#[test]
fn a_missing_leaf_is_what_fits_the_total() {
    for (level, depth) in
        Level::available().into_iter().flat_map(|level| (0..=9).map(move |depth| (level, depth)))
    {
        let tree = ggm::expand(Block::from_u128(4), depth, TWEAK);
        let total = Block::from_u128(0x1234 << 100);
        let of_all = tree.leaves.iter().fold(Block::ZERO, |sum, leaf| sum ^ *leaf);
        for point in (0..1 << depth).step_by(1 + depth / 3 * 5) {
            let away =
                |(level, sums): (usize, &[Block; 2])| sums[1 - (point >> (depth - 1 - level) & 1)];
            let sums: Vec<Block> = tree.sums.iter().enumerate().map(away).collect();
            let mut found = vec![Block::ONES; 1 << depth];
            level.run(|| {
                ggm::expand_punctured_into((point, Some(total)), &sums, TWEAK, &mut found);
            });
            let mut expected = tree.leaves.clone();
            expected[point] ^= of_all ^ total;
            assert_eq!(found, expected, "{} {depth} {point}", level.name());
        }
    }
}

#[test]
fn rows_are_sums_at_places_of_the_stream() {
    let seed = Block::from_u128(99);
    for (dimension, len) in [(1, 3), (7, 64), (1000, 65), (1 << 16, 200), (100_000, 1)] {
        let secret = blocks(3, dimension);
        let secret_bits: Vec<u64> = Block::as_bytes(&blocks(4, dimension.div_ceil(64).div_ceil(2)))
            .as_chunks()
            .0
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect();
        let mut words = vec![0; len * WEIGHT * 4];
        AesPrg::new(seed).fill(&mut words);
        let mut places =
            words.as_chunks().0.iter().map(|word| {
                ((u64::from(u32::from_le_bytes(*word)) * dimension as u64) >> 32) as usize
            });
        let mut expected = blocks(5, len);
        let mut expected_bits = vec![0x5555_5555_5555_5555; len.div_ceil(64)];
        for (row, sum) in expected.iter_mut().enumerate() {
            for place in places.by_ref().take(WEIGHT) {
                *sum ^= secret[place];
                expected_bits[row / 64] ^=
                    (secret_bits[place / 64] >> (place % 64) & 1) << (row % 64);
            }
        }
        for level in Level::available() {
            level.run(|| {
                let code = LocalCode::new(seed, dimension);
                let mut rows = blocks(5, len);
                code.add(&secret, &mut rows);
                assert_eq!(rows, expected, "{} {dimension} {len}", level.name());
                let mut rows = blocks(5, len);
                let mut bits = vec![0x5555_5555_5555_5555; len.div_ceil(64)];
                code.add_with_bits((&secret, &secret_bits), (&mut rows, &mut bits));
                assert_eq!((rows, bits), (expected.clone(), expected_bits.clone()));
            });
        }
    }
}
