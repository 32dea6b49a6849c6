//! Takes down what happens while a run goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Idle, Message, NodeTrace, Span, Trace, TracedScope, Woken, Work};
use crate::message::{FRAME_HEADER_BYTES, Packet};
use crate::network::{Framing, Network};
use crate::scope::Path;
use crate::vocabulary::PartyId;

/// No message.
const NONE: u32 = u32::MAX;
/// Stretches of work and scopes that a run may have for each message that it may have.
const PER_MESSAGE: usize = 4;

/// What one node did, kept in its own state. Scopes are named by their ids.
#[derive(Debug, Default)]
pub(crate) struct NodeRecorder {
    /// Scope, start, end.
    work: Vec<(u64, u64, u64)>,
    /// Path, and the node's clock when it was opened and closed.
    spans: Vec<(Arc<Path>, u64, Option<u64>)>,
    /// Open scopes: index in `spans` by slot.
    open: BTreeMap<u32, usize>,
    /// Stretches of work, and spans, that are kept at most.
    limit: usize,
    is_cut: bool,
}

impl NodeRecorder {
    /// One of `nodes` in a run of at most `messages`.
    pub(crate) fn new(messages: usize, nodes: usize) -> Self {
        let limit = PER_MESSAGE.saturating_mul(messages) / nodes.max(1);
        NodeRecorder { limit, ..NodeRecorder::default() }
    }

    pub(crate) fn opened(&mut self, slot: u32, path: &Arc<Path>, clock_ns: u64) {
        if self.spans.len() >= self.limit {
            self.is_cut = true;
            return;
        }
        self.open.insert(slot, self.spans.len());
        self.spans.push((Arc::clone(path), clock_ns, None));
    }

    pub(crate) fn closed(&mut self, slot: u32, clock_ns: u64) {
        if let Some(span) = self.open.remove(&slot).and_then(|at| self.spans.get_mut(at)) {
            span.2 = Some(clock_ns);
        }
    }

    pub(crate) fn worked(&mut self, scope: u64, from_ns: u64, until_ns: u64) {
        if from_ns == until_ns {
            return;
        }
        let is_full = self.work.len() >= self.limit;
        match self.work.last_mut() {
            Some(last) if (last.0, last.2) == (scope, from_ns) => last.2 = until_ns,
            _ if is_full => self.is_cut = true,
            _ => self.work.push((scope, from_ns, until_ns)),
        }
    }

    /// Forgets what lies beyond a crash.
    pub(crate) fn cut(&mut self, now_ns: u64) {
        self.work.retain(|work| work.1 < now_ns);
        if let Some(last) = self.work.last_mut() {
            last.2 = last.2.min(now_ns);
        }
        for span in &mut self.spans {
            span.1 = span.1.min(now_ns);
            span.2 = Some(span.2.unwrap_or(now_ns).min(now_ns));
        }
        self.open.clear();
    }
}

/// What the kernel sees of all nodes.
pub(crate) struct Recorder {
    limit: usize,
    network: Arc<Network>,
    framing: Framing,
    /// Messages, with the scope's id in place of its index.
    messages: Vec<(u64, Message)>,
    /// By sender, then by number of the message: index in `messages`.
    by_seq: Vec<Vec<u32>>,
    idle: Vec<Vec<Idle>>,
    /// What woke each node last, and when.
    woken: Vec<(Woken, u64)>,
    is_cut: bool,
}

impl Recorder {
    /// Takes down at most `limit` messages; a longer run has no trace.
    pub(crate) fn new(limit: usize, network: Arc<Network>, framing: Framing, nodes: usize) -> Self {
        Recorder {
            limit,
            network,
            framing,
            messages: Vec::new(),
            by_seq: vec![Vec::new(); nodes],
            idle: vec![Vec::new(); nodes],
            woken: vec![(Woken::Fault, 0); nodes],
            is_cut: false,
        }
    }

    /// A packet was put into its sender's outbox.
    pub(crate) fn sent(&mut self, packet: &Packet, seq: u64, sent_ns: u64) {
        if self.messages.len() >= self.limit {
            self.is_cut = true;
            return;
        }
        let seqs = &mut self.by_seq[packet.from as usize];
        seqs.resize(seqs.len().max(seq as usize), NONE);
        seqs.push(self.messages.len() as u32);
        let payload_bytes = packet.body.as_ref().map_or(0, |body| body.bytes.len() as u64);
        let is_close = packet.body.is_none();
        let wire_bytes = match is_close {
            true => 0,
            false => self.framing.wire_bytes(FRAME_HEADER_BYTES + payload_bytes),
        };
        let (from, to) = (PartyId(packet.from), PartyId(packet.to));
        let message = Message {
            from,
            to,
            scope: 0,
            is_close,
            payload_bytes,
            wire_bytes,
            sent_ns,
            departed_ns: None,
            propagation_ns: 0,
            serialisation_ns: self.network.least_serialisation_ns(from, to, wire_bytes),
            delivered_ns: None,
        };
        self.messages.push((packet.scope, message));
    }

