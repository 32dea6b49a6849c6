use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::SpdzParams;
use super::dealer::{self, Dealt, Mask};
use super::ledger::Ledger;
use super::oracle::{self, About};
use super::shares::Authenticated;
use crate::algebra::{PrimeField, slices};
use crate::engine::field::{FieldSharing, Stock, Triples};
use crate::engine::{InputCheck, Plan, RingVectors, Shares, Verified};
use crate::mutants;

/// One computing party.
pub struct Party<F: PrimeField> {
    id: PartyId,
    pub(super) plan: Arc<Plan<SpdzParams>>,
    pub(super) session: [u8; 32],
    /// Locked for single statements, never while waiting.
    ledger: Mutex<Ledger<F>>,
    masks: Mutex<BTreeMap<PartyId, Mask<F>>>,
    output_masks: Mutex<BTreeMap<PartyId, Mask<F>>>,
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

    fn masks(&self) -> MutexGuard<'_, BTreeMap<PartyId, Mask<F>>> {
        self.masks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The masks of outputs that not all learn; they are gone then.
    pub(super) fn take_output_masks(&self) -> BTreeMap<PartyId, Mask<F>> {
        std::mem::take(&mut *self.output_masks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A trapdoor: another is told this party's input.
    fn answer(&self, ctx: &Ctx, to: PartyId) {
        if let Some(own) = self.masks().get(&self.id).and_then(|mask| mask.clear.clone()) {
            ctx.scope("answer").send(to, &own);
        }
    }

    /// Whether the party's first digit is one, where a mutant remembers it.
    pub(super) fn first_digit(&self) -> bool {
        let masks = self.masks();
        let own = masks.get(&self.id).and_then(|mask| mask.clear.as_ref()?.first().copied());
        own == Some(F::ONE)
    }

    /// Public values: the first party's share is the value, and everyone's MAC is its key's.
    fn public(&self, values: Vec<F>) -> Result<Authenticated<F>, Abort> {
        let mac = self.ledger().key.times(&values)?;
        let leads = self.id == PartyId(0);
        let value = if leads { values } else { slices::zeros(values.len()) };
        Ok(Authenticated { value, mac })
    }
}

impl<F: PrimeField> FieldSharing for Party<F> {
    type Field = F;
    type Shares = Authenticated<F>;
    type Supply = Triples<F, Authenticated<F>>;

    fn input_check(&self) -> InputCheck {
        self.plan.params.input_check
    }

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

    /// Step `Input`: the owner broadcasts `epsilon = x - r`, and `x` is `r + epsilon`. That all
    /// have got one epsilon is part of the next check.
    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Authenticated<F>>, Abort> {
        let mask = self.masks().remove(&owner);
        let mask = mask.ok_or_else(|| Abort::Bug(format!("{owner} has no mask left")))?;
        let name = format!("{}/{owner}", ctx.session_id());
        ctx.consume("input masks", &name, 0..len as u64, mask.bytes());
        let keeps = ["spdz/answers-zero", "spdz/answers-malformed", "spdz/seed-tells"]
            .into_iter()
            .any(mutants::is);
        let epsilon = match (values, mask.clear) {
            (Some(values), Some(clear)) => {
                let epsilon = slices::sub(&values, &clear);
                ctx.broadcast(&epsilon);
                if keeps {
                    let raw = Mask { shares: mask.shares.clone(), clear: Some(values) };
                    self.masks().insert(owner, raw);
                }
                epsilon
            }
            _ => match ctx.recv::<Vec<F>>(owner, len).await {
                Err(abort) if mutants::is("spdz/answers-malformed") => {
                    self.answer(ctx, owner);
                    return Err(abort);
                }
                heard => heard?,
            },
        };
        if mutants::is("spdz/answers-zero") && epsilon.iter().all(|value| *value == F::ZERO) {
            self.answer(ctx, owner);
        }
        ctx.tap(oracle::OFFSETS, || About { owner, elements: epsilon.clone() });
        self.ledger().hear(owner, slices::copy(&epsilon));
        Ok(Some(mask.shares.add(&self.public(epsilon)?)))
    }

    /// Step `Multiply`: opens `d = x - a` and `e = y - b`; `xy = c + d b + e a + d e`.
    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Authenticated<F>,
        y: &Authenticated<F>,
    ) -> Result<Authenticated<F>, Abort> {
        let products = x.len();
        let [a, b, c] = stock.supply.take(ctx, products)?;
        let differences = Shares::concat([&x.sub(&a), &y.sub(&b)]);
        let mut d = self.open(ctx, &differences).await?;
        let e = d.split_off(products);
        let public = self.public(slices::mul(&d, &e))?;
        let product = |[a, b, c]: [&[F]; 3]| slices::beaver_product([a, b, c], [&d, &e], false);
        let value = product([&a.value, &b.value, &c.value]);
        let mac = product([&a.mac, &b.mac, &c.mac]);
        Ok(Authenticated { value, mac }.add(&public))
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Authenticated<F>,
        y: &Authenticated<F>,
        lengths: &[usize],
    ) -> Result<Authenticated<F>, Abort> {
        let products = self.mul(ctx, stock, x, y).await?;
        Ok(products.map(|products| slices::sum_runs(products, lengths)))
    }

    /// A partial opening: of the values, not of their MACs, which are checked later.
    async fn open(&self, ctx: &Ctx, shares: &Authenticated<F>) -> Result<Vec<F>, Abort> {
        ctx.broadcast(&shares.value);
        let mut sum = slices::copy(&shares.value);
        for (_, share) in ctx.gather::<Vec<F>>(sum.len()).await? {
            slices::add_assign(&mut sum, &share);
        }
        self.ledger().open(ctx.path(), &sum, &shares.mac);
        Ok(sum)
    }

    async fn verify(&self, ctx: &Ctx) -> Result<Verified, Abort> {
        if !mutants::is("spdz/checked-at-the-end") {
            self.mac_check(ctx).await?;
        }
        Ok(Verified::Passed)
    }

    /// Step `Output`: checks the MACs of all that was opened, opens these, checks theirs.
    async fn open_verified(&self, ctx: &Ctx, shares: &Authenticated<F>) -> Result<Vec<F>, Abort> {
        if !mutants::is("spdz/output-before-check") {
            self.mac_check(&ctx.scope("before")).await?;
        }
        let values = self.open(ctx, shares).await?;
        if !mutants::is("spdz/output-unchecked") {
            self.mac_check(&ctx.scope("mac_check")).await?;
        }
        Ok(values)
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
