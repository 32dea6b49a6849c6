//! Key paths such as `protocols[0].params.threshold`, and what they address in a YAML tree.

use std::fmt;
use std::str::FromStr;

use serde_yaml::{Mapping, Value};

/// Steps of a path that is written down: a tree this deep is no scenario, and readers of trees call
/// themselves once for each step.
const MAX_STEPS: usize = 64;

/// The way from a file's top to one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyPath(Vec<Step>);

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Into a map.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl KeyPath {
    /// The file's top.
    pub(crate) fn root() -> Self {
        KeyPath(Vec::new())
    }

    /// This path, then a key.
    pub(crate) fn key(&self, key: impl Into<String>) -> Self {
        self.with(Step::Key(key.into()))
    }

    /// This path, then a position in a list.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// This path, then one step.
    pub(crate) fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        KeyPath(steps)
    }

    /// The steps in order.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// What remains of this path below `prefix`, if it is below.
    pub(crate) fn below(&self, prefix: &KeyPath) -> Option<KeyPath> {
        self.0.strip_prefix(&prefix.0[..]).map(|rest| KeyPath(rest.to_vec()))
    }

    /// This path, then another.
    pub(crate) fn join(&self, rest: &KeyPath) -> Self {
        KeyPath([&self.0[..], &rest.0[..]].concat())
    }

    /// The path without its last step; the root stays.
    pub(crate) fn parent(&self) -> Self {
        KeyPath(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    /// The last key, for messages; a position is shown with the key before it.
    pub(crate) fn name(&self) -> String {
        let from = self.0.iter().rposition(|step| matches!(step, Step::Key(_))).unwrap_or(0);
        KeyPath(self.0[from..].to_vec()).to_string()
    }

    /// The first key.
    pub(crate) fn first(&self) -> Option<&str> {
        match self.0.first() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl FromStr for KeyPath {
    type Err = String;

    /// # Errors
    /// A sentence on what is no key path.
    fn from_str(text: &str) -> Result<Self, String> {
        let example = "a key path looks like `network.rtt` or `protocols[0].params.threshold`";
        // Counted before anything is built, indices included.
        if text.matches(['.', '[']).count() >= MAX_STEPS {
            return Err(format!("a key path has at most {MAX_STEPS} steps"));
        }
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (key, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
            if key.trim() != key || key.is_empty() {
                return Err(example.to_owned());
            }
            steps.push(Step::Key(key.to_owned()));
            let mut rest = indices;
            while !rest.is_empty() {
                let inner = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let (index, after) = inner.ok_or_else(|| example.to_owned())?;
                steps.push(Step::Index(index.parse().map_err(|_| example.to_owned())?));
                rest = after;
            }
        }
        Ok(KeyPath(steps))
    }
}

/// The value at a path.
pub(crate) fn get<'a>(tree: &'a Value, path: &KeyPath) -> Option<&'a Value> {
    path.steps().iter().try_fold(tree, |at, step| match step {
        Step::Key(key) => at.as_mapping()?.get(key.as_str()),
        Step::Index(index) => at.as_sequence()?.get(*index),
    })
}

/// Puts a value at a path; maps that are missing on the way are made.
///
/// # Errors
/// The path so far and a sentence, if something on the way is neither a map nor a long enough list.
pub(crate) fn set(tree: &mut Value, path: &KeyPath, value: Value) -> Result<(), (KeyPath, String)> {
    let mut at = tree;
    for (depth, step) in path.steps().iter().enumerate() {
        let here = || KeyPath(path.0[..depth].to_vec());
        if at.is_null() && matches!(step, Step::Key(_)) {
            *at = Value::Mapping(Mapping::new());
        }
        let kind = kind_of(at);
        at = match (at, step) {
            (Value::Mapping(map), Step::Key(key)) => {
                map.entry(Value::String(key.clone())).or_insert(Value::Null)
            }
            (Value::Sequence(list), Step::Index(index)) => {
                list.get_mut(*index).ok_or_else(|| {
                    (here(), format!("`{}` has no entry {index}, counted from 0", here()))
                })?
            }
            (_, Step::Key(key)) => {
                return Err((here(), format!("`{}` is {kind}, it has no key `{key}`", here())));
            }
            (_, Step::Index(_)) => {
                return Err((here(), format!("`{}` is {kind}, not a list", here())));
            }
        };
    }
    *at = value;
    Ok(())
}

/// What a value is, for messages.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a map",
        Value::Tagged(_) => "a tagged value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_prints() {
        for text in ["seed", "network.rtt", "protocols[0].params.threshold", "a[1][2].b"] {
            assert_eq!(text.parse::<KeyPath>().map(|path| path.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "a..b", "a[", "a[x]", "[0]", " a", "a[0"] {
            assert!(text.parse::<KeyPath>().is_err(), "{text:?} is no path");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = |steps: usize, with: &str| vec!["a"; steps].join(with);
        assert_eq!(deep(64, ".").parse::<KeyPath>().unwrap().steps().len(), 64);
        let told = "a key path has at most 64 steps";
        for text in [deep(65, "."), deep(12_000, "."), format!("a{}", "[0]".repeat(64))] {
            assert_eq!(text.parse::<KeyPath>().unwrap_err(), told);
        }
    }

    #[test]
    fn setting_makes_maps_but_never_changes_what_is_there() {
        let mut tree: Value = serde_yaml::from_str("{a: 1, l: [1, 2]}").unwrap();
        set(&mut tree, &"x.y".parse().unwrap(), Value::from(3)).unwrap();
        set(&mut tree, &"l[1]".parse().unwrap(), Value::from(4)).unwrap();
        assert_eq!(get(&tree, &"x.y".parse().unwrap()), Some(&Value::from(3)));
        assert_eq!(get(&tree, &"l[1]".parse().unwrap()), Some(&Value::from(4)));
        let refused = set(&mut tree, &"a.b".parse().unwrap(), Value::Null).unwrap_err();
        assert_eq!(refused.1, "`a` is a number, it has no key `b`");
        let refused = set(&mut tree, &"l[2]".parse().unwrap(), Value::Null).unwrap_err();
        assert_eq!(refused.1, "`l` has no entry 2, counted from 0");
    }
}
