//! JSON Schema of scenario and deployment files, for editors.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::deployment::wire::DeploymentWire;
use crate::wire::ScenarioWire;

/// The schemas of all parameters, by name of the protocol or function.
#[derive(Clone, Debug, Default)]
pub struct ParamSchemas {
    /// Of functions.
    pub functions: Vec<(String, Value)>,
    /// Of protocols.
    pub protocols: Vec<(String, Value)>,
}

/// JSON Schema (draft 2020-12) of scenario files; names and parameters are those of `params`.
#[must_use]
pub fn schema(params: &ParamSchemas) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<ScenarioWire>().to_value();
    constrain(&mut schema, "Function", "function", &params.functions);
    constrain(&mut schema, "Protocol", "protocol", &params.protocols);
    let names: Vec<_> = params.protocols.iter().map(|(name, _)| name).collect();
    if let Some(short) = schema.pointer_mut("/properties/protocols/items/anyOf/0") {
        *short = json!({ "enum": names });
    }
    schema
}

/// JSON Schema (draft 2020-12) of deployment files; functions and their parameters are those of
/// `params`.
#[must_use]
pub fn deployment_schema(params: &ParamSchemas) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<DeploymentWire>().to_value();
    constrain(&mut schema, "Function", "function", &params.functions);
    schema
}

/// Adds, for each name, what its parameters look like.
fn constrain(schema: &mut Value, definition: &str, kind: &str, params: &[(String, Value)]) {
    let names: Vec<_> = params.iter().map(|(name, _)| name).collect();
    let cases: Vec<_> = params
        .iter()
        .map(|(name, params)| {
            let mut params = params.clone();
            // A schema of its own, so that its references stay its own.
            if let Some(params) = params.as_object_mut() {
                params.insert("$id".to_owned(), json!(format!("{kind}/{name}")));
            }
            json!({
                // A function of the user's own has no name, and parameters of its own.
                "if": { "required": ["name"], "properties": { "name": { "const": name } } },
                "then": { "properties": { "params": params } },
            })
        })
        .collect();
    if let Some(found) = schema.pointer_mut(&format!("/$defs/{definition}")) {
        found["properties"]["name"]["enum"] = json!(names);
        found["allOf"] = json!(cases);
    }
}
