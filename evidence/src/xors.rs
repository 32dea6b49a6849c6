//! Does an XOR of bits within an element, or within neighbours, follow a bit of a secret?
//!
//! Bits of an element modulo a prime are no linear functions of it, so that functionals over its
//! field miss what a few of them together tell. Choices are those of [`super::agreement`]: in each
//! run a fair coin chose one of two secrets. Among runs whose two secrets differ in a bit, that bit
//! is uniform whatever the view is, so it lies in the span of `r` columns of bits with probability
//! `2^(r - runs)` at most.

use super::agreement::Choice;

/// An XOR that followed a bit of a secret in all runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Followed {
    /// Which secret, and which bit of it.
    pub secret: (usize, u32),
    /// First column of the group that holds the XOR.
    pub column: usize,
    /// Runs in which the two secrets differ in that bit, of those that were looked at.
    pub runs: usize,
    /// Probability that chance gives any.
    pub p_value: f64,
}

/// Bits of secrets that are looked at, the lowest first, and runs beyond the bits of a group.
const SECRETS: usize = 8;
const BEYOND: usize = 64;

/// Searches groups of so many neighbouring columns, of which each has so many bits, for bits of
/// secrets. With too few runs nothing is found.
#[must_use]
pub fn follow(
    columns: &[Vec<u128>],
    bits: u32,
    group: usize,
    secrets: &[Vec<Choice>],
) -> Option<Followed> {
    let stride = group.div_ceil(2).max(1);
    let starts: Vec<usize> =
        (0..columns.len()).step_by(stride).filter(|at| at + group <= columns.len()).collect();
    let labels: Vec<(usize, u32)> = (0..SECRETS as u32)
        .flat_map(|bit| (0..secrets.len()).map(move |secret| (secret, bit)))
        .filter(|(secret, bit)| secrets[*secret].iter().any(|[a, b]| (a ^ b) >> bit & 1 == 1))
        .take(SECRETS)
        .collect();
    let tried = (starts.len() * labels.len()) as f64;
    let mut least: Option<Followed> = None;
    for (secret, bit) in labels {
        let choices = &secrets[secret];
        let moved = (0..choices.len()).filter(|run| {
            let [used, other] = choices[*run];
            (used ^ other) >> bit & 1 == 1
        });
        let runs: Vec<usize> = moved.take(bits as usize * group + BEYOND).collect();
        let label: Vec<u64> = packed(&runs, |run| choices[run][0] >> bit & 1 == 1);
        for start in &starts {
            let planes = columns[*start..start + group].iter().flat_map(|column| {
                (0..bits).map(|at| packed(&runs, |run| column[run] >> at & 1 == 1))
            });
            let constant = packed(&runs, |_| true);
            let Some(rank) = spans(std::iter::once(constant).chain(planes), label.clone()) else {
                continue;
            };
            let p_value = (tried * 2f64.powi(rank as i32 - runs.len() as i32)).min(1.0);
            if least.is_none_or(|least| p_value < least.p_value) {
                let runs = runs.len();
                least = Some(Followed { secret: (secret, bit), column: *start, runs, p_value });
            }
        }
    }
    least
}

fn packed(runs: &[usize], is_one: impl Fn(usize) -> bool) -> Vec<u64> {
    let word = |runs: &[usize]| {
        runs.iter().enumerate().fold(0, |word, (at, run)| word | u64::from(is_one(*run)) << at)
    };
    runs.chunks(64).map(word).collect()
}

/// The rank of these vectors, if another one is in their span.
fn spans(vectors: impl Iterator<Item = Vec<u64>>, mut other: Vec<u64>) -> Option<usize> {
    let mut basis: Vec<(usize, Vec<u64>)> = Vec::new();
    let reduce = |vector: &mut [u64], basis: &[(usize, Vec<u64>)]| {
        for (pivot, row) in basis {
            if vector[pivot / 64] >> (pivot % 64) & 1 == 1 {
                vector.iter_mut().zip(row).for_each(|(word, row)| *word ^= row);
            }
        }
    };
    for mut vector in vectors {
        reduce(&mut vector, &basis);
        let word = vector.iter().position(|word| *word != 0);
        if let Some(word) = word {
            basis.push((64 * word + vector[word].trailing_zeros() as usize, vector));
        }
    }
    reduce(&mut other, &basis);
    other.iter().all(|word| *word == 0).then_some(basis.len())
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    const RUNS: usize = 800;

    fn sample(seed: u64) -> (Vec<Choice>, Vec<Vec<u128>>) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut number = |bits: u32| u128::from(rng.next_u64() >> (64 - bits));
        let secrets = (0..RUNS).map(|_| [number(4), number(4)]).collect();
        let columns = (0..6).map(|_| (0..RUNS).map(|_| number(61)).collect()).collect();
        (secrets, columns)
    }

    #[test]
    fn an_xor_of_bits_is_found_within_a_group_and_nowhere_else() {
        let (secrets, mut columns) = sample(1);
        for run in 0..RUNS {
            let bit = (secrets[run][0] ^ (columns[2][run] >> 17) ^ (columns[3][run] >> 5)) & 1;
            columns[2][run] = columns[2][run] & !(1 << 40) | bit << 40;
        }
        let secrets = [secrets];
        assert_eq!(follow(&columns, 61, 1, &secrets), None);
        let found = follow(&columns, 61, 2, &secrets).expect("it is there");
        assert_eq!((found.secret, found.column, found.runs), ((0, 0), 2, 186));
        assert!(found.p_value < 1e-15, "{found:?}");
    }

    #[test]
    fn uniform_columns_and_few_runs_show_nothing() {
        for seed in 2..12 {
            let (secrets, columns) = sample(seed);
            assert_eq!(follow(&columns, 61, 2, &[secrets]), None);
        }
        let (secrets, columns) = sample(1);
        let columns: Vec<Vec<u128>> = columns.iter().map(|column| column[..20].to_vec()).collect();
        let found = follow(&columns, 61, 1, &[secrets[..20].to_vec()]);
        assert!(found.is_none_or(|found| found.p_value == 1.0), "{found:?}");
    }
}
