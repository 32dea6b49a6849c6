//! At which value of a key the cheaper of two protocols becomes the dearer one.
//!
//! Every value that is looked at is simulated, with all repetitions of the scenario: a coarse grid
//! first, evenly spaced on a logarithmic scale, then bisection between neighbours whose order
//! differs. Two crossovers between the same two grid values cancel out and are not seen.

mod search;

use std::collections::BTreeMap;
use std::path::PathBuf;

use mpclab_reports::ranking::undecided;
use mpclab_reports::record::Record;
use mpclab_reports::stats::{self, Summary};
use mpclab_reports::units::{self, Unit};
use mpclab_scenarios::Diagnostic;
use mpclab_sim::vocabulary::{AdversaryKind, Claims, MetricName, OutputGuarantee};
use rayon::prelude::*;
use serde_json::Value;

pub use search::{Crossing, Found, Order, Range, search};

use crate::registry::Registry;
use crate::runner::{Budget, estimate, prepare, run_one};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The scenario file.
    pub file: PathBuf,
    /// Other values to replace, key paths and values in YAML.
    pub set: Vec<(String, String)>,
    /// The key path whose value varies.
    pub over: String,
    /// Its unit.
    pub unit: Unit,
    /// Its smallest and largest value, and how closely to look.
    pub range: Range,
    /// What is compared; less is better.
    pub metric: MetricName,
    /// Only these two protocols, by label, whatever they claim.
    pub between: Option<(String, String)>,
}

/// What was found for two protocols.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Labels of the two protocols.
    pub pair: (String, String),
    /// What is different about what they claim or leave out; empty if they can be compared.
    pub caveats: Vec<String>,
    /// The order along the range and where it changes.
    pub found: Found,
}

/// Answers, and what they took.
#[derive(Clone, Debug)]
pub struct Report {
    /// One for each pair that can be compared, or for the pair that was asked for.
    pub answers: Vec<Answer>,
    /// Pairs that were left out, and why.
    pub left_out: Vec<String>,
    /// Simulated runs.
    pub runs: usize,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// Mistakes in the scenario at one of the values.
    Mistakes(Vec<Diagnostic>),
    /// What was asked cannot be answered: why.
    Question(String),
}

/// Reads a value of the range, such as `1ms`, `100Mbit/s` or `64`: the number in its smallest unit.
///
/// # Errors
/// What is allowed.
pub fn value(text: &str) -> Result<(u64, Unit), String> {
    let allowed = "a whole number from 1 on, or a duration, a size or a capacity with its unit";
    let refuse = || format!("`{text}` is not {allowed}, such as 64, 1ms or 100Mbit/s");
    let (number, unit) = units::quantity(&Value::from(text)).ok_or_else(refuse)?;
    let is_whole = number.fract() == 0.0 && (1.0..9e15).contains(&number);
    match unit {
        Unit::Time | Unit::Bytes | Unit::Rate | Unit::Count if is_whole => {
            Ok((number as u64, unit))
        }
        _ => Err(refuse()),
    }
}

/// A value as it stands in a scenario file.
#[must_use]
pub fn written(value: u64, unit: Unit) -> String {
    let suffix = match unit {
        Unit::Time => "ns",
        Unit::Rate => "bit/s",
        Unit::Bytes => "B",
        _ => "",
    };
    format!("{value}{suffix}")
}

/// Finds the crossovers.
///
/// # Errors
/// [`Failure`] if the scenario can't run at one of the values.
pub fn crossover(registry: &Registry, question: &Question) -> Result<Report, Failure> {
    let mut lab = Lab { registry, question, seen: BTreeMap::new(), runs: 0 };
    let first: Vec<Side> = lab.at(question.range.from)?.values().cloned().collect();
    let mut answers = Vec::new();
    let mut left_out = Vec::new();
    for (a, b) in pairs(question, &first)? {
        let caveats = caveats(a, b);
        let pair = (a.label.clone(), b.label.clone());
        if question.between.is_none() && !caveats.is_empty() {
            left_out.push(format!("{} and {}: {}", pair.0, pair.1, caveats.join("; ")));
            continue;
        }
        let found = search(question.range, |value| lab.order(value, &pair))?;
        answers.push(Answer { pair, caveats, found });
    }
    Ok(Report { answers, left_out, runs: lab.runs })
}

fn pairs<'a>(question: &Question, sides: &'a [Side]) -> Result<Vec<(&'a Side, &'a Side)>, Failure> {
    if let Some((a, b)) = &question.between {
        let side = |label: &String| {
            let labels: Vec<&str> = sides.iter().map(|side| side.label.as_str()).collect();
            sides.iter().find(|side| side.label == *label).ok_or_else(|| {
                let all = labels.join(", ");
                Failure::Question(format!("no protocol `{label}` in this file; there are {all}"))
            })
        };
        return Ok(vec![(side(a)?, side(b)?)]);
    }
    let mut sorted: Vec<&Side> = sides.iter().collect();
    sorted.sort_by_key(|side| side.index);
    let others = |at: usize| sorted[at + 1..].to_vec();
    let all: Vec<_> = sorted
        .iter()
        .enumerate()
        .flat_map(|(at, a)| others(at).into_iter().map(move |b| (*a, b)))
        .collect();
    match all.is_empty() {
        true => Err(Failure::Question("a crossover needs two protocols; this is one".to_owned())),
        false => Ok(all),
    }
}

