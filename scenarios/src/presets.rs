//! The networks, compute profiles and prices that are part of the program.

use crate::yaml;

/// A file that is part of the program and has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Name in scenario files.
    pub name: &'static str,
    /// The file's text.
    pub text: &'static str,
}

impl Preset {
    /// What the file says about itself: where its figures come from.
    #[must_use]
    pub fn about(&self) -> String {
        let tree = yaml::parse(self.text).unwrap_or_default();
        tree.get("about").and_then(serde_yaml::Value::as_str).unwrap_or_default().trim().to_owned()
    }
}

macro_rules! presets {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(Preset {
            name: $name,
            text: include_str!(concat!("../", $folder, "/", $name, ".yaml")),
        }),*]
    };
}

/// Networks by name.
pub const NETWORKS: &[Preset] =
    presets!("networks": "ideal", "lan", "wan", "mobile", "aws10", "gcp10");

/// Compute profiles by name.
pub const PROFILES: &[Preset] = presets!("profiles": "reference");

/// Prices of machines and traffic by name.
pub const PRICES: &[Preset] = presets!("prices": "aws");
