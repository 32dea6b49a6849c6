//! The linear distinguisher over bits, on packed rows.
//!
//! Any bytes are bits: besides boolean shares this finds XOR relations in rings and in binary
//! extension fields, whose linear maps are linear over bits. Bit j of a row is bit j % 8, from the
//! least significant, of byte j / 8; that is also how messages pack them.

use super::linear::{Column, Design, REQUIRED_BITS, Relation, Search, labelling_bits};
use super::{Misfit, check_rows};

/// Runs by packed bits; as [`super::linear::Runs`].
#[derive(Clone, Copy, Debug)]
pub struct BitRuns<'a> {
    /// What the coalition may know: its inputs and outputs.
    pub known: &'a [Vec<u8>],
    /// What it saw.
    pub view: &'a [Vec<u8>],
    /// Honest inputs.
    pub targets: &'a [Vec<u8>],
}

/// Searches XORs of bits that the coalition knows and saw that equal a bit of an honest input, up
/// to a constant. `entropy_bits` is the least min-entropy of such a bit in one run, given all that
/// the coalition may know: 1 for uniform bits. Columns count bits.
///
/// # Errors
///
/// As for [`super::linear::leaks`].
pub fn leaks(runs: BitRuns<'_>, entropy_bits: f64) -> Result<Search, Misfit> {
    let count = runs.view.len();
    let known = if runs.known.is_empty() { 0 } else { 8 * check_rows(runs.known, count)? };
    let view = 8 * check_rows(runs.view, count)?;
    let targets = 8 * check_rows(runs.targets, count)?;
    let row = |at: usize| {
        let known = runs.known.get(at).into_iter().flatten().copied();
        // The constant one is a bit of the byte in front of the others.
        let bytes = known.chain([1]).chain(runs.view[at].iter().copied());
        (pack(bytes), pack(runs.targets[at].iter().copied()))
    };
    let system = System { rows: (0..count).map(row).collect(), known, view, targets };
    let per_run = entropy_bits.min(1.0);
    system.search(|rank| (targets as f64).log2() - per_run * (count - rank) as f64)
}

/// Searches an XOR of bits of the view with one value in each class, and not the same.
///
/// # Errors
///
/// As for [`super::linear::separates`].
pub fn separates(classes: [&[Vec<u8>]; 2], design: Design) -> Result<Search, Misfit> {
    let counts = classes.map(<[Vec<u8>]>::len);
    let labellings_bits = labelling_bits(counts, design)?;
    let rows: Vec<Vec<u8>> = classes.concat();
    let view = 8 * check_rows(&rows, counts[0] + counts[1])?;
    let row = |(at, row): (usize, &Vec<u8>)| {
        (pack([1].into_iter().chain(row.iter().copied())), vec![u64::from(at >= counts[0])])
    };
    let rows = rows.iter().enumerate().map(row).collect();
    let system = System { rows, known: 0, view, targets: 1 };
    system.search(|rank| rank as f64 - labellings_bits)
}

fn pack(bytes: impl Iterator<Item = u8>) -> Vec<u64> {
    let bytes: Vec<u8> = bytes.collect();
    let word =
        |bytes: &[u8]| bytes.iter().rev().fold(0, |word: u64, byte| (word << 8) | u64::from(*byte));
    bytes.chunks(8).map(word).collect()
}

/// A row of the matrix and of the targets.
type Row = (Vec<u64>, Vec<u64>);

/// Rows `known | 1 in a byte of its own | view`, and apart from them the targets.
struct System {
    rows: Vec<Row>,
    known: usize,
    view: usize,
    targets: usize,
}

impl System {
    fn search(&self, log2_bound: impl Fn(usize) -> f64) -> Result<Search, Misfit> {
        let all = Basis::of(&self.rows, self.targets, self.known + 8 + self.view);
        let implied = Basis::of(&self.rows, self.targets, self.known + 8);
        let leaking = |t: &usize| !all.is_refuted(*t) && implied.is_refuted(*t);
        let relation = |target| {
            let columns = all.combination(target).into_iter().map(|at| (self.name(at), 1));
            Relation { target, power: 0, coefficients: columns.collect() }
        };
        let relations: Vec<Relation> = (0..self.targets).filter(leaking).map(relation).collect();
        let (runs, rank) = (self.rows.len(), all.rows.len());
        let log2_false_positive = log2_bound(rank);
        if !relations.is_empty() && log2_false_positive > -REQUIRED_BITS {
            return Err(Misfit::TooFewRuns { runs, rank, log2_false_positive });
        }
        Ok(Search { runs, rank, log2_false_positive, relations })
    }

    fn name(&self, at: usize) -> Column {
        match at.checked_sub(self.known) {
            None => Column::Known(at),
            Some(0..8) => Column::One,
            Some(after) => Column::View(after - 8),
        }
    }
}

/// Independent rows, each with the column of its first bit.
struct Basis {
    rows: Vec<(usize, Row)>,
    /// Targets that no combination of columns gives.
    refuted: Vec<u64>,
}

