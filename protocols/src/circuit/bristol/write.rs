//! Writing circuits in Bristol Fashion.

use std::io::{self, Write};

use super::super::{Circuit, Gate};

const NONE: u32 = u32::MAX;

/// Writes a circuit in Bristol Fashion; the names of its words are lost.
///
/// Gates come in their order. The outputs must be the last wires: an output that is an input, or
/// that is named twice, is a copy (`EQW`) at the end.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(circuit: &Circuit, mut out: impl Write) -> io::Result<()> {
    let inputs = circuit.input_wires();
    let outputs = circuit.output_bits() as u64;
    let mut numbers = vec![NONE; circuit.gates().len()];
    let mut copies: Vec<(u32, u64)> = Vec::new();
    for (index, wire) in (0..).zip(circuit.output_wires()) {
        match wire.checked_sub(inputs).map(|gate| &mut numbers[gate as usize]) {
            Some(number) if *number == NONE => *number = index as u32,
            _ => copies.push((wire, index)),
        }
    }
    let inner = numbers.iter().filter(|number| **number == NONE).count() as u64;
    let first_output = u64::from(inputs) + inner;

    let gates = circuit.gates().len() + copies.len();
    writeln!(out, "{gates} {}", first_output + outputs)?;
    let widths = circuit.inputs().iter().map(|word| word.width as usize);
    write_words(&mut out, widths)?;
    write_words(&mut out, circuit.outputs().iter().map(|word| word.wires.len()))?;
    writeln!(out)?;

    let mut next = u64::from(inputs);
    let mut wires: Vec<u64> = Vec::with_capacity(numbers.len());
    let wire_of = |wires: &[u64], wire: u32| match wire.checked_sub(inputs) {
        Some(gate) => wires[gate as usize],
        None => u64::from(wire),
    };
    for (gate, output) in circuit.gates().iter().zip(numbers) {
        let result = if output == NONE { next } else { first_output + u64::from(output) };
        next += u64::from(output == NONE);
        let of = |wire: u32| wire_of(&wires, wire);
        match *gate {
            Gate::And(a, b) => writeln!(out, "2 1 {} {} {result} AND", of(a), of(b))?,
            Gate::Xor(a, b) => writeln!(out, "2 1 {} {} {result} XOR", of(a), of(b))?,
            Gate::Not(a) => writeln!(out, "1 1 {} {result} INV", of(a))?,
            Gate::Const(bit) => writeln!(out, "1 1 {} {result} EQ", u8::from(bit))?,
        }
        wires.push(result);
    }
    for (wire, index) in copies {
        writeln!(out, "1 1 {} {} EQW", wire_of(&wires, wire), first_output + index)?;
    }
    Ok(())
}

fn write_words(
    out: &mut impl Write,
    widths: impl ExactSizeIterator<Item = usize>,
) -> io::Result<()> {
    write!(out, "{}", widths.len())?;
    for width in widths {
        write!(out, " {width}")?;
    }
    writeln!(out)
}
