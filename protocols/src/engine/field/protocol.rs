use std::future::Future;
use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, Claims, DeclaredCost, NamedRole, Op, PartyId, Phase, RoleClaim, Security,
};
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dealer::triple_flow;
use super::{DotTriples, FieldName, FieldSharing, in_field};
use crate::algebra::{self, PrimeField, Ring};
use crate::attack::Attack;
use crate::engine::cost::{self, Checks, Cost, DotPrice, Flow, Message, Prices};
use crate::engine::{self, InputCheck, Plan, oracle};
use crate::oracle::{EffectiveInputs, SoundnessBound, SoundnessTrial, States};
use crate::program::{BatchKind, Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// What every engine in a prime field reads from its parameters.
pub trait FieldParams:
    DeserializeOwned + Serialize + JsonSchema + Default + Clone + Send + Sync + 'static
{
    /// Where values live.
    fn field(&self) -> FieldName;

    /// How inputs are held to their ranges.
    fn input_check(&self) -> InputCheck {
        InputCheck::None
    }
}

/// Told whether anything was opened since the last check: what the check costs.
pub type CheckCost<'a> = Box<dyn FnMut(bool) -> Flow + 'a>;

/// A generic protocol over shares in a prime field: all that it says about itself.
///
/// Its parties ([`FieldSharing`]) share, add, multiply and open; how they do it is all that is left
/// to write. Comparisons, truncations and the walk over the program are supplied, and what the
/// checker asks follows from the plan: every `FieldEngine` is a [`Protocol`].
pub trait FieldEngine: Send + Sync + 'static {
    /// Name in scenario files.
    const NAME: &'static str;
    /// What is known without a job.
    const INFO: Info;
    /// Roles that it gives to nodes by name; see [`Protocol::ROLES`].
    const ROLES: &'static [NamedRole] = &[];
    /// What its security rests on where it is computational; see [`Protocol::ASSUMES`].
    const ASSUMES: &'static [&'static str] = &[];
    /// Memory over declared payload; see [`Protocol::HELD_PERCENT`].
    const HELD_PERCENT: u64 = 200;
    /// What the declared cost follows: papers and their counts.
    const COST_SOURCE: &'static str;
    /// Whether parties verify: then operands of comparisons are verified first, see
    /// [`Plan::with_levels`].
    const VERIFIES: bool = false;
    /// Whether it opens to each output party its own outputs, see [`Plan::opening`].
    const OWN_OUTPUTS: bool = false;
    /// Toy fields that it is compiled in, for exact tests of privacy and, if it verifies, for curves
    /// of soundness; each costs seconds to compile.
    const TOYS: &'static [FieldName] = &[FieldName::P7];
    /// What a scenario may set.
    type Params: FieldParams;
    /// One node, computing or client.
    type Party<F: PrimeField>: FieldSharing<Field = F>;

    /// What inner products draw on: [`super::Needs`] are counted by it.
    fn dot_triples(_params: &Self::Params) -> DotTriples {
        DotTriples::Triples
    }

    /// Parameters that differ in what code they run; see [`Protocol::variants`].
    fn variants() -> Vec<Self::Params> {
        vec![Self::Params::default()]
    }

    /// What is asked of a job beyond the number of parties and the widths of values.
    ///
    /// # Errors
    /// Why the engine can't do the job, and what would work.
    fn supports(_job: &Job, _params: &Self::Params) -> Result<(), Unsupported> {
        Ok(())
    }

    /// What is asked of the plan, once values are known to fit in the field.
    ///
    /// # Errors
    /// Why the engine can't do the job, and what would work.
    fn fits(_plan: &Plan<Self::Params>) -> Result<(), Unsupported> {
        Ok(())
    }

    /// Name of the ideal functionality that runs [`FieldEngine::deal`], if there is one: a trusted
    /// dealer.
    fn ideal(_plan: &Plan<Self::Params>) -> Option<&'static str> {
        None
    }

    /// Sets up a node.
    fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<Self::Params>>,
    ) -> impl Future<Output = Result<Self::Party<F>, Abort>> + Send;

    /// The code of the ideal functionality.
    fn deal<F: PrimeField>(
        _ctx: Ctx,
        _plan: Arc<Plan<Self::Params>>,
    ) -> impl Future<Output = Result<(), Abort>> + Send + 'static {
        async { Ok(()) }
    }

    /// What single operations cost.
    fn prices(plan: &Plan<Self::Params>) -> Prices;

    /// What the phases before the online phase cost; a dealer's messages are not priced.
    fn preparation(_plan: &Plan<Self::Params>, _prices: &Prices) -> Vec<(Phase, Cost)> {
        Vec::new()
    }

    /// What checks cost, in the order in which they come; none, unless it verifies.
    fn checks(_plan: &Plan<Self::Params>) -> Option<CheckCost<'_>> {
        None
    }

    /// Messages in which inputs are shared: by default an element per value to each computing
    /// party.
    fn input_messages(plan: &Plan<Self::Params>) -> Vec<Message> {
        let element = plan.params.field().bytes();
        super::input_messages(plan.input_elements(), &plan.job.roles, element).collect()
    }

    /// Messages in which outputs are opened: by default an element per value from each computing
    /// party.
    fn output_messages(plan: &Plan<Self::Params>) -> Vec<Message> {
        let (roles, element) = (&plan.job.roles, plan.params.field().bytes());
        super::output_messages(&plan.program, roles, roles.compute, element).collect()
    }

    /// What it promises for a job. By default security is perfect where nothing is compared, if it
    /// is statistical in general: masks are all that is not.
    fn claims(plan: &Plan<Self::Params>) -> Claims {
        let claims = Self::INFO.claims;
        let security = match claims.security {
            Security::Statistical { .. } => super::security(plan),
            other => other,
        };
        Claims { security, ..claims }
    }

    /// What its security rests on where it is computational; see [`Protocol::assumes`].
    fn assumes(_plan: &Plan<Self::Params>) -> &'static [&'static str] {
        Self::ASSUMES
    }

    /// What the declared cost follows, where that depends on the plan.
    fn cost_source(_plan: &Plan<Self::Params>) -> &'static str {
        Self::COST_SOURCE
    }

    /// Priced operations beside those of the field and those that every protocol may do.
    fn ops(_plan: &Plan<Self::Params>) -> Vec<Op> {
        Vec::new()
    }

    /// Memory that follows from no payload, bytes; see [`Protocol::held_bytes`].
    fn held_bytes(_plan: &Plan<Self::Params>) -> u64 {
        0
    }

    /// Who has which role, with the limits of each; see [`Protocol::roles`].
    fn roles(_plan: &Plan<Self::Params>) -> Vec<RoleClaim> {
        Vec::new()
    }

    /// The values that the shares of honest computing parties fix of one column of an owner.
    ///
    /// # Errors
    /// A sentence, if they contradict each other.
    fn extract<F: PrimeField>(
        _plan: &Plan<Self::Params>,
        _owner: PartyId,
        _shares: &[(PartyId, &<Self::Party<F> as FieldSharing>::Shares)],
    ) -> Result<Option<Vec<F>>, String> {
        Ok(None)
    }

    /// What corrupted input parties brought; by default as [`FieldEngine::extract`] says.
    fn effective_inputs(plan: &Plan<Self::Params>, states: &States<'_>) -> EffectiveInputs {
        in_field!(plan.params.field(), F => {
            oracle::effective_inputs::<<Self::Party<F> as FieldSharing>::Shares, F, _>(
                plan,
                states,
                |owner, shares| Self::extract::<F>(plan, owner, shares),
            )
        })
    }

    /// What theorems say of its checks.
    fn soundness(_plan: &Plan<Self::Params>) -> Vec<SoundnessBound> {
        Vec::new()
    }

    /// How its soundness errors are measured.
    fn soundness_trials(_plan: &Plan<Self::Params>) -> Vec<SoundnessTrial<Self::Params>> {
        Vec::new()
    }

    /// Known attacks on it.
    fn attacks() -> Vec<Attack> {
        Vec::new()
    }

    /// The algebra that it computes in, for people.
    fn domain(plan: &Plan<Self::Params>) -> String {
        plan.params.field().label().to_owned()
    }

    /// What a reader of its figures has to know, beside the notes on masks.
    fn notes(_plan: &Plan<Self::Params>) -> Vec<String> {
        Vec::new()
    }
}

