//! Comparisons.

use super::builder::pairs;
use super::{Bit, Builder};

impl Builder {
    /// Whether `a < b`, unsigned: `n` ANDs by size, depth `1 + ceil(log2 n)` by depth.
    pub fn less(&mut self, a: &[Bit], b: &[Bit]) -> Bit {
        self.subtract_with_borrow(a, b).1
    }

    /// Whether `a < b`, both two's complement; the shorter word is extended by its sign.
    pub fn less_signed(&mut self, a: &[Bit], b: &[Bit]) -> Bit {
        let width = a.len().max(b.len());
        let (mut a, mut b) = (sign_extend(a, width), sign_extend(b, width));
        // Exchanging the signs maps the order of signed numbers onto that of unsigned ones.
        if let (Some(a), Some(b)) = (a.last_mut(), b.last_mut()) {
            std::mem::swap(a, b);
        }
        self.less(&a, &b)
    }

    /// Whether `a = b`: `n - 1` ANDs at depth `ceil(log2 n)`.
    pub fn equal(&mut self, a: &[Bit], b: &[Bit]) -> Bit {
        let differences = self.xor_words(a, b);
        let same = self.not_word(&differences);
        self.all(&same)
    }

    /// Whether the word is 0: `n - 1` ANDs at depth `ceil(log2 n)`.
    pub fn is_zero(&mut self, a: &[Bit]) -> Bit {
        self.equal(a, &[])
    }

    /// The smaller and the larger word, `signed` or not: `2n` ANDs by size.
    pub fn sort_pair(&mut self, a: &[Bit], b: &[Bit], signed: bool) -> (Vec<Bit>, Vec<Bit>) {
        let (a, b): (Vec<Bit>, Vec<Bit>) = if signed {
            let width = a.len().max(b.len());
            (sign_extend(a, width), sign_extend(b, width))
        } else {
            pairs(a, b).unzip()
        };
        let exchanged = if signed { self.less_signed(&b, &a) } else { self.less(&b, &a) };
        self.swap(exchanged, &a, &b)
    }
}

/// The word at another width: cut at the top, or extended by its sign bit.
#[must_use]
pub fn sign_extend(word: &[Bit], width: usize) -> Vec<Bit> {
    let sign = word.last().copied().unwrap_or(Bit::ZERO);
    (0..width).map(|index| word.get(index).copied().unwrap_or(sign)).collect()
}

/// The word at another width: cut at the top, or extended by zeros.
#[must_use]
pub fn zero_extend(word: &[Bit], width: usize) -> Vec<Bit> {
    (0..width).map(|index| word.get(index).copied().unwrap_or(Bit::ZERO)).collect()
}