/// Why two protocols should not be compared.
fn caveats(a: &Side, b: &Side) -> Vec<String> {
    let mut caveats = Vec::new();
    if let (Some(one), Some(other)) = (a.claims, b.claims)
        && promise(&one) != promise(&other)
    {
        caveats.push("they claim different things".to_owned());
    }
    for side in [a, b] {
        if side.unpriced {
            caveats.push(format!("the setup of {} is not priced", side.label));
        }
    }
    caveats
}

/// What protocols have to have in common to be compared: against a semi-honest adversary, what is
/// promised after a deviation says nothing.
fn promise(claims: &Claims) -> (AdversaryKind, Option<(OutputGuarantee, bool)>) {
    let unanimous = claims.abort == mpclab_sim::vocabulary::AbortKind::Unanimous;
    match claims.adversary {
        AdversaryKind::SemiHonest => (claims.adversary, None),
        _ => (claims.adversary, Some((claims.output, unanimous))),
    }
}

/// One protocol at one value.
#[derive(Clone, Debug)]
struct Side {
    label: String,
    index: u32,
    claims: Option<Claims>,
    unpriced: bool,
    figure: Option<Summary>,
    failures: String,
}

/// Simulates each value once.
struct Lab<'a> {
    registry: &'a Registry,
    question: &'a Question,
    seen: BTreeMap<u64, BTreeMap<String, Side>>,
    runs: usize,
}

impl Lab<'_> {
    fn order(&mut self, value: u64, pair: &(String, String)) -> Result<Order, Failure> {
        let (over, unit) = (self.question.over.clone(), self.question.unit);
        let metric = self.question.metric;
        let sides = self.at(value)?;
        let figure = |label: &String| {
            let side = sides.get(label);
            side.and_then(|side| side.figure).ok_or_else(|| {
                let why = side.map_or("it does not run", |side| &side.failures);
                let at = written(value, unit);
                Failure::Question(format!("{label} has no {metric} at {over} = {at}: {why}"))
            })
        };
        let (one, other) = (figure(&pair.0)?, figure(&pair.1)?);
        Ok(match one.median.cmp(&other.median) {
            std::cmp::Ordering::Less if !undecided(&one, &other) => Order::First,
            std::cmp::Ordering::Greater if !undecided(&other, &one) => Order::Second,
            _ => Order::Undecided,
        })
    }

    fn at(&mut self, value: u64) -> Result<&BTreeMap<String, Side>, Failure> {
        if !self.seen.contains_key(&value) {
            let records = self.run(value)?;
            self.runs += records.len();
            let (_, groups) = stats::group(&records);
            let side = |group: &stats::Group<'_>| {
                let record = group.first();
                let failures = group.failures();
                let failure =
                    failures.keys().next().map(|(status, why)| format!("{status}: {why}"));
                let side = Side {
                    label: record.key.protocol.clone(),
                    index: record.protocol_index,
                    claims: record.claims,
                    unpriced: record.unpriced_setup,
                    figure: group.metric(self.question.metric),
                    failures: failure.unwrap_or_else(|| "it is not measured".to_owned()),
                };
                (side.label.clone(), side)
            };
            self.seen.insert(value, groups.iter().map(side).collect());
        }
        Ok(&self.seen[&value])
    }

    fn run(&self, value: u64) -> Result<Vec<Record>, Failure> {
        let Question { file, set, over, unit, .. } = self.question;
        let mut overrides = set.clone();
        overrides.push((over.clone(), written(value, *unit)));
        let plan = mpclab_scenarios::plan(file, &overrides, self.registry);
        let plan = plan.map_err(Failure::Mistakes)?;
        let prepared = prepare(plan, self.registry).map_err(Failure::Mistakes)?;
        let needed = estimate(&prepared, None);
        Budget::default().admit(&prepared, &needed).map_err(Failure::Mistakes)?;
        if prepared.cells.iter().any(|cell| cell.point > 0) {
            let why = "the scenario sweeps a key, and a crossover is looked for under one setting; \
                       `--set 'sweep={}'` takes the sweep out";
            return Err(Failure::Question(why.to_owned()));
        }
        let runs: Vec<_> = prepared
            .cells
            .iter()
            .flat_map(|cell| {
                (0..prepared.plan.repetitions).map(move |repetition| (cell, repetition))
            })
            .collect();
        let one = |(cell, repetition): (_, u32)| {
            run_one(self.registry, &prepared, cell, repetition, None)
        };
        Ok(runs.into_par_iter().map(one).collect())
    }
}
