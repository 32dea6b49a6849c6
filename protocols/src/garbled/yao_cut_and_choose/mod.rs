//! `yao_cut_and_choose`: garbled circuits between two parties that may do anything.
//!
//! Cut-and-choose with `s` circuits for an error of `2^-s`, by cheating recovery: Lindell, "Fast
//! Cut-and-Choose-Based Protocols for Malicious and Covert Adversaries", CRYPTO 2013, with the
//! input recovery and the transfers of seeds or keys of Wang, Malozemoff, Katz, "Faster Secure
//! Two-Party Computation in the Single-Execution Setting", EUROCRYPT 2017, whose steps these are.
//! Party 0 garbles, party 1 evaluates.
//!
//! - Set-up and offline: OT extension against malicious parties, in which the garbler sends.
//! - Online:
//!   1. The evaluator chooses which circuits it evaluates, any set of them but the empty one, and
//!      its input in a code that resists probes (`super::encoding`), by one batch of transfers.
//!      Bases of the recovery.
//!   2. The garbler draws a seed and a key for each circuit. By transfers the evaluator gets the
//!      seed of what it checks, and the key of what it evaluates. Under the key: labels of the
//!      garbler's bits, and what output labels decrypt to; under transfers: labels of the
//!      evaluator's bits; tables; commitments to seeds; hashes of the values of outputs
//!      (`outputs`).
//!   3. The evaluator draws a 2-universal hash of the garbler's input,
//!   4. and the garbler tells its value and, for each circuit, a digest of the labels that it has
//!      there (`consistency`).
//!   5. The evaluator checks circuits whose seed it has: labels, tables, commitments, digests; of
//!      the others, digests of the labels that it has. Of those it leaves out the ones that give no
//!      values. If two are left that differ in a bit of the outputs it knows the difference of
//!      values. It says so in a group element that hides whether it does (`recovery`), and
//!      commits to the garbler's outputs as each circuit gives them, in random order.
//!   6. The garbler reveals the values, and the seeds to who knew their difference. The
//!      evaluator checks what labels decrypt to. It garbles what it has evaluated again, from what
//!      it takes for the seeds, and computes in the clear, on the garbler's input if it has it.
//!      That is its result where it knew the difference, and in vain where it did not: else the time
//!      of what it says next would tell a garbler which of two circuits it trusts, and so a bit of
//!      the evaluator's input. How many circuits are evaluated shows in time, which ones does not.
//!   7. It opens a commitment that fits its result: the garbler accepts no bits without their
//!      values.
//!
//! What is not in the paper: the garbler's input is held together by a hash (shelat and Shen, CCS
//! 2013) instead of committing transfers. The garbler's outputs, that is the commitments of step 5
//! and step 7, are our own: there the evaluator alone learns outputs, and nobody waits for it.
//!
//! A wrong output takes that all circuits that are evaluated are wrong and all others right: the
//! garbler guesses a set among `2^s - 1`. That the evaluator stops depends on its input with
//! `2^(1 - sigma)` at most.

mod attacks;
mod consistency;
mod evaluator;
mod garbler;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod oracle;
mod outputs;
mod recovery;
mod telling;

use std::sync::Arc;

use mpclab_kernels::{Block, Tweak};
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cut::{self, Cut, Place};
use super::encoding::Encoding;
use super::two_party::TwoParty;
use super::{EVALUATOR, GARBLER, GATE_BYTES};
use crate::algebra;
use crate::algebra::bits::Bits;
use crate::attack::Attack;
use crate::engine::cost::{self, Cost};
use crate::oracle::{EffectiveInputs, SoundnessBound, SoundnessTrial, States};
use crate::primitives::garbling::{self, TABLE_BYTES};
use crate::primitives::ot::{BaseOt, KAPPA, OtParams, Scheme, Width};
use crate::primitives::{Domain, commit, group};
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// Bytes of a hash, of a point and of a nonce.
const HASH: usize = 32;

/// Most circuits: sets of them are numbered.
const MOST: u32 = 64;

/// What a union bound takes off: the guess of a set, inputs of the garbler that differ, probes of
/// the evaluator's input.
const UNION: u32 = 2;

/// Bits by which each of these fails seldom enough for what the job asks of all.
fn sigma(job: &Job) -> usize {
    (job.security.statistical + UNION) as usize
}

/// The protocol.
pub struct YaoCutAndChoose;

