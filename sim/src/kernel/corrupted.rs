//! The coalition at the outbox: what it sees, what it holds back, what it puts on the wire.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::outcome::Output;
use super::routes::Event;
use super::run::Kernel;
use crate::adversary::{Act, Adversary, Decision, Departing, Dispatch, Seen, View};
use crate::event::{Key, Kind};
use crate::faults::CrashKind;
use crate::message::{Body, Packet};
use crate::vocabulary::PartyId;

/// An adversary with what it has seen.
pub(super) struct Coalition {
    adversary: Box<dyn Adversary>,
    pub(super) parties: Vec<PartyId>,
    is_rushing: bool,
    /// Its own messages that no honest party waits for yet, in order of departure.
    held: VecDeque<(Packet, u64)>,
    /// Messages so far by sender, receiver and scope, as they departed and as they arrived.
    departed: BTreeMap<(u32, u32, u64), u32>,
    arrived: BTreeMap<(u32, u32, u64), u32>,
    view: View,
}

impl Coalition {
    pub(super) fn new(adversary: Box<dyn Adversary>) -> Self {
        Coalition {
            is_rushing: adversary.is_rushing(),
            parties: sorted(adversary.corrupted()),
            adversary,
            held: VecDeque::new(),
            departed: BTreeMap::new(),
            arrived: BTreeMap::new(),
            view: View::default(),
        }
    }

    /// Who is corrupted, ascending; by the end an adversary may have found out whom it corrupts.
    pub(super) fn corrupted(&self) -> Vec<PartyId> {
        sorted(self.adversary.corrupted())
    }

    fn has(&self, node: u32) -> bool {
        self.parties.binary_search(&PartyId(node)).is_ok()
    }

    pub(super) fn ended(&mut self, node: u32, has_output: bool) {
        if self.has(node) {
            self.adversary.ended(PartyId(node), has_output);
        }
    }

    /// Whether a message of a corrupted party has to wait: one to an honest party, or to an ideal
    /// functionality, which may tell honest parties what it gets.
    fn holds(&self, packet: &Packet) -> bool {
        self.is_rushing && self.has(packet.from) && !self.has(packet.to)
    }

    /// Whether a close has to wait for messages that are held.
    pub(super) fn keeps_close(&self, close: &Packet) -> bool {
        self.held.iter().any(|(packet, _)| (packet.from, packet.to) == (close.from, close.to))
    }

    pub(super) fn hold(&mut self, packet: Packet, seq: u64) {
        self.held.push_back((packet, seq));
    }

    fn decide(&mut self, now_ns: u64, packet: &Packet) -> Decision {
        let Some(body) = &packet.body else { return Decision::Pass };
        let place = (packet.from, packet.to, packet.scope);
        let count = self.departed.entry(place).or_default();
        let occurrence = *count;
        *count += 1;
        let layout = body.layout.as_deref();
        self.adversary.depart(&Departing {
            at_ns: now_ns,
            from: PartyId(packet.from),
            to: PartyId(packet.to),
            scope: layout.map_or("", |layout| &layout.scope),
            scope_id: packet.scope,
            label: layout.map_or("", |layout| layout.label),
            occurrence,
            fields: layout.map_or(&[], |layout| &layout.fields),
            body: &body.bytes,
        })
    }

    /// Notes a message of its own on the wire.
    fn sent(&mut self, now_ns: u64, packet: &Packet) {
        let (true, Some(body)) = (self.has(packet.from), &packet.body) else { return };
        let place = (packet.from, packet.to, packet.scope);
        let occurrence = self.departed.get(&place).map_or(0, |count| count.saturating_sub(1));
        self.view.sent.push(seen(now_ns, packet, occurrence, body));
    }

    /// Notes a message that reaches one of its parties.
    pub(super) fn arrived(&mut self, now_ns: u64, packet: &Packet) {
        let (true, Some(body)) = (self.has(packet.to), &packet.body) else { return };
        let place = (packet.from, packet.to, packet.scope);
        let count = self.arrived.entry(place).or_default();
        let occurrence = *count;
        *count += 1;
        self.view.received.push(seen(now_ns, packet, occurrence, body));
    }

