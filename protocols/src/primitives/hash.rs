//! Domain-separated hashing with BLAKE3.

use std::hint::black_box;

use mpclab_sim::vocabulary::{Op, PartyId};
use mpclab_sim::work;

/// What equal hashes of equal texts rest on.
pub const ASSUMPTION: &str = "BLAKE3 is collision resistant";

/// Price of a hash, for each call, and of one byte of what is hashed.
pub const BLAKE3_BYTE: Op =
    Op { key: "hash.blake3.byte", unit: "byte", parallel: false, work: Some(calibrate_hash) };

fn calibrate_hash(calls: u64, units: usize) {
    let bytes = vec![0x5a; units];
    crate::algebra::repeated(calls, 0, || {
        digest("mpclab calibrate v1", black_box(&[0; 64]), &[black_box(&bytes)])
    });
}

/// What a hash, commitment, key or signature is bound to, so that none is valid elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain<'a> {
    /// Name of the protocol.
    pub protocol: &'a str,
    /// The session, distinct for each run of the protocol.
    pub session: &'a [u8],
    /// The party that speaks, or that a key belongs to.
    pub party: PartyId,
    /// Where in the protocol: path or id of a scope.
    pub scope: &'a [u8],
}

impl Domain<'_> {
    /// An injective encoding: two domains that differ have different bytes, and none is the
    /// beginning of another.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in
            [self.protocol.as_bytes(), self.session, &self.party.0.to_le_bytes(), self.scope]
        {
            append_part(&mut bytes, part);
        }
        bytes
    }
}

fn append_part(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_le_bytes());
    out.extend_from_slice(part);
}

/// The hash of a message in a domain, for one purpose.
///
/// `purpose` is a constant of the program, such as `mpclab commit v1`: BLAKE3 keeps purposes
/// apart by its key derivation mode.
#[must_use]
pub fn digest(purpose: &str, domain: &[u8], parts: &[&[u8]]) -> blake3::Hash {
    hasher(purpose, domain, parts).finalize()
}

/// The same with as many bytes as are asked for.
pub fn expand(purpose: &str, domain: &[u8], parts: &[&[u8]], out: &mut [u8]) {
    // A block of output takes what a block of input does.
    work::did(BLAKE3_BYTE, out.len());
    hasher(purpose, domain, parts).finalize_xof().fill(out);
}

fn hasher(purpose: &str, domain: &[u8], parts: &[&[u8]]) -> blake3::Hasher {
    work::did(BLAKE3_BYTE, domain.len() + parts.iter().map(|part| part.len()).sum::<usize>());
    let mut hasher = blake3::Hasher::new_derive_key(purpose);
    let mut lengths = Vec::with_capacity(8 * (parts.len() + 1));
    for part in std::iter::once(&domain).chain(parts) {
        lengths.extend_from_slice(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    // Lengths come last, in fixed width: the text before them has one way to be cut.
    hasher.update(&lengths).update(&(parts.len() as u64).to_le_bytes());
    hasher
}
