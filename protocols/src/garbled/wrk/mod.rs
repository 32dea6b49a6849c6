//! `wrk`: authenticated garbling among `n` parties, malicious, any number of corruptions, in
//! constant rounds.
//!
//! Wang, Ranellucci, Katz, "Global-Scale Secure Multiparty Computation", CCS 2017; between two
//! parties one garbles and the other evaluates, as in their "Authenticated Garbling and Efficient
//! Maliciously Secure Two-Party Computation", CCS 2017. Party 0 evaluates, all others garble. Every
//! wire `w` has a mask `lambda_w` that is a shared authenticated bit ([`auth`]), and the evaluator
//! sees the masked bit `L_w = x_w + lambda_w` of each.
//!
//! - Set-up and offline, whatever the function ([`auth::Preparation`]): for each input wire a
//!   shared bit that its owner knows, for each AND a shared bit and an AND of random ones.
//! - Offline, for the circuit (`tables`):
//!   1. Masks of all wires. Those of XOR are sums, a NOT adds one, so that masked bits and labels
//!      stay.
//!   2. For each AND of wires `a` and `b` the product `sigma` of their masks, from an AND of random
//!      bits: two opened bits, with MACs.
//!   3. For masked inputs `u` and `v` the masked output is `r_uv = sigma + lambda + u lambda_b + v
//!      lambda_a + u v`. In row `(u, v)` each garbler encrypts, under its labels of `u` and `v`,
//!      the MACs of its share of `r_uv` under everyone's key, and what its own label of the output
//!      is if all keys for others' shares are added: `n` blocks. The bit itself is not sent: its
//!      MAC under the evaluator's key fits one.
//! - Online:
//!   1. Owners broadcast their masked bits. Random bits of a program are masks of masked zeros.
//!   2. All compare what they have heard; garblers send their labels of masked inputs to the
//!      evaluator, who goes through the circuit. A row that was garbled wrongly has no MAC,
//!      whatever the inputs: masks hide which rows are opened.
//!   3. Shares of masks of outputs go to those who learn them, with a hash of their MACs. To a
//!      garbler the evaluator tells the masked bits with a hash of its own labels of them.
//!
//! Rows are encrypted by two hashes, one of each label, under tweaks of their own for each row and
//! block (`tables`); free XOR and NOT.

mod attacks;
mod evaluate;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod party;
mod tables;

use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attack::Attack;
use crate::circuit::{Interactive, Layered, Lowered, Optimise, lower_in_range};
use crate::engine::SharedBits;
use crate::engine::cost::{self, Cost, Depths, Flow, Message, Step};
use crate::garbled::wires::GATE_BYTES;
use crate::oracle::{EffectiveInputs, SoundnessBound, States};
use crate::primitives::auth::{self, Demand, Faces, Ledger, Preparation};
use crate::primitives::garbling::LOCAL;
use crate::primitives::ot::{BaseOt, KAPPA, OtParams, Width};
use crate::program::{Inputs, Outputs, Program};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// Who evaluates; all others garble.
const EVALUATOR: PartyId = PartyId(0);

/// Bytes of a label, a MAC, and a block of a row.
const BLOCK: u64 = 16;

/// Prices of what this protocol alone does.
pub(super) const OPS: [Op; 2] = [tables::GARBLE, evaluate::EVALUATE];

/// The protocol.
pub struct Wrk;

/// Parameters of [`Wrk`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WrkParams {
    /// How transfers are made.
    pub ot: OtParams,
}

/// The circuit of a job, and what is prepared for it.
pub struct WrkPlan {
    job: Arc<Job>,
    program: Arc<Program>,
    params: WrkParams,
    layered: Arc<Layered>,
    shared: SharedBits,
    preparation: Preparation,
}

impl Protocol for Wrk {
    const NAME: &'static str = "wrk";
    const INFO: Info = Info {
        about: "authenticated garbling among any number of parties, in constant rounds",
        source: "Wang, Ranellucci, Katz, CCS 2017 (Global-Scale Secure Multiparty Computation)",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Both { sigma: 40, kappa: KAPPA as u32 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    const ASSUMES: &'static [&'static str] = auth::ASSUMES;
    type Params = WrkParams;
    type Plan = WrkPlan;

    fn variants() -> Vec<WrkParams> {
        let ideal = OtParams { width: Width::One, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        vec![WrkParams::default(), WrkParams { ot: ideal }]
    }

    fn compile(job: &Arc<Job>, params: &WrkParams) -> Result<Arc<WrkPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let program = Arc::clone(job.program()?);
        auth::no_clients(&job.roles)?;
        let extension = params.ot.malicious()?;
        let Lowered { circuit, words } = lower_in_range(&program, Optimise::Size)
            .map_err(|why| Unsupported::new(why.to_string(), "a smaller function"))?;
        let layered = Arc::new(Layered::new(circuit, Interactive::And));
        let shared = SharedBits::new(&program, &job.roles, &words);
        let ands = layered.circuit().counts().ands as usize;
        let demand = Demand {
            own: job.roles.computing().map(|party| shared.bits_of(party)).collect(),
            shared: shared.random_bits() + ands,
            ands,
        };
        let sigma = job.security.statistical;
        let preparation = Preparation::new(Self::NAME, demand, extension, sigma);
        let (job, params) = (Arc::clone(job), *params);
        Ok(Arc::new(WrkPlan { job, program, params, layered, shared, preparation }))
    }

    async fn run(ctx: Ctx, plan: Arc<WrkPlan>, input: Inputs) -> Result<Outputs, Abort> {
        party::run(&ctx, &plan, &input, Faces::default()).await
    }

    fn ideals(plan: &Arc<WrkPlan>) -> Vec<Ideal> {
        plan.preparation.ideals()
    }

    fn claims(plan: &WrkPlan) -> Claims {
        let security = Security::Both { sigma: plan.job.security.statistical, kappa: KAPPA as u32 };
        Claims { setup: plan.params.ot.setup(), security, ..Self::INFO.claims }
    }

    fn declared_cost(plan: &WrkPlan) -> Option<DeclaredCost> {
        let source = "Wang, Ranellucci, Katz, CCS 2017: leaky ANDs and buckets; four rows of n \
                      blocks from each garbler and AND; a masked bit and a label from each \
                      garbler for each input bit";
        let [setup, mut offline] = plan.preparation.cost();
        let depends = plan.function_dependent();
        offline.bytes += depends.bytes;
        offline.rounds += depends.rounds;
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(cost::declare(phases, source))
    }

    fn plan_bytes(plan: &WrkPlan) -> u64 {
        GATE_BYTES * u64::from(plan.layered.circuit().counts().gates)
    }

    /// Every wire has a mask, and a label of every garbler.
    fn assumes(plan: &WrkPlan) -> &'static [&'static str] {
        auth::assumes(plan.params.ot)
    }

