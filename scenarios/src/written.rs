//! Given inputs as they were written, where the reader's floats have other digits.
//!
//! A number that is no integer of 128 bits is read as a 64-bit float, which holds some 16 digits.
//! For settings that is enough; inputs are computed on exactly, or refused.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_yaml::Value;

use crate::number;

/// Replaces floats that have lost digits by their text: those of inputs, or all.
///
/// `tree` is what `text` was read as.
///
/// # Errors
/// None for a text that could be read.
pub(crate) fn keep(text: &str, tree: &mut Value, all: bool) -> Result<(), serde_yaml::Error> {
    if !has_floats(tree) {
        return Ok(());
    }
    Written { value: tree, is_input: all }.deserialize(serde_yaml::Deserializer::from_str(text))
}

fn has_floats(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Sequence(list) => list.iter().any(has_floats),
        Value::Mapping(map) => map.values().any(has_floats),
        _ => false,
    }
}

/// Whether what stands under a key, or under a swept path, is inputs.
pub(crate) fn names_inputs(key: &str) -> bool {
    key == "inputs" || key.starts_with("function.inputs")
}

/// A value beside the text that it came from.
struct Written<'a> {
    value: &'a mut Value,
    is_input: bool,
}

impl<'de> DeserializeSeed<'de> for Written<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match &self.value {
            // Read as text, a number is as it was written.
            Value::Number(number) if self.is_input && number.is_f64() => {
                deserializer.deserialize_str(self)
            }
            Value::Sequence(_) => deserializer.deserialize_seq(self),
            Value::Mapping(_) => deserializer.deserialize_map(self),
            _ => IgnoredAny::deserialize(deserializer).map(|_| ()),
        }
    }
}

impl<'de> Visitor<'de> for Written<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was read before")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.value.as_f64().is_some_and(|float| is_other(float, text)) {
            *self.value = Value::from(text);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        for value in self.value.as_sequence_mut().into_iter().flatten() {
            access.next_element_seed(Written { value, is_input: self.is_input })?;
        }
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        for (key, value) in self.value.as_mapping_mut().into_iter().flatten() {
            let is_input = self.is_input || key.as_str().is_some_and(names_inputs);
            access.next_key::<IgnoredAny>()?;
            access.next_value_seed(Written { value, is_input })?;
        }
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Whether a float is another number than the text that it was read from.
fn is_other(float: f64, text: &str) -> bool {
    match (number::plain(text), number::plain(&float.to_string())) {
        (Ok(written), Ok(read)) => number::parts(&written) != number::parts(&read),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str, all: bool) -> Value {
        let mut tree: Value = serde_yaml::from_str(text).unwrap();
        keep(text, &mut tree, all).unwrap();
        tree
    }

    #[test]
    fn inputs_keep_digits_that_floats_lose() {
        for exact in ["1e38", "-1.5", "0.1", "1e-20", "9007199254740992.0", ".5", "1.50", "1e300"] {
            assert!(kept(exact, true).is_f64(), "{exact}");
        }
        for lost in [
            "12345678901234567.0",
            "9007199254740993.0",
            "340282366920938463463374607431768211456",
            "0.10000000000000000001",
            "3.00000000000000000001",
            "-170141183460469231731687303715884105729",
        ] {
            assert_eq!(kept(lost, true).as_str(), Some(lost));
        }
    }

    #[test]
    fn settings_stay_numbers() {
        let text = "network: {loss: 0.10000000000000000001}\n\
                    function: {inputs: {values: [{x: [1, 0.10000000000000000001]}]}}\n\
                    sweep: {'function.inputs.values[0].x': [1.5, 9007199254740993.0]}\n";
        let tree = kept(text, false);
        assert!(tree["network"]["loss"].is_f64());
        let given = &tree["function"]["inputs"]["values"][0]["x"];
        assert_eq!(given[1].as_str(), Some("0.10000000000000000001"));
        let swept = &tree["sweep"]["function.inputs.values[0].x"];
        assert_eq!((swept[0].as_f64(), swept[1].as_str()), (Some(1.5), Some("9007199254740993.0")));
    }
}
