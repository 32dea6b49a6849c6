//! Two sessions of one protocol in one simulation, and what each of them came to.

use std::sync::{Arc, Mutex, PoisonError};

use mpclab_protocols::program::Outputs;
use mpclab_protocols::protocol::Unsupported;
use mpclab_sim::adversary::{Act, Adversary, View};
use mpclab_sim::vocabulary::{Abort, PartyId, Verdict};
use mpclab_sim::{Config, Ctx, Ideal, PartyEnd, PartyFuture, Run, RunSeed, Simulation, Tap};

use crate::battery::Target;
use crate::runner::verdict::{Facts, Substitution, Threat};
use crate::runner::{OTHER_RUN, Subject};

/// Sessions in one simulation.
pub(super) const SESSIONS: [usize; 2] = [0, 1];

/// How a party's sessions ended, with the time, as soon as they have.
type Ends = Arc<Mutex<Vec<[Option<(PartyEnd<Outputs>, u64)>; 2]>>>;

/// Two sessions of one protocol: other session names, other inputs where they are drawn.
pub(super) struct Pair<'a> {
    pub(super) subjects: [Subject<'a>; 2],
}

/// Both sessions, run at once.
pub(super) struct Both {
    /// The whole run.
    pub(super) run: Run<()>,
    /// What it was in each session, as if it were a run of its own; costs are only in the whole.
    pub(super) sessions: [Run<Outputs>; 2],
}

impl<'a> Pair<'a> {
    pub(super) fn new(target: &Target<'a>, repetition: u32) -> Result<Self, Unsupported> {
        let seed = |at| RunSeed::new(target.prepared.plan.seed, at);
        // Half way to the repetition that is replayed from.
        let (first, second) = (seed(repetition), seed(repetition + OTHER_RUN / 2));
        Ok(Pair { subjects: [target.subject(first)?, target.subject(second)?] })
    }

    /// Runs both at once; every node runs both on strands of their own.
    pub(super) fn run(&self, adversary: Option<Box<dyn Adversary>>) -> Both {
        let first = &self.subjects[0];
        let config = Config { keep_taps: true, ..first.config() };
        let nodes = first.cell.cell.roles.nodes();
        let ends: Ends = Arc::new(Mutex::new(vec![[None, None]; nodes]));
        let mut simulation = Simulation::new(config);
        for at in 0..first.bound.ideals.len() {
            simulation = simulation.with_ideal(self.ideal(at));
        }
        if let Some(adversary) = adversary {
            simulation = simulation.with_adversary(adversary);
        }
        let run = simulation.run(|ctx| self.start(&ctx, &ends));
        let mut ends = std::mem::take(&mut *ends.lock().unwrap_or_else(PoisonError::into_inner));
        let sessions = SESSIONS.map(|at| {
            let of_party = |all: &mut [Option<_>; 2]| all[at].take();
            session(&run, at, ends.iter_mut().map(of_party).collect())
        });
        Both { run, sessions }
    }

    fn start(&self, ctx: &Ctx, ends: &Ends) -> PartyFuture<()> {
        let strands = SESSIONS.map(|at| {
            let (subject, session) = (&self.subjects[at], ctx.session(at));
            let code = (subject.bound.start)(session, subject.input(ctx.id()));
            let (ctx, ends) = (ctx.clone(), Arc::clone(ends));
            async move {
                let end = match code.await {
                    Ok(outputs) => PartyEnd::Output(outputs),
                    Err(abort) => PartyEnd::Abort(abort),
                };
                let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
                ends[ctx.id().index()][at] = Some((end, ctx.clock_ns()));
            }
        });
        let all = ctx.join_all(strands);
        Box::pin(async move {
            all.await;
            Ok(())
        })
    }

    fn ideal(&self, at: usize) -> Ideal {
        let [first, second] = &self.subjects;
        let both =
            [&first.bound.ideals[at], &second.bound.ideals[at]].map(|i| Arc::clone(&i.start));
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            let strands = SESSIONS.map(|at| (both[at])(ctx.session(at)));
            let all = ctx.join_all(strands);
            Box::pin(async move {
                let ended: Result<Vec<()>, Abort> = all.await.into_iter().collect();
                ended.map(|_| ())
            })
        };
        Ideal { name: first.bound.ideals[at].name, start: Arc::new(start) }
    }

    /// The verdicts on one session.
    pub(super) fn judge(
        &self,
        both: &Both,
        at: usize,
        threat: Option<Threat>,
    ) -> (Vec<Verdict>, Substitution) {
        let Subject { cell, bound, inputs, .. } = &self.subjects[at];
        let run = &both.sessions[at];
        let (faults, is_unmissed) = (&cell.cell.faults, false);
        Facts { cell, bound, run, inputs, threat, faults, is_unmissed }.judge()
    }
}

/// What a run was in one session, given how each party ended there.
pub(crate) fn session(
    run: &Run<()>,
    at: usize,
    ends: Vec<Option<(PartyEnd<Outputs>, u64)>>,
) -> Run<Outputs> {
    let parties = ends.into_iter().zip(&run.parties).map(|(end, (whole, end_ns))| {
        let without = match whole {
            PartyEnd::Crashed => PartyEnd::Crashed,
            _ => PartyEnd::Unfinished,
        };
        end.unwrap_or((without, *end_ns))
    });
    let taps = |all: &[Vec<Tap>]| all.iter().map(|taps| of_session(taps, at)).collect();
    Run {
        parties: parties.collect(),
        end: run.end.clone(),
        corrupted: run.corrupted.clone(),
        times: run.times,
        rounds: run.rounds,
        metrics: Default::default(),
        digests: run.digests,
        taps: taps(&run.taps),
        corrupted_taps: taps(&run.corrupted_taps),
        ideal_taps: taps(&run.ideal_taps),
        view: View::default(),
        acts: acts(run, at).cloned().collect(),
        breaches: breaches(run, at),
        segments_ns: Vec::new(),
        restarted: run.restarted,
        lost: run.lost,
        events: run.events,
        trace: None,
    }
}

/// What the adversary did in one session.
pub(super) fn acts(run: &Run<()>, at: usize) -> impl Iterator<Item = &Act> {
    run.acts.iter().filter(move |act| place(&act.scope).is_some_and(|(session, _)| session == at))
}

/// Broken invariants name the scope; those that do not are of all.
fn breaches(run: &Run<()>, at: usize) -> Vec<(PartyId, String)> {
    let own = format!("session[{at}]");
    let is_own = |what: &str| what.contains(&own) || !what.contains("session[");
    run.breaches.iter().filter(|(_, what)| is_own(what)).cloned().collect()
}

fn of_session(taps: &[Tap], at: usize) -> Vec<Tap> {
    let tap = |tap: &Tap| {
        let (session, scope) = place(&tap.scope)?;
        (session == at).then(|| Tap { scope: scope.to_owned(), ..tap.clone() })
    };
    taps.iter().filter_map(tap).collect()
}

/// The session that a path lies in, and the path within it.
pub(super) fn place(scope: &str) -> Option<(usize, &str)> {
    let (at, path) = scope.strip_prefix("session[")?.split_once(']')?;
    Some((at.parse().ok()?, path.strip_prefix('/').unwrap_or(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_their_session() {
        assert_eq!(place("session[1]/online/mul[3]"), Some((1, "online/mul[3]")));
        assert_eq!(place("session[0]"), Some((0, "")));
        assert_eq!(place("online/session[0]"), None);
    }
}
