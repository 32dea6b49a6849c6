//! Is there an equation of degree two between a view and the secrets that were used, which other
//! secrets do not satisfy?
//!
//! Randomness that is used twice cancels in a difference, and what is left is often a product: of a
//! share that the observer has and a secret, of a challenge and a difference. Functionals that are
//! linear in the view miss it. Equations are taken from some runs: all that are linear in the
//! secrets and quadratic in the view. In others they are tried: in each run a fair coin, which
//! nothing else depends on, chose one of two secrets. How often an equation holds for the one that
//! was used and not for the other, among runs in which it tells them apart, is a binomial law
//! whatever the view is, if that does not depend on the coin.

use super::agreement::two_sided;
use super::elimination::{Echelon, LocalRing};

/// Runs for trying beyond those that equations are taken from.
pub const LEAST_TRIALS: usize = 64;
/// Runs that equations are taken from, beyond their number of terms.
const SPARE: usize = 24;

/// The equation that tells secrets apart best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// Runs in which it holds for the secrets that were used alone.
    pub with: u64,
    /// Runs in which it tells both apart.
    pub sides: u64,
    /// Equations that were tried.
    pub equations: u64,
    /// Probability that chance gives any as one-sided.
    pub p_value: f64,
}

/// Terms of equations in so many columns and secrets.
#[must_use]
pub fn terms(columns: usize, secrets: usize) -> usize {
    (1 + secrets) * (1 + columns) + columns * (columns + 1) / 2
}

/// Columns that so many runs are enough for, with so many secrets.
#[must_use]
pub fn affordable(runs: usize, secrets: usize, most: usize) -> usize {
    let fits = |columns: &usize| terms(*columns, secrets) + SPARE + LEAST_TRIALS <= runs;
    (1..=most).rev().find(fits).unwrap_or(0)
}

/// Searches equations between views and secrets, of which each run has those that were used and
/// those that were not; `None` if there are too few runs. Entries have to be canonical.
#[must_use]
pub fn tell<R: LocalRing>(ring: R, view: &[Vec<u128>], secrets: &[[Vec<u128>; 2]]) -> Option<Told> {
    let (columns, count) = (view.first()?.len(), secrets.first()?[0].len());
    let width = terms(columns, count);
    let training = width + SPARE;
    if view.len().min(secrets.len()) < training + LEAST_TRIALS {
        return None;
    }
    let rows = view.iter().zip(secrets).map(|(view, [used, _])| monomials(ring, view, used));
    let echelon = Echelon::of(ring, rows.take(training).collect(), width);
    let first = width - count * (1 + columns);
    let equations: Vec<(usize, Vec<u128>)> =
        (first..width).filter_map(|at| Some((at, echelon.dependence(at)?))).collect();
    let mut counts = vec![[0u64; 2]; equations.len()];
    for (view, [used, other]) in view.iter().zip(secrets).skip(training) {
        let [used, other] = [used, other].map(|secrets| monomials(ring, view, secrets));
        for ((at, equation), counts) in equations.iter().zip(&mut counts) {
            let holds = |row: &[u128]| value(ring, equation, row) == row[*at];
            match [holds(&used), holds(&other)] {
                [true, false] => counts[0] += 1,
                [false, true] => counts[1] += 1,
                _ => {}
            }
        }
    }
    let told = |[with, against]: &[u64; 2]| {
        let p_value = two_sided(*with, with + against) * equations.len() as f64;
        let (with, sides, equations) = (*with, with + against, equations.len() as u64);
        Told { with, sides, equations, p_value: p_value.min(1.0) }
    };
    let none = Told { with: 0, sides: 0, equations: 0, p_value: 1.0 };
    let best = counts.iter().map(told).min_by(|a, b| a.p_value.total_cmp(&b.p_value));
    Some(best.unwrap_or(none))
}

/// Products of at most two columns, and then of a secret and at most one column.
fn monomials<R: LocalRing>(ring: R, view: &[u128], secrets: &[u128]) -> Vec<u128> {
    let mut all = Vec::with_capacity(terms(view.len(), secrets.len()));
    all.push(ring.reduce(1));
    all.extend(view);
    for (at, first) in view.iter().enumerate() {
        all.extend(view[at..].iter().map(|second| ring.mul(*first, *second)));
    }
    for secret in secrets {
        all.push(*secret);
        all.extend(view.iter().map(|value| ring.mul(*secret, *value)));
    }
    all
}

