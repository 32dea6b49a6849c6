//! The form of networks, in scenario files and in files of their own.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Alt, Capacity, Loss, Milliseconds, Time};

/// A network. Latencies are one-way; without any, messages need 1 ns.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a preset's name, a file, or a map")]
#[schemars(rename = "Network")]
pub(crate) struct NetworkWire {
    /// Where its figures come from, in prose.
    #[expect(dead_code, reason = "for the reader of the file")]
    pub(crate) about: Option<String>,
    /// Name in results. Default: that of the preset (marked `*` if changed) or of the file.
    pub(crate) name: Option<String>,
    /// The preset or file that the other keys change.
    #[expect(dead_code, reason = "inlined before this form is read")]
    pub(crate) preset: Option<String>,
    /// One-way latency of every link.
    pub(crate) latency: Option<Alt<Time, DistributionWire>>,
    /// Twice the one-way latency of every link.
    pub(crate) rtt: Option<Alt<Time, DistributionWire>>,
    /// Random delay on top of the latency of every link; drawn for each message.
    pub(crate) jitter: Option<DistributionWire>,
    /// Capacity of each node's uplink, shared by its flows.
    pub(crate) uplink: Option<Capacity>,
    /// Capacity of each node's downlink, shared by its flows.
    pub(crate) downlink: Option<Capacity>,
    /// Capacity of each ordered pair.
    pub(crate) link: Option<Capacity>,
    /// Probability that a message is lost.
    pub(crate) loss: Option<Loss>,
    /// Bytes that the transport adds: `none` (default), `tcp` (52 per 1448), or given.
    pub(crate) framing: Option<Alt<FramingWord, SegmentsWire>>,
    /// How the transport behaves.
    #[expect(dead_code, reason = "there is one transport so far")]
    pub(crate) transport: Option<TransportWord>,
    /// Regions with round-trip times between them, instead of latency and rtt.
    pub(crate) regions: Option<RegionsWire>,
    /// Region of each node, or `round-robin` (default) over all regions in order.
    pub(crate) placement: Option<Placement>,
    /// What is different for some pairs or nodes; later entries win.
    pub(crate) overrides: Option<Vec<OverrideWire>>,
}

/// A random duration: one of the distributions, on top of an optional floor.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a distribution such as `{uniform: 2ms}`")]
#[schemars(rename = "Distribution")]
pub(crate) struct DistributionWire {
    /// Added to every draw.
    pub(crate) floor: Option<Time>,
    /// From 0 to a duration, or from `min` to `max`.
    pub(crate) uniform: Option<Alt<Time, RangeWire>>,
    /// Exponential.
    pub(crate) exponential: Option<MeanWire>,
    /// Normal, cut off at 0.
    pub(crate) normal: Option<NormalWire>,
    /// Log-normal.
    pub(crate) lognormal: Option<LogNormalWire>,
    /// Pareto, shifted to start at 0.
    pub(crate) pareto: Option<ShapeWire>,
    /// Gamma.
    pub(crate) gamma: Option<ShapeWire>,
    /// Weibull.
    pub(crate) weibull: Option<ShapeWire>,
    /// One of these samples, each equally likely.
    pub(crate) empirical: Option<Vec<Milliseconds>>,
}

/// A range of durations.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys min, max")]
#[schemars(rename = "Range")]
pub(crate) struct RangeWire {
    /// Smallest.
    pub(crate) min: Time,
    /// Largest.
    pub(crate) max: Time,
}

/// An exponential distribution.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the key mean")]
#[schemars(rename = "Exponential")]
pub(crate) struct MeanWire {
    /// Mean.
    pub(crate) mean: Time,
}

/// A normal distribution.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys mean, std")]
#[schemars(rename = "Normal")]
pub(crate) struct NormalWire {
    /// Mean.
    pub(crate) mean: Time,
    /// Standard deviation.
    pub(crate) std: Time,
}

/// A log-normal distribution.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys median, sigma")]
#[schemars(rename = "LogNormal")]
pub(crate) struct LogNormalWire {
    /// Median.
    pub(crate) median: Time,
    /// Standard deviation of the logarithm, 0 to 10.
    pub(crate) sigma: f64,
}

/// A distribution with a scale and a shape.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys scale, shape")]
#[schemars(rename = "ScaleAndShape")]
pub(crate) struct ShapeWire {
    /// Scale.
    pub(crate) scale: Time,
    /// Shape, 0.01 to 1000.
    pub(crate) shape: f64,
}

/// Named framing.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "FramingName")]
pub(crate) enum FramingWord {
    /// No bytes.
    None,
    /// 52 bytes on each segment of at most 1448.
    Tcp,
}

/// A header on each segment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys mss, header")]
#[schemars(rename = "Segments")]
pub(crate) struct SegmentsWire {
    /// Largest payload of a segment, bytes.
    pub(crate) mss: u32,
    /// Header of a segment, bytes.
    pub(crate) header: u32,
}

/// How the transport behaves.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Transport")]
pub(crate) enum TransportWord {
    /// No start-up, no retransmission; a lost message never arrives.
    Ideal,
}

/// Regions and the round-trip times between them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys names, rtt")]
#[schemars(rename = "Regions")]
pub(crate) struct RegionsWire {
    /// Names.
    pub(crate) names: Vec<String>,
    /// A row for each region, from it to each; the diagonal is between nodes of one region.
    pub(crate) rtt: Vec<Vec<Milliseconds>>,
}

/// Where nodes are.
pub(crate) enum Placement {
    RoundRobin,
    Regions(Vec<String>),
}

impl<'de> Deserialize<'de> for Placement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PlacementVisitor;

        impl<'de> Visitor<'de> for PlacementVisitor {
            type Value = Placement;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`round-robin`, or a list with a region for each node")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Placement, E> {
                match word {
                    "round-robin" => Ok(Placement::RoundRobin),
                    _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Placement, A::Error> {
                let mut regions = Vec::new();
                while let Some(region) = access.next_element()? {
                    regions.push(region);
                }
                Ok(Placement::Regions(regions))
            }
        }

        deserializer.deserialize_any(PlacementVisitor)
    }
}

impl JsonSchema for Placement {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Placement".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "const": "round-robin" },
            { "type": "array", "items": { "type": "string" } },
        ] })
    }
}

/// What is different for a pair (`from`, `to`) or a node (`party`).
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys from, to, or the key party")]
#[schemars(rename = "Override")]
pub(crate) struct OverrideWire {
    /// Sender of the pair.
    pub(crate) from: Option<u64>,
    /// Receiver of the pair.
    pub(crate) to: Option<u64>,
    /// Whether the opposite pair changes too. Default: false.
    pub(crate) symmetric: Option<bool>,
    /// The node.
    pub(crate) party: Option<u64>,
    /// One-way latency of the pair.
    pub(crate) latency: Option<Alt<Time, DistributionWire>>,
    /// Twice the one-way latency of the pair.
    pub(crate) rtt: Option<Alt<Time, DistributionWire>>,
    /// Random delay on top of the pair's latency.
    pub(crate) jitter: Option<DistributionWire>,
    /// Capacity of the pair.
    pub(crate) link: Option<Capacity>,
    /// Probability that a message of the pair is lost.
    pub(crate) loss: Option<Loss>,
    /// Capacity of the node's uplink.
    pub(crate) uplink: Option<Capacity>,
    /// Capacity of the node's downlink.
    pub(crate) downlink: Option<Capacity>,
}
