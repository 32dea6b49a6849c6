use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::ShamirParams;
use crate::algebra::{PrimeField, slices};
use crate::engine::Plan;
use crate::engine::field::{FieldSharing, Stock};
use crate::engine::shamir::offline::{self, Polynomials, Randoms};
use crate::engine::shamir::{Factors, Sharing, combine};

/// One node of the protocol, computing or client.
pub struct Party<F> {
    sharing: Sharing<F>,
    plan: Arc<Plan<ShamirParams>>,
}

impl<F: PrimeField> Party<F> {
    pub(super) fn new(ctx: &Ctx, plan: &Arc<Plan<ShamirParams>>) -> Result<Self, Abort> {
        let t = plan.threshold();
        let factors = plan.once(|| Factors::new(t, 2 * t + 1))?;
        let sharing = Sharing::new(ctx, &plan.job, t, factors);
        Ok(Party { sharing, plan: Arc::clone(plan) })
    }

    /// The parties that reshare products.
    fn resharers(&self) -> impl Iterator<Item = PartyId> + Clone + use<F> {
        PartyId::all(2 * self.sharing.t + 1)
    }

    /// The degree reduction: products of degree `2t` become shares of degree `t`, one round.
    async fn reshare(&self, ctx: &Ctx, products: Vec<F>) -> Result<Vec<F>, Abort> {
        let (sharing, len) = (&self.sharing, products.len());
        // 1. The first 2t + 1 parties share their products anew.
        let reshares = self.resharers().any(|party| party == sharing.id);
        let own = if reshares { sharing.deal(ctx, &products) } else { None };
        // 2. Everyone combines what came, as the products' value at zero.
        let dealt = sharing.collect(ctx, self.resharers(), own, len).await?;
        let reduce = &sharing.factors.reduce;
        ctx.charge(F::MUL, (len * reduce.len()) as u64);
        Ok(combine(reduce, &dealt))
    }
}

impl<F: PrimeField> Polynomials for Party<F> {
    fn sharing(&self) -> &Sharing<F> {
        &self.sharing
    }

    async fn supply(&self, _: &Ctx, _: usize) -> Result<(), Abort> {
        Ok(())
    }
}

impl<F: PrimeField> FieldSharing for Party<F> {
    type Field = F;
    type Shares = Vec<F>;
    /// Resharing needs nothing beforehand.
    type Supply = ();

    fn constant(&self, values: Vec<F>) -> Result<Vec<F>, Abort> {
        Ok(values)
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        _: &mut Stock<Self>,
        a: &Vec<F>,
        b: &Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        ctx.charge(F::MUL, a.len() as u64);
        self.reshare(ctx, slices::mul(a, b)).await
    }

    async fn open(&self, ctx: &Ctx, shares: &Vec<F>) -> Result<Vec<F>, Abort> {
        let sharing = &self.sharing;
        let opens = sharing.openers().any(|party| party == sharing.id);
        if opens {
            ctx.send_to(sharing.roles().computing(), shares);
        }
        let (own, len) = (opens.then(|| shares.clone()), shares.len());
        let all = sharing.collect(ctx, sharing.openers(), own, len).await?;
        let open = &sharing.factors.open;
        ctx.charge(F::MUL, (len * open.len()) as u64);
        Ok(combine(open, &all))
    }

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        let randoms = offline::prepare(self, &ctx.scope("offline"), &self.plan.needs).await?;
        let stock = |(batch, of): (usize, Randoms<F>)| Stock::new(batch, (), of.bits, of.masks);
        Ok(randoms.into_iter().enumerate().map(stock).collect())
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

    /// An inner product is summed before the degree reduction: it costs what one product does.
    async fn dot(
        &self,
        ctx: &Ctx,
        _: &mut Stock<Self>,
        a: &Vec<F>,
        b: &Vec<F>,
        lengths: &[usize],
    ) -> Result<Vec<F>, Abort> {
        ctx.charge(F::MUL, a.len() as u64);
        self.reshare(ctx, slices::dot_runs(a, b, lengths)).await
    }

    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Vec<F>>,
        len: usize,
    ) -> Result<Vec<F>, Abort> {
        self.sharing.reveal(ctx, shares, len).await
    }
}
