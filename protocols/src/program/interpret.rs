//! The ideal functionality: evaluation in the clear.

use super::evaluate::{Scalar, evaluate};
use super::graph::Program;
use super::{EvaluationError, InputDecl, Inputs, Node, NodeId, Rounding};
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

impl super::evaluate::Vector<Element> for Vector {
    fn at(&self, index: usize) -> Element {
        Element { value: Some(self.values[index]), error: self.errors[index] }
    }

    fn elements(&self) -> impl Iterator<Item = Element> + '_ {
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
    fn zip(self, other: Element, with: impl Fn(i128, i128) -> Option<i128>) -> Option<i128> {
        with(self.value?, other.value?)
    }

    fn magnitude(self) -> u128 {
        self.value.map_or(u128::MAX, i128::unsigned_abs)
    }
}

/// Every operation has a value, which [`admit`] holds against its range.
impl Scalar for Element {
    fn public(value: i128) -> Self {
        Element { value: Some(value), error: 0 }
    }

    fn plus(self, other: Element) -> Element {
        let error = self.error.saturating_add(other.error);
        Element { value: self.zip(other, i128::checked_add), error }
    }

    fn minus(self, other: Element) -> Element {
        let error = self.error.saturating_add(other.error);
        Element { value: self.zip(other, i128::checked_sub), error }
    }

    /// `|(x + dx)(y + dy) - x y| <= |x| dy + |y| dx + dx dy`
    fn times(self, other: Element) -> Element {
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

    /// All results are uncertain if any operand is.
    fn gates(circuit: &Layered, bits: Vec<Element>) -> Option<Vec<Element>> {
        let error = u128::from(bits.iter().any(|bit| bit.error != 0));
        let bits: Bits = bits.iter().map(|bit| bit.value == Some(1)).collect();
        let bit = |bit: bool| Element { value: Some(i128::from(bit)), error };
        Some(circuit.evaluate(bits, 1).ok()?.iter().map(bit).collect())
    }

    /// Either of both if the condition is uncertain.
    fn choose(self, a: Element, b: Element) -> Option<Element> {
        let (taken, left) = if self.value == Some(1) { (a, b) } else { (b, a) };
        let value = taken.value.filter(|_| self.value.is_some());
        if self.error == 0 {
            return Some(Element { value, error: taken.error });
        }
        let error = taken.minus(left).magnitude().saturating_add(taken.error.max(left.error));
        Some(Element { value, error })
    }

    /// The bit is certain if no error that is possible changes it.
    fn less(self, other: Element) -> Option<Element> {
        let difference = self.minus(other);
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
        Some(Element { value: difference.value.map(|value| i128::from(value < 0)), error })
    }

    fn equal(self, other: Element) -> Option<Element> {
        let difference = self.minus(other);
        let distance = difference.magnitude();
        let error = u128::from(difference.error != 0 && difference.error >= distance);
        Some(Element { value: difference.value.map(|value| i128::from(value == 0)), error })
    }

    fn truncate(self, shift: u32, rounding: Rounding) -> Option<Element> {
        let either = u128::from(rounding == Rounding::Either);
        let error = self.error.div_ceil(1 << shift).saturating_add(either);
        Some(Element { value: self.value.map(|value| value >> shift), error })
    }

    fn random() -> Option<Element> {
        Some(Element::public(0))
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
        let public = |values: &[i128]| values.iter().map(|value| Element::public(*value)).collect();
        let elements = evaluate(node, &vectors, |at| given.get(at).map(|column| public(column)));
        // What no circuit yields, no range admits.
        let elements = elements.unwrap_or_else(|| vec![Element { value: None, error: 0 }]);
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
