//! The evaluator's end of circuits of which some are checked and others evaluated.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use super::EVALUATOR;
use super::GARBLER;
use super::cut::{Cut, Place};
use super::replica::{self, Chain, Replica, blocks, pieces, stream};
use super::sending::active;
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::primitives::garbling::{Evaluator, Garbler};
use crate::primitives::ot::{Blocks, Pair, Receiver, chosen_pads};

/// Label of the evaluator's choices by chance.
pub(crate) const CHANCE: &str = "chance";

/// Label of which circuits it evaluates.
pub(crate) const EVALUATES: &str = "evaluates";

/// What the evaluator chose of a circuit, and has of it.
pub(crate) enum Circuit {
    /// Its seed: it is garbled again and compared.
    Checked { seed: Block, replica: Replica, outputs: Vec<Block> },
    /// Active labels: it is evaluated.
    Evaluated {
        key: Block,
        garbler: Vec<Block>,
        encoded: Vec<Block>,
        tables: Chain,
        outputs: Vec<Block>,
    },
}

/// The pads of transfers whose choices are random, and these.
pub(crate) async fn transfers(
    ctx: &Ctx,
    cut: &Cut,
    protocol: &str,
) -> Result<(Vec<Block>, Bits), Abort> {
    let setup = ctx.scope("setup");
    let pair = Pair::new(&setup, protocol, [GARBLER, EVALUATOR]);
    let mut receiver = Receiver::set_up(&setup, &pair, cut.extension).await?;
    let received = receiver.random(&ctx.scope("offline"), cut.transfers()).await?;
    ctx.tap(CHANCE, || received.choices.clone());
    Ok((chosen_pads(received.first, &received.t), received.choices))
}

/// Opens what it has chosen of each circuit, and its labels in it.
pub(crate) async fn keys_and_labels(
    place: &Place,
    cut: &Cut,
    pads: &[Block],
    [evaluates, encoded]: [&Bits; 2],
) -> Result<Vec<Circuit>, Abort> {
    let (ctx, domain, replicas) = (&place.input, place.domain(), cut.replicas);
    let (chosen, places) = pads.split_at(replicas);
    ctx.tap(EVALUATES, || evaluates.clone());
    let keys = ctx.recv::<Blocks>(GARBLER, 2 * replicas).await?.0;
    let width = cut.brought;
    let sealed = match width {
        0 => Vec::new(),
        _ => ctx.recv::<Blocks>(GARBLER, width * replicas).await?.0,
    };
    let offered = match places.is_empty() {
        true => Vec::new(),
        false => ctx.recv::<Blocks>(GARBLER, 2 * places.len() * replicas).await?.0,
    };
    let mut circuits = Vec::with_capacity(replicas);
    for (at, (evaluate, pad)) in evaluates.iter().zip(chosen).enumerate() {
        let side = usize::from(evaluate);
        let open = match evaluate && mutants::is("replicas/keys-told") {
            true => keys[2 * at + side],
            false => keys[2 * at + side] ^ *pad,
        };
        let masks = chosen_pads(place.labels(cut, at), places);
        let own = &offered[2 * places.len() * at..2 * places.len() * (at + 1)];
        let rows = own.as_chunks::<2>().0.iter().zip(encoded.iter()).zip(&masks);
        let labels: Vec<Block> =
            rows.map(|((rows, bit), mask)| rows[usize::from(bit)] ^ *mask).collect();
        if evaluate {
            let mut garbler = blocks(&mut stream(ctx, open, domain, "inputs"), width);
            let own = &sealed[width * at..width * (at + 1)];
            garbler.iter_mut().zip(own).for_each(|(label, sealed)| *label ^= *sealed);
            let (tables, outputs) = (Chain::default(), Vec::new());
            circuits.push(Circuit::Evaluated {
                key: open,
                garbler,
                encoded: labels,
                tables,
                outputs,
            });
            continue;
        }
        let replica = place.replica(cut, open);
        let expected = active(&replica.encoded, encoded, replica.delta);
        if !mutants::is("replicas/labels-unchecked") && labels != expected {
            return Err(cheats(ctx, "labels of the evaluator's bits", at));
        }
        circuits.push(Circuit::Checked { seed: open, replica, outputs: Vec::new() });
    }
    Ok(circuits)
}

/// A walk through a circuit.
enum Going {
    Checked(Box<Garbler>),
    Evaluated(Box<Evaluator>),
}

/// Reads tables of all circuits.
pub(crate) async fn tables(
    place: &Place,
    cut: &Cut,
    circuits: &mut [Circuit],
) -> Result<(), Abort> {
    let ands = cut.two.ands();
    let begin = |at: usize, circuit: &Circuit| {
        let first = place.gates(cut, at);
        match circuit {
            Circuit::Checked { replica, .. } => {
                Going::Checked(Box::new(replica.garble(&cut.two, &cut.encoding, first)))
            }
            Circuit::Evaluated { garbler, encoded, .. } => Going::Evaluated(Box::new(
                replica::evaluate(&cut.two, &cut.encoding, [garbler, encoded], first),
            )),
        }
    };
    let mut read = vec![0; circuits.len()];
    let mut going: Vec<Option<Going>> = circuits.iter().map(|_| None).collect();
    for piece in pieces(circuits.len(), ands) {
        let len = 2 * piece.circuits * piece.tables;
        let message = place.tables.recv::<Blocks>(GARBLER, len).await?.0;
        for (at, own) in (piece.first..).zip(message.chunks(2 * piece.tables)) {
            let walk = going[at].take().unwrap_or_else(|| begin(at, &circuits[at]));
            going[at] = Some(add(place, walk, own, (at, &mut circuits[at]))?);
            read[at] += piece.tables;
            if read[at] == ands
                && let Some(walk) = going[at].take()
            {
                finish(cut, walk, &mut circuits[at]);
            }
        }
    }
    for (at, circuit) in circuits.iter_mut().enumerate().filter(|_| ands == 0) {
        let walk = begin(at, circuit);
        finish(cut, walk, circuit);
    }
    Ok(())
}

/// Goes on with tables of a circuit.
fn add(
    place: &Place,
    walk: Going,
    own: &[Block],
    (at, circuit): (usize, &mut Circuit),
) -> Result<Going, Abort> {
    match walk {
        Going::Checked(mut garbler) => {
            let again = garbler.tables(own.len() / 2);
            let unchecked = mutants::is("replicas/tables-unchecked");
            if !unchecked && again.as_flattened() != own {
                return Err(cheats(&place.tables, "tables", at));
            }
            Ok(Going::Checked(garbler))
        }
        Going::Evaluated(mut evaluator) => {
            if let Circuit::Evaluated { tables, .. } = circuit {
                tables.add(own);
            }
            evaluator.tables(own.as_chunks().0);
            Ok(Going::Evaluated(evaluator))
        }
    }
}

/// Labels of output bits.
fn finish(cut: &Cut, walk: Going, circuit: &mut Circuit) {
    match (walk, circuit) {
        (Going::Checked(garbler), Circuit::Checked { replica, outputs, .. }) => {
            *outputs = cut.two.masked(garbler.outputs(), &replica.garbler);
        }
        (Going::Evaluated(evaluator), Circuit::Evaluated { garbler, outputs, .. }) => {
            *outputs = cut.two.masked(evaluator.outputs(), garbler);
        }
        _ => {}
    }
}

/// The garbler is caught at a circuit.
pub(crate) fn cheats(ctx: &Ctx, step: &str, replica: usize) -> Abort {
    ctx.cheating(vec![GARBLER], format!("{step}, circuit {replica}"))
}
