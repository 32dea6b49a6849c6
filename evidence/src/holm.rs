//! The family-wise level of a battery, and the rule that a finding has to repeat.
//!
//! Holm, A simple sequentially rejective multiple test procedure, 1979: whatever the tests have to
//! do with each other, the probability of one false finding or more is at most alpha. A violation
//! needs a finding twice, on disjoint blocks of seeds; that protects against a level that a test
//! keeps only approximately, and against seeds that were looked at before.

use std::collections::BTreeMap;
use std::ops::Range;

use thiserror::Error;

/// Results of a battery on one block of seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The seeds of its runs.
    pub seeds: Range<u64>,
    /// A p-value per test, by name.
    pub p_values: BTreeMap<String, f64>,
}

/// Why two blocks confirm nothing.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Unconfirmed {
    /// The second block uses seeds of the first.
    #[error("seeds {0:?} and {1:?} overlap")]
    Overlap(Range<u64>, Range<u64>),
    /// A candidate was not tested again.
    #[error("`{0}` was not tested on the second block")]
    Missing(String),
}

/// Holm's adjusted p-values in the order given: a test is significant at a family-wise level if its
/// adjusted p-value does not exceed it. What is not a number counts as one.
#[must_use]
pub fn adjust(p_values: &[f64]) -> Vec<f64> {
    let p = |at: usize| if p_values[at].is_nan() { 1.0 } else { p_values[at].clamp(0.0, 1.0) };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p(*a).total_cmp(&p(*b)));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0f64;
    for (rank, at) in order.into_iter().enumerate() {
        largest = largest.max((p_values.len() - rank) as f64 * p(at)).min(1.0);
        adjusted[at] = largest;
    }
    adjusted
}

/// Names of the tests of a block that are significant at the family-wise level.
#[must_use]
pub fn candidates(block: &Block, alpha: f64) -> Vec<String> {
    let p_values: Vec<f64> = block.p_values.values().copied().collect();
    let named = block.p_values.keys().zip(adjust(&p_values));
    named.filter(|(_, p)| *p <= alpha).map(|(name, _)| name.clone()).collect()
}

/// The candidates of the first block that are significant again on the second, in a family of the
/// candidates alone: these are violations, and none else is.
///
/// # Errors
///
/// The blocks share seeds, or a candidate is missing from the second.
pub fn confirm(first: &Block, second: &Block, alpha: f64) -> Result<Vec<String>, Unconfirmed> {
    if first.seeds.start < second.seeds.end && second.seeds.start < first.seeds.end {
        return Err(Unconfirmed::Overlap(first.seeds.clone(), second.seeds.clone()));
    }
    let again = |name: String| match second.p_values.get(&name) {
        Some(p) => Ok((name, *p)),
        None => Err(Unconfirmed::Missing(name)),
    };
    let p_values = candidates(first, alpha).into_iter().map(again).collect::<Result<_, _>>()?;
    Ok(candidates(&Block { seeds: second.seeds.clone(), p_values }, alpha))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(seeds: Range<u64>, p_values: &[(&str, f64)]) -> Block {
        let p_values = p_values.iter().map(|(name, p)| ((*name).to_owned(), *p)).collect();
        Block { seeds, p_values }
    }

    /// The classical example: 4 tests at 5 %; the second rejection uses alpha / 3.
    #[test]
    fn adjusted_values_are_those_of_the_definition() {
        let adjusted = adjust(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        assert!(adjusted.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{adjusted:?}");
        assert_eq!(adjust(&[0.9, f64::NAN]), [1.0, 1.0]);
        assert!(adjust(&[]).is_empty());
    }

    #[test]
    fn a_family_of_a_thousand_raises_the_bar_a_thousandfold() {
        let mut p_values = vec![0.5; 999];
        p_values.push(0.9e-9);
        assert!(adjust(&p_values)[999] <= 1e-6);
        p_values[999] = 1.1e-9;
        assert!(adjust(&p_values)[999] > 1e-6);
    }

    #[test]
    fn only_what_repeats_on_fresh_seeds_is_confirmed() {
        let first = block(0..100, &[("leak", 1e-12), ("fluke", 1e-9), ("quiet", 1e-4)]);
        assert_eq!(candidates(&first, 1e-6), ["fluke", "leak"]);
        let second = block(100..200, &[("leak", 1e-10), ("fluke", 1e-3), ("quiet", 1e-30)]);
        assert_eq!(confirm(&first, &second, 1e-6).unwrap(), ["leak"]);
    }

    #[test]
    fn blocks_that_share_seeds_or_miss_a_test_confirm_nothing() {
        let first = block(0..100, &[("leak", 1e-12)]);
        let shared = confirm(&first, &block(99..200, &[("leak", 1e-12)]), 1e-6);
        assert_eq!(shared, Err(Unconfirmed::Overlap(0..100, 99..200)));
        let missing = confirm(&first, &block(100..200, &[("other", 1e-12)]), 1e-6);
        assert_eq!(missing, Err(Unconfirmed::Missing("leak".to_owned())));
    }
}
