//! Who takes part, by role.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Count;

/// Numbers of parties by role.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a number or a map with the key compute")]
#[schemars(rename = "Parties")]
pub(crate) struct PartiesWire {
    /// Parties that compute.
    pub(crate) compute: Count,
    /// `compute` (default): the computing parties bring the inputs. A number: so many clients do. A
    /// list: these computing parties do.
    pub(crate) input: Option<InputParties>,
    /// Who learns the output: `all` (default), `input` or `compute`. A number: so many consumers,
    /// clients that neither bring nor compute. A list: these nodes.
    pub(crate) output: Option<OutputParties>,
}

/// Who brings the inputs.
#[derive(Clone)]
pub(crate) enum InputParties {
    /// Those who compute.
    Compute,
    /// So many clients.
    Clients(Count),
    /// These computing parties.
    Nodes(Vec<u32>),
}

/// Who learns the output.
#[derive(Clone)]
pub(crate) enum OutputParties {
    /// Every node.
    All,
    /// Those who bring inputs.
    Input,
    /// Those who compute.
    Compute,
    /// So many clients that neither bring nor compute.
    Clients(Count),
    /// These nodes.
    Nodes(Vec<u32>),
}

/// Reads who has a role: a word, a number of clients or a list of nodes.
macro_rules! role {
    ($role:ident, $name:literal, $expecting:literal, { $($word:literal => $kind:ident),+ }) => {
        impl<'de> Deserialize<'de> for $role {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct RoleVisitor;

                impl<'de> Visitor<'de> for RoleVisitor {
                    type Value = $role;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: Error>(self, word: &str) -> Result<$role, E> {
                        match word {
                            $($word => Ok($role::$kind),)+
                            _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
                        }
                    }

                    fn visit_u64<E: Error>(self, count: u64) -> Result<$role, E> {
                        Count::deserialize(count.into_deserializer()).map($role::Clients)
                    }

                    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<$role, A::Error> {
                        Vec::deserialize(SeqAccessDeserializer::new(seq)).map($role::Nodes)
                    }
                }

                deserializer.deserialize_any(RoleVisitor)
            }
        }

        impl JsonSchema for $role {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let count = generator.subschema_for::<Count>();
                let nodes = generator.subschema_for::<Vec<u32>>();
                json_schema!({ "anyOf": [{ "enum": [$($word),+] }, count, nodes] })
            }
        }
    };
}

role!(InputParties, "InputParties", "`compute`, a number of clients, or a list of nodes", {
    "compute" => Compute
});
role!(
    OutputParties,
    "OutputParties",
    "`all`, `input`, `compute`, a number of clients, or a list of nodes",
    { "all" => All, "input" => Input, "compute" => Compute }
);
