use super::{Name, NodeId, Range, Type};

/// Why a program can't be built.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProgramError {
    /// A result may need more than [`super::MAX_BITS`] bits.
    #[error(
        "node {} ({operation}): operands in {} may give a result wider than {} bits",
        node.0, list(operands), super::MAX_BITS
    )]
    Overflow {
        /// The node that would overflow.
        node: NodeId,
        /// Its operation.
        operation: &'static str,
        /// Ranges of its operands.
        operands: Vec<Range>,
    },
    /// Values do not fit in the type declared for them.
    #[error("`{name}`: values in {range} do not fit in the declared {ty}")]
    Width {
        /// The input.
        name: Name,
        /// Its declared range.
        range: Range,
        /// Its declared type.
        ty: Type,
    },
    /// Lengths do not fit together.
    #[error("{operation}: lengths {left} and {right} do not fit together")]
    Length {
        /// The operation.
        operation: &'static str,
        /// Length of the vector.
        left: usize,
        /// Length of the other vector, number of groups, or position that was asked for.
        right: usize,
    },
    /// A vector that is empty, or longer than [`super::MAX_LEN`].
    #[error("{operation}: a vector of {len} elements; allowed are 1 to {}", super::MAX_LEN)]
    Size {
        /// The operation.
        operation: &'static str,
        /// The length.
        len: usize,
    },
    /// An output depends on random bits.
    #[error(
        "output `{output}` depends on random bits; a program computes a function of its inputs"
    )]
    Random {
        /// The output.
        output: Name,
    },
    /// Operands are of types that can't be combined.
    #[error("{operation}: can't combine {left} with {right}")]
    Types {
        /// The operation.
        operation: &'static str,
        /// Type of the first operand.
        left: Type,
        /// Type of the second operand.
        right: Type,
    },
    /// A truncation by no bits, by more than there are, or by more than the fractional ones.
    #[error("truncate: can't cut {shift} bits off {ty}")]
    Shift {
        /// Bits to cut off.
        shift: u32,
        /// Type of the operand.
        ty: Type,
    },
    /// A divisor that may be negative, is always 0, or comes out of a rounding.
    #[error("divide: the divisor has to be exact, non-negative and not always 0; it is in {range}")]
    Divisor {
        /// Its range.
        range: Range,
    },
    /// A radicand that may be negative, is always 0, or comes out of a rounding.
    #[error(
        "square root: the radicand has to be exact, non-negative and not always 0; it is in {range}"
    )]
    Radicand {
        /// Its range.
        range: Range,
    },
    /// A precision outside what the iteration supports.
    #[error("precision {precision} and {frac} fractional bits; allowed are 8..=60 and 0..=60")]
    Precision {
        /// Fractional bits of the reciprocal.
        precision: u32,
        /// Fractional bits of the quotient.
        frac: u32,
    },
    /// A node of another program.
    #[error("node {} does not exist in this program", .0.0)]
    UnknownNode(NodeId),
    /// Two inputs of one party, or two outputs, have the same name.
    #[error("`{0}` is declared twice")]
    Duplicate(Name),
    /// Nothing is computed.
    #[error("the program has no output and keeps nothing")]
    NoOutput,
}

fn list(ranges: &[Range]) -> String {
    ranges.iter().map(Range::to_string).collect::<Vec<_>>().join(" and ")
}

/// Why a program can't be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A party brings no values for a column.
    #[error("input party {party} brings no `{name}`")]
    MissingInput {
        /// Input party.
        party: usize,
        /// Column.
        name: Name,
    },
    /// A party brings too few or too many values.
    #[error("input party {party} brings {got} values for `{name}`; needed are {needed}")]
    InputLength {
        /// Input party.
        party: usize,
        /// Column.
        name: Name,
        /// Values that it brings.
        got: usize,
        /// Values that are needed.
        needed: usize,
    },
    /// A party brings a value outside the declared range.
    #[error("input party {party}, `{name}`, row {row}: {value} is not in {range}")]
    InputRange {
        /// Input party.
        party: usize,
        /// Column.
        name: Name,
        /// Position, from 1.
        row: usize,
        /// The raw value.
        value: i128,
        /// What is allowed.
        range: Range,
    },
    /// A value left the static range of its node: a bug in the range analysis.
    #[error("bug: element {element} of node {} is {value}, outside its static range {range}", node.0)]
    StaticRange {
        /// The node.
        node: NodeId,
        /// Position in it.
        element: usize,
        /// The value, or that it does not fit in 128 bits.
        value: String,
        /// What the builder promised.
        range: Range,
    },
}
