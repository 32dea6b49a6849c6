//! The function of a combination, and the parameters of whatever is named.

use super::Cells;
use super::reader::Reader;
use crate::catalogue::{Kind, ParamError};
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::FunctionSource;
use crate::resolve::function;
use crate::resolve::inputs::InputSource;
use crate::source::step_down;
use crate::wire::FunctionWire;

/// A function as it is chosen.
pub(super) struct Chosen {
    pub(super) wire: FunctionWire,
    pub(super) name: String,
    pub(super) source: FunctionSource,
    pub(super) params: serde_json::Value,
}

impl Cells<'_> {
    pub(super) fn function(
        &self,
        reader: &mut Reader<'_>,
        loader: &mut Loader<'_>,
    ) -> Option<Chosen> {
        let at = KeyPath::root().key("function");
        let wire: FunctionWire = reader.part("function")?;
        let (name, source) = reader.keep(function::resolve(&wire, &at, loader, self.catalogue))?;
        let params = match source {
            FunctionSource::Named => self.params(Kind::Function, &name, wire.params.as_ref(), &at),
            // Only running it tells what a program takes.
            FunctionSource::Program { .. } => function::map_or_nothing(wire.params.as_ref(), &at),
            FunctionSource::Circuit { .. } => function::no_params(wire.params.as_ref(), &at),
        };
        let params = reader.keep(params)?;
        Some(Chosen { wire, name, source, params })
    }

    /// The parameters of something that is named at `at`.
    pub(super) fn params(
        &self,
        kind: Kind,
        name: &str,
        given: Option<&serde_json::Value>,
        at: &KeyPath,
    ) -> Result<serde_json::Value, Mistake> {
        let names = self.catalogue.names(kind);
        if !names.iter().any(|known| known == name) {
            let mistake =
                Mistake::new(&at.key("name"), format!("unknown {kind} `{name}`"), "unknown");
            return Err(mistake.known(name, &format!("{kind}s"), &names));
        }
        let given = given.unwrap_or(&serde_json::Value::Null);
        let at = at.key("params");
        self.catalogue
            .params(kind, name, given)
            .map_err(|error| param_mistake(error, name, given, &at))
    }

    /// A function's parameters with `length` as the given inputs have it, one number for each input
    /// party where they differ, if it takes that and the file leaves it open.
    pub(super) fn with_lengths(
        &self,
        wire: &FunctionWire,
        name: &str,
        params: &serde_json::Value,
        inputs: &InputSource,
    ) -> serde_json::Value {
        let is_open = wire.params.as_ref().is_none_or(|params| params.get("length").is_none());
        let InputSource::Given(given) = inputs else { return params.clone() };
        let (true, Some(lengths)) = (is_open, given.lengths()) else { return params.clone() };
        let mut wanted = params.clone();
        let one = lengths.iter().find(|length| **length > 0).copied().unwrap_or(0);
        let is_same = |length: &usize| *length == one;
        // Where some bring nothing, there is a list, or nothing is wanted of them.
        let each = (!lengths.iter().all(is_same)).then(|| lengths.clone().into());
        let all = lengths.iter().all(|length| *length == 0 || is_same(length)).then(|| one.into());
        for length in [each, all].into_iter().flatten() {
            let Some(place) = wanted.get_mut("length") else { break };
            *place = length;
            if let Ok(taken) = self.catalogue.params(Kind::Function, name, &wanted) {
                return taken;
            }
        }
        params.clone()
    }

    /// A function's parameters with `decimals` as the given inputs have them, if it takes that and
    /// the file leaves it open.
    pub(super) fn with_decimals(
        &self,
        name: &str,
        params: &serde_json::Value,
        inputs: &InputSource,
    ) -> serde_json::Value {
        let InputSource::Given(given) = inputs else { return params.clone() };
        let decimals = given.decimals();
        let mut wanted = params.clone();
        match wanted.as_object_mut() {
            Some(map) if decimals > 0 && !map.contains_key("decimals") => {
                map.insert("decimals".to_owned(), decimals.into());
            }
            _ => return wanted,
        }
        self.catalogue.params(Kind::Function, name, &wanted).unwrap_or_else(|_| params.clone())
    }
}

/// Says what is wrong with a parameter where it stands.
fn param_mistake(
    error: ParamError,
    name: &str,
    given: &serde_json::Value,
    at: &KeyPath,
) -> Mistake {
    let path = step_down(at, &error.path);
    let message = match error.path.last() {
        Some(last) if error.unknown_key => format!("`{name}` has no parameter `{last}`"),
        Some(last) => format!("bad parameter `{last}` of `{name}`"),
        None => format!("bad parameters of `{name}`"),
    };
    let label = if error.unknown_key { "unknown".to_owned() } else { error.message };
    let mistake = Mistake::new(&path, message, label);
    let pointer: String = error.path.iter().map(|step| format!("/{step}")).collect();
    let value = given.pointer(&pointer);
    let text = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let (mistake, wrong, what) = match (error.unknown_key, error.path.last()) {
        (true, Some(key)) => (mistake.on_key(), key.clone(), "parameters"),
        _ => (mistake, text.unwrap_or_default(), "allowed"),
    };
    match (error.unknown_key, &error.allowed[..]) {
        (false, []) => mistake,
        (_, allowed) => mistake.known(&wrong, what, allowed),
    }
}
