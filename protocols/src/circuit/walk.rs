//! One evaluator for engines, oracle and clear evaluation.

use std::borrow::Borrow;

use mpclab_sim::work;

use super::{Gate, Interactive, Layered};
use crate::algebra::bits::{Bits, RUN};

/// A growing vector of bits that are shared in some way, or clear.
///
/// A value knows whose shares it holds, so that public constants are added by the right party.
/// Ranges lie within the vector; a walk checks its lengths before.
pub trait BitSharing: Sized {
    /// Whether XOR is computed without the other parties. NOT always is.
    const XOR_IS_LOCAL: bool;
    /// Packed vectors that a share consists of.
    const PARTS: usize = 1;

    /// Number of bits.
    fn len(&self) -> usize;

    /// Whether there are no bits.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An empty vector of the same kind, with room for `capacity` bits.
    fn empty(&self, capacity: usize) -> Self;

    /// Makes room for `more` bits.
    fn reserve(&mut self, more: usize);

    /// Appends `count` copies of a public bit.
    fn push_constant(&mut self, bit: bool, count: usize);

    /// Appends the negation of `count` bits from `at`.
    fn push_not(&mut self, at: usize, count: usize);

    /// Appends the XOR of `count` bits from `left` with those from `right`.
    ///
    /// Where XOR is not local, `product` is given: a vector and where in it the products of these
    /// bits stand. Others ignore it.
    fn push_xor(
        &mut self,
        left: usize,
        right: usize,
        count: usize,
        product: Option<(&Self, usize)>,
    );

    /// Appends `count` bits of `other`, from `at`.
    fn push_slice(&mut self, other: &Self, at: usize, count: usize);

    /// Appends a whole vector.
    fn append(&mut self, other: Self) {
        self.push_slice(&other, 0, other.len());
    }

    /// One vector of blocks of `block` bits each, the `w`-th block for each wire `w`.
    fn gather_blocks(&self, wires: impl IntoIterator<Item = u32>, block: usize) -> Self {
        let wires = wires.into_iter();
        let mut all = self.empty(wires.size_hint().0 * block);
        let mut count = 0;
        for wire in wires {
            all.push_slice(self, wire as usize * block, block);
            count += 1;
        }
        runs::<Self>(count, block);
        all
    }
}

/// Counts so many runs of so many bits that are appended to a vector.
fn runs<S: BitSharing>(count: usize, bits: usize) {
    let calls = count * S::PARTS;
    work::did_calls(RUN, calls, calls * bits.div_ceil(64));
}

impl BitSharing for Bits {
    const XOR_IS_LOCAL: bool = true;

    fn len(&self) -> usize {
        Bits::len(self)
    }
    fn empty(&self, capacity: usize) -> Self {
        let mut bits = Bits::default();
        bits.reserve(capacity);
        bits
    }
    fn reserve(&mut self, more: usize) {
        Bits::reserve(self, more);
    }
    fn push_constant(&mut self, bit: bool, count: usize) {
        let word = if bit { u64::MAX } else { 0 };
        for start in (0..count).step_by(64) {
            self.push_word(word, (count - start).min(64));
        }
    }
    fn push_not(&mut self, at: usize, count: usize) {
        self.push_combined(at, at, count, |a, _| !a);
    }
    #[inline]
    fn push_xor(&mut self, left: usize, right: usize, count: usize, _: Option<(&Self, usize)>) {
        self.push_combined(left, right, count, |a, b| a ^ b);
    }
    #[inline]
    fn push_slice(&mut self, other: &Self, at: usize, count: usize) {
        for start in (0..count).step_by(64) {
            let width = (count - start).min(64);
            self.push_word(other.word_at(at + start), width);
        }
    }
    fn append(&mut self, other: Self) {
        Bits::append(self, &other);
    }
}

/// Why a walk cannot go on: each is a mistake of the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// The inputs have another length.
    #[error("a circuit takes {expected} input bits over all instances, not {found}")]
    Inputs {
        /// Input wires times instances.
        expected: usize,
        /// Bits that were given.
        found: usize,
    },
    /// A batch's results have another length.
    #[error("the batch has {expected} products over all instances, not {found}")]
    Products {
        /// Gates of the batch times instances.
        expected: usize,
        /// Bits that were given.
        found: usize,
    },
    /// The sharing needs products for XOR, but the layers do not provide for them.
    #[error("bits shared over a field of odd order need layers in which XOR is interactive")]
    Layering,
    /// The circuit has public bits, which a walk wire by wire does not share.
    #[error("a circuit with public bits is not walked wire by wire")]
    Constant,
}

