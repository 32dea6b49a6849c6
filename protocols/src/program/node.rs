use std::sync::Arc;

use super::{NodeId, Range, Rounding, Type};
use crate::circuit::Layered;

/// One vector of a program: how it arises, and what is known of every element beforehand.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// How it is computed.
    pub operation: Operation,
    /// How its elements are read.
    pub ty: Type,
    /// Number of elements.
    pub len: usize,
    /// Holds every element, both as interpreted and as computed with either rounding.
    pub range: Range,
    /// Bound on |computed - interpreted| of any element, in raw units: what [`Rounding::Either`]
    /// may cause for the worst inputs.
    pub error: u128,
    /// Interactive operations on the longest path that ends here, this one included.
    pub depth: u32,
    /// How an engine shares it, if it has several ways.
    pub sharing: Sharing,
}

/// How the elements of a vector are shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// As numbers of the engine's ring or field.
    #[default]
    Arithmetic,
    /// As packed bits modulo 2.
    Boolean,
}

/// What engines execute. Vectors have equal lengths unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// The declared input with this index.
    Input(usize),
    /// Public values.
    Const(Vec<i128>),
    /// Uniform bits that nobody knows, as many as the result has elements. No output may depend on
    /// them: what a program computes is a function of its inputs.
    RandomBits,
    /// `a + b`
    Add(NodeId, NodeId),
    /// `a - b`
    Sub(NodeId, NodeId),
    /// `a * by`, one public factor for all elements.
    Scale {
        /// The vector.
        a: NodeId,
        /// The factor.
        by: i128,
    },
    /// `a[i] * by[i]`, public factors.
    ScaleEach {
        /// The vector.
        a: NodeId,
        /// As many factors as elements.
        by: Vec<i128>,
    },
    /// Sums of contiguous groups of equal length; one element per group.
    Sum {
        /// The vector.
        a: NodeId,
        /// Number of groups, a divisor of its length.
        groups: usize,
    },
    /// `a[indices[i]]`: selection, permutation, repetition.
    Gather {
        /// The vector.
        a: NodeId,
        /// Positions in it; as many as the result has elements.
        indices: Vec<u32>,
    },
    /// One vector after the other; lengths may differ.
    Concat(Vec<NodeId>),
    /// `a * b`, both secret.
    Mul(NodeId, NodeId),
    /// Inner products of contiguous groups of equal length; one element per group.
    Dot {
        /// Left vector.
        a: NodeId,
        /// Right vector.
        b: NodeId,
        /// Number of groups, a divisor of their length.
        groups: usize,
    },
    /// Of bits: `a and b`.
    And(NodeId, NodeId),
    /// Of bits: `a xor b`.
    Xor(NodeId, NodeId),
    /// Of bits: `not a`.
    Not(NodeId),
    /// `a` where the bit is 1, else `b`.
    Select {
        /// The bits.
        condition: NodeId,
        /// What is taken where the bit is 1.
        a: NodeId,
        /// What is taken where it is 0.
        b: NodeId,
    },
    /// A boolean circuit on bits: its input words one after the other; its output words so, too.
    Gates {
        /// The circuit, ordered by its layers of ANDs.
        circuit: Arc<Layered>,
        /// As many bits as it has input wires.
        a: NodeId,
    },
    /// Packed bits as numbers.
    Inject(NodeId),
    /// Numbers modulo 2, as packed bits: what shares modulo a power of two have in their low bits.
    LowBit(NodeId),
    /// Bit: `a < b`.
    Less(NodeId, NodeId),
    /// Bit: `a = b`.
    Equal(NodeId, NodeId),
    /// Division by `2^shift`, rounded as said.
    Truncate {
        /// The vector.
        a: NodeId,
        /// Bits cut off, at least 1.
        shift: u32,
        /// How exactly.
        rounding: Rounding,
    },
}

