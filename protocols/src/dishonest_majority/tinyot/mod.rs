//! `tinyot`: boolean circuits over authenticated bits, malicious, any number of corruptions.
//!
//! Nielsen, Nordholt, Orlandi, Burra, "A New Approach to Practical Active-Secure Two-Party
//! Computation", CRYPTO 2012, among `n` parties: every bit is shared by XOR, and every share has a
//! MAC under every other party's global key ([`auth`]). XOR and NOT are local.
//!
//! - Set-up and offline ([`auth::Preparation`]): base transfers, bits, leaky ANDs and their buckets
//!   as in Wang, Ranellucci, Katz, "Global-Scale Secure Multiparty Computation", CCS 2017.
//! - Online:
//!   1. Inputs. Whoever brings a bit `x` knows a shared bit `r`, and broadcasts `x + r`; `x` is
//!      `r + (x + r)`. Random bits of a program are shared bits that nobody knows.
//!   2. ANDs, layer by layer: `d = x + a` and `e = y + b` are opened for a prepared AND `c = a b`;
//!      then `x y = c + d b + e a + d e` (Beaver, CRYPTO 1991). MACs are not checked yet: whatever
//!      a cheater adds, what is opened is a mask.
//!   3. Check: everyone proves all shares that it has opened by one hash of their MACs to each
//!      other party, and that it has heard the same of inputs and openings.
//!   4. Outputs. Shares go to those who learn them, with a hash of their MACs each.
//!
//! Whatever bits somebody brings, they stand for a value in the input's range
//! ([`crate::circuit::lower_in_range`]).

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

use crate::attack::Attack;
use crate::circuit::{Interactive, Layered, Lowered, Optimise, lower_in_range};
use crate::engine::SharedBits;
use crate::engine::cost::{self, Cost, Depths, Flow, Step};
use crate::oracle::{EffectiveInputs, SoundnessBound, States};
use crate::primitives::auth::{self, Demand, Faces, Ledger, Preparation};
use crate::primitives::ot::{BaseOt, KAPPA, OtParams, Scheme, Width};
use crate::program::{Inputs, Outputs, Program};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// The protocol.
pub struct TinyOt;

/// Parameters of [`TinyOt`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TinyOtParams {
    /// What the circuit saves: AND gates, and so bytes, or AND depth, and so rounds.
    pub optimise: Optimise,
    /// How transfers are made.
    pub ot: OtParams,
}

/// The circuit of a job, in layers, and what is prepared for it.
pub struct TinyOtPlan {
    job: Arc<Job>,
    program: Arc<Program>,
    params: TinyOtParams,
    layered: Arc<Layered>,
    shared: SharedBits,
    preparation: Preparation,
}

/// Memory of a gate of the plan, as `gmw` has it, bytes.
const GATE_BYTES: u64 = 25;

