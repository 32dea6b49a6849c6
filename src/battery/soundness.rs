//! Soundness: how often the best known cheating goes unnoticed, against what a theorem allows.
//!
//! Only the check runs at small parameters, and the theorem's bound is that for these parameters.
//! The author's strategies and those that fit any protocol play a short tournament at one of these
//! points; the best one is measured at all of them. A frequency above the bound is a violation if it
//! shows again on fresh seeds. What an author's strategy aims at is one check; another one may pass
//! any, so that it is held against the sum of all bounds.

use std::ops::Range;
use std::sync::atomic::Ordering;

use mpclab_protocols::oracle::{SoundnessPoint as Weakness, SoundnessTrial};
use mpclab_reports::battery::{
    Counts, Evidence, Family, GridCell, Judgement, SoundnessCurve, SoundnessPoint,
};
use mpclab_scenarios::{
    Catalogue, ComputeChoice, FunctionChoice, FunctionSource, InputSource, Kind,
};
use mpclab_sim::vocabulary::{Guarantee, Observed};
use rayon::prelude::*;
use serde_json::Value;

use super::case::{Case, Tried};
use super::strategies::{self, Strategy};
use super::theorems;
use super::{ALPHA, Options, Target};
use crate::evidence::interval::{self, Soundness};
use crate::runner::PreparedCell;

/// Attempts to cheat at each point.
const ATTEMPTS: u32 = 4000;
/// The first repetition whose seed an attempt takes; other families take lower ones.
const FIRST: u32 = 1 << 24;
/// The first repetition whose seed a tournament takes.
const TOURNAMENT: u32 = 1 << 25;
/// A tournament takes place where chance is no likelier: else a hole could hardly be told from it.
const MOST_CHANCE: f64 = 0.3;

/// What was measured of one protocol.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) curves: Vec<SoundnessCurve>,
    pub(super) cells: Vec<GridCell>,
    pub(super) notes: Vec<String>,
    /// Attempts in all.
    pub(super) runs: u64,
}

/// Measures every soundness error that the protocol says how to measure.
pub(super) fn measure(target: &Target<'_>, options: &Options<'_>) -> Measured {
    let mut measured = Measured::default();
    measured.cells.extend(theorems::cell(target));
    for trial in target.soundness_trials() {
        let experiment = Experiment { target, options, trial };
        let (best, runs) = experiment.best();
        measured.runs += runs;
        let mut points = Vec::new();
        for (at, weakness) in trial.points.iter().enumerate() {
            match experiment.point(at as u32, weakness, &best) {
                // Interrupted before the first attempt.
                Ok(point) if point.counts.cases == 0 => {}
                Ok(point) => points.push(point),
                Err(why) => {
                    let (label, event) = (target.label(), trial.event);
                    let at = &weakness.label;
                    measured.notes.push(format!("{label}: {event}, {at}: not measured: {why}"));
                }
            }
        }
        measured.notes.extend(points.iter().filter_map(|point| point.note.clone()));
        measured.runs += points.iter().map(|point| point.counts.cases).sum::<u64>();
        if !points.is_empty() {
            measured.cells.push(experiment.cell(&points, &best));
            measured.curves.push(experiment.curve(points, &best));
        }
    }
    measured
}

struct Experiment<'a> {
    target: &'a Target<'a>,
    options: &'a Options<'a>,
    trial: &'a SoundnessTrial<Value>,
}

/// The strategy that is measured.
struct Best {
    /// Its name: where steps have other names, it is not there.
    name: String,
    /// What the cell is called.
    attack: String,
    /// What it does, and what else was tried.
    about: String,
}

/// One point with what led to it.
struct Point {
    shown: SoundnessPoint,
    counts: Counts,
    claimed: bool,
    violated: bool,
    source: &'static str,
    note: Option<String>,
}

/// Attempts on one block of seeds.
#[derive(Default)]
struct Block {
    counts: Counts,
    claimed: bool,
    broken_invariant: Option<String>,
}

