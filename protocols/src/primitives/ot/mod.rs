//! Oblivious transfer: a sender has two messages, a receiver learns the one of its choice, and
//! neither learns more.
//!
//! [`base`] makes a few transfers from public-key operations; [`extension`] makes any number of
//! them from 128 of those and symmetric operations, at a price for each or, [`silent`]ly, in
//! iterations that make many from few. Extended transfers are *correlated*: the
//! sender has `q_i` and one `delta`, the receiver a bit `x_i` and `t_i = q_i + x_i delta` in
//! GF(2)^128. Hashes turn them into random pairs of strings ([`pads`], [`chosen_pads`]), and pairs
//! into transfers of anything.

pub(crate) mod attacks;
pub mod base;
mod check;
mod cost;
pub mod extension;
pub(crate) mod links;
mod params;
pub mod silent;
mod soft_spoken;
#[cfg(test)]
mod tests;
mod trees;

use std::hint::black_box;

use mpclab_kernels::{Block, Tweak, hash as blocks};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Op, PartyId};
use mpclab_sim::wire::{Algebra, Field, Malformed, Wire, expect_len};
use mpclab_sim::work;

use super::{Domain, hash};
use crate::algebra::bits::{BIT, Bits};
use crate::algebra::{Pool, repeated};

pub use base::BaseOt;
pub(crate) use check::CHECK;
pub use cost::{Batch, Bill};
pub use extension::{Receiver, Sender};
pub use params::{Choices, Extension, OtParams, Scheme, Width};

/// The computational security parameter: base transfers, and bits of a block.
pub const KAPPA: usize = 128;

/// Price of a correlation-robust hash of one block, with its tweak.
pub const HASH: Op = Op {
    key: "ot.hash",
    unit: "block",
    parallel: true,
    work: Some(|calls, units| {
        let mut blocks = Pool::of(many_blocks(units));
        repeated(calls, units * Block::BYTES, || {
            chosen_pads(Tweak::default(), black_box(blocks.take(units)))
        });
    }),
};

/// Blocks to be timed with, for calls on so many at a time: more than a core's own caches hold.
pub(super) fn many_blocks(units: usize) -> Vec<Block> {
    vec![Block::ONES; units.max(1 << 18)]
}

/// What the hashes of extended transfers rest on.
pub const ASSUMPTION: &str = "AES-128 is an ideal cipher";

/// Every priced operation of this module.
pub fn ops() -> impl Iterator<Item = Op> {
    [HASH, check::CHECK].into_iter().chain(soft_spoken::OPS).chain(silent::OPS)
}

/// Two parties, and what every hash of theirs is bound to: protocol, session, path and both roles.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Who sends transfers.
    pub sender: PartyId,
    /// Who receives them.
    pub receiver: PartyId,
    domain: Vec<u8>,
}

impl Pair {
    /// Of two parties of a protocol, in a scope that both of them name alike.
    #[must_use]
    pub fn new(ctx: &Ctx, protocol: &str, [sender, receiver]: [PartyId; 2]) -> Self {
        let (path, session) = (ctx.path(), ctx.run_id());
        let bound = Domain { protocol, session: &session, party: sender, scope: path.as_bytes() };
        let mut domain = bound.to_bytes();
        domain.extend_from_slice(&receiver.0.to_le_bytes());
        Pair { sender, receiver, domain }
    }

    /// What hashes are bound to.
    #[must_use]
    pub fn domain(&self) -> &[u8] {
        &self.domain
    }

    /// The same two the other way round: for base transfers.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let domain = [&self.domain[..], b"reversed"].concat();
        Pair { sender: self.receiver, receiver: self.sender, domain }
    }

    /// The first tweak of this pair's hashes of blocks, for one purpose.
    #[must_use]
    pub fn tweak(&self, purpose: &str) -> Tweak {
        let bytes = *hash::digest(purpose, &self.domain, &[]).as_bytes();
        let (session, _) = bytes.split_at(Block::BYTES);
        let session = <[u8; 16]>::try_from(session).unwrap_or_default();
        Tweak { session: Block::from_bytes(session), index: 0 }
    }
}

/// Blocks of 16 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks(pub Vec<Block>);

impl Wire for Blocks {
    type Shape = usize;
    const NAME: &'static str = "blocks";

    fn shape(&self) -> usize {
        self.0.len()
    }
    fn len(shape: &usize) -> usize {
        shape.saturating_mul(Block::BYTES)
    }
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(Block::as_bytes(&self.0));
    }
    fn decode(bytes: &[u8], shape: &usize) -> Result<Self, Malformed> {
        expect_len(bytes, <Self as Wire>::len(shape))?;
        Ok(Blocks(Block::blocks_of(bytes)))
    }
    fn fields(shape: &usize) -> Vec<Field> {
        vec![Field {
            name: "blocks",
            offset: 0,
            count: *shape,
            element_bytes: Block::BYTES,
            algebra: Algebra::Bytes,
        }]
    }
}

/// The first `len` of the bits of blocks.
#[must_use]
pub fn to_bits(blocks: &[Block], len: usize) -> Bits {
    let words = Block::as_bytes(blocks).as_chunks().0;
    Bits::from_words(words.iter().map(|word| u64::from_le_bytes(*word)).collect(), len)
}

/// Bits as whole blocks, zeros at the end.
#[must_use]
pub fn to_blocks(bits: &Bits, blocks: usize) -> Vec<Block> {
    let mut bytes: Vec<u8> = bits.words().iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.resize(blocks * Block::BYTES, 0);
    Block::blocks_of(&bytes)
}

/// Both pads of each correlated transfer, for its sender: hashes of `q` and of `q + delta`.
#[must_use]
pub fn pads(delta: Block, first: Tweak, q: &[Block]) -> Vec<[Block; 2]> {
    work::did(HASH, 2 * q.len());
    let mut pairs: Vec<[Block; 2]> = q.iter().map(|q| [*q, *q ^ delta]).collect();
    blocks::tccr_pairs(first, &mut pairs);
    pairs
}

/// The pad that the receiver of each correlated transfer chose: the hash of `t`.
#[must_use]
pub fn chosen_pads(first: Tweak, t: &[Block]) -> Vec<Block> {
    work::did(HASH, t.len());
    let mut pads = t.to_vec();
    blocks::tccr(first, &mut pads);
    pads
}

/// The lowest bits of blocks: pads of transfers of single bits.
pub(crate) fn lowest(blocks: impl ExactSizeIterator<Item = Block>) -> Bits {
    let len = blocks.len();
    work::did(BIT, len);
    let mut words = vec![0; len.div_ceil(64)];
    for (at, block) in blocks.enumerate() {
        words[at / 64] |= u64::from(block.lsb()) << (at % 64);
    }
    Bits::from_words(words, len)
}
