//! Fairness: whether a coalition that leaves honest parties without an output can compute it.
//!
//! The coalition stops in each step that it has, after it has heard what honest parties say there,
//! and its own code goes on with what it is sent; it errs in each step; and it tries what fits any
//! protocol. Where an honest party then ends without an output, the coalition has learned it if its
//! code has it, or if an affine function of what it saw and drew equals the output in all runs:
//! shares that are told one side first can be added up by whoever received them, whatever the
//! protocol's own code does with them.
//!
//! The coalition's inputs are the same in all runs, and honest ones are random: an output that its
//! own inputs fix varies in none of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_protocols::attack::{Attack, Expected, Plan};
use mpclab_protocols::functions::Task;
use mpclab_protocols::oracle::Effective;
use mpclab_protocols::program::{Inputs, interpret};
use mpclab_reports::battery::Family;
use mpclab_sim::PartyEnd;
use mpclab_sim::adversary::{Decision, Departing, OtherRun, Pattern, Rule, Script, Selector};
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, Observed, OutputGuarantee, PartyId};
use rayon::prelude::*;

use super::super::findings::{Outcome, Test};
use super::super::linear::{describe, pack};
use super::super::views::{Domain, Sample, aligned};
use super::super::{EVENTS_OF_A_RUN, Probe};
use super::faults::Fault;
use super::run::{self, Attempt};
use crate::battery::case::Deed;
use crate::battery::{ALPHA, generic, last_mover};
use crate::evidence::bits::{self, BitRuns};
use crate::evidence::elimination::{LocalRing, PowerOfTwo};
use crate::evidence::interval;
use crate::evidence::linear::{self, Runs, Search};
use crate::evidence::prime::Prime;
use crate::runner::verdict::effective;

/// Name of the test.
pub(in crate::battery::privacy) const NAME: &str = "outputs that honest parties do not get";

/// Coalitions that try it, and steps in which each stops.
const COALITIONS: usize = 3;
const STEPS: usize = 16;
/// Runs that show whether honest parties lose their output.
const SCREEN: u32 = 8;
/// Runs beyond the width of a view: enough that chance gives no relation.
const MORE: usize = 128;
/// Events that the runs of one protocol may cost.
const EVENTS: u64 = 6_000_000;
/// A target with less entropy in a run is no output that anybody could learn, bits.
const LEAST_BITS: f64 = 0.2;
/// Sets of runs from here on are for this test; each deed has one.
const SETS: u32 = 1 << 10;
const SETS_OF_A_COALITION: u32 = 128;

/// Tests the coalitions of a protocol that claims that all get the output or none.
pub(in crate::battery::privacy) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
    is_over: &dyn Fn() -> bool,
) -> Vec<Test> {
    let claims = probe.target.claims();
    let is_claimed =
        claims.output >= OutputGuarantee::Fairness && claims.adversary != AdversaryKind::SemiHonest;
    if !is_claimed || !matches!(probe.cell.task, Task::Program(_)) {
        return Vec::new();
    }
    let tried = probe.target.coalitions().largest().tried.into_iter();
    let tried = tried.filter(|coalition| probe.learns(coalition));
    let tried = tried.take(COALITIONS).enumerate().filter(|(_, coalition)| is_tested(coalition));
    let test = |(at, coalition): (usize, Vec<PartyId>)| {
        let set = SETS + SETS_OF_A_COALITION * at as u32;
        let other_run = probe.target.other_run(&coalition);
        let inputs = probe.random_inputs(&probe.seed(0, set, 0));
        Stopper { probe, coalition, inputs, other_run, block, set }.test()
    };
    tried.take_while(|_| !is_over()).map(test).collect()
}

/// A coalition that stops honest parties.
struct Stopper<'a> {
    probe: &'a Probe<'a>,
    coalition: Vec<PartyId>,
    /// Its inputs are the same in all runs.
    inputs: Vec<Inputs>,
    other_run: Arc<OtherRun>,
    block: u32,
    /// Number of its first set of runs.
    set: u32,
}

