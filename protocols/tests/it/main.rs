//! Protocols held against the ideal functionality, their declared costs and their claims.

mod claims;
mod controls;
mod dn07;
mod freshness;
mod functions;
mod harness;
mod programs;
mod random;
mod refusals;
mod rep3_ps;
mod scopes;
mod slopes;
mod spdz;
