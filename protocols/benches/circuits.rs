//! Circuits of 10^7 gates: reading, ordering by layers, evaluation; and building two known ones.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use mpclab_protocols::algebra::Bits;
use mpclab_protocols::circuit::{Circuit, Gate, InputWord, Interactive, Layered, OutputWord};
use mpclab_protocols::circuit::{Optimise, aes, bristol, sha256};

const GATES: u32 = 10_000_000;

/// Every third gate is an AND; operands lie up to 10^5 wires back.
fn large() -> Circuit {
    let inputs = 1_000;
    let mut state = 1_u64;
    let mut gates = Vec::with_capacity(GATES as usize);
    for index in 0..GATES {
        let wires = inputs + index;
        let mut back = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            wires - 1 - (state >> 33) as u32 % wires.min(100_000)
        };
        gates.push(match index % 3 {
            0 => Gate::And(back(), back()),
            _ => Gate::Xor(back(), back()),
        });
    }
    let name = |name: &str| name.to_owned();
    let input = InputWord { name: name("in0"), width: inputs };
    let last = (inputs + GATES - 32..inputs + GATES).collect();
    let output = OutputWord { name: name("out0"), wires: last };
    Circuit::new(vec![input], gates, vec![output]).expect("a circuit")
}

fn circuits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("circuit");
    group.sample_size(10).measurement_time(Duration::from_secs(1));
    let circuit = large();
    for instances in [1, 64] {
        let inputs = Bits::ones(circuit.input_wires() as usize * instances);
        group.bench_function(format!("evaluate 10^7 x {instances}"), |b| {
            b.iter(|| black_box(&circuit).evaluate(&inputs, instances));
        });
    }
    group.bench_function("layers 10^7", |b| {
        b.iter(|| Layered::new(black_box(&circuit).clone(), Interactive::And).depth());
    });
    let layered = Layered::new(circuit.clone(), Interactive::And);
    group.bench_function(format!("walk 10^7 in {} layers", layered.depth()), |b| {
        b.iter(|| layered.evaluate(Bits::ones(1_000), 1));
    });
    let mut text = Vec::new();
    bristol::write(&circuit, &mut text).expect("memory can be written");
    group.bench_function("read 10^7", |b| b.iter(|| bristol::read(&text[..]).is_ok()));
    group.bench_function("write 10^7", |b| {
        // Not to a sink, which would not even format what it is given.
        b.iter(|| {
            text.clear();
            bristol::write(&circuit, &mut text).is_ok()
        });
    });
    group.bench_function("build aes128", |b| b.iter(aes::aes128));
    group.bench_function("build sha256", |b| {
        b.iter(|| sha256::sha256_compression(Optimise::Size));
    });
    group.finish();
}

criterion_group!(benches, circuits);
criterion_main!(benches);
