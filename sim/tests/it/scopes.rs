//! Rules 7 and 10: scopes, and the tree of randomness.

use mpclab_sim::network::Network;
use mpclab_sim::{Config, Ctx, End, RunSeed, Simulation};
use rand::Rng;

use crate::helpers::{MS, P0, P1, config, network, run};

#[test]
fn opening_a_scope_twice_is_a_bug_even_after_it_was_dropped() {
    for keep in [true, false] {
        let out = run(config(2, MS), move |ctx: Ctx| async move {
            let first = ctx.scope(("mul", 1));
            let kept = keep.then_some(first);
            let second = ctx.scope(("mul", 1));
            drop((kept, second));
            Ok(0)
        });
        assert!(matches!(&out.end, End::Bug(what) if what.contains("mul[1] is opened twice")));
    }
}

#[test]
fn sending_to_oneself_is_a_bug() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        ctx.send(ctx.id(), &vec![1u8]);
        Ok(0)
    });
    assert!(matches!(&out.end, End::Bug(what) if what.contains("sends to party 0")));
}

/// Channels of different scopes do not mix, whatever order they are read in.
#[test]
fn scopes_have_channels_of_their_own() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let (a, b) = (ctx.scope("a"), ctx.scope("b"));
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        a.send(peer, &vec![1u8]);
        b.send(peer, &vec![2u8]);
        let from_b = b.recv::<Vec<u8>>(peer, 1).await?[0];
        let from_a = a.recv::<Vec<u8>>(peer, 1).await?[0];
        Ok(u64::from(from_a) * 10 + u64::from(from_b))
    });
    assert!(out.outputs().all(|(_, value)| *value == 12));
}

#[test]
fn what_is_not_read_is_counted() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        let unread = ctx.scope("unread");
        unread.send(peer, &vec![1u8]);
        for _ in 0..4 {
            ctx.send(peer, &vec![1u8]);
        }
        ctx.recv::<Vec<u8>>(peer, 1).await?;
        Ok(0)
    });
    // One of the scope's, which is gone at the end, and three of the root's.
    assert!(out.metrics.parties.iter().all(|party| party.unread == 4));
}

#[test]
fn what_comes_after_the_end_is_counted() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        if ctx.id() == P0 {
            ctx.send(P1, &vec![1u8]);
            ctx.sleep(std::time::Duration::from_millis(5)).await;
        }
        Ok(0)
    });
    assert_eq!(out.metrics.parties[1].unread, 1);
}

#[test]
fn metrics_fold_indices_and_keep_phases_apart() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let peer = if ctx.id() == P0 { P1 } else { P0 };
        let (offline, online) = (ctx.scope("offline"), ctx.scope("online"));
        for k in 0..4usize {
            online.scope(("mul", k)).send(peer, &vec![0u8; 8]);
        }
        offline.send(peer, &vec![0u8; 3]);
        online.send(peer, &vec![0u8; 5]);
        Ok(0)
    });
    let rows: Vec<(&str, u64, u64)> = (out.metrics.scopes.iter())
        .map(|row| (row.path.as_str(), row.sum.sent_bytes, row.sum.sent_messages))
        .collect();
    assert_eq!(rows, [("offline", 6, 2), ("online", 10, 2), ("online/mul", 64, 8)]);
}

fn draws(config: Config) -> Vec<u64> {
    let out = run(config, |ctx: Ctx| async move {
        let scope = ctx.scope("x");
        let (first, second) = (scope.rng().next_u64(), scope.rng().next_u64());
        let root = ctx.rng().next_u64();
        assert_ne!(first, second, "each call has a stream of its own");
        assert_ne!(first, root, "each scope has a stream of its own");
        Ok(root)
    });
    out.outputs().map(|(_, draw)| *draw).collect()
}

#[test]
fn randomness_depends_on_seed_and_party_alone() {
    let base = draws(config(3, MS));
    assert!(base[0] != base[1] && base[1] != base[2]);
    let mut slower = config(3, 50 * MS);
    network(&mut slower).framing = mpclab_sim::network::Framing::Segments { mss: 9, header: 1 };
    assert_eq!(base, draws(slower));
    assert_eq!(base, draws(config(4, MS))[..3]);
    let mut other = config(3, MS);
    other.seed = RunSeed::new(7, 1);
    assert_ne!(base, draws(other));
}

/// What is bound to the name of a run is worthless in another run or session.
#[test]
fn run_ids_are_common_to_all_parties_and_differ_between_seeds_and_sessions() {
    let ids = |seed| -> Vec<Vec<u8>> {
        let config = Config::new(Network::constant(2, 1), RunSeed::new(seed, 0));
        let run = Simulation::new(config).run(|ctx| {
            Box::pin(async move {
                let (first, second) = (ctx.session(0), ctx.session(1));
                assert_eq!(first.run_id(), first.scope("online").run_id());
                Ok([ctx.run_id(), first.run_id(), second.run_id()].concat())
            })
        });
        run.outputs().map(|(_, ids)| ids.clone()).collect()
    };
    let (first, second) = (ids(1), ids(2));
    assert_eq!(first[0], first[1], "both parties");
    let all = first[0].chunks(32).chain(second[0].chunks(32));
    assert_eq!(all.collect::<std::collections::BTreeSet<_>>().len(), 6);
}
