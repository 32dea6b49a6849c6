use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::agenda::Agenda;
use super::corrupted::Coalition;
use super::node::{Code, Life, Node};
use super::outcome::{End, Output, Run};
use super::routes::{Event, Routes};
use super::{Config, Ideal, PartyFuture};
use crate::adversary::Adversary;
use crate::compute::{AS_FAST, Compute, Meter};
use crate::ctx::{Ctx, lock};
use crate::event::{Key, Kind, TieSalt};
use crate::message::{FRAME_HEADER_BYTES, Outgoing, Packet};
use crate::state::{Common, PartyState};
use crate::trace::Woken;
use crate::trace::recorder::{NodeRecorder, Recorder};
use crate::vocabulary::PartyId;

type Start<'a, T> = &'a dyn Fn(Ctx) -> PartyFuture<T>;

pub(super) struct Kernel<'a, T> {
    pub(super) config: Config,
    pub(super) common: Arc<Common>,
    pub(super) ideals: Vec<Ideal>,
    pub(super) coalition: Option<Coalition>,
    pub(super) start: Start<'a, T>,
    pub(super) nodes: Vec<Node<T>>,
    pub(super) queue: Agenda,
    pub(super) routes: Routes,
    /// Whether departures are events of their own: something may act on them.
    pub(super) departures_are_events: bool,
    pub(super) ready: Vec<u32>,
    pub(super) outbox: Vec<Outgoing>,
    pub(super) wakers: Vec<Waker>,
    pub(super) unfinished: usize,
    pub(super) restarted: bool,
    pub(super) events: u64,
    pub(super) over: Option<End>,
    pub(super) recorder: Option<Recorder>,
}

impl<'a, T: Output> Kernel<'a, T> {
    pub(super) fn new(
        config: Config,
        ideals: Vec<Ideal>,
        adversary: Option<Box<dyn Adversary>>,
        start: Start<'a, T>,
    ) -> Self {
        let n = config.network.nodes();
        let coalition = adversary.map(Coalition::new);
        let common = Arc::new(Common {
            n,
            corrupted: coalition.as_ref().map_or_else(Vec::new, |c| c.parties.clone()),
            describes: coalition.is_some(),
            keeps_taps: config.keep_taps,
            randomness: config.randomness.clone(),
            tape: config.tape.clone(),
            ideals: ideals.iter().map(|ideal| ideal.name).collect(),
            framing: config.network.framing,
            party_key: config.seed.purpose("party"),
            run_id: config.seed.purpose("session"),
            synchrony_ns: config.synchrony_ns,
        });
        let salt = TieSalt::new(config.salt);
        let routes = Routes::new(Arc::clone(&config.network), &config.seed, salt);
        let departures_are_events =
            config.full_path || coalition.is_some() || !config.faults.is_empty();
        let is_traced = config.trace_messages > 0;
        let recorder = is_traced.then(|| {
            let network = Arc::clone(&config.network);
            Recorder::new(config.trace_messages, network, common.framing, common.nodes())
        });
        let nodes = (0..common.nodes()).map(|at| {
            let is_ideal = common.is_ideal(at as u32);
            let compute = if is_ideal { Compute::None } else { config.compute.clone() };
            let id = PartyId::from(at);
            let slowdown = config.slowdown_permille.get(&id).copied().unwrap_or(AS_FAST);
            let meter = Meter::new(compute, at, slowdown);
            let mut state = PartyState::new(id, Arc::clone(&common), meter, config.keep_links);
            state.recorder = is_traced
                .then(|| Box::new(NodeRecorder::new(config.trace_messages, common.nodes())));
            Node::new(Arc::new(Mutex::new(state)))
        });
        let nodes = nodes.collect();
        Kernel {
            common,
            ideals,
            coalition,
            start,
            nodes,
            queue: Agenda::new(config.network.lookahead_ns(), n),
            routes,
            departures_are_events,
            ready: Vec::new(),
            outbox: Vec::new(),
            wakers: Vec::new(),
            unfinished: n,
            restarted: false,
            events: 0,
            over: None,
            recorder,
            config,
        }
    }

