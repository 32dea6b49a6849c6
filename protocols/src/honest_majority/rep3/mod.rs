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
mod gadgets;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod party;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::wire::Element;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::{self, Ring, Z64, Z128};
use crate::attack::Attack;
use crate::engine::cost::{self, Cost, Flow, Message, Step};
use crate::engine::replicated::{KEY_BYTES, extract, extract_bits, neighbour};
use crate::engine::{self, Plan, circuit_of, oracle};
use crate::oracle::{EffectiveInputs, States};
use crate::primitives::Prg;
use crate::program::{Batch, BatchKind, Inputs, Outputs, Price, Program, Sharing, SharingPrices};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};
use gadgets::{Gadgets, gadget_of};
use party::Party;

/// The protocol.
pub struct Rep3;

/// Parameters of [`Rep3`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rep3Params {
    /// Where values live.
    pub ring: RingName,
    /// How bits are shared.
    #[serde(skip_serializing_if = "BitSharingName::is_default")]
    pub bits: BitSharingName,
}

/// How an engine over numbers that has packed bits, too, shares bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BitSharingName {
    /// Each as takes fewer bytes: packed modulo 2, or as the number 0 or 1.
    #[default]
    Packed,
    /// As the numbers 0 and 1.
    Numbers,
}

impl BitSharingName {
    fn is_default(&self) -> bool {
        *self == BitSharingName::default()
    }
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
    const HELD_PERCENT: u64 = 100;
    const ASSUMES: &'static [&'static str] = &[Prg::ASSUMPTION];
    type Params = Rep3Params;
    type Plan = Plan<Rep3Params>;

    fn variants() -> Vec<Rep3Params> {
        let [z64, z128] = [RingName::Z64, RingName::Z128]
            .map(|ring| Rep3Params { ring, ..Self::Params::default() });
        vec![z64, z128, Rep3Params { bits: BitSharingName::Numbers, ..z64 }]
    }

    fn compile(job: &Arc<Job>, params: &Rep3Params) -> Result<Arc<Plan<Rep3Params>>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let plan = match params.bits {
            BitSharingName::Numbers => Plan::with_own_outputs(job, *params)?,
            BitSharingName::Packed => {
                Plan::with_bits(job, *params, &sharing_prices(job, params.ring))?
            }
        };
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
        let gadgets = Gadgets::of(program).ok()?;
        let setup = Cost { bytes: 3 * KEY_BYTES as u64, rounds: 1 };
        let online = cost::online(
            program,
            &job.roles,
            input_messages(plan, element).into_iter(),
            |batch| flow(&gadgets, program, batch, element),
            output_messages(plan, element).into_iter(),
        );
        let source = "Araki et al., CCS 2016: 3 elements per product; bit decomposition as Mohassel \
                      and Rindal, CCS 2018, with a parallel prefix adder";
        Some(cost::declare([(Phase::Setup, setup), (Phase::Online, online)], source))
    }

    fn effective_inputs(plan: &Plan<Rep3Params>, states: &States<'_>) -> EffectiveInputs {
        match plan.params.ring {
            RingName::Z64 => {
                oracle::effective_inputs_and_bits(plan, states, extract::<Z64>, extract_bits)
            }
            RingName::Z128 => {
                oracle::effective_inputs_and_bits(plan, states, extract::<Z128>, extract_bits)
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
        let of_ring = match plan.params.ring {
            RingName::Z64 => Z64::OPS,
            RingName::Z128 => Z128::OPS,
        };
        algebra::ops_with(of_ring)
    }

    fn domain(plan: &Plan<Rep3Params>) -> String {
        plan.params.ring.label().to_owned()
    }
}

/// What decides how a bit is shared. A client's input and output costs more than a party's, but in
/// both ways of sharing.
fn sharing_prices(job: &Job, ring: RingName) -> SharingPrices {
    let element = 8 * ring.element_bytes();
    let receivers = job.roles.output.len() as u64;
    SharingPrices {
        input: Price { number: element, bit: 1 },
        product: Price { number: 3 * element, bit: 3 },
        output: Price { number: receivers * element, bit: receivers },
        inject: 4 * element,
    }
}

fn flow(gadgets: &Gadgets, program: &Program, batch: &Batch, element: u64) -> Flow {
    let len = batch.len;
    let circuit = gadget_of(batch.kind).and_then(|gadget| gadgets.get(gadget).ok());
    let numbers = match batch.sharing {
        Sharing::Arithmetic => bits::cost_inject(len, element),
        Sharing::Boolean => Flow::default(),
    };
    match (batch.kind, circuit) {
        (BatchKind::Mul | BatchKind::Dot, _) => Flow::new(3 * element * len as u64, Step::Back, 1),
        (BatchKind::And | BatchKind::Select, _) => bits::layer(len),
        (BatchKind::Gates, _) => circuit_of(program, batch)
            .map_or_else(Flow::default, |circuit| gadgets::cost(circuit, 1)),
        (BatchKind::RandomBits, _) => numbers,
        (BatchKind::Inject, _) => bits::cost_inject(len, element),
        (BatchKind::Less { bits }, Some(circuit)) => {
            bits::cost_is_negative(len, bits, circuit).then(numbers)
        }
        (BatchKind::Equal { bits }, Some(circuit)) => {
            bits::cost_is_zero(len, bits, circuit).then(numbers)
        }
        (BatchKind::Truncate { bits, .. }, Some(circuit)) => {
            bits::cost_truncate(len, bits, circuit, element)
        }
        (BatchKind::Less { .. } | BatchKind::Equal { .. } | BatchKind::Truncate { .. }, None) => {
            Flow::default()
        }
    }
}

fn packed_bytes(bits: usize) -> u64 {
    bits.div_ceil(8) as u64
}

/// A computing party sends one element or bit per value to the previous one, a client two to each.
fn input_messages(plan: &Plan<Rep3Params>, element: u64) -> Vec<Message> {
    let roles = &plan.job.roles;
    let messages = |(from, bytes): (PartyId, u64)| -> Vec<Message> {
        match roles.computes(from) {
            true => vec![Message { from, to: neighbour(from, 2), bytes }],
            false => roles.computing().map(|to| Message { from, to, bytes: 2 * bytes }).collect(),
        }
    };
    let numbers = plan.input_elements().map(|(from, len)| (from, len as u64 * element));
    let bits = plan.input_bits().map(|(from, len)| (from, packed_bytes(len)));
    numbers.chain(bits).flat_map(messages).collect()
}

/// A computing party lacks one share of each value, a client all three.
fn output_messages(plan: &Plan<Rep3Params>, element: u64) -> Vec<Message> {
    let roles = &plan.job.roles;
    let messages = |(to, bytes): (PartyId, u64)| match roles.computes(to) {
        true => vec![Message { from: neighbour(to, 2), to, bytes }],
        false => vec![
            Message { from: PartyId(0), to, bytes: 2 * bytes },
            Message { from: PartyId(1), to, bytes },
        ],
    };
    let opened = |to: &PartyId| {
        let numbers = plan.opening.group_of(*to).map(|group| group.len as u64 * element);
        let bits = plan.opening_bits.group_of(*to).map(|group| packed_bytes(group.len));
        [numbers, bits].into_iter().flatten().map(|bytes| (*to, bytes)).collect::<Vec<_>>()
    };
    roles.output.iter().flat_map(opened).flat_map(messages).collect()
}
