//! What a party has received and not yet read, and who waits for what.
//!
//! Receives have ordinals per (scope, peer): the `k`-th receive takes the `k`-th message, whatever
//! order strands are polled in. A *ticket* is a place in that line; its *wait* is woken when every
//! ticket it holds has its message.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use crate::message::Body;
use crate::metrics::Rows;

const NONE: u32 = u32::MAX;
/// A ticket whose receive was closed by a deadline: its message is discarded on arrival.
const LATE: u32 = u32::MAX - 1;

/// A message that arrived.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) body: Arc<Body>,
    pub(crate) depth_total: u32,
    pub(crate) depth_phase: u32,
    /// Position among all arrivals of the party.
    pub(crate) arrival: u64,
}

struct Slot {
    letter: Option<Letter>,
    next: u32,
}

/// One ordered pair in one scope: 48 bytes, so that a delivery touches one cache line of it.
pub(crate) struct Channel {
    /// The first message lies here; most channels never hold a second one.
    first: Option<Letter>,
    /// The others, as a list of slots.
    head: u32,
    tail: u32,
    queued: u32,
    first_ticket: u32,
    tickets: u32,
    delivered: u32,
}

impl Channel {
    pub(crate) const EMPTY: Channel = Channel {
        first: None,
        head: NONE,
        tail: NONE,
        queued: 0,
        first_ticket: NONE,
        tickets: 0,
        delivered: 0,
    };

    /// Messages that no ticket lays claim to.
    pub(crate) fn unclaimed(&self) -> u32 {
        self.queued.saturating_sub(self.tickets)
    }

    pub(crate) fn queued(&self) -> u32 {
        self.queued
    }
}

/// A receive that is pending.
#[derive(Debug, Default)]
pub(crate) struct Wait {
    /// Tickets whose message has not come, closed peers' included.
    pub(crate) missing: u32,
    /// Tickets that have their message.
    pub(crate) present: u32,
    /// Wakes when this many are present, even if others are missing.
    pub(crate) enough: Option<u32>,
    /// Set when a peer it waits for has closed.
    pub(crate) closed: bool,
    /// When it gives up, nanoseconds.
    pub(crate) deadline_ns: Option<u64>,
    pub(crate) waker: Option<Waker>,
    /// Scope slot, for the report of a stalled run.
    pub(crate) scope: u32,
    /// Where its time is counted.
    pub(crate) rows: Rows,
    pub(crate) generation: u32,
}

/// A party's messages and waits.
#[derive(Default)]
pub(crate) struct Mail {
    slots: Vec<Slot>,
    free_slots: Vec<u32>,
    waits: Vec<Option<Wait>>,
    free_waits: Vec<u32>,
    generations: u32,
    /// Tickets beyond the first of a channel, by (scope slot, peer).
    more: BTreeMap<(u32, u32), VecDeque<u32>>,
    arrivals: u64,
    pub(crate) late: u64,
    /// Payload that is here and not yet read, bytes.
    held_bytes: u64,
    /// The most that ever was.
    pub(crate) peak_bytes: u64,
}

/// Where a channel is: scope slot and peer.
pub(crate) type ChannelPlace = (u32, u32);

impl Mail {
    /// Empty mail of the same party after a restart: names of waits are never used again.
    pub(crate) fn restarted(&self) -> Mail {
        let Mail { generations, late, peak_bytes, .. } = *self;
        Mail { generations, late, peak_bytes, ..Mail::default() }
    }

    /// Stores a message and returns the wait to wake, if its last ticket is now served.
    pub(crate) fn deliver(
        &mut self,
        channel: &mut Channel,
        place: ChannelPlace,
        mut letter: Letter,
    ) -> Option<Waker> {
        letter.arrival = self.arrivals;
        self.arrivals += 1;
        channel.delivered += 1;
        let position = channel.queued;
        let ticket = self.ticket_at(channel, place, position);
        if ticket == Some(LATE) {
            self.remove_ticket(channel, place, position);
            self.late += 1;
            return None;
        }
        self.append(channel, letter);
        self.served(ticket?)
    }

