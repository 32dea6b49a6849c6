use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::Rep3PsParams;
use super::party::Party;
use super::verify::low_bits;
use crate::algebra::{BinaryRing, Ring};
use crate::engine::{Engine, NoBits, Plan, Replicated, RingVectors, Verified};
use crate::mutants;

/// A party that computes modulo a power of two: values take the low bits, and as many as a
/// challenge has are left above them.
pub(super) struct InRing<Z> {
    party: Party<Z>,
    plan: Arc<Plan<Rep3PsParams>>,
    value_bits: u32,
}

impl<Z: BinaryRing> InRing<Z> {
    /// Set-up: challenges have the statistical security parameter's bits.
    pub(super) async fn new(ctx: &Ctx, plan: &Arc<Plan<Rep3PsParams>>) -> Result<Self, Abort> {
        let challenge_bits = plan.job.security.statistical;
        let Some(value_bits) = Z::BITS.checked_sub(challenge_bits).filter(|bits| *bits > 0) else {
            return Err(Abort::Bug(format!("challenges of {challenge_bits} bits do not fit")));
        };
        let party = Party::new(ctx, &plan.job.roles, Some(challenge_bits)).await?;
        Ok(InRing { party, plan: Arc::clone(plan), value_bits })
    }

    /// Shares of the same values modulo `2^k`, whose high bits say nothing.
    fn low(&self, shares: &Replicated<Z>) -> Replicated<Z> {
        let value = |element: &Z| Z::from_u128(low_bits(element.to_u128(), self.value_bits));
        shares.map(&|part| part.iter().map(value).collect())
    }
}

/// The element whose centred representative is that of the value in the low bits, at least one.
pub(super) fn centred<Z: Ring>(element: Z, value_bits: u32) -> Z {
    let value = low_bits(element.to_u128(), value_bits);
    let negative = (value >> (value_bits - 1)) & 1 == 1;
    let high = if negative { !low_bits(u128::MAX, value_bits) } else { 0 };
    Z::from_u128(value | high)
}

impl<Z: BinaryRing> Engine for InRing<Z> {
    type Element = Z;
    type Shares = Replicated<Z>;
    /// Everything comes from the pairwise keys.
    type Stock = ();
    type Bits = NoBits;

    async fn prepare(&self, _: &Ctx) -> Result<Vec<()>, Abort> {
        Ok(vec![(); self.plan.program.schedule().batches.len()])
    }

    fn is_spent((): &()) -> bool {
        true
    }

    fn constant(&self, values: Vec<Z>) -> Result<Replicated<Z>, Abort> {
        Ok(self.party.seat.constant(values))
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<Z>>,
        len: usize,
    ) -> Result<Option<Replicated<Z>>, Abort> {
        self.party.share(ctx, owner, values, len).await
    }

    async fn check_digits(&self, ctx: &Ctx, digits: &[&Replicated<Z>]) -> Result<(), Abort> {
        self.party.check_digits(ctx, digits).await
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<Z>,
        b: &Replicated<Z>,
    ) -> Result<Replicated<Z>, Abort> {
        self.party.multiply(ctx, a, b, None).await
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<Z>,
        b: &Replicated<Z>,
        lengths: &[usize],
    ) -> Result<Replicated<Z>, Abort> {
        self.party.multiply(ctx, a, b, Some(lengths)).await
    }

    async fn verify(&self, ctx: &Ctx) -> Result<Verified, Abort> {
        self.party.verify(ctx).await?;
        Ok(Verified::Passed)
    }

    /// Parts and their sums count modulo `2^k`; higher bits are not shown.
    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Replicated<Z>>,
        _: usize,
    ) -> Result<Vec<Z>, Abort> {
        let low = shares.map(|shares| match mutants::is("rep3_ps/high-bits-shown") {
            true => shares.clone(),
            false => self.low(shares),
        });
        let opened = self.party.reveal(ctx, low.as_ref(), &self.plan.opening).await?;
        Ok(opened.into_iter().map(|element| centred(element, self.value_bits)).collect())
    }
}
