//! What the operations of a program mean, element by element, whatever the elements are: integers
//! with error bounds for the ideal functionality, ring elements for an engine's own arithmetic.

use super::{Node, NodeId, Operation, Rounding};
use crate::circuit::Layered;

/// One element of a vector.
///
/// A sum of products is what every arithmetic has; what is `None` it can't do.
pub(crate) trait Scalar: Copy {
    /// A public value.
    fn public(value: i128) -> Self;
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Difference.
    fn minus(self, other: Self) -> Self;
    /// Product, and conjunction of bits.
    fn times(self, other: Self) -> Self;
    /// Exclusive or of bits.
    fn xor(self, other: Self) -> Self;
    /// Parity of a representative.
    fn low_bit(self) -> Self;
    /// What a circuit makes of bits.
    fn gates(circuit: &Layered, bits: Vec<Self>) -> Option<Vec<Self>>;
    /// `a` if this bit is 1, else `b`.
    fn choose(self, a: Self, b: Self) -> Option<Self>;
    /// Whether it is smaller.
    fn less(self, other: Self) -> Option<Self>;
    /// Whether both are the same.
    fn equal(self, other: Self) -> Option<Self>;
    /// The floor of a quotient by `2^shift`, or one more.
    fn truncate(self, shift: u32, rounding: Rounding) -> Option<Self>;
    /// Random bits, on which no output depends.
    fn random() -> Option<Self>;
}

/// A vector of elements, however they are stored.
pub(crate) trait Vector<S> {
    /// Its elements in order.
    fn elements(&self) -> impl Iterator<Item = S> + '_;
    /// One of them.
    fn at(&self, index: usize) -> S;
}

impl<S: Copy> Vector<S> for Vec<S> {
    fn elements(&self) -> impl Iterator<Item = S> + '_ {
        self.iter().copied()
    }

    fn at(&self, index: usize) -> S {
        self[index]
    }
}

/// The elements of a node, from those of the nodes before it and, by index, the inputs; `None` for
/// operations that the elements do not have, and inputs that are not there.
pub(crate) fn evaluate<S: Scalar, V: Vector<S>>(
    node: &Node,
    before: &[V],
    input: impl FnOnce(usize) -> Option<Vec<S>>,
) -> Option<Vec<S>> {
    let of = |id: &NodeId| &before[id.index()];
    let each = |a: &NodeId, with: &dyn Fn(S) -> S| of(a).elements().map(with).collect::<Vec<S>>();
    let pairs = |a: &NodeId, b: &NodeId, with: fn(S, S) -> S| {
        of(a).elements().zip(of(b).elements()).map(|(x, y)| with(x, y)).collect::<Vec<S>>()
    };
    let decided = |a: &NodeId, b: &NodeId, with: fn(S, S) -> Option<S>| {
        of(a).elements().zip(of(b).elements()).map(|(x, y)| with(x, y)).collect()
    };
    Some(match &node.operation {
        Operation::Input(index) => input(*index)?,
        Operation::Const(values) => values.iter().map(|value| S::public(*value)).collect(),
        Operation::RandomBits => vec![S::random()?; node.len],
        Operation::Add(a, b) => pairs(a, b, S::plus),
        Operation::Sub(a, b) => pairs(a, b, S::minus),
        Operation::Mul(a, b) | Operation::And(a, b) => pairs(a, b, S::times),
        Operation::Xor(a, b) => pairs(a, b, S::xor),
        Operation::Not(a) => each(a, &|x| S::public(1).minus(x)),
        Operation::Gates { circuit, a } => S::gates(circuit, of(a).elements().collect())?,
        Operation::Inject(a) => of(a).elements().collect(),
        Operation::LowBit(a) => each(a, &S::low_bit),
        Operation::Select { condition, a, b } => {
            let values = of(a).elements().zip(of(b).elements());
            let chosen = of(condition).elements().zip(values).map(|(c, (x, y))| c.choose(x, y));
            return chosen.collect();
        }
        Operation::Less(a, b) => return decided(a, b, S::less),
        Operation::Equal(a, b) => return decided(a, b, S::equal),
        Operation::Scale { a, by } => {
            let by = S::public(*by);
            each(a, &|x| x.times(by))
        }
        Operation::ScaleEach { a, by } => {
            of(a).elements().zip(by).map(|(x, by)| x.times(S::public(*by))).collect()
        }
        Operation::Sum { a, groups } => sums(of(a).elements().collect(), *groups),
        Operation::Dot { a, b, groups } => sums(pairs(a, b, S::times), *groups),
        Operation::Gather { a, indices } => {
            indices.iter().map(|index| of(a).at(*index as usize)).collect()
        }
        Operation::Concat(parts) => parts.iter().flat_map(|part| of(part).elements()).collect(),
        Operation::Truncate { a, shift, rounding } => {
            return of(a).elements().map(|x| x.truncate(*shift, *rounding)).collect();
        }
    })
}

fn sums<S: Scalar>(elements: Vec<S>, groups: usize) -> Vec<S> {
    let sum = |group: &[S]| group.iter().fold(S::public(0), |sum, x| sum.plus(*x));
    elements.chunks((elements.len() / groups.max(1)).max(1)).map(sum).collect()
}