    pub(crate) fn delivered(channel: &Channel) -> u32 {
        channel.delivered
    }

    fn append(&mut self, channel: &mut Channel, letter: Letter) {
        self.held_bytes += letter.body.bytes.len() as u64;
        self.peak_bytes = self.peak_bytes.max(self.held_bytes);
        channel.queued += 1;
        if channel.queued == 1 {
            channel.first = Some(letter);
            return;
        }
        let slot = Slot { letter: Some(letter), next: NONE };
        let at = match self.free_slots.pop() {
            Some(at) => {
                self.slots[at as usize] = slot;
                at
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        };
        if channel.tail == NONE {
            channel.head = at;
        } else {
            self.slots[channel.tail as usize].next = at;
        }
        channel.tail = at;
    }

    /// Takes the message at a position of the queue out.
    pub(crate) fn take(&mut self, channel: &mut Channel, position: u32) -> Option<Letter> {
        if position >= channel.queued {
            return None;
        }
        channel.queued -= 1;
        let letter = match position {
            0 => {
                let next = self.unlink(channel, 0);
                std::mem::replace(&mut channel.first, next)
            }
            _ => self.unlink(channel, position - 1),
        };
        let bytes = letter.as_ref().map_or(0, |letter| letter.body.bytes.len() as u64);
        // What came before a restart was forgotten with it.
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
        letter
    }

    /// Takes a message out of the list behind the first one.
    fn unlink(&mut self, channel: &mut Channel, position: u32) -> Option<Letter> {
        let (mut before, mut at) = (NONE, channel.head);
        for _ in 0..position {
            before = at;
            at = self.slots.get(at as usize)?.next;
        }
        let slot = self.slots.get_mut(at as usize)?;
        let (letter, next) = (slot.letter.take(), slot.next);
        if before == NONE {
            channel.head = next;
        } else {
            self.slots[before as usize].next = next;
        }
        if channel.tail == at {
            channel.tail = before;
        }
        self.free_slots.push(at);
        letter
    }

    /// Arrival number of the first message that no ticket lays claim to.
    pub(crate) fn first_unclaimed(&self, channel: &Channel) -> Option<u64> {
        if channel.unclaimed() == 0 {
            return None;
        }
        if channel.tickets == 0 {
            return channel.first.as_ref().map(|letter| letter.arrival);
        }
        let mut at = channel.head;
        for _ in 1..channel.tickets {
            at = self.slots.get(at as usize)?.next;
        }
        self.slots.get(at as usize)?.letter.as_ref().map(|letter| letter.arrival)
    }

    /// Drops all messages and tickets of a channel that ends; returns how many messages.
    pub(crate) fn discard(&mut self, channel: &mut Channel, place: ChannelPlace) -> u64 {
        self.more.remove(&place);
        let mut dropped = 0;
        while self.take(channel, 0).is_some() {
            dropped += 1;
        }
        dropped
    }

    // ---- tickets ----

    fn ticket_at(&self, channel: &Channel, place: ChannelPlace, position: u32) -> Option<u32> {
        if position >= channel.tickets {
            None
        } else if position == 0 {
            Some(channel.first_ticket)
        } else {
            self.more.get(&place)?.get(position as usize - 1).copied()
        }
    }

    /// Draws a ticket; returns whether its message is already there.
    pub(crate) fn draw_ticket(
        &mut self,
        channel: &mut Channel,
        place: ChannelPlace,
        wait: u32,
    ) -> bool {
        if channel.tickets == 0 {
            channel.first_ticket = wait;
        } else {
            self.more.entry(place).or_default().push_back(wait);
        }
        channel.tickets += 1;
        channel.queued >= channel.tickets
    }

    /// Position of a wait's ticket in the line; sought from the end, because closed ones may pile
    /// up in front of it.
    pub(crate) fn position(
        &self,
        channel: &Channel,
        place: ChannelPlace,
        wait: u32,
    ) -> Option<u32> {
        (0..channel.tickets).rev().find(|at| self.ticket_at(channel, place, *at) == Some(wait))
    }

    pub(crate) fn remove_ticket(
        &mut self,
        channel: &mut Channel,
        place: ChannelPlace,
        position: u32,
    ) {
        let more = self.more.get_mut(&place);
        if position == 0 {
            channel.first_ticket = more.and_then(VecDeque::pop_front).unwrap_or(NONE);
        } else if let Some(more) = more {
            more.remove(position as usize - 1);
        }
        channel.tickets -= 1;
        if channel.tickets <= 1 {
            self.more.remove(&place);
        }
    }

    /// Gives a ticket back: the message in its place, come or to come, goes to the next ticket.
    ///
    /// Returns the waker of the wait whose ticket moved onto a message that is already there.
    pub(crate) fn return_ticket(
        &mut self,
        channel: &mut Channel,
        place: ChannelPlace,
        wait: u32,
    ) -> Option<Waker> {
        let position = self.position(channel, place, wait)?;
        self.remove_ticket(channel, place, position);
        // The last served position now belongs to the ticket that stood one behind it.
        let served = channel.queued.checked_sub(1)?;
        if served < position {
            return None;
        }
        match self.ticket_at(channel, place, served) {
            Some(LATE) => {
                self.take(channel, served);
                self.remove_ticket(channel, place, served);
                self.late += 1;
                None
            }
            Some(next) => self.served(next),
            None => None,
        }
    }

    /// Closes a ticket: its message will be discarded on arrival.
    pub(crate) fn close_ticket(
        &mut self,
        channel: &mut Channel,
        place: ChannelPlace,
        position: u32,
    ) {
        if position == 0 {
            channel.first_ticket = LATE;
        } else if let Some(more) = self.more.get_mut(&place) {
            more[position as usize - 1] = LATE;
        }
    }

    /// The waits whose tickets in a channel have no message; asked when the peer closes.
    pub(crate) fn unserved(&self, channel: &Channel, place: ChannelPlace) -> Vec<u32> {
        (channel.queued..channel.tickets)
            .filter_map(|at| self.ticket_at(channel, place, at))
            .filter(|wait| *wait != LATE)
            .collect()
    }

    // ---- waits ----

    pub(crate) fn open_wait(&mut self, mut wait: Wait) -> u32 {
        self.generations = self.generations.wrapping_add(1);
        wait.generation = self.generations;
        match self.free_waits.pop() {
            Some(at) => {
                self.waits[at as usize] = Some(wait);
                at
            }
            None => {
                self.waits.push(Some(wait));
                (self.waits.len() - 1) as u32
            }
        }
    }

    pub(crate) fn wait(&mut self, wait: u32) -> Option<&mut Wait> {
        self.waits.get_mut(wait as usize).and_then(Option::as_mut)
    }

    pub(crate) fn close_wait(&mut self, wait: u32) -> Option<Wait> {
        let closed = self.waits.get_mut(wait as usize)?.take()?;
        self.free_waits.push(wait);
        Some(closed)
    }

    /// A stable name of a wait, to tell it from a later one in the same slot.
    pub(crate) fn generation(&self, wait: u32) -> u32 {
        self.waits.get(wait as usize).and_then(Option::as_ref).map_or(0, |w| w.generation)
    }

    /// The pending waits and their names.
    pub(crate) fn pending(&self) -> impl Iterator<Item = (u32, &Wait)> {
        (0u32..).zip(&self.waits).filter_map(|(name, wait)| Some((name, wait.as_ref()?)))
    }

    fn served(&mut self, wait: u32) -> Option<Waker> {
        let wait = self.wait(wait)?;
        wait.missing = wait.missing.saturating_sub(1);
        wait.present += 1;
        let enough = wait.enough.is_some_and(|enough| wait.present >= enough);
        // Who is closed stays among the missing: only the receive itself can tell who is left.
        if wait.missing == 0 || wait.closed || enough { wait.waker.clone() } else { None }
    }
}
