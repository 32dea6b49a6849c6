//! Rounds and time by scope and by batch, exact.

use std::time::Duration;

use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{BATCHES, Config, Ctx, Run, ScopeCounts};

use crate::compute::{op, priced};
use crate::helpers::{MS, P0, config, run};

async fn all_to_all(ctx: &Ctx) -> Result<(), Abort> {
    ctx.broadcast(&vec![1u8; 10]);
    ctx.gather::<Vec<u8>>(10).await.map(|_| ())
}

/// Path, rounds and milliseconds.
type Figures = Vec<(String, u32, u64)>;

fn figures(rows: &[ScopeCounts]) -> Figures {
    rows.iter().map(|row| (row.path.clone(), row.rounds, row.time_ns / MS)).collect()
}

fn scopes<T>(run: &Run<T>) -> Figures {
    assert!(run.is_complete());
    figures(&run.metrics.scopes)
}

fn row(path: &str, rounds: u32, time_ms: u64) -> (String, u32, u64) {
    (path.to_owned(), rounds, time_ms)
}

#[test]
fn openings_one_after_the_other_add_up() {
    let out = run(config(4, 10 * MS), |ctx: Ctx| async move {
        let online = ctx.scope("online");
        let open = online.scope("open");
        all_to_all(&open).await?;
        all_to_all(&open).await?;
        all_to_all(&online.scope("output")).await?;
        Ok(0u64)
    });
    let expected = [row("online", 3, 30), row("online/open", 2, 20), row("online/output", 1, 10)];
    assert_eq!(scopes(&out), expected);
    assert_eq!((out.rounds.total, out.times.total_ns), (3, 30 * MS));
}

#[test]
fn openings_side_by_side_do_not() {
    let out = run(config(4, 10 * MS), |ctx: Ctx| async move {
        let online = ctx.scope("online");
        let (a, b) = (online.scope(("mul", 0)), online.scope(("mul", 1)));
        let less = online.scope("less");
        let both = async { all_to_all(&a).await.and(all_to_all(&less).await) };
        let (both, b) = ctx.join(both, all_to_all(&b)).await;
        both.and(b)?;
        Ok(0u64)
    });
    let expected = [row("online", 2, 20), row("online/less", 1, 10), row("online/mul", 1, 10)];
    assert_eq!(scopes(&out), expected);
    let batches = [row("online/mul[0]", 1, 10), row("online/mul[1]", 1, 10)];
    assert_eq!(figures(&out.metrics.batches), batches);
}

#[test]
fn a_star_is_two_rounds_and_for_those_around_the_king_two_latencies() {
    let out = run(config(4, 10 * MS), |ctx: Ctx| async move {
        let star = ctx.scope("online").scope("star");
        if ctx.id() == P0 {
            star.gather::<Vec<u8>>(1).await?;
            star.broadcast(&vec![1u8]);
        } else {
            star.send(P0, &vec![1u8]);
            star.recv::<Vec<u8>>(P0, 1).await?;
        }
        Ok(0u64)
    });
    assert_eq!(scopes(&out), [row("online", 2, 20), row("online/star", 2, 20)]);
}

/// A king that comes three rounds late makes an opening no longer than a round: the rounds before
/// are those of its other scope. The others do wait for it.
#[test]
fn rounds_that_passed_elsewhere_are_not_those_of_a_scope() {
    let out = run(config(3, 10 * MS), |ctx: Ctx| async move {
        let online = ctx.scope("online");
        let (before, open) = (online.scope("before"), online.scope("open"));
        if ctx.id().0 < 2 {
            let peer = mpclab_sim::vocabulary::PartyId(1 - ctx.id().0);
            for _ in 0..3 {
                before.send(peer, &vec![0u8]);
                before.recv::<Vec<u8>>(peer, 1).await?;
            }
        }
        all_to_all(&open).await?;
        Ok(0u64)
    });
    let expected = [row("online", 4, 40), row("online/before", 3, 30), row("online/open", 1, 40)];
    assert_eq!(scopes(&out), expected);
}

#[test]
fn batches_hold_what_is_inside_them_and_are_bounded() {
    let out = run(config(3, 10 * MS), |ctx: Ctx| async move {
        let online = ctx.scope("online");
        for k in 0..(BATCHES as usize + 6) {
            let mul = online.scope(("mul", k));
            all_to_all(&mul.scope("open")).await?;
            if k == 2 {
                all_to_all(&mul.scope(("check", 7))).await?;
            }
        }
        Ok(0u64)
    });
    let muls = BATCHES as u32 + 6;
    let expected = [
        row("online", muls + 1, 10 * u64::from(muls + 1)),
        row("online/mul", muls + 1, 10 * u64::from(muls + 1)),
        row("online/mul/check", 1, 10),
        row("online/mul/open", muls, 10 * u64::from(muls)),
    ];
    assert_eq!(scopes(&out), expected);
    let batches = &out.metrics.batches;
    assert_eq!(batches.len() as u64, BATCHES, "in order of index");
    let batch = |at: usize| (batches[at].path.as_str(), batches[at].rounds, batches[at].time_ns);
    assert_eq!(batch(1), ("online/mul[1]", 1, 10 * MS));
    assert_eq!(batch(2), ("online/mul[2]", 2, 20 * MS));
    assert_eq!(batch(11).0, "online/mul[11]");
    let bytes = |at: usize| batches[at].sum.sent_bytes;
    assert_eq!((bytes(1), bytes(2)), (60, 120), "ten bytes, three parties, two others each");
}

#[test]
fn compute_and_sleep_are_time_and_what_overlaps_counts_once() {
    let config = Config { compute: priced("work", 1000 * MS), ..config(2, 10 * MS) };
    let out = run(config, |ctx: Ctx| async move {
        let online = ctx.scope("online");
        let (local, wait) = (online.scope("local"), online.scope("wait"));
        local.charge(op("work"), 5);
        let work = async {
            local.sleep(Duration::from_millis(2)).await;
            local.charge(op("work"), 3);
            Ok(())
        };
        let (opened, worked): (_, Result<(), Abort>) = ctx.join(all_to_all(&wait), work).await;
        opened.and(worked)?;
        Ok(0u64)
    });
    // Online: 5 of work, then 10 of waiting, during which 2 of sleep and 3 of work pass.
    let expected = [row("online", 1, 15), row("online/local", 0, 10), row("online/wait", 1, 10)];
    assert_eq!(scopes(&out), expected);
}