fn value<R: LocalRing>(ring: R, coefficients: &[u128], row: &[u128]) -> u128 {
    let terms = coefficients.iter().zip(row).filter(|(coefficient, _)| **coefficient != 0);
    terms.fold(0, |sum, (coefficient, entry)| ring.add(sum, ring.mul(*coefficient, *entry)))
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::super::elimination::PowerOfTwo;
    use super::super::prime::Prime;
    use super::*;

    const RUNS: usize = 400;

    fn number<R: LocalRing>(ring: R, rng: &mut ChaCha20Rng) -> u128 {
        ring.reduce(u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64()))
    }

    /// Views of replicated products: shares that the observer has, and what it is told of two
    /// products under masks that are one or two.
    fn products<R: LocalRing>(ring: R, is_repeated: bool, seed: u64) -> Option<Told> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let (mut views, mut all) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let mut small = || (0..4).map(|_| u128::from(rng.next_u64() & 255)).collect();
            let [used, other]: [Vec<u128>; 2] = [small(), small()];
            let mut mask = number(ring, &mut rng);
            let mut view = Vec::new();
            for secrets in used.chunks(2) {
                // Shares 1 and 2 of both factors are seen, the third is what remains.
                let shares = [0, 1].map(|factor| {
                    let [one, two] = [0; 2].map(|_| number(ring, &mut rng));
                    let three = ring.sub(ring.sub(ring.reduce(secrets[factor]), one), two);
                    view.extend([one, two]);
                    [two, three]
                });
                let [[x2, x3], [y2, y3]] = shares;
                let terms = [ring.mul(x2, y2), ring.mul(x2, y3), ring.mul(x3, y2), mask];
                view.push(terms.into_iter().fold(0, |sum, term| ring.add(sum, term)));
                if !is_repeated {
                    mask = number(ring, &mut rng);
                }
            }
            views.push(view);
            all.push([used, other]);
        }
        tell(ring, &views, &all)
    }

    fn of_ring<R: LocalRing>(ring: R) {
        for seed in 0..10 {
            let found = products(ring, true, seed).unwrap();
            assert!(found.p_value < 1e-15 && found.with == found.sides, "{found:?}");
            let quiet = products(ring, false, seed).unwrap();
            assert!(quiet.p_value > 1e-3, "{quiet:?}");
        }
    }

    #[test]
    fn masks_of_products_that_repeat_are_found_and_others_are_not() {
        of_ring(Prime::new((1 << 61) - 1).unwrap());
        of_ring(PowerOfTwo::new(64).unwrap());
        of_ring(PowerOfTwo::new(128).unwrap());
    }

    /// A challenge times a secret, plus a mask that is used for two secrets.
    #[test]
    fn what_is_divided_by_a_challenge_is_found() {
        let ring = Prime::new((1 << 61) - 1).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (mut views, mut all) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let mut small = || (0..2).map(|_| u128::from(rng.next_u64() & 255)).collect();
            let [used, other]: [Vec<u128>; 2] = [small(), small()];
            let [challenge, mask] = [0; 2].map(|_| number(ring, &mut rng));
            let opened = used.iter().map(|x| ring.add(ring.mul(challenge, *x), mask));
            views.push([challenge].into_iter().chain(opened).collect());
            all.push([used, other]);
        }
        let found = tell(ring, &views, &all).unwrap();
        assert!(found.p_value < 1e-15 && found.with == found.sides, "{found:?}");
        assert_eq!(tell(ring, &views[..80], &all[..80]), None);
    }

    #[test]
    fn as_many_columns_as_runs_allow() {
        assert_eq!(terms(2, 1), 9);
        assert_eq!((affordable(97, 1, 9), affordable(96, 1, 9), affordable(9999, 1, 9)), (2, 1, 9));
        assert_eq!(affordable(10, 1, 9), 0);
    }
}