/// What one deed gave.
#[derive(Default)]
struct Learned {
    runs: u64,
    /// Whether honest parties end without an output.
    is_stopped: bool,
    /// Whether relations could be searched.
    is_searched: bool,
    found: Option<String>,
}

/// A run in which an honest party has no output.
struct Stopped {
    sample: Sample,
    output: Vec<i128>,
}

impl Stopper<'_> {
    fn test(&self) -> Test {
        let deeds = self.deeds();
        let all: Vec<Learned> = deeds
            .par_iter()
            .enumerate()
            .map(|(at, deed)| self.learned(deed, at, deeds.len()))
            .collect();
        let count = |is: fn(&Learned) -> bool| all.iter().filter(|one| is(one)).count();
        let (stopped, searched) = (count(|one| one.is_stopped), count(|one| one.is_searched));
        let samples = all.iter().map(|one| one.runs).sum();
        let note = format!(
            "{stopped} of {} deeds leave an honest party without its output; views of {searched} \
             were searched for affine functions",
            deeds.len()
        );
        let found = all
            .into_iter()
            .zip(&deeds)
            .filter_map(|(one, deed)| one.found.map(|found| format!("{}: {found}", deed.name)));
        Test {
            family: Family::Privacy,
            name: NAME.to_owned(),
            guarantee: Guarantee::Fairness,
            claimed: true,
            coalition: self.coalition.clone(),
            algebra: "under attack".to_owned(),
            samples,
            note,
            outcome: Outcome::Searched(found.collect()),
        }
    }

    /// Silence from each step on, an error in each, and what fits any protocol.
    fn deeds(&self) -> Vec<Fault> {
        let target = self.probe.target;
        let mut steps: BTreeMap<String, String> = BTreeMap::new();
        if let Some(trial) = target.recorded(0, &self.coalition) {
            let sent = trial.run.view.sent.into_iter();
            for seen in sent.filter(|seen| !self.coalition.contains(&seen.to)) {
                let scope = || seen.scope().to_owned();
                steps.entry(last_mover::kind(seen.scope())).or_insert_with(scope);
            }
        }
        let mut deeds = Vec::new();
        for scope in steps.into_values().take(STEPS) {
            let name = |what: &str| format!("{what} {scope}");
            let silent = Deed::Computed(silence(&scope));
            deeds.push(Fault { name: name("silent from"), deed: silent });
            let on = Selector { scope: Some(Pattern(scope.clone())), ..Selector::default() };
            let rules = vec![Rule { on, action: mpclab_protocols::attack::add_one() }];
            let script = Script { rules, is_rushing: true, ..Script::default() };
            deeds.push(Fault { name: name("an error in"), deed: Deed::Script(script) });
        }
        let attacks = target.registry.attacks(&self.probe.cell.cell.protocol.name);
        let known = attacks.into_iter().map(|attack| (attack.name, Deed::Known(attack)));
        let all = known.chain(generic::deeds(target, &self.coalition));
        deeds.extend(all.map(|(name, deed)| Fault { name: name.to_owned(), deed }));
        deeds.truncate(SETS_OF_A_COALITION as usize - 1);
        deeds
    }

    fn learned(&self, deed: &Fault, at: usize, deeds: usize) -> Learned {
        let mut learned = Learned::default();
        let mut stopped: Vec<(usize, Stopped)> = Vec::new();
        let mut runs = SCREEN;
        let mut number = 0;
        while number < runs {
            let seed = self.probe.seed(self.block, self.set + 1 + at as u32, number);
            number += 1;
            let inputs = self.inputs_of(&seed);
            let (coalition, other) = (&self.coalition, &self.other_run);
            let attempt = run::uniform(self.probe, coalition, deed, (seed, &inputs), other);
            learned.runs += 1;
            // What a run panics of is a matter of other families.
            let Ok(attempt) = attempt else { continue };
            if let Some(how) = has_output(&attempt) {
                learned.is_stopped = true;
                learned.found = Some(how);
                return learned;
            }
            stopped.extend(self.stopped(&attempt).map(|one| (0, one)));
            if number == SCREEN && !stopped.is_empty() {
                let cost = attempt.observation.events + EVENTS_OF_A_RUN;
                runs = needed(&stopped, number, cost, deeds);
            }
        }
        learned.is_stopped = !stopped.is_empty();
        let found = relations(&stopped);
        learned.is_searched = found.is_some();
        learned.found = found.unwrap_or_default().into_iter().next();
        learned
    }

    /// Random inputs of honest parties, and the coalition's own.
    fn inputs_of(&self, seed: &mpclab_sim::RunSeed) -> Vec<Inputs> {
        let mut inputs = self.probe.random_inputs(seed);
        let roles = &self.probe.cell.cell.roles;
        for at in self.coalition.iter().filter_map(|party| roles.input_index(*party)) {
            inputs[at].clone_from(&self.inputs[at]);
        }
        inputs
    }

    /// The run, if an honest party lacks its output, with what the output would be.
    fn stopped(&self, attempt: &Attempt<'_>) -> Option<Stopped> {
        let Attempt { subject, trial, observation } = attempt;
        let roles = &self.probe.cell.cell.roles;
        let mut ends = trial.run.parties.iter().enumerate();
        ends.find(|(at, (end, _))| {
            let party = PartyId::from(*at);
            let is_honest = !self.coalition.contains(&party) && roles.learns_output(party);
            is_honest && !matches!(end, PartyEnd::Output(_))
        })?;
        let Task::Program(program) = &self.probe.cell.task else { return None };
        let mut inputs = subject.inputs.clone();
        let facts = subject.facts(trial);
        for (party, brought) in effective(&facts) {
            // Where honest state fixes no input, its own is as good as another.
            if let (Some(at), Effective::Input(input)) = (roles.input_index(party), brought) {
                inputs[at] = input;
            }
        }
        let output = interpret(program, &inputs).ok()?.outputs;
        let seed = self.probe.target.prepared.plan.seed;
        Some(Stopped { sample: Sample::of(observation, &self.coalition, seed), output })
    }
}