impl Basis {
    /// Eliminates the first `width` columns.
    fn of(rows: &[Row], targets: usize, width: usize) -> Self {
        let mut basis = Basis { rows: Vec::new(), refuted: vec![0; targets.div_ceil(64)] };
        for (matrix, targets) in rows {
            let mut row = (matrix[..width.div_ceil(64)].to_vec(), targets.clone());
            if let (Some(last), rest @ 1..) = (row.0.last_mut(), width % 64) {
                *last &= u64::MAX >> (64 - rest);
            }
            basis.insert(row);
        }
        basis
    }

    fn insert(&mut self, mut row: Row) {
        for (pivot, other) in &self.rows {
            if has_bit(&row.0, *pivot) {
                xor(&mut row.0, &other.0);
                xor(&mut row.1, &other.1);
            }
        }
        match row.0.iter().position(|word| *word != 0) {
            Some(word) => {
                let pivot = 64 * word + row.0[word].trailing_zeros() as usize;
                self.rows.push((pivot, row));
            }
            None => self.refuted.iter_mut().zip(row.1).for_each(|(all, new)| *all |= new),
        }
    }

    fn is_refuted(&self, target: usize) -> bool {
        has_bit(&self.refuted, target)
    }

    /// Columns whose sum is a target that was not refuted.
    fn combination(&self, target: usize) -> Vec<usize> {
        let width = self.rows.first().map_or(0, |(_, row)| row.0.len());
        let mut chosen = vec![0u64; width];
        // A later row has no bit at an earlier pivot, so the last pivot is decided first.
        for (pivot, (matrix, targets)) in self.rows.iter().rev() {
            let shared = matrix.iter().zip(&chosen).map(|(a, b)| (a & b).count_ones()).sum::<u32>();
            if has_bit(targets, target) != (shared % 2 == 1) {
                chosen[pivot / 64] |= 1 << (pivot % 64);
            }
        }
        (0..64 * width).filter(|column| has_bit(&chosen, *column)).collect()
    }
}

fn has_bit(words: &[u64], at: usize) -> bool {
    (words[at / 64] >> (at % 64)) & 1 == 1
}

fn xor(into: &mut [u64], other: &[u64]) {
    into.iter_mut().zip(other).for_each(|(word, other)| *word ^= other);
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn uniform(runs: usize, bytes: usize, seed: u64) -> Vec<Vec<u8>> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let row = |_| {
            let mut row = vec![0; bytes];
            rng.fill_bytes(&mut row);
            row
        };
        (0..runs).map(row).collect()
    }

    #[test]
    fn uniform_bits_are_quiet() {
        for seed in 0..20 {
            let (view, targets) = (uniform(400, 40, seed), uniform(400, 2, 1000 + seed));
            let runs = BitRuns { known: &[], view: &view, targets: &targets };
            assert_eq!(leaks(runs, 1.0).unwrap().relations, []);
            let other = uniform(400, 40, 2000 + seed);
            assert_eq!(separates([&view, &other], Design::Paired).unwrap().relations, []);
        }
    }

    /// Bit 10 of the view is bit 3 of the input, masked by bit 77 and a known bit, and negated.
    #[test]
    fn a_masked_bit_whose_mask_is_seen_is_found() {
        for seed in 0..20 {
            let (known, mut view) = (uniform(400, 1, seed), uniform(400, 40, 1000 + seed));
            let targets = uniform(400, 1, 2000 + seed);
            for ((known, view), target) in known.iter().zip(&mut view).zip(&targets) {
                let masked = (target[0] >> 3 ^ known[0] ^ view[77 / 8] >> (77 % 8) ^ 1) & 1;
                view[1] = view[1] & !4 | masked << 2;
            }
            let runs = BitRuns { known: &known, view: &view, targets: &targets };
            let found = leaks(runs, 1.0).unwrap();
            let columns = [Column::Known(0), Column::One, Column::View(10), Column::View(77)];
            let coefficients = columns.map(|column| (column, 1)).to_vec();
            assert_eq!(found.relations, [Relation { target: 3, power: 0, coefficients }]);
            assert_eq!(found.rank, 8 + 1 + 320);
            assert_eq!(found.log2_false_positive, 3.0 - (400.0 - 329.0));
        }
    }

    #[test]
    fn classes_that_an_xor_tells_apart_are_found() {
        let mut classes = [uniform(200, 10, 1), uniform(200, 10, 2)];
        for (label, class) in classes.iter_mut().enumerate() {
            class.iter_mut().for_each(|row| row[9] = row[9] & !1 | (row[0] ^ label as u8) & 1);
        }
        let found = separates([&classes[0], &classes[1]], Design::Paired).unwrap();
        let coefficients = vec![(Column::View(0), 1), (Column::View(72), 1)];
        assert_eq!(found.relations, [Relation { target: 0, power: 0, coefficients }]);
    }

    #[test]
    fn what_is_known_and_what_chance_gives_is_no_leak() {
        let (view, targets) = (uniform(400, 4, 1), uniform(400, 1, 2));
        let runs = BitRuns { known: &targets, view: &view, targets: &targets };
        assert_eq!(leaks(runs, 1.0).unwrap().relations, []);
        let (view, targets) = (uniform(30, 40, 1), uniform(30, 1, 2));
        let runs = BitRuns { known: &[], view: &view, targets: &targets };
        assert!(matches!(leaks(runs, 1.0), Err(Misfit::TooFewRuns { rank: 30, .. })));
    }
}
