//! One run under attack, as the coalition sees it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use mpclab_protocols::functions::Task;
use mpclab_protocols::oracle::Effective;
use mpclab_protocols::program::{EvaluationError, Inputs, interpret};
use mpclab_sim::adversary::{Act, Adversary, Decision, Departing, OtherRun};
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{End, PartyEnd, RunSeed};

use super::super::Probe;
use super::super::observe::{Observation, Overheard, opened, work};
use super::super::tape::{Recorder, Source, Uniform};
use super::super::views::Sample;
use super::faults::Fault;
use crate::runner::verdict::effective;
use crate::runner::{Subject, Trial, function};

/// What may differ between runs with two inputs.
pub(super) const FEATURES: [&str; 3] = ["who aborts, and where", "shape of messages", "timing"];

/// What a run shows.
pub(super) struct Shown {
    /// Hash of each feature.
    pub(super) features: [u64; 3],
    /// Honest parties' ends for people.
    pub(super) ends: String,
    /// Fields of messages from honest parties, and what they open under masks, as numbers.
    pub(super) fields: Vec<u128>,
    /// What the ideal functionality tells the coalition; `None` where that is not known.
    pub(super) told: Option<Vec<i128>>,
    pub(super) sample: Sample,
    /// Whether the adversary changed something.
    pub(super) is_acted: bool,
}

/// An adversary, and somebody who writes down what departs.
struct Watched {
    inner: Box<dyn Adversary>,
    seen: Arc<Mutex<Vec<Overheard>>>,
}

impl Adversary for Watched {
    fn corrupted(&self) -> Vec<PartyId> {
        self.inner.corrupted()
    }

    fn is_rushing(&self) -> bool {
        self.inner.is_rushing()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let seen = Overheard::of(message);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        self.inner.depart(message)
    }

    fn ended(&mut self, party: PartyId, has_output: bool) {
        self.inner.ended(party, has_output);
    }

    fn acts(&self) -> Vec<Act> {
        self.inner.acts()
    }
}

/// A run under attack, with all that departed, before the adversary's changes.
pub(super) struct Attempt<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) trial: Trial,
    pub(super) observation: Observation,
}

/// Makes one run under attack, with draws that a tape decides.
///
/// # Errors
/// A panic, a bug or a limit, which say nothing about privacy.
pub(super) fn attempt<'a, S: Source + 'static>(
    probe: &'a Probe<'_>,
    coalition: &[PartyId],
    fault: &Fault,
    (seed, inputs): (RunSeed, &[Inputs]),
    other_run: &Arc<OtherRun>,
    tape: &Arc<Recorder<S>>,
) -> Result<Attempt<'a>, String> {
    let subject = Subject::new(probe.target.registry, &probe.cell, seed);
    let subject = subject.map_err(|why| why.to_string())?;
    let taped: Arc<Recorder<S>> = Arc::clone(tape);
    let subject = Subject { inputs: inputs.to_vec(), tape: Some(taped), ..subject };
    let mut against = fault.deed.against(&subject, coalition, &|| Arc::clone(other_run));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched =
        |inner| -> Box<dyn Adversary> { Box::new(Watched { inner, seen: Arc::clone(&seen) }) };
    against.adversary = against.adversary.map(watched);
    let Ok(trial) = catch_unwind(AssertUnwindSafe(|| subject.run(against))) else {
        return Err("a run panics".to_owned());
    };
    if let End::Bug(why) | End::Limit(why) = &trial.run.end {
        return Err(format!("a run ends by {why}"));
    }
    let mut messages = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    // Who sent first where both could is chance; places are not.
    messages.sort_by(|a, b| {
        let place = |m: &Overheard| (m.from, m.to, m.occurrence);
        a.scope.cmp(&b.scope).then_with(|| place(a).cmp(&place(b)))
    });
    let end = |(end, at_ns): &(PartyEnd<_>, u64)| (matches!(end, PartyEnd::Output(_)), *at_ns);
    let observation = Observation {
        messages,
        record: tape.take(),
        ends: trial.run.parties.iter().map(end).collect(),
        work: work(&trial),
        opened: opened(&trial),
        kept: Vec::new(),
        beside: Vec::new(),
        events: trial.run.events,
    };
    Ok(Attempt { subject, trial, observation })
}

