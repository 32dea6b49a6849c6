//! Are additive masks as wide as what they hide and a security parameter ask for, and is each used
//! once?
//!
//! A value below `2^k` under a uniform mask of `k + sigma` bits or more lies below `2^(k + sigma -
//! s)` with probability at most `2^-s`. If all of many do, with masks of their own, masks are `s`
//! bits too short, and an observer tells values apart with an advantage `2^s` times as large. The
//! difference to anything that is independent of the mask is as short with at most twice that
//! probability: to another masked value, shifted or not, and to what the observer drew itself.
//!
//! One place, such as the difference of two values of a run, is looked at in runs that are
//! independent. What it lacks in each is no more than a count of heads before tails, so that the sum
//! over all runs has a negative binomial tail, and the largest one a geometric tail.

use std::collections::BTreeMap;

use statrs::distribution::{Binomial, DiscreteCDF};

/// What masked values say of their masks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// Bits that every mask lacks.
    pub bits: u32,
    /// Masked values.
    pub values: u64,
    /// Probability that masks of full width look so short.
    pub p_value: f64,
}

/// Judges masked values, each with the bits that its mask ought to have; `None` of none.
#[must_use]
pub fn shortfall(masked: &[Masked]) -> Option<Shortfall> {
    let bits = masked.iter().map(|(width, value)| lacks(*width, *value)).min()?;
    let values = masked.len() as u64;
    Some(Shortfall { bits, values, p_value: (-(f64::from(bits) * values as f64)).exp2() })
}

/// A masked value of one run: bits that its mask ought to have, and the value.
pub type Masked = (u32, u128);

/// The place that lacks most bits, of many that were looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Short {
    /// The masked value.
    pub value: usize,
    /// What was taken off, if something was: another value, or a column.
    pub less: Option<usize>,
    /// By how many bits that was shifted to the left.
    pub shift: u32,
    /// Bits that it lacks, all runs together.
    pub lacks: u64,
    /// Independent runs.
    pub runs: u64,
    /// Places that were looked at.
    pub tried: u64,
    /// Probability that masks of full width, each used once, give any place as short.
    pub p_value: f64,
}

/// Bits by which a number falls short of a width.
fn lacks(width: u32, value: u128) -> u32 {
    width.saturating_sub(128 - value.leading_zeros())
}

/// The same of a difference, but for one bit: it has two signs.
fn lacks_apart(width: u32, value: u128, other: u128) -> u32 {
    lacks(width, value.abs_diff(other)).saturating_sub(1)
}

/// Probability that so many independent runs lack so much in all, and one of them so much.
fn tails(runs: u64, sum: u64, largest: u32) -> [f64; 2] {
    // As many heads before the last of `runs` tails.
    let sum = match Binomial::new(0.5, sum + runs.max(1) - 1) {
        Ok(law) if sum > 0 && runs > 0 => law.cdf(runs - 1),
        _ => 1.0,
    };
    [sum, (runs as f64 * (-f64::from(largest)).exp2()).min(1.0)]
}

/// Bits that one place has to lack in every run, so that among so many places it is seen at a level.
#[must_use]
pub fn detectable(runs: u64, places: u64, level: f64) -> u32 {
    let is_seen = |bits: &u32| {
        let [sum, _] = tails(runs, u64::from(*bits) * runs, *bits);
        2.0 * sum * places as f64 <= level
    };
    (1..128).find(is_seen).unwrap_or(128)
}

/// Collects the shortest place: in all runs together, and in one.
struct Shortest {
    runs: u64,
    tried: u64,
    in_all: (u64, Short),
    in_one: (u32, Short),
}

impl Shortest {
    fn of(runs: usize) -> Self {
        let runs = runs as u64;
        let none = Short { value: 0, less: None, shift: 0, lacks: 0, runs, tried: 0, p_value: 1.0 };
        Shortest { runs, tried: 0, in_all: (0, none), in_one: (0, none) }
    }

    fn offer(&mut self, (value, less, shift): (usize, Option<usize>, u32), lacks: &[u32]) {
        self.tried += 1;
        let sum = lacks.iter().map(|bits| u64::from(*bits)).sum();
        let largest = lacks.iter().copied().max().unwrap_or(0);
        let place = Short { value, less, shift, lacks: sum, ..self.in_all.1 };
        if sum > self.in_all.0 {
            self.in_all = (sum, place);
        }
        if largest > self.in_one.0 {
            self.in_one = (largest, place);
        }
    }

    fn finish(self) -> Option<Short> {
        let [sum, largest] = tails(self.runs, self.in_all.0, self.in_one.0);
        let (p_value, found) =
            if sum <= largest { (sum, self.in_all.1) } else { (largest, self.in_one.1) };
        // Two statistics of each place.
        let p_value = (2.0 * p_value * self.tried as f64).min(1.0);
        (self.tried > 0).then_some(Short { tried: self.tried, p_value, ..found })
    }
}

/// Places that all runs have.
fn width<T>(runs: &[Vec<T>]) -> usize {
    runs.iter().map(Vec::len).min().unwrap_or(0)
}