impl Operation {
    /// Short lower-case name for messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Input(_) => "input",
            Operation::Const(_) => "const",
            Operation::RandomBits => "random_bits",
            Operation::Add(..) => "add",
            Operation::Sub(..) => "sub",
            Operation::Scale { .. } => "scale",
            Operation::ScaleEach { .. } => "scale_each",
            Operation::Sum { .. } => "sum",
            Operation::Gather { .. } => "gather",
            Operation::Concat(_) => "concat",
            Operation::Mul(..) => "mul",
            Operation::Dot { .. } => "dot",
            Operation::And(..) => "and",
            Operation::Xor(..) => "xor",
            Operation::Not(_) => "not",
            Operation::Select { .. } => "select",
            Operation::Gates { .. } => "gates",
            Operation::Inject(_) => "inject",
            Operation::LowBit(_) => "low_bit",
            Operation::Less(..) => "less",
            Operation::Equal(..) => "equal",
            Operation::Truncate { .. } => "truncate",
        }
    }

    /// Whether parties have to talk in order to compute it.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        matches!(
            self,
            Operation::RandomBits
                | Operation::Mul(..)
                | Operation::Dot { .. }
                | Operation::And(..)
                | Operation::Select { .. }
                | Operation::Gates { .. }
                | Operation::Inject(_)
                | Operation::Less(..)
                | Operation::Equal(..)
                | Operation::Truncate { .. }
        )
    }

    /// Interactive operations of one round that it takes one behind the other, as far as that is the
    /// same for all engines: the layers of a circuit, else one; none if it is local.
    #[must_use]
    pub fn depth(&self) -> u32 {
        match self {
            Operation::Gates { circuit, .. } => circuit.depth() as u32,
            other => u32::from(other.is_interactive()),
        }
    }

    /// The nodes that it reads, in order.
    #[must_use]
    pub fn operands(&self) -> Vec<NodeId> {
        match self {
            Operation::Input(_) | Operation::Const(_) | Operation::RandomBits => Vec::new(),
            Operation::Scale { a, .. }
            | Operation::ScaleEach { a, .. }
            | Operation::Sum { a, .. }
            | Operation::Gather { a, .. }
            | Operation::Gates { a, .. }
            | Operation::Not(a)
            | Operation::Inject(a)
            | Operation::LowBit(a)
            | Operation::Truncate { a, .. } => vec![*a],
            Operation::Add(a, b)
            | Operation::Sub(a, b)
            | Operation::Mul(a, b)
            | Operation::Dot { a, b, .. }
            | Operation::And(a, b)
            | Operation::Xor(a, b)
            | Operation::Less(a, b)
            | Operation::Equal(a, b) => vec![*a, *b],
            Operation::Select { condition, a, b } => vec![*condition, *a, *b],
            Operation::Concat(parts) => parts.clone(),
        }
    }

    /// The same operation on other nodes.
    pub(super) fn rename(&mut self, new: impl Fn(NodeId) -> NodeId) {
        match self {
            Operation::Input(_) | Operation::Const(_) | Operation::RandomBits => {}
            Operation::Scale { a, .. }
            | Operation::ScaleEach { a, .. }
            | Operation::Sum { a, .. }
            | Operation::Gather { a, .. }
            | Operation::Gates { a, .. }
            | Operation::Not(a)
            | Operation::Inject(a)
            | Operation::LowBit(a)
            | Operation::Truncate { a, .. } => *a = new(*a),
            Operation::Add(a, b)
            | Operation::Sub(a, b)
            | Operation::Mul(a, b)
            | Operation::Dot { a, b, .. }
            | Operation::And(a, b)
            | Operation::Xor(a, b)
            | Operation::Less(a, b)
            | Operation::Equal(a, b) => {
                *a = new(*a);
                *b = new(*b);
            }
            Operation::Select { condition, a, b } => {
                *condition = new(*condition);
                *a = new(*a);
                *b = new(*b);
            }
            Operation::Concat(parts) => parts.iter_mut().for_each(|part| *part = new(*part)),
        }
    }
}
