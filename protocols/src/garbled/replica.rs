//! Circuits that are garbled from seeds: all that is random in one follows from its seed, so that
//! who has the seed garbles it again and compares.

use mpclab_kernels::{Block, Tweak};
use mpclab_sim::{Ctx, work};
use rand::Rng;

use super::TABLES;
use super::encoding::Encoding;
use super::two_party::TwoParty;
use crate::primitives::garbling::{Evaluator, Garbler};
use crate::primitives::hash;
use crate::primitives::{CHACHA_BYTE, Prg};

/// The stream of a seed, for one purpose.
pub(crate) fn stream(ctx: &Ctx, seed: Block, domain: &[u8], purpose: &str) -> Prg {
    let mut key = [0; 32];
    key[..Block::BYTES].copy_from_slice(&seed.to_bytes());
    Prg::of(ctx, key, &[domain, purpose.as_bytes()].concat())
}

/// The next blocks of a stream.
pub(crate) fn blocks(stream: &mut impl Rng, count: usize) -> Vec<Block> {
    work::did_calls(CHACHA_BYTE, 0, count * Block::BYTES);
    let mut blocks = vec![Block::ZERO; count];
    stream.fill_bytes(Block::as_bytes_mut(&mut blocks));
    blocks
}

/// What a seed says of a circuit: its offset, and zero labels of all wires that somebody brings.
#[derive(Clone, Debug)]
pub(crate) struct Replica {
    pub(crate) delta: Block,
    /// Of the garbler's bits.
    pub(crate) garbler: Vec<Block>,
    /// Of the places of the evaluator's encoded bits.
    pub(crate) encoded: Vec<Block>,
}

impl Replica {
    /// Of a seed, for so many bits of the garbler's and places of the evaluator's.
    pub(crate) fn stretch(
        ctx: &Ctx,
        seed: Block,
        domain: &[u8],
        [garbler, encoded]: [usize; 2],
    ) -> Self {
        let mut stream = stream(ctx, seed, domain, "labels");
        let delta = blocks(&mut stream, 1)[0].with_lsb();
        let [garbler, encoded] = [garbler, encoded].map(|count| blocks(&mut stream, count));
        Replica { delta, garbler, encoded }
    }

    /// The circuit, to be garbled; `first` is a tweak that is used for nothing else.
    pub(crate) fn garble(&self, two: &TwoParty, encoding: &Encoding, first: Tweak) -> Garbler {
        let inputs = two.inputs(&self.garbler, &encoding.decode(&self.encoded));
        Garbler::new(two.streamed(), inputs, self.delta, first)
    }

    /// The permute bit of the first AND's left operand.
    pub(crate) fn permutes_first(&self, two: &TwoParty, encoding: &Encoding) -> bool {
        let zeros = two.inputs(&self.garbler, &encoding.decode(&self.encoded));
        two.left_of_first(zeros.iter().map(|zero| zero.lsb()).collect())
    }
}

/// The circuit, to be evaluated, from active labels of all wires that somebody brings.
pub(crate) fn evaluate(
    two: &TwoParty,
    encoding: &Encoding,
    [garbler, encoded]: [&[Block]; 2],
    first: Tweak,
) -> Evaluator {
    let inputs = two.inputs(garbler, &encoding.decode(encoded));
    Evaluator::new(two.streamed(), inputs, first)
}

/// Tables of several circuits in one message, or a part of one circuit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The first circuit, and how many there are.
    pub(crate) first: usize,
    pub(crate) circuits: usize,
    /// Tables of each.
    pub(crate) tables: usize,
}

/// The messages that hold the tables of so many circuits of so many ANDs: whole circuits while they
/// fit.
pub(crate) fn pieces(replicas: usize, ands: usize) -> Vec<Piece> {
    if ands == 0 {
        return Vec::new();
    }
    if ands <= TABLES {
        let circuits = TABLES / ands;
        let piece = |first| Piece { first, circuits: circuits.min(replicas - first), tables: ands };
        return (0..replicas).step_by(circuits).map(piece).collect();
    }
    let of_one = |first| {
        let starts = (0..ands).step_by(TABLES);
        starts.map(move |at| Piece { first, circuits: 1, tables: TABLES.min(ands - at) })
    };
    (0..replicas).flat_map(of_one).collect()
}

/// A hash of tables that come in pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain([u8; 32]);

impl Chain {
    /// With the next piece.
    pub(crate) fn add(&mut self, tables: &[Block]) {
        let parts: [&[u8]; 1] = [Block::as_bytes(tables)];
        self.0 = *hash::digest("mpclab garbled tables v1", &self.0, &parts).as_bytes();
    }
}

/// All tables of a circuit as they are sent, and its zero labels of outputs.
pub(crate) fn again(mut garbler: Garbler) -> (Chain, Vec<Block>) {
    let mut chain = Chain::default();
    loop {
        let tables = garbler.tables(TABLES);
        if tables.is_empty() {
            return (chain, garbler.outputs());
        }
        chain.add(tables.as_flattened());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_go_in_whole_circuits_or_in_pieces_of_one() {
        let piece = |first, circuits, tables| Piece { first, circuits, tables };
        assert_eq!(pieces(3, 0), []);
        assert_eq!(pieces(40, 100), [piece(0, 40, 100)]);
        assert_eq!(pieces(3, 20_000), [0, 1, 2].map(|first| piece(first, 1, 20_000)));
        assert_eq!(
            pieces(5, 16_384),
            [piece(0, 2, 16_384), piece(2, 2, 16_384), piece(4, 1, 16_384)]
        );
        let rest = 40_000 - TABLES;
        assert_eq!(pieces(1, 40_000), [piece(0, 1, TABLES), piece(0, 1, rest)]);
    }
}
