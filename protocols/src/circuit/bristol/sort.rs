//! From gates as a file numbers them to a circuit.

use super::super::{Circuit, CircuitError, Gate, InputWord, MAX_WIRES, OutputWord};
use super::read::{Header, ReadError, Reason};

/// A gate of a file; at first its operands are the file's wires.
#[derive(Clone, Copy)]
pub(super) enum Raw {
    And(u32, u32),
    Xor(u32, u32),
    Not(u32),
    Const(bool),
    Copy(u32),
}

impl Raw {
    fn map<E>(self, mut wire: impl FnMut(u32) -> Result<u32, E>) -> Result<Raw, E> {
        Ok(match self {
            Raw::And(a, b) => Raw::And(wire(a)?, wire(b)?),
            Raw::Xor(a, b) => Raw::Xor(wire(a)?, wire(b)?),
            Raw::Not(a) => Raw::Not(wire(a)?),
            Raw::Const(bit) => Raw::Const(bit),
            Raw::Copy(a) => Raw::Copy(wire(a)?),
        })
    }

    fn operands(self) -> impl Iterator<Item = u32> {
        let (a, b) = match self {
            Raw::And(a, b) | Raw::Xor(a, b) => (Some(a), Some(b)),
            Raw::Not(a) | Raw::Copy(a) => (Some(a), None),
            Raw::Const(_) => (None, None),
        };
        a.into_iter().chain(b)
    }
}

const NONE: u32 = u32::MAX;
/// Input bits and wires that a file may declare beyond what its gates use.
const SLACK: u64 = 1 << 22;

/// The gates of a file.
pub(super) struct Netlist {
    pub(super) header: Header,
    gates: Vec<Raw>,
    /// The file's wire for each gate.
    outs: Vec<u32>,
    /// Where the lines of gates are not consecutive: a gate and its line.
    runs: Vec<(u32, u64)>,
}

impl Netlist {
    pub(super) fn new(header: Header) -> Self {
        Netlist { header, gates: Vec::new(), outs: Vec::new(), runs: Vec::new() }
    }

    pub(super) fn push(&mut self, gate: Raw, out: u32, line: u64) -> Result<(), Reason> {
        let Header { wires, input_wires, gates, .. } = self.header;
        if let Some(wire) = gate.operands().chain([out]).find(|wire| *wire >= wires) {
            return Err(Reason::Wire { wire, wires });
        }
        if out < input_wires {
            return Err(Reason::WritesInput(out));
        }
        let index = self.gates.len() as u32;
        if u64::from(index) + u64::from(input_wires) >= u64::from(MAX_WIRES) {
            let wires = u64::from(MAX_WIRES) + 1;
            return Err(CircuitError::TooLarge { wires }.into());
        }
        if self.runs.last().map(|(gate, first)| first + u64::from(index - gate)) != Some(line) {
            self.runs.push((index, line));
        }
        // Room doubles, but not beyond what the header says; it may say too much.
        if self.gates.len() == self.gates.capacity() {
            let more = gates.saturating_sub(index).clamp(64, index.max(64)) as usize;
            self.gates.reserve_exact(more);
            self.outs.reserve_exact(more);
        }
        self.gates.push(gate);
        self.outs.push(out);
        Ok(())
    }

    /// An error at the line of a gate.
    fn error(&self, gate: usize, reason: Reason) -> ReadError {
        let run = self.runs.partition_point(|(first, _)| *first as usize <= gate);
        let line = run.checked_sub(1).map_or(0, |run| {
            let (first, line) = self.runs[run];
            line + (gate as u64 - u64::from(first))
        });
        ReadError { line, reason }
    }

    /// The circuit.
    pub(super) fn finish(mut self) -> Result<Circuit, ReadError> {
        let mut outputs = self.resolve()?;
        let inputs = self.header.input_wires;
        let ordered = |(index, gate): (usize, &Raw)| {
            gate.operands().all(|wire| u64::from(wire) < u64::from(inputs) + index as u64)
        };
        if !self.gates.iter().enumerate().all(ordered) {
            self.sort(&mut outputs)?;
        }
        let line = self.header.outputs_line;
        self.into_circuit(outputs).map_err(|error| ReadError { line, reason: error.into() })
    }

