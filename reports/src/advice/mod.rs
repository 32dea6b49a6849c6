//! What a deployment is advised to run: data, and the same for readers.

#[cfg(feature = "render")]
mod document;
#[cfg(feature = "render")]
mod write;

use mpclab_sim::vocabulary::Claims;
use serde::Serialize;

use crate::record::big;

#[cfg(feature = "render")]
pub use document::{Part, document};
#[cfg(feature = "render")]
pub use write::{curve_csv, markdown, terminal};

/// Version of the form of `advice.json`.
pub const SCHEMA: u32 = 1;

/// What was found for a deployment.
#[derive(Clone, Debug, Serialize)]
pub struct Advice {
    /// Form, [`SCHEMA`].
    pub schema: u32,
    /// Version of kernel, network and pricing semantics.
    pub model: u32,
    /// Version of mpclab.
    pub version: String,
    /// Name of the deployment.
    pub deployment: String,
    /// What it is, in prose.
    pub about: String,
    /// Name of the function.
    pub function: String,
    /// What it computes, one sentence.
    pub function_about: String,
    /// Number of computing parties.
    pub n: u32,
    /// Number of nodes, clients included.
    pub nodes: u32,
    /// Name of the network.
    pub network: String,
    /// Name of the compute profile.
    pub profile: String,
    /// Where all randomness comes from.
    pub seed: u64,
    /// Runs of each candidate.
    pub repetitions: u32,
    /// What is required: name and value.
    pub required: Vec<(String, String)>,
    /// The deadline, if there is one.
    pub deadline: Option<Deadline>,
    /// What a request may cost, billionths of a US dollar.
    pub budget_nusd: Option<u64>,
    /// The percentile in the columns of long times, percent: that of the deadline, or 95.
    pub percentile: usize,
    /// What options are ranked by.
    pub rank_by: String,
    /// The expected load, if there is one.
    pub offered: Option<Offered>,
    /// Label of the best option that meets everything.
    pub recommended: Option<String>,
    /// Options with a price for everything, best first; those that miss the deadline come last.
    pub options: Vec<Choice>,
    /// The same for protocols whose setup has no price, which are not comparable with the others.
    pub unpriced: Vec<Choice>,
    /// What was ruled out.
    pub ruled_out: Vec<RuledOut>,
}

/// A deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// From a request to its last output, nanoseconds.
    pub within_ns: u64,
    /// The share of requests that has to make it, percent.
    pub percentile: usize,
}

/// The expected load.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offered {
    /// How requests come, in words.
    pub arrivals: String,
    /// Requests per second.
    pub per_second: f64,
    /// How many are worked on at a time.
    pub in_flight: usize,
    /// How many were simulated.
    pub requests: usize,
}

/// A protocol with parameters that meets the threat and the guarantees.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// Name in results.
    pub label: String,
    /// Name of the protocol.
    pub protocol: String,
    /// Its parameters in full.
    pub params: serde_json::Value,
    /// What it promises.
    #[serde(serialize_with = "big::nested::serialize")]
    pub claims: Claims,
    /// Whether an ideal functionality did a part of its runs.
    pub unpriced: bool,
    /// How many corrupted computing parties it withstands.
    pub tolerated: usize,
    /// The algebra that it computes in.
    pub domain: String,
    /// What it costs.
    pub cost: Cost,
    /// Where the time goes, in a sentence.
    pub bottleneck: String,
    /// What it misses; empty if it meets everything.
    pub misses: Vec<String>,
    /// The same deployment with one thing changed, run again; only for the best option of each
    /// protocol.
    pub what_if: Vec<WhatIf>,
    /// What it does under load.
    pub load: Option<Load>,
    /// How small its machines and links may be; only for the best option.
    pub sizing: Vec<Sizing>,
}

