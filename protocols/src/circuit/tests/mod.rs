use super::{Bit, Builder, Circuit, Gate, Interactive, Layered, Optimise};
use crate::algebra::bits::Bits;

mod bristol;
mod ciphers;
mod core;
mod gadgets;
mod lower;
mod sharings;

pub(super) const BOTH: [Optimise; 2] = [Optimise::Size, Optimise::Depth];

/// The low `width` bits of a number.
pub(super) fn low(value: u128, width: u32) -> u128 {
    if width >= 128 { value } else { value & ((1 << width) - 1) }
}

/// The number with these low bits, read as two's complement.
pub(super) fn signed(value: u128, width: u32) -> i128 {
    let unused = 128 - width;
    ((value << unused) as i128) >> unused
}

/// A circuit with words of `widths` and the outputs that `body` returns.
pub(super) fn circuit(
    optimise: Optimise,
    widths: &[u32],
    body: impl FnOnce(&mut Builder, &[Vec<Bit>]) -> Vec<Vec<Bit>>,
) -> Circuit {
    let mut builder = Builder::new(optimise);
    let words: Vec<Vec<Bit>> =
        widths.iter().enumerate().map(|(i, w)| builder.input(format!("in{i}"), *w)).collect();
    let outputs = body(&mut builder, &words);
    for (index, output) in outputs.iter().enumerate() {
        builder.output(format!("out{index}"), output);
    }
    builder.build().expect("a circuit")
}

/// The outputs for one instance, by the plain evaluation and by both walks.
pub(super) fn run(circuit: &Circuit, inputs: &[u128]) -> Vec<u128> {
    let bits: Bits = circuit
        .inputs()
        .iter()
        .zip(inputs)
        .flat_map(|(word, value)| (0..word.width).map(move |bit| (value >> bit) & 1 == 1))
        .collect();
    let found = circuit.evaluate(&bits, 1).expect("inputs fit");
    for interactive in [Interactive::And, Interactive::AndXor] {
        let layered = Layered::new(circuit.clone(), interactive);
        assert_eq!(layered.evaluate(bits.clone(), 1), Ok(found.clone()));
    }
    let mut next = found.iter();
    circuit
        .outputs()
        .iter()
        .map(|word| {
            let bits = next.by_ref().take(word.wires.len()).enumerate();
            bits.fold(0, |value, (index, bit)| value | (u128::from(bit) << index))
        })
        .collect()
}

pub(super) fn ceil_log2(n: u32) -> u32 {
    n.next_power_of_two().trailing_zeros()
}

/// A small circuit with every kind of gate, a repeated output and an output that is an input.
pub(super) fn mixed() -> Circuit {
    circuit(Optimise::Size, &[2, 1], |b, words| {
        let x = b.and(words[0][0], words[0][1]);
        let y = b.xor(x, words[1][0]);
        let z = b.not(y);
        let w = b.and(z, x);
        vec![vec![w, z, z], vec![words[1][0], Bit::ONE]]
    })
}

pub(super) fn kinds(circuit: &Circuit) -> [usize; 4] {
    let mut kinds = [0; 4];
    for gate in circuit.gates() {
        kinds[match gate {
            Gate::And(..) => 0,
            Gate::Xor(..) => 1,
            Gate::Not(_) => 2,
            Gate::Const(_) => 3,
        }] += 1;
    }
    kinds
}
