//! The JSON Schema that editors check scenario files with.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::support::{HOME, expect, sum, text};

/// The part of JSON Schema (draft 2020-12) that the schema uses; another keyword is an error, so
/// that nothing is passed over in silence.
struct Validator<'a> {
    root: &'a Value,
}

impl<'a> Validator<'a> {
    fn check(&self, schema: &'a Value, value: &Value, at: &str) -> Result<(), String> {
        let Value::Object(keywords) = schema else {
            return match schema {
                Value::Bool(true) => Ok(()),
                _ => Err(format!("{at}: nothing is allowed here")),
            };
        };
        // A schema with an id of its own is the root of its references.
        let root = if keywords.contains_key("$id") { schema } else { self.root };
        let inner = Validator { root };
        keywords.iter().try_for_each(|(keyword, argument)| {
            inner.keyword(keywords, keyword, argument, value, at)
        })
    }

    fn keyword(
        &self,
        schema: &'a Map<String, Value>,
        keyword: &str,
        argument: &'a Value,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let ensure = |holds: bool| {
            holds.then_some(()).ok_or_else(|| format!("{at}: {keyword} {argument}, not {value}"))
        };
        let any = |schemas: &'a Value| {
            let mut schemas = schemas.as_array().unwrap().iter();
            schemas.any(|schema| self.check(schema, value, at).is_ok())
        };
        match keyword {
            "$ref" => self.check(self.resolve(argument.as_str().unwrap()), value, at),
            "type" => ensure(match argument {
                Value::Array(types) => types.iter().any(|ty| is_of_type(value, ty)),
                ty => is_of_type(value, ty),
            }),
            "const" => ensure(value == argument),
            "enum" => ensure(argument.as_array().unwrap().contains(value)),
            "anyOf" => ensure(any(argument)),
            // The alternatives of a choice differ in a constant, so that one fits at most.
            "oneOf" => ensure(any(argument)),
            "allOf" => {
                argument.as_array().unwrap().iter().try_for_each(|s| self.check(s, value, at))
            }
            "if" => match self.check(argument, value, at) {
                Ok(()) => schema.get("then").map_or(Ok(()), |then| self.check(then, value, at)),
                Err(_) => Ok(()),
            },
            "minimum" => ensure(value.as_f64().is_none_or(|n| n >= argument.as_f64().unwrap())),
            "maximum" => ensure(value.as_f64().is_none_or(|n| n <= argument.as_f64().unwrap())),
            "required" => {
                let has = |key: &Value| value.get(key.as_str().unwrap()).is_some();
                ensure(!value.is_object() || argument.as_array().unwrap().iter().all(has))
            }
            "properties" => self.properties(argument, value, at),
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let others = value.as_object().into_iter().flatten();
                let mut others =
                    others.filter(|(key, _)| !known.is_some_and(|known| known.contains_key(*key)));
                others.try_for_each(|(key, value)| {
                    self.check(argument, value, &format!("{at}/{key}"))
                })
            }
            "items" => {
                let mut items = value.as_array().into_iter().flatten().enumerate();
                items.try_for_each(|(i, item)| self.check(argument, item, &format!("{at}/{i}")))
            }
            // Annotations; `then` is read with its `if`; patterns of text are tested by the reader.
            "$schema" | "$id" | "$defs" | "title" | "description" | "default" | "format"
            | "then" | "pattern" => Ok(()),
            other => panic!("the schema uses `{other}`, which this test does not know"),
        }
    }

    fn properties(&self, properties: &'a Value, value: &Value, at: &str) -> Result<(), String> {
        properties.as_object().unwrap().iter().try_for_each(|(key, schema)| {
            let value = value.get(key);
            value.map_or(Ok(()), |value| self.check(schema, value, &format!("{at}/{key}")))
        })
    }

    fn resolve(&self, reference: &str) -> &'a Value {
        let pointer = reference.strip_prefix('#').unwrap();
        self.root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }
}

fn is_of_type(value: &Value, ty: &Value) -> bool {
    match ty.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type of JSON"),
    }
}

fn schema() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let output = expect(&folder, 0, &["schema"]);
    serde_json::from_str(&text(&output.stdout)).unwrap()
}