/// Judges the masked value of each place by itself.
#[must_use]
pub fn alone(runs: &[Vec<Masked>]) -> Option<Short> {
    let mut shortest = Shortest::of(runs.len());
    for value in 0..width(runs) {
        let of_run = |run: &Vec<Masked>| lacks(run[value].0, run[value].1);
        shortest.offer((value, None, 0), &runs.iter().map(of_run).collect::<Vec<_>>());
    }
    shortest.finish()
}

/// Judges differences of two values of a run, one of them shifted by `shifts` bits at most: under
/// one mask, or under multiples of one, they are short.
#[must_use]
pub fn in_pairs(runs: &[Vec<Masked>], shifts: u32) -> Option<Short> {
    let mut shortest = Shortest::of(runs.len());
    let (count, mut all) = (width(runs), Vec::with_capacity(runs.len()));
    for value in 0..count {
        for less in (0..count).filter(|less| *less != value) {
            // Without a shift the two places are one.
            for shift in u32::from(less > value)..=shifts {
                all.clear();
                all.extend(runs.iter().map(|run| off(run[value], run[less].1, shift)));
                shortest.offer((value, Some(less), shift), &all);
            }
        }
    }
    shortest.finish()
}

/// Judges values of all runs against the same of the first: masks of two runs are independent.
#[must_use]
pub fn across(runs: &[Vec<Masked>]) -> Option<Short> {
    let (first, others) = runs.split_first()?;
    let mut shortest = Shortest::of(others.len());
    for value in 0..width(runs) {
        let all = others.iter().map(|run| off(run[value], first[value].1, 0));
        shortest.offer((value, Some(value), 0), &all.collect::<Vec<_>>());
    }
    shortest.finish()
}

/// Judges values less what an observer drew itself, shifted by as many bits as may stand in front of
/// a mask's high part, `shifts` at most.
#[must_use]
pub fn less_own(runs: &[Vec<Masked>], own: &[Vec<u128>], shifts: u32) -> Option<Short> {
    let mut shortest = Shortest::of(runs.len());
    let (count, mut all) = (width(own), Vec::with_capacity(runs.len()));
    for value in 0..width(runs) {
        for less in 0..count {
            for shift in 0..=shifts {
                all.clear();
                let pairs = runs.iter().zip(own);
                all.extend(pairs.map(|(run, own)| off(run[value], own[less], shift)));
                shortest.offer((value, Some(less), shift), &all);
            }
        }
    }
    shortest.finish()
}

/// A place whose value has two parts that go together, of many that were looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tied {
    /// The masked value.
    pub value: usize,
    /// By how many bits the higher part lies above the lowest one, and how many bits parts have.
    pub shift: u32,
    /// Bits of each part.
    pub width: u32,
    /// Runs in which both parts differ by the same.
    pub often: u64,
    /// Independent runs, of equal inputs.
    pub runs: u64,
    /// Probability that parts of uniform masks give any place as often.
    pub p_value: f64,
}

/// Bits of a part at most.
const PART: u32 = 12;

/// Judges the lowest bits of each value against higher ones, in runs that hide the same: parts of a
/// uniform mask are independent, and those of a mask that is put together from one number twice
/// differ by what is hidden and a carry.
#[must_use]
pub fn within(runs: &[Vec<Masked>]) -> Option<Tied> {
    let (mut least, mut tried): (Option<Tied>, u64) = (None, 0);
    for value in 0..width(runs) {
        let whole = runs.iter().map(|run| run[value].0).min().unwrap_or(0);
        for shift in 1..whole {
            let width = shift.min(whole - shift).min(PART);
            let part = |number: u128| number & ((1 << width) - 1);
            let mut counts: BTreeMap<u128, u64> = BTreeMap::new();
            for run in runs {
                let number = run[value].1;
                let apart = part((number >> shift).wrapping_sub(number));
                *counts.entry(apart).or_default() += 1;
            }
            let (often, runs) = (counts.into_values().max().unwrap_or(0), runs.len() as u64);
            let chance = match Binomial::new((-f64::from(width)).exp2(), runs) {
                Ok(law) if often > 0 => law.sf(often - 1),
                _ => 1.0,
            };
            tried += 1;
            let p_value = chance * f64::from(width).exp2();
            if least.is_none_or(|least| p_value < least.p_value) {
                least = Some(Tied { value, shift, width, often, runs, p_value });
            }
        }
    }
    least.map(|least| Tied { p_value: (least.p_value * tried as f64).min(1.0), ..least })
}

