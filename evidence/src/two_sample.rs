//! Do sizes, counts, timings or aborts differ between runs with fixed and with random secrets?
//!
//! Welch's t-test sees means, Kolmogorov and Smirnov's test anything, Fisher's exact test an abort
//! more or less. No p-value is smaller than what the number of runs supports: of equally likely
//! splits of the pooled values into the two samples, two are extreme.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::contingency::{least_p_value, table};

/// Result of a test of two samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Welch's t, or the largest distance of the distribution functions.
    pub statistic: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// Welch, The generalization of Student's problem when several different population variances are
/// involved, 1947. Samples without spread and with equal means give 1, with different means the
/// least p-value there is. A sample of fewer than two values tests nothing.
///
/// With samples of equal size, the difference of two values of the same law is symmetric whatever
/// the law is, and then a self-normalised sum has no heavier tails than the normal law (Efron,
/// 1969): skewed values do not make the test accuse.
#[must_use]
pub fn welch(first: &[u64], second: &[u64]) -> Comparison {
    let all = || first.iter().chain(second);
    let (Some(least), true) = (all().min(), first.len().min(second.len()) >= 2) else {
        return Comparison { statistic: 0.0, p_value: 1.0 };
    };
    // Nanoseconds since the start are beyond 53 bits sooner than their differences.
    let [(mean, error, freedom), (other_mean, other_error, other_freedom)] =
        [first, second].map(|sample| moments(sample, *least));
    let floor = least_p_value(first.len(), second.len());
    let variance = error + other_error;
    if variance == 0.0 {
        let equal = mean == other_mean;
        let (statistic, p_value) = if equal { (0.0, 1.0) } else { (f64::INFINITY, floor) };
        return Comparison { statistic, p_value };
    }
    let statistic = (mean - other_mean) / variance.sqrt();
    let scale = error * error / freedom + other_error * other_error / other_freedom;
    let tail = StudentsT::new(0.0, 1.0, variance * variance / scale)
        .map_or(0.5, |law| law.sf(statistic.abs()));
    Comparison { statistic, p_value: (2.0 * tail).clamp(floor, 1.0) }
}

/// Mean above `origin`, squared standard error of the mean, and degrees of freedom.
fn moments(sample: &[u64], origin: u64) -> (f64, f64, f64) {
    let values = || sample.iter().map(|value| (value - origin) as f64);
    let count = sample.len() as f64;
    let mean = values().sum::<f64>() / count;
    let squares: f64 = values().map(|value| (value - mean) * (value - mean)).sum();
    (mean, squares / (count - 1.0) / count, count - 1.0)
}

/// The two-sample test of Kolmogorov and Smirnov with its exact p-value: the probability that a
/// random order of the pooled values takes the distribution functions as far apart. Ties make it
/// smaller than it says. Time grows with the product of the sizes.
#[must_use]
pub fn kolmogorov_smirnov(first: &[u64], second: &[u64]) -> Comparison {
    if first.is_empty() || second.is_empty() {
        return Comparison { statistic: 0.0, p_value: 1.0 };
    }
    let (n, m) = (first.len() as u64, second.len() as u64);
    let distance = largest_distance(first, second);
    let is_far = |i: u64, j: u64| (i * m).abs_diff(j * n) >= distance;
    // Entry j: the probability that a random path from (0, 0) to (i, j) got as far somewhere.
    let mut reached = vec![0.0f64; second.len() + 1];
    for i in 0..=n {
        for j in 0..=m {
            let at = j as usize;
            reached[at] = if is_far(i, j) {
                1.0
            } else if i + j == 0 {
                0.0
            } else {
                // The last step of a random path came from either side in these shares.
                let left = if j > 0 { reached[at - 1] } else { 0.0 };
                let below = if i > 0 { reached[at] } else { 0.0 };
                (i as f64 * below + j as f64 * left) / (i + j) as f64
            };
        }
    }
    let statistic = distance as f64 / (n * m) as f64;
    Comparison { statistic, p_value: reached[second.len()].min(1.0) }
}

/// The largest distance of the distribution functions, times both sizes.
fn largest_distance(first: &[u64], second: &[u64]) -> u64 {
    let (mut first, mut second) = (first.to_vec(), second.to_vec());
    first.sort_unstable();
    second.sort_unstable();
    let (n, m) = (first.len() as u64, second.len() as u64);
    let distance = |value: &u64| {
        let i = first.partition_point(|other| other <= value) as u64;
        let j = second.partition_point(|other| other <= value) as u64;
        (i * m).abs_diff(j * n)
    };
    first.iter().chain(&second).map(distance).max().unwrap_or(0)
}

