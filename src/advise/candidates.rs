//! Which protocols and parameters a deployment may be built with.

use mpclab_scenarios::{Candidate, Catalogue, Deployment, Kind};
use serde_json::{Map, Value};

use crate::registry::{ProtocolEntry, Registry};

/// Parameter choices of one protocol that are tried at most.
const MOST: usize = 64;

/// Every protocol that the deployment considers, with every combination of those parameters that
/// have few values: words, switches, and thresholds. The defaults come first.
pub(super) fn candidates(registry: &Registry, deployment: &Deployment) -> Vec<Candidate> {
    let considered = |entry: &ProtocolEntry| {
        deployment.protocols.is_empty() || deployment.protocols.iter().any(|n| n == entry.name)
    };
    let mut all = Vec::new();
    for entry in registry.protocols().filter(considered) {
        let mut seen: Vec<Value> = Vec::new();
        for params in choices(&entry.schema, deployment.required.corruptions) {
            // In full, so that a default and the same value said aloud are one.
            let Ok(full) = registry.params(Kind::Protocol, entry.name, &params) else { continue };
            if !seen.contains(&full) {
                seen.push(full.clone());
                all.push(Candidate { protocol: entry.name.to_owned(), params: full });
            }
        }
    }
    all
}

/// Combinations of parameters, the defaults first.
fn choices(schema: &Value, corruptions: usize) -> Vec<Value> {
    let mut combinations = vec![Map::new()];
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let values = values(schema, property, corruptions);
        let mut next = combinations.clone();
        for value in values {
            next.extend(combinations.iter().map(|params| {
                let mut params = params.clone();
                params.insert(name.clone(), value.clone());
                params
            }));
        }
        next.truncate(MOST);
        combinations = next;
    }
    combinations.into_iter().map(Value::Object).collect()
}

/// The values of a parameter that has few.
fn values(schema: &Value, property: &Value, corruptions: usize) -> Vec<Value> {
    let reference = property["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    let found = reference.and_then(|path| schema.pointer(path)).unwrap_or(property);
    if let Some(words) = found["enum"].as_array() {
        return words.clone();
    }
    if found["type"] == "boolean" {
        return vec![false.into(), true.into()];
    }
    let alternatives = found["oneOf"].as_array().or_else(|| found["anyOf"].as_array());
    let of = |alternative: &Value| match &alternative["const"] {
        // A number of parties beside words such as `max`: the number that the threat names.
        Value::Null if alternative["type"] == "integer" => Some(corruptions.max(1).into()),
        Value::Null => None,
        word => Some(word.clone()),
    };
    alternatives.into_iter().flatten().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_switches_and_thresholds_vary_and_other_numbers_do_not() {
        let schema = json!({
            "$defs": { "Field": { "oneOf": [{ "const": "m61" }, { "const": "p128" }] } },
            "properties": {
                "field": { "$ref": "#/$defs/Field" },
                "threshold": { "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "max" }] },
                "buckets": { "type": "integer" },
            },
        });
        let all = choices(&schema, 2);
        assert_eq!(all[0], json!({}), "the defaults come first");
        assert_eq!(all.len(), 9, "each word, or nothing said");
        assert!(all.contains(&json!({ "field": "p128", "threshold": 2 })));
        assert!(all.iter().all(|params| params.get("buckets").is_none()));
    }
}
