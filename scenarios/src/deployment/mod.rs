//! Deployment files: what somebody wants to run where, against whom and how fast.
//!
//! What a deployment shares with a scenario has the same keys at the same places, so that it is
//! read by the same code, and a mistake is shown where it stands.

mod read;
mod requirements;
pub(crate) mod wire;

use std::path::{Path, PathBuf};

use mpclab_sim::vocabulary::{AbortKind, AdversaryKind, OutputGuarantee};
use serde_yaml::Value;

use crate::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;
use crate::source::{Context, Source};

/// A deployment file, validated.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The file's name without its ending.
    pub name: String,
    /// What is deployed, in prose.
    pub about: String,
    /// What a protocol has to meet.
    pub required: Required,
    /// What the recommendation is ranked by.
    pub rank_by: RankBy,
    /// The protocols to consider; all if there are none.
    pub protocols: Vec<String>,
    /// The requests that arrive.
    pub load: Option<Load>,
    /// The scenario that it is without protocols, inlined.
    tree: Value,
    context: Context,
    source: Source,
    path: PathBuf,
}

/// What a protocol has to meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Required {
    /// The adversary.
    pub adversary: AdversaryKind,
    /// How many computing parties may be corrupted.
    pub corruptions: usize,
    /// Whether they may be chosen during the run.
    pub adaptive: bool,
    /// What honest parties have to get.
    pub output: OutputGuarantee,
    /// Who has to learn of an abort.
    pub abort: AbortKind,
    /// Whether a setup without a price will do.
    pub accepts_unpriced: bool,
    /// How soon the output has to be there.
    pub deadline: Option<Deadline>,
    /// What a request may cost, billionths of a US dollar.
    pub budget_nusd: Option<u64>,
}

/// How soon, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// From a request to its last output, nanoseconds.
    pub within_ns: u64,
    /// The share of requests that has to make it, percent, 1 to 100.
    pub percentile: usize,
}

/// What is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankBy {
    /// The least median time.
    Time,
    /// The least payload.
    Bytes,
    /// The least money.
    Money,
}

/// Requests at a standing deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// When they come.
    pub arrivals: Arrivals,
    /// How many are worked on at a time, at least 1.
    pub in_flight: usize,
    /// How many are simulated.
    pub requests: usize,
}

/// When requests come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Independently of each other; the rate, per hour.
    Poisson {
        /// Requests per hour.
        per_hour: u64,
    },
    /// Evenly.
    Constant {
        /// Requests per hour.
        per_hour: u64,
    },
    /// At these times, nanoseconds, ascending, two at least.
    Trace {
        /// The file's name.
        name: String,
        /// When they come.
        at_ns: Vec<u64>,
    },
}

/// A protocol with parameters, as a candidate for a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Name in the catalogue.
    pub protocol: String,
    /// Parameters; null for the defaults.
    pub params: serde_json::Value,
}

impl Deployment {
    /// The scenario in which each candidate runs this deployment, `more` input parties added to it:
    /// clients where there are clients, parties that compute, too, where there are none. They stand
    /// where the first ones stand, and draw their inputs, as then do all.
    ///
    /// What a candidate cannot run becomes a cell with the reason.
    ///
    /// # Errors
    /// The user's mistakes, each with its place in the deployment file.
    pub fn plan(
        &self,
        candidates: &[Candidate],
        more: usize,
        catalogue: &dyn Catalogue,
    ) -> Result<Plan, Vec<Diagnostic>> {
        read::plan(self, candidates, more, catalogue)
    }

    /// The path that it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Reads and validates a deployment file.
///
/// Each override is a key path and a value in YAML, and replaces what the file says there.
///
/// # Errors
/// The user's mistakes, those that could be found at once, each with its place.
pub fn deployment(
    path: &Path,
    overrides: &[(String, String)],
    catalogue: &dyn Catalogue,
) -> Result<Deployment, Vec<Diagnostic>> {
    read::deployment(path, overrides, catalogue)
}
