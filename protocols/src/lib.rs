//! skeleton
pub mod algebra;
pub mod functions;
pub mod primitives;
pub mod program;
