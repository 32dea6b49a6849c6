use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::Ring;

/// The prime field of an engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldName {
    /// p = 2^61 - 1: 8 bytes an element, too small for statistical masking of wide values.
    M61,
    /// p = 2^128 - 173: 16 bytes an element.
    #[default]
    P128,
    /// p = 3; a toy field, for soundness curves and exact privacy tests only.
    P3,
    /// p = 7; a toy field, for soundness curves and exact privacy tests only.
    P7,
    /// p = 31; a toy field, for soundness curves and exact privacy tests only.
    P31,
    /// p = 251; a toy field, for soundness curves and exact privacy tests only.
    P251,
}

/// Evaluates an expression in which the named type is the field: `in_field!(name, F => F::BITS)`.
macro_rules! in_field {
    ($name:expr, $field:ident => $body:expr) => {
        $crate::engine::field::in_field!(
            @each $name, $field => $body;
            M61: $crate::algebra::M61,
            P128: $crate::algebra::P128,
            P3: $crate::algebra::Toy<3>,
            P7: $crate::algebra::Toy<7>,
            P31: $crate::algebra::Toy<31>,
            P251: $crate::algebra::Toy<251>,
        )
    };
    (@each $name:expr, $field:ident => $body:expr; $($variant:ident: $type:ty,)*) => {
        match $name {
            $($crate::engine::field::FieldName::$variant => {
                type $field = $type;
                $body
            })*
        }
    };
}
pub(crate) use in_field;

impl FieldName {
    /// All but toys, the default first.
    pub(crate) const REAL: [FieldName; 2] = [FieldName::P128, FieldName::M61];

    /// Bits that are free below the prime: `floor(log2 p)`.
    #[must_use]
    pub fn capacity_bits(self) -> u32 {
        in_field!(self, F => F::BITS - 1)
    }

    /// Bytes of an element.
    #[must_use]
    pub fn bytes(self) -> u64 {
        use mpclab_sim::wire::Element;
        in_field!(self, F => F::BYTES as u64)
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        in_field!(self, F => F::LABEL)
    }
}
