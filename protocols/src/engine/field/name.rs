use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::Ring;

/// The prime field of an engine.
///
/// Each engine is compiled in the toys that its tests need alone.
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
///
/// A party's code takes seconds to compile in each field. What runs parties says which toys there
/// are, and only those are compiled: `in_field!(name of TOYS, F => run::<F>(), else refused())`.
macro_rules! in_field {
    (@each $call:ident! $given:tt) => {
        $crate::engine::field::in_field!(
            @$call $given;
            M61: $crate::algebra::M61,
            P128: $crate::algebra::P128,
            P3: $crate::algebra::Toy<3>,
            P7: $crate::algebra::Toy<7>,
            P31: $crate::algebra::Toy<31>,
            P251: $crate::algebra::Toy<251>,
        )
    };
    (@all ($name:expr, $field:ident => $body:expr); $($variant:ident: $type:ty,)*) => {
        match $name {
            $($crate::engine::field::FieldName::$variant => {
                type $field = $type;
                $body
            })*
        }
    };
    (@some ($name:expr, $toys:expr, $field:ident => $body:expr, $other:expr);
        $($variant:ident: $type:ty,)*) => {
        match $name {
            $($crate::engine::field::FieldName::$variant => {
                type $field = $type;
                if const { $crate::engine::field::FieldName::$variant.is_among($toys) } {
                    $body
                } else {
                    $other
                }
            })*
        }
    };
    ($name:expr, of $toys:expr, $field:ident => $body:expr, else $other:expr) => {
        $crate::engine::field::in_field!(@each some! ($name, $toys, $field => $body, $other))
    };
    ($name:expr, $field:ident => $body:expr) => {
        $crate::engine::field::in_field!(@each all! ($name, $field => $body))
    };
}
pub(crate) use in_field;

impl FieldName {
    /// All but toys, the default first.
    pub(crate) const REAL: [FieldName; 2] = [FieldName::P128, FieldName::M61];

    /// Whether an engine with these toys runs in this field.
    pub(crate) const fn is_among(self, toys: &[FieldName]) -> bool {
        let mut at = 0;
        while at < toys.len() {
            if toys[at] as u8 == self as u8 {
                return true;
            }
            at += 1;
        }
        matches!(self, FieldName::M61 | FieldName::P128)
    }

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