impl Experiment<'_> {
    /// The cell of a point, if the protocol can run it.
    fn at(&self, weakness: &Weakness<Value>) -> Result<PreparedCell, String> {
        let cell = self.weakened(weakness)?;
        match &cell.unsupported {
            Some(why) => Err(why.clone()),
            None => Ok(cell),
        }
    }

    /// The author's strategies, and others.
    fn strategies(&self, target: &Target<'_>) -> Vec<Strategy> {
        let mut all: Vec<Strategy> = self.trial.strategies.iter().map(Strategy::own).collect();
        all.extend(strategies::generic(target, &target.coalitions().counted_alone()));
        all
    }

    /// The best strategy at the point where luck is likeliest, if no more likely than bad luck, and
    /// how many runs it took to find it.
    fn best(&self) -> (Best, u64) {
        let Target { registry, prepared, .. } = *self.target;
        let own = self.trial.strategies.first();
        let name = own.map_or("", |attack| attack.name).to_owned();
        let about = own.map_or("", |attack| attack.about).to_owned();
        let best = Best { attack: name.clone(), name, about };
        let cells: Vec<PreparedCell> =
            self.trial.points.iter().filter_map(|point| self.at(point).ok()).collect();
        let targets = cells.iter().filter_map(|cell| Target::new(registry, prepared, cell));
        let chance = |target: &Target<'_>| -> f64 {
            target.soundness().iter().map(|bound| bound.probability).sum()
        };
        let weak = targets.filter(|target| chance(target) <= MOST_CHANCE);
        let Some(target) = weak.max_by(|a, b| chance(a).total_cmp(&chance(b))) else {
            return (best, 0);
        };
        let all = self.strategies(&target);
        let score = |strategy: &Strategy, seeds: Range<u32>| {
            self.attempts(&target, strategy, seeds).counts.broken
        };
        let winner = strategies::tournament(&all, TOURNAMENT, score);
        let Some(strategy) = all.get(winner.at) else { return (best, winner.runs) };
        let of = self.trial.strategies.iter().find(|attack| attack.name == strategy.name);
        let about = of.map_or(strategy.name.as_str(), |attack| attack.about);
        let best = Best {
            name: strategy.name.clone(),
            attack: match strategy.is_own {
                true => strategy.name.clone(),
                false => format!("{}: {}", self.trial.event, strategy.name),
            },
            about: format!("{about} (the best of {}: {})", all.len(), strategies::tried(&all)),
        };
        (best, winner.runs)
    }

    fn point(&self, at: u32, weakness: &Weakness<Value>, best: &Best) -> Result<Point, String> {
        let cell = self.at(weakness)?;
        let Target { registry, prepared, .. } = *self.target;
        let Some(target) = Target::new(registry, prepared, &cell) else {
            let why = cell.bound(registry, &cell.job()).err();
            return Err(why.map_or_else(String::new, |why| why.to_string()));
        };
        let mut bounds = target.soundness().iter();
        let Some(bound) = bounds.find(|bound| bound.event == self.trial.event) else {
            return Err("no theorem says anything of it".to_owned());
        };
        let mut all = self.strategies(&target).into_iter();
        let Some(strategy) = all.find(|strategy| strategy.name == best.name) else {
            return Err(format!("there is nothing like {}", best.name));
        };
        let probability = match strategy.is_own {
            true => bound.probability,
            false => target.soundness().iter().map(|bound| bound.probability).sum::<f64>().min(1.0),
        };
        let seeds = |block: u32| {
            let first = FIRST + (2 * at + block) * ATTEMPTS;
            first..first + ATTEMPTS
        };
        let judge = |block: &Block| {
            let Counts { broken, cases, no_effect, .. } = block.counts;
            interval::soundness(broken, cases - no_effect, probability, ALPHA)
        };
        let mut block = self.attempts(&target, &strategy, seeds(0));
        let mut soundness = judge(&block);
        if soundness.is_violated {
            // Chance passes once, not twice.
            block = self.attempts(&target, &strategy, seeds(1));
            soundness = judge(&block);
        }
        let note = block.broken_invariant.map(|why| format!("{}: {why}", self.target.label()));
        let shown = shown(weakness, &soundness);
        let (counts, claimed, violated) = (block.counts, block.claimed, soundness.is_violated);
        Ok(Point { shown, counts, claimed, violated, source: bound.source, note })
    }

    /// The cell at small parameters, on a function that cheating shows on.
    fn weakened(&self, weakness: &Weakness<Value>) -> Result<PreparedCell, String> {
        let (registry, name) = (self.target.registry, self.trial.function);
        let params = registry.params(Kind::Function, name, &Value::Object(Default::default()));
        let params = params.map_err(|error| error.message)?;
        let mut cell = self.target.cell.cell.clone();
        let built = registry.build(name, &params, cell.roles.input.len());
        let (task, about) = match built {
            Some(built) => built.map_err(|error| error.to_string())?,
            None => return Err(format!("there is no function {name}")),
        };
        cell.function = FunctionChoice {
            name: name.to_owned(),
            source: FunctionSource::Named,
            params,
            decimals_of_inputs: false,
            inputs: InputSource::Random,
        };
        cell.protocol.params = weakness.params.clone();
        cell.security.statistical = weakness.statistical;
        cell.compute = ComputeChoice::None;
        cell.faults.clear();
        let cell = PreparedCell {
            cell,
            compiled: None,
            point: 0,
            protocol_index: 0,
            task,
            about: about.to_owned(),
            given: None,
            unsupported: None,
            fingerprint: String::new(),
            parts: Default::default(),
        };
        Ok(cell.compile(registry))
    }

    fn attempts(&self, target: &Target<'_>, strategy: &Strategy, seeds: Range<u32>) -> Block {
        let coalitions = target.coalitions().counted_alone();
        let attempt = |repetition: u32| {
            let coalition = coalitions.get(repetition as usize % coalitions.len().max(1))?;
            let go_on = !self.options.interrupted.load(Ordering::Relaxed);
            let case = Case {
                family: Family::Soundness,
                attack: strategy.name.clone(),
                coalition: coalition.clone(),
                repetition,
                deed: strategy.deed.clone(),
            };
            go_on.then(|| case.run(target))
        };
        let tried: Vec<Option<Tried>> = seeds.into_par_iter().map(attempt).collect();
        let mut block = Block::default();
        tried.iter().flatten().for_each(|tried| block.add(tried));
        block
    }

    fn verdict(&self, points: &[Point]) -> Judgement {
        let samples = points.iter().map(|point| point.shown.trials).sum();
        let observed = if points.iter().any(|point| point.violated) {
            Observed::Broken
        } else if samples == 0 {
            Observed::Inconclusive
        } else {
            Observed::NotRefuted { samples, test: "Clopper-Pearson".to_owned(), alpha: ALPHA }
        };
        Judgement::new(points.iter().any(|point| point.claimed), observed)
    }

    fn cell(&self, points: &[Point], best: &Best) -> GridCell {
        let sum = |count: fn(&Counts) -> u64| points.iter().map(|p| count(&p.counts)).sum();
        let counts = Counts {
            cases: sum(|counts| counts.cases),
            no_effect: sum(|counts| counts.no_effect),
            held: sum(|counts| counts.held),
            broken: sum(|counts| counts.broken),
            ..Counts::default()
        };
        let violated = points.iter().filter(|point| point.violated);
        let verdict = self.verdict(points);
        let reason = match verdict.observed() {
            Observed::Inconclusive => {
                format!("{} does not act on {}", best.name, self.trial.function)
            }
            _ => format!("{}, by {}", self.trial.event, self.trial.parameter),
        };
        GridCell {
            family: Family::Soundness,
            attack: best.attack.clone(),
            guarantee: Guarantee::Soundness,
            verdict,
            counts,
            reason,
            evidence: violated.map(|point| self.evidence(point, best)).collect(),
        }
    }

    fn evidence(&self, point: &Point, best: &Best) -> Evidence {
        let SoundnessPoint { label, trials, successes, lower, bound, .. } = &point.shown;
        Evidence {
            case: format!("{}: {}, {label}", best.name, self.trial.parameter),
            seed: self.target.prepared.plan.seed,
            coalition: Vec::new(),
            at: None,
            what_differed: format!(
                "{successes} of {trials} attempts succeed: a probability of at least {lower:.2e}, \
                 where the theorem allows {bound:.2e}"
            ),
            scenario: None,
            command: None,
        }
    }

    fn curve(&self, points: Vec<Point>, best: &Best) -> SoundnessCurve {
        SoundnessCurve {
            protocol: self.target.label(),
            event: self.trial.event.to_owned(),
            strategy: best.about.clone(),
            parameter: self.trial.parameter.to_owned(),
            confidence: 1.0 - ALPHA,
            verdict: self.verdict(&points),
            source: points.first().map_or_else(String::new, |point| point.source.to_owned()),
            points: points.into_iter().map(|point| point.shown).collect(),
        }
    }
}

impl Block {
    fn add(&mut self, tried: &Tried) {
        let of = |guarantee| tried.verdicts.iter().find(|verdict| verdict.guarantee == guarantee);
        self.counts.cases += 1;
        if let Some(invariants) = of(Guarantee::Invariants)
            && invariants.observed == Observed::Broken
        {
            self.broken_invariant.get_or_insert_with(|| invariants.evidence.clone());
        }
        let correctness = of(Guarantee::Correctness);
        self.claimed |= correctness.is_some_and(|verdict| verdict.claimed);
        if tried.is_without_effect {
            self.counts.no_effect += 1;
        } else if correctness.is_some_and(|verdict| verdict.observed == Observed::Broken) {
            self.counts.broken += 1;
        } else {
            self.counts.held += 1;
        }
    }
}

fn shown(weakness: &Weakness<Value>, soundness: &Soundness) -> SoundnessPoint {
    SoundnessPoint {
        value: weakness.value,
        label: weakness.label.clone(),
        trials: soundness.trials,
        successes: soundness.successes,
        lower: soundness.interval.low,
        upper: soundness.interval.high,
        bound: soundness.bound,
    }
}
