//! Everything one party has: its clock, its mail, its scopes, its counters.
//!
//! A poll touches only the state of its own party; the outbox is the only seam to the rest.

mod labour;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::task::Waker;

use crate::adversary::Draws;
use crate::compute::Meter;
use crate::handling::Handling;
use crate::ledger::Ledger;
use crate::mailbox::{Letter, Mail, Wait};
use crate::message::{Depth, FRAME_HEADER_BYTES, Outgoing, Packet};
use crate::metrics::{PartyMetrics, Rows};
use crate::network::Framing;
use crate::scope::{Path, ScopeName, Scopes};
use crate::seed::{Randomness, Tape};
use crate::trace::recorder::NodeRecorder;
use crate::vocabulary::{PartyId, Phase};

/// What an honest party holds, shown to the omniscient checker.
#[derive(Clone)]
pub struct Tap {
    /// Path of the scope it was tapped in.
    pub scope: String,
    /// The label that the protocol gave it.
    pub label: &'static str,
    /// The value.
    pub value: Arc<dyn Any + Send + Sync>,
}

/// What never changes during a run.
pub(crate) struct Common {
    /// Real parties: computing parties and clients.
    pub(crate) n: usize,
    /// Names of ideal functionalities; the `k`-th is node `n + k`.
    pub(crate) ideals: Vec<&'static str>,
    pub(crate) framing: Framing,
    pub(crate) party_key: [u8; 32],
    /// Public name of the run.
    pub(crate) run_id: [u8; 32],
    /// Receives give up after this long, nanoseconds.
    pub(crate) synchrony_ns: Option<u64>,
    pub(crate) corrupted: Vec<PartyId>,
    /// Whether bodies say what they are: somebody looks at messages.
    pub(crate) describes: bool,
    pub(crate) keeps_taps: bool,
    /// Parties whose randomness is not what it should be.
    pub(crate) randomness: BTreeMap<PartyId, Randomness>,
    pub(crate) tape: Option<Arc<dyn Tape>>,
}

impl Common {
    pub(crate) fn nodes(&self) -> usize {
        self.n + self.ideals.len()
    }

    pub(crate) fn is_ideal(&self, node: u32) -> bool {
        node as usize >= self.n
    }
}

/// Where a strand works, for what it is measured to take.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    slot: u32,
    /// Whether it sent, received or charged there; what is done after a scope was merely opened
    /// belongs to whichever acts next.
    acted: bool,
}

pub(crate) struct PartyState {
    pub(crate) id: PartyId,
    pub(crate) common: Arc<Common>,
    pub(crate) clock_ns: u64,
    /// Time of the current poll; the clock may be ahead of it.
    pub(crate) now_ns: u64,
    /// Depth of the strand that runs now.
    pub(crate) depth: Depth,
    /// Largest depth of any strand so far.
    pub(crate) deepest: Depth,
    /// When the party first did anything in each phase, nanoseconds.
    pub(crate) entered_ns: [Option<u64>; 3],
    phase: Option<Phase>,
    pub(crate) scopes: Scopes,
    pub(crate) mail: Mail,
    pub(crate) outbox: Vec<Outgoing>,
    /// Timers asked for since the last poll: time, wait, generation of the wait.
    pub(crate) timers: Vec<(u64, u32, u32)>,
    /// Peers whose close has arrived.
    closed: Vec<bool>,
    pub(crate) meter: Meter,
    /// The scope that the strand which runs now works in.
    pub(crate) place: Place,
    /// Whether its code runs now.
    is_polled: bool,
    pub(crate) metrics: PartyMetrics,
    pub(crate) taps: Vec<Tap>,
    pub(crate) event_chain: u128,
    pub(crate) transcript: u128,
    /// Counts restarts, so that no randomness is used twice.
    pub(crate) epoch: u32,
    /// A rule of the kernel that the protocol's code broke.
    pub(crate) bug: Option<String>,
    /// Correlated randomness that was used, and secrets that are alive.
    pub(crate) ledger: Ledger,
    /// Sessions in which a check failed: the party has to stop there.
    pub(crate) aborting: BTreeSet<u64>,
    /// Invariants of honest code that were broken, the first few.
    pub(crate) breaches: Vec<String>,
    /// Generators asked for, of a corrupted party.
    pub(crate) draws: Vec<Draws>,
    /// What it does, if that is taken down.
    pub(crate) recorder: Option<Box<NodeRecorder>>,
}

