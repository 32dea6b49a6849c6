//! Whole views under attack: the linear distinguisher, which needs more runs than a view has
//! elements, and is asked of some faults of each step.

use rayon::prelude::*;

use super::super::findings::{Outcome, Test};
use super::super::linear;
use super::super::views::Sample;
use super::faults::Fault;
use super::run::{self, Shown};
use super::{Attacker, COALITIONS, FAULTS, LINEAR, MOST};

/// Events that the runs of one protocol may cost.
const EVENTS: u64 = 4_000_000;

/// What the linear distinguisher gave for one fault.
#[derive(Default)]
struct Searched {
    found: Vec<String>,
    samples: u64,
    is_decided: bool,
}

impl Attacker<'_> {
    /// The linear distinguisher on whole views, for some faults of each step.
    pub(super) fn linear(&self, faults: &[Fault], cost: u64) -> Vec<Test> {
        let seed = self.probe.seed(self.block, self.set, 65);
        let inputs = &self.pairs[0].inputs[0];
        let Ok(sample) = self.probe.observe(seed, inputs) else { return Vec::new() };
        let sample = Sample::of(&sample, &self.coalition, self.probe.target.prepared.plan.seed);
        let width = sample.columns.values().map(Vec::len).max().unwrap_or(0);
        // As many labellings have to be excluded as the view has dimensions, and some more.
        let runs = (width as u64 + 96).div_ceil(2);
        let affordable = (EVENTS / COALITIONS as u64 / (2 * runs * cost).max(1)) as usize;
        if affordable == 0 {
            let why = format!("a view of {width} elements takes more runs than are affordable");
            return vec![self.test(LINEAR, 0, String::new(), Outcome::Undecided(why))];
        }
        let stride = faults.len().div_ceil(affordable).max(1);
        let chosen: Vec<(usize, &Fault)> = faults.iter().enumerate().step_by(stride).collect();
        let searched: Vec<Searched> =
            chosen.par_iter().map(|(at, fault)| self.separates(fault, *at, runs as u32)).collect();
        let samples = searched.iter().map(|one| one.samples).sum();
        let decided = searched.iter().filter(|one| one.is_decided).count();
        let found: Vec<String> = searched.into_iter().flat_map(|one| one.found).collect();
        let note =
            format!("whole views of {decided} of {} faults that were compared", faults.len());
        let outcome = match decided {
            0 => Outcome::Undecided("no fault leaves its output known and equal".to_owned()),
            _ => Outcome::Searched(found),
        };
        vec![self.test(LINEAR, samples, note, outcome)]
    }

    fn separates(&self, fault: &Fault, at: usize, runs: u32) -> Searched {
        let pair = at % self.pairs.len();
        let set = self.set + 2 + (at % FAULTS) as u32;
        let mut samples: Vec<(usize, Sample)> = Vec::new();
        let mut told = None;
        for number in 0..2 * runs {
            let class = (number % 2) as usize;
            let seed = self.probe.seed(self.block, set, MOST + number);
            let inputs = &self.pairs[pair].inputs[class];
            let run = run::run(self.probe, &self.coalition, fault, seed, inputs, &self.other_run);
            let Ok(Shown { told: Some(new), sample, .. }) = run else { return Searched::default() };
            // What it brings may hang on what it drew; then this test says nothing.
            if *told.get_or_insert_with(|| new.clone()) != new {
                return Searched::default();
            }
            samples.push((class, sample));
        }
        let found = linear::separating(&linear::by_class(&samples), "which of two inputs it is");
        let is_decided = found.iter().any(|(_, outcome)| matches!(outcome, Outcome::Searched(_)));
        let relations = found.into_iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Searched(relations) => Some(relations),
            _ => None,
        });
        let named = relations.flatten().map(|what| format!("{}: {what}", fault.name)).collect();
        Searched { found: named, samples: samples.len() as u64, is_decided }
    }
}
