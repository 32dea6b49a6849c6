//! `shamir`: BGW with Shamir shares, semi-honest, honest majority.
//!
//! Ben-Or, Goldwasser and Wigderson, "Completeness Theorems for Non-Cryptographic Fault-Tolerant
//! Distributed Computation", STOC 1988, with the degree reduction of Gennaro, Rabin and Rabin
//! (PODC 1998): to multiply, `2t + 1` parties multiply their shares and share the products anew;
//! the new share is the Lagrange combination of what they sent. Any `n` and `t < n/2`, in a prime
//! field.
//!
//! With `compress: true`, `t` of the shares that a dealer hands out come from seeds that it agrees
//! upon with their holders in set-up: a product takes `(2t + 1)(n - 1 - t)` elements then, not
//! `(2t + 1)(n - 1)`, and security is computational; see `engine/shamir/dealing.rs`. The other way to
//! multiply Shamir shares, through a king, is `dn07`. Values are opened directly or by a star
//! (`opening`).
//!
//! Comparisons draw on random bits and masks that the parties make among themselves in the offline
//! phase, so everything is priced.

mod attacks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod reshare;

use crate::attack::Attack;
use crate::engine::cost::Flow;
use crate::engine::shamir::{Dealing, SEMI_HONEST, ShamirEngine};
use crate::protocol::Info;

pub use crate::engine::shamir::{OpeningName, ShamirParams, ThresholdChoice};
pub use reshare::Reshare;

/// The protocol.
pub struct Shamir;

impl ShamirEngine for Shamir {
    const NAME: &'static str = "shamir";
    const INFO: Info = Info {
        about: "Shamir shares in a prime field, multiplication by resharing",
        source: "Ben-Or, Goldwasser, Wigderson, STOC 1988; Gennaro, Rabin, Rabin, PODC 1998",
        claims: SEMI_HONEST,
        parties: (3, usize::MAX),
    };
    const COST_SOURCE: &'static str = "Gennaro, Rabin, Rabin, PODC 1998: (2t+1)(n-1) elements per product; random bits for \
         t = 1 as the exclusive or of two parties' bits, else as Damgard et al., TCC 2006, \
         from Damgard and Nielsen, CRYPTO 2007; comparisons as Catrina and de Hoogh, SCN 2010";
    type Reduction = Reshare;

    /// `2t + 1` parties reshare.
    fn product(dealing: &Dealing, element: u64) -> Flow {
        let resharers = 2 * dealing.t + 1;
        dealing.flow((resharers * dealing.elements(dealing.t)) as u64 * element, resharers)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }
}
