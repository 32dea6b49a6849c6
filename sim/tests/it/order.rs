//! Rule 1 (total order) and rule 4 (observing order).

use std::time::Duration;

use mpclab_sim::network::{LinkTable, Network};
use mpclab_sim::vocabulary::PartyId;

use crate::helpers::{MS, P0, P1, P2, chatter, config, link, run};

/// Two messages that arrive in the same instant are observed in order of their senders, even
/// though the later sender's code ran first in the queue.
#[test]
fn equal_times_are_ordered_by_sender() {
    let out = run(config(3, MS), |ctx| async move {
        if ctx.id() == P0 {
            let (first, _) = ctx.recv_any::<Vec<u8>>(1).await?;
            return Ok(u64::from(first.0));
        }
        ctx.send(P0, &vec![1u8]);
        Ok(9)
    });
    assert_eq!(out.outputs().next(), Some((P0, &1)));
}

#[test]
fn a_salt_reorders_ties_and_nothing_else() {
    let first = |salt| {
        let mut config = config(8, MS);
        config.salt = salt;
        run(config, |ctx| async move {
            if ctx.id() == P0 {
                let (first, _) = ctx.recv_any::<Vec<u8>>(1).await?;
                return Ok(u64::from(first.0));
            }
            ctx.send(P0, &vec![1u8]);
            Ok(0)
        })
    };
    let plain = first(None);
    assert_eq!(plain.outputs().next(), Some((P0, &1)));
    let salted: Vec<u64> =
        (0..20u64).map(|salt| *first(Some(salt)).outputs().next().expect("ends").1).collect();
    assert!(salted.iter().any(|winner| *winner != 1), "some salt moves the tie: {salted:?}");
}

/// Where nothing observes the order, a salt changes the order of deliveries and nothing else.
#[test]
fn a_salt_changes_no_transcript() {
    let with = |salt| {
        let mut config = config(8, MS);
        config.salt = salt;
        run(config, |ctx| async move {
            ctx.broadcast(&vec![ctx.id().0 as u8]);
            ctx.gather::<Vec<u8>>(1).await.map(|_| 0)
        })
    };
    let (plain, salted) = (with(None), with(Some(12345)));
    assert_eq!(plain.digests.transcript, salted.digests.transcript);
    assert_ne!(plain.digests.event, salted.digests.event);
    assert_eq!((plain.times, plain.metrics), (salted.times, salted.metrics));
}

/// `recv` in any order gives the same messages at the same causal depth as `gather`.
#[test]
fn recv_and_gather_commute() {
    let links = LinkTable::from_fn(3, |from, _| link(u64::from(10 - from.0) * MS, vec![]));
    let net = Network { links, ..Network::constant(3, MS) };
    let with = |order: u8| {
        let mut config = config(3, MS);
        config.network = net.clone().into();
        run(config, move |ctx| async move {
            ctx.broadcast(&vec![ctx.id().0 as u8 + 1]);
            let mut sum = 0u64;
            if order == 2 {
                for (_, bytes) in ctx.gather::<Vec<u8>>(1).await? {
                    sum += u64::from(bytes[0]);
                }
            } else {
                let mut others: Vec<PartyId> = ctx.others().collect();
                if order == 1 {
                    others.reverse();
                }
                for other in others {
                    sum += u64::from(ctx.recv::<Vec<u8>>(other, 1).await?[0]);
                }
            }
            ctx.broadcast(&vec![sum as u8]);
            ctx.gather::<Vec<u8>>(1).await?;
            Ok(sum)
        })
    };
    let runs = [with(0), with(1), with(2)];
    assert!(runs.iter().all(|run| run.is_complete()));
    assert!(runs.iter().all(|run| run.digests == runs[0].digests && run.rounds.total == 2));
}

/// A party that has computed ahead of time sees who came first only at its own clock, when the
/// earlier arrival of the two is there whichever it is.
#[test]
fn order_is_observed_at_the_partys_clock() {
    let links = LinkTable::from_fn(3, |from, _| link(u64::from(4 - from.0) * MS, vec![]));
    let mut config = config(3, MS);
    config.network = Network { links, ..Network::constant(3, MS) }.into();
    config.compute = crate::compute::priced("work", 10_000_000_000); // 10 ms
    let out = run(config, |ctx| async move {
        if ctx.id() != P0 {
            ctx.send(P0, &vec![7u8]);
            return Ok(0);
        }
        ctx.charge(crate::compute::op("work"), 1);
        let (first, _) = ctx.recv_any::<Vec<u8>>(1).await?;
        assert_eq!(ctx.clock_ns(), 10 * MS);
        Ok(u64::from(first.0))
    });
    // Party 2 is 2 ms away, party 1 is 3 ms away.
    assert_eq!(out.outputs().next(), Some((P0, &2)));
    assert_eq!(out.parties[0].1, 10 * MS);
}

