//! Does a part of a view follow a part of a secret? All bits of all elements against all bits of
//! the secret, residues against residues, whole values against values.
//!
//! In each run a fair coin, which nothing else depends on, chose one of two secrets that the
//! observer may not tell apart. A part of the view that takes the side of the secret that was used
//! in more (or fewer) than half of the runs in which it takes a side follows it; how often it would
//! by chance is a binomial law, exactly. The least p-value of many counts as often as there were.

use statrs::distribution::{Binomial, DiscreteCDF};

/// A secret in one run: that which was used, and that which was not.
pub type Choice = [u128; 2];

/// The strongest agreement among many that were looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Which secret.
    pub secret: usize,
    /// Column of the view.
    pub column: usize,
    /// What of it: a bit's place, or a modulus.
    pub part: u128,
    /// Bit of the secret, or the residue by which column and secret differ.
    pub of_secret: u128,
    /// Runs in which it takes the side of the secret that was used.
    pub with: u64,
    /// Runs in which it takes a side.
    pub sides: u64,
    /// Probability that chance gives any as strong.
    pub p_value: f64,
    /// How many were looked at.
    pub tried: u64,
}

/// Collects the strongest.
#[derive(Default)]
struct Strongest {
    best: Option<(f64, Agreement)>,
    tried: u64,
}

impl Strongest {
    /// A place: secret, column, part of the column, part of the secret.
    fn offer(&mut self, place: (usize, usize, u128, u128), with: u64, sides: u64) {
        self.tried += 1;
        // Chernoff's exponent decides which is worth an exact tail.
        let score = exponent(with, sides);
        if self.best.as_ref().is_some_and(|(best, _)| *best >= score) {
            return;
        }
        let (secret, column, part, of_secret) = place;
        let found =
            Agreement { secret, column, part, of_secret, with, sides, p_value: 1.0, tried: 0 };
        self.best = Some((score, found));
    }

    fn finish(self) -> Option<Agreement> {
        let (_, found) = self.best?;
        let p_value = (two_sided(found.with, found.sides) * self.tried as f64).min(1.0);
        Some(Agreement { p_value, tried: self.tried, ..found })
    }
}

/// The logarithm of Chernoff's bound on the tail of a fair coin, negated.
fn exponent(with: u64, sides: u64) -> f64 {
    let part = |count: u64| {
        let share = count as f64 / (sides as f64).max(1.0);
        if count == 0 { 0.0 } else { count as f64 * (2.0 * share).ln() }
    };
    part(with) + part(sides - with)
}

/// Probability of a count as far from half of `sides` if each side is a fair coin.
#[must_use]
pub fn two_sided(with: u64, sides: u64) -> f64 {
    let most = with.max(sides.saturating_sub(with));
    let tail = match (Binomial::new(0.5, sides), most) {
        (Ok(law), 1..) => law.sf(most - 1),
        _ => 1.0,
    };
    (2.0 * tail).min(1.0)
}

/// The least share of runs, one half and more, that takes the side of a secret and is noticed nine
/// times in ten at this level, if as many are looked at.
#[must_use]
pub fn detectable(runs: u64, tried: u64, level: f64) -> f64 {
    let deviations = (2.0 * (2.0 * tried.max(1) as f64 / level).ln()).sqrt() + 1.29;
    (0.5 + deviations / (2.0 * (runs.max(1) as f64).sqrt())).min(1.0)
}

/// Bits of a column over all runs, a run a bit.
fn slices(values: &[u128], width: u32) -> Vec<Vec<u64>> {
    let words = values.len().div_ceil(64);
    let mut planes = vec![vec![0u64; words]; width as usize];
    for (run, value) in values.iter().enumerate() {
        let mut rest = *value;
        while rest != 0 {
            let bit = rest.trailing_zeros();
            rest &= rest - 1;
            if let Some(plane) = planes.get_mut(bit as usize) {
                plane[run / 64] |= 1 << (run % 64);
            }
        }
    }
    planes
}

fn width(values: impl Iterator<Item = u128>) -> u32 {
    128 - values.fold(0, |all, value| all | value).leading_zeros()
}

