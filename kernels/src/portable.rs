//! Kernels in plain code and with the crate `aes`: what the other forms are held against.

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

use crate::aes::RoundKeys;
use crate::half_gates::Table;
use crate::hash::{Tweak, sigma};
use crate::local_code::Places;
use crate::matrix::{ROWS, SQUARES, Tile};
use crate::{Block, xor_into};

/// Blocks of a stream that are in work at a time.
const CHUNK: usize = 64;

pub(crate) fn expand_key(key: Block) -> RoundKeys {
    let mut round_keys = [Block::ZERO; 11];
    round_keys[0] = key;
    round_keys
}

fn cipher(key: Block) -> Aes128Enc {
    Aes128Enc::new(&key.to_bytes().into())
}

fn encrypt_with(cipher: &Aes128Enc, blocks: &mut [Block]) {
    cipher.encrypt_blocks(Array::cast_slice_from_core_mut(bytemuck::must_cast_slice_mut(blocks)));
}

pub(crate) fn encrypt(round_keys: &RoundKeys, blocks: &mut [Block]) {
    encrypt_with(&cipher(round_keys[0]), blocks);
}

pub(crate) fn encrypt_each<const M: usize>(keys: &[Block], blocks: &mut [[Block; M]]) {
    for (key, blocks) in keys.iter().zip(blocks) {
        encrypt_with(&cipher(*key), blocks);
    }
}

pub(crate) fn stream(round_keys: &RoundKeys, counter: u128, blocks: &mut [Block]) {
    for (i, block) in blocks.iter_mut().enumerate() {
        *block = Block::from_bytes(counter.wrapping_add(i as u128).to_be_bytes());
    }
    encrypt(round_keys, blocks);
}

pub(crate) fn tccr<const M: usize>(first: Tweak, blocks: &mut [[Block; M]]) {
    for (i, blocks) in blocks.iter_mut().enumerate() {
        davies_meyer(&cipher(first.at(i)), blocks);
    }
}

/// `E(sigma(x)) ^ sigma(x)` in place.
fn davies_meyer<const M: usize>(cipher: &Aes128Enc, blocks: &mut [Block; M]) {
    let inputs = blocks.map(sigma);
    *blocks = inputs;
    encrypt_with(cipher, blocks);
    xor_into(blocks, &inputs);
}

pub(crate) fn mmo(round_keys: &RoundKeys, blocks: &mut [Block]) {
    let pi = cipher(round_keys[0]);
    let (chunks, rest) = blocks.as_chunks_mut::<CHUNK>();
    chunks.iter_mut().for_each(|chunk| davies_meyer(&pi, chunk));
    rest.as_chunks_mut::<1>().0.iter_mut().for_each(|block| davies_meyer(&pi, block));
}

pub(crate) fn tmmo(round_keys: &RoundKeys, first: Tweak, blocks: &mut [Block]) {
    let pi = cipher(round_keys[0]);
    encrypt_with(&pi, blocks);
    for (start, blocks) in (0..).step_by(CHUNK).zip(blocks.chunks_mut(CHUNK)) {
        let mut inner = [Block::ZERO; CHUNK];
        for ((i, block), inner) in (start..).zip(blocks.iter_mut()).zip(&mut inner) {
            *inner = *block;
            *block ^= first.at(i);
        }
        encrypt_with(&pi, blocks);
        xor_into(blocks, &inner[..blocks.len()]);
    }
}

/// Replaces the first half of nodes by their children, from the last to the first; their sums.
pub(crate) fn double(sides: [&RoundKeys; 2], nodes: &mut [Block]) -> [Block; 2] {
    let parents = nodes.len() / 2;
    let mut sums = [Block::ZERO; 2];
    for start in (0..parents).step_by(CHUNK).rev() {
        let len = CHUNK.min(parents - start);
        let mut both = [[Block::ZERO; CHUNK]; 2];
        for (children, side) in both.iter_mut().zip(sides) {
            children[..len].copy_from_slice(&nodes[start..start + len]);
            mmo(side, &mut children[..len]);
        }
        let pairs = nodes[2 * start..][..2 * len].as_chunks_mut::<2>().0;
        for (i, pair) in pairs.iter_mut().enumerate() {
            *pair = [both[0][i], both[1][i]];
            sums = [sums[0] ^ pair[0], sums[1] ^ pair[1]];
        }
    }
    sums
}

