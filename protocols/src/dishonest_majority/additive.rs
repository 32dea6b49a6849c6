//! `additive`: additive secret sharing with Beaver triples from a trusted dealer.
//!
//! Beaver, "Efficient Multiparty Protocols Using Circuit Randomization", CRYPTO 1991: to multiply
//! `x` and `y`, open `d = x - a` and `e = y - b` for a random triple `c = ab`; then
//! `xy = c + d b + e a + d e`. Semi-honest, any number of corruptions below `n`, in a prime field.
//!
//! Triples, random bits and masks come from a declared trusted dealer: an ideal functionality whose
//! messages are metered apart, and whose cost is not priced.

mod attacks;

use std::collections::VecDeque;
use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Roles, Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::{PrimeField, Ring, slices};
use crate::attack::Attack;
use crate::engine::cost::{self, Step};
use crate::engine::field::compare::Prices;
use crate::engine::field::{self, DotTriples, FieldName, FieldSharing, Stock, dealer, in_field};
use crate::engine::{self, Plan};
use crate::oracle::Reach;
use crate::primitives::CHACHA_BYTE;
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// The protocol.
pub struct Additive;

/// Parameters of [`Additive`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdditiveParams {
    /// Where values live.
    pub field: FieldName,
    /// What the dealer hands out for inner products.
    pub dot: DotTriples,
}

const DEALER: &str = "dealer";

impl Protocol for Additive {
    const NAME: &'static str = "additive";
    const INFO: Info = Info {
        about: "additive shares in a prime field, Beaver triples from a trusted dealer",
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
    type Params = AdditiveParams;
    type Plan = Plan<AdditiveParams>;

    fn compile(
        job: &Arc<Job>,
        params: &AdditiveParams,
    ) -> Result<Arc<Plan<AdditiveParams>>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let plan = Plan::with_own_outputs(job, *params)?.with_needs(params.dot);
        field::check_width(job, &plan.program, params.field)?;
        Ok(Arc::new(plan))
    }

    fn claims(plan: &Plan<AdditiveParams>) -> Claims {
        let sigma = plan.job.security.statistical;
        let security = if field::compares(&plan.program) {
            Security::Statistical { sigma }
        } else {
            Security::Perfect
        };
        Claims { security, ..Self::INFO.claims }
    }

    async fn run(
        ctx: Ctx,
        plan: Arc<Plan<AdditiveParams>>,
        input: Inputs,
    ) -> Result<Outputs, Abort> {
        in_field!(plan.params.field, F => {
            engine::run(Party::<F>::new(&ctx, &plan), ctx, plan, input).await
        })
    }

    fn ideals(plan: &Arc<Plan<AdditiveParams>>) -> Vec<Ideal> {
        let plan = Arc::clone(plan);
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            let plan = Arc::clone(&plan);
            in_field!(plan.params.field, F => Box::pin(deal::<F>(ctx, plan)))
        };
        vec![Ideal { name: DEALER, start: Arc::new(start) }]
    }

    fn declared_cost(plan: &Plan<AdditiveParams>) -> Option<DeclaredCost> {
        let Plan { job, program, .. } = plan;
        let n = job.roles.compute as u64;
        let element = plan.params.field.bytes();
        // An opening: every party to every other. A product: two openings.
        let open = n * (n - 1) * element;
        let step = Step::First(job.roles.compute);
        let prices = Prices { open_bytes: open, open: step, mul_bytes: 2 * open, mul: step };
        let online = cost::online(
            program,
            &job.roles,
            field::input_messages(plan.input_elements(), &job.roles, element),
            |batch| dealer::triple_flow(program, batch, &prices),
            field::output_messages(program, &job.roles, job.roles.compute, element),
        );
        let source = "Beaver, CRYPTO 1991: a product opens two values; comparisons as Catrina and \
                      de Hoogh, SCN 2010";
        Some(cost::declare([(Phase::Online, online)], source))
    }

    fn evaluate(plan: &Plan<AdditiveParams>, inputs: &[Inputs]) -> Option<Outputs> {
        let field = plan.params.field;
        in_field!(field, F => engine::oracle::evaluate_centred::<F>(&plan.program, inputs))
    }

    fn reach(plan: &Plan<AdditiveParams>, known: &[Option<Inputs>], outputs: &Outputs) -> Reach {
        let field = plan.params.field;
        in_field!(field, F => engine::oracle::reach::<F>(&plan.program, known, outputs))
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &Plan<AdditiveParams>) -> Vec<Op> {
        in_field!(plan.params.field, F => vec![F::ADD, F::MUL, CHACHA_BYTE])
    }

    fn domain(plan: &Plan<AdditiveParams>) -> String {
        plan.params.field.label().to_owned()
    }

    fn notes(plan: &Plan<AdditiveParams>) -> Vec<String> {
        let dealer =
            "triples, random bits and masks come from a trusted dealer; their cost is not priced";
        std::iter::once(dealer.to_owned()).chain(field::masking_notes(plan)).collect()
    }
}

