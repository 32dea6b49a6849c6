//! Whole simulated runs of the generic engines among three parties: wall time of one layer, for
//! all parties together on one core.

use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_protocols::additive::Additive;
use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Inputs, NodeId, ProgramError, Type};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_protocols::rep3::Rep3;
use mpclab_protocols::shamir::Shamir;
use mpclab_protocols::spdz::Spdz;
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{Roles, SecurityLevel};
use mpclab_sim::{Config, RunSeed, Simulation};

/// One-way latency of a local network, nanoseconds.
const LAN_NS: u64 = 250_000;
const PRODUCTS: usize = 100_000;
const COMPARISONS: usize = 1_000;
const BITS: u32 = 32;

type Layer = fn(&mut Builder, NodeId, NodeId) -> Result<NodeId, ProgramError>;

/// One layer over two parties' vectors; one element of its result is opened.
fn job(len: usize, layer: Layer) -> Result<Arc<Job>, ProgramError> {
    let mut builder = Builder::new();
    let x = builder.input("x", 0, len, Type::Int { bits: BITS })?;
    let y = builder.input("x", 1, len, Type::Int { bits: BITS })?;
    let result = layer(&mut builder, x, y)?;
    let first = builder.gather(result, vec![0])?;
    builder.output("first", first, Decoding::Integer)?;
    Ok(Arc::new(Job {
        function: "layer".to_owned(),
        task: Task::Program(Arc::new(builder.finish()?)),
        roles: Roles::all(3),
        security: SecurityLevel::default(),
    }))
}

fn run<P: Protocol>(job: &Arc<Job>, inputs: &[Inputs; 2]) {
    let plan = P::compile(job, &P::Params::default()).expect("the protocol can do the job");
    let config = Config::new(Network::constant(3, LAN_NS), RunSeed::new(1, 0));
    let mut simulation = Simulation::new(config);
    for ideal in P::ideals(&plan) {
        simulation = simulation.with_ideal(ideal);
    }
    let run = simulation.run(|ctx| {
        let input = inputs.get(ctx.id().index()).cloned().unwrap_or_default();
        Box::pin(P::run(ctx, Arc::clone(&plan), input))
    });
    assert!(run.is_complete());
}

fn engine<P: Protocol>(criterion: &mut Criterion) {
    let layers: [(&str, usize, Layer); 2] = [
        ("products", PRODUCTS, |builder, x, y| builder.mul(x, y)),
        ("comparisons", COMPARISONS, |builder, x, y| builder.less(x, y)),
    ];
    let mut group = criterion.benchmark_group(P::NAME);
    group.sample_size(10);
    for (name, len, layer) in layers {
        let job = job(len, layer).expect("the program fits");
        let column = |sign: i128| (0..len as i128).map(|i| sign * i * 20_011).collect::<Vec<_>>();
        let inputs = [1, -1].map(|sign| Inputs::from([("x".to_owned(), column(sign))]));
        group.throughput(Throughput::Elements(len as u64));
        group.bench_function(format!("{name}_{len}"), |bencher| {
            bencher.iter(|| run::<P>(&job, &inputs));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(std::time::Duration::from_millis(500));
    targets = engine::<Additive>, engine::<Rep3>, engine::<Shamir>, engine::<Spdz>
}
criterion_main!(benches);