/// Breaches that a party remembers.
const BREACHES: usize = 8;

impl PartyState {
    /// Notes a broken invariant.
    pub(crate) fn breach(&mut self, what: String) {
        if self.breaches.len() < BREACHES {
            self.breaches.push(what);
        }
    }

    pub(crate) fn new(id: PartyId, common: Arc<Common>, meter: Meter, keep_links: bool) -> Self {
        let mut scopes = Scopes::default();
        // The root is slot 0 and is never freed.
        let _ = scopes.open(Path::root(), Rows::ROOT);
        PartyState {
            id,
            metrics: PartyMetrics::new(if keep_links { common.n } else { 0 }),
            common,
            clock_ns: 0,
            now_ns: 0,
            depth: Depth::default(),
            deepest: Depth::default(),
            entered_ns: [None; 3],
            phase: None,
            scopes,
            mail: Mail::default(),
            outbox: Vec::new(),
            timers: Vec::new(),
            closed: Vec::new(),
            meter,
            place: Place::default(),
            is_polled: false,
            taps: Vec::new(),
            event_chain: 0,
            transcript: 0,
            epoch: 0,
            bug: None,
            ledger: Ledger::default(),
            aborting: BTreeSet::new(),
            breaches: Vec::new(),
            draws: Vec::new(),
            recorder: None,
        }
    }

    /// Goes down at this time: what its clock had reached beyond it never happened.
    pub(crate) fn take_down(&mut self, now_ns: u64) {
        self.clock_ns = now_ns;
        for entered in &mut self.entered_ns {
            *entered = entered.filter(|entered_ns| *entered_ns <= now_ns);
        }
        self.phase = Phase::ALL.into_iter().rfind(|p| self.entered_ns[p.index()].is_some());
        if let Some(recorder) = &mut self.recorder {
            recorder.cut(now_ns);
        }
    }

    /// Forgets everything but counters and clocks, as a machine that boots again.
    pub(crate) fn restart(&mut self) {
        let mut scopes = Scopes::default();
        let _ = scopes.open(Path::root(), Rows::ROOT);
        self.scopes = scopes;
        self.place = Place::default();
        self.mail = self.mail.restarted();
        self.outbox.clear();
        self.timers.clear();
        self.depth = Depth::default();
        self.aborting.clear();
        self.ledger = Ledger::default();
        self.epoch += 1;
    }

    pub(crate) fn report_bug(&mut self, what: String) {
        if self.bug.is_none() {
            self.bug = Some(format!("{}: {what}", self.id));
        }
    }

    pub(crate) fn path(&self, slot: u32) -> String {
        self.scopes.path(slot)
    }

    pub(crate) fn phase_of(&mut self, slot: u32) -> Phase {
        let path = self.scopes.get(slot).and_then(|scope| scope.path.as_ref());
        path.map_or(Phase::Online, |path| path.phase)
    }

    pub(crate) fn rows_of(&mut self, slot: u32) -> Rows {
        self.scopes.get(slot).map_or(Rows::ROOT, |scope| scope.rows)
    }

    /// Opens a wait in its scope, where time passes from now on.
    pub(crate) fn open_wait(&mut self, mut wait: Wait) -> u32 {
        wait.rows = self.rows_of(wait.scope);
        self.metrics.wait(wait.rows, self.clock_ns);
        self.mail.open_wait(wait)
    }

    pub(crate) fn close_wait(&mut self, wait: u32) {
        if let Some(wait) = self.mail.close_wait(wait) {
            self.metrics.waited(wait.rows, self.clock_ns);
        }
    }

    /// The session that a scope lies in.
    pub(crate) fn session_of(&mut self, slot: u32) -> u64 {
        let path = self.scopes.get(slot).and_then(|scope| scope.path.as_ref());
        path.map_or(0, |path| path.session)
    }

    /// Opens a scope below another.
    pub(crate) fn open(&mut self, parent: u32, name: ScopeName) -> u32 {
        self.open_path(parent, |above| above.child(name))
    }

