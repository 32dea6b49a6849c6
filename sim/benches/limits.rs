//! What sizes cost: many scopes one after the other, strands that wait for each other, and
//! messages of ten million elements.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::wire::{Algebra, Element};
use mpclab_sim::{Config, Ctx, PartyFuture, RunSeed, Simulation};

const PARTIES: usize = 3;
const LAYERS: usize = 100_000;
const ELEMENTS: usize = 10_000_000;

/// A word, taken and put one by one, as field elements are.
#[derive(Clone, Copy)]
struct Word(u64);

impl Element for Word {
    const BYTES: usize = 8;
    const ALGEBRA: Algebra = Algebra::Bytes;
    const NAME: &'static str = "words";
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }
    fn take(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(u64::from_le_bytes).map(Word)
    }
}

async fn open(ctx: &Ctx, elements: usize) -> Result<u64, Abort> {
    ctx.broadcast(&vec![Word(3); elements]);
    let others = ctx.gather::<Vec<Word>>(elements).await?;
    Ok(others.values().map(|words| words[elements / 2].0).sum())
}

/// Each layer in a scope of its own, freed behind it.
async fn scopes(ctx: Ctx) -> Result<u64, Abort> {
    let online = ctx.scope("online");
    let mut sum = 0;
    for layer in 0..LAYERS {
        sum += open(&online.scope(("layer", layer)), 1).await?;
    }
    Ok(sum)
}

/// Each layer a strand that waits for the one before.
async fn strands(ctx: Ctx) -> Result<u64, Abort> {
    let online = ctx.scope("online");
    let promises: Vec<_> = (0..=LAYERS).map(|_| online.promise::<u64>()).collect();
    promises[0].keep(0);
    let strands = (0..LAYERS).map(|layer| {
        let (input, output) = (promises[layer].clone(), promises[layer + 1].clone());
        let online = &online;
        async move {
            let sum = input.get().await;
            output.keep(sum + open(&online.scope(("layer", layer)), 1).await?);
            Ok::<(), Abort>(())
        }
    });
    online.try_join_all(strands.collect::<Vec<_>>()).await?;
    Ok(promises[LAYERS].get().await)
}

async fn large(ctx: Ctx) -> Result<u64, Abort> {
    let online = ctx.scope("online");
    let mut sum = 0;
    for _ in 0..3 {
        sum += open(&online, ELEMENTS).await?;
    }
    Ok(sum)
}

fn simulate(party: fn(Ctx) -> PartyFuture<u64>) {
    let config = Config::new(Network::constant(PARTIES, 1_000_000), RunSeed::new(1, 0));
    let run = Simulation::new(config).run(party);
    assert!(run.is_complete());
    black_box(run.digests);
}

fn limits(c: &mut Criterion) {
    let mut group = c.benchmark_group("limits, 3 parties");
    group.sample_size(10);
    group.throughput(Throughput::Elements(LAYERS as u64));
    group.bench_function("1e5 sequential scopes", |b| {
        b.iter(|| simulate(|ctx| Box::pin(scopes(ctx))));
    });
    group.bench_function("1e5 strands in a chain", |b| {
        b.iter(|| simulate(|ctx| Box::pin(strands(ctx))));
    });
    group.throughput(Throughput::Elements(3 * ELEMENTS as u64));
    group.bench_function("3 openings of 1e7 words", |b| {
        b.iter(|| simulate(|ctx| Box::pin(large(ctx))));
    });
    group.finish();
}

criterion_group!(benches, limits);
criterion_main!(benches);
