//! Wall-clock times, which are random: a test, never a plain threshold.

use statrs::stats_tests::Alternative;
use statrs::stats_tests::mannwhitneyu::{MannWhitneyUMethod, mannwhitneyu};

use crate::units::probability;

/// Probability that any of the tests of one comparison finds a change where there is none.
pub const LEVEL: f64 = 1e-3;

/// What a test of two samples of wall-clock times says.
#[derive(Clone, Debug, PartialEq)]
pub enum WallTest {
    /// Slower by more than the tolerance, with this p-value.
    Slower(f64),
    /// Faster by more than the tolerance, with this p-value.
    Faster(f64),
    /// Neither.
    Equal,
    /// The samples are too small to show anything.
    TooFew(String),
}

/// Holds times now against times before: are they longer, or shorter, by more than `tolerance`?
///
/// Mann and Whitney's test (Annals of Mathematical Statistics 18, 1947) of the times, those on one
/// side stretched by the tolerance; one-sided, both ways. `tests` is how many are made, and each
/// gets its share of [`LEVEL`].
#[must_use]
pub fn wall_test(old: &[u64], new: &[u64], tolerance: f64, tests: usize) -> WallTest {
    let level = LEVEL / 2.0 / tests.max(1) as f64;
    if least(old.len(), new.len()) > level {
        let enough = (1..100).find(|n| least(*n, *n) <= level).unwrap_or(100);
        return WallTest::TooFew(format!(
            "{} and {} wall-clock times show nothing at level {}; {enough} of each would",
            old.len(),
            new.len(),
            probability(level),
        ));
    }
    let stretched =
        |times: &[u64], by: f64| times.iter().map(|time| *time as f64 * by).collect::<Vec<f64>>();
    let exceeds = |times: &[u64], others: &[u64]| {
        p_value(&stretched(times, 1.0), &stretched(others, 1.0 + tolerance))
    };
    let (slower, faster) = (exceeds(new, old), exceeds(old, new));
    if slower <= level {
        WallTest::Slower(slower)
    } else if faster <= level {
        WallTest::Faster(faster)
    } else {
        WallTest::Equal
    }
}

/// That the values are not larger than the others. By the normal law, which in the tail says more
/// than the exact one; the library's exact p-value is that of the other side where `values` are the
/// fewer.
fn p_value(values: &[f64], others: &[f64]) -> f64 {
    let method = MannWhitneyUMethod::AsymptoticInclContinuityCorrection;
    mannwhitneyu(values, others, method, Alternative::Greater).map_or(1.0, |(_, p)| p)
}

/// The p-value of samples of this size that do not overlap: there is no smaller one.
fn least(n: usize, m: usize) -> f64 {
    let apart = |count: usize, from: f64| (0..count).map(|at| from + at as f64).collect::<Vec<_>>();
    p_value(&apart(n, m as f64), &apart(m, 0.0))
}
