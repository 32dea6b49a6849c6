//! How long a message travels, and whether it is lost.
//!
//! The `k`-th departure of an ordered pair gets its own generator, keyed by (seed, purpose, from,
//! to, k). Nothing else enters, so a protocol that sends more, sends in another order or shares the
//! network with other parties changes no draw but its own, and no state is kept per pair.
//!
//! # Equal on every machine
//!
//! Uniform and empirical delays are integer arithmetic. The others take their raw variates from
//! `rand_distr` ([`Exp1`], [`StandardNormal`], [`OpenClosed01`], [`Gamma`]) and transform them with
//! the `libm` crate, which is the same code everywhere. Generic `rand_distr` types such as
//! `LogNormal` are not used, because their `exp` and `powf` come from the system's mathematics
//! library as soon as any crate of the build turns `num-traits/std` on. What is left of the
//! system's library is inside the raw variates: `exp` and `ln` decide comparisons (wrong for one
//! sample in about 2^50 if the last bit differs), and `ln` shapes the extreme tail (one sample in
//! 2000), where a last-bit difference moves the rounded nanosecond with probability about 1e-9.

use std::convert::Infallible;
use std::sync::Arc;

use rand::{Rng, TryRng};
use rand_distr::{Distribution as _, Exp1, Gamma, OpenClosed01, StandardNormal, Uniform};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::spec::{Delay, Distribution, Link, Network};
use crate::vocabulary::PartyId;

/// No latency exceeds this (36 years), however heavy the tail: sums of times cannot overflow.
pub const MAX_LATENCY_NS: u64 = 1 << 60;

/// One-way latencies and losses of a network under one seed.
#[derive(Clone, Debug)]
pub struct Latency {
    network: Arc<Network>,
    /// By link kind, parallel to `network.links.kinds()`.
    delays: Vec<Sampler>,
    latency_key: u64,
    loss_key: u64,
}

/// A [`Delay`] with its parameters converted.
#[derive(Clone, Debug)]
struct Sampler {
    floor_ns: u64,
    random: Vec<Part>,
}

/// One random part, ready to be drawn.
#[derive(Clone, Debug)]
enum Part {
    Constant(u64),
    Uniform(Uniform<u64>),
    Exponential {
        mean: f64,
    },
    Normal {
        mean: f64,
        std: f64,
    },
    LogNormal {
        median: f64,
        sigma: f64,
    },
    Pareto {
        scale: f64,
        exponent: f64,
    },
    Gamma {
        gamma: Gamma<f64>,
        scale: f64,
    },
    /// Gamma of a shape below 1: one of shape + 1, times `u^(1/shape)`.
    SmallGamma {
        gamma: Gamma<f64>,
        scale: f64,
        exponent: f64,
    },
    Weibull {
        scale: f64,
        exponent: f64,
    },
    Empirical(Vec<u64>),
}

impl Latency {
    /// Prepares the draws of `network` under a run's `seed`.
    ///
    /// Parts that [`Network::validate`](super::Network::validate) refuses draw 0.
    #[must_use]
    pub fn new(network: Arc<Network>, seed: [u8; 32]) -> Self {
        let delays = network.links.kinds().iter().map(|link| Sampler::new(&link.latency)).collect();
        Latency {
            network,
            delays,
            latency_key: purpose_key(&seed, "mpclab latency v1"),
            loss_key: purpose_key(&seed, "mpclab loss v1"),
        }
    }

    /// One-way latency of the `k`-th departure from `from` to `to`, nanoseconds, at least 1.
    #[must_use]
    pub fn draw(&self, from: PartyId, to: PartyId, k: u64) -> u64 {
        let sampler = &self.delays[self.network.links.kind(from, to)];
        if sampler.random.is_empty() {
            return sampler.floor_ns;
        }
        let mut rng = DrawRng::new(self.latency_key, from, to, k);
        let random = |sum: u64, part: &Part| sum.saturating_add(part.draw(&mut rng));
        sampler.random.iter().fold(sampler.floor_ns, random).min(MAX_LATENCY_NS)
    }

    /// Whether the `k`-th departure from `from` to `to` never arrives.
    #[must_use]
    pub fn lost(&self, from: PartyId, to: PartyId, k: u64) -> bool {
        let Link { loss_ppm, .. } = self.network.links.get(from, to);
        if *loss_ppm == 0 {
            return false;
        }
        let uniform = DrawRng::new(self.loss_key, from, to, k).next_u64();
        (u128::from(uniform) * 1_000_000) >> 64 < u128::from(*loss_ppm)
    }
}

