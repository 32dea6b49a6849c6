//! Transfers of which one in each block has choice one: trees of seeds that lack a leaf.
//!
//! Yang et al., CCS 2020, single-point COT, for all blocks at once. For each level of a tree the sums
//! of its left and of its right nodes are the messages of a transfer, in which the receiver chooses
//! the side that its point is not on; `delta` plus the sum of all leaves gives it the leaf that it
//! lacks, plus `delta`.

use mpclab_kernels::{Block, Tweak, ggm};
use mpclab_sim::Ctx;
use rand::Rng;

use super::Set;
use crate::algebra::bits::Bits;
use crate::mutants;

/// The tweaks of one tree.
fn tweak(first: Tweak, tree: usize) -> Tweak {
    let tree = if mutants::is("silent/trees-alike") { 0 } else { tree };
    Tweak { index: first.index.wrapping_add(2 * tree as u64), ..first }
}

/// A root for each tree.
pub(super) fn roots(ctx: &Ctx, set: &Set) -> Vec<Block> {
    let mut roots = vec![Block::ZERO; set.trees];
    ctx.rng().fill_bytes(Block::as_bytes_mut(&mut roots));
    if mutants::is("silent/trees-alike") {
        let first = roots.first().copied().unwrap_or_default();
        roots.fill(first);
    }
    roots
}

/// The sender's leaves of all trees, and what it tells of them: for each level of a tree both sums,
/// under the pads of a transfer, and then the sum of its leaves and `delta`.
pub(super) fn plant(
    (set, first): (&Set, Tweak),
    (delta, roots, pads): (Block, &[Block], &[[Block; 2]]),
    rows: &mut [Block],
) -> Vec<Block> {
    let mut told = Vec::with_capacity(set.told());
    let trees = rows.chunks_mut(1 << set.depth).zip(roots).zip(pads.chunks(set.depth));
    for (tree, ((leaves, root), pads)) in trees.enumerate() {
        let sums = ggm::expand_into(*root, tweak(first, tree), leaves);
        for ([left, right], pads) in sums.iter().zip(pads) {
            let pads = if mutants::is("silent/sums-unmasked") { &[Block::ZERO; 2] } else { pads };
            told.extend([*left ^ pads[0], *right ^ pads[1]]);
        }
        let [left, right] = sums.last().copied().unwrap_or_default();
        told.push(delta ^ left ^ right);
    }
    told
}

/// A point in each block of noise.
pub(super) fn noise(ctx: &Ctx, set: &Set) -> Vec<usize> {
    let mut rng = ctx.rng();
    let mask = (1 << set.depth) - 1;
    let mut points: Vec<usize> = (0..set.trees).map(|_| rng.next_u32() as usize & mask).collect();
    if mutants::is("silent/noise-constant") {
        points.fill(0);
    }
    points
}

/// Whether a point is on the right at a level, the first of which is that below the root.
const fn is_right(point: usize, depth: usize, level: usize) -> bool {
    point >> (depth - 1 - level) & 1 == 1
}

/// The choice of each level of each tree: the side that its point is not on.
pub(super) fn choices(set: &Set, points: &[usize]) -> Bits {
    let levels = |point: &usize| {
        let point = *point;
        (0..set.depth).map(move |level| !is_right(point, set.depth, level))
    };
    points.iter().flat_map(levels).collect()
}

/// The receiver's leaves of all trees, from what it was told and the pads of its choices.
pub(super) fn harvest(
    (set, first): (&Set, Tweak),
    (points, pads): (&[usize], &[Block]),
    told: &[Block],
    rows: &mut [Block],
) {
    let trees = rows.chunks_mut(1 << set.depth).zip(points);
    let told = told.chunks(2 * set.depth + 1).zip(pads.chunks(set.depth));
    for (tree, ((leaves, point), (told, pads))) in trees.zip(told).enumerate() {
        let (sums, total) = told.as_chunks::<2>();
        let chosen = |(level, (sums, pad)): (usize, (&[Block; 2], &Block))| {
            let is_right = is_right(*point, set.depth, level);
            let pad = if mutants::is("silent/sums-unmasked") { &Block::ZERO } else { pad };
            sums[0].if_set(is_right) ^ sums[1].if_set(!is_right) ^ *pad
        };
        let sums: Vec<Block> = sums.iter().zip(pads).enumerate().map(chosen).collect();
        let total = total.first().copied();
        ggm::expand_punctured_into((*point, total), &sums, tweak(first, tree), leaves);
    }
}

/// The bits of all rows, as words: one in each block of noise.
///
/// Addresses do not depend on points.
pub(super) fn bits(set: &Set, points: &[usize]) -> Vec<u64> {
    let mut words = vec![0; set.rows().div_ceil(64)];
    for (tree, point) in points.iter().enumerate() {
        let start = tree << set.depth;
        let end = start + (1 << set.depth);
        let place = start + point;
        for (word, bits) in words.iter_mut().enumerate().take(end.div_ceil(64)).skip(start / 64) {
            *bits |= u64::from(word == place / 64) << (place % 64);
        }
    }
    words
}
