use std::future::Future;
use std::sync::Arc;

use mpclab_sim::network::{Delay, Distribution, Link, LinkTable, Network};
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Config, Ctx, Output, Run, RunSeed, Simulation};

pub(crate) const MS: u64 = 1_000_000;
pub(crate) const P0: PartyId = PartyId(0);
pub(crate) const P1: PartyId = PartyId(1);
pub(crate) const P2: PartyId = PartyId(2);

pub(crate) fn config(n: usize, latency_ns: u64) -> Config {
    Config::new(Network::constant(n, latency_ns), RunSeed::new(7, 0))
}

/// Runs the same async function at every party.
pub(crate) fn run<T, F>(config: Config, party: impl Fn(Ctx) -> F) -> Run<T>
where
    T: Output,
    F: Future<Output = Result<T, Abort>> + Send + 'static,
{
    Simulation::new(config).run(|ctx| Box::pin(party(ctx)))
}

pub(crate) fn link(floor_ns: u64, random: Vec<Distribution>) -> Link {
    Link { latency: Delay { floor_ns, random }, capacity_bps: None, loss_ppm: 0 }
}

/// A network whose links differ by pair and whose latencies are drawn.
pub(crate) fn jittery(n: usize) -> Network {
    let random = |from: PartyId, to: PartyId| {
        vec![Distribution::Exponential { mean_ns: u64::from(1 + from.0 + 2 * to.0) * 300_000 }]
    };
    let links =
        LinkTable::from_fn(n, |from, to| link(u64::from(1 + from.0 + to.0) * MS, random(from, to)));
    Network { links, ..Network::constant(n, MS) }
}

/// Two rounds of all-to-all with everything that observes order: the subject of digest tests.
pub(crate) async fn chatter(ctx: Ctx) -> Result<u64, Abort> {
    let online = ctx.scope("online");
    online.broadcast(&vec![ctx.id().0 as u8; 3]);
    let (first, _) = online.recv_any::<Vec<u8>>(3).await?;
    let rest: Vec<PartyId> = online.others().filter(|p| *p != first).collect();
    online.gather_from::<Vec<u8>>(rest, 3).await?;
    let strands = (0..3usize).map(|k| {
        let strand = online.scope(("strand", k));
        async move {
            strand.broadcast(&vec![k as u8]);
            strand.gather::<Vec<u8>>(1).await
        }
    });
    for outcome in online.join_all(strands.collect::<Vec<_>>()).await {
        outcome?;
    }
    Ok(u64::from(first.0))
}

pub(crate) fn network(config: &mut Config) -> &mut Network {
    Arc::make_mut(&mut config.network)
}
