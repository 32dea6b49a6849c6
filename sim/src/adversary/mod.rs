//! Adversaries: what corrupted parties do at their outbox, with the joint view of the coalition.
//!
//! Honest code has no trace of any of this. A corrupted party runs its honest code (or other code
//! that the caller starts in its place), and an [`Adversary`] decides on each of its messages when
//! it departs. It reads every message to the coalition at the departure, before it decides on its
//! own: a malicious coalition is one unit.

mod body;
mod rule;
mod scripted;
mod view;

use crate::faults::CrashKind;
use crate::vocabulary::PartyId;
use crate::wire::Field;

pub use body::{BodyChange, ElementChange};
pub use rule::{Action, ElementChoice, Pattern, Rule, Selector};
pub use scripted::{OtherRun, Script, Scripted};
pub use view::{Draws, Seen, View};

/// A message at its departure, as an adversary sees it.
#[derive(Clone, Copy)]
pub struct Departing<'a> {
    /// Virtual time, nanoseconds.
    pub at_ns: u64,
    /// Sender.
    pub from: PartyId,
    /// Receiver.
    pub to: PartyId,
    /// Path of the scope, for example `online/mul[3]`.
    pub scope: &'a str,
    /// Id of the scope; equal for equal paths.
    pub scope_id: u64,
    /// Name of the message's type, [`crate::wire::Wire::NAME`].
    pub label: &'a str,
    /// How many messages this sender sent to this receiver in this scope before.
    pub occurrence: u32,
    /// Where which elements lie.
    pub fields: &'a [Field],
    /// Payload.
    pub body: &'a [u8],
}

/// A message that an adversary puts on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// In whose name; a corrupted party, or the sender of the message that it stands in for.
    pub from: PartyId,
    /// Receiver.
    pub to: PartyId,
    /// Id of the scope that it arrives in.
    pub scope_id: u64,
    /// Payload.
    pub body: Vec<u8>,
    /// How much later it departs, nanoseconds.
    pub delay_ns: u64,
}

impl Dispatch {
    /// The same message as it was.
    #[must_use]
    pub fn of(message: &Departing<'_>) -> Self {
        Dispatch {
            from: message.from,
            to: message.to,
            scope_id: message.scope_id,
            body: message.body.to_vec(),
            delay_ns: 0,
        }
    }
}

/// What becomes of a departing message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes on as it is.
    Pass,
    /// It never arrives.
    Drop,
    /// Another body goes in its place.
    Replace(Vec<u8>),
    /// These go in its place, in this order; an adversary that keeps messages back sends them
    /// later in this way.
    Send(Vec<Dispatch>),
    /// The sender stops here, and this message and all later ones never leave.
    Stop(CrashKind),
}

/// The seam at the outbox: acts on messages when they depart, before any queue or link.
pub trait Adversary: Send {
    /// Parties that it corrupts; their outputs, times and taps no longer speak for honest ones.
    fn corrupted(&self) -> Vec<PartyId>;

    /// Whether messages of corrupted parties are held until no honest party can go on without one.
    ///
    /// Times of such runs are no cost figures.
    fn is_rushing(&self) -> bool {
        false
    }

    /// Decides on one message of any party, honest or not; messages of honest parties are in the
    /// hands of an adversary that controls the network.
    fn depart(&mut self, message: &Departing<'_>) -> Decision;

    /// The code of a corrupted party ended, with an output or without.
    fn ended(&mut self, _party: PartyId, _has_output: bool) {}

    /// What it has done so far, one line for each act that changed something on the wire.
    fn acts(&self) -> Vec<Act> {
        Vec::new()
    }
}

/// Something that an adversary did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Virtual time, nanoseconds.
    pub at_ns: u64,
    /// Sender of the message.
    pub from: PartyId,
    /// Its receiver.
    pub to: PartyId,
    /// Path of its scope.
    pub scope: String,
    /// Name of its type.
    pub label: String,
    /// Its place in its channel.
    pub occurrence: u32,
    /// What was done.
    pub what: String,
}

impl Act {
    /// An act on this message.
    #[must_use]
    pub fn on(message: &Departing<'_>, what: impl Into<String>) -> Self {
        Act {
            at_ns: message.at_ns,
            from: message.from,
            to: message.to,
            scope: message.scope.to_owned(),
            label: message.label.to_owned(),
            occurrence: message.occurrence,
            what: what.into(),
        }
    }
}

impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Act { from, to, scope, label, occurrence, what, .. } = self;
        write!(f, "{what} in {scope} ({label}, number {occurrence}, {from} to {to})")
    }
}
