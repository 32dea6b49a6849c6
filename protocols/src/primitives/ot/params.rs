//! How transfers are made, as scenarios set it, and what that costs.

use std::borrow::Cow;
use std::fmt;

use mpclab_sim::vocabulary::Setup;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{BaseOt, KAPPA, check, trees};
use crate::protocol::Unsupported;

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
    /// Bits of the small field: fewer bytes and more computing the wider it is.
    pub width: Width,
    /// Base transfers.
    pub base: BaseOt,
}

impl fmt::Display for OtParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (k, base) = (self.width.bits(), self.base);
        write!(f, "OT extension over fields of 2^{k}, {base} base transfers")?;
        match self.setup().is_unpriced() {
            true => f.write_str(", whose cost is not priced"),
            false => Ok(()),
        }
    }
}

impl OtParams {
    /// What the base transfers assume beforehand.
    #[must_use]
    pub const fn setup(self) -> Setup {
        match self.base {
            BaseOt::Ideal => Setup::CorrelatedRandomness,
            BaseOt::Endemic | BaseOt::Simplest => Setup::None,
        }
    }

    /// Transfers that are extended so, among semi-honest parties.
    #[must_use]
    pub const fn semi_honest(self) -> Extension {
        Extension { base: self.base, width: self.width, is_malicious: false }
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
}

/// Whose choice the receiver's bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choices {
    /// Nobody's, if both follow the protocol; else a corrupted receiver's.
    Random,
    /// The receiver's.
    Chosen,
}

impl Extension {
    /// Payload of the set-up, bytes: of the transfers' sender, and of their receiver.
    #[must_use]
    pub const fn set_up_bytes(self) -> [u64; 2] {
        // Base transfers go the other way.
        let [base_sender, base_receiver] = self.base.bytes(KAPPA);
        let trees = trees::bytes(self.width.bits(), self.is_malicious);
        [base_receiver, base_sender + trees]
    }

    /// Payload of a batch, bytes: of the sender, and of the receiver.
    #[must_use]
    pub const fn batch_bytes(self, count: usize, choices: Choices) -> [u64; 2] {
        if count == 0 {
            return [0, 0];
        }
        let blocks = self.blocks(count) as u64;
        let rows = self.corrections(choices) as u64;
        let (seed, answer) = if self.is_malicious { (1, check::ANSWER as u64) } else { (0, 0) };
        [16 * seed, 16 * (blocks * rows + answer)]
    }

    /// Rounds of the set-up: base transfers, then what trees are made of.
    #[must_use]
    pub const fn set_up_rounds(self) -> u64 {
        // The receiver's last word waits for the sender's first.
        self.base.rounds() + !matches!(self.width, Width::One) as u64
    }

    /// Messages of a batch, each of which waits for the one before it; the first is the receiver's.
    #[must_use]
    pub const fn batch_moves(self) -> u64 {
        if self.is_malicious { 3 } else { 1 }
    }

    /// Blocks of a row, that of the check among them.
    pub(super) const fn blocks(self, count: usize) -> usize {
        count.div_ceil(KAPPA) + self.is_malicious as usize
    }

    pub(super) const fn corrections(self, choices: Choices) -> usize {
        self.width.fields() - matches!(choices, Choices::Random) as usize
    }
}
