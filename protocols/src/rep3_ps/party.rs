use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::wire::Wire;

use super::verify::Products;
use crate::algebra::{BinaryRing, PrimeField, Ring, slices};
use crate::engine::replicated::{Seat, Streams, parts};
use crate::engine::{Cut, Engine, Replicated, Shares};
use crate::primitives::hash::{self, BLAKE3_BYTE};
use crate::program::Program;
use crate::protocol::{Job, Protocol};

/// Bytes of a hash.
pub(super) const HASH_BYTES: usize = 32;

/// A party of the protocol.
pub(super) struct Party<R> {
    pub(super) seat: Seat,
    pub(super) room: Room,
    /// Products that nobody has checked yet, by batch and in order within it.
    unchecked: Mutex<BTreeMap<usize, Vec<Products<R>>>>,
}

/// How much of an element is value, and from how many a challenge is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Room {
    /// All of a field.
    Field,
    /// Values modulo `2^value_bits`, challenges below `2^challenge_bits`: together all of a ring.
    Ring { value_bits: u32, challenge_bits: u32 },
}

/// What a batch draws on.
pub(super) struct Stock {
    batch: usize,
    streams: Streams,
}

impl<F: PrimeField> Party<F> {
    /// Set-up in a field.
    pub(super) async fn in_field(ctx: &Ctx, job: &Job) -> Result<Self, Abort> {
        Party::new(ctx, job, Room::Field).await
    }
}

impl<Z: BinaryRing> Party<Z> {
    /// Set-up modulo a power of two: challenges take the statistical security parameter's bits.
    pub(super) async fn in_ring(ctx: &Ctx, job: &Job) -> Result<Self, Abort> {
        Party::new(ctx, job, Room::ring(Z::BITS, job.security.statistical)).await
    }
}

impl<R: Ring> Party<R> {
    async fn new(ctx: &Ctx, job: &Job, room: Room) -> Result<Self, Abort> {
        let seat = Seat::take(ctx, job, super::Rep3Ps::NAME).await?;
        Ok(Party { seat, room, unchecked: Mutex::new(BTreeMap::new()) })
    }

    /// Steps 1 and 2: products, or inner products over runs of these lengths, each with another
    /// one of the same right operand; one message.
    async fn multiply(
        &self,
        ctx: &Ctx,
        stock: &mut Stock,
        x: &Replicated<R>,
        y: &Replicated<R>,
        runs: Option<&[usize]>,
    ) -> Result<Replicated<R>, Abort> {
        // 1. A random a for each x.
        let a: Replicated<R> = stock.streams.random(ctx, x.len());
        // 2. z = x y and c = a y.
        let local = |left: &Replicated<R>| match runs {
            Some(lengths) => slices::replicated_dot(parts(left), parts(y), lengths),
            None => slices::replicated_product(parts(left), parts(y)),
        };
        let mut additive = local(x);
        let count = additive.len();
        additive.extend(local(&a));
        ctx.charge(R::MUL, 4 * x.len() as u64);
        let both = self.seat.reshare(ctx, &mut stock.streams, additive).await?;
        let (z, c) = (both.slice(0..count), both.slice(count..2 * count));
        let runs = runs.map(<[usize]>::to_vec);
        let products = Products { x: x.clone(), y: y.clone(), a, z: z.clone(), c, runs };
        let mut unchecked = self.unchecked.lock().unwrap_or_else(PoisonError::into_inner);
        unchecked.entry(stock.batch).or_default().push(products);
        Ok(z)
    }

    /// All products that are not checked yet, batch by batch.
    fn take_unchecked(&self) -> Vec<Products<R>> {
        let mut unchecked = self.unchecked.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *unchecked).into_values().flatten().collect()
    }

    /// Opens values to all three, with the check that they are the ones that were shared.
    pub(super) async fn open(
        &self,
        ctx: &Ctx,
        shares: &Replicated<R>,
        step: &str,
    ) -> Result<Vec<R>, Abort> {
        let missing = self.missing_part(ctx, &shares.0[0], &shares.0[1], step).await?;
        ctx.charge(R::ADD, 2 * missing.len() as u64);
        Ok(slices::add(&slices::add(&shares.0[0], &shares.0[1]), &missing))
    }

    /// The part that this party lacks: from the one of its holders that calls it `own`, and its
    /// hash from the one that calls it `next`.
    pub(super) async fn missing_part<M: Wire>(
        &self,
        ctx: &Ctx,
        own: &M,
        next: &M,
        step: &str,
    ) -> Result<M, Abort> {
        ctx.send(self.seat.peer(1), own);
        ctx.send(self.seat.peer(2), &self.hash_of_part(ctx, self.seat.peer(1), next));
        let missing = ctx.recv::<M>(self.seat.peer(2), own.shape()).await?;
        let hash = ctx.recv::<[u8; HASH_BYTES]>(self.seat.peer(1), ()).await?;
        if hash != self.hash_of_part(ctx, self.seat.peer(2), &missing) {
            return Err(ctx.check_failed(step));
        }
        Ok(missing)
    }

    /// The hash of part `part` of a sharing: the same at both of its holders.
    pub(super) fn hash_of_part<M: Wire>(
        &self,
        ctx: &Ctx,
        part: PartyId,
        message: &M,
    ) -> [u8; HASH_BYTES] {
        let mut bytes = Vec::with_capacity(M::len(&message.shape()));
        message.encode(&mut bytes);
        ctx.charge(BLAKE3_BYTE, bytes.len() as u64);
        let domain = self.seat.domain(part, &ctx.path());
        *hash::digest("mpclab rep3_ps part v1", &domain, &[&bytes]).as_bytes()
    }
}

