//! The garbler's end of circuits of which some are checked and others evaluated.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;
use rand::Rng;

use super::cheating::{Shift, Wrong};
use super::cut::{Cut, Place};
use super::replica::{Replica, blocks, pieces, stream};
use super::{EVALUATOR, GARBLER};
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::oracle::Kept;
use crate::primitives::ot::{Blocks, Choices, Pair, Sender, chosen_pads, pads};

/// Label of what the garbler hears: in which transfers the evaluator chooses otherwise than by
/// chance.
pub(crate) const FLIPS: &str = "flips";

/// Label of the garbler's bits, circuit by circuit.
pub(crate) const BROUGHT: &str = "bits of the garbler";

/// What is kept of a circuit.
pub(crate) struct Garbled {
    pub(crate) seed: Block,
    /// Under which the evaluator is told what it needs to evaluate.
    pub(crate) key: Block,
    pub(crate) replica: Replica,
    /// Active labels of the garbler's bits.
    pub(crate) active: Vec<Block>,
    /// Zero labels of output bits, once tables are made.
    pub(crate) outputs: Vec<Block>,
}

/// Both sides of all transfers, whose choices are random.
pub(crate) async fn transfers(
    ctx: &Ctx,
    cut: &Cut,
    protocol: &str,
) -> Result<Vec<[Block; 2]>, Abort> {
    let setup = ctx.scope("setup");
    let delta = random_block(&mut setup.scope("offset").rng());
    Kept::tap(&setup, "offset", 128, || Blocks(vec![delta]));
    let pair = Pair::new(&setup, protocol, [GARBLER, EVALUATOR]);
    let mut sender = Sender::set_up(&setup, &pair, cut.extension, delta).await?;
    let sent = sender.extend(&ctx.scope("offline"), cut.transfers(), Choices::Random).await?;
    Ok(pads(delta, sent.first, &sent.q))
}

/// The same as the evaluator chooses them.
pub(crate) async fn chosen(place: &Place, sides: &[[Block; 2]]) -> Result<Vec<[Block; 2]>, Abort> {
    let flips = place.input.recv::<Bits>(EVALUATOR, sides.len()).await?;
    place.input.tap(FLIPS, || flips.clone());
    let turned = sides.iter().zip(flips.iter());
    let turned = turned.map(|(sides, flip)| [sides[usize::from(flip)], sides[usize::from(!flip)]]);
    Ok(turned.collect())
}

/// A uniform block.
pub(crate) fn random_block(rng: &mut impl Rng) -> Block {
    Block::random(|bytes| rng.fill_bytes(bytes))
}

/// Active labels, from zero labels and bits.
pub(crate) fn active(zeros: &[Block], bits: &Bits, delta: Block) -> Vec<Block> {
    zeros.iter().zip(bits.iter()).map(|(zero, bit)| *zero ^ delta.if_set(bit)).collect()
}

/// Seeds that a garbler tries for one circuit that is to have a property of its own.
const TRIES: usize = 64;

/// Draws seeds, and stretches them; `bits` says what is brought to each circuit.
pub(crate) fn begin(
    place: &Place,
    cut: &Cut,
    wrong: &Wrong,
    bits: impl Fn(usize) -> Bits,
) -> Vec<Garbled> {
    let mut rng = place.input.scope("seeds").rng();
    let mut seeds: Vec<Block> = (0..cut.replicas).map(|_| random_block(&mut rng)).collect();
    if mutants::is("replicas/seeds-repeat") {
        let first = seeds[0];
        seeds.fill(first);
    }
    let tries = if wrong.shifts == Some(Shift::First) { TRIES } else { 0 };
    let mut circuit = |(at, mut seed): (usize, Block)| {
        let mut replica = place.replica(cut, seed);
        for _ in 0..tries {
            if replica.permutes_first(&cut.two, &cut.encoding) {
                seed = random_block(&mut rng);
                replica = place.replica(cut, seed);
            }
        }
        place.input.tap(BROUGHT, || bits(at));
        let active = active(&replica.garbler, &bits(at), replica.delta);
        let key = random_block(&mut rng);
        // The evaluator gets one of them, under a pad.
        for (what, kept) in [("seed of a circuit", seed), ("key of a circuit", key)] {
            Kept::tap(&place.input, what, 128, || Blocks(vec![kept]));
        }
        Garbled { seed, key, replica, active, outputs: Vec::new() }
    };
    seeds.into_iter().enumerate().map(&mut circuit).collect()
}

