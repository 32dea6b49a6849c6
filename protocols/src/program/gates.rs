//! Boolean circuits inside programs: one operation for engines with packed bits, gate by gate for
//! engines over numbers. Engines over bits lower the whole program to one circuit.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::builder::{Draft, length};
use super::{Builder, Decoding, NodeId, Operation, Program, ProgramError, Type};
use crate::circuit::{self, Bit, Circuit, CircuitError, Gate, Interactive, Layered, Optimise};

/// Why a circuit is no function of these parties.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CircuitProgramError {
    /// More words come in than there are parties to bring them.
    #[error(
        "the circuit has {words} input words; each belongs to a party of its own, and {parties} bring inputs"
    )]
    Words {
        /// Input words of the circuit.
        words: usize,
        /// Input parties.
        parties: usize,
    },
    /// The circuit can't be simplified.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// The program can't be built.
    #[error(transparent)]
    Program(#[from] ProgramError),
}

/// A circuit as a function: input party `k` brings the `k`-th word as its column `in`, the outputs
/// are the words that go out, under their names. Further parties bring nothing.
///
/// # Errors
/// If there are more words than parties, or a word or layer is empty or too long for a vector.
pub fn circuit_program(circuit: &Circuit, parties: usize) -> Result<Program, CircuitProgramError> {
    let words = circuit.inputs().len();
    if words > parties {
        return Err(CircuitProgramError::Words { words, parties });
    }
    let mut builder = Builder::new();
    let mut inputs = Vec::with_capacity(words);
    for (party, word) in circuit.inputs().iter().enumerate() {
        inputs.push(builder.input("in", party, word.width as usize, Type::Word)?);
    }
    let outputs = builder.gates(circuit, &inputs)?;
    for (word, node) in circuit.outputs().iter().zip(outputs) {
        builder.output(word.name.as_str(), node, Decoding::Word)?;
    }
    Ok(builder.finish()?)
}

impl Builder {
    /// The outputs of a circuit, a bit vector for each word; `words` are its inputs.
    ///
    /// # Errors
    /// If inputs are no bits or of other lengths, or a word is empty or too long.
    pub fn gates(
        &mut self,
        circuit: &Circuit,
        words: &[NodeId],
    ) -> Result<Vec<NodeId>, CircuitProgramError> {
        for (word, &node) in circuit.inputs().iter().zip(words) {
            let (ty, len) = (self.node(node)?.ty, self.node(node)?.len);
            if ty != Type::Bit {
                return Err(
                    ProgramError::Types { operation: "gates", left: ty, right: Type::Bit }.into()
                );
            }
            if len != word.width as usize {
                return Err(length("gates", word.width as usize, len).into());
            }
        }
        if circuit.inputs().len() != words.len() {
            return Err(length("gates", circuit.inputs().len(), words.len()).into());
        }
        let a = self.concat(words.to_vec())?;
        let is_exact = self.node(a)?.error == 0;
        let circuit = Arc::new(Layered::new(folded(circuit)?, Interactive::And));
        let ends = circuit.circuit().outputs().iter().scan(0, |end, word| {
            let start = *end;
            *end += word.wires.len() as u32;
            Some(start..*end)
        });
        let words: Vec<Range<u32>> = ends.collect();
        let (len, error) = (circuit.circuit().output_bits(), u128::from(!is_exact));
        let (operation, range) = (Operation::Gates { circuit, a }, Some(super::Range::BIT));
        let all = self.push(Draft { operation, len, range, frac: 0, error })?;
        self.retype(all, Type::Bit);
        Ok(words
            .into_iter()
            .map(|word| self.arrange(all, word.collect()))
            .collect::<Result<_, _>>()?)
    }

    /// The outputs of a circuit as one vector, its gates as single operations, so that every engine
    /// runs them. Shares of bits over a ring or a field of odd order pay for XOR as for AND, so gates
    /// are laid out by the depth of both: a layer is one product.
    pub(super) fn gate_by_gate(
        &mut self,
        circuit: &Circuit,
        a: NodeId,
    ) -> Result<NodeId, ProgramError> {
        let mut wires: Vec<(NodeId, u32)> = Vec::with_capacity(circuit.wires() as usize);
        wires.extend((0..circuit.input_wires()).map(|at| (a, at)));
        let layered = Layered::new(circuit.clone(), Interactive::AndXor);
        for layer in layered.layers() {
            self.local_gates(layered.gates(layer.local), &mut wires)?;
            self.products(layered.gates(layer.batch), &mut wires)?;
        }
        let outputs: Vec<u32> = layered.circuit().output_wires().collect();
        self.pick(&wires, &outputs)
    }

