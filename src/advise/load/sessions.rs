//! The same load, really run: many sessions of one protocol in one simulation.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mpclab_protocols::program::Outputs;
use mpclab_sim::vocabulary::{Guarantee, Observed};
use mpclab_sim::{Config, Ctx, Ideal, PartyEnd, PartyFuture, RunSeed, Simulation};

use crate::battery::composition::session;
use crate::registry::Registry;
use crate::runner::verdict::Facts;
use crate::runner::{Prepared, PreparedCell, Subject};

/// The code of each session at one node, until it is started.
type Codes = Arc<Vec<Mutex<Option<PartyFuture<Outputs>>>>>;

/// How each session ended at each node.
type Ends = Arc<Mutex<Vec<Vec<Option<(PartyEnd<Outputs>, u64)>>>>>;

/// Runs a session for each arrival, at most `in_flight` of them at a time at each node, and gives
/// when each was done, nanoseconds.
///
/// # Errors
/// Why a session did not end well.
pub fn run(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    arrivals_ns: &[u64],
    in_flight: usize,
) -> Result<Vec<u64>, String> {
    let subject = |session: usize| {
        let seed = RunSeed::new(prepared.plan.seed, session as u32);
        Subject::new(registry, cell, seed).map_err(|why| why.to_string())
    };
    let subjects: Vec<Subject<'_>> =
        (0..arrivals_ns.len()).map(subject).collect::<Result<_, _>>()?;
    let Some(first) = subjects.first() else { return Ok(Vec::new()) };
    let nodes = cell.cell.roles.nodes();
    let arrivals: Arc<[u64]> = arrivals_ns.into();
    let ends: Ends = Arc::new(Mutex::new(vec![vec![None; nodes]; subjects.len()]));
    let mut simulation = Simulation::new(Config { keep_links: false, ..first.config() });
    for at in 0..first.bound.ideals.len() {
        let codes: Vec<_> =
            subjects.iter().map(|subject| Arc::clone(&subject.bound.ideals[at].start)).collect();
        let name = first.bound.ideals[at].name;
        simulation = simulation.with_ideal(ideal(name, codes, Arc::clone(&arrivals)));
    }
    let run = simulation.run(|ctx| {
        let codes = subjects.iter().enumerate().map(|(at, subject)| {
            let code = (subject.bound.start)(ctx.session(at), subject.input(ctx.id()));
            Mutex::new(Some(code))
        });
        let codes: Codes = Arc::new(codes.collect());
        serve(&ctx, &codes, &arrivals, in_flight, &ends)
    });
    let ends = std::mem::take(&mut *ends.lock().unwrap_or_else(PoisonError::into_inner));
    let mut finish_ns = Vec::with_capacity(ends.len());
    for (at, ends) in ends.into_iter().enumerate() {
        let run = session(&run, at, ends);
        let (cell, bound, inputs) = (cell, &subjects[at].bound, &subjects[at].inputs);
        let (run, threat, faults, is_unmissed) = (&run, None, &[], false);
        let facts = Facts { cell, bound, run, inputs, threat, faults, is_unmissed };
        let wrong = facts.judge().0.into_iter().find(|verdict| {
            verdict.guarantee == Guarantee::Correctness && verdict.observed != Observed::Held
        });
        if let Some(wrong) = wrong {
            return Err(format!("session {at}: {}", wrong.evidence));
        }
        let ended = run.parties.iter().map(|(_, end_ns)| *end_ns).max();
        finish_ns.push(ended.unwrap_or(0));
    }
    Ok(finish_ns)
}

/// Serves sessions in order of arrival on as many strands as may be in flight.
fn serve(
    ctx: &Ctx,
    codes: &Codes,
    arrivals: &Arc<[u64]>,
    in_flight: usize,
    ends: &Ends,
) -> PartyFuture<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let strands = (0..in_flight.clamp(1, arrivals.len().max(1))).map(|_| {
        let (ctx, codes, ends) = (ctx.clone(), Arc::clone(codes), Arc::clone(ends));
        let (arrivals, next) = (Arc::clone(arrivals), Arc::clone(&next));
        async move {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(arrival_ns) = arrivals.get(at) else { return };
                wait(&ctx, *arrival_ns).await;
                let code = codes[at].lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(code) = code else { return };
                let end = match code.await {
                    Ok(outputs) => PartyEnd::Output(outputs),
                    Err(abort) => PartyEnd::Abort(abort),
                };
                let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
                ends[at][ctx.id().index()] = Some((end, ctx.clock_ns()));
            }
        }
    });
    let all = ctx.join_all(strands);
    Box::pin(async move {
        all.await;
        Ok(())
    })
}

/// Waits until a moment by this party's clock.
async fn wait(ctx: &Ctx, until_ns: u64) {
    let now = ctx.clock_ns();
    if until_ns > now {
        ctx.sleep(Duration::from_nanos(until_ns - now)).await;
    }
}

fn ideal(
    name: &'static str,
    codes: Vec<Arc<dyn Fn(Ctx) -> PartyFuture<()> + Send + Sync>>,
    arrivals: Arc<[u64]>,
) -> Ideal {
    let start = move |ctx: Ctx| -> PartyFuture<()> {
        let strands = codes.iter().zip(&*arrivals).enumerate().map(|(at, (code, arrival_ns))| {
            let (ctx, code, arrival_ns) = (ctx.clone(), Arc::clone(code), *arrival_ns);
            async move {
                wait(&ctx, arrival_ns).await;
                code(ctx.session(at)).await
            }
        });
        let all = ctx.join_all(strands);
        Box::pin(async move { all.await.into_iter().collect() })
    };
    Ideal { name, start: Arc::new(start) }
}
