//! Symmetric building blocks: domains, a hash, commitments and a pseudorandom generator.

use mpclab_sim::vocabulary::Op;

pub(crate) mod agree;
pub mod commit;
pub mod hash;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod prg;
#[cfg(test)]
mod tests;

pub use hash::Domain;
pub use prg::{CHACHA_BYTE, Prg};

/// Every priced operation of this module.
pub const OPS: &[Op] = &[CHACHA_BYTE, hash::BLAKE3_BYTE];
