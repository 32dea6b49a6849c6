//! How parties end: by themselves, or by a scheduled fault.

use super::node::{Cancel, Life};
use super::outcome::Output;
use super::routes::Event;
use super::run::Kernel;
use crate::ctx::lock;
use crate::event::{Key, Kind};
use crate::faults::{CrashKind, FaultKind};
use crate::vocabulary::PartyId;

/// A crash cancels everything that the party stamped for later.
const NO_SEQ_LIMIT: u64 = u64::MAX;

impl<T: Output> Kernel<'_, T> {
    pub(super) fn finish(&mut self, now_ns: u64, at: u32, life: u32) {
        let node = &mut self.nodes[at as usize];
        if node.lives != life || node.life != Life::Ending {
            return;
        }
        if let Some(until_ns) = node.paused_until_ns {
            let key = Key::new(until_ns, Kind::Finish, at, u64::from(life));
            self.queue.push(key, Event::Finish { node: at, life });
            return;
        }
        node.life = Life::Ended;
        let has_output = matches!(node.result, Some(Ok(_)));
        if let Some(coalition) = &mut self.coalition {
            coalition.ended(at, has_output);
        }
        self.end(now_ns, at);
        self.close_channels(now_ns, at);
    }

    pub(super) fn end(&mut self, now_ns: u64, at: u32) {
        self.nodes[at as usize].end_ns = now_ns;
        if !self.common.is_ideal(at) {
            self.unfinished -= 1;
        }
    }

    pub(super) fn fault(&mut self, now_ns: u64, at: u32) {
        let fault = self.config.faults[at as usize];
        let party = fault.party.0;
        if !self.is_up(party) {
            return;
        }
        match fault.kind {
            FaultKind::Pause { until_ns } => {
                let node = &mut self.nodes[party as usize];
                let until_ns = until_ns.max(now_ns).max(node.paused_until_ns.unwrap_or(0));
                node.paused_until_ns = Some(until_ns);
                let key = Key::new(until_ns, Kind::Fault, party, u64::from(at));
                self.queue.push(key, Event::Resume { node: party });
            }
            FaultKind::Crash(kind) => {
                self.crash(now_ns, party, kind);
            }
            FaultKind::Restart { up_at_ns } => {
                let sent_so_far = self.nodes[party as usize].seq;
                self.take_down(now_ns, party, sent_so_far);
                self.restarted = true;
                let key = Key::new(up_at_ns.max(now_ns), Kind::Fault, party, u64::from(at));
                self.queue.push(key, Event::Boot { node: party });
            }
        }
    }

    fn is_up(&self, party: u32) -> bool {
        matches!(self.nodes[party as usize].life, Life::Running | Life::Ending)
    }

    /// Ends a party for good; whether it was still up.
    pub(super) fn crash(&mut self, now_ns: u64, party: u32, kind: CrashKind) -> bool {
        if !self.is_up(party) {
            return false;
        }
        self.take_down(now_ns, party, NO_SEQ_LIMIT);
        self.end(now_ns, party);
        match kind {
            CrashKind::Process => self.close_channels(now_ns, party),
            // What had not left the machine never will.
            CrashKind::Host => self.routes.crash(now_ns, PartyId(party)),
        }
        true
    }

    /// Ends a party's code at once and cancels what it stamped for later.
    pub(super) fn take_down(&mut self, now_ns: u64, at: u32, below_seq: u64) {
        let node = &mut self.nodes[at as usize];
        node.code = None;
        node.result = None;
        node.life = Life::Crashed;
        node.lives += 1;
        node.paused_until_ns = None;
        node.cancel = Some(Cancel { from_ns: now_ns, below_seq });
        lock(&node.state).take_down(now_ns);
    }

    pub(super) fn resume(&mut self, now_ns: u64, at: u32) {
        let node = &mut self.nodes[at as usize];
        if node.paused_until_ns.is_some_and(|until_ns| until_ns <= now_ns) {
            node.paused_until_ns = None;
            self.make_ready(at);
        }
    }
}
