//! AES-128 (FIPS 197): a permutation under one key, under many keys, and as a stream.

use std::fmt;

use zeroize::Zeroizing;

use crate::level::kernel;
use crate::{Block, Level};

/// A key's eleven round keys; in portable form the first, which is the key, and zeros.
pub(crate) type RoundKeys = [Block; 11];

/// AES-128 under one key, which is wiped when it is dropped.
#[derive(Clone)]
pub struct Aes128 {
    pub(crate) round_keys: Zeroizing<RoundKeys>,
    pub(crate) level: Level,
}

impl Aes128 {
    /// Expands a key.
    #[must_use]
    pub fn new(key: Block) -> Self {
        let level = Level::current();
        Aes128 { round_keys: Zeroizing::new(kernel!(level, expand_key(key))), level }
    }

    /// Encrypts every block in place.
    pub fn encrypt(&self, blocks: &mut [Block]) {
        kernel!(self.level, encrypt(&self.round_keys, blocks));
    }
}

impl fmt::Debug for Aes128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aes128")
    }
}

/// Encrypts each block under a key of its own, in place; keys are expanded several at a time.
///
/// # Panics
/// If there are not as many blocks as keys.
pub fn encrypt_each(keys: &[Block], blocks: &mut [Block]) {
    assert_eq!(keys.len(), blocks.len(), "every block has a key");
    kernel!(Level::current(), encrypt_each(keys, blocks.as_chunks_mut::<1>().0));
}

/// The same with two blocks to a key.
///
/// # Panics
/// If there are not as many pairs as keys.
pub fn encrypt_pairs(keys: &[Block], pairs: &mut [[Block; 2]]) {
    assert_eq!(keys.len(), pairs.len(), "every pair has a key");
    kernel!(Level::current(), encrypt_each(keys, pairs));
}

/// The stream AES-CTR of a key (NIST SP 800-38A): the encryptions of 0, 1, 2 and so on, each
/// written with its most significant byte first.
///
/// Indistinguishable from random under a random key as long as AES is a pseudorandom permutation,
/// up to 2^-128 q^2 / 2 for q blocks.
#[derive(Clone, Debug)]
pub struct AesPrg {
    aes: Aes128,
    counter: u128,
}

impl AesPrg {
    /// The stream of a key, from its beginning.
    #[must_use]
    pub fn new(key: Block) -> Self {
        AesPrg::at(key, 0)
    }

    /// The stream of a key from the block of this number.
    #[must_use]
    pub fn at(key: Block, counter: u128) -> Self {
        AesPrg { aes: Aes128::new(key), counter }
    }

    /// Number of the next block.
    #[must_use]
    pub fn counter(&self) -> u128 {
        self.counter
    }

    /// Writes the next blocks of the stream.
    pub fn fill_blocks(&mut self, blocks: &mut [Block]) {
        kernel!(self.aes.level, stream(&self.aes.round_keys, self.counter, blocks));
        self.counter = self.counter.wrapping_add(blocks.len() as u128);
    }

    /// Writes the next bytes of the stream; what is left of the last block is not used again.
    pub fn fill(&mut self, mut bytes: &mut [u8]) {
        // Through a buffer in cache, as bytes lie anywhere.
        let mut buffer = [Block::ZERO; 64];
        while !bytes.is_empty() {
            let count = bytes.len().min(size_of_val(&buffer));
            let blocks = &mut buffer[..count.div_ceil(Block::BYTES)];
            self.fill_blocks(blocks);
            let (head, rest) = bytes.split_at_mut(count);
            head.copy_from_slice(&Block::as_bytes(blocks)[..count]);
            bytes = rest;
        }
    }

    /// The next block of the stream.
    #[must_use]
    pub fn next_block(&mut self) -> Block {
        let mut block = [Block::ZERO];
        self.fill_blocks(&mut block);
        block[0]
    }
}