/// What a value lacks when a shifted number is taken off; nothing where that has no room.
fn off((width, value): Masked, other: u128, shift: u32) -> u32 {
    if shift > other.leading_zeros() { 0 } else { lacks_apart(width, value, other << shift) }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    /// Values of eight bits under masks of so many bits more.
    fn masked(sigma: u32, seed: u64) -> Vec<(u32, u128)> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut value = || {
            let (secret, mask) = (rng.next_u64() & 255, rng.next_u64() >> (56 - sigma));
            (48, u128::from(secret) + u128::from(mask))
        };
        (0..40).map(|_| value()).collect()
    }

    #[test]
    fn a_mask_that_is_one_number_twice_is_seen() {
        let run = |seed, twice: bool| -> Vec<Masked> {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let (low, high) = (u128::from(rng.next_u64() & 15), u128::from(rng.next_u64() >> 24));
            let high = if twice { high << 4 | low } else { high };
            vec![(44, 11 + low + (high << 4))]
        };
        let runs = |twice| (0..40).map(|seed| run(seed, twice)).collect::<Vec<_>>();
        let found = within(&runs(true)).expect("values");
        assert!((found.shift, found.width) == (4, 4) && found.p_value < 1e-9, "{found:?}");
        let found = within(&runs(false)).expect("values");
        assert!(found.p_value > 0.01, "{found:?}");
        assert_eq!(within(&[]), None);
    }

    #[test]
    fn short_masks_are_told_from_full_ones() {
        for seed in 0..20 {
            assert_eq!(shortfall(&masked(40, seed)).unwrap().p_value, 1.0);
            for sigma in [12, 8, 4] {
                let found = shortfall(&masked(sigma, seed)).unwrap();
                assert!(found.bits >= 39 - sigma && found.p_value < 1e-100, "{found:?}");
            }
        }
        assert_eq!(shortfall(&[]), None);
        let one = shortfall(&[(10, 255)]).unwrap();
        assert_eq!((one.bits, one.p_value), (2, 0.25));
    }

    /// Runs of four values of eight bits under masks of 48 bits, as `mask` has them.
    fn runs(seed: u64, mask: impl Fn(usize, &mut ChaCha20Rng) -> u128) -> Vec<Vec<Masked>> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut run = |_| {
            let mut own = ChaCha20Rng::seed_from_u64(rng.next_u64());
            let mut value = |at| (48, u128::from(rng.next_u64() & 255) + mask(at, &mut own));
            (0..4).map(&mut value).collect()
        };
        (0..40).map(&mut run).collect()
    }

    fn fresh(rng: &mut ChaCha20Rng) -> u128 {
        u128::from(rng.next_u64() >> 16)
    }

    #[test]
    fn masks_of_their_own_are_quiet_wherever_one_looks() {
        for seed in 0..20 {
            let sound = runs(seed, |_, rng| fresh(rng));
            let own: Vec<Vec<u128>> = runs(100 + seed, |_, rng| fresh(rng) >> 8)
                .iter()
                .map(|run| run.iter().map(|(_, value)| *value).collect())
                .collect();
            let found =
                [alone(&sound), in_pairs(&sound, 16), across(&sound), less_own(&sound, &own, 16)];
            for found in found {
                assert!(found.unwrap().p_value > 1e-3, "{found:?}");
            }
        }
    }

    #[test]
    fn masks_that_repeat_are_found_in_differences() {
        for seed in 0..20 {
            // The third value has the mask of the second, eight times as large.
            let mask = |at: usize, rng: &mut ChaCha20Rng| match at {
                1 => fresh(&mut rng.clone()) >> 3,
                2 => fresh(rng) & !7,
                _ => fresh(rng),
            };
            let found = in_pairs(&runs(seed, mask), 16).unwrap();
            assert_eq!((found.value, found.less, found.shift), (2, Some(1), 3), "{found:?}");
            assert!(found.p_value < 1e-100, "{found:?}");
            let constant = runs(seed, |at, rng| if at == 3 { 1 << 47 } else { fresh(rng) });
            let found = across(&constant).unwrap();
            assert!(found.value == 3 && found.p_value < 1e-100, "{found:?}");
            assert!(in_pairs(&constant, 16).unwrap().p_value > 1e-3);
        }
    }

    /// One value of four is masked by what the observer drew, in one run of eight.
    #[test]
    fn what_an_observer_drew_is_taken_off() {
        for seed in 0..20 {
            let mut masked = runs(seed, |_, rng| fresh(rng));
            let mut rng = ChaCha20Rng::seed_from_u64(1000 + seed);
            let own: Vec<Vec<u128>> =
                (0..40).map(|_| (0..3).map(|_| fresh(&mut rng) >> 4).collect()).collect();
            for (run, own) in masked.iter_mut().zip(&own).step_by(8) {
                run[1].1 = (own[2] << 4) + 77;
            }
            let found = less_own(&masked, &own, 8).unwrap();
            assert_eq!((found.value, found.less, found.shift), (1, Some(2), 4), "{found:?}");
            assert!(found.p_value < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn what_can_be_seen_shrinks_with_more_runs() {
        assert_eq!(detectable(40, 1, 1e-6), 3);
        assert!((4..7).contains(&detectable(40, 60_000, 1e-9)));
        assert!((14..22).contains(&detectable(4, 60_000, 1e-9)));
        // Forty tails have forty heads before them, as often as not.
        let [sum, largest] = tails(40, 40, 0);
        assert!((0.4..0.6).contains(&sum) && largest == 1.0);
    }
}
