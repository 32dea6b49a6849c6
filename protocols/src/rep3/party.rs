use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use rand::Rng;

use super::bits;
use crate::algebra::{BinaryRing, slices};
use crate::engine::{Cut, Engine, Replicated};
use crate::primitives::{CHACHA_BYTE, Domain, Prg};
use crate::program::Program;
use crate::protocol::{Job, Protocol};

/// Bytes of a pairwise key.
pub(super) const KEY_BYTES: usize = 32;

/// One node of the protocol, computing or client.
pub(super) struct Party<R> {
    pub(super) id: PartyId,
    roles: Roles,
    session: [u8; 32],
    /// `k_i`, shared with the previous party, and `k_{i+1}`, shared with the next.
    keys: [[u8; KEY_BYTES]; 2],
    ring: std::marker::PhantomData<fn() -> R>,
}

/// Pseudorandom streams of a party's two keys, for one batch.
pub(crate) struct Streams {
    /// Of `k_i` and `k_{i+1}`.
    pub(super) keys: [Prg; 2],
}

impl<R: BinaryRing> Party<R> {
    /// Set-up: each computing party draws a key and sends it to the previous one.
    pub(super) async fn new(ctx: &Ctx, job: &Job) -> Result<Self, Abort> {
        let mut keys = [[0; KEY_BYTES]; 2];
        if job.roles.computes(ctx.id()) {
            let setup = ctx.scope("setup");
            setup.rng().fill_bytes(&mut keys[0]);
            setup.send(neighbour(ctx.id(), 2), &keys[0]);
            keys[1] = setup.recv(neighbour(ctx.id(), 1), ()).await?;
        }
        let (id, roles, session) = (ctx.id(), job.roles.clone(), job.session);
        Ok(Party { id, roles, session, keys, ring: std::marker::PhantomData })
    }

    /// The party `ahead` places further than this one.
    pub(super) fn peer(&self, ahead: u32) -> PartyId {
        neighbour(self.id, ahead)
    }

    /// Streams that only the holders of each key know, fresh for each scope.
    pub(super) fn streams(&self, ctx: &Ctx) -> Streams {
        let path = ctx.path();
        let stream = |which: usize| {
            // Both holders name the key after the party that drew it.
            let domain = Domain {
                protocol: super::Rep3::NAME,
                session: &self.session,
                party: self.peer(which as u32),
                scope: path.as_bytes(),
            };
            Prg::of(ctx, self.keys[which], &domain.to_bytes())
        };
        Streams { keys: [stream(0), stream(1)] }
    }

    /// A zero sharing: `F(k_i) - F(k_{i+1})`; the three parties' vectors add up to zero.
    fn zeros(&self, ctx: &Ctx, streams: &mut Streams, len: usize) -> Vec<R> {
        ctx.charge(CHACHA_BYTE, 2 * (len * R::BYTES) as u64);
        let [own, next] = &mut streams.keys;
        let mut zeros: Vec<R> = own.elements(len);
        slices::sub_assign(&mut zeros, &next.elements(len));
        zeros
    }

    /// From an additive share of each value to a replicated one: masked, to the previous party.
    async fn reshare(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        mut additive: Vec<R>,
    ) -> Result<Replicated<R>, Abort> {
        let len = additive.len();
        slices::add_assign(&mut additive, &self.zeros(ctx, streams, len));
        ctx.charge(R::ADD, 2 * len as u64);
        ctx.send(self.peer(2), &additive);
        let next = ctx.recv::<Vec<R>>(self.peer(1), len).await?;
        Ok(Replicated([additive, next]))
    }

    pub(super) async fn products(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        a: &Replicated<R>,
        b: &Replicated<R>,
    ) -> Result<Replicated<R>, Abort> {
        let local = slices::replicated_product(parts(a), parts(b));
        ctx.charge(R::MUL, 2 * local.len() as u64);
        self.reshare(ctx, streams, local).await
    }

    /// Shares values of one computing party: `x_{j+2} = 0`, `x_{j+1}` from the key that it has in
    /// common with the next, and the difference `x_j` to the previous: one element per value.
    pub(super) async fn share_from(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        owner: PartyId,
        values: Option<Vec<R>>,
        len: usize,
    ) -> Result<Replicated<R>, Abort> {
        let zeros = || vec![R::ZERO; len];
        let stream_cost = (len * R::BYTES) as u64;
        if let Some(mut values) = values {
            ctx.charge(CHACHA_BYTE, stream_cost);
            let next: Vec<R> = streams.keys[1].elements(len);
            slices::sub_assign(&mut values, &next);
            ctx.send(self.peer(2), &values);
            return Ok(Replicated([values, next]));
        }
        if owner == self.peer(2) {
            ctx.charge(CHACHA_BYTE, stream_cost);
            return Ok(Replicated([streams.keys[0].elements(len), zeros()]));
        }
        let difference = ctx.recv::<Vec<R>>(owner, len).await?;
        Ok(Replicated([zeros(), difference]))
    }
}