impl<E: FieldEngine> Protocol for E {
    const NAME: &'static str = E::NAME;
    const INFO: Info = E::INFO;
    const HELD_PERCENT: u64 = E::HELD_PERCENT;
    const ROLES: &'static [NamedRole] = E::ROLES;
    const ASSUMES: &'static [&'static str] = E::ASSUMES;
    type Params = E::Params;
    type Plan = Plan<E::Params>;

    fn variants() -> Vec<E::Params> {
        <E as FieldEngine>::variants()
    }

    fn held_bytes(plan: &Plan<E::Params>) -> u64 {
        <E as FieldEngine>::held_bytes(plan)
    }

    fn compile(job: &Arc<Job>, params: &E::Params) -> Result<Arc<Plan<E::Params>>, Unsupported> {
        check_parties(&<E as FieldEngine>::INFO, &job.roles)?;
        super::check_offered(params.field(), E::TOYS)?;
        E::supports(job, params)?;
        let plan = match E::OWN_OUTPUTS {
            true => Plan::with_own_outputs(job, params.clone())?,
            false => Plan::new(job, params.clone())?,
        };
        let plan = plan.with_inputs(params.input_check());
        let plan = plan.with_needs(params.field(), E::VERIFIES, E::dot_triples(params));
        let plan = if E::VERIFIES { plan.with_levels() } else { plan };
        super::check_width(job, &plan.program, params.field())?;
        E::fits(&plan)?;
        Ok(Arc::new(plan))
    }

    async fn run(ctx: Ctx, plan: Arc<Plan<E::Params>>, input: Inputs) -> Result<Outputs, Abort> {
        start::<E>(ctx, plan, input).await
    }

    fn ideals(plan: &Arc<Plan<E::Params>>) -> Vec<Ideal> {
        let Some(name) = E::ideal(plan) else { return Vec::new() };
        let plan = Arc::clone(plan);
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            let plan = Arc::clone(&plan);
            in_field!(plan.params.field(), of E::TOYS, F => Box::pin(E::deal::<F>(ctx, plan)),
                else not_compiled())
        };
        vec![Ideal { name, start: Arc::new(start) }]
    }

    fn claims(plan: &Plan<E::Params>) -> Claims {
        <E as FieldEngine>::claims(plan)
    }

    fn assumes(plan: &Plan<E::Params>) -> &'static [&'static str] {
        <E as FieldEngine>::assumes(plan)
    }

    fn roles(plan: &Plan<E::Params>) -> Vec<RoleClaim> {
        <E as FieldEngine>::roles(plan)
    }

    fn leaks(plan: &Plan<E::Params>) -> Option<String> {
        super::leaks(&plan.program)
    }

    fn declared_cost(plan: &Plan<E::Params>) -> Option<DeclaredCost> {
        let prices = E::prices(plan);
        let mut phases = E::preparation(plan, &prices);
        phases.push((Phase::Online, online::<E>(plan, &prices)));
        Some(cost::declare(phases, E::cost_source(plan)))
    }

    fn effective_inputs(plan: &Plan<E::Params>, states: &States<'_>) -> EffectiveInputs {
        <E as FieldEngine>::effective_inputs(plan, states)
    }

    fn evaluate(plan: &Plan<E::Params>, inputs: &[Inputs]) -> Option<Outputs> {
        in_field!(plan.params.field(), F => oracle::evaluate_centred::<F>(&plan.program, inputs))
    }

    fn soundness(plan: &Plan<E::Params>) -> Vec<SoundnessBound> {
        <E as FieldEngine>::soundness(plan)
    }

    fn soundness_trials(plan: &Plan<E::Params>) -> Vec<SoundnessTrial<E::Params>> {
        <E as FieldEngine>::soundness_trials(plan)
    }

    fn attacks() -> Vec<Attack> {
        <E as FieldEngine>::attacks()
    }

    fn ops(plan: &Plan<E::Params>) -> Vec<Op> {
        let mut ops = <E as FieldEngine>::ops(plan);
        ops.extend(in_field!(plan.params.field(), F => F::OPS));
        algebra::ops_with(&ops)
    }

    fn domain(plan: &Plan<E::Params>) -> String {
        <E as FieldEngine>::domain(plan)
    }

    fn notes(plan: &Plan<E::Params>) -> Vec<String> {
        let mut notes = <E as FieldEngine>::notes(plan);
        notes.extend(super::masking_notes(plan));
        notes
    }
}

