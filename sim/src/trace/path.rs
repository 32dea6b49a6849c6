//! The critical path: the chain of causes from the start of a run to its latest honest finish.
//!
//! It is found backwards. A node that was busy until now became busy when something ended its last
//! wait; if that was a message, the path goes on at the message's sender, at the moment at which it
//! was sent. What lies between two such moments belongs to exactly one cause, so the stretches of
//! the path follow each other without a gap and add up to the virtual time of the run.

use std::collections::BTreeMap;

use super::{Cause, Idle, Message, NodeTrace, Trace, Woken};
use crate::vocabulary::PartyId;

/// A stretch of the critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Why the time went by.
    pub cause: Cause,
    /// Who computed, waited or was down; the sender, if a message was on its way.
    pub node: PartyId,
    /// The receiver, if a message was on its way.
    pub to: Option<PartyId>,
    /// Index in [`Trace::scopes`], if it belongs to a scope.
    pub scope: Option<u32>,
    /// Its start, nanoseconds.
    pub from_ns: u64,
    /// Its end, nanoseconds.
    pub until_ns: u64,
}

/// A part of the critical path: all of its stretches with the same cause, place and scope.
///
/// The path leads from the start of the run to the latest finish of an honest party; its parts add
/// up to the run's virtual time, to the nanosecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathPart {
    /// Why the time went by.
    pub cause: Cause,
    /// Who computed, waited or was down; the sender, if a message was on its way.
    pub party: PartyId,
    /// The receiver, if a message was on its way.
    pub to: Option<PartyId>,
    /// Path of the scope, indices folded; empty outside all scopes.
    pub scope: String,
    /// How long, nanoseconds.
    pub time_ns: u64,
    /// How many stretches.
    pub stretches: u64,
}

/// Cause, node, receiver, folded scope.
type PathKey<'a> = (Cause, PartyId, Option<PartyId>, &'a str);

impl Trace {
    /// The critical path, in order of time. Stretches of no length are left out.
    #[must_use]
    pub fn critical_path(&self) -> Vec<Stretch> {
        let honest = self.nodes.iter().filter(|node| node.ideal.is_none() && !node.is_corrupted);
        let Some(last) = honest.max_by_key(|node| (node.end_ns, std::cmp::Reverse(node.node)))
        else {
            return Vec::new();
        };
        let mut walk = Walk { trace: self, path: Vec::new() };
        let (mut at, mut time_ns) = (last, last.end_ns);
        while time_ns > 0 {
            let Some((next, earlier_ns)) = walk.back(at, time_ns) else { break };
            debug_assert!(earlier_ns < time_ns, "the path goes back in time");
            (at, time_ns) = (next, earlier_ns);
        }
        walk.path.reverse();
        walk.path
    }

    /// The critical path by cause, place and folded scope, the longest part first.
    #[must_use]
    pub fn critical_parts(&self) -> Vec<PathPart> {
        let mut parts: BTreeMap<PathKey<'_>, (u64, u64)> = BTreeMap::new();
        for stretch in self.critical_path() {
            let scope = stretch.scope.and_then(|scope| self.scopes.get(scope as usize));
            let scope = scope.map_or("", |scope| scope.folded.as_str());
            let (time_ns, count) =
                parts.entry((stretch.cause, stretch.node, stretch.to, scope)).or_default();
            *time_ns += stretch.until_ns - stretch.from_ns;
            *count += 1;
        }
        let part = |((cause, party, to, scope), (time_ns, stretches)): (PathKey<'_>, _)| PathPart {
            cause,
            party,
            to,
            scope: scope.to_owned(),
            time_ns,
            stretches,
        };
        let mut parts: Vec<PathPart> = parts.into_iter().map(part).collect();
        parts.sort_by(|a, b| b.time_ns.cmp(&a.time_ns).then_with(|| a.cmp(b)));
        parts
    }
}

/// The part of the path that is known, from its end backwards.
struct Walk<'a> {
    trace: &'a Trace,
    path: Vec<Stretch>,
}

