//! Writing circuits: wires, constant folding without a table, words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Circuit, CircuitError, Gate, InputWord, MAX_WIRES, OutputWord};

/// What the word-level gadgets save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Optimise {
    /// AND gates: ripple carries.
    Size,
    /// AND depth: parallel prefixes and carry-save trees.
    #[default]
    Depth,
}

/// A bit of a circuit that is being built. It belongs to the builder that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bit {
    /// A public bit; gates on it are folded.
    Const(bool),
    /// A wire: the builder's own number of it.
    Wire(BuilderWire),
}

/// A builder's number of a wire; the circuit numbers them anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuilderWire(u32);

/// Marks the numbers of inputs, which may come between gates.
const INPUT: u32 = 1 << 31;

impl Bit {
    /// The bit 0.
    pub const ZERO: Bit = Bit::Const(false);
    /// The bit 1.
    pub const ONE: Bit = Bit::Const(true);
}

/// Builds a circuit.
///
/// Words are slices of bits, least significant first. Where two words of different widths meet,
/// the shorter one is extended by zeros. Gates that no output needs are dropped at the end.
#[derive(Clone, Debug)]
pub struct Builder {
    inputs: Vec<InputWord>,
    input_wires: u64,
    gates: Vec<Gate>,
    outputs: Vec<(String, Vec<Bit>)>,
    optimise: Optimise,
    overflow: bool,
}

impl Builder {
    /// An empty circuit, whose gadgets save what `optimise` says.
    #[must_use]
    pub fn new(optimise: Optimise) -> Self {
        Builder {
            inputs: Vec::new(),
            input_wires: 0,
            gates: Vec::new(),
            outputs: Vec::new(),
            optimise,
            overflow: false,
        }
    }

    /// What the gadgets save.
    #[must_use]
    pub fn optimise(&self) -> Optimise {
        self.optimise
    }

    /// Declares an input word. This is possible at any time.
    pub fn input(&mut self, name: impl Into<String>, width: u32) -> Vec<Bit> {
        self.inputs.push(InputWord { name: name.into(), width });
        let first = self.input_wires;
        self.input_wires += u64::from(width);
        if self.input_wires > u64::from(MAX_WIRES) {
            self.overflow = true;
            return Vec::new();
        }
        (first..self.input_wires).map(|w| Bit::Wire(BuilderWire(w as u32 | INPUT))).collect()
    }

    /// Declares an output word.
    pub fn output(&mut self, name: impl Into<String>, bits: &[Bit]) {
        self.outputs.push((name.into(), bits.to_vec()));
    }

    fn push(&mut self, gate: Gate) -> Bit {
        if self.gates.len() as u64 + self.input_wires >= u64::from(MAX_WIRES) {
            self.overflow = true;
            return Bit::ZERO;
        }
        self.gates.push(gate);
        Bit::Wire(BuilderWire(self.gates.len() as u32 - 1))
    }

    /// The operand, if the wire comes from a NOT gate.
    fn negated(&self, BuilderWire(wire): BuilderWire) -> Option<BuilderWire> {
        match self.gates.get(wire as usize) {
            Some(Gate::Not(operand)) if wire & INPUT == 0 => Some(BuilderWire(*operand)),
            _ => None,
        }
    }

    fn opposite(&self, left: BuilderWire, right: BuilderWire) -> bool {
        self.negated(left) == Some(right) || self.negated(right) == Some(left)
    }

    /// The other bit.
    pub fn not(&mut self, bit: Bit) -> Bit {
        match bit {
            Bit::Const(bit) => Bit::Const(!bit),
            Bit::Wire(wire) => match self.negated(wire) {
                Some(operand) => Bit::Wire(operand),
                None => self.push(Gate::Not(wire.0)),
            },
        }
    }

