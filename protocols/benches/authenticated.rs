//! Engines over authenticated bits on SHA-256 between two parties: whole simulated runs but for
//! base transfers, both parties on one core, what is prepared included.

// A benchmark says by panicking what it did not expect.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_protocols::circuit::Optimise;
use mpclab_protocols::circuit::sha256::sha256_compression;
use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Width};
use mpclab_protocols::program::{Inputs, circuit_program};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_protocols::tinyot::{TinyOt, TinyOtParams};
use mpclab_protocols::wrk::{Wrk, WrkParams};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{Roles, SecurityLevel};
use mpclab_sim::{Config, RunSeed, Simulation};

fn engine<P: Protocol>(criterion: &mut Criterion, params: &P::Params, name: &str) {
    let circuit = sha256_compression(Optimise::Size).unwrap();
    let ands = u64::from(circuit.counts().ands);
    let program = circuit_program(&circuit, 2).unwrap();
    let job = Arc::new(Job {
        function: "sha256".to_owned(),
        task: Task::Program(Arc::new(program)),
        roles: Roles::all(2),
        security: SecurityLevel { statistical: 40, ..SecurityLevel::default() },
    });
    let words = circuit.inputs().iter().map(|word| word.width as usize);
    let inputs: Vec<Inputs> =
        words.map(|len| Inputs::from([("in".to_owned(), vec![1; len])])).collect();
    let plan = P::compile(&job, params).unwrap();
    let mut group = criterion.benchmark_group("SHA-256 between two, both on one core");
    group.throughput(Throughput::Elements(ands)).sample_size(10);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            let config = Config::new(Network::constant(2, 1), RunSeed::new(1, 0));
            let mut simulation = Simulation::new(config);
            for ideal in P::ideals(&plan) {
                simulation = simulation.with_ideal(ideal);
            }
            let run = simulation.run(|ctx| {
                let input = inputs.get(ctx.id().index()).cloned().unwrap_or_default();
                Box::pin(P::run(ctx, Arc::clone(&plan), input))
            });
            assert!(run.is_complete());
        });
    });
    group.finish();
}

fn engines(criterion: &mut Criterion) {
    for width in [Width::Two, Width::Four] {
        let ot = OtParams { width, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        let name = |engine: &str| format!("{engine}, k={}", width.bits());
        engine::<Wrk>(criterion, &WrkParams { ot }, &name("wrk"));
        let params = TinyOtParams { ot, optimise: Optimise::Size };
        engine::<TinyOt>(criterion, &params, &name("tinyot"));
    }
}

criterion_group!(benches, engines);
criterion_main!(benches);
