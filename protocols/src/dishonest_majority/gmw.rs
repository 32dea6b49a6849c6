//! `gmw`: boolean circuits over XOR shares, with bit triples from OT extension.
//!
//! Goldreich, Micali, Wigderson, "How to play any mental game", STOC 1987, with the multiplication
//! of Beaver, CRYPTO 1991, over bits: to AND `x` and `y`, open `d = x + a` and `e = y + b` for a
//! random triple `c = ab`; then `xy = c + d b + e a + d e`, all modulo 2. XOR and NOT are local.
//! Semi-honest, any number of corruptions below `n`; the sender of a share knows nothing of the
//! others, so security is that of the triples.
//!
//! Every program is lowered to a circuit whose ANDs go layer by layer: for a layer of `w` ANDs each
//! party sends each other one message of `2w` bits, first all `d`, then all `e`, packed together
//! into `ceil(2w / 8)` bytes.
//!
//! Triples are made beforehand by oblivious transfer between any two parties (`triples`), or come
//! from a declared trusted dealer: an ideal functionality whose messages are metered apart, and whose
//! cost is not priced.

mod attacks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod party;
mod share;
mod steps;
mod triples;

use std::marker::PhantomData;
use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, Phase, Security,
    Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::{self, bits::Bits};
use crate::attack::Attack;
use crate::circuit::{Interactive, Layered, Lowered, Optimise, lower};
use crate::engine::SharedBits;
use crate::engine::cost::{self, Cost, Depths, Flow, Message, Step};
use crate::primitives::group;
use crate::primitives::ot::{self, BaseOt, Extension, KAPPA, OtParams, Scheme};
use crate::program::{Inputs, Outputs, Program};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

pub use steps::{Published, Steps};

/// The protocol, made of these steps.
pub struct Gmw<S = Published>(PhantomData<fn() -> S>);

/// Parameters of [`Gmw`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GmwParams {
    /// What the circuit saves: AND gates, and so bytes, or AND depth, and so rounds.
    pub optimise: Optimise,
    /// Where bit triples come from.
    pub triples: TripleSource,
    /// How transfers are made, if triples are made of them.
    pub ot: OtParams,
}

/// Where bit triples come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TripleSource {
    /// OT extension between any two parties.
    #[default]
    Ot,
    /// A trusted dealer, whom nobody prices.
    Dealer,
}

/// The circuit of a job, in layers.
pub struct GmwPlan {
    job: Arc<Job>,
    params: GmwParams,
    program: Arc<Program>,
    layered: Arc<Layered>,
    shared: SharedBits,
}

const DEALER: &str = "dealer";

/// Parameters by default.
const OT: GmwParams =
    GmwParams { optimise: Optimise::Depth, triples: TripleSource::Ot, ot: OtParams::DEFAULT };

/// Memory of a gate of the plan, its layers and what reads it included, bytes; measured.
const GATE_BYTES: u64 = 25;

impl<S: Steps> Protocol for Gmw<S> {
    const NAME: &'static str = S::NAME;
    const INFO: Info = Info {
        about: "boolean circuits over XOR shares, bit triples from OT extension",
        source: "Goldreich, Micali, Wigderson, STOC 1987; Beaver, CRYPTO 1991; Asharov et al., CCS \
                 2013",
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
    type Params = GmwParams;
    type Plan = GmwPlan;

    fn variants() -> Vec<GmwParams> {
        let dealt = GmwParams { optimise: Optimise::Size, triples: TripleSource::Dealer, ..OT };
        let silent = OtParams { extension: Scheme::Silent, base: BaseOt::Ideal, ..OT.ot };
        vec![OT, dealt, GmwParams { ot: silent, ..OT }]
    }

    fn compile(job: &Arc<Job>, params: &GmwParams) -> Result<Arc<GmwPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let program = Arc::clone(job.program()?);
        let Lowered { circuit, words } = lower(&program, params.optimise)
            .map_err(|why| Unsupported::new(why.to_string(), "a smaller function"))?;
        let layered = Arc::new(Layered::new(circuit, Interactive::And));
        let shared = SharedBits::new(&program, &job.roles, &words);
        let (job, params) = (Arc::clone(job), *params);
        Ok(Arc::new(GmwPlan { job, params, program, layered, shared }))
    }

    async fn run(ctx: Ctx, plan: Arc<GmwPlan>, input: Inputs) -> Result<Outputs, Abort> {
        party::run::<S>(&ctx, &plan, &input).await
    }