/// Makes one run under attack with uniform draws of this seed.
///
/// # Errors
/// As for [`attempt`].
pub(super) fn uniform<'a>(
    probe: &'a Probe<'_>,
    coalition: &[PartyId],
    fault: &Fault,
    (seed, inputs): (RunSeed, &[Inputs]),
    other_run: &Arc<OtherRun>,
) -> Result<Attempt<'a>, String> {
    let tape = Recorder::new(Uniform::new(seed.purpose("tape")));
    attempt(probe, coalition, fault, (seed, inputs), other_run, &tape)
}

impl Attempt<'_> {
    /// What the ideal functionality tells the coalition; `None` where that is not known.
    pub(super) fn told(&self, probe: &Probe<'_>, coalition: &[PartyId]) -> Option<Vec<i128>> {
        told(probe, coalition, &self.subject, &self.trial)
    }

    /// Whether the adversary changed something.
    pub(super) fn is_acted(&self) -> bool {
        self.trial.is_substituted || !self.trial.run.acts.is_empty()
    }

    /// How honest parties ended, for people.
    pub(super) fn ends(&self, coalition: &[PartyId]) -> String {
        ends(&self.trial, coalition)
    }
}

/// Runs a fault once.
///
/// # Errors
/// As for [`attempt`].
pub(super) fn run(
    probe: &Probe<'_>,
    coalition: &[PartyId],
    fault: &Fault,
    seed: RunSeed,
    inputs: &[Inputs],
    other_run: &Arc<OtherRun>,
) -> Result<Shown, String> {
    let mut made = uniform(probe, coalition, fault, (seed, inputs), other_run)?;
    made.observation.messages.retain(|message| !coalition.contains(&message.from));
    let (told, is_acted, ends) =
        (made.told(probe, coalition), made.is_acted(), made.ends(coalition));
    let observation = made.observation;
    let seed = probe.target.prepared.plan.seed;
    Ok(Shown {
        features: features(&observation, coalition, &ends),
        ends,
        fields: fields(&observation, coalition),
        told,
        sample: Sample::of(&observation, coalition, seed),
        is_acted,
    })
}

/// How honest parties ended: who aborts, and at which step.
fn ends(trial: &Trial, coalition: &[PartyId]) -> String {
    let honest = trial.run.parties.iter().enumerate();
    let honest = honest.filter(|(at, _)| !coalition.contains(&PartyId::from(*at)));
    let text = |(at, (end, _)): (usize, &(PartyEnd<_>, u64))| {
        let how = match end {
            PartyEnd::Output(_) => return None,
            PartyEnd::Abort(abort) => step(abort),
            PartyEnd::Crashed => "crashed".to_owned(),
            PartyEnd::Unfinished => "did not end".to_owned(),
        };
        Some(format!("{} {how}", PartyId::from(at)))
    };
    let all: Vec<String> = honest.filter_map(text).collect();
    if all.is_empty() { "nobody aborts".to_owned() } else { all.join(", ") }
}

/// Kind and place of an abort, without what is said about contents.
fn step(abort: &Abort) -> String {
    match abort {
        Abort::Malformed { scope, .. } => format!("aborts by a malformed message in {scope}"),
        Abort::Missing { scope, .. } => format!("aborts by a missing message in {scope}"),
        Abort::Closed { scope, .. } => format!("aborts by a closed channel in {scope}"),
        Abort::Cheating { culprits, step } => format!("aborts in {step}, blaming {culprits:?}"),
        Abort::CheckFailed { step } => format!("aborts in {step}"),
        Abort::Bug(_) => "aborts by a bug".to_owned(),
    }
}

