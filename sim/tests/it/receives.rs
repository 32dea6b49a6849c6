//! Receives have ordinals, and malformed bytes name their sender.

use std::time::Duration;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use crate::helpers::{MS, P0, P1, config, run};

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
