//! Scripts, rushing, views, and the invariants of honest code.

use mpclab_sim::adversary::{
    Action, BodyChange, ElementChange, ElementChoice, Pattern, Rule, Script, Scripted, Selector,
};
use mpclab_sim::faults::CrashKind;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Config, Ctx, End, PartyEnd, Run, RunSeed, Simulation};

use crate::helpers::{MS, P0, P1, P2, config};

/// Three rounds of exchanging a byte each, `10 * round + id`.
async fn rounds(ctx: Ctx) -> Result<Vec<u8>, Abort> {
    let mut got = Vec::new();
    for round in 0..3u8 {
        ctx.broadcast(&vec![10 * round + ctx.id().0 as u8]);
        got.extend(ctx.gather::<Vec<u8>>(1).await?.values().map(|bytes| bytes[0]));
    }
    Ok(got)
}

fn scripted(script: Script) -> Run<Vec<u8>> {
    let adversary = Scripted::new(vec![P1], script, &RunSeed::new(1, 0));
    let simulation = Simulation::new(config(3, MS)).with_adversary(Box::new(adversary));
    simulation.run(|ctx| Box::pin(rounds(ctx)))
}

fn rule(on: Selector, action: Action) -> Script {
    Script { rules: vec![Rule { on, action }], ..Script::default() }
}

fn occurrence(occurrence: u32, to: Option<PartyId>) -> Selector {
    Selector { occurrence: Some(occurrence), to, ..Selector::default() }
}

fn output(run: &Run<Vec<u8>>, party: PartyId) -> &[u8] {
    run.parties[party.index()].0.output().expect("an output")
}

#[test]
fn rules_change_what_honest_parties_get() {
    let tampered = |action| {
        let run = scripted(rule(occurrence(1, Some(P0)), action));
        assert_eq!(output(&run, P2), [0, 1, 10, 11, 20, 21], "the other receiver is not meant");
        (output(&run, P0).to_vec(), run.acts.len())
    };
    let add = |by| Action::Tamper {
        field: None,
        element: ElementChoice::At(0),
        change: ElementChange::Add(by),
    };
    assert_eq!(tampered(add(5)), (vec![1, 2, 16, 12, 21, 22], 1));
    assert_eq!(tampered(add(256)), (vec![1, 2, 11, 12, 21, 22], 0), "no effect is no act");
    assert_eq!(tampered(Action::Body(BodyChange::Zero)).0, [1, 2, 0, 12, 21, 22]);
    assert_eq!(tampered(Action::Reorder).0, [1, 2, 21, 12, 11, 22]);
    assert_eq!(tampered(Action::Duplicate).0, [1, 2, 11, 12, 11, 22]);
    assert_eq!(tampered(Action::ReplayEarlier).0, [1, 2, 1, 12, 21, 22]);
    assert_eq!(tampered(Action::Delay(MS / 2)).0, [1, 2, 11, 12, 21, 22]);
    let swapped = scripted(rule(occurrence(0, None), Action::Equivocate));
    assert_eq!((output(&swapped, P0)[0], output(&swapped, P2)[1]), (2, 4));
    let echoed = scripted(rule(occurrence(1, Some(P0)), Action::Echo));
    assert_eq!(output(&echoed, P0)[2], 10, "what last left for it");
    let none = Selector { scope: Some(Pattern("elsewhere".to_owned())), ..Selector::default() };
    assert!(scripted(rule(none, Action::Drop)).acts.is_empty());
}

#[test]
fn a_wrong_length_blames_its_sender() {
    for change in [BodyChange::Truncate(1), BodyChange::Extend(7)] {
        let run = scripted(rule(occurrence(0, Some(P0)), Action::Body(change)));
        let end = &run.parties[0].0;
        assert!(
            matches!(end, PartyEnd::Abort(Abort::Malformed { from, .. }) if *from == P1),
            "{end:?}"
        );
    }
}