    fn index(&self, from: u32, seq: u64) -> u32 {
        self.by_seq[from as usize].get(seq as usize).copied().unwrap_or(NONE)
    }

    fn message(&mut self, from: u32, seq: u64) -> Option<&mut Message> {
        let at = self.index(from, seq);
        self.messages.get_mut(at as usize).map(|(_, message)| message)
    }

    /// A message leaves its sender; what it carries by now may be an adversary's.
    pub(crate) fn departed(&mut self, packet: &Packet, seq: u64, now_ns: u64) {
        let payload_bytes = packet.body.as_ref().map_or(0, |body| body.bytes.len() as u64);
        if let Some(message) = self.message(packet.from, seq) {
            message.departed_ns = Some(now_ns);
            message.payload_bytes = payload_bytes;
        }
    }

    pub(crate) fn propagates(&mut self, from: u32, seq: u64, propagation_ns: u64) {
        if let Some(message) = self.message(from, seq) {
            message.propagation_ns = propagation_ns;
        }
    }

    pub(crate) fn delivered(&mut self, from: u32, seq: u64, now_ns: u64) {
        if let Some(message) = self.message(from, seq) {
            message.delivered_ns = Some(now_ns);
        }
    }

    pub(crate) fn woken_by_message(&mut self, node: u32, from: u32, seq: u64, now_ns: u64) {
        self.woken[node as usize] = (Woken::Message(self.index(from, seq)), now_ns);
    }

    pub(crate) fn woken(&mut self, node: u32, by: Woken, now_ns: u64) {
        self.woken[node as usize] = (by, now_ns);
    }

    /// A node is polled; its clock stood still since `clock_ns`.
    pub(crate) fn polled(&mut self, node: u32, clock_ns: u64, now_ns: u64) {
        if clock_ns >= now_ns {
            return;
        }
        let (ended_by, woken_ns) = self.woken[node as usize];
        let woken_ns = woken_ns.clamp(clock_ns, now_ns);
        let idle = &mut self.idle[node as usize];
        if woken_ns > clock_ns {
            idle.push(Idle { from_ns: clock_ns, until_ns: woken_ns, ended_by });
        }
        // It was paused when the message came.
        if now_ns > woken_ns {
            idle.push(Idle { from_ns: woken_ns, until_ns: now_ns, ended_by: Woken::Fault });
        }
    }

    /// Everything, or nothing if the run was too long. `nodes` gives, in order, each node with its
    /// end, and the name of an ideal functionality.
    pub(crate) fn finish(
        self,
        nodes: impl Iterator<Item = (NodeRecorder, u64, Option<&'static str>, bool)>,
    ) -> Option<Trace> {
        let nodes: Vec<_> = nodes.collect();
        if self.is_cut || nodes.iter().any(|(recorder, ..)| recorder.is_cut) {
            return None;
        }
        let mut scopes = ScopeTable::default();
        let mut idle = self.idle.into_iter();
        let node =
            |(at, (recorder, end_ns, ideal, is_corrupted)): (usize, (NodeRecorder, _, _, _))| {
                let ideal: Option<&'static str> = ideal;
                let spans: Vec<Span> = recorder
                    .spans
                    .iter()
                    .map(|(path, from_ns, until_ns)| {
                        let until_ns = until_ns.unwrap_or(end_ns).max(*from_ns);
                        Span { scope: scopes.opened(path), from_ns: *from_ns, until_ns }
                    })
                    .collect();
                let work = recorder.work.iter().map(|(id, from_ns, until_ns)| Work {
                    scope: scopes.index(*id),
                    from_ns: *from_ns,
                    until_ns: *until_ns,
                });
                let mut idle = idle.next().unwrap_or_default();
                idle.retain(|idle| idle.from_ns < end_ns);
                NodeTrace {
                    node: PartyId::from(at),
                    ideal: ideal.map(str::to_owned),
                    is_corrupted,
                    end_ns,
                    work: work.collect(),
                    idle,
                    spans,
                }
            };
        let nodes = nodes.into_iter().enumerate().map(node).collect();
        let message =
            |(id, message): (u64, Message)| Message { scope: scopes.index(id), ..message };
        let messages = self.messages.into_iter().map(message).collect();
        Some(Trace { nodes, messages, scopes: scopes.scopes })
    }
}

/// Scopes by id.
#[derive(Default)]
struct ScopeTable {
    by_id: BTreeMap<u64, u32>,
    scopes: Vec<TracedScope>,
}

impl ScopeTable {
    fn opened(&mut self, path: &Path) -> u32 {
        let at = self.index(path.id);
        let scope = &mut self.scopes[at as usize];
        if scope.path.is_empty() {
            *scope = TracedScope { path: path.to_string(), folded: path.folded() };
        }
        at
    }

    /// The index of an id; a scope that no node opened has an empty path.
    fn index(&mut self, id: u64) -> u32 {
        *self.by_id.entry(id).or_insert_with(|| {
            self.scopes.push(TracedScope { path: String::new(), folded: String::new() });
            (self.scopes.len() - 1) as u32
        })
    }
}
