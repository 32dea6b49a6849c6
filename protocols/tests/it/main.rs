//! Protocols held against the ideal functionality, their declared costs and their claims.
//!
//! All but `special` follows from the registry and names no protocol.

mod claims;
mod controls;
mod effective;
mod freshness;
mod functions;
mod harness;
mod library;
mod programs;
mod random;
mod redo;
mod refusals;
mod registry;
mod scopes;
mod slopes;
mod special;
mod tampering;
