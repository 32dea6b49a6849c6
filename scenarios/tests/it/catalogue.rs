//! Protocols and functions that only these tests know.

use mpclab_scenarios::{Catalogue, Kind, ParamError, Plan, read_params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct Fake;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuctionParams {
    #[serde(default = "default_bits")]
    bits: u32,
}

fn default_bits() -> u32 {
    32
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShamirParams {
    threshold: Option<u32>,
    #[serde(default)]
    field: Field,
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Field {
    #[default]
    M61,
    P128,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParams {}

impl Catalogue for Fake {
    fn names(&self, kind: Kind) -> Vec<String> {
        let names: &[&str] = match kind {
            Kind::Protocol => &["additive", "shamir", "rep3"],
            Kind::Function => &["sum", "auction"],
        };
        names.iter().map(ToString::to_string).collect()
    }

    fn params(&self, _: Kind, name: &str, given: &Value) -> Result<Value, ParamError> {
        let full = match name {
            "auction" => {
                let params: AuctionParams = read_params(given)?;
                if params.bits > 64 {
                    return Err(ParamError {
                        path: vec!["bits".to_owned()],
                        message: "must be at most 64".to_owned(),
                        ..ParamError::default()
                    });
                }
                serde_json::to_value(params)
            }
            "shamir" => read_params::<ShamirParams>(given).map(serde_json::to_value)?,
            _ => read_params::<NoParams>(given).map(serde_json::to_value)?,
        };
        Ok(full.expect("parameters are JSON"))
    }

    fn attacks(&self, protocol: &str) -> Vec<String> {
        let names: &[&str] = match protocol {
            "shamir" => &["bad_share", "equivocation"],
            "rep3" => &["equivocation", "reveal_mismatch"],
            _ => &[],
        };
        names.iter().map(ToString::to_string).collect()
    }
}

/// Plans a scenario that is given as text; the file is `scenario.yaml`.
pub(crate) fn plan_text(text: &str) -> Plan {
    plan_with(text, &[])
}

/// Plans a scenario that is given as text, with overrides.
pub(crate) fn plan_with(text: &str, overrides: &[(&str, &str)]) -> Plan {
    match try_plan(text, overrides) {
        Ok(plan) => plan,
        Err(message) => panic!("the scenario is refused:\n{message}"),
    }
}

/// Plans a scenario that is given as text; gives all messages if it is refused.
pub(crate) fn try_plan(text: &str, overrides: &[(&str, &str)]) -> Result<Plan, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scenario.yaml");
    std::fs::write(&path, text).expect("the folder takes files");
    plan_file(&path, overrides)
}

/// Plans a scenario file; gives all messages if it is refused.
pub(crate) fn plan_file(
    path: &std::path::Path,
    overrides: &[(&str, &str)],
) -> Result<Plan, String> {
    let overrides: Vec<_> =
        overrides.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    mpclab_scenarios::plan(path, &overrides, &Fake).map_err(|mistakes| {
        assert!(!mistakes.is_empty(), "a refusal says why");
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
    })
}
