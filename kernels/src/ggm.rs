//! A puncturable pseudorandom function of `2^k` points: the leaves of the binary tree of Goldreich,
//! Goldwasser and Micali ("How to Construct Random Functions", J. ACM 1986).
//!
//! Who holds the root knows all leaves. Who got, for each level, the sum of all nodes on the side
//! away from a point, by OT, knows all leaves but that of the point (Schoppmann et al.,
//! "Distributed Vector-OLE", CCS 2019). Child `b` of a node is its hash `H(node, tweak)` of
//! [`tccr`](crate::hash::tccr), under one tweak for each tree and side.

use crate::Block;
use crate::aes::Aes128;
use crate::hash::{Tweak, mmo};

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
    let ciphers = sides_of(first);
    let mut leaves = vec![root];
    let mut sums = Vec::with_capacity(depth);
    for _ in 0..depth {
        leaves = children(&leaves, &ciphers);
        sums.push(sums_of(&leaves));
    }
    Tree { leaves, sums }
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
    let depth = sums.len();
    assert!(depth <= MAX_DEPTH && point < 1 << depth, "a point of a tree of 2^{depth} leaves");
    let ciphers = sides_of(first);
    let mut leaves = vec![Block::ZERO];
    for (level, sum) in sums.iter().enumerate() {
        leaves = children(&leaves, &ciphers);
        let missing = point >> (depth - 1 - level);
        for (x, leaf) in leaves.iter_mut().enumerate() {
            *leaf &= Block::mask(x >> 1 != missing >> 1);
        }
        let [left, right] = sums_of(&leaves);
        let sibling = *sum ^ left.if_set(missing & 1 == 1) ^ right.if_set(missing & 1 == 0);
        for (x, leaf) in leaves.iter_mut().enumerate() {
            *leaf ^= sibling.if_set(x == missing ^ 1);
        }
    }
    leaves
}

/// The pseudorandom generators of the two sides.
fn sides_of(first: Tweak) -> [Aes128; 2] {
    [0, 1].map(|side| Aes128::new(first.at(side)))
}

/// The two children of each node, in order.
fn children(nodes: &[Block], sides: &[Aes128; 2]) -> Vec<Block> {
    let [left, right] = sides.each_ref().map(|side| {
        let mut children = nodes.to_vec();
        mmo(side, &mut children);
        children
    });
    left.into_iter().zip(right).flat_map(<[Block; 2]>::from).collect()
}

/// The sums of left and of right nodes of a level.
fn sums_of(nodes: &[Block]) -> [Block; 2] {
    nodes
        .as_chunks()
        .0
        .iter()
        .fold([Block::ZERO; 2], |[left, right], [l, r]| [left ^ *l, right ^ *r])
}
