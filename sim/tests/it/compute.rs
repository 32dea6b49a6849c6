//! Rule 9 (compute).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mpclab_sim::compute::{Compute, CpuClock, Price, Profile};
use mpclab_sim::vocabulary::{Op, Phase};
use mpclab_sim::{Charged, End, FRAME_HEADER_BYTES, handling, work};

use crate::helpers::{MS, P0, P1, config, run};

pub(crate) fn op(key: &'static str) -> Op {
    Op { key, unit: "unit", parallel: false, work: None }
}

/// One op has a price, and handling messages is free.
fn profile(key: &str, unit_ps: u64, cores: u32) -> Profile {
    let free = handling::OPS.iter().map(|op| (op.key.to_owned(), Price::default()));
    let price = Price { call_ps: 0, unit_ps };
    let prices = free.chain([(key.to_owned(), price)]).collect();
    Profile { name: "test".to_owned(), prices, cores }
}

pub(crate) fn priced(key: &str, price_ps: u64) -> Compute {
    Compute::Profile(Arc::new(profile(key, price_ps, 1)))
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
    assert_eq!(out.metrics.parties[0].ops["mul"], Charged { calls: 1000, units: 1000 });
}

#[test]
fn cores_share_only_parallel_ops() {
    let spent = |parallel| {
        let mut config = config(2, MS);
        config.compute = Compute::Profile(Arc::new(profile("mul", 8_000, 4)));
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

/// Such a clock that knows what a look takes.
struct Known(Ticks);

impl CpuClock for Known {
    fn thread_ns(&self) -> u64 {
        self.0.thread_ns()
    }

    fn look_ns(&self) -> u64 {
        MS
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
    // Send, receive, end of the first poll, look at the clock, end.
    assert_eq!(first.segments_ns[0].len(), 5);
    assert!(first.times.total_ns > 10 * MS);
    let mut replayed = config(2, 10 * MS);
    replayed.compute = Compute::Replay(Arc::new(first.segments_ns.clone()));
    let second = run(replayed, ping);
    assert_eq!(first.times, second.times);
    assert_eq!(first.digests, second.digests);
}

/// What a look takes is in no segment; these hold nothing else. The last two are of two turns each:
/// the party goes on once more when what it read, or its clock, was told.
#[test]
fn looks_at_the_clock_are_nobodys_work() {
    let segments = |clock: Arc<dyn CpuClock>| {
        let mut measured = config(2, 10 * MS);
        measured.compute = Compute::Measured(clock);
        run(measured, ping).segments_ns[0].clone()
    };
    let with_looks = segments(Arc::new(Ticks(AtomicU64::new(0))));
    let without = segments(Arc::new(Known(Ticks(AtomicU64::new(0)))));
    assert_eq!(with_looks, [MS, MS, MS, 2 * MS, 2 * MS]);
    assert_eq!(without, [0; 5]);
}

#[test]
fn the_kernel_charges_messages_where_they_are_sent_and_read() {
    let price = |call_ps, unit_ps| Price { call_ps, unit_ps };
    let prices = [
        (handling::ENCODE, price(1_000, 10)),
        (handling::DECODE, price(2_000, 20)),
        (handling::SEND, price(300_000, 1_000)),
        (handling::RECEIVE, price(400_000, 2_000)),
    ];
    let prices = prices.into_iter().map(|(op, price)| (op.key.to_owned(), price)).collect();
    let profile = Profile { name: "test".to_owned(), prices, cores: 1 };
    let mut config = config(3, MS);
    config.compute = Compute::Profile(Arc::new(profile));
    let out = run(config, |ctx| async move {
        let told = ctx.scope("offline").scope("told");
        if ctx.id() == P0 {
            told.broadcast(&vec![0u8; 100]);
            return Ok(ctx.clock_ns());
        }
        told.recv::<Vec<u8>>(P0, 100).await?;
        Ok(ctx.clock_ns())
    });
    let frame = 100 + FRAME_HEADER_BYTES;
    // One encoding for both receivers, and each has a departure of its own.
    let (encoded, sent) = (1 + 1, 300 + frame);
    let read = (400 + 2 * frame) + (2 + 2);
    let clocks: Vec<u64> = out.outputs().map(|(_, clock)| *clock).collect();
    assert_eq!(clocks[0], encoded + 2 * sent);
    assert_eq!(clocks[1], encoded + sent + MS + read);
    assert_eq!(clocks[2], encoded + 2 * sent + MS + read);
    let ops = &out.metrics.parties[0].ops;
    assert_eq!(ops["wire.encode"], Charged { calls: 1, units: 100 });
    assert_eq!(ops["net.send"], Charged { calls: 2, units: 2 * frame });
    let ops = &out.metrics.parties[1].ops;
    assert_eq!(ops["net.receive"], Charged { calls: 1, units: frame });
    assert_eq!(ops["wire.decode"], Charged { calls: 1, units: 100 });
    let told = out.metrics.scopes.iter().find(|row| row.path == "offline/told").expect("told");
    assert_eq!(told.sum.compute_ps, 1000 * (encoded + 2 * sent + 2 * read));
    let offline = out.metrics.parties[1].phases[Phase::Offline.index()];
    assert_eq!(offline.compute_ps, 1000 * read);
}

/// A clock that stands still but for what the code says it does.
#[derive(Default)]
struct Work(AtomicU64);

impl Work {
    fn takes(&self, ns: u64) {
        self.0.fetch_add(ns, Ordering::Relaxed);
    }
}

impl CpuClock for Work {
    fn thread_ns(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Work between sends and receives is booked where it was done, not where the next one is.
#[test]
fn measured_work_is_booked_to_its_scope_and_phase() {
    let clock = Arc::new(Work::default());
    let mut config = config(2, MS);
    config.compute = Compute::Measured(Arc::clone(&clock) as Arc<dyn CpuClock>);
    let out = run(config, move |ctx| {
        let clock = Arc::clone(&clock);
        async move {
            let peer = if ctx.id() == P0 { P1 } else { P0 };
            let exchange = async |ctx: &mpclab_sim::Ctx| {
                ctx.send(peer, &vec![1u8]);
                ctx.recv::<Vec<u8>>(peer, 1).await
            };
            let offline = ctx.scope("offline");
            {
                let deal = offline.scope("deal");
                clock.takes(1);
                exchange(&deal).await?;
                clock.takes(10); // after the last message, still in its scope
            }
            clock.takes(100); // after the scope, in the one around it
            let online = ctx.scope("online");
            clock.takes(1_000); // input masking, before the first message online
            let input = online.scope("input");
            clock.takes(10_000);
            exchange(&input).await?;
            drop(input);
            let strand = |name: &'static str, first: u64, after: u64| {
                let (online, clock) = (&online, &clock);
                async move {
                    let scope = online.scope(name);
                    clock.takes(first);
                    exchange(&scope).await?;
                    clock.takes(after);
                    drop(scope);
                    Ok::<_, mpclab_sim::vocabulary::Abort>(())
                }
            };
            let both =
                online.join(strand("left", 1 << 20, 2 << 20), strand("right", 4 << 20, 8 << 20));
            let (left, right) = both.await;
            left.and(right)?;
            clock.takes(100_000);
            drop(online.scope("output"));
            Ok(())
        }
    });
    assert!(out.is_complete());
    let booked = |path: &str| {
        let row = out.metrics.scopes.iter().find(|row| row.path == path);
        row.map_or(0, |row| row.sum.compute_ps / 1000) / 2
    };
    assert_eq!(booked("offline/deal"), 11);
    assert_eq!(booked("offline"), 100);
    assert_eq!(booked("online/input"), 10_000);
    assert_eq!(booked("online/left"), 3 << 20);
    assert_eq!(booked("online/right"), 12 << 20);
    assert_eq!(booked("online"), 101_000);
    let phase = |phase: Phase| out.metrics.phase(phase).compute_ps / 2000;
    assert_eq!(phase(Phase::Offline), 111);
    assert_eq!(phase(Phase::Online), 111_000 + (15 << 20));
    // Time follows: the offline phase lasts a message and what was done in it.
    let offline_ns = out.times.phase_ns[Phase::Offline.index()];
    assert_eq!(offline_ns, MS + 111);
}

/// What primitives count is charged in the scope and phase in which it was done.
#[test]
fn work_that_primitives_count_is_charged_where_it_was_done() {
    let mut config = config(2, MS);
    config.compute = priced("mul", 1_000);
    work::did(op("mul"), 1 << 30); // nobody's: no party runs
    let out = run(config, |ctx| async move {
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        let offline = ctx.scope("offline");
        offline.send(peer, &vec![1u8]);
        offline.recv::<Vec<u8>>(peer, 1).await?;
        work::did(op("mul"), 100);
        let online = ctx.scope("online");
        work::did_calls(op("mul"), 3, 1_000);
        work::apart(|| work::did(op("mul"), 1 << 40));
        online.tap("checked", || work::did(op("mul"), 1 << 40));
        Ok(ctx.clock_ns())
    });
    let row = |path: &str| out.metrics.scopes.iter().find(|row| row.path == path);
    assert_eq!(row("offline").map(|row| row.sum.compute_ps), Some(2 * 100_000));
    assert_eq!(row("online").map(|row| row.sum.compute_ps), Some(2 * 1_000_000));
    let counted = Charged { calls: 4, units: 1_100 };
    assert!(out.metrics.parties.iter().all(|party| party.ops["mul"] == counted));
    // The clock is that of all that was done before.
    assert!(out.outputs().all(|(_, clock_ns)| *clock_ns == MS + 1_100));
    assert_eq!(out.metrics.phase(Phase::Offline).compute_ps, 200_000);
}
