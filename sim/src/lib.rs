//! skeleton
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod compute;
pub mod faults;
pub mod network;
pub mod vocabulary;
pub mod wire;

/// skeleton
#[derive(Clone)]
pub struct Ctx;
