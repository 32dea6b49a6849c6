//! The ideal functionality: evaluation in the clear.

use super::graph::Program;
use super::{EvaluationError, InputDecl, Inputs, Node, NodeId, Operation, Rounding};
use crate::algebra::bits::Bits;
use crate::circuit::Layered;

/// What an engine should open, and how far it may be off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Raw outputs in the order of their declarations, every truncation floored.
    pub outputs: Vec<i128>,
    /// Bound on |computed - interpreted| of each output for these inputs; 0 where no
    /// [`Rounding::Either`] is upstream.
    pub errors: Vec<u128>,
}

/// A vector with a bound on what either rounding may change in each element.
#[derive(Clone, Default)]
struct Vector {
    values: Vec<i128>,
    errors: Vec<u128>,
}

impl Vector {
    fn at(&self, index: usize) -> Element {
        Element { value: Some(self.values[index]), error: self.errors[index] }
    }

    fn iter(&self) -> impl Iterator<Item = Element> + '_ {
        (0..self.values.len()).map(|index| self.at(index))
    }
}

/// One value, none if it overflowed, and its error.
#[derive(Clone, Copy)]
struct Element {
    value: Option<i128>,
    error: u128,
}

impl Element {
    const ZERO: Element = Element { value: Some(0), error: 0 };

    fn public(value: i128) -> Self {
        Element { value: Some(value), error: 0 }
    }

    fn zip(self, other: Element, with: impl Fn(i128, i128) -> Option<i128>) -> Option<i128> {
        with(self.value?, other.value?)
    }

    fn magnitude(self) -> u128 {
        self.value.map_or(u128::MAX, i128::unsigned_abs)
    }

    fn add(self, other: Element) -> Element {
        let error = self.error.saturating_add(other.error);
        Element { value: self.zip(other, i128::checked_add), error }
    }

    fn sub(self, other: Element) -> Element {
        let error = self.error.saturating_add(other.error);
        Element { value: self.zip(other, i128::checked_sub), error }
    }

    /// `|(x + dx)(y + dy) - x y| <= |x| dy + |y| dx + dx dy`
    fn mul(self, other: Element) -> Element {
        let left = self.magnitude().saturating_mul(other.error);
        let right = other.magnitude().saturating_mul(self.error);
        let both = self.error.saturating_mul(other.error);
        let error = left.saturating_add(right).saturating_add(both);
        Element { value: self.zip(other, i128::checked_mul), error }
    }

    fn xor(self, other: Element) -> Element {
        let error = u128::from(self.error != 0 || other.error != 0);
        Element { value: self.zip(other, |x, y| Some(x ^ y)), error }
    }

    fn low_bit(self) -> Element {
        let error = u128::from(self.error != 0);
        Element { value: self.value.map(|value| value & 1), error }
    }

    /// `a` if this is 1, else `b`; either of them if it is uncertain.
    fn choose(self, a: Element, b: Element) -> Element {
        let (taken, left) = if self.value == Some(1) { (a, b) } else { (b, a) };
        let value = taken.value.filter(|_| self.value.is_some());
        if self.error == 0 {
            return Element { value, error: taken.error };
        }
        let error = taken.sub(left).magnitude().saturating_add(taken.error.max(left.error));
        Element { value, error }
    }

    /// The bit is certain if no error that is possible changes it.
    fn less(self, other: Element) -> Element {
        let difference = self.sub(other);
        let error = difference.value.map_or(1, |value| {
            let distance = value.unsigned_abs();
            let kept = difference.error == 0
                || if value < 0 {
                    difference.error < distance
                } else {
                    difference.error <= distance
                };
            u128::from(!kept)
        });
        Element { value: difference.value.map(|value| i128::from(value < 0)), error }
    }

    fn equal(self, other: Element) -> Element {
        let difference = self.sub(other);
        let distance = difference.magnitude();
        let error = u128::from(difference.error != 0 && difference.error >= distance);
        Element { value: difference.value.map(|value| i128::from(value == 0)), error }
    }

    fn truncate(self, shift: u32, rounding: Rounding) -> Element {
        let either = u128::from(rounding == Rounding::Either);
        let error = self.error.div_ceil(1 << shift).saturating_add(either);
        Element { value: self.value.map(|value| value >> shift), error }
    }
}

/// Evaluates a program in the clear; `inputs[k]` is what input party `k` brings.
///
/// # Errors
/// Inputs that are missing, of the wrong length or out of range, also in columns that no output
/// depends on: the functionality refuses them, and the error names party and column. A value
/// outside its static range, which is a bug.
pub fn interpret(program: &Program, inputs: &[Inputs]) -> Result<Expected, EvaluationError> {
    let given: Result<Vec<&[i128]>, EvaluationError> =
        program.inputs().iter().map(|decl| given(decl, inputs)).collect();
    let given = given?;
    let mut vectors: Vec<Vector> = Vec::with_capacity(program.nodes().len());
    for (index, node) in program.nodes().iter().enumerate() {
        let elements = evaluate(node, &vectors, &given);
        vectors.push(admit(NodeId(index as u32), node, elements)?);
    }
    let mut expected = Expected { outputs: Vec::new(), errors: Vec::new() };
    for output in program.outputs() {
        let vector = &vectors[output.node.index()];
        expected.outputs.extend(&vector.values);
        expected.errors.extend(&vector.errors);
    }
    Ok(expected)
}