    /// Negations and public bits. Nothing is negated twice in a folded circuit.
    fn local_gates(
        &mut self,
        gates: &[Gate],
        wires: &mut Vec<(NodeId, u32)>,
    ) -> Result<(), ProgramError> {
        let negated: Vec<u32> = gates
            .iter()
            .filter_map(|gate| match gate {
                Gate::Not(operand) => Some(*operand),
                _ => None,
            })
            .collect();
        let nots = match negated.is_empty() {
            true => None,
            false => {
                let operands = self.pick(wires, &negated)?;
                Some(self.not(operands)?)
            }
        };
        let mut next = 0..;
        for gate in gates {
            match (gate, nots) {
                (Gate::Not(_), Some(node)) => wires.extend(next.next().map(|at| (node, at))),
                (Gate::Const(bit), _) => {
                    wires.push((self.constant_bits(&[*bit])?, 0));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The ANDs and XORs of a layer, which share a batch.
    fn products(
        &mut self,
        gates: &[Gate],
        wires: &mut Vec<(NodeId, u32)>,
    ) -> Result<(), ProgramError> {
        let first = wires.len();
        wires.resize(first + gates.len(), (NodeId(0), 0));
        for is_and in [true, false] {
            let (mut lefts, mut rights, mut results) = (Vec::new(), Vec::new(), Vec::new());
            for (at, gate) in gates.iter().enumerate() {
                match *gate {
                    Gate::And(left, right) if is_and => {
                        lefts.push(left);
                        rights.push(right);
                        results.push(first + at);
                    }
                    Gate::Xor(left, right) if !is_and => {
                        lefts.push(left);
                        rights.push(right);
                        results.push(first + at);
                    }
                    _ => {}
                }
            }
            if results.is_empty() {
                continue;
            }
            let (left, right) = (self.pick(wires, &lefts)?, self.pick(wires, &rights)?);
            let node = if is_and { self.and(left, right)? } else { self.xor(left, right)? };
            for (at, result) in (0..).zip(results) {
                wires[result] = (node, at);
            }
        }
        Ok(())
    }

    /// The bits of some wires as one vector.
    fn pick(&mut self, all: &[(NodeId, u32)], wires: &[u32]) -> Result<NodeId, ProgramError> {
        // From each vector those that stand in it, one vector after the other.
        let mut parts: BTreeMap<NodeId, Vec<(usize, u32)>> = BTreeMap::new();
        for (at, wire) in wires.iter().enumerate() {
            let (node, index) = all[*wire as usize];
            parts.entry(node).or_default().push((at, index));
        }
        let mut order = vec![0; wires.len()];
        let mut vectors = Vec::with_capacity(parts.len());
        let mut next = 0..;
        for (node, part) in parts {
            for ((at, _), position) in part.iter().zip(next.by_ref()) {
                order[*at] = position;
            }
            let indices: Vec<u32> = part.into_iter().map(|(_, index)| index).collect();
            vectors.push(self.arrange(node, indices)?);
        }
        let picked = self.concat(vectors)?;
        self.arrange(picked, order)
    }

    /// The elements at these positions; the vector itself if these are all in order.
    fn arrange(&mut self, a: NodeId, indices: Vec<u32>) -> Result<NodeId, ProgramError> {
        let len = self.node(a)?.len;
        match indices.len() == len && indices.iter().zip(0..).all(|(index, at)| *index == at) {
            true => Ok(a),
            false => self.gather(a, indices),
        }
    }
}

/// The same circuit without public bits inside, double negations and unused gates.
fn folded(circuit: &Circuit) -> Result<Circuit, CircuitError> {
    let mut builder = circuit::Builder::new(Optimise::Size);
    let mut wires: Vec<Bit> = Vec::with_capacity(circuit.wires() as usize);
    for word in circuit.inputs() {
        wires.extend(builder.input(word.name.as_str(), word.width));
    }
    for gate in circuit.gates() {
        let of = |wire: u32| wires[wire as usize];
        let wire = match *gate {
            Gate::And(left, right) => builder.and(of(left), of(right)),
            Gate::Xor(left, right) => builder.xor(of(left), of(right)),
            Gate::Not(operand) => builder.not(of(operand)),
            Gate::Const(bit) => Bit::Const(bit),
        };
        wires.push(wire);
    }
    for word in circuit.outputs() {
        let bits: Vec<Bit> = word.wires.iter().map(|wire| wires[*wire as usize]).collect();
        builder.output(word.name.as_str(), &bits);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::bits::Bits;
    use crate::circuit::{bristol, lower};
    use crate::program::{Inputs, interpret};

    fn word(bits: impl IntoIterator<Item = bool>) -> Inputs {
        Inputs::from([("in".to_owned(), bits.into_iter().map(i128::from).collect::<Vec<i128>>())])
    }

    fn bits(value: u32, width: u32) -> impl Iterator<Item = bool> {
        (0..width).map(move |at| (value >> at) & 1 == 1)
    }

    #[test]
    fn a_half_adder_in_the_older_form_adds() {
        let text = "2 4\n1 1 2\n\n2 1 0 1 2 XOR\n2 1 0 1 3 AND\n";
        let circuit = bristol::read(text.as_bytes()).expect("a circuit");
        let program = circuit_program(&circuit, 2).expect("a function of two");
        for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let inputs = [word(bits(a, 1)), word(bits(b, 1))];
            let outputs = interpret(&program, &inputs).expect("bits").outputs;
            assert_eq!(outputs, [i128::from(a ^ b), i128::from(a & b)]);
        }
        assert_eq!(program.describe(&[1, 1]), "out0 = 3");
    }

    /// Public bits, double negations, outputs that are inputs and that are named twice.
    #[test]
    fn every_gate_is_what_the_circuit_says() {
        let text = "9 13\n2 2 2\n2 3 2\n\n1 1 0 4 INV\n1 1 4 5 INV\n1 1 1 6 EQ\n2 1 5 6 7 AND\n\
                    2 1 7 2 8 XOR\n2 1 8 6 9 XOR\n2 1 9 3 10 AND\n1 1 10 11 INV\n1 1 0 12 EQW\n";
        let circuit = bristol::read(text.as_bytes()).expect("a circuit");
        let program = circuit_program(&circuit, 3).expect("a function of two");
        let lowered = lower(&program, Optimise::Size).expect("small").circuit;
        for value in 0..16u32 {
            let inputs = [word(bits(value, 2)), word(bits(value >> 2, 2)), Inputs::new()];
            let outputs = interpret(&program, &inputs).expect("bits").outputs;
            let wires: Bits = bits(value, 4).collect();
            let expected = circuit.evaluate(&wires, 1).expect("four bits");
            let expected: Vec<i128> = expected.iter().map(i128::from).collect();
            assert_eq!(outputs, expected, "{value}");
            let found = lowered.evaluate(&wires, 1).expect("four bits");
            assert_eq!(found.iter().map(i128::from).collect::<Vec<_>>(), expected, "{value}");
        }
    }

    #[test]
    fn words_without_a_party_are_refused() {
        let circuit = bristol::read("1 3\n2 1 1\n1 1\n\n2 1 0 1 2 AND\n".as_bytes());
        let error = circuit_program(&circuit.expect("a circuit"), 1).expect_err("two words");
        assert_eq!(error, CircuitProgramError::Words { words: 2, parties: 1 });
    }

    /// What a program makes of a circuit, a circuit makes of the program again.
    #[test]
    fn xor_is_free_again_once_the_program_is_lowered() {
        let circuit = crate::circuit::aes::aes128().expect("a circuit");
        let program = circuit_program(&circuit, 2).expect("two words");
        let lowered = lower(&program, Optimise::Size).expect("not too large").circuit;
        let (before, after) = (circuit.counts(), lowered.counts());
        assert_eq!((after.ands, after.and_depth), (before.ands, before.and_depth));
        assert_eq!(after.ands, 6_400);
        assert!(after.gates <= before.gates);
    }
}
