use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", content = "reason", rename_all = "snake_case")]
pub enum Outcome {
    /// Every honest party that should output did, and the outputs are right.
    Ok,
    /// An output is wrong: which, and what it should have been.
    Wrong(String),
    /// An honest party aborted.
    Aborted(String),
    /// Nothing was left that could wake an unfinished party: who waits for what.
    Stalled(String),
    /// A limit on virtual time, events or polls was reached.
    Limit(String),
    /// The run could not be set up or finished.
    Error(String),
    /// mpclab or the protocol's code met a state that it rules out.
    Bug(String),
    /// The protocol cannot run this cell, and the scenario says to go on: why.
    Skipped(String),
}

impl Outcome {
    /// The outcome in one word.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Wrong(_) => "wrong",
            Outcome::Aborted(_) => "aborted",
            Outcome::Stalled(_) => "stalled",
            Outcome::Limit(_) => "limit",
            Outcome::Error(_) => "error",
            Outcome::Bug(_) => "bug",
            Outcome::Skipped(_) => "skipped",
        }
    }

    /// Why; empty if the run ended well.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Outcome::Ok => "",
            Outcome::Wrong(reason)
            | Outcome::Aborted(reason)
            | Outcome::Stalled(reason)
            | Outcome::Limit(reason)
            | Outcome::Error(reason)
            | Outcome::Bug(reason)
            | Outcome::Skipped(reason) => reason,
        }
    }
}
