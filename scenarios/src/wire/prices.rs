//! The form of prices of machines and traffic, in scenario files and in files of their own.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Money;

/// What machines and traffic cost.
#[derive(Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a name, a file, or a map with the keys source, date, currency, machine, egress"
)]
#[schemars(rename = "Prices")]
pub(crate) struct PricesWire {
    /// What the prices are of, in prose.
    #[expect(dead_code, reason = "for the reader of the file")]
    pub(crate) about: Option<String>,
    /// Name in records. Default: that of the file.
    pub(crate) name: Option<String>,
    /// Where the figures come from.
    pub(crate) source: String,
    /// When they held: a day, a month or a year, such as `2026-06`.
    pub(crate) date: String,
    /// What they are in.
    #[expect(dead_code, reason = "there is one currency")]
    pub(crate) currency: CurrencyWord,
    /// What a node's machine costs; one of the keys.
    pub(crate) machine: MachineWire,
    /// What traffic costs; the first entry that fits an ordered pair of nodes counts.
    pub(crate) egress: Vec<EgressWire>,
}

/// A currency.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "Currency")]
pub(crate) enum CurrencyWord {
    /// US dollars.
    #[serde(rename = "USD")]
    Usd,
}

/// The price of a node's machine; one of the keys.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with one of the keys vcpu_hour, party_hour")]
#[schemars(rename = "MachinePrice")]
pub(crate) struct MachineWire {
    /// Of one virtual CPU for an hour; a node has as many as its compute profile has cores.
    pub(crate) vcpu_hour: Option<Money>,
    /// Of the whole machine of a node for an hour.
    pub(crate) party_hour: Option<Money>,
}

/// The price of traffic between some nodes; what is not said is arbitrary.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys pair, from, to, gb, billed")]
#[schemars(rename = "EgressPrice")]
pub(crate) struct EgressWire {
    /// How far the nodes are from each other.
    pub(crate) pair: Option<PairWord>,
    /// The sender's region; `*` stands for any characters.
    pub(crate) from: Option<String>,
    /// The receiver's region; `*` stands for any characters.
    pub(crate) to: Option<String>,
    /// Of a gigabyte (10^9 bytes) sent, framing included.
    pub(crate) gb: Money,
    /// Who pays it: the `sender` (default), or `both`, each in full.
    pub(crate) billed: Option<BilledWord>,
}

/// How far two nodes are from each other.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PairKind")]
pub(crate) enum PairWord {
    /// In one region.
    SameRegion,
    /// In two regions.
    InterRegion,
    /// The network has no regions.
    Internet,
}

/// Who pays for traffic.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Billed")]
pub(crate) enum BilledWord {
    /// Whoever sends.
    Sender,
    /// Sender and receiver, each the full price.
    Both,
}