    fn held_bytes(plan: &WrkPlan) -> u64 {
        let n = plan.job.roles.compute as u64;
        let wires = u64::from(plan.layered.circuit().wires());
        (auth::wire_bytes(n) * n + 2 * (n - 1) * BLOCK) * wires + plan.preparation.held_bytes()
    }

    fn effective_inputs(plan: &WrkPlan, states: &States<'_>) -> EffectiveInputs {
        auth::effective_inputs(&plan.shared, states)
    }

    fn evaluate(plan: &WrkPlan, inputs: &[Inputs]) -> Option<Outputs> {
        plan.shared.evaluate(&plan.program, plan.layered.circuit(), inputs)
    }

    fn soundness(plan: &WrkPlan) -> Vec<SoundnessBound> {
        auth::soundness(&plan.preparation)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &WrkPlan) -> Vec<Op> {
        auth::ops(plan.params.ot).into_iter().chain([LOCAL]).chain(OPS).collect()
    }

    fn domain(_: &WrkPlan) -> String {
        "bits; MACs of 128 bits; BLAKE3 commitments".to_owned()
    }

    fn notes(plan: &WrkPlan) -> Vec<String> {
        let n = plan.job.roles.compute as u64;
        let ands = plan.ands() as u64;
        let mut notes = vec![
            format!(
                "garbled tables: {ands} AND of 4 rows of {n} blocks from each of {} garblers, {} \
                 bytes",
                n - 1,
                plan.table_bytes()
            ),
            format!("bits and ANDs come from {}", plan.params.ot),
        ];
        notes.extend(plan.preparation.notes());
        notes
    }
}

impl WrkPlan {
    /// The circuit that is garbled, in layers.
    #[must_use]
    pub fn layered(&self) -> &Layered {
        &self.layered
    }

    /// What is prepared, whatever the function.
    #[must_use]
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    fn ands(&self) -> usize {
        self.preparation.demand().ands
    }

    fn garblers(&self) -> impl Iterator<Item = PartyId> + Clone + use<> {
        (1..self.job.roles.compute).map(PartyId::from)
    }

    /// All rows of all ANDs of all garblers.
    fn table_bytes(&self) -> u64 {
        let n = self.job.roles.compute as u64;
        (n - 1) * self.ands() as u64 * 4 * n * BLOCK
    }

    /// What is prepared for the circuit: two opened bits of each AND, and its rows.
    fn function_dependent(&self) -> Cost {
        if self.ands() == 0 {
            return Cost::default();
        }
        let n = self.job.roles.compute as u64;
        let opened = n * (n - 1) * auth::opening_bytes(2 * self.ands());
        Cost { bytes: opened + self.table_bytes(), rounds: 2 }
    }

    fn online(&self) -> Cost {
        let roles = &self.job.roles;
        let n = roles.compute;
        let mut depths = Depths::new(roles);
        let packed = |bits: usize| bits.div_ceil(8) as u64;
        // 1. Masked bits.
        let broadcasts = self.shared.owners().map(|(from, _, bits)| (from, packed(bits)));
        let mut bytes = depths.send(auth::to_others(roles, broadcasts));
        // 2. What was heard, and labels.
        let is_heard = bytes > 0;
        let labels = BLOCK * u64::from(self.layered.circuit().input_wires());
        let to_evaluator = |from: PartyId| Message { from, to: EVALUATOR, bytes: labels };
        let labels = self.garblers().filter(|_| labels > 0).map(to_evaluator);
        let check = Step::First(n);
        let mut checked = depths.clone();
        bytes += depths.send(labels);
        if is_heard {
            let all = (n * (n - 1)) as u64 * Ledger::CHECK_BYTES;
            bytes += checked.follow(n, Flow::new(all, check, 1));
            depths.merge(&checked);
        }
        // 3. Shares of masks, and masked bits.
        let masked = self.garblers().filter_map(|to| self.masked_output(to));
        bytes += depths.send(auth::outputs(roles, &self.shared).chain(masked));
        Cost { bytes, rounds: depths.rounds() }
    }

    /// What the evaluator tells a garbler that learns outputs.
    fn masked_output(&self, to: PartyId) -> Option<Message> {
        let learns = self.shared.learners().any(|(nodes, _)| nodes.contains(&to));
        let bytes = auth::opening_bytes(self.shared.learned_bits(to));
        learns.then_some(Message { from: EVALUATOR, to, bytes })
    }
}
