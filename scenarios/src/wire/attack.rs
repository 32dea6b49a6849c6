//! The form of what batteries of attacks are told.

use mpclab_sim::vocabulary::Guarantee;
use schemars::JsonSchema;
use serde::Deserialize;

/// What `mpclab attack` is told of this scenario; runs do not look at it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the key inconclusive")]
#[schemars(rename = "Attack")]
pub(crate) struct AttackWire {
    /// Claims that a battery may leave undecided under `--strict`.
    pub(crate) inconclusive: Vec<UndecidedWire>,
}

/// A claim that a battery may leave undecided, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map with the keys guarantee, because")]
#[schemars(rename = "Undecided")]
pub(crate) struct UndecidedWire {
    /// Which guarantee.
    pub(crate) guarantee: Guarantee,
    /// Only of this protocol: a label or a name.
    pub(crate) protocol: Option<String>,
    /// Only under this attack, by its name in the grid.
    pub(crate) attack: Option<String>,
    /// Why it can't be decided.
    pub(crate) because: String,
}