fn evaluate(node: &Node, vectors: &[Vector], given: &[&[i128]]) -> Vec<Element> {
    let of = |id: &NodeId| &vectors[id.index()];
    let pairs = |a, b, with: fn(Element, Element) -> Element| {
        of(a).iter().zip(of(b).iter()).map(|(x, y)| with(x, y)).collect::<Vec<_>>()
    };
    match &node.operation {
        Operation::Input(index) => {
            given[*index].iter().map(|&value| Element::public(value)).collect()
        }
        Operation::Const(values) => values.iter().map(|&value| Element::public(value)).collect(),
        // No output depends on them.
        Operation::RandomBits => vec![Element::public(0); node.len],
        Operation::Add(a, b) => pairs(a, b, Element::add),
        Operation::Sub(a, b) => pairs(a, b, Element::sub),
        Operation::Mul(a, b) => pairs(a, b, Element::mul),
        Operation::And(a, b) => pairs(a, b, Element::mul),
        Operation::Xor(a, b) => pairs(a, b, Element::xor),
        Operation::Not(a) => of(a).iter().map(|x| Element::public(1).sub(x)).collect(),
        Operation::Gates { circuit, a } => gates(circuit, of(a)),
        Operation::Inject(a) => of(a).iter().collect(),
        Operation::LowBit(a) => of(a).iter().map(Element::low_bit).collect(),
        Operation::Select { condition, a, b } => {
            let values = of(a).iter().zip(of(b).iter());
            of(condition).iter().zip(values).map(|(c, (x, y))| c.choose(x, y)).collect()
        }
        Operation::Less(a, b) => pairs(a, b, Element::less),
        Operation::Equal(a, b) => pairs(a, b, Element::equal),
        Operation::Scale { a, by } => of(a).iter().map(|x| x.mul(Element::public(*by))).collect(),
        Operation::ScaleEach { a, by } => {
            of(a).iter().zip(by).map(|(x, &by)| x.mul(Element::public(by))).collect()
        }
        Operation::Sum { a, groups } => sums(of(a).iter().collect(), *groups),
        Operation::Dot { a, b, groups } => sums(pairs(a, b, Element::mul), *groups),
        Operation::Gather { a, indices } => {
            indices.iter().map(|&index| of(a).at(index as usize)).collect()
        }
        Operation::Concat(parts) => parts.iter().flat_map(|part| of(part).iter()).collect(),
        Operation::Truncate { a, shift, rounding } => {
            of(a).iter().map(|x| x.truncate(*shift, *rounding)).collect()
        }
    }
}

/// All results are uncertain if any operand is.
fn gates(circuit: &Layered, operands: &Vector) -> Vec<Element> {
    let error = u128::from(operands.errors.iter().any(|error| *error != 0));
    let bits: Bits = operands.values.iter().map(|value| *value == 1).collect();
    let none = || vec![Element { value: None, error }; circuit.circuit().output_bits()];
    let bit = |bit: bool| Element { value: Some(i128::from(bit)), error };
    circuit.evaluate(bits, 1).map_or_else(|_| none(), |bits| bits.iter().map(bit).collect())
}

fn sums(elements: Vec<Element>, groups: usize) -> Vec<Element> {
    let sum = |group: &[Element]| group.iter().fold(Element::ZERO, |sum, x| sum.add(*x));
    elements.chunks(elements.len() / groups).map(sum).collect()
}

/// What a party brings for a column, if the functionality accepts it.
pub(super) fn given<'a>(
    decl: &InputDecl,
    inputs: &'a [Inputs],
) -> Result<&'a [i128], EvaluationError> {
    let party = decl.party;
    let name = || decl.name.clone();
    let values = inputs
        .get(party)
        .and_then(|columns| columns.integers(&decl.name))
        .ok_or(EvaluationError::MissingInput { party, name: name() })?;
    if values.len() != decl.len {
        let (got, needed) = (values.len(), decl.len);
        return Err(EvaluationError::InputLength { party, name: name(), got, needed });
    }
    if let Some(row) = values.iter().position(|&value| !decl.range.contains(value)) {
        let (value, range) = (values[row], decl.range);
        let (name, row) = (name(), row + 1);
        return Err(EvaluationError::InputRange { party, name, row, value, range });
    }
    Ok(values)
}

/// Holds every element against the static range.
fn admit(id: NodeId, node: &Node, elements: Vec<Element>) -> Result<Vector, EvaluationError> {
    let mut vector = Vector::default();
    for (element, x) in elements.into_iter().enumerate() {
        match x.value.filter(|&value| node.range.contains(value)) {
            Some(value) => {
                vector.values.push(value);
                vector.errors.push(x.error.min(node.error));
            }
            None => {
                let value = x.value.map_or("more than 128 bits".to_owned(), |v| v.to_string());
                let range = node.range;
                return Err(EvaluationError::StaticRange { node: id, element, value, range });
            }
        }
    }
    Ok(vector)
}
