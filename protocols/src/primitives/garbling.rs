//! Garbled circuits: half-gates over the layers of a circuit, label by label.
//!
//! Zahur, Rosulek, Evans, "Two Halves Make a Whole", EUROCRYPT 2015, with free XOR (Kolesnikov and
//! Schneider, ICALP 2008), hashed as Guo, Katz, Wang, Weng, Yu (CRYPTO 2020) have it: AES under a
//! new key for each half of a gate. The label of bit `b` on a wire is `zero + b delta`; its lowest
//! bit permutes. A NOT turns the zero label into the other; a public bit has the label 0.
//! [`three_halves`] garbles the same circuits with smaller tables and more hashing.
//!
//! Labels live in slots that are used again once nobody reads a wire any more, and tables are made
//! and read in pieces, so that memory grows with the width of a circuit, not with its size.

pub mod three_halves;

use std::hint::black_box;
use std::sync::Arc;

use mpclab_kernels::half_gates::{self, Table};
use mpclab_kernels::{Block, Tweak};
use mpclab_sim::vocabulary::Op;
use mpclab_sim::work;

use crate::algebra::repeated;
use crate::circuit::{Circuit, Gate, Layered};

/// What garbled circuits rest on.
pub const ASSUMPTION: &str = "AES-128 is an ideal cipher";

/// Bytes of the table of an AND gate.
pub const TABLE_BYTES: u64 = (half_gates::TABLE_BLOCKS * Block::BYTES) as u64;

/// ANDs that are worked on at a time.
const CHUNK: usize = 1024;

/// Price of an AND gate for its garbler.
pub const GARBLE: Op = op("gc.garble", |calls, units| {
    let mut batch = Batch::of(units, Gate::And);
    let (mut tables, mut out) = (vec![Table::default(); units], vec![Block::ZERO; units]);
    repeated(calls, 0, || {
        let inputs = batch.operands();
        half_gates::garble_ands(DELTA, Tweak::default(), &inputs, &mut tables, &mut out);
        batch.place(&out);
    });
});
/// Price of an AND gate for its evaluator.
pub const EVALUATE: Op = op("gc.evaluate", |calls, units| {
    let mut batch = Batch::of(units, Gate::And);
    let (tables, mut out) = (vec![Table::default(); units], vec![Block::ZERO; units]);
    repeated(calls, 0, || {
        let inputs = batch.operands();
        half_gates::evaluate_ands(Tweak::default(), &inputs, &tables, &mut out);
        batch.place(&out);
    });
});
/// Price of a gate without a table, of an input or of an output, for either.
pub const LOCAL: Op = op("gc.local", |calls, units| {
    let mut batch = Batch::of(units, Gate::Xor);
    let Batch { gates, slots, writes, labels } = &mut batch;
    repeated(calls, 0, || local(black_box(gates), (slots, writes), labels, DELTA));
});
/// Price of a label that is added to the label of a parity.
pub const PARITY: Op = Op {
    unit: "label",
    ..op("gc.parity", |calls, units| {
        let Batch { slots, labels, .. } = Batch::of(units, Gate::Xor);
        let parity: Vec<u32> = slots.iter().copied().cycle().take(units).collect();
        repeated(calls, 0, || sum(DELTA, black_box(&parity), &labels));
    })
};

/// Every priced operation of this module.
pub const OPS: [Op; 6] =
    [GARBLE, EVALUATE, LOCAL, PARITY, three_halves::GARBLE, three_halves::EVALUATE];

const fn op(key: &'static str, work: fn(u64, usize)) -> Op {
    Op { key, unit: "gate", parallel: false, work: Some(work) }
}

const DELTA: Block = Block::ONES;

/// Gates side by side in a circuit of middling width, to be timed: their labels are here and there.
struct Batch {
    gates: Vec<Gate>,
    /// Where the label of each wire is that they read, and where theirs go.
    slots: Vec<u32>,
    writes: Vec<u32>,
    labels: Vec<Block>,
}

