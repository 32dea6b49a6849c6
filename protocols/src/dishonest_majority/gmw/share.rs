//! XOR shares of bits.

use mpclab_sim::Draw;

use crate::algebra::bits::Bits;
use crate::circuit::BitSharing;
use crate::mutants;

/// XOR shares of bits: uniform for all parties but the last. Two mutants draw none, and the first
/// bit for all.
pub(super) fn split_as(
    bits: &Bits,
    n: usize,
    rng: &mut impl Draw,
    [zero, repeat]: [&str; 2],
) -> Vec<Bits> {
    let mut last = bits.clone();
    let mut shares: Vec<Bits> = (1..n).map(|_| Bits::random(bits.len(), rng)).collect();
    if mutants::is(zero) {
        shares.fill(Bits::zeros(bits.len()));
    } else if mutants::is(repeat) {
        shares.iter_mut().for_each(|share| *share = share.gather(&vec![0; bits.len()]));
    } else if zero == "gmw/inputs-unmasked" && !bits.is_empty() {
        let at = bits.len() - 1;
        if mutants::is("gmw/last-bit-twins") && n > 2 {
            let bit = shares[0].get(at);
            shares[1].set(at, bit);
        } else if mutants::is("gmw/sometimes-clear") && (0..4.min(at)).all(|at| !shares[0].get(at))
        {
            shares.fill(Bits::zeros(bits.len()));
        }
    }
    shares.iter().for_each(|share| last ^= share);
    shares.push(last);
    shares
}

/// One party's share of some bits.
#[derive(Clone, Debug)]
pub(super) struct XorShare {
    pub(super) bits: Bits,
    /// Whether public bits are added to this share: they are to one party's.
    pub(super) leads: bool,
}

impl BitSharing for XorShare {
    const XOR_IS_LOCAL: bool = true;

    fn len(&self) -> usize {
        self.bits.len()
    }
    fn empty(&self, capacity: usize) -> Self {
        XorShare { bits: self.bits.empty(capacity), leads: self.leads }
    }
    fn reserve(&mut self, more: usize) {
        self.bits.reserve(more);
    }
    fn push_constant(&mut self, bit: bool, count: usize) {
        self.bits.push_constant(bit && self.leads, count);
    }
    fn push_not(&mut self, at: usize, count: usize) {
        match self.leads {
            true => self.bits.push_not(at, count),
            false => self.bits.push_combined(at, at, count, |a, _| a),
        }
    }
    #[inline]
    fn push_xor(&mut self, left: usize, right: usize, count: usize, _: Option<(&Self, usize)>) {
        self.bits.push_xor(left, right, count, None);
    }
    #[inline]
    fn push_slice(&mut self, other: &Self, at: usize, count: usize) {
        self.bits.push_slice(&other.bits, at, count);
    }
}
