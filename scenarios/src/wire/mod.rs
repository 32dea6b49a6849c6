//! The form of scenario files: what keys there are and what type each has, not what they mean.

pub(crate) mod adversary;
pub(crate) mod attack;
pub(crate) mod network;
mod parties;
pub(crate) mod prices;
mod quantity;

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

pub(crate) use parties::{InputParties, OutputParties, PartiesWire};
pub(crate) use quantity::{
    Amount, Capacity, Factor, Loss, Milliseconds, Money, Numbers, Price, Rate, Residue, Time,
};

/// A part of the file that is read on its own, so that each part can report its own mistake.
pub(crate) struct Section<T>(PhantomData<T>);

impl<'de, T> Deserialize<'de> for Section<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Section(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Section<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// A scalar, or a map that says more.
pub(crate) enum Alt<S, M> {
    Short(S),
    Long(M),
}

impl<'de, S: Deserialize<'de>, M: Deserialize<'de>> Deserialize<'de> for Alt<S, M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AltVisitor<S, M>(PhantomData<(S, M)>);

        impl<'de, S: Deserialize<'de>, M: Deserialize<'de>> Visitor<'de> for AltVisitor<S, M> {
            type Value = Alt<S, M>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a single value or a map")
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
                S::deserialize(value.into_deserializer()).map(Alt::Short)
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
                S::deserialize(value.into_deserializer()).map(Alt::Short)
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
                S::deserialize(value.into_deserializer()).map(Alt::Short)
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
                S::deserialize(value.into_deserializer()).map(Alt::Short)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
                S::deserialize(value.into_deserializer()).map(Alt::Short)
            }

            fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
                M::deserialize(MapAccessDeserializer::new(access)).map(Alt::Long)
            }
        }

        deserializer.deserialize_any(AltVisitor(PhantomData))
    }
}

impl<S: JsonSchema, M: JsonSchema> JsonSchema for Alt<S, M> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}_or_{}", S::schema_name(), M::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (short, long) = (generator.subschema_for::<S>(), generator.subschema_for::<M>());
        json_schema!({ "anyOf": [short, long] })
    }
}

/// A scenario: one function, computed by several protocols under the same conditions.
#[derive(Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a map with the keys about, function, parties, protocols, network"
)]
#[schemars(rename = "Scenario")]
#[expect(dead_code, reason = "sections are read one by one; here they only count as keys")]
pub(crate) struct ScenarioWire {
    /// What is asked, in prose.
    pub(crate) about: String,
    /// What is computed, on which inputs.
    function: Section<FunctionWire>,
    /// Who takes part: a number (everyone does everything), or numbers by role.
    parties: Section<Alt<Count, PartiesWire>>,
    /// How it is computed: names, or maps with parameters.
    protocols: Section<Vec<Alt<String, ProtocolWire>>>,
    /// A preset's name, a file, or a network in place.
    network: Section<Alt<String, network::NetworkWire>>,
    /// Who is corrupted, and what they do.
    adversary: Option<Section<adversary::AdversaryWire>>,
    /// What befalls parties at given times.
    faults: Option<Section<Vec<FaultWire>>>,
    /// What computing costs: a profile's name or file, `none`, or `measured`. Default: reference.
    compute: Option<Section<Alt<String, ProfileWire>>>,
    /// Parties whose machine is not like the others'.
    machines: Option<Section<Vec<MachineWire>>>,
    /// What machines and traffic cost: a name, a file, prices in place, or `none` (default).
    prices: Option<Section<Alt<String, prices::PricesWire>>>,
    /// The level that every protocol has to reach.
    security: Option<Section<SecurityWire>>,
    /// The bound on delays after which a receive gives up. Without it, receives wait for ever.
    synchrony: Option<Section<Time>>,
    /// Where a run is ended.
    limits: Option<Section<LimitsWire>>,
    /// Key paths and the values that each takes; all combinations run, the last key fastest.
    sweep: Option<Section<BTreeMap<String, Vec<serde_json::Value>>>>,
    /// What happens if a protocol cannot run a cell: `refuse` the file (default), or `skip`.
    pub(crate) unsupported: Option<UnsupportedWord>,
    /// Runs of each cell, 1 to 1000000; they differ in their randomness. Default: 1.
    pub(crate) repetitions: Option<u64>,
    /// Where all randomness comes from. Default: 1.
    pub(crate) seed: Option<u64>,
    /// What must hold in every run.
    expect: Option<Section<Vec<ExpectWire>>>,
    /// What `mpclab attack` is told.
    attack: Option<Section<attack::AttackWire>>,
}

