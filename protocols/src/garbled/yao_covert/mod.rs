//! `yao_covert`: garbled circuits between two parties of whom a cheating garbler is caught with a
//! probability that deters it.
//!
//! Aumann and Lindell, "Security Against Covert Adversaries: Efficient Protocols for Realistic
//! Adversaries", TCC 2007; circuits follow from seeds as Goyal, Mohassel, Smith, "Efficient Two
//! Party and Multi Party Computation Against Covert Adversaries", EUROCRYPT 2008, have it. Party 0
//! garbles, party 1 evaluates. Nobody signs: who is caught is caught by the other party alone, and
//! the variant with proofs for others (Kolesnikov, Malozemoff, ASIACRYPT 2015) is left out.
//!
//! - Set-up and offline: OT extension against malicious parties, in which the garbler sends.
//! - Online:
//!   1. The evaluator draws the one circuit of `s` that it evaluates, and chooses its input in a
//!      code that resists probes (`super::encoding`; the paper has shares of each bit), by one
//!      batch of transfers.
//!   2. The garbler sends, by transfers, the seed of each circuit that is checked, and the key of
//!      the one that is evaluated: it does not know which, so that it can't stop before it is
//!      caught. Labels of the evaluator's bits, by transfers; under the key labels of its own;
//!      commitments to both labels of each of its bits, in the order of their permute bits; tables;
//!      and hashes of both labels of each output, by which it is decoded.
//!   3. The evaluator garbles all circuits but one again and compares; of the one it holds the
//!      garbler's labels against the commitments. It evaluates it, and decodes.
//!   4. It tells the garbler's outputs, with a hash of the circuit's key and of their labels:
//!      of a circuit that is checked it has no key, and of this one it knows no other labels.
//!
//! A garbler cheats unnoticed only if no other circuit than the evaluated one is wrong: with `1 /
//! s`. It learns from labels that it leaves out for one choice only what it would be caught for,
//! but for `2^(1 - sigma)`. The deterrence is `(1 - 1/s) (1 - 2^(1 - sigma))`. An evaluator that
//! does anything is withstood.
//!
//! Over silent transfers, which the garbler sends, one that corrupts a level of a tree is caught with
//! 1/2 only; where it is not, it has won a guess of a bit of the noise that transfers are made from,
//! not one of the input.

mod attacks;
mod evaluator;
mod garbler;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;

use std::sync::Arc;

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, Phase, Security,
    Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cut::{self, Cut, Place};
use super::encoding::Encoding;
use super::two_party::TwoParty;
use super::{EVALUATOR, GARBLER, GATE_BYTES};
use crate::algebra;
use crate::attack::Attack;
use crate::engine::cost::{self, Cost};
use crate::oracle::{EffectiveInputs, States};
use crate::primitives::garbling::{self, TABLE_BYTES};
use crate::primitives::ot::{BaseOt, KAPPA, OtParams, Scheme, Width};
use crate::primitives::{group, hash};
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// Bytes of a hash.
const HASH: usize = 32;

/// Most circuits.
const MOST: u32 = 1000;

/// The protocol.
pub struct YaoCovert;

/// Parameters of [`YaoCovert`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CovertParams {
    /// Circuits `s`, 2 to 1000: a cheating garbler is caught with `1 - 1/s`.
    pub replicas: u32,
    /// How transfers are made.
    pub ot: OtParams,
}

impl Default for CovertParams {
    fn default() -> Self {
        CovertParams { replicas: 4, ot: OtParams::default() }
    }
}

/// The circuit of a job, and how many there are.
pub struct CovertPlan {
    job: Arc<Job>,
    params: CovertParams,
    cut: Cut,
}

impl Protocol for YaoCovert {
    const NAME: &'static str = "yao_covert";
    const INFO: Info = Info {
        about: "garbled circuits between two covert parties: a cheat is caught with 1 - 1/s",
        source: "Aumann, Lindell, TCC 2007; Goyal, Mohassel, Smith, EUROCRYPT 2008",
        claims: Claims {
            adversary: AdversaryKind::Covert(0.75),
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Both { sigma: 40, kappa: KAPPA as u32 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, 2),
    };
    const ASSUMES: &'static [&'static str] = cut::ASSUMES;
    type Params = CovertParams;
    type Plan = CovertPlan;

