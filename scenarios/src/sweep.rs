//! Values that replace what the file says: overrides, and the grid of a sweep.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::inline::{DEFAULT_PROFILE, Loader};
use crate::mistake::Mistake;
use crate::path::{self, KeyPath};
use crate::source::{Context, Origin};
use crate::yaml;

/// Largest number of combinations of swept values.
const MAX_POINTS: usize = 10_000;

/// Largest number of swept keys.
const MAX_KEYS: usize = 32;

/// Top-level keys that differ between cells.
const SWEEPABLE: [&str; 11] = [
    "function",
    "parties",
    "protocols",
    "network",
    "adversary",
    "faults",
    "compute",
    "prices",
    "security",
    "synchrony",
    "limits",
];

/// A swept key path with its values.
pub(crate) struct Dimension {
    /// The path as written.
    pub(crate) key: String,
    pub(crate) path: KeyPath,
    pub(crate) values: Vec<Value>,
    /// What stands for each value in results.
    pub(crate) shown: Vec<serde_json::Value>,
}

/// Replaces one value by what the command line says; gives what is wrong with it.
pub(crate) fn override_one(
    tree: &mut Value,
    loader: &mut Loader<'_>,
    context: &mut Context,
    key: &str,
    value: &str,
) -> Vec<Mistake> {
    let text = format!("{key}={value}");
    let file = loader.source.add_unnamed("<override>", &text);
    let refuse = |span: std::ops::Range<usize>, message: String, label: &str| {
        vec![Mistake::in_text(file, span, message, label)]
    };
    // Keys of the sweep are key paths themselves.
    let path = match key.trim().strip_prefix("sweep.") {
        Some(swept) => Ok(KeyPath::root().key("sweep").key(swept)),
        None => key.trim().parse(),
    };
    let path = match path {
        Ok(path) => path,
        Err(why) => return refuse(0..key.len(), format!("`{key}` is no key path"), &why),
    };
    let swept = tree.get("sweep").and_then(Value::as_mapping);
    for swept in swept.into_iter().flat_map(|sweep| sweep.keys()).filter_map(Value::as_str) {
        let Ok(swept_path) = swept.parse::<KeyPath>() else { continue };
        if path.below(&swept_path).is_some() || swept_path.below(&path).is_some() {
            let message = format!("`{swept}` is swept, an override would have no effect");
            let mistake = refuse(0..key.len(), message, "overlaps with a key of `sweep`");
            let help = format!("change the swept values: sweep.{swept}=[...]");
            return mistake.into_iter().map(|mistake| mistake.help(&help)).collect();
        }
    }
    let value = match yaml::parse_below(key, value) {
        Ok(value) => value,
        Err(wrong) => {
            let shift = key.len() + 1;
            let span = wrong.span.start + shift..wrong.span.end + shift;
            return refuse(span, wrong.message, &wrong.label);
        }
    };
    if let Err((_, why)) = path::set(tree, &path, value) {
        return refuse(0..key.len(), why, "leads nowhere");
    }
    context.substitute(&path, Origin::Override(file));
    let mut mistakes = Vec::new();
    loader.inline(tree, path.first(), context, &mut mistakes);
    mistakes
}

/// Reads the sweep.
///
/// # Errors
/// What is wrong with its keys and lists.
pub(crate) fn dimensions(tree: &Value) -> Result<Vec<Dimension>, Vec<Mistake>> {
    let at = KeyPath::root().key("sweep");
    let map = match tree.get("sweep") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Mapping(map)) => map,
        Some(other) => {
            let label = format!("found {}", path::kind_of(other));
            let message = "`sweep` must be a map of key paths to lists";
            return Err(vec![Mistake::new(&at, message, label)]);
        }
    };
    let mut found: Vec<Dimension> = Vec::new();
    let mut mistakes = Vec::new();
    let mut points: usize = 1;
    if map.len() > MAX_KEYS {
        let message = format!("at most {MAX_KEYS} keys can be swept");
        return Err(vec![Mistake::new(&at, message, format!("these are {}", map.len())).on_key()]);
    }
    for (key, values) in map {
        match dimension(key, values, &at, &found) {
            Ok(dimension) => {
                points = points.saturating_mul(dimension.values.len());
                found.push(dimension);
            }
            Err(mistake) => mistakes.push(*mistake),
        }
    }
    if points > MAX_POINTS {
        let message = format!("a sweep may have at most {MAX_POINTS} combinations");
        mistakes.push(Mistake::new(&at, message, format!("these are {points}")).on_key());
    }
    if mistakes.is_empty() { Ok(found) } else { Err(mistakes) }
}

