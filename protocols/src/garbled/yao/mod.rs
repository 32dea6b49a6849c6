//! `yao`: garbled circuits between two parties.
//!
//! Yao, "How to generate and exchange secrets", FOCS 1986; Lindell and Pinkas, "A Proof of Security
//! of Yao's Protocol for Two-Party Computation", Journal of Cryptology 2009, with
//! half-gates ([`garbling`]) and OT extension ([`crate::primitives::ot`]). Semi-honest, one of two
//! parties may be corrupted. Party 0 garbles, party 1 evaluates.
//!
//! - Set-up: base transfers, in which the evaluator sends.
//! - Offline: as many correlated transfers with random choices `r` as the evaluator has bits or
//!   shares of bits, under the garbler's offset `delta`.
//! - Online:
//!   1. Inputs. The evaluator sends `x xor r` for its bits; `q + (x xor r) delta` is then the zero
//!      label of each. Of its own bits the garbler sends active labels. A client gives both parties
//!      a share: the evaluator takes its share for its bit, the garbler adds `delta` where its own
//!      is 1. Random bits of a program are shared so too, by draws of both.
//!   2. The garbler sends the tables, 32 bytes for each AND or, with `garbling: three_halves`, 24
//!      bytes and 5 bits (Rosulek, Roy, CRYPTO 2021), in messages of at most 2^15 gates.
//!   3. Outputs. The lowest bits of both ends' labels are shares of the output bits, and are sent
//!      to those who learn them.

mod attacks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod party;

use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, Phase, Security,
    Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EVALUATOR, GARBLER, GATE_BYTES, TABLES, cut};
use crate::algebra;
use crate::attack::Attack;
use crate::circuit::{Interactive, Layered, Lowered, Optimise, lower};
use crate::engine::SharedBits;
use crate::engine::cost::{self, Cost, Depths, Message};
use crate::primitives::garbling::{self, Streamed, TABLE_BYTES, three_halves};
use crate::primitives::group;
use crate::primitives::ot::{BaseOt, Choices, Extension, KAPPA, OtParams, Scheme, Width, silent};
use crate::program::{Inputs, Outputs, Program};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// Bytes of a label.
const LABEL: u64 = 16;

/// The protocol.
pub struct Yao;

/// Parameters of [`Yao`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct YaoParams {
    /// How transfers are made.
    pub ot: OtParams,
    /// How gates are garbled.
    pub garbling: Garbling,
}

/// How gates are garbled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Garbling {
    /// Zahur, Rosulek, Evans 2015: 32 bytes an AND.
    #[default]
    HalfGates,
    /// Rosulek, Roy 2021: 24 bytes and 5 bits an AND, and half as much hashing again.
    ThreeHalves,
}

impl Garbling {
    /// Bytes of the tables of so many ANDs.
    #[must_use]
    pub const fn bytes(self, ands: usize) -> u64 {
        match self {
            Garbling::HalfGates => TABLE_BYTES * ands as u64,
            Garbling::ThreeHalves => three_halves::bytes(ands),
        }
    }
}

/// The circuit of a job.
pub struct YaoPlan {
    job: Arc<Job>,
    params: YaoParams,
    program: Arc<Program>,
    streamed: Arc<Streamed>,
    shared: SharedBits,
}

