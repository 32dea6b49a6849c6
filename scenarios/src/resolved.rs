//! A scenario file that refers to no other and says the same.

use serde_json::json;
use serde_yaml::{Mapping, Value};

use crate::catalogue::{Catalogue, Kind};
use crate::inline::Loader;
use crate::path::{self, KeyPath};
use crate::plan::{Cell, FunctionSource};
use crate::resolve::inputs::{InputSource, Origin};
use crate::source::Context;
use crate::sweep::Dimension;

/// The text of `resolved.yaml`: references inlined, overrides applied, defaults filled in; the
/// sweep stays a sweep. A circuit stays a reference, and so does a CSV or program file whose key is
/// swept.
pub(crate) fn text(
    mut tree: Value,
    file: &str,
    dimensions: &[Dimension],
    first: Option<&Cell>,
    loader: &mut Loader<'_>,
    catalogue: &dyn Catalogue,
) -> String {
    let root = KeyPath::root();
    let is_swept =
        |path: &KeyPath| dimensions.iter().any(|found| path.below(&found.path).is_some());
    let function = root.key("function");
    if let Some(Cell { function: chosen, .. }) = first
        && let InputSource::Given(given) = &chosen.inputs
        && matches!(given.origin, Origin::Csv { .. })
        && !is_swept(&function.key("inputs").key("csv"))
    {
        put(&mut tree, &function.key("inputs"), &given.written());
    }
    if let Some(Cell { function: chosen, .. }) = first
        && let FunctionSource::Program { text, .. } = &chosen.source
        && !is_swept(&function.key("program"))
    {
        let program = json!({ "name": chosen.name, "text": &**text });
        put(&mut tree, &function.key("program"), &program);
    }
    if !is_swept(&function.key("name")) {
        fill_params(&mut tree, &function, Kind::Function, catalogue);
    }
    let count = tree.get("protocols").and_then(Value::as_sequence).map_or(0, Vec::len);
    for at in (0..count).map(|index| root.key("protocols").index(index)) {
        if !is_swept(&at.key("name")) {
            fill_params(&mut tree, &at, Kind::Protocol, catalogue);
        }
    }
    fill_adversary(&mut tree, dimensions, first);
    for dimension in dimensions {
        inline_swept(&mut tree, dimension, loader);
    }
    for (key, default) in [("repetitions", 1), ("seed", 1)] {
        if tree.get(key).is_none_or(Value::is_null) {
            put(&mut tree, &root.key(key), &default);
        }
    }
    let yaml = serde_yaml::to_string(&tree).unwrap_or_default();
    // A line break in it would end the comment.
    let name = mpclab_files::one_line(file.rsplit(['/', '\\']).next().unwrap_or(file));
    format!(
        "# {name} as it was run: references inlined, overrides applied, defaults filled in.\n{yaml}"
    )
}

/// Makes the long form of swept networks, profiles and prices; what stood for them in results is
/// their name.
fn inline_swept(tree: &mut Value, dimension: &Dimension, loader: &mut Loader<'_>) {
    let key = &dimension.key[..];
    if !matches!(key, "network" | "compute" | "prices") {
        return;
    }
    let at = KeyPath::root().key("sweep").key(key);
    for (index, (value, shown)) in dimension.values.iter().zip(&dimension.shown).enumerate() {
        // Its long form is made as if it stood at the swept key.
        let mut alone = Mapping::new();
        alone.insert(Value::from(key), value.clone());
        let mut alone = Value::Mapping(alone);
        loader.inline(&mut alone, Some(key), &mut Context::default(), &mut Vec::new());
        let Some(long) = alone.get_mut(key) else { continue };
        if let (Some(map), Some(name)) = (long.as_mapping_mut(), shown.as_str()) {
            map.insert(Value::from("name"), Value::from(name));
        }
        put(tree, &at.index(index), long);
    }
}

/// Puts all parameters where the given ones stand.
fn fill_params(tree: &mut Value, at: &KeyPath, kind: Kind, catalogue: &dyn Catalogue) {
    let name = path::get(tree, &at.key("name")).and_then(Value::as_str);
    let given = path::get(tree, &at.key("params")).unwrap_or(&Value::Null);
    let (Some(name), Ok(given)) = (name, serde_json::to_value(given)) else { return };
    if let Ok(full) = catalogue.params(kind, name, &given) {
        put(tree, &at.key("params"), &full);
    }
}

/// Puts what an adversary leaves out; its kind only where all cells have the same.
fn fill_adversary(tree: &mut Value, dimensions: &[Dimension], first: Option<&Cell>) {
    let at = KeyPath::root().key("adversary");
    let Some(map) = path::get(tree, &at).and_then(Value::as_mapping) else { return };
    let missing = |key: &&str| map.get(key).is_none_or(Value::is_null);
    let flags = ["rushing", "network", "stop_after_output"];
    let flags: Vec<_> = flags.into_iter().filter(missing).collect();
    let (no_kind, no_randomness) = (missing(&"kind"), missing(&"randomness"));
    for flag in flags {
        put(tree, &at.key(flag), &false);
    }
    if no_randomness {
        put(tree, &at.key("randomness"), &"sound");
    }
    let is_swept = dimensions.iter().any(|found| found.path.first() == at.first());
    let chosen = first.and_then(|cell| cell.adversary.as_ref());
    if let Some(chosen) = chosen.filter(|_| no_kind && !is_swept) {
        put(tree, &at.key("kind"), &chosen.kind.to_string());
    }
}

/// Puts a value where the tree was valid before; so there is a way.
fn put(tree: &mut Value, at: &KeyPath, value: &impl serde::Serialize) {
    if let Ok(value) = serde_yaml::to_value(value) {
        let done = path::set(tree, at, value);
        debug_assert!(done.is_ok(), "{at} can be set");
    }
}