fn features(observation: &Observation, coalition: &[PartyId], ends: &str) -> [u64; 3] {
    let (mut shape, mut times) = (blake3::Hasher::new(), blake3::Hasher::new());
    let seen = observation.messages.iter().filter(|m| coalition.contains(&m.to));
    for message in seen {
        shape.update(message.scope.as_bytes());
        for part in [u64::from(message.from.0), u64::from(message.to.0), message.body.len() as u64]
        {
            shape.update(&part.to_le_bytes());
        }
        times.update(&message.at_ns.to_le_bytes());
    }
    let honest = observation.ends.iter().enumerate();
    for (_, (_, at_ns)) in honest.filter(|(at, _)| !coalition.contains(&PartyId::from(*at))) {
        times.update(&at_ns.to_le_bytes());
    }
    // Where computing takes no time, what is declared of it would.
    let work = observation.work.iter().enumerate();
    for (_, units) in work.filter(|(at, _)| !coalition.contains(&PartyId::from(*at))) {
        times.update(&units.to_le_bytes());
    }
    [blake3::hash(ends.as_bytes()), shape.finalize(), times.finalize()].map(short)
}

fn short(hash: blake3::Hash) -> u64 {
    hash.as_bytes().iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Contents of what honest parties sent the coalition, in words of 16 bytes at most: elements, and
/// fields of bits or bytes cut into words. Then what they open under masks.
fn fields(observation: &Observation, coalition: &[PartyId]) -> Vec<u128> {
    let mut words = Vec::new();
    for message in observation.messages.iter().filter(|m| coalition.contains(&m.to)) {
        for field in &message.fields {
            let end = field.offset.saturating_add(field.bytes());
            let bytes = message.body.get(field.offset..end).unwrap_or_default();
            let size = if field.element_bytes > 1 { field.element_bytes } else { WORD };
            let word = |bytes: &[u8]| {
                let low = bytes.iter().take(WORD).rev();
                low.fold(0u128, |word, byte| word << 8 | u128::from(*byte))
            };
            words.extend(bytes.chunks(size).map(word));
        }
    }
    words.extend(observation.opened.iter().map(|opened| opened.value));
    words
}

/// Bytes of a word.
const WORD: usize = 16;

/// What the ideal functionality tells the coalition, given what it brought in this run.
fn told(
    probe: &Probe<'_>,
    coalition: &[PartyId],
    subject: &Subject<'_>,
    trial: &Trial,
) -> Option<Vec<i128>> {
    let roles = &probe.cell.cell.roles;
    if !probe.learns(coalition) {
        return Some(Vec::new());
    }
    let Task::Program(program) = &probe.cell.task else { return None };
    let mut inputs = subject.inputs.clone();
    let brought = effective(&subject.facts(trial));
    for party in coalition {
        let Some(at) = roles.input_index(*party) else { continue };
        match brought.iter().find(|(of, _)| of == party) {
            Some((_, Effective::Input(input))) => inputs[at] = input.clone(),
            // Nobody goes on with it: the functionality is not asked.
            Some((_, Effective::Undefined(_))) if is_stopped(trial, coalition) => {
                return Some(Vec::new());
            }
            _ => return None,
        }
    }
    match interpret(program, &inputs) {
        Ok(values) => {
            let leaks = function::leakage(probe.target.registry, &probe.cell, &inputs);
            let learned = probe.learned(coalition, program, &values.outputs);
            Some(learned.into_iter().chain(leaks).collect())
        }
        // It refuses them.
        Err(EvaluationError::InputRange { .. }) if is_stopped(trial, coalition) => Some(Vec::new()),
        Err(_) => None,
    }
}

/// Whether no honest party has an output.
fn is_stopped(trial: &Trial, coalition: &[PartyId]) -> bool {
    let is_honest = |party: PartyId| !coalition.contains(&party);
    trial.run.outputs().all(|(party, _)| !is_honest(party))
}
