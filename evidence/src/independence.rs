//! Does the joint distribution of a few view elements depend on the honest inputs?
//!
//! Two classes of as many runs, in which the honest inputs are one thing or another and what the
//! coalition may know is the same: chi-square for equal distributions on singles, pairs and triples
//! of elements. It needs fields whose pairs and triples occur often enough; elements that hardly
//! repeat say nothing here, and [`super::linear`] is for them.
//!
//! With classes of equal size, a bin's share is a binomial with probability one half, whose tails
//! are no heavier than those of the normal distribution that chi-square puts in its place (its
//! excess kurtosis is negative); so small bins do not make the test accuse too often.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{Misfit, check_rows};

/// Rarer bins are merged: five are expected in each class.
const LEAST_POOLED: u64 = 10;

/// Choices of some columns among many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tuples {
    /// Ascending columns, without repetitions.
    pub tuples: Vec<Vec<usize>>,
    /// Whether these are all there are, not a sample.
    pub is_exhaustive: bool,
}

/// Result of a test of one tuple of columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Homogeneity {
    /// The columns of the view.
    pub columns: Vec<usize>,
    /// Bins after merging; with fewer than two, nothing repeats and nothing was tested.
    pub bins: usize,
    /// Probability of a statistic as large if the classes do not differ; 1 if not tested.
    pub p_value: f64,
}

/// All ways to choose `size` of `columns` columns, or a sample of `limit` of them that depends on
/// the seed alone. Not exhaustive samples may be a few short where nearly all are wanted.
#[must_use]
pub fn tuples(columns: usize, size: usize, limit: usize, seed: u64) -> Tuples {
    let choices = (0..size).try_fold(1usize, |count, at| {
        Some(count.checked_mul(columns.saturating_sub(at))? / (at + 1))
    });
    if size == 0 || choices.is_some_and(|choices| choices <= limit) {
        return Tuples { tuples: all_tuples(columns, size), is_exhaustive: true };
    }
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut chosen = BTreeSet::new();
    for _ in 0..limit.saturating_mul(8) {
        if chosen.len() == limit {
            break;
        }
        let mut tuple = BTreeSet::new();
        while tuple.len() < size {
            // Which tuples are tested need not be exactly uniform.
            tuple.insert((rng.next_u64() % columns as u64) as usize);
        }
        chosen.insert(tuple.into_iter().collect::<Vec<usize>>());
    }
    Tuples { tuples: chosen.into_iter().collect(), is_exhaustive: false }
}

fn all_tuples(columns: usize, size: usize) -> Vec<Vec<usize>> {
    let mut tuples = vec![Vec::new()];
    for _ in 0..size {
        let longer = |tuple: &Vec<usize>| {
            let first = tuple.last().map_or(0, |last| last + 1);
            let tuple = tuple.clone();
            (first..columns).map(move |column| [&tuple[..], &[column]].concat())
        };
        tuples = tuples.iter().flat_map(longer).collect();
    }
    if size == 0 { Vec::new() } else { tuples }
}

/// Tests tuples of columns of the view, each as a member of one family.
///
/// # Errors
///
/// The classes differ in size or the rows in length.
pub fn homogeneity(
    classes: [&[Vec<u128>]; 2],
    tuples: &[Vec<usize>],
) -> Result<Vec<Homogeneity>, Misfit> {
    let counts = classes.map(<[Vec<u128>]>::len);
    if counts[0] != counts[1] {
        return Err(Misfit::Unpaired { counts });
    }
    let widths = [check_rows(classes[0], counts[0])?, check_rows(classes[1], counts[1])?];
    if widths[0] != widths[1] {
        return Err(Misfit::Shape { run: counts[0], expected: widths[0], found: widths[1] });
    }
    Ok(tuples.iter().map(|columns| test(classes, columns)).collect())
}

fn test(classes: [&[Vec<u128>]; 2], columns: &[usize]) -> Homogeneity {
    let mut bins: BTreeMap<Vec<u128>, [u64; 2]> = BTreeMap::new();
    for (class, rows) in classes.iter().enumerate() {
        for row in *rows {
            let key = columns.iter().filter_map(|column| row.get(*column).copied()).collect();
            bins.entry(key).or_default()[class] += 1;
        }
    }
    let bins = merge(bins.into_values().collect());
    let share = |[a, b]: &[u64; 2]| {
        let difference = a.abs_diff(*b) as f64;
        difference * difference / (a + b) as f64
    };
    let statistic: f64 = bins.iter().map(share).sum();
    let freedom = bins.len().saturating_sub(1) as f64;
    let p_value = ChiSquared::new(freedom).map_or(1.0, |law| law.sf(statistic));
    Homogeneity { columns: columns.to_vec(), bins: bins.len(), p_value }
}

