//! Scalars with units, as they stand in files.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::number;
use crate::units::{self, Units};

/// A duration, nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(pub(crate) u64);

/// A price, picoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price(pub(crate) u64);

/// An amount of money, nano-dollars.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Money(pub(crate) u64);

/// A capacity, bits per second; `None` is unlimited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capacity(pub(crate) Option<u64>);

/// A probability of loss, parts per million.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loss(pub(crate) u32);

/// A duration, nanoseconds; a bare number is in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Milliseconds(pub(crate) u64);

/// A rate of requests, per hour; not zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate(pub(crate) u64);

/// A factor, thousandths; not zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor(pub(crate) u32);

/// A metric's value as written; its unit depends on the metric.
#[derive(Clone, Debug)]
pub(crate) struct Amount(pub(crate) String);

/// What an element of any algebra is changed by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residue(pub(crate) u128);

/// A number or a list of numbers, as decimal text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) texts: Vec<String>,
    pub(crate) is_list: bool,
}

/// Hands a scalar's text, and whether it was a bare number, to a reader.
struct ScalarVisitor<F> {
    expected: &'static str,
    read: F,
}

impl<T, F: FnOnce(&str, bool) -> Result<T, String>> ScalarVisitor<F> {
    fn finish<E: Error>(self, text: &str, bare: bool) -> Result<T, E> {
        (self.read)(text, bare).map_err(|why| {
            E::invalid_value(Unexpected::Other(&format!("`{text}`: {why}")), &self.expected)
        })
    }
}

impl<T, F: FnOnce(&str, bool) -> Result<T, String>> Visitor<'_> for ScalarVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        self.finish(text, false)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.finish(&number.to_string(), true)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.finish(&number.to_string(), true)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.finish(&number.to_string(), true)
    }
}

fn scalar<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    read: impl FnOnce(&str, bool) -> Result<T, String>,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(ScalarVisitor { expected, read })
}

fn quantity<'de, D: Deserializer<'de>>(
    deserializer: D,
    kind: &'static Units,
) -> Result<u64, D::Error> {
    scalar(deserializer, kind.expected, |text, _| units::parse(text, kind))
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        quantity(deserializer, &units::TIME).map(Time)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        quantity(deserializer, &units::PRICE).map(Price)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, units::RATE.expected, |text, _| {
            match units::parse(text, &units::RATE)? {
                0 => Err("there would be no requests".to_owned()),
                per_hour => Ok(Rate(per_hour)),
            }
        })
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, units::FACTOR.expected, |text, _| {
            match u32::try_from(units::parse(text, &units::FACTOR)?) {
                Ok(0) => Err("it may not be zero".to_owned()),
                Ok(permille) => Ok(Factor(permille)),
                Err(_) => Err("it is too large".to_owned()),
            }
        })
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        quantity(deserializer, &units::MONEY).map(Money)
    }
}

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a duration such as `40ms`, or a number of milliseconds";
        scalar(deserializer, expected, |text, bare| {
            let text = if bare { format!("{text}ms") } else { text.to_owned() };
            units::parse(&text, &units::TIME).map(Milliseconds)
        })
    }
}

impl<'de> Deserialize<'de> for Capacity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, units::CAPACITY.expected, |text, _| match text {
            "unlimited" => Ok(Capacity(None)),
            _ => match units::parse(text, &units::CAPACITY)? {
                0 => Err("nothing would ever arrive".to_owned()),
                bps => Ok(Capacity(Some(bps))),
            },
        })
    }
}

impl<'de> Deserialize<'de> for Loss {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a probability such as `0.1%` or `0.001`";
        scalar(deserializer, expected, |text, _| units::parse_ppm(text).map(Loss))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a number, with its unit if it has one";
        scalar(deserializer, expected, |text, _| Ok(Amount(text.to_owned())))
    }
}

