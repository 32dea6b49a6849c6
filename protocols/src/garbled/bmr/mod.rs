//! `bmr`: garbled circuits that all parties make together, semi-honest, any number of corruptions,
//! in constant rounds.
//!
//! Beaver, Micali, Rogaway, "The Round Complexity of Secure Protocols", STOC 1990, with free XOR
//! and tables made by oblivious transfer as in Ben-Efraim, Lindell, Omri, "Optimizing Semi-Honest
//! Secure Multiparty Computation for the Internet", CCS 2016. Party `j` has an offset `delta_j` and
//! a label `k_w^j` of the masked bit 0 of every wire `w`. Wires have masks `lambda_w`; everyone
//! sees the masked bit `x_w + lambda_w` of each, and one label of each party.
//!
//! - Set-up: base transfers between any two parties, `delta_j` being the correlation.
//! - Offline (`masks`, `garbling`):
//!   1. Masks. That of an input bit is drawn by its owner, others are sums of a share of each
//!      party. By a correlated transfer for each share and other party `j`, the parties have shares
//!      of `lambda_w delta_j`. XORs of wires are XORs of all of these; a NOT adds one to the mask.
//!   2. Products. For an AND of wires `u` and `v` shares of `lambda_u lambda_v`: for each ordered
//!      pair a transfer of one bit, whose pads are hashes of the transfers of `lambda_u`.
//!   3. By a correlated transfer for each share of `lambda_u lambda_v + lambda_w`, shares of that
//!      times `delta_j`.
//!   4. Rows. If the inputs are masked to `a` and `b`, the output is masked to `lambda_u lambda_v +
//!      lambda_w + a lambda_v + b lambda_u + a b`. Row `(a, b)` of party `j` is its label of that,
//!      `k_w^j` and `delta_j` if it is one. Every party sends its shares of the rows of all to
//!      whoever evaluates, each under a hash of its own labels of `a` and `b`.
//! - Online:
//!   1. Clients share their bits among all, and owners broadcast bits under masks. Random bits of a
//!      program are masks of masked zeros.
//!   2. Everyone sends its labels of these to whoever evaluates: those who learn something, and
//!      party 0 where clients do.
//!   3. Evaluation: with a label of each party, the sum of all shares of one row of every AND opens
//!      to the next labels. Which of its own two it is tells a party the masked bit.
//!   4. Shares of masks of outputs go to those who learn them, at the start; what clients learn is
//!      masked after evaluation.
//!
//! The paper has a bit and three strings by transfers for each AND and ordered pair. Two are
//! enough, as `lambda_u delta_j` is a sum of what was made for wires before; and the bit takes no
//! transfer of its own (the half-ANDs of Nielsen et al., CRYPTO 2012).
//!
//! Who evaluates reads each party's own share of an active row, and so its bit of the sum of
//! `lambda_u lambda_v`, `lambda_w`, `a lambda_v` and `b lambda_u`. That is hidden by its share of
//! `lambda_w`, which is drawn for this AND alone and told to nobody: shares of masks of outputs are
//! made random again before they are told, by bits that any two of more than two parties have in
//! common. Masks of inputs are known to one party, so that without this a sum of inputs would also
//! give them away.

mod attacks;
mod cost;
mod evaluate;
mod garbling;
mod masks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod party;

use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra;
use crate::attack::Attack;
use crate::circuit::{Interactive, Layered, Lowered, Optimise, lower};
use crate::engine::{SharedBits, cost as declared};
use crate::garbled::wires::GATE_BYTES;
use crate::primitives::garbling::LOCAL;
use crate::primitives::ot::{
    self, BaseOt, Choices, Extension, KAPPA, OtParams, Scheme, Width, links, silent,
};
use crate::primitives::{auth, group};
use crate::program::{Inputs, Outputs, Program};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// Who evaluates for clients.
const FOR_CLIENTS: PartyId = PartyId(0);

/// Bytes of a label, and of a party's block of a row.
const BLOCK: u64 = 16;

/// Prices of what this protocol alone does.
pub(super) const OPS: [Op; 2] = [garbling::GARBLE, evaluate::EVALUATE];

/// The protocol.
pub struct Bmr;

/// Parameters of [`Bmr`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BmrParams {
    /// How transfers are made.
    pub ot: OtParams,
}

/// The circuit of a job.
pub struct BmrPlan {
    job: Arc<Job>,
    program: Arc<Program>,
    params: BmrParams,
    layered: Arc<Layered>,
    shared: SharedBits,
}

impl Protocol for Bmr {
    const NAME: &'static str = "bmr";
    const INFO: Info = Info {
        about: "garbled circuits made by any number of parties together, in constant rounds",
        source: "Beaver, Micali, Rogaway, STOC 1990; Ben-Efraim, Lindell, Omri, CCS 2016",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Computational { kappa: KAPPA as u32 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    const ASSUMES: &'static [&'static str] = &[group::ASSUMPTION, ot::ASSUMPTION];
    type Params = BmrParams;
    type Plan = BmrPlan;

    fn variants() -> Vec<BmrParams> {
        let ideal = OtParams { width: Width::Eight, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        let silent = OtParams { extension: Scheme::Silent, ..ideal };
        vec![BmrParams::default(), BmrParams { ot: ideal }, BmrParams { ot: silent }]
    }

    fn compile(job: &Arc<Job>, params: &BmrParams) -> Result<Arc<BmrPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let program = Arc::clone(job.program()?);
        let Lowered { circuit, words } = lower(&program, Optimise::Size)
            .map_err(|why| Unsupported::new(why.to_string(), "a smaller function"))?;
        let layered = Arc::new(Layered::new(circuit, Interactive::And));
        let shared = SharedBits::new(&program, &job.roles, &words);
        let (job, params) = (Arc::clone(job), *params);
        Ok(Arc::new(BmrPlan { job, program, params, layered, shared }))
    }

    async fn run(ctx: Ctx, plan: Arc<BmrPlan>, input: Inputs) -> Result<Outputs, Abort> {
        party::run(&ctx, &plan, &input).await
    }

    fn ideals(plan: &Arc<BmrPlan>) -> Vec<Ideal> {
        if plan.params.ot.base != BaseOt::Ideal || plan.ands() == 0 {
            return Vec::new();
        }
        let n = plan.n();
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            Box::pin(async move { links::ideal(&ctx, n).await })
        };
        vec![Ideal { name: ot::base::IDEAL, start: Arc::new(start) }]
    }

