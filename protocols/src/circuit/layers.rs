//! The gates of a circuit, ordered for engines that talk once per batch.

use std::ops::Range;

use super::{Circuit, Gate};

/// Which gates need the other parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interactive {
    /// ANDs; XOR is local, as with XOR shares, replicated bits, and garbling.
    And,
    /// ANDs and XORs: bits are shared over a field of odd order, where `a xor b = a + b - 2ab`.
    AndXor,
}

impl Interactive {
    /// Whether `gate` needs the other parties.
    #[must_use]
    pub fn covers(self, gate: Gate) -> bool {
        match gate {
            Gate::And(..) => true,
            Gate::Xor(..) => self == Interactive::AndXor,
            Gate::Not(_) | Gate::Const(_) => false,
        }
    }
}

/// For each gate, the most interactive gates on a path to its output, itself included.
pub(super) fn levels(input_wires: u32, gates: &[Gate], interactive: Interactive) -> Vec<u32> {
    let mut levels: Vec<u32> = Vec::with_capacity(gates.len());
    for gate in gates {
        let level = |wire: u32| match wire.checked_sub(input_wires) {
            Some(gate) => levels[gate as usize],
            None => 0,
        };
        let before = gate.operands().map(level).max().unwrap_or(0);
        levels.push(before + u32::from(interactive.covers(*gate)));
    }
    levels
}

/// One step of a walk: first local gates in order, then a batch of interactive ones, which are
/// independent of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Numbers of the local gates.
    pub local: Range<usize>,
    /// Numbers of the interactive gates; none in the last layer.
    pub batch: Range<usize>,
}

/// A circuit whose gates are ordered by layers.
///
/// The gates of a layer have consecutive wires, so that a walk only ever appends values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layered {
    circuit: Circuit,
    interactive: Interactive,
    /// Where the local gates and where the batch of each layer end.
    ends: Vec<[u32; 2]>,
}

impl Layered {
    /// Orders the gates: in place, in linear time, with four more bytes per gate meanwhile.
    #[must_use]
    pub fn new(mut circuit: Circuit, interactive: Interactive) -> Self {
        let input_wires = circuit.input_wires;
        let mut keys = levels(input_wires, &circuit.gates, interactive);
        let depth = keys.iter().max().map_or(0, |depth| *depth as usize);
        let mut next = vec![0u32; 2 * depth + 3];
        for (key, gate) in keys.iter_mut().zip(&circuit.gates) {
            // Local gates of level d come at 2d, the batch whose results have level d + 1 after it.
            *key = if interactive.covers(*gate) { 2 * *key - 1 } else { 2 * *key };
            next[*key as usize + 1] += 1;
        }
        for key in 1..next.len() {
            next[key] += next[key - 1];
        }
        let ends = next[1..].chunks_exact(2).map(|ends| [ends[0], ends[1]]).collect();
        for key in &mut keys {
            let position = &mut next[*key as usize];
            *key = *position;
            *position += 1;
        }
        let mut positions = keys;
        let moved = |wire: u32| match wire.checked_sub(input_wires) {
            Some(gate) => input_wires + positions[gate as usize],
            None => wire,
        };
        for gate in &mut circuit.gates {
            *gate = gate.map(moved);
        }
        for wire in circuit.outputs.iter_mut().flat_map(|word| &mut word.wires) {
            *wire = moved(*wire);
        }
        permute(&mut circuit.gates, &mut positions);
        Layered { circuit, interactive, ends }
    }

    /// The circuit, in this order.
    #[must_use]
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Which gates are taken as interactive.
    #[must_use]
    pub fn interactive(&self) -> Interactive {
        self.interactive
    }

    /// Number of batches: the rounds, if a batch takes one.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.ends.len() - 1
    }

    /// The layers; behind the last batch comes one with local gates only.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = Layer> + '_ {
        (0..self.ends.len()).map(|index| self.layer(index))
    }

    /// The layer at `index`; an empty one behind the last.
    #[must_use]
    pub fn layer(&self, index: usize) -> Layer {
        let all = self.circuit.gates.len();
        let end = |index: usize| self.ends.get(index).map_or([all; 2], |e| e.map(|e| e as usize));
        let start = index.checked_sub(1).map_or(0, |before| end(before)[1]);
        let [local, batch] = end(index);
        Layer { local: start..local, batch: local..batch }
    }

    /// The gates of a layer's part.
    #[must_use]
    pub fn gates(&self, part: Range<usize>) -> &[Gate] {
        self.circuit.gates.get(part).unwrap_or(&[])
    }

    /// Number of interactive gates of each batch.
    pub fn batches(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        (0..self.depth()).map(|index| self.layer(index).batch.len())
    }
}

/// Moves each item to its position; `positions` is a permutation, and ends as the identity.
fn permute<T>(items: &mut [T], positions: &mut [u32]) {
    for index in 0..items.len() {
        while positions[index] as usize != index {
            let target = positions[index] as usize;
            items.swap(index, target);
            positions.swap(index, target);
        }
    }
}
