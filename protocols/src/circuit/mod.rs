//! Boolean circuits: gates, their costs, their layers, and builders of standard ones.
//!
//! A [`Circuit`] is data. A [`Builder`] writes one from word-level gadgets, [`bristol`] reads and
//! writes the usual file forms, [`Layered`] orders the gates for engines that pay a round per
//! batch of ANDs, and a [`Walk`] evaluates them over any [`BitSharing`].
//!
//! Words are lists of bits, least significant first.

use crate::algebra::bits::Bits;

mod adders;
pub mod aes;
pub mod bristol;
mod builder;
mod columns;
mod compare;
mod divide;
mod layers;
mod library;
mod lower;
pub mod sha256;
mod shift;
mod walk;
mod whole;
mod wide;

pub use builder::{Bit, Builder, Optimise};
pub use compare::{sign_extend, zero_extend};
pub use layers::{Interactive, Layer, Layered};
pub use library::{STANDARD, StandardCircuit};
pub use lower::{Lowered, Word, Words, lower, lower_in_range};
pub use walk::{BitSharing, Walk, WalkError};
pub use whole::{Whole, whole};
pub use wide::WideWalk;

/// Most wires of a circuit, inputs included.
pub const MAX_WIRES: u32 = 1 << 31;

/// One gate; its operands are wires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Both.
    And(u32, u32),
    /// One of the two.
    Xor(u32, u32),
    /// The other bit.
    Not(u32),
    /// A public bit.
    Const(bool),
}

impl Gate {
    /// The wires that are read: two, one, or none.
    pub fn operands(self) -> impl Iterator<Item = u32> {
        let (left, right) = match self {
            Gate::And(left, right) | Gate::Xor(left, right) => (Some(left), Some(right)),
            Gate::Not(operand) => (Some(operand), None),
            Gate::Const(_) => (None, None),
        };
        left.into_iter().chain(right)
    }

    /// The same gate on other wires.
    #[must_use]
    pub fn map(self, mut wire: impl FnMut(u32) -> u32) -> Gate {
        match self {
            Gate::And(left, right) => Gate::And(wire(left), wire(right)),
            Gate::Xor(left, right) => Gate::Xor(wire(left), wire(right)),
            Gate::Not(operand) => Gate::Not(wire(operand)),
            Gate::Const(bit) => Gate::Const(bit),
        }
    }
}

/// A named word of input wires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputWord {
    /// What the word is called.
    pub name: String,
    /// Its number of bits.
    pub width: u32,
}

/// A named word of outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputWord {
    /// What the word is called.
    pub name: String,
    /// The wire of each bit; inputs, and wires that other words name too, are allowed.
    pub wires: Vec<u32>,
}

/// Why gates and words are no circuit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CircuitError {
    /// An operand of a gate comes later, or never.
    #[error("gate {gate} reads wire {wire}, but only wires below {defined} are known there")]
    Operand {
        /// Number of the gate, from 0.
        gate: u32,
        /// The wire that it reads.
        wire: u32,
        /// The first wire that is not known yet.
        defined: u32,
    },
    /// An output is no wire.
    #[error("output {name:?} names wire {wire}, but there are only {wires} wires")]
    Output {
        /// Name of the output.
        name: String,
        /// The wire that it names.
        wire: u32,
        /// Number of wires.
        wires: u32,
    },
    /// Too many wires to number.
    #[error("the circuit has {wires} wires; at most {MAX_WIRES} are possible")]
    TooLarge {
        /// Number of wires.
        wires: u64,
    },
    /// Two words of a kind have one name.
    #[error("two inputs, or two outputs, are called {0:?}")]
    DuplicateName(String),
}

/// What a circuit costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All gates.
    pub gates: u32,
    /// AND gates.
    pub ands: u32,
    /// XOR gates.
    pub xors: u32,
    /// Most ANDs on a path.
    pub and_depth: u32,
    /// Most ANDs and XORs on a path: the depth for shares of bits over a field of odd order.
    pub and_xor_depth: u32,
}

/// A boolean circuit.
///
/// Wires are numbered: first the inputs, word by word, then one per gate. A gate reads only wires
/// with smaller numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circuit {
    inputs: Vec<InputWord>,
    gates: Vec<Gate>,
    outputs: Vec<OutputWord>,
    input_wires: u32,
    counts: Counts,
}

