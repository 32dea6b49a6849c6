//! Semi-honest engines that claim to withstand malicious parties.

use mpclab::prelude::*;
use mpclab::protocols::additive::Additive;
use mpclab::protocols::oracle::{EffectiveInputs, States};
use mpclab::protocols::rep3::Rep3;
use mpclab::protocols::shamir::Shamir;
use mpclab::sim::Ideal;
use mpclab::{Registry, registry};

macro_rules! boasts {
    ($($type:ident = $name:literal: $engine:ty;)*) => {
        $(
            struct $type;

            impl Protocol for $type {
                const NAME: &'static str = $name;
                const INFO: Info = <$engine>::INFO;
                type Params = <$engine as Protocol>::Params;

                type Plan = <$engine as Protocol>::Plan;

                fn compile(
                    job: &Arc<Job>,
                    params: &Self::Params,
                ) -> Result<Arc<Self::Plan>, Unsupported> {
                    <$engine>::compile(job, params)
                }

                fn ideals(plan: &Arc<Self::Plan>) -> Vec<Ideal> {
                    <$engine>::ideals(plan)
                }

                async fn run(
                    ctx: Ctx,
                    plan: Arc<Self::Plan>,
                    input: Inputs,
                ) -> Result<Outputs, Abort> {
                    <$engine>::run(ctx, plan, input).await
                }

                fn claims(plan: &Self::Plan) -> Claims {
                    let adversary = AdversaryKind::Malicious;
                    Claims { adversary, ..<$engine>::claims(plan) }
                }

                fn effective_inputs(plan: &Self::Plan, states: &States<'_>) -> EffectiveInputs {
                    <$engine>::effective_inputs(plan, states)
                }

                fn evaluate(plan: &Self::Plan, inputs: &[Inputs]) -> Option<Outputs> {
                    <$engine>::evaluate(plan, inputs)
                }

                fn ops(plan: &Self::Plan) -> Vec<Op> {
                    <$engine>::ops(plan)
                }
            }
        )*

        /// A registry with all of them.
        pub(crate) fn boasting(registry: Registry) -> Registry {
            registry$(.with::<$type>())*
        }
    };
}

boasts! {
    BoastingAdditive = "boasting_additive": Additive;
    BoastingRep3 = "boasting_rep3": Rep3;
    BoastingShamir = "boasting_shamir": Shamir;
}

/// The registry with engines as they are and as they boast.
pub(super) fn engines() -> Registry {
    boasting(registry())
}