    /// Opens a path that is made from that of another scope.
    pub(crate) fn open_path(
        &mut self,
        parent: u32,
        below: impl FnOnce(&Arc<Path>) -> Arc<Path>,
    ) -> u32 {
        let scope = self.scopes.get(parent);
        let Some((above, above_rows)) = scope.and_then(|s| Some((s.path.clone()?, s.rows))) else {
            self.report_bug("opens a scope below one that is gone".to_owned());
            return 0;
        };
        let path = below(&above);
        let rows = self.metrics.child(above_rows, &path);
        match self.scopes.open(Arc::clone(&path), rows) {
            Ok(slot) => {
                self.end_segment();
                self.place = Place { slot, acted: false };
                if let Some(recorder) = &mut self.recorder {
                    recorder.opened(slot, &path, self.clock_ns);
                }
                slot
            }
            Err(why) => {
                self.report_bug(why);
                0
            }
        }
    }

    /// Frees a scope whose last handle dropped; what was not read is counted.
    pub(crate) fn close_scope(&mut self, slot: u32) {
        if let Some(recorder) = &mut self.recorder {
            recorder.closed(slot, self.clock_ns);
        }
        if self.place.slot == slot {
            self.end_segment();
            self.place = Place { slot: self.scopes.above(slot), acted: true };
        }
        if let Some(mut scope) = self.scopes.free(slot) {
            for (peer, channel) in (0u32..).zip(scope.channels()) {
                self.metrics.unread += self.mail.discard(channel, (slot, peer));
            }
        }
    }

    /// Notes activity in a scope's phase; there is no going back to an earlier one.
    pub(crate) fn enter(&mut self, phase: Phase) {
        if self.phase.is_none_or(|current| phase > current) {
            self.phase = Some(phase);
            self.entered_ns[phase.index()] = Some(self.clock_ns);
        }
    }

    /// Queues a message and counts it.
    pub(crate) fn send(&mut self, slot: u32, to: PartyId, body: &Arc<crate::message::Body>) {
        if to == self.id || to.index() >= self.common.nodes() {
            self.report_bug(format!("sends to {to} in {}", self.path(slot)));
            return;
        }
        if !self.aborting.is_empty() {
            let session = self.session_of(slot);
            let is_over = self.aborting.contains(&session);
            let scope = self.path(slot);
            if is_over && !scope.split('/').any(|name| name == "abort") {
                self.breach(format!("sends in {scope} after it aborted"));
            }
        }
        let phase = self.phase_of(slot);
        let (rows, id) = match self.scopes.get(slot) {
            Some(scope) => (scope.rows, scope.id),
            None => (Rows::ROOT, 0),
        };
        let payload = body.bytes.len() as u64;
        let ideal = self.common.is_ideal(to.0) || self.common.is_ideal(self.id.0);
        if ideal {
            self.metrics.count(rows, |counts| counts.ideal_bytes += payload);
        } else {
            let wire_bytes = self.common.framing.wire_bytes(FRAME_HEADER_BYTES + payload);
            self.metrics.count(rows, |counts| {
                counts.sent_bytes += payload;
                counts.sent_wire_bytes += wire_bytes;
                counts.sent_messages += 1;
            });
            self.metrics.link(to.0, phase, payload, wire_bytes);
        }
        // What an ideal functionality stands for has rounds of its own, which nobody has measured.
        let step = u32::from(!ideal);
        let packet = Packet {
            body: Some(Arc::clone(body)),
            scope: id,
            from: self.id.0,
            to: to.0,
            depth_total: self.depth.total + step,
            depth_phase: self.depth.phase[phase.index()] + step,
        };
        if !ideal {
            self.handle(slot, Handling::Send, FRAME_HEADER_BYTES as usize + body.bytes.len());
        }
        self.outbox.push(Outgoing { stamp_ns: self.clock_ns, packet });
    }

    /// Puts an arrived message into its channel; returns wakers to wake after unlocking.
    pub(crate) fn deliver(&mut self, now_ns: u64, mut packet: Packet, wakers: &mut Vec<Waker>) {
        let peers = self.common.nodes();
        let (from, Some(body)) = (packet.from, packet.body.take()) else {
            self.peer_closed(packet.from, wakers);
            return;
        };
        let slot = self.scopes.slot_of(packet.scope);
        let Some(scope) = self.scopes.get(slot) else { return };
        wakers.append(&mut scope.any);
        let channel = scope.channel(from, peers);
        let ordinal = Mail::delivered(channel);
        let body_hash = body.hash;
        let letter = Letter {
            body,
            depth_total: packet.depth_total,
            depth_phase: packet.depth_phase,
            arrival: 0,
        };
        wakers.extend(self.mail.deliver(channel, (slot, from), letter));
        self.digest(now_ns, &packet, ordinal, body_hash);
    }

