//! Exact privacy under attack: does linear algebra find a functional of what a cheating coalition
//! sees that tells two inputs apart?
//!
//! On a tiny function two layers of products deep, with the scenario's own protocol: an error in the
//! first layer becomes a multiple of a secret in the second, and whoever opens that before it is
//! checked gives the secret away. Faults are additive, so that views stay polynomials of the draws.

use std::cell::Cell;
use std::collections::BTreeSet;

use mpclab_protocols::functions::Task;
use mpclab_sim::vocabulary::{AdversaryKind, PartyId};
use rayon::prelude::*;

use super::super::algebra::{self, Stopped};
use super::super::findings::{Outcome, Test};
use super::super::tape::{Assigned, Draw, Recorder, Uniform};
use super::super::tiny::{Hidden, Tiny, Variant};
use super::super::views::drawn;
use super::super::{EVENTS_OF_A_RUN, Probe, SETS as SETS_OF_VIEWS};
use super::faults::{self, Fault};
use super::run::{Happened, happens};
use crate::battery::Target;
use crate::evidence::jacobian::{self, Finding, Question};
use crate::evidence::prime::Prime;

/// Name of the test.
const NAME: &str = "exact linear algebra under attack";

/// Coalitions that attack.
const COALITIONS: usize = 2;
/// Faults of one coalition that are decided.
const FAULTS: usize = 16;
/// Events that the decisions of one coalition may cost.
const EVENTS: u64 = 6_000_000;
/// Number of the run whose keys are used.
const KEYS: u32 = 2;

/// A coalition with a fault and two inputs that it can't tell apart in the ideal world.
struct Asked<'a> {
    hidden: &'a Hidden,
    inputs: [[i128; 2]; 2],
    fault: Fault,
}

/// Decides a few faults of each step, by each of a few coalitions.
pub(in crate::battery::privacy) fn tests(probe: &Probe<'_>) -> Vec<Test> {
    if probe.target.claims().adversary == AdversaryKind::SemiHonest
        || !matches!(probe.cell.task, Task::Program(_))
    {
        return Vec::new();
    }
    let n = probe.target.n().clamp(2, 3);
    let decided = [None, Some("m61")].into_iter().find_map(|field| {
        let variant = probe.variant(Tiny::Nested, n, field).ok()?;
        let prepared = probe.target.prepared;
        let target = Target::new(probe.target.registry, prepared, &variant.cell)?;
        let tiny = Probe { target: &target, cell: variant.cell.clone(), effort: probe.effort };
        let tests = of_variant(&tiny, &variant);
        let is_decided = tests.iter().any(|test| matches!(test.outcome, Outcome::Decided(_)));
        is_decided.then_some(tests)
    });
    decided.unwrap_or_default()
}

fn of_variant(probe: &Probe<'_>, variant: &Variant) -> Vec<Test> {
    let hidden = variant.hidden();
    let claimed = hidden.iter().filter(|hidden| hidden.claimed).take(COALITIONS);
    claimed.filter_map(|hidden| of_coalition(probe, variant, hidden)).collect()
}

