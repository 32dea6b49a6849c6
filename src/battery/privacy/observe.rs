//! Runs of honest parties, seen from outside with everything that is drawn and sent.
//!
//! Semi-honest parties follow the protocol, so the view of every coalition is a part of what one
//! such run shows: the messages to and from its members and what they drew.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use mpclab_protocols::oracle::{
    BESIDE, Beside, COMPUTED, Computed, KEPT, Kept, MASKED, MaskedOpening, States,
};
use mpclab_protocols::program::Inputs;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Field;
use mpclab_sim::{End, PartyEnd, RunSeed};

use super::tape::{Key, Record, Recorder, Source, Uniform};
use crate::registry::Registry;
use crate::runner::verdict::Threat;
use crate::runner::{Against, PreparedCell, Subject, Trial};

/// A message as it departed.
pub(super) struct Overheard {
    pub(super) at_ns: u64,
    pub(super) from: PartyId,
    pub(super) to: PartyId,
    pub(super) scope: String,
    pub(super) occurrence: u32,
    pub(super) fields: Vec<Field>,
    pub(super) body: Vec<u8>,
}

impl Overheard {
    /// A message that departs.
    pub(super) fn of(message: &Departing<'_>) -> Self {
        Overheard {
            at_ns: message.at_ns,
            from: message.from,
            to: message.to,
            scope: message.scope.to_owned(),
            occurrence: message.occurrence,
            fields: message.fields.to_vec(),
            body: message.body.to_vec(),
        }
    }

    /// Whether a coalition sends or receives it.
    pub(super) fn concerns(&self, coalition: &[PartyId]) -> bool {
        coalition.contains(&self.from) || coalition.contains(&self.to)
    }
}

/// A value that is opened under a mask.
#[derive(Clone, Copy)]
pub(super) struct Opened {
    /// Bits of what is hidden.
    pub(super) bits: u32,
    pub(super) value: u128,
}

/// One run.
pub(super) struct Observation {
    /// By scope, sender, receiver and occurrence.
    pub(super) messages: Vec<Overheard>,
    pub(super) record: Record,
    /// Whether each party has an output, and when it ended, nanoseconds.
    pub(super) ends: Vec<(bool, u64)>,
    /// Units of computing that each party declares, whatever they cost.
    pub(super) work: Vec<u64>,
    /// Values that all computing parties open under masks, whatever shares they were opened by.
    pub(super) opened: Vec<Opened>,
    /// What parties keep to themselves, of each party in its order.
    pub(super) kept: Vec<(PartyId, Kept)>,
    /// Blocks that parties have side by side.
    pub(super) beside: Vec<(PartyId, Beside)>,
    pub(super) events: u64,
}

impl Observation {
    /// Whether a party ended without an output.
    pub(super) fn is_aborted(&self) -> bool {
        self.ends.iter().any(|(has_output, _)| !has_output)
    }
}

/// Somebody who sees everything and changes nothing.
struct Observer(Arc<Mutex<Vec<Overheard>>>);

impl Adversary for Observer {
    fn corrupted(&self) -> Vec<PartyId> {
        Vec::new()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let seen = Overheard::of(message);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        Decision::Pass
    }
}

/// Runs a subject whose draws a tape decides.
///
/// # Errors
/// A panic, a bug or a limit, which say nothing about privacy.
pub(super) fn observe<S: Source + 'static>(
    subject: &Subject<'_>,
    tape: &Recorder<S>,
) -> Result<Observation, String> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let adversary: Box<dyn Adversary> = Box::new(Observer(Arc::clone(&seen)));
    // Nobody threatens the run, and what honest parties open is kept.
    let threat = Some(Threat { is_malicious: false, breaks_network: false });
    let against = Against { adversary: Some(adversary), threat, ..Against::default() };
    let Ok(trial) = catch_unwind(AssertUnwindSafe(|| subject.run(against))) else {
        return Err("a run panics".to_owned());
    };
    if let End::Bug(why) | End::Limit(why) = &trial.run.end {
        return Err(format!("a run ends by {why}"));
    }
    let mut messages = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    messages.extend(computed(&trial));
    messages.sort_by(|a, b| {
        let place = |m: &Overheard| (m.from, m.to, m.occurrence);
        a.scope.cmp(&b.scope).then_with(|| place(a).cmp(&place(b)))
    });
    let end = |(end, at_ns): &(PartyEnd<_>, u64)| (matches!(end, PartyEnd::Output(_)), *at_ns);
    Ok(Observation {
        messages,
        record: tape.take(),
        ends: trial.run.parties.iter().map(end).collect(),
        work: work(&trial),
        opened: opened(&trial),
        kept: kept(&trial),
        beside: beside(&trial),
        events: trial.run.events,
    })
}