impl Batch {
    fn of(units: usize, gate: fn(u32, u32) -> Gate) -> Self {
        // As many labels as a middling circuit holds at a time.
        let (width, mut next) = (1 << 13, 1_u64);
        let mut wire = || {
            next = next.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e);
            (next >> 40) as u32 % width
        };
        Batch {
            gates: (0..units).map(|_| gate(wire(), wire())).collect(),
            slots: (0..width).map(|_| wire()).collect(),
            writes: (0..units).map(|_| wire()).collect(),
            labels: vec![Block::ONES; width as usize],
        }
    }

    fn operands(&self) -> Vec<[Block; 2]> {
        operands(black_box(&self.gates), &self.slots, &self.labels)
    }

    fn place(&mut self, made: &[Block]) {
        place(made, black_box(&self.writes), &mut self.labels);
    }
}

/// Gates without a table, from the slot of each wire and the slots that they fill; `not` is what a
/// NOT adds.
fn local(gates: &[Gate], (slots, writes): (&[u32], &[u32]), labels: &mut [Block], not: Block) {
    for (gate, slot) in gates.iter().zip(writes) {
        let label = |wire: u32| labels[slots[wire as usize] as usize];
        let made = match *gate {
            Gate::Xor(left, right) => label(left) ^ label(right),
            Gate::Not(operand) => label(operand) ^ not,
            Gate::Const(bit) => not.if_set(bit),
            Gate::And(..) => Block::ZERO,
        };
        labels[*slot as usize] = made;
    }
}

/// Labels of what ANDs read.
fn operands(gates: &[Gate], slots: &[u32], labels: &[Block]) -> Vec<[Block; 2]> {
    let operands = gates.iter().map(|gate| match *gate {
        Gate::And(left, right) | Gate::Xor(left, right) => [left, right],
        Gate::Not(_) | Gate::Const(_) => [0; 2],
    });
    operands.map(|wires| wires.map(|wire| labels[slots[wire as usize] as usize])).collect()
}

/// Labels of what ANDs make.
fn place(made: &[Block], writes: &[u32], labels: &mut [Block]) {
    for (label, slot) in made.iter().zip(writes) {
        labels[*slot as usize] = *label;
    }
}

/// A label, and those at these places, added up: that of a parity. Who asks for many charges
/// [`PARITY`].
pub(crate) fn sum(own: Block, places: &[u32], labels: &[Block]) -> Block {
    places.iter().fold(own, |sum, place| sum ^ labels[*place as usize])
}

/// A circuit in layers, and where each of its wires is kept while somebody will read it.
#[derive(Debug)]
pub struct Streamed {
    layered: Arc<Layered>,
    slots: Vec<u32>,
    width: usize,
}

impl Streamed {
    /// Gives every wire a slot: wires of which one is read last before the other is made share one.
    #[must_use]
    pub fn new(layered: Arc<Layered>) -> Self {
        let circuit = layered.circuit();
        let (inputs, wires) = (circuit.input_wires() as usize, circuit.wires() as usize);
        let kept = u32::MAX;
        // The gate that reads a wire last; inputs and gates that nobody reads end where they begin.
        let mut last: Vec<u32> =
            (0..wires).map(|wire| wire.saturating_sub(inputs) as u32).collect();
        for (at, gate) in circuit.gates().iter().enumerate() {
            gate.operands().for_each(|wire| last[wire as usize] = at as u32);
        }
        circuit.output_wires().for_each(|wire| last[wire as usize] = kept);
        let mut slots: Vec<u32> = (0..inputs as u32).collect();
        slots.reserve(circuit.gates().len());
        let (mut free, mut width) = (Vec::new(), inputs as u32);
        for (at, gate) in circuit.gates().iter().enumerate() {
            let mut ended = [None; 2];
            for (place, wire) in gate.operands().enumerate() {
                let slot = slots[wire as usize];
                let is_new = place == 0 || ended[0] != Some(slot);
                if last[wire as usize] == at as u32 && is_new {
                    ended[place] = Some(slot);
                }
            }
            free.extend(ended.into_iter().flatten());
            let slot = free.pop().unwrap_or_else(|| {
                width += 1;
                width - 1
            });
            slots.push(slot);
            if last[inputs + at] == at as u32 {
                free.push(slot);
            }
        }
        Streamed { layered, slots, width: width as usize }
    }

    /// The circuit.
    #[must_use]
    pub fn circuit(&self) -> &Circuit {
        self.layered.circuit()
    }

    /// Labels that are held at a time.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }
}

