use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::{FieldSharing, Stock, compare};
use crate::engine::{Cut, Engine, NoBits, Verified};

/// Every sharing in a prime field is an engine: comparisons come from `compare`.
impl<S: FieldSharing> Engine for S {
    type Element = S::Field;
    type Shares = S::Shares;
    type Stock = Stock<S>;
    type Bits = NoBits;

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Self::Stock>, Abort> {
        FieldSharing::prepare(self, ctx).await
    }

    fn is_spent(stock: &Self::Stock) -> bool {
        stock.is_spent()
    }

    fn constant(&self, values: Vec<S::Field>) -> Result<Self::Shares, Abort> {
        FieldSharing::constant(self, values)
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<S::Field>>,
        len: usize,
    ) -> Result<Option<Self::Shares>, Abort> {
        FieldSharing::share(self, ctx, owner, values, len).await
    }

    async fn share_digits(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        digits: Option<Vec<S::Field>>,
        len: usize,
    ) -> Result<Option<Self::Shares>, Abort> {
        FieldSharing::share_digits(self, ctx, owner, digits, len).await
    }

    async fn check_digits(&self, ctx: &Ctx, digits: &[&Self::Shares]) -> Result<(), Abort> {
        FieldSharing::check_digits(self, ctx, digits).await
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        b: &Self::Shares,
    ) -> Result<Self::Shares, Abort> {
        FieldSharing::mul(self, ctx, stock, a, b).await
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        b: &Self::Shares,
        lengths: &[usize],
    ) -> Result<Self::Shares, Abort> {
        FieldSharing::dot(self, ctx, stock, a, b, lengths).await
    }

    async fn is_negative(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        bits: u32,
    ) -> Result<Self::Shares, Abort> {
        compare::is_negative(self, ctx, stock, a, bits).await
    }

    async fn is_zero(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        bits: u32,
    ) -> Result<Self::Shares, Abort> {
        compare::is_zero(self, ctx, stock, a, bits).await
    }

    async fn truncate(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        cut: Cut,
    ) -> Result<Self::Shares, Abort> {
        compare::truncate(self, ctx, stock, a, cut).await
    }

    /// They were made before the inputs came.
    async fn random_bits(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        len: usize,
    ) -> Result<Self::Shares, Abort> {
        stock.take_bits(ctx, len)
    }

    const REDOES: bool = S::REDOES;

    async fn verify(&self, ctx: &Ctx) -> Result<Verified, Abort> {
        FieldSharing::verify(self, ctx).await
    }

    async fn restock(&self, ctx: &Ctx, batches: &[usize]) -> Result<Vec<Self::Stock>, Abort> {
        FieldSharing::restock(self, ctx, batches).await
    }

    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Self::Shares>,
        len: usize,
    ) -> Result<Vec<S::Field>, Abort> {
        FieldSharing::reveal(self, ctx, shares, len).await
    }
}
