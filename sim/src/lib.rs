//! A deterministic discrete-event simulator that runs real MPC protocol code.
//!
//! Every party is an `async fn` over a [`Ctx`]; the kernel polls it by hand in virtual time, so
//! that the same configuration and seed give the same bytes, rounds, virtual times and digests.
//! This crate knows no cryptography, no file format and no clock.
//!
//! ```
//! use mpclab_sim::{Config, Ctx, RunSeed, Simulation, network::Network, vocabulary::Abort};
//!
//! async fn sum(ctx: Ctx, input: u8) -> Result<u64, Abort> {
//!     ctx.broadcast(&vec![input]);
//!     let others = ctx.gather::<Vec<u8>>(1).await?;
//!     Ok(others.values().map(|bytes| u64::from(bytes[0])).sum::<u64>() + u64::from(input))
//! }
//!
//! let config = Config::new(Network::constant(3, 1_000_000), RunSeed::new(1, 0));
//! let run = Simulation::new(config).run(|ctx| {
//!     let input = ctx.id().0 as u8 + 1;
//!     Box::pin(sum(ctx, input))
//! });
//! assert!(run.is_complete() && run.outputs().all(|(_, sum)| *sum == 6));
//! assert_eq!((run.rounds.total, run.times.total_ns), (1, 1_000_000));
//! ```

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod adversary;
pub mod compute;
mod ctx;
mod event;
pub mod faults;
mod grow;
pub mod handling;
mod join;
mod kernel;
mod ledger;
mod mailbox;
mod message;
mod metrics;
pub mod network;
mod promise;
mod receive;
mod scope;
mod seed;
mod sleep;
mod state;
pub mod trace;
pub mod vocabulary;
pub mod wire;
pub mod work;

pub use ctx::Ctx;
pub use grow::{CausalDepth, TryJoinGrowing};
pub use join::{Join, JoinAll, TryJoin, TryJoinAll};
pub use kernel::{
    Config, Digests, End, Ideal, Limits, Output, PartyEnd, PartyFuture, PhaseTimes, Rounds, Run,
    Simulation, Waiting,
};
pub use ledger::Secret;
pub use message::FRAME_HEADER_BYTES;
pub use metrics::{
    BATCHES, Charged, Consumed, Counts, LinkCounts, Metrics, PartyCounts, ScopeCounts,
};
pub use promise::Promise;
pub use receive::{Missing, Recv};
pub use scope::ScopeName;
pub use seed::{Draw, PartyRng, Randomness, RunSeed, Stream, Tape};
pub use state::Tap;
