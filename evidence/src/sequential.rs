//! Does something happen more often in one of two classes of paired runs? Pairs are added while
//! suspicion grows.
//!
//! Both runs of a pair share their randomness, and pairs are independent. Where the event is as
//! likely in both classes, a pair in which it happens once has it in either class with probability
//! one half, however the runs of a pair depend on each other. The mixture of likelihood ratios over
//! all other probabilities is a martingale, and whoever looks at it after each pair and stops at
//! will is fooled with probability at most one over what it reaches (Ville, 1939; Robbins, 1970).

use statrs::function::factorial::ln_factorial;

/// Pairs in which an event happened in one class alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Discordance {
    /// By class.
    pub counts: [u64; 2],
    /// Pairs in all.
    pub pairs: u64,
    /// Natural logarithm of the largest evidence so far.
    most: f64,
}

impl Discordance {
    /// Adds a pair: whether the event happened in the run of each class.
    pub fn add(&mut self, happened: [bool; 2]) {
        self.pairs += 1;
        for class in [0, 1] {
            let alone = happened[class] && !happened[1 - class];
            self.counts[class] += u64::from(alone);
        }
        self.most = self.most.max(self.ln_evidence());
    }

    /// Natural logarithm of the evidence against equal probabilities: `2^n a! b! / (n + 1)!`.
    #[must_use]
    pub fn ln_evidence(&self) -> f64 {
        let [a, b] = self.counts;
        let n = a + b;
        n as f64 * std::f64::consts::LN_2 + ln_factorial(a) + ln_factorial(b) - ln_factorial(n + 1)
    }

    /// Valid whenever one stops.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        (-self.most).exp().min(1.0)
    }
}

/// How many pairs have to differ, all in the same direction, for a p-value of `alpha`.
#[must_use]
pub fn needed(alpha: f64) -> u64 {
    let reaches = |pairs: &u64| {
        let all = Discordance { counts: [*pairs, 0], pairs: *pairs, most: 0.0 };
        all.ln_evidence() >= -alpha.ln()
    };
    (1..2000).find(reaches).unwrap_or(2000)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    #[test]
    fn evidence_is_that_of_the_formula() {
        let mut found = Discordance::default();
        for happened in [[true, false], [true, true], [false, false], [true, false]] {
            found.add(happened);
        }
        // 2^2 * 2! * 0! / 3!
        assert!((found.ln_evidence() - (4.0f64 / 3.0).ln()).abs() < 1e-12);
        assert_eq!((found.counts, found.pairs), ([2, 0], 4));
        assert!((found.p_value() - 0.75).abs() < 1e-12);
        // 2^25 / 26 is beyond 10^6 and 2^24 / 25 short of it; 2^29 / 30 and 2^28 / 29 of 10^7.
        assert_eq!(needed(1e-6), 25);
        assert_eq!(needed(1e-7), 29);
    }

    /// Whoever stops at the best moment is fooled no more often than the level says.
    #[test]
    fn looking_after_each_pair_keeps_the_level() {
        let fooled = (0..4000u64).filter(|seed| {
            let mut rng = ChaCha20Rng::seed_from_u64(*seed);
            let mut found = Discordance::default();
            for _ in 0..200 {
                let coins = rng.next_u32();
                found.add([coins & 1 == 1, coins & 2 == 2]);
            }
            found.p_value() <= 0.05
        });
        let fooled = fooled.count();
        assert!((10..=200).contains(&fooled), "{fooled} of 4000 at 5 %");
    }

    #[test]
    fn an_event_of_one_class_in_sixteen_runs_is_found() {
        for seed in 0..20 {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut found = Discordance::default();
            while found.p_value() > 1e-6 && found.pairs < 2000 {
                found.add([rng.next_u32().is_multiple_of(16), false]);
            }
            assert!(found.p_value() <= 1e-6 && found.pairs < 1000, "{found:?}");
        }
    }
}
