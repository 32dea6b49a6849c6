//! `additive`: additive secret sharing with Beaver triples.
//!
//! Beaver, "Efficient Multiparty Protocols Using Circuit Randomization", CRYPTO 1991: to multiply
//! `x` and `y`, open `d = x - a` and `e = y - b` for a random triple `c = ab`; then
//! `xy = c + d b + e a + d e`. Semi-honest, any number of corruptions below `n`, in a prime field.
//!
//! Triples, random bits and masks come from a declared trusted dealer, an ideal functionality whose
//! messages are metered apart and whose cost is not priced, or are made as [`super::semi`] does.

mod attacks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;

use std::collections::VecDeque;
use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, Op, OutputGuarantee, PartyId, Phase, Roles, Security,
    Setup, Synchrony, Threshold,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::semi::offline::{self, Demand};
use crate::algebra::slices::Public;
use crate::algebra::{PrimeField, Ring, slices};
use crate::attack::Attack;
use crate::engine::Plan;
use crate::engine::cost::{Cost, DotPrice, Prices};
use crate::engine::field::{
    self, DotTriples, FieldEngine, FieldName, FieldParams, FieldSharing, OpeningName, Stock,
    Triples, dealer, in_field,
};
use crate::primitives::group;
use crate::primitives::ot::{self, BaseOt, Extension, KAPPA, OtParams};
use crate::protocol::{Info, Job, Unsupported};

/// The protocol.
pub struct Additive;

/// Parameters of [`Additive`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdditiveParams {
    /// Where values live.
    pub field: FieldName,
    /// What inner products draw on.
    pub dot: DotTriples,
    /// How values are opened inside the computation.
    #[serde(skip_serializing_if = "OpeningName::is_default")]
    pub opening: OpeningName,
    /// Where triples, random bits and masks come from.
    #[serde(skip_serializing_if = "Offline::is_default")]
    pub offline: Offline,
    /// How transfers are made, if triples are made of them.
    #[serde(skip_serializing_if = "is_default_ot")]
    pub ot: OtParams,
}

/// Where triples, random bits and masks come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Offline {
    /// A trusted dealer, whom nobody prices.
    #[default]
    Dealer,
    /// OT extension between any two parties.
    Semi,
}

impl Offline {
    /// Whether it is what is taken where nothing is said.
    fn is_default(&self) -> bool {
        *self == Offline::default()
    }
}

fn is_default_ot(ot: &OtParams) -> bool {
    *ot == OtParams::default()
}

const DEALER: &str = "dealer";

impl FieldParams for AdditiveParams {
    fn field(&self) -> FieldName {
        self.field
    }
}

