//! The same circuits with tables of 1.5 blocks and 5 bits: Rosulek, Roy, "Three Halves Make a
//! Whole?", CRYPTO 2021, by [`mpclab_kernels::three_halves`].
//!
//! A message of `n` tables has 24 bytes for each, and control bits packed behind them: `24 n + 5 n
//! / 8` bytes, rounded up.

use std::sync::Arc;

use mpclab_kernels::aes::AesPrg;
use mpclab_kernels::three_halves::{self, CONTROL_BITS, TABLE_BYTES, Table};
use mpclab_kernels::{Block, Tweak};
use mpclab_sim::vocabulary::Op;
use mpclab_sim::work;

use super::{Batch, CHUNK, DELTA, Streamed, Walk, op};
use crate::algebra::bits::Bits;
use crate::algebra::repeated;
use crate::circuit::Gate;

/// Price of an AND gate for its garbler.
pub const GARBLE: Op = op("gc.three_halves.garble", |calls, units| {
    let mut batch = Batch::of(units, Gate::And);
    let (mut tables, mut out) = (vec![Table::default(); units], vec![Block::ZERO; units]);
    let (mut stream, mut coins) = (AesPrg::new(DELTA), vec![0; units]);
    repeated(calls, 0, || {
        let inputs = batch.operands();
        stream.fill(&mut coins);
        three_halves::garble_ands(DELTA, Tweak::default(), &coins, &inputs, &mut tables, &mut out);
        batch.place(&out);
        packed(&tables)
    });
});
/// Price of an AND gate for its evaluator.
pub const EVALUATE: Op = op("gc.three_halves.evaluate", |calls, units| {
    let mut batch = Batch::of(units, Gate::And);
    let (tables, mut out) = (packed(&vec![Table::default(); units]), vec![Block::ZERO; units]);
    repeated(calls, 0, || {
        let inputs = batch.operands();
        let tables = unpacked(&tables.0, &tables.1);
        three_halves::evaluate_ands(Tweak::default(), &inputs, &tables, &mut out);
        batch.place(&out);
    });
});

/// Tables as they are sent.
pub type Tables = (Vec<u8>, Bits);

/// The shape of so many tables in one message.
#[must_use]
pub const fn shape(tables: usize) -> (usize, usize) {
    (TABLE_BYTES * tables, CONTROL_BITS * tables)
}

/// Payload of so many tables, in messages of whole bytes of control bits but the last.
#[must_use]
pub const fn bytes(tables: usize) -> u64 {
    let (halves, control) = shape(tables);
    (halves + control.div_ceil(8)) as u64
}

fn packed(tables: &[Table]) -> Tables {
    let halves = tables.iter().flat_map(|table| table.halves);
    let bits =
        tables.iter().flat_map(|table| (0..CONTROL_BITS).map(|at| table.control >> at & 1 == 1));
    (halves.flat_map(u64::to_le_bytes).collect(), bits.collect())
}

fn unpacked(halves: &[u8], control: &Bits) -> Vec<Table> {
    let halves = halves.as_chunks::<8>().0.as_chunks::<3>().0.iter();
    let tables = halves.enumerate().map(|(gate, halves)| {
        let word = control.word_at(CONTROL_BITS * gate) as u8 & ((1 << CONTROL_BITS) - 1);
        Table { halves: halves.map(u64::from_le_bytes), control: word }
    });
    tables.collect()
}

/// Who garbles: knows both labels of every wire.
pub struct Garbler {
    walk: Walk,
    delta: Block,
    first: Tweak,
    coins: AesPrg,
}

impl Garbler {
    /// Begins, from the zero labels of all input wires; `delta` is odd, no tweak from `first` on
    /// is used for anything else under it, and coins follow from a seed of the garbler's own.
    #[must_use]
    pub fn new(
        streamed: &Arc<Streamed>,
        zeros: Vec<Block>,
        delta: Block,
        first: Tweak,
        coins: Block,
    ) -> Self {
        let walk = Walk::new(streamed, zeros, delta);
        Garbler { walk, delta, first, coins: AesPrg::new(coins) }
    }

