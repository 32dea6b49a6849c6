use mpclab_scenarios::{ParamSchemas, schema};
use serde_json::Value;

use crate::catalogue::{AuctionParams, NoParams, ShamirParams};

fn full() -> Value {
    let of = |name: &str, schema: schemars::Schema| (name.to_owned(), schema.to_value());
    schema(&ParamSchemas {
        functions: vec![
            of("sum", schemars::schema_for!(NoParams)),
            of("auction", schemars::schema_for!(AuctionParams)),
        ],
        protocols: vec![
            of("shamir", schemars::schema_for!(ShamirParams)),
            of("rep3", schemars::schema_for!(NoParams)),
        ],
    })
}

#[test]
fn every_key_is_described() {
    let schema = full();
    let described = |definition: &str, object: &Value| {
        let keys = object["properties"].as_object();
        for (key, value) in keys.into_iter().flatten() {
            let text = value["description"].as_str().unwrap_or_default();
            assert!(text.len() > 3, "{definition}.{key} has no description");
        }
        keys.map_or(0, serde_json::Map::len)
    };
    let top = described("scenario", &schema);
    assert_eq!(top, 19, "all keys of a scenario");
    let definitions = schema["$defs"].as_object().expect("definitions");
    let keys: usize = definitions.iter().map(|(name, object)| described(name, object)).sum();
    assert!(keys > 60, "only {keys} keys below the top");
    assert!(definitions.contains_key("Network") && definitions.contains_key("Expectation"));
}

#[test]
fn names_and_parameters_are_those_of_the_catalogue() {
    let schema = full();
    let protocol = &schema["$defs"]["Protocol"];
    assert_eq!(protocol["properties"]["name"]["enum"], serde_json::json!(["shamir", "rep3"]));
    let shamir = &protocol["allOf"][0]["then"]["properties"]["params"];
    assert!(shamir["properties"]["threshold"].is_object(), "{shamir}");
    assert_eq!(shamir["$id"], "protocol/shamir");
    let short = &schema["properties"]["protocols"]["items"]["anyOf"][0];
    assert_eq!(*short, serde_json::json!({"enum": ["shamir", "rep3"]}));
}
