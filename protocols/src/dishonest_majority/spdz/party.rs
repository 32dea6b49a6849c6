use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, PerParty};

use super::SpdzParams;
use super::dealer::{self, Dealt, Mask};
use super::ledger::Ledger;
use super::shares::Authenticated;
use crate::algebra::slices::Public;
use crate::algebra::{PrimeField, slices};
use crate::engine::field::{FieldSharing, OpeningName, Stock, Triples};
use crate::engine::{Plan, RingVectors, Shares, Verified};
use crate::mutants;

/// One computing party.
pub struct Party<F: PrimeField> {
    pub(super) id: PartyId,
    pub(super) plan: Arc<Plan<SpdzParams>>,
    pub(super) session: [u8; 32],
    /// Locked for single statements, never while waiting.
    ledger: Mutex<Ledger<F>>,
    masks: Mutex<PerParty<Mask<F>>>,
    output_masks: Mutex<PerParty<Mask<F>>>,
}

impl<F: PrimeField> Party<F> {
    pub(super) fn new(ctx: &Ctx, plan: &Arc<Plan<SpdzParams>>) -> Self {
        Party {
            id: ctx.id(),
            plan: Arc::clone(plan),
            session: ctx.run_id(),
            ledger: Mutex::new(Ledger::new()),
            masks: Mutex::default(),
            output_masks: Mutex::default(),
        }
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger<F>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn masks(&self) -> MutexGuard<'_, PerParty<Mask<F>>> {
        self.masks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The masks of outputs that not all learn; they are gone then.
    pub(super) fn take_output_masks(&self) -> PerParty<Mask<F>> {
        std::mem::take(&mut *self.output_masks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Public values: the first party's share is the value, and everyone's MAC is its key's.
    fn public(&self, values: Vec<F>) -> Result<Authenticated<F>, Abort> {
        let mac = self.ledger().key.times(&values)?;
        let leads = self.id == PartyId(0);
        let value = if leads { values } else { slices::zeros(values.len()) };
        Ok(Authenticated { value, mac })
    }
}

/// Products from triples, and openings.
impl<F: PrimeField> Party<F> {
    /// Opens `d = x - a` and `e = y - b` for all products at once: all `d`, then all `e`.
    async fn open_differences(
        &self,
        ctx: &Ctx,
        triples: &Authenticated<F>,
        x: &Authenticated<F>,
        y: &Authenticated<F>,
    ) -> Result<Vec<F>, Abort> {
        let differences = Authenticated::from_vectors(&mut |which| {
            let operands = [x, y].map(|operand| operand.vector(which));
            slices::beaver_differences(triples.vector(which), operands)
        });
        self.open_shares(ctx, self.plan.params.opening, differences).await
    }

    /// Both parts of a share of products, from those of their triples and what each adds of `d e`:
    /// the first party's value all of it, and everyone's MAC as its key says.
    fn per_part(
        &self,
        triples: &Authenticated<F>,
        product: impl Fn(&[F], Public<F>) -> Vec<F>,
    ) -> Result<Authenticated<F>, Abort> {
        let leads = self.id == PartyId(0);
        let value = product(&triples.value, if leads { Public::All } else { Public::None });
        let mac = self.ledger().key.with(|key| product(&triples.mac, Public::Times(key)))?;
        Ok(Authenticated { value, mac })
    }

    /// Step `Output`: checks the MACs of all that was opened, opens these, checks theirs.
    pub(super) async fn open_verified(
        &self,
        ctx: &Ctx,
        shares: &Authenticated<F>,
    ) -> Result<Vec<F>, Abort> {
        if !mutants::is("spdz/output-before-check") {
            self.mac_check(&ctx.scope("before")).await?;
        }
        let values = self.open_shares(ctx, OpeningName::Direct, shares.clone()).await?;
        if !mutants::is("spdz/output-unchecked") {
            self.mac_check(&ctx.scope("mac_check")).await?;
        }
        Ok(values)
    }

    /// Opens shares that nobody needs any more.
    ///
    /// A king that tells each party another value is caught by the next check: it would have to know
    /// what the differences come to under the parties' own shares of the key.
    async fn open_shares(
        &self,
        ctx: &Ctx,
        how: OpeningName,
        shares: Authenticated<F>,
    ) -> Result<Vec<F>, Abort> {
        let Authenticated { value, mac } = shares;
        let opened = how.open(ctx, &self.plan.job.roles, value).await?;
        self.ledger().open(ctx.path(), &opened, mac);
        Ok(opened)
    }
}

impl<F: PrimeField> FieldSharing for Party<F> {
    type Field = F;
    type Shares = Authenticated<F>;
    type Supply = Triples<F, Authenticated<F>>;

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        let Dealt { key, masks, output_masks, stocks } = dealer::receive(ctx, &self.plan).await?;
        self.ledger().key = key;
        *self.masks() = masks;
        *self.output_masks.lock().unwrap_or_else(PoisonError::into_inner) = output_masks;
        Ok(stocks)
    }

    fn constant(&self, values: Vec<F>) -> Result<Authenticated<F>, Abort> {
        self.public(values)
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Authenticated<F>>, Abort> {
        self.input(ctx, owner, values, len).await.map(Some)
    }

    async fn share_digits(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        digits: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Authenticated<F>>, Abort> {
        self.input_digits(ctx, owner, digits, len).await.map(Some)
    }

    /// There is nothing else that they could be.
    async fn check_digits(&self, _: &Ctx, _: &[&Authenticated<F>]) -> Result<(), Abort> {
        Ok(())
    }

    /// Step `Multiply`: opens `d = x - a` and `e = y - b`; `xy = c + d b + e a + d e`.
    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Authenticated<F>,
        y: &Authenticated<F>,
    ) -> Result<Authenticated<F>, Abort> {
        let triples = stock.supply.take(ctx, x.len())?;
        let opened = self.open_differences(ctx, &triples, x, y).await?;
        self.per_part(&triples, |triples, public| slices::beaver_product(triples, &opened, public))
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Authenticated<F>,
        y: &Authenticated<F>,
        lengths: &[usize],
    ) -> Result<Authenticated<F>, Abort> {
        let triples = stock.supply.take(ctx, x.len())?;
        let opened = self.open_differences(ctx, &triples, x, y).await?;
        self.per_part(&triples, |triples, public| {
            slices::beaver_dot(triples, &opened, public, lengths)
        })
    }

    /// A partial opening: of the values, not of their MACs, which are checked later.
    async fn open(&self, ctx: &Ctx, shares: &Authenticated<F>) -> Result<Vec<F>, Abort> {
        self.open_shares(ctx, self.plan.params.opening, shares.clone()).await
    }

    async fn verify(&self, ctx: &Ctx) -> Result<Verified, Abort> {
        if !mutants::is("spdz/checked-at-the-end") {
            self.mac_check(ctx).await?;
        }
        Ok(Verified::Passed)
    }

    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Authenticated<F>>,
        _: usize,
    ) -> Result<Vec<F>, Abort> {
        let shares = shares.ok_or_else(|| Abort::Bug("clients take no part".to_owned()))?;
        match self.plan.program.has_own_outputs() {
            true => self.open_own(ctx, shares).await,
            false => self.open_verified(ctx, shares).await,
        }
    }
}
