//! Rule 8: rounds are causal depth along strands.

use mpclab_sim::network::{LinkTable, Network};
use mpclab_sim::vocabulary::{Abort, PartyId, Phase};
use mpclab_sim::{CausalDepth, Ctx, PartyEnd, Run};

use crate::helpers::{MS, P0, config, link, run};

async fn all_to_all(ctx: &Ctx) -> Result<(), Abort> {
    ctx.broadcast(&vec![1u8]);
    ctx.gather::<Vec<u8>>(1).await.map(|_| ())
}

fn rounds(run: &Run<u64>) -> u32 {
    assert!(run.is_complete());
    run.rounds.total
}

#[test]
fn a_star_opening_is_two_rounds_and_a_direct_one_is_one() {
    let star = run(config(4, MS), |ctx: Ctx| async move {
        if ctx.id() == P0 {
            ctx.gather::<Vec<u8>>(1).await?;
            ctx.broadcast(&vec![1u8]);
        } else {
            ctx.send(P0, &vec![1u8]);
            ctx.recv::<Vec<u8>>(P0, 1).await?;
        }
        Ok(0)
    });
    let direct = run(config(4, MS), |ctx: Ctx| async move {
        all_to_all(&ctx).await?;
        Ok(0)
    });
    assert_eq!((rounds(&star), rounds(&direct)), (2, 1));
}

/// Scopes that are used one after the other add up, though both handles were there from the start.
#[test]
fn sequential_scopes_add_and_joined_ones_do_not() {
    let sequential = run(config(3, MS), |ctx: Ctx| async move {
        let (a, b) = (ctx.scope("a"), ctx.scope("b"));
        all_to_all(&a).await?;
        all_to_all(&b).await?;
        Ok(0)
    });
    let parallel = run(config(3, MS), |ctx: Ctx| async move {
        let (a, b) = (ctx.scope("a"), ctx.scope("b"));
        let (a, b) = ctx.join(all_to_all(&a), all_to_all(&b)).await;
        a.and(b)?;
        Ok(0)
    });
    assert_eq!((rounds(&sequential), rounds(&parallel)), (2, 1));
}

/// Strands whose latencies differ tenfold: the fast one is polled between the slow one's messages.
#[test]
fn strands_do_not_mix_their_depths_when_latencies_differ() {
    let links = LinkTable::from_fn(4, |from, to| {
        let slow = from.0 >= 2 || to.0 >= 2;
        link(if slow { 10 * MS } else { MS }, vec![])
    });
    let mut config = config(4, MS);
    config.network = Network { links, ..Network::constant(4, MS) }.into();
    let out = run(config, |ctx: Ctx| async move {
        let (fast, slow) = (ctx.scope("fast"), ctx.scope("slow"));
        let me = ctx.id();
        let ping = |ctx: Ctx, peer: PartyId, times: u32| async move {
            for _ in 0..times {
                ctx.send(peer, &vec![0u8]);
                ctx.recv::<Vec<u8>>(peer, 1).await?;
            }
            Ok::<(), Abort>(())
        };
        let fast_peer = PartyId(me.0 ^ 1);
        let slow_peer = PartyId(me.0 ^ 2);
        let (a, b) = ctx.join(ping(fast, fast_peer, 5), ping(slow, slow_peer, 2)).await;
        a.and(b)?;
        all_to_all(&ctx).await?;
        Ok(0)
    });
    assert_eq!(rounds(&out), 6);
}

#[test]
fn nested_joins_start_at_their_parents_depth() {
    let out = run(config(3, MS), |ctx: Ctx| async move {
        all_to_all(&ctx).await?;
        let strands: Vec<_> = (0..3usize)
            .map(|k| {
                let (inner, ctx) = (ctx.scope(("inner", k)), ctx.clone());
                async move {
                    let (a, b) = (inner.scope("a"), inner.scope("b"));
                    let (a, b) = ctx.join(all_to_all(&a), all_to_all(&b)).await;
                    a.and(b)?;
                    all_to_all(&inner).await
                }
            })
            .collect();
        for strand in ctx.join_all(strands).await {
            strand?;
        }
        Ok(0)
    });
    assert_eq!(rounds(&out), 3);
}

/// A promise carries the depth of the strand that kept it.
#[test]
fn rounds_are_counted_through_promises() {
    let out = run(config(3, MS), |ctx: Ctx| async move {
        let (a, b) = (ctx.scope("a"), ctx.scope("b"));
        let opened = ctx.promise::<u8>();
        let kept = opened.clone();
        let (first, second) = ctx
            .join(
                async move {
                    opened.get().await;
                    all_to_all(&a).await
                },
                async move {
                    all_to_all(&b).await?;
                    kept.keep(1);
                    Ok::<(), Abort>(())
                },
            )
            .await;
        first.and(second)?;
        Ok(0)
    });
    assert_eq!(rounds(&out), 2);
}