    pub(super) fn run(mut self) -> Run<T> {
        if let Err(bad) = self.config.network.validate() {
            self.over = Some(End::Bug(format!("this network can't be: {bad}")));
            return self.report();
        }
        for (at, fault) in self.config.faults.iter().enumerate() {
            if fault.party.index() >= self.common.n {
                self.over =
                    Some(End::Bug(format!("a fault of {}, which is not there", fault.party)));
                break;
            }
            let key = Key::new(fault.at_ns, Kind::Fault, fault.party.0, at as u64);
            self.queue.push(key, Event::Fault(at as u32));
        }
        for at in 0..self.nodes.len() as u32 {
            self.boot(at);
        }
        self.instant(0);
        let mut now_ns = 0;
        while self.over.is_none() && self.unfinished > 0 {
            // A rushing coalition speaks when nobody can go on without it, timers left aside.
            if self.queue.peek().is_none_or(|key| key.is_timer()) && self.release(now_ns) {
                self.instant(now_ns);
                continue;
            }
            let Some(key) = self.queue.peek() else { break };
            now_ns = key.time_ns;
            if key.time_ns > self.config.limits.virtual_ns {
                self.over = Some(End::Limit("virtual time".to_owned()));
                break;
            }
            self.instant(key.time_ns);
        }
        self.report()
    }

    /// Handles everything of one instant: messages, then polls, then finishes and timers.
    fn instant(&mut self, now_ns: u64) {
        while self.over.is_none() {
            let before_finish = |key: Key| key.time_ns == now_ns && key.is_before_finish();
            while self.queue.peek().is_some_and(before_finish) {
                self.next_event(now_ns);
            }
            if !self.ready.is_empty() {
                self.poll_ready(now_ns);
                continue;
            }
            if self.queue.peek().is_none_or(|key| key.time_ns != now_ns) {
                return;
            }
            while self
                .queue
                .peek()
                .is_some_and(|key| key.time_ns == now_ns && !key.is_before_finish())
            {
                self.next_event(now_ns);
            }
            self.poll_ready(now_ns);
        }
    }

    fn next_event(&mut self, now_ns: u64) {
        let Some((key, event)) = self.queue.pop() else { return };
        self.events += 1;
        if self.events > self.config.limits.events {
            self.over = Some(End::Limit("events".to_owned()));
        }
        match event {
            Event::Deliver(packet) => self.deliver(now_ns, packet, key.seq()),
            Event::Depart(packet) => self.depart(now_ns, packet, key.seq()),
            Event::Forged(packet) => self.send_off(now_ns, packet, key.seq()),
            Event::Serve { server, generation } => {
                self.routes.serve(now_ns, server, generation, &mut self.queue);
            }
            Event::Arrive { payload } => self.routes.arrive(now_ns, payload, &mut self.queue),
            Event::DeliverTransfer { transfer, .. } => {
                if let Some((packet, seq)) = self.routes.transferred(transfer) {
                    self.deliver(now_ns, packet, seq);
                }
            }
            Event::Timer { node, wait, generation } => self.timer(now_ns, node, wait, generation),
            Event::Finish { node, life } => self.finish(now_ns, node, life),
            Event::Fault(at) => self.fault(now_ns, at),
            Event::Resume { node } => self.resume(now_ns, node),
            Event::Boot { node } => {
                if let Some(recorder) = &mut self.recorder {
                    recorder.woken(node, Woken::Fault, now_ns);
                }
                lock(&self.nodes[node as usize].state).restart();
                self.boot(node);
                self.repeat_closes(now_ns, node);
            }
        }
    }

    // ---- party code ----

    pub(super) fn boot(&mut self, at: u32) {
        let node = &mut self.nodes[at as usize];
        let ctx = Ctx::root(&node.state);
        node.code = Some(match self.ideals.get((at as usize).wrapping_sub(self.common.n)) {
            Some(ideal) if self.common.is_ideal(at) => Code::Ideal((ideal.start)(ctx)),
            _ => Code::Party((self.start)(ctx)),
        });
        node.life = Life::Running;
        self.make_ready(at);
    }