/// A walk through the layers of a circuit, for some instances at once.
///
/// For each layer: [`Walk::local`], then the products of [`Walk::operands`] by whatever protocol,
/// then [`Walk::place`]; after [`Layered::depth`] of these, `local` once more, and
/// [`Walk::outputs`]. All vectors are wire-major: bit `w * instances + i` for instance `i` of the
/// `w`-th wire, operand, product or output.
#[derive(Debug)]
pub struct Walk<L, S> {
    layered: L,
    instances: usize,
    layer: usize,
    values: S,
}

impl<L: Borrow<Layered>, S: BitSharing> Walk<L, S> {
    /// Stands before the first layer; `layered` is a reference or an `Arc`.
    ///
    /// # Errors
    /// If the inputs have another length, or the layers do not suit the sharing.
    pub fn new(layered: L, mut inputs: S, instances: usize) -> Result<Self, WalkError> {
        let plan = layered.borrow();
        if !S::XOR_IS_LOCAL && plan.interactive() == Interactive::And {
            return Err(WalkError::Layering);
        }
        let expected = plan.circuit().input_wires() as usize * instances;
        if inputs.len() != expected {
            return Err(WalkError::Inputs { expected, found: inputs.len() });
        }
        inputs.reserve(plan.circuit().gates().len() * instances);
        Ok(Walk { layered, instances, layer: 0, values: inputs })
    }

    /// Computes the local gates of this layer.
    pub fn local(&mut self) {
        let layered = self.layered.borrow();
        runs::<S>(layered.layer(self.layer).local.len(), self.instances);
        let at = |wire: u32| wire as usize * self.instances;
        for gate in layered.gates(layered.layer(self.layer).local) {
            match *gate {
                Gate::Xor(left, right) => {
                    self.values.push_xor(at(left), at(right), self.instances, None);
                }
                Gate::Not(operand) => self.values.push_not(at(operand), self.instances),
                Gate::Const(bit) => self.values.push_constant(bit, self.instances),
                Gate::And(..) => debug_assert!(false, "an AND is never local"),
            }
        }
    }

    /// The left and the right operands of this layer's batch.
    #[must_use]
    pub fn operands(&self) -> (S, S) {
        let layered = self.layered.borrow();
        let gates = layered.gates(layered.layer(self.layer).batch);
        let side = |right: bool| {
            let wires = gates.iter().map(|gate| match *gate {
                Gate::And(a, b) | Gate::Xor(a, b) => [a, b][usize::from(right)],
                Gate::Not(_) | Gate::Const(_) => 0,
            });
            self.values.gather_blocks(wires, self.instances)
        };
        (side(false), side(true))
    }

    /// Takes the products of this layer's operands, and goes on to the next layer.
    ///
    /// # Errors
    /// If there are more or fewer of them.
    pub fn place(&mut self, products: S) -> Result<(), WalkError> {
        let layered = self.layered.borrow();
        let batch = layered.layer(self.layer).batch;
        let (expected, found) = (batch.len() * self.instances, products.len());
        if found != expected {
            return Err(WalkError::Products { expected, found });
        }
        if layered.interactive() == Interactive::And {
            self.values.append(products);
        } else {
            runs::<S>(batch.len(), self.instances);
            let at = |wire: u32| wire as usize * self.instances;
            for (index, gate) in layered.gates(batch).iter().enumerate() {
                let from = index * self.instances;
                match *gate {
                    Gate::Xor(left, right) => {
                        let product = Some((&products, from));
                        self.values.push_xor(at(left), at(right), self.instances, product);
                    }
                    _ => self.values.push_slice(&products, from, self.instances),
                }
            }
        }
        self.layer += 1;
        Ok(())
    }

    /// The layer that comes next, from 0.
    #[must_use]
    pub fn layer(&self) -> usize {
        self.layer
    }

    /// Whether all batches are placed.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.layer >= self.layered.borrow().depth()
    }

    /// The outputs, all words in order.
    #[must_use]
    pub fn outputs(&self) -> S {
        self.values.gather_blocks(self.layered.borrow().circuit().output_wires(), self.instances)
    }

    /// The values of all wires that are known, for engines that check or mask them.
    #[must_use]
    pub fn values(&self) -> &S {
        &self.values
    }
}

impl Layered {
    /// Evaluates in the clear, as [`super::Circuit::evaluate`] does, by the walk that engines take.
    ///
    /// # Errors
    /// If the inputs have another length.
    pub fn evaluate(&self, inputs: Bits, instances: usize) -> Result<Bits, WalkError> {
        let mut walk = Walk::new(self, inputs, instances)?;
        while !walk.is_last() {
            walk.local();
            let (left, right) = walk.operands();
            walk.place(left.and(&right))?;
        }
        walk.local();
        Ok(walk.outputs())
    }
}
