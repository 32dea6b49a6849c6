//! Half-gates garbling (Zahur, Rosulek, Evans, "Two Halves Make a Whole", EUROCRYPT 2015) of
//! batches of AND gates that do not depend on each other, such as a layer of a circuit.
//!
//! The label of bit `b` on a wire is `zero ^ b delta`, and bit 0 of a label is its permute bit, so
//! `delta` has bit 0 set. XOR gates are free (XOR of labels), NOT is XOR with `delta` at the
//! garbler. Gate `j` hashes with [`tccr`](crate::hash::tccr) under tweaks `2j` and `2j + 1`.

use crate::level::kernel;
use crate::{Block, Level, Tweak};

/// Blocks of a garbled AND gate: the garbler's half, the evaluator's half.
pub const TABLE_BLOCKS: usize = 2;

/// A garbled AND gate.
pub type Table = [Block; TABLE_BLOCKS];

/// Garbles AND gates: from the zero labels of their two inputs to their tables, and to the zero
/// labels of their outputs.
///
/// The gates are those numbered from `first.index` on, in the session of `first`; no gate's number
/// is used twice in a session. Four hashes and two key expansions for each gate.
///
/// # Panics
/// If there are not as many inputs, tables and outputs, or bit 0 of `delta` is not set.
pub fn garble_ands(
    delta: Block,
    first: Tweak,
    inputs: &[[Block; 2]],
    tables: &mut [Table],
    outputs: &mut [Block],
) {
    assert!(delta.lsb(), "permute bits of two labels differ");
    assert_eq!(inputs.len(), tables.len(), "every gate has a table");
    assert_eq!(inputs.len(), outputs.len(), "every gate has an output");
    kernel!(Level::current(), garble_ands(delta, halves(first), inputs, tables, outputs));
}

/// Evaluates AND gates: from the active labels of their inputs to those of their outputs.
///
/// Gates are numbered as they were garbled. Two hashes and two key expansions for each gate.
///
/// # Panics
/// If there are not as many inputs, tables and outputs.
pub fn evaluate_ands(first: Tweak, inputs: &[[Block; 2]], tables: &[Table], outputs: &mut [Block]) {
    assert_eq!(inputs.len(), tables.len(), "every gate has a table");
    assert_eq!(inputs.len(), outputs.len(), "every gate has an output");
    kernel!(Level::current(), evaluate_ands(halves(first), inputs, tables, outputs));
}

/// The first tweak of gates that are numbered from `first` on.
fn halves(first: Tweak) -> Tweak {
    Tweak { index: first.index.wrapping_mul(2), ..first }
}
