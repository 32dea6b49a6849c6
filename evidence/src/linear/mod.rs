//! The linear distinguisher: is there an affine functional of the view that equals an honest input,
//! or that tells two classes of runs apart, in every run?
//!
//! A functional that exists is found, since it holds in every row of the system. One that was found
//! by accident is bounded: take the rows of the pivots, which the view alone determines; for a
//! target that is independent of the view, each other row holds with at most its likeliest value's
//! probability. A relation is reported only if that bound is below 2^-[`REQUIRED_BITS`]; that there
//! is none needs no bound.

use statrs::function::factorial::ln_binomial;

use super::elimination::{Echelon, LocalRing};
use super::{Misfit, check_rows};

#[cfg(test)]
mod tests;

/// A relation counts as found if chance gives one with at most two to the minus this.
pub const REQUIRED_BITS: f64 = 64.0;

/// Runs by columns; every row belongs to one run and all matrices list the runs in the same order.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'a> {
    /// What the coalition may know: its inputs and outputs. Relations among these alone are no
    /// leak.
    pub known: &'a [Vec<u128>],
    /// What it saw.
    pub view: &'a [Vec<u128>],
    /// Honest inputs.
    pub targets: &'a [Vec<u128>],
}

/// A column of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Of [`Runs::known`].
    Known(usize),
    /// Of [`Runs::view`].
    View(usize),
    /// The constant one.
    One,
}

/// An affine functional that equals a target, times a power of the ring's prime, in every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Column of [`Runs::targets`]; 0 where the classes are the target.
    pub target: usize,
    /// The power of the prime that the target is multiplied by: 0 in a field; modulo 2^k the
    /// relation reveals the target's k - power low bits.
    pub power: u32,
    /// The coefficients that are not zero, by column.
    pub coefficients: Vec<(Column, u128)>,
}

/// What the search for relations gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Runs that took part.
    pub runs: usize,
    /// Pivots: how many columns are independent, among the rows that the answer needed.
    pub rank: usize,
    /// log2 of a bound on the probability that chance gives a relation, all targets together.
    pub log2_false_positive: f64,
    /// One per target that leaks.
    pub relations: Vec<Relation>,
}

/// Searches affine functionals of what the coalition knows and saw that equal an honest input.
///
/// `entropy_bits` is the least min-entropy that what a relation reveals has in one run, given all
/// that the coalition may know (its inputs and outputs): log2 p for an input that is uniform modulo
/// p; modulo 2^k the bound uses at most one bit, because the lowest may be all that leaks.
///
/// # Errors
///
/// The matrices do not fit together, or a relation was found in so few runs that chance could have
/// given it.
pub fn leaks<R: LocalRing>(ring: R, runs: Runs<'_>, entropy_bits: f64) -> Result<Search, Misfit> {
    let per_run = entropy_bits.min(ring.residue_bits());
    let system = System::of(ring, runs)?;
    let bound = |rank: usize, targets: usize| {
        (targets as f64).log2() - per_run * (system.rows.len() - rank) as f64
    };
    system.search(bound)
}

/// How runs of two classes were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Run i of one class and run i of the other agree in all that the coalition may know.
    Paired,
    /// Runs of both classes are independent, and what the coalition may know is the same in all.
    Fixed,
}

/// Searches an affine functional of the view with one value in each class, and not the same.
///
/// If the view does not depend on the class, labels may be exchanged within pairs, or permuted; the
/// functionals of a view of rank r give at most 2^r labellings.
///
/// # Errors
///
/// As for [`leaks`]; pairs need as many runs of one class as of the other.
pub fn separates<R: LocalRing>(
    ring: R,
    classes: [&[Vec<u128>]; 2],
    design: Design,
) -> Result<Search, Misfit> {
    let counts = classes.map(<[Vec<u128>]>::len);
    let labellings_bits = labelling_bits(counts, design)?;
    let view: Vec<Vec<u128>> = classes.concat();
    let label = |at: usize| vec![u128::from(at >= counts[0])];
    let targets: Vec<Vec<u128>> = (0..view.len()).map(label).collect();
    let system = System::of(ring, Runs { known: &[], view: &view, targets: &targets })?;
    system.search(|rank, _| rank as f64 - labellings_bits)
}