impl Protocol for TinyOt {
    const NAME: &'static str = "tinyot";
    const INFO: Info = Info {
        about: "boolean circuits over bits with MACs, ANDs from leaky ones by buckets",
        source: "Nielsen, Nordholt, Orlandi, Burra, CRYPTO 2012; Wang, Ranellucci, Katz, CCS 2017",
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
    type Params = TinyOtParams;
    type Plan = TinyOtPlan;

    fn variants() -> Vec<TinyOtParams> {
        let ideal = OtParams { width: Width::One, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        let boxed = TinyOtParams { optimise: Optimise::Size, ot: ideal };
        let silent = OtParams { extension: Scheme::Silent, ..ideal };
        let silent = TinyOtParams { ot: silent, ..TinyOtParams::default() };
        vec![TinyOtParams::default(), boxed, silent]
    }

    fn compile(job: &Arc<Job>, params: &TinyOtParams) -> Result<Arc<TinyOtPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let program = Arc::clone(job.program()?);
        auth::no_clients(&job.roles)?;
        let extension = params.ot.malicious()?;
        let Lowered { circuit, words } = lower_in_range(&program, params.optimise)
            .map_err(|why| Unsupported::new(why.to_string(), "a smaller function"))?;
        let layered = Arc::new(Layered::new(circuit, Interactive::And));
        let shared = SharedBits::new(&program, &job.roles, &words);
        let demand = Demand {
            own: job.roles.computing().map(|party| shared.bits_of(party)).collect(),
            shared: shared.random_bits(),
            ands: layered.circuit().counts().ands as usize,
        };
        let sigma = job.security.statistical;
        let preparation = Preparation::new(Self::NAME, demand, extension, sigma);
        let (job, params) = (Arc::clone(job), *params);
        Ok(Arc::new(TinyOtPlan { job, program, params, layered, shared, preparation }))
    }

    async fn run(ctx: Ctx, plan: Arc<TinyOtPlan>, input: Inputs) -> Result<Outputs, Abort> {
        party::run(&ctx, &plan, &input, Faces::default()).await
    }

    fn ideals(plan: &Arc<TinyOtPlan>) -> Vec<Ideal> {
        plan.preparation.ideals()
    }

    fn claims(plan: &TinyOtPlan) -> Claims {
        let security = Security::Both { sigma: plan.job.security.statistical, kappa: KAPPA as u32 };
        Claims { setup: plan.params.ot.setup(), security, ..Self::INFO.claims }
    }

    fn declared_cost(plan: &TinyOtPlan) -> Option<DeclaredCost> {
        let source = "Nielsen, Nordholt, Orlandi, Burra, CRYPTO 2012: an AND opens two bits, a \
                      check takes a hash; Wang, Ranellucci, Katz, CCS 2017: leaky ANDs and buckets";
        let [setup, offline] = plan.preparation.cost();
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(cost::declare(phases, source))
    }

    fn plan_bytes(plan: &TinyOtPlan) -> u64 {
        GATE_BYTES * u64::from(plan.layered.circuit().counts().gates)
    }

    /// Every wire has a share, a MAC and a key for each other party.
    fn assumes(plan: &TinyOtPlan) -> &'static [&'static str] {
        auth::assumes(plan.params.ot)
    }

    fn held_bytes(plan: &TinyOtPlan) -> u64 {
        let n = plan.job.roles.compute as u64;
        let wires = u64::from(plan.layered.circuit().wires());
        auth::wire_bytes(n) * n * wires + plan.preparation.held_bytes()
    }

    fn effective_inputs(plan: &TinyOtPlan, states: &States<'_>) -> EffectiveInputs {
        auth::effective_inputs(&plan.shared, states)
    }

    fn evaluate(plan: &TinyOtPlan, inputs: &[Inputs]) -> Option<Outputs> {
        plan.shared.evaluate(&plan.program, plan.layered.circuit(), inputs)
    }

    fn soundness(plan: &TinyOtPlan) -> Vec<SoundnessBound> {
        auth::soundness(&plan.preparation)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &TinyOtPlan) -> Vec<Op> {
        auth::ops(plan.params.ot)
    }

    fn domain(_: &TinyOtPlan) -> String {
        "bits; MACs of 128 bits; BLAKE3 commitments".to_owned()
    }

    fn notes(plan: &TinyOtPlan) -> Vec<String> {
        let counts = plan.layered.circuit().counts();
        let mut notes = vec![
            format!("bits and ANDs come from {}", plan.params.ot),
            format!("the circuit has {} AND at depth {}", counts.ands, counts.and_depth),
        ];
        notes.extend(plan.preparation.notes());
        notes
    }
}

impl TinyOtPlan {
    /// The circuit that is run, in layers.
    #[must_use]
    pub fn layered(&self) -> &Layered {
        &self.layered
    }

    /// What is prepared.
    #[must_use]
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    fn online(&self) -> Cost {
        let roles = &self.job.roles;
        let n = roles.compute;
        let pairs = (n * (n - 1)) as u64;
        let mut depths = Depths::new(roles);
        let packed = |bits: usize| bits.div_ceil(8) as u64;
        // 1. Inputs.
        let mut bytes = depths.send(auth::to_others(
            roles,
            self.shared.owners().map(|(from, _, bits)| (from, packed(bits))),
        ));
        // 2. Layers.
        for ands in self.layered.batches() {
            let all = pairs * packed(2 * ands);
            bytes += depths.follow(n, Flow::new(all, Step::First(n), 1));
        }
        // 3. The check, if anything was said.
        if bytes > 0 {
            let all = pairs * Ledger::CHECK_BYTES;
            bytes += depths.follow(n, Flow::new(all, Step::First(n), 1));
        }
        // 4. Outputs.
        bytes += depths.send(auth::outputs(roles, &self.shared));
        Cost { bytes, rounds: depths.rounds() }
    }
}
