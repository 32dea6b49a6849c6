//! Rule 9 (compute).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mpclab_sim::End;
use mpclab_sim::compute::{Compute, CpuClock, Profile};
use mpclab_sim::vocabulary::Op;

use crate::helpers::{MS, P0, P1, config, run};

pub(crate) fn op(key: &'static str) -> Op {
    Op { key, unit: "unit", parallel: false, calibrate: |_| {} }
}

pub(crate) fn priced(key: &str, price_ps: u64) -> Compute {
    let price_ps = BTreeMap::from([(key.to_owned(), price_ps)]);
    Compute::Profile(Arc::new(Profile { name: "test".to_owned(), price_ps, cores: 1 }))
}

#[test]
fn charges_add_up_below_a_nanosecond() {
    let mut config = config(2, MS);
    config.compute = priced("mul", 770);
    let out = run(config, |ctx| async move {
        for _ in 0..1000 {
            ctx.charge(op("mul"), 1);
        }
        Ok(ctx.clock_ns())
    });
    assert_eq!(out.outputs().next(), Some((P0, &770)));
    assert_eq!(out.metrics.parties[0].total().compute_ps, 770_000);
    assert_eq!(out.metrics.parties[0].ops["mul"], 1000);
}

#[test]
fn cores_share_only_parallel_ops() {
    let spent = |parallel| {
        let mut config = config(2, MS);
        let price_ps = BTreeMap::from([("mul".to_owned(), 8_000)]);
        config.compute =
            Compute::Profile(Arc::new(Profile { name: "test".to_owned(), price_ps, cores: 4 }));
        let out = run(config, move |ctx| async move {
            ctx.charge(Op { parallel, ..op("mul") }, 100);
            Ok(ctx.clock_ns())
        });
        *out.outputs().next().expect("ends").1
    };
    assert_eq!((spent(false), spent(true)), (800, 200));
}

#[test]
fn a_slower_machine_takes_longer_and_others_do_not() {
    let mut config = config(2, MS);
    config.compute = priced("mul", 1_000);
    config.slowdown_permille = BTreeMap::from([(P1, 2_500)]);
    let out = run(config, |ctx| async move {
        ctx.charge(op("mul"), 1000);
        Ok(ctx.clock_ns())
    });
    let clocks: Vec<u64> = out.outputs().map(|(_, clock)| *clock).collect();
    assert_eq!(clocks, [1_000, 2_500]);
    assert_eq!(out.metrics.parties[1].total().compute_ps, 2_500_000);
}

#[test]
fn an_op_without_a_price_ends_the_run_by_name() {
    let mut config = config(2, MS);
    config.compute = priced("mul", 1);
    let out = run(config, |ctx| async move {
        ctx.charge(op("hash"), 1);
        Ok(0)
    });
    assert!(matches!(&out.end, End::Bug(what) if what.contains("no price for hash")));
}

#[test]
fn charges_without_measure_end_by_the_limit_of_virtual_time() {
    let mut config = config(2, MS);
    config.compute = priced("mul", u64::MAX / 2);
    let out = run(config, |ctx| async move {
        for _ in 0..10_000 {
            ctx.charge(op("mul"), u64::MAX);
        }
        ctx.send(if ctx.id() == P0 { P1 } else { P0 }, &vec![1u8]);
        Ok(0)
    });
    assert_eq!(out.end, End::Limit("virtual time".to_owned()));
}

/// A clock that advances by 1 ms at each look.
struct Ticks(AtomicU64);

impl CpuClock for Ticks {
    fn thread_ns(&self) -> u64 {
        self.0.fetch_add(MS, Ordering::Relaxed)
    }
}

async fn ping(ctx: mpclab_sim::Ctx) -> Result<u64, mpclab_sim::vocabulary::Abort> {
    let peer = if ctx.id() == P0 { P1 } else { P0 };
    ctx.send(peer, &vec![1u8]);
    ctx.recv::<Vec<u8>>(peer, 1).await?;
    Ok(ctx.clock_ns())
}

/// Segments end at sends, receives and the ends of polls; a recording replays to the same times.
#[test]
fn measured_segments_replay_to_the_same_run() {
    let mut measured = config(2, 10 * MS);
    measured.compute = Compute::Measured(Arc::new(Ticks(AtomicU64::new(0))));
    let first = run(measured, ping);
    // send, receive, end of the first poll: 3 ms; the message left at 1 ms of its sender.
    assert_eq!(first.segments_ns[0].len(), 4);
    assert!(first.times.total_ns > 10 * MS);
    let mut replayed = config(2, 10 * MS);
    replayed.compute = Compute::Replay(Arc::new(first.segments_ns.clone()));
    let second = run(replayed, ping);
    assert_eq!(first.times, second.times);
    assert_eq!(first.digests, second.digests);
}