/// The coalition hears what honest parties say in a step and says nothing to them from there on.
fn silence(scope: &str) -> Attack {
    let scope = scope.to_owned();
    let plan = Plan::adaptive(true, move |setting| {
        let (corrupted, scope, mut is_silent) = (setting.corrupted.clone(), scope.clone(), false);
        move |message: &Departing<'_>| {
            let leaves = corrupted.contains(&message.from) && !corrupted.contains(&message.to);
            is_silent |= leaves && message.scope == scope;
            (leaves && is_silent).then(|| (Decision::Drop, "says nothing more".to_owned()))
        }
    });
    Attack::new(
        "silence-from-a-step",
        "hears what honest parties say in a step, and says nothing from there on",
        "Cleve, STOC 1986",
        plan,
        Expected::Caught,
    )
}

/// Whether the coalition's code has the output that an honest party lacks.
fn has_output(attempt: &Attempt<'_>) -> Option<String> {
    let (verdicts, _) = attempt.subject.facts(&attempt.trial).judge();
    let mut fairness = verdicts.into_iter().filter(|one| one.guarantee == Guarantee::Fairness);
    fairness.find(|one| one.observed == Observed::Broken).map(|one| one.evidence)
}

/// Runs that a search takes, as far as they are affordable.
fn needed(stopped: &[(usize, Stopped)], of: u32, cost: u64, deeds: usize) -> u32 {
    let columns = stopped.iter().flat_map(|(_, one)| one.sample.columns.values());
    let width = columns.map(Vec::len).max().unwrap_or(0);
    let runs = (width + MORE) as u64 * u64::from(of) / stopped.len().max(1) as u64;
    let affordable = EVENTS / (COALITIONS * deeds.max(1)) as u64 / cost.max(1);
    runs.min(affordable).max(u64::from(of)) as u32
}

