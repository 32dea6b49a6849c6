use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, OutputGuarantee, PartyId, Phase, Security, Setup,
    Synchrony, Threshold,
};

use super::{Party, Reduction, ShamirParams, extract, offline};
use crate::algebra::PrimeField;
use crate::attack::Attack;
use crate::engine::Plan;
use crate::engine::cost::{Cost, DotPrice, Flow, Message, Prices};
use crate::engine::field::{self, DotTriples, FieldEngine, FieldParams};
use crate::protocol::{Info, Job, Unsupported};

/// What semi-honest protocols over Shamir's sharing promise in general; [`ShamirEngine`] says what
/// is left of it for a threshold and a program.
pub const SEMI_HONEST: Claims = Claims {
    adversary: AdversaryKind::SemiHonest,
    threshold: Threshold::BelowHalf,
    output: OutputGuarantee::Abort,
    abort: AbortKind::Selective,
    security: Security::Statistical { sigma: 40 },
    setup: Setup::None,
    network: Synchrony::Eventual,
};

/// A protocol over Shamir's sharing, with an honest majority: all in which it differs from others.
///
/// Inner products are summed before their degree is reduced, and outputs are opened by `t + 1`
/// parties to each output node. Every `ShamirEngine` is a [`FieldEngine`].
pub trait ShamirEngine: Send + Sync + 'static {
    /// Name in scenario files.
    const NAME: &'static str;
    /// What is known without a job.
    const INFO: Info;
    /// Memory over declared payload; see [`Protocol::HELD_PERCENT`].
    ///
    /// [`Protocol::HELD_PERCENT`]: crate::protocol::Protocol::HELD_PERCENT
    const HELD_PERCENT: u64 = 120;
    /// What the declared cost follows: papers and their counts.
    const COST_SOURCE: &'static str;
    /// How products become shares of degree `t` again, and how values are opened.
    type Reduction: Reduction;

    /// What a product costs, and what opening a value to all computing parties does, by the bytes
    /// of a field element.
    fn flows(n: usize, t: usize, element: u64) -> Flows;

    /// How many elements all parties send for what so many products draw on.
    fn supply_elements(_n: usize, _t: usize, _products: usize) -> usize {
        0
    }

    /// Known attacks on it.
    fn attacks() -> Vec<Attack> {
        Vec::new()
    }
}

/// What single operations cost.
pub struct Flows {
    /// A product, or an inner product.
    pub product: Flow,
    /// An opening to all computing parties.
    pub open: Flow,
}

impl<E: ShamirEngine> FieldEngine for E {
    const NAME: &'static str = E::NAME;
    const INFO: Info = E::INFO;
    const HELD_PERCENT: u64 = E::HELD_PERCENT;
    const COST_SOURCE: &'static str = E::COST_SOURCE;
    const OWN_OUTPUTS: bool = true;
    type Params = ShamirParams;
    type Party<F: PrimeField> = Party<F, E::Reduction>;

    fn dot_triples(_: &ShamirParams) -> DotTriples {
        DotTriples::InnerProduct
    }

    fn variants() -> Vec<ShamirParams> {
        ShamirParams::variants()
    }

    fn supports(job: &Job, params: &ShamirParams) -> Result<(), Unsupported> {
        params.check(job)
    }

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<ShamirParams>>,
    ) -> Result<Party<F, E::Reduction>, Abort> {
        Party::new(ctx, plan)
    }

    fn prices(plan: &Plan<ShamirParams>) -> Prices {
        let (n, t) = (plan.job.roles.compute, plan.threshold());
        let Flows { product, open } = E::flows(n, t, plan.params.field().bytes());
        Prices { product, open, dot: DotPrice::OneProduct }
    }

    fn preparation(plan: &Plan<ShamirParams>, prices: &Prices) -> Vec<(Phase, Cost)> {
        let (n, t) = (plan.job.roles.compute, plan.threshold());
        offline::cost(plan, prices, |products| E::supply_elements(n, t, products))
    }

    /// Each of the first `t + 1` parties opens its share.
    fn output_messages(plan: &Plan<ShamirParams>) -> Vec<Message> {
        let (roles, element) = (&plan.job.roles, plan.params.field().bytes());
        field::output_messages(&plan.program, roles, plan.threshold() + 1, element).collect()
    }

    /// With the threshold that was asked for; masks alone are statistical.
    fn claims(plan: &Plan<ShamirParams>) -> Claims {
        let threshold = Threshold::Exact(plan.threshold() as u32);
        Claims { threshold, security: field::security(plan), ..E::INFO.claims }
    }

    fn extract<F: PrimeField>(
        plan: &Plan<ShamirParams>,
        owner: PartyId,
        shares: &[(PartyId, &Vec<F>)],
    ) -> Result<Option<Vec<F>>, String> {
        extract(owner, shares, plan.threshold())
    }

    fn attacks() -> Vec<Attack> {
        E::attacks()
    }
}
