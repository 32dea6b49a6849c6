//! What is counted while a run goes on, and what it adds up to.

use std::collections::BTreeMap;

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

/// One scope path of one party while it runs.
#[derive(Clone, Debug)]
struct Row {
    path: String,
    phase: Phase,
    counts: Counts,
}

/// What one party sent to another.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    bytes: u64,
    messages: u64,
    wire_bytes: [u64; 3],
}

/// One party's counters.
#[derive(Clone, Debug)]
pub(crate) struct PartyMetrics {
    rows: Vec<Row>,
    children: BTreeMap<(u32, &'static str), u32>,
    /// What was sent, by receiver; empty unless asked for.
    links: Vec<Sent>,
    pub(crate) ops: BTreeMap<&'static str, u64>,
    pub(crate) consumed: BTreeMap<&'static str, u64>,
    pub(crate) unread: u64,
}

impl PartyMetrics {
    pub(crate) fn new(peers_with_links: usize) -> Self {
        let root = Row { path: String::new(), phase: Phase::Online, counts: Counts::default() };
        PartyMetrics {
            rows: vec![root],
            children: BTreeMap::new(),
            links: vec![Sent::default(); peers_with_links],
            ops: BTreeMap::new(),
            consumed: BTreeMap::new(),
            unread: 0,
        }
    }

    /// The row of a child path, made at its first use.
    pub(crate) fn child(&mut self, parent: u32, name: &'static str, phase: Phase) -> u32 {
        if let Some(row) = self.children.get(&(parent, name)) {
            return *row;
        }
        let above = &self.rows[parent as usize].path;
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        self.rows.push(Row { path, phase, counts: Counts::default() });
        let row = (self.rows.len() - 1) as u32;
        self.children.insert((parent, name), row);
        row
    }

    pub(crate) fn row(&mut self, row: u32) -> &mut Counts {
        &mut self.rows[row as usize].counts
    }

    pub(crate) fn link(&mut self, to: u32, phase: Phase, bytes: u64, wire_bytes: u64) {
        if let Some(link) = self.links.get_mut(to as usize) {
            link.bytes += bytes;
            link.messages += 1;
            link.wire_bytes[phase.index()] += wire_bytes;
        }
    }
}

/// What one scope path cost, over all parties, sub-scopes excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeCounts {
    /// Path without indices, for example `online/less`.
    pub path: String,
    /// The phase it belongs to.
    pub phase: Phase,
    /// Sums over all parties.
    pub sum: Counts,
}

/// What one party did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyCounts {
    /// Who.
    pub party: PartyId,
    /// By phase, in the order of [`Phase::ALL`].
    pub phases: [Counts; 3],
    /// Units charged, by op.
    pub ops: BTreeMap<String, u64>,
    /// Units of correlated randomness used up, by kind; see [`crate::Ctx::consume`].
    pub consumed: BTreeMap<String, u64>,
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
    /// By scope path, in order of path.
    pub scopes: Vec<ScopeCounts>,
    /// By party, in order of id.
    pub parties: Vec<PartyCounts>,
    /// Links that carried anything, if the run was asked to keep them.
    pub links: Option<Vec<LinkCounts>>,
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
        keep_links: bool,
    ) -> Metrics {
        let mut scopes: BTreeMap<(String, Phase), Counts> = BTreeMap::new();
        let mut metrics = Metrics { links: keep_links.then(Vec::new), ..Metrics::default() };
        for (party, counted, mail) in parties {
            let mut phases = [Counts::default(); 3];
            for row in counted.rows.iter().filter(|row| row.counts != Counts::default()) {
                phases[row.phase.index()].add(&row.counts);
                scopes.entry((row.path.clone(), row.phase)).or_default().add(&row.counts);
            }
            if let Some(links) = &mut metrics.links {
                let sent = counted.links.iter().enumerate().filter(|(_, link)| link.messages > 0);
                links.extend(sent.map(|(to, sent)| LinkCounts {
                    from: party,
                    to: PartyId::from(to),
                    bytes: sent.bytes,
                    messages: sent.messages,
                    wire_bytes: sent.wire_bytes,
                }));
            }
            let named = |(name, times): (&&'static str, &u64)| ((*name).to_owned(), *times);
            metrics.parties.push(PartyCounts {
                party,
                phases,
                ops: counted.ops.iter().map(named).collect(),
                consumed: counted.consumed.iter().map(named).collect(),
                unread: counted.unread,
                late: mail.late,
                mailbox_peak_bytes: mail.peak_bytes,
            });
        }
        let scopes = scopes.into_iter();
        metrics.scopes =
            scopes.map(|((path, phase), sum)| ScopeCounts { path, phase, sum }).collect();
        metrics
    }
}