/// What runs cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Correct runs.
    pub runs: usize,
    /// Median time of a run that is alone, nanoseconds.
    pub median_ns: u64,
    /// Its [`Advice::percentile`], nanoseconds.
    pub late_ns: u64,
    /// The same under the expected load, nanoseconds.
    pub loaded_ns: Option<u64>,
    /// Payload sent by all, bytes, median.
    pub bytes: u64,
    /// The same with headers and framing.
    pub wire_bytes: u64,
    /// Causal rounds, median.
    pub rounds: u64,
    /// Money for one run, billionths of a US dollar, median; absent where it is not priced.
    pub money_nusd: Option<u64>,
}

impl Cost {
    /// The time that a deadline is held against, nanoseconds.
    #[must_use]
    pub fn decisive_ns(&self) -> u64 {
        self.loaded_ns.unwrap_or(self.late_ns)
    }
}

/// The deployment with one thing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// What was changed.
    pub change: String,
    /// What came of it.
    pub outcome: WhatIfOutcome,
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatIfOutcome {
    /// It was run again.
    Cost {
        /// What it costs then.
        cost: Cost,
        /// Whether it meets the deadline then; absent without one.
        meets: Option<bool>,
    },
    /// It cannot be run, or changes nothing: why.
    No(String),
}

/// What was ruled out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuledOut {
    /// Name of the protocol.
    pub protocol: String,
    /// Name in results.
    pub label: String,
    /// Every reason.
    pub why: Vec<String>,
}

/// A standing deployment under load.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Load {
    /// Requests per second that are never reached, because this many keep `bottleneck` busy.
    pub saturation_per_second: f64,
    /// What is busy then.
    pub bottleneck: String,
    /// The expected load.
    pub expected: LoadPoint,
    /// Rising loads.
    pub curve: Vec<LoadPoint>,
    /// The model held against really running the sessions; only for the best option.
    pub checks: Vec<LoadCheck>,
}

/// What requests meet at one offered load. Times are from arrival to the last output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LoadPoint {
    /// Requests that come, per second.
    pub offered_per_second: f64,
    /// Requests that are done, per second.
    pub done_per_second: f64,
    /// Median time, nanoseconds.
    pub median_ns: u64,
    /// 95th percentile, nanoseconds.
    pub p95_ns: u64,
    /// 99th percentile, nanoseconds.
    pub p99_ns: u64,
    /// The percentile that the deadline asks for, nanoseconds.
    pub late_ns: u64,
}

/// The model of a load against the simulator running all sessions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadCheck {
    /// Offered load as a share of saturation.
    pub utilisation: f64,
    /// Sessions that were run.
    pub sessions: usize,
    /// What the model says.
    pub model: Times,
    /// What the sessions took; or why there is no figure.
    pub measured: Result<Times, String>,
}

/// Times over requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Median, nanoseconds.
    pub median_ns: u64,
    /// 95th percentile, nanoseconds.
    pub p95_ns: u64,
}

impl LoadCheck {
    /// The model's relative error of median and 95th percentile.
    #[must_use]
    pub fn errors(&self) -> Option<(f64, f64)> {
        let measured = self.measured.as_ref().ok()?;
        let error = |model: u64, measured: u64| model as f64 / measured.max(1) as f64 - 1.0;
        let Times { median_ns, p95_ns } = self.model;
        Some((error(median_ns, measured.median_ns), error(p95_ns, measured.p95_ns)))
    }
}

/// The smallest machine or link that meets the deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sizing {
    /// What is sized.
    pub what: String,
    /// The smallest that does, in words; absent if none does.
    pub smallest: Option<String>,
    /// What was tried, in order.
    pub tried: Vec<Try>,
    /// How it was found, and what it leaves out.
    pub note: String,
}

/// A size that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Try {
    /// The size.
    pub size: String,
    /// The time that the deadline is held against, nanoseconds; absent if no run was correct.
    pub late_ns: Option<u64>,
    /// Whether it meets the deadline.
    pub meets: bool,
}

impl Advice {
    /// The recommended option.
    #[must_use]
    pub fn best(&self) -> Option<&Choice> {
        let label = self.recommended.as_ref()?;
        self.options.iter().chain(&self.unpriced).find(|choice| choice.label == *label)
    }

    /// As JSON, with a last newline.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