impl Sampler {
    fn new(delay: &Delay) -> Self {
        let mut floor_ns = delay.floor_ns.clamp(1, MAX_LATENCY_NS);
        let mut random = Vec::new();
        for distribution in &delay.random {
            match Part::new(distribution) {
                Part::Constant(ns) => floor_ns = floor_ns.saturating_add(ns).min(MAX_LATENCY_NS),
                part => random.push(part),
            }
        }
        Sampler { floor_ns, random }
    }
}

impl Part {
    fn new(distribution: &Distribution) -> Self {
        if distribution.validate().is_err() {
            return Part::Constant(0);
        }
        match distribution {
            Distribution::Uniform { width_ns } => {
                Uniform::new_inclusive(0, *width_ns).map_or(Part::Constant(0), Part::Uniform)
            }
            Distribution::Exponential { mean_ns } => Part::Exponential { mean: *mean_ns as f64 },
            Distribution::Normal { mean_ns, std_ns } => {
                Part::Normal { mean: *mean_ns as f64, std: *std_ns as f64 }
            }
            Distribution::LogNormal { median_ns, sigma } => {
                Part::LogNormal { median: *median_ns as f64, sigma: *sigma }
            }
            Distribution::Pareto { scale_ns, shape } => {
                Part::Pareto { scale: *scale_ns as f64, exponent: -1.0 / shape }
            }
            Distribution::Gamma { shape, scale_ns } => Part::gamma(*shape, *scale_ns as f64),
            Distribution::Weibull { scale_ns, shape } => {
                Part::Weibull { scale: *scale_ns as f64, exponent: 1.0 / shape }
            }
            Distribution::Empirical { samples_ns } => match samples_ns.as_slice() {
                [only] => Part::Constant(*only),
                _ => Part::Empirical(samples_ns.clone()),
            },
        }
    }

    fn gamma(shape: f64, scale: f64) -> Self {
        if shape >= 1.0 {
            return Gamma::new(shape, 1.0)
                .map_or(Part::Constant(0), |gamma| Part::Gamma { gamma, scale });
        }
        Gamma::new(shape + 1.0, 1.0).map_or(Part::Constant(0), |gamma| Part::SmallGamma {
            gamma,
            scale,
            exponent: 1.0 / shape,
        })
    }

    fn draw(&self, rng: &mut DrawRng) -> u64 {
        let real: f64 = match self {
            Part::Constant(ns) => return *ns,
            Part::Uniform(uniform) => return uniform.sample(rng),
            Part::Empirical(samples) => {
                let at = (u128::from(rng.next_u64()) * samples.len() as u128) >> 64;
                return samples[at as usize];
            }
            Part::Exponential { mean } => mean * raw(Exp1, rng),
            Part::Normal { mean, std } => mean + std * raw(StandardNormal, rng),
            Part::LogNormal { median, sigma } => {
                median * libm::exp(sigma * raw(StandardNormal, rng))
            }
            Part::Pareto { scale, exponent } => {
                scale * (libm::pow(raw(OpenClosed01, rng), *exponent) - 1.0)
            }
            Part::Gamma { gamma, scale } => scale * gamma.sample(rng),
            Part::SmallGamma { gamma, scale, exponent } => {
                let whole = gamma.sample(rng);
                scale * (whole * libm::pow(raw(OpenClosed01, rng), *exponent))
            }
            Part::Weibull { scale, exponent } => scale * libm::pow(raw(Exp1, rng), *exponent),
        };
        // The cast saturates: negative values become 0, infinity the largest integer.
        (real.round() as u64).min(MAX_LATENCY_NS)
    }
}

fn raw(distribution: impl rand_distr::Distribution<f64>, rng: &mut DrawRng) -> f64 {
    distribution.sample(rng)
}

fn purpose_key(seed: &[u8; 32], purpose: &str) -> u64 {
    let mut hasher = blake3::Hasher::new_derive_key(purpose);
    hasher.update(seed);
    let mut key = [0; 8];
    hasher.finalize_xof().fill(&mut key);
    u64::from_le_bytes(key)
}

/// The generator of one departure: SplitMix64, started at a hash of what the departure is.
///
/// SplitMix64 (Steele, Lea, Flood 2014) passes BigCrush from any start; hashing the start with XXH3
/// makes the streams of neighbouring departures unrelated. It costs a few nanoseconds, where
/// positioning a ChaCha stream costs about a hundred; nothing here has to resist an adversary.
struct DrawRng(u64);

impl DrawRng {
    fn new(key: u64, from: PartyId, to: PartyId, k: u64) -> Self {
        let mut departure = [0; 16];
        departure[..4].copy_from_slice(&from.0.to_le_bytes());
        departure[4..8].copy_from_slice(&to.0.to_le_bytes());
        departure[8..].copy_from_slice(&k.to_le_bytes());
        DrawRng(xxh3_64_with_seed(&departure, key))
    }
}

impl TryRng for DrawRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "latency_tests.rs"]
mod tests;