impl Circuit {
    /// The circuit of these words and gates.
    ///
    /// # Errors
    /// If a wire is read that is not known, if two words share a name, or if it is too large.
    pub fn new(
        inputs: Vec<InputWord>,
        gates: Vec<Gate>,
        outputs: Vec<OutputWord>,
    ) -> Result<Self, CircuitError> {
        let input_wires: u64 = inputs.iter().map(|word| u64::from(word.width)).sum();
        let wires = input_wires + gates.len() as u64;
        if wires > u64::from(MAX_WIRES) {
            return Err(CircuitError::TooLarge { wires });
        }
        let (input_wires, wires) = (input_wires as u32, wires as u32);
        for (gate, defined) in gates.iter().zip(input_wires..) {
            if let Some(wire) = gate.operands().find(|wire| *wire >= defined) {
                return Err(CircuitError::Operand { gate: defined - input_wires, wire, defined });
            }
        }
        for OutputWord { name, wires: bits } in &outputs {
            if let Some(&wire) = bits.iter().find(|wire| **wire >= wires) {
                return Err(CircuitError::Output { name: name.clone(), wire, wires });
            }
        }
        unique(inputs.iter().map(|word| &word.name))?;
        unique(outputs.iter().map(|word| &word.name))?;
        let counts = count(input_wires, &gates);
        Ok(Circuit { inputs, gates, outputs, input_wires, counts })
    }

    /// The words that come in, in the order of their wires.
    #[must_use]
    pub fn inputs(&self) -> &[InputWord] {
        &self.inputs
    }

    /// The words that go out.
    #[must_use]
    pub fn outputs(&self) -> &[OutputWord] {
        &self.outputs
    }

    /// The gates; the wire of gate `g` is `input_wires() + g`.
    #[must_use]
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// Number of input bits.
    #[must_use]
    pub fn input_wires(&self) -> u32 {
        self.input_wires
    }

    /// Number of output bits.
    #[must_use]
    pub fn output_bits(&self) -> usize {
        self.outputs.iter().map(|word| word.wires.len()).sum()
    }

    /// Number of wires: inputs and gates.
    #[must_use]
    pub fn wires(&self) -> u32 {
        self.input_wires + self.counts.gates
    }

    /// Its costs.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Evaluates it in the clear, gate by gate, for many instances at once.
    ///
    /// Bits are wire-major: input wire `w` of instance `i` is bit `w * instances + i`, and so for
    /// the outputs, all words in order.
    ///
    /// # Errors
    /// If the inputs have another length.
    pub fn evaluate(&self, inputs: &Bits, instances: usize) -> Result<Bits, WalkError> {
        let expected = self.input_wires as usize * instances;
        if inputs.len() != expected {
            return Err(WalkError::Inputs { expected, found: inputs.len() });
        }
        let mut values = inputs.clone();
        values.reserve(self.gates.len() * instances);
        let at = |wire: u32| wire as usize * instances;
        for gate in &self.gates {
            match *gate {
                Gate::And(left, right) => {
                    values.push_combined(at(left), at(right), instances, |a, b| a & b);
                }
                Gate::Xor(left, right) => values.push_xor(at(left), at(right), instances, None),
                Gate::Not(operand) => values.push_not(at(operand), instances),
                Gate::Const(bit) => values.push_constant(bit, instances),
            }
        }
        Ok(values.gather_blocks(self.output_wires(), instances))
    }

    /// The wire of each output bit, word by word.
    pub fn output_wires(&self) -> impl Iterator<Item = u32> + '_ {
        self.outputs.iter().flat_map(|word| word.wires.iter().copied())
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), CircuitError> {
    let mut known = std::collections::BTreeSet::new();
    for name in names {
        if !known.insert(name) {
            return Err(CircuitError::DuplicateName(name.clone()));
        }
    }
    Ok(())
}

fn count(input_wires: u32, gates: &[Gate]) -> Counts {
    let deepest = |kind| layers::levels(input_wires, gates, kind).into_iter().max().unwrap_or(0);
    let number = |is: fn(&Gate) -> bool| gates.iter().filter(|gate| is(gate)).count() as u32;
    Counts {
        gates: gates.len() as u32,
        ands: number(|gate| matches!(gate, Gate::And(..))),
        xors: number(|gate| matches!(gate, Gate::Xor(..))),
        and_depth: deepest(Interactive::And),
        and_xor_depth: deepest(Interactive::AndXor),
    }
}

#[cfg(test)]
mod tests;
