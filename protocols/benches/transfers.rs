//! OT extension and garbling as protocols run them, both ends on one core: every message encoded,
//! carried by the simulator, and decoded. What the kernels alone take is in
//! `cargo bench -p mpclab-kernels`.

// A benchmark says by panicking what it did not expect.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::{Arc, Mutex};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_kernels::{Block, Tweak};
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::circuit::sha256::sha256_compression;
use mpclab_protocols::circuit::{Interactive, Layered, Optimise};
use mpclab_protocols::primitives::garbling::{Evaluator, Garbler, Streamed};
use mpclab_protocols::primitives::ot::extension::{Received, Sent};
use mpclab_protocols::primitives::ot::{
    BaseOt, Choices, Extension, KAPPA, Pair, Receiver, Sender, Width, base, silent,
};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Config, Ctx, Ideal, PartyFuture, Run, RunSeed, Simulation};

/// Correlated transfers of a batch.
const COUNT: usize = 1 << 18;
/// Batches of a run: the set-up is one part in many.
const BATCHES: usize = 4;
/// Iterations of silent extension of a run.
const ITERATIONS: usize = 2;

/// What both ends have of the last batch.
type Last = Arc<Mutex<(Option<Sent>, Option<Received>)>>;

fn transfers(extension: Extension, [count, batches]: [usize; 2], last: &Last) -> Run<Vec<i128>> {
    let ideal = Ideal {
        name: base::IDEAL,
        start: Arc::new(|ctx: Ctx| -> PartyFuture<()> {
            let scope = ctx.scope("setup").scope("base");
            Box::pin(async move { base::ideal(&scope, [PartyId(1), PartyId(0)], KAPPA).await })
        }),
    };
    let config = Config::new(Network::constant(2, 1), RunSeed::new(1, 0));
    Simulation::new(config).with_ideal(ideal).run(move |ctx| {
        let last = Arc::clone(last);
        Box::pin(async move {
            let scope = ctx.scope("setup");
            let pair = Pair::new(&scope, "bench", [PartyId(0), PartyId(1)]);
            if ctx.id() == PartyId(0) {
                let mut sender = Sender::set_up(&scope, &pair, extension, Block::ONES).await?;
                for at in 0..batches {
                    let batch = ctx.scope(("offline", at));
                    let sent = sender.extend(&batch, count, Choices::Random).await?;
                    last.lock().unwrap().0 = Some(sent);
                }
            } else {
                let mut receiver = Receiver::set_up(&scope, &pair, extension).await?;
                for at in 0..batches {
                    let received = receiver.random(&ctx.scope(("offline", at)), count).await?;
                    last.lock().unwrap().1 = Some(received);
                }
            }
            Ok(Vec::new())
        })
    })
}

/// A run whose last batch is what it has to be.
fn checked(extension: Extension, sizes: [usize; 2]) {
    let last = Last::default();
    assert!(transfers(extension, sizes, &last).is_complete());
    let (sent, received) = std::mem::take(&mut *last.lock().unwrap());
    let (q, Received { choices, t, .. }) = (sent.unwrap().q, received.unwrap());
    assert_eq!([q.len(), t.len(), choices.len()], [sizes[0]; 3]);
    assert!(
        q.iter().zip(&t).zip(choices.iter()).all(|((q, t), x)| *t == *q ^ Block::ONES.if_set(x))
    );
}

fn extension(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random correlated transfers, both ends");
    let last = Last::default();
    group.throughput(Throughput::Elements((COUNT * BATCHES) as u64)).sample_size(10);
    for width in Width::ALL {
        for is_malicious in [false, true] {
            let extension = Extension { base: BaseOt::Ideal, width, is_malicious, silent: None };
            let name = format!("k={}, malicious={is_malicious}", width.bits());
            checked(extension, [COUNT, BATCHES]);
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    assert!(transfers(extension, [COUNT, BATCHES], &last).is_complete());
                });
            });
        }
    }
    for set in silent::SETS {
        for is_malicious in [false, true] {
            let (base, width, silent) = (BaseOt::Ideal, Width::Eight, Some(set));
            let extension = Extension { base, width, is_malicious, silent };
            // In pieces, as protocols take them.
            let pieces = set.yields(is_malicious).div_ceil(1 << 20);
            let count = set.yields(is_malicious) / pieces;
            let sizes = [count, pieces * ITERATIONS];
            checked(extension, sizes);
            group.throughput(Throughput::Elements((count * pieces * ITERATIONS) as u64));
            let name = format!("silent, {}, malicious={is_malicious}", set.name());
            group.bench_function(name, |bencher| {
                bencher.iter(|| assert!(transfers(extension, sizes, &last).is_complete()));
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
