//! `ring_sum`: a protocol of one's own beside those that come with mpclab.
//!
//! A masked total goes round a ring. What a party sees alone tells it no more than the sum; the two
//! neighbours of a party can find out its input together.

use mpclab::prelude::*;
use mpclab::protocols::algebra::{Ring, Z128, slices};
use mpclab::schemars::JsonSchema;
use mpclab::serde::{Deserialize, Serialize};

pub(crate) struct RingSum;

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "mpclab::serde", default, deny_unknown_fields)]
#[schemars(crate = "mpclab::schemars")]
pub(crate) struct RingSumParams {
    /// The party that masks the total and announces the sum.
    leader: usize,
}

/// What all parties know before they start.
pub(crate) struct RingSumPlan {
    n: usize,
    /// Numbers that are summed.
    len: usize,
    leader: PartyId,
}

impl Protocol for RingSum {
    const NAME: &'static str = "ring_sum";
    const INFO: Info = Info {
        about: "a masked total goes round a ring",
        source: "Clifton et al., SIGKDD Explorations 4(2), 2002, Secure Sum",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::Exact(1),
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Perfect,
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (3, usize::MAX),
    };
    type Params = RingSumParams;

    type Plan = RingSumPlan;

    fn compile(job: &Arc<Job>, params: &RingSumParams) -> Result<Arc<RingSumPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let n = job.roles.compute;
        job.named("sum")?;
        if job.roles == Roles::all(n) && params.leader < n {
            let (leader, len) = (PartyId::from(params.leader), job.task.output_len());
            return Ok(Arc::new(RingSumPlan { n, len, leader }));
        }
        Err(Unsupported::new(
            "it adds what its parties bring, led by one of them",
            format!("no clients, leader 0 to {}", n - 1),
        ))
    }

    async fn run(ctx: Ctx, plan: Arc<RingSumPlan>, input: Inputs) -> Result<Outputs, Abort> {
        let RingSumPlan { n, len, leader } = *plan;
        let id = ctx.id().index();
        let (before, after) = (PartyId::from((id + n - 1) % n), PartyId::from((id + 1) % n));
        let online = ctx.scope("online");
        let (ring, result) = (online.scope("ring"), online.scope("result"));
        let own: Vec<Z128> = input["value"].iter().map(|value| Z128::from_i128(*value)).collect();
        let sum = if ctx.id() == leader {
            // 1. The leader masks its input and sends it round.
            let mask: Vec<Z128> = slices::random_vec(len, &mut online.rng());
            ring.send(after, &slices::add(&own, &mask));
            // 3. It takes the mask off the total that comes back, and tells everyone the sum.
            let total: Vec<Z128> = ring.recv(before, len).await?;
            let sum = slices::sub(&total, &mask);
            result.broadcast(&sum);
            sum
        } else {
            // 2. Everyone else adds its input to the total that comes by.
            let total: Vec<Z128> = ring.recv(before, len).await?;
            ring.send(after, &slices::add(&total, &own));
            result.recv(leader, len).await?
        };
        Ok(Outputs::of("sum", sum.into_iter().map(Z128::to_i128).collect::<Vec<i128>>()))
    }

    /// `n` messages round the ring, one after the other; then `n - 1` at once.
    fn declared_cost(plan: &RingSumPlan) -> Option<DeclaredCost> {
        let (n, len) = (plan.n as u64, plan.len as u64);
        let bytes = Figure::Exact((2 * n - 1) * len * 16);
        let online = PhaseCost { phase: Phase::Online, bytes, rounds: Figure::Exact(n + 1) };
        Some(DeclaredCost { phases: vec![online], source: "counted from the steps".to_owned() })
    }

    fn ops(_: &RingSumPlan) -> Vec<Op> {
        Z128::OPS.to_vec()
    }

    fn domain(_: &RingSumPlan) -> String {
        Z128::LABEL.to_owned()
    }
}

fn main() -> std::process::ExitCode {
    mpclab::cli::main(mpclab::registry().with::<RingSum>())
}
