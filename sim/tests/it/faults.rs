//! Rule 3: crashes, pauses and restarts.

use std::time::Duration;

use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Config, Ctx, End, PartyEnd};
use rand::Rng;

use crate::compute::{op, priced};
use crate::helpers::{MS, P0, P1, P2, config, run};

fn with_fault(at_ns: u64, kind: FaultKind) -> Config {
    let mut config = config(2, 10 * MS);
    config.faults = vec![Fault { party: P0, at_ns, kind }];
    config
}

/// Sends at 0 ms and, after 5 ms of work, once more.
async fn talk(ctx: Ctx) -> Result<u64, Abort> {
    if ctx.id() == P0 {
        ctx.send(P1, &vec![1u8]);
        ctx.charge(op("work"), 1);
        ctx.send(P1, &vec![2u8]);
        return Ok(0);
    }
    ctx.recv::<Vec<u8>>(P0, 1).await?;
    ctx.recv::<Vec<u8>>(P0, 1).await?;
    Ok(ctx.clock_ns())
}

#[test]
fn a_crash_cancels_what_was_stamped_after_it() {
    let mut config = with_fault(3 * MS, FaultKind::Crash(CrashKind::Process));
    config.compute = priced("work", 5_000_000_000);
    let out = run(config, talk);
    assert_eq!(out.parties[0], (PartyEnd::Crashed, 3 * MS));
    let closed = Abort::Closed { from: P0, scope: "/".to_owned() };
    assert_eq!(out.parties[1].0, PartyEnd::Abort(closed), "the first message came, the second not");
    assert_eq!(out.parties[1].1, 13 * MS, "the close travels like a message");
}

#[test]
fn a_host_crash_is_silent() {
    let mut config = with_fault(3 * MS, FaultKind::Crash(CrashKind::Host));
    config.compute = priced("work", 5_000_000_000);
    let out = run(config, talk);
    let End::Stalled(waiting) = &out.end else { panic!("stalls: {:?}", out.end) };
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].party, waiting[0].from.as_slice()), (P1, [P0].as_slice()));
}

#[test]
fn a_pause_delays_what_would_have_left_during_it() {
    let mut config = with_fault(3 * MS, FaultKind::Pause { until_ns: 50 * MS });
    config.compute = priced("work", 5_000_000_000);
    let out = run(config, talk);
    assert!(out.is_complete());
    assert_eq!(out.outputs().nth(1), Some((P1, &(60 * MS))));
}

#[test]
fn a_restart_begins_anew_with_other_randomness() {
    let config = with_fault(5 * MS, FaultKind::Restart { up_at_ns: 20 * MS });
    let out = run(config, |ctx: Ctx| async move {
        let draw = ctx.rng().next_u64();
        if ctx.id() == P0 {
            ctx.send(P1, &draw.to_le_bytes());
            ctx.sleep(Duration::from_millis(30)).await;
            return Ok(draw);
        }
        let first = u64::from_le_bytes(ctx.recv::<[u8; 8]>(P0, ()).await?);
        let second = u64::from_le_bytes(ctx.recv::<[u8; 8]>(P0, ()).await?);
        assert_ne!(first, second, "never the same nonces");
        Ok(second)
    });
    assert!(out.is_complete() && out.restarted);
    let outputs: Vec<u64> = out.outputs().map(|(_, output)| *output).collect();
    assert_eq!(outputs[0], outputs[1]);
    assert_eq!(out.parties[0].1, 50 * MS);
}

#[test]
fn a_synchronous_receive_misses_after_delta() {
    let mut config = with_fault(0, FaultKind::Crash(CrashKind::Host));
    config.synchrony_ns = Some(40 * MS);
    let out = run(config, talk);
    let missing = Abort::Missing { from: P0, scope: "/".to_owned() };
    assert_eq!(out.parties[1], (PartyEnd::Abort(missing), 40 * MS));
}

/// Whatever party 1 ended before, during or shortly before the end of the time party 0 was down,
/// party 0 finds its channel closed: a machine that boots is told that nobody answers.
#[test]
fn a_restarted_party_sees_the_closes_that_it_missed() {
    for ends_at_ms in [2, 10, 38] {
        let mut config = with_fault(5 * MS, FaultKind::Restart { up_at_ns: 40 * MS });
        config.network = mpclab_sim::network::Network::constant(3, 10 * MS).into();
        let out = run(config, move |ctx: Ctx| async move {
            if ctx.id() == P1 {
                ctx.sleep(Duration::from_millis(ends_at_ms)).await;
                return Ok(0);
            }
            if ctx.id() == P2 {
                return ctx.recv::<Vec<u8>>(P0, 1).await.map(|_| 0);
            }
            let closed = ctx.recv::<Vec<u8>>(P1, 1).await;
            assert!(matches!(closed, Err(Abort::Closed { from: P1, .. })), "{closed:?}");
            ctx.send(P2, &vec![1u8]);
            Ok(ctx.clock_ns())
        });
        assert!(out.is_complete(), "{ends_at_ms}: {:?}", out.end);
        assert!(*out.outputs().next().expect("ends").1 <= 50 * MS);
    }
}

