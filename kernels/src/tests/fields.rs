use super::{LENGTHS, block, blocks, same_at_all_levels};
use crate::aes::AesPrg;
use crate::matrix::{transpose_columns, transpose_rows};
use crate::small_field::{VoleReceiver, VoleSender};
use crate::{Block, Level, Tweak, gf128, ggm};

fn bit(blocks: &[Block], index: usize) -> bool {
    Block::as_bytes(blocks)[index / 8] >> (index % 8) & 1 == 1
}

#[test]
fn transposition_moves_every_bit() {
    for (level, n) in Level::available()
        .into_iter()
        .flat_map(|level| [0, 128, 256, 384, 512, 640, 1024, 1920].map(|n| (level, n)))
    {
        let rows = blocks(1, n);
        let [mut columns, mut back] = [(); 2].map(|()| vec![Block::ZERO; n]);
        level.run(|| {
            transpose_rows(&rows, &mut columns);
            transpose_columns(&columns, &mut back);
        });
        for (r, i) in (0..128).flat_map(|r| (0..n).map(move |i| (r, i))) {
            assert_eq!(bit(&rows, r * n + i), bit(&columns, 128 * i + r), "{r} {i} of {n}");
        }
        assert_eq!(back, rows, "{} {n}", level.name());
    }
}

#[test]
fn products_are_those_of_the_field() {
    let x = |i: u32| Block::from_u128(1 << i);
    for level in Level::available() {
        level.run(|| {
            assert_eq!(gf128::mul(x(127), x(1)), Block::from_u128(0x87));
            // x^254 = x^126 (x^7 + x^2 + x + 1) = x^133 + x^128 + x^127 + x^126.
            let square = Block::from_u128((0x87 << 5) ^ 0x87 ^ (3 << 126));
            assert_eq!(gf128::mul(x(127), x(127)), square);
            // McGrew and Viega, GCM, test case 2: GHASH has this field with bits in reverse.
            let reversed = |hex| Block::from_u128(block(hex).to_u128().swap_bytes().reverse_bits());
            assert_eq!(
                gf128::mul(
                    reversed("0388dace60b6a392f328c2b971b2fe78"),
                    reversed("66e94bd4ef8a2c3b884cfa59ca342b2e"),
                ),
                reversed("5e2ec746917062882c85b0685353deb7"),
            );
        });
    }
}

#[test]
fn products_obey_the_laws_of_a_field() {
    let one = Block::from_u128(1);
    for level in Level::available() {
        let elements = blocks(9, 12);
        level.run(|| {
            for [a, b, c] in elements.as_chunks().0 {
                let (a, b, c) = (*a, *b, *c);
                assert_eq!(gf128::mul(a, b), gf128::mul(b, a));
                assert_eq!(gf128::mul(gf128::mul(a, b), c), gf128::mul(a, gf128::mul(b, c)));
                assert_eq!(gf128::mul(a, b ^ c), gf128::mul(a, b) ^ gf128::mul(a, c));
                assert_eq!(gf128::mul(a, one), a);
                assert_eq!(gf128::mul(a, Block::ZERO), Block::ZERO);
                // a^(2^128) = a.
                assert_eq!((0..128).fold(a, |power, _| gf128::mul(power, power)), a);
            }
        });
    }
}

#[test]
fn inner_products_are_sums_of_products() {
    for len in LENGTHS {
        same_at_all_levels(|| {
            let [a, b] = [1, 2].map(|seed| blocks(seed, len));
            let sum = a.iter().zip(&b).fold(Block::ZERO, |sum, (a, b)| sum ^ gf128::mul(*a, *b));
            assert_eq!(gf128::inner_product(&a, &b), sum);
            sum
        });
    }
}

#[test]
fn a_punctured_tree_lacks_one_leaf() {
    let tweak = Tweak { session: Block::ONES, index: 6 };
    for depth in 0..=8 {
        let tree = ggm::expand(Block::from_u128(4), depth, tweak);
        assert_eq!((tree.leaves.len(), tree.sums.len()), (1 << depth, depth));
        for point in (0..1 << depth).step_by(1 + depth / 4 * 3) {
            let away =
                |(level, sums): (usize, &[Block; 2])| sums[1 - (point >> (depth - 1 - level) & 1)];
            let sums: Vec<Block> = tree.sums.iter().enumerate().map(away).collect();
            let mut expected = tree.leaves.clone();
            expected[point] = Block::ZERO;
            assert_eq!(ggm::expand_punctured(point, &sums, tweak), expected, "{depth} {point}");
        }
    }
}

/// The sums by their definition.
fn naive(
    seeds: &[Block],
    skip: usize,
    len: usize,
    index: impl Fn(usize) -> usize,
) -> [Vec<Block>; 9] {
    let mut sums = [(); 9].map(|()| vec![Block::ZERO; len]);
    for (x, seed) in seeds.iter().enumerate() {
        let mut stream = AesPrg::at(*seed, skip as u128);
        for i in 0..len {
            let block = stream.next_block();
            for (j, sum) in sums.iter_mut().enumerate() {
                sum[i] ^= block.if_set(j == 8 || index(x) >> j & 1 == 1);
            }
        }
    }
    sums
}

#[test]
fn planes_are_sums_over_leaves() {
    for (level, bits) in
        Level::available().into_iter().flat_map(|level| (1..=8).map(move |bits| (level, bits)))
    {
        let seeds = blocks(5, 1 << bits);
        let delta = 0b1011_0110 >> (8 - bits);
        let mut other_seeds = seeds.clone();
        other_seeds[delta] = Block::ONES;
        let (mut sender, mut receiver) =
            level.run(|| (VoleSender::new(&seeds), VoleReceiver::new(delta, &other_seeds)));
        let mut skip = 0;
        for len in [16, 1, 0, 37] {
            let mut u = vec![Block::ONES; len];
            let [mut v, mut w] = [(); 2].map(|()| vec![Block::ONES; bits * len]);
            sender.extend(&mut u, &mut v);
            receiver.extend(&mut w);
            let sums = naive(&seeds, skip, len, |x| x);
            assert_eq!(u, sums[8], "{} {bits} {len}", level.name());
            assert_eq!(v, sums[..bits].concat(), "{} {bits} {len}", level.name());
            assert_eq!(w, naive(&seeds, skip, len, |x| x ^ delta)[..bits].concat());
            // v = w + u delta.
            for (j, i) in (0..bits).flat_map(|j| (0..len).map(move |i| (j, i))) {
                let product = u[i].if_set(delta >> j & 1 == 1);
                assert_eq!(v[j * len + i], w[j * len + i] ^ product);
            }
            skip += len;
        }
    }
}