/// log2 of the number of labellings that are equally likely if the view is independent of them.
pub(super) fn labelling_bits(counts: [usize; 2], design: Design) -> Result<f64, Misfit> {
    match design {
        Design::Paired if counts[0] != counts[1] => Err(Misfit::Unpaired { counts }),
        Design::Paired => Ok(counts[0] as f64),
        Design::Fixed => {
            let total = counts[0] + counts[1];
            Ok(ln_binomial(total as u64, counts[0] as u64) / std::f64::consts::LN_2)
        }
    }
}

/// Rows `known | 1 | view | targets`: columns that reveal nothing come first, so that a relation
/// uses as few others as needed.
struct System<R> {
    ring: R,
    rows: Vec<Vec<u128>>,
    known: usize,
    view: usize,
    targets: usize,
}

impl<R: LocalRing> System<R> {
    fn of(ring: R, runs: Runs<'_>) -> Result<Self, Misfit> {
        let count = runs.view.len();
        let known = if runs.known.is_empty() { 0 } else { check_rows(runs.known, count)? };
        let view = check_rows(runs.view, count)?;
        let targets = check_rows(runs.targets, count)?;
        let row = |at: usize| {
            let known = runs.known.get(at).into_iter().flatten();
            let view = runs.view[at].iter().chain(&runs.targets[at]);
            known.chain([&1]).chain(view).map(|value| ring.reduce(*value)).collect()
        };
        Ok(System { ring, rows: (0..count).map(row).collect(), known, view, targets })
    }

    /// Columns of the matrix, without targets.
    fn width(&self) -> usize {
        self.known + 1 + self.view
    }

    /// The first rows in echelon form with some of the targets.
    fn echelon(&self, rows: usize, targets: &[usize]) -> Echelon<R> {
        let width = self.width();
        let row = |row: &Vec<u128>| {
            let targets = targets.iter().map(|target| row[width + target]);
            row[..width].iter().copied().chain(targets).collect()
        };
        Echelon::of(self.ring, self.rows[..rows].iter().map(row).collect(), width)
    }

    fn search(&self, log2_bound: impl Fn(usize, usize) -> f64) -> Result<Search, Misfit> {
        let (runs, width) = (self.rows.len(), self.width());
        let all: Vec<usize> = (0..self.targets).collect();
        // What a few rows refute is refuted; only survivors are worth the whole matrix.
        let few = self.echelon(runs.min(width + 16), &all);
        let left: Vec<usize> = all.iter().copied().filter(|t| few.solve(*t).is_some()).collect();
        let implied = self.implied(&left);
        let echelon = if left.is_empty() { few } else { self.echelon(runs, &left) };
        let mut relations = Vec::new();
        for (at, (target, implied)) in left.iter().zip(implied).enumerate() {
            let Some(solution) = echelon.solve(at) else { continue };
            if implied.is_none_or(|power| solution.power < power) {
                let coefficients = self.name(&solution.coefficients);
                relations.push(Relation { target: *target, power: solution.power, coefficients });
            }
        }
        let (rank, log2_false_positive) = (echelon.rank(), log2_bound(echelon.rank(), all.len()));
        if !relations.is_empty() && log2_false_positive > -REQUIRED_BITS {
            return Err(Misfit::TooFewRuns { runs, rank, log2_false_positive });
        }
        Ok(Search { runs, rank, log2_false_positive, relations })
    }

    /// The power with which each target follows from what the coalition may know, if it does.
    fn implied(&self, targets: &[usize]) -> Vec<Option<u32>> {
        let (from, width) = (self.width(), self.known + 1);
        let row = |row: &Vec<u128>| {
            let targets = targets.iter().map(|target| row[from + target]);
            row[..width].iter().copied().chain(targets).collect()
        };
        let echelon = Echelon::of(self.ring, self.rows.iter().map(row).collect(), width);
        (0..targets.len()).map(|at| echelon.solve(at).map(|solution| solution.power)).collect()
    }

    fn name(&self, coefficients: &[u128]) -> Vec<(Column, u128)> {
        let column = |at: usize| match at.checked_sub(self.known) {
            None => Column::Known(at),
            Some(0) => Column::One,
            Some(after) => Column::View(after - 1),
        };
        let nonzero = coefficients.iter().enumerate().filter(|(_, value)| **value != 0);
        nonzero.map(|(at, value)| (column(at), *value)).collect()
    }
}
