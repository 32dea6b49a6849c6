//! OT extension and garbling as protocols run them, both ends on one core: every message encoded,
//! carried by the simulator, and decoded. What the kernels alone take is in
//! `cargo bench -p mpclab-kernels`.

// A benchmark says by panicking what it did not expect.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_kernels::{Block, Tweak};
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::circuit::sha256::sha256_compression;
use mpclab_protocols::circuit::{Interactive, Layered, Optimise};
use mpclab_protocols::primitives::garbling::{Evaluator, Garbler, Streamed};
use mpclab_protocols::primitives::ot::{
    BaseOt, Choices, Extension, KAPPA, Pair, Receiver, Sender, Width, base,
};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Config, Ctx, Ideal, PartyFuture, Run, RunSeed, Simulation};

/// Correlated transfers of a batch.
const COUNT: usize = 1 << 18;
/// Batches of a run: the set-up is one part in many.
const BATCHES: usize = 4;

fn transfers(extension: Extension) -> Run<Vec<i128>> {
    let ideal = Ideal {
        name: base::IDEAL,
        start: Arc::new(|ctx: Ctx| -> PartyFuture<()> {
            let scope = ctx.scope("setup").scope("base");
            Box::pin(async move { base::ideal(&scope, [PartyId(1), PartyId(0)], KAPPA).await })
        }),
    };
    let config = Config::new(Network::constant(2, 1), RunSeed::new(1, 0));
    Simulation::new(config).with_ideal(ideal).run(move |ctx| {
        Box::pin(async move {
            let scope = ctx.scope("setup");
            let pair = Pair::new(&scope, "bench", [PartyId(0), PartyId(1)]);
            if ctx.id() == PartyId(0) {
                let mut sender = Sender::set_up(&scope, &pair, extension, Block::ONES).await?;
                for at in 0..BATCHES {
                    let batch = ctx.scope(("offline", at));
                    sender.extend(&batch, COUNT, Choices::Random).await?;
                }
            } else {
                let mut receiver = Receiver::set_up(&scope, &pair, extension).await?;
                for at in 0..BATCHES {
                    receiver.random(&ctx.scope(("offline", at)), COUNT).await?;
                }
            }
            Ok(Vec::new())
        })
    })
}

fn extension(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random correlated transfers, both ends");
    group.throughput(Throughput::Elements((COUNT * BATCHES) as u64)).sample_size(10);
    for width in Width::ALL {
        for is_malicious in [false, true] {
            let extension = Extension { base: BaseOt::Ideal, width, is_malicious };
            let name = format!("k={}, malicious={is_malicious}", width.bits());
            group.bench_function(name, |bencher| {
                bencher.iter(|| assert!(transfers(extension).is_complete()));
            });
        }
    }
    group.finish();
}

fn garbling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("AND gates of circuits");
    let circuits = [("AES-128", aes128()), ("SHA-256", sha256_compression(Optimise::Size))];
    for (name, circuit) in circuits {
        let circuit = circuit.unwrap();
        let (ands, inputs) = (circuit.counts().ands as usize, circuit.input_wires() as usize);
        let layered = Arc::new(Layered::new(circuit, Interactive::And));
        let streamed = Arc::new(Streamed::new(layered));
        let labels = vec![Block::ONES; inputs];
        let garbler = || Garbler::new(&streamed, labels.clone(), Block::ONES, Tweak::default());
        group.throughput(Throughput::Elements(ands as u64));
        group.bench_function(format!("garble {name}"), |bencher| {
            bencher.iter(|| garbler().tables(ands));
        });
        let tables = garbler().tables(ands);
        group.bench_function(format!("evaluate {name}"), |bencher| {
            bencher.iter(|| {
                let mut evaluator = Evaluator::new(&streamed, labels.clone(), Tweak::default());
                evaluator.tables(&tables);
                evaluator.outputs()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, extension, garbling);
criterion_main!(benches);
