//! Scenario files, good, bad and hostile, through the public interface.

mod bad;
mod catalogue;
mod good;
mod hostile;
mod presets;
mod resolved;
mod schema;
