//! The simulated network: what a scenario's network file resolves to, and what serves messages.

mod fabric;
mod flow;
mod latency;
mod queue;
mod server;
mod spec;

pub use fabric::{Ask, Fabric};
pub use latency::{Latency, MAX_LATENCY_NS};
pub use spec::{BadNetwork, Delay, Distribution, Framing, Link, LinkTable, Network};

#[cfg(test)]
mod fabric_tests;