    fn variants() -> Vec<CovertParams> {
        let ideal = OtParams { width: Width::Eight, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        let silent = OtParams { extension: Scheme::Silent, ..ideal };
        let boxed = [ideal, silent].map(|ot| CovertParams { replicas: 2, ot });
        [&[CovertParams::default()], &boxed[..]].concat()
    }

    fn compile(job: &Arc<Job>, params: &CovertParams) -> Result<Arc<CovertPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        if !(2..=MOST).contains(&params.replicas) {
            let why = format!("{} circuits: 2 to {MOST} are possible", params.replicas);
            return Err(Unsupported::new(why, "params: { replicas: 4 }").of("replicas"));
        }
        let extension = params.ot.malicious()?;
        let (two, replicas) = (TwoParty::new(job)?, params.replicas as usize);
        let encoding = Encoding::new(two.evaluator_bits(), job.security.statistical as usize);
        let brought = two.garbler_bits();
        let cut = Cut { two, encoding, replicas, brought, extension }.sized();
        Ok(Arc::new(CovertPlan { job: Arc::clone(job), params: *params, cut }))
    }

    async fn run(ctx: Ctx, plan: Arc<CovertPlan>, input: Inputs) -> Result<Outputs, Abort> {
        match ctx.id() {
            GARBLER => garbler::garble(&ctx, &plan, &input, &garbler::Deviation::default()).await,
            _ => evaluator::evaluate(&ctx, &plan, &input, evaluator::Deviation::default()).await,
        }
    }

    fn ideals(plan: &Arc<CovertPlan>) -> Vec<Ideal> {
        plan.cut.ideals()
    }

    fn assumes(plan: &CovertPlan) -> &'static [&'static str] {
        plan.cut.assumes()
    }

    fn claims(plan: &CovertPlan) -> Claims {
        let sigma = plan.job.security.statistical;
        let security = Security::Both { sigma, kappa: KAPPA as u32 };
        let adversary = AdversaryKind::Covert(plan.deterrence());
        Claims { adversary, security, setup: plan.params.ot.setup(), ..Self::INFO.claims }
    }

    fn declared_cost(plan: &CovertPlan) -> Option<DeclaredCost> {
        let source = "Aumann, Lindell, TCC 2007: s circuits; two commitments for each of the garbler's \
                      bits and circuit; Zahur, Rosulek, Evans, EUROCRYPT 2015: two blocks an AND; Roy, \
                      CRYPTO 2022: transfers";
        let [setup, offline] = plan.cut.preprocessing();
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(cost::declare(phases, source))
    }

    fn held_bytes(plan: &CovertPlan) -> u64 {
        plan.cut.extension.held_bytes()
    }

    fn plan_bytes(plan: &CovertPlan) -> u64 {
        GATE_BYTES * u64::from(plan.cut.two.streamed().circuit().counts().gates)
    }

    fn effective_inputs(plan: &CovertPlan, states: &States<'_>) -> EffectiveInputs {
        plan.cut.effective_inputs(states)
    }

    fn evaluate(plan: &CovertPlan, inputs: &[Inputs]) -> Option<Outputs> {
        plan.cut.two.evaluate(inputs)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &CovertPlan) -> Vec<Op> {
        let own = group::OPS.into_iter().chain(plan.params.ot.ops()).chain(garbling::OPS);
        algebra::ops_with(&own.collect::<Vec<_>>())
    }

    fn domain(_: &CovertPlan) -> String {
        "bits".to_owned()
    }

    fn notes(plan: &CovertPlan) -> Vec<String> {
        let (s, ands) = (plan.cut.replicas, plan.cut.two.ands());
        let bits = plan.cut.two.evaluator_bits();
        let notes = vec![
            format!(
                "{s} circuits of {ands} AND, of which one is evaluated: a cheating garbler is caught with \
                 a probability of {:.4}; an evaluator's input of {bits} bits is encoded in {}",
                plan.deterrence(),
                plan.cut.encoding.places()
            ),
            format!("{} transfers by {}", plan.cut.transfers(), plan.params.ot),
        ];
        notes.into_iter().chain(plan.cut.silent()).collect()
    }
}

