//! The mathematics behind verdicts on privacy, soundness and input independence: plain data in,
//! findings out.
//!
//! Nothing here knows protocols or the simulator. Tests whose answer is a p-value belong to a
//! family that is corrected by [`holm`], and count only if they repeat on fresh seeds; the linear
//! distinguishers ([`linear`], [`bits`]) state a bound of their own; [`exact`] and [`jacobian`]
//! decide. Whether parts of a view follow parts of a secret is asked in [`agreement`], whether view and
//! secret satisfy equations of degree two in [`polynomial`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

use thiserror::Error;

pub mod agreement;
pub mod bits;
pub mod contingency;
pub mod elimination;
pub mod exact;
pub mod holm;
pub mod independence;
pub mod interval;
pub mod jacobian;
pub mod linear;
pub mod masks;
pub mod polynomial;
pub mod prime;
pub mod sequential;
pub mod shape;
pub mod two_sample;
pub mod xors;

/// Level of a whole battery of tests: the probability that it accuses a protocol without cause.
pub const ALPHA: f64 = 1e-6;

/// Why data cannot be tested.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Misfit {
    /// Matrices of one test differ in their number of runs.
    #[error("{found} runs where there should be {expected}")]
    Runs {
        /// Rows that the view has.
        expected: usize,
        /// Rows of another matrix.
        found: usize,
    },
    /// A row is longer or shorter than the first: views are not of one shape.
    #[error("run {run} has {found} elements, the first run has {expected}")]
    Shape {
        /// The row.
        run: usize,
        /// Elements of the first row.
        expected: usize,
        /// Elements of this row.
        found: usize,
    },
    /// A paired design with classes of different size.
    #[error("{} runs cannot be paired with {}", counts[0], counts[1])]
    Unpaired {
        /// Runs per class.
        counts: [usize; 2],
    },
    /// A relation holds, but chance could have given it.
    #[error(
        "a relation of rank {rank} holds in all {runs} runs, which chance gives with probability up \
         to 2^{log2_false_positive:.1}"
    )]
    TooFewRuns {
        /// Runs.
        runs: usize,
        /// Independent columns.
        rank: usize,
        /// log2 of the bound.
        log2_false_positive: f64,
    },
}

/// The length that all rows share.
fn check_rows<T>(rows: &[Vec<T>], runs: usize) -> Result<usize, Misfit> {
    if rows.len() != runs {
        return Err(Misfit::Runs { expected: runs, found: rows.len() });
    }
    let expected = rows.first().map_or(0, Vec::len);
    match rows.iter().position(|row| row.len() != expected) {
        Some(run) => Err(Misfit::Shape { run, expected, found: rows[run].len() }),
        None => Ok(expected),
    }
}
