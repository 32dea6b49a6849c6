use std::marker::PhantomData;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldSharing;
use crate::algebra::Ring;
use crate::engine::{RingVectors, Shares};
use crate::mutants;

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
pub struct Needs {
    /// Products of two shared values.
    pub products: usize,
    /// Inner products with a triple of their own, by length.
    pub dots: Vec<usize>,
    /// Shared random bits.
    pub bits: usize,
    /// Shared random integers of so many bits: width and number.
    pub masks: Option<(u32, usize)>,
}

impl Needs {
    /// Field elements of a share of multiplication and inner-product triples.
    #[must_use]
    pub fn triple_elements(&self) -> usize {
        3 * self.products + self.dots.iter().map(|length| 2 * length + 1).sum::<usize>()
    }

    /// Field elements of a share of bits and masks.
    #[must_use]
    pub fn random_elements(&self) -> usize {
        self.bits + self.masks.map_or(0, |(_, count)| count)
    }
}

/// What products draw on: piles of an engine's own kinds, or nothing.
pub trait Supply: Send + 'static {
    /// Whether nothing is left.
    fn is_spent(&self) -> bool;
}

/// Products that need nothing beforehand.
impl Supply for () {
    fn is_spent(&self) -> bool {
        true
    }
}

/// Correlated randomness of one kind for one batch: units of so many shared values each. What is
/// taken is gone: nothing is used twice.
#[derive(Debug)]
pub struct Pile<R, V> {
    what: &'static str,
    name: String,
    /// Shared values of a unit.
    unit: usize,
    /// Bytes of a share of one value.
    value_bytes: u64,
    shares: V,
    /// Units and values that are gone.
    taken: (usize, usize),
    ring: PhantomData<fn() -> R>,
}

impl<R: Ring, V: RingVectors<R>> Pile<R, V> {
    /// A pile of a kind, named so that no other one of the session has its name; a unit is so many
    /// values side by side.
    pub fn new(what: &'static str, name: String, unit: usize, shares: V) -> Self {
        let value_bytes = (V::VECTORS * R::BYTES) as u64;
        Pile { what, name, unit, value_bytes, shares, taken: (0, 0), ring: PhantomData }
    }

    fn of_batch(what: &'static str, batch: usize, unit: usize, shares: V) -> Self {
        Pile::new(what, format!("batch {batch}"), unit, shares)
    }

    /// The next units.
    ///
    /// # Errors
    /// If there are fewer left.
    pub fn take(&mut self, ctx: &Ctx, units: usize) -> Result<V, Abort> {
        self.take_values(ctx, units, units * self.unit)
    }

    /// The next units, which are of so many values together.
    fn take_values(&mut self, ctx: &Ctx, units: usize, values: usize) -> Result<V, Abort> {
        let (what, (first, start)) = (self.what, self.taken);
        let left = self.shares.len() - start;
        if left < values {
            return Err(Abort::Bug(format!("{units} {what} are needed, {left} values are left")));
        }
        let name = format!("{}/{}", ctx.session_id(), self.name);
        let again = mutants::is("stock/rewound");
        let from = if again { 0 } else { first as u64 };
        ctx.consume(what, &name, from..from + units as u64, values as u64 * self.value_bytes);
        if values == self.shares.len() {
            // All of them at once, as most batches do: nothing is copied.
            self.taken = (first + units, 0);
            let none = self.shares.slice(0..0);
            return Ok(std::mem::replace(&mut self.shares, none));
        }
        self.taken = (first + units, start + values);
        let start = if again || mutants::is("stock/rewound-unnoticed") { 0 } else { start };
        Ok(self.shares.slice(start..start + values))
    }
}

impl<R: 'static, V: Shares<R>> Supply for Pile<R, V> {
    fn is_spent(&self) -> bool {
        self.taken.1 == self.shares.len()
    }
}

/// Beaver's triples: of single products, and of inner products `(a, b, <a, b>)`.
#[derive(Debug)]
pub struct Triples<R, V> {
    products: Pile<R, V>,
    dots: Pile<R, V>,
}

