//! Building blocks: domains, a hash, commitments, a pseudorandom generator, a group, oblivious transfer,
//! and authenticated bits.

use mpclab_sim::vocabulary::Op;

pub(crate) mod agree;
pub mod auth;
pub mod commit;
pub mod garbling;
pub mod group;
pub mod hash;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
pub(crate) mod ole;
pub mod ot;
mod prg;
#[cfg(test)]
mod tests;

pub use hash::Domain;
pub use prg::{CHACHA_BYTE, Prg};

/// Priced operations that every protocol may do.
pub const OPS: &[Op] = &[CHACHA_BYTE, hash::BLAKE3_BYTE];

/// Every priced operation of this module.
pub fn ops() -> impl Iterator<Item = Op> {
    OPS.iter().copied().chain(group::OPS).chain(ot::ops()).chain(garbling::OPS).chain(auth::OPS)
}