    /// Replaces the file's wires by inputs and gates: gate `g` is `inputs + g`. Returns the outputs.
    fn resolve(&mut self) -> Result<Vec<u32>, ReadError> {
        let Header { wires, input_wires, outputs_line, .. } = self.header;
        let limit = SLACK + 2 * self.gates.len() as u64;
        for (what, declared) in [("wires", wires - input_wires), ("input bits", input_wires)] {
            if u64::from(declared) > limit {
                let reason = Reason::Excess { what, declared, allowed: limit };
                return Err(ReadError { line: 1, reason });
            }
        }
        let mut definers = vec![NONE; (wires - input_wires) as usize];
        for (gate, out) in std::mem::take(&mut self.outs).into_iter().enumerate() {
            let definer = &mut definers[(out - input_wires) as usize];
            if *definer != NONE {
                return Err(self.error(gate, Reason::Twice(out)));
            }
            *definer = input_wires + gate as u32;
        }
        let known = |wire: u32| match wire.checked_sub(input_wires) {
            None => Ok(wire),
            Some(index) => match definers[index as usize] {
                NONE => Err(Reason::Undefined(wire)),
                definer => Ok(definer),
            },
        };
        for index in 0..self.gates.len() {
            let gate = self.gates[index].map(known);
            self.gates[index] = gate.map_err(|reason| self.error(index, reason))?;
        }
        let count: u32 = self.header.outputs.iter().sum();
        let outputs = (wires - count..wires).map(known).collect::<Result<_, _>>();
        outputs.map_err(|reason| ReadError { line: outputs_line, reason })
    }

    /// Brings the gates into an order in which each comes behind its operands.
    fn sort(&mut self, outputs: &mut [u32]) -> Result<(), ReadError> {
        const OPEN: u32 = NONE - 1;
        let inputs = self.header.input_wires;
        let mut positions = vec![NONE; self.gates.len()];
        let mut order = Vec::with_capacity(self.gates.len());
        let mut stack = Vec::new();
        for root in 0..self.gates.len() {
            stack.push(root);
            while let Some(&gate) = stack.last() {
                if positions[gate] == NONE {
                    positions[gate] = OPEN;
                    let before = self.gates[gate].operands();
                    for operand in before.filter_map(|wire| wire.checked_sub(inputs)) {
                        match positions[operand as usize] {
                            NONE => stack.push(operand as usize),
                            OPEN => return Err(self.error(gate, Reason::Cycle)),
                            _ => {}
                        }
                    }
                    continue;
                }
                if positions[gate] == OPEN {
                    positions[gate] = order.len() as u32;
                    order.push(gate as u32);
                }
                stack.pop();
            }
        }
        let moved = |wire: u32| match wire.checked_sub(inputs) {
            Some(gate) => inputs + positions[gate as usize],
            None => wire,
        };
        let gates = order.iter().map(|gate| self.gates[*gate as usize]);
        self.gates = gates
            .map(|gate| gate.map(|wire| Ok::<_, std::convert::Infallible>(moved(wire))))
            .map(|Ok(gate)| gate)
            .collect();
        for wire in outputs {
            *wire = moved(*wire);
        }
        Ok(())
    }

    /// Resolves copies, and names the words.
    fn into_circuit(self, outputs: Vec<u32>) -> Result<Circuit, CircuitError> {
        let inputs = self.header.input_wires;
        let mut numbers: Vec<u32> = Vec::with_capacity(self.gates.len());
        let mut next = inputs;
        let gates = self.gates.into_iter().filter_map(|gate| {
            let number = |wire: u32| match wire.checked_sub(inputs) {
                Some(gate) => numbers[gate as usize],
                None => wire,
            };
            let kept = match gate {
                Raw::And(a, b) => Gate::And(number(a), number(b)),
                Raw::Xor(a, b) => Gate::Xor(number(a), number(b)),
                Raw::Not(a) => Gate::Not(number(a)),
                Raw::Const(bit) => Gate::Const(bit),
                Raw::Copy(a) => {
                    numbers.push(number(a));
                    return None;
                }
            };
            numbers.push(next);
            next += 1;
            Some(kept)
        });
        let gates: Vec<Gate> = gates.collect();
        let mut wires = outputs.into_iter().map(|wire| match wire.checked_sub(inputs) {
            Some(gate) => numbers[gate as usize],
            None => wire,
        });
        let named = |kind: &str, index: usize| format!("{kind}{index}");
        let words = self.header.inputs.iter().enumerate();
        let input_words =
            words.map(|(index, width)| InputWord { name: named("in", index), width: *width });
        let words = self.header.outputs.iter().enumerate();
        let output_words = words.map(|(index, width)| OutputWord {
            name: named("out", index),
            wires: wires.by_ref().take(*width as usize).collect(),
        });
        Circuit::new(input_words.collect(), gates, output_words.collect())
    }
}
