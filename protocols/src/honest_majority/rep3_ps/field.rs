//! In a prime field: as above, and comparisons behind masks.
//!
//! Random bits: Damgård, Fitzi, Kiltz, Nielsen and Toft, TCC 2006: `r` over the root of its square
//! is a random sign. The product is checked before a bit is used; otherwise a cheater would know
//! bits of masks up to few candidates. Masks: the sum of three bounded integers from the pairwise
//! keys, without a message: replicated integers, Damgård and Thorbek, "Non-interactive Proofs for
//! Integer Multiplication", EUROCRYPT 2007.

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::Rep3PsParams;
use super::party::Party;
use crate::algebra::{PrimeField, slices};
use crate::engine::field::{FieldSharing, Needs, Stock, bounded};
use crate::engine::{Plan, Replicated, Shares, Verified};
use crate::mutants;

/// A party that computes in a prime field.
pub(super) struct InField<F> {
    party: Party<F>,
    plan: Arc<Plan<Rep3PsParams>>,
}

impl<F: PrimeField> InField<F> {
    /// Set-up: challenges are drawn from the whole field.
    pub(super) async fn new(ctx: &Ctx, plan: &Arc<Plan<Rep3PsParams>>) -> Result<Self, Abort> {
        let party = Party::new(ctx, &plan.job.roles, None).await?;
        Ok(InField { party, plan: Arc::clone(plan) })
    }

    async fn random_bits(&self, ctx: &Ctx, count: usize) -> Result<Replicated<F>, Abort> {
        let half = F::from_u128(2).inv().ok_or_else(|| Abort::Bug("2 is zero".to_owned()))?;
        let seat = &self.party.seat;
        let mut bits: Vec<Replicated<F>> = Vec::new();
        let (mut attempt, mut missing) = (0usize, count);
        while missing > 0 {
            let ctx = ctx.scope(("attempt", attempt));
            attempt += 1;
            // 1. Random r; 2. its square; 3. opened, and checked at the same time.
            let random = ctx.scope("random");
            let r: Replicated<F> = seat.streams(&random, &random.path()).random(missing);
            let square = ctx.scope("square");
            let squares = self.party.multiply(&square, &r, &r, None).await?;
            let open = ctx.scope("open");
            let opened = self.party.open(&open, &squares, "random bits");
            let check = ctx.scope("verify");
            let checked = async {
                match mutants::is("rep3_ps/bits-unverified") {
                    true => Ok(()),
                    false => self.party.verify(&check).await,
                }
            };
            let (squares, ()) = ctx.try_join(opened, checked).await?;
            // 4. r / root is 1 or -1; (r / root + 1) / 2 is a bit. A zero is drawn again.
            let kept: Vec<u32> =
                (0..missing as u32).filter(|at| squares[*at as usize] != F::ZERO).collect();
            let roots = slices::inverse_roots(&slices::gather(&squares, &kept));
            let roots = slices::scale(&roots, half);
            let halves = seat.constant(vec![half; kept.len()]);
            let signs = r.gather(&kept).scale_each(&roots);
            bits.push(signs.add(&halves));
            missing -= kept.len();
        }
        Ok(Shares::concat(&bits))
    }

    /// Integers below `2^width` from each key: their sum has the entropy of the one that the
    /// corrupted party does not know, at least.
    fn random_masks(&self, ctx: &Ctx, batch: usize, needs: &Needs) -> Replicated<F> {
        let Some((width, count)) = needs.masks else { return Replicated([Vec::new(), Vec::new()]) };
        let streams = self.party.seat.streams(ctx, &format!("{}/masks[{batch}]", ctx.path()));
        Replicated(
            streams.keys.map(|mut key| (0..count).map(|_| bounded::<F>(width, &mut key)).collect()),
        )
    }
}

impl<F: PrimeField> FieldSharing for InField<F> {
    type Field = F;
    type Shares = Replicated<F>;
    /// Products are masked by what comes from the pairwise keys.
    type Supply = ();

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        let offline = ctx.scope("offline");
        let needs = &self.plan.needs;
        let count = needs.iter().map(|needs| needs.bits).sum();
        let bits = self.random_bits(&offline.scope("bits"), count).await?;
        let mut start = 0;
        let stock = |(batch, needs): (usize, &Needs)| {
            let own = bits.slice(start..start + needs.bits);
            start += needs.bits;
            let masks = self.random_masks(&offline, batch, needs);
            Stock::new(batch, (), own, masks)
        };
        Ok(needs.iter().enumerate().map(stock).collect())
    }

    fn constant(&self, values: Vec<F>) -> Result<Replicated<F>, Abort> {
        Ok(self.party.seat.constant(values))
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Replicated<F>>, Abort> {
        self.party.share(ctx, owner, values, len).await
    }

    async fn check_digits(&self, ctx: &Ctx, digits: &[&Replicated<F>]) -> Result<(), Abort> {
        self.party.check_digits(ctx, digits).await
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        _: &mut Stock<Self>,
        a: &Replicated<F>,
        b: &Replicated<F>,
    ) -> Result<Replicated<F>, Abort> {
        self.party.multiply(ctx, a, b, None).await
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        _: &mut Stock<Self>,
        a: &Replicated<F>,
        b: &Replicated<F>,
        lengths: &[usize],
    ) -> Result<Replicated<F>, Abort> {
        self.party.multiply(ctx, a, b, Some(lengths)).await
    }

    async fn open(&self, ctx: &Ctx, shares: &Replicated<F>) -> Result<Vec<F>, Abort> {
        self.party.open(ctx, shares, "masked value").await
    }

    async fn verify(&self, ctx: &Ctx) -> Result<Verified, Abort> {
        if !mutants::is("rep3_ps/verified-at-the-end") {
            self.party.verify(ctx).await?;
        }
        Ok(Verified::Passed)
    }

    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Replicated<F>>,
        _: usize,
    ) -> Result<Vec<F>, Abort> {
        self.party.reveal(ctx, shares, &self.plan.opening).await
    }
}
