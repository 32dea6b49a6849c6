//! Throughput of the kernels that protocols spend their time in; one element is one unit.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpclab_protocols::algebra::slices::Public;
use mpclab_protocols::algebra::{
    BinaryRing, Bits, M61, P128, Ring, Z64, Z128, bits, shamir, slices,
};
use mpclab_protocols::primitives::Prg;

const LEN: usize = 4096;

fn prg() -> Prg {
    Prg::new([1; 32], b"bench")
}

fn ring<R: Ring>(criterion: &mut Criterion) {
    let mut rng = prg();
    let [a0, a1, b0, b1] = [(); 4].map(|()| rng.elements::<R>(LEN));
    let mut group = criterion.benchmark_group(R::NAME);
    group.throughput(Throughput::Elements(LEN as u64));
    let mut target = a0.clone();
    group.bench_function("add_assign", |b| {
        b.iter(|| slices::add_assign(black_box(&mut target), black_box(&b0)));
    });
    group.bench_function("sub_assign", |b| {
        b.iter(|| slices::sub_assign(black_box(&mut target), black_box(&b0)));
    });
    group.bench_function("mul_assign", |b| {
        b.iter(|| slices::mul_assign(black_box(&mut target), black_box(&b0)));
    });
    group.bench_function("mul", |b| b.iter(|| slices::mul(black_box(&a0), black_box(&b0))));
    group.bench_function("dot", |b| b.iter(|| slices::dot(black_box(&a0), black_box(&b0))));
    group.bench_function("replicated_product", |b| {
        b.iter(|| slices::replicated_product(black_box([&a0, &a1]), black_box([&b0, &b1])));
    });
    let (triples, opened) = ([&a0[..], &a1, &b1].concat(), [&b0[..], &a1].concat());
    group.bench_function("beaver_product", |b| {
        b.iter(|| slices::beaver_product(black_box(&triples), black_box(&opened), Public::All));
    });
    let rows: Vec<&[R]> = vec![&a0, &a1, &b0, &b1, &a0];
    group.bench_function("linear_combination_of_5", |b| {
        b.iter(|| slices::linear_combination(black_box(&a0[..5]), black_box(&rows)));
    });
    group.bench_function("random_vec", |b| b.iter(|| rng.elements::<R>(LEN)));
    group.finish();
}

fn planes<R: BinaryRing>(criterion: &mut Criterion) {
    let values = prg().elements::<R>(LEN);
    let planes = bits::to_planes(&values, R::BITS);
    let mut group = criterion.benchmark_group(format!("{}/planes", R::NAME));
    group.throughput(Throughput::Elements(LEN as u64));
    group.bench_function("to_planes", |b| b.iter(|| bits::to_planes(black_box(&values), R::BITS)));
    group.bench_function("from_planes", |b| b.iter(|| bits::from_planes::<R>(black_box(&planes))));
    group.finish();
}

fn other(criterion: &mut Criterion) {
    let mut rng = prg();
    let mut group = criterion.benchmark_group("other");
    let secrets = rng.elements::<M61>(LEN);
    group.throughput(Throughput::Elements(LEN as u64));
    group.bench_function("m61/shamir/share t=2 n=5", |b| {
        b.iter(|| shamir::share(black_box(&secrets), 2, 5, &mut rng));
    });
    let len = 64 * LEN;
    let [a, b, c, d] = [(); 4].map(|()| rng.bits(len));
    group.throughput(Throughput::Elements(LEN as u64));
    group.bench_function("bits/replicated_and (per word)", |bench| {
        bench.iter(|| Bits::replicated_and(black_box([&a, &b]), black_box([&c, &d])));
    });
    group.bench_function("bits/slice at an odd offset (per word)", |bench| {
        bench.iter(|| black_box(&a).slice(3..len - 1));
    });
    group.throughput(Throughput::Bytes(len as u64 / 8));
    group.bench_function("prg/bits", |bench| bench.iter(|| rng.bits(len)));
    group.finish();
}

fn all(criterion: &mut Criterion) {
    ring::<M61>(criterion);
    ring::<P128>(criterion);
    ring::<Z64>(criterion);
    ring::<Z128>(criterion);
    planes::<Z64>(criterion);
    planes::<Z128>(criterion);
    other(criterion);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .sample_size(10);
    targets = all
}
criterion_main!(benches);
