//! Known attacks: on openings and their MACs, on what is broadcast, on the ANDs that are prepared.

use crate::attack::Attack;
use crate::primitives::auth::attacks::{openings, preparation};

/// Scopes of layers of ANDs: what is opened in them is `d` and `e`.
const ANDS: &str = "online/and[*";

pub(super) fn all() -> Vec<Attack> {
    let mut all = openings(ANDS, "online/check", "online/output");
    all.extend(preparation());
    all
}
