//! What a party's work costs: where segments end, and what is charged to which scope.

use super::{PartyState, Place};
use crate::compute::Spent;
use crate::handling::Handling;
use crate::metrics::Charged;
use crate::vocabulary::Op;
use crate::work;

impl PartyState {
    /// Ends a segment for an act in a scope, and notes the activity.
    pub(crate) fn act(&mut self, slot: u32) {
        self.touch(slot);
        let phase = self.phase_of(slot);
        self.enter(phase);
        self.end_segment();
    }

    /// Goes on in this scope; what was done until now belongs to the one before, if that had its
    /// turn.
    pub(crate) fn touch(&mut self, slot: u32) {
        if self.place.slot != slot && self.place.acted {
            self.end_segment();
        }
        self.place = Place { slot, acted: true };
    }

    /// Ends a segment: what was done in it is charged, or measured, in the scope that the strand
    /// works in.
    pub(crate) fn end_segment(&mut self) {
        if !self.is_polled {
            return;
        }
        let done = work::take();
        if done.is_empty() && !self.meter.counts_segments() {
            return;
        }
        let slot = self.place.slot;
        let path = self.scopes.get(slot).and_then(|scope| scope.path.as_ref());
        // The root, and that of a session, are in no phase.
        let phase = path.filter(|path| path.id != path.session).map(|path| path.phase);
        phase.into_iter().for_each(|phase| self.enter(phase));
        for (op, charged) in done {
            self.charge(slot, op, charged);
        }
        let spent = self.meter.end_segment();
        self.spend(slot, spent);
    }

    /// The party's code goes on.
    pub(crate) fn begin_poll(&mut self) {
        // Whatever was counted since the last poll is not this party's.
        drop(work::take());
        self.is_polled = true;
        self.meter.begin_poll();
    }

    /// The party's code gave way.
    pub(crate) fn end_poll(&mut self) {
        self.end_segment();
        self.meter.end_poll();
        self.is_polled = false;
    }

    /// Charges an op to a scope.
    pub(crate) fn charge(&mut self, slot: u32, op: Op, charged: Charged) {
        self.metrics.ops.entry(op.key).or_default().add(charged);
        match self.meter.charge(op, charged) {
            Ok(spent) => self.spend(slot, spent),
            Err(why) => self.report_bug(why),
        }
    }

    /// Another strand goes on, in its own place; returns that of the one before.
    pub(crate) fn switch(&mut self, to: Place) -> Place {
        self.end_segment();
        std::mem::replace(&mut self.place, to)
    }

    /// Charges a step of handling a message.
    pub(crate) fn handle(&mut self, slot: u32, handling: Handling, bytes: usize) {
        let bytes = bytes as u64;
        self.metrics.handled[handling as usize].add(Charged { calls: 1, units: bytes });
        match self.meter.handle(handling, bytes) {
            Ok(spent) => self.spend(slot, spent),
            Err(why) => self.report_bug(why),
        }
    }

    pub(crate) fn spend(&mut self, slot: u32, spent: Spent) {
        if spent.compute_ps > 0 {
            let from_ns = self.clock_ns;
            self.clock_ns = self.clock_ns.saturating_add(spent.clock_ns);
            if self.recorder.is_some() {
                let id = self.scopes.get(slot).map_or(0, |scope| scope.id);
                let until_ns = self.clock_ns;
                self.recorder.iter_mut().for_each(|r| r.worked(id, from_ns, until_ns));
            }
            let rows = self.rows_of(slot);
            self.metrics.computed(rows, spent.clock_ns);
            self.metrics.count(rows, |counts| {
                counts.compute_ps = counts.compute_ps.saturating_add(spent.compute_ps);
            });
        }
    }
}
