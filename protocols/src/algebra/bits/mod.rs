//! Packed bit vectors, and the way between vectors of numbers and their bit planes.

use std::hint::black_box;
use std::ops::{BitAndAssign, BitXorAssign, Not, Range};

use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::{Algebra, Field, Malformed, Wire, expect_len};
use mpclab_sim::{Draw, work};

use super::Ring;
use super::calibrate::repeated;
use crate::primitives::CHACHA_BYTE;

mod planes;

pub use planes::{TRANSPOSE_WORD, from_planes, to_planes};

/// Price of one bitwise operation on 64 packed bits, or of moving them.
pub const WORD: Op =
    Op { key: "bits.word", unit: "64 bits", parallel: true, work: Some(calibrate_words) };

/// Price of one bit that is handled alone.
pub const BIT: Op = Op { key: "bits.bit", unit: "bit", parallel: true, work: Some(calibrate_bits) };

/// Price of a run of bits that is appended at any place, and of each word that it touches.
pub const RUN: Op =
    Op { key: "bits.run", unit: "64 bits", parallel: true, work: Some(calibrate_runs) };

/// Every priced operation of this module.
pub const OPS: &[Op] = &[WORD, BIT, RUN, TRANSPOSE_WORD];

fn calibrate_words(calls: u64, units: usize) {
    let (a, b) = (Bits::ones(64 * units), Bits::ones(64 * units));
    repeated(calls, 8 * units, || black_box(&a).and(black_box(&b)));
}

fn calibrate_bits(calls: u64, units: usize) {
    let a = Bits::ones(units);
    let indices: Vec<u32> = (0..units as u32).rev().collect();
    repeated(calls, units / 8, || black_box(&a).gather(black_box(&indices)));
}

fn calibrate_runs(calls: u64, units: usize) {
    let mut bits = Bits::ones(64 * units + 7);
    for _ in 0..calls {
        bits.words.truncate(units + 1);
        bits.len = 64 * units + 7;
        // Neither from the beginning of a word nor to one.
        bits.push_combined(black_box(3), black_box(5), 64 * units, |a, b| a ^ b);
    }
    black_box(bits);
}

fn and_words(a: &mut [u64], b: &[u64]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a &= *b;
    }
}