/// A walk through a circuit, for either end: zero labels, or active ones.
#[derive(Debug)]
struct Walk {
    streamed: Arc<Streamed>,
    labels: Vec<Block>,
    layer: usize,
    /// ANDs of the layer that are done, and of all.
    done: usize,
    all: usize,
    /// What a NOT adds.
    not: Block,
}

impl Walk {
    fn new(streamed: &Arc<Streamed>, mut labels: Vec<Block>, not: Block) -> Self {
        work::did(LOCAL, labels.len());
        labels.resize(streamed.width, Block::ZERO);
        let streamed = Arc::clone(streamed);
        let mut walk = Walk { streamed, labels, layer: 0, done: 0, all: 0, not };
        walk.local();
        walk
    }

    fn slot(&self, wire: u32) -> usize {
        self.streamed.slots[wire as usize] as usize
    }

    /// Gates of the layer without a table.
    fn local(&mut self) {
        let streamed = Arc::clone(&self.streamed);
        let layered = &streamed.layered;
        let inputs = layered.circuit().input_wires() as usize;
        let layer = layered.layer(self.layer);
        work::did(LOCAL, layer.local.len());
        let writes = &streamed.slots[inputs + layer.local.start..];
        let gates = layered.gates(layer.local);
        local(gates, (&streamed.slots, writes), &mut self.labels, self.not);
    }

    /// ANDs that are there to be done, at most so many: those of one layer.
    fn ready(&mut self, most: usize) -> usize {
        loop {
            let layer = self.streamed.layered.layer(self.layer);
            let rest = layer.batch.len() - self.done;
            if rest > 0 || self.layer >= self.streamed.layered.depth() {
                return rest.min(most);
            }
            (self.layer, self.done) = (self.layer + 1, 0);
            self.local();
        }
    }

    fn inputs(&self, count: usize) -> Vec<[Block; 2]> {
        let start = self.streamed.layered.layer(self.layer).batch.start + self.done;
        let gates = self.streamed.layered.gates(start..start + count);
        operands(gates, &self.streamed.slots, &self.labels)
    }

    fn place(&mut self, outputs: &[Block]) {
        let inputs = self.streamed.circuit().input_wires() as usize;
        let start = self.streamed.layered.layer(self.layer).batch.start + self.done;
        place(outputs, &self.streamed.slots[inputs + start..], &mut self.labels);
        self.done += outputs.len();
        self.all += outputs.len();
    }

    /// The labels of output wires, word by word.
    fn outputs(&self) -> Vec<Block> {
        let wires = self.streamed.circuit().output_wires();
        let labels: Vec<Block> = wires.map(|wire| self.labels[self.slot(wire)]).collect();
        work::did(LOCAL, labels.len());
        labels
    }
}

/// Who garbles: knows both labels of every wire.
#[derive(Debug)]
pub struct Garbler {
    walk: Walk,
    delta: Block,
    first: Tweak,
}

impl Garbler {
    /// Begins, from the zero labels of all input wires; `delta` is odd, and no tweak from `first`
    /// on is used for anything else under it.
    #[must_use]
    pub fn new(streamed: &Arc<Streamed>, zeros: Vec<Block>, delta: Block, first: Tweak) -> Self {
        Garbler { walk: Walk::new(streamed, zeros, delta), delta, first }
    }

    /// The next so many tables; fewer where the circuit ends.
    pub fn tables(&mut self, count: usize) -> Vec<Table> {
        let mut tables = Vec::with_capacity(count);
        let mut outputs = [Block::ZERO; CHUNK];
        while tables.len() < count {
            let ready = self.walk.ready(CHUNK.min(count - tables.len()));
            if ready == 0 {
                break;
            }
            work::did(GARBLE, ready);
            let inputs = self.walk.inputs(ready);
            let first = Tweak { index: self.first.index + self.walk.all as u64, ..self.first };
            let (at, outputs) = (tables.len(), &mut outputs[..ready]);
            tables.resize(at + ready, Table::default());
            half_gates::garble_ands(self.delta, first, &inputs, &mut tables[at..], outputs);
            self.walk.place(outputs);
        }
        tables
    }

    /// Whether all tables are made.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.walk.all >= self.walk.streamed.circuit().counts().ands as usize
    }

    /// The zero labels of all output wires, when there are no tables left to make.
    #[must_use]
    pub fn outputs(mut self) -> Vec<Block> {
        self.walk.ready(1);
        self.walk.outputs()
    }
}