    /// One of the two.
    pub fn xor(&mut self, left: Bit, right: Bit) -> Bit {
        match (left, right) {
            (Bit::Const(public), other) | (other, Bit::Const(public)) => match public {
                true => self.not(other),
                false => other,
            },
            (Bit::Wire(a), Bit::Wire(b)) if a == b => Bit::ZERO,
            (Bit::Wire(a), Bit::Wire(b)) if self.opposite(a, b) => Bit::ONE,
            (Bit::Wire(a), Bit::Wire(b)) => match (self.negated(a), self.negated(b)) {
                (Some(a), Some(b)) => self.push(Gate::Xor(a.0, b.0)),
                _ => self.push(Gate::Xor(a.0, b.0)),
            },
        }
    }

    /// Both.
    pub fn and(&mut self, left: Bit, right: Bit) -> Bit {
        match (left, right) {
            (Bit::Const(public), other) | (other, Bit::Const(public)) => match public {
                true => other,
                false => Bit::ZERO,
            },
            (Bit::Wire(a), Bit::Wire(b)) if a == b => left,
            (Bit::Wire(a), Bit::Wire(b)) if self.opposite(a, b) => Bit::ZERO,
            (Bit::Wire(a), Bit::Wire(b)) => self.push(Gate::And(a.0, b.0)),
        }
    }

    /// At least one.
    pub fn or(&mut self, left: Bit, right: Bit) -> Bit {
        let (left, right) = (self.not(left), self.not(right));
        let neither = self.and(left, right);
        self.not(neither)
    }

    /// The bit `one` if `condition` is set, otherwise `zero`: one AND.
    pub fn select_bit(&mut self, condition: Bit, one: Bit, zero: Bit) -> Bit {
        let difference = self.xor(one, zero);
        let change = self.and(condition, difference);
        self.xor(change, zero)
    }

    /// At least two of three: one AND.
    pub fn majority(&mut self, a: Bit, b: Bit, c: Bit) -> Bit {
        match (a, b, c) {
            (Bit::Const(x), Bit::Const(y), other)
            | (Bit::Const(x), other, Bit::Const(y))
            | (other, Bit::Const(x), Bit::Const(y)) => {
                if x == y {
                    Bit::Const(x)
                } else {
                    other
                }
            }
            _ if a == b || a == c => a,
            _ if b == c => b,
            (Bit::Const(public), b, c)
            | (b, Bit::Const(public), c)
            | (b, c, Bit::Const(public)) => {
                if public {
                    self.or(b, c)
                } else {
                    self.and(b, c)
                }
            }
            _ => {
                let (left, right) = (self.xor(a, c), self.xor(b, c));
                let change = self.and(left, right);
                self.xor(change, c)
            }
        }
    }

    /// A public number of `width` bits, cut at the top.
    #[must_use]
    pub fn constant(&self, value: u128, width: usize) -> Vec<Bit> {
        (0..width).map(|bit| Bit::Const(bit < 128 && (value >> bit) & 1 == 1)).collect()
    }

    /// Bit by bit.
    pub fn not_word(&mut self, word: &[Bit]) -> Vec<Bit> {
        word.iter().map(|bit| self.not(*bit)).collect()
    }

    /// Bit by bit.
    pub fn xor_words(&mut self, left: &[Bit], right: &[Bit]) -> Vec<Bit> {
        pairs(left, right).map(|(left, right)| self.xor(left, right)).collect()
    }

    /// Bit by bit.
    pub fn and_words(&mut self, left: &[Bit], right: &[Bit]) -> Vec<Bit> {
        pairs(left, right).map(|(left, right)| self.and(left, right)).collect()
    }

    /// The word `one` if `condition` is set, otherwise `zero`: an AND per bit.
    pub fn select(&mut self, condition: Bit, one: &[Bit], zero: &[Bit]) -> Vec<Bit> {
        pairs(one, zero).map(|(one, zero)| self.select_bit(condition, one, zero)).collect()
    }

