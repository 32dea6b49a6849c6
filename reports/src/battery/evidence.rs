use std::fmt;

use mpclab_sim::adversary::Act;
use mpclab_sim::vocabulary::PartyId;
use serde::{Deserialize, Serialize};

use crate::record::big;

/// One case in which something was seen, and how to see it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was done, for a reader.
    pub case: String,
    /// Seed of the case's run.
    #[serde(with = "big::number")]
    pub seed: u64,
    /// The corrupted parties, ascending; empty without corruption.
    pub coalition: Vec<PartyId>,
    /// The message that was attacked, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<ActPlace>,
    /// What differed from what the guarantee demands.
    pub what_differed: String,
    /// A scenario file that shows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// A command that shows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// One message of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActPlace {
    /// Path of the scope it was sent in.
    pub scope: String,
    /// Name of the message's type.
    pub label: String,
    /// How many messages its sender sent to its receiver in this scope before.
    pub occurrence: u32,
    /// The sender.
    pub from: PartyId,
    /// The receiver.
    pub to: PartyId,
}

impl From<&Act> for ActPlace {
    fn from(act: &Act) -> Self {
        ActPlace {
            scope: act.scope.clone(),
            label: act.label.clone(),
            occurrence: act.occurrence,
            from: act.from,
            to: act.to,
        }
    }
}

impl fmt::Display for ActPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ActPlace { scope, label, occurrence, from, to } = self;
        write!(f, "{label} number {occurrence} in {scope}, {from} to {to}")
    }
}

impl Evidence {
    /// The corrupted parties for a reader: `party 0, party 2`, or `nobody`.
    #[must_use]
    pub fn coalition_text(&self) -> String {
        let names: Vec<String> = self.coalition.iter().map(ToString::to_string).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    }
}

impl fmt::Display for Evidence {
    /// One line: what was done, by whom, where, with which seed, and what differed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (corrupted: {}, seed {}", self.case, self.coalition_text(), self.seed)?;
        if let Some(place) = &self.at {
            write!(f, ", at {place}")?;
        }
        write!(f, "): {}", self.what_differed)
    }
}
