//! `star`: a generic engine of one's own, by its operations alone.
//!
//! Additive shares and Beaver's triples from a trusted dealer, as in `additive`, but what is opened
//! goes through party 0, the hub: `2 (n - 1)` elements in two rounds instead of `n (n - 1)` in one.
//! Comparisons, truncations, the walk over programs, the declared cost of whole programs and what
//! the checker asks come with [`FieldEngine`].

use mpclab::engine::Plan;
use mpclab::engine::cost::{DotPrice, Flow, Prices, Step};
use mpclab::engine::field::dealer::{deal_batch, split};
use mpclab::engine::field::{FieldEngine, FieldName, FieldParams, FieldSharing, Stock, Triples};
use mpclab::prelude::*;
use mpclab::protocols::algebra::PrimeField;
use mpclab::protocols::algebra::slices::{self, Public};
use mpclab::protocols::attack::{Attack, Expected, additive_error, wrong_output_share};
use mpclab::schemars::JsonSchema;
use mpclab::serde::{Deserialize, Serialize};

/// The protocol.
pub(crate) struct Star;

#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "mpclab::serde", default, deny_unknown_fields)]
#[schemars(crate = "mpclab::schemars")]
pub(crate) struct StarParams {}

impl FieldParams for StarParams {
    fn field(&self) -> FieldName {
        FieldName::M61
    }
}

const HUB: PartyId = PartyId(0);
const DEALER: &str = "dealer";

impl FieldEngine for Star {
    const NAME: &'static str = "star";
    const INFO: Info = Info {
        about: "additive shares and Beaver triples, opened through one party",
        source: "Beaver, CRYPTO 1991, with the openings of Damgard, Nielsen, CRYPTO 2007",
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
    const COST_SOURCE: &'static str = "counted from the steps: a product opens two values";
    type Params = StarParams;
    type Party<F: PrimeField> = Party<F>;

    fn ideal(_: &Plan<StarParams>) -> Option<&'static str> {
        Some(DEALER)
    }

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<StarParams>>,
    ) -> Result<Party<F>, Abort> {
        let field = std::marker::PhantomData;
        Ok(Party { id: ctx.id(), plan: Arc::clone(plan), field })
    }

    async fn deal<F: PrimeField>(ctx: Ctx, plan: Arc<Plan<StarParams>>) -> Result<(), Abort> {
        let offline = ctx.scope("offline");
        for (at, needs) in plan.needs.iter().enumerate() {
            let scope = offline.scope(("batch", at));
            let mut rng = scope.rng();
            let shares = split(&deal_batch::<F>(needs, &mut rng), plan.job.roles.compute, &mut rng);
            plan.job.roles.computing().zip(&shares).for_each(|(to, share)| scope.send(to, share));
        }
        Ok(())
    }

    /// Everyone to the hub, and the hub to everyone.
    fn prices(plan: &Plan<StarParams>) -> Prices {
        let n = plan.job.roles.compute;
        let bytes = (n as u64 - 1) * FieldName::M61.bytes();
        let opened = |values: u64| {
            Flow::new(values * bytes, Step::ToOne(n, HUB), 1).then(Flow::new(
                values * bytes,
                Step::FromOne(HUB),
                1,
            ))
        };
        Prices { open: opened(1), product: opened(2), dot: DotPrice::ProductPerTerm }
    }

    fn attacks() -> Vec<Attack> {
        let expected = Expected::AnotherOutput;
        vec![
            additive_error(&["online/mul[*", "online/dot[*"], expected),
            wrong_output_share("online/output", expected),
        ]
    }
}

/// One node, computing or client.
pub(crate) struct Party<F> {
    id: PartyId,
    plan: Arc<Plan<StarParams>>,
    field: std::marker::PhantomData<fn() -> F>,
}

impl<F: PrimeField> Party<F> {
    /// The sum of what comes from all computing parties and the own share, if there is one.
    async fn sum(&self, ctx: &Ctx, own: Option<&Vec<F>>, len: usize) -> Result<Vec<F>, Abort> {
        let mut sum = own.cloned().unwrap_or_else(|| vec![F::ZERO; len]);
        let shares = ctx.gather_from::<Vec<F>>(self.plan.job.roles.computing(), len).await?;
        for share in shares.values() {
            slices::add_assign(&mut sum, share);
        }
        Ok(sum)
    }
}

impl<F: PrimeField> FieldSharing for Party<F> {
    type Field = F;
    type Shares = Vec<F>;
    type Supply = Triples<F, Vec<F>>;

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        let (offline, mut stocks) = (ctx.scope("offline"), Vec::new());
        for (at, needs) in self.plan.needs.iter().enumerate() {
            let scope = offline.scope(("batch", at));
            let len = needs.triple_elements() + needs.random_elements();
            let shares = scope.recv::<Vec<F>>(ctx.ideal(DEALER), len).await?;
            stocks.push(Stock::cut(at, shares, needs));
        }
        Ok(stocks)
    }

    fn constant(&self, values: Vec<F>) -> Result<Vec<F>, Abort> {
        Ok(if self.id == HUB { values } else { vec![F::ZERO; values.len()] })
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Vec<F>>, Abort> {
        let roles = &self.plan.job.roles;
        let Some(values) = values else {
            return if roles.computes(self.id) {
                ctx.recv(owner, len).await.map(Some)
            } else {
                Ok(None)
            };
        };
        let mut own = None;
        for (to, share) in roles.computing().zip(split(&values, roles.compute, &mut ctx.rng())) {
            if to == self.id {
                own = Some(share);
            } else {
                ctx.send(to, &share);
            }
        }
        Ok(own)
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Vec<F>,
        y: &Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let triples = stock.supply.take(ctx, x.len())?;
        let masked = slices::beaver_differences(&triples, [x, y]);
        let opened = self.open(ctx, &masked).await?;
        let public = if self.id == HUB { Public::All } else { Public::None };
        Ok(slices::beaver_product(&triples, &opened, public))
    }

    async fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Vec<F>,
        y: &Vec<F>,
        lengths: &[usize],
    ) -> Result<Vec<F>, Abort> {
        Ok(slices::sum_runs(&self.mul(ctx, stock, x, y).await?, lengths))
    }

    async fn open(&self, ctx: &Ctx, shares: &Vec<F>) -> Result<Vec<F>, Abort> {
        let (roles, len) = (&self.plan.job.roles, shares.len());
        if self.id != HUB {
            ctx.send(HUB, shares);
            return ctx.recv(HUB, len).await;
        }
        let values = self.sum(ctx, Some(shares), len).await?;
        ctx.send_to(roles.computing(), &values);
        Ok(values)
    }

    async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Vec<F>>,
        len: usize,
    ) -> Result<Vec<F>, Abort> {
        let roles = &self.plan.job.roles;
        if let Some(shares) = shares {
            ctx.send_to(roles.output.iter().copied(), shares);
        }
        if roles.learns_output(self.id) { self.sum(ctx, shares, len).await } else { Ok(Vec::new()) }
    }
}

fn main() -> std::process::ExitCode {
    mpclab::cli::main(mpclab::registry().with::<Star>())
}