/// A party that has computed up to 10 ms looks then, and sees both messages that came before,
/// and waits neither for the third nor for the deadline.
#[test]
fn enough_is_judged_at_the_partys_clock() {
    let links = LinkTable::from_fn(4, |from, _| link([4, 3, 2, 40][from.index()] * MS, vec![]));
    let mut config = config(4, MS);
    config.network = Network { links, ..Network::constant(4, MS) }.into();
    config.compute = crate::compute::priced("work", 10_000_000_000); // 10 ms
    let out = run(config, |ctx| async move {
        if ctx.id() != P0 {
            ctx.send(P0, &vec![7u8]);
            return Ok(0);
        }
        ctx.charge(crate::compute::op("work"), 1);
        let got = ctx.gather_until::<Vec<u8>>(1, 1, Duration::from_millis(50)).await;
        assert_eq!(ctx.clock_ns(), 10 * MS);
        Ok(got.values().filter(|message| message.is_ok()).count() as u64)
    });
    assert_eq!(out.outputs().next(), Some((P0, &2)));
}

#[test]
fn deadlines_and_sleep_count_from_the_partys_clock() {
    let mut config = config(2, 100 * MS);
    config.compute = crate::compute::priced("work", 10_000_000_000); // 10 ms
    let out = run(config, |ctx| async move {
        if ctx.id() == P1 {
            ctx.sleep(Duration::from_millis(50)).await;
            return Ok(0);
        }
        ctx.charge(crate::compute::op("work"), 1);
        let none = ctx.recv_until::<Vec<u8>>(P1, 1, Duration::from_millis(5)).await;
        assert_eq!((none, ctx.clock_ns()), (Err(mpclab_sim::Missing::NotYet), 15 * MS));
        ctx.charge(crate::compute::op("work"), 1);
        ctx.sleep(Duration::from_millis(5)).await;
        Ok(ctx.clock_ns())
    });
    assert_eq!(out.outputs().next(), Some((P0, &(30 * MS))));
}

#[test]
fn a_late_message_is_discarded_and_counted_and_ordinals_stay() {
    let links = LinkTable::from_fn(3, |from, _| link(if from == P2 { 50 } else { 1 } * MS, vec![]));
    let mut config = config(3, MS);
    config.network = Network { links, ..Network::constant(3, MS) }.into();
    let out = run(config, |ctx| async move {
        if ctx.id() != P0 {
            ctx.send(P0, &vec![1u8]);
            ctx.send(P0, &vec![2u8]);
            return Ok(0);
        }
        let first = ctx.gather_until::<Vec<u8>>(1, 2, Duration::from_millis(5)).await;
        assert!(
            first.get(P1).is_some_and(Result::is_ok) && first.get(P2).is_some_and(Result::is_err)
        );
        assert_eq!(ctx.clock_ns(), 5 * MS, "the deadline counts from the call");
        // The second receive gets the second message, not the late first one.
        let second = ctx.recv::<Vec<u8>>(P2, 1).await?;
        Ok(u64::from(second[0]))
    });
    assert_eq!(out.outputs().next(), Some((P0, &2)));
    assert_eq!(out.metrics.parties[0].late, 1);
}

#[test]
fn a_dropped_receive_loses_nothing() {
    let out = run(config(2, MS), |ctx| async move {
        if ctx.id() == P1 {
            ctx.send(P0, &vec![5u8]);
            return Ok(0);
        }
        {
            let mut pending = Box::pin(ctx.recv::<Vec<u8>>(P1, 1));
            let waker = std::task::Waker::noop();
            let polled = std::future::Future::poll(
                pending.as_mut(),
                &mut std::task::Context::from_waker(waker),
            );
            assert!(polled.is_pending());
        }
        Ok(u64::from(ctx.recv::<Vec<u8>>(P1, 1).await?[0]))
    });
    assert_eq!(out.outputs().next(), Some((P0, &5)));
}

#[test]
fn chatter_ends_everywhere() {
    assert!(run(config(5, MS), chatter).is_complete());
}
