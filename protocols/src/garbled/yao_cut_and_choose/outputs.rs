//! Values of output bits: what the evaluator has of the outputs, the same in all circuits.
//!
//! Lindell, "Fast Cut-and-Choose-Based Protocols for Malicious and Covert Adversaries", CRYPTO
//! 2013: each output bit `i` has a value for 0 and one for 1 that differ by one `Delta` for all,
//! and hashes of both are told beforehand. A circuit's labels decrypt them. Whoever has a value for
//! 0 and one for 1 of the same bit, from two circuits of which one is wrong, has `Delta`.

use mpclab_kernels::{Block, Tweak};
use mpclab_sim::Ctx;

use crate::algebra::bits::Bits;
use crate::garbled::replica::{blocks, stream};
use crate::primitives::hash;
use crate::primitives::ot::chosen_pads;

/// Bytes of the hashes of a bit's two values.
pub(super) const HASHES: usize = 2 * 32;

/// Values of all output bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) delta: Block,
    zeros: Vec<Block>,
}

impl Values {
    /// From the garbler's seed.
    pub(super) fn stretch(ctx: &Ctx, seed: Block, domain: &[u8], bits: usize) -> Self {
        let mut stream = stream(ctx, seed, domain, "values of outputs");
        let delta = blocks(&mut stream, 1)[0];
        Values { delta, zeros: blocks(&mut stream, bits) }
    }

    /// Both values of each bit.
    pub(super) fn pairs(&self) -> impl Iterator<Item = [Block; 2]> + '_ {
        self.zeros.iter().map(|zero| [*zero, *zero ^ self.delta])
    }

    /// Hashes of all values.
    pub(super) fn hashes(&self, domain: &[u8]) -> Vec<u8> {
        let both = self.pairs().enumerate();
        let hashes = both.flat_map(|(bit, values)| values.map(|value| hashed(domain, bit, value)));
        hashes.flatten().collect()
    }

    /// The values that these bits have, at these places.
    pub(super) fn at(&self, places: &[usize], bits: &Bits) -> Vec<Block> {
        let of = |(place, bit): (&usize, bool)| self.zeros[*place] ^ self.delta.if_set(bit);
        places.iter().zip(bits.iter()).map(of).collect()
    }

    /// Values under the labels of a circuit's outputs: for each bit, in the order of the permute
    /// bits of its labels.
    pub(super) fn sealed(&self, tweak: Tweak, zeros: &[Block], delta: Block) -> Vec<Block> {
        let pads = [Block::ZERO, delta].map(|offset| {
            let labels: Vec<Block> = zeros.iter().map(|zero| *zero ^ offset).collect();
            chosen_pads(tweak, &labels)
        });
        let mut sealed = Vec::with_capacity(2 * zeros.len());
        for (bit, [zero, one]) in self.pairs().enumerate() {
            let rows = [zero ^ pads[0][bit], one ^ pads[1][bit]];
            let first = usize::from(zeros[bit].lsb());
            sealed.extend([rows[first], rows[1 - first]]);
        }
        sealed
    }
}

/// What active labels decrypt.
pub(super) fn unsealed(tweak: Tweak, labels: &[Block], sealed: &[Block]) -> Vec<Block> {
    let pads = chosen_pads(tweak, labels);
    let rows = sealed.as_chunks::<2>().0.iter().zip(labels).zip(pads);
    rows.map(|((rows, label), pad)| rows[usize::from(label.lsb())] ^ pad).collect()
}

/// The bits that these values stand for; none if one of them is no value of its bit.
pub(super) fn bits(domain: &[u8], values: &[Block], hashes: &[u8]) -> Option<Bits> {
    let hashes = hashes.as_chunks::<32>().0.as_chunks::<2>().0;
    let bit = |(at, (value, both)): (usize, (&Block, &[[u8; 32]; 2]))| {
        let found = hashed(domain, at, *value);
        both.map(|hash| hash == found)
    };
    // All of them, so that what this takes does not tell which is none.
    let fits: Vec<[bool; 2]> = values.iter().zip(hashes).enumerate().map(bit).collect();
    let are_values = fits.iter().fold(true, |all, [zero, one]| all & (*zero | *one));
    let bits: Bits = fits.into_iter().map(|[_, one]| one).collect();
    are_values.then_some(bits)
}

/// A hash of all that is decrypted in a circuit, told before any of it is open.
pub(super) fn table_hash(domain: &[u8], replica: usize, sealed: &[Block]) -> [u8; 32] {
    let parts: [&[u8]; 2] = [&(replica as u64).to_le_bytes(), Block::as_bytes(sealed)];
    *hash::digest("mpclab output table v1", domain, &parts).as_bytes()
}

fn hashed(domain: &[u8], bit: usize, value: Block) -> [u8; 32] {
    let parts: [&[u8]; 2] = [&(bit as u64).to_le_bytes(), &value.to_bytes()];
    *hash::digest("mpclab output value v1", domain, &parts).as_bytes()
}