/// Fisher's exact test of how often an event (an abort) happened in each of two classes of runs:
/// (events, runs); more events than runs count as all.
#[must_use]
pub fn events(first: (u64, u64), second: (u64, u64)) -> f64 {
    let row = |(events, runs): (u64, u64)| vec![events.min(runs), runs.saturating_sub(events)];
    table(&[row(first), row(second)]).p_value
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    /// Sums of squares 6880 and 3929.875 by hand, the tail of Student's law on 13.03 degrees of
    /// freedom by Simpson's rule.
    #[test]
    fn welch_agrees_with_a_calculation_by_hand() {
        let first = [275, 219, 215, 173, 196, 235, 206, 245];
        let second = [282, 271, 248, 230, 241, 302, 254, 249];
        let found = welch(&first, &second);
        let t = (220.5 - 259.625) / ((6880.0 + 3929.875) / 56.0f64).sqrt();
        assert!((found.statistic - t).abs() < 1e-12, "{found:?}, not {t}");
        assert!((found.p_value - 0.014_548_480_233_77).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn constants_are_equal_or_as_different_as_their_number_allows() {
        let (fives, sixes) = ([5u64; 20], [6u64; 20]);
        assert_eq!(welch(&fives, &fives).p_value, 1.0);
        assert_eq!(kolmogorov_smirnov(&fives, &fives).p_value, 1.0);
        for found in [welch(&fives, &sixes), kolmogorov_smirnov(&fives, &sixes)] {
            assert!((found.p_value * 137_846_528_820.0 / 2.0 - 1.0).abs() < 1e-9, "{found:?}");
        }
        let few = [welch(&fives[..3], &sixes[..3]), kolmogorov_smirnov(&fives[..3], &sixes[..3])];
        assert!(few.iter().all(|found| (found.p_value - 0.1).abs() < 1e-9), "{few:?}");
        assert!((welch(&[1, 1, 2], &[1 << 40; 3]).p_value - 0.1).abs() < 1e-9);
        assert_eq!(welch(&[1], &[2, 3]).p_value, 1.0);
        assert_eq!(kolmogorov_smirnov(&[], &[2, 3]).p_value, 1.0);
    }

    /// Against all 70 ways to deal eight values to two hands.
    #[test]
    fn kolmogorov_smirnov_is_exact() {
        let deal = |mask: u32| {
            let (a, b): (Vec<u64>, Vec<u64>) = (0..8).partition(|at| (mask >> at) & 1 == 1);
            (largest_distance(&a, &b), a, b)
        };
        let deals: Vec<_> = (0u32..256).filter(|mask| mask.count_ones() == 4).map(deal).collect();
        assert_eq!(deals.len(), 70);
        for (distance, a, b) in &deals {
            let as_far = deals.iter().filter(|other| other.0 >= *distance).count();
            let found = kolmogorov_smirnov(a, b);
            assert!((found.p_value - as_far as f64 / 70.0).abs() < 1e-12, "{a:?} {b:?} {found:?}");
        }
        let uneven = kolmogorov_smirnov(&[1, 2], &[3, 4, 5]);
        assert!((uneven.p_value - 0.2).abs() < 1e-12 && uneven.statistic == 1.0, "{uneven:?}");
    }

    /// Times of the same law are quiet in 20 blocks; a secret that delays by a fifth of their
    /// spread, or that makes them vary, is not.
    #[test]
    fn controls_are_told_apart() {
        for seed in 0..20 {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut sample = |from: u64, spread: u64| -> Vec<u64> {
                (0..1000).map(|_| from + rng.next_u64() % spread).collect()
            };
            let (fixed, random) = (sample(5_000_000, 1000), sample(5_000_000, 1000));
            let later = sample(5_000_200, 1000);
            let wider = sample(4_999_500, 2000);
            assert!(welch(&fixed, &random).p_value > 1e-4);
            assert!(kolmogorov_smirnov(&fixed, &random).p_value > 1e-4);
            assert!(welch(&fixed, &later).p_value < 1e-9);
            assert!(kolmogorov_smirnov(&fixed, &later).p_value < 1e-9);
            assert!(welch(&fixed, &wider).p_value > 1e-4, "the mean is the same");
            assert!(kolmogorov_smirnov(&fixed, &wider).p_value < 1e-9);
        }
    }

    /// A few huge values must not fool the t-test.
    #[test]
    fn rare_outliers_are_quiet() {
        for seed in 0..20 {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut sample = || -> Vec<u64> {
                let outlier = |draw: u32| if draw.is_multiple_of(200) { 1 << 30 } else { 0 };
                (0..500).map(|_| 100 + outlier(rng.next_u32())).collect()
            };
            let (fixed, random) = (sample(), sample());
            assert!(welch(&fixed, &random).p_value > 1e-4);
        }
    }

    #[test]
    fn selective_failure_shows_in_aborts() {
        assert!(events((0, 200), (100, 200)) < 1e-9);
        assert!(events((97, 200), (104, 200)) > 0.1);
        assert_eq!(events((0, 200), (0, 200)), 1.0);
        assert!((events((3, 4), (1, 4)) - 34.0 / 70.0).abs() < 1e-9);
    }
}
