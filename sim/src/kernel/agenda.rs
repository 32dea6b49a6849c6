//! The kernel's queue of events, which holds what it is given against the look-ahead.

use super::routes::Event;
use crate::event::{EventQueue, Key};

/// Events to come.
///
/// What one node causes at another lies at least the network's look-ahead later, so nodes could be
/// run in parallel within a window of that length; debug builds check each event. Exempt are
/// faults, which are known from the start, and the coalition of an adversary, which is one unit
/// that hears of everything at once.
pub(super) struct Agenda {
    queue: EventQueue<Event>,
    lookahead_ns: u64,
    /// Parties of the network; ideal functionalities come after them.
    parties: u32,
    /// Who acts, and when; nobody for whom the look-ahead counts, if absent.
    acting: Option<(u32, u64)>,
}

impl Agenda {
    pub(super) fn new(lookahead_ns: u64, parties: usize) -> Self {
        let parties = parties as u32;
        Agenda { queue: EventQueue::new(), lookahead_ns, parties, acting: None }
    }

    /// From now on, events are pushed by this node; `None`: by a fault or a coalition.
    pub(super) fn act(&mut self, now_ns: u64, node: Option<u32>) {
        self.acting = node.map(|node| (node, now_ns));
    }

    pub(super) fn push(&mut self, key: Key, event: Event) {
        debug_assert!(self.keeps_distance(key, &event), "{:?} reach too far", self.acting);
        self.queue.push(key, event);
    }

    pub(super) fn peek(&mut self) -> Option<Key> {
        self.queue.peek()
    }

    /// Takes the next event out; what it pushes, its own node does.
    pub(super) fn pop(&mut self) -> Option<(Key, Event)> {
        let (key, event) = self.queue.pop()?;
        self.act(key.time_ns, event.node(self.parties));
        Some((key, event))
    }

    fn keeps_distance(&self, key: Key, event: &Event) -> bool {
        let Some((node, now_ns)) = self.acting else { return true };
        event.node(self.parties).is_none_or(|target| target == node)
            || key.time_ns >= now_ns.saturating_add(self.lookahead_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;

    fn push(acting: u32, target: u32, after_ns: u64) {
        let mut agenda = Agenda::new(10, 3);
        agenda.act(100, Some(acting));
        let event = Event::Timer { node: target, wait: 0, generation: 0 };
        agenda.push(Key::new(100 + after_ns, Kind::Timer, target, 0), event);
        assert!(agenda.pop().is_some());
    }

    #[test]
    fn a_node_acts_on_itself_at_once_and_on_others_a_lookahead_later() {
        push(1, 1, 0);
        push(1, 2, 10);
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "Some((1, 100)) reach too far"))]
    fn an_earlier_effect_on_another_node_is_caught() {
        push(1, 2, 9);
    }

    /// A server belongs to its node, uplink and downlink; what arrives, to the receiver; a flow
    /// that resumes, to the sender.
    #[test]
    fn events_belong_to_the_node_whose_state_they_touch() {
        let serve = |server| Event::Serve { server, generation: 0 }.node(3);
        assert_eq!((serve(2), serve(5)), (Some(2), Some(2)));
        let arrive = |payload| Event::Arrive { payload }.node(3);
        assert_eq!((arrive(1 << 32 | 2), arrive(1 << 63 | 1 << 32 | 2)), (Some(2), Some(1)));
        assert_eq!(Event::Fault(1).node(3), None);
    }
}