/// Parameters of [`YaoCutAndChoose`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CutAndChooseParams {
    /// Circuits `s`, 2 to 64: a cheating garbler succeeds with `1 / (2^s - 1)`. Two more than bits of
    /// security are claimed of all.
    pub replicas: u32,
    /// How transfers are made.
    pub ot: OtParams,
}

impl Default for CutAndChooseParams {
    fn default() -> Self {
        CutAndChooseParams { replicas: 40 + UNION, ot: OtParams::default() }
    }
}

/// The circuit of a job, and how it is cut.
pub struct CutPlan {
    job: Arc<Job>,
    params: CutAndChooseParams,
    cut: Cut,
}

impl Protocol for YaoCutAndChoose {
    const NAME: &'static str = "yao_cut_and_choose";
    const INFO: Info = Info {
        about: "garbled circuits between two malicious parties: s circuits for an error of 2^-s",
        source: "Lindell, CRYPTO 2013; Wang, Malozemoff, Katz, EUROCRYPT 2017; shelat, Shen, CCS 2013",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Both { sigma: 38, kappa: KAPPA as u32 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, 2),
    };
    const ASSUMES: &'static [&'static str] = cut::ASSUMES;
    type Params = CutAndChooseParams;
    type Plan = CutPlan;

    fn variants() -> Vec<CutAndChooseParams> {
        let ideal = OtParams { width: Width::Eight, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        let silent = OtParams { extension: Scheme::Silent, ..ideal };
        // So many that no attack on claims guesses the set.
        let boxed = [ideal, silent].map(|ot| CutAndChooseParams { replicas: 12, ot });
        [&[CutAndChooseParams::default()], &boxed[..]].concat()
    }

    fn compile(job: &Arc<Job>, params: &CutAndChooseParams) -> Result<Arc<CutPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        if !(2..=MOST).contains(&params.replicas) {
            let why = format!("{} circuits: 2 to {MOST} are possible", params.replicas);
            return Err(Unsupported::new(why, "params: { replicas: 42 }").of("replicas"));
        }
        let extension = params.ot.malicious()?;
        let (two, replicas) = (TwoParty::new(job)?, params.replicas as usize);
        let sigma = sigma(job);
        let encoding = Encoding::new(two.evaluator_bits(), sigma);
        let brought = two.garbler_bits() + consistency::rows(sigma, replicas);
        let cut = Cut { two, encoding, replicas, brought, extension }.sized();
        Ok(Arc::new(CutPlan { job: Arc::clone(job), params: *params, cut }))
    }

    async fn run(ctx: Ctx, plan: Arc<CutPlan>, input: Inputs) -> Result<Outputs, Abort> {
        match ctx.id() {
            GARBLER => garbler::garble(&ctx, &plan, &input, &garbler::Deviation::default()).await,
            _ => evaluator::evaluate(&ctx, &plan, &input, evaluator::Deviation::default()).await,
        }
    }

    fn ideals(plan: &Arc<CutPlan>) -> Vec<Ideal> {
        plan.cut.ideals()
    }

    fn assumes(plan: &CutPlan) -> &'static [&'static str] {
        plan.cut.assumes()
    }

    fn claims(plan: &CutPlan) -> Claims {
        let all = plan.params.replicas.min(sigma(&plan.job) as u32);
        let sigma = all.saturating_sub(UNION);
        let security = Security::Both { sigma, kappa: KAPPA as u32 };
        Claims { security, setup: plan.params.ot.setup(), ..Self::INFO.claims }
    }

    fn declared_cost(plan: &CutPlan) -> Option<DeclaredCost> {
        let source = "Wang, Malozemoff, Katz, EUROCRYPT 2017: s circuits, two blocks for each place of \
                      the encoding and circuit; Zahur, Rosulek, Evans, EUROCRYPT 2015: two blocks an \
                      AND; Roy, CRYPTO 2022: transfers";
        let [setup, offline] = plan.cut.preprocessing();
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(cost::declare(phases, source))
    }

    fn held_bytes(plan: &CutPlan) -> u64 {
        plan.cut.extension.held_bytes()
    }

    fn plan_bytes(plan: &CutPlan) -> u64 {
        GATE_BYTES * u64::from(plan.cut.two.streamed().circuit().counts().gates)
    }

    fn effective_inputs(plan: &CutPlan, states: &States<'_>) -> EffectiveInputs {
        plan.cut.effective_inputs(states)
    }

    fn evaluate(plan: &CutPlan, inputs: &[Inputs]) -> Option<Outputs> {
        plan.cut.two.evaluate(inputs)
    }

    fn soundness(plan: &CutPlan) -> Vec<SoundnessBound> {
        oracle::soundness(plan)
    }

    fn soundness_trials(plan: &CutPlan) -> Vec<SoundnessTrial<CutAndChooseParams>> {
        oracle::trials(&plan.params)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &CutPlan) -> Vec<Op> {
        let own = group::OPS.into_iter().chain(plan.params.ot.ops()).chain(garbling::OPS);
        algebra::ops_with(&own.collect::<Vec<_>>())
    }

    fn domain(_: &CutPlan) -> String {
        "bits".to_owned()
    }

    fn notes(plan: &CutPlan) -> Vec<String> {
        let (s, ands) = (plan.cut.replicas, plan.cut.two.ands());
        let bits = plan.cut.two.evaluator_bits();
        let notes = vec![
            format!(
                "{s} circuits of {ands} AND: a cheating garbler succeeds with a probability of 1 in 2^{s} - \
                 1; an evaluator's input of {bits} bits is encoded in {}",
                plan.cut.encoding.places()
            ),
            format!("{} transfers by {}", s + plan.cut.encoding.places(), plan.params.ot),
            "which circuits are evaluated is drawn, and each of these is garbled again too, so that time \
             tells nothing of inputs: compute of the evaluator differs from run to run"
                .to_owned(),
        ];
        notes.into_iter().chain(plan.cut.silent()).collect()
    }
}

