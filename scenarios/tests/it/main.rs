//! Scenario files, good, bad and hostile, through the public interface.
#![allow(clippy::unwrap_used)]

mod adversary;
mod bad;
mod catalogue;
mod good;
mod hostile;
mod later;
mod presets;
mod resolved;
mod schema;
mod tables;
mod texts;
mod written;
