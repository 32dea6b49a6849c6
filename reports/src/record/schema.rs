//! JSON Schema of records, for whoever reads them with other tools.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::{Record, SCHEMA, Timing};

/// JSON Schema (draft 2020-12) of one line of `results.jsonl`.
///
/// It describes version [`SCHEMA`]; a record of another version does not fit. Fields that it does
/// not know are allowed, because later versions of mpclab may add some.
#[must_use]
pub fn schema() -> Value {
    let mut schema = generated::<Record>("A line of results.jsonl");
    schema["properties"]["schema"] = json!({
        "description": "Form of the record.",
        "const": SCHEMA,
    });
    with_checksum(schema)
}

/// The last field of every line.
fn with_checksum(mut schema: Value) -> Value {
    schema["properties"]["checksum"] = json!({
        "description": "BLAKE3 of the line's text before this field, its first 16 hexadecimal \
            digits; a line without it is not checked.",
        "type": "string",
        "pattern": "^[0-9a-f]{16}$",
    });
    schema
}

/// JSON Schema of one line of `timings.jsonl`.
#[must_use]
pub fn timings_schema() -> Value {
    with_checksum(generated::<Timing>("A line of timings.jsonl"))
}

fn generated<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(lift).transform(&mut schema);
    let mut schema = schema.to_value();
    schema["title"] = title.into();
    schema
}

/// Integers of 64 bits are strings above 2^53.
fn lift(schema: &mut Schema) {
    if schema.get("format").and_then(Value::as_str) != Some("uint64") {
        return;
    }
    let is_optional =
        |types: &Value| types.as_array().is_some_and(|all| all.contains(&"null".into()));
    let nullable = schema.get("type").is_some_and(is_optional);
    schema.remove("format");
    let types = ["integer", "string", "null"];
    schema.insert("type".to_owned(), json!(types[..if nullable { 3 } else { 2 }]));
    schema.insert("pattern".to_owned(), json!("^[0-9]+$"));
}
