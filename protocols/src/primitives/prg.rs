use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;

use mpclab_sim::vocabulary::Op;
use mpclab_sim::{Ctx, Draw, PartyRng, work};
use rand::{Rng, SeedableRng, TryCryptoRng, TryRng};
use rand_chacha::ChaCha12Rng;

use super::hash;
use crate::algebra::{Bits, Ring, slices};

/// Price of a stream and its first bytes, for each call, and of one pseudorandom byte.
pub const CHACHA_BYTE: Op =
    Op { key: "prg.chacha.byte", unit: "byte", parallel: true, work: Some(calibrate_prg) };

fn calibrate_prg(calls: u64, units: usize) {
    let mut bytes = vec![0u8; units];
    crate::algebra::repeated(calls, 0, || {
        ChaCha12Rng::from_seed(black_box([7; 32])).fill_bytes(black_box(&mut bytes));
    });
}

/// A pseudorandom stream from a key that several parties may share, for zero sharings and
/// pairwise masks: ChaCha12 under a key that BLAKE3 derives from key and domain.
///
/// The domain is [`super::Domain::to_bytes`], where the party says whose key it is. Two streams of
/// one key in different domains are independent. The best attacks on ChaCha reach 7 rounds
/// (Aumasson, Too Much Crypto, 2019).
#[derive(Clone)]
pub struct Prg(Source);

#[derive(Clone)]
enum Source {
    Stream(Box<ChaCha12Rng>),
    /// In an exact test a random function takes the place of the pseudorandom one.
    Function(Box<PartyRng>),
}

impl Prg {
    /// What its streams rest on.
    pub const ASSUMPTION: &'static str = "ChaCha12 under keys that BLAKE3 derives is pseudorandom";

    /// The stream of a key in a domain, from its beginning.
    #[must_use]
    pub fn new(key: [u8; 32], domain: &[u8]) -> Self {
        work::did(CHACHA_BYTE, 0);
        let seed = hash::digest("mpclab prg v1", domain, &[&key]);
        Prg(Source::Stream(Box::new(ChaCha12Rng::from_seed(*seed.as_bytes()))))
    }

    /// The same in a protocol: where a tape decides all randomness, the key names a random
    /// function, sampled lazily, that all holders of the key evaluate alike.
    #[must_use]
    pub fn of(ctx: &Ctx, key: [u8; 32], domain: &[u8]) -> Self {
        let name = hash::digest("mpclab prg v1", domain, &[&key]);
        match ctx.random_function(*name.as_bytes(), &key) {
            Some(function) => Prg(Source::Function(Box::new(function))),
            None => Self::new(key, domain),
        }
    }

    /// The next uniform ring elements.
    #[must_use]
    pub fn elements<R: Ring>(&mut self, count: usize) -> Vec<R> {
        slices::random_vec(count, self)
    }

    /// The next uniform bits.
    #[must_use]
    pub fn bits(&mut self, len: usize) -> Bits {
        Bits::random(len, self)
    }
}

impl fmt::Debug for Prg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prg")
    }
}

impl TryRng for Prg {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        match &mut self.0 {
            Source::Stream(stream) => stream.try_next_u32(),
            Source::Function(function) => function.try_next_u32(),
        }
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        match &mut self.0 {
            Source::Stream(stream) => stream.try_next_u64(),
            Source::Function(function) => function.try_next_u64(),
        }
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        match &mut self.0 {
            Source::Stream(stream) => stream.try_fill_bytes(bytes),
            Source::Function(function) => function.try_fill_bytes(bytes),
        }
    }
}

impl Draw for Prg {
    fn choose(&mut self, values: u128) -> Option<u128> {
        match &mut self.0 {
            Source::Stream(_) => None,
            Source::Function(function) => function.choose(values),
        }
    }
}

impl TryCryptoRng for Prg {}
