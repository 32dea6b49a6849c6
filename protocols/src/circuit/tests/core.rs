use proptest::prelude::*;

use super::super::{CircuitError, InputWord, OutputWord, Walk, WalkError};
use super::*;

#[test]
fn a_gate_takes_twelve_bytes() {
    assert_eq!(size_of::<Gate>(), 12);
}

fn words(width: u32, wires: Vec<u32>) -> (Vec<InputWord>, Vec<OutputWord>) {
    let name = || "x".to_owned();
    (vec![InputWord { name: name(), width }], vec![OutputWord { name: name(), wires }])
}

#[test]
fn a_gate_reads_what_is_known() {
    let (inputs, outputs) = words(2, vec![2]);
    let error = Circuit::new(inputs, vec![Gate::And(0, 2)], outputs).expect_err("refused");
    assert_eq!(error, CircuitError::Operand { gate: 0, wire: 2, defined: 2 });
    assert_eq!(error.to_string(), "gate 0 reads wire 2, but only wires below 2 are known there");
}

#[test]
fn an_output_is_a_wire() {
    let (inputs, outputs) = words(2, vec![3]);
    let error = Circuit::new(inputs, vec![Gate::And(0, 1)], outputs).expect_err("refused");
    assert_eq!(error.to_string(), "output \"x\" names wire 3, but there are only 3 wires");
}

#[test]
fn names_differ_and_wires_can_be_numbered() {
    let (mut inputs, outputs) = words(2, vec![0]);
    inputs.push(inputs[0].clone());
    assert_eq!(
        Circuit::new(inputs, Vec::new(), outputs.clone()),
        Err(CircuitError::DuplicateName("x".to_owned()))
    );
    let (inputs, _) = words(u32::MAX, Vec::new());
    let wires = u64::from(u32::MAX);
    assert_eq!(Circuit::new(inputs, Vec::new(), outputs), Err(CircuitError::TooLarge { wires }));
}

#[test]
fn counts_and_layers_of_a_small_circuit() {
    let circuit = mixed();
    assert_eq!(kinds(&circuit), [2, 1, 1, 1]);
    let counts = circuit.counts();
    assert_eq!((counts.gates, counts.ands, counts.xors), (5, 2, 1));
    assert_eq!((counts.and_depth, counts.and_xor_depth), (2, 3));

    let layered = Layered::new(circuit.clone(), Interactive::And);
    assert_eq!(layered.depth(), 2);
    assert_eq!(layered.batches().collect::<Vec<_>>(), [1, 1]);
    let layers: Vec<_> = layered.layers().map(|layer| (layer.local, layer.batch)).collect();
    assert_eq!(layers, [(0..1, 1..2), (2..4, 4..5), (5..5, 5..5)]);
    assert_eq!(layered.circuit().counts(), counts);
    assert_eq!(Layered::new(circuit, Interactive::AndXor).depth(), 3);
}

