//! Randomness is a tree: run -> purpose -> party -> scope -> call.

use std::convert::Infallible;

use rand::TryRng;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::vocabulary::PartyId;

/// The root of a run's randomness.
///
/// Neither the cell nor the protocol enters, so protocols that are compared meet the same inputs
/// and latencies, and adding a cell changes no other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RunSeed([u8; 32]);

impl RunSeed {
    /// The seed of one repetition of a scenario.
    #[must_use]
    pub fn new(scenario_seed: u64, repetition: u32) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("mpclab 2026 run seed");
        hasher.update(&scenario_seed.to_le_bytes());
        hasher.update(&repetition.to_le_bytes());
        RunSeed(*hasher.finalize().as_bytes())
    }

    /// A key for everything that one purpose needs.
    #[must_use]
    pub fn purpose(&self, purpose: &str) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(purpose.as_bytes());
        *hasher.finalize().as_bytes()
    }

    /// A generator for one purpose and party outside any protocol, for example inputs.
    #[must_use]
    pub fn rng(&self, purpose: &str, party: PartyId) -> PartyRng {
        PartyRng::new(&self.purpose(purpose), party, 0, 0, 0)
    }
}

/// A party's generator: one ChaCha12 stream for each (seed, purpose, party, scope, call).
#[derive(Clone)]
pub struct PartyRng(ChaCha12Rng);

impl PartyRng {
    pub(crate) fn new(key: &[u8; 32], party: PartyId, epoch: u32, scope: u64, call: u64) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(&party.0.to_le_bytes());
        hasher.update(&epoch.to_le_bytes());
        hasher.update(&scope.to_le_bytes());
        hasher.update(&call.to_le_bytes());
        PartyRng(ChaCha12Rng::from_seed(*hasher.finalize().as_bytes()))
    }
}

impl TryRng for PartyRng {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(out)
    }
}
