//! `gmw`: boolean circuits over XOR shares, with bit triples from a trusted dealer.
//!
//! Goldreich, Micali, Wigderson, "How to play any mental game", STOC 1987, with the multiplication
//! of Beaver, CRYPTO 1991, over bits: to AND `x` and `y`, open `d = x + a` and `e = y + b` for a
//! random triple `c = ab`; then `xy = c + d b + e a + d e`, all modulo 2. XOR and NOT are local.
//! Semi-honest, any number of corruptions below `n`; the sender of a share knows nothing of the
//! others, so security is perfect given the triples.
//!
//! Every program is lowered to a circuit whose ANDs go layer by layer: for a layer of `w` ANDs each
//! party sends each other one message of `2w` bits, first all `d`, then all `e`, packed together
//! into `ceil(2w / 8)` bytes.
//!
//! Triples come from a declared trusted dealer: an ideal functionality whose messages are metered
//! apart, and whose cost is not priced.

mod attacks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod party;
mod share;
mod steps;

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::{self, bits::Bits};
use crate::attack::Attack;
use crate::circuit::{Interactive, Layered, Lowered, Optimise, Words, lower};
use crate::engine::Opening;
use crate::engine::cost::{self, Cost, Depths, Flow, Message, Step};
use crate::program::{Inputs, Outputs, Program, Sharing};
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
}

/// The circuit of a job, in layers.
pub struct GmwPlan {
    job: Arc<Job>,
    program: Arc<Program>,
    layered: Arc<Layered>,
    words: Words,
    opening: Opening,
}

impl GmwPlan {
    /// All outputs, from all output bits.
    fn outputs(&self, bits: &Bits) -> Outputs {
        self.program.to_outputs(&self.words.decode(bits))
    }

    /// Whether an output party learns an output.
    fn learns(&self, party: usize, output: usize) -> bool {
        self.program.outputs().get(output).is_some_and(|output| output.to.include(party))
    }

    /// Places of the output bits that an output party learns.
    fn own_bits(&self, party: usize) -> Vec<Range<usize>> {
        let mut end = 0;
        let places = self.words.output_bits().enumerate().map(|(output, bits)| {
            let start = end;
            end += bits;
            (output, start..end)
        });
        let own = places.filter(|(output, _)| self.learns(party, *output));
        own.map(|(_, place)| place).collect()
    }

    /// The outputs of an output party, from its bits alone.
    fn own_outputs(&self, party: usize, bits: &Bits) -> Outputs {
        let raw = self.words.decode_some(bits, |output| self.learns(party, output));
        self.program.to_outputs_of(party, &raw)
    }

    /// Output nodes that learn the same, as the index of one of them among the output parties.
    fn groups(&self) -> impl Iterator<Item = (&[PartyId], usize)> {
        let index = |node| self.job.roles.output.binary_search(node).unwrap_or_default();
        let groups = self.opening.groups().iter();
        groups.filter_map(move |group| Some((&group.nodes[..], index(group.nodes.first()?))))
    }
}

const DEALER: &str = "dealer";

/// Memory of a gate of the plan, its layers and what reads it included, bytes; measured.
const GATE_BYTES: u64 = 25;

impl<S: Steps> Protocol for Gmw<S> {
    const NAME: &'static str = S::NAME;
    const INFO: Info = Info {
        about: "boolean circuits over XOR shares, bit triples from a trusted dealer",
        source: "Goldreich, Micali, Wigderson, STOC 1987; Beaver, CRYPTO 1991",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Perfect,
            setup: Setup::TrustedDealer,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    type Params = GmwParams;
    type Plan = GmwPlan;

    fn variants() -> Vec<GmwParams> {
        [Optimise::Depth, Optimise::Size].map(|optimise| GmwParams { optimise }).to_vec()
    }

    fn compile(job: &Arc<Job>, params: &GmwParams) -> Result<Arc<GmwPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let program = Arc::clone(job.program()?);
        let Lowered { circuit, words } = lower(&program, params.optimise)
            .map_err(|why| Unsupported::new(why.to_string(), "a smaller function"))?;
        let layered = Arc::new(Layered::new(circuit, Interactive::And));
        let opening = Opening::new(&program, &job.roles, Sharing::Arithmetic);
        Ok(Arc::new(GmwPlan { job: Arc::clone(job), program, layered, words, opening }))
    }

    async fn run(ctx: Ctx, plan: Arc<GmwPlan>, input: Inputs) -> Result<Outputs, Abort> {
        party::run::<S>(&ctx, &plan, &input).await
    }

    fn ideals(plan: &Arc<GmwPlan>) -> Vec<Ideal> {
        let plan = Arc::clone(plan);
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            let plan = Arc::clone(&plan);
            Box::pin(async move {
                deal::<S>(&ctx, &plan);
                Ok(())
            })
        };
        vec![Ideal { name: DEALER, start: Arc::new(start) }]
    }

    fn declared_cost(plan: &GmwPlan) -> Option<DeclaredCost> {
        let source = "Goldreich, Micali, Wigderson, STOC 1987; Beaver, CRYPTO 1991: an AND opens \
                      two bits, each layer in one round";
        Some(cost::declare([(Phase::Online, plan.online())], source))
    }

    fn plan_bytes(plan: &GmwPlan) -> u64 {
        GATE_BYTES * u64::from(plan.layered.circuit().counts().gates)
    }

    fn evaluate(plan: &GmwPlan, inputs: &[Inputs]) -> Option<Outputs> {
        let bits = plan.words.encode_all(inputs)?;
        Some(plan.outputs(&plan.layered.circuit().evaluate(&bits, 1).ok()?))
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(_: &GmwPlan) -> Vec<Op> {
        algebra::ops_with(&[])
    }

    fn domain(_: &GmwPlan) -> String {
        "bits".to_owned()
    }

    fn notes(plan: &GmwPlan) -> Vec<String> {
        let counts = plan.layered.circuit().counts();
        vec![
            "bit triples come from a trusted dealer; their cost is not priced".to_owned(),
            format!("the circuit has {} AND at depth {}", counts.ands, counts.and_depth),
        ]
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

    /// Input nodes that bring something, each with its index among the input parties and the
    /// number of its bits.
    fn owners(&self) -> impl Iterator<Item = (PartyId, usize, usize)> {
        let owners = self.job.roles.input.iter().enumerate();
        let owners = owners.map(|(party, node)| (*node, party, self.words.bits_of(party)));
        owners.filter(|(.., bits)| *bits > 0)
    }

    fn online(&self) -> Cost {
        let roles = &self.job.roles;
        let n = roles.compute;
        let mut depths = Depths::new(roles);
        let packed = |bits: usize| bits.div_ceil(8) as u64;
        let mut bytes = depths.send(self.owners().flat_map(|(from, _, bits)| {
            let to = roles.computing().filter(move |to| *to != from);
            to.map(move |to| Message { from, to, bytes: packed(bits) })
        }));
        for ands in self.layered.batches() {
            let all = (n * (n - 1)) as u64 * packed(2 * ands);
            bytes += depths.follow(n, Flow::new(all, Step::First(n), 1));
        }
        let shares = self.groups().flat_map(|(nodes, party)| {
            let own: usize = self.own_bits(party).iter().map(ExactSizeIterator::len).sum();
            nodes.iter().map(move |to| (*to, packed(own)))
        });
        bytes += depths.send(shares.flat_map(|(to, bytes)| {
            let from = roles.computing().filter(move |from| *from != to);
            from.map(move |from| Message { from, to, bytes })
        }));
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
