//! Hash commitments: `BLAKE3(domain, message, nonce)`.
//!
//! Computationally binding (a second opening is a collision of BLAKE3) and hiding (BLAKE3 as a
//! random oracle; the nonce has 256 random bits), both at 128 bits.

use mpclab_sim::work;
use rand::Rng;

use super::CHACHA_BYTE;
use super::hash::{self, Domain};

/// What commitments rest on.
pub const ASSUMPTION: &str =
    "BLAKE3 is collision resistant, and a random oracle where it hides what is committed to";

/// A fresh nonce.
#[must_use]
pub fn nonce<R: Rng + ?Sized>(rng: &mut R) -> [u8; 32] {
    let mut nonce = [0; 32];
    work::did(CHACHA_BYTE, nonce.len());
    rng.fill_bytes(&mut nonce);
    nonce
}

/// Commits to a message; the message and the nonce open it.
///
/// `domain.party` is the party that commits: otherwise another party could repeat its commitment
/// and later its opening.
#[must_use]
pub fn commit(domain: &Domain<'_>, message: &[u8], nonce: &[u8; 32]) -> [u8; 32] {
    *opening_hash(domain, message, nonce).as_bytes()
}

/// Whether an opening belongs to a commitment, in time that does not depend on where they differ.
#[must_use]
pub fn verify(
    domain: &Domain<'_>,
    message: &[u8],
    nonce: &[u8; 32],
    commitment: &[u8; 32],
) -> bool {
    // Hashes are compared in constant time.
    opening_hash(domain, message, nonce) == blake3::Hash::from_bytes(*commitment)
}

fn opening_hash(domain: &Domain<'_>, message: &[u8], nonce: &[u8; 32]) -> blake3::Hash {
    hash::digest("mpclab commitment v1", &domain.to_bytes(), &[message, nonce])
}
