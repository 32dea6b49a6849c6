use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::big;

/// What was run: the join key between two sets of results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// Name of the scenario.
    pub scenario: String,
    /// Label of the protocol, unique in the scenario.
    pub protocol: String,
    /// Name of the function.
    pub function: String,
    /// Swept key paths and this cell's values.
    #[serde(default, serialize_with = "big::values")]
    pub sweep: BTreeMap<String, Value>,
}

impl Key {
    /// The key as one string, equal for equal keys: what `compare` and resume join by.
    #[must_use]
    pub fn id(&self) -> String {
        let parts = [&self.scenario, &self.protocol, &self.function, &self.sweep_id()];
        parts.map(|part| part.replace('\\', "\\\\").replace('/', "\\/")).join("/")
    }

    /// The swept values as one string, equal for equal values.
    #[must_use]
    pub fn sweep_id(&self) -> String {
        let value = |(path, value): (&String, &Value)| {
            format!("{}={}", Value::from(path.as_str()), big::lifted(value))
        };
        self.sweep.iter().map(value).collect::<Vec<_>>().join(",")
    }

    /// The swept values for a reader, for example `network.rtt = 20ms, parties = 5`; empty if
    /// nothing is swept.
    #[must_use]
    pub fn sweep_label(&self) -> String {
        sweep_label(self.sweep.iter().map(|(path, value)| (path.as_str(), value)))
    }
}

/// Key paths and values for a reader.
pub(crate) fn sweep_label<'a>(values: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let value = |(path, value)| format!("{path} = {}", big::label(value));
    values.map(value).collect::<Vec<_>>().join(", ")
}
