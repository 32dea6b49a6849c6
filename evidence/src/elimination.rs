//! Elimination over a finite local principal ring: a prime field, or the integers modulo 2^k.
//!
//! In such a ring every element is a unit times a power of one prime, and of two elements one
//! divides the other. So a pivot of least valuation divides all that remains, rows below it can be
//! cleared, and what a system of equations asks can be read off the pivots, as in a field.

/// A finite local principal ring whose elements are canonical `u128`.
pub trait LocalRing: Copy {
    /// The least power of the prime that is zero: 1 in a field, k modulo 2^k.
    fn nilpotency(self) -> u32;
    /// Bits of the field of residues modulo the prime: log2 p in a field, 1 modulo 2^k.
    fn residue_bits(self) -> f64;
    /// The residue of an integer.
    fn reduce(self, value: u128) -> u128;
    /// How often the prime divides `a`; [`LocalRing::nilpotency`] for zero.
    fn valuation(self, a: u128) -> u32;
    /// The inverse of the unit that `a`, which is not zero, is when freed of the prime.
    fn invert_unit(self, a: u128) -> u128;
    /// `a` divided by a power of the prime that does not exceed its valuation.
    fn unscale(self, a: u128, power: u32) -> u128;
    /// `a` times a power of the prime.
    fn scale(self, a: u128, power: u32) -> u128;
    /// `a + b`.
    fn add(self, a: u128, b: u128) -> u128;
    /// `a - b`.
    fn sub(self, a: u128, b: u128) -> u128;
    /// `a * b`.
    fn mul(self, a: u128, b: u128) -> u128;
    /// Subtracts `factor` times another row of the same length.
    fn subtract_multiple(self, row: &mut [u128], factor: u128, other: &[u128]);
}

/// The integers modulo 2^bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerOfTwo {
    bits: u32,
    mask: u128,
}

impl PowerOfTwo {
    /// The integers modulo 2^bits; `None` unless there are 1 to 128 bits.
    #[must_use]
    pub fn new(bits: u32) -> Option<Self> {
        (1..=128).contains(&bits).then(|| PowerOfTwo { bits, mask: u128::MAX >> (128 - bits) })
    }
}

impl LocalRing for PowerOfTwo {
    fn nilpotency(self) -> u32 {
        self.bits
    }

    fn residue_bits(self) -> f64 {
        1.0
    }

    fn reduce(self, value: u128) -> u128 {
        value & self.mask
    }

    #[inline]
    fn valuation(self, a: u128) -> u32 {
        a.trailing_zeros().min(self.bits)
    }

    fn invert_unit(self, a: u128) -> u128 {
        let unit = a >> a.trailing_zeros();
        // Newton's step doubles the correct low bits; an odd number inverts itself modulo 8.
        let inverse = (0..6).fold(unit, |inverse, _| {
            inverse.wrapping_mul(2u128.wrapping_sub(unit.wrapping_mul(inverse)))
        });
        inverse & self.mask
    }

    fn unscale(self, a: u128, power: u32) -> u128 {
        a >> power
    }

    fn scale(self, a: u128, power: u32) -> u128 {
        if power < self.bits { (a << power) & self.mask } else { 0 }
    }

    fn add(self, a: u128, b: u128) -> u128 {
        a.wrapping_add(b) & self.mask
    }

    fn sub(self, a: u128, b: u128) -> u128 {
        a.wrapping_sub(b) & self.mask
    }

    fn mul(self, a: u128, b: u128) -> u128 {
        a.wrapping_mul(b) & self.mask
    }

    fn subtract_multiple(self, row: &mut [u128], factor: u128, other: &[u128]) {
        for (entry, other) in row.iter_mut().zip(other) {
            *entry = entry.wrapping_sub(factor.wrapping_mul(*other)) & self.mask;
        }
    }
}

/// A matrix in echelon form, with columns on its right that took part in every row operation.
#[derive(Clone, Debug)]
pub struct Echelon<R> {
    ring: R,
    rows: Vec<Vec<u128>>,
    width: usize,
    /// Column of the pivot of each of the first rows; valuations never fall.
    pivots: Vec<usize>,
}

/// A solution of a system of equations after its right side was multiplied by a power of the prime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The power of the prime; 0 in a field.
    pub power: u32,
    /// One coefficient per column of the matrix.
    pub coefficients: Vec<u128>,
}

