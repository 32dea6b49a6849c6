//! Generic protocols that withstand all parties but one.

pub mod additive;
pub mod gmw;
pub mod semi;
pub mod spdz;
pub mod tinyot;
