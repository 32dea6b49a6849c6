//! `semi`: additive shares in a prime field, with triples by oblivious transfer.
//!
//! The online phase of [`super::additive`] (Beaver, CRYPTO 1991), with a preprocessing that nobody
//! has to be trusted for: products of two parties' random values by Gilboa (CRYPTO 1999; see
//! `primitives::ole`) over OT extension, without MACs. Semi-honest, any number of corruptions
//! below `n`.
//!
//! A triple takes `n (n - 1) k (lambda + l)` bits for elements of `k` bits that are encoded in `l`,
//! over all parties, where a transfer with a chosen bit takes `lambda`: 128 over the width of the small field. That is the first
//! term of the count of Keller, Orsini and Scholl, "MASCOT", CCS 2016, with one factor where they
//! authenticate three.

mod attacks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
pub(super) mod offline;

use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, Security, Setup,
    Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::additive::{Additive, AdditiveParams, Offline};
use crate::attack::Attack;
use crate::engine::Plan;
use crate::engine::field::{DotTriples, FieldName, OpeningName};
use crate::oracle::{EffectiveInputs, States};
use crate::primitives::group;
use crate::primitives::ot::{self, BaseOt, KAPPA, OtParams, Scheme};
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported};

const NAME: &str = "semi";

/// The protocol.
pub struct Semi;

/// Parameters of [`Semi`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SemiParams {
    /// Where values live.
    pub field: FieldName,
    /// What inner products draw on.
    pub dot: DotTriples,
    /// How values are opened inside the computation.
    #[serde(skip_serializing_if = "OpeningName::is_default")]
    pub opening: OpeningName,
    /// How transfers are made.
    pub ot: OtParams,
}

impl From<SemiParams> for AdditiveParams {
    fn from(SemiParams { field, dot, opening, ot }: SemiParams) -> Self {
        AdditiveParams { field, dot, opening, offline: Offline::Semi, ot }
    }
}

impl Protocol for Semi {
    const NAME: &'static str = NAME;
    const INFO: Info = Info {
        about: "additive shares in a prime field, Beaver triples by oblivious transfer",
        source: "Beaver, CRYPTO 1991; Gilboa, CRYPTO 1999",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Both { sigma: 40, kappa: KAPPA as u32 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    const ASSUMES: &'static [&'static str] = &[group::ASSUMPTION, ot::ASSUMPTION];
    const HELD_PERCENT: u64 = <Additive as Protocol>::HELD_PERCENT;
    type Params = SemiParams;
    type Plan = Plan<AdditiveParams>;

    fn variants() -> Vec<SemiParams> {
        let of = |field, dot| SemiParams { field, dot, ..SemiParams::default() };
        let ot = OtParams { extension: Scheme::Silent, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        vec![
            of(FieldName::P128, DotTriples::Triples),
            SemiParams {
                opening: OpeningName::Star,
                ..of(FieldName::M61, DotTriples::InnerProduct)
            },
            SemiParams { ot, ..of(FieldName::M61, DotTriples::Triples) },
        ]
    }

    fn compile(job: &Arc<Job>, params: &SemiParams) -> Result<Arc<Self::Plan>, Unsupported> {
        Additive::compile(job, &(*params).into())
    }

    async fn run(ctx: Ctx, plan: Arc<Self::Plan>, input: Inputs) -> Result<Outputs, Abort> {
        <Additive as Protocol>::run(ctx, plan, input).await
    }

    fn ideals(plan: &Arc<Self::Plan>) -> Vec<Ideal> {
        Additive::ideals(plan)
    }

    fn claims(plan: &Self::Plan) -> Claims {
        <Additive as Protocol>::claims(plan)
    }

    fn assumes(plan: &Self::Plan) -> &'static [&'static str] {
        <Additive as Protocol>::assumes(plan)
    }

    fn leaks(plan: &Self::Plan) -> Option<String> {
        Additive::leaks(plan)
    }

    fn declared_cost(plan: &Self::Plan) -> Option<DeclaredCost> {
        Additive::declared_cost(plan)
    }

    fn held_bytes(plan: &Self::Plan) -> u64 {
        <Additive as Protocol>::held_bytes(plan)
    }

    fn effective_inputs(plan: &Self::Plan, states: &States<'_>) -> EffectiveInputs {
        <Additive as Protocol>::effective_inputs(plan, states)
    }

    fn evaluate(plan: &Self::Plan, inputs: &[Inputs]) -> Option<Outputs> {
        Additive::evaluate(plan, inputs)
    }

    fn attacks() -> Vec<Attack> {
        [attacks::all(), <Additive as Protocol>::attacks()].concat()
    }

    fn ops(plan: &Self::Plan) -> Vec<Op> {
        <Additive as Protocol>::ops(plan)
    }

    fn domain(plan: &Self::Plan) -> String {
        <Additive as Protocol>::domain(plan)
    }

    fn notes(plan: &Self::Plan) -> Vec<String> {
        <Additive as Protocol>::notes(plan)
    }
}