impl CutPlan {
    /// Rows of the hash of the garbler's input.
    fn rows(&self) -> usize {
        consistency::rows(sigma(&self.job), self.cut.replicas)
    }

    /// Ones where the garbler's own bits are, zeros where its masks of the hash are.
    fn all_own(&self) -> Bits {
        let mut ones = Bits::ones(self.cut.two.garbler_bits());
        ones.append(&Bits::zeros(self.rows()));
        ones
    }

    fn online(&self) -> Cost {
        let packed = |bits: usize| bits.div_ceil(8);
        let Cut { two, encoding, replicas, brought, .. } = &self.cut;
        let (s, places) = (*replicas, encoding.places());
        let (outputs, told) = (two.output_bits(), two.told().len());
        let tables = s * two.ands() * TABLE_BYTES as usize;
        // Of each circuit: seed and key, labels, a point, values and their hash.
        let values = if outputs == 0 { 0 } else { 2 * Block::BYTES * outputs + HASH };
        let labels = Block::BYTES * (brought + 2 * places);
        let circuit = 2 * Block::BYTES + labels + HASH + values;
        let (opening, commitments) = match told {
            0 => (0, 0),
            _ => (4 + HASH + packed(told), HASH * s),
        };
        let steps = [
            (EVALUATOR, packed(s + places) + 2 * HASH),
            (GARBLER, s * circuit + tables + outputs::HASHES * outputs),
            (EVALUATOR, Block::BYTES),
            (GARBLER, packed(self.rows()) + HASH * s),
            (EVALUATOR, HASH + commitments),
            (GARBLER, Block::BYTES * (1 + s)),
            (EVALUATOR, opening),
        ];
        self.cut.steps(&self.job, &steps)
    }
}

/// Where parties speak online.
struct Scopes {
    place: Place,
    circuits: Ctx,
    consistency: Ctx,
    recovery: Ctx,
    output: Ctx,
}

impl Scopes {
    fn new(ctx: &Ctx) -> Self {
        let place = Place::new(ctx, YaoCutAndChoose::NAME);
        let scope = |name: &'static str| place.online.scope(name);
        Scopes {
            circuits: scope("circuits"),
            consistency: scope("consistency"),
            recovery: scope("recovery"),
            output: scope("output"),
            place,
        }
    }

    /// The first tweak under which output labels are hashed, one for each output bit.
    fn values(&self, plan: &CutPlan, replica: usize) -> Tweak {
        self.place.tweak("mpclab values v1", replica, plan.cut.two.output_bits())
    }
}

/// The opening of a commitment: its place, its nonce, and bits of outputs.
type Open = (([u8; 4], [u8; HASH]), Bits);

/// The evaluator's commitment to values.
fn commitment(ctx: &Ctx, values: &[Block], nonce: &[u8; HASH]) -> [u8; HASH] {
    let (session, scope) = (ctx.run_id(), ctx.path());
    let domain = Domain {
        protocol: YaoCutAndChoose::NAME,
        session: &session,
        party: PartyId(1),
        scope: scope.as_bytes(),
    };
    commit::commit(&domain, Block::as_bytes(values), nonce)
}