/// One party in the field of its plan. Not `async`: a field that is not there leaves nothing behind.
fn start<E: FieldEngine>(
    ctx: Ctx,
    plan: Arc<Plan<E::Params>>,
    input: Inputs,
) -> PartyFuture<Outputs> {
    in_field!(plan.params.field(), of E::TOYS, F => Box::pin(async move {
        engine::run(E::party::<F>(&ctx, &plan).await?, ctx, plan, input).await
    }), else not_compiled())
}

/// What stands in for a party in a field that [`Protocol::compile`] refuses.
pub(crate) fn not_compiled<T: 'static>() -> PartyFuture<T> {
    Box::pin(async { Err(Abort::Bug("a field without code was not refused".to_owned())) })
}

/// Inputs and their check, the batches, checks among them, and outputs.
fn online<E: FieldEngine>(plan: &Plan<E::Params>, prices: &Prices) -> Cost {
    let Plan { job, program, .. } = plan;
    let mut check = E::checks(plan);
    let checks = check.as_mut().map(|check| Checks { inputs: Flow::default(), check });
    cost::checked(
        program,
        &job.roles,
        E::input_messages(plan).into_iter(),
        |batch| match (batch.kind, prices.dot) {
            (BatchKind::Dot, DotPrice::OneProduct) => prices.products(batch.len, 1),
            _ => triple_flow(program, batch, prices),
        },
        E::output_messages(plan).into_iter(),
        checks,
    )
}
