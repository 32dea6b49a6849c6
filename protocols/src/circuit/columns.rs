//! Sums of many numbers, by columns of bits of equal weight: products and counts are such sums.

use std::collections::VecDeque;

use super::{Bit, Builder, Optimise};

/// Bits by weight: the bits of column `j` count `2^j` each.
type Columns = Vec<Vec<Bit>>;

impl Builder {
    /// The sum of some words modulo `2^width`.
    ///
    /// By size, each full or half adder costs one AND and takes one bit away, which is the least
    /// known; public bits cost less. By depth, a carry-save tree (Dadda 1965) and one prefix
    /// adder.
    pub fn sum(&mut self, words: &[&[Bit]], width: usize) -> Vec<Bit> {
        let mut columns = vec![Vec::new(); width];
        for word in words {
            for (column, bit) in columns.iter_mut().zip(*word) {
                column.push(*bit);
            }
        }
        self.sum_columns(columns)
    }

    /// How many bits are set, in the least width that holds every such number: fewer ANDs than
    /// bits. Full adders in the order in which bits come are as flat here as any tree.
    pub fn popcount(&mut self, bits: &[Bit]) -> Vec<Bit> {
        let width = (usize::BITS - bits.len().leading_zeros()) as usize;
        let mut columns = vec![Vec::new(); width];
        if let Some(first) = columns.first_mut() {
            first.extend_from_slice(bits);
        }
        fold_ones(&mut columns);
        self.sum_by_size(columns)
    }

    /// `a * b` modulo `2^width`, unsigned; for two's complement too, where `width` is no larger
    /// than that of either.
    pub fn multiply(&mut self, a: &[Bit], b: &[Bit], width: usize) -> Vec<Bit> {
        let mut columns = vec![Vec::new(); width];
        for (i, a) in a.iter().enumerate() {
            for (b, column) in b.iter().zip(columns.iter_mut().skip(i)) {
                column.push(self.and(*a, *b));
            }
        }
        self.sum_columns(columns)
    }

    /// `a * b` in two's complement, at full width: the sum of both (Baugh and Wooley 1973).
    pub fn multiply_signed(&mut self, a: &[Bit], b: &[Bit]) -> Vec<Bit> {
        if a.is_empty() || b.is_empty() {
            return vec![Bit::ZERO; a.len() + b.len()];
        }
        let (top_a, top_b) = (a.len() - 1, b.len() - 1);
        let mut columns = vec![Vec::new(); a.len() + b.len()];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                let product = self.and(*x, *y);
                // Products with one sign bit count negatively: -p = (1 - p) - 1.
                let negative = (i == top_a) != (j == top_b);
                columns[i + j].push(if negative { self.not(product) } else { product });
            }
        }
        for column in [top_a, top_b, top_a + top_b + 1] {
            columns[column].push(Bit::ONE);
        }
        self.sum_columns(columns)
    }

    fn sum_columns(&mut self, mut columns: Columns) -> Vec<Bit> {
        fold_ones(&mut columns);
        match self.optimise() {
            Optimise::Size => self.sum_by_size(columns),
            Optimise::Depth => self.sum_by_depth(columns),
        }
    }

    /// Sum and carry of three bits, or of two: one AND.
    fn add_bits(&mut self, a: Bit, b: Bit, c: Bit) -> (Bit, Bit) {
        let half = self.xor(a, b);
        (self.xor(half, c), self.majority(a, b, c))
    }

    fn sum_by_size(&mut self, columns: Columns) -> Vec<Bit> {
        let mut sum = Vec::with_capacity(columns.len());
        let mut carries = Vec::new();
        for column in columns {
            // Bits that came early are added first, so that late carries delay little. A public one
            // comes last: with a single other bit it costs nothing.
            let one = column.contains(&Bit::ONE);
            let wires = column.into_iter().filter(|bit| *bit != Bit::ONE);
            let mut bits: VecDeque<Bit> = wires.chain(std::mem::take(&mut carries)).collect();
            while bits.len() >= 3 {
                let taken: Vec<Bit> = bits.drain(..3).collect();
                let (bit, carry) = self.add_bits(taken[0], taken[1], taken[2]);
                bits.push_back(bit);
                carries.push(carry);
            }
            let [first, second] = [0, 1].map(|i| bits.get(i).copied().unwrap_or(Bit::ZERO));
            let (bit, carry) = self.add_bits(first, second, Bit::Const(one));
            sum.push(bit);
            if carry != Bit::ZERO {
                carries.push(carry);
            }
        }
        sum
    }

    /// Each stage brings all columns to the next lower height at once (Dadda 1965), so that carries
    /// never run along the columns.
    fn sum_by_depth(&mut self, mut columns: Columns) -> Vec<Bit> {
        while let Some(height) = stage_height(columns.iter().map(Vec::len).max().unwrap_or(0)) {
            let mut next: Columns = vec![Vec::new(); columns.len()];
            for (index, mut column) in columns.into_iter().enumerate() {
                let mut carries = Vec::new();
                while column.len() + next[index].len() > height && column.len() > 1 {
                    let three = column.len() + next[index].len() > height + 1;
                    let taken =
                        column.split_off(column.len().saturating_sub(2 + usize::from(three)));
                    let third = taken.get(2).copied().unwrap_or(Bit::ZERO);
                    let (bit, carry) = self.add_bits(taken[0], taken[1], third);
                    next[index].push(bit);
                    carries.push(carry);
                }
                next[index].append(&mut column);
                if let Some(column) = next.get_mut(index + 1) {
                    *column = carries;
                }
            }
            fold_ones(&mut next);
            columns = next;
        }
        let row = |row: usize| -> Vec<Bit> {
            columns.iter().map(|column| column.get(row).copied().unwrap_or(Bit::ZERO)).collect()
        };
        self.add(&row(0), &row(1))
    }
}

/// The largest of 2, 3, 4, 6, 9, 13, ... below `height`; none if two rows are left.
fn stage_height(height: usize) -> Option<usize> {
    let heights = std::iter::successors(Some(2), |height| Some(height + height / 2));
    heights.take_while(|lower| *lower < height).last()
}

/// Drops public zeros, and leaves at most one public one in a column.
fn fold_ones(columns: &mut Columns) {
    let mut ones = 0;
    for column in columns {
        ones += column.iter().filter(|bit| **bit == Bit::ONE).count();
        column.retain(|bit| matches!(bit, Bit::Wire(_)));
        if ones % 2 == 1 {
            column.push(Bit::ONE);
        }
        ones /= 2;
    }
}
