//! Protocols held against the ideal functionality, their declared costs and their claims.

mod claims;
mod controls;
mod freshness;
mod functions;
mod gmw;
mod harness;
mod programs;
mod random;
mod refusals;
mod rep3_ps;
mod slopes;
mod spdz;
