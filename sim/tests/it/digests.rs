//! Rules 11 and 13: equal runs have equal digests, and digests see what they should.

use mpclab_sim::{Config, Digests, RunSeed};

use crate::helpers::{MS, chatter, config, jittery, network, run};

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
    config.compute = crate::compute::priced("work", 3_000_000);
    let digests = |config: Config| {
        let run = run(config, |ctx| async move {
            ctx.charge(crate::compute::op("work"), u64::from(ctx.id().0 % 3));
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
