//! The two text forms in which circuits are exchanged.
//!
//! *Bristol Fashion*: a line with the numbers of gates and wires, one with the number of input
//! words and their widths, one with those of the outputs, then a gate per line:
//! `2 1 left right out XOR`, and so on with `AND`, `INV`, `EQ` (a public bit), `EQW` (a copy), and
//! `MAND` (several ANDs at once). The older *Bristol format* has one line with the bits of the
//! first input, of the second and of the output instead, and the gates `XOR`, `AND`, `INV`. In both
//! the inputs are the first wires and the outputs the last ones.

mod read;
mod sort;
mod write;

pub use read::{ReadError, Reason, read};
pub use write::write;
