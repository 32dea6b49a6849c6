//! A coin without commitments: whoever speaks last chooses it.

use mpclab::Registry;
use mpclab::prelude::*;
use mpclab::protocols::algebra::Bits;

use super::toys::CLAIMS;
use crate::protocols::NoParams;

/// Name of the protocol.
pub(super) const NAME: &str = "bare_coin";

struct BareCoin;

impl Protocol for BareCoin {
    const NAME: &'static str = NAME;
    const INFO: Info =
        Info { about: "a toy, for tests", source: "none", claims: CLAIMS, parties: (2, 2) };
    type Params = NoParams;

    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        job.relation("coin_toss").map(|_| Arc::clone(job))
    }

    async fn run(ctx: Ctx, job: Arc<Job>, _: Inputs) -> Result<Outputs, Abort> {
        let len = job.task.output_len();
        let online = ctx.scope("online");
        let mut coin = Bits::random(len, &mut online.rng());
        online.broadcast(&coin);
        for (_, bits) in online.gather::<Bits>(len).await? {
            coin ^= &bits;
        }
        Ok(Outputs::of("bits", coin))
    }
}

/// The registry with it.
pub(super) fn registry() -> Registry {
    mpclab::registry().with::<BareCoin>()
}