impl<R: Ring, V: RingVectors<R>> Triples<R, V> {
    /// What the `batch`-th batch draws: for each product `a`, `b` and `c` side by side; for each
    /// inner product all `a`, all `b`, and `c`.
    pub fn new(batch: usize, products: V, dots: V) -> Self {
        Triples {
            products: Pile::of_batch("multiplication triples", batch, 3, products),
            dots: Pile::of_batch("inner-product triples", batch, 0, dots),
        }
    }

    /// The triples of the next products: `a`, `b` and `c` side by side, as
    /// [`crate::algebra::slices::beaver_product`] reads them.
    ///
    /// # Errors
    /// If there are fewer left.
    pub fn take(&mut self, ctx: &Ctx, products: usize) -> Result<V, Abort> {
        self.products.take(ctx, products)
    }

    /// All `a`, all `b`, and `c` of the next inner products, of these lengths.
    ///
    /// # Errors
    /// If there are fewer left.
    pub fn take_dots(&mut self, ctx: &Ctx, lengths: &[usize]) -> Result<[V; 3], Abort> {
        let mut parts: [Vec<V>; 3] = Default::default();
        for length in lengths {
            let triple = self.dots.take_values(ctx, 1, 2 * length + 1)?;
            let ranges = [0..*length, *length..2 * length, 2 * length..2 * length + 1];
            for (part, range) in parts.iter_mut().zip(ranges) {
                part.push(triple.slice(range));
            }
        }
        Ok(parts.map(|part| Shares::concat(&part)))
    }
}

impl<R: Ring, V: RingVectors<R>> Supply for Triples<R, V> {
    fn is_spent(&self) -> bool {
        self.products.is_spent() && self.dots.is_spent()
    }
}

/// Correlated randomness for one batch.
pub struct Stock<S: FieldSharing> {
    /// What products draw on.
    pub supply: S::Supply,
    bits: Pile<S::Field, S::Shares>,
    masks: Pile<S::Field, S::Shares>,
}

impl<S: FieldSharing> Stock<S> {
    /// What the `batch`-th batch draws on.
    pub fn new(batch: usize, supply: S::Supply, bits: S::Shares, masks: S::Shares) -> Self {
        let bits = Pile::of_batch("random bits", batch, 1, bits);
        Stock { supply, bits, masks: Pile::of_batch("random masks", batch, 1, masks) }
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.supply.is_spent() && self.bits.is_spent() && self.masks.is_spent()
    }

    /// Shared random bits.
    ///
    /// # Errors
    /// If there are fewer left.
    pub fn take_bits(&mut self, ctx: &Ctx, count: usize) -> Result<S::Shares, Abort> {
        self.bits.take(ctx, count)
    }

    /// Shared random integers of the width that the batch asks for.
    ///
    /// # Errors
    /// If there are fewer left.
    pub fn take_masks(&mut self, ctx: &Ctx, count: usize) -> Result<S::Shares, Abort> {
        self.masks.take(ctx, count)
    }
}

impl<S: FieldSharing<Supply = Triples<Of<S>, Vectors<S>>>> Stock<S> {
    /// Cuts a share of everything that a batch draws, as a dealer lays it out: triples of products,
    /// then of inner products, then bits, then masks.
    pub fn cut(batch: usize, shares: S::Shares, needs: &Needs) -> Self {
        let ends =
            [3 * needs.products, needs.triple_elements(), needs.triple_elements() + needs.bits];
        let ([products, triples, bits], len) = (ends, shares.len());
        let ranges = [0..products, products..triples, triples..bits, bits..len];
        // Many batches draw one kind alone, which is not copied.
        let whole = ranges.iter().position(|range| range.len() == len);
        let mut at = 0..ranges.len();
        let mut parts = ranges.map(|range| match at.next() == whole {
            true => shares.slice(0..0),
            false => shares.slice(range),
        });
        if let Some(whole) = whole {
            parts[whole] = shares;
        }
        let [products, dots, bits, masks] = parts;
        Stock::new(batch, Triples::new(batch, products, dots), bits, masks)
    }
}

type Of<S> = <S as FieldSharing>::Field;
type Vectors<S> = <S as FieldSharing>::Shares;
