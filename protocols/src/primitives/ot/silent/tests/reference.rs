//! One iteration against the paper's steps, done slowly.

use mpclab_kernels::aes::AesPrg;
use mpclab_kernels::hash::tccr;

use super::super::*;

/// The paper's steps, a block at a time.
struct Slow {
    set: Set,
    trees: Tweak,
    delta: Block,
    roots: Vec<Block>,
}

impl Slow {
    fn hashed(block: Block, tweak: Tweak) -> Block {
        let mut one = [block];
        tccr(tweak, &mut one);
        one[0]
    }

    /// A node: the path to it is the upper bits of a leaf.
    fn node(&self, tree: usize, level: usize, index: usize) -> Block {
        (0..=level).fold(self.roots[tree], |node, at| {
            let side = index >> (level - at) & 1;
            let index = self.trees.index + 2 * tree as u64 + side as u64;
            Slow::hashed(node, Tweak { index, ..self.trees })
        })
    }

    fn leaf(&self, row: usize) -> Block {
        let Set { depth, .. } = self.set;
        self.node(row >> depth, depth - 1, row & ((1 << depth) - 1))
    }

    fn sum(&self, tree: usize, level: usize, side: usize) -> Block {
        let nodes = (0..2 << level).filter(|index| index & 1 == side);
        nodes.fold(Block::ZERO, |sum, index| sum ^ self.node(tree, level, index))
    }

    /// What the sender says of all trees, under pads of `q` as the receiver turned it.
    fn told(&self, q: &[Block], pads: Tweak) -> Vec<Block> {
        let Set { trees, depth, .. } = self.set;
        let mut told = Vec::new();
        for tree in 0..trees {
            for level in 0..depth {
                let at = tree * depth + level;
                for side in 0..2 {
                    let q = q[at] ^ self.delta.if_set(side == 1);
                    let tweak = Tweak { index: pads.index + at as u64, ..pads };
                    told.push(self.sum(tree, level, side) ^ Slow::hashed(q, tweak));
                }
            }
            let leaves = (tree << depth)..((tree + 1) << depth);
            told.push(leaves.fold(self.delta, |sum, row| sum ^ self.leaf(row)));
        }
        told
    }

    /// Ten places of a row.
    fn places(&self, seed: Block, row: usize) -> Vec<usize> {
        let mut stream = vec![0; 40 * (row + 1)];
        AesPrg::new(seed).fill(&mut stream);
        let words = stream[40 * row..].as_chunks::<4>().0.iter();
        let dimension = self.set.dimension as u64;
        words
            .map(|word| ((u64::from(u32::from_le_bytes(*word)) * dimension) >> 32) as usize)
            .collect()
    }
}

fn drawn(seed: u128, len: usize) -> Vec<Block> {
    let mut blocks = vec![Block::ZERO; len];
    AesPrg::new(Block::from_u128(seed)).fill_blocks(&mut blocks);
    blocks
}

/// Trees, noise and code of one iteration, against their definitions and a digest.
#[test]
fn an_iteration_is_what_the_paper_says() {
    let set = Set { name: "odd", trees: 5, depth: 4, dimension: 33, before: None };
    let (trees, pad) = (
        Tweak { session: Block::from_u128(11 << 64), index: 40 },
        Tweak { session: Block::from_u128(13 << 64), index: 7 },
    );
    let (delta, seed) = (drawn(1, 1)[0], drawn(2, 1)[0]);
    let slow = Slow { set, trees, delta, roots: drawn(3, set.trees) };
    // Transfers to begin with.
    let (q, flags) = (drawn(4, set.dimension + set.levels()), drawn(5, 1)[0].to_u128());
    let x: Bits = (0..q.len()).map(|at| flags >> (at % 128) & 1 == 1).collect();
    let t: Vec<Block> = q.iter().zip(x.iter()).map(|(q, x)| *q ^ delta.if_set(x)).collect();
    let points = [0, 15, 7, 8, 2];
    let choices = points::choices(&set, &points);
    let of_points: Vec<bool> = points
        .iter()
        .flat_map(|point| (0..4).rev().map(move |bit| point >> bit & 1 == 0))
        .collect();
    assert_eq!(choices.iter().collect::<Vec<bool>>(), of_points);
    let differ = choices.xor(&x.slice(set.dimension..q.len()));
    let turned: Vec<Block> =
        q[set.dimension..].iter().zip(differ.iter()).map(|(q, is)| *q ^ delta.if_set(is)).collect();
    // 2. Trees.
    let both = pads(delta, pad, &turned);
    let mut v = vec![Block::ZERO; set.rows()];
    let told = points::plant((&set, trees), (delta, &slow.roots, &both), &mut v);
    assert_eq!(told, slow.told(&turned, pad));
    assert_eq!(told.len(), set.told());
    let mut w = vec![Block::ZERO; set.rows()];
    let chosen = chosen_pads(pad, &t[set.dimension..]);
    points::harvest((&set, trees), (&points, &chosen), &told, &mut w);
    let mut noise = points::bits(&set, &points);
    for row in 0..set.rows() {
        let is_point = points[row >> 4] == row & 15;
        assert_eq!(v[row], slow.leaf(row), "row {row}");
        assert_eq!(w[row], slow.leaf(row) ^ delta.if_set(is_point), "row {row}");
        assert_eq!(noise[row / 64] >> (row % 64) & 1 == 1, is_point, "row {row}");
    }
    // 4. Code.
    let code = LocalCode::new(seed, set.dimension);
    code.add(&q[..set.dimension], &mut v);
    code.add_with_bits((&t[..set.dimension], x.words()), (&mut w, &mut noise));
    for row in 0..set.rows() {
        let places = slow.places(seed, row);
        let add = |own: &[Block], leaf| places.iter().fold(leaf, |sum, at| sum ^ own[*at]);
        let is_point = points[row >> 4] == row & 15;
        let bit = places.iter().fold(is_point, |bit, at| bit ^ x.get(*at));
        assert_eq!(v[row], add(&q, slow.leaf(row)), "row {row}");
        assert_eq!(w[row], add(&t, slow.leaf(row) ^ delta.if_set(is_point)), "row {row}");
        assert_eq!(noise[row / 64] >> (row % 64) & 1 == 1, bit, "row {row}");
    }
    let all = [&told[..], &v, &w].map(Block::as_bytes).concat();
    assert_eq!(blake3::hash(&all).to_hex()[..16], *"5d517b665cc94734");
}