/// Units of computing by party, all kinds together.
pub(super) fn work(trial: &Trial) -> Vec<u64> {
    let parties = trial.run.metrics.parties.iter();
    parties.map(|counts| counts.ops.values().map(|charged| charged.units).sum()).collect()
}

fn states(trial: &Trial) -> States<'_> {
    let run = &trial.run;
    States::of(run)
}

/// What parties keep to themselves.
fn kept(trial: &Trial) -> Vec<(PartyId, Kept)> {
    states(trial).tapped::<Kept>(KEPT).map(|(party, kept)| (party, kept.clone())).collect()
}

/// Blocks that parties have side by side.
fn beside(trial: &Trial) -> Vec<(PartyId, Beside)> {
    states(trial).tapped::<Beside>(BESIDE).map(|(party, beside)| (party, beside.clone())).collect()
}

/// What parties compute in the clear: each tells itself.
fn computed(trial: &Trial) -> Vec<Overheard> {
    let mut counts: BTreeMap<PartyId, u32> = BTreeMap::new();
    let message = |(party, computed): (PartyId, &Computed)| {
        let count = counts.entry(party).or_default();
        *count += 1;
        Overheard {
            at_ns: 0,
            from: party,
            to: party,
            scope: COMPUTED.to_owned(),
            occurrence: *count - 1,
            fields: computed.fields.clone(),
            body: computed.body.clone(),
        }
    };
    states(trial).tapped::<Computed>(COMPUTED).map(message).collect()
}

/// What is opened under masks, as the first party that shows it has it.
pub(super) fn opened(trial: &Trial) -> Vec<Opened> {
    let states = states(trial);
    let all = || states.tapped::<MaskedOpening>(MASKED);
    let first = all().next().map(|(party, _)| party);
    let own = all().filter(|(party, _)| Some(*party) == first);
    let values = |opening: &MaskedOpening| -> Vec<Opened> {
        opening.opened.iter().map(|value| Opened { bits: opening.bits, value: *value }).collect()
    };
    own.flat_map(|(_, opening)| values(opening)).collect()
}

/// Keys of random functions that everybody knows: a run has them in common with another one, of
/// another seed, on the same inputs.
///
/// # Errors
/// As for [`observe_seed`].
pub(super) fn public_keys(
    registry: &Registry,
    cell: &PreparedCell,
    seeds: [RunSeed; 2],
    inputs: &[Inputs],
) -> Result<Arc<BTreeSet<Key>>, String> {
    let first = observe_seed(registry, cell, seeds[0], inputs)?.record;
    if first.holders.is_empty() {
        return Ok(Arc::default());
    }
    let other = observe_seed(registry, cell, seeds[1], inputs)?.record;
    Ok(first.keys_of_both(&other))
}

/// Runs a cell once with these inputs and uniform draws of this seed.
///
/// # Errors
/// As for [`observe`], or why the protocol can't run the cell.
pub(super) fn observe_seed(
    registry: &Registry,
    cell: &PreparedCell,
    seed: RunSeed,
    inputs: &[Inputs],
) -> Result<Observation, String> {
    let tape = Recorder::new(Uniform::new(seed.purpose("tape")));
    let subject = Subject::new(registry, cell, seed).map_err(|why| why.to_string())?;
    let subject = Subject { inputs: inputs.to_vec(), tape: Some(tape.clone()), ..subject };
    observe(&subject, &tape)
}
