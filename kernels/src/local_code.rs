//! A linear code whose sums have ten terms: the local code of primal LPN, as Yang, Weng, Lan, Zhang
//! and Wang use it ("Ferret", CCS 2020; Alekhnovich, FOCS 2003).
//!
//! Row `i` of the code's matrix picks ten elements of a secret, at places that the stream of a public
//! seed names: word `10 i + j` of AES-CTR, as an integer of 32 bits, times the dimension, over 2^32.
//! Places of a row are drawn one by one, so two of them may meet, and add up to nothing.

use crate::Block;
use crate::aes::Aes128;
use crate::level::kernel;

/// Terms of a sum.
pub const WEIGHT: usize = 10;

/// Rows that are worked on at a time: their places are whole blocks of the stream.
pub(crate) const ROWS: usize = 64;

/// Blocks of the stream for the places of these rows.
pub(crate) const STREAM: usize = ROWS * WEIGHT * 4 / Block::BYTES;

/// Places in a secret, for as many rows as are worked on at a time.
pub(crate) type Places = [[u32; WEIGHT]; ROWS];

/// The matrix of a code.
#[derive(Clone, Debug)]
pub struct LocalCode {
    stream: Aes128,
    dimension: u32,
}

impl LocalCode {
    /// The code of a public seed for secrets of so many elements.
    ///
    /// # Panics
    /// If there are none, or 2^32.
    #[must_use]
    pub fn new(seed: Block, dimension: usize) -> Self {
        let fits = u32::try_from(dimension).ok().filter(|dimension| *dimension > 0);
        let Some(dimension) = fits else { panic!("a secret of {dimension} elements") };
        LocalCode { stream: Aes128::new(seed), dimension }
    }

    /// Adds to each row, from the first on, its sum of a secret's elements.
    ///
    /// # Panics
    /// If the secret has another dimension.
    pub fn add(&self, secret: &[Block], rows: &mut [Block]) {
        assert_eq!(secret.len(), self.dimension as usize, "a secret has the code's dimension");
        self.in_batches(rows.len(), |at, places| {
            let end = rows.len().min(at + ROWS);
            kernel!(self.stream.level, add_places(places, secret, &mut rows[at..end]));
        });
    }

    /// The same for a secret whose elements have a bit each beside them, and rows that have one.
    /// Bit `i` of either is bit `i % 64` of its word `i / 64`.
    ///
    /// # Panics
    /// If the secret has another dimension, or words are too few.
    pub fn add_with_bits(
        &self,
        (secret, secret_bits): (&[Block], &[u64]),
        (rows, row_bits): (&mut [Block], &mut [u64]),
    ) {
        assert_eq!(secret.len(), self.dimension as usize, "a secret has the code's dimension");
        assert!(secret_bits.len() >= secret.len().div_ceil(64), "every element has a bit");
        assert!(row_bits.len() >= rows.len().div_ceil(64), "every row has a bit");
        self.in_batches(rows.len(), |at, places| {
            let end = rows.len().min(at + ROWS);
            kernel!(self.stream.level, add_places(places, secret, &mut rows[at..end]));
            let bits = kernel!(self.stream.level, bits_at(places, secret_bits));
            row_bits[at / ROWS] ^= bits & (u64::MAX >> (ROWS + at - end));
        });
    }

    /// Calls `f` with the number of the first row and the places of each batch.
    fn in_batches(&self, rows: usize, mut f: impl FnMut(usize, &Places)) {
        let mut stream = [Block::ZERO; STREAM];
        for at in (0..rows).step_by(ROWS) {
            let counter = (at / ROWS * STREAM) as u128;
            kernel!(self.stream.level, stream(&self.stream.round_keys, counter, &mut stream));
            f(at, &self.places(&stream));
        }
    }

    fn places(&self, stream: &[Block; STREAM]) -> Places {
        let mut places: Places = bytemuck::must_cast(*stream);
        let dimension = u64::from(self.dimension);
        for place in places.as_flattened_mut() {
            *place = ((u64::from(u32::from_le(*place)) * dimension) >> 32) as u32;
        }
        places
    }
}
