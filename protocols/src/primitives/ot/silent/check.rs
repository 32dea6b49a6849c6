//! The consistency check of malicious transfers at points: that the sender's trees are trees, under
//! one `delta`.
//!
//! Yang et al., CCS 2020, the batched check of single-point COT. With coefficients `chi` of GF(2^128)
//! that the receiver draws when it has been told of all trees, and 128 transfers `z = y + x delta`
//! put together to one of a field element, `Z = sum z_j X^j`:
//! 1. The receiver tells the seed of `chi` and `x' = x + sum chi_p` over its points `p`.
//! 2. The sender answers with the hash of `V = sum chi_i v_i + Y + x' delta`, which has to be that of
//!    `W = sum chi_i w_i + Z`, since `w_i = v_i + delta` at points and `w_i = v_i` elsewhere.
//!
//! A sender whose sums are wrong at some level is caught if the receiver took one of these. Who does
//! not want to be caught has to know on which side the points are, that is, to guess: where it
//! passes, it has learned that points are in sets of its choice, which the functionality allows: the
//! set of points that is left has passed with the probability of its share. On average a guess tells
//! less than a bit of the noise. What is not a guess passes with `2^-128` for two sums that meet, and
//! coefficients are pseudorandom. A receiver that tells another `x'` learns the hash of `W` plus a
//! multiple of `delta` that it knows: as hard to use as it is to guess `delta`.

use mpclab_kernels::aes::{Aes128, AesPrg};
use mpclab_kernels::{Block, gf128};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Op};
use mpclab_sim::work;
use rand::Rng;

use super::super::{Blocks, Pair, to_blocks};
use super::Set;
use super::sets::HASH_BYTES;
use crate::algebra::bits::Bits;
use crate::algebra::repeated;
use crate::mutants;
use crate::primitives::hash;

/// Price of a leaf's part in a check.
pub(super) const CHECK: Op = Op {
    key: "ot.silent.check",
    unit: "leaf",
    parallel: true,
    work: Some(|calls, units| {
        let rows = vec![Block::ONES; units];
        repeated(calls, 0, || sum(Block::ONES, &rows));
    }),
};

/// Coefficients that are drawn at a time.
const CHUNK: usize = 1024;

/// The sum of rows, each times its coefficient.
pub(super) fn sum(seed: Block, rows: &[Block]) -> Block {
    let mut stream = AesPrg::new(seed);
    let mut chi = [Block::ZERO; CHUNK];
    let mut sum = Block::ZERO;
    for rows in rows.chunks(CHUNK) {
        let chi = &mut chi[..rows.len()];
        stream.fill_blocks(chi);
        sum ^= gf128::inner_product(chi, rows);
    }
    sum
}

/// The sum of the coefficients of some rows.
pub(super) fn sum_at(seed: Block, places: impl Iterator<Item = usize>) -> Block {
    let mut chi: Vec<Block> =
        places.map(|place| Block::from_bytes((place as u128).to_be_bytes())).collect();
    Aes128::new(seed).encrypt(&mut chi);
    chi.into_iter().fold(Block::ZERO, |sum, chi| sum ^ chi)
}

/// Field elements as coefficients of one: `sum x_j X^j`.
pub(super) fn packed(elements: &[Block]) -> Block {
    let powers: Vec<Block> = (0..elements.len()).map(|j| Block::from_u128(1 << j)).collect();
    gf128::inner_product(elements, &powers)
}

/// What both have to agree upon.
pub(super) fn digest(pair: &Pair, iteration: u64, sum: Block) -> [u8; HASH_BYTES] {
    let parts: [&[u8]; 2] = [&iteration.to_le_bytes(), &sum.to_bytes()];
    *hash::digest("mpclab silent ot check v1", pair.domain(), &parts).as_bytes()
}

/// The sender's end: `y` are its halves of the transfers that the check takes.
///
/// # Errors
/// What receiving messages may fail with.
pub(super) async fn answer(
    ctx: &Ctx,
    (pair, iteration, delta): (&Pair, u64, Block),
    rows: &[Block],
    y: &[Block],
) -> Result<(), Abort> {
    let told = ctx.recv::<Blocks>(pair.receiver, 2).await?.0;
    work::did(CHECK, rows.len());
    let v = sum(told[0], rows) ^ packed(y) ^ gf128::mul(told[1], delta);
    ctx.send(pair.receiver, &digest(pair, iteration, v).to_vec());
    Ok(())
}

/// The receiver's end: `x` and `z` are its halves of the transfers that the check takes.
///
/// # Errors
/// `Cheating` if trees are not what they have to be; what receiving messages may fail with.
pub(super) async fn ask(
    ctx: &Ctx,
    (pair, iteration): (&Pair, u64),
    (set, points): (&Set, &[usize]),
    rows: &[Block],
    (x, z): (&Bits, &[Block]),
) -> Result<(), Abort> {
    let mut rng = ctx.rng();
    let seed = Block::random(|bytes| rng.fill_bytes(bytes));
    let places = points.iter().enumerate().map(|(tree, point)| (tree << set.depth) + point);
    let x = to_blocks(x, 1)[0] ^ sum_at(seed, places);
    ctx.send(pair.sender, &Blocks(vec![seed, x]));
    work::did(CHECK, rows.len());
    let w = sum(seed, rows) ^ packed(z);
    let answer = ctx.recv::<Vec<u8>>(pair.sender, HASH_BYTES).await?;
    if !mutants::is("silent/check-skipped") && answer[..] != digest(pair, iteration, w) {
        return Err(ctx.cheating(vec![pair.sender], format!("trees in {}", ctx.path())));
    }
    Ok(())
}
