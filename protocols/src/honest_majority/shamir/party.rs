use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};

use super::{ShamirParams, offline};
use crate::algebra::{PrimeField, shamir, slices};
use crate::engine::Plan;
use crate::engine::field::{FieldSharing, Stock};
use crate::primitives::CHACHA_BYTE;

/// One node of the protocol, computing or client.
pub(super) struct Party<F> {
    pub(super) id: PartyId,
    plan: Arc<Plan<ShamirParams>>,
    pub(super) t: usize,
    /// Combines products of the first `2t + 1` parties to their value at zero.
    reduce: Vec<F>,
    /// Combines shares of the first `t + 1` parties to their value at zero.
    open: Vec<F>,
}

impl<F: PrimeField> Party<F> {
    pub(super) fn new(ctx: &Ctx, plan: &Arc<Plan<ShamirParams>>) -> Result<Self, Abort> {
        let t = plan.threshold();
        let first = |count: usize| -> Vec<PartyId> { PartyId::all(count).collect() };
        let factors = |count| {
            shamir::lagrange_at_zero(&first(count))
                .ok_or_else(|| Abort::Bug("two parties have one point".to_owned()))
        };
        Ok(Party {
            id: ctx.id(),
            plan: Arc::clone(plan),
            t,
            reduce: factors(2 * t + 1)?,
            open: factors(t + 1)?,
        })
    }

    pub(super) fn roles(&self) -> &Roles {
        &self.plan.job.roles
    }

    /// The parties that reshare products.
    fn resharers(&self) -> impl Iterator<Item = PartyId> + Clone + use<F> {
        PartyId::all(2 * self.t + 1)
    }

    /// The parties whose shares suffice to open.
    fn openers(&self) -> impl Iterator<Item = PartyId> + Clone + use<F> {
        PartyId::all(self.t + 1)
    }

    /// Shares own values with degree `t`, sends every party its share and returns the own one;
    /// a client gets none.
    pub(super) fn deal(&self, ctx: &Ctx, values: &[F]) -> Option<Vec<F>> {
        let (n, t, len) = (self.roles().compute, self.t, values.len());
        ctx.charge(CHACHA_BYTE, (len * t * F::BYTES) as u64);
        ctx.charge(F::MUL, (len * t * n) as u64);
        let shares = shamir::share(values, t, n, &mut ctx.rng());
        let mut own = None;
        for (party, share) in self.roles().computing().zip(shares) {
            if party == self.id {
                own = Some(share);
            } else {
                ctx.send(party, &share);
            }
        }
        own
    }

    /// What some parties deal to this one, its own share among them, in order of their ids.
    pub(super) async fn collect(
        &self,
        ctx: &Ctx,
        from: impl Iterator<Item = PartyId> + Clone,
        own: Option<Vec<F>>,
        len: usize,
    ) -> Result<Vec<Vec<F>>, Abort> {
        let mut dealt = ctx.gather_from::<Vec<F>>(from, len).await?;
        if let Some(own) = own {
            dealt.insert(self.id, own);
        }
        Ok(dealt.into_iter().map(|(_, share)| share).collect())
    }

    /// The degree reduction: products of degree `2t` become shares of degree `t`, one round.
    async fn reshare(&self, ctx: &Ctx, products: Vec<F>) -> Result<Vec<F>, Abort> {
        let len = products.len();
        // 1. The first 2t + 1 parties share their products anew.
        let reshares = self.resharers().any(|party| party == self.id);
        let own = if reshares { self.deal(ctx, &products) } else { None };
        // 2. Everyone combines what came, as the products' value at zero.
        let dealt = self.collect(ctx, self.resharers(), own, len).await?;
        ctx.charge(F::MUL, (len * self.reduce.len()) as u64);
        Ok(combine(&self.reduce, &dealt))
    }
}

/// The linear combination of whole vectors.
pub(super) fn combine<F: PrimeField>(factors: &[F], vectors: &[Vec<F>]) -> Vec<F> {
    let rows: Vec<&[F]> = vectors.iter().map(Vec::as_slice).collect();
    slices::linear_combination(factors, &rows)
}

impl<F: PrimeField> FieldSharing for Party<F> {
    type Field = F;
    type Shares = Vec<F>;

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
        let opens = self.openers().any(|party| party == self.id);
        if opens {
            ctx.send_to(self.roles().computing(), shares);
        }
        let (own, len) = (opens.then(|| shares.clone()), shares.len());
        let all = self.collect(ctx, self.openers(), own, len).await?;
        ctx.charge(F::MUL, (len * self.open.len()) as u64);
        Ok(combine(&self.open, &all))
    }

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        offline::prepare(self, &ctx.scope("offline"), &self.plan.needs).await
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Vec<F>>, Abort> {
        match values {
            Some(values) => Ok(self.deal(ctx, &values)),
            None if self.roles().computes(self.id) => ctx.recv(owner, len).await.map(Some),
            None => Ok(None),
        }
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

    async fn reveal(&self, ctx: &Ctx, shares: Option<&Vec<F>>, _: usize) -> Result<Vec<F>, Abort> {
        let opens = self.openers().any(|party| party == self.id);
        if let (true, Some(shares)) = (opens, shares) {
            for group in self.plan.opening.groups() {
                let own = self.plan.opening.pick::<F, _>(group, shares);
                ctx.send_to(group.nodes.iter().copied(), &*own);
            }
        }
        let Some(group) = self.plan.opening.group_of(self.id) else { return Ok(Vec::new()) };
        let own = shares.filter(|_| opens);
        let own = own.map(|shares| self.plan.opening.pick::<F, _>(group, shares).into_owned());
        Ok(combine(&self.open, &self.collect(ctx, self.openers(), own, group.len).await?))
    }
}