pub(crate) fn add_to_pair(at: usize, added: [Block; 2], pairs: &mut [[Block; 2]]) {
    for (index, pair) in pairs.iter_mut().enumerate() {
        let is_it = index == at;
        *pair = [pair[0] ^ added[0].if_set(is_it), pair[1] ^ added[1].if_set(is_it)];
    }
}

pub(crate) fn add_places(places: &Places, secret: &[Block], rows: &mut [Block]) {
    for (row, places) in rows.iter_mut().zip(places) {
        *row = places.iter().fold(*row, |sum, place| sum ^ secret[*place as usize]);
    }
}

/// The sum of the bits at each row's places, a bit for each row.
#[inline]
pub(crate) fn bits_at(places: &Places, bits: &[u64]) -> u64 {
    places.iter().enumerate().fold(0, |sums, (row, places)| {
        let shifted = |place: &u32| bits[*place as usize / 64] >> (place % 64);
        let sum = places.iter().fold(0, |sum, place| sum ^ shifted(place));
        sums | (sum & 1) << row
    })
}

/// A row of a tile.
type Words = [u64; 2 * SQUARES];

fn words_of(row: [Block; SQUARES]) -> Words {
    let halves = |block: Block| [block.to_u128() as u64, (block.to_u128() >> 64) as u64];
    bytemuck::must_cast(row.map(halves))
}

fn block_of(words: &Words, square: usize) -> Block {
    let [lower, upper] = [words[2 * square], words[2 * square + 1]].map(u128::from);
    Block::from_u128(lower | upper << 64)
}

/// Squares side by side, in rows that are `stride` apart.
pub(crate) fn transpose_rows(rows: &[Block], stride: usize, tiles: &mut [Tile]) {
    let mut tile = [Words::default(); ROWS];
    for (t, columns) in tiles.iter_mut().enumerate() {
        for (words, row) in tile.iter_mut().zip(rows[t * SQUARES..].chunks(stride)) {
            *words = words_of(std::array::from_fn(|square| row[square]));
        }
        transpose_words(&mut tile);
        for (square, columns) in columns.iter_mut().enumerate() {
            for (column, words) in columns.iter_mut().zip(&tile) {
                *column = block_of(words, square);
            }
        }
    }
}

pub(crate) fn transpose_columns(tiles: &[Tile], rows: &mut [Block], stride: usize) {
    let mut tile = [Words::default(); ROWS];
    for (t, columns) in tiles.iter().enumerate() {
        for (i, words) in tile.iter_mut().enumerate() {
            *words = words_of(columns.each_ref().map(|column| column[i]));
        }
        transpose_words(&mut tile);
        for (words, row) in tile.iter().zip(rows[t * SQUARES..].chunks_mut(stride)) {
            for (square, block) in row[..SQUARES].iter_mut().enumerate() {
                *block = block_of(words, square);
            }
        }
    }
}

