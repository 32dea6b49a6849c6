//! Rules 2 and 3 (party clocks; departures, finishes and crashes at them).

use std::time::Duration;

use mpclab_sim::compute::Compute;

use crate::compute::{op, priced};
use crate::helpers::{MS, P0, P1, config, run};

#[test]
fn a_charge_delays_only_what_is_sent_after_it() {
    let mut config = config(2, 10 * MS);
    config.compute = priced("work", 5_000_000_000); // 5 ms
    let out = run(config, |ctx| async move {
        if ctx.id() == P0 {
            ctx.send(P1, &vec![1u8]);
            ctx.charge(op("work"), 1);
            ctx.send(P1, &vec![2u8]);
            return Ok(0);
        }
        ctx.recv::<Vec<u8>>(P0, 1).await?;
        let first = ctx.clock_ns();
        ctx.recv::<Vec<u8>>(P0, 1).await?;
        Ok(first * 1_000_000_000 + ctx.clock_ns())
    });
    assert_eq!(out.outputs().nth(1), Some((P1, &(10 * MS * 1_000_000_000 + 15 * MS))));
    assert_eq!(out.parties[0].1, 5 * MS, "a party ends at its own clock");
}

/// Waiting does not store up time that later work could use.
#[test]
fn idle_time_is_never_banked() {
    let mut config = config(2, 10 * MS);
    config.compute = priced("work", 5_000_000_000);
    let out = run(config, |ctx| async move {
        if ctx.id() == P0 {
            ctx.sleep(Duration::from_millis(20)).await;
            ctx.send(P1, &vec![1u8]);
            return Ok(0);
        }
        ctx.charge(op("work"), 1);
        ctx.recv::<Vec<u8>>(P0, 1).await?;
        ctx.charge(op("work"), 1);
        Ok(ctx.clock_ns())
    });
    assert_eq!(out.outputs().nth(1), Some((P1, &(35 * MS))));
}

#[test]
fn a_close_follows_the_last_message() {
    let out = run(config(2, 10 * MS), |ctx| async move {
        if ctx.id() == P0 {
            ctx.send(P1, &vec![1u8]);
            return Ok(0);
        }
        ctx.recv::<Vec<u8>>(P0, 1).await?;
        let closed = ctx.recv::<Vec<u8>>(P0, 1).await;
        assert!(matches!(closed, Err(mpclab_sim::vocabulary::Abort::Closed { from: P0, .. })));
        Ok(ctx.clock_ns())
    });
    assert_eq!(out.outputs().nth(1), Some((P1, &(10 * MS))));
}

#[test]
fn without_a_profile_compute_is_free() {
    let mut config = config(2, MS);
    config.compute = Compute::None;
    let out = run(config, |ctx| async move {
        ctx.charge(op("anything"), 1_000_000);
        Ok(ctx.clock_ns())
    });
    assert_eq!(out.times.total_ns, 0);
}