impl FieldEngine for Additive {
    const NAME: &'static str = "additive";
    const INFO: Info = Info {
        about: "additive shares in a prime field, Beaver triples from a trusted dealer or by \
                oblivious transfer",
        source: "Beaver, CRYPTO 1991",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Statistical { sigma: 40 },
            setup: Setup::TrustedDealer,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    const HELD_PERCENT: u64 = 240;
    const TOYS: &'static [FieldName] = &[FieldName::P3];
    const COST_SOURCE: &'static str = "Beaver, CRYPTO 1991: a product opens two values; comparisons as Catrina and de Hoogh, SCN \
         2010";
    const OWN_OUTPUTS: bool = true;
    type Params = AdditiveParams;
    type Party<F: PrimeField> = Party<F>;

    fn variants() -> Vec<AdditiveParams> {
        let with = |dot| {
            FieldName::REAL.map(|field| AdditiveParams { field, dot, ..AdditiveParams::default() })
        };
        let dots = [DotTriples::Triples, DotTriples::InnerProduct];
        let mut all: Vec<AdditiveParams> = dots.into_iter().flat_map(with).collect();
        all.push(AdditiveParams { opening: OpeningName::Star, ..all[0] });
        all
    }

    fn dot_triples(params: &AdditiveParams) -> DotTriples {
        params.dot
    }

    fn supports(_: &Job, params: &AdditiveParams) -> Result<(), Unsupported> {
        if params.offline == Offline::Dealer && !is_default_ot(&params.ot) {
            let why = "a dealer makes no transfers, so there is nothing that `ot` says";
            return Err(Unsupported::new(why, "params: { offline: semi }").of("ot"));
        }
        Ok(())
    }

    fn ideal(plan: &Plan<AdditiveParams>) -> Option<&'static str> {
        match plan.params.offline {
            Offline::Dealer => Some(DEALER),
            Offline::Semi if plan.makes() && plan.params.ot.base == BaseOt::Ideal => {
                Some(ot::base::IDEAL)
            }
            Offline::Semi => None,
        }
    }

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<AdditiveParams>>,
    ) -> Result<Party<F>, Abort> {
        Ok(Party::new(ctx, plan))
    }

    /// Hands out additive shares of everything that the batches draw, one message each; or base
    /// transfers.
    async fn deal<F: PrimeField>(ctx: Ctx, plan: Arc<Plan<AdditiveParams>>) -> Result<(), Abort> {
        if plan.params.offline == Offline::Semi {
            return ot::links::ideal(&ctx, plan.job.roles.compute).await;
        }
        let offline = ctx.scope("offline");
        let again = crate::mutants::is("additive/batches-alike").then(|| offline.rng());
        for (at, needs) in plan.needs.iter().enumerate() {
            let mut rng = again.clone().unwrap_or_else(|| offline.rng());
            let values = dealer::deal_batch::<F>(needs, &mut rng);
            if values.is_empty() {
                continue;
            }
            let scope = offline.scope(("batch", at));
            for (party, share) in
                dealer::split(&values, plan.job.roles.compute, &mut rng).into_iter().enumerate()
            {
                scope.send(PartyId::from(party), &share);
            }
        }
        Ok(())
    }

    /// A product: two openings.
    fn prices(plan: &Plan<AdditiveParams>) -> Prices {
        let (n, element) = (plan.job.roles.compute, plan.params.field.bytes());
        let open = |elements| plan.params.opening.flow(n, n, elements * element);
        Prices { open: open(1), product: open(2), dot: DotPrice::ProductPerTerm }
    }

    fn preparation(plan: &Plan<AdditiveParams>, _: &Prices) -> Vec<(Phase, Cost)> {
        let (field, n) = (plan.params.field, plan.job.roles.compute);
        match plan.params.offline {
            Offline::Dealer => Vec::new(),
            Offline::Semi => {
                let sizes = [plan.width(), field.bytes() as usize];
                offline::cost(plan.extension(), n, Demand::of(&plan.needs), sizes)
            }
        }
    }

    fn claims(plan: &Plan<AdditiveParams>) -> Claims {
        let security = field::security(plan);
        if plan.params.offline == Offline::Dealer {
            return Claims { security, ..Self::INFO.claims };
        }
        if !plan.makes() {
            return Claims { security, setup: Setup::None, ..Self::INFO.claims };
        }
        let kappa = KAPPA as u32;
        let security = match security {
            Security::Statistical { sigma } => Security::Both { sigma, kappa },
            _ => Security::Computational { kappa },
        };
        Claims { security, setup: plan.params.ot.setup(), ..Self::INFO.claims }
    }

    fn assumes(plan: &Plan<AdditiveParams>) -> &'static [&'static str] {
        if plan.makes() { plan.params.ot.assumptions() } else { &[] }
    }

    fn cost_source(plan: &Plan<AdditiveParams>) -> &'static str {
        match plan.params.offline {
            Offline::Dealer => Self::COST_SOURCE,
            Offline::Semi => {
                "Beaver, CRYPTO 1991: a product opens two values; comparisons as Catrina and de \
                 Hoogh, SCN 2010; triples: Gilboa, CRYPTO 1999, counted as in Keller, Orsini, \
                 Scholl, CCS 2016, over SoftSpokenOT, Roy, CRYPTO 2022, or Ferret, Yang et al., \
                 CCS 2020"
            }
        }
    }

    fn ops(plan: &Plan<AdditiveParams>) -> Vec<Op> {
        match plan.params.offline {
            Offline::Dealer => Vec::new(),
            Offline::Semi => group::OPS.into_iter().chain(plan.params.ot.ops()).collect(),
        }
    }

    fn held_bytes(plan: &Plan<AdditiveParams>) -> u64 {
        let n = plan.job.roles.compute;
        match plan.makes() {
            true => {
                let links = (n * (n - 1)) as u64 * plan.extension().held_bytes();
                links + Demand::of(&plan.needs).held_bytes(n)
            }
            false => 0,
        }
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn notes(plan: &Plan<AdditiveParams>) -> Vec<String> {
        let what = "triples, random bits and masks";
        if plan.params.offline == Offline::Dealer {
            return vec![format!("{what} come from a trusted dealer; their cost is not priced")];
        }
        if !plan.makes() {
            return Vec::new();
        }
        let mut notes = vec![format!("{what} come from {}", plan.params.ot)];
        let batches = Demand::of(&plan.needs).batches(plan.width());
        notes.extend(plan.extension().notes(batches));
        notes
    }
}

