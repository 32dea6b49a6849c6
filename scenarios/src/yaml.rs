//! YAML text to a tree, within limits, and the place of a tree's values in the text.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};
use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Mapping, Value};

use crate::path::{KeyPath, Step};
use crate::written;

/// Largest YAML file, bytes.
pub const MAX_YAML_BYTES: u64 = 4 << 20;

/// Bytes of text and values that a file may expand to through its aliases; one without any stays
/// below.
const MAX_EXPANDED_BYTES: u64 = 4 * MAX_YAML_BYTES;

/// A text that is no tree: what is wrong, and where, in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) span: Range<usize>,
}

/// Reads a text as one YAML document.
///
/// Nesting is limited to 128, aliases to 100 repetitions of each event of the text, and what they
/// expand to to 16 MiB.
///
/// # Errors
/// On malformed YAML, duplicate keys, tags, several documents, or what goes beyond the limits.
pub(crate) fn parse(text: &str) -> Result<Value, Malformed> {
    parse_below("", text)
}

/// Like [`parse`], for a text that is the value of a key path.
pub(crate) fn parse_below(key: &str, text: &str) -> Result<Value, Malformed> {
    let mut tree = parse_tree(text)?;
    let is_input = written::names_inputs(key.trim().trim_start_matches("sweep."));
    written::keep(text, &mut tree, is_input).map_err(|error| malformed(text, &error))?;
    Ok(tree)
}

/// What a scenario says that it asks, out of its text; `None` if it does not, or is no scenario.
#[must_use]
pub fn about(text: &str) -> Option<String> {
    let tree = parse_tree(text).ok()?;
    Some(tree.get("about")?.as_str()?.trim().to_owned())
}

fn parse_tree(text: &str) -> Result<Value, Malformed> {
    if let Some(at) = too_deep(text) {
        let (message, label) = (UNREADABLE.to_owned(), "nested too deeply".to_owned());
        return Err(Malformed { message, label, span: at..at + 1 });
    }
    let left = Cell::new(MAX_EXPANDED_BYTES);
    match Branch(&left).deserialize(serde_yaml::Deserializer::from_str(text)) {
        Ok(Tree { duplicates: false, value }) => Ok(value),
        // The text is within the limits here, so the second reader may have it.
        Ok(Tree { duplicates: true, .. }) => Err(duplicate(text)),
        Err(error) => Err(malformed(text, &error)),
    }
}

const UNREADABLE: &str = "this is no YAML that can be read";

/// How the reader starts its message about a second document.
const MANY_DOCUMENTS: &str = "deserializing from YAML containing more than one document";

/// Brackets that may be open at once, those in prose and comments included.
const MAX_OPEN: usize = 64;

/// Where more brackets are open than any scenario needs: the reader's time grows with their number
/// times that of tokens.
fn too_deep(text: &str) -> Option<usize> {
    let mut open: usize = 0;
    text.bytes().position(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > MAX_OPEN
    })
}

fn malformed(text: &str, error: &serde_yaml::Error) -> Malformed {
    let message = error.to_string();
    let at = error.location().map_or(0, |location| location.index()).min(text.len());
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let message = match message.split_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => message,
    };
    let at = match text.find("\n---") {
        Some(second) if message.starts_with(MANY_DOCUMENTS) => second + 1,
        _ => at,
    };
    let label = match &message[..] {
        "recursion limit exceeded" => "nested too deeply".to_owned(),
        "repetition limit exceeded" => "aliases repeat too much".to_owned(),
        message if message.starts_with(MANY_DOCUMENTS) => "a file is one document".to_owned(),
        message => message.to_owned(),
    };
    let rest = text[at..].find('\n').unwrap_or(text.len() - at);
    let width = text[at..].chars().next().map_or(0, char::len_utf8).min(rest);
    Malformed { message: UNREADABLE.to_owned(), label, span: at..at + width }
}

fn duplicate(text: &str) -> Malformed {
    let message = "duplicate key".to_owned();
    let label = "this map has the key already".to_owned();
    let start = match MarkedYaml::load_from_str(text) {
        Err(error) => byte_of(text, error.marker()),
        Ok(_) => 0,
    };
    let end = |c: char| matches!(c, ':' | '\n' | ' ');
    let width = text[start..].find(end).unwrap_or(text.len() - start);
    Malformed { message, label, span: start..start + width }
}

fn byte_of(text: &str, marker: &Marker) -> usize {
    text.char_indices().nth(marker.index()).map_or(text.len(), |(byte, _)| byte)
}

fn span_of(text: &str, node: &MarkedYaml<'_>) -> Range<usize> {
    let start = byte_of(text, &node.span.start);
    start..byte_of(text, &node.span.end).max(start)
}

/// What of a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The key that leads to it.
    Key,
    /// The value, or its key if it spans several lines.
    Value,
}

/// Where a path's value stands in the text that it was read from, in bytes.
///
/// `None` if the text has no such value.
pub(crate) fn locate(text: &str, path: &KeyPath, part: Part) -> Option<Range<usize>> {
    let documents = MarkedYaml::load_from_str(text).ok()?;
    let mut node = documents.first()?;
    let mut key = None;
    for step in path.steps() {
        match (&node.data, step) {
            (YamlData::Mapping(map), Step::Key(wanted)) => {
                let found = map.iter().find(|(key, _)| is_key(text, key, wanted))?;
                (key, node) = (Some(found.0), found.1);
            }
            (YamlData::Sequence(list), Step::Index(index)) => {
                (key, node) = (None, list.get(*index)?);
            }
            _ => return None,
        }
    }
    let range = |node: &MarkedYaml<'_>| {
        let Range { start, end } = span_of(text, node);
        // The reader ends a flow collection before its closing bracket.
        let is_flow = text[start..].starts_with(['{', '[']) && !is_scalar(node);
        start..if is_flow && text[end..].starts_with(['}', ']']) { end + 1 } else { end }
    };
    let shown = match (part, key) {
        (Part::Key, Some(key)) => range(key),
        (Part::Value, Some(key)) if !is_scalar(node) && text[range(node)].trim().contains('\n') => {
            range(key)
        }
        (Part::Value, Some(key)) if range(node).is_empty() => range(key),
        _ => range(node),
    };
    let line = text[shown.start..].find('\n').map_or(text.len(), |at| shown.start + at);
    let end = shown.end.min(line);
    Some(shown.start..shown.start + text[shown.start..end.max(shown.start)].trim_end().len())
}