impl<R: LocalRing> Echelon<R> {
    /// Brings the first `width` columns of rows of equal length into echelon form. Entries have to
    /// be canonical.
    #[must_use]
    pub fn of(ring: R, rows: Vec<Vec<u128>>, width: usize) -> Self {
        let mut echelon = Echelon { ring, rows, width, pivots: Vec::new() };
        // Columns before this one hold nothing of the current valuation or less.
        let (mut valuation, mut first) = (0, 0);
        while valuation < ring.nilpotency() && echelon.pivots.len() < echelon.rows.len() {
            match echelon.find_pivot(valuation, first) {
                Some((row, column)) => {
                    echelon.clear_below(row, column);
                    first = column + 1;
                }
                None => (valuation, first) = (valuation + 1, 0),
            }
        }
        echelon
    }

    /// The number of pivots.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.pivots.len()
    }

    /// Columns of the pivots, one per row from the top.
    #[must_use]
    pub fn pivots(&self) -> &[usize] {
        &self.pivots
    }

    /// What stands right of the matrix in the rows without a pivot.
    pub fn rest(&self) -> impl Iterator<Item = &[u128]> {
        self.rows[self.rank()..].iter().map(|row| &row[self.width..])
    }

    /// What stands right of the matrix in the rows with a pivot.
    pub fn top(&self) -> impl Iterator<Item = &[u128]> {
        self.rows[..self.rank()].iter().map(|row| &row[self.width..])
    }

    fn find_pivot(&self, valuation: u32, first: usize) -> Option<(usize, usize)> {
        let from = self.pivots.len();
        (first..self.width).find_map(|column| {
            let fits = |row: &Vec<u128>| self.ring.valuation(row[column]) == valuation;
            self.rows[from..].iter().position(fits).map(|row| (from + row, column))
        })
    }

    fn clear_below(&mut self, row: usize, column: usize) {
        let at = self.pivots.len();
        self.pivots.push(column);
        self.rows.swap(at, row);
        let (above, below) = self.rows.split_at_mut(at + 1);
        let pivot = &above[at];
        // In a field whatever stands left of the pivot is zero by now.
        let from = if self.ring.nilpotency() == 1 { column } else { 0 };
        let valuation = self.ring.valuation(pivot[column]);
        let inverse = self.ring.invert_unit(pivot[column]);
        for row in below.iter_mut().filter(|row| row[column] != 0) {
            let factor = self.ring.mul(self.ring.unscale(row[column], valuation), inverse);
            self.ring.subtract_multiple(&mut row[from..], factor, &pivot[from..]);
        }
    }

    /// How a column of the matrix follows from those of the pivots, by column; `None` if it has a
    /// pivot itself.
    #[must_use]
    pub fn dependence(&self, column: usize) -> Option<Vec<u128>> {
        if self.pivots.contains(&column) {
            return None;
        }
        let mut coefficients = vec![0; self.width];
        self.substitute(&mut coefficients, |row| row[column]);
        Some(coefficients)
    }

    /// Solves for the column `target` right of the matrix, multiplied by the least power of the
    /// prime for which there is a solution other than 0 = 0; `None` if there is none.
    #[must_use]
    pub fn solve(&self, target: usize) -> Option<Solution> {
        let nilpotency = self.ring.nilpotency();
        let right = |row: &Vec<u128>| row[self.width + target];
        let short = |(at, row): (usize, &Vec<u128>)| {
            // A pivot divides what follows it in its row, so it only has to divide the right side.
            let pivot = self.pivots.get(at).map_or(nilpotency, |c| self.ring.valuation(row[*c]));
            pivot.saturating_sub(self.ring.valuation(right(row)))
        };
        let power = self.rows.iter().enumerate().map(short).max().unwrap_or(0);
        if power >= nilpotency {
            return None;
        }
        let mut coefficients = vec![0; self.width];
        self.substitute(&mut coefficients, |row| self.ring.scale(right(row), power));
        Some(Solution { power, coefficients })
    }

    /// Coefficients of the pivots' columns that give each row's right side.
    fn substitute(&self, coefficients: &mut [u128], right: impl Fn(&Vec<u128>) -> u128) {
        for (row, column) in self.rows.iter().zip(&self.pivots).rev() {
            let mut value = right(row);
            for (entry, coefficient) in row.iter().zip(coefficients.iter()) {
                if *coefficient != 0 && *entry != 0 {
                    value = self.ring.sub(value, self.ring.mul(*entry, *coefficient));
                }
            }
            let value = self.ring.unscale(value, self.ring.valuation(row[*column]));
            coefficients[*column] = self.ring.mul(value, self.ring.invert_unit(row[*column]));
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::super::prime::Prime;
    use super::*;

    fn draw(rng: &mut ChaCha20Rng) -> u128 {
        u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
    }

    /// Plants a solution, multiplies rows and columns so that valuations mix, and wants it back.
    fn finds_planted_solutions<R: LocalRing>(ring: R, seed: u64) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let width = 6;
        let planted: Vec<u128> = (0..width).map(|_| ring.reduce(draw(&mut rng))).collect();
        let mut rows = Vec::new();
        for _ in 0..12 {
            let shift = (rng.next_u32() % 4).min(ring.nilpotency() - 1);
            let entry = |_| ring.scale(ring.reduce(draw(&mut rng)), shift);
            let mut row: Vec<u128> = (0..width).map(entry).collect();
            let product = |sum, (a, b): (&u128, &u128)| ring.add(sum, ring.mul(*a, *b));
            row.push(row.iter().zip(&planted).fold(0, product));
            rows.push(row);
        }
        let solution = Echelon::of(ring, rows.clone(), width).solve(0).unwrap();
        assert_eq!(solution.power, 0);
        for row in rows {
            let product = |sum, (a, b): (&u128, &u128)| ring.add(sum, ring.mul(*a, *b));
            assert_eq!(
                row[..width].iter().zip(&solution.coefficients).fold(0, product),
                row[width]
            );
        }
    }

    #[test]
    fn planted_solutions_come_back_in_every_ring() {
        for seed in 0..20 {
            finds_planted_solutions(Prime::new(5).unwrap(), seed);
            finds_planted_solutions(Prime::new((1 << 61) - 1).unwrap(), seed);
            finds_planted_solutions(PowerOfTwo::new(1).unwrap(), seed);
            finds_planted_solutions(PowerOfTwo::new(8).unwrap(), seed);
            finds_planted_solutions(PowerOfTwo::new(64).unwrap(), seed);
            finds_planted_solutions(PowerOfTwo::new(128).unwrap(), seed);
        }
    }

    /// Compared with trying all coefficients, over Z_8 with two columns.
    #[test]
    fn solvability_modulo_eight_is_that_of_exhaustion() {
        let ring = PowerOfTwo::new(3).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let mut powers = [0; 4];
        for _ in 0..2000 {
            let entry = |_| u128::from(rng.next_u32() % 8);
            let entries: Vec<u128> = (0..9).map(entry).collect();
            let rows: Vec<Vec<u128>> = entries.chunks(3).map(<[u128]>::to_vec).collect();
            let holds = |power: u32, x: u128, y: u128| {
                rows.iter().all(|r| (r[0] * x + r[1] * y) % 8 == (r[2] << power) % 8)
            };
            let exists = |power| (0..64).any(|xy| holds(power, xy / 8, xy % 8));
            let expected = (0..3).find(|power| exists(*power));
            let found = Echelon::of(ring, rows.clone(), 2).solve(0);
            assert_eq!(found.as_ref().map(|s| s.power), expected, "{rows:?}");
            powers[expected.unwrap_or(3) as usize] += 1;
            if let Some(Solution { power, coefficients }) = found {
                assert!(holds(power, coefficients[0], coefficients[1]), "{rows:?}");
            }
        }
        assert!(powers.iter().all(|count| *count > 10), "every outcome occurs: {powers:?}");
    }

    #[test]
    fn rows_without_pivot_span_the_left_kernel() {
        let ring = Prime::new(101).unwrap();
        let rows = vec![vec![1, 2, 1, 0, 0], vec![2, 4, 0, 1, 0], vec![3, 7, 0, 0, 1]];
        let echelon = Echelon::of(ring, rows, 2);
        assert_eq!((echelon.rank(), echelon.pivots()), (2, &[0, 1][..]));
        assert_eq!(echelon.rest().collect::<Vec<_>>(), [[99, 1, 0]]);
    }
}