impl Plan<AdditiveParams> {
    /// Whether the parties make anything with each other before the inputs.
    fn makes(&self) -> bool {
        self.params.offline == Offline::Semi && !Demand::of(&self.needs).is_none()
    }

    /// Transfers of a product.
    fn width(&self) -> usize {
        in_field!(self.params.field, F => F::BITS as usize)
    }

    /// How the transfers of a pair are extended.
    fn extension(&self) -> Extension {
        let transfers = Demand::of(&self.needs).transfers(self.width());
        self.params.ot.semi_honest().for_demand(transfers)
    }
}

/// One node of the protocol, computing or client.
pub struct Party<F> {
    id: PartyId,
    plan: Arc<Plan<AdditiveParams>>,
    field: std::marker::PhantomData<fn() -> F>,
}

impl<F: PrimeField> Party<F> {
    fn new(ctx: &Ctx, plan: &Arc<Plan<AdditiveParams>>) -> Self {
        Party { id: ctx.id(), plan: Arc::clone(plan), field: std::marker::PhantomData }
    }

    fn roles(&self) -> &Roles {
        &self.plan.job.roles
    }

    /// Adds the public `d e` once: it is the first party's.
    fn leads(&self) -> bool {
        self.id == PartyId(0)
    }

    /// Whose share the public `d e` is.
    fn public(&self) -> Public<F> {
        if self.leads() { Public::All } else { Public::None }
    }

    /// Opens `d = x - a` and `e = y - b` for all products at once: all `d`, then all `e`.
    async fn open_differences(
        &self,
        ctx: &Ctx,
        triples: &[F],
        operands: [&[F]; 2],
    ) -> Result<Vec<F>, Abort> {
        let both = slices::beaver_differences(triples, operands);
        self.open_shares(ctx, both).await
    }

    /// Opens shares that nobody needs any more.
    async fn open_shares(&self, ctx: &Ctx, shares: Vec<F>) -> Result<Vec<F>, Abort> {
        self.plan.params.opening.open(ctx, self.roles(), shares).await
    }
}

impl<F: PrimeField> FieldSharing for Party<F> {
    type Field = F;
    type Shares = Vec<F>;
    type Supply = Triples<F, Vec<F>>;

    fn constant(&self, values: Vec<F>) -> Result<Vec<F>, Abort> {
        Ok(if self.leads() { values } else { slices::zeros(values.len()) })
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Vec<F>,
        y: &Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let triples = stock.supply.take(ctx, x.len())?;
        let opened = self.open_differences(ctx, &triples, [x, y]).await?;
        let product = slices::beaver_product(&triples, &opened, self.public());
        if crate::mutants::is("additive/product-opened") {
            self.open(ctx, &product).await?;
        }
        Ok(product)
    }