/// Sends of each circuit the seed or the key, as the evaluator has chosen; under the key labels of
/// the garbler's bits; labels of the evaluator's encoding as it has chosen, but for those that are
/// wrong.
pub(crate) fn keys_and_labels(
    place: &Place,
    cut: &Cut,
    circuits: &[Garbled],
    sides: &[[Block; 2]],
    wrong: &Wrong,
) {
    let ctx = &place.input;
    let (chosen, places) = sides.split_at(cut.replicas);
    let keys = circuits.iter().zip(chosen).flat_map(|(circuit, sides)| {
        match mutants::is("replicas/keys-told") {
            true => [circuit.seed ^ sides[0], circuit.key],
            false => [circuit.seed ^ sides[0], circuit.key ^ sides[1]],
        }
    });
    ctx.send(EVALUATOR, &Blocks(keys.collect()));
    if cut.brought > 0 {
        let sealed = circuits.iter().flat_map(|circuit| {
            let mut stream = stream(ctx, circuit.key, place.domain(), "inputs");
            let mask = blocks(&mut stream, circuit.active.len());
            circuit.active.iter().zip(mask).map(|(label, mask)| *label ^ mask)
        });
        ctx.send(EVALUATOR, &Blocks(sealed.collect()));
    }
    if places.is_empty() {
        return;
    }
    let both = [0, 1].map(|side| places.iter().map(|sides| sides[side]).collect::<Vec<Block>>());
    let mut labels = Vec::with_capacity(2 * places.len() * circuits.len());
    for (number, circuit) in circuits.iter().enumerate() {
        let first = place.labels(cut, number);
        let masks = [0, 1].map(|side| chosen_pads(first, &both[side]));
        for (at, zero) in circuit.replica.encoded.iter().enumerate() {
            let none = Block::ONES.if_set(wrong.probed.contains(&at));
            let zero = *zero ^ circuit.replica.delta.if_set(wrong.swaps(number, at));
            labels.push(zero ^ masks[0][at]);
            labels.push(zero ^ circuit.replica.delta ^ masks[1][at] ^ none);
        }
    }
    ctx.send(EVALUATOR, &Blocks(labels));
}

/// Sends tables of all circuits.
pub(crate) fn tables(place: &Place, cut: &Cut, circuits: &mut [Garbled], wrong: &Wrong) {
    let ands = cut.two.ands();
    let garbler = |at: usize, circuit: &Garbled| {
        circuit.replica.garble(&cut.two, &cut.encoding, place.gates(cut, at))
    };
    let mut going = None;
    for piece in pieces(circuits.len(), ands) {
        let mut message = Vec::with_capacity(2 * piece.circuits * piece.tables);
        for (at, circuit) in circuits.iter_mut().enumerate().skip(piece.first).take(piece.circuits)
        {
            let is_first = going.is_none();
            let mut garbling = match going.take() {
                Some(garbling) => garbling,
                None => garbler(at, circuit),
            };
            let mut tables = garbling.tables(piece.tables);
            let shifted = match wrong.shifts(at) {
                Some(Shift::Every) => tables.len(),
                Some(Shift::First) => usize::from(is_first),
                None => 0,
            };
            for [half, _] in tables.iter_mut().take(shifted) {
                *half ^= circuit.replica.delta;
            }
            message.extend(tables.into_flattened());
            match garbling.is_done() {
                true => circuit.outputs = garbling.outputs(),
                false => going = Some(garbling),
            }
        }
        place.tables.send(EVALUATOR, &Blocks(message));
    }
    for (at, circuit) in circuits.iter_mut().enumerate() {
        if ands == 0 {
            circuit.outputs = garbler(at, circuit).outputs();
        }
        let outputs = std::mem::take(&mut circuit.outputs);
        circuit.outputs = cut.two.masked(outputs, &circuit.replica.garbler);
    }
}
