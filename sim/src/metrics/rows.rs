//! One party's counters while it runs.

use std::collections::BTreeMap;

use super::levels::Levels;
use super::{BATCHES, Charged, Consumed, Counts, LinkCounts, PartyCounts};
use crate::handling;
use crate::mailbox::Mail;
use crate::scope::Path;
use crate::vocabulary::{PartyId, Phase};

/// No row.
const NONE: u32 = u32::MAX;

/// Where a scope is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// The row of its path without indices.
    folded: u32,
    /// The row of its path as far as its first index, or [`NONE`].
    batch: u32,
}

impl Rows {
    pub(crate) const ROOT: Rows = Rows { folded: 0, batch: NONE };
}

impl Default for Rows {
    fn default() -> Self {
        Rows::ROOT
    }
}

/// One scope path of one party while it runs.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Without indices.
    pub(super) path: String,
    /// Of a batch.
    pub(super) index: Option<u64>,
    pub(super) phase: Phase,
    /// The row around it; the root and batches have none.
    above: u32,
    pub(super) counts: Counts,
    /// Waits that are pending in it or inside it, and the clock when the first of them began.
    waits: u32,
    since_ns: u64,
    pub(super) time_ns: u64,
    pub(super) levels: Levels,
}

impl Row {
    fn new(path: String, index: Option<u64>, phase: Phase, above: u32) -> Self {
        Row {
            path,
            index,
            phase,
            above,
            counts: Counts::default(),
            waits: 0,
            since_ns: 0,
            time_ns: 0,
            levels: Levels::default(),
        }
    }
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
    /// Rows of batches, by folded row and index.
    batches: BTreeMap<(u32, u64), u32>,
    /// What was sent, by receiver; empty unless asked for.
    links: Vec<Sent>,
    pub(crate) ops: BTreeMap<&'static str, Charged>,
    /// Handling of messages, in the order of [`handling::OPS`].
    pub(crate) handled: [Charged; handling::OPS.len()],
    pub(crate) consumed: BTreeMap<&'static str, Consumed>,
    pub(crate) unread: u64,
}

impl PartyMetrics {
    pub(crate) fn new(peers_with_links: usize) -> Self {
        PartyMetrics {
            rows: vec![Row::new(String::new(), None, Phase::Online, NONE)],
            children: BTreeMap::new(),
            batches: BTreeMap::new(),
            links: vec![Sent::default(); peers_with_links],
            ops: BTreeMap::new(),
            handled: [Charged::default(); handling::OPS.len()],
            consumed: BTreeMap::new(),
            unread: 0,
        }
    }

    /// The rows of a child path, made at their first use.
    pub(crate) fn child(&mut self, parent: Rows, path: &Path) -> Rows {
        let folded = self.folded(parent.folded, path.static_name(), path.phase);
        let batch = match path.index().filter(|index| *index < BATCHES && path.session == 0) {
            _ if parent.batch != NONE => parent.batch,
            Some(index) => *self.batches.entry((folded, index)).or_insert_with(|| {
                let path_above = self.rows[folded as usize].path.clone();
                self.rows.push(Row::new(path_above, Some(index), path.phase, NONE));
                (self.rows.len() - 1) as u32
            }),
            None => NONE,
        };
        Rows { folded, batch }
    }

    fn folded(&mut self, parent: u32, name: &'static str, phase: Phase) -> u32 {
        if let Some(row) = self.children.get(&(parent, name)) {
            return *row;
        }
        let above = &self.rows[parent as usize].path;
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        self.rows.push(Row::new(path, None, phase, if parent == 0 { NONE } else { parent }));
        let row = (self.rows.len() - 1) as u32;
        self.children.insert((parent, name), row);
        row
    }

    /// Counts in a scope.
    pub(crate) fn count(&mut self, rows: Rows, add: impl Fn(&mut Counts)) {
        add(&mut self.rows[rows.folded as usize].counts);
        if rows.batch != NONE {
            add(&mut self.rows[rows.batch as usize].counts);
        }
    }

    /// Acts on the rows of a scope and of all around it.
    fn each(&mut self, rows: Rows, act: impl Fn(&mut Row)) {
        let mut at = rows.folded;
        while at != NONE {
            let row = &mut self.rows[at as usize];
            act(row);
            at = row.above;
        }
        if rows.batch != NONE {
            act(&mut self.rows[rows.batch as usize]);
        }
    }

    /// A wait begins at this clock.
    pub(crate) fn wait(&mut self, rows: Rows, clock_ns: u64) {
        self.each(rows, |row| {
            if row.waits == 0 {
                row.since_ns = clock_ns;
            }
            row.waits += 1;
        });
    }

    /// A wait ends at this clock.
    pub(crate) fn waited(&mut self, rows: Rows, clock_ns: u64) {
        self.each(rows, |row| {
            row.waits = row.waits.saturating_sub(1);
            if row.waits == 0 {
                row.time_ns += clock_ns.saturating_sub(row.since_ns);
            }
        });
    }

    /// The clock went on by so much, because of compute.
    pub(crate) fn computed(&mut self, rows: Rows, time_ns: u64) {
        self.each(rows, |row| {
            // While a wait is pending, time passes anyway.
            if row.waits == 0 {
                row.time_ns = row.time_ns.saturating_add(time_ns);
            }
        });
    }

    /// A receive raised its strand to this depth.
    pub(crate) fn raised(&mut self, rows: Rows, level: u32) {
        self.each(rows, |row| row.levels.add(level));
    }

    pub(crate) fn link(&mut self, to: u32, phase: Phase, bytes: u64, wire_bytes: u64) {
        if let Some(link) = self.links.get_mut(to as usize) {
            link.bytes += bytes;
            link.messages += 1;
            link.wire_bytes[phase.index()] += wire_bytes;
        }
    }

    /// Rows with anything in them.
    pub(super) fn used(&self) -> impl Iterator<Item = &Row> {
        let is_used = |row: &&Row| {
            row.counts != Counts::default() || row.time_ns > 0 || !row.levels.is_empty()
        };
        // Outside all scopes, waiting alone is nothing that anybody asked for.
        let rows = self.rows.iter().enumerate();
        let rows = rows.filter(|(at, row)| *at > 0 || row.counts != Counts::default());
        rows.map(|(_, row)| row).filter(is_used)
    }

    /// What went to whom, if it was kept.
    pub(super) fn sent_by(&self, party: PartyId) -> impl Iterator<Item = LinkCounts> {
        let sent = self.links.iter().enumerate().filter(|(_, link)| link.messages > 0);
        sent.map(move |(to, sent)| LinkCounts {
            from: party,
            to: PartyId::from(to),
            bytes: sent.bytes,
            messages: sent.messages,
            wire_bytes: sent.wire_bytes,
        })
    }

    pub(super) fn party(&self, party: PartyId, phases: [Counts; 3], mail: &Mail) -> PartyCounts {
        let charged = self.ops.iter().map(|(key, charged)| (*key, *charged));
        let handled = handling::OPS.iter().zip(self.handled).map(|(op, of)| (op.key, of));
        let handled = handled.filter(|(_, charged)| charged.calls > 0);
        let ops = charged.chain(handled).map(|(key, charged)| (key.to_owned(), charged));
        PartyCounts {
            party,
            phases,
            ops: ops.collect(),
            consumed: self.consumed.iter().map(|(kind, of)| ((*kind).to_owned(), *of)).collect(),
            unread: self.unread,
            late: mail.late,
            mailbox_peak_bytes: mail.peak_bytes,
        }
    }
}