    async fn open(&self, ctx: &Ctx, shares: &Vec<F>) -> Result<Vec<F>, Abort> {
        self.open_shares(ctx, shares.clone()).await
    }

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        let plan = &*self.plan;
        if plan.params.offline == Offline::Semi {
            let (n, extension) = (self.roles().compute, plan.extension());
            let made = offline::make::<F>(ctx, n, extension, &plan.needs).await?;
            let batches = made.into_iter().zip(&plan.needs).enumerate();
            return Ok(batches.map(|(at, (made, needs))| Stock::cut(at, made, needs)).collect());
        }
        let offline = ctx.scope("offline");
        let dealer = ctx.ideal(DEALER);
        let mut stocks = Vec::new();
        for (at, needs) in self.plan.needs.iter().enumerate() {
            let len = needs.triple_elements() + needs.random_elements();
            let mut shares = Vec::new();
            if len > 0 {
                shares = offline.scope(("batch", at)).recv::<Vec<F>>(dealer, len).await?;
            }
            stocks.push(Stock::cut(at, shares, needs));
        }
        Ok(stocks)
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Vec<F>>, Abort> {
        let computes = self.roles().computes(self.id);
        let Some(values) = values else {
            return if computes { ctx.recv(owner, len).await.map(Some) } else { Ok(None) };
        };
        let n = self.roles().compute;
        let mut shares: VecDeque<Vec<F>> = dealer::split(&values, n, &mut ctx.rng()).into();
        if crate::mutants::is("additive/multiplied") {
            let mut last = values.clone();
            for share in shares.iter_mut().take(n - 1) {
                slices::mul_assign(share, &values);
                slices::sub_assign(&mut last, share);
            }
            shares[n - 1] = last;
        }
        let mut own = None;
        for party in self.roles().computing() {
            match shares.pop_front() {
                Some(share) if party == self.id => {
                    if crate::mutants::is("additive/own-share-told") {
                        ctx.scope("own").broadcast(&share);
                    }
                    own = Some(share);
                }
                Some(share) => ctx.send(party, &share),
                None => {}
            }
        }
        Ok(own)
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Vec<F>,
        y: &Vec<F>,
        lengths: &[usize],
    ) -> Result<Vec<F>, Abort> {
        if self.plan.params.dot == DotTriples::Triples {
            let triples = stock.supply.take(ctx, x.len())?;
            let opened = self.open_differences(ctx, &triples, [x, y]).await?;
            return Ok(slices::beaver_dot(&triples, &opened, self.public(), lengths));
        }
        let [a, mut b, mut sums] = stock.supply.take_dots(ctx, lengths)?;
        let mut both = slices::sub(x, &a);
        slices::append(&mut both, &slices::sub(y, &b));
        let opened = self.open_shares(ctx, both).await?;
        let (d, e) = opened.split_at(x.len());
        if self.leads() {
            slices::add_assign(&mut b, e);
        }
        slices::add_assign(&mut sums, &slices::dot_runs(d, &b, lengths));
        slices::add_assign(&mut sums, &slices::dot_runs(e, &a, lengths));
        Ok(sums)
    }

    async fn reveal(&self, ctx: &Ctx, shares: Option<&Vec<F>>, _: usize) -> Result<Vec<F>, Abort> {
        if let Some(shares) = shares {
            for group in self.plan.opening.groups() {
                let own = self.plan.opening.pick::<F, _>(group, shares);
                ctx.send_to(group.nodes.iter().copied(), &*own);
                if crate::mutants::is("additive/output-told") {
                    ctx.scope("all").broadcast(&*own);
                }
            }
        }
        let Some(group) = self.plan.opening.group_of(self.id) else { return Ok(Vec::new()) };
        let own = shares.map(|shares| self.plan.opening.pick::<F, _>(group, shares).into_owned());
        let mut sum = own.unwrap_or_else(|| vec![F::ZERO; group.len]);
        for (_, share) in ctx.gather_from::<Vec<F>>(self.roles().computing(), sum.len()).await? {
            slices::add_assign(&mut sum, &share);
        }
        Ok(sum)
    }
}
