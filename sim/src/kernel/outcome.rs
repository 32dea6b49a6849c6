use std::fmt;

use serde::{Deserialize, Serialize};

use crate::adversary::{Act, View};
use crate::metrics::Metrics;
use crate::state::Tap;
use crate::trace::Trace;
use crate::vocabulary::{Abort, PartyId, Phase};

/// What a party's code returns; its bytes enter the digests.
pub trait Output: Send + 'static {
    /// Appends bytes that tell different outputs apart.
    fn digest(&self, out: &mut Vec<u8>);
}

impl Output for () {
    fn digest(&self, _out: &mut Vec<u8>) {}
}

impl Output for u64 {
    fn digest(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl Output for Vec<u8> {
    fn digest(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl Output for Vec<i128> {
    fn digest(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
    }
}

/// How one party ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartyEnd<T> {
    /// With an output.
    Output(T),
    /// Without one, and it says why.
    Abort(Abort),
    /// By a scheduled fault.
    Crashed,
    /// Not at all: the run was over before.
    Unfinished,
}

impl<T> PartyEnd<T> {
    /// The output, if there is one.
    pub fn output(&self) -> Option<&T> {
        match self {
            PartyEnd::Output(output) => Some(output),
            _ => None,
        }
    }
}

/// A party that waits when nothing can wake it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Who waits.
    pub party: PartyId,
    /// Path of the scope; empty if it waits for something that is not the kernel's.
    pub scope: String,
    /// For whose messages; empty if for anybody's.
    pub from: Vec<PartyId>,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scope.is_empty() {
            return write!(f, "{} awaits a foreign future or a promise nobody keeps", self.party);
        }
        let from: Vec<String> = self.from.iter().map(ToString::to_string).collect();
        let from = if from.is_empty() { "anybody".to_owned() } else { from.join(", ") };
        write!(f, "{} waits in {} for {from}", self.party, self.scope)
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Every party ended.
    Complete,
    /// No event is left that could wake these.
    Stalled(Vec<Waiting>),
    /// A limit was reached; it is named.
    Limit(String),
    /// The protocol's code broke a rule of the kernel.
    Bug(String),
}

/// Virtual time by phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseTimes {
    /// In the order of [`Phase::ALL`], nanoseconds; they add up to the total.
    pub phase_ns: [u64; 3],
    /// Latest end of an honest party, nanoseconds.
    pub total_ns: u64,
}

impl PhaseTimes {
    /// From each party's entries into the phases and its end: a phase of the run ends when the
    /// last party leaves it, and lasts from the end of the one before.
    pub(super) fn new(parties: impl Iterator<Item = ([Option<u64>; 3], u64)>) -> Self {
        let mut ends = [0u64; 3];
        let mut total_ns = 0;
        for (entered, end) in parties {
            total_ns = total_ns.max(end);
            for phase in 0..3 {
                if entered[phase].is_some() {
                    let next = entered[phase + 1..].iter().flatten().next();
                    ends[phase] = ends[phase].max(next.copied().unwrap_or(end));
                }
            }
        }
        let mut phase_ns = [0; 3];
        let mut before = 0;
        for phase in 0..3 {
            ends[phase] = ends[phase].max(before);
            phase_ns[phase] = ends[phase] - before;
            before = ends[phase];
        }
        // Whoever did nothing at all still takes part in the last phase.
        phase_ns[2] += total_ns - before;
        PhaseTimes { phase_ns, total_ns }
    }

    /// Time of one phase, nanoseconds.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> u64 {
        self.phase_ns[phase.index()]
    }
}

/// Causal rounds: the longest chain of messages, each sent after the one before was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rounds {
    /// In the order of [`Phase::ALL`].
    pub phase: [u32; 3],
    /// Over the whole run.
    pub total: u32,
}

/// What two equal runs have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Of all deliveries with their times, and of outcomes, outputs and end times.
    pub event: [u8; 32],
    /// The same without times and without the order of deliveries.
    pub transcript: [u8; 32],
    /// The transcript of honest parties alone: what changes none of it has had no effect on them.
    pub honest: [u8; 32],
}

/// A run that is over.
pub struct Run<T> {
    /// How it ended.
    pub end: End,
    /// How each party ended, and when by virtual time, nanoseconds.
    pub parties: Vec<(PartyEnd<T>, u64)>,
    /// Parties that the adversary corrupts, ascending.
    pub corrupted: Vec<PartyId>,
    /// Virtual time.
    pub times: PhaseTimes,
    /// Causal rounds.
    pub rounds: Rounds,
    /// Counters.
    pub metrics: Metrics,
    /// Digests.
    pub digests: Digests,
    /// What honest parties hold, by party, if it was kept.
    pub taps: Vec<Vec<Tap>>,
    /// What the code of corrupted parties says that it holds, by party, if it was kept: what a
    /// functionality would hear from it, as long as the code is the protocol's.
    pub corrupted_taps: Vec<Vec<Tap>>,
    /// What ideal functionalities hold, in their order, if it was kept.
    pub ideal_taps: Vec<Vec<Tap>>,
    /// What the coalition saw.
    pub view: View,
    /// What the adversary did.
    pub acts: Vec<Act>,
    /// Invariants that honest code broke: correlated randomness used twice, messages after an
    /// abort, secrets that outlive one.
    pub breaches: Vec<(PartyId, String)>,
    /// Compute segments by party, nanoseconds, if they were measured.
    pub segments_ns: Vec<Vec<u64>>,
    /// Whether a party restarted.
    pub restarted: bool,
    /// Messages that the network lost.
    pub lost: u64,
    /// Events handled.
    pub events: u64,
    /// What happened, if it was taken down and the run was not too long.
    pub trace: Option<Trace>,
}

impl<T> Run<T> {
    /// Whether every party ended with an output.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.end == End::Complete
            && self.parties.iter().all(|(end, _)| matches!(end, PartyEnd::Output(_)))
    }

    /// The outputs, in order of parties that have one.
    pub fn outputs(&self) -> impl Iterator<Item = (PartyId, &T)> {
        let ends = self.parties.iter().enumerate();
        ends.filter_map(|(at, (end, _))| Some((PartyId::from(at), end.output()?)))
    }
}
