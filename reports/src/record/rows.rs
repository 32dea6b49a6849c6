use std::collections::BTreeMap;

use mpclab_sim::trace::Cause;
use mpclab_sim::vocabulary::{PartyId, Phase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::big;

/// Figures of one scope over all parties; but for `rounds` and `time_ns`, the scopes inside it
/// excluded. In [`super::Record::batches`], they are included everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeRow {
    /// Path of the scope, indices folded, for example `online/less`; of a batch with its index, for
    /// example `online/mul[3]`.
    pub path: String,
    /// The phase it counts to.
    pub phase: Phase,
    /// Payload bytes sent.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub bytes: u64,
    /// Payload, frame headers and transport framing sent, bytes.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub wire_bytes: u64,
    /// Payload bytes received; absent in records that did not keep it.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub received_bytes: Option<u64>,
    /// Messages sent.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub messages: u64,
    /// Compute charged, nanoseconds, summed over parties.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub compute_ns: u64,
    /// Payload exchanged with ideal functionalities, bytes; not part of `bytes`.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub ideal_bytes: u64,
    /// Causal rounds that passed in it, the scopes inside it included: depths to which a message of
    /// it raised an honest party. Rounds of scopes that follow each other add up; one that passed
    /// in several side by side counts in each. Absent in records that did not keep it.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub rounds: Option<u64>,
    /// How long the honest party that was longest in it computed or waited in it, the scopes inside
    /// it included, what overlaps counted once, nanoseconds. Absent in records that did not keep it.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub time_ns: Option<u64>,
}

/// Figures of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartyRow {
    /// Which node.
    pub party: PartyId,
    /// What it does, for example `computing` or `input`.
    pub role: String,
    /// The role that the protocol gives it by name, as in [`super::Record::roles`]; none where
    /// computing parties are alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_role: Option<String>,
    /// What it learned, in the form of [`super::Record::outputs`]. Absent if it learned nothing, is
    /// corrupted, or if all honest output parties learned the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Payload bytes sent.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub sent_bytes: u64,
    /// Payload bytes received.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub received_bytes: u64,
    /// Payload, frame headers and transport framing sent, bytes; absent in records that did not
    /// keep it.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub sent_wire_bytes: Option<u64>,
    /// The same received.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub received_wire_bytes: Option<u64>,
    /// Messages sent.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub sent_messages: u64,
    /// Compute charged, nanoseconds.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub compute_ns: u64,
    /// Units of correlated randomness that it used up, by kind, as its protocol counts them:
    /// triples, masks, bits, or streams of a key.
    #[serde(default, with = "big::map", skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub correlated: BTreeMap<String, u64>,
    /// Bytes of its share of them, by kind; a stream has none of its own, its key was counted when
    /// it came. Absent in records that did not keep it.
    #[serde(default, with = "big::map", skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub correlated_bytes: BTreeMap<String, u64>,
    /// The most payload that lay in its mailboxes at a time, arrived and not yet read, bytes, what
    /// ideal functionalities sent included: a part of its peak memory; what its code holds is not counted. Absent in records that did not keep
    /// it.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub mailbox_peak_bytes: Option<u64>,
    /// Virtual time at which it finished, nanoseconds.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub finish_ns: u64,
    /// What it was idle for, the longest first; together with its compute, all of `finish_ns`.
    /// Empty where it was not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<BlockedRow>,
}

/// Traffic of one ordered pair of nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkRow {
    /// The sender.
    pub from: PartyId,
    /// The receiver.
    pub to: PartyId,
    /// Payload bytes.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub bytes: u64,
    /// Payload, frame headers and transport framing, bytes; absent in records that did not keep it.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub wire_bytes: Option<u64>,
    /// Messages.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub messages: u64,
}

/// A part of the critical path: all of its stretches with the same cause, place and scope. The
/// parts of a record add up to its `total.time_ns`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathRow {
    /// Why the time went by.
    pub cause: Cause,
    /// Who computed, waited or was down; the sender, if a message was on its way.
    pub party: PartyId,
    /// The receiver, if a message was on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PartyId>,
    /// Path of the scope, indices folded.
    pub scope: String,
    /// How long, nanoseconds.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub time_ns: u64,
    /// How many stretches; of propagation, how many messages.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub stretches: u64,
}

/// What a node was idle for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockedRow {
    /// Whose message ended the wait; absent if a deadline, a sleep or the end of a fault did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<PartyId>,
    /// How long, nanoseconds.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub time_ns: u64,
}

/// Digests of a run, in hex; empty if the run did not finish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digests {
    /// Over deliveries with their times, and outcomes.
    pub event: String,
    /// Over contents alone, without times and delivery order.
    pub transcript: String,
}

/// Wall-clock figures of one run: a line of `timings.jsonl`, kept apart because they differ from
/// machine to machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// Position of the sweep point.
    pub cell: u32,
    /// Label of the protocol.
    pub protocol: String,
    /// Which repetition.
    pub repetition: u32,
    /// Time that the simulation took, nanoseconds.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub wall_ns: u64,
    /// Peak memory of the process so far, bytes, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<u64>,
}