impl<'a> Walk<'a> {
    /// Goes from a node at a time to what it was busy because of; `None` at the start.
    fn back(&mut self, at: &'a NodeTrace, time_ns: u64) -> Option<(&'a NodeTrace, u64)> {
        let before = at.idle.partition_point(|idle| idle.from_ns < time_ns);
        let idle = before.checked_sub(1).map(|last| at.idle[last]);
        let busy_ns = idle.map_or(0, |idle| idle.until_ns);
        if busy_ns > time_ns {
            // An adversary speaks for a node whose own code waits.
            let from_ns = idle.map_or(0, |idle| idle.from_ns);
            self.wait(at, Cause::Waiting, from_ns, time_ns);
            return Some((at, from_ns));
        }
        self.busy(at, busy_ns, time_ns);
        let Idle { from_ns, ended_by, .. } = idle?;
        let message = match ended_by {
            Woken::Message(message) => self.trace.messages.get(message as usize),
            Woken::Timer | Woken::Fault => None,
        };
        let Some(message) = message else {
            let is_fault = ended_by == Woken::Fault;
            let cause = if is_fault { Cause::Down } else { Cause::Waiting };
            self.wait(at, cause, from_ns, busy_ns);
            return Some((at, from_ns));
        };
        let sender = self.trace.nodes.get(message.from.index())?;
        self.transit(message, sender, busy_ns);
        Some((sender, message.sent_ns))
    }

    /// What a node did while it was not idle.
    fn busy(&mut self, at: &NodeTrace, from_ns: u64, until_ns: u64) {
        let mut end_ns = until_ns;
        let first = at.work.partition_point(|work| work.until_ns <= from_ns);
        let last = at.work.partition_point(|work| work.from_ns < until_ns);
        for work in at.work[first..last.max(first)].iter().rev() {
            // A node whose end was delayed beyond its work, by a pause.
            self.wait(at, Cause::Down, work.until_ns.min(end_ns), end_ns);
            let start_ns = work.from_ns.max(from_ns);
            let work_end_ns = work.until_ns.min(end_ns);
            let scope = Some(work.scope);
            self.push(Stretch {
                cause: Cause::Compute,
                node: at.node,
                to: None,
                scope,
                from_ns: start_ns,
                until_ns: work_end_ns,
            });
            end_ns = start_ns;
        }
        self.wait(at, Cause::Down, from_ns, end_ns);
    }

    fn wait(&mut self, at: &NodeTrace, cause: Cause, from_ns: u64, until_ns: u64) {
        self.push(Stretch { cause, node: at.node, to: None, scope: None, from_ns, until_ns });
    }

    /// A message's way, from its end backwards.
    fn transit(&mut self, message: &Message, sender: &NodeTrace, delivered_ns: u64) {
        let departed_ns = message.departed_ns.unwrap_or(message.sent_ns);
        let way_ns = delivered_ns.saturating_sub(departed_ns);
        let propagation_ns = message.propagation_ns.min(way_ns);
        let serialisation_ns = message.serialisation_ns.min(way_ns - propagation_ns);
        let queueing_ns = way_ns - propagation_ns - serialisation_ns;
        let held = if sender.is_corrupted { Cause::Held } else { Cause::Down };
        let parts = [
            (Cause::Propagation, propagation_ns),
            (Cause::Serialisation, serialisation_ns),
            (Cause::Queueing, queueing_ns),
            (held, departed_ns.saturating_sub(message.sent_ns)),
        ];
        let mut until_ns = delivered_ns;
        for (cause, time_ns) in parts {
            let from_ns = until_ns - time_ns;
            let (node, to, scope) = (message.from, Some(message.to), Some(message.scope));
            self.push(Stretch { cause, node, to, scope, from_ns, until_ns });
            until_ns = from_ns;
        }
    }

    fn push(&mut self, stretch: Stretch) {
        if stretch.from_ns < stretch.until_ns {
            self.path.push(stretch);
        }
    }
}
