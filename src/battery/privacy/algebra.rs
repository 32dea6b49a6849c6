//! Exact privacy in large fields, where messages are affine in unrevealed randomness.

use std::cell::Cell;
use std::collections::BTreeSet;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::Inputs;
use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::{Guarantee, PartyId, Security};
use mpclab_sim::wire::{Algebra, Field};
use rayon::prelude::*;

use super::findings::{Outcome, Test};
use super::observe::{Observation, observe, observe_seed};
use super::tape::{Assigned, Draw, Recorder};
use super::tiny::{Tiny, Variant};
use super::unknowns::{Stopped, Unknowns, received};
use super::views::drawn;
use super::{EVENTS_OF_A_RUN, Probe, SETS, openings};
use crate::evidence::jacobian::{self, Finding};
use crate::runner::{PreparedCell, Subject};

/// Name of the test.
const NAME: &str = "exact linear algebra";

/// Events that one decision may cost.
const EVENTS: u64 = 3_000_000;
/// Coalitions that are decided.
const COALITIONS: usize = 4;
/// Pairs of inputs that each is asked about: what leaks need not tell any two apart.
const PAIRS: u32 = 4;
/// Number of the run whose keys are used, and of the first with other keys.
pub(super) const KEYS: u32 = 3;
pub(super) const FRESH_KEYS: u32 = FIRST_PAIR + PAIRS;
/// Numbers of two runs that tell which keys are the same in all runs.
pub(super) const OTHER_SEEDS: u32 = FRESH_KEYS + REPEATS;
/// Other keys with which a finding has to repeat.
pub(super) const REPEATS: u32 = 12;
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
    let security = probe.target.claims().security;
    let on_own = decide_all(probe, (&probe.cell, security), name, &asked);
    let is_decided =
        |tests: &[Test]| tests.iter().any(|test| matches!(test.outcome, Outcome::Decided(_)));
    if on_own.iter().any(|test| test.claimed && matches!(test.outcome, Outcome::Decided(Some(_)))) {
        return on_own;
    }
    // Equal inputs of two products are rare among those of the scenario's function.
    let (own_is_decided, all) =
        (is_decided(&on_own), [Tiny::Product, Tiny::Difference, Tiny::Beside]);
    let mut tests = Vec::new();
    for tiny in all.into_iter().skip(if own_is_decided { 2 } else { 0 }) {
        let decided = [None, Some("m61")].into_iter().find_map(|field| {
            let variant = probe.variant(tiny, n.clamp(2, 3), field).ok()?;
            let cell = (&variant.cell, variant.security);
            let decided = decide_all(probe, cell, tiny.name(), &of_variant(&variant));
            is_decided(&decided).then_some(decided)
        });
        tests.extend(decided.unwrap_or_default());
    }
    if own_is_decided {
        // Beside what is decided, what is not is no gap.
        tests.retain(|test| matches!(test.outcome, Outcome::Decided(_)));
        return on_own.into_iter().chain(tests).collect();
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
    (cell, security): (&PreparedCell, Security),
    function: &str,
    asked: &[Asked],
) -> Vec<Test> {
    let decide = |asked: &Asked| match decide(probe, cell, asked, KEYS) {
        Ok(Decision { finding, algebra, has_bytes }) => {
            let is_kept = !has_bytes || !asked.claimed || persists(probe, cell, asked, &finding);
            let (mut outcome, bounds) = conclude(finding, security);
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

/// Whether a finding is there with other keys as well: then it is no key that makes it, and the
/// inputs alone are left.
fn persists(probe: &Probe<'_>, cell: &PreparedCell, asked: &Asked, finding: &Finding) -> bool {
    if !matches!(finding, Finding::Leaks { .. } | Finding::Short { .. }) {
        return true;
    }
    let mut again: Vec<Finding> = vec![finding.clone()];
    for fresh in 0..REPEATS {
        let Ok(decision) = decide(probe, cell, asked, FRESH_KEYS + fresh) else { return false };
        again.push(decision.finding);
        if !outlives(&again) {
            return false;
        }
    }
    true
}

/// Whether findings with different keys are one that no key makes.
///
/// Let the functional be the same each time, and let one class give the same value `v` each time, the
/// other never. If keys made the difference, and views had the same distribution in both classes,
/// both would give `v` with one probability `q`; that one always does and the other never has
/// probability `(q (1 - q))^k <= 4^-k` for `k` keys. The other value may vary, as multiples of a
/// difference by what is drawn do. A value that a key masks varies in both classes.
pub(super) fn outlives(findings: &[Finding]) -> bool {
    let relation = |finding: &Finding| match finding {
        Finding::Leaks { relation, .. } | Finding::Short { relation, .. } => relation.clone(),
        _ => Vec::new(),
    };
    if findings.windows(2).any(|two| relation(&two[0]) != relation(&two[1])) {
        return false;
    }
    let is_short = |finding: &Finding| matches!(finding, Finding::Short { .. });
    if findings.iter().any(is_short) {
        let shift = |finding: &Finding| match finding {
            Finding::Short { shift, .. } => Some(*shift),
            _ => None,
        };
        return findings.windows(2).all(|two| shift(&two[0]) == shift(&two[1]));
    }
    let values = |finding: &Finding| match finding {
        Finding::Leaks { values, .. } => *values,
        _ => [None, None],
    };
    let all: Vec<[Option<u128>; 2]> = findings.iter().map(values).collect();
    (0..2).any(|class| {
        let first = all.first().and_then(|values| values[class]);
        let is_same =
            |values: &[Option<u128>; 2]| values[class] == first && values[1 - class] != first;
        first.is_some() && all.iter().all(is_same)
    })
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

pub(super) fn conclude(finding: Finding, security: Security) -> (Outcome, String) {
    match finding {
        Finding::Short { relation, shift, width, log2_distance } => {
            let sigma = openings::claimed(security).map_or(-NEGLIGIBLE, f64::from);
            let what = format!(
                "a linear functional of {} received elements differs by {shift} between the \
                 inputs, and what masks it has 2^{:.1} values: a statistical distance of \
                 2^{log2_distance:.1} or more",
                relation.len(),
                (width as f64).log2()
            );
            let is_claimed = security != Security::Perfect && log2_distance <= -sigma;
            let outcome = match is_claimed {
                true => Outcome::Inapplicable(format!("{what}, as is claimed")),
                false => Outcome::Decided(Some(what)),
            };
            (outcome, String::new())
        }
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
        Finding::Leaks { relation, .. } if relation.is_empty() => {
            let what =
                "what is received of bits, and elements that nothing masks, tell the inputs \
                        apart"
                    .to_owned();
            (Outcome::Decided(Some(what)), String::new())
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
    let mut first = observe_seed(registry, cell, seed, &asked.inputs[0])?;
    if let Some(bits) = ring(&first) {
        return in_ring(probe, cell, asked, (seed, bits), &first);
    }
    let unknowns = Unknowns::of(probe, cell, &mut first, (&asked.coalition, &asked.inputs[0]))?;
    let tape = Recorder::new(Assigned::new(&unknowns.draws));
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
        received(&observation, &asked.coalition, Algebra::Prime(unknowns.p))
    };
    let finding = unknowns.decide(probe, program, view);
    Ok(Decision { finding, algebra: unknowns.algebra(), has_bytes: first.record.has_bytes })
}

/// Bits of the largest ring modulo a power of two that messages have elements of.
fn ring(observation: &Observation) -> Option<u32> {
    let bits = |field: &Field| match field.algebra {
        Algebra::Ring { bits } => Some(bits),
        _ => None,
    };
    observation.messages.iter().flat_map(|message| &message.fields).filter_map(bits).max()
}

/// In a ring there is no linear algebra, but elements that few values mask are looked for.
fn in_ring(
    probe: &Probe<'_>,
    cell: &PreparedCell,
    asked: &Asked,
    (seed, bits): (RunSeed, u32),
    first: &Observation,
) -> Result<Decision, Stopped> {
    let draws = &first.record.order;
    let known: BTreeSet<Draw> =
        drawn(first, &asked.coalition).into_iter().map(|(draw, _)| draw).collect();
    let revealed: Vec<usize> = (0..draws.len()).filter(|at| known.contains(&draws[*at])).collect();
    let values: Vec<u128> = draws.iter().map(|(_, _, values)| *values).collect();
    let tape = Recorder::new(Assigned::new(draws));
    let view = |class: usize, values: &[u128]| {
        tape.with(|assigned| assigned.assign(values));
        let subject = Subject::new(probe.target.registry, cell, seed);
        let subject = subject.map_err(|why| why.to_string())?;
        let inputs = asked.inputs[class].clone();
        let subject = Subject { inputs, tape: Some(tape.clone()), ..subject };
        let observation = observe(&subject, &tape)?;
        if tape.with(|assigned| assigned.unknown) {
            return Err("what is drawn depends on what was drawn".to_owned());
        }
        Ok(received(&observation, &asked.coalition, Algebra::Ring { bits })?.elements)
    };
    let seed = probe.target.prepared.plan.seed;
    let ring = jacobian::Ring { bits, values: &values, revealed: &revealed, seed };
    let algebra = super::views::Domain::Ring(bits).to_string();
    match jacobian::short_element(&ring, view) {
        Ok(Some(finding)) => Ok(Decision { finding, algebra, has_bytes: first.record.has_bytes }),
        Ok(None) => Err(Stopped::Inapplicable(format!(
            "elements are modulo 2^{bits}, which is no prime, and none of them alone is short"
        ))),
        Err(why) => Err(Stopped::Inapplicable(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_outlives_its_keys_has_one_value_in_one_class() {
        let leaks = |values| Finding::Leaks { relation: vec![(0, 1), (2, 5)], values };
        let with = |values: &[[u128; 2]]| {
            let findings = values.iter().map(|values| leaks(values.map(Some)));
            outlives(&findings.collect::<Vec<_>>())
        };
        assert!(with(&[[3, 4], [3, 4], [3, 4]]));
        assert!(with(&[[0, 7], [0, 12], [0, 9]]), "multiples of a difference");
        assert!(with(&[[8, 0], [7, 0]]));
        assert!(!with(&[[3, 4], [4, 5]]), "both are masked");
        assert!(!with(&[[3, 4], [3, 5], [3, 3]]), "sometimes they are equal");
        assert!(!with(&[[3, 4], [4, 3]]), "a bit of a key decides which is which");
        assert!(outlives(&[leaks([Some(0), None]), leaks([Some(0), None])]));
        assert!(!outlives(&[leaks([Some(1), None]), leaks([Some(2), None])]));
        let other = Finding::Leaks { relation: vec![(0, 1)], values: [Some(3), Some(4)] };
        assert!(!outlives(&[leaks([Some(3), Some(4)]), other]));
        let short = |shift| Finding::Short {
            relation: vec![(0, 1)],
            shift,
            width: 1 << 24,
            log2_distance: -25.0,
        };
        assert!(outlives(&[short(3), short(3)]) && !outlives(&[short(3), short(2)]));
    }
}
