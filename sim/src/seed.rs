//! Randomness is a tree: run -> purpose -> party -> scope -> call.

use std::convert::Infallible;
use std::sync::Arc;

use rand::{Rng, TryRng};
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

/// What is wrong with a corrupted party's randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// Every generator that it asks for is the same.
    Repeated,
    /// Every byte is zero.
    Zero,
}

/// Decides every random draw of a run, one by one: for exact tests.
///
/// All draws are numbered within their stream, so two runs that are to differ in one draw differ
/// in nothing else.
pub trait Tape: Send + Sync {
    /// A value below `values`, at least 1; 0 stands for 2^128.
    fn draw(&self, stream: &Stream, position: u64, values: u128) -> u128;

    /// A party can evaluate the random function of this name from now on, and so can whoever has
    /// the key that it comes from, which several functions may have in common.
    fn holds(&self, party: PartyId, name: &[u8; 32], key: &[u8; 32]) {
        let _ = (party, name, key);
    }

    /// Bytes are drawn that no tape decides, such as a key or a nonce.
    fn passes(&self, stream: &Stream) {
        let _ = stream;
    }

    /// What such bytes of a stream come from; `None` leaves them to the run's seed, or to the
    /// function's name.
    fn reseed(&self, stream: &Stream) -> Option<[u8; 32]> {
        let _ = stream;
        None
    }
}

/// Whose draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// A party's generator: the call of this number in the scope of this id.
    Party {
        /// Whose.
        party: PartyId,
        /// Id of the scope.
        scope: u64,
        /// Number of the call, from 1.
        call: u64,
    },
    /// A random function that several parties evaluate, by name.
    Function([u8; 32]),
}

/// A source of randomness whose draws a tape can decide.
pub trait Draw: Rng {
    /// A value below `values` (0 stands for 2^128), if a tape decides; else `None`, and the caller
    /// makes one from uniform bytes.
    fn choose(&mut self, values: u128) -> Option<u128> {
        let _ = values;
        None
    }
}

#[derive(Clone)]
struct OnTape {
    tape: Arc<dyn Tape>,
    stream: Stream,
    position: u64,
}

/// A party's generator: one ChaCha12 stream for each (seed, purpose, party, scope, call).
#[derive(Clone)]
pub struct PartyRng {
    seed: [u8; 32],
    stream: Option<ChaCha12Rng>,
    tape: Option<OnTape>,
}

impl PartyRng {
    pub(crate) fn new(key: &[u8; 32], party: PartyId, epoch: u32, scope: u64, call: u64) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(&party.0.to_le_bytes());
        hasher.update(&epoch.to_le_bytes());
        hasher.update(&scope.to_le_bytes());
        hasher.update(&call.to_le_bytes());
        let seed = *hasher.finalize().as_bytes();
        PartyRng { seed, stream: Some(ChaCha12Rng::from_seed(seed)), tape: None }
    }

    /// A broken generator: zeros.
    pub(crate) fn zero() -> Self {
        PartyRng { seed: [0; 32], stream: None, tape: None }
    }

    pub(crate) fn on_tape(
        mut self,
        tape: Arc<dyn Tape>,
        party: PartyId,
        scope: u64,
        call: u64,
    ) -> Self {
        let stream = Stream::Party { party, scope, call };
        // A broken generator stays as it is.
        let seed = self.stream.as_ref().and_then(|_| tape.reseed(&stream));
        if let Some(seed) = seed {
            self.seed = seed;
            self.stream = Some(ChaCha12Rng::from_seed(seed));
        }
        self.tape = Some(OnTape { tape, stream, position: 0 });
        self
    }

    /// The random function of a name; bytes that nobody chooses come from the name itself.
    pub(crate) fn function(tape: Arc<dyn Tape>, name: [u8; 32]) -> Self {
        let stream = Stream::Function(name);
        let seed = tape.reseed(&stream).unwrap_or(name);
        let tape = OnTape { tape, stream, position: 0 };
        PartyRng { seed, stream: Some(ChaCha12Rng::from_seed(seed)), tape: Some(tape) }
    }

    pub(crate) fn seed(&self) -> [u8; 32] {
        self.seed
    }

    fn bytes(&mut self) -> Option<&mut ChaCha12Rng> {
        if let Some(on) = &self.tape {
            on.tape.passes(&on.stream);
        }
        self.stream.as_mut()
    }
}

impl Draw for PartyRng {
    fn choose(&mut self, values: u128) -> Option<u128> {
        let on = self.tape.as_mut()?;
        let chosen = on.tape.draw(&on.stream, on.position, values);
        on.position += 1;
        Some(chosen)
    }
}

impl TryRng for PartyRng {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.bytes().map_or(Ok(0), TryRng::try_next_u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.bytes().map_or(Ok(0), TryRng::try_next_u64)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        match self.bytes() {
            Some(stream) => stream.try_fill_bytes(out),
            None => {
                out.fill(0);
                Ok(())
            }
        }
    }
}
