//! What to run for a deployment: every protocol that there is, held against what is required, run,
//! changed, loaded, and ranked.

mod bottleneck;
mod candidates;
mod claims;
pub mod load;
mod measure;
mod option;
mod sizing;
mod told;
mod what_if;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mpclab_reports::advice::{Advice, Choice, RuledOut};
use mpclab_reports::record::{Outcome, Record};
use mpclab_scenarios::{Deployment, Diagnostic, RankBy};

use crate::registry::{Bound, Registry};
use crate::runner::{Prepared, PreparedCell, prepare};
use option::Weighed;

/// Percent of runs that a long time is told for where no deadline says another share.
const PERCENT: usize = 95;

/// Parties that join in the question what if more of them did.
const JOINERS: usize = 2;

/// How advice is found.
pub struct Options<'a> {
    /// Told of each step, for people.
    pub progress: &'a (dyn Fn(&str) + Sync),
    /// Set from outside to stop after the step under way.
    pub interrupted: &'a AtomicBool,
}

/// Advice with what it rests on.
pub struct Finished {
    /// The advice.
    pub advice: Advice,
    /// All runs: of the options, and of what was changed in them.
    pub records: Vec<Record>,
    /// The scenario of the options, resolved.
    pub resolved: String,
}

/// Why there is no advice.
#[derive(Debug)]
pub enum NoAdvice {
    /// Mistakes in the deployment file.
    Mistakes(Vec<Diagnostic>),
    /// Stopped from outside.
    Interrupted,
    /// A run met a state that mpclab or a protocol's code rules out.
    Bug(String),
}

impl From<Vec<Diagnostic>> for NoAdvice {
    fn from(mistakes: Vec<Diagnostic>) -> Self {
        NoAdvice::Mistakes(mistakes)
    }
}

/// Everything that stays the same while advice is looked for.
struct Advisor<'a> {
    registry: &'a Registry,
    deployment: &'a Deployment,
    prepared: &'a Prepared,
    options: &'a Options<'a>,
    /// Percent of requests that has to meet the deadline.
    percent: usize,
}