/// Who evaluates: knows one label of every wire.
#[derive(Debug)]
pub struct Evaluator {
    walk: Walk,
    first: Tweak,
}

impl Evaluator {
    /// Begins, from the active labels of all input wires.
    #[must_use]
    pub fn new(streamed: &Arc<Streamed>, active: Vec<Block>, first: Tweak) -> Self {
        Evaluator { walk: Walk::new(streamed, active, Block::ZERO), first }
    }

    /// Goes on with the next tables.
    pub fn tables(&mut self, mut tables: &[Table]) {
        let mut outputs = [Block::ZERO; CHUNK];
        while !tables.is_empty() {
            let ready = self.walk.ready(CHUNK.min(tables.len()));
            if ready == 0 {
                break;
            }
            work::did(EVALUATE, ready);
            let inputs = self.walk.inputs(ready);
            let first = Tweak { index: self.first.index + self.walk.all as u64, ..self.first };
            let (own, rest) = tables.split_at(ready);
            half_gates::evaluate_ands(first, &inputs, own, &mut outputs[..ready]);
            self.walk.place(&outputs[..ready]);
            tables = rest;
        }
    }

    /// The active labels of all output wires, when all tables have been read.
    #[must_use]
    pub fn outputs(mut self) -> Vec<Block> {
        self.walk.ready(1);
        self.walk.outputs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::bits::Bits;
    use crate::circuit::{Interactive, Optimise, aes::aes128, sha256::sha256_compression};

    /// Garbles and evaluates with pieces of so many tables, of which `change` may change one.
    fn garbled(
        circuit: &Circuit,
        inputs: &Bits,
        piece: usize,
        change: impl Fn(&mut Table),
    ) -> Vec<Option<bool>> {
        let layered = Layered::new(circuit.clone(), Interactive::And);
        let streamed = Arc::new(Streamed::new(Arc::new(layered)));
        let delta = Block::from_u128(0xabcd_ef01_2345_6789 << 50).with_lsb();
        let spread = |at: usize| Block::from_u128((at as u128 + 1).wrapping_mul(u128::MAX / 97));
        let zeros: Vec<Block> = (0..inputs.len()).map(spread).collect();
        let active = zeros.iter().zip(inputs.iter()).map(|(zero, bit)| *zero ^ delta.if_set(bit));
        let (active, first) = (active.collect(), Tweak { session: delta, index: 7 });
        let mut garbler = Garbler::new(&streamed, zeros.clone(), delta, first);
        let mut evaluator = Evaluator::new(&streamed, active, first);
        loop {
            let mut tables = garbler.tables(piece);
            let Some(table) = tables.first_mut() else { break };
            change(table);
            evaluator.tables(&tables);
        }
        let both = garbler.outputs().into_iter().zip(evaluator.outputs());
        both.map(|(zero, label)| match label {
            _ if label == zero => Some(false),
            _ if label == zero ^ delta => Some(true),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn what_is_garbled_evaluates_to_what_the_circuit_does() {
        for circuit in [aes128(), sha256_compression(Optimise::Depth)] {
            let circuit = circuit.expect("a circuit");
            let bit = |at: u32| at.wrapping_mul(0x9e37_79b9) >> 31 == 1;
            let inputs: Bits = (0..circuit.input_wires()).map(bit).collect();
            let expected: Vec<Option<bool>> =
                circuit.evaluate(&inputs, 1).expect("inputs fit").iter().map(Some).collect();
            for piece in [100, 1_000_000] {
                assert_eq!(garbled(&circuit, &inputs, piece, |_| {}), expected, "{piece}");
            }
            // One wrong row, and labels that belong to nothing come out.
            let wrong = |table: &mut Table| table.iter_mut().for_each(|row| *row ^= Block::ONES);
            assert!(garbled(&circuit, &inputs, 10, wrong).contains(&None));
        }
    }

    #[test]
    fn slots_are_used_again() {
        let circuit = sha256_compression(Optimise::Size).expect("a circuit");
        let wires = circuit.wires() as usize;
        let streamed = Streamed::new(Arc::new(Layered::new(circuit, Interactive::And)));
        assert!(streamed.width() * 20 < wires, "{} of {wires}", streamed.width());
    }
}
