use std::collections::VecDeque;

use mpclab_sim::vocabulary::Abort;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::PrimeField;

/// Where the triples of inner products come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DotTriples {
    /// A multiplication triple for each product.
    #[default]
    Triples,
    /// One inner-product triple `(a, b, <a, b>)` for each inner product.
    InnerProduct,
}

/// What one batch draws from its stock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Products of two shared values.
    pub(crate) products: usize,
    /// Inner products with a triple of their own, by length.
    pub(crate) dots: Vec<usize>,
    /// Shared random bits.
    pub(crate) bits: usize,
    /// Shared random integers of so many bits: width and number.
    pub(crate) masks: Option<(u32, usize)>,
}

impl Needs {
    /// Field elements of a share of multiplication and inner-product triples.
    pub(crate) fn triple_elements(&self) -> usize {
        3 * self.products + self.dots.iter().map(|length| 2 * length + 1).sum::<usize>()
    }

    /// Field elements of a share of bits and masks.
    pub(crate) fn random_elements(&self) -> usize {
        self.bits + self.masks.map_or(0, |(_, count)| count)
    }
}

/// Correlated randomness for one batch. What is taken is gone: nothing is used twice.
pub(crate) struct Stock<F> {
    triples: VecDeque<F>,
    bits: VecDeque<F>,
    masks: VecDeque<F>,
}

impl<F: PrimeField> Stock<F> {
    /// `triples` holds, for each product or inner product in order of use, `a`, `b` and `c`.
    pub(crate) fn new(triples: Vec<F>, bits: Vec<F>, masks: Vec<F>) -> Self {
        Stock { triples: triples.into(), bits: bits.into(), masks: masks.into() }
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.triples.is_empty() && self.bits.is_empty() && self.masks.is_empty()
    }

    /// Elements of triples: `a`, `b` and `c` of the next products, as the dealer laid them out.
    pub(crate) fn take_triples(&mut self, elements: usize) -> Result<Vec<F>, Abort> {
        take(&mut self.triples, elements, "multiplication triples")
    }

    pub(crate) fn take_bits(&mut self, count: usize) -> Result<Vec<F>, Abort> {
        take(&mut self.bits, count, "random bits")
    }

    pub(crate) fn take_masks(&mut self, count: usize) -> Result<Vec<F>, Abort> {
        take(&mut self.masks, count, "random masks")
    }
}

fn take<F>(stock: &mut VecDeque<F>, count: usize, what: &str) -> Result<Vec<F>, Abort> {
    if stock.len() < count {
        return Err(Abort::Bug(format!("{count} {what} are needed, {} are left", stock.len())));
    }
    Ok(stock.drain(..count).collect())
}