#[test]
fn a_circuit_without_gates_has_one_empty_layer() {
    let (inputs, outputs) = words(2, vec![1, 0, 1]);
    let circuit = Circuit::new(inputs, Vec::new(), outputs).expect("a circuit");
    let layered = Layered::new(circuit, Interactive::And);
    assert_eq!((layered.depth(), layered.layers().len()), (0, 1));
    let bits: Bits = [true, false].into_iter().collect();
    let found = layered.evaluate(bits, 1).expect("fits");
    assert_eq!(found.iter().collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn a_walk_checks_lengths() {
    let layered = Layered::new(mixed(), Interactive::And);
    let error = Walk::new(&layered, Bits::zeros(5), 2).expect_err("refused");
    assert_eq!(error, WalkError::Inputs { expected: 6, found: 5 });
    let mut walk = Walk::new(&layered, Bits::zeros(6), 2).expect("fits");
    let error = walk.place(Bits::zeros(3)).expect_err("refused");
    assert_eq!(error, WalkError::Products { expected: 2, found: 3 });
    assert_eq!(walk.layer(), 0);
}

/// A circuit from random pairs of operands, over 5 input wires; its outputs are the last wires.
pub(in super::super) fn any_circuit(gates: usize) -> impl Strategy<Value = Circuit> {
    let gate = (0..8u8, any::<u32>(), any::<u32>());
    (proptest::collection::vec(gate, 0..gates), 1..6usize).prop_map(|(gates, outputs)| {
        let gates: Vec<Gate> = gates
            .into_iter()
            .zip(5..)
            .map(|((kind, a, b), wires)| match kind {
                0..=2 => Gate::And(a % wires, b % wires),
                3..=5 => Gate::Xor(a % wires, b % wires),
                6 => Gate::Not(a % wires),
                _ => Gate::Const(a % 2 == 1),
            })
            .collect();
        let wires = 5 + gates.len() as u32;
        let name = |name: &str| name.to_owned();
        let inputs =
            vec![InputWord { name: name("a"), width: 2 }, InputWord { name: name("b"), width: 3 }];
        let last = (wires - outputs.min(5) as u32..wires).rev().collect();
        let outputs = vec![
            OutputWord { name: name("c"), wires: last },
            OutputWord { name: name("d"), wires: vec![0, wires - 1] },
        ];
        Circuit::new(inputs, gates, outputs).expect("a circuit")
    })
}

proptest! {
    #[test]
    fn walks_agree_with_single_instances(
        circuit in any_circuit(60),
        instances in prop_oneof![1..5usize, 63..66usize, 127..130usize],
        seed in any::<u64>(),
    ) {
        let width = 5 * instances;
        let words = (0..width.div_ceil(64) as u64).map(|i| seed.rotate_left(i as u32 * 7) ^ i);
        let inputs = Bits::from_words(words.collect(), width);
        let found = circuit.evaluate(&inputs, instances).expect("fits");
        for interactive in [Interactive::And, Interactive::AndXor] {
            let layered = Layered::new(circuit.clone(), interactive);
            prop_assert_eq!(layered.evaluate(inputs.clone(), instances).expect("fits"), found.clone());
            prop_assert_eq!(layered.circuit().counts(), circuit.counts());
            let again = layered.circuit();
            let valid = Circuit::new(
                again.inputs().to_vec(), again.gates().to_vec(), again.outputs().to_vec());
            prop_assert_eq!(valid.as_ref(), Ok(again));
        }
        for instance in 0..instances {
            let one: Bits = (0..5).map(|wire| inputs.get(wire * instances + instance)).collect();
            let alone = circuit.evaluate(&one, 1).expect("fits");
            for (output, bit) in alone.iter().enumerate() {
                prop_assert_eq!(bit, found.get(output * instances + instance));
            }
        }
    }
}

#[test]
fn constants_fold() {
    let folded = circuit(Optimise::Size, &[2], |b, words| {
        let [x, y] = [words[0][0], words[0][1]];
        let not_x = b.not(x);
        let not_y = b.not(y);
        vec![vec![
            b.not(not_x),
            b.xor(x, x),
            b.xor(x, not_x),
            b.xor(not_x, not_y),
            b.xor(Bit::ONE, not_x),
            b.and(x, Bit::ZERO),
            b.and(x, Bit::ONE),
            b.and(x, x),
            b.and(not_x, x),
            b.or(x, Bit::ONE),
            b.majority(x, Bit::ZERO, Bit::ONE),
            b.majority(y, x, y),
            b.select_bit(y, x, x),
        ]]
    });
    assert_eq!(kinds(&folded), [0, 1, 0, 5], "constants are outputs, one gate each");
    for (input, expected) in [(0b00, 0b0001_0000_0100), (0b01, 0b1_0100_0101_0001), (0b10, 0)] {
        let expected = expected | input & 1 | 0b10_0000_0100 | ((input ^ (input >> 1)) & 1) << 3;
        let mask = 0b10_0010_1111;
        assert_eq!(run(&folded, &[input])[0] & mask, expected & mask);
    }
}
