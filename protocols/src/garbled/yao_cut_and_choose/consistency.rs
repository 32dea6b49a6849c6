//! That the garbler brings one input to all circuits: every circuit has to give one hash of it.
//!
//! shelat and Shen, "Fast Two-Party Secure Computation with Minimal Assumptions", CCS 2013:
//! the function is augmented by a 2-universal hash `M x + rho` of the garbler's input, masked by
//! further bits of its own; `M` is drawn by the evaluator once labels are fixed. Sums are free, so
//! that the hash of a circuit is a sum of labels, and the garbler tells a digest of these labels
//! instead of a decoding of each. With offset `delta` a label that is neither of its wire's two
//! leaves a sum of a random half of wires outside of `{0, delta}` in every second row: that labels
//! are valid is held by the same rows.
//!
//! With `r` rows two circuits with unequal inputs agree, or a wrong label passes, with a
//! probability of `2^-r`; there are `sigma + 2 log2 s` rows for all pairs of `s` circuits.

use mpclab_kernels::Block;
use mpclab_sim::{Ctx, work};

use crate::algebra::bits::Bits;
use crate::garbled::replica::stream;
use crate::mutants;
use crate::primitives::garbling::PARITY;
use crate::primitives::hash;

/// Rows of the hash, for so many circuits.
pub(super) fn rows(sigma: usize, replicas: usize) -> usize {
    sigma + 2 * replicas.next_power_of_two().trailing_zeros() as usize
}

/// A 2-universal hash of bits, the last of which mask its rows.
pub(super) struct Universal(Vec<Bits>);

impl Universal {
    /// Of so many bits, from the evaluator's seed.
    pub(super) fn new(ctx: &Ctx, seed: Block, domain: &[u8], rows: usize, bits: usize) -> Self {
        let mut stream = stream(ctx, seed, domain, "universal hash");
        Universal((0..rows).map(|_| stream.bits(bits)).collect())
    }

    /// The hash of bits, their masks behind them.
    pub(super) fn of(&self, bits: &Bits) -> Bits {
        let len = bits.len() - self.0.len();
        let (own, masks) = (bits.slice(0..len), bits.slice(len..bits.len()));
        let row = |row: &Bits| row.and(&own).count_ones() % 2 == 1;
        self.0.iter().map(row).collect::<Bits>().xor(&masks)
    }

    /// The sums of labels, those of masks among them.
    pub(super) fn sums(&self, labels: &[Block]) -> Vec<Block> {
        let (own, masks) = labels.split_at(labels.len() - self.0.len());
        let mut summed = 0;
        let sums = self.0.iter().zip(masks).map(|(row, mask)| {
            let mut sum = *mask;
            for (at, word) in row.words().iter().enumerate() {
                let mut word = *word;
                summed += word.count_ones() as usize;
                while word != 0 {
                    sum ^= own[64 * at + word.trailing_zeros() as usize];
                    word &= word - 1;
                }
            }
            sum
        });
        let sums = sums.collect();
        work::did_calls(PARITY, self.0.len(), summed);
        sums
    }
}

/// What the garbler tells of a circuit.
pub(super) fn digest(domain: &[u8], replica: usize, sums: &[Block]) -> [u8; 32] {
    let parts: [&[u8]; 2] = [&(replica as u64).to_le_bytes(), Block::as_bytes(sums)];
    *hash::digest("mpclab input consistency v1", domain, &parts).as_bytes()
}

/// Whether a circuit's sums are those that the garbler tells.
pub(super) fn agrees(domain: &[u8], replica: usize, sums: &[Block], told: &[u8; 32]) -> bool {
    mutants::is("cut-and-choose/consistency-unchecked") || digest(domain, replica, sums) == *told
}