/// Affine functions of views that are an output; `None` if nothing could be searched.
fn relations(stopped: &[(usize, Stopped)]) -> Option<Vec<String>> {
    let samples: Vec<(usize, Sample)> =
        stopped.iter().enumerate().map(|(at, (_, one))| (at, one.sample.clone())).collect();
    let runs = aligned(&samples);
    let (_, first) = runs.first()?;
    let outputs: Vec<&[i128]> =
        runs.iter().map(|(at, _)| stopped[*at].1.output.as_slice()).collect();
    let search = |domain: &Domain| {
        let view: Vec<Vec<u128>> = runs.iter().map(|(_, sample)| sample.column(*domain)).collect();
        let search = match *domain {
            Domain::Prime(p) => in_ring(*domain, Prime::new(p)?, &view, &outputs, u128::MAX),
            Domain::Ring(bits) => in_ring(*domain, PowerOfTwo::new(bits)?, &view, &outputs, 1),
            Domain::Bits => in_bits(&view, &outputs),
        }?;
        Some(search.relations.iter().map(|one| describe(one, "the output")).collect::<Vec<_>>())
    };
    let searched: Vec<Vec<String>> = first.columns.keys().filter_map(search).collect();
    (!searched.is_empty()).then(|| searched.concat())
}

/// A bound from below on the min-entropy of a value in one run, bits.
fn entropy(values: impl Iterator<Item = u128>) -> f64 {
    let mut counts: BTreeMap<u128, u64> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let most = counts.values().copied().max().unwrap_or(0);
    -interval::clopper_pearson(most, counts.values().sum(), ALPHA).high.log2()
}

fn in_ring<R: LocalRing>(
    domain: Domain,
    ring: R,
    view: &[Vec<u128>],
    outputs: &[&[i128]],
    mask: u128,
) -> Option<Search> {
    let of = |at: usize| outputs.iter().map(move |output| domain.residue(output[at]));
    let count = outputs.first()?.len();
    let bits = |at: &usize| entropy(of(*at).map(|value| value & mask));
    let varied: Vec<usize> = (0..count).filter(|at| bits(at) > LEAST_BITS).collect();
    let least = varied.iter().map(bits).reduce(f64::min)?;
    let targets: Vec<Vec<u128>> = outputs
        .iter()
        .map(|output| varied.iter().map(|at| domain.residue(output[*at])).collect())
        .collect();
    linear::leaks(ring, Runs { known: &[], view, targets: &targets }, least).ok()
}

/// Bits of an output that are looked at.
const OUTPUT_BITS: u32 = 64;

fn in_bits(view: &[Vec<u128>], outputs: &[&[i128]]) -> Option<Search> {
    let bit = |output: &[i128], (at, bit): (usize, u32)| (output[at] >> bit & 1).cast_unsigned();
    let places = (0..outputs.first()?.len()).flat_map(|at| (0..OUTPUT_BITS).map(move |b| (at, b)));
    let bits = |place| entropy(outputs.iter().map(|output| bit(output, place)));
    let varied: Vec<((usize, u32), f64)> =
        places.map(|place| (place, bits(place))).filter(|(_, bits)| *bits > LEAST_BITS).collect();
    let least = varied.iter().map(|(_, bits)| *bits).reduce(f64::min)?;
    let view: Vec<Vec<u8>> = view.iter().map(|bits| pack(bits)).collect();
    let target = |output: &&[i128]| {
        pack(&varied.iter().map(|(place, _)| bit(output, *place)).collect::<Vec<u128>>())
    };
    let targets: Vec<Vec<u8>> = outputs.iter().map(target).collect();
    bits::leaks(BitRuns { known: &[], view: &view, targets: &targets }, least).ok()
}
