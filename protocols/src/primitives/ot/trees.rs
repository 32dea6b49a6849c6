//! Trees of seeds of which the sender of extended transfers misses one leaf each, from base
//! transfers.
//!
//! Roy, "SoftSpokenOT", CRYPTO 2022, punctured PRF from OT and its proof: the receiver expands a tree of `2^k` leaves
//! for each of `128 / k` fields; for every level the sums of its left and of its right nodes are the
//! two messages of a transfer. Against a malicious receiver both hash their leaves: of the missing
//! one the sender is told the hash, masked by those of the others, and the hash of all hashes has
//! to come out. A receiver whose tree is wrong learns by the sender's abort whether a field's part of
//! `delta` is in a set that it chose, which the functionality allows as it allows guesses. With `k = 1`
//! the keys of base transfers are the leaves, and nothing can be wrong.

use mpclab_kernels::ggm::{self, Tree};
use mpclab_kernels::{Block, Tweak};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use super::check::bit;
use super::{Blocks, KAPPA, Pair};
use crate::primitives::hash;

/// Bytes of the hash of a leaf.
const HASH_BYTES: usize = 32;

type Hash = [u8; HASH_BYTES];

/// Payload that the receiver sends for trees of depth `k`, bytes.
pub(super) const fn bytes(k: usize, is_malicious: bool) -> u64 {
    if k == 1 {
        return 0;
    }
    let proofs = if is_malicious { HASH_BYTES * (KAPPA / k + 1) } else { 0 };
    (2 * KAPPA * Block::BYTES + proofs) as u64
}

/// The point of a field's tree: its bits of `delta`.
pub(super) fn point(delta: Block, field: usize, k: usize) -> usize {
    (delta.to_u128() >> (field * k)) as usize & ((1 << k) - 1)
}

/// The choices of base transfers of who lacks the leaves at `delta`: the side of each level on
/// which the point is not.
pub(super) fn choices(delta: Block, k: usize) -> Vec<bool> {
    let level = |at: usize| (at / k) * k + (k - 1 - at % k);
    (0..KAPPA).map(|at| !bit(delta, level(at))).collect()
}

fn tweak(pair: &Pair, field: usize) -> Tweak {
    Tweak { index: 2 * field as u64, ..pair.tweak("mpclab ot trees v1") }
}

/// All leaves of all fields, for the receiver; `keys` are those of base transfers that it sent.
pub(super) fn plant(
    ctx: &Ctx,
    pair: &Pair,
    keys: &[[Block; 2]],
    k: usize,
    is_malicious: bool,
) -> Vec<Vec<Block>> {
    if k == 1 {
        return keys.iter().map(|keys| keys.to_vec()).collect();
    }
    let mut rng = ctx.rng();
    let root = |_| Block::random(|bytes| rand::Rng::fill_bytes(&mut rng, bytes));
    let roots: Vec<Block> = (0..KAPPA / k).map(root).collect();
    let trees: Vec<Tree> = roots
        .into_iter()
        .enumerate()
        .map(|(field, root)| ggm::expand(root, k, tweak(pair, field)))
        .collect();
    let sums = trees.iter().flat_map(|tree| &tree.sums).zip(keys);
    let masked = sums.flat_map(|(sums, keys)| [sums[0] ^ keys[0], sums[1] ^ keys[1]]);
    ctx.send(pair.sender, &Blocks(masked.collect()));
    let mut leaves: Vec<Vec<Block>> = trees.into_iter().map(|tree| tree.leaves).collect();
    if is_malicious {
        let tags: Vec<Vec<Hash>> =
            leaves.iter_mut().enumerate().map(|(field, of)| tags(pair, field, of)).collect();
        let mut proof: Vec<Hash> = tags.iter().map(|tags| sum(tags.iter())).collect();
        proof.push(of_all(pair, &tags));
        ctx.send(pair.sender, &proof.concat());
    }
    leaves
}

/// All leaves but those at `delta`, for the sender; `keys` are those that it chose.
///
/// # Errors
/// `Cheating` if a malicious receiver's leaves are not those of its trees.
pub(super) async fn harvest(
    ctx: &Ctx,
    pair: &Pair,
    (delta, keys): (Block, &[Block]),
    k: usize,
    is_malicious: bool,
) -> Result<Vec<Vec<Block>>, Abort> {
    if k == 1 {
        let leaves = |(row, key): (usize, &Block)| {
            let missing = bit(delta, row);
            vec![key.if_set(missing), key.if_set(!missing)]
        };
        return Ok(keys.iter().enumerate().map(leaves).collect());
    }
    let masked = ctx.recv::<Blocks>(pair.receiver, 2 * KAPPA).await?.0;
    let choices = choices(delta, k);
    let sums: Vec<Block> = masked
        .as_chunks::<2>()
        .0
        .iter()
        .zip(keys)
        .zip(&choices)
        .map(|((both, key), choice)| both[0].if_set(!choice) ^ both[1].if_set(*choice) ^ *key)
        .collect();
    let mut leaves: Vec<Vec<Block>> = sums
        .chunks(k)
        .enumerate()
        .map(|(field, sums)| {
            ggm::expand_punctured(point(delta, field, k), sums, tweak(pair, field))
        })
        .collect();
    if is_malicious {
        let bytes = ctx.recv::<Vec<u8>>(pair.receiver, HASH_BYTES * (KAPPA / k + 1)).await?;
        let proof = bytes.as_chunks::<HASH_BYTES>().0;
        let mut all = Vec::with_capacity(leaves.len());
        for (field, leaves) in leaves.iter_mut().enumerate() {
            let mut tags = tags(pair, field, leaves);
            let missing = point(delta, field, k);
            tags[missing] = proof[field];
            let others = tags.iter().enumerate().filter(|(x, _)| *x != missing);
            let of_others = sum(others.map(|(_, tag)| tag));
            tags[missing] = sum([&proof[field], &of_others].into_iter());
            all.push(tags);
        }
        let agrees = proof.last() == Some(&of_all(pair, &all));
        if !agrees {
            return Err(ctx.cheating(vec![pair.receiver], format!("seeds in {}", ctx.path())));
        }
    }
    Ok(leaves)
}

/// Splits every leaf into a seed, which takes its place, and a tag to show.
fn tags(pair: &Pair, field: usize, leaves: &mut [Block]) -> Vec<Hash> {
    let mut tags = Vec::with_capacity(leaves.len());
    for (x, leaf) in leaves.iter_mut().enumerate() {
        let mut out = [0; Block::BYTES + HASH_BYTES];
        let place = [field as u64, x as u64].map(u64::to_le_bytes).concat();
        let parts: [&[u8]; 2] = [&place, &leaf.to_bytes()];
        hash::expand("mpclab ot leaf v1", pair.domain(), &parts, &mut out);
        let (seed, tag) = out.split_at(Block::BYTES);
        *leaf = Block::blocks_of(seed)[0];
        tags.push(Hash::try_from(tag).unwrap_or_default());
    }
    tags
}

/// An exclusive or.
fn sum<'a>(tags: impl Iterator<Item = &'a Hash>) -> Hash {
    tags.fold([0; HASH_BYTES], |mut sum, tag| {
        sum.iter_mut().zip(tag).for_each(|(sum, byte)| *sum ^= byte);
        sum
    })
}

fn of_all(pair: &Pair, tags: &[Vec<Hash>]) -> Hash {
    let bytes: Vec<u8> = tags.iter().flatten().flatten().copied().collect();
    *hash::digest("mpclab ot leaves v1", pair.domain(), &[&bytes]).as_bytes()
}
