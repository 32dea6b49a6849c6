//! What an attack battery gave: a grid of claims against attacks, with the evidence behind it.
//!
//! A [`Battery`] is data, filled by whoever runs the attacks. Everything shown from it is a pure
//! function of it: the grid as a table ([`crate::export::battery`]), the tests of privacy and the
//! soundness curves, JUnit XML ([`junit`]), plots and an HTML page. Wall-clock figures are not part
//! of it, so that equal seeds give equal bytes; they are [`Timing`]s.

mod cell;
mod check;
mod evidence;
#[cfg(feature = "render")]
mod grid;
#[cfg(feature = "render")]
mod junit;
#[cfg(feature = "render")]
mod mark;
mod measured;
#[cfg(feature = "render")]
mod overview;
#[cfg(feature = "render")]
mod statistics;

use mpclab_sim::vocabulary::{Claims, RoleClaim, Standing};
use serde::{Deserialize, Serialize};

use crate::record::big;

pub use cell::{Counts, Family, GridCell, Judgement};
pub use evidence::{ActPlace, Evidence};
#[cfg(feature = "render")]
pub use grid::{Layout, frame, sheets};
#[cfg(feature = "render")]
pub(crate) use grid::{attacks, coverage, guarantees, legend, row_name, violation};
#[cfg(feature = "render")]
pub use junit::{JunitError, junit};
#[cfg(feature = "render")]
pub use mark::{Mark, Seen};
pub use measured::{PrivacyRow, SoundnessCurve, SoundnessPoint};
#[cfg(feature = "render")]
pub use overview::{matrix, overview, untested};
#[cfg(feature = "render")]
pub(crate) use statistics::parameter;
#[cfg(feature = "render")]
pub use statistics::{privacy_frame, privacy_sheet, soundness_frame, soundness_sheet};

/// Version of the battery's form. A file with another version is refused.
pub const SCHEMA: u32 = 1;

/// What a battery of attacks gave, for all protocols of one scenario.
///
/// Integers above 2^53 are strings in JSON, as in [`crate::record::Record`]; both forms are read.
/// Fields that a reader does not know are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Battery {
    /// Form of the battery, [`SCHEMA`].
    pub schema: u32,
    /// Version of kernel, network and pricing semantics.
    pub model: u32,
    /// Version of mpclab.
    pub version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// What the scenario is about, in prose.
    pub about: String,
    /// The battery's seed, from which the seed of each case follows.
    #[serde(with = "big::number")]
    pub seed: u64,
    /// Name of the function that was computed.
    pub function: String,
    /// Family-wise level of the battery's statistical tests.
    pub alpha: f64,
    /// One row for each protocol, in the order of the scenario.
    pub rows: Vec<ProtocolRow>,
    /// Tests of privacy and input independence in detail; what they find violated also has a cell.
    #[serde(default)]
    pub privacy: Vec<PrivacyRow>,
    /// Measured soundness errors in detail; what they find violated also has a cell.
    #[serde(default)]
    pub soundness: Vec<SoundnessCurve>,
    /// What else a reader has to know, one sentence each: what was sampled, what was left out.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What a battery gave for one protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProtocolRow {
    /// Label of the protocol, unique in the battery.
    pub protocol: String,
    /// What it claims.
    #[serde(with = "big::nested")]
    pub claims: Claims,
    /// Number of computing parties.
    pub n: u32,
    /// Size of the largest coalitions that its claims cover.
    pub t: u32,
    /// What it claims of each named role; none where computing parties are alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleClaim>,
    /// Coalitions that were tried.
    #[serde(with = "big::number")]
    pub coalitions: u64,
    /// Coalitions of that size that there are; absent if there are 2^64 or more.
    #[serde(default, with = "big::option", skip_serializing_if = "Option::is_none")]
    pub coalitions_in_all: Option<u64>,
    /// Runs over all attacks; a run that several guarantees were checked on counts once.
    #[serde(with = "big::number")]
    pub cases: u64,
    /// What was found, one cell for each (attack, guarantee) that was tried.
    pub cells: Vec<GridCell>,
}

/// Wall-clock time that a protocol's attacks took: kept apart, because it differs from machine to
/// machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Label of the protocol.
    pub protocol: String,
    /// Time over all its cases, nanoseconds.
    #[serde(with = "big::number")]
    pub wall_ns: u64,
}

/// Why a text is not a battery, or a battery cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum BatteryError {
    /// Not JSON, or not of this form.
    #[error("not a battery: {0}")]
    Form(#[from] serde_json::Error),
    /// A battery of another version.
    #[error("schema {found}, but this version reads schema {SCHEMA}")]
    Schema {
        /// Version in the text.
        found: u32,
    },
    /// Parts of it contradict each other.
    #[error("a battery that contradicts itself: {0}")]
    Contradiction(String),
}

impl Battery {
    /// The battery as indented JSON, with a line end.
    ///
    /// # Errors
    /// [`BatteryError::Contradiction`] as [`Battery::check`] finds it.
    pub fn to_json(&self) -> Result<String, BatteryError> {
        self.check()?;
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads what [`Battery::to_json`] wrote.
    ///
    /// # Errors
    /// [`BatteryError`] says whether the text is of another form or version, or contradicts itself.
    pub fn parse(json: &[u8]) -> Result<Self, BatteryError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        let head: Head = serde_json::from_slice(json)?;
        if head.schema != SCHEMA {
            return Err(BatteryError::Schema { found: head.schema });
        }
        let battery: Battery = serde_json::from_slice(json)?;
        battery.check()?;
        Ok(battery)
    }

    /// Whether the battery's parts agree: counts add up, names are unique, verdicts fit counts, and
    /// every figure is a number in its range.
    ///
    /// # Errors
    /// [`BatteryError::Contradiction`] names the first part that does not fit.
    pub fn check(&self) -> Result<(), BatteryError> {
        check::check(self).map_err(BatteryError::Contradiction)
    }

    /// The cells with this standing, each with its row, in the order of the battery.
    pub fn cells(&self, standing: Standing) -> impl Iterator<Item = (&ProtocolRow, &GridCell)> {
        let cells = self.rows.iter().flat_map(|row| row.cells.iter().map(move |cell| (row, cell)));
        cells.filter(move |(_, cell)| cell.verdict.standing() == standing)
    }

    /// Whether a claim is violated.
    #[must_use]
    pub fn is_violated(&self) -> bool {
        self.cells(Standing::Violated).next().is_some()
    }
}