/// A vector of bits, 64 to a word; on the wire `ceil(len / 8)` bytes, least significant bit first.
///
/// Bits behind the last one are zero, always.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// All zero.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        Bits { words: vec![0; len.div_ceil(64)], len }
    }

    /// All one.
    #[must_use]
    pub fn ones(len: usize) -> Self {
        Bits::from_words(vec![u64::MAX; len.div_ceil(64)], len)
    }

    /// The first `len` bits of `words`; words that are not there are zero.
    #[must_use]
    pub fn from_words(mut words: Vec<u64>, len: usize) -> Self {
        words.resize(len.div_ceil(64), 0);
        let mut bits = Bits { words, len };
        bits.clear_padding();
        bits
    }

    /// Uniform bits.
    #[must_use]
    pub fn random<R: Draw + ?Sized>(len: usize, rng: &mut R) -> Self {
        let chosen: Option<Vec<bool>> =
            (0..len).map(|_| rng.choose(2).map(|bit| bit == 1)).collect();
        if let Some(chosen) = chosen.filter(|chosen| !chosen.is_empty()) {
            return chosen.into_iter().collect();
        }
        work::did_calls(CHACHA_BYTE, 0, len.div_ceil(64) * 8);
        work::did(WORD, len.div_ceil(64));
        let words = (0..len.div_ceil(64)).map(|_| rng.next_u64()).collect();
        Bits::from_words(words, len)
    }

    fn clear_padding(&mut self) {
        if let (Some(last), used @ 1..) = (self.words.last_mut(), self.len % 64) {
            *last &= (1 << used) - 1;
        }
    }

    /// Number of bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The packed words.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The bit at `index`; false behind the end.
    #[must_use]
    pub fn get(&self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|word| (word >> (index % 64)) & 1 == 1)
    }

    /// Sets the bit at `index`; nothing happens behind the end.
    pub fn set(&mut self, index: usize, bit: bool) {
        if index < self.len {
            let word = &mut self.words[index / 64];
            *word = (*word & !(1 << (index % 64))) | (u64::from(bit) << (index % 64));
        }
    }

    /// The bits in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        (0..self.len).map(|index| self.get(index))
    }

    /// How many bits are one.
    #[must_use]
    pub fn count_ones(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// `self XOR other`, bit by bit.
    #[must_use]
    pub fn xor(&self, other: &Bits) -> Bits {
        let mut result = self.clone();
        result ^= other;
        result
    }

    /// `self AND other`, bit by bit.
    #[must_use]
    pub fn and(&self, other: &Bits) -> Bits {
        let mut result = self.clone();
        result &= other;
        result
    }

    /// A party's XOR share of each AND of two replicated bits: `a0 b0 + a0 b1 + a1 b0`, where it
    /// holds the shares `a0, a1` and `b0, b1`.
    ///
    /// Araki et al., CCS 2016; the ring version is [`super::slices::replicated_product`].
    #[must_use]
    pub fn replicated_and(a: [&Bits; 2], b: [&Bits; 2]) -> Bits {
        debug_assert!([a[1], b[0], b[1]].iter().all(|operand| operand.len == a[0].len));
        work::did(WORD, 2 * a[0].words.len());
        let (left, right) =
            (a[0].words.iter().zip(&a[1].words), b[0].words.iter().zip(&b[1].words));
        let words =
            left.zip(right).map(|((a0, a1), (b0, b1))| (a0 & (b0 ^ b1)) ^ (a1 & b0)).collect();
        Bits { words, len: a[0].len }
    }

    /// The bits at `range`, which is cut at the end of the vector.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Bits {
        let end = range.end.min(self.len);
        let start = range.start.min(end);
        let (first, shift) = (start / 64, start % 64);
        let count = (end - start).div_ceil(64);
        work::did(WORD, count);
        let word = |index: usize| self.words.get(index).copied().unwrap_or(0);
        let words = match shift {
            0 => self.words[first..first + count].to_vec(),
            _ => (first..first + count)
                .map(|index| (word(index) >> shift) | (word(index + 1) << (64 - shift)))
                .collect(),
        };
        Bits::from_words(words, end - start)
    }

    /// Puts `other` behind the last bit.
    pub fn append(&mut self, other: &Bits) {
        work::did(WORD, other.words.len());
        let shift = self.len % 64;
        self.len += other.len;
        if shift == 0 {
            self.words.extend_from_slice(&other.words);
            return;
        }
        self.words.reserve(other.words.len());
        for word in &other.words {
            if let Some(last) = self.words.last_mut() {
                *last |= word << shift;
            }
            self.words.push(word >> (64 - shift));
        }
        self.words.truncate(self.len.div_ceil(64));
    }

    /// Makes room for `more` bits.
    pub fn reserve(&mut self, more: usize) {
        self.words.reserve((self.len + more).div_ceil(64).saturating_sub(self.words.len()));
    }

    /// The 64 bits from `at`, wherever they lie in the words; zero behind the end.
    #[inline]
    #[must_use]
    pub fn word_at(&self, at: usize) -> u64 {
        let (index, shift) = (at / 64, at % 64);
        let word = |index: usize| self.words.get(index).copied().unwrap_or(0);
        match shift {
            0 => word(index),
            _ => (word(index) >> shift) | (word(index + 1) << (64 - shift)),
        }
    }

    /// Appends the low `width` bits of a word; `width` is at most 64.
    #[inline]
    pub fn push_word(&mut self, word: u64, width: usize) {
        let word = if width < 64 { word & ((1 << width) - 1) } else { word };
        let shift = self.len % 64;
        self.len += width;
        if let (Some(last), 1..) = (self.words.last_mut(), shift) {
            *last |= word << shift;
            if shift + width > 64 {
                self.words.push(word >> (64 - shift));
            }
        } else if width > 0 {
            self.words.push(word);
        }
    }

    /// Appends `combine` of `count` bits from `left` and of those from `right`, word by word.
    #[inline]
    pub fn push_combined(
        &mut self,
        left: usize,
        right: usize,
        count: usize,
        combine: impl Fn(u64, u64) -> u64,
    ) {
        for start in (0..count).step_by(64) {
            let word = combine(self.word_at(left + start), self.word_at(right + start));
            self.push_word(word, (count - start).min(64));
        }
    }

    /// One vector after the other.
    #[must_use]
    pub fn concat<'a>(parts: impl IntoIterator<Item = &'a Bits>) -> Bits {
        let mut all = Bits::default();
        for part in parts {
            all.append(part);
        }
        all
    }

    /// Cuts the vector into pieces of `len` bits; the last one may be shorter.
    #[must_use]
    pub fn split(&self, len: usize) -> Vec<Bits> {
        let starts = (0..self.len).step_by(len.max(1));
        starts.map(|start| self.slice(start..start + len.max(1))).collect()
    }

    /// The bits at `indices`; false behind the end.
    #[must_use]
    pub fn gather(&self, indices: &[u32]) -> Bits {
        // What collects counts the bits.
        indices.iter().map(|index| self.get(*index as usize)).collect()
    }

    /// The bits as zeros and ones of a ring.
    #[must_use]
    pub fn to_elements<R: Ring>(&self) -> Vec<R> {
        work::did(BIT, self.len);
        self.iter().map(|bit| if bit { R::ONE } else { R::ZERO }).collect()
    }
}