    fn ideals(plan: &Arc<GmwPlan>) -> Vec<Ideal> {
        let name = match (plan.params.triples, plan.params.ot.base) {
            (TripleSource::Dealer, _) => DEALER,
            (TripleSource::Ot, BaseOt::Ideal) => ot::base::IDEAL,
            (TripleSource::Ot, _) => return Vec::new(),
        };
        let plan = Arc::clone(plan);
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            let plan = Arc::clone(&plan);
            Box::pin(async move {
                match plan.params.triples {
                    TripleSource::Dealer => deal::<S>(&ctx, &plan),
                    TripleSource::Ot if plan.ands() == 0 => {}
                    TripleSource::Ot => ot::links::ideal(&ctx, plan.job.roles.compute).await?,
                }
                Ok(())
            })
        };
        vec![Ideal { name, start: Arc::new(start) }]
    }

    fn claims(plan: &GmwPlan) -> Claims {
        let claims = Self::INFO.claims;
        match plan.params.triples {
            TripleSource::Dealer => {
                Claims { security: Security::Perfect, setup: Setup::TrustedDealer, ..claims }
            }
            TripleSource::Ot => Claims { setup: plan.params.ot.setup(), ..claims },
        }
    }

    fn assumes(plan: &GmwPlan) -> &'static [&'static str] {
        plan.params.ot.assumptions()
    }

    fn held_bytes(plan: &GmwPlan) -> u64 {
        let n = plan.job.roles.compute as u64;
        let is_made = plan.params.triples == TripleSource::Ot && plan.ands() > 0;
        if is_made { n * (n - 1) * plan.extension().held_bytes() } else { 0 }
    }

    fn declared_cost(plan: &GmwPlan) -> Option<DeclaredCost> {
        let source = "Goldreich, Micali, Wigderson, STOC 1987; Beaver, CRYPTO 1991: an AND opens \
                      two bits, each layer in one round; triples: Asharov et al., CCS 2013, over \
                      SoftSpokenOT, Roy, CRYPTO 2022, or Ferret, Yang et al., CCS 2020";
        let [setup, offline] = plan.preprocessing();
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(cost::declare(phases, source))
    }

    fn plan_bytes(plan: &GmwPlan) -> u64 {
        GATE_BYTES * u64::from(plan.layered.circuit().counts().gates)
    }

    fn evaluate(plan: &GmwPlan, inputs: &[Inputs]) -> Option<Outputs> {
        plan.shared.evaluate(&plan.program, plan.layered.circuit(), inputs)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &GmwPlan) -> Vec<Op> {
        let transfers = group::OPS.into_iter().chain(plan.params.ot.ops());
        algebra::ops_with(&transfers.collect::<Vec<_>>())
    }

    fn domain(_: &GmwPlan) -> String {
        "bits".to_owned()
    }

    fn notes(plan: &GmwPlan) -> Vec<String> {
        let counts = plan.layered.circuit().counts();
        let triples = match plan.params.triples {
            TripleSource::Dealer => {
                "bit triples come from a trusted dealer; their cost is not priced".to_owned()
            }
            TripleSource::Ot => format!("bit triples come from {}", plan.params.ot),
        };
        let mut notes = vec![
            triples,
            format!("the circuit has {} AND at depth {}", counts.ands, counts.and_depth),
        ];
        if plan.params.triples == TripleSource::Ot {
            notes.extend(triples::notes(plan.extension(), plan.ands()));
        }
        notes
    }
}

impl GmwPlan {
    /// The circuit that is run, in layers.
    #[must_use]
    pub fn layered(&self) -> &Layered {
        &self.layered
    }

    /// ANDs in all: as many triples are dealt.
    fn ands(&self) -> usize {
        self.layered.circuit().counts().ands as usize
    }

    /// How the transfers of a pair are extended.
    fn extension(&self) -> Extension {
        self.params.ot.semi_honest().for_demand(self.ands())
    }

    /// What the set-up and the triples cost.
    fn preprocessing(&self) -> [Cost; 2] {
        if self.params.triples == TripleSource::Dealer || self.ands() == 0 {
            return [Cost::default(); 2];
        }
        let (extension, n) = (self.extension(), self.job.roles.compute);
        let bytes = triples::bytes(extension, n, self.ands());
        let rounds = triples::rounds(extension, n, self.ands());
        [0, 1].map(|phase| Cost { bytes: bytes[phase], rounds: rounds[phase] })
    }

    fn online(&self) -> Cost {
        let roles = &self.job.roles;
        let n = roles.compute;
        let mut depths = Depths::new(roles);
        let packed = |bits: usize| bits.div_ceil(8) as u64;
        let mut bytes = depths.send(self.shared.owners().flat_map(|(from, _, bits)| {
            let to = roles.computing().filter(move |to| *to != from);
            to.map(move |to| Message { from, to, bytes: packed(bits) })
        }));
        for ands in self.layered.batches() {
            let all = (n * (n - 1)) as u64 * packed(2 * ands);
            bytes += depths.follow(n, Flow::new(all, Step::First(n), 1));
        }
        bytes += depths.send(self.shared.messages());
        Cost { bytes, rounds: depths.rounds() }
    }
}

/// Hands out XOR shares of all triples, one message to each party: all `a`, all `b`, all `c`, each
/// in the order of the layers.
fn deal<S: Steps>(ctx: &Ctx, plan: &GmwPlan) {
    let count = plan.ands();
    if count == 0 {
        return;
    }
    let scope = ctx.scope("offline");
    let mut rng = scope.rng();
    let triples = Bits::concat(&S::triples(count, &mut rng));
    let shares = S::split_triples(&triples, plan.job.roles.compute, &mut rng);
    for (party, share) in plan.job.roles.computing().zip(&shares) {
        scope.send(party, share);
    }
}
