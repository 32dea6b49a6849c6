use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use mpclab_sim::wire::Wire;

use super::gadgets::Gadgets;
use super::{Rep3Params, bits};
use crate::algebra::bits::Bits;
use crate::algebra::{BinaryRing, slices};
use crate::engine::replicated::{ReplicatedBits, Seat, Streams, parts};
use crate::engine::{Cut, Engine, Plan, Replicated};
use crate::mutants;
use crate::protocol::Protocol;

/// One node of the protocol, computing or client.
pub(super) struct Party<R> {
    pub(super) seat: Seat,
    plan: Arc<Plan<Rep3Params>>,
    pub(super) gadgets: Arc<Gadgets>,
    ring: std::marker::PhantomData<fn() -> R>,
}

impl<R: BinaryRing> Party<R> {
    /// Set-up: pairwise keys.
    pub(super) async fn new(ctx: &Ctx, plan: &Arc<Plan<Rep3Params>>) -> Result<Self, Abort> {
        let seat = Seat::take(ctx, &plan.job.roles, super::Rep3::NAME).await?;
        let gadgets = plan.once(|| Gadgets::of(&plan.program))?;
        Ok(Party { seat, plan: Arc::clone(plan), gadgets, ring: std::marker::PhantomData })
    }

    fn roles(&self) -> &Roles {
        &self.plan.job.roles
    }

    pub(super) async fn products(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        a: &Replicated<R>,
        b: &Replicated<R>,
    ) -> Result<Replicated<R>, Abort> {
        let local = slices::replicated_product(parts(a), parts(b));
        let product = self.seat.reshare(ctx, streams, local).await?;
        if mutants::is("rep3/product-told") {
            ctx.scope("product").send(self.seat.peer(1), &product.0[0]);
        }
        Ok(product)
    }
}

impl<R: BinaryRing> Engine for Party<R> {
    type Element = R;
    type Shares = Replicated<R>;
    /// Everything comes from the pairwise keys.
    type Stock = ();
    type Bits = ReplicatedBits;

    async fn prepare(&self, _: &Ctx) -> Result<Vec<()>, Abort> {
        Ok(vec![(); self.plan.program.schedule().batches.len()])
    }

    fn is_spent((): &()) -> bool {
        true
    }

    fn constant(&self, values: Vec<R>) -> Result<Replicated<R>, Abort> {
        Ok(self.seat.constant(values))
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<R>>,
        len: usize,
    ) -> Result<Option<Replicated<R>>, Abort> {
        let computes = self.roles().computes(self.seat.id);
        if self.roles().computes(owner) {
            if !computes {
                return Ok(None);
            }
            let scope = ctx.scope(("owner", owner.index()));
            let mut streams = self.seat.streams(&scope, &scope.path());
            return self.seat.share_from(&scope, &mut streams, owner, values, len).await.map(Some);
        }
        if let Some(values) = values {
            // A client draws two shares and hands each party its two.
            let mut rng = ctx.rng();
            let shares: [Vec<R>; 2] = [(); 2].map(|()| slices::random_vec(len, &mut rng));
            let last = slices::sub(&slices::sub(&values, &shares[0]), &shares[1]);
            let [first, second] = shares;
            let shares = [first, second, last];
            for party in self.roles().computing() {
                let at = party.index();
                ctx.send(party, &(shares[at].clone(), shares[(at + 1) % 3].clone()));
            }
            return Ok(None);
        }
        if !computes {
            return Ok(None);
        }
        let (own, next) = ctx.recv::<(Vec<R>, Vec<R>)>(owner, (len, len)).await?;
        Ok(Some(Replicated([own, next])))
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        b: &Replicated<R>,
    ) -> Result<Replicated<R>, Abort> {
        self.products(ctx, &mut self.seat.streams(ctx, &ctx.path()), a, b).await
    }

    /// Inner products are summed before they are reshared: each costs what one product does.
    async fn dot(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        b: &Replicated<R>,
        lengths: &[usize],
    ) -> Result<Replicated<R>, Abort> {
        let local = slices::replicated_dot(parts(a), parts(b), lengths);
        self.seat.reshare(ctx, &mut self.seat.streams(ctx, &ctx.path()), local).await
    }

    async fn is_negative(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        width: u32,
    ) -> Result<Replicated<R>, Abort> {
        let mut streams = self.seat.streams(ctx, &ctx.path());
        let bits = bits::is_negative(self, ctx, &mut streams, a, width).await?;
        bits::inject(self, ctx, &mut streams, &bits).await
    }

    async fn is_zero(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        width: u32,
    ) -> Result<Replicated<R>, Abort> {
        let mut streams = self.seat.streams(ctx, &ctx.path());
        let bits = bits::is_zero(self, ctx, &mut streams, a, width).await?;
        bits::inject(self, ctx, &mut streams, &bits).await
    }