impl<R: Ring> Engine for Party<R> {
    type Element = R;
    type Shares = Replicated<R>;
    type Stock = Stock;

    /// Everything comes from the pairwise keys: a stream of each for each batch.
    async fn prepare(&self, ctx: &Ctx, program: &Program) -> Result<Vec<Stock>, Abort> {
        let stock =
            |batch| Stock { batch, streams: self.seat.streams(ctx, &format!("batch/{batch}")) };
        Ok((0..program.schedule().batches.len()).map(stock).collect())
    }

    fn is_spent(_: &Stock) -> bool {
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
        let scope = ctx.scope(("owner", owner.index()));
        let mut streams = self.seat.streams(&scope, &scope.path());
        self.seat.share_from(&scope, &mut streams, owner, values, len).await.map(Some)
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock,
        a: &Replicated<R>,
        b: &Replicated<R>,
    ) -> Result<Replicated<R>, Abort> {
        self.multiply(ctx, stock, a, b, None).await
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Stock,
        a: &Replicated<R>,
        b: &Replicated<R>,
        lengths: &[usize],
    ) -> Result<Replicated<R>, Abort> {
        self.multiply(ctx, stock, a, b, Some(lengths)).await
    }

    async fn is_negative(
        &self,
        _: &Ctx,
        _: &mut Stock,
        _: &Replicated<R>,
        _: u32,
    ) -> Result<Replicated<R>, Abort> {
        Err(refused())
    }

    async fn is_zero(
        &self,
        _: &Ctx,
        _: &mut Stock,
        _: &Replicated<R>,
        _: u32,
    ) -> Result<Replicated<R>, Abort> {
        Err(refused())
    }

    async fn truncate(
        &self,
        _: &Ctx,
        _: &mut Stock,
        _: &Replicated<R>,
        _: Cut,
    ) -> Result<Replicated<R>, Abort> {
        Err(refused())
    }

    /// Checks all products, then opens the outputs.
    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Replicated<R>>,
        _: usize,
    ) -> Result<Vec<R>, Abort> {
        let Some(shares) = shares else {
            return Err(Abort::Bug("a party without shares".to_owned()));
        };
        // 3 to 5.
        let products = self.take_unchecked();
        if !products.is_empty() {
            self.verify(&ctx.scope("verify"), &products).await?;
        }
        // 6. Parts and sums count modulo 2^k in a ring; higher bits are not shown.
        let shares = shares.map(|part| part.iter().map(|value| self.room.value(*value)).collect());
        let opened = self.open(&ctx.scope("open"), &shares, "6: outputs").await?;
        Ok(opened.into_iter().map(|value| self.room.centred(value)).collect())
    }
}

fn refused() -> Abort {
    Abort::Bug("comparisons are refused before they run".to_owned())
}

impl Room {
    /// Of a ring of so many bits, what challenges leave.
    pub(super) fn ring(bits: u32, challenge_bits: u32) -> Self {
        Room::Ring { value_bits: bits.saturating_sub(challenge_bits), challenge_bits }
    }

    /// An element as far as it is value: in a ring the low bits.
    fn value<R: Ring>(self, element: R) -> R {
        match self {
            Room::Field => element,
            Room::Ring { value_bits, .. } => R::from_u128(low_bits(element.to_u128(), value_bits)),
        }
    }

    /// The element whose centred representative is that of the value.
    pub(super) fn centred<R: Ring>(self, element: R) -> R {
        match self {
            Room::Field => element,
            Room::Ring { value_bits, .. } => {
                let value = low_bits(element.to_u128(), value_bits);
                let negative = (value >> (value_bits - 1)) & 1 == 1;
                let high = if negative { !low_bits(u128::MAX, value_bits) } else { 0 };
                R::from_u128(value | high)
            }
        }
    }

    /// A challenge from a uniform element.
    pub(super) fn challenge<R: Ring>(self, uniform: R) -> R {
        match self {
            Room::Field => uniform,
            Room::Ring { challenge_bits, .. } => {
                R::from_u128(low_bits(uniform.to_u128(), challenge_bits))
            }
        }
    }
}

/// The low bits of a number; `bits` is at most 128.
fn low_bits(value: u128, bits: u32) -> u128 {
    value & 1u128.checked_shl(bits).map_or(u128::MAX, |power| power - 1)
}
