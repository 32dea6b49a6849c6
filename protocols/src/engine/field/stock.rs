use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldSharing;
use crate::engine::Shares;

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
pub(crate) struct Stock<S: FieldSharing> {
    triples: Pile<S>,
    bits: Pile<S>,
    masks: Pile<S>,
}

impl<S: FieldSharing> Stock<S> {
    /// What the `batch`-th batch draws on; `triples` holds, for each product or inner product in
    /// order of use, `a`, `b` and `c`.
    pub(crate) fn new(batch: usize, triples: S::Shares, bits: S::Shares, masks: S::Shares) -> Self {
        let pile = |what, shares| Pile { batch, what, shares, taken: 0 };
        Stock {
            triples: pile("multiplication triples", triples),
            bits: pile("random bits", bits),
            masks: pile("random masks", masks),
        }
    }

    /// Cuts a share of everything that a batch draws, triples first, then bits, then masks.
    pub(crate) fn cut(batch: usize, shares: &S::Shares, needs: &Needs) -> Self {
        let triples = needs.triple_elements();
        let bits = triples + needs.bits;
        let part = |range| shares.slice(range);
        Stock::new(batch, part(0..triples), part(triples..bits), part(bits..shares.len()))
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        [&self.triples, &self.bits, &self.masks].iter().all(|pile| pile.left() == 0)
    }

    /// Elements of triples: `a`, `b` and `c` of the next products, as the dealer laid them out.
    pub(crate) fn take_triples(&mut self, ctx: &Ctx, elements: usize) -> Result<S::Shares, Abort> {
        self.triples.take(ctx, elements)
    }

    pub(crate) fn take_bits(&mut self, ctx: &Ctx, count: usize) -> Result<S::Shares, Abort> {
        self.bits.take(ctx, count)
    }

    pub(crate) fn take_masks(&mut self, ctx: &Ctx, count: usize) -> Result<S::Shares, Abort> {
        self.masks.take(ctx, count)
    }
}

/// Shares of one kind, and how many of them are gone.
struct Pile<S: FieldSharing> {
    batch: usize,
    what: &'static str,
    shares: S::Shares,
    taken: usize,
}

impl<S: FieldSharing> Pile<S> {
    fn left(&self) -> usize {
        self.shares.len() - self.taken
    }

    fn take(&mut self, ctx: &Ctx, count: usize) -> Result<S::Shares, Abort> {
        let (what, left) = (self.what, self.left());
        if left < count {
            return Err(Abort::Bug(format!("{count} {what} are needed, {left} are left")));
        }
        let start = self.taken;
        ctx.consume(
            what,
            &format!("{}/batch {}", ctx.session_id(), self.batch),
            start as u64,
            count as u64,
        );
        if count == self.shares.len() {
            // All of them at once, as most batches do: nothing is copied.
            let none = self.shares.slice(0..0);
            return Ok(std::mem::replace(&mut self.shares, none));
        }
        self.taken += count;
        Ok(self.shares.slice(start..self.taken))
    }
}
