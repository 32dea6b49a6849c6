use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::offline::{self, Randoms};
use super::{Factors, OpeningName, ShamirParams, Sharing};
use crate::algebra::{PrimeField, slices};
use crate::engine::Plan;
use crate::engine::field::{FieldSharing, Needs, Stock, Supply};
use crate::mutants;

/// How products of degree `2t` become shares of degree `t`, and how values are opened: all in which
/// protocols over Shamir's sharing differ.
pub trait Reduction: Send + Sync + 'static {
    /// What products draw on.
    type Supply<F: PrimeField>: Supply;

    /// How values are opened inside the computation, unless a scenario says otherwise.
    const OPENING: OpeningName;

    /// The degrees with which parties deal.
    fn degrees(t: usize) -> Vec<usize> {
        vec![t]
    }

    /// How many parties' products [`Factors::reduce`] combines.
    fn reducers(n: usize, t: usize) -> usize;

    /// What so many products of each batch draw on, in an offline scope.
    fn supply<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        products: &[usize],
    ) -> impl Future<Output = Result<Vec<Self::Supply<F>>, Abort>> + Send;

    /// Shares of degree `t` of values that are shared with degree `2t`.
    fn reduce<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        supply: &mut Self::Supply<F>,
        products: Vec<F>,
    ) -> impl Future<Output = Result<Vec<F>, Abort>> + Send;
}

/// One node of a protocol over Shamir's sharing, computing or client.
pub struct Party<F, K> {
    sharing: Sharing<F>,
    plan: Arc<Plan<ShamirParams>>,
    reduction: PhantomData<fn() -> K>,
}

impl<F: PrimeField, K: Reduction> Party<F, K> {
    /// This node's place in a run of a protocol.
    ///
    /// # Errors
    /// If two parties had one point, or one says something else in set-up.
    pub async fn new(
        ctx: &Ctx,
        plan: &Arc<Plan<ShamirParams>>,
        protocol: &'static str,
    ) -> Result<Self, Abort> {
        let (n, t) = (plan.job.roles.compute, plan.threshold());
        let factors = plan.once(|| Factors::new(t, K::reducers(n, t)))?;
        let opening = plan.params.opening.unwrap_or(K::OPENING);
        let mut sharing = Sharing::new(ctx, &plan.job, t, factors, opening);
        // No polynomial goes through two values at one point.
        if plan.params.compress && !mutants::is("shamir/point-zero") {
            sharing = sharing.with_seeds(ctx, protocol, &K::degrees(t)).await?;
        }
        Ok(Party { sharing, plan: Arc::clone(plan), reduction: PhantomData })
    }
}

/// Products of a batch; an inner product is one.
pub(super) fn products(needs: &Needs) -> usize {
    needs.products + needs.dots.len()
}

impl<F: PrimeField, K: Reduction> FieldSharing for Party<F, K> {
    type Field = F;
    type Shares = Vec<F>;
    type Supply = K::Supply<F>;

    fn constant(&self, values: Vec<F>) -> Result<Vec<F>, Abort> {
        Ok(values)
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        a: &Vec<F>,
        b: &Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let product = K::reduce(&self.sharing, ctx, &mut stock.supply, slices::mul(a, b)).await?;
        if mutants::is("shamir/product-opened") {
            self.sharing.open(ctx, &product).await?;
        }
        Ok(product)
    }

    /// An inner product is summed before its degree is reduced: it costs what one product does.
    async fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        a: &Vec<F>,
        b: &Vec<F>,
        lengths: &[usize],
    ) -> Result<Vec<F>, Abort> {
        let sums = slices::dot_runs(a, b, lengths);
        K::reduce(&self.sharing, ctx, &mut stock.supply, sums).await
    }

    async fn open(&self, ctx: &Ctx, shares: &Vec<F>) -> Result<Vec<F>, Abort> {
        self.sharing.open(ctx, shares).await
    }

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        let (offline, needs) = (ctx.scope("offline"), &self.plan.needs);
        let counts: Vec<usize> = needs.iter().map(products).collect();
        let made = offline.try_join(
            K::supply(&self.sharing, &offline, &counts),
            offline::prepare::<F, K>(&self.sharing, &offline, needs),
        );
        let (supplies, randoms) = made.await?;
        let stock = |(batch, (supply, of)): (usize, (K::Supply<F>, Randoms<F>))| {
            Stock::new(batch, supply, of.bits, of.masks)
        };
        Ok(supplies.into_iter().zip(randoms).enumerate().map(stock).collect())
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Vec<F>>, Abort> {
        self.sharing.share(ctx, owner, values, len).await
    }

    async fn reveal(&self, ctx: &Ctx, shares: Option<&Vec<F>>, _: usize) -> Result<Vec<F>, Abort> {
        self.sharing.reveal(ctx, &self.plan.opening, shares).await
    }
}