#[test]
fn a_crash_during_a_pause_cancels_what_the_pause_held_back() {
    let mut config = with_fault(3 * MS, FaultKind::Pause { until_ns: 50 * MS });
    let kind = FaultKind::Crash(CrashKind::Process);
    config.faults.push(Fault { party: P0, at_ns: 20 * MS, kind });
    config.compute = priced("work", 5_000_000_000);
    let out = run(config, talk);
    assert_eq!(out.parties[0], (PartyEnd::Crashed, 20 * MS));
    assert!(matches!(out.parties[1], (PartyEnd::Abort(Abort::Closed { .. }), t) if t == 30 * MS));
}

#[test]
fn a_crash_takes_what_departs_in_its_instant() {
    let mut config = with_fault(5 * MS, FaultKind::Crash(CrashKind::Process));
    config.compute = priced("work", 5_000_000_000);
    let out = run(config, talk);
    assert_eq!(out.parties[0], (PartyEnd::Crashed, 5 * MS), "a fault comes before a finish");
    assert!(matches!(out.parties[1].0, PartyEnd::Abort(Abort::Closed { .. })));
}

/// What came before the restart is gone, unread messages and causal depth alike.
#[test]
fn a_restart_begins_with_empty_mailboxes() {
    let config = with_fault(20 * MS, FaultKind::Restart { up_at_ns: 40 * MS });
    let out = run(config, |ctx: Ctx| async move {
        if ctx.id() == P0 {
            let first = ctx.recv::<Vec<u8>>(P1, 1).await?[0];
            let is_new = ctx.clock_ns() > 20 * MS;
            ctx.sleep(Duration::from_millis(if is_new { 0 } else { 99 })).await;
            ctx.send(P1, &vec![first]);
            return Ok(u64::from(first));
        }
        ctx.send(P0, &vec![1u8]);
        ctx.send(P0, &vec![2u8]); // never read
        ctx.sleep(Duration::from_millis(50)).await;
        ctx.send(P0, &vec![3u8]);
        Ok(u64::from(ctx.recv::<Vec<u8>>(P0, 1).await?[0]))
    });
    assert_eq!(out.outputs().map(|(_, got)| *got).collect::<Vec<_>>(), [3, 3], "{:?}", out.end);
}

#[test]
fn a_restart_takes_a_finish_back() {
    let mut config = with_fault(10 * MS, FaultKind::Restart { up_at_ns: 20 * MS });
    config.compute = priced("work", 50_000_000_000); // 50 ms
    let out = run(config, |ctx: Ctx| async move {
        ctx.charge(op("work"), 1);
        Ok(0)
    });
    assert_eq!((out.parties[0].1, out.parties[1].1), (70 * MS, 50 * MS));
}

#[test]
fn a_paused_party_does_nothing() {
    let config = with_fault(3 * MS, FaultKind::Pause { until_ns: 50 * MS });
    let out = run(config, |ctx: Ctx| async move {
        if ctx.id() == P1 {
            ctx.send(P0, &vec![1u8]);
        } else {
            ctx.recv::<Vec<u8>>(P1, 1).await?;
        }
        Ok(ctx.clock_ns())
    });
    assert_eq!(out.outputs().next(), Some((P0, &(50 * MS))), "what came at 10 ms is read at 50");
}

/// A message of a second is half sent when the fault comes.
#[test]
fn a_process_crash_leaves_the_uplink_to_the_system_and_a_host_crash_does_not() {
    let with = |kind| {
        let mut config = with_fault(500 * MS, FaultKind::Crash(kind));
        crate::helpers::network(&mut config).uplink_bps = vec![Some(8_160), None];
        run(config, |ctx: Ctx| async move {
            if ctx.id() == P0 {
                ctx.send(P1, &vec![1u8; 1000]);
                ctx.sleep(Duration::from_secs(9)).await;
                return Ok(0);
            }
            ctx.recv::<Vec<u8>>(P0, 1000).await?;
            assert!(matches!(ctx.recv::<Vec<u8>>(P0, 1).await, Err(Abort::Closed { .. })));
            Ok(ctx.clock_ns())
        })
    };
    assert_eq!(with(CrashKind::Process).outputs().next(), Some((P1, &(1010 * MS))));
    let gone = with(CrashKind::Host);
    assert!(matches!(gone.end, End::Stalled(_)));
    assert_eq!(gone.metrics.parties[1].total().received_bytes, 0);
}
