//! Wall-clock times, which are random: a test, never a plain threshold.

use statrs::function::factorial::binomial;
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
    let least = |n: usize, m: usize| 1.0 / binomial((n + m) as u64, n as u64);
    if least(old.len(), new.len()) > level {
        let enough = (1..100).find(|n| least(*n, *n) <= level).unwrap_or(100);
        return WallTest::TooFew(format!(
            "{} and {} wall-clock times show nothing at level {}; {enough} of each would",
            old.len(),
            new.len(),
            probability(level),
        ));
    }
    let stretched = |times: &[u64], by: f64| -> Vec<f64> {
        times.iter().map(|time| *time as f64 * by).collect()
    };
    let exceeds = |times: &[u64], others: &[u64]| {
        let (x, y) = (stretched(times, 1.0), stretched(others, 1.0 + tolerance));
        let method = MannWhitneyUMethod::Automatic;
        mannwhitneyu(&x, &y, method, Alternative::Greater).map_or(1.0, |(_, p)| p)
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
