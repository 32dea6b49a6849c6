//! Rules 5 and 6: wakers that are woken, and runs that end by name.

use mpclab_sim::{Ctx, End};

use crate::helpers::{MS, P0, P1, config, run};

#[test]
fn a_deadlock_names_who_waits_for_what() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let online = ctx.scope("online").scope(("mul", 3));
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        online.recv::<Vec<u8>>(peer, 1).await?;
        Ok(0)
    });
    let End::Stalled(waiting) = &out.end else { panic!("stalls: {:?}", out.end) };
    let said: Vec<String> = waiting.iter().map(ToString::to_string).collect();
    assert_eq!(said[0], "party 0 waits in online/mul[3] for party 1");
    assert_eq!(said.len(), 2);
}

#[test]
fn a_foreign_future_is_named() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        if ctx.id() == P0 {
            std::future::pending::<()>().await;
        }
        Ok(0)
    });
    let End::Stalled(waiting) = &out.end else { panic!("stalls: {:?}", out.end) };
    assert!(waiting[0].to_string().contains("foreign future"), "{waiting:?}");
}

#[test]
fn spinning_ends_by_a_limit() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        if ctx.id() == P0 {
            std::future::poll_fn::<(), _>(|cx| {
                cx.waker().wake_by_ref();
                std::task::Poll::Pending
            })
            .await;
        }
        Ok(0)
    });
    assert!(matches!(&out.end, End::Limit(which) if which.contains("party 0")), "{:?}", out.end);
}

#[test]
fn endless_talk_ends_by_a_limit() {
    let endless = |ctx: Ctx| async move {
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        loop {
            ctx.send(peer, &vec![1u8]);
            ctx.recv::<Vec<u8>>(peer, 1).await?;
            if ctx.clock_ns() == u64::MAX {
                return Ok(0);
            }
        }
    };
    let mut by_time = config(2, MS);
    by_time.limits.virtual_ns = 100 * MS;
    assert_eq!(run(by_time, endless).end, End::Limit("virtual time".to_owned()));
    let mut by_events = config(2, MS);
    by_events.limits.events = 1000;
    assert_eq!(run(by_events, endless).end, End::Limit("events".to_owned()));
}

#[test]
fn a_thousand_strands_end() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        let strands: Vec<_> = (0..1000usize)
            .map(|k| {
                let strand = ctx.scope(("strand", k));
                async move {
                    strand.send(peer, &vec![k as u8]);
                    strand.recv::<Vec<u8>>(peer, 1).await.map(|bytes| bytes[0])
                }
            })
            .collect();
        let all = ctx.join_all(strands).await;
        let right = all.into_iter().enumerate().filter(|(k, got)| *got == Ok(*k as u8));
        Ok(right.count() as u64)
    });
    assert_eq!(out.outputs().map(|(_, count)| *count).collect::<Vec<_>>(), [1000, 1000]);
    assert_eq!(out.rounds.total, 1);
}

#[test]
fn spinning_in_a_strand_ends_by_a_limit() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let spins = std::future::poll_fn::<(), _>(|cx| {
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        });
        ctx.join(spins, async {}).await;
        Ok(0)
    });
    assert!(matches!(&out.end, End::Limit(which) if which.contains("party 0")), "{:?}", out.end);
}

/// Code that wakes itself in its first poll goes on in the same instant, though no event is there.
#[test]
fn who_wakes_himself_goes_on_at_once() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls < 5 { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
        })
        .await;
        Ok(ctx.clock_ns())
    });
    assert_eq!(out.outputs().map(|(_, clock)| *clock).collect::<Vec<_>>(), [0, 0], "{:?}", out.end);
}

/// Nor does code that looks again and again without giving its clock a chance to go on.
#[test]
fn asking_without_patience_ends_by_a_limit() {
    for sleeps in [true, false] {
        let out = run(config(2, MS), move |ctx: Ctx| async move {
            let peer = if ctx.id() == P0 { P1 } else { P0 };
            loop {
                if sleeps {
                    ctx.sleep(std::time::Duration::ZERO).await;
                } else if ctx
                    .recv_until::<Vec<u8>>(peer, 1, std::time::Duration::ZERO)
                    .await
                    .is_ok()
                {
                    return Ok(0);
                }
            }
        });
        assert!(
            matches!(&out.end, End::Limit(which) if which.contains("party 0")),
            "{:?}",
            out.end
        );
    }
}