fn is_scalar(node: &MarkedYaml<'_>) -> bool {
    matches!(node.data, YamlData::Value(_) | YamlData::Representation(..))
}

fn is_key(text: &str, node: &MarkedYaml<'_>, wanted: &str) -> bool {
    match &node.data {
        YamlData::Value(Scalar::String(found)) => found == wanted,
        // A number, for example, goes by how it is written.
        _ => text[span_of(text, node)].trim() == wanted,
    }
}

/// A tree, and whether any of its maps had a key twice.
struct Tree {
    value: Value,
    duplicates: bool,
}

/// Reads a tree, and holds all of it to the bytes that are left.
#[derive(Clone, Copy)]
struct Branch<'a>(&'a Cell<u64>);

impl Branch<'_> {
    fn takes<E: de::Error>(self, bytes: usize) -> Result<(), E> {
        match self.0.get().checked_sub(bytes as u64) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => Err(E::custom("aliases expand to too much text")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Branch<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        self.takes(1)?;
        deserializer.deserialize_any(self)
    }
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        Tree { value, duplicates: false }
    }
}

impl<'de> Visitor<'de> for Branch<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain YAML")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Value::Null.into())
    }

    /// An empty file.
    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Value::Null.into())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Value::from(value).into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Value::from(value).into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Value::from(value).into())
    }

    /// What no YAML number holds exactly stays text.
    fn visit_u128<E>(self, value: u128) -> Result<Tree, E> {
        Ok(Value::from(value.to_string()).into())
    }

    fn visit_i128<E>(self, value: i128) -> Result<Tree, E> {
        Ok(Value::from(value.to_string()).into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Value::from(value).into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Tree, E> {
        self.takes(value.len())?;
        Ok(Value::from(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let (mut list, mut duplicates) = (Vec::new(), false);
        while let Some(tree) = access.next_element_seed(self)? {
            duplicates |= tree.duplicates;
            list.push(tree.value);
        }
        Ok(Tree { value: Value::Sequence(list), duplicates })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let (mut map, mut duplicates) = (Mapping::new(), false);
        while let Some((key, tree)) = access.next_entry_seed(self, self)? {
            let known = map.insert(key.value, tree.value);
            duplicates |= known.is_some() || key.duplicates || tree.duplicates;
        }
        Ok(Tree { value: Value::Mapping(map), duplicates })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Tree, A::Error> {
        Err(de::Error::custom("tags have no meaning here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<'a>(text: &'a str, path: &str, part: Part) -> Option<&'a str> {
        locate(text, &path.parse().unwrap(), part).map(|range| &text[range])
    }

    #[test]
    fn values_and_keys_are_found_in_block_and_flow_style() {
        let text = "about: é\nlist:\n  - {a: 1}\n  - b:\n      c: 'x y'\n    d: 2\nempty:\n";
        assert_eq!(shown(text, "about", Part::Value), Some("é"));
        assert_eq!(shown(text, "list[0].a", Part::Value), Some("1"));
        assert_eq!(shown(text, "list[0].a", Part::Key), Some("a"));
        assert_eq!(shown(text, "list[0]", Part::Value), Some("{a: 1}"));
        assert_eq!(shown(text, "list[1].b.c", Part::Value), Some("'x y'"));
        assert_eq!(shown(text, "list", Part::Value), Some("list"));
        assert_eq!(shown(text, "empty", Part::Value), Some("empty"));
        assert_eq!(shown(text, "list[1].c", Part::Value), None);
    }

    #[test]
    fn duplicate_keys_are_refused_at_the_second() {
        let refused = parse("a: 1\nb: {c: 2, c: 3}\n").unwrap_err();
        assert_eq!((&refused.message[..], refused.span), ("duplicate key", 15..16));
    }

    #[test]
    fn what_aliases_expand_to_is_limited() {
        let text = |bytes: usize, uses: usize| {
            let list = vec!["*long"; uses].join(", ");
            format!("a: &long {}\nb: [{list}]\n", "x".repeat(bytes))
        };
        let tree = parse(&text(1 << 20, 14)).unwrap();
        assert_eq!(tree["b"].as_sequence().unwrap().len(), 14);
        let refused = parse(&text(1 << 20, 90)).unwrap_err();
        assert_eq!(refused.label, "b[14]: aliases expand to too much text");
        // All that a file without aliases can hold.
        let long = "x".repeat(MAX_YAML_BYTES as usize - 10);
        assert!(parse(&format!("a: {long}\n")).is_ok());
        assert!(parse(&format!("[{}]", "1,".repeat(MAX_YAML_BYTES as usize / 2 - 1))).is_ok());
    }

    #[test]
    fn integers_beyond_64_bits_stay_exact() {
        let tree = parse("a: 340282366920938463463374607431768211455").unwrap();
        assert_eq!(tree["a"], Value::from("340282366920938463463374607431768211455"));
    }
}