    pub(super) fn into_view(self) -> (View, Vec<Act>) {
        let acts = self.adversary.acts();
        (self.view, acts)
    }
}

fn sorted(mut parties: Vec<PartyId>) -> Vec<PartyId> {
    parties.sort_unstable();
    parties.dedup();
    parties
}

fn seen(at_ns: u64, packet: &Packet, occurrence: u32, body: &Arc<Body>) -> Seen {
    let (from, to) = (PartyId(packet.from), PartyId(packet.to));
    Seen { at_ns, from, to, occurrence, body: Arc::clone(body) }
}

impl<T: Output> Kernel<'_, T> {
    /// Asks the adversary about a message that departs, or holds it back.
    pub(super) fn decide(&mut self, now_ns: u64, packet: Packet, seq: u64) {
        let Some(coalition) = &mut self.coalition else { return };
        if coalition.holds(&packet) {
            coalition.hold(packet, seq);
            return;
        }
        self.act(now_ns, packet, seq);
    }

    /// Lets the oldest message go that a rushing coalition holds; whether there was one.
    pub(super) fn release(&mut self, now_ns: u64) -> bool {
        let held = self.coalition.as_mut().and_then(|coalition| coalition.held.pop_front());
        let Some((packet, seq)) = held else { return false };
        self.queue.act(now_ns, None);
        self.act(now_ns, packet, seq);
        true
    }

    fn act(&mut self, now_ns: u64, packet: Packet, seq: u64) {
        let Some(coalition) = &mut self.coalition else { return };
        if packet.body.is_none() {
            self.send_off(now_ns, packet, seq);
            return;
        }
        let decision = coalition.decide(now_ns, &packet);
        match decision {
            Decision::Pass => {
                coalition.sent(now_ns, &packet);
                self.send_off(now_ns, packet, seq);
            }
            Decision::Drop => {}
            Decision::Replace(bytes) => {
                let packet = with_body(&packet, bytes);
                coalition.sent(now_ns, &packet);
                self.send_off(now_ns, packet, seq);
            }
            Decision::Send(messages) => {
                for message in messages {
                    self.dispatch(now_ns, &packet, message);
                }
            }
            Decision::Stop(kind) => self.stop(now_ns, packet.from, kind),
        }
    }

    /// Puts a message of the adversary's own on the wire; its depth is that of the message in
    /// whose place it goes.
    fn dispatch(&mut self, now_ns: u64, instead_of: &Packet, message: Dispatch) {
        let Dispatch { from, to, scope_id, body, delay_ns } = message;
        let nodes = self.nodes.len();
        // Channels are authenticated: nobody speaks in the name of an honest party that is silent.
        let speaks = |coalition: &Coalition| from.0 == instead_of.from || coalition.has(from.0);
        let may_speak = self.coalition.as_ref().is_some_and(speaks);
        if from.index() >= nodes || to.index() >= nodes || from == to || !may_speak {
            return;
        }
        let packet =
            Packet { from: from.0, to: to.0, scope: scope_id, ..with_body(instead_of, body) };
        let seq = self.nodes[from.index()].next_seq();
        if let Some(recorder) = &mut self.recorder {
            recorder.sent(&packet, seq, now_ns);
        }
        if let Some(coalition) = &mut self.coalition {
            coalition.sent(now_ns, &packet);
        }
        if delay_ns == 0 {
            self.send_off(now_ns, packet, seq);
        } else {
            let key = Key::new(now_ns.saturating_add(delay_ns), Kind::Departure, from.0, seq);
            self.queue.push(key, Event::Forged(packet));
        }
    }

    /// The code of a corrupted party stops at once.
    fn stop(&mut self, now_ns: u64, party: u32, kind: CrashKind) {
        let is_running = self.crash(now_ns, party, kind);
        if is_running && let Some(coalition) = &mut self.coalition {
            coalition.held.retain(|(packet, _)| packet.from != party);
        }
    }
}

fn with_body(packet: &Packet, bytes: Vec<u8>) -> Packet {
    let layout = packet.body.as_ref().and_then(|body| body.layout.clone());
    Packet { body: Some(Body::new(bytes, layout)), ..packet.clone() }
}