/// Looks for the best way to run a deployment.
///
/// # Errors
/// [`NoAdvice`]; that nothing meets the requirements is advice, too.
pub fn advise(
    registry: &Registry,
    deployment: &Deployment,
    options: &Options<'_>,
) -> Result<Finished, NoAdvice> {
    let prepared = options_of(registry, deployment)?;
    let resolved = prepared.plan.resolved.clone();
    let percent = deployment.required.deadline.map_or(PERCENT, |deadline| deadline.percentile);
    let advisor = Advisor { registry, deployment, prepared: &prepared, options, percent };
    let (fit, mut ruled_out) = advisor.sort();
    let mut weighed = Vec::new();
    for (cell, bound) in fit {
        advisor.goes_on()?;
        (options.progress)(&format!("running {}", cell.cell.protocol.label));
        match advisor.weigh(cell, bound)? {
            // Two names for one thing, for example a threshold and `max`.
            Ok(one) if weighed.iter().any(|known: &Weighed<'_>| one.is_same(known)) => {}
            Ok(one) => weighed.push(one),
            Err(out) => ruled_out.push(out),
        }
    }
    advisor.rank(&mut weighed);
    advisor.deepen(&mut weighed)?;
    let mut records: Vec<Record> =
        weighed.iter().flat_map(|one| one.records.iter().cloned()).collect();
    mpclab_reports::record::sort(&mut records);
    let advice = advisor.advice(weighed, ruled_out);
    Ok(Finished { advice, records, resolved })
}

/// Every option that a deployment has, ready to run: what is wrong with it shows here, whether
/// advice is looked for or the file is only checked.
///
/// # Errors
/// The user's mistakes, each with its place in the deployment file.
pub fn options_of(
    registry: &Registry,
    deployment: &Deployment,
) -> Result<Prepared, Vec<Diagnostic>> {
    let candidates = candidates::candidates(registry, deployment);
    prepare(deployment.plan(&candidates, 0, registry)?, registry)
}

impl Advisor<'_> {
    fn goes_on(&self) -> Result<(), NoAdvice> {
        match self.options.interrupted.load(Ordering::Relaxed) {
            true => Err(NoAdvice::Interrupted),
            false => Ok(()),
        }
    }

    /// Parts the cells that may be run from those that are ruled out before.
    fn sort(&self) -> (Vec<(&PreparedCell, Arc<Bound>)>, Vec<RuledOut>) {
        let (mut fit, mut out) = (Vec::new(), Vec::new());
        for cell in &self.prepared.cells {
            match self.shortfalls(cell) {
                Ok(bound) => fit.push((cell, bound)),
                Err(why) => out.push(ruled_out(cell, why)),
            }
        }
        (fit, out)
    }

    /// The protocol bound to the deployment's job, or every reason why it will not do.
    fn shortfalls(&self, cell: &PreparedCell) -> Result<Arc<Bound>, Vec<String>> {
        if let Some(why) = &cell.unsupported {
            return Err(vec![why.clone()]);
        }
        let bound = cell.bound(self.registry, &cell.job());
        let bound = bound.map_err(|why| vec![why.to_string()])?;
        let why = claims::shortfalls(
            (&bound.claims, &bound.roles, !bound.ideals.is_empty()),
            &self.deployment.required,
            cell.cell.security,
            cell.cell.roles.compute,
            cell.cell.synchrony_ns,
        );
        if why.is_empty() { Ok(bound) } else { Err(why) }
    }

    /// What meets everything first, then by what the deployment ranks by; ties by label.
    fn rank(&self, weighed: &mut [Weighed<'_>]) {
        weighed.sort_by_key(|one| {
            let cost = &one.choice.cost;
            let first = match self.deployment.rank_by {
                RankBy::Time => (cost.median_ns, cost.bytes),
                RankBy::Bytes => (cost.bytes, cost.median_ns),
                RankBy::Money => (cost.money_nusd.unwrap_or(u64::MAX), cost.median_ns),
            };
            (!one.choice.misses.is_empty(), first, one.choice.label.clone())
        });
    }

    /// What is asked of the best option of each protocol only, and of the best of all.
    fn deepen(&self, weighed: &mut [Weighed<'_>]) -> Result<(), NoAdvice> {
        let mut seen: Vec<String> = Vec::new();
        let best = best_of(weighed);
        for (at, one) in weighed.iter_mut().enumerate() {
            if seen.contains(&one.choice.protocol) {
                continue;
            }
            seen.push(one.choice.protocol.clone());
            (self.options.progress)(&format!("changing {}", one.choice.label));
            self.ask_what_if(one)?;
            if Some(at) == best {
                (self.options.progress)(&format!("loading {}", one.choice.label));
                self.goes_on()?;
                self.check_load(one);
                self.size(one)?;
            }
        }
        Ok(())
    }

    fn advice(&self, weighed: Vec<Weighed<'_>>, ruled_out: Vec<RuledOut>) -> Advice {
        let best = best_of(&weighed);
        let recommended = best.map(|at| weighed[at].choice.label.clone());
        let choices = weighed.into_iter().map(|one| one.choice);
        let (unpriced, options): (Vec<Choice>, Vec<Choice>) =
            choices.partition(|choice| choice.unpriced);
        Advice { recommended, options, unpriced, ruled_out, ..self.told() }
    }
}

/// The first that meets everything; one with a price for everything if there is any.
fn best_of(weighed: &[Weighed<'_>]) -> Option<usize> {
    let meets = |one: &Weighed<'_>| one.choice.misses.is_empty();
    let priced = |one: &Weighed<'_>| !one.choice.unpriced;
    let first = weighed.iter().position(|one| meets(one) && priced(one));
    first.or_else(|| weighed.iter().position(meets))
}

fn ruled_out(cell: &PreparedCell, why: Vec<String>) -> RuledOut {
    let protocol = &cell.cell.protocol;
    RuledOut { protocol: protocol.name.clone(), label: protocol.label.clone(), why }
}

/// A bug in a run, if one of them met any.
fn bug(records: &[Record]) -> Result<(), NoAdvice> {
    let found = records.iter().find(|record| matches!(record.outcome, Outcome::Bug(_)));
    match found {
        Some(record) => {
            let (name, why) = (&record.key.protocol, record.outcome.reason());
            Err(NoAdvice::Bug(format!("{name}: {why}")))
        }
        None => Ok(()),
    }
}

/// A plan of the same protocols for more parties, prepared.
fn prepared_for_more(
    advisor: &Advisor<'_>,
    cell: &PreparedCell,
) -> Result<Arc<Prepared>, Vec<Diagnostic>> {
    let candidate = mpclab_scenarios::Candidate {
        protocol: cell.cell.protocol.name.clone(),
        params: cell.cell.protocol.params.clone(),
    };
    let plan = advisor.deployment.plan(&[candidate], JOINERS, advisor.registry)?;
    prepare(plan, advisor.registry).map(Arc::new)
}
