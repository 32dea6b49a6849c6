//! What is counted while a run goes on, and what it adds up to.

mod levels;
mod rows;

use std::collections::BTreeMap;

use levels::Levels;
pub(crate) use rows::{PartyMetrics, Rows};

use crate::mailbox::Mail;
use crate::vocabulary::{PartyId, Phase};

/// What one party did in one scope path (indices folded), sub-scopes excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Payload sent, bytes.
    pub sent_bytes: u64,
    /// Payload, frame headers and transport framing sent, bytes.
    pub sent_wire_bytes: u64,
    /// Messages sent.
    pub sent_messages: u64,
    /// Payload received, bytes.
    pub received_bytes: u64,
    /// Payload, frame headers and transport framing received, bytes.
    pub received_wire_bytes: u64,
    /// Payload exchanged with ideal functionalities, bytes; not part of the others.
    pub ideal_bytes: u64,
    /// Compute, picoseconds.
    pub compute_ps: u64,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.sent_bytes += other.sent_bytes;
        self.sent_wire_bytes += other.sent_wire_bytes;
        self.sent_messages += other.sent_messages;
        self.received_bytes += other.received_bytes;
        self.received_wire_bytes += other.received_wire_bytes;
        self.ideal_bytes += other.ideal_bytes;
        self.compute_ps = self.compute_ps.saturating_add(other.compute_ps);
    }
}

/// What one scope path cost, over all parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeCounts {
    /// Path, for example `online/less`.
    pub path: String,
    /// The phase it belongs to.
    pub phase: Phase,
    /// Sums over all parties.
    pub sum: Counts,
    /// How many of the run's causal rounds passed in it, sub-scopes included: depths to which a
    /// message that was sent in it raised an honest party's strand when it was received. A depth
    /// counts once, however many parties, strands or indices it passed at, and once for each of
    /// several scopes that it passed in side by side. So scopes that follow each other add up to
    /// the rounds of the run.
    pub rounds: u32,
    /// How long the honest party that was longest in it, by its own clock, computed or waited in
    /// it (a receive, a deadline or a sleep was pending), nanoseconds, sub-scopes included. What
    /// overlaps counts once.
    pub time_ns: u64,
}

/// Correlated randomness of one kind that a party has used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consumed {
    /// Triples, masks, bits, as the kind says.
    pub units: u64,
    /// Bytes of the party's share of them.
    pub bytes: u64,
}

/// How often an op was charged, and how many units of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charged {
    /// Charges.
    pub calls: u64,
    /// Units, over all charges.
    pub units: u64,
}

impl Charged {
    pub(crate) fn add(&mut self, other: Charged) {
        self.calls = self.calls.saturating_add(other.calls);
        self.units = self.units.saturating_add(other.units);
    }
}

/// What one party did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyCounts {
    /// Who.
    pub party: PartyId,
    /// By phase, in the order of [`Phase::ALL`].
    pub phases: [Counts; 3],
    /// What was charged, by op; what the kernel charges for messages included.
    pub ops: BTreeMap<String, Charged>,
    /// Correlated randomness used up, by kind; see [`crate::Ctx::consume`].
    pub consumed: BTreeMap<String, Consumed>,
    /// Messages that arrived and were never read.
    pub unread: u64,
    /// Messages that came after the receive that waited for them had been closed.
    pub late: u64,
    /// The most payload that lay in its mailboxes at a time, arrived and not yet read, bytes.
    pub mailbox_peak_bytes: u64,
}

impl PartyCounts {
    /// Everything the party did.
    #[must_use]
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.phases.iter().for_each(|phase| total.add(phase));
        total
    }
}

/// What went from one party to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkCounts {
    /// Sender.
    pub from: PartyId,
    /// Receiver.
    pub to: PartyId,
    /// Payload, bytes.
    pub bytes: u64,
    /// Messages.
    pub messages: u64,
    /// Payload, frame headers and transport framing, bytes, in the order of [`Phase::ALL`].
    pub wire_bytes: [u64; 3],
}

/// All counters of a run. Ideal functionalities have no rows: what they exchange is in the
/// `ideal_bytes` of the parties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// By scope path without indices, in order of path. Sums exclude sub-scopes; a scope in which
    /// only sub-scopes did anything has sums of 0. What lies outside all scopes has the empty path.
    pub scopes: Vec<ScopeCounts>,
    /// Scopes with an index, one by one: by path as far as the first index, for example
    /// `online/mul[3]`, in order of path and index. Indices from [`BATCHES`] on are left out, and so
    /// are scopes in sessions. Everything includes sub-scopes.
    pub batches: Vec<ScopeCounts>,
    /// By party, in order of id.
    pub parties: Vec<PartyCounts>,
    /// Links that carried anything, if the run was asked to keep them.
    pub links: Option<Vec<LinkCounts>>,
}

/// How many indices of a scope have rows of their own, from 0 on.
pub const BATCHES: u64 = 64;

/// What all parties did in one scope path so far.
#[derive(Default)]
struct Sum {
    counts: Counts,
    levels: Vec<Levels>,
    time_ns: u64,
}

impl Sum {
    fn into_counts(self, path: String, phase: Phase) -> ScopeCounts {
        let rounds = Levels::union(self.levels);
        ScopeCounts { path, phase, sum: self.counts, rounds, time_ns: self.time_ns }
    }
}

impl Metrics {
    /// Sums of a phase over all parties.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> Counts {
        let mut sum = Counts::default();
        self.parties.iter().for_each(|party| sum.add(&party.phases[phase.index()]));
        sum
    }

    pub(crate) fn collect<'a>(
        parties: impl Iterator<Item = (PartyId, &'a PartyMetrics, &'a Mail)>,
        is_honest: impl Fn(PartyId) -> bool,
        keep_links: bool,
    ) -> Metrics {
        let mut scopes: BTreeMap<(String, Phase), Sum> = BTreeMap::new();
        let mut batches: BTreeMap<(String, u64, Phase), Sum> = BTreeMap::new();
        let mut metrics = Metrics { links: keep_links.then(Vec::new), ..Metrics::default() };
        for (party, counted, mail) in parties {
            let mut phases = [Counts::default(); 3];
            for row in counted.used() {
                let sum = match row.index {
                    Some(index) => batches.entry((row.path.clone(), index, row.phase)).or_default(),
                    None => {
                        phases[row.phase.index()].add(&row.counts);
                        scopes.entry((row.path.clone(), row.phase)).or_default()
                    }
                };
                sum.counts.add(&row.counts);
                if is_honest(party) {
                    sum.levels.push(row.levels.clone());
                    sum.time_ns = sum.time_ns.max(row.time_ns);
                }
            }
            if let Some(links) = &mut metrics.links {
                links.extend(counted.sent_by(party));
            }
            metrics.parties.push(counted.party(party, phases, mail));
        }
        let scopes = scopes.into_iter();
        metrics.scopes = scopes.map(|((path, phase), sum)| sum.into_counts(path, phase)).collect();
        let batches = batches.into_iter();
        metrics.batches = batches
            .map(|((path, index, phase), sum)| sum.into_counts(format!("{path}[{index}]"), phase))
            .collect();
        metrics
    }
}