/// All faults of one coalition, each with one pair of inputs.
fn of_coalition(probe: &Probe<'_>, variant: &Variant, hidden: &Hidden) -> Option<Test> {
    let pairs: Vec<[[i128; 2]; 2]> =
        hidden.classes.iter().map(|class| [class[0], class[class.len() - 1]]).collect();
    let mut ways = BTreeSet::new();
    let mut asked = Vec::new();
    for (at, fault) in faults::additive(probe, &hidden.coalition).into_iter().enumerate() {
        // Faults of one step that end alike are alike.
        let step = fault.name.clone();
        let one = Asked { hidden, inputs: pairs[at % pairs.len()], fault };
        let Ok(ends) = ends(probe, &one) else { continue };
        if asked.len() < FAULTS && ways.insert((ends, step)) {
            asked.push(one);
        }
    }
    let events = EVENTS / asked.len().max(1) as u64;
    let decided: Vec<_> = asked.par_iter().map(|one| (one, decide(probe, one, events))).collect();
    let (mut count, mut why) = (0u64, String::new());
    let mut found = None;
    for (one, decided) in decided {
        match decided {
            Ok(Finding::Leaks { relation, .. }) => {
                count += 1;
                found.get_or_insert(format!(
                    "{}: a linear functional of {} received elements tells the inputs apart",
                    one.fault.name,
                    relation.len()
                ));
            }
            Ok(Finding::Perfect { .. } | Finding::Statistical { .. }) => count += 1,
            Ok(Finding::Inconclusive { why: other }) => why = other,
            Err(Stopped::Inapplicable(other) | Stopped::Undecided(other)) => why = other,
        }
    }
    if count == 0 {
        return None;
    }
    let note = format!(
        "{count} of {} faults decided, {}, n = {}, {}{}",
        asked.len(),
        variant.tiny.name(),
        variant.n(),
        variant.domain,
        if why.is_empty() { String::new() } else { format!("; of others: {why}") }
    );
    Some(Test {
        family: mpclab_reports::battery::Family::Privacy,
        name: NAME.to_owned(),
        guarantee: mpclab_sim::vocabulary::Guarantee::Privacy,
        claimed: true,
        coalition: hidden.coalition.clone(),
        algebra: variant.domain.clone(),
        samples: count,
        note,
        outcome: Outcome::Decided(found),
    })
}

/// How a run under attack ends.
fn ends(probe: &Probe<'_>, asked: &Asked<'_>) -> Result<String, String> {
    let seed = probe.seed(0, SETS_OF_VIEWS - 1, KEYS);
    let tape = Recorder::new(Uniform::new(seed.purpose("tape")));
    let inputs = Variant::inputs(asked.inputs[0]);
    let (coalition, other) = (&asked.hidden.coalition, probe.target.other_run(&[]));
    let happened = happens(probe, coalition, &asked.fault, (seed, &inputs), &other, &tape)?;
    match happened.is_acted && happened.told.is_some() {
        true => Ok(happened.ends),
        false => Err("nothing is changed, or nobody knows what the coalition brings".to_owned()),
    }
}

/// Decides one fault.
fn decide(probe: &Probe<'_>, asked: &Asked<'_>, events: u64) -> Result<Finding, Stopped> {
    let Task::Program(program) = &probe.cell.task else {
        return Err(Stopped::Inapplicable("the function is no program".to_owned()));
    };
    let seed = probe.seed(0, SETS_OF_VIEWS - 1, KEYS);
    let coalition: &[PartyId] = &asked.hidden.coalition;
    let (inputs, other) = (asked.inputs.map(Variant::inputs), probe.target.other_run(coalition));
    let uniform = Recorder::new(Uniform::new(seed.purpose("tape")));
    let first =
        happens(probe, coalition, &asked.fault, (seed, &inputs[0]), &other, &uniform)?;
    let (draws, p) = algebra::field_draws(&first.observation)?;
    let field = Prime::new(p)
        .ok_or_else(|| Stopped::Inapplicable("draws are no elements of a field".to_owned()))?;
    let known: BTreeSet<Draw> =
        drawn(&first.observation, coalition).into_iter().map(|(draw, _)| draw).collect();
    let revealed: Vec<usize> = (0..draws.len()).filter(|at| known.contains(&draws[*at])).collect();
    let tape = Recorder::new(Assigned::new(&draws));
    let left = Cell::new(events / (first.observation.events + EVENTS_OF_A_RUN));
    let view = |class: usize, values: &[u128]| {
        left.set(left.get().checked_sub(1).ok_or("too many runs would be needed")?);
        tape.with(|assigned| assigned.assign(values));
        let inputs = (seed, inputs[class].as_slice());
        let Happened { observation, told, .. } =
            happens(probe, coalition, &asked.fault, inputs, &other, &tape)?;
        if tape.with(|assigned| assigned.unknown) {
            return Err("what is drawn depends on what was drawn".to_owned());
        }
        if told.is_none() || told != first.told {
            return Err("the functionality tells the coalition something else".to_owned());
        }
        algebra::received(&observation, coalition, p)
    };
    let degree = algebra::degree(program);
    let seed = probe.target.prepared.plan.seed;
    let question = Question { field, draws: draws.len(), revealed: &revealed, degree, seed };
    Ok(jacobian::decide(&question, view))
}
