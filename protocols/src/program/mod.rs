//! What is computed: a typed, vectorised data-flow program over integers.
//!
//! A [`Builder`] makes a [`Program`] once per cell. Every node is a vector whose elements are
//! integers with a range that is known beforehand, so an engine knows before the first message
//! how wide its field or ring has to be; what could overflow is refused, nothing wraps silently.
//! [`interpret`] is the ideal functionality: it computes in the clear, and an engine's outputs are
//! held against it by [`check`].
//!
//! Inputs outside the declared range are refused by the functionality:
//! [`EvaluationError::InputRange`] names party and column. A malicious party can hand such an input
//! to an engine that does not check it; what the program yields then is not defined.
//! [`existential`] asks whether any inputs of the parties that nobody can look into explain given
//! outputs.
//!
//! Truncation with [`Rounding::Either`] lets an engine answer the floor or the floor plus one. The
//! interpreter takes the floor, and bounds per output element how far the engine may be off.

mod align;
mod arithmetic;
mod builder;
mod check;
mod decimal;
mod declaration;
mod division;
pub(crate) mod domain;
mod error;
pub(crate) mod evaluate;
mod existential;
#[cfg(test)]
mod fixed_tests;
mod gates;
mod graph;
mod interpret;
mod live;
mod logic;
mod lower;
mod node;
mod order;
mod range;
mod root;
mod schedule;
mod sharing;
mod sort;
mod statistics;
#[cfg(test)]
pub(crate) mod tests;
mod types;
mod walk;
mod wide;

pub use builder::Builder;
pub use check::{Mismatch, check, check_known, check_outputs};
pub use decimal::{DecimalError, format_quotient, parse_decimal, parse_scaled};
pub use declaration::{Decoding, ErrorBound, InputDecl, Name, OutputDecl, Recipients};
pub(crate) use division::ulp;
pub use division::{Approximation, Division};
pub use error::{EvaluationError, ProgramError};
pub use existential::{Existential, existential};
pub use gates::{CircuitProgramError, circuit_program};
pub use graph::Program;
pub use interpret::{Expected, interpret};
pub(crate) use lower::to_numbers;
pub use node::{Node, Operation, Sharing};
pub use order::TopTwo;
pub use range::Range;
pub use root::Root;
pub use schedule::{Batch, BatchKind, Schedule};
pub(crate) use sharing::{Price, SharingPrices, to_cheapest};
pub use sort::sort_layers;
pub use statistics::Statistics;
pub use types::{NodeId, Rounding, Type};
pub use walk::{Readers, Walk};
pub use wide::{Halves, MAX_WIDE_BITS, Wide};

pub use crate::value::{Inputs, Outputs};

/// No element of a program is wider than this, bits with sign.
pub const MAX_BITS: u32 = 127;

/// No vector of a program is longer than this.
pub const MAX_LEN: usize = 1 << 24;
