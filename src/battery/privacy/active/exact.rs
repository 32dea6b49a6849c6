//! Exact privacy under attack: does linear algebra find a functional of what a cheating coalition
//! sees that tells two inputs apart?
//!
//! On a tiny function two layers of products deep, with the scenario's own protocol: an error in the
//! first layer becomes a multiple of a secret in the second, and whoever opens that before it is
//! checked gives the secret away. Faults are additive, so that views stay polynomials of the draws.

use std::cell::Cell;
use std::collections::BTreeSet;

use mpclab_protocols::functions::Task;
use mpclab_reports::battery::Family;
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee};
use mpclab_sim::wire::Algebra;
use rayon::prelude::*;

use super::super::algebra::{self, FRESH_KEYS, KEYS, REPEATS};
use super::super::findings::{Compared, Outcome, Test};
use super::super::tape::{Assigned, Recorder};
use super::super::tiny::{Hidden, Tiny, Variant};
use super::super::unknowns::{Stopped, Unknowns, received};
use super::super::{EVENTS_OF_A_RUN, Probe, SETS as VIEWS};
use super::faults::{self, Fault};
use super::run;
use crate::battery::Target;
use crate::evidence::jacobian::Finding;

/// Name of the test.
const NAME: &str = "exact linear algebra under attack";

/// Coalitions that attack.
const COALITIONS: usize = 2;
/// Faults of one coalition that are decided.
const FAULTS: usize = 16;
/// Events that the decisions of one coalition may cost.
const EVENTS: u64 = 6_000_000;

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
    // The larger the field, the more points tell polynomials apart.
    let mut last = Vec::new();
    for field in [Some("p128"), None, Some("m61")] {
        let Ok(variant) = probe.variant(Tiny::Nested, n, field) else { continue };
        let prepared = probe.target.prepared;
        let Some(target) = Target::new(probe.target.registry, prepared, &variant.cell) else {
            continue;
        };
        let tiny = Probe { target: &target, cell: variant.cell.clone(), effort: probe.effort };
        last = of_variant(&tiny, &variant);
        if last.iter().any(|test| !matches!(test.outcome, Outcome::Inapplicable(_))) {
            break;
        }
    }
    last
}

fn of_variant(probe: &Probe<'_>, variant: &Variant) -> Vec<Test> {
    let hidden = variant.hidden();
    let claimed = hidden.iter().filter(|hidden| hidden.claimed).take(COALITIONS);
    claimed.map(|hidden| of_coalition(probe, variant, hidden)).collect()
}

/// All faults of one coalition, each with one pair of inputs.
fn of_coalition(probe: &Probe<'_>, variant: &Variant, hidden: &Hidden) -> Test {
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
            Ok(finding) => match algebra::conclude(finding, variant.security).0 {
                Outcome::Decided(what) => {
                    count += 1;
                    let what = what.map(|what| format!("{}: {what}", one.fault.name));
                    found = found.or(what);
                }
                Outcome::Undecided(other) | Outcome::Inapplicable(other) => why = other,
                Outcome::Compared(_) | Outcome::Searched(_) => {}
            },
            Err(Stopped::Inapplicable(other) | Stopped::Undecided(other)) => why = other,
        }
    }
    let note = format!(
        "{count} of {} faults decided, {}, n = {}, {}{}",
        asked.len(),
        variant.tiny.name(),
        variant.n(),
        variant.domain,
        if why.is_empty() { String::new() } else { format!("; of others: {why}") }
    );
    let outcome = match (found, count) {
        (Some(what), _) => Outcome::Decided(Some(what)),
        (None, 0) => Outcome::Inapplicable(format!("no fault could be decided: {why}")),
        (None, all) if all == asked.len() as u64 => Outcome::Decided(None),
        // That some faults tell nothing says nothing of those that were not decided.
        (None, _) => Outcome::Compared(vec![Compared {
            what: "faults that were decided".to_owned(),
            p_value: 1.0,
            detail: String::new(),
        }]),
    };
    Test {
        family: Family::Privacy,
        name: NAME.to_owned(),
        guarantee: Guarantee::Privacy,
        claimed: true,
        coalition: hidden.coalition.clone(),
        algebra: variant.domain.clone(),
        samples: count,
        note,
        outcome,
    }
}

/// How a run under attack ends.
fn ends(probe: &Probe<'_>, asked: &Asked<'_>) -> Result<String, String> {
    let (seed, coalition) = (probe.seed(0, VIEWS - 1, KEYS), &asked.hidden.coalition);
    let (inputs, other) = (Variant::inputs(asked.inputs[0]), probe.target.other_run(coalition));
    let made = run::uniform(probe, coalition, &asked.fault, (seed, &inputs), &other)?;
    match made.is_acted() && made.told(probe, coalition).is_some() {
        true => Ok(made.ends(coalition)),
        false => Err("nothing is changed, or nobody knows what the coalition brings".to_owned()),
    }
}

/// Decides one fault; what is found has to be there with other keys as well.
fn decide(probe: &Probe<'_>, asked: &Asked<'_>, events: u64) -> Result<Finding, Stopped> {
    let (first, has_bytes) = with_keys(probe, asked, events, KEYS)?;
    if !has_bytes || !matches!(first, Finding::Leaks { .. } | Finding::Short { .. }) {
        return Ok(first);
    }
    let mut all = vec![first];
    for fresh in 0..REPEATS {
        all.push(with_keys(probe, asked, events, FRESH_KEYS + fresh)?.0);
        if !algebra::outlives(&all) {
            let why = "keys, the same in all runs, may be what gives the input away".to_owned();
            return Err(Stopped::Undecided(why));
        }
    }
    Ok(all.swap_remove(0))
}

/// Decides it with the keys of one run; also, whether there are keys.
fn with_keys(
    probe: &Probe<'_>,
    asked: &Asked<'_>,
    events: u64,
    keys: u32,
) -> Result<(Finding, bool), Stopped> {
    let Task::Program(program) = &probe.cell.task else {
        return Err(Stopped::Inapplicable("the function is no program".to_owned()));
    };
    let (seed, coalition) = (probe.seed(0, VIEWS - 1, keys), &asked.hidden.coalition);
    let (inputs, other) = (asked.inputs.map(Variant::inputs), probe.target.other_run(coalition));
    let fault = &asked.fault;
    let mut first = run::uniform(probe, coalition, fault, (seed, &inputs[0]), &other)?;
    let told = first.told(probe, coalition);
    let observed = &mut first.observation;
    let unknowns = Unknowns::of(probe, &probe.cell, observed, (coalition, &inputs[0]))?;
    let tape = Recorder::new(Assigned::new(&unknowns.draws));
    let left = Cell::new(events / (observed.events + EVENTS_OF_A_RUN));
    let view = |class: usize, values: &[u128]| {
        left.set(left.get().checked_sub(1).ok_or("too many runs would be needed")?);
        let values = unknowns.moved(values, probe.target.prepared.plan.seed);
        tape.with(|assigned| assigned.assign(&values));
        let inputs = (seed, inputs[class].as_slice());
        let made = run::attempt(probe, coalition, fault, inputs, &other, &tape)?;
        if tape.with(|assigned| assigned.unknown) {
            return Err("what is drawn depends on what was drawn".to_owned());
        }
        if told.is_none() || made.told(probe, coalition) != told {
            return Err("the functionality tells the coalition something else".to_owned());
        }
        received(&made.observation, coalition, Algebra::Prime(unknowns.p))
    };
    let finding = unknowns.decide(probe, program, view);
    Ok((finding, first.observation.record.has_bytes))
}
