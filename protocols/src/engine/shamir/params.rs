use std::borrow::Cow;
use std::fmt;

use mpclab_sim::vocabulary::Threshold;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Dealing;
use crate::algebra::PrimeField;
use crate::engine::Plan;
use crate::engine::field::{FieldName, FieldParams, OpeningName, in_field};
use crate::protocol::{Job, Unsupported};

/// Parameters of `shamir` and `dn07`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShamirParams {
    /// Where values live.
    pub field: FieldName,
    /// Degree of the polynomials: how many corrupted parties learn nothing.
    pub threshold: ThresholdChoice,
    /// Whether the shares of t parties come from seeds that they have in common with the dealer,
    /// which sends n - 1 - t elements for each value then, not n - 1: security is computational.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub compress: bool,
    /// How values are opened inside the computation; by default directly in `shamir`, and by a star
    /// in `dn07`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening: Option<OpeningName>,
}

impl ShamirParams {
    /// The parameters that conformance covers: both fields, the thresholds 1, 2 and the largest, with
    /// seeds and without, both ways of opening.
    #[must_use]
    pub fn variants() -> Vec<ShamirParams> {
        let with = |threshold| {
            FieldName::REAL.map(|field| ShamirParams { field, threshold, ..Self::default() })
        };
        let thresholds =
            [ThresholdChoice::Max, ThresholdChoice::Exactly(1), ThresholdChoice::Exactly(2)];
        let other = |threshold, field, opening| ShamirParams {
            field,
            threshold,
            compress: true,
            opening: Some(opening),
        };
        let [m61, p128] = FieldName::REAL;
        let others = [
            other(ThresholdChoice::Max, p128, OpeningName::Direct),
            other(ThresholdChoice::Exactly(1), m61, OpeningName::Star),
            other(ThresholdChoice::Exactly(2), p128, OpeningName::Star),
        ];
        thresholds.into_iter().flat_map(with).chain(others).collect()
    }

    /// Whether the threshold is below n/2, and each party has a point of its own.
    ///
    /// # Errors
    /// What is allowed.
    pub fn check(&self, job: &Job) -> Result<(), Unsupported> {
        let n = job.roles.compute;
        let max = Threshold::BelowHalf.max_corrupted(n);
        let t = self.threshold.of(n);
        if !(1..=max).contains(&t) {
            return Err(Unsupported::new(
                format!("t = {t} of n = {n} is not below n/2, or is zero"),
                format!("threshold 1 to {max}, or max"),
            )
            .of("threshold"));
        }
        // Party i stands at the point i + 1, which must not be zero, nor another party's.
        let p = in_field!(self.field, F => F::MODULUS);
        if n as u128 >= p {
            return Err(Unsupported::new(
                format!("{n} parties do not have different points in {}", self.field.label()),
                format!("fewer than {p} parties, or a larger field"),
            )
            .of("field"));
        }
        Ok(())
    }
}

impl FieldParams for ShamirParams {
    fn field(&self) -> FieldName {
        self.field
    }
}

impl Plan<ShamirParams> {
    /// Degree of the polynomials.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.params.threshold.of(self.job.roles.compute)
    }

    /// How shares are dealt.
    #[must_use]
    pub fn dealing(&self) -> Dealing {
        let n = self.job.roles.compute;
        Dealing { n, t: self.threshold(), compress: self.params.compress }
    }
}

/// A corruption threshold: a number, or `max` for the largest below n/2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThresholdChoice {
    /// The largest below n/2.
    #[default]
    Max,
    /// This many.
    Exactly(u32),
}

impl ThresholdChoice {
    /// The threshold among `n` computing parties.
    #[must_use]
    pub fn of(self, n: usize) -> usize {
        match self {
            ThresholdChoice::Max => Threshold::BelowHalf.max_corrupted(n),
            ThresholdChoice::Exactly(t) => t as usize,
        }
    }
}

impl Serialize for ThresholdChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ThresholdChoice::Max => serializer.serialize_str("max"),
            ThresholdChoice::Exactly(t) => serializer.serialize_u32(*t),
        }
    }
}

impl<'de> Deserialize<'de> for ThresholdChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Choice;
        impl Visitor<'_> for Choice {
            type Value = ThresholdChoice;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of parties, or max")
            }
            fn visit_u64<E: de::Error>(self, t: u64) -> Result<ThresholdChoice, E> {
                let t = u32::try_from(t).map_err(|_| E::custom("a threshold is below 2^32"))?;
                Ok(ThresholdChoice::Exactly(t))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<ThresholdChoice, E> {
                match text {
                    "max" => Ok(ThresholdChoice::Max),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Choice)
    }
}

impl JsonSchema for ThresholdChoice {
    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a number of parties, or max for the largest below n/2",
            "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "max" }]
        })
    }
}