    fn digest(&mut self, now_ns: u64, packet: &Packet, ordinal: u32, body_hash: u64) {
        let mut record = [0u8; 44];
        record[..16].copy_from_slice(&self.event_chain.to_le_bytes());
        record[16..24].copy_from_slice(&now_ns.to_le_bytes());
        record[24..28].copy_from_slice(&packet.from.to_le_bytes());
        record[28..36].copy_from_slice(&packet.scope.to_le_bytes());
        record[36..].copy_from_slice(&body_hash.to_le_bytes());
        self.event_chain = xxhash_rust::xxh3::xxh3_128(&record);
        // Without time and chain, and with the place in its own channel: order-free.
        record[..16].copy_from_slice(&[0; 16]);
        record[16..24].copy_from_slice(&u64::from(ordinal).to_le_bytes());
        self.transcript = self.transcript.wrapping_add(xxhash_rust::xxh3::xxh3_128(&record));
    }

    pub(crate) fn is_closed(&self, peer: PartyId) -> bool {
        self.closed.get(peer.index()).copied().unwrap_or(false)
    }

    fn peer_closed(&mut self, peer: u32, wakers: &mut Vec<Waker>) {
        let peers = self.common.nodes();
        if self.closed.is_empty() {
            self.closed = vec![false; peers];
        }
        self.closed[peer as usize] = true;
        for slot in self.scopes.slots() {
            let Some(scope) = self.scopes.get(slot) else { continue };
            wakers.append(&mut scope.any);
            if scope.channels().len() <= peer as usize {
                continue;
            }
            let channel = scope.channel(peer, peers);
            for wait in self.mail.unserved(channel, (slot, peer)) {
                if let Some(wait) = self.mail.wait(wait) {
                    wait.closed = true;
                    wakers.extend(wait.waker.clone());
                }
            }
        }
    }

    /// Reads a letter: the strand now depends on it.
    pub(crate) fn consume(&mut self, slot: u32, from: u32, letter: &Letter) {
        let phase = self.phase_of(slot);
        let rows = self.rows_of(slot);
        let payload = letter.body.bytes.len() as u64;
        let ideal = self.common.is_ideal(from) || self.common.is_ideal(self.id.0);
        if ideal {
            self.metrics.count(rows, |counts| counts.ideal_bytes += payload);
        } else {
            let wire_bytes = self.common.framing.wire_bytes(FRAME_HEADER_BYTES + payload);
            self.metrics.count(rows, |counts| {
                counts.received_bytes += payload;
                counts.received_wire_bytes += wire_bytes;
            });
            let frame = FRAME_HEADER_BYTES as usize + letter.body.bytes.len();
            self.handle(slot, Handling::Receive, frame);
        }
        self.handle(slot, Handling::Decode, letter.body.bytes.len());
        self.place = Place { slot, acted: true };
        self.depth.consume(phase, letter.depth_total, letter.depth_phase);
        self.deepest.merge(&self.depth);
    }

    /// Notes that a receive raised its strand from a depth, by messages of this depth at most; what
    /// ideal functionalities send is not among them.
    pub(crate) fn raised(&mut self, slot: u32, from: u32, to: u32) {
        if to > from {
            let rows = self.rows_of(slot);
            self.metrics.raised(rows, to);
        }
    }

    /// What the party waits for, scope by scope: the peers whose message is missing.
    pub(crate) fn waiting(&mut self) -> Vec<(String, Vec<PartyId>)> {
        let waits: Vec<(u32, u32)> =
            self.mail.pending().map(|(name, wait)| (name, wait.scope)).collect();
        let mut waiting = Vec::new();
        for (name, slot) in waits {
            let Some(scope) = self.scopes.get(slot) else { continue };
            let mail = &self.mail;
            let missing = (0u32..)
                .zip(scope.channels().iter())
                .filter(|(peer, channel)| mail.unserved(channel, (slot, *peer)).contains(&name));
            let from = missing.map(|(peer, _)| PartyId(peer)).collect();
            waiting.push((self.path(slot), from));
        }
        waiting
    }

    /// Messages that arrived and were not read by the end.
    pub(crate) fn unread(&mut self) -> u64 {
        let mut unread = self.metrics.unread;
        for slot in self.scopes.slots() {
            if let Some(scope) = self.scopes.get(slot) {
                unread += scope.channels().iter().map(|c| u64::from(c.queued())).sum::<u64>();
            }
        }
        unread
    }
}