#[test]
fn who_stops_is_closed_or_silent() {
    let stop = |kind| scripted(rule(occurrence(1, None), Action::Stop(kind)));
    let closed = stop(CrashKind::Process);
    assert!(
        matches!(&closed.parties[0].0, PartyEnd::Abort(Abort::Closed { from, .. }) if *from == P1)
    );
    let End::Stalled(waiting) = stop(CrashKind::Host).end else { panic!("nobody tells them") };
    assert!(waiting.iter().all(|waiting| waiting.party != P1 && waiting.from == [P1]));
}

/// Everyone sends a byte; who sees it first?
struct Order {
    seen: std::sync::Arc<std::sync::Mutex<Vec<PartyId>>>,
    rushing: bool,
}

impl mpclab_sim::adversary::Adversary for Order {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P0]
    }
    fn is_rushing(&self) -> bool {
        self.rushing
    }
    fn depart(
        &mut self,
        message: &mpclab_sim::adversary::Departing<'_>,
    ) -> mpclab_sim::adversary::Decision {
        self.seen.lock().expect("not poisoned").push(message.from);
        mpclab_sim::adversary::Decision::Pass
    }
}

#[test]
fn a_rushing_coalition_speaks_last_in_every_round() {
    let order = |rushing| {
        let seen: std::sync::Arc<std::sync::Mutex<Vec<PartyId>>> = std::sync::Arc::default();
        let adversary = Order { seen: std::sync::Arc::clone(&seen), rushing };
        let simulation = Simulation::new(config(3, MS)).with_adversary(Box::new(adversary));
        let run = simulation.run(|ctx| Box::pin(rounds(ctx)));
        assert_eq!(run.end, End::Complete);
        assert_eq!(output(&run, P1), [0, 2, 10, 12, 20, 22]);
        seen.lock().expect("not poisoned").clone()
    };
    assert_eq!(order(false)[..6], [P0, P0, P1, P1, P2, P2]);
    let rushed = order(true);
    assert_eq!(rushed[..4], [P1, P1, P2, P2], "all honest messages of a round come first");
    // Who has its message goes on while the other still waits: that, too, comes before the second.
    assert_eq!(rushed[4..8], [P0, P1, P1, P0]);
}

/// What an ideal functionality is told comes late, too: it may tell it to honest parties.
#[test]
fn a_rushing_coalition_speaks_to_an_ideal_functionality_last() {
    let seen: std::sync::Arc<std::sync::Mutex<Vec<PartyId>>> = std::sync::Arc::default();
    let adversary = Order { seen: std::sync::Arc::clone(&seen), rushing: true };
    let collect = |ctx: Ctx| -> mpclab_sim::PartyFuture<()> {
        Box::pin(async move {
            for party in PartyId::all(3) {
                ctx.recv::<Vec<u8>>(party, 1).await?;
            }
            ctx.send_to(PartyId::all(3), &vec![1u8]);
            Ok(())
        })
    };
    let ideal = mpclab_sim::Ideal { name: "board", start: std::sync::Arc::new(collect) };
    let simulation =
        Simulation::new(config(3, MS)).with_adversary(Box::new(adversary)).with_ideal(ideal);
    let run = simulation.run(|ctx| {
        Box::pin(async move {
            let board = ctx.ideal("board");
            ctx.send(board, &vec![ctx.id().0 as u8]);
            ctx.recv::<Vec<u8>>(board, 1).await
        })
    });
    assert_eq!(run.end, End::Complete);
    assert_eq!(seen.lock().expect("not poisoned")[..3], [P1, P2, P0]);
}

/// Speaks in the name of another party.
struct Impostor(PartyId);

impl mpclab_sim::adversary::Adversary for Impostor {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P1]
    }
    fn depart(
        &mut self,
        message: &mpclab_sim::adversary::Departing<'_>,
    ) -> mpclab_sim::adversary::Decision {
        use mpclab_sim::adversary::{Decision, Dispatch};
        if message.from != P1 {
            return Decision::Pass;
        }
        let forged = Dispatch { from: self.0, body: vec![99], ..Dispatch::of(message) };
        Decision::Send(vec![forged, Dispatch::of(message)])
    }
}