    pub(super) fn make_ready(&mut self, at: u32) {
        let node = &mut self.nodes[at as usize];
        if !node.is_queued && node.code.is_some() {
            node.is_queued = true;
            self.ready.push(at);
        }
    }

    pub(super) fn poll_ready(&mut self, now_ns: u64) {
        let mut ready = std::mem::take(&mut self.ready);
        ready.sort_unstable();
        for at in ready.drain(..) {
            self.nodes[at as usize].is_queued = false;
            if self.over.is_none() {
                self.poll(now_ns, at);
            }
        }
        // Parties that woke themselves were queued meanwhile.
        if self.ready.is_empty() {
            self.ready = ready;
        }
    }

    fn poll(&mut self, now_ns: u64, at: u32) {
        let node = &mut self.nodes[at as usize];
        if node.paused_until_ns.is_some() {
            return; // resuming polls it
        }
        if node.count_poll(now_ns) > self.config.limits.polls_in_instant {
            let what = format!("polls of {} without progress", PartyId(at));
            self.over = Some(End::Limit(what));
            return;
        }
        node.take_woken();
        self.queue.act(now_ns, Some(at));
        if let Some(recorder) = &mut self.recorder {
            recorder.polled(at, lock(&node.state).clock_ns, now_ns);
        }
        lock(&node.state).outbox = std::mem::take(&mut self.outbox);
        let ended = node.poll(now_ns);
        let (timers, clock_ns, bug) = {
            let mut state = lock(&node.state);
            self.outbox = std::mem::take(&mut state.outbox);
            (std::mem::take(&mut state.timers), state.clock_ns, state.bug.take())
        };
        if let Some(bug) = bug {
            self.over = Some(End::Bug(bug));
            return;
        }
        if ended.is_none() && node.take_woken() {
            self.make_ready(at);
        }
        self.drain_outbox(now_ns, at);
        self.set_timers(now_ns, at, timers);
        if let Some(result) = ended {
            if matches!(result, Some(Err(_))) {
                let mut state = lock(&self.nodes[at as usize].state);
                let alive: Vec<_> = state.ledger.alive().collect();
                alive
                    .into_iter()
                    .for_each(|kind| state.breach(format!("aborts and keeps its {kind}")));
            }
            let node = &mut self.nodes[at as usize];
            node.life = Life::Ending;
            node.result = result;
            let key = Key::new(clock_ns, Kind::Finish, at, u64::from(node.lives));
            self.queue.push(key, Event::Finish { node: at, life: node.lives });
        }
    }

    fn drain_outbox(&mut self, now_ns: u64, at: u32) {
        let mut outbox = std::mem::take(&mut self.outbox);
        for Outgoing { stamp_ns, packet } in outbox.drain(..) {
            let seq = self.nodes[at as usize].next_seq();
            if let Some(recorder) = &mut self.recorder {
                recorder.sent(&packet, seq, stamp_ns);
            }
            // Parties are polled in the order in which departures of one instant are handled, so
            // what departs now may go at once. What departs later must wait for servers' sake:
            // they have to see departures in order of time.
            let waits = stamp_ns > now_ns && self.routes.has_servers();
            if self.departures_are_events || waits {
                let key = Key::new(stamp_ns, Kind::Departure, at, seq);
                self.queue.push(key, Event::Depart(packet));
            } else {
                self.send_off(stamp_ns, packet, seq);
            }
        }
        self.outbox = outbox;
    }

    /// Hands a packet to the network at its departure.
    pub(super) fn send_off(&mut self, now_ns: u64, packet: Packet, seq: u64) {
        let wire_bytes = match &packet.body {
            Some(body) if self.routes.has_servers() => {
                self.common.framing.wire_bytes(FRAME_HEADER_BYTES + body.bytes.len() as u64)
            }
            _ => 0,
        };
        let from = packet.from;
        if let Some(recorder) = &mut self.recorder {
            recorder.departed(&packet, seq, now_ns);
        }
        let propagation_ns = self.routes.depart(now_ns, packet, seq, wire_bytes, &mut self.queue);
        if let Some(recorder) = &mut self.recorder {
            recorder.propagates(from, seq, propagation_ns);
        }
    }

