//! Exact privacy in large fields, where messages are affine in unrevealed randomness.

use std::cell::Cell;
use std::collections::BTreeSet;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Inputs, Program};
use mpclab_reports::battery::Family;
use mpclab_sim::vocabulary::{Guarantee, PartyId};
use mpclab_sim::wire::Algebra;
use rayon::prelude::*;

use super::findings::{Outcome, Test};
use super::observe::{Observation, observe, observe_seed};
use super::tape::{Assigned, Draw, Recorder};
use super::tiny::{Tiny, Variant};
use super::views::drawn;
use super::{EVENTS_OF_A_RUN, Probe, SETS};
use crate::evidence::jacobian::{self, Finding, Question};
use crate::evidence::prime::Prime;
use crate::runner::{PreparedCell, Subject};

/// Name of the test.
const NAME: &str = "exact linear algebra";

/// Draws beyond which Jacobians are not computed.
const DRAWS: usize = 96;
/// Events that one decision may cost.
const EVENTS: u64 = 3_000_000;
/// Coalitions that are decided.
const COALITIONS: usize = 4;
/// Pairs of inputs that each is asked about: what leaks need not tell any two apart.
const PAIRS: u32 = 4;
/// Number of the run whose keys are used, and of the first with other keys.
const KEYS: u32 = 3;
const FRESH_KEYS: u32 = FIRST_PAIR + PAIRS;
/// Other keys with which a finding has to repeat.
const REPEATS: u32 = 2;
/// Number of the first pair's run.
const FIRST_PAIR: u32 = 4;
/// Statistical distance that counts as none, log2.
const NEGLIGIBLE: f64 = -40.0;

/// Two inputs that a coalition can't tell apart in the ideal world.
struct Asked {
    coalition: Vec<PartyId>,
    claimed: bool,
    inputs: [Vec<Inputs>; 2],
}

/// Decides the scenario's own function if it can be, and else tiny ones.
pub(super) fn tests(probe: &Probe<'_>) -> Vec<Test> {
    let (asked, n) = (own(probe), probe.target.n());
    let name = &probe.cell.cell.function.name;
    let on_own = decide_all(probe, &probe.cell, name, &asked);
    if on_own.iter().any(|test| matches!(test.outcome, Outcome::Decided(_))) {
        return on_own;
    }
    let mut tests = Vec::new();
    for tiny in [Tiny::Product, Tiny::Difference] {
        let decided = [None, Some("m61")].into_iter().find_map(|field| {
            let variant = probe.variant(tiny, n.clamp(2, 3), field).ok()?;
            let decided = decide_all(probe, &variant.cell, tiny.name(), &of_variant(&variant));
            let any = decided.iter().any(|test| matches!(test.outcome, Outcome::Decided(_)));
            any.then_some(decided)
        });
        tests.extend(decided.unwrap_or_default());
    }
    if !tests.is_empty() {
        return tests;
    }
    if !on_own.is_empty() {
        return on_own;
    }
    let why = "its outputs and its own inputs give all other inputs away".to_owned();
    vec![test(&[], true, "none", Outcome::Inapplicable(why), String::new())]
}

fn own(probe: &Probe<'_>) -> Vec<Asked> {
    let all = probe.target.coalitions();
    let within = all.largest().tried.into_iter().take(COALITIONS);
    let claimed = probe.target.leaks().is_none();
    let within = within.map(|coalition| (coalition, claimed));
    let beyond = all.beyond().filter_map(|of_kind| of_kind.into_iter().next());
    let beyond = beyond.map(|coalition| (coalition, false));
    let ask = |(coalition, claimed): (Vec<PartyId>, bool)| {
        // Of too large a coalition it is enough to see that it learns something.
        let pairs = FIRST_PAIR..FIRST_PAIR + if claimed { PAIRS } else { 1 };
        let asked = pairs.filter_map(move |pair| {
            let pair = probe.pair(&coalition, &probe.seed(0, SETS - 1, pair))?;
            Some(Asked { coalition: coalition.clone(), claimed, inputs: pair.inputs })
        });
        asked.collect::<Vec<_>>()
    };
    within.chain(beyond).flat_map(ask).collect()
}

fn of_variant(variant: &Variant) -> Vec<Asked> {
    let hidden = variant.hidden();
    let asked = hidden.iter().flat_map(|hidden| {
        hidden
            .classes
            .iter()
            .flat_map(|class| class[1..].iter().map(|other| (class[0], *other)))
            .map(|(first, second)| Asked {
                coalition: hidden.coalition.clone(),
                claimed: hidden.claimed,
                inputs: [Variant::inputs(first), Variant::inputs(second)],
            })
    });
    asked.collect()
}

