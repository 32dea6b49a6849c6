//! `rep3`: replicated secret sharing among three, semi-honest, one corruption.
//!
//! Araki, Furukawa, Lindell, Nof and Ohara, "High-Throughput Semi-Honest Secure Three-Party
//! Computation with an Honest Majority", CCS 2016. Of `x = x_0 + x_1 + x_2` in the ring, party `i`
//! holds `x_i` and `x_{i+1}`; a product costs each party one ring element and one round, masked by
//! a zero sharing from pairwise keys. An inner product costs as much as one product.
//!
//! Comparisons go through replicated bits and a boolean adder (`bits`): no statistical masks, no
//! preprocessing, exact results.

mod attacks;
mod bits;
mod party;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Roles, Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::wire::Element;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::bits::{AND_WORD, TRANSPOSE_WORD};
use crate::algebra::{Ring, Z64, Z128};
use crate::attack::Attack;
use crate::engine::cost::{self, Cost, Flow, Message, Step};
use crate::engine::replicated::extract;
use crate::engine::replicated::{KEY_BYTES, neighbour};
use crate::engine::{self, Plan, Replicated, oracle};
use crate::oracle::{EffectiveInputs, States};
use crate::primitives::{CHACHA_BYTE, Prg};
use crate::program::{BatchKind, Inputs, Outputs, Program};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};
use party::Party;

/// The protocol.
pub struct Rep3;

/// Parameters of [`Rep3`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rep3Params {
    /// Where values live.
    pub ring: RingName,
}

/// The ring of an engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RingName {
    /// Integers modulo 2^64: 8 bytes an element.
    #[default]
    Z64,
    /// Integers modulo 2^128: 16 bytes an element.
    Z128,
}

impl RingName {
    pub(crate) fn bits(self) -> u32 {
        match self {
            RingName::Z64 => 64,
            RingName::Z128 => 128,
        }
    }

    pub(crate) fn element_bytes(self) -> u64 {
        match self {
            RingName::Z64 => Z64::BYTES as u64,
            RingName::Z128 => Z128::BYTES as u64,
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            RingName::Z64 => Z64::LABEL,
            RingName::Z128 => Z128::LABEL,
        }
    }
}

impl Protocol for Rep3 {
    const NAME: &'static str = "rep3";
    const INFO: Info = Info {
        about: "replicated shares of three parties in a ring, one element per party and product",
        source: "Araki, Furukawa, Lindell, Nof, Ohara, CCS 2016",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::Exact(1),
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Computational { kappa: 128 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (3, 3),
    };
    const ASSUMES: &'static [&'static str] = &[Prg::ASSUMPTION];
    type Params = Rep3Params;
    type Plan = Plan<Rep3Params>;

    fn variants() -> Vec<Rep3Params> {
        [RingName::Z64, RingName::Z128].map(|ring| Rep3Params { ring }).into()
    }

    fn compile(job: &Arc<Job>, params: &Rep3Params) -> Result<Arc<Plan<Rep3Params>>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let plan = Plan::with_own_outputs(job, *params)?;
        let needed = plan.program.statistics().max_bits;
        if needed <= params.ring.bits() {
            return Ok(Arc::new(plan));
        }
        Err(Unsupported::new(
            format!("values of {needed} bits do not fit in {} bits", params.ring.bits()),
            "params: { ring: z128 }",
        )
        .of("ring"))
    }

    async fn run(ctx: Ctx, plan: Arc<Plan<Rep3Params>>, input: Inputs) -> Result<Outputs, Abort> {
        match plan.params.ring {
            RingName::Z64 => {
                engine::run(Party::<Z64>::new(&ctx, &plan).await?, ctx, plan, input).await
            }
            RingName::Z128 => {
                engine::run(Party::<Z128>::new(&ctx, &plan).await?, ctx, plan, input).await
            }
        }
    }

    fn declared_cost(plan: &Plan<Rep3Params>) -> Option<DeclaredCost> {
        let Plan { job, program, .. } = plan;
        let element = plan.params.ring.element_bytes();
        let setup = Cost { bytes: 3 * KEY_BYTES as u64, rounds: 1 };
        let online = cost::online(
            program,
            &job.roles,
            input_messages(plan, element),
            |batch| match batch.kind {
                BatchKind::Mul | BatchKind::Dot | BatchKind::And | BatchKind::Select => {
                    Flow::new(3 * element * batch.len as u64, Step::Back, 1)
                }
                BatchKind::Less { bits } => bits::cost_is_negative(batch.len, bits, element),
                BatchKind::Equal { bits } => bits::cost_is_zero(batch.len, bits, element),
                BatchKind::Truncate { bits, shift, .. } => {
                    bits::cost_truncate(batch.len, bits, shift, element)
                }
            },
            output_messages(program, &job.roles, element),
        );
        let source = "Araki et al., CCS 2016: 3 elements per product; bit decomposition as Mohassel \
                      and Rindal, CCS 2018, with a parallel prefix adder";
        Some(cost::declare([(Phase::Setup, setup), (Phase::Online, online)], source))
    }

    fn effective_inputs(plan: &Plan<Rep3Params>, states: &States<'_>) -> EffectiveInputs {
        match plan.params.ring {
            RingName::Z64 => {
                oracle::effective_inputs::<Replicated<Z64>, Z64, _>(plan, states, extract)
            }
            RingName::Z128 => {
                oracle::effective_inputs::<Replicated<Z128>, Z128, _>(plan, states, extract)
            }
        }
    }

    fn evaluate(plan: &Plan<Rep3Params>, inputs: &[Inputs]) -> Option<Outputs> {
        match plan.params.ring {
            RingName::Z64 => oracle::evaluate_centred::<Z64>(&plan.program, inputs),
            RingName::Z128 => oracle::evaluate_centred::<Z128>(&plan.program, inputs),
        }
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &Plan<Rep3Params>) -> Vec<Op> {
        let [add, mul] = match plan.params.ring {
            RingName::Z64 => [Z64::ADD, Z64::MUL],
            RingName::Z128 => [Z128::ADD, Z128::MUL],
        };
        vec![add, mul, CHACHA_BYTE, AND_WORD, TRANSPOSE_WORD]
    }

    fn domain(plan: &Plan<Rep3Params>) -> String {
        plan.params.ring.label().to_owned()
    }
}

/// A computing party sends one element per value to the previous one, a client two to each.
fn input_messages(plan: &Plan<Rep3Params>, element: u64) -> impl Iterator<Item = Message> {
    let roles = &plan.job.roles;
    let messages = move |(from, len): (PartyId, usize)| -> Vec<Message> {
        let bytes = len as u64 * element;
        match roles.computes(from) {
            true => vec![Message { from, to: neighbour(from, 2), bytes }],
            false => roles.computing().map(|to| Message { from, to, bytes: 2 * bytes }).collect(),
        }
    };
    plan.input_elements().flat_map(messages)
}

/// A computing party lacks one share of each value, a client all three.
fn output_messages(
    program: &Program,
    roles: &Roles,
    element: u64,
) -> impl Iterator<Item = Message> {
    let messages = move |(party, to): (usize, &PartyId)| -> Vec<Message> {
        let (to, bytes) = (*to, program.output_len_of(party) as u64 * element);
        match roles.computes(to) {
            _ if bytes == 0 => Vec::new(),
            true => vec![Message { from: neighbour(to, 2), to, bytes }],
            false => vec![
                Message { from: PartyId(0), to, bytes: 2 * bytes },
                Message { from: PartyId(1), to, bytes },
            ],
        }
    };
    roles.output.iter().enumerate().flat_map(messages)
}
