//! Messages per second through the full kernel: async party code, metrics and digests on.
//!
//! All-to-all rounds of 1 KiB under heterogeneous latencies, and the same with every uplink and
//! downlink shared fairly.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_sim::network::{Delay, Link, LinkTable, Network};
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Config, Ctx, RunSeed, Simulation};

const BODY_BYTES: usize = 1024;

/// Ten regions, 1 to 100 ms apart, parties spread over them.
fn regions(n: usize) -> Network {
    let links = LinkTable::from_fn(n, |from, to| {
        let (a, b) = (u64::from(from.0 % 10), u64::from(to.0 % 10));
        let floor_ns = 500_000 + (a * 7 + b * 3) * 1_000_000 + (a ^ b) * 137_000;
        Link { latency: Delay { floor_ns, random: vec![] }, capacity_bps: None, loss_ppm: 0 }
    });
    Network { links, ..Network::constant(n, 1) }
}

fn contended(n: usize) -> Network {
    let limit = vec![Some(1_000_000_000); n];
    Network { uplink_bps: limit.clone(), downlink_bps: limit, ..regions(n) }
}

async fn all_to_all(ctx: Ctx, rounds: usize) -> Result<u64, Abort> {
    let online = ctx.scope("online");
    let body = vec![ctx.id().0 as u8; BODY_BYTES];
    let mut sum = 0;
    for _ in 0..rounds {
        online.broadcast(&body);
        let others = online.gather::<Vec<u8>>(BODY_BYTES).await?;
        sum += others.values().map(|bytes| u64::from(bytes[0])).sum::<u64>();
    }
    Ok(sum)
}

fn simulate(network: &Network, rounds: usize) {
    let config = Config::new(network.clone(), RunSeed::new(1, 0));
    let run = Simulation::new(config).run(|ctx| Box::pin(all_to_all(ctx, rounds)));
    assert!(run.is_complete());
    black_box(run.digests);
}

fn kernel(c: &mut Criterion) {
    for (name, network) in [("latency", regions as fn(usize) -> Network), ("contention", contended)]
    {
        let mut group = c.benchmark_group(format!("all-to-all 1 KiB, {name}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(500));
        for (n, rounds) in [(16, 200), (100, 20), (1000, 5)] {
            let network = network(n);
            group.throughput(Throughput::Elements((n * (n - 1) * rounds) as u64));
            group.bench_function(format!("n={n}"), |b| b.iter(|| simulate(&network, rounds)));
        }
        group.finish();
    }
}

criterion_group!(benches, kernel);
criterion_main!(benches);