/// Every bit of every column against every bit of the secrets, and exclusive ors of the lowest bits
/// of two columns.
#[must_use]
pub fn planes(columns: &[Vec<u128>], secrets: &[Vec<Choice>]) -> Option<Agreement> {
    let labels: Vec<Label> = secrets.iter().enumerate().flat_map(labels).collect();
    let mut strongest = Strongest::default();
    let mut offer = |column: usize, bit: usize, plane: &[u64]| {
        for label in &labels {
            let words = plane.iter().zip(&label.used).zip(&label.moved);
            let agree = words.map(|((p, l), m)| u64::from((!(p ^ l) & m).count_ones())).sum();
            let place = (label.secret, column, bit as u128, label.bit as u128);
            strongest.offer(place, agree, label.sides);
        }
    };
    let mut lowest: Vec<(usize, Vec<u64>)> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let all = slices(column, width(column.iter().copied()));
        all.iter().enumerate().for_each(|(bit, plane)| offer(at, bit, plane));
        lowest.extend(all.into_iter().next().map(|plane| (at, plane)));
    }
    let few = &lowest[..lowest.len().min(PAIRED)];
    for (i, (at, first)) in few.iter().enumerate() {
        for (_, second) in &few[i + 1..] {
            let both: Vec<u64> = first.iter().zip(second).map(|(a, b)| a ^ b).collect();
            offer(*at, 0, &both);
        }
    }
    strongest.finish()
}

/// Columns whose lowest bits are combined.
const PAIRED: usize = 48;

/// One bit of a secret over all runs.
struct Label {
    secret: usize,
    bit: usize,
    /// The bit of what was used.
    used: Vec<u64>,
    /// Whether the other choice has the other bit.
    moved: Vec<u64>,
    sides: u64,
}

fn labels((secret, choices): (usize, &Vec<Choice>)) -> Vec<Label> {
    let bits = width(choices.iter().map(|[used, other]| used ^ other));
    let used: Vec<u128> = choices.iter().map(|[used, _]| *used).collect();
    let moved: Vec<u128> = choices.iter().map(|[used, other]| used ^ other).collect();
    let all = slices(&used, bits).into_iter().zip(slices(&moved, bits)).enumerate();
    let label = |(bit, (used, moved)): (usize, (Vec<u64>, Vec<u64>))| {
        let sides = moved.iter().map(|word| u64::from(word.count_ones())).sum();
        Label { secret, bit, used, moved, sides }
    };
    all.map(label).collect()
}

/// Columns against the secrets modulo small primes and as whole values: their difference, or their
/// sum, takes one value more often with the secret that was used than with the other.
#[must_use]
pub fn residues(
    columns: &[Vec<u128>],
    secrets: &[Vec<Choice>],
    moduli: &[u8],
) -> Option<Agreement> {
    let cut = |modulus: u8| {
        move |value: &u128| u16::try_from(value % u128::from(modulus)).unwrap_or_default()
    };
    let mut strongest = Strongest::default();
    for modulus in moduli {
        let of = cut(*modulus);
        let small = |choices: &Vec<Choice>| -> Vec<[u16; 2]> {
            choices.iter().map(|choice| [of(&choice[0]), of(&choice[1])]).collect()
        };
        let secrets: Vec<Vec<[u16; 2]>> = secrets.iter().map(small).collect();
        for (at, column) in columns.iter().enumerate() {
            let column: Vec<u16> = column.iter().map(&of).collect();
            for (which, secret) in secrets.iter().enumerate() {
                for sign in [1, u16::from(*modulus) - 1] {
                    let apart = differences(&column, secret, u16::from(*modulus), sign);
                    for (residue, [with, against]) in apart.into_iter().enumerate() {
                        let place = (which, at, u128::from(*modulus), residue as u128);
                        strongest.offer(place, with, with + against);
                    }
                }
            }
        }
    }
    for (at, column) in columns.iter().enumerate() {
        for (which, secret) in secrets.iter().enumerate() {
            let moved = || column.iter().zip(secret).filter(|(_, [used, other])| used != other);
            let with = moved().filter(|(value, choice)| **value == choice[0]).count() as u64;
            let against = moved().filter(|(value, choice)| **value == choice[1]).count() as u64;
            strongest.offer((which, at, 0, 0), with, with + against);
        }
    }
    strongest.finish()
}

