//! What scenario files may name, told by whoever owns the protocols and functions.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::form::{self, FormError};
use crate::path::{KeyPath, Step};

/// What a name in a scenario file stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// How something is computed.
    Protocol,
    /// What is computed.
    Function,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Protocol => "protocol",
            Kind::Function => "function",
        })
    }
}

/// The protocols and functions that scenario files may name.
pub trait Catalogue {
    /// All names of one kind, in the order in which they are listed to the user.
    fn names(&self, kind: Kind) -> Vec<String>;

    /// Checks parameters (null if the file gives none) and fills in the defaults.
    ///
    /// Called only with a `name` out of [`Catalogue::names`].
    ///
    /// # Errors
    /// Which parameter is wrong, and what is allowed there.
    fn params(
        &self,
        kind: Kind,
        name: &str,
        given: &serde_json::Value,
    ) -> Result<serde_json::Value, ParamError>;

    /// Names of the known attacks of a protocol, distinct, in the order in which they run.
    ///
    /// Called only with a `protocol` out of [`Catalogue::names`].
    fn attacks(&self, protocol: &str) -> Vec<String> {
        let _ = protocol;
        Vec::new()
    }

    /// Names of the circuits that need no file.
    fn circuits(&self) -> Vec<String> {
        Vec::new()
    }

    /// One of [`Catalogue::circuits`] in Bristol Fashion, its gates as few as they can be.
    fn circuit(&self, name: &str) -> Option<Vec<u8>> {
        let _ = name;
        None
    }
}

/// A parameter that a protocol or function does not take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamError {
    /// Keys and list positions from the top of the parameters to the wrong one; empty for all.
    pub path: Vec<String>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What is allowed instead: of the key if it is unknown, else of its value; empty if that is no
    /// short list.
    pub allowed: Vec<String>,
    /// Whether the last key of `path` itself is wrong, not its value.
    pub unknown_key: bool,
}

/// Reads parameters (null for none) as their type, with mistakes as [`Catalogue::params`] gives
/// them; for types that say `deny_unknown_fields`.
///
/// # Errors
/// The first parameter that does not fit.
pub fn read_params<T: DeserializeOwned>(given: &serde_json::Value) -> Result<T, ParamError> {
    let none = serde_json::Value::Object(serde_json::Map::new());
    let given = if given.is_null() { &none } else { given };
    let tree = serde_yaml::to_value(given)
        .map_err(|error| ParamError { message: error.to_string(), ..ParamError::default() })?;
    form::read_any(&tree, &KeyPath::root()).map_err(|(error, path)| {
        let unknown_key = matches!(error, FormError::UnknownKey { .. });
        let steps = path.steps().iter().map(|step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        });
        let message = error.to_string();
        let allowed = match error {
            FormError::UnknownKey { known, .. } | FormError::UnknownWord { known, .. } => known,
            _ => &[],
        };
        ParamError {
            path: steps.collect(),
            message,
            allowed: allowed.iter().map(ToString::to_string).collect(),
            unknown_key,
        }
    })
}
