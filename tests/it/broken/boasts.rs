//! Semi-honest engines that claim to withstand malicious parties.

use mpclab::prelude::*;
use mpclab::protocols::additive::Additive;
use mpclab::protocols::oracle::{EffectiveInputs, Reach, States};
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

                fn supports(job: &Job, params: &Self::Params) -> Result<(), Unsupported> {
                    <$engine>::supports(job, params)
                }

                fn ideals(job: &Arc<Job>, params: &Arc<Self::Params>) -> Vec<Ideal> {
                    <$engine>::ideals(job, params)
                }

                async fn run(
                    ctx: Ctx,
                    job: Arc<Job>,
                    params: Arc<Self::Params>,
                    input: Inputs,
                ) -> Result<Outputs, Abort> {
                    <$engine>::run(ctx, job, params, input).await
                }

                fn claims(job: &Job, params: &Self::Params) -> Claims {
                    let adversary = AdversaryKind::Malicious;
                    Claims { adversary, ..<$engine>::claims(job, params) }
                }

                fn effective_inputs(
                    job: &Job,
                    params: &Self::Params,
                    states: &States<'_>,
                ) -> EffectiveInputs {
                    <$engine>::effective_inputs(job, params, states)
                }

                fn evaluate(
                    job: &Job,
                    params: &Self::Params,
                    inputs: &[Inputs],
                ) -> Option<Outputs> {
                    <$engine>::evaluate(job, params, inputs)
                }

                fn reach(
                    job: &Job,
                    params: &Self::Params,
                    known: &[Option<Inputs>],
                    outputs: &Outputs,
                ) -> Reach {
                    <$engine>::reach(job, params, known, outputs)
                }

                fn ops(params: &Self::Params) -> Vec<Op> {
                    <$engine>::ops(params)
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
