//! What parties bring and learn: named columns of typed values.
//!
//! A [`Column`] is a vector of values of one kind. [`Inputs`] are the columns that one party
//! brings, [`Outputs`] those that one party learns: each party has its own, of its own length, and
//! a party that learns nothing has none. Programs compute on integers of up to 128 bits; the other
//! kinds are for dedicated protocols and their relations.

mod column;
mod inputs;
mod outputs;
mod text;

pub use column::{Column, ColumnError, ElementType, Items};
pub use inputs::Inputs;
pub use outputs::Outputs;
pub use text::shorten;
