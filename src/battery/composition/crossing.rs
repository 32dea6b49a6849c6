//! Adversaries that carry messages from one session to another.

use std::collections::BTreeMap;

use mpclab_sim::adversary::{Act, Adversary, Decision, Departing, Dispatch, Selector};
use mpclab_sim::vocabulary::PartyId;

use super::pair::place;

/// What goes from one session to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// What a corrupted party said in the first session, at the same place of the second.
    Replay,
    /// What an honest party said in the first session, at the same place of the second.
    Echo,
    /// What a corrupted party says in one session goes into the other.
    Swap,
}

/// Where a message belongs, whatever its session: path, type, length and number.
type Slot = (String, String, usize, u32);

/// A rushing coalition that crosses sessions.
pub(super) struct Crosser {
    corrupted: Vec<PartyId>,
    crossing: Crossing,
    /// Which messages of the second session are replaced.
    on: Selector,
    /// Own messages of the first session by sender, receiver and place.
    own: BTreeMap<(PartyId, PartyId, Slot), Vec<u8>>,
    /// What the first honest party told the coalition in the first session, by place; and the last
    /// message of each type and length.
    honest: BTreeMap<Slot, (PartyId, Vec<u8>)>,
    latest: BTreeMap<(String, usize), Vec<u8>>,
    /// Kept until the same message of the other session departs.
    kept: BTreeMap<(PartyId, PartyId, Slot), (usize, Dispatch)>,
    acts: Vec<Act>,
}

impl Crosser {
    pub(super) fn new(corrupted: Vec<PartyId>, crossing: Crossing, on: Selector) -> Self {
        Crosser {
            corrupted,
            crossing,
            on,
            own: BTreeMap::new(),
            honest: BTreeMap::new(),
            latest: BTreeMap::new(),
            kept: BTreeMap::new(),
            acts: Vec::new(),
        }
    }

    /// Remembers what is said in the first session.
    fn overhear(&mut self, message: &Departing<'_>, at: &Slot) {
        let body = || message.body.to_vec();
        if self.corrupted.contains(&message.from) {
            self.own.insert((message.from, message.to, at.clone()), body());
        } else if self.corrupted.contains(&message.to) {
            self.latest.insert((at.1.clone(), at.2), body());
            let first = self.honest.get(at).is_none_or(|(known, _)| message.from < *known);
            if first {
                self.honest.insert(at.clone(), (message.from, body()));
            }
        }
    }

    /// What takes a message's place in the second session.
    fn instead(&self, message: &Departing<'_>, at: &Slot) -> Option<Vec<u8>> {
        match self.crossing {
            Crossing::Replay => self.own.get(&(message.from, message.to, at.clone())).cloned(),
            Crossing::Echo => {
                let same = self.honest.get(at).map(|(_, body)| body);
                same.or_else(|| self.latest.get(&(at.1.clone(), at.2))).cloned()
            }
            Crossing::Swap => None,
        }
    }

    fn swap(&mut self, message: &Departing<'_>, session: usize, at: Slot) -> Decision {
        let channel = (message.from, message.to, at);
        match self.kept.remove(&channel) {
            Some((other, first)) if other != session => {
                self.acts.push(Act::on(message, "goes into the other session"));
                let into_first = Dispatch { scope_id: first.scope_id, ..Dispatch::of(message) };
                let into_second = Dispatch { scope_id: message.scope_id, ..first };
                Decision::Send(vec![into_first, into_second])
            }
            Some(kept) => {
                self.kept.insert(channel, kept);
                Decision::Pass
            }
            None => {
                self.kept.insert(channel, (session, Dispatch::of(message)));
                Decision::Send(Vec::new())
            }
        }
    }
}

impl Adversary for Crosser {
    fn corrupted(&self) -> Vec<PartyId> {
        self.corrupted.clone()
    }

    fn is_rushing(&self) -> bool {
        true
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let Some((session, path)) = place(message.scope) else { return Decision::Pass };
        let (label, len) = (message.label.to_owned(), message.body.len());
        let at = (path.to_owned(), label, len, message.occurrence);
        let is_own = self.corrupted.contains(&message.from);
        if is_own && self.crossing == Crossing::Swap && !self.corrupted.contains(&message.to) {
            return self.swap(message, session, at);
        }
        if session == 0 {
            self.overhear(message, &at);
            return Decision::Pass;
        }
        let is_meant = is_own && self.on.matches(message);
        match self.instead(message, &at) {
            Some(body) if is_meant && body != message.body => {
                self.acts.push(Act::on(message, "repeats another session"));
                Decision::Replace(body)
            }
            _ => Decision::Pass,
        }
    }

    fn acts(&self) -> Vec<Act> {
        self.acts.clone()
    }
}
