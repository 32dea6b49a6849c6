//! What computing costs in virtual time.

use std::collections::BTreeMap;

/// Calibrated prices of primitives on some machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name in records.
    pub name: String,
    /// Picoseconds of one core for one unit of each op, by [`crate::vocabulary::Op::key`].
    pub price_ps: BTreeMap<String, u64>,
    /// Cores of a party; they share ops that are marked parallel.
    pub cores: u32,
}
