//! Integers above 2^53 are strings in JSON; both forms are read.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

/// The largest integer below which doubles are exact.
const EXACT: u64 = 1 << 53;

/// Fields of the vocabulary that hold 64-bit integers: where [`nested`] reads strings as numbers.
const NUMBERS: [&str; 4] = ["exact", "at_most", "delta_ns", "samples"];

/// A number or the text of one.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Either(Value);

impl From<u64> for Either {
    fn from(number: u64) -> Self {
        Either(if number > EXACT { Value::from(number.to_string()) } else { Value::from(number) })
    }
}

impl Either {
    fn number<E: Error>(self) -> Result<u64, E> {
        let number = match &self.0 {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let shown = self.0;
        number.ok_or_else(|| E::custom(format!("{shown} is no integer from 0 to 2^64 - 1")))
    }
}

/// For `#[serde(with)]` on a `u64`.
pub(crate) mod number {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(n: &u64, to: S) -> Result<S::Ok, S::Error> {
        Either::from(*n).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        Either::deserialize(from)?.number()
    }
}

/// For `#[serde(with)]` on an `Option<u64>`.
pub(crate) mod option {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(n: &Option<u64>, to: S) -> Result<S::Ok, S::Error> {
        n.map(Either::from).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
        Option::<Either>::deserialize(from)?.map(Either::number).transpose()
    }
}

/// For `#[serde(with)]` on a map of `u64`.
pub(crate) mod map {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        map: &BTreeMap<String, u64>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(map.iter().map(|(name, number)| (name, Either::from(*number))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<String, u64>, D::Error> {
        let map = BTreeMap::<String, Either>::deserialize(from)?;
        map.into_iter().map(|(name, number)| Ok((name, number.number()?))).collect()
    }
}

/// For `#[serde(with)]` on types of the vocabulary that hold integers deeper inside.
pub(crate) mod nested {
    use super::*;

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(value).map_err(serde::ser::Error::custom)?;
        lifted(&value).serialize(to)
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: serde::de::DeserializeOwned,
        D: Deserializer<'de>,
    {
        let mut value = Value::deserialize(from)?;
        lower(&mut value);
        serde_json::from_value(value).map_err(Error::custom)
    }
}

/// For `#[serde(serialize_with)]` on a map of JSON values; what was lifted stays a string.
pub(super) fn values<S: Serializer>(
    map: &BTreeMap<String, Value>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_map(map.iter().map(|(name, value)| (name, lifted(value))))
}

/// The value with every integer above 2^53 as a string.
pub(crate) fn lifted(value: &Value) -> Value {
    let too_big = |number: &Number| {
        number.as_u64().is_some_and(|n| n > EXACT)
            || number.as_i64().is_some_and(|n| n.unsigned_abs() > EXACT)
    };
    match value {
        Value::Number(number) if too_big(number) => Value::from(number.to_string()),
        Value::Array(items) => items.iter().map(lifted).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), lifted(field))).collect()
        }
        other => other.clone(),
    }
}

/// Turns strings back into numbers, only where the vocabulary has a number.
fn lower(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(lower),
        Value::Object(fields) => {
            for (name, field) in fields {
                let number = field.as_str().and_then(|text| text.parse::<u64>().ok());
                match number {
                    Some(number) if NUMBERS.contains(&name.as_str()) => {
                        *field = Value::from(number);
                    }
                    _ => lower(field),
                }
            }
        }
        _ => {}
    }
}

/// A swept value for a reader: text without quotes, anything else as JSON.
#[must_use]
pub fn label(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