// ---- the dealer ----

/// Hands out additive shares of everything that the batches draw, one message each.
async fn deal<F: PrimeField>(ctx: Ctx, plan: Arc<Plan<AdditiveParams>>) -> Result<(), Abort> {
    let offline = ctx.scope("offline");
    for (at, needs) in plan.needs.iter().enumerate() {
        let mut rng = offline.rng();
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

// ---- a party ----

struct Party<F> {
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

    /// Opens `d = x - a` and `e = y - b` for all products at once and returns both.
    async fn open_differences(
        &self,
        ctx: &Ctx,
        operands: [&[F]; 2],
        masks: [&[F]; 2],
    ) -> Result<(Vec<F>, Vec<F>), Abort> {
        let [mut both, e] = [0, 1].map(|i| slices::sub(operands[i], masks[i]));
        let products = both.len();
        both.extend(e);
        ctx.charge(F::ADD, both.len() as u64);
        let mut opened = self.open(ctx, &both).await?;
        let e = opened.split_off(products);
        Ok((opened, e))
    }
}

impl<F: PrimeField> FieldSharing for Party<F> {
    type Field = F;
    type Shares = Vec<F>;

    fn constant(&self, values: Vec<F>) -> Result<Vec<F>, Abort> {
        Ok(if self.leads() { values } else { vec![F::ZERO; values.len()] })
    }

    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        x: &Vec<F>,
        y: &Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let triples = stock.take_triples(ctx, 3 * x.len())?;
        let part = |which| triples.iter().skip(which).step_by(3).copied().collect::<Vec<F>>();
        let (a, b, c) = (part(0), part(1), part(2));
        let (d, e) = self.open_differences(ctx, [x, y], [&a, &b]).await?;
        ctx.charge(F::MUL, 2 * x.len() as u64);
        Ok(slices::beaver_product([&a, &b, &c], [&d, &e], self.leads()))
    }

    async fn open(&self, ctx: &Ctx, shares: &Vec<F>) -> Result<Vec<F>, Abort> {
        ctx.send_to(self.roles().computing(), shares);
        let mut sum = shares.clone();
        for (_, share) in ctx.gather_from::<Vec<F>>(self.roles().computing(), sum.len()).await? {
            slices::add_assign(&mut sum, &share);
        }
        ctx.charge(F::ADD, (sum.len() * (self.roles().compute - 1)) as u64);
        Ok(sum)
    }

    async fn prepare(&self, ctx: &Ctx) -> Result<Vec<Stock<Self>>, Abort> {
        let offline = ctx.scope("offline");
        let dealer = ctx.ideal(DEALER);
        let mut stocks = Vec::new();
        for (at, needs) in self.plan.needs.iter().enumerate() {
            let len = needs.triple_elements() + needs.random_elements();
            let mut shares = Vec::new();
            if len > 0 {
                shares = offline.scope(("batch", at)).recv::<Vec<F>>(dealer, len).await?;
            }
            stocks.push(Stock::cut(at, &shares, needs));
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
        ctx.charge(CHACHA_BYTE, (len * (n - 1) * F::BYTES) as u64);
        ctx.charge(F::ADD, (len * (n - 1)) as u64);
        let mut shares: VecDeque<Vec<F>> = dealer::split(&values, n, &mut ctx.rng()).into();
        let mut own = None;
        for party in self.roles().computing() {
            match shares.pop_front() {
                Some(share) if party == self.id => own = Some(share),
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
            let products = self.mul(ctx, stock, x, y).await?;
            return Ok(slices::sum_runs(&products, lengths));
        }
        let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
        for length in lengths {
            let triple = stock.take_triples(ctx, 2 * length + 1)?;
            a.extend_from_slice(&triple[..*length]);
            b.extend_from_slice(&triple[*length..2 * length]);
            c.push(triple[2 * length]);
        }
        let (d, e) = self.open_differences(ctx, [x, y], [&a, &b]).await?;
        let zeros = vec![F::ZERO; a.len()];
        let mixed = slices::beaver_product([&a, &b, &zeros], [&d, &e], self.leads());
        ctx.charge(F::MUL, 2 * x.len() as u64);
        Ok(slices::add(&c, &slices::sum_runs(&mixed, lengths)))
    }

    async fn reveal(&self, ctx: &Ctx, shares: Option<&Vec<F>>, _: usize) -> Result<Vec<F>, Abort> {
        if let Some(shares) = shares {
            for group in self.plan.opening.groups() {
                let own = self.plan.opening.pick::<F, _>(group, shares);
                ctx.send_to(group.nodes.iter().copied(), &*own);
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
