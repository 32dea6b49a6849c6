//! The walk over shares: XOR shares of two parties, and bits in a field of odd order.

use proptest::prelude::*;

use super::super::{BitSharing, Walk, WalkError, WideWalk};
use super::core::any_circuit;
use super::*;
use crate::algebra::{M61, Ring};

/// XOR shares of one party; only the first one adds constants.
#[derive(Clone)]
struct Shares {
    bits: Bits,
    first: bool,
}

impl BitSharing for Shares {
    const XOR_IS_LOCAL: bool = true;

    fn len(&self) -> usize {
        self.bits.len()
    }
    fn empty(&self, capacity: usize) -> Self {
        Shares { bits: self.bits.empty(capacity), first: self.first }
    }
    fn reserve(&mut self, more: usize) {
        self.bits.reserve(more);
    }
    fn push_constant(&mut self, bit: bool, count: usize) {
        self.bits.push_constant(bit && self.first, count);
    }
    fn push_not(&mut self, at: usize, count: usize) {
        let flip = if self.first { u64::MAX } else { 0 };
        self.bits.push_combined(at, at, count, |a, _| a ^ flip);
    }
    fn push_xor(&mut self, left: usize, right: usize, count: usize, _: Option<(&Self, usize)>) {
        self.bits.push_xor(left, right, count, None);
    }
    fn push_slice(&mut self, other: &Self, at: usize, count: usize) {
        self.bits.push_slice(&other.bits, at, count);
    }
}

/// Zeros and ones of an odd field.
#[derive(Clone)]
struct Elements(Vec<M61>);

impl BitSharing for Elements {
    const XOR_IS_LOCAL: bool = false;

    fn len(&self) -> usize {
        self.0.len()
    }
    fn empty(&self, capacity: usize) -> Self {
        Elements(Vec::with_capacity(capacity))
    }
    fn reserve(&mut self, more: usize) {
        self.0.reserve(more);
    }
    fn push_constant(&mut self, bit: bool, count: usize) {
        self.0.extend(std::iter::repeat_n(if bit { M61::ONE } else { M61::ZERO }, count));
    }
    fn push_not(&mut self, at: usize, count: usize) {
        for index in at..at + count {
            self.0.push(M61::ONE - self.0[index]);
        }
    }
    fn push_xor(
        &mut self,
        left: usize,
        right: usize,
        count: usize,
        product: Option<(&Self, usize)>,
    ) {
        let (products, from) = product.expect("XOR is interactive");
        for index in 0..count {
            let product = products.0[from + index];
            self.0.push(self.0[left + index] + self.0[right + index] - product - product);
        }
    }
    fn push_slice(&mut self, other: &Self, at: usize, count: usize) {
        self.0.extend_from_slice(&other.0[at..at + count]);
    }
}

fn random(len: usize, seed: u64) -> Bits {
    let words = (1..=len.div_ceil(64) as u64).map(|i| seed.wrapping_mul(i).rotate_left(29) ^ seed);
    Bits::from_words(words.collect(), len)
}

proptest! {
    #[test]
    fn xor_shares_walk_as_the_clear_bits_do(
        circuit in any_circuit(60), instances in 1..70usize, seed in any::<u64>(),
    ) {
        let clear = random(5 * instances, seed);
        let expected = circuit.evaluate(&clear, instances).expect("fits");
        let layered = Layered::new(circuit, Interactive::And);
        let share = |bits: &Bits| {
            let mask = random(bits.len(), !seed);
            [Shares { bits: bits.xor(&mask), first: true }, Shares { bits: mask, first: false }]
        };
        let [mut a, mut b] = share(&clear)
            .map(|inputs| Walk::new(&layered, inputs, instances).expect("fits"));
        while !a.is_last() {
            a.local();
            b.local();
            let ((a_left, a_right), (b_left, b_right)) = (a.operands(), b.operands());
            let (left, right) = (a_left.bits.xor(&b_left.bits), a_right.bits.xor(&b_right.bits));
            let [first, second] = share(&left.and(&right));
            a.place(first).expect("as many products");
            b.place(second).expect("as many products");
        }
        a.local();
        b.local();
        prop_assert_eq!(a.outputs().bits.xor(&b.outputs().bits), expected);
    }

    #[test]
    fn a_wide_walk_yields_what_the_circuit_does(
        circuit in any_circuit(60), instances in 1..70usize, seed in any::<u64>(),
    ) {
        let clear = random(5 * instances, seed);
        let expected = circuit.evaluate(&clear, instances).expect("fits");
        let layered = Layered::new(circuit, Interactive::And);
        match WideWalk::new(&layered, clear.split(instances)) {
            Err(WalkError::Constant) => {
                let public = |gate: &Gate| matches!(gate, Gate::Const(_));
                prop_assert!(layered.circuit().gates().iter().any(public));
            }
            walk => {
                let mut walk = walk.expect("as many inputs");
                while !walk.is_last() {
                    walk.local(Bits::xor, |bits| !bits.clone());
                    let [left, right] = walk.operands();
                    let products = left.iter().zip(right).map(|(a, b)| a.and(b)).collect();
                    walk.place(products).expect("as many products");
                }
                walk.local(Bits::xor, |bits| !bits.clone());
                prop_assert_eq!(Bits::concat(&walk.outputs()), expected);
            }
        }
    }

    #[test]
    fn bits_in_an_odd_field_walk_with_interactive_xors(
        circuit in any_circuit(60), instances in 1..4usize, seed in any::<u64>(),
    ) {
        let clear = random(5 * instances, seed);
        let expected = circuit.evaluate(&clear, instances).expect("fits");
        let layered = Layered::new(circuit, Interactive::AndXor);
        let inputs = Elements(clear.to_elements());
        let mut walk = Walk::new(&layered, inputs, instances).expect("fits");
        while !walk.is_last() {
            walk.local();
            let (left, right) = walk.operands();
            let products = left.0.iter().zip(&right.0).map(|(a, b)| *a * *b).collect();
            walk.place(Elements(products)).expect("as many products");
        }
        walk.local();
        prop_assert_eq!(walk.outputs().0, expected.to_elements::<M61>());
    }
}

#[test]
fn an_odd_field_needs_its_own_layers() {
    let layered = Layered::new(mixed(), Interactive::And);
    let walk = Walk::new(&layered, Elements(vec![M61::ZERO; 3]), 1);
    assert_eq!(walk.err(), Some(WalkError::Layering));
}