/// Merges bins by their size over both classes alone, so that the choice favours no outcome.
fn merge(bins: Vec<[u64; 2]>) -> Vec<[u64; 2]> {
    let pooled = |bin: &[u64; 2]| bin[0] + bin[1];
    let (mut common, rare): (Vec<_>, Vec<_>) =
        bins.into_iter().partition(|bin| pooled(bin) >= LEAST_POOLED);
    if rare.is_empty() {
        return common;
    }
    let rest = rare.iter().fold([0, 0], |sum, bin| [sum[0] + bin[0], sum[1] + bin[1]]);
    match common.iter_mut().min_by_key(|bin| pooled(bin)) {
        Some(least) if pooled(&rest) < LEAST_POOLED => {
            *least = [least[0] + rest[0], least[1] + rest[1]];
        }
        _ => common.push(rest),
    }
    common
}

#[cfg(test)]
mod tests {
    use super::super::holm::adjust;
    use super::*;

    fn uniform(modulus: u64, runs: usize, columns: usize, seed: u64) -> Vec<Vec<u128>> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let row = |_| (0..columns).map(|_| u128::from(rng.next_u64() % modulus)).collect();
        (0..runs).map(row).collect()
    }

    fn family(columns: usize) -> Vec<Vec<usize>> {
        let sizes = [1, 2, 3];
        sizes.iter().flat_map(|size| tuples(columns, *size, 1000, 0).tuples).collect()
    }

    fn significant(classes: [&[Vec<u128>]; 2], alpha: f64) -> Vec<Vec<usize>> {
        let results = homogeneity(classes, &family(classes[0][0].len())).unwrap();
        let p_values: Vec<f64> = results.iter().map(|result| result.p_value).collect();
        let adjusted = results.into_iter().zip(adjust(&p_values));
        adjusted.filter(|(_, p)| *p <= alpha).map(|(result, _)| result.columns).collect()
    }

    #[test]
    fn uniform_views_are_quiet() {
        for seed in 0..20 {
            for modulus in [2, 5] {
                let classes = [seed, 1000 + seed].map(|seed| uniform(modulus, 1000, 8, seed));
                assert!(significant([&classes[0], &classes[1]], 1e-6).is_empty());
            }
        }
    }

    /// Additive shares of x: every pair of the three is uniform, the triple is not.
    #[test]
    fn a_leak_of_three_elements_shows_only_in_their_triple() {
        for seed in 0..20 {
            let mut classes = [seed, 1000 + seed].map(|seed| uniform(5, 2000, 6, seed));
            for (class, x) in classes.iter_mut().zip([1, 3]) {
                class.iter_mut().for_each(|row| row[5] = (x + 10 - row[0] - row[2]) % 5);
            }
            assert_eq!(significant([&classes[0], &classes[1]], 1e-6), [[0, 2, 5]]);
        }
    }

    /// A share that is zero too seldom shows in each tuple that it is part of, itself first.
    #[test]
    fn a_bias_is_found() {
        for seed in 0..20 {
            let mut classes = [seed, 1000 + seed].map(|seed| uniform(5, 2000, 3, seed));
            classes[1].iter_mut().filter(|row| row[2] == 0).for_each(|row| row[1] = 4);
            let found = significant([&classes[0], &classes[1]], 1e-6);
            assert!(found.contains(&vec![1]) && found.contains(&vec![1, 2]), "{found:?}");
            assert!(!found.contains(&vec![0]), "{found:?}");
        }
    }

    /// At a level of 1 % no more than 1 % of many tests on small bins may fire.
    #[test]
    fn merged_bins_keep_the_level() {
        let mut fired = 0;
        for seed in 0..2000 {
            let classes = [seed, 10_000 + seed].map(|seed| uniform(5, 300, 2, seed));
            let result = homogeneity([&classes[0], &classes[1]], &[vec![0, 1]]).unwrap();
            fired += u32::from(result[0].p_value <= 0.01);
        }
        assert!((5..=32).contains(&fired), "{fired} of 2000 at 1 %");
    }

    #[test]
    fn values_that_never_repeat_are_not_tested() {
        let classes = [1, 2].map(|seed| uniform(u64::MAX, 500, 2, seed));
        let result = homogeneity([&classes[0], &classes[1]], &[vec![0, 1]]).unwrap();
        assert_eq!((result[0].bins, result[0].p_value), (1, 1.0));
        let uneven = homogeneity([&classes[0], &classes[1][1..]], &[vec![0]]);
        assert_eq!(uneven, Err(Misfit::Unpaired { counts: [500, 499] }));
    }

    #[test]
    fn tuples_are_all_or_a_sample_of_distinct_ones() {
        let pairs = tuples(4, 2, 6, 0);
        assert_eq!(pairs.tuples, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert!(pairs.is_exhaustive);
        let sample = tuples(300, 3, 500, 7);
        assert_eq!((sample.tuples.len(), sample.is_exhaustive), (500, false));
        assert_eq!(sample, tuples(300, 3, 500, 7));
        assert_ne!(sample, tuples(300, 3, 500, 8));
        assert!(sample.tuples.iter().all(|t| t[0] < t[1] && t[1] < t[2] && t[2] < 300));
        assert!(tuples(2, 3, 10, 0).tuples.is_empty());
    }
}
