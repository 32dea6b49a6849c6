use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use mpclab_sim::wire::Wire;
use mpclab_sim::{Ctx, work};

use super::verify::Products;
use crate::algebra::{Ring, slices};
use crate::engine::replicated::{Seat, Streams, parts};
use crate::engine::{Opening, Replicated, Shares};
use crate::mutants;
use crate::primitives::hash;
use crate::protocol::Protocol;

/// Bytes of a hash.
pub(super) const HASH_BYTES: usize = 32;

/// A party of the protocol.
pub(super) struct Party<R> {
    pub(super) seat: Seat,
    /// Bits of a challenge, if it is not drawn from all elements.
    pub(super) challenge_bits: Option<u32>,
    state: Mutex<State<R>>,
}

struct State<R> {
    /// By path of the scope that products are computed in, so that all parties check them in one
    /// order, whichever comes first.
    scopes: BTreeMap<String, Scope<R>>,
    /// The first check that failed: nothing is sent any more.
    failed: Option<Abort>,
}

/// What is computed in one scope, step after step.
struct Scope<R> {
    streams: Streams,
    unchecked: Vec<Products<R>>,
}

impl<R: Ring> Party<R> {
    /// Set-up: pairwise keys.
    pub(super) async fn new(
        ctx: &Ctx,
        roles: &Roles,
        challenge_bits: Option<u32>,
    ) -> Result<Self, Abort> {
        let seat = Seat::take(ctx, roles, super::Rep3Ps::NAME).await?;
        let state = State { scopes: BTreeMap::new(), failed: None };
        Ok(Party { seat, challenge_bits, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Steps 1 and 2: products, or inner products over runs of these lengths, each with another
    /// one of the same right operand; one message.
    pub(super) async fn multiply(
        &self,
        ctx: &Ctx,
        x: &Replicated<R>,
        y: &Replicated<R>,
        runs: Option<&[usize]>,
    ) -> Result<Replicated<R>, Abort> {
        self.may_send()?;
        let count = runs.map_or(x.len(), <[usize]>::len);
        // 1. A random a for each x.
        let (a, zeros) = self.sacrifices(ctx, x.len(), 2 * count);
        // 2. z = x y and c = a y.
        let local = |left: &Replicated<R>| match runs {
            Some(lengths) => slices::replicated_dot(parts(left), parts(y), lengths),
            None => slices::replicated_product(parts(left), parts(y)),
        };
        let mut masked = local(x);
        let mut zeros = zeros;
        if mutants::is("rep3_ps/zeros-alike") {
            zeros.copy_within(0..count, count);
        }
        slices::append(&mut masked, &local(&a));
        slices::add_assign(&mut masked, &zeros);
        let both = self.seat.replicate(ctx, masked).await?;
        let (z, c) = (both.slice(0..count), both.slice(count..2 * count));
        let runs = runs.map(<[usize]>::to_vec);
        let [x, y] = [x, y].map(|shares| shares.slice(0..shares.len()));
        let products = Products { x, y, a, z: z.slice(0..count), c, runs };
        if let Some(scope) = self.state().scopes.get_mut(&ctx.path()) {
            scope.unchecked.push(products);
        }
        Ok(z)
    }

    /// Steps 1 to 5 for `b b = b`: of each square it is known what it has to be, so that nothing is
    /// computed but `c = a b`.
    pub(super) async fn check_digits(
        &self,
        ctx: &Ctx,
        digits: &[&Replicated<R>],
    ) -> Result<(), Abort> {
        let b: Replicated<R> = Shares::concat(digits.iter().copied());
        let b = match () {
            () if mutants::is("rep3_ps/digits-unchecked") => return Ok(()),
            () if mutants::is("rep3_ps/last-digit-unchecked") => b.slice(0..b.len() - 1),
            () if mutants::is("rep3_ps/odd-digits-unchecked") => {
                b.gather(&(0..b.len() as u32).step_by(2).collect::<Vec<u32>>())
            }
            () => b,
        };
        self.may_send()?;
        let (a, zeros) = self.sacrifices(ctx, b.len(), b.len());
        let mut masked = slices::replicated_product(parts(&a), parts(&b));
        slices::add_assign(&mut masked, &zeros);
        let c = self.seat.replicate(ctx, masked).await?;
        let [x, y] = [(); 2].map(|()| b.slice(0..b.len()));
        let squares = Products { x, y, a, z: b, c, runs: None };
        self.verify_all(&ctx.scope("verify"), &[squares], "range check of inputs").await
    }

    /// Step 1: random `a`, and sharings of zero for what is reshared in this scope.
    fn sacrifices(&self, ctx: &Ctx, len: usize, zeros: usize) -> (Replicated<R>, Vec<R>) {
        let path = ctx.path();
        let mut state = self.state();
        let scope = state.scopes.entry(path).or_insert_with_key(|path| Scope {
            streams: self.seat.streams(ctx, path),
            unchecked: Vec::new(),
        });
        let mut a: Replicated<R> = scope.streams.random(len);
        if mutants::is("rep3_ps/sacrifice-zero") {
            a = a.sub(&a);
        } else if mutants::is("rep3_ps/sacrifice-repeats") {
            a = a.gather(&vec![0; len]);
        } else if mutants::is("rep3_ps/sacrifice-even") {
            a = a.scale(R::from_u128(2));
        }
        (a, scope.streams.zeros::<R>(zeros))
    }

    /// Steps 3 to 5: whether all products are right that nobody has checked yet.
    pub(super) async fn verify(&self, ctx: &Ctx) -> Result<(), Abort> {
        let products: Vec<Products<R>> = {
            let mut state = self.state();
            let unchecked = state.scopes.values_mut();
            unchecked.flat_map(|scope| std::mem::take(&mut scope.unchecked)).collect()
        };
        if products.is_empty() || mutants::is("rep3_ps/verify-skipped") {
            return Ok(());
        }
        self.verify_all(ctx, &products, "5: products").await
    }

    /// Shares the input of one party.
    pub(super) async fn share(
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

    /// Steps 3 to 6: checks all products, then opens to each party its outputs.
    pub(super) async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Replicated<R>>,
        opening: &Opening,
    ) -> Result<Vec<R>, Abort> {
        let Some(shares) = shares else {
            return Err(Abort::Bug("a party without shares".to_owned()));
        };
        let (whole, verified) = (ctx, !mutants::is("rep3_ps/output-before-verify"));
        if verified {
            self.verify(&whole.scope("verify")).await?;
        }
        let ctx = &ctx.scope("open");
        self.may_send()?;
        let learnt_by =
            |node| Some(opening.pick::<R, _>(opening.group_of(node)?, shares).into_owned());
        // As in `missing_part`, but to each its own values.
        let [own, previous, next] = [self.seat.id, self.seat.peer(2), self.seat.peer(1)];
        if let Some(Replicated([part, _])) = learnt_by(next) {
            ctx.send(next, &part);
        }
        if let Some(Replicated([_, part])) = learnt_by(previous) {
            ctx.send(previous, &self.hash_of_part(ctx, next, &part));
        }
        let Some(Replicated([first, second])) = learnt_by(own) else { return Ok(Vec::new()) };
        let missing = ctx.recv::<Vec<R>>(previous, first.len()).await?;
        let hash = ctx.recv::<[u8; HASH_BYTES]>(next, ()).await?;
        let holds = mutants::is("rep3_ps/output-hash-unheeded")
            || hash == self.hash_of_part(ctx, previous, &missing);
        self.check(ctx, holds, "6: outputs")?;
        if !verified {
            self.verify(&whole.scope("verify")).await?;
        }
        Ok(slices::add(&slices::add(&first, &second), &missing))
    }

    /// Opens values to all three, with the check that they are the ones that were shared.
    pub(super) async fn open(
        &self,
        ctx: &Ctx,
        shares: &Replicated<R>,
        step: &str,
    ) -> Result<Vec<R>, Abort> {
        let missing = self.missing_part(ctx, &shares.0[0], &shares.0[1], step).await?;
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
        self.may_send()?;
        ctx.send(self.seat.peer(1), own);
        ctx.send(self.seat.peer(2), &self.hash_of_part(ctx, self.seat.peer(1), next));
        let missing = ctx.recv::<M>(self.seat.peer(2), own.shape()).await?;
        let hash = ctx.recv::<[u8; HASH_BYTES]>(self.seat.peer(1), ()).await?;
        let holds = mutants::is("rep3_ps/opening-hash-unheeded")
            || hash == self.hash_of_part(ctx, self.seat.peer(2), &missing);
        self.check(ctx, holds, step)?;
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
        work::did(R::PLACE, bytes.capacity() / R::BYTES);
        message.encode(&mut bytes);
        let domain = self.seat.domain(part, &ctx.path());
        *hash::digest("mpclab rep3_ps part v1", &domain, &[&bytes]).as_bytes()
    }

    /// Ends this step if a check fails, and every other before it sends again.
    pub(super) fn check(&self, ctx: &Ctx, holds: bool, step: &str) -> Result<(), Abort> {
        if holds {
            return Ok(());
        }
        let abort = ctx.check_failed(step);
        self.state().failed.get_or_insert_with(|| abort.clone());
        Err(abort)
    }

    /// Nothing is sent after a check has failed, by whatever strand.
    pub(super) fn may_send(&self) -> Result<(), Abort> {
        match &self.state().failed {
            None => Ok(()),
            Some(abort) => Err(abort.clone()),
        }
    }
}