#[test]
fn nobody_speaks_in_the_name_of_an_honest_party() {
    let outputs = |name| {
        let simulation = Simulation::new(config(3, MS)).with_adversary(Box::new(Impostor(name)));
        let run = simulation.run(|ctx| Box::pin(rounds(ctx)));
        output(&run, P2).to_vec()
    };
    assert_eq!(outputs(P0), [0, 1, 10, 11, 20, 21]);
    assert_eq!(outputs(P1)[1], 99);
}

#[test]
fn an_abort_is_of_one_session() {
    let run = |speaks_in: usize| {
        let simulation = Simulation::new(config(2, MS));
        simulation.run(|ctx: Ctx| {
            Box::pin(async move {
                let sessions = [ctx.session(0), ctx.session(1)];
                if ctx.id() == P0 {
                    let _ = sessions[0].scope("online").check_failed("test");
                    sessions[speaks_in].scope("said").broadcast(&vec![1u8]);
                }
                Ok(())
            })
        })
    };
    assert!(run(1).breaches.is_empty());
    assert_eq!(run(0).breaches.len(), 1);
}

#[test]
fn what_a_coalition_tells_itself_is_in_no_transcript_of_honest_parties() {
    let digests = |coalition: Vec<PartyId>, to| {
        let on = Selector { from: Some(P1), ..occurrence(2, Some(to)) };
        let change = ElementChange::Add(1);
        let tamper = Action::Tamper { field: None, element: ElementChoice::All, change };
        let adversary = Scripted::new(coalition, rule(on, tamper), &RunSeed::new(1, 0));
        let simulation = Simulation::new(config(3, MS)).with_adversary(Box::new(adversary));
        let run = simulation.run(|ctx| Box::pin(rounds(ctx)));
        assert_eq!(run.acts.len(), 1);
        run.digests
    };
    let coalition = || vec![P1, P2];
    let (inside, outside) = (digests(coalition(), P2), digests(coalition(), P0));
    assert_ne!(inside.honest, outside.honest);
    let alone = Scripted::new(coalition(), Script::default(), &RunSeed::new(1, 0));
    let simulation = Simulation::new(config(3, MS)).with_adversary(Box::new(alone));
    let alone = simulation.run(|ctx| Box::pin(rounds(ctx))).digests;
    assert_eq!(inside.honest, alone.honest);
    assert_ne!(inside.transcript, alone.transcript);
}

#[test]
fn whoever_stops_after_its_output_leaves_the_others_without() {
    let run = scripted(Script { stops_after_output: true, ..Script::default() });
    assert_eq!(output(&run, P1), [0, 2, 10, 12, 20, 22]);
    assert!(run.parties[0].0.output().is_none() || run.parties[2].0.output().is_none());
    assert!(run.acts.iter().any(|act| act.what.contains("withholds")));
}

#[test]
fn views_hold_what_the_coalition_saw() {
    let run = scripted(Script::default());
    assert_eq!((run.view.received.len(), run.view.sent.len()), (6, 6));
    let second = run.view.received.iter().find(|seen| seen.from == P2 && seen.occurrence == 1);
    let second = second.expect("there are three");
    assert_eq!((second.body(), second.label(), second.at_ns), (&[12u8][..], "bytes", 2 * MS));
    assert_eq!(second.fields()[0].count, 1);
}

#[test]
fn another_run_can_be_replayed() {
    let other = std::sync::Arc::new(scripted(Script::default()).view.to_other_run());
    let script = rule(occurrence(2, Some(P0)), Action::ReplayOtherRun);
    let adversary = Scripted::new(vec![P1], script, &RunSeed::new(2, 0)).with_other_run(other);
    let simulation = Simulation::new(config(3, MS)).with_adversary(Box::new(adversary));
    let run = simulation.run(|ctx| {
        Box::pin(async move {
            ctx.broadcast(&vec![7u8]);
            ctx.gather::<Vec<u8>>(1).await?;
            ctx.broadcast(&vec![8u8]);
            ctx.gather::<Vec<u8>>(1).await?;
            ctx.broadcast(&vec![9u8]);
            let last = ctx.gather::<Vec<u8>>(1).await?;
            Ok(last.values().map(|bytes| bytes[0]).collect::<Vec<u8>>())
        })
    });
    assert_eq!(output(&run, P0), [21, 9]);
}