/// Transposes squares by swapping halves of ever smaller squares (Warren, Hacker's Delight,
/// section 7-3), on whole rows at a time.
fn transpose_words(tile: &mut [Words; ROWS]) {
    for r in 0..ROWS / 2 {
        for square in 0..SQUARES {
            let upper = tile[r][2 * square + 1];
            tile[r][2 * square + 1] = tile[r + 64][2 * square];
            tile[r + 64][2 * square] = upper;
        }
    }
    let mut width = 32;
    let mut mask = u64::MAX >> 32;
    while width > 0 {
        for rows in tile.chunks_exact_mut(2 * width) {
            let (upper, lower) = rows.split_at_mut(width);
            for (upper, lower) in upper.iter_mut().zip(lower) {
                for word in 0..2 * SQUARES {
                    let swapped = ((upper[word] >> width) ^ lower[word]) & mask;
                    upper[word] ^= swapped << width;
                    lower[word] ^= swapped;
                }
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

pub(crate) fn inner_product(a: &[Block], b: &[Block]) -> Block {
    a.iter().zip(b).fold(Block::ZERO, |sum, (a, b)| sum ^ mul(*a, *b))
}

/// Multiplies by Horner's rule, from the highest coefficient of `b` down.
pub(crate) fn mul(a: Block, b: Block) -> Block {
    let (a, mut b, mut sum) = (a.to_u128(), b.to_u128(), 0);
    for _ in 0..128 {
        let carried = (sum >> 127) * 0x87;
        sum = (sum << 1) ^ carried ^ (a & (b >> 127).wrapping_neg());
        b <<= 1;
    }
    Block::from_u128(sum)
}

/// The sum of the leaves' streams from `counter` on, and the sums of those that have bit `j` of
/// their index set, for each of the planes `j`. Without `u`, the stream of leaf 0 is left out.
pub(crate) fn sum_streams(
    leaves: &[RoundKeys],
    counter: u64,
    mut u: Option<&mut [Block]>,
    planes: &mut [Block],
) {
    let len = planes.len() / leaves.len().trailing_zeros() as usize;
    let mut chunk = [Block::ZERO; CHUNK];
    planes.fill(Block::ZERO);
    if let Some(u) = &mut u {
        u.fill(Block::ZERO);
    }
    for start in (0..len).step_by(CHUNK) {
        let chunk = &mut chunk[..CHUNK.min(len - start)];
        for (x, leaf) in leaves.iter().enumerate().skip(usize::from(u.is_none())) {
            stream(leaf, u128::from(counter) + start as u128, chunk);
            if let Some(u) = &mut u {
                xor_into(&mut u[start..][..chunk.len()], chunk);
            }
            for (_, plane) in planes.chunks_mut(len).enumerate().filter(|(j, _)| x >> j & 1 == 1) {
                xor_into(&mut plane[start..][..chunk.len()], chunk);
            }
        }
    }
}

pub(crate) fn garble_ands(
    delta: Block,
    first: Tweak,
    inputs: &[[Block; 2]],
    tables: &mut [Table],
    outputs: &mut [Block],
) {
    for (j, (([a, b], table), output)) in inputs.iter().zip(tables).zip(outputs).enumerate() {
        let mut hashes = [[*a, *a ^ delta], [*b, *b ^ delta]];
        tccr(Tweak { index: first.index.wrapping_add(2 * j as u64), ..first }, &mut hashes);
        let [[h_a, h_a1], [h_b, h_b1]] = hashes;
        // The garbler's half: p_b is known. The evaluator's half: b ^ p_b becomes known.
        let garbler = h_a ^ h_a1 ^ delta.if_set(b.lsb());
        let evaluator = h_b ^ h_b1 ^ *a;
        *table = [garbler, evaluator];
        *output = h_a ^ garbler.if_set(a.lsb()) ^ h_b ^ (evaluator ^ *a).if_set(b.lsb());
    }
}

pub(crate) fn evaluate_ands(
    first: Tweak,
    inputs: &[[Block; 2]],
    tables: &[Table],
    outputs: &mut [Block],
) {
    for (j, (([a, b], table), output)) in inputs.iter().zip(tables).zip(outputs).enumerate() {
        let mut hashes = [[*a], [*b]];
        tccr(Tweak { index: first.index.wrapping_add(2 * j as u64), ..first }, &mut hashes);
        let [[h_a], [h_b]] = hashes;
        let [garbler, evaluator] = *table;
        *output = h_a ^ garbler.if_set(a.lsb()) ^ h_b ^ (evaluator ^ *a).if_set(b.lsb());
    }
}
