//! Exact comparison of view distributions from complete enumerations of the randomness.

use std::collections::BTreeMap;

use num_rational::Ratio;
use num_traits::{CheckedAdd, One, Zero};
use thiserror::Error;

/// An exact probability.
pub type Probability = Ratio<u128>;

/// Why an enumeration decides nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// The branches were not all taken, or some twice.
    #[error("the branches of enumeration {at} have probability {total} in total, not 1")]
    Incomplete {
        /// Index of the enumeration.
        at: usize,
        /// What its weights add up to.
        total: Probability,
    },
    /// A probability has no common denominator below 2^128 with the others.
    #[error("a probability needs a denominator beyond 128 bits")]
    Overflow,
}

/// The distribution of the coalition's view for one choice of honest inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    weights: BTreeMap<Vec<u8>, Probability>,
    total: Probability,
}

/// A view that two honest inputs of one class give with different probability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Index of the enumeration that differs from enumeration 0.
    pub at: usize,
    /// The least such view.
    pub view: Vec<u8>,
    /// Its probability in enumeration 0.
    pub expected: Probability,
    /// Its probability in this one.
    pub found: Probability,
}

/// The weight of a branch that was reached by uniform draws from so many values each; `None` if a
/// draw was from none, or if the denominator exceeds 128 bits.
#[must_use]
pub fn weight(draws: &[u64]) -> Option<Probability> {
    let product = |product: u128, values: &u64| product.checked_mul(u128::from(*values));
    let denominator = draws.iter().try_fold(1, product)?;
    (denominator != 0).then(|| Ratio::new(1, denominator))
}

impl Distribution {
    /// Adds a branch.
    ///
    /// # Errors
    ///
    /// [`Unusable::Overflow`]
    pub fn add(&mut self, view: &[u8], weight: Probability) -> Result<(), Unusable> {
        self.total = self.total.checked_add(&weight).ok_or(Unusable::Overflow)?;
        match self.weights.get_mut(view) {
            Some(sum) => *sum = sum.checked_add(&weight).ok_or(Unusable::Overflow)?,
            None => {
                self.weights.insert(view.to_vec(), weight);
            }
        }
        Ok(())
    }

    /// The number of views that occur.
    #[must_use]
    pub fn views(&self) -> usize {
        self.weights.len()
    }

    fn probability(&self, view: &[u8]) -> Probability {
        self.weights.get(view).copied().unwrap_or_else(Probability::zero)
    }
}

/// Compares distributions that should be equal: those of honest inputs that leave the coalition's
/// inputs and outputs the same. `None` if they are, and then the view is perfectly private among
/// these inputs.
///
/// # Errors
///
/// [`Unusable::Incomplete`]: an enumeration's weights do not add up to one.
pub fn first_difference(distributions: &[Distribution]) -> Result<Option<Difference>, Unusable> {
    for (at, distribution) in distributions.iter().enumerate() {
        if !distribution.total.is_one() {
            return Err(Unusable::Incomplete { at, total: distribution.total });
        }
    }
    let Some((first, others)) = distributions.split_first() else { return Ok(None) };
    Ok(others.iter().enumerate().find_map(|(before, other)| {
        let differs = |view: &&Vec<u8>| first.probability(view) != other.probability(view);
        let mine = first.weights.keys().find(differs);
        let view = mine.into_iter().chain(other.weights.keys().find(differs)).min()?;
        let (expected, found) = (first.probability(view), other.probability(view));
        Some(Difference { at: before + 1, view: view.clone(), expected, found })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enumerates a view of two draws modulo `modulus`.
    fn enumerate(modulus: u64, view: impl Fn(u64, u64) -> Vec<u64>) -> Distribution {
        let mut distribution = Distribution::default();
        for (a, b) in (0..modulus).flat_map(|a| (0..modulus).map(move |b| (a, b))) {
            let view: Vec<u8> = view(a, b).into_iter().map(|x| (x % modulus) as u8).collect();
            distribution.add(&view, weight(&[modulus, modulus]).unwrap()).unwrap();
        }
        distribution
    }

    #[test]
    fn two_shares_of_three_say_nothing() {
        let shares = |x: u64| enumerate(5, move |a, b| vec![a, x + 10 - a - b]);
        let all: Vec<Distribution> = (0..5).map(shares).collect();
        assert_eq!(first_difference(&all), Ok(None));
        assert_eq!(all[0].views(), 25);
    }

    #[test]
    fn three_shares_of_three_say_all() {
        let shares = |x: u64| enumerate(5, move |a, b| vec![a, b, x + 10 - a - b]);
        let found = first_difference(&[shares(2), shares(2), shares(3)]).unwrap().unwrap();
        assert_eq!((found.at, found.view), (2, vec![0, 0, 2]));
        assert_eq!((found.expected, found.found), (Ratio::new(1, 25), Ratio::zero()));
    }

    /// All views occur for both inputs; only their probabilities differ, by a biased mask.
    #[test]
    fn a_biased_mask_is_found_by_its_probabilities() {
        let masked = |x: u64| enumerate(5, move |a, b| vec![x + a * b]);
        let found = first_difference(&[masked(0), masked(1)]).unwrap().unwrap();
        assert_eq!(found.view, [0]);
        assert_eq!((found.expected, found.found), (Ratio::new(9, 25), Ratio::new(4, 25)));
    }

    /// Paths of different length: a coin, and on heads a draw from three.
    #[test]
    fn branches_of_unequal_weight_add_up() {
        let mut paths = Distribution::default();
        paths.add(b"t", weight(&[2]).unwrap()).unwrap();
        for view in [b"t", b"h", b"h"] {
            paths.add(view, weight(&[2, 3]).unwrap()).unwrap();
        }
        let mut fair = Distribution::default();
        fair.add(b"t", Ratio::new(2, 3)).unwrap();
        fair.add(b"h", Ratio::new(1, 3)).unwrap();
        assert_eq!(first_difference(&[paths.clone(), fair]), Ok(None));
        paths.add(b"t", Ratio::new(1, 7)).unwrap();
        let total = Ratio::new(8, 7);
        assert_eq!(first_difference(&[paths]), Err(Unusable::Incomplete { at: 0, total }));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(weight(&[u64::MAX, u64::MAX, 2]), None);
        assert_eq!(weight(&[3, 0]), None);
        let mut distribution = Distribution::default();
        distribution.add(b"a", Ratio::new(1, (1 << 127) - 1)).unwrap();
        let refused = distribution.add(b"b", Ratio::new(1, 1 << 100));
        assert_eq!(refused, Err(Unusable::Overflow));
    }
}