fn breaches<F>(code: impl Fn(Ctx) -> F) -> Vec<(PartyId, String)>
where
    F: Future<Output = Result<(), Abort>> + Send + 'static,
{
    Simulation::new(config(2, MS)).run(|ctx| Box::pin(code(ctx))).breaches
}

#[test]
fn a_party_that_aborts_sends_nothing_more() {
    let sound = breaches(|ctx| async move { Err(ctx.check_failed("1")) });
    assert!(sound.is_empty());
    let told = breaches(|ctx| async move {
        let abort = ctx.check_failed("1");
        ctx.scope("online").scope("abort").broadcast(&vec![1u8]);
        Err(abort)
    });
    assert!(told.is_empty(), "{told:?}");
    let broken = breaches(|ctx| async move {
        let abort = ctx.check_failed("1");
        ctx.broadcast(&vec![1u8]);
        Err(abort)
    });
    assert_eq!(broken[0], (P0, "sends in / after it aborted".to_owned()));
    // A strand that fails takes its siblings with it; without `try_` they go on.
    let strand = |ctx: Ctx, fails: bool| async move {
        let got = ctx.gather::<Vec<u8>>(2).await;
        if fails {
            got.map(|_| ())
        } else {
            ctx.sleep(std::time::Duration::from_millis(5)).await;
            ctx.broadcast(&vec![2u8]);
            Ok(())
        }
    };
    let both = |tries: bool| {
        breaches(move |ctx| async move {
            ctx.scope("a").broadcast(&vec![0u8]);
            ctx.scope("b").broadcast(&vec![0u8, 0]);
            let (a, b) = (ctx.scope("c"), ctx.scope("d"));
            a.broadcast(&vec![0u8]);
            b.broadcast(&vec![0u8, 0]);
            if tries {
                ctx.try_join(strand(a, true), strand(b, false)).await.map(|_| ())
            } else {
                ctx.join(strand(a, true), strand(b, false)).await.0
            }
        })
    };
    assert!(both(true).is_empty(), "{:?}", both(true));
    assert_eq!(both(false)[0].1, "sends in d after it aborted");
}

#[test]
fn randomness_is_used_once_and_secrets_are_erased() {
    let twice = breaches(|ctx| async move {
        let online = ctx.scope("online");
        online.consume("triples", "7", 0..2, 6);
        online.consume("triples", "7", 1..3, 6);
        Ok(())
    });
    assert_eq!(twice[0], (P0, "uses triples twice in online".to_owned()));
    let erased = breaches(|ctx| async move {
        let _key = ctx.secret("MAC key");
        Err(ctx.check_failed("1"))
    });
    assert!(erased.is_empty());
    let kept = breaches(|ctx| async move {
        std::mem::forget(ctx.secret("MAC key"));
        Err(ctx.check_failed("1"))
    });
    assert_eq!(kept[1], (P1, "aborts and keeps its MAC key".to_owned()));
}

#[test]
fn broken_randomness_is_the_corrupted_partys_alone() {
    let run = |randomness: Vec<(PartyId, mpclab_sim::Randomness)>| {
        let config = Config { randomness: randomness.into_iter().collect(), ..config(2, MS) };
        let run = Simulation::new(config).run(|ctx| {
            Box::pin(async move {
                use rand::Rng;
                let (a, b) = (ctx.scope("a").rng().next_u64(), ctx.scope("b").rng().next_u64());
                Ok(format!("{a} {b}").into_bytes())
            })
        });
        [P0, P1].map(|party| String::from_utf8(output(&run, party).to_vec()).expect("text"))
    };
    let sound = run(vec![]);
    let zero = run(vec![(P1, mpclab_sim::Randomness::Zero)]);
    assert_eq!((&zero[0], zero[1].as_str()), (&sound[0], "0 0"));
    let repeated = run(vec![(P1, mpclab_sim::Randomness::Repeated)]);
    let words: Vec<&str> = repeated[1].split(' ').collect();
    assert!(words[0] == words[1] && words[0] != "0" && repeated[1] != sound[1]);
}
