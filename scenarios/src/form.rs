//! A YAML tree to wire types, with mistakes that know their key and what is allowed.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, Expected, IntoDeserializer, Unexpected};
use serde_path_to_error::Segment;
use serde_yaml::Value;

use crate::mistake::Mistake;
use crate::path::{self, KeyPath, Step};

/// Reads a value as a wire type; `base` is where it stands in its file.
///
/// # Errors
/// The first thing that does not fit.
pub(crate) fn read<T: DeserializeOwned>(value: &Value, base: &KeyPath) -> Result<T, Mistake> {
    read_any(value, base).map_err(|(error, path)| error.at(path))
}

/// Like [`read`], with the bare error and its path.
pub(crate) fn read_any<T: DeserializeOwned>(
    value: &Value,
    base: &KeyPath,
) -> Result<T, (FormError, KeyPath)> {
    serde_path_to_error::deserialize(Node(value)).map_err(|error| {
        let path = error.path().iter().fold(base.clone(), |path, segment| match segment {
            Segment::Seq { index } => path.with(Step::Index(*index)),
            Segment::Map { key } => path.key(key),
            // A choice is a key where it carries a map, and the value itself where it is a word.
            Segment::Enum { variant } => match path::get(value, &below(&path, base)) {
                Some(Value::Mapping(_)) => path.key(variant),
                _ => path,
            },
            Segment::Unknown => path,
        });
        let error = error.into_inner();
        let path = match (&error, path::get(value, &below(&path, base))) {
            // A choice that carries a map, and that there is not.
            (FormError::UnknownWord { word, .. }, Some(Value::Mapping(_))) => path.key(word),
            _ => path,
        };
        (error, path)
    })
}

fn below(path: &KeyPath, base: &KeyPath) -> KeyPath {
    path.below(base).unwrap_or_default()
}

/// What does not fit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormError {
    #[error("unknown key `{key}`")]
    UnknownKey { key: String, known: &'static [&'static str] },
    #[error("unknown choice `{word}`")]
    UnknownWord { word: String, known: &'static [&'static str] },
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("must be {}, found {found}", worded(expected))]
    Unfit { found: String, expected: String },
    #[error("{0}")]
    Other(String),
}

impl FormError {
    fn at(self, path: KeyPath) -> Mistake {
        let name = path.name();
        match self {
            FormError::UnknownKey { key, known } => {
                let of = path.parent();
                let label = match of.steps() {
                    [] => "not a key of this file".to_owned(),
                    _ => format!("not a key of `{}`", of.name()),
                };
                Mistake::new(&path, format!("unknown key `{key}`"), label)
                    .on_key()
                    .known(&key, "keys", known)
            }
            FormError::UnknownWord { word, known } if name == word => {
                Mistake::new(&path, format!("unknown key `{word}`"), "unknown")
                    .on_key()
                    .known(&word, "keys", known)
            }
            FormError::UnknownWord { word, known } => {
                let message = format!("`{name}` has no choice `{word}`");
                Mistake::new(&path, message, "unknown").known(&word, "choices", known)
            }
            FormError::Missing(key) => {
                let message = match path.steps() {
                    [] => format!("missing key `{key}`"),
                    _ => format!("`{name}` needs the key `{key}`"),
                };
                Mistake::new(&path, message, format!("`{key}` is missing here"))
            }
            FormError::Unfit { found, expected } => {
                let message = match path.steps() {
                    [] => format!("a scenario file must be {}", worded(&expected)),
                    _ => format!("`{name}` must be {}", worded(&expected)),
                };
                Mistake::new(&path, message, format!("found {found}"))
            }
            FormError::Other(why) => {
                let what =
                    if name.is_empty() { "this file".to_owned() } else { format!("`{name}`") };
                Mistake::new(&path, format!("{what} cannot be read"), why)
            }
        }
    }
}

/// Rust's names of types, in words.
pub(crate) fn worded(expected: &str) -> &str {
    match expected {
        "u64" | "usize" => "a whole number from 0 to 18446744073709551615",
        "u32" => "a whole number from 0 to 4294967295",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "text",
        "a sequence" => "a list",
        "newtype variant" => "a key with a value",
        "unit" => "a word alone",
        // What a derive says of a type that does not say it itself.
        other if other.starts_with("struct ") => "a map",
        other => other,
    }
}

fn found(unexpected: Unexpected<'_>) -> String {
    match unexpected {
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Map => "a map".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Str(text) => format!("`{text}`"),
        Unexpected::Unsigned(number) => format!("`{number}`"),
        Unexpected::Signed(number) => format!("`{number}`"),
        Unexpected::Float(number) => format!("`{number}`"),
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Other(text) => text.to_owned(),
        Unexpected::UnitVariant => "a word alone".to_owned(),
        other => other.to_string(),
    }
}

impl de::Error for FormError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        FormError::Other(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        FormError::Unfit { found: found(unexpected), expected: expected.to_string() }
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        FormError::Unfit { found: found(unexpected), expected: expected.to_string() }
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        FormError::UnknownWord { word: word.to_owned(), known }
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        FormError::UnknownKey { key: key.to_owned(), known }
    }

    fn missing_field(key: &'static str) -> Self {
        FormError::Missing(key)
    }
}

/// A value of the tree as a source of wire types.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

impl<'a> IntoDeserializer<'a, FormError> for Node<'a> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = FormError;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), _, _) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, Some(value)) if value.is_finite() => visitor.visit_f64(value),
                _ => Err(FormError::Other("this is no finite number".to_owned())),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(list) => visitor.visit_seq(SeqDeserializer::new(list.iter().map(Node))),
            Value::Mapping(map) => {
                let entries = map.iter().map(|(key, value)| (Key(key), Node(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            Value::Tagged(_) => Err(FormError::Other("tags have no meaning here".to_owned())),
        }
    }

    fn deserialize_option<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(StrDeserializer::new(word)),
            Value::Mapping(map) if map.len() == 1 => {
                let entries = map.iter().map(|(key, value)| (Key(key), Node(value)));
                let access = MapDeserializer::new(entries);
                visitor.visit_enum(de::value::MapAccessDeserializer::new(access))
            }
            other => Node(other).deserialize_any(visitor),
        }
    }

    /// A list is no struct: positions would stand for keys.
    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        match self.0 {
            Value::Sequence(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// A key of a map: a word, also where YAML reads a number.
struct Key<'a>(&'a Value);

impl<'a> IntoDeserializer<'a, FormError> for Key<'a> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = FormError;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.0 {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Number(number) => visitor.visit_string(number.to_string()),
            Value::Bool(value) => visitor.visit_string(value.to_string()),
            other => {
                let kind = path::kind_of(other);
                Err(FormError::Other(format!("a key must be a word, this one is {kind}")))
            }
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}