fn validate(schema: &Value, yaml: &str) -> Result<(), String> {
    let value: Value = serde_yaml::from_str(yaml).unwrap();
    Validator { root: schema }.check(schema, &value, "")
}

/// All scenario files that come along.
fn scenarios() -> Vec<PathBuf> {
    let folders = ["scenarios/smoke", "examples/scenarios"].map(|f| Path::new(HOME).join(f));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect()
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(schema: &Value, root: &Value) -> usize {
        match schema {
            Value::Object(map) => {
                let root = if map.contains_key("$id") { schema } else { root };
                if let Some(Value::String(reference)) = map.get("$ref") {
                    Validator { root }.resolve(reference);
                }
                1 + map.values().map(|inner| walk(inner, root)).sum::<usize>()
            }
            Value::Array(list) => list.iter().map(|inner| walk(inner, root)).sum(),
            _ => 0,
        }
    }
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(walk(&schema, &schema) > 100);
}

#[test]
fn scenario_files_fit_the_schema() {
    let schema = schema();
    let files = scenarios();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let yaml = fs::read_to_string(&file).unwrap();
        // The examples' protocols are not in this registry.
        let yaml = yaml.replace("ring_sum", "rep3").replace("[star,", "[rep3,");
        validate(&schema, &yaml).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    }
}

#[test]
fn what_is_no_scenario_does_not_fit() {
    let schema = schema();
    let good = sum("[shamir]", "");
    assert_eq!(validate(&schema, &good), Ok(()));
    for (from, to) in [
        ("about: A small sum.\n", ""),
        ("about: ", "abuot: "),
        ("name: sum", "name: summ"),
        ("parties: 3", "parties: 0"),
        ("parties: 3", "parties: three"),
        ("[shamir]", "[shamri]"),
        ("[shamir]", "[{ name: shamir, params: { treshold: 1 } }]"),
        ("[shamir]", "[{ name: rep3, params: { ring: z65 } }]"),
        ("{ name: sum }", "{ name: sum, params: { bits: wide } }"),
        ("compute: none", "compute: none\nfaults: [{ crash: { party: 1, at: 1ms } }]"),
        ("compute: none", "compute: none\nexpect: [{ correctness: fine }]"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good);
        assert!(validate(&schema, &bad).is_err(), "{bad}");
    }
}

#[test]
fn what_run_writes_fits_the_schemas_that_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let coin = format!("{HOME}/scenarios/smoke/coin_toss.yaml");
    expect(&folder, 0, &["run", &coin, "--out", "out"]);
    for (of, file) in [("records", "results.jsonl"), ("timings", "timings.jsonl")] {
        let printed = text(&expect(&folder, 0, &["schema", of]).stdout);
        let schema: Value = serde_json::from_str(&printed).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let lines = fs::read_to_string(folder.path().join("out").join(file)).unwrap();
        assert!(lines.lines().count() > 2);
        for line in lines.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            assert!(validator.is_valid(&value), "{line}");
            assert!(!validator.is_valid(&Value::Array(vec![value])));
        }
    }
}

#[test]
fn deployment_files_fit_their_schema() {
    let folder = tempfile::tempdir().unwrap();
    let printed = text(&expect(&folder, 0, &["schema", "deployments"]).stdout);
    let schema: Value = serde_json::from_str(&printed).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let files = fs::read_dir(format!("{HOME}/scenarios/deploy")).unwrap();
    let mut count = 0;
    for file in files.map(|entry| entry.unwrap().path()) {
        let yaml = fs::read_to_string(&file).unwrap();
        let fits = |yaml: &str| {
            let value: Value = serde_yaml::from_str(yaml).unwrap();
            validator.validate(&value).map_err(|why| why.to_string())
        };
        assert_eq!(fits(&yaml), Ok(()), "{}", file.display());
        let function = match yaml.contains("function: { program:") {
            true => ("function: { program:", "function: { programme:"),
            false => ("function: { name: ", "function: { name: x_"),
        };
        for (from, to) in [("threat:", "thread:"), function] {
            let wrong = yaml.replace(from, to);
            assert!(wrong != yaml && fits(&wrong).is_err(), "{}: {to}", file.display());
        }
        count += 1;
    }
    assert!(count >= 2);
}