    /// The two words, exchanged if `condition` is set: an AND per bit.
    pub fn swap(&mut self, condition: Bit, a: &[Bit], b: &[Bit]) -> (Vec<Bit>, Vec<Bit>) {
        pairs(a, b)
            .map(|(a, b)| {
                let difference = self.xor(a, b);
                let change = self.and(condition, difference);
                (self.xor(a, change), self.xor(b, change))
            })
            .unzip()
    }

    /// All bits are set: a balanced tree of ANDs; true for no bits.
    pub fn all(&mut self, bits: &[Bit]) -> Bit {
        let mut level = bits.to_vec();
        while level.len() > 1 {
            level = level
                .chunks(2)
                .map(|pair| match *pair {
                    [left, right] => self.and(left, right),
                    _ => pair[0],
                })
                .collect();
        }
        level.first().copied().unwrap_or(Bit::ONE)
    }

    /// Some bit is set: a balanced tree; false for no bits.
    pub fn any(&mut self, bits: &[Bit]) -> Bit {
        let clear = self.not_word(bits);
        let none = self.all(&clear);
        self.not(none)
    }

    /// The circuit, without the gates that no output needs.
    ///
    /// # Errors
    /// If there are too many wires, or two words share a name.
    pub fn build(mut self) -> Result<Circuit, CircuitError> {
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for (name, bits) in std::mem::take(&mut self.outputs) {
            let wires = bits.into_iter().map(|bit| self.output_wire(bit)).collect();
            outputs.push(OutputWord { name, wires });
        }
        if self.overflow {
            let wires = self.input_wires + self.gates.len() as u64 + 1;
            return Err(CircuitError::TooLarge { wires });
        }
        let inputs = self.input_wires as u32;
        let numbers = self.drop_unused(inputs, &outputs);
        let number = |wire: u32| match wire & INPUT {
            0 => numbers[wire as usize],
            _ => wire & !INPUT,
        };
        for gate in &mut self.gates {
            *gate = gate.map(number);
        }
        for wire in outputs.iter_mut().flat_map(|word| &mut word.wires) {
            *wire = number(*wire);
        }
        Circuit::new(self.inputs, self.gates, outputs)
    }

    fn output_wire(&mut self, bit: Bit) -> u32 {
        let bit = match bit {
            Bit::Const(public) => self.push(Gate::Const(public)),
            Bit::Wire(_) => bit,
        };
        match bit {
            Bit::Wire(BuilderWire(wire)) => wire,
            Bit::Const(_) => 0,
        }
    }

    /// Drops the gates that no output needs; returns the wire of each gate that was there.
    fn drop_unused(&mut self, inputs: u32, outputs: &[OutputWord]) -> Vec<u32> {
        // First a mark, then the number.
        let mut numbers = vec![0u32; self.gates.len()];
        let gates_of = |wires: &mut dyn Iterator<Item = u32>, numbers: &mut [u32]| {
            for wire in wires.filter(|wire| wire & INPUT == 0) {
                numbers[wire as usize] = 1;
            }
        };
        gates_of(&mut outputs.iter().flat_map(|word| word.wires.iter().copied()), &mut numbers);
        for (index, gate) in self.gates.iter().enumerate().rev() {
            if numbers[index] == 1 {
                gates_of(&mut gate.operands(), &mut numbers);
            }
        }
        let mut marks = numbers.iter().map(|mark| *mark == 1).collect::<Vec<_>>().into_iter();
        self.gates.retain(|_| marks.next().unwrap_or(true));
        let mut next = inputs;
        for number in &mut numbers {
            (*number, next) = (next, next + *number);
        }
        numbers
    }
}

/// The bits of two words side by side, the shorter word extended by zeros.
pub(super) fn pairs<'a>(
    left: &'a [Bit],
    right: &'a [Bit],
) -> impl Iterator<Item = (Bit, Bit)> + use<'a> {
    let bit = |word: &[Bit], index: usize| word.get(index).copied().unwrap_or(Bit::ZERO);
    (0..left.len().max(right.len())).map(move |index| (bit(left, index), bit(right, index)))
}
