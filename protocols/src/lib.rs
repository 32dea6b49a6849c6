//! skeleton
pub mod algebra;
pub mod primitives;
