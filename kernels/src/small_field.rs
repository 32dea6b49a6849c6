//! Vector OLE over GF(2^k) from `2^k` seeds, for `k` in `1..=8`: the local computation of the
//! small-field VOLE in Roy, "SoftSpokenOT", CRYPTO 2022.
//!
//! Leaf `x` is stretched to `r_x`, a vector of bits. The sender, who has all leaves, computes
//! `u = sum r_x` and `v = sum x r_x`; the receiver, who lacks the leaf at `delta`, computes
//! `w = sum (x ^ delta) r_x`, where that leaf counts nothing. So `w = v + u delta` in GF(2^k), in
//! which sums are XOR. Elements are kept as `k` bit planes: plane `j` has bit `j` of every element.
//!
//! 128 / k such correlations are the 128 rows of OT extension, where the sender here is the
//! *receiver* of OTs. With `k = 1` they are those of IKNP (Ishai, Kilian, Nissim, Petrank, CRYPTO
//! 2003), from two streams for each row.
//!
//! Sums over leaves take `2^(k + 1)` XORs for each block rather than `k 2^(k - 1)`: neighbours are
//! added after the odd one has been added to the plane of the lowest bit, then pairs, and so on.

use zeroize::Zeroizing;

use crate::aes::{Aes128, RoundKeys};
use crate::level::kernel;
use crate::{Block, Level};

/// The largest `k`.
pub const MAX_BITS: usize = 8;

/// Streams of leaves, which go on from call to call.
#[derive(Clone)]
struct Streams {
    /// Of `2^k` leaves; a receiver's first is nothing.
    leaves: Zeroizing<Vec<RoundKeys>>,
    level: Level,
    bits: usize,
    counter: u64,
}

impl Streams {
    fn new(leaves: &[Block]) -> Self {
        let bits = leaves.len().trailing_zeros() as usize;
        let fits = leaves.len() == 1 << bits && (1..=MAX_BITS).contains(&bits);
        assert!(fits, "a field of {} elements", leaves.len());
        let leaves = leaves.iter().map(|seed| *Aes128::new(*seed).round_keys).collect();
        Streams { leaves: Zeroizing::new(leaves), level: Level::current(), bits, counter: 0 }
    }

    /// Advances by so many blocks of each stream; where they begin.
    fn advance(&mut self, blocks: usize) -> u64 {
        let counter = self.counter;
        self.counter += blocks as u64;
        counter
    }
}

/// Who has all leaves: the receiver of OTs.
#[derive(Clone)]
pub struct VoleSender(Streams);

impl VoleSender {
    /// From the seeds of all `2^k` leaves.
    ///
    /// # Panics
    /// If their number is not a power of two from 2 to 256.
    #[must_use]
    pub fn new(leaves: &[Block]) -> Self {
        VoleSender(Streams::new(leaves))
    }

    /// The next `128 u.len()` elements: the bits `u`, and `v` as `k` planes, one after the other.
    ///
    /// # Panics
    /// If `v` is not `k` times as long as `u`.
    pub fn extend(&mut self, u: &mut [Block], v: &mut [Block]) {
        assert_eq!(v.len(), self.0.bits * u.len(), "v has k planes");
        let counter = self.0.advance(u.len());
        kernel!(self.0.level, sum_streams(&self.0.leaves, counter, Some(u), v));
    }
}

/// Who lacks the leaf at `delta`: the sender of OTs.
#[derive(Clone)]
pub struct VoleReceiver(Streams);

impl VoleReceiver {
    /// From the seeds of `2^k` leaves, of which the one at `delta` is not looked at.
    ///
    /// Time and addresses do not depend on `delta`.
    ///
    /// # Panics
    /// If their number is not a power of two from 2 to 256.
    #[must_use]
    pub fn new(delta: usize, leaves: &[Block]) -> Self {
        let mut shifted = Zeroizing::new(leaves.to_vec());
        // Leaf x moves to x ^ delta, where it counts x ^ delta times; the missing one to 0.
        for bit in 0..leaves.len().trailing_zeros() {
            let moves = Block::mask(delta >> bit & 1 == 1);
            for pairs in shifted.chunks_exact_mut(2 << bit) {
                let (low, high) = pairs.split_at_mut(1 << bit);
                for (low, high) in low.iter_mut().zip(high) {
                    let swapped = (*low ^ *high) & moves;
                    *low ^= swapped;
                    *high ^= swapped;
                }
            }
        }
        VoleReceiver(Streams::new(&shifted))
    }

    /// The next elements of `w`, as `k` planes, one after the other.
    ///
    /// # Panics
    /// If `w` has not `k` planes of whole blocks.
    pub fn extend(&mut self, w: &mut [Block]) {
        assert_eq!(w.len() % self.0.bits, 0, "w has k planes");
        let counter = self.0.advance(w.len() / self.0.bits);
        kernel!(self.0.level, sum_streams(&self.0.leaves, counter, None, w));
    }
}
