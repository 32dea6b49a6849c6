//! Exact intervals of a probability, and the verdict on soundness.
//!
//! Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the
//! binomial, 1934.

use statrs::function::beta::beta_reg;

/// Limits of a success probability; each is wrong with at most half the stated alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower limit; 0 without successes.
    pub low: f64,
    /// Upper limit; 1 without failures.
    pub high: f64,
}

/// What attempts at breaking soundness say about a theorem's bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Soundness {
    /// Attempts that succeeded.
    pub successes: u64,
    /// All attempts.
    pub trials: u64,
    /// The theorem's bound on the probability of success.
    pub bound: f64,
    /// Clopper-Pearson interval of the probability of success.
    pub interval: Interval,
    /// Probability of as many successes or more if the bound is exact.
    pub p_value: f64,
    /// Whether the lower limit exceeds the bound.
    pub is_violated: bool,
}

/// The interval that contains the success probability with at least 1 - alpha. More successes than
/// trials count as all; `alpha` lies between 0 and 1.
#[must_use]
pub fn clopper_pearson(successes: u64, trials: u64, alpha: f64) -> Interval {
    let successes = successes.min(trials);
    let at_least = |p: f64| at_least(successes, trials, p);
    // At most k successes is the complement of k + 1 or more.
    let at_most = |p: f64| at_least_complement(successes + 1, trials, p);
    Interval {
        low: if successes == 0 { 0.0 } else { bisect(|p| at_least(p) < alpha / 2.0) },
        high: if successes == trials { 1.0 } else { bisect(|p| at_most(p) > alpha / 2.0) },
    }
}

/// Judges a number of successful attacks against a theorem's bound, at level `alpha`.
#[must_use]
pub fn soundness(successes: u64, trials: u64, bound: f64, alpha: f64) -> Soundness {
    let interval = clopper_pearson(successes, trials, alpha);
    let p_value = at_least(successes, trials, bound);
    let is_violated = interval.low > bound;
    Soundness { successes, trials, bound, interval, p_value, is_violated }
}

/// Probability of `successes` or more in `trials`, each with probability `p`.
fn at_least(successes: u64, trials: u64, p: f64) -> f64 {
    if successes == 0 || p >= 1.0 {
        return 1.0;
    }
    if p <= 0.0 || successes > trials {
        return 0.0;
    }
    beta_reg(successes as f64, (trials - successes + 1) as f64, p)
}

/// `1 - at_least`, without its rounding.
fn at_least_complement(successes: u64, trials: u64, p: f64) -> f64 {
    at_least(trials + 1 - successes.min(trials + 1), trials, 1.0 - p)
}

/// The probability up to which the condition holds, to a relative error of 2^-60 from below. The
/// library's inverse of the beta function iterates from a start that suits no extreme level.
fn bisect(holds: impl Fn(f64) -> bool) -> f64 {
    let mut high = 1.0;
    // Halving first finds the exponent, so that tiny limits are as precise as others.
    while high > 1e-300 && !holds(high / 2.0) {
        high /= 2.0;
    }
    let mut low = high / 2.0;
    for _ in 0..60 {
        let middle = low + (high - low) / 2.0;
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;
    use statrs::function::factorial::ln_binomial;

    use super::*;

    /// The tail as a sum of its terms.
    fn tail(range: impl Iterator<Item = u64>, trials: u64, p: f64) -> f64 {
        let term = |k: u64| {
            let powers = k as f64 * p.ln() + (trials - k) as f64 * (-p).ln_1p();
            (ln_binomial(trials, k) + powers).exp()
        };
        range.map(term).sum()
    }

    /// Each limit is where the tail has half of alpha, at levels and sizes that batteries
    /// use; what is left to one has few digits where a limit is close to it.
    #[test]
    fn limits_solve_the_tail_equations() {
        for trials in [1, 10, 137, 10_000] {
            for successes in [0, 1, trials / 3, trials - 1, trials] {
                for alpha in [0.05, 1e-6, 1e-12] {
                    let Interval { low, high } = clopper_pearson(successes, trials, alpha);
                    let context = format!("{successes} of {trials} at {alpha}: {low} to {high}");
                    assert!(low <= high, "{context}");
                    if successes > 0 {
                        let upper = tail(successes..=trials, trials, low);
                        assert!((upper / (alpha / 2.0) - 1.0).abs() < 1e-6, "{context}: {upper}");
                    }
                    if successes < trials {
                        let lower = tail(0..=successes, trials, high);
                        let rounding = trials as f64 * f64::EPSILON / (1.0 - high);
                        let error = (lower / (alpha / 2.0) - 1.0).abs();
                        assert!(error < 1e-6 + rounding, "{context}: {lower}");
                    }
                }
            }
        }
    }

    #[test]
    fn limits_without_successes_or_failures_have_a_closed_form() {
        let (none, all) = (clopper_pearson(0, 20, 0.05), clopper_pearson(20, 20, 0.05));
        let edge = 1.0 - 0.025f64.powf(1.0 / 20.0);
        assert_eq!((none.low, all.high), (0.0, 1.0));
        assert!((none.high - edge).abs() < 1e-12 && (all.low - (1.0 - edge)).abs() < 1e-12);
        assert_eq!(clopper_pearson(0, 0, 0.05), Interval { low: 0.0, high: 1.0 });
        let one = clopper_pearson(1, 1_000_000, 1e-12);
        assert!((one.low / 0.5e-18 - 1.0).abs() < 1e-9, "{one:?}");
    }

    /// Limits that rational arithmetic gives.
    #[test]
    fn an_interval_agrees_with_rational_arithmetic() {
        let Interval { low, high } = clopper_pearson(4, 20, 0.05);
        assert!((low - 0.057_333_997_050_033).abs() < 1e-12, "{low}");
        assert!((high - 0.436_614_002_996_668).abs() < 1e-12, "{high}");
    }

    /// The control: an attack that succeeds as often as the theorem allows is quiet in 20 blocks of
    /// seeds, one that succeeds twice as often is flagged in each.
    #[test]
    fn only_a_rate_above_the_bound_is_a_violation() {
        let bound = 1.0 / 16.0;
        for seed in 0..20 {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let draws: Vec<u32> = (0..2000).map(|_| rng.next_u32() % 16).collect();
            let below = |limit| draws.iter().filter(|draw| **draw < limit).count() as u64;
            let exact = soundness(below(1), 2000, bound, 1e-6);
            assert!(!exact.is_violated && exact.p_value > 1e-4, "{exact:?}");
            let broken = soundness(below(2), 2000, bound, 1e-6);
            assert!(broken.is_violated && broken.p_value < 1e-6, "{broken:?}");
        }
        assert!(!soundness(0, 1000, 0.0, 1e-6).is_violated);
        assert!(soundness(1, 1000, 0.0, 1e-6).is_violated, "impossible by the theorem");
        assert!(!soundness(1000, 1000, 1.0, 1e-6).is_violated);
    }
}
