//! Quotients and remainders.

use super::{Bit, Builder, Optimise, sign_extend};

impl Builder {
    /// Quotient and remainder, unsigned, by restoring division; they are as wide as `a` and `b`.
    ///
    /// With `b = 0` the quotient has all bits set, and the remainder is `a`, cut to its width. By
    /// size, `n^2 + 3n - 3` ANDs for two words of width `n > 1`.
    pub fn divide(&mut self, a: &[Bit], b: &[Bit]) -> (Vec<Bit>, Vec<Bit>) {
        let clear_above = self.clear_above(b);
        let mut remainder: Vec<Bit> = Vec::with_capacity(b.len() + 1);
        let mut quotient = vec![Bit::ZERO; a.len()];
        for (index, bit) in a.iter().enumerate().rev() {
            remainder.insert(0, *bit);
            // The remainder so far has few bits; those of `b` above must be clear.
            let width = remainder.len();
            let (difference, borrow) =
                self.subtract_with_borrow(&remainder, &b[..width.min(b.len())]);
            let fits = self.not(borrow);
            let clear = clear_above.get(width).copied().unwrap_or(Bit::ONE);
            quotient[index] = self.and(fits, clear);
            remainder = self.select(quotient[index], &difference, &remainder);
            remainder.truncate(b.len());
        }
        remainder.resize(b.len(), Bit::ZERO);
        (quotient, remainder)
    }

    /// For each position, whether `word` is clear from there on.
    fn clear_above(&mut self, word: &[Bit]) -> Vec<Bit> {
        let mut clear: Vec<Bit> = word.iter().rev().map(|bit| self.not(*bit)).collect();
        match self.optimise() {
            Optimise::Size => {
                for index in 1..clear.len() {
                    clear[index] = self.and(clear[index], clear[index - 1]);
                }
            }
            Optimise::Depth => {
                let mut span = 1;
                while span < clear.len() {
                    for index in (0..clear.len()).filter(|index| index & span != 0) {
                        let below = (index & !(span - 1)) - 1;
                        clear[index] = self.and(clear[index], clear[below]);
                    }
                    span *= 2;
                }
            }
        }
        clear.reverse();
        clear
    }

    /// Quotient, rounded down, and remainder, with the sign of `b`, in two's complement at the
    /// width of the wider word.
    ///
    /// With `b = 0` the remainder is `a`, and the quotient -1 or, for a negative `a`, 0. The
    /// quotient of the least number by -1 is the least number.
    pub fn divide_floor(&mut self, a: &[Bit], b: &[Bit]) -> (Vec<Bit>, Vec<Bit>) {
        let width = a.len().max(b.len());
        let (a, b) = (sign_extend(a, width), sign_extend(b, width));
        let sign = |word: &[Bit]| word.last().copied().unwrap_or(Bit::ZERO);
        let (sign_a, sign_b) = (sign(&a), sign(&b));
        let (a, b) = (self.negate_if(sign_a, &a), self.negate_if(sign_b, &b));
        let (quotient, remainder) = self.divide(&a, &b);

        // With opposite signs: -q and 0 if it divides, otherwise -q - 1 and |b| - r.
        let opposite = self.xor(sign_a, sign_b);
        let exact = self.is_zero(&remainder);
        let carry = self.and(opposite, exact);
        let flipped: Vec<Bit> = quotient.iter().map(|bit| self.xor(*bit, opposite)).collect();
        let quotient = self.add_with_carry(&flipped, &[], carry).0;
        let rounded = self.xor(opposite, carry);
        let rest = self.subtract(&b, &remainder);
        let remainder = self.select(rounded, &rest, &remainder);
        (quotient, self.negate_if(sign_b, &remainder))
    }
}
