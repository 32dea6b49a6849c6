//! What is taken down of a run, and the critical path through it.

use std::time::Duration;

use mpclab_sim::adversary::{Script, Scripted};
use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::trace::{Cause, Trace, Woken};
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Config, Ctx, Run, RunSeed, Simulation};

use crate::compute::{op, priced};
use crate::helpers::{MS, P0, P1, P2, chatter, config, jittery, network, run};

fn traced(config: &mut Config) {
    config.trace_messages = 10_000;
}

fn trace<T>(run: &Run<T>) -> &Trace {
    run.trace.as_ref().expect("a trace")
}

/// Without a gap from 0 to the run's time; blocked and busy times fill every node's life.
fn adds_up<T>(run: &Run<T>) {
    let trace = trace(run);
    let mut at_ns = 0;
    for stretch in trace.critical_path() {
        assert_eq!(stretch.from_ns, at_ns, "{stretch:?}");
        at_ns = stretch.until_ns;
    }
    assert_eq!(at_ns, run.times.total_ns);
    let parts: u64 = trace.critical_parts().iter().map(|part| part.time_ns).sum();
    assert_eq!(parts, run.times.total_ns);
    for node in trace.nodes.iter().filter(|node| !node.is_corrupted) {
        let busy: u64 = node.work.iter().map(|work| work.until_ns - work.from_ns).sum();
        let blocked: u64 = trace.blocked(node.node).iter().map(|(_, time_ns)| time_ns).sum();
        assert!(busy + blocked <= node.end_ns, "{}: {busy} + {blocked}", node.node);
    }
}

/// Party 0 works 3 ms, sends 1000 bytes; party 1 works 2 ms and answers; party 2 looks on.
async fn ping_pong(ctx: Ctx) -> Result<u64, Abort> {
    let (ask, answer) = (ctx.scope("ask"), ctx.scope(("answer", 4)));
    if ctx.id() == P0 {
        ask.charge(op("work"), 3);
        ask.send(P1, &vec![0u8; 1000]);
        answer.recv::<Vec<u8>>(P1, 1).await?;
    } else if ctx.id() == P1 {
        ask.recv::<Vec<u8>>(P0, 1000).await?;
        answer.charge(op("work"), 2);
        answer.send(P0, &vec![1u8]);
    }
    Ok(0)
}

#[test]
fn a_path_is_split_into_its_causes() {
    let mut config = config(3, 10 * MS);
    traced(&mut config);
    config.compute = priced("work", 1_000_000_000);
    let out = run(config.clone(), ping_pong);
    adds_up(&out);
    let told: Vec<_> = trace(&out)
        .critical_parts()
        .into_iter()
        .map(|part| {
            (part.cause, part.party, part.to, part.scope, part.time_ns / MS, part.stretches)
        })
        .collect();
    let ask = "ask".to_owned();
    let answer = "answer".to_owned();
    let expected = [
        (Cause::Propagation, P0, Some(P1), ask.clone(), 10, 1),
        (Cause::Propagation, P1, Some(P0), answer.clone(), 10, 1),
        (Cause::Compute, P0, None, ask, 3, 1),
        (Cause::Compute, P1, None, answer, 2, 1),
    ];
    assert_eq!(told, expected);
    assert_eq!(trace(&out).blocked(P0), [(Some(P1), 22 * MS)]);
    assert_eq!(trace(&out).blocked(P1), [(Some(P0), 13 * MS)]);
    assert!(trace(&out).blocked(P2).is_empty());
    let scopes: Vec<&str> = trace(&out).scopes.iter().map(|s| s.path.as_str()).collect();
    assert!(scopes.contains(&"ask") && scopes.contains(&"answer[4]"), "{scopes:?}");

    // A link of 1 Mbit/s: 1000 bytes and their frame take that long, and nothing waits.
    network(&mut config).uplink_bps = vec![Some(1_000_000); 3];
    let out = run(config, ping_pong);
    adds_up(&out);
    let of = |cause| {
        let parts = trace(&out).critical_parts();
        parts.iter().filter(|part| part.cause == cause).map(|part| part.time_ns).sum::<u64>()
    };
    assert_eq!(of(Cause::Propagation), 20 * MS);
    assert_eq!(of(Cause::Compute), 5 * MS);
    let bytes: u64 =
        trace(&out).messages.iter().filter(|m| !m.is_close).map(|m| m.wire_bytes).sum();
    assert_eq!(of(Cause::Serialisation), bytes * 8_000);
    assert_eq!(of(Cause::Queueing), 0);
}

#[test]
fn what_shares_a_capacity_queues() {
    let mut config = config(3, MS);
    traced(&mut config);
    network(&mut config).uplink_bps = vec![Some(8_000_000); 3];
    let out = run(config, |ctx: Ctx| async move {
        if ctx.id() == P0 {
            ctx.broadcast(&vec![0u8; 10_000]);
        } else {
            ctx.recv::<Vec<u8>>(P0, 10_000).await?;
        }
        Ok(0)
    });
    adds_up(&out);
    let parts = trace(&out).critical_parts();
    let of = |cause| parts.iter().find(|part| part.cause == cause).map_or(0, |part| part.time_ns);
    let (alone, waits) = (of(Cause::Serialisation), of(Cause::Queueing));
    assert!(alone > 10 * MS && waits.abs_diff(alone) < alone / 100, "{alone} and {waits}");
}

