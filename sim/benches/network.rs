//! Messages per second through the fabric alone: what shared uplinks and downlinks cost.
//!
//! One round of 1 KiB from everyone to everyone at 1 Gbit/s, under latencies that differ by pair,
//! driven by a plain binary heap; the kernel and party code come on top.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_sim::network::{Ask, Fabric, Network};
use mpclab_sim::vocabulary::PartyId;

const GBIT: u64 = 1_000_000_000;
const DELIVER: u64 = 1 << 62;

fn network(n: usize, downlink_bps: u64) -> Arc<Network> {
    let uplink_bps = vec![Some(GBIT); n];
    let downlink_bps = vec![Some(downlink_bps); n];
    Arc::new(Network { uplink_bps, downlink_bps, ..Network::constant(n, 1) })
}

/// 10 to 110 ms, another one for each pair.
fn latency_ns(from: usize, to: usize) -> u64 {
    10_000_000 + (from * 7919 + to * 104_729) as u64 % 100_003 * 1000
}

/// Events of one round, and the time of its last delivery.
fn round(n: usize, network: &Arc<Network>) -> (u64, u64) {
    let mut fabric = Fabric::new(Arc::clone(network));
    let mut asks = Vec::new();
    // Time, then what to do: a delivery, a server's turn (with its generation), or an arrival.
    let mut queue: BinaryHeap<Reverse<(u64, u64, u64)>> = BinaryHeap::new();
    let mut events = 0;
    let mut last_ns = 0;
    let enqueue = |queue: &mut BinaryHeap<_>, asks: &mut Vec<Ask>| {
        for ask in asks.drain(..) {
            queue.push(Reverse(match ask {
                Ask::Serve { at_ns, server, generation } => (at_ns, u64::from(server), generation),
                Ask::Arrive { at_ns, payload } => (at_ns, payload, u64::MAX),
                Ask::Deliver { at_ns, transfer } => (at_ns, DELIVER | u64::from(transfer), 0),
            }));
        }
    };
    let mut transfer = 0;
    for from in 0..n {
        for to in (0..n).filter(|to| *to != from) {
            let (sender, receiver) = (PartyId::from(from), PartyId::from(to));
            let latency_ns = latency_ns(from, to);
            fabric.depart(0, sender, receiver, 1024, latency_ns, transfer, &mut asks);
            transfer += 1;
        }
        enqueue(&mut queue, &mut asks);
    }
    while let Some(Reverse((now_ns, what, generation))) = queue.pop() {
        events += 1;
        if what & DELIVER != 0 {
            last_ns = now_ns;
        } else if generation == u64::MAX {
            fabric.arrive(now_ns, what, &mut asks);
        } else {
            fabric.serve(now_ns, what as u32, generation, &mut asks);
        }
        enqueue(&mut queue, &mut asks);
    }
    (events, last_ns)
}

fn all_to_all(c: &mut Criterion) {
    let mut group = c.benchmark_group("fabric/all_to_all_1KiB");
    group.sample_size(10);
    for n in [100, 1000] {
        // With equal rates nobody waits at a downlink; at a twentieth everybody does.
        for (name, downlink_bps) in [("", GBIT), (" narrow downlinks", GBIT / 20)] {
            let network = network(n, downlink_bps);
            group.throughput(Throughput::Elements((n * (n - 1)) as u64));
            let name = format!("n={n}{name}");
            group.bench_function(name, |b| b.iter(|| black_box(round(n, &network))));
        }
    }
    group.finish();
}

criterion_group!(benches, all_to_all);
criterion_main!(benches);
