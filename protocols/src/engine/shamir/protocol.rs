use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, OutputGuarantee, PartyId, Phase, Security, Setup,
    Synchrony, Threshold,
};

use super::{Dealing, Party, Reduction, ShamirParams, extract, offline};
use crate::algebra::PrimeField;
use crate::attack::Attack;
use crate::engine::Plan;
use crate::engine::cost::{Cost, DotPrice, Flow, Message, Prices};
use crate::engine::field::{self, DotTriples, FieldEngine, FieldParams};
use crate::primitives::Prg;
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

    /// What a product costs, by the bytes of a field element.
    fn product(dealing: &Dealing, element: u64) -> Flow;

    /// How many elements all parties send for what so many products draw on.
    fn supply_elements(_dealing: &Dealing, _products: usize) -> usize {
        0
    }

    /// Known attacks on it.
    fn attacks() -> Vec<Attack> {
        Vec::new()
    }
}

impl<E: ShamirEngine> FieldEngine for E {
    const NAME: &'static str = E::NAME;
    const INFO: Info = E::INFO;
    const HELD_PERCENT: u64 = E::HELD_PERCENT;
    const ASSUMES: &'static [&'static str] = &[Prg::ASSUMPTION];
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
        Party::new(ctx, plan, E::NAME).await
    }

    fn prices(plan: &Plan<ShamirParams>) -> Prices {
        let (dealing, element) = (plan.dealing(), plan.params.field().bytes());
        let how = plan.params.opening.unwrap_or(E::Reduction::OPENING);
        let open = how.flow(dealing.n, dealing.t + 1, element);
        Prices { product: E::product(&dealing, element), open, dot: DotPrice::OneProduct }
    }

    fn preparation(plan: &Plan<ShamirParams>, prices: &Prices) -> Vec<(Phase, Cost)> {
        let dealing = plan.dealing();
        let reach = E::Reduction::degrees(dealing.t).into_iter().max().unwrap_or(0);
        let supply = |products| E::supply_elements(&dealing, products);
        offline::cost(plan, prices, supply, reach)
    }

    /// A dealer's share of each value for each computing party whose share comes from no seed.
    fn input_messages(plan: &Plan<ShamirParams>) -> Vec<Message> {
        let (roles, element) = (&plan.job.roles, plan.params.field().bytes());
        let mut messages: Vec<Message> =
            field::input_messages(plan.input_elements(), roles, element).collect();
        messages.retain(|message| plan.dealing().is_sent(message.from, message.to));
        messages
    }

    /// Each of the first `t + 1` parties opens its share.
    fn output_messages(plan: &Plan<ShamirParams>) -> Vec<Message> {
        let (roles, element) = (&plan.job.roles, plan.params.field().bytes());
        field::output_messages(&plan.program, roles, plan.threshold() + 1, element).collect()
    }

    /// With the threshold that was asked for; masks alone are statistical, and seeds computational.
    fn claims(plan: &Plan<ShamirParams>) -> Claims {
        let threshold = Threshold::Exact(plan.threshold() as u32);
        let kappa = plan.job.security.computational;
        let security = match (field::security(plan), plan.params.compress) {
            (Security::Statistical { sigma }, true) => Security::Both { sigma, kappa },
            (_, true) => Security::Computational { kappa },
            (security, false) => security,
        };
        Claims { threshold, security, ..E::INFO.claims }
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