impl Protocol for Yao {
    const NAME: &'static str = "yao";
    const INFO: Info = Info {
        about: "garbled circuits between two parties, half-gates and OT extension",
        source: "Yao, FOCS 1986; Lindell, Pinkas, J. Cryptology 2009; Zahur, Rosulek, \
                 Evans, EUROCRYPT 2015; Rosulek, Roy, CRYPTO 2021",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Computational { kappa: KAPPA as u32 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, 2),
    };
    const ASSUMES: &'static [&'static str] = &[group::ASSUMPTION, garbling::ASSUMPTION];
    type Params = YaoParams;
    type Plan = YaoPlan;

    fn variants() -> Vec<YaoParams> {
        let ideal = OtParams { width: Width::Eight, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        let boxed = YaoParams { ot: ideal, ..YaoParams::default() };
        let silent = OtParams { extension: Scheme::Silent, ..ideal };
        let silent = YaoParams { ot: silent, ..boxed };
        let sliced = YaoParams { garbling: Garbling::ThreeHalves, ..boxed };
        vec![YaoParams::default(), boxed, silent, sliced]
    }

    fn compile(job: &Arc<Job>, params: &YaoParams) -> Result<Arc<YaoPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let program = Arc::clone(job.program()?);
        let Lowered { circuit, words } = lower(&program, Optimise::Size)
            .map_err(|why| Unsupported::new(why.to_string(), "a smaller function"))?;
        let layered = Arc::new(Layered::new(circuit, Interactive::And));
        let streamed = Arc::new(Streamed::new(layered));
        let shared = SharedBits::new(&program, &job.roles, &words);
        let (job, params) = (Arc::clone(job), *params);
        Ok(Arc::new(YaoPlan { job, params, program, streamed, shared }))
    }

    async fn run(ctx: Ctx, plan: Arc<YaoPlan>, input: Inputs) -> Result<Outputs, Abort> {
        party::run(&ctx, &plan, &input).await
    }

    fn ideals(plan: &Arc<YaoPlan>) -> Vec<Ideal> {
        if plan.chosen() > 0 { cut::ideals(plan.params.ot.base) } else { Vec::new() }
    }

    fn claims(plan: &YaoPlan) -> Claims {
        Claims { setup: plan.params.ot.setup(), ..Self::INFO.claims }
    }

    fn assumes(plan: &YaoPlan) -> &'static [&'static str] {
        match plan.params.ot.extension {
            Scheme::SoftSpoken => Self::ASSUMES,
            Scheme::Silent => &[group::ASSUMPTION, garbling::ASSUMPTION, silent::ASSUMPTION],
        }
    }

    fn held_bytes(plan: &YaoPlan) -> u64 {
        if plan.chosen() > 0 { plan.extension().held_bytes() } else { 0 }
    }

    fn declared_cost(plan: &YaoPlan) -> Option<DeclaredCost> {
        let source = "Zahur, Rosulek, Evans, EUROCRYPT 2015: two blocks an AND; Rosulek, Roy, CRYPTO \
                      2021: 1.5 blocks and 5 bits; Roy, CRYPTO 2022: (128 / k - 1) / 8 bytes a random \
                      transfer; or Yang et al., CCS 2020: iterations";
        let [setup, offline] = plan.preprocessing();
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(cost::declare(phases, source))
    }

    fn plan_bytes(plan: &YaoPlan) -> u64 {
        GATE_BYTES * u64::from(plan.streamed.circuit().counts().gates)
    }

    fn evaluate(plan: &YaoPlan, inputs: &[Inputs]) -> Option<Outputs> {
        plan.shared.evaluate(&plan.program, plan.streamed.circuit(), inputs)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &YaoPlan) -> Vec<Op> {
        let own = group::OPS.into_iter().chain(plan.params.ot.ops()).chain(garbling::OPS);
        algebra::ops_with(&own.collect::<Vec<_>>())
    }

    fn domain(_: &YaoPlan) -> String {
        "bits".to_owned()
    }

    fn notes(plan: &YaoPlan) -> Vec<String> {
        let counts = plan.streamed.circuit().counts();
        let ands = counts.ands;
        let mut notes = vec![
            format!(
                "garbled tables: {ands} AND of {}, {} bytes; input labels, transfers and decoding come \
                 on top",
                match plan.params.garbling {
                    Garbling::HalfGates => "2 blocks",
                    Garbling::ThreeHalves => "1.5 blocks and 5 bits",
                },
                plan.params.garbling.bytes(ands as usize)
            ),
            format!("{} transfers by {}", plan.chosen(), plan.params.ot),
            format!("labels of {} wires are held at a time", plan.streamed.width()),
        ];
        if plan.chosen() > 0 {
            notes.extend(plan.extension().notes([(plan.chosen(), Choices::Random)]));
        }
        notes
    }
}

impl YaoPlan {
    /// The circuit that is garbled.
    #[must_use]
    pub fn streamed(&self) -> &Streamed {
        &self.streamed
    }

    /// How transfers are extended.
    fn extension(&self) -> Extension {
        self.params.ot.semi_honest().for_demand(self.chosen())
    }

    /// Input bits of which the evaluator has a share: a transfer each.
    fn chosen(&self) -> usize {
        self.shared.bits_but_of(GARBLER) + self.shared.random_bits()
    }

    fn preprocessing(&self) -> [Cost; 2] {
        if self.chosen() == 0 {
            return [Cost::default(); 2];
        }
        let of = |[sender, receiver]: [u64; 2]| sender + receiver;
        let extension = self.extension();
        let setup = Cost { bytes: of(extension.set_up_bytes()), rounds: extension.set_up_rounds() };
        let batch = extension.bill().batch(self.chosen(), Choices::Random);
        [setup, Cost { bytes: of(batch.bytes), rounds: batch.rounds }]
    }

    fn online(&self) -> Cost {
        let mut depths = Depths::new(&self.job.roles);
        let packed = |bits: usize| bits.div_ceil(8) as u64;
        let own = |party| self.shared.bits_of(party);
        let message = |from, to, bytes| Message { from, to, bytes };
        let some = |message: Message| (message.bytes > 0).then_some(message);
        // 1. Clients' shares, then what parties say of their bits.
        let clients = self.shared.clients().flat_map(|(client, bits)| {
            [GARBLER, EVALUATOR].map(|to| message(client, to, packed(bits)))
        });
        let mut bytes = depths.send(clients);
        let corrected = self.shared.bits_but_of(GARBLER);
        bytes += depths.send(some(message(EVALUATOR, GARBLER, packed(corrected))).into_iter());
        let labels = LABEL * own(GARBLER) as u64;
        // 2. Tables.
        let ands = self.streamed.circuit().counts().ands as usize;
        let tables = self.params.garbling.bytes(ands);
        bytes += depths.send(some(message(GARBLER, EVALUATOR, labels + tables)).into_iter());
        // 3. Shares of outputs.
        bytes += depths.send(self.shared.messages());
        Cost { bytes, rounds: depths.rounds() }
    }
}
