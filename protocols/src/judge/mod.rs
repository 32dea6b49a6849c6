//! What verdicts rest on: known attacks, and what the omniscient checker asks a protocol.

pub mod attack;
pub mod oracle;
mod reach;
