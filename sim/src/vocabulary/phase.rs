use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part of a run that an activity belongs to: the first element of its scope's path.
///
/// Anything that runs in no phase scope counts as [`Phase::Online`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Once per group of parties: keys, base OTs.
    Setup,
    /// Before the inputs are known: correlated randomness.
    Offline,
    /// From the inputs to the outputs.
    Online,
}

impl Phase {
    /// All phases, in the order in which they run.
    pub const ALL: [Phase; 3] = [Phase::Setup, Phase::Offline, Phase::Online];

    /// The name that a scope's first element has in this phase.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Phase::Setup => "setup",
            Phase::Offline => "offline",
            Phase::Online => "online",
        }
    }

    /// Position in [`Phase::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The phase that a first path element names.
    #[must_use]
    pub fn of(first: &str) -> Phase {
        match first {
            "setup" => Phase::Setup,
            "offline" => Phase::Offline,
            _ => Phase::Online,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