fn dimension(
    key: &Value,
    values: &Value,
    at: &KeyPath,
    earlier: &[Dimension],
) -> Result<Dimension, Box<Mistake>> {
    let refuse = |at: &KeyPath, message: String, label: String| {
        Box::new(Mistake::new(at, message, label).on_key())
    };
    let Some(key) = key.as_str() else {
        let label = format!("found {} as a key", path::kind_of(key));
        return Err(refuse(at, "keys of `sweep` are key paths".to_owned(), label));
    };
    let at = at.key(key);
    let path: KeyPath =
        key.parse().map_err(|why: String| refuse(&at, format!("`{key}` is no key path"), why))?;
    let first = path.first().unwrap_or_default();
    if !SWEEPABLE.contains(&first) {
        let message = format!("`{first}` cannot be swept");
        let mistake = Mistake::new(&at, message, "not a key that differs between cells").on_key();
        return Err(Box::new(mistake.known(first, "swept keys start with", &SWEEPABLE)));
    }
    let overlapping = earlier.iter().find(|other| other.path.below(&path).is_some());
    if let Some(other) = overlapping {
        let message = format!("`{key}` would undo `{}`", other.key);
        let label = "swept after a key below it".to_owned();
        return Err(Box::new(
            Mistake::new(&at, message, label).on_key().help("write the outer key first"),
        ));
    }
    let values = match values {
        Value::Sequence(values) if (1..=MAX_POINTS).contains(&values.len()) => values.clone(),
        other => {
            let label = match other {
                Value::Sequence(values) if values.is_empty() => "this list is empty".to_owned(),
                Value::Sequence(values) => format!("these are {}", values.len()),
                other => format!("found {}", path::kind_of(other)),
            };
            let message = format!("`{key}` needs a list of the values that it takes");
            return Err(Box::new(Mistake::new(&at, message, label)));
        }
    };
    let mut shown = Vec::new();
    let mut known = BTreeSet::new();
    for (index, value) in values.iter().enumerate() {
        let json = serde_json::to_value(value).map_err(|error| {
            let at = at.index(index);
            Box::new(Mistake::new(&at, "this value cannot be swept", error.to_string()))
        })?;
        let one = shown_as(key, json);
        if !known.insert(one.to_string()) {
            let message = format!("`{key}` takes this value twice");
            return Err(Box::new(Mistake::new(&at.index(index), message, "given before")));
        }
        shown.push(one);
    }
    Ok(Dimension { key: key.to_owned(), path, values, shown })
}

/// What stands for a value of a swept key in results: the name of a part that is given in place;
/// the text of a network, profile or prices without one, so that `resolved.yaml` can make it the
/// name.
pub(crate) fn shown_as(key: &str, value: serde_json::Value) -> serde_json::Value {
    let is_file = matches!(key, "network" | "compute" | "prices");
    match &value {
        serde_json::Value::Object(map) if !key.contains(['.', '[']) => match map.get("name") {
            Some(name) => name.clone(),
            None if is_file => value.to_string().into(),
            None => value,
        },
        serde_json::Value::Null if key == "compute" => DEFAULT_PROFILE.into(),
        _ => value,
    }
}

impl Dimension {
    /// Puts one of the values into a tree; gives what is wrong with that.
    pub(crate) fn apply(
        &self,
        pick: usize,
        tree: &mut Value,
        context: &mut Context,
        loader: &mut Loader<'_>,
    ) -> Vec<Mistake> {
        if let Err((_, why)) = path::set(tree, &self.path, self.values[pick].clone()) {
            let at = KeyPath::root().key("sweep").key(&self.key);
            return vec![Mistake::new(&at, why, "leads nowhere").on_key()];
        }
        let origin = Origin::Sweep { key: self.key.clone(), index: pick };
        context.substitute(&self.path, origin);
        let mut mistakes = Vec::new();
        loader.inline(tree, self.path.first(), context, &mut mistakes);
        mistakes
    }
}

/// All combinations, as positions in each dimension's values; the last varies fastest.
pub(crate) fn grid(dimensions: &[Dimension]) -> impl Iterator<Item = Vec<usize>> {
    let sizes: Vec<usize> = dimensions.iter().map(|dimension| dimension.values.len()).collect();
    (0..sizes.iter().product()).map(move |mut point| {
        let mut picks = vec![0; sizes.len()];
        for (pick, size) in picks.iter_mut().zip(&sizes).rev() {
            (*pick, point) = (point % size, point / size);
        }
        picks
    })
}

/// A combination as it stands in results.
pub(crate) fn shown(dimensions: &[Dimension], picks: &[usize]) -> Vec<(String, serde_json::Value)> {
    let chosen = dimensions.iter().zip(picks);
    chosen.map(|(found, pick)| (found.key.clone(), found.shown[*pick].clone())).collect()
}

/// What stands in results for each value of each dimension.
pub(crate) fn shown_values(dimensions: &[Dimension]) -> Vec<(String, Vec<serde_json::Value>)> {
    dimensions.iter().map(|found| (found.key.clone(), found.shown.clone())).collect()
}