/// What happens if a protocol cannot run a cell.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Unsupported")]
pub(crate) enum UnsupportedWord {
    /// The whole file is refused.
    Refuse,
    /// The cell becomes a row with its reason.
    Skip,
}

/// A function, its parameters and its inputs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with one of the keys name, program, circuit")]
#[schemars(rename = "Function")]
pub(crate) struct FunctionWire {
    /// Its name; or one of the two that follow.
    pub(crate) name: Option<String>,
    /// A script that builds the function: a file, relative to this one, or a text in place.
    pub(crate) program: Option<Alt<String, ProgramWire>>,
    /// A circuit by its name (`mpclab list circuits`), or a Bristol file with the function's gates,
    /// relative to this one.
    pub(crate) circuit: Option<String>,
    /// Its parameters.
    pub(crate) params: Option<serde_json::Value>,
    /// `random` (default: drawn from the seed), or given.
    pub(crate) inputs: Option<Alt<RandomWord, InputsWire>>,
}

/// A script in place.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a file, or a map with the keys name, text")]
#[schemars(rename = "Program")]
pub(crate) struct ProgramWire {
    /// The name of its file in results and messages.
    pub(crate) name: String,
    /// The script.
    pub(crate) text: String,
}

/// Inputs drawn from the seed.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "RandomInputs")]
pub(crate) enum RandomWord {
    /// By the function's own generator.
    Random,
}

/// Given inputs; one of the keys.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with one of the keys values, csv")]
#[schemars(rename = "Inputs")]
pub(crate) struct InputsWire {
    /// One map for each input party: column names to a number or a list of numbers.
    pub(crate) values: Option<Vec<BTreeMap<String, Numbers>>>,
    /// A CSV file with a header row. Row k belongs to input party k, unless a column `party` says.
    pub(crate) csv: Option<String>,
}

/// A number of parties.
#[derive(Clone, Copy)]
pub(crate) struct Count(pub(crate) usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;

        impl Visitor<'_> for CountVisitor {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number of parties, 1 to {MAX_NODES}")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<Count, E> {
                match usize::try_from(count) {
                    Ok(count) if (1..=MAX_NODES).contains(&count) => Ok(Count(count)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Unsigned(count), &self)),
                }
            }
        }

        deserializer.deserialize_any(CountVisitor)
    }
}

/// Largest number of nodes in a run.
pub(crate) const MAX_NODES: usize = 4096;

impl JsonSchema for Count {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Count".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_NODES })
    }
}

/// A protocol with its parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a protocol's name, or a map with the key name")]
#[schemars(rename = "Protocol")]
pub(crate) struct ProtocolWire {
    /// Its name.
    pub(crate) name: String,
    /// Its parameters.
    pub(crate) params: Option<serde_json::Value>,
    /// Who takes part, instead of the scenario's `parties`.
    pub(crate) parties: Option<Alt<Count, PartiesWire>>,
    /// Its name in results. Default: the name, and what sets it apart from others of that name.
    pub(crate) label: Option<String>,
}

/// Something that befalls a party.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", expecting = "one of crash, pause, restart, with a map")]
#[schemars(rename = "Fault")]
pub(crate) enum FaultWire {
    /// The party ends.
    Crash(CrashWire),
    /// The party does nothing for a while.
    Pause(PauseWire),
    /// The party loses its state and begins anew.
    Restart(RestartWire),
}

/// The party ends.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys party, at, kind")]
#[schemars(rename = "Crash")]
pub(crate) struct CrashWire {
    /// Which node.
    pub(crate) party: u64,
    /// When, in virtual time.
    pub(crate) at: Time,
    /// What its peers notice.
    pub(crate) kind: CrashWord,
}

/// What peers notice of a crash.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CrashKind")]
pub(crate) enum CrashWord {
    /// Nothing.
    Host,
    /// Its channels close.
    Process,
}

/// The party does nothing for a while.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys party, at, for")]
#[schemars(rename = "Pause")]
pub(crate) struct PauseWire {
    /// Which node.
    pub(crate) party: u64,
    /// When, in virtual time.
    pub(crate) at: Time,
    /// How long.
    #[serde(rename = "for")]
    pub(crate) length: Time,
}

/// The party loses its state and begins anew.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys party, at, after")]
#[schemars(rename = "Restart")]
pub(crate) struct RestartWire {
    /// Which node.
    pub(crate) party: u64,
    /// When it goes down, in virtual time.
    pub(crate) at: Time,
    /// How long until it is up again.
    pub(crate) after: Time,
}

