//! Protocols that garble circuits: rounds do not grow with the depth of what is computed.

pub mod bmr;
mod cheating;
mod cut;
mod encoding;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod opening;
mod replica;
mod sending;
mod two_party;
mod wires;
pub mod wrk;
pub mod yao;
pub mod yao_covert;
pub mod yao_cut_and_choose;

use mpclab_sim::vocabulary::{Op, PartyId};

/// Who garbles.
pub(crate) const GARBLER: PartyId = PartyId(0);
/// Who evaluates.
pub(crate) const EVALUATOR: PartyId = PartyId(1);

/// Memory of a gate of a plan, bytes: what one of `gmw` takes, and its slot.
pub(crate) const GATE_BYTES: u64 = 29;

/// Tables of a message.
pub(crate) const TABLES: usize = 1 << 15;

/// Every priced operation that one of these protocols alone does.
pub fn ops() -> impl Iterator<Item = Op> {
    bmr::OPS.into_iter().chain(wrk::OPS)
}