/// The party `ahead` places further on the ring of three.
pub(super) fn neighbour(id: PartyId, ahead: u32) -> PartyId {
    PartyId((id.0 + ahead) % 3)
}

fn parts<R>(shares: &Replicated<R>) -> [&[R]; 2] {
    [&shares.0[0], &shares.0[1]]
}

impl<R: BinaryRing> Engine for Party<R> {
    type Element = R;
    type Shares = Replicated<R>;
    /// Everything comes from the pairwise keys.
    type Stock = ();

    async fn prepare(&self, _: &Ctx, program: &Program) -> Result<Vec<()>, Abort> {
        Ok(vec![(); program.schedule().batches.len()])
    }

    fn is_spent((): &()) -> bool {
        true
    }

    /// A public value is `x_0`.
    fn constant(&self, values: Vec<R>) -> Result<Replicated<R>, Abort> {
        let zeros = vec![R::ZERO; values.len()];
        Ok(match self.id.0 {
            0 => Replicated([values, zeros]),
            2 => Replicated([zeros, values]),
            _ => Replicated([zeros.clone(), zeros]),
        })
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<R>>,
        len: usize,
    ) -> Result<Option<Replicated<R>>, Abort> {
        let computes = self.roles.computes(self.id);
        if self.roles.computes(owner) {
            if !computes {
                return Ok(None);
            }
            let scope = ctx.scope(("owner", owner.index()));
            let mut streams = self.streams(&scope);
            return self.share_from(&scope, &mut streams, owner, values, len).await.map(Some);
        }
        if let Some(values) = values {
            // A client draws two shares and hands each party its two.
            let mut rng = ctx.rng();
            ctx.charge(CHACHA_BYTE, 2 * (len * R::BYTES) as u64);
            let shares: [Vec<R>; 2] = [(); 2].map(|()| slices::random_vec(len, &mut rng));
            let last = slices::sub(&slices::sub(&values, &shares[0]), &shares[1]);
            let [first, second] = shares;
            let shares = [first, second, last];
            for party in self.roles.computing() {
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
        self.products(ctx, &mut self.streams(ctx), a, b).await
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
        ctx.charge(R::MUL, 2 * a.0[0].len() as u64);
        self.reshare(ctx, &mut self.streams(ctx), local).await
    }

    async fn is_negative(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        width: u32,
    ) -> Result<Replicated<R>, Abort> {
        bits::is_negative(self, ctx, a, width).await
    }

    async fn is_zero(
        &self,
        ctx: &Ctx,
        (): &mut (),
        a: &Replicated<R>,
        width: u32,
    ) -> Result<Replicated<R>, Abort> {
        bits::is_zero(self, ctx, a, width).await
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
        len: usize,
    ) -> Result<Vec<R>, Abort> {
        if let Some(shares) = shares {
            self.send_shares(ctx, shares);
        }
        if !self.roles.learns_output(self.id) {
            return Ok(Vec::new());
        }
        let Some(shares) = shares else {
            let (own, next) = ctx.recv::<(Vec<R>, Vec<R>)>(PartyId(0), (len, len)).await?;
            let last = ctx.recv::<Vec<R>>(PartyId(1), len).await?;
            return Ok(slices::add(&slices::add(&own, &next), &last));
        };
        let missing = ctx.recv::<Vec<R>>(self.peer(2), len).await?;
        Ok(slices::add(&slices::add(&shares.0[0], &shares.0[1]), &missing))
    }
}

impl<R: BinaryRing> Party<R> {
    /// Opens to the output nodes: the next party lacks `x_i`; clients get `x_0` and `x_1` from
    /// party 0 and `x_2` from party 1.
    fn send_shares(&self, ctx: &Ctx, shares: &Replicated<R>) {
        let Replicated([own, next]) = shares;
        for to in &self.roles.output {
            if *to == self.peer(1) {
                ctx.send(*to, own);
            } else if !self.roles.computes(*to) && self.id == PartyId(0) {
                ctx.send(*to, &(own.clone(), next.clone()));
            } else if !self.roles.computes(*to) && self.id == PartyId(1) {
                ctx.send(*to, next);
            }
        }
    }
}
