//! Rules 11 and 13: equal runs have equal digests, and digests see what they should.

use mpclab_sim::{Config, Digests, RunSeed};

use crate::helpers::{MS, P0, chatter, config, jittery, network, run};

fn digests(config: Config) -> Digests {
    let run = run(config, chatter);
    assert!(run.is_complete());
    run.digests
}

#[test]
fn two_runs_are_equal_and_so_are_the_fast_and_the_full_path() {
    for n in [2, 5, 17] {
        let mut config = config(n, MS);
        config.network = jittery(n).into();
        let first = digests(config.clone());
        assert_eq!(first, digests(config.clone()));
        config.full_path = true;
        assert_eq!(first, digests(config.clone()));
        config.keep_links = true;
        assert_eq!(first, digests(config), "metrics are no part of a digest");
    }
}

#[test]
fn runs_on_other_threads_are_equal() {
    let here = digests(config(5, MS));
    let there = std::thread::spawn(|| digests(config(5, MS))).join().expect("runs");
    assert_eq!(here, there);
}

#[test]
fn times_are_in_the_event_digest_alone() {
    let near = digests(config(4, MS));
    let far = digests(config(4, 2 * MS));
    assert_ne!(near.event, far.event);
    assert_eq!(near.transcript, far.transcript);
}

#[test]
fn shared_capacities_take_the_same_course_on_both_paths() {
    let mut config = config(6, MS);
    config.network = jittery(6).into();
    network(&mut config).uplink_bps = vec![Some(3_000_000); 6];
    network(&mut config).downlink_bps =
        [1, 0, 2].repeat(2).iter().map(|mbps| (*mbps > 0).then_some(mbps * 1_000_000)).collect();
    config.compute = crate::compute::priced("work", 3_000_000_000); // 3 ms
    let digests = |config: Config| {
        let run = run(config, |ctx| async move {
            // The uplinks are busy when a later message departs at a clock that is ahead.
            let ahead = ctx.scope("ahead");
            for size in [500, 20, 200] {
                ahead.broadcast(&vec![0u8; size]);
                ctx.charge(crate::compute::op("work"), u64::from(ctx.id().0 % 3));
            }
            for size in [500, 20, 200] {
                ahead.gather::<Vec<u8>>(size).await?;
            }
            chatter(ctx).await
        });
        assert!(run.is_complete());
        run.digests
    };
    let fast = digests(config.clone());
    config.full_path = true;
    assert_eq!(fast, digests(config));
}

#[test]
fn capacities_change_times_and_not_the_transcript() {
    let free = digests(config(4, MS));
    let mut limited = config(4, MS);
    network(&mut limited).uplink_bps = vec![Some(1_000_000); 4];
    let limited = digests(limited);
    assert_ne!(free.event, limited.event);
    assert_eq!(free.transcript, limited.transcript);
}

#[test]
fn a_changed_message_changes_both() {
    let run = |value: u8| {
        run(config(3, MS), move |ctx| async move {
            ctx.broadcast(&vec![value]);
            ctx.gather::<Vec<u8>>(1).await?;
            Ok(0)
        })
        .digests
    };
    assert_ne!(run(1).event, run(2).event);
    assert_ne!(run(1).transcript, run(2).transcript);
}

#[test]
fn a_changed_output_changes_both() {
    let run = |value: u64| run(config(3, MS), move |_| async move { Ok(value) }).digests;
    assert_ne!(run(1).event, run(2).event);
    assert_ne!(run(1).transcript, run(2).transcript);
}

#[test]
fn latencies_depend_on_the_seed() {
    let with = |seed| {
        let mut config = config(4, MS);
        config.network = jittery(4).into();
        config.seed = RunSeed::new(seed, 0);
        digests(config).event
    };
    assert_ne!(with(1), with(2));
}

/// What the event digest and the transcript digest of two parties' messages to a third say of each
/// part of a delivery, and of the end.
#[test]
fn every_part_of_a_delivery_is_in_the_event_digest() {
    /// What parties 1 and 2 send in which scope, and when; party 0 ends at 50 ms in any case.
    struct Sent {
        bodies: [[u8; 2]; 2],
        scope: &'static str,
        at_ms: u64,
        end_ms: u64,
    }
    let base = || Sent { bodies: [[1, 2], [3, 4]], scope: "a", at_ms: 1, end_ms: 50 };
    let digests = |sent: fn(Sent) -> Sent| {
        let Sent { bodies, scope, at_ms, end_ms } = sent(base());
        let out = run(config(3, MS), move |ctx| async move {
            let scope = ctx.scope(scope);
            let millis = std::time::Duration::from_millis;
            if ctx.id() == P0 {
                ctx.sleep(millis(end_ms)).await;
                return Ok(0);
            }
            ctx.sleep(millis(at_ms)).await;
            for body in bodies[ctx.id().index() - 1] {
                scope.send(P0, &vec![body]);
            }
            ctx.sleep(millis(20 - at_ms)).await;
            Ok(0)
        });
        assert!(out.is_complete());
        out.digests
    };
    let plain = digests(|sent| sent);
    assert_eq!(plain, digests(|sent| sent));
    let later = digests(|sent| Sent { at_ms: 2, ..sent });
    let ended_later = digests(|sent| Sent { end_ms: 60, ..sent });
    for timed in [later, ended_later] {
        assert_ne!(plain.event, timed.event);
        assert_eq!(plain.transcript, timed.transcript);
    }
    let other_scope = digests(|sent| Sent { scope: "b", ..sent });
    let other_senders = digests(|sent| Sent { bodies: [[3, 4], [1, 2]], ..sent });
    let earlier_body = digests(|sent| Sent { bodies: [[9, 2], [3, 4]], ..sent });
    let other_order = digests(|sent| Sent { bodies: [[2, 1], [3, 4]], ..sent });
    for changed in [other_scope, other_senders, earlier_body, other_order] {
        assert_ne!(plain.event, changed.event);
        assert_ne!(plain.transcript, changed.transcript);
    }
}
