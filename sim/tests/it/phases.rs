//! Rule 7: phases add up.

use std::time::Duration;

use mpclab_sim::Ctx;
use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::vocabulary::Phase;

use crate::helpers::{MS, P0, P1, config, run};

/// Party 0 leaves the offline phase at 10 ms, party 1 at 40 ms; the run's phase ends with the last.
#[test]
fn a_phase_ends_when_the_last_party_leaves_it() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let (offline, online) = (ctx.scope("offline"), ctx.scope("online"));
        let patience = if ctx.id() == P0 { 10 } else { 40 };
        offline.sleep(Duration::from_millis(patience)).await;
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        online.send(peer, &vec![1u8]);
        online.recv::<Vec<u8>>(peer, 1).await?;
        // Going back to an earlier scope does not reopen its phase.
        offline.send(peer, &vec![1u8]);
        offline.recv::<Vec<u8>>(peer, 1).await?;
        online.sleep(Duration::from_millis(1)).await;
        Ok(0)
    });
    assert!(out.is_complete());
    assert_eq!(out.times.phase_ns, [0, 40 * MS, 3 * MS]);
    assert_eq!(out.times.total_ns, 43 * MS);
    assert_eq!(out.metrics.phase(Phase::Offline).sent_bytes, 2);
}

#[test]
fn phases_add_up_whatever_parties_do() {
    for skip in 0..3u32 {
        let out = run(config(3, MS), move |ctx: Ctx| async move {
            let scopes = [ctx.scope("setup"), ctx.scope("offline"), ctx.scope("online")];
            for (at, scope) in scopes.iter().enumerate() {
                if at as u32 != (ctx.id().0 + skip) % 3 {
                    scope.sleep(Duration::from_millis(5 * u64::from(ctx.id().0 + 1))).await;
                }
            }
            Ok(0)
        });
        assert_eq!(out.times.phase_ns.iter().sum::<u64>(), out.times.total_ns);
    }
}

/// Party 0 has reached the online phase at 5 ms of its own clock when it crashes at 3 ms.
#[test]
fn a_phase_that_a_crash_came_before_was_never_entered() {
    for kind in [FaultKind::Crash(CrashKind::Process), FaultKind::Restart { up_at_ns: 4 * MS }] {
        let mut config = config(2, MS);
        config.compute = crate::compute::priced("work", 5_000_000_000);
        config.faults = vec![Fault { party: P0, at_ns: 3 * MS, kind }];
        let out = run(config, |ctx: Ctx| async move {
            let (offline, online) = (ctx.scope("offline"), ctx.scope("online"));
            if ctx.id() == P0 && ctx.clock_ns() == 0 {
                offline.charge(crate::compute::op("work"), 1);
                online.broadcast(&vec![1u8]);
            } else if ctx.id() == P0 {
                offline.sleep(Duration::from_millis(2)).await;
                online.sleep(Duration::from_millis(1)).await;
            }
            Ok(0)
        });
        let expected = match kind {
            FaultKind::Restart { .. } => [0, 6 * MS, MS],
            _ => [0, 3 * MS, 0],
        };
        assert_eq!(out.times.phase_ns, expected, "{kind:?}");
    }
}