/// Prices of primitives on some machine.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a profile's name, or a map with the keys cores, ops")]
#[schemars(rename = "Profile")]
pub(crate) struct ProfileWire {
    /// Which machine, in prose.
    #[expect(dead_code, reason = "for the reader of the file")]
    pub(crate) about: Option<String>,
    /// Name in records. Default: that of the file.
    pub(crate) name: Option<String>,
    /// Cores of a party, 1 to 1024; they share what is marked parallel. Default: 1.
    pub(crate) cores: Option<u32>,
    /// Time of one core for each primitive: for one unit, or for a call and for one unit.
    pub(crate) ops: BTreeMap<String, Alt<Price, PriceWire>>,
}

/// What a primitive takes.
#[derive(Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a duration for one unit, or a map with the keys call, unit"
)]
#[schemars(rename = "PriceOfOp")]
pub(crate) struct PriceWire {
    /// Each call, however many units it has.
    pub(crate) call: Price,
    /// Each unit.
    pub(crate) unit: Price,
}

/// A party whose machine is not like the others'.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys party, slowdown")]
#[schemars(rename = "Machine")]
pub(crate) struct MachineWire {
    /// Which node.
    pub(crate) party: u64,
    /// What compute takes there over what it takes elsewhere.
    pub(crate) slowdown: Factor,
}

/// Security parameters, bits.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys computational, statistical")]
#[schemars(rename = "Security")]
pub(crate) struct SecurityWire {
    /// Computational, 1 to 256. Default: 128.
    pub(crate) computational: Option<u32>,
    /// Statistical, 1 to 256. Default: 40.
    pub(crate) statistical: Option<u32>,
}

/// Where a run is ended.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys virtual_time, events")]
#[schemars(rename = "Limits")]
pub(crate) struct LimitsWire {
    /// Virtual time.
    pub(crate) virtual_time: Option<Time>,
    /// Events of the simulator.
    pub(crate) events: Option<u64>,
}

/// Something that must hold in every run: a guarantee's standing, or bounds on a metric.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with a guarantee or the key metric")]
#[schemars(rename = "Expectation")]
pub(crate) struct ExpectWire {
    /// Outputs are those of the ideal functionality.
    pub(crate) correctness: Option<StandingWord>,
    /// Honest parties output the same.
    pub(crate) agreement: Option<StandingWord>,
    /// Honest parties learn of an abort as the claim says.
    pub(crate) abort_kind: Option<StandingWord>,
    /// An abort names corrupted parties, the same ones everywhere, and no honest one.
    pub(crate) identification: Option<StandingWord>,
    /// If the coalition learns the output, all honest parties do.
    pub(crate) fairness: Option<StandingWord>,
    /// Honest parties end: with their output if it is guaranteed, else with an output or an abort.
    pub(crate) delivery: Option<StandingWord>,
    /// Inputs of corrupted parties do not depend on those of honest ones.
    pub(crate) input_independence: Option<StandingWord>,
    /// The coalition learns nothing but its inputs, its outputs and the declared leakage.
    pub(crate) privacy: Option<StandingWord>,
    /// Cheating goes unnoticed with at most the probability that the theorem gives.
    pub(crate) soundness: Option<StandingWord>,
    /// Correlated randomness is used once, and whoever aborts falls silent.
    pub(crate) invariants: Option<StandingWord>,
    /// Bytes and rounds are the declared ones.
    pub(crate) declared_cost: Option<StandingWord>,
    /// `<phase|total>.<name>[.<aggregate>]`, for example `online.rounds`.
    pub(crate) metric: Option<String>,
    /// The metric's largest value, with its unit.
    pub(crate) max: Option<Amount>,
    /// The metric's smallest value, with its unit.
    pub(crate) min: Option<Amount>,
    /// The metric's value, with its unit.
    pub(crate) equals: Option<Amount>,
    /// Only for this protocol: a label or a name.
    pub(crate) protocol: Option<String>,
    /// Only in cells with these swept values.
    pub(crate) when: Option<BTreeMap<String, serde_json::Value>>,
}

/// A verdict in one word.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Standing")]
pub(crate) enum StandingWord {
    /// Claimed, and not broken.
    Held,
    /// Claimed and broken.
    Violated,
    /// Not claimed.
    OutOfClaim,
    /// Claimed, and not decided by the run.
    Inconclusive,
}
