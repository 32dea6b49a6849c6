//! Shifts and rotations by secret amounts, and decoding.

use super::{Bit, Builder};

impl Builder {
    /// `a << amount`; zero if the amount is the width or more. One AND per bit and stage.
    pub fn shift_left(&mut self, a: &[Bit], amount: &[Bit]) -> Vec<Bit> {
        let mut reversed: Vec<Bit> = a.iter().rev().copied().collect();
        reversed = self.shift_right(&reversed, amount, Bit::ZERO);
        reversed.reverse();
        reversed
    }

    /// `a >> amount`, with copies of `fill` at the top: 0, or the sign for an arithmetic shift.
    pub fn shift_right(&mut self, a: &[Bit], amount: &[Bit], fill: Bit) -> Vec<Bit> {
        let stages = stages(a.len()).min(amount.len());
        let mut word = a.to_vec();
        for (stage, condition) in amount[..stages].iter().enumerate() {
            let moved = (0..word.len()).map(|i| word.get(i + (1 << stage)).copied());
            let moved: Vec<Bit> = moved.map(|bit| bit.unwrap_or(fill)).collect();
            word = self.select(*condition, &moved, &word);
        }
        let beyond = self.any(&amount[stages..]);
        self.select(beyond, &vec![fill; a.len()], &word)
    }

    /// `a` rotated to the left by `amount` modulo its width.
    pub fn rotate_left(&mut self, a: &[Bit], amount: &[Bit]) -> Vec<Bit> {
        let mut word = a.to_vec();
        let mut step = 1 % a.len().max(1);
        for condition in amount {
            let mut moved = word.clone();
            moved.rotate_right(step);
            word = self.select(*condition, &moved, &word);
            step = 2 * step % a.len().max(1);
        }
        word
    }

    /// One bit for each value of `index`, set where it is that value: `2^k - 2` ANDs for `k` bits.
    pub fn decode(&mut self, index: &[Bit]) -> Vec<Bit> {
        let mut found = vec![Bit::ONE];
        for bit in index {
            let high: Vec<Bit> = found.iter().map(|known| self.and(*known, *bit)).collect();
            let low: Vec<Bit> =
                found.iter().zip(&high).map(|(known, high)| self.xor(*known, *high)).collect();
            found = [low, high].concat();
        }
        found
    }
}

/// How many bits an amount needs to shift through a whole word.
fn stages(width: usize) -> usize {
    width.next_power_of_two().trailing_zeros() as usize
}
