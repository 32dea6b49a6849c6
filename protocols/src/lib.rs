//! skeleton
pub mod functions;
pub mod program;
