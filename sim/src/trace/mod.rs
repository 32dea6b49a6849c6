//! What happened in a run, event by event, and the chain of causes that its time is made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
