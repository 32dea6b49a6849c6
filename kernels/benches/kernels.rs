//! Throughput of every kernel at every level; `portable` is what the crate `aes` alone gives.

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mpclab_kernels::aes::{Aes128, AesPrg, encrypt_each};
use mpclab_kernels::half_gates::{evaluate_ands, garble_ands};
use mpclab_kernels::hash::{mmo, tccr, tccr_pairs, tmmo};
use mpclab_kernels::local_code::LocalCode;
use mpclab_kernels::matrix::transpose_rows;
use mpclab_kernels::small_field::{VoleReceiver, VoleSender};
use mpclab_kernels::{Block, Level, Tweak, gf128, ggm, xor_into};

/// Blocks of a batch: 128 KiB.
const LEN: usize = 8192;
/// OTs of an extension, and of a part of it that stays in cache.
const OTS: usize = 1 << 20;
const PART: usize = 8192;

fn blocks(seed: u128, len: usize) -> Vec<Block> {
    let mut blocks = vec![Block::ZERO; len];
    AesPrg::new(Block::from_u128(seed)).fill_blocks(&mut blocks);
    blocks
}

/// Measures `f` at every level; units per second.
fn at_levels<S>(
    criterion: &mut Criterion,
    name: &str,
    units: usize,
    setup: impl Fn() -> S,
    f: impl Fn(&mut S),
) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(units as u64));
    for level in Level::available() {
        group.bench_function(BenchmarkId::from_parameter(level.name()), |bencher| {
            level.run(|| {
                let mut state = setup();
                bencher.iter(|| f(black_box(&mut state)));
            });
        });
    }
    group.finish();
}

fn ciphers(criterion: &mut Criterion) {
    let pi = || Aes128::new(Block::ONES);
    let data = || (pi(), blocks(1, LEN));
    at_levels(
        criterion,
        "aes/stream",
        LEN,
        || (AesPrg::new(Block::ONES), blocks(1, LEN)),
        |s| {
            s.0.fill_blocks(&mut s.1);
        },
    );
    at_levels(criterion, "aes/fixed_key", LEN, data, |s| s.0.encrypt(&mut s.1));
    let each = || (blocks(1, LEN), blocks(2, LEN));
    at_levels(criterion, "aes/key_per_block", LEN, each, |s| {
        encrypt_each(&s.0, &mut s.1);
    });
    at_levels(criterion, "hash/mmo", LEN, data, |s| mmo(&s.0, &mut s.1));
    at_levels(criterion, "hash/tmmo", LEN, data, |s| tmmo(&s.0, Tweak::default(), &mut s.1));
    at_levels(criterion, "hash/tccr", LEN, data, |s| {
        tccr(Tweak::default(), &mut s.1);
    });
    at_levels(criterion, "hash/tccr_pairs", LEN, data, |s| {
        tccr_pairs(Tweak::default(), s.1.as_chunks_mut().0);
    });
}

fn algebra(criterion: &mut Criterion) {
    let two = || (blocks(1, LEN), blocks(2, LEN));
    at_levels(criterion, "matrix/transpose", LEN, two, |s| transpose_rows(&s.0, &mut s.1));
    at_levels(criterion, "gf128/inner_product", LEN, two, |s| {
        black_box(gf128::inner_product(&s.0, &s.1));
    });
    at_levels(criterion, "gf128/mul", 1, two, |s| {
        s.0[0] = gf128::mul(s.0[0], s.1[0]);
    });
}

fn gates(criterion: &mut Criterion) {
    const ANDS: usize = 10_000;
    let gates = || {
        let inputs: Vec<[Block; 2]> = blocks(1, 2 * ANDS).as_chunks().0.to_vec();
        (inputs, vec![[Block::ZERO; 2]; ANDS], vec![Block::ZERO; ANDS])
    };
    at_levels(criterion, "half_gates/garble", ANDS, gates, |s| {
        garble_ands(Block::ONES, Tweak::default(), &s.0, &mut s.1, &mut s.2);
    });
    at_levels(criterion, "half_gates/evaluate", ANDS, gates, |s| {
        evaluate_ands(Tweak::default(), &s.0, &s.1, &mut s.2);
    });
}

