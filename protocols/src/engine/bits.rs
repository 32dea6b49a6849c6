use std::ops::Range;

use crate::circuit::BitSharing;

/// A party's share of a vector of packed bits, on which XOR and NOT are local.
pub trait PackedBits: BitSharing + Clone + Send + Sync + 'static {
    /// Bit by bit.
    #[must_use]
    fn xor(&self, other: &Self) -> Self {
        let len = self.len();
        let mut all = self.clone();
        all.append(other.clone());
        all.push_xor(0, len, len, None);
        all.slice(2 * len..3 * len)
    }

    /// Bit by bit.
    #[must_use]
    fn not(&self) -> Self {
        let len = self.len();
        let mut all = self.clone();
        all.push_not(0, len);
        all.slice(len..2 * len)
    }

    /// A stretch of the vector.
    #[must_use]
    fn slice(&self, range: Range<usize>) -> Self {
        let mut part = self.empty(range.len());
        part.push_slice(self, range.start, range.len());
        part
    }

    /// The bits at these positions.
    #[must_use]
    fn gather(&self, indices: &[u32]) -> Self {
        self.gather_blocks(indices.iter().copied(), 1)
    }

    /// One vector after the other; `None` if there is none.
    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut all = parts.next()?.clone();
        parts.for_each(|part| all.push_slice(part, 0, part.len()));
        Some(all)
    }
}

/// Bits of an engine that has none: there is no such share.
#[derive(Clone, Copy, Debug)]
pub enum NoBits {}

impl PackedBits for NoBits {}

impl BitSharing for NoBits {
    const XOR_IS_LOCAL: bool = true;

    fn len(&self) -> usize {
        match *self {}
    }
    fn empty(&self, _: usize) -> Self {
        match *self {}
    }
    fn reserve(&mut self, _: usize) {
        match *self {}
    }
    fn push_constant(&mut self, _: bool, _: usize) {
        match *self {}
    }
    fn push_not(&mut self, _: usize, _: usize) {
        match *self {}
    }
    fn push_xor(&mut self, _: usize, _: usize, _: usize, _: Option<(&Self, usize)>) {
        match *self {}
    }
    fn push_slice(&mut self, _: &Self, _: usize, _: usize) {
        match *self {}
    }
}
