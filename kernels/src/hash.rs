//! Correlation-robust hashes from AES: what makes random strings of correlated ones.
//!
//! | function | AES | secure for | reference |
//! |---|---|---|---|
//! | [`tccr`] | re-keyed for each tweak | garbling, OT extension | Guo, Katz, Wang, Weng, Yu |
//! | [`tmmo`] | one key, twice | garbling, OT extension | Guo, Katz, Wang, Yu |
//! | [`mmo`] | one key | correlations without repetition | Guo, Katz, Wang, Yu |
//!
//! Guo, Katz, Wang, Yu, "Efficient and Secure Multiparty Computation from Fixed-Key Block
//! Ciphers", S&P 2020. Guo, Katz, Wang, Weng, Yu, "Better Concrete Security for Half-Gates Garbling
//! (in the Multi-Instance Setting)", CRYPTO 2020: under one key, labels of `k` bits are found in
//! time `O(2^k / C)` after `C` AND gates of all circuits together; re-keyed, what is lost depends
//! on how often one tweak is used again.
//!
//! All are proven with AES as an ideal cipher, or under one key as a random permutation.

use crate::level::kernel;
use crate::{Block, Level, aes::Aes128};

/// What a hash is bound to: block `i` of a batch has the tweak `session ^ (index + i)`.
///
/// Parties derive `session` from what an execution is called, so that tweaks of two hardly ever meet;
/// within one, no index is used for two things. Indices wrap at 2^64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tweak {
    /// Public, one for each execution: a hash of its name.
    pub session: Block,
    /// Of the first block.
    pub index: u64,
}

impl Tweak {
    /// The tweak of block `i`.
    #[inline]
    #[must_use]
    pub fn at(self, i: usize) -> Block {
        self.session ^ Block::from_u128(u128::from(self.index.wrapping_add(i as u64)))
    }
}

/// The linear orthomorphism `x_L || x_R -> (x_R ^ x_L) || x_L`, where `x_L` are the upper 64 bits.
#[inline]
#[must_use]
pub fn sigma(x: Block) -> Block {
    let bits = x.to_u128();
    Block::from_u128(bits.rotate_left(64) ^ (bits >> 64 << 64))
}

/// `H(x, i) = AES_i(sigma(x)) ^ sigma(x)` in place, with one tweak to a block.
///
/// Tweakable circular correlation robust: `H(x ^ delta, i)` looks random to who does not know
/// `delta`, also beside `H(x, i)` and with `b delta` added. This is what half-gates need, and what
/// makes random strings of correlated OT. An attacker who evaluates AES `p` times has an advantage
/// in the order of `u p / 2^128` (one bit less where `delta` is odd) if no tweak is used more than `u` times, however many there are.
pub fn tccr(first: Tweak, blocks: &mut [Block]) {
    kernel!(Level::current(), tccr(first, blocks.as_chunks_mut::<1>().0));
}

/// [`tccr`] with two blocks to a tweak: `x` and `x ^ delta`, for who knows `delta`.
pub fn tccr_pairs(first: Tweak, pairs: &mut [[Block; 2]]) {
    kernel!(Level::current(), tccr(first, pairs));
}

/// `H(x, i) = pi(pi(x) ^ i) ^ pi(x)` in place, where `pi` is AES under a fixed public key.
///
/// Tweakable circular correlation robust like [`tccr`], at two permutations and no key expansion,
/// but its security falls with all evaluations, of all instances under this key.
pub fn tmmo(pi: &Aes128, first: Tweak, blocks: &mut [Block]) {
    kernel!(pi.level, tmmo(&pi.round_keys, first, blocks));
}

/// `H(x) = pi(sigma(x)) ^ sigma(x)` in place, where `pi` is AES under a fixed public key.
///
/// Circular correlation robust, without a tweak: enough for semi-honest OT extension and for the
/// seeds of a tree, where no input is hashed for two purposes.
pub fn mmo(pi: &Aes128, blocks: &mut [Block]) {
    kernel!(pi.level, mmo(&pi.round_keys, blocks));
}