    /// The next so many tables; none where the circuit ends.
    pub fn tables(&mut self, count: usize) -> Option<Tables> {
        let mut tables = Vec::with_capacity(count);
        let (mut outputs, mut coins) = ([Block::ZERO; CHUNK], [0; CHUNK]);
        while tables.len() < count {
            let ready = self.walk.ready(CHUNK.min(count - tables.len()));
            if ready == 0 {
                break;
            }
            work::did(GARBLE, ready);
            let inputs = self.walk.inputs(ready);
            let first = Tweak { index: self.first.index + self.walk.all as u64, ..self.first };
            let (at, outputs, coins) = (tables.len(), &mut outputs[..ready], &mut coins[..ready]);
            self.coins.fill(coins);
            tables.resize(at + ready, Table::default());
            let own = &mut tables[at..];
            three_halves::garble_ands(self.delta, first, coins, &inputs, own, outputs);
            self.walk.place(outputs);
        }
        (!tables.is_empty()).then(|| packed(&tables))
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
    pub fn tables(&mut self, (halves, control): &Tables) {
        let tables = unpacked(halves, control);
        let (mut rest, mut outputs) = (&tables[..], [Block::ZERO; CHUNK]);
        while !rest.is_empty() {
            let ready = self.walk.ready(CHUNK.min(rest.len()));
            if ready == 0 {
                break;
            }
            work::did(EVALUATE, ready);
            let inputs = self.walk.inputs(ready);
            let first = Tweak { index: self.first.index + self.walk.all as u64, ..self.first };
            let (own, others) = rest.split_at(ready);
            three_halves::evaluate_ands(first, &inputs, own, &mut outputs[..ready]);
            self.walk.place(&outputs[..ready]);
            rest = others;
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
    use crate::circuit::{Circuit, Interactive, Layered, Optimise};
    use crate::circuit::{aes::aes128, sha256::sha256_compression};

    fn garbled(circuit: &Circuit, inputs: &Bits, piece: usize) -> (Vec<Option<bool>>, usize) {
        let layered = Layered::new(circuit.clone(), Interactive::And);
        let streamed = Arc::new(Streamed::new(Arc::new(layered)));
        let delta = Block::from_u128(0xabcd_ef01_2345_6789 << 50).with_lsb();
        let spread = |at: usize| Block::from_u128((at as u128 + 1).wrapping_mul(u128::MAX / 97));
        let zeros: Vec<Block> = (0..inputs.len()).map(spread).collect();
        let active = zeros.iter().zip(inputs.iter()).map(|(zero, bit)| *zero ^ delta.if_set(bit));
        let (active, first) = (active.collect(), Tweak { session: delta, index: 7 });
        let mut garbler = Garbler::new(&streamed, zeros.clone(), delta, first, Block::ONES);
        let mut evaluator = Evaluator::new(&streamed, active, first);
        let mut sent = 0;
        while let Some(tables) = garbler.tables(piece) {
            sent += tables.0.len() + tables.1.len().div_ceil(8);
            evaluator.tables(&tables);
        }
        let both = garbler.outputs().into_iter().zip(evaluator.outputs());
        let bits = both.map(|(zero, label)| match label {
            _ if label == zero => Some(false),
            _ if label == zero ^ delta => Some(true),
            _ => None,
        });
        (bits.collect(), sent)
    }

    #[test]
    fn circuits_garbled_in_three_halves_evaluate_to_what_they_do() {
        for circuit in [aes128(), sha256_compression(Optimise::Depth)] {
            let circuit = circuit.expect("a circuit");
            let bit = |at: u32| at.wrapping_mul(0x9e37_79b9) >> 31 == 1;
            let inputs: Bits = (0..circuit.input_wires()).map(bit).collect();
            let expected: Vec<Option<bool>> =
                circuit.evaluate(&inputs, 1).expect("inputs fit").iter().map(Some).collect();
            for piece in [104, 1_000_000] {
                let (found, sent) = garbled(&circuit, &inputs, piece);
                assert_eq!(found, expected, "{piece}");
                assert_eq!(sent as u64, bytes(circuit.counts().ands as usize), "{piece}");
            }
        }
        assert_eq!(bytes(6_400), 157_600);
    }
}
