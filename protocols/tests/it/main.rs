//! Protocols held against the ideal functionality, their declared costs and their claims.

mod functions;
mod harness;
