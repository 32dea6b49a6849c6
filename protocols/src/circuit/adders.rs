//! Sums and differences.

use super::builder::pairs;
use super::{Bit, Builder, Optimise};

impl Builder {
    /// `a + b + carry` at the width of the longer word, and the carry out.
    ///
    /// By size, `n - 1` ANDs without the carry out and `n` with it. By depth, Sklansky's prefix
    /// tree: depth `1 + ceil(log2 n)` to the carry out, `1 + ceil(log2 (n - 1))` without it.
    pub fn add_with_carry(&mut self, a: &[Bit], b: &[Bit], carry: Bit) -> (Vec<Bit>, Bit) {
        let half: Vec<Bit> = self.xor_words(a, b);
        let mut carries = Vec::with_capacity(half.len() + 1);
        carries.push(carry);
        match self.optimise() {
            Optimise::Size => {
                let mut carry = carry;
                for (a, b) in pairs(a, b) {
                    carry = self.majority(a, b, carry);
                    carries.push(carry);
                }
            }
            Optimise::Depth => carries.extend(self.prefix_carries(a, b, &half, carry)),
        }
        let sum = half.iter().zip(&carries).map(|(half, carry)| self.xor(*half, *carry)).collect();
        (sum, carries.last().copied().unwrap_or(carry))
    }

    /// The carry out of each position (Sklansky, IRE Trans. Electronic Computers 1960).
    fn prefix_carries(&mut self, a: &[Bit], b: &[Bit], half: &[Bit], carry: Bit) -> Vec<Bit> {
        let mut generate: Vec<Bit> = Vec::with_capacity(half.len());
        for (index, (a, b)) in pairs(a, b).enumerate() {
            generate.push(if index == 0 { self.majority(a, b, carry) } else { self.and(a, b) });
        }
        let mut propagate = half.to_vec();
        let mut span = 1;
        while span < half.len() {
            for index in (0..half.len()).filter(|index| index & span != 0) {
                let below = (index & !(span - 1)) - 1;
                let passed = self.and(propagate[index], generate[below]);
                generate[index] = self.xor(generate[index], passed);
                // Where the lower block begins at the bottom nobody asks for its propagation.
                if below >= span {
                    propagate[index] = self.and(propagate[index], propagate[below]);
                }
            }
            span *= 2;
        }
        generate
    }

    /// Whether a stretch of an addition makes a carry and, if asked for, whether it passes one, from
    /// those of its positions. A tree of depth `ceil(log2 n)` that joins neighbours.
    ///
    /// XORs meet bits of which one is 0 at least, so shares over any field may add instead.
    pub fn carry_out(&mut self, generate: &[Bit], propagate: &[Bit], passes: bool) -> (Bit, Bit) {
        let mut level: Vec<(Bit, Bit)> =
            generate.iter().copied().zip(propagate.iter().copied()).collect();
        while level.len() > 1 {
            let mut next = Vec::with_capacity(level.len().div_ceil(2));
            for (at, pair) in level.chunks(2).enumerate() {
                next.push(match *pair {
                    [low, high] => {
                        let passed = self.and(high.1, low.0);
                        let made = self.xor(high.0, passed);
                        // Nothing comes into the lowest block, unless the whole may pass a carry.
                        let wanted = passes || at > 0;
                        (made, if wanted { self.and(high.1, low.1) } else { Bit::ZERO })
                    }
                    _ => pair[0],
                });
            }
            level = next;
        }
        level.first().copied().unwrap_or((Bit::ZERO, Bit::ONE))
    }

    /// `a + b` modulo `2^n`.
    pub fn add(&mut self, a: &[Bit], b: &[Bit]) -> Vec<Bit> {
        self.add_with_carry(a, b, Bit::ZERO).0
    }

    /// `a - b` modulo `2^n`, and whether `a < b` as unsigned numbers.
    pub fn subtract_with_borrow(&mut self, a: &[Bit], b: &[Bit]) -> (Vec<Bit>, Bit) {
        let (a, b): (Vec<Bit>, Vec<Bit>) = pairs(a, b).unzip();
        let b = self.not_word(&b);
        let (difference, carry) = self.add_with_carry(&a, &b, Bit::ONE);
        (difference, self.not(carry))
    }

    /// `a - b` modulo `2^n`.
    pub fn subtract(&mut self, a: &[Bit], b: &[Bit]) -> Vec<Bit> {
        self.subtract_with_borrow(a, b).0
    }

    /// `-a` modulo `2^n`.
    pub fn negate(&mut self, a: &[Bit]) -> Vec<Bit> {
        self.subtract(&vec![Bit::ZERO; a.len()], a)
    }

    /// `-a` if `condition` is set, otherwise `a`, modulo `2^n`.
    pub fn negate_if(&mut self, condition: Bit, a: &[Bit]) -> Vec<Bit> {
        let flipped: Vec<Bit> = a.iter().map(|bit| self.xor(*bit, condition)).collect();
        self.add_with_carry(&flipped, &[], condition).0
    }
}
