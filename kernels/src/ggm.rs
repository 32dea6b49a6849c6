//! A puncturable pseudorandom function of `2^k` points: the leaves of the binary tree of Goldreich,
//! Goldwasser and Micali ("How to Construct Random Functions", J. ACM 1986).
//!
//! Who holds the root knows all leaves. Who got, for each level, the sum of all nodes on the side
//! away from a point, by OT, knows all leaves but that of the point (Schoppmann et al.,
//! "Distributed Vector-OLE", CCS 2019). Child `b` of a node is its hash `H(node, tweak)` of
//! [`tccr`](crate::hash::tccr), under one tweak for each tree and side.

use crate::Block;
use crate::aes::Aes128;
use crate::hash::Tweak;
use crate::level::kernel;

/// Levels of the largest tree.
pub const MAX_DEPTH: usize = 16;

/// All leaves of a tree, and what lets others have all but one.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Leaf `x` for `x` in `0..2^k`.
    pub leaves: Vec<Block>,
    /// For each of the `k` levels below the root, the sums of its left and of its right nodes.
    ///
    /// Level `i` is for bit `k - 1 - i` of a point. They are the two messages of an OT in which
    /// who punctures chooses the side that the point is not on.
    pub sums: Vec<[Block; 2]>,
}

/// Expands a root to `2^depth` leaves; the tree takes tweaks `first` and the one behind it.
///
/// # Panics
/// If `depth` is greater than [`MAX_DEPTH`].
#[must_use]
pub fn expand(root: Block, depth: usize, first: Tweak) -> Tree {
    assert!(depth <= MAX_DEPTH, "a tree of 2^{depth} leaves");
    let mut leaves = vec![Block::ZERO; 1 << depth];
    let sums = expand_into(root, first, &mut leaves);
    Tree { leaves, sums }
}

/// The same into `2^depth` leaves that are there; returns [`Tree::sums`].
///
/// # Panics
/// If the number of leaves is no power of two, or greater than that of [`MAX_DEPTH`] levels.
pub fn expand_into(root: Block, first: Tweak, leaves: &mut [Block]) -> Vec<[Block; 2]> {
    let (depth, sides) = (depth_of(leaves), sides_of(first));
    leaves[0] = root;
    (1..=depth).map(|level| children(&sides, &mut leaves[..1 << level])).collect()
}

/// Expands to all leaves but that of `point`, which is zero: `sums` has for each level the sum of
/// the side that `point` is not on.
///
/// Time and addresses do not depend on `point`.
///
/// # Panics
/// If there are more sums than [`MAX_DEPTH`], or `point` is not below `2^sums.len()`.
#[must_use]
pub fn expand_punctured(point: usize, sums: &[Block], first: Tweak) -> Vec<Block> {
    assert!(sums.len() <= MAX_DEPTH, "a tree of 2^{} leaves", sums.len());
    let mut leaves = vec![Block::ZERO; 1 << sums.len()];
    expand_punctured_into((point, None), sums, first, &mut leaves);
    leaves
}

/// The same into leaves that are there. With `total`, the leaf of `point` is what makes all of them
/// add up to that.
///
/// Time and addresses do not depend on `point`.
///
/// # Panics
/// If there are not `2^sums.len()` leaves, or more than [`MAX_DEPTH`] levels, or `point` is not among
/// them.
pub fn expand_punctured_into(
    (point, total): (usize, Option<Block>),
    sums: &[Block],
    first: Tweak,
    leaves: &mut [Block],
) {
    let depth = depth_of(leaves);
    assert!(depth == sums.len() && point < leaves.len(), "a point of a tree of 2^{depth} leaves");
    let sides = sides_of(first);
    // What a node is that is not known is zero; its children are then these.
    let mut of_zero = [Block::ZERO; 2];
    children(&sides, &mut of_zero);
    leaves[0] = total.unwrap_or_default().if_set(depth == 0);
    for (level, sum) in sums.iter().enumerate() {
        let nodes = &mut leaves[..2 << level];
        let [left, right] = children(&sides, nodes);
        let [left, right] = [left ^ of_zero[0], right ^ of_zero[1]];
        let missing = point >> (depth - 1 - level);
        let is_right = missing & 1 == 1;
        // Of the nodes on the missing one's side, and of those on its sibling's, that are known.
        let [near, far] = [
            left.if_set(!is_right) ^ right.if_set(is_right),
            left.if_set(is_right) ^ right.if_set(!is_right),
        ];
        let sibling = far ^ *sum;
        let is_leaf = level + 1 == depth;
        let own = total.map_or(Block::ZERO, |total| (total ^ near ^ *sum).if_set(is_leaf));
        let added = [
            of_zero[0] ^ sibling.if_set(is_right) ^ own.if_set(!is_right),
            of_zero[1] ^ sibling.if_set(!is_right) ^ own.if_set(is_right),
        ];
        let pairs = nodes.as_chunks_mut().0;
        kernel!(sides[0].level, add_to_pair(missing >> 1, added, pairs));
    }
}

/// Levels below the root of a tree of so many leaves.
fn depth_of(leaves: &[Block]) -> usize {
    let depth = leaves.len().checked_ilog2().unwrap_or(u32::MAX) as usize;
    let is_tree = depth <= MAX_DEPTH && leaves.len() == 1 << depth;
    assert!(is_tree, "a tree of {} leaves", leaves.len());
    depth
}

/// The pseudorandom generators of the two sides.
fn sides_of(first: Tweak) -> [Aes128; 2] {
    [0, 1].map(|side| Aes128::new(first.at(side)))
}

/// Replaces the nodes in the first half by their children, two for each, in order; returns the sums
/// of left and of right ones.
fn children(sides: &[Aes128; 2], nodes: &mut [Block]) -> [Block; 2] {
    let [left, right] = sides;
    kernel!(left.level, double([&left.round_keys, &right.round_keys], nodes))
}
