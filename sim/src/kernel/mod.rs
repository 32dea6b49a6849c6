//! The kernel: polls party code by hand in virtual time and carries its messages.
//!
//! At each instant all departures, server events and deliveries are handled before any party is
//! polled; parties are polled in order of their ids; a poll touches only its own party's state and
//! leaves messages in an outbox. Finishes and timers come last. So a run depends on its
//! configuration and seed alone.
//!
//! What happens at one node reaches another at least the network's look-ahead later; see `agenda`.

mod agenda;
mod corrupted;
mod ends;
mod node;
mod outcome;
mod report;
mod routes;
mod run;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::adversary::Adversary;
use crate::compute::Compute;
use crate::ctx::Ctx;
use crate::faults::Fault;
use crate::network::Network;
use crate::seed::{Randomness, RunSeed, Tape};
use crate::vocabulary::{Abort, PartyId};

pub use outcome::{Digests, End, Output, PartyEnd, PhaseTimes, Rounds, Run, Waiting};

/// A party's code, started.
pub type PartyFuture<T> = Pin<Box<dyn Future<Output = Result<T, Abort>> + Send>>;

/// Code of an ideal functionality: an extra node that all trust.
///
/// It is one look-ahead ([`Network::lookahead_ns`]) away from everybody, each way; what is exchanged
/// with it has no rounds, and its bytes are counted apart.
#[derive(Clone)]
pub struct Ideal {
    /// The name that [`Ctx::ideal`] asks for.
    pub name: &'static str,
    /// Starts it.
    pub start: Arc<dyn Fn(Ctx) -> PartyFuture<()> + Send + Sync>,
}

/// What a run depends on, apart from the code of the parties.
#[derive(Clone)]
pub struct Config {
    /// The network; its nodes are the parties.
    pub network: Arc<Network>,
    /// Scheduled faults.
    pub faults: Vec<Fault>,
    /// How compute enters virtual time.
    pub compute: Compute,
    /// Parties whose machine is not like the others': what compute takes there over what it takes
    /// elsewhere, in thousandths.
    pub slowdown_permille: BTreeMap<PartyId, u32>,
    /// Root of all randomness.
    pub seed: RunSeed,
    /// Receives give up after this long, nanoseconds: the bound of a synchronous network.
    pub synchrony_ns: Option<u64>,
    /// When a run is cut off.
    pub limits: Limits,
    /// Permutes the order of events that are equal in time and kind.
    pub salt: Option<u64>,
    /// Keep what each ordered pair carried.
    pub keep_links: bool,
    /// Take down what happens, up to so many messages; a run with more has no [`Run::trace`].
    pub trace_messages: usize,
    /// Keep what honest parties and ideal functionalities hold, for an omniscient checker.
    pub keep_taps: bool,
    /// Parties whose randomness is not what it should be.
    pub randomness: BTreeMap<PartyId, Randomness>,
    /// Decides all random draws, for exact tests.
    pub tape: Option<Arc<dyn Tape>>,
    /// Make each departure an event even where nothing acts on it; results are the same.
    pub full_path: bool,
}

impl Config {
    /// A plain run over a network: no faults, no compute, default limits.
    #[must_use]
    pub fn new(network: Network, seed: RunSeed) -> Self {
        Config {
            network: Arc::new(network),
            faults: Vec::new(),
            compute: Compute::None,
            slowdown_permille: BTreeMap::new(),
            seed,
            synchrony_ns: None,
            limits: Limits::default(),
            salt: None,
            keep_links: false,
            trace_messages: 0,
            keep_taps: false,
            randomness: BTreeMap::new(),
            tape: None,
            full_path: false,
        }
    }
}

/// When a run is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Virtual time, nanoseconds.
    pub virtual_ns: u64,
    /// Events handled.
    pub events: u64,
    /// Polls of one party in one instant.
    pub polls_in_instant: u32,
}

impl Default for Limits {
    fn default() -> Self {
        // A virtual day; more events than a day of wall time handles.
        Limits {
            virtual_ns: 86_400_000_000_000,
            events: 100_000_000_000,
            polls_in_instant: 100_000,
        }
    }
}

/// A run to be made: configuration, ideal functionalities, adversary.
pub struct Simulation {
    config: Config,
    ideals: Vec<Ideal>,
    adversary: Option<Box<dyn Adversary>>,
}

impl Simulation {
    /// A run under this configuration.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Simulation { config, ideals: Vec::new(), adversary: None }
    }

    /// Adds an ideal functionality as a node of its own.
    #[must_use]
    pub fn with_ideal(mut self, ideal: Ideal) -> Self {
        self.ideals.push(ideal);
        self
    }

    /// Puts an adversary at the outboxes.
    #[must_use]
    pub fn with_adversary(mut self, adversary: Box<dyn Adversary>) -> Self {
        self.adversary = Some(adversary);
        self
    }

    /// Runs every party's code to its end; `start` is called once for each party, and again when
    /// one restarts.
    pub fn run<T: Output>(self, start: impl Fn(Ctx) -> PartyFuture<T>) -> Run<T> {
        run::Kernel::new(self.config, self.ideals, self.adversary, &start).run()
    }
}
