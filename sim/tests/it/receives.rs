//! Receives have ordinals, and malformed bytes name their sender.

use std::time::Duration;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use crate::helpers::{MS, P0, P1, P2, config, run};

/// Two strands wait for the same peer in the same scope: the first call gets the first message.
#[test]
fn concurrent_receives_take_messages_in_the_order_of_the_calls() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        if ctx.id() == P1 {
            for value in 0..3u8 {
                ctx.send(P0, &vec![value]);
                ctx.sleep(Duration::from_millis(1)).await;
            }
            return Ok(0);
        }
        let strands: Vec<_> = (0..3).map(|_| ctx.recv::<Vec<u8>>(P1, 1)).collect();
        let got = ctx.join_all(strands).await;
        let got: Result<Vec<_>, Abort> = got.into_iter().collect();
        Ok(got?.iter().fold(0, |sum, bytes| sum * 10 + u64::from(bytes[0])))
    });
    assert_eq!(out.outputs().next(), Some((P0, &12)));
}

#[test]
fn a_wrong_size_blames_the_sender() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        ctx.send(peer, &vec![0u8; 3]);
        match ctx.recv::<Vec<u8>>(peer, 1 << 40).await {
            Err(Abort::Malformed { from, reason, .. }) => {
                assert_eq!(reason, "3 bytes instead of 1099511627776");
                Ok(u64::from(from.0))
            }
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(out.outputs().map(|(_, from)| *from).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_receive_with_a_deadline_takes_what_came_in_time() {
    let out = run(config(2, 10 * MS), |ctx: Ctx| async move {
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        ctx.send(peer, &vec![4u8]);
        let early = ctx.recv_until::<Vec<u8>>(peer, 1, Duration::from_millis(10)).await;
        assert_eq!(early, Ok(vec![4]));
        let never = ctx.recv_until::<Vec<u8>>(peer, 1, Duration::from_millis(10)).await;
        assert_eq!(never, Err(mpclab_sim::Missing::NotYet));
        Ok(ctx.clock_ns())
    });
    assert!(out.outputs().all(|(_, clock)| *clock == 20 * MS));
}

#[test]
fn gather_from_some_leaves_the_others_alone() {
    let out = run(config(4, MS), |ctx: Ctx| async move {
        ctx.broadcast(&vec![ctx.id().0 as u8]);
        let some = ctx.gather_from::<Vec<u8>>([P0, P1], 1).await?;
        Ok(some.len() as u64)
    });
    assert_eq!(out.outputs().map(|(_, len)| *len).collect::<Vec<_>>(), [1, 1, 2, 2]);
}

/// One peer has ended without a word; the other's message comes after that, and then it waits for
/// an answer, so that nothing else can wake the receiver.
#[test]
fn a_message_behind_another_peers_close_wakes_the_receiver() {
    for gathers_after_the_close in [false, true] {
        let out = run(config(3, MS), move |ctx: Ctx| async move {
            if ctx.id() == P1 {
                return Ok(0);
            }
            if ctx.id() == P2 {
                ctx.sleep(Duration::from_millis(5)).await;
                ctx.send(P0, &vec![1u8]);
                return ctx.recv::<Vec<u8>>(P0, 1).await.map(|_| 1);
            }
            if gathers_after_the_close {
                ctx.sleep(Duration::from_millis(3)).await;
            }
            let gathered = ctx.gather::<Vec<u8>>(1).await;
            assert!(matches!(gathered, Err(Abort::Closed { from: P1, .. })));
            ctx.send(P2, &vec![1u8]);
            Ok(2)
        });
        let outputs: Vec<u64> = out.outputs().map(|(_, output)| *output).collect();
        assert_eq!(outputs, [2, 0, 1], "{:?}", out.end);
    }
}

/// The tickets of receives that gave up go with their scope: the next scope starts with none.
#[test]
fn closed_tickets_do_not_outlive_their_scope() {
    let out = run(config(2, 50 * MS), |ctx: Ctx| async move {
        if ctx.id() == P1 {
            let scope = ctx.scope("second");
            scope.send(P0, &vec![3u8]);
            scope.send(P0, &vec![4u8]);
            return Ok(0);
        }
        let first = ctx.scope("first");
        for _ in 0..3 {
            let missing = first.recv_until::<Vec<u8>>(P1, 1, Duration::from_millis(1)).await;
            assert!(missing.is_err());
        }
        drop(first);
        let second = ctx.scope("second");
        let both = (second.recv::<Vec<u8>>(P1, 1), second.recv::<Vec<u8>>(P1, 1));
        let (a, b) = ctx.join(both.0, both.1).await;
        Ok(10 * u64::from(a?[0]) + u64::from(b?[0]))
    });
    assert_eq!(out.outputs().next(), Some((P0, &34)), "{:?}", out.end);
    assert_eq!(out.metrics.parties[0].late, 0);
}

/// A receive that is dropped with its message in place leaves it to the next one, whatever it is.
#[test]
fn a_dropped_receive_wakes_the_next_one() {
    for from_anybody in [true, false] {
        let out = run(config(2, MS), move |ctx: Ctx| async move {
            if ctx.id() == P1 {
                ctx.send(P0, &vec![5u8]);
                return ctx.recv::<Vec<u8>>(P0, 1).await.map(|_| 0);
            }
            let (inner, next) = (ctx.clone(), ctx.clone());
            let gives_up = async move {
                let mut pending = Box::pin(inner.recv::<Vec<u8>>(P1, 1));
                std::future::poll_fn(|cx| {
                    let polled = std::future::Future::poll(pending.as_mut(), cx);
                    assert!(polled.is_pending());
                    std::task::Poll::Ready(())
                })
                .await;
                // The message comes meanwhile, and this strand lays claim to it.
                inner.sleep(Duration::from_millis(3)).await;
                drop(pending);
            };
            let goes_on = async move {
                if from_anybody {
                    return next.recv_any::<Vec<u8>>(1).await.map(|(_, bytes)| bytes);
                }
                next.recv::<Vec<u8>>(P1, 1).await
            };
            let ((), bytes) = ctx.join(gives_up, goes_on).await;
            ctx.send(P1, &bytes?);
            Ok(ctx.clock_ns())
        });
        assert_eq!(out.outputs().next(), Some((P0, &(3 * MS))), "{from_anybody}: {:?}", out.end);
    }
}

#[test]
fn who_takes_from_anybody_leaves_alone_what_another_receive_waits_for() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        if ctx.id() == P1 {
            ctx.send(P0, &vec![1u8]);
            ctx.send(P0, &vec![2u8]);
            return Ok(0);
        }
        // The one that takes from anybody is polled first when the messages come.
        let strands = [true, false].map(|from_anybody| {
            let ctx = ctx.clone();
            async move {
                let bytes = if from_anybody {
                    ctx.recv_any::<Vec<u8>>(1).await?.1
                } else {
                    ctx.recv::<Vec<u8>>(P1, 1).await?
                };
                Ok::<u8, Abort>(bytes[0])
            }
        });
        let got: Result<Vec<u8>, Abort> = ctx.join_all(strands).await.into_iter().collect();
        let got = got?;
        Ok(u64::from(10 * got[0] + got[1]))
    });
    assert_eq!(out.outputs().next(), Some((P0, &21)), "{:?}", out.end);
}