    /// Exact, so either rounding is met by the floor.
    async fn truncate(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        cut: Cut,
    ) -> Result<Replicated<R>, Abort> {
        bits::truncate(self, ctx, a, cut.bits, cut.shift).await
    }

    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Replicated<R>>,
        _: usize,
    ) -> Result<Vec<R>, Abort> {
        let opening = &self.plan.opening;
        if let Some(shares) = shares {
            for group in opening.groups() {
                self.send_parts(ctx, &group.nodes, &opening.pick(group, shares).0);
            }
        }
        let Some(group) = opening.group_of(self.seat.id) else { return Ok(Vec::new()) };
        let len = group.len;
        let Some(shares) = shares else {
            let (own, next) = ctx.recv::<(Vec<R>, Vec<R>)>(PartyId(0), (len, len)).await?;
            let last = ctx.recv::<Vec<R>>(PartyId(1), len).await?;
            return Ok(slices::add(&slices::add(&own, &next), &last));
        };
        let shares = opening.pick(group, shares);
        let missing = ctx.recv::<Vec<R>>(self.seat.peer(2), len).await?;
        Ok(slices::add(&slices::add(&shares.0[0], &shares.0[1]), &missing))
    }

    fn constant_bits(&self, bits: Bits) -> Result<ReplicatedBits, Abort> {
        Ok(self.seat.constant_bits(bits))
    }

    fn low_bits(&self, a: &Replicated<R>) -> Result<ReplicatedBits, Abort> {
        Ok(self.seat.low_bits(a))
    }

    async fn share_bits(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        bits: Option<Bits>,
        len: usize,
    ) -> Result<Option<ReplicatedBits>, Abort> {
        let computes = self.roles().computes(self.seat.id);
        if self.roles().computes(owner) {
            if !computes {
                return Ok(None);
            }
            let scope = ctx.scope(("owner", owner.index()));
            let mut streams = self.seat.streams(&scope, &scope.path());
            let shares = self.seat.share_bits_from(&scope, &mut streams, owner, bits, len);
            return shares.await.map(Some);
        }
        if let Some(bits) = bits {
            let mut rng = ctx.rng();
            let [first, second] = [(); 2].map(|()| Bits::random(len, &mut rng));
            let last = bits.xor(&first).xor(&second);
            let shares = [first, second, last];
            for party in self.roles().computing() {
                let at = party.index();
                ctx.send(party, &(shares[at].clone(), shares[(at + 1) % 3].clone()));
            }
            return Ok(None);
        }
        if !computes {
            return Ok(None);
        }
        let (own, next) = ctx.recv::<(Bits, Bits)>(owner, (len, len)).await?;
        Ok(Some(self.seat.bits([own, next])))
    }

    async fn and(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &ReplicatedBits,
        b: &ReplicatedBits,
    ) -> Result<ReplicatedBits, Abort> {
        self.seat.and(ctx, &mut self.seat.streams(ctx, &ctx.path()), a, b).await
    }

    async fn random_bits(
        &self,
        ctx: &Ctx,
        (): &mut (),
        len: usize,
    ) -> Result<Replicated<R>, Abort> {
        let mut streams = self.seat.streams(ctx, &ctx.path());
        let bits = self.seat.random_bits(&mut streams, len);
        bits::inject(self, ctx, &mut streams, &bits).await
    }

    async fn random_packed_bits(
        &self,
        ctx: &Ctx,
        (): &mut (),
        len: usize,
    ) -> Result<ReplicatedBits, Abort> {
        Ok(self.seat.random_bits(&mut self.seat.streams(ctx, &ctx.path()), len))
    }

    async fn inject(
        &self,
        ctx: &Ctx,
        (): &mut (),
        bits: &ReplicatedBits,
    ) -> Result<Replicated<R>, Abort> {
        bits::inject(self, ctx, &mut self.seat.streams(ctx, &ctx.path()), bits).await
    }

    async fn is_negative_bits(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        width: u32,
    ) -> Result<ReplicatedBits, Abort> {
        let mut streams = self.seat.streams(ctx, &ctx.path());
        bits::is_negative(self, ctx, &mut streams, a, width).await
    }

    async fn is_zero_bits(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        width: u32,
    ) -> Result<ReplicatedBits, Abort> {
        let mut streams = self.seat.streams(ctx, &ctx.path());
        bits::is_zero(self, ctx, &mut streams, a, width).await
    }

    async fn reveal_bits(
        &self,
        ctx: &Ctx,
        shares: Option<&ReplicatedBits>,
        _: usize,
    ) -> Result<Bits, Abort> {
        let opening = &self.plan.opening_bits;
        if let Some(shares) = shares {
            for group in opening.groups() {
                let ReplicatedBits { parts, .. } = &*opening.pick_bits(group, shares);
                self.send_parts(ctx, &group.nodes, parts);
            }
        }
        let Some(group) = opening.group_of(self.seat.id) else { return Ok(Bits::default()) };
        let len = group.len;
        let Some(shares) = shares else {
            let (own, next) = ctx.recv::<(Bits, Bits)>(PartyId(0), (len, len)).await?;
            let last = ctx.recv::<Bits>(PartyId(1), len).await?;
            return Ok(own.xor(&next).xor(&last));
        };
        let shares = opening.pick_bits(group, shares);
        let missing = ctx.recv::<Bits>(self.seat.peer(2), len).await?;
        Ok(shares.parts[0].xor(&shares.parts[1]).xor(&missing))
    }
}

impl<R: BinaryRing> Party<R> {
    /// Opens to output nodes: the next party lacks `x_i`; clients get `x_0` and `x_1` from
    /// party 0 and `x_2` from party 1.
    fn send_parts<T: Wire + Clone>(&self, ctx: &Ctx, nodes: &[PartyId], [own, next]: &[T; 2]) {
        if mutants::is("rep3/output-told") {
            ctx.scope("all").send(self.seat.peer(1), own);
        }
        for to in nodes {
            if *to == self.seat.peer(1) {
                ctx.send(*to, own);
            } else if !self.roles().computes(*to) && self.seat.id == PartyId(0) {
                ctx.send(*to, &(own.clone(), next.clone()));
            } else if !self.roles().computes(*to) && self.seat.id == PartyId(1) {
                ctx.send(*to, next);
            }
        }
    }
}