#[test]
fn deadlines_are_waited_for() {
    let mut config = config(3, 10 * MS);
    traced(&mut config);
    config.faults = vec![Fault { party: P2, at_ns: 0, kind: FaultKind::Crash(CrashKind::Host) }];
    let out = run(config, |ctx: Ctx| async move {
        ctx.broadcast(&vec![1u8]);
        let got = ctx.gather_until::<Vec<u8>>(1, 2, Duration::from_millis(35)).await;
        Ok(got.values().filter(|got| got.is_ok()).count() as u64)
    });
    adds_up(&out);
    let parts = trace(&out).critical_parts();
    assert_eq!((parts[0].cause, parts[0].time_ns), (Cause::Waiting, 35 * MS), "{parts:?}");
    let idle = trace(&out).nodes[0].idle.last().expect("it waited");
    assert_eq!(idle.ended_by, Woken::Timer);
}

#[test]
fn pauses_are_down_time() {
    let mut config = config(3, 10 * MS);
    traced(&mut config);
    config.compute = priced("work", 1_000_000_000);
    // Party 1 gets its message at 13 ms.
    config.faults =
        vec![Fault { party: P1, at_ns: 5 * MS, kind: FaultKind::Pause { until_ns: 40 * MS } }];
    let out = run(config, ping_pong);
    adds_up(&out);
    let parts = trace(&out).critical_parts();
    let down = parts.iter().find(|part| part.cause == Cause::Down).expect("down");
    assert_eq!((down.party, down.time_ns), (P1, 27 * MS));
    assert_eq!(out.times.total_ns, 52 * MS);
}

#[test]
fn every_path_adds_up() {
    for n in [2, 3, 6] {
        for seed in 0..30 {
            let mut config = config(n, MS);
            config.network = jittery(n).into();
            config.seed = RunSeed::new(seed, 0);
            traced(&mut config);
            if seed % 2 == 1 {
                network(&mut config).uplink_bps = vec![Some(3_000_000); n];
                network(&mut config).downlink_bps = vec![Some(1_000_000); n];
            }
            config.compute = priced("work", 700_000_000);
            let kind = match seed % 4 {
                0 => FaultKind::Pause { until_ns: 9 * MS },
                1 => FaultKind::Crash(CrashKind::Process),
                2 => FaultKind::Restart { up_at_ns: 6 * MS },
                _ => FaultKind::Crash(CrashKind::Host),
            };
            if seed >= 10 {
                let at_ns = 1 + seed * MS / 4;
                config.faults = vec![Fault { party: PartyId(1), at_ns, kind }];
            }
            let busy = |ctx: Ctx| async move {
                ctx.scope("offline").charge(op("work"), u64::from(ctx.id().0));
                chatter(ctx).await
            };
            let out = run(config.clone(), busy);
            adds_up(&out);
            config.trace_messages = 0;
            let untraced = run(config.clone(), busy);
            assert_eq!(out.digests, untraced.digests);
            assert!(untraced.trace.is_none());
        }
    }
}

#[test]
fn a_coalition_that_rushes_holds_messages_back() {
    let mut config = config(3, 10 * MS);
    traced(&mut config);
    let script = Script { is_rushing: true, ..Script::default() };
    let adversary = Scripted::new(vec![P1], script, &RunSeed::new(1, 0));
    let out = Simulation::new(config).with_adversary(Box::new(adversary)).run(|ctx| {
        Box::pin(async move {
            for _ in 0..3 {
                ctx.broadcast(&vec![ctx.id().0 as u8]);
                ctx.gather::<Vec<u8>>(1).await?;
            }
            Ok(0u64)
        })
    });
    assert!(out.is_complete());
    adds_up(&out);
    let parts = trace(&out).critical_parts();
    let held = parts.iter().find(|part| part.cause == Cause::Held);
    assert!(held.is_some_and(|part| part.party == P1), "{parts:?}");
}

#[test]
fn a_run_that_is_too_long_has_no_trace() {
    let mut config = config(3, MS);
    config.trace_messages = 5;
    assert!(run(config.clone(), chatter).trace.is_none());
    // Few messages, and many stretches of work.
    config.trace_messages = 12;
    config.compute = priced("work", 1_000_000);
    let busy = |ctx: Ctx| async move {
        for at in 0..100 {
            ctx.scope(("scope", at)).charge(op("work"), 1);
        }
        Ok(0u64)
    };
    assert!(run(config.clone(), busy).trace.is_none());
    config.trace_messages = 100;
    assert!(run(config, busy).trace.is_some());
}
