//! The evaluator's input in a code that resists probes.
//!
//! Lindell and Pinkas, "An Efficient Protocol for Secure Two-Party Computation in the Presence of
//! Malicious Adversaries", EUROCRYPT 2007: a garbler that offers a wrong label for one
//! choice is noticed if the evaluator chooses it, and learns by that what was chosen. So every bit
//! of the input is a sum of bits of an encoding, drawn at random, of which any `sigma - 1` are
//! uniform and independent of the input: every sum of rows has at least `sigma` ones. Whoever
//! probes fewer places than `sigma` learns nothing, and whoever probes more is noticed but for a
//! probability of `2^(1 - sigma)`: that of guessing `sigma - 1` of them.
//!
//! The code is systematic, with random parities: place `i` belongs to bit `i` alone. With
//! `max(4 n, 8 sigma)` places for `n` bits a row sum is lighter than `sigma` with a probability of
//! `2^-(1.6 sigma)` (Gilbert 1952, Varshamov 1957); few bits take `sigma` places of their own each,
//! the first construction of that paper, which is certain. Sums of labels are free.

use mpclab_kernels::Block;
use mpclab_sim::{Draw, work};

use crate::algebra::bits::Bits;
use crate::mutants;
use crate::primitives::Prg;
use crate::primitives::garbling::{PARITY, sum};

/// Which places of an encoding each bit is the sum of.
#[derive(Clone, Debug)]
pub(crate) struct Encoding {
    /// Places beyond a bit's own.
    parities: Vec<Vec<u32>>,
    places: usize,
}

impl Encoding {
    /// Of so many bits, so that fewer than `sigma` places tell nothing.
    pub(crate) fn new(bits: usize, sigma: usize) -> Self {
        let sigma = match mutants::is("encoding/plain") {
            true => 1,
            false => sigma.max(1),
        };
        let (apart, coded) = (bits * sigma, (4 * bits).max(8 * sigma));
        if apart <= coded {
            let own = |bit: usize| {
                let first = bits + bit * (sigma - 1);
                (first as u32..(first + sigma - 1) as u32).collect()
            };
            return Encoding { parities: (0..bits).map(own).collect(), places: apart };
        }
        // Bits are encoded some at a time: sums of rows of several codes are no lighter.
        let (blocks, mut places) = ((bits / (2 * sigma)).max(1), bits);
        let mut parities = Vec::with_capacity(bits);
        for block in 0..blocks {
            let size = (block + 1) * bits / blocks - block * bits / blocks;
            let more = (4 * size).max(8 * sigma) - size;
            let shifted = |row: Vec<u32>| row.iter().map(|at| at + places as u32).collect();
            parities.extend(code(size, sigma, more).into_iter().map(shifted));
            places += more;
        }
        Encoding { parities, places }
    }

    /// Places of an encoding.
    pub(crate) fn places(&self) -> usize {
        self.places
    }

    /// A random encoding of these bits.
    pub(crate) fn encode(&self, bits: &Bits, rng: &mut impl Draw) -> Bits {
        let mut encoded = Bits::random(self.places, rng);
        for (at, (bit, parities)) in bits.iter().zip(&self.parities).enumerate() {
            let rest = parities.iter().filter(|place| encoded.get(**place as usize)).count() % 2;
            encoded.set(at, bit ^ (rest == 1));
        }
        encoded
    }

    /// The bits that an encoding stands for.
    pub(crate) fn decoded(&self, encoded: &Bits) -> Bits {
        let own = self.parities.iter().enumerate();
        let bit = |(at, parities): (usize, &Vec<u32>)| {
            let rest = parities.iter().filter(|place| encoded.get(**place as usize)).count() % 2;
            encoded.get(at) ^ (rest == 1)
        };
        own.map(bit).collect()
    }

    /// The labels of the bits, from those of all places.
    pub(crate) fn decode(&self, labels: &[Block]) -> Vec<Block> {
        let summed = self.parities.iter().map(Vec::len).sum();
        work::did_calls(PARITY, self.parities.len(), summed);
        let own = self.parities.iter().zip(labels);
        own.map(|(parities, own)| sum(*own, parities, labels)).collect()
    }
}

/// Which of so many parities each of so many bits adds to. The code is public: it is the same for
/// all who ask for one of this size.
fn code(bits: usize, sigma: usize, parities: usize) -> Vec<Vec<u32>> {
    let name = [bits as u64, sigma as u64].map(u64::to_le_bytes).concat();
    work::apart(|| {
        let mut stream = Prg::new([0; 32], &name);
        let row = |_| {
            let ones = stream.bits(parities);
            let ones = ones.iter().enumerate().filter(|(_, one)| *one);
            ones.map(|(at, _)| at as u32).collect()
        };
        (0..bits).map(row).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_an_encoding_add_up_to_those_of_the_bits() {
        let mut rng = Prg::new([1; 32], b"encodings");
        for (bits, sigma, places) in [
            (1, 40, 40),
            (5, 40, 200),
            (8, 40, 320),
            (9, 40, 320),
            (80, 40, 320),
            (200, 40, 800),
            (1000, 40, 4000),
            (0, 8, 0),
        ] {
            let encoding = Encoding::new(bits, sigma);
            assert_eq!(encoding.places(), places);
            let word: Bits = (0..bits).map(|at| at % 3 == 0).collect();
            let encoded = encoding.encode(&word, &mut rng);
            if places > bits {
                assert_ne!(encoded, encoding.encode(&word, &mut rng), "{bits}");
            }
            let label = |bit: bool| Block::from_u128(u128::from(bit));
            let labels: Vec<Block> = encoded.iter().map(label).collect();
            let decoded: Vec<Block> = word.iter().map(label).collect();
            assert_eq!(encoding.decode(&labels), decoded, "{bits} {sigma}");
            assert_eq!(encoding.decoded(&encoded), word, "{bits} {sigma}");
        }
    }

    /// No sum of rows is lighter than `sigma`: all of small codes, and pairs and triples of others.
    #[test]
    fn fewer_than_sigma_places_tell_nothing() {
        for (bits, sigma) in [(12, 8), (9, 40), (64, 40), (128, 40), (3, 8), (170, 40)] {
            let encoding = Encoding::new(bits, sigma);
            let row = |at: usize| {
                let mut row = Bits::zeros(encoding.places());
                row.set(at, true);
                encoding.parities[at].iter().for_each(|place| row.set(*place as usize, true));
                row
            };
            let rows: Vec<Bits> = (0..bits).map(row).collect();
            let sum = |of: u32| {
                let chosen = rows.iter().enumerate().filter(|(at, _)| of >> at & 1 == 1);
                chosen.fold(Bits::zeros(encoding.places()), |sum, (_, row)| sum.xor(row))
            };
            let weights: Vec<usize> = match bits {
                ..=12 => (1..1 << bits).map(|of| sum(of).count_ones()).collect(),
                _ => rows
                    .iter()
                    .enumerate()
                    .flat_map(|(at, row)| rows[at..].iter().map(move |other| (row, other)))
                    .map(|(row, other)| match row == other {
                        true => row.count_ones(),
                        false => row.xor(other).count_ones(),
                    })
                    .collect(),
            };
            assert!(weights.iter().all(|weight| *weight >= sigma), "{bits} {sigma} {weights:?}");
        }
    }
}
