//! The consistency check of malicious OT extension: that the receiver used one `x` in all rows.
//!
//! Roy, "SoftSpokenOT", CRYPTO 2022, malicious subspace VOLE, with the universal hash
//! `h(row) = sum_b chi_b row_b` over GF(2^128), where `row_b` is the row's block `b` of 128 bits. It
//! is linear over GF(2), so of `w = v + u delta` follows `h(w_p) = h(v_p) + delta_p h(u)` for every
//! row `p`; the last block, with coefficient one, masks what is told of `u` and is not used again.
//! This is the check of Keller, Orsini, Scholl (CRYPTO 2015) as it was mended: their hash of
//! *columns* has a flaw in its proof (Roy 2022).
//!
//! A receiver that used another `x` for some fields is caught unless it guesses `delta`'s parts for
//! all of these: with `c` fields of `k` bits it passes with probability `2^-(c k)`, and has learned
//! them then, which the functionality allows. Two errors whose hashes meet pass too, with probability
//! `2^-128` for each pair of fields, and coefficients are pseudorandom. After a failure nothing of the
//! pair is used again, and `delta` has to be drawn anew.

use mpclab_kernels::aes::AesPrg;
use mpclab_kernels::{Block, gf128};
use mpclab_sim::vocabulary::Op;
use mpclab_sim::work;

use super::KAPPA;
use crate::algebra::repeated;

/// Price of hashing a block of a row.
pub(crate) const CHECK: Op = Op {
    key: "ot.check",
    unit: "block",
    parallel: true,
    work: Some(|calls, units| {
        let row = vec![Block::ONES; units];
        repeated(calls, 0, || gf128::inner_product(&row, &row));
    }),
};

/// Blocks of the receiver's answer: the hash of `u`, and of every row of `v`.
pub(super) const ANSWER: usize = 1 + KAPPA;

/// The coefficients of a seed, for rows of so many blocks.
pub(super) fn coefficients(seed: Block, blocks: usize) -> Vec<Block> {
    work::did(CHECK, blocks);
    let mut chi = vec![Block::ZERO; blocks];
    AesPrg::new(seed).fill_blocks(&mut chi);
    if let Some(last) = chi.last_mut() {
        *last = Block::from_u128(1);
    }
    chi
}

/// The hash of a row, which stands in one piece.
fn hash(chi: &[Block], row: &[Block]) -> Block {
    work::did(CHECK, row.len());
    gf128::inner_product(chi, row)
}

/// The hashes of 128 rows of which each chunk holds the next blocks, row after row.
fn hashes(chi: &[Block], chunks: &[Vec<Block>]) -> Vec<Block> {
    let (mut hashes, mut rest) = (vec![Block::ZERO; KAPPA], chi);
    for chunk in chunks {
        let (chi, behind) = rest.split_at(chunk.len() / KAPPA);
        work::did_calls(CHECK, KAPPA, chunk.len());
        for (hash, part) in hashes.iter_mut().zip(chunk.chunks(chi.len())) {
            *hash ^= gf128::inner_product(chi, part);
        }
        rest = behind;
    }
    hashes
}

/// What the receiver answers.
pub(super) fn answer(chi: &[Block], u: &[Block], v: &[Vec<Block>]) -> Vec<Block> {
    let mut answer = vec![hash(chi, u)];
    answer.append(&mut hashes(chi, v));
    answer
}

/// Whether an answer fits the sender's rows.
pub(super) fn passes(chi: &[Block], w: &[Vec<Block>], delta: Block, answer: &[Block]) -> bool {
    let [u, v @ ..] = answer else { return false };
    let expected = v.iter().enumerate().map(|(row, v)| *v ^ u.if_set(bit(delta, row)));
    let rows = if crate::mutants::is("ot/check-half") { KAPPA / 2 } else { KAPPA };
    let pairs = hashes(chi, w).into_iter().zip(expected).take(rows);
    let differ = pairs.fold(Block::ZERO, |all, (found, expected)| {
        Block::from_u128(all.to_u128() | (found ^ expected).to_u128())
    });
    v.len() == KAPPA && differ == Block::ZERO
}

/// A bit of a block.
pub(super) fn bit(block: Block, at: usize) -> bool {
    block.to_u128() >> at & 1 == 1
}
