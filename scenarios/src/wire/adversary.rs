//! The form of an adversary.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Alt, CrashWord, Residue, Section, Time};

/// Who is corrupted, and what they do.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the key corrupt")]
#[schemars(rename = "Adversary")]
pub(crate) struct AdversaryWire {
    /// Default: `malicious` if there is something that deviates, else `semi-honest`.
    pub(crate) kind: Option<KindWord>,
    /// Nodes by id, `{ count: k }` for the last k computing parties, or `max`: as many of these as
    /// the protocol claims to withstand.
    pub(crate) corrupt: CorruptWire,
    /// Whether corrupted parties speak last in each round. Default: false.
    pub(crate) rushing: Option<bool>,
    /// Whether rules act on messages of honest parties, too. Default: false.
    pub(crate) network: Option<bool>,
    /// Whether nothing is sent any more once the output is known. Default: false.
    pub(crate) stop_after_output: Option<bool>,
    /// Where corrupted parties' random numbers come from. Default: sound.
    pub(crate) randomness: Option<RandomnessWord>,
    /// A known attack of the protocol, `known-attacks` for each of them, or a list of rules; the
    /// first that matches a message acts on it. Without it, corrupted parties follow the protocol.
    #[expect(dead_code, reason = "read on its own, rule by rule; here it only counts as a key")]
    strategy: Option<Section<Alt<String, Vec<RuleWire>>>>,
}

/// How corrupted parties behave.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AdversaryKind")]
pub(crate) enum KindWord {
    /// They follow the protocol and pool what they see.
    SemiHonest,
    /// They deviate at will.
    Malicious,
}

/// Where corrupted parties' random numbers come from.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Randomness")]
pub(crate) enum RandomnessWord {
    /// From the seed, as for honest parties.
    Sound,
    /// Every generator is the same.
    Repeated,
    /// Every byte is zero.
    Zero,
}

/// Who is corrupted.
pub(crate) enum CorruptWire {
    Nodes(Vec<u64>),
    Count(u64),
    Max,
}

/// How many are corrupted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the key count")]
#[schemars(rename = "CorruptCount")]
struct CountWire {
    /// So many of the computing parties, the last ones.
    count: u64,
}

impl<'de> Deserialize<'de> for CorruptWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CorruptVisitor;

        impl<'de> Visitor<'de> for CorruptVisitor {
            type Value = CorruptWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of nodes, `{ count: 2 }`, or `max`")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<CorruptWire, E> {
                match word {
                    "max" => Ok(CorruptWire::Max),
                    _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<CorruptWire, A::Error> {
                let mut nodes = Vec::new();
                while let Some(node) = access.next_element()? {
                    nodes.push(node);
                }
                Ok(CorruptWire::Nodes(nodes))
            }

            fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<CorruptWire, A::Error> {
                let wire = CountWire::deserialize(MapAccessDeserializer::new(access))?;
                Ok(CorruptWire::Count(wire.count))
            }
        }

        deserializer.deserialize_any(CorruptVisitor)
    }
}

impl JsonSchema for CorruptWire {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Corrupt".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let count = generator.subschema_for::<CountWire>();
        json_schema!({ "anyOf": [
            { "type": "array", "items": { "type": "integer", "minimum": 0 } },
            count,
            { "const": "max" },
        ] })
    }
}

/// What is done to which messages.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys at, do")]
#[schemars(rename = "Rule")]
pub(crate) struct RuleWire {
    /// Which messages, and for changes of elements, which of these. Default: all of them.
    pub(crate) at: Option<SelectorWire>,
    /// What is done: a word, or a key with a value.
    #[serde(rename = "do")]
    pub(crate) action: ActionWire,
}

/// Which messages; what is not said is arbitrary.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a map with the keys from, to, scope, label, occurrence, field, element"
)]
#[schemars(rename = "Selector")]
pub(crate) struct SelectorWire {
    /// Sender: a corrupted party, or with `network` any.
    pub(crate) from: Option<u64>,
    /// Receiver.
    pub(crate) to: Option<u64>,
    /// Path of the scope, for example `online/mul[3]`; `*` stands for any characters.
    pub(crate) scope: Option<String>,
    /// Name of the message's type.
    pub(crate) label: Option<String>,
    /// Place among the messages of its sender to its receiver in its scope, from 0.
    pub(crate) occurrence: Option<u32>,
    /// Only elements of this name within the message.
    pub(crate) field: Option<String>,
    /// Only this element, from 0, or `all` (default).
    pub(crate) element: Option<ElementWire>,
}

/// Which elements of a message.
#[derive(Clone, Copy)]
pub(crate) enum ElementWire {
    At(u64),
    All,
}

impl<'de> Deserialize<'de> for ElementWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementVisitor;

        impl Visitor<'_> for ElementVisitor {
            type Value = ElementWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number of an element, from 0, or `all`")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<ElementWire, E> {
                match word {
                    "all" => Ok(ElementWire::All),
                    _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                }
            }

            fn visit_u64<E: Error>(self, at: u64) -> Result<ElementWire, E> {
                Ok(ElementWire::At(at))
            }
        }

        deserializer.deserialize_any(ElementVisitor)
    }
}

impl JsonSchema for ElementWire {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Element".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "const": "all" }] })
    }
}

/// What is done to a message.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(
    rename_all = "snake_case",
    expecting = "a word such as `drop`, or a single key such as `add: 1`"
)]
#[schemars(rename = "Action")]
pub(crate) enum ActionWire {
    /// Adds this to each element, in its algebra.
    Add(Residue),
    /// Adds this to every other element and subtracts it from the next, so that the sum stays.
    Cancel(Residue),
    /// Sets each element to this.
    Set(Residue),
    /// Makes each element its negative.
    Negate,
    /// Makes each element a uniform one.
    Random,
    /// Flips this bit of each element's encoding, from 0.
    FlipBit(u32),
    /// Encodes the same elements in a way that is not the canonical one, where there is one.
    NonCanonical,
    /// Tells each receiver something else.
    Equivocate,
    /// Makes all bytes zero.
    ZeroBytes,
    /// Makes all bytes uniform.
    RandomBytes,
    /// Cuts off so many bytes at the end.
    Truncate(u64),
    /// Appends so many zero bytes, at most 16 MiB.
    Extend(u64),
    /// Sends nothing.
    Drop,
    /// Sends it so much later.
    Delay(Time),
    /// Sends it twice.
    Duplicate,
    /// Sends it after the next message of its channel.
    Reorder,
    /// Exchanges it with the next message of the same scope to somebody else.
    SwapRecipients,
    /// Sends another message in its place.
    Replay(ReplayWord),
    /// Sends what the sender last received of the same type and length.
    Echo,
    /// The sender stops before this message; peers notice nothing (`host`), or that its channels
    /// close (`process`).
    Stop(CrashWord),
}

/// What is sent in a message's place.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Replay")]
pub(crate) enum ReplayWord {
    /// An earlier message of the same sender, type and length.
    Earlier,
    /// The same message of another run: other inputs, other randomness, another session.
    OtherRun,
}

impl ActionWire {
    /// Whether it changes elements, and not messages as a whole.
    pub(crate) fn is_of_elements(self) -> bool {
        use ActionWire::{Add, Cancel, FlipBit, Negate, NonCanonical, Random, Set};
        matches!(self, Add(_) | Cancel(_) | Set(_) | Negate | Random | FlipBit(_) | NonCanonical)
    }
}
