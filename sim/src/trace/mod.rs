//! What happened in a run, event by event, and the chain of causes that its time is made of.

mod path;
pub(crate) mod recorder;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use path::{PathPart, Stretch};

use crate::vocabulary::PartyId;

/// Why virtual time went by on the critical path.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A party computed.
    Compute,
    /// A message crossed the distance.
    Propagation,
    /// A message's bytes passed the narrowest capacity of its way, alone.
    Serialisation,
    /// A message waited for others: for its turn, or for its share of a capacity.
    Queueing,
    /// A connection started up.
    StartUp,
    /// A party waited until a deadline or slept: for a straggler, or because it was told to.
    Waiting,
    /// A party was down or paused.
    Down,
    /// An adversary held a message back.
    Held,
}

impl Cause {
    /// All of them, in the order of tables and plots.
    pub const ALL: [Cause; 8] = [
        Cause::Compute,
        Cause::Propagation,
        Cause::Serialisation,
        Cause::Queueing,
        Cause::StartUp,
        Cause::Waiting,
        Cause::Down,
        Cause::Held,
    ];

    /// The name as in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cause::Compute => "compute",
            Cause::Propagation => "propagation",
            Cause::Serialisation => "serialisation",
            Cause::Queueing => "queueing",
            Cause::StartUp => "start_up",
            Cause::Waiting => "waiting",
            Cause::Down => "down",
            Cause::Held => "held",
        }
    }
}

/// A message or the close of a channel, from its sender's outbox to its receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The sending node.
    pub from: PartyId,
    /// The receiving node.
    pub to: PartyId,
    /// Index in [`Trace::scopes`].
    pub scope: u32,
    /// Whether it only says that nothing more comes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_close: bool,
    /// Payload, bytes.
    pub payload_bytes: u64,
    /// Payload, frame header and transport framing, bytes.
    pub wire_bytes: u64,
    /// The sender's clock when it was sent, nanoseconds.
    pub sent_ns: u64,
    /// When it left the sender, nanoseconds; later than `sent_ns` if something held it back. Absent
    /// if it never left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departed_ns: Option<u64>,
    /// How long it takes for the distance, nanoseconds.
    pub propagation_ns: u64,
    /// How long its bytes take to pass the narrowest capacity of its way alone, nanoseconds.
    pub serialisation_ns: u64,
    /// When its last byte arrived, nanoseconds; absent if it was lost or cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_ns: Option<u64>,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Woken {
    /// A message: index in [`Trace::messages`].
    Message(u32),
    /// A deadline or the end of a sleep.
    Timer,
    /// The end of a fault.
    Fault,
}

/// A stretch in which a node had nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idle {
    /// Its start, nanoseconds.
    pub from_ns: u64,
    /// Its end, nanoseconds.
    pub until_ns: u64,
    /// What ended it.
    pub ended_by: Woken,
}

/// A stretch in which a node computed in one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Index in [`Trace::scopes`].
    pub scope: u32,
    /// Its start, nanoseconds.
    pub from_ns: u64,
    /// Its end, nanoseconds.
    pub until_ns: u64,
}

/// The life of a scope at one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Index in [`Trace::scopes`].
    pub scope: u32,
    /// The node's clock when it was opened, nanoseconds.
    pub from_ns: u64,
    /// The node's clock when its last handle was dropped, nanoseconds.
    pub until_ns: u64,
}

/// A scope, the same for all nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedScope {
    /// Path with indices, for example `online/mul[3]`.
    pub path: String,
    /// Path without indices, as in metrics; empty for the root.
    pub folded: String,
}

/// What one node did; stretches are in order of time and do not overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTrace {
    /// Which node.
    pub node: PartyId,
    /// Name of the ideal functionality, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ideal: Option<String>,
    /// Whether an adversary corrupted it.
    #[serde(default)]
    pub is_corrupted: bool,
    /// When it ended, nanoseconds; its clock, if it did not.
    pub end_ns: u64,
    /// When it computed.
    pub work: Vec<Work>,
    /// When it was idle.
    pub idle: Vec<Idle>,
    /// Its scopes, in the order in which they were opened.
    pub spans: Vec<Span>,
}

/// What happened in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Parties in order of id, then ideal functionalities.
    pub nodes: Vec<NodeTrace>,
    /// All scopes that were opened or written to.
    pub scopes: Vec<TracedScope>,
    /// All messages and closes, in the order in which they were handed to the network.
    pub messages: Vec<Message>,
}

impl Trace {
    /// What a node was idle for, the longest first: whose message ended the wait (`None`: a
    /// deadline, a sleep or the end of a fault), and nanoseconds in all.
    #[must_use]
    pub fn blocked(&self, node: PartyId) -> Vec<(Option<PartyId>, u64)> {
        let mut blocked: BTreeMap<Option<PartyId>, u64> = BTreeMap::new();
        for idle in self.nodes.get(node.index()).map_or(&[][..], |node| &node.idle) {
            let on = match idle.ended_by {
                Woken::Message(at) => self.messages.get(at as usize).map(|message| message.from),
                Woken::Timer | Woken::Fault => None,
            };
            *blocked.entry(on).or_default() += idle.until_ns - idle.from_ns;
        }
        let mut blocked: Vec<_> = blocked.into_iter().collect();
        blocked.sort_by_key(|(on, time_ns)| (std::cmp::Reverse(*time_ns), *on));
        blocked
    }
}
