//! Hash commitments: `BLAKE3(domain, message, nonce)`.
//!
//! Computationally binding (a second opening is a collision of BLAKE3) and hiding (BLAKE3 as a
//! random oracle; the nonce has 256 random bits), both at 128 bits.

use std::hint::black_box;

use mpclab_sim::vocabulary::{Op, PartyId};
use rand::Rng;

use super::hash::{self, Domain};

/// What commitments rest on.
pub const ASSUMPTION: &str =
    "BLAKE3 is collision resistant, and a random oracle where it hides what is committed to";

/// Price of one commitment to a short message, or of checking one.
pub const COMMIT: Op =
    Op { key: "commit.blake3", unit: "commitment", parallel: true, calibrate: calibrate_commit };

fn calibrate_commit(times: u64) {
    let domain =
        Domain { protocol: "calibrate", session: &[0; 32], party: PartyId(0), scope: &[0; 8] };
    let mut nonce = [0u8; 32];
    for _ in 0..times {
        nonce = commit(&domain, black_box(&[1; 32]), &nonce);
    }
    black_box(nonce);
}

/// A fresh nonce.
#[must_use]
pub fn nonce<R: Rng + ?Sized>(rng: &mut R) -> [u8; 32] {
    let mut nonce = [0; 32];
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
