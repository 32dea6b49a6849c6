//! The form of deployment files.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::wire::network::NetworkWire;
use crate::wire::prices::PricesWire;
use crate::wire::{
    Alt, Count, FunctionWire, LimitsWire, Loss, MachineWire, Money, PartiesWire, ProfileWire, Rate,
    Section, SecurityWire, Time,
};

/// A deployment: what is computed by whom, where, against whom, how fast and how often.
#[derive(Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a map with the keys about, function, parties, network, threat"
)]
#[schemars(rename = "Deployment")]
#[expect(dead_code, reason = "sections are read one by one; here they only count as keys")]
pub(crate) struct DeploymentWire {
    /// What is deployed, in prose.
    pub(crate) about: String,
    /// What is computed, on which inputs; as in scenario files.
    function: Section<FunctionWire>,
    /// Who takes part; as in scenario files.
    parties: Section<Alt<Count, PartiesWire>>,
    /// Where they are, and what is between them; as in scenario files.
    network: Section<Alt<String, NetworkWire>>,
    /// Their machines; as in scenario files.
    compute: Option<Section<Alt<String, ProfileWire>>>,
    /// Parties whose machine is not like the others'; as in scenario files.
    machines: Option<Section<Vec<MachineWire>>>,
    /// What machines and traffic cost; as in scenario files.
    prices: Option<Section<Alt<String, PricesWire>>>,
    /// The security level; as in scenario files.
    security: Option<Section<SecurityWire>>,
    /// The bound on delays that the network keeps; as in scenario files.
    synchrony: Option<Section<Time>>,
    /// Where a run is ended; as in scenario files.
    limits: Option<Section<LimitsWire>>,
    /// Runs of each candidate. Default: 20.
    repetitions: Option<u64>,
    /// Where all randomness comes from. Default: 1.
    seed: Option<u64>,
    /// Who may attack.
    threat: Section<ThreatWire>,
    /// What honest parties have to get. Default: the output or an abort.
    guarantee: Option<Section<GuaranteeWire>>,
    /// Whether a dealer or correlated randomness that has no price will do. Default: refuse.
    pub(crate) unpriced_setup: Option<UnpricedWord>,
    /// How soon the output has to be there. Default: any time.
    deadline: Option<Section<Alt<Time, DeadlineWire>>>,
    /// What a request may cost, for example `0.001 USD`; needs `prices`. Default: anything.
    budget: Option<Section<Money>>,
    /// What the recommendation is ranked by. Default: time.
    pub(crate) rank_by: Option<RankWord>,
    /// The protocols to consider. Default: all.
    protocols: Option<Section<Vec<Alt<String, ConsideredWire>>>>,
    /// The requests that arrive. Default: one at a time.
    load: Option<Section<LoadWire>>,
}

/// A protocol to consider.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a protocol's name, or a map with the key name")]
#[schemars(rename = "Considered")]
pub(crate) struct ConsideredWire {
    /// Its name.
    pub(crate) name: String,
}

/// Who may attack.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys adversary, corruptions")]
#[schemars(rename = "Threat")]
pub(crate) struct ThreatWire {
    /// How corrupted parties behave.
    pub(crate) adversary: AdversaryWord,
    /// Of a covert adversary: the probability with which it is caught at least.
    pub(crate) deterrence: Option<Loss>,
    /// How many computing parties may be corrupted.
    pub(crate) corruptions: u64,
    /// When they are chosen: before the run (static, default), or during it.
    pub(crate) corruption: Option<CorruptionWord>,
}

/// How corrupted parties behave.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ThreatAdversary")]
pub(crate) enum AdversaryWord {
    /// They follow the protocol and pool what they see.
    SemiHonest,
    /// They deviate, if they are not caught too often.
    Covert,
    /// They deviate at will.
    Malicious,
}

/// When corrupted parties are chosen.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CorruptionTime")]
pub(crate) enum CorruptionWord {
    /// Before the run.
    Static,
    /// During it.
    Adaptive,
}

/// What honest parties have to get.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys output, abort")]
#[schemars(rename = "RequiredGuarantee")]
pub(crate) struct GuaranteeWire {
    /// Default: abort.
    pub(crate) output: Option<OutputWord>,
    /// Who learns of an abort. Default: selective.
    pub(crate) abort: Option<AbortWord>,
}

/// What honest parties get.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "RequiredOutput")]
pub(crate) enum OutputWord {
    /// The output, or an abort.
    Abort,
    /// The output, or an abort that names a corrupted party.
    Identifiable,
    /// If anybody gets the output, all do.
    Fairness,
    /// All get the output.
    Guaranteed,
}

/// Who learns of an abort.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "RequiredAbort")]
pub(crate) enum AbortWord {
    /// Perhaps only some.
    Selective,
    /// All honest parties or none.
    Unanimous,
}

/// Whether a setup without a price will do.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "UnpricedSetup")]
pub(crate) enum UnpricedWord {
    /// No.
    Refuse,
    /// Yes; such protocols are listed apart.
    Accept,
}

/// What is best.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "RankBy")]
pub(crate) enum RankWord {
    /// The least median time.
    Time,
    /// The least payload.
    Bytes,
    /// The least money; needs `prices`.
    Money,
}

/// How soon, and how often.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a duration, or a map with the keys within, percentile")]
#[schemars(rename = "Deadline")]
pub(crate) struct DeadlineWire {
    /// The time from a request to its last output.
    pub(crate) within: Time,
    /// The share of requests that has to make it, percent, 1 to 100. Default: 95.
    pub(crate) percentile: Option<u64>,
}

/// Requests at a standing deployment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the key arrivals")]
#[schemars(rename = "Load")]
pub(crate) struct LoadWire {
    /// When requests come.
    pub(crate) arrivals: ArrivalsWire,
    /// Requests that are worked on at a time; others queue. Default: 16.
    pub(crate) in_flight: Option<u64>,
    /// Requests that are simulated, 100 to 1000000; a trace has its own number. Default: 2000.
    pub(crate) requests: Option<u64>,
}

/// When requests come.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", expecting = "one of poisson, constant, trace, with a value")]
#[schemars(rename = "Arrivals")]
pub(crate) enum ArrivalsWire {
    /// Independently of each other, at this rate.
    Poisson(Rate),
    /// Evenly, at this rate.
    Constant(Rate),
    /// At the times in this file, a duration since the start on each line, ascending.
    Trace(String),
}