/// How often a column plus `sign` times the secret takes each residue, with the secret that was
/// used and with the other, where these differ.
fn differences(column: &[u16], secret: &[[u16; 2]], modulus: u16, sign: u16) -> Vec<[u64; 2]> {
    let mut counts = vec![[0u64; 2]; usize::from(modulus)];
    for (value, [used, other]) in column.iter().zip(secret).filter(|(_, [a, b])| a != b) {
        counts[usize::from((value + sign * used) % modulus)][0] += 1;
        counts[usize::from((value + sign * other) % modulus)][1] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    const RUNS: usize = 400;
    const PRIMES: [u8; 6] = [2, 3, 5, 7, 11, 13];

    fn number(rng: &mut ChaCha20Rng) -> u128 {
        u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
    }

    /// Secrets of eight bits, and columns of 61 bits.
    fn sample(seed: u64) -> (Vec<Choice>, Vec<Vec<u128>>) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let secret = (0..RUNS).map(|_| [number(&mut rng) & 255, number(&mut rng) & 255]).collect();
        let column = |_| (0..RUNS).map(|_| number(&mut rng) >> 67).collect();
        (secret, (0..20).map(column).collect())
    }

    #[test]
    fn views_that_follow_nothing_are_quiet() {
        for seed in 0..20 {
            let (secret, columns) = sample(seed);
            let secrets = [secret];
            let found = [planes(&columns, &secrets), residues(&columns, &secrets, &PRIMES)];
            for found in found.into_iter().flatten() {
                assert!(found.p_value > 1e-4 && found.tried > 1000, "{found:?}");
            }
        }
    }

    #[test]
    fn a_bit_that_equals_a_secrets_is_found_at_every_place() {
        for bit in 0..64 {
            let (secret, mut columns) = sample(bit);
            for (value, [used, _]) in columns[7].iter_mut().zip(&secret) {
                *value = *value & !(1 << bit) | (used >> 3 & 1) << bit;
            }
            let found = planes(&columns, &[secret]).unwrap();
            assert_eq!((found.column, found.part, found.of_secret), (7, bit.into(), 3));
            assert!(found.p_value < 1e-12 && found.with == found.sides, "{found:?}");
        }
    }

    /// Shares of Shamir's scheme at a point that coefficients too short leave visible modulo the
    /// point.
    #[test]
    fn short_coefficients_show_modulo_the_point() {
        for bits in [64, 24, 20] {
            for point in [3, 5] {
                let (secret, mut columns) = sample(bits);
                let mut rng = ChaCha20Rng::seed_from_u64(bits);
                for (value, [used, _]) in columns[4].iter_mut().zip(&secret) {
                    *value = used + point * (number(&mut rng) >> (128 - bits));
                }
                let found = residues(&columns, &[secret], &PRIMES).unwrap();
                assert_eq!((found.column, found.part, found.of_secret), (4, point, 0));
                assert!(found.p_value < 1e-12, "{found:?}");
            }
        }
    }

    /// Products of replicated shares modulo 2^64 without a sharing of zero: who knows two of three
    /// shares sees `x1 y1 + x1 y2 + x2 y1`.
    #[test]
    fn products_of_replicated_shares_without_zero_sharing_are_found() {
        for seed in 0..5 {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let (mut secret, mut columns) = (Vec::new(), vec![Vec::new(); 12]);
            for _ in 0..2400 {
                let mut word = || rng.next_u64();
                let [used, other] = [word() & 255, word() & 255];
                let (y, [x0, x1, x2, y0, y1]) = (used, [0; 5].map(|_: u64| word()));
                let y2 = y.wrapping_sub(y0).wrapping_sub(y1);
                let sum = x1.wrapping_mul(y1).wrapping_add(x1.wrapping_mul(y2));
                let seen = [x0, x1, y0, y1, sum.wrapping_add(x2.wrapping_mul(y1))];
                let noise: Vec<u64> = (0..7).map(|_| word()).collect();
                let all = seen.into_iter().chain(noise).zip(&mut columns);
                all.for_each(|(value, column)| column.push(u128::from(value)));
                secret.push([u128::from(used), u128::from(other)]);
            }
            let found = planes(&columns, &[secret]).unwrap();
            assert!(found.p_value < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn a_secret_said_aloud_in_one_of_sixteen_runs_is_found() {
        for seed in 0..10 {
            let (secret, mut columns) = sample(seed);
            let runs = columns[9].iter_mut().zip(&secret);
            runs.step_by(16).for_each(|(value, [used, _])| *value = *used);
            let found = residues(&columns, &[secret], &[]).unwrap();
            assert_eq!((found.column, found.part), (9, 0));
            assert!(found.p_value < 1e-5 && found.with == found.sides, "{found:?}");
        }
    }

    #[test]
    fn what_is_detectable_is_detected() {
        assert!((two_sided(8, 10) - 112.0 / 1024.0).abs() < 1e-12);
        assert_eq!((two_sided(5, 10), two_sided(0, 0)), (1.0, 1.0));
        let share = detectable(1200, 100_000, 1e-7);
        assert!((0.6..0.65).contains(&share), "{share}");
        assert!(two_sided((1200.0 * share) as u64, 1200) * 1e5 < 1e-7);
    }
}
