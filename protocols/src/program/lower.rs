//! Programs in terms of what engines over rings have: bits are the numbers 0 and 1.

use std::borrow::Cow;

use super::builder::Draft;
use super::graph::Program;
use super::{Builder, Node, NodeId, Operation, ProgramError};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// The same program without operations of bits: `a and b` is a product, `a xor b` is
/// `a + b - 2 a b`, `not a` is `1 - a`, and a choice is `b + c (a - b)`.
///
/// # Errors
/// A difference between the two values of a choice that is too wide.
pub(crate) fn to_numbers(program: &Program) -> Result<Program> {
    let program = &*without_circuits(program)?;
    let mut builder = Builder::with_inputs(program.inputs());
    let mut names: Vec<NodeId> = Vec::with_capacity(program.nodes().len());
    for node in program.nodes() {
        let of = |id: NodeId| names[id.index()];
        names.push(number(&mut builder, node, of)?);
    }
    program.rebuilt(builder, |id| names[id.index()])
}

/// The same program with the gates of its circuits as single operations.
fn without_circuits(program: &Program) -> Result<Cow<'_, Program>> {
    let is_circuit = |node: &Node| matches!(node.operation, Operation::Gates { .. });
    if !program.nodes().iter().any(is_circuit) {
        return Ok(Cow::Borrowed(program));
    }
    let mut builder = Builder::with_inputs(program.inputs());
    let mut names: Vec<NodeId> = Vec::with_capacity(program.nodes().len());
    for node in program.nodes() {
        let name = match &node.operation {
            Operation::Gates { circuit, a } => {
                let result = builder.gate_by_gate(circuit.circuit(), names[a.index()])?;
                builder.stand_for(result, node);
                result
            }
            same => {
                let mut same = same.clone();
                same.rename(|id| names[id.index()]);
                builder.adopt(node, same)?
            }
        };
        names.push(name);
    }
    program.rebuilt(builder, |id| names[id.index()]).map(Cow::Owned)
}

impl Builder {
    /// Adds a node that holds what `like` holds, computed in another way.
    pub(super) fn adopt(&mut self, like: &Node, operation: Operation) -> Result<NodeId> {
        let (len, frac) = (like.len, like.ty.frac());
        let id =
            self.push(Draft { operation, len, range: Some(like.range), frac, error: like.error })?;
        self.retype(id, like.ty);
        Ok(id)
    }

    /// Gives a node range, error and type of `like`, which it stands for.
    pub(super) fn stand_for(&mut self, id: NodeId, like: &Node) {
        self.tighten(id, like.range, like.error);
        self.retype(id, like.ty);
    }
}

pub(super) fn number(
    builder: &mut Builder,
    node: &Node,
    of: impl Fn(NodeId) -> NodeId,
) -> Result<NodeId> {
    let result = match node.operation {
        Operation::And(a, b) => return builder.adopt(node, Operation::Mul(of(a), of(b))),
        Operation::Not(a) => builder.sub_from(1, of(a))?,
        Operation::Xor(a, b) => {
            let (a, b) = (of(a), of(b));
            let sum = builder.add(a, b)?;
            let product = builder.mul_numbers(a, b)?;
            let twice = builder.scale(product, 2)?;
            builder.sub(sum, twice)?
        }
        Operation::Select { condition, a, b } => {
            let (condition, a, b) = (of(condition), of(a), of(b));
            let difference = builder.sub(a, b)?;
            let scaled = builder.mul_numbers(condition, difference)?;
            builder.add(b, scaled)?
        }
        ref same => {
            let mut same = same.clone();
            same.rename(of);
            return builder.adopt(node, same);
        }
    };
    builder.stand_for(result, node);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{BatchKind, Decoding, Inputs, Type, interpret};

    /// Every operation of bits, and a choice between numbers, on all four pairs of bits.
    fn logic() -> Result<Program> {
        let mut builder = Builder::new();
        let a = builder.input("a", 0, 4, Type::Bit)?;
        let b = builder.input("b", 0, 4, Type::Bit)?;
        let [and, or] = [builder.and(a, b)?, builder.or(a, b)?];
        let [xor, not] = [builder.xor(a, b)?, builder.not(a)?];
        let [seven, nine] = [builder.constant(vec![7; 4], 0)?, builder.constant(vec![9; 4], 0)?];
        let chosen = builder.select(a, seven, nine)?;
        for (name, node) in [("and", and), ("or", or), ("xor", xor), ("not", not), ("7|9", chosen)]
        {
            builder.output(name, node, Decoding::Integer)?;
        }
        builder.finish()
    }

    #[test]
    fn numbers_do_what_bits_do() {
        let program = logic().expect("allowed");
        let bits = |bits: [i128; 4]| bits.to_vec();
        let inputs = Inputs::from([
            ("a".to_owned(), bits([0, 0, 1, 1])),
            ("b".to_owned(), bits([0, 1, 0, 1])),
        ]);
        let truth = [[0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0], [9, 9, 7, 7]];
        let numbers = to_numbers(&program).expect("narrow");
        for program in [&program, &numbers] {
            let expected = interpret(program, std::slice::from_ref(&inputs)).expect("bits");
            assert_eq!(expected.outputs, truth.concat());
            assert!(expected.errors.iter().all(|error| *error == 0));
        }
        let kinds = |program: &Program| -> Vec<BatchKind> {
            program.schedule().batches.iter().map(|batch| batch.kind).collect()
        };
        assert_eq!(kinds(&program), [BatchKind::And, BatchKind::Select]);
        assert_eq!(kinds(&numbers), [BatchKind::Mul], "all in one layer");
        assert_eq!((program.statistics().ands, program.statistics().selections), (8, 4));
        assert_eq!(numbers.statistics().multiplications, 16, "an XOR is a product, too");
    }
}