fn decide_all(
    probe: &Probe<'_>,
    cell: &PreparedCell,
    function: &str,
    asked: &[Asked],
) -> Vec<Test> {
    let decide = |asked: &Asked| match decide(probe, cell, asked, KEYS) {
        Ok(Decision { finding, algebra, has_bytes }) => {
            let is_kept = !has_bytes || !asked.claimed || persists(probe, cell, asked, &finding);
            let (mut outcome, bounds) = conclude(finding);
            let (n, keys) = (cell.cell.roles.compute, if has_bytes { super::BYTES } else { "" });
            let note = format!("exact for {function}, n = {n}, {algebra}{keys}{bounds}");
            if let (false, Outcome::Decided(Some(what))) = (is_kept, &outcome) {
                // The keys, the same in all runs, may be what gives the input away.
                outcome = Outcome::Undecided(format!("{what}{}", super::BYTES));
            }
            test(&asked.coalition, asked.claimed, &algebra, outcome, note)
        }
        Err(why) => {
            let outcome = match why {
                Stopped::Inapplicable(why) => Outcome::Inapplicable(why),
                Stopped::Undecided(why) => Outcome::Undecided(format!("{function}: {why}")),
            };
            test(&asked.coalition, asked.claimed, "none", outcome, String::new())
        }
    };
    asked.par_iter().map(decide).collect()
}

/// Whether a functional has the same values with other keys: then it is no key that moves it, and
/// the inputs alone are left. What a key masks takes other values with another key.
fn persists(probe: &Probe<'_>, cell: &PreparedCell, asked: &Asked, finding: &Finding) -> bool {
    if !matches!(finding, Finding::Leaks { .. }) {
        return true;
    }
    let again = |fresh: u32| decide(probe, cell, asked, FRESH_KEYS + fresh);
    (0..REPEATS).all(|fresh| again(fresh).is_ok_and(|again| again.finding == *finding))
}

fn test(
    coalition: &[PartyId],
    claimed: bool,
    algebra: &str,
    outcome: Outcome,
    note: String,
) -> Test {
    Test {
        family: if claimed { Family::Privacy } else { Family::Thresholds },
        name: NAME.to_owned(),
        guarantee: Guarantee::Privacy,
        claimed,
        coalition: coalition.to_vec(),
        algebra: algebra.to_owned(),
        samples: u64::from(matches!(outcome, Outcome::Decided(_))),
        note,
        outcome,
    }
}

fn conclude(finding: Finding) -> (Outcome, String) {
    match finding {
        Finding::Perfect { log2_error, .. } => {
            let bounds = format!(", perfect; wrong with probability at most 2^{log2_error:.0}");
            (Outcome::Decided(None), bounds)
        }
        Finding::Statistical { log2_distance, log2_error } if log2_distance <= NEGLIGIBLE => {
            let bounds = format!(
                ", statistical distance at most 2^{log2_distance:.0}; wrong with probability at \
                 most 2^{log2_error:.0}"
            );
            (Outcome::Decided(None), bounds)
        }
        Finding::Statistical { log2_distance, .. } => {
            let why = format!("statistical distance up to 2^{log2_distance:.0}");
            (Outcome::Undecided(why), String::new())
        }
        Finding::Leaks { relation, values } => {
            let text = |value: Option<u128>| value.map_or("varies".to_owned(), |v| v.to_string());
            let what = format!(
                "a linear functional of {} received elements tells the inputs apart: {} or {}",
                relation.len(),
                text(values[0]),
                text(values[1])
            );
            (Outcome::Decided(Some(what)), String::new())
        }
        Finding::Inconclusive { why } => (Outcome::Undecided(why), String::new()),
    }
}

struct Decision {
    finding: Finding,
    /// The field.
    algebra: String,
    /// Whether bytes are drawn, such as keys, that are the same in all runs.
    has_bytes: bool,
}

