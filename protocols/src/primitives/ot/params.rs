//! How transfers are made, as scenarios set it, and what that costs.

use std::borrow::Cow;
use std::fmt;

use mpclab_sim::vocabulary::{Op, Setup};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::silent::{self, Set};
use super::{BaseOt, HASH, KAPPA, check, soft_spoken};
use crate::primitives::group;
use crate::protocol::Unsupported;

/// How few transfers become many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// SoftSpokenOT: a fixed number of bytes for each transfer.
    #[default]
    SoftSpoken,
    /// Ferret: iterations of many transfers, under an assumption on codes.
    Silent,
}

impl Scheme {
    /// Whether it is what is taken where nothing is said.
    fn is_default(&self) -> bool {
        *self == Scheme::default()
    }
}

/// Bits of the small field: 1, 2, 4 or 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Width {
    /// IKNP and KOS: 16 bytes a transfer.
    One,
    /// 8 bytes a transfer.
    #[default]
    Two,
    /// 4 bytes a transfer.
    Four,
    /// 2 bytes a transfer.
    Eight,
}

impl TryFrom<u8> for Width {
    type Error = String;

    fn try_from(bits: u8) -> Result<Self, String> {
        let found = Width::ALL.into_iter().find(|width| width.bits() == usize::from(bits));
        found.ok_or_else(|| format!("{bits} bits of a small field: 1, 2, 4 or 8 are possible"))
    }
}

impl From<Width> for u8 {
    fn from(width: Width) -> u8 {
        width.bits() as u8
    }
}

impl JsonSchema for Width {
    fn schema_name() -> Cow<'static, str> {
        "Width".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "enum": [1, 2, 4, 8] })
    }
}

/// How transfers are made, as scenarios set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OtParams {
    /// How few transfers become many.
    #[serde(skip_serializing_if = "Scheme::is_default")]
    pub extension: Scheme,
    /// Bits of the small field of SoftSpokenOT: fewer bytes and more computing the wider it is. Silent
    /// extension starts from transfers that are made so.
    pub width: Width,
    /// Base transfers.
    pub base: BaseOt,
}

impl fmt::Display for OtParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (k, base) = (self.width.bits(), self.base);
        let start = match self.extension {
            Scheme::SoftSpoken => "OT extension",
            Scheme::Silent => "silent OT extension, which starts from transfers",
        };
        write!(f, "{start} over fields of 2^{k}, {base} base transfers")?;
        match self.setup().is_unpriced() {
            true => f.write_str(", whose cost is not priced"),
            false => Ok(()),
        }
    }
}

impl OtParams {
    /// What is taken where nothing is said.
    pub const DEFAULT: OtParams =
        OtParams { extension: Scheme::SoftSpoken, width: Width::Two, base: BaseOt::Endemic };

    /// What the base transfers assume beforehand.
    #[must_use]
    pub const fn setup(self) -> Setup {
        match self.base {
            BaseOt::Ideal => Setup::CorrelatedRandomness,
            BaseOt::Endemic | BaseOt::Simplest => Setup::None,
        }
    }

    /// What transfers that are made so rest on.
    #[must_use]
    pub const fn assumptions(self) -> &'static [&'static str] {
        match (self.base, self.extension) {
            (BaseOt::Ideal, Scheme::SoftSpoken) => &[super::ASSUMPTION],
            (BaseOt::Ideal, Scheme::Silent) => &[super::ASSUMPTION, silent::ASSUMPTION],
            (_, Scheme::SoftSpoken) => &[group::ASSUMPTION, super::ASSUMPTION],
            (_, Scheme::Silent) => &[group::ASSUMPTION, super::ASSUMPTION, silent::ASSUMPTION],
        }
    }

    /// Transfers that are extended so, among semi-honest parties.
    #[must_use]
    pub const fn semi_honest(self) -> Extension {
        let silent = match self.extension {
            Scheme::SoftSpoken => None,
            Scheme::Silent => Some(silent::LARGE),
        };
        Extension { base: self.base, width: self.width, is_malicious: false, silent }
    }

    /// The same against malicious ones.
    ///
    /// # Errors
    /// If the base transfers do not withstand them.
    pub fn malicious(self) -> Result<Extension, Unsupported> {
        if !self.base.is_malicious() {
            let why = format!("{} base transfers withstand no malicious party", self.base);
            return Err(Unsupported::new(why, "params: { ot: { base: endemic } }").of("ot"));
        }
        Ok(Extension { is_malicious: true, ..self.semi_honest() })
    }

    /// Priced operations of transfers that are made so.
    #[must_use]
    pub fn ops(self) -> Vec<Op> {
        let mut ops = vec![HASH, check::CHECK];
        ops.extend(soft_spoken::OPS);
        if self.extension == Scheme::Silent {
            ops.extend(silent::OPS);
        }
        ops
    }
}

impl Width {
    /// All of them.
    pub const ALL: [Width; 4] = [Width::One, Width::Two, Width::Four, Width::Eight];

    /// The number `k`.
    #[must_use]
    pub const fn bits(self) -> usize {
        1 << self as usize
    }

    /// Fields of so many bits in a block.
    #[must_use]
    pub const fn fields(self) -> usize {
        KAPPA / self.bits()
    }
}

/// How transfers are extended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// Base transfers.
    pub base: BaseOt,
    /// Bits of the small field.
    pub width: Width,
    /// Whether a malicious receiver is caught; a malicious sender gains nothing from base transfers that
    /// withstand it.
    pub is_malicious: bool,
    /// The size of iterations, where transfers are extended silently.
    pub silent: Option<Set>,
}

/// Whose choice the receiver's bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choices {
    /// Nobody's, if both follow the protocol; else a corrupted receiver's.
    Random,
    /// The receiver's.
    Chosen,
}