/// What parties of an extension keep: 128 / k fields, a part of the rows, of the corrections that
/// are sent, and of the columns.
struct Extension<F> {
    fields: Vec<F>,
    bits: usize,
    rows: Vec<Block>,
    corrections: Vec<Block>,
    columns: Vec<Block>,
}

fn extension<F>(bits: usize, field: impl Fn(&[Block]) -> F) -> Extension<F> {
    let fields = (0..128 / bits).map(|i| field(&blocks(i as u128, 1 << bits))).collect();
    let [rows, corrections, columns] = [(); 3].map(|()| blocks(9, PART));
    Extension { fields, bits, rows, corrections, columns }
}

/// What IKNP cannot be faster than: its streams, one or two for each row, and the transposition.
fn limits(criterion: &mut Criterion) {
    for (name, streams) in [("ot/sender/limit", 1), ("ot/receiver/limit", 2)] {
        let new = || {
            let prgs: Vec<AesPrg> = blocks(1, 128 * streams).into_iter().map(AesPrg::new).collect();
            (prgs, blocks(2, PART * streams), blocks(3, PART))
        };
        at_levels(criterion, name, OTS, new, |(prgs, rows, columns)| {
            for _ in 0..OTS / PART {
                for (prg, row) in prgs.iter_mut().zip(rows.chunks_mut(PART / 128)) {
                    prg.fill_blocks(row);
                }
                transpose_rows(&rows[..PART], columns);
            }
        });
    }
}

fn extensions(criterion: &mut Criterion) {
    let width = PART / 128;
    for bits in [1, 2, 4, 8] {
        let new = || extension(bits, VoleSender::new);
        at_levels(criterion, &format!("ot/receiver/k={bits}"), OTS, new, |s| {
            for _ in 0..OTS / PART {
                let choices = s.columns[..width].to_vec();
                let rows = s.rows.chunks_mut(s.bits * width);
                let corrections = s.corrections.chunks_mut(width);
                for ((field, rows), corrections) in s.fields.iter_mut().zip(rows).zip(corrections) {
                    field.extend(corrections, rows);
                    xor_into(corrections, &choices);
                }
                transpose_rows(&s.rows, &mut s.columns);
            }
        });
        let new = || extension(bits, |seeds| VoleReceiver::new(1, seeds));
        at_levels(criterion, &format!("ot/sender/k={bits}"), OTS, new, |s| {
            for _ in 0..OTS / PART {
                let rows = s.rows.chunks_mut(s.bits * width);
                let corrections = s.corrections.chunks(width);
                for ((field, rows), corrections) in s.fields.iter_mut().zip(rows).zip(corrections) {
                    field.extend(rows);
                    xor_into(&mut rows[..width], corrections);
                }
                transpose_rows(&s.rows, &mut s.columns);
            }
        });
    }
}

/// What either end of silent OT extension does for each transfer: leaves, and rows of the code at the
/// size of Ferret's largest set, whose secret no core's own cache holds.
fn silent(criterion: &mut Criterion) {
    const DEPTH: usize = 13;
    const DIMENSION: usize = 589_760;
    let tweak = Tweak::default();
    let leaves = || vec![Block::ZERO; 1 << DEPTH];
    at_levels(criterion, "ggm/expand", 1 << DEPTH, leaves, |leaves| {
        black_box(ggm::expand_into(Block::ONES, tweak, leaves));
    });
    at_levels(criterion, "ggm/expand_punctured", 1 << DEPTH, leaves, |leaves| {
        let sums = [Block::ONES; DEPTH];
        ggm::expand_punctured_into((77, Some(Block::ONES)), &sums, tweak, leaves);
    });
    let code = || {
        let bits = vec![0x5555_u64; DIMENSION.div_ceil(64)];
        let rows = (blocks(2, OTS), vec![0; OTS / 64]);
        (LocalCode::new(Block::ONES, DIMENSION), blocks(1, DIMENSION), bits, rows)
    };
    at_levels(criterion, "local_code/blocks", OTS, code, |(code, secret, _, (rows, _))| {
        code.add(secret, rows);
    });
    at_levels(criterion, "local_code/with_bits", OTS, code, |(code, secret, bits, rows)| {
        code.add_with_bits((secret, bits), (&mut rows.0, &mut rows.1));
    });
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
}

criterion_group! {
    name = kernels;
    config = config();
    targets = ciphers, algebra, gates, limits, extensions, silent
}
criterion_main!(kernels);