impl<'de> Deserialize<'de> for Residue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a whole number from 0 to 2^128 - 1";
        scalar(deserializer, expected, |text, bare| {
            let number = text.parse().map_err(|_| {
                let is_whole = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
                match text.strip_prefix('-') {
                    Some(digits) if is_whole(digits) => "it may not be negative".to_owned(),
                    None if is_whole(text) && !text.is_empty() => "it is larger".to_owned(),
                    _ => "this is no whole number".to_owned(),
                }
            })?;
            // Larger ones stay text when a file is read; so this one was a float.
            if bare && number > u128::from(u64::MAX) {
                return Err("digits may have been lost; write it in quotes".to_owned());
            }
            Ok(Residue(number))
        })
    }
}

/// A number as plain decimal text; floats of inputs are exact, see [`crate::written`].
fn decimal(text: &str, bare: bool) -> Result<String, String> {
    if let (false, Some(digits)) = (bare, text.trim().strip_prefix("0x")) {
        // Words of bits may be given so; other columns refuse it.
        if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Ok(text.trim().to_owned());
        }
    }
    Ok(number::plain(text.trim())?)
}

const DECIMAL: &str = "a decimal number, or a list of them";

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumbersVisitor;

        fn one<E: Error>(text: &str, bare: bool) -> Result<Numbers, E> {
            let visitor = ScalarVisitor { expected: DECIMAL, read: decimal };
            visitor.finish(text, bare).map(|text| Numbers { texts: vec![text], is_list: false })
        }

        impl<'de> Visitor<'de> for NumbersVisitor {
            type Value = Numbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(DECIMAL)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Numbers, E> {
                one(text, false)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Numbers, E> {
                one(&number.to_string(), true)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Numbers, E> {
                one(&number.to_string(), true)
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Numbers, E> {
                one(&number.to_string(), true)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Numbers, A::Error> {
                let mut texts = Vec::new();
                while let Some(OneNumber(text)) = access.next_element()? {
                    texts.push(text);
                }
                Ok(Numbers { texts, is_list: true })
            }
        }

        deserializer.deserialize_any(NumbersVisitor)
    }
}

struct OneNumber(String);

impl<'de> Deserialize<'de> for OneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, "a decimal number", decimal).map(OneNumber)
    }
}

macro_rules! described {
    ($($name:ident: $schema:tt;)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

described! {
    Time: { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ns|us|µs|ms|s|min|h)\s*$",
        "description": "a duration with its unit, such as 40ms" };
    Price: { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ps|ns|us|µs|ms|s)\s*$",
        "description": "a duration with its unit, such as 0.77ns" };
    Money: { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([nµum]?USD)\s*$",
        "description": "an amount of money, such as 0.09 USD" };
    Capacity: { "type": "string",
        "pattern": r"^(unlimited|\s*[0-9]+(\.[0-9]+)?\s*[kMG]?bit/s\s*)$",
        "description": "a capacity in bits per second, such as 100Mbit/s, or unlimited" };
    Rate: { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*/(s|min|h)\s*$",
        "description": "requests per time, such as 2/s, 30/min or 100/h" };
    Factor: { "type": ["string", "number"], "exclusiveMinimum": 0,
        "description": "a factor such as 4 or 2.5" };
    Loss: { "type": ["string", "number"], "description": "a probability: 0.1% or 0.001" };
    Milliseconds: { "type": ["string", "number"],
        "description": "a duration such as 40ms, or a number of milliseconds" };
    Amount: { "type": ["string", "number"],
        "description": "a number, with its unit if it has one, such as 1.5MB" };
    Residue: { "type": ["string", "integer"], "minimum": 0, "pattern": "^[0-9]+$",
        "description": "a whole number from 0 to 2^128 - 1, in quotes from 2^64 on" };
    Numbers: { "type": ["string", "number", "array"], "items": { "type": ["string", "number"] },
        "description": "a decimal number or a list of them" };
}