impl CovertPlan {
    /// With which probability a garbler that cheats is caught.
    fn deterrence(&self) -> f64 {
        let halves = self.job.security.statistical.clamp(1, 64) - 1;
        let probed = 1.0 - 1.0 / (1u64 << halves) as f64;
        (1.0 - 1.0 / self.cut.replicas as f64) * probed
    }

    fn online(&self) -> Cost {
        let packed = |bits: usize| bits.div_ceil(8);
        let Cut { two, encoding, replicas, brought, .. } = &self.cut;
        let (s, places) = (*replicas, encoding.places());
        let tables = two.ands() * TABLE_BYTES as usize;
        // Of each circuit: seed and key, labels, hashes of the garbler's and of outputs'.
        let labels = Block::BYTES * (brought + 2 * places);
        let hashes = 2 * HASH * (brought + two.output_bits());
        let circuit = 2 * Block::BYTES + labels + hashes + tables;
        let outputs = match two.told().len() {
            0 => 0,
            told => packed(told) + HASH,
        };
        let steps = [(EVALUATOR, packed(s + places)), (GARBLER, s * circuit), (EVALUATOR, outputs)];
        self.cut.steps(&self.job, &steps)
    }
}

/// Where parties speak online.
struct Scopes {
    place: Place,
    circuits: Ctx,
    output: Ctx,
}

impl Scopes {
    fn new(ctx: &Ctx) -> Self {
        let place = Place::new(ctx, YaoCovert::NAME);
        let [circuits, output] = ["circuits", "output"].map(|name| place.online.scope(name));
        Scopes { place, circuits, output }
    }

    /// Commitments to both labels of each of the garbler's bits, in the order of permute bits.
    fn committed(&self, replica: usize, zeros: &[Block], delta: Block) -> Vec<u8> {
        let both = zeros.iter().enumerate().flat_map(|(bit, zero)| {
            let ordered = !crate::mutants::is("covert/commitments-in-order");
            let first = *zero ^ delta.if_set(ordered && zero.lsb());
            [first, first ^ delta].map(|label| self.commitment(replica, bit, label))
        });
        both.flatten().collect()
    }

    /// Labels are keys that nobody guesses, so that a hash hides them.
    fn commitment(&self, replica: usize, bit: usize, label: Block) -> [u8; HASH] {
        let at = [replica as u64, bit as u64].map(u64::to_le_bytes).concat();
        let parts: [&[u8]; 2] = [&at, &label.to_bytes()];
        *hash::digest("mpclab covert label v1", self.place.domain(), &parts).as_bytes()
    }

    /// Hashes of both labels of each output, that of 0 first.
    fn decoding(&self, replica: usize, zeros: &[Block], delta: Block) -> Vec<u8> {
        let both = zeros.iter().enumerate().flat_map(|(bit, zero)| {
            [*zero, *zero ^ delta].map(|label| self.decoded(replica, bit, label))
        });
        both.flatten().collect()
    }

    /// A label of the output is as hard to guess, but for that of a public bit, which is no secret.
    fn decoded(&self, replica: usize, bit: usize, label: Block) -> [u8; HASH] {
        let at = [replica as u64, bit as u64].map(u64::to_le_bytes).concat();
        let parts: [&[u8]; 2] = [&at, &label.to_bytes()];
        *hash::digest("mpclab covert output v1", self.place.domain(), &parts).as_bytes()
    }

    /// What shows that labels of the garbler's outputs in the evaluated circuit are known. Both
    /// labels are known in all others, of which the evaluator has the seed; but not the key.
    fn proof(&self, key: Block, labels: &[Block]) -> [u8; HASH] {
        let key = match crate::mutants::is("covert/proof-keyless") {
            true => Block::ZERO,
            false => key,
        };
        let parts: [&[u8]; 2] = [&key.to_bytes(), Block::as_bytes(labels)];
        *hash::digest("mpclab covert outputs v1", self.place.domain(), &parts).as_bytes()
    }
}