    fn claims(plan: &BmrPlan) -> Claims {
        Claims { setup: plan.params.ot.setup(), ..Self::INFO.claims }
    }

    fn assumes(plan: &BmrPlan) -> &'static [&'static str] {
        match plan.params.ot.extension {
            Scheme::SoftSpoken => Self::ASSUMES,
            Scheme::Silent => &[group::ASSUMPTION, ot::ASSUMPTION, silent::ASSUMPTION],
        }
    }

    /// Every wire has a mask, with two blocks for each other party, and a label of each party. Who
    /// evaluates has all rows.
    fn held_bytes(plan: &BmrPlan) -> u64 {
        let (n, ands) = (plan.n() as u64, plan.ands() as u64);
        let wires = u64::from(plan.layered.circuit().wires());
        let masks = n * auth::wire_bytes(n) * (wires + 5 * ands);
        let evaluators = plan.evaluators().count() as u64;
        let evaluated = evaluators * n * BLOCK * (wires + 4 * ands);
        let transfers = if ands > 0 { n * (n - 1) * plan.extension().held_bytes() } else { 0 };
        masks + evaluated + transfers
    }

    fn plan_bytes(plan: &BmrPlan) -> u64 {
        GATE_BYTES * u64::from(plan.layered.circuit().counts().gates)
    }

    fn declared_cost(plan: &BmrPlan) -> Option<DeclaredCost> {
        let [setup, offline] = plan.preprocessing();
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(declared::declare(phases, cost::SOURCE))
    }

    fn evaluate(plan: &BmrPlan, inputs: &[Inputs]) -> Option<Outputs> {
        plan.shared.evaluate(&plan.program, plan.layered.circuit(), inputs)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &BmrPlan) -> Vec<Op> {
        let own = group::OPS.into_iter().chain(plan.params.ot.ops()).chain(auth::OPS);
        let own = own.chain([LOCAL]).chain(OPS);
        algebra::ops_with(&own.collect::<Vec<_>>())
    }

    fn domain(_: &BmrPlan) -> String {
        "bits".to_owned()
    }

    fn notes(plan: &BmrPlan) -> Vec<String> {
        let (n, ands) = (plan.n(), plan.ands());
        let mut notes = vec![format!(
            "garbled tables: {ands} AND of 4 rows of {n} blocks from each party to each of {} \
             who evaluate, {} bytes",
            plan.evaluators().count(),
            plan.table_bytes()
        )];
        if ands > 0 {
            notes.push(format!("shares of rows come from {}", plan.params.ot));
            let most = plan.job.roles.computing().map(|party| plan.masks_of(party)).max();
            let batches = [most.unwrap_or(0), ands].map(|count| (count, Choices::Chosen));
            notes.extend(plan.extension().notes(batches));
        }
        notes
    }
}

impl BmrPlan {
    /// The circuit that is garbled, in layers.
    #[must_use]
    pub fn layered(&self) -> &Layered {
        &self.layered
    }

    fn n(&self) -> usize {
        self.job.roles.compute
    }

    fn ands(&self) -> usize {
        self.layered.circuit().counts().ands as usize
    }

    /// Bits that clients bring.
    fn client_bits(&self) -> usize {
        self.shared.clients().map(|(_, bits)| bits).sum()
    }

    /// Input wires whose masks all share: of clients' bits, then of random ones.
    fn shared_inputs(&self) -> usize {
        self.client_bits() + self.shared.random_bits()
    }

    /// Shares of masks that a party draws: of its own bits, of other inputs, of ANDs.
    fn masks_of(&self, party: PartyId) -> usize {
        self.shared.bits_of(party) + self.shared_inputs() + self.ands()
    }

    /// How the transfers of any two are extended.
    fn extension(&self) -> Extension {
        let most = self.job.roles.computing().map(|party| self.masks_of(party)).max();
        self.params.ot.semi_honest().for_demand(most.unwrap_or(0) + self.ands())
    }

    /// Who evaluates, ascending.
    fn evaluators(&self) -> impl Iterator<Item = PartyId> + Clone + '_ {
        let roles = &self.job.roles;
        let learns = |node: &PartyId| self.shared.learned_bits(*node) > 0;
        let has_clients = roles.output.iter().any(|node| !roles.computes(*node) && learns(node));
        roles
            .computing()
            .filter(move |party| learns(party) || (has_clients && *party == FOR_CLIENTS))
    }

    /// Whether anything is evaluated by labels.
    fn has_labels(&self) -> bool {
        self.ands() > 0 && self.layered.circuit().input_wires() > 0
    }

    /// Whether shares of masks of outputs are made random again.
    fn randomises_outputs(&self) -> bool {
        self.n() > 2 && self.evaluators().next().is_some()
    }
}