impl BitXorAssign<&Bits> for Bits {
    fn bitxor_assign(&mut self, other: &Bits) {
        debug_assert_eq!(self.len, other.len);
        work::did(WORD, self.words.len());
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a ^= *b;
        }
        self.clear_padding();
    }
}

impl BitAndAssign<&Bits> for Bits {
    fn bitand_assign(&mut self, other: &Bits) {
        debug_assert_eq!(self.len, other.len);
        work::did(WORD, self.words.len());
        and_words(&mut self.words, &other.words);
    }
}

impl Not for Bits {
    type Output = Bits;
    fn not(mut self) -> Bits {
        work::did(WORD, self.words.len());
        for word in &mut self.words {
            *word = !*word;
        }
        self.clear_padding();
        self
    }
}

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let mut all = Bits::default();
        for bit in bits {
            if all.len.is_multiple_of(64) {
                all.words.push(0);
            }
            all.len += 1;
            all.set(all.len - 1, bit);
        }
        work::did(BIT, all.len);
        all
    }
}

impl Wire for Bits {
    type Shape = usize;
    const NAME: &'static str = "bits";

    fn shape(&self) -> usize {
        self.len
    }
    fn len(shape: &usize) -> usize {
        shape.div_ceil(8)
    }
    fn encode(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len.div_ceil(8);
        for word in &self.words {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.truncate(end);
    }
    fn decode(bytes: &[u8], shape: &usize) -> Result<Self, Malformed> {
        expect_len(bytes, <Self as Wire>::len(shape))?;
        let (used, last) = (shape % 8, bytes.last().copied().unwrap_or(0));
        if used != 0 && last >> used != 0 {
            return Err(Malformed("bits behind the last one are set".to_owned()));
        }
        let (whole, rest) = bytes.as_chunks::<8>();
        let mut words = Vec::with_capacity(shape.div_ceil(64));
        words.extend(whole.iter().map(|word| u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            let mut word = [0u8; 8];
            word[..rest.len()].copy_from_slice(rest);
            words.push(u64::from_le_bytes(word));
        }
        Ok(Bits { words, len: *shape })
    }
    fn fields(shape: &usize) -> Vec<Field> {
        vec![Field {
            name: "bits",
            offset: 0,
            count: *shape,
            element_bytes: 0,
            algebra: Algebra::Bits,
        }]
    }
}

#[cfg(test)]
mod tests;
