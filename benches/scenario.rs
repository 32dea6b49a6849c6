//! A whole scenario through the library: the smoke auction on a LAN, one repetition of each of its
//! protocols, from the prepared plan to judged records. Files are read before the clock starts, and
//! none is written.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use mpclab::reports::record::Outcome;
use mpclab::runner::{Prepared, prepare, run_one};

const AUCTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/smoke/auction.yaml");

fn prepared(registry: &mpclab::Registry) -> Prepared {
    let overrides =
        [("sweep", "{ network: [lan] }"), ("repetitions", "1")].map(|(k, v)| (k.into(), v.into()));
    mpclab::scenarios::plan(Path::new(AUCTION), &overrides, registry)
        .and_then(|plan| prepare(plan, registry))
        .unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

fn scenario(criterion: &mut Criterion) {
    let registry = mpclab::registry();
    let prepared = prepared(&registry);
    let mut group = criterion.benchmark_group("auction on a LAN");
    for cell in &prepared.cells {
        group.bench_function(&cell.cell.protocol.label, |bencher| {
            bencher.iter(|| {
                let record = run_one(&registry, &prepared, black_box(cell), 0, None);
                // A wrong answer has no price.
                assert_eq!(record.outcome, Outcome::Ok);
                record
            });
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("scenario");
    group.bench_function("auction on a LAN, all protocols", |bencher| {
        bencher.iter(|| {
            let runs = prepared.cells.iter();
            runs.map(|cell| run_one(&registry, &prepared, cell, 0, None)).collect::<Vec<_>>()
        });
    });
    group.finish();
}

criterion_group!(benches, scenario);
criterion_main!(benches);