/// Strand 0 is two rounds deep, strand 1 one; strand 2 is opened behind 0. Where it reads what 0
/// computed it counts from there, else from the start.
#[test]
fn strands_that_are_opened_later_count_from_what_they_read() {
    fn growing(reads: bool) -> u32 {
        let out = run(config(3, MS), move |ctx: Ctx| async move {
            let depth = std::sync::Arc::new(std::sync::Mutex::new(CausalDepth::default()));
            let strand = |index: usize| {
                let (ctx, depth) = (ctx.scope(("strand", index)), depth.clone());
                let strand = async move {
                    if index >= 2 && reads {
                        ctx.raise_to(&depth.lock().expect("no panic"));
                    }
                    let twice = if index == 0 { 2 } else { 1 };
                    for _ in 0..twice {
                        all_to_all(&ctx).await?;
                    }
                    if index == 0 {
                        *depth.lock().expect("no panic") = ctx.causal_depth();
                    }
                    Ok::<(), Abort>(())
                };
                (index, strand)
            };
            let first = vec![strand(0), strand(1)];
            ctx.try_join_growing(first, |ended| match ended {
                0 => vec![strand(2)],
                _ => Vec::new(),
            })
            .await?;
            all_to_all(&ctx).await?;
            Ok(0)
        });
        rounds(&out)
    }
    assert_eq!((growing(true), growing(false)), (4, 3));
}

/// A strand that fails ends them all, also those that would wait forever.
#[test]
fn growing_strands_end_at_the_first_error() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let strand = |index: usize| {
            let ctx = ctx.scope(("strand", index));
            let strand = async move {
                match index {
                    0 => all_to_all(&ctx).await,
                    1 => ctx.gather::<Vec<u8>>(1).await.map(drop),
                    _ => Err(ctx.check_failed("strand 2")),
                }
            };
            (index, strand)
        };
        ctx.try_join_growing(vec![strand(0), strand(1)], |_| vec![strand(2)]).await?;
        Ok(0)
    });
    let failed = Abort::CheckFailed { step: "strand 2".to_owned() };
    let aborts =
        |(end, _): &(PartyEnd<u64>, u64)| matches!(end, PartyEnd::Abort(a) if *a == failed);
    assert!(out.parties.iter().all(aborts));
}

#[test]
fn phases_count_their_own_rounds() {
    let out = run(config(3, MS), |ctx: Ctx| async move {
        let (offline, online) = (ctx.scope("offline"), ctx.scope("online"));
        all_to_all(&offline).await?;
        all_to_all(&offline).await?;
        all_to_all(&online).await?;
        Ok(0)
    });
    assert_eq!(out.rounds.phase, [0, 2, 1]);
    assert_eq!(rounds(&out), 3);
    assert_eq!(out.times.phase(Phase::Offline), 2 * MS);
    assert_eq!(out.times.phase(Phase::Online), MS);
}

#[test]
fn virtual_time_is_at_least_rounds_times_the_smallest_latency() {
    for n in [2, 3, 6] {
        let mut config = config(n, MS);
        config.network = crate::helpers::jittery(n).into();
        let least = config.network.min_latency_ns();
        let out = run(config, crate::helpers::chatter);
        assert!(out.times.total_ns >= u64::from(rounds(&out)) * least);
    }
}

/// A strand keeps its depth while it sleeps and another one runs, and none takes another's.
#[test]
fn strands_keep_their_depth_while_they_do_not_run() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let ping = |ctx: Ctx, first_ms: u64, times: u32| async move {
            let peer = PartyId(1 - ctx.id().0);
            ctx.sleep(std::time::Duration::from_millis(first_ms)).await;
            for _ in 0..times {
                ctx.send(peer, &vec![0u8]);
                ctx.recv::<Vec<u8>>(peer, 1).await?;
                ctx.sleep(std::time::Duration::from_millis(3)).await;
            }
            Ok::<(), Abort>(())
        };
        let (a, b) = ctx.join(ping(ctx.scope("a"), 0, 4), ping(ctx.scope("b"), 9, 3)).await;
        a.and(b)?;
        Ok(0)
    });
    assert_eq!(rounds(&out), 4);
}

/// A value that tells its copies.
struct Copied(u64);

impl Clone for Copied {
    fn clone(&self) -> Self {
        Copied(self.0 + 1)
    }
}

#[test]
fn the_last_handle_of_a_promise_takes_the_value_itself() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let promise = ctx.promise::<Copied>();
        let (one, other) = (promise.get(), promise.get());
        promise.keep(Copied(0));
        drop(promise);
        let (one, other) = (one.await, other.await);
        Ok(one.0 * 10 + other.0)
    });
    let copies: Vec<u64> = out.outputs().map(|(_, copies)| *copies).collect();
    assert_eq!(copies, [1, 1], "two readers, one copy");
}