    fn set_timers(&mut self, now_ns: u64, at: u32, timers: Vec<(u64, u32, u32)>) {
        let node = &mut self.nodes[at as usize];
        for (time_ns, wait, generation) in timers {
            node.timer_seq += 1;
            let key = Key::new(time_ns.max(now_ns), Kind::Timer, at, node.timer_seq);
            self.queue.push(key, Event::Timer { node: at, wait, generation });
        }
    }

    fn timer(&mut self, now_ns: u64, at: u32, wait: u32, generation: u32) {
        let waker = {
            let mut state = lock(&self.nodes[at as usize].state);
            if state.mail.generation(wait) != generation {
                return;
            }
            state.mail.wait(wait).and_then(|wait| wait.waker.clone())
        };
        self.wakers.extend(waker);
        if let Some(recorder) = &mut self.recorder {
            recorder.woken(at, Woken::Timer, now_ns);
        }
        self.wake(at);
    }

    fn wake(&mut self, at: u32) {
        self.wakers.drain(..).for_each(Waker::wake);
        if self.nodes[at as usize].take_woken() {
            self.make_ready(at);
        }
    }

    // ---- messages ----

    fn depart(&mut self, now_ns: u64, packet: Packet, seq: u64) {
        let node = &mut self.nodes[packet.from as usize];
        if node.cancel.is_some_and(|c| now_ns >= c.from_ns && seq <= c.below_seq) {
            return;
        }
        if let Some(until_ns) = node.paused_until_ns {
            let key = Key::new(until_ns, Kind::Departure, packet.from, seq);
            self.queue.push(key, Event::Depart(packet));
            return;
        }
        if self.coalition.is_some() && packet.body.is_some() {
            self.queue.act(now_ns, None);
            self.decide(now_ns, packet, seq);
            return;
        }
        self.send_off(now_ns, packet, seq);
    }

    fn deliver(&mut self, now_ns: u64, packet: Packet, seq: u64) {
        if let Some(recorder) = &mut self.recorder {
            recorder.delivered(packet.from, seq, now_ns);
        }
        if let Some(coalition) = &mut self.coalition {
            coalition.arrived(now_ns, &packet);
        }
        let node = &self.nodes[packet.to as usize];
        if !matches!(node.life, Life::Running) || node.code.is_none() {
            let is_unread = matches!(node.life, Life::Ending | Life::Ended);
            if is_unread && packet.body.is_some() {
                lock(&node.state).metrics.unread += 1;
            }
            return;
        }
        let (from, to) = (packet.from, packet.to);
        lock(&node.state).deliver(now_ns, packet, &mut self.wakers);
        if !self.wakers.is_empty() {
            if let Some(recorder) = &mut self.recorder {
                recorder.woken_by_message(to, from, seq, now_ns);
            }
            self.wake(to);
        }
    }

    /// The end of a party's channels, behind its last message on each link.
    pub(super) fn close_channels(&mut self, now_ns: u64, at: u32) {
        self.nodes[at as usize].has_closed = true;
        for to in 0..self.nodes.len() as u32 {
            let peer = &self.nodes[to as usize];
            if to != at && matches!(peer.life, Life::Running) {
                self.close_channel(now_ns, at, to);
            }
        }
    }

    fn close_channel(&mut self, now_ns: u64, from: u32, to: u32) {
        let packet = Packet { body: None, scope: 0, from, to, depth_total: 0, depth_phase: 0 };
        let seq = self.nodes[from as usize].next_seq();
        if let Some(recorder) = &mut self.recorder {
            recorder.sent(&packet, seq, now_ns);
        }
        match &mut self.coalition {
            Some(coalition) if coalition.keeps_close(&packet) => coalition.hold(packet, seq),
            _ => self.send_off(now_ns, packet, seq),
        }
    }

    /// A party that boots learns who closed while it was down.
    fn repeat_closes(&mut self, now_ns: u64, to: u32) {
        for from in 0..self.nodes.len() as u32 {
            if self.nodes[from as usize].has_closed {
                self.close_channel(now_ns, from, to);
            }
        }
    }
}