/// Decides with the keys of one run.
fn decide(
    probe: &Probe<'_>,
    cell: &PreparedCell,
    asked: &Asked,
    keys: u32,
) -> Result<Decision, Stopped> {
    let Task::Program(program) = &cell.task else {
        return Err(Stopped::Inapplicable("the function is no program".to_owned()));
    };
    let (registry, seed) = (probe.target.registry, probe.seed(0, SETS - 1, keys));
    let first = observe_seed(registry, cell, seed, &asked.inputs[0])?;
    let (draws, p) = field_draws(&first)?;
    let field = Prime::new(p).ok_or_else(|| {
        Stopped::Inapplicable(format!("draws are from {p} values, which is no prime"))
    })?;
    let known: BTreeSet<Draw> =
        drawn(&first, &asked.coalition).into_iter().map(|(draw, _)| draw).collect();
    let revealed: Vec<usize> = (0..draws.len()).filter(|at| known.contains(&draws[*at])).collect();
    let tape = Recorder::new(Assigned::new(&draws));
    let subject = |inputs: &Vec<Inputs>| {
        let subject = Subject::new(registry, cell, seed).map_err(|why| why.to_string())?;
        Ok(Subject { inputs: inputs.clone(), tape: Some(tape.clone()), ..subject })
    };
    let subjects: Result<Vec<Subject<'_>>, String> = asked.inputs.iter().map(subject).collect();
    let subjects = subjects?;
    let left = Cell::new(EVENTS / (first.events + EVENTS_OF_A_RUN));
    let view = |class: usize, values: &[u128]| {
        left.set(left.get().checked_sub(1).ok_or("too many runs would be needed")?);
        tape.with(|assigned| assigned.assign(values));
        let observation = observe(&subjects[class], &tape)?;
        if tape.with(|assigned| assigned.unknown) {
            return Err("what is drawn depends on what was drawn".to_owned());
        }
        received(&observation, &asked.coalition, p)
    };
    let degree = degree(program);
    let question = Question {
        field,
        draws: draws.len(),
        revealed: &revealed,
        degree,
        seed: probe.target.prepared.plan.seed,
    };
    let algebra = super::views::Domain::Prime(p).to_string();
    let finding = jacobian::decide(&question, view);
    Ok(Decision { finding, algebra, has_bytes: first.record.has_bytes })
}

/// Bound on the degree of view elements as polynomials of the draws: a product doubles degrees at
/// most, in shares and in what masks them.
pub(super) fn degree(program: &Program) -> u64 {
    1u64 << (2 * u64::from(program.statistics().depth_mul) + 2).min(40)
}

/// Why nothing is decided.
pub(super) enum Stopped {
    /// The test does not speak of such protocols or functions.
    Inapplicable(String),
    /// It would, but it failed, or it would cost too much.
    Undecided(String),
}

impl From<String> for Stopped {
    fn from(why: String) -> Self {
        Stopped::Undecided(why)
    }
}

/// All draws of a run, if they are elements of one large field.
pub(super) fn field_draws(observation: &Observation) -> Result<(Vec<Draw>, u128), Stopped> {
    let draws = observation.record.order.clone();
    let Some((_, _, p)) = draws.first().copied() else {
        return Err(Stopped::Inapplicable("nothing is drawn that a tape decides".to_owned()));
    };
    if let Some((_, _, values)) = draws.iter().find(|(_, _, values)| *values != p) {
        let least = p.min(*values);
        return Err(Stopped::Inapplicable(format!(
            "some draws are from {least} values and others from more, so that they are not all \
             field elements"
        )));
    }
    if p == 2 {
        return Err(Stopped::Inapplicable(
            "bits are drawn, and points of a field of two elements tell polynomials of degrees \
             above 1 apart too rarely"
                .to_owned(),
        ));
    }
    if draws.len() > DRAWS {
        let why = format!("{} draws, of which {DRAWS} are affordable", draws.len());
        return Err(Stopped::Undecided(why));
    }
    Ok((draws, p))
}

/// Opaque bytes that make an element.
const CHUNK: usize = 7;

/// What a coalition receives from others, as elements of the field; bytes stand for integers, and
/// where they are hashes they are affine in nothing.
pub(super) fn received(
    observation: &Observation,
    coalition: &[PartyId],
    p: u128,
) -> Result<Vec<u128>, String> {
    let from_outside = observation
        .messages
        .iter()
        .filter(|message| coalition.contains(&message.to) && !coalition.contains(&message.from));
    let mut elements = Vec::new();
    for message in from_outside {
        for field in &message.fields {
            let element = |at| super::views::element(field, &message.body, at);
            match field.algebra {
                Algebra::Prime(q) if q == p => {
                    elements.extend((0..field.count).filter_map(element));
                }
                Algebra::Bytes => {
                    let end = field.offset.saturating_add(field.bytes());
                    let bytes = message.body.get(field.offset..end).unwrap_or_default();
                    let number = |bytes: &[u8]| {
                        bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte)) % p
                    };
                    elements.extend(bytes.chunks(CHUNK).map(number));
                }
                _ => return Err("messages hold more than elements of the field".to_owned()),
            }
        }
    }
    Ok(elements)
}
