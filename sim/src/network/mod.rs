//! The simulated network: what a scenario's network file resolves to, and what serves messages.

mod spec;

pub use spec::{Delay, Distribution, Framing, Link, LinkTable, Network};
