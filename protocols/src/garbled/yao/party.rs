//! The two parties, and clients.

use std::collections::BTreeMap;

use mpclab_kernels::{Block, half_gates::Table};
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Ctx, work};
use rand::Rng;

use super::{EVALUATOR, GARBLER, Garbling, TABLES, Yao, YaoPlan};
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::oracle::{Beside, Kept};
use crate::primitives::CHACHA_BYTE;
use crate::primitives::garbling::{Evaluator, Garbler, three_halves};
use crate::primitives::ot::{Blocks, Choices, Pair, Receiver, Sender};
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// The tweak under which gates are hashed.
const GATES: &str = "mpclab yao gates v1";

/// A client or computing party.
pub(super) async fn run(ctx: &Ctx, plan: &YaoPlan, input: &Inputs) -> Result<Outputs, Abort> {
    let (online, shares) = match ctx.id() {
        GARBLER => garble(ctx, plan, input).await.map(|(online, shares)| (online, Some(shares)))?,
        EVALUATOR => {
            evaluate(ctx, plan, input).await.map(|(online, shares)| (online, Some(shares)))?
        }
        _ => {
            let online = ctx.scope("online");
            hand_out(&online.scope("input"), plan, input)?;
            (online, None)
        }
    };
    let scope = online.scope("output");
    let told = |nodes: &[PartyId]| match mutants::is("yao/outputs-told") {
        true => vec![GARBLER, EVALUATOR],
        false => nodes.to_vec(),
    };
    plan.shared.reveal(&scope, &plan.program, shares.as_ref(), told).await
}

/// The pair of parties in a scope, as every hash of theirs names it.
fn pair(ctx: &Ctx) -> Pair {
    Pair::new(ctx, Yao::NAME, [GARBLER, EVALUATOR])
}

/// A client's bits as shares of both parties.
fn hand_out(ctx: &Ctx, plan: &YaoPlan, input: &Inputs) -> Result<(), Abort> {
    let bits = plan.shared.encode(ctx.id(), input)?;
    if !bits.is_empty() {
        let mut share = Bits::random(bits.len(), &mut ctx.rng());
        if mutants::is("yao/clients-unmasked") {
            share = Bits::zeros(bits.len());
        }
        ctx.send(GARBLER, &share);
        ctx.send(EVALUATOR, &bits.xor(&share));
    }
    Ok(())
}

/// Shares of clients' bits.
async fn clients(ctx: &Ctx, plan: &YaoPlan) -> Result<BTreeMap<PartyId, Bits>, Abort> {
    let mut shares = BTreeMap::new();
    for (client, len) in plan.shared.clients() {
        shares.insert(client, ctx.recv::<Bits>(client, len).await?);
    }
    Ok(shares)
}

/// The bits of all input wires that a party has a share of, in their order.
fn in_order(plan: &YaoPlan, not: PartyId, bits: &BTreeMap<PartyId, Bits>) -> Bits {
    let columns = plan.shared.columns().filter(|(owner, _)| *owner != not);
    let columns = columns.filter_map(|(owner, place)| Some(bits.get(&owner)?.slice(place)));
    Bits::concat(&columns.collect::<Vec<_>>())
}

/// Labels of all input wires, from those that are the garbler's and those that are not.
fn all_inputs(plan: &YaoPlan, own: &[Block], others: &[Block]) -> Vec<Block> {
    let (mut taken, mut labels) = (0, Vec::with_capacity(own.len() + others.len()));
    for (owner, place) in plan.shared.columns() {
        if owner == GARBLER {
            labels.extend_from_slice(&own[place]);
        } else {
            labels.extend_from_slice(&others[taken..taken + place.len()]);
            taken += place.len();
        }
    }
    labels.extend_from_slice(&others[taken..]);
    labels
}

/// The garbler; returns the online phase's scope and its shares of the output bits.
async fn garble(ctx: &Ctx, plan: &YaoPlan, input: &Inputs) -> Result<(Ctx, Bits), Abort> {
    let setup = ctx.scope("setup");
    let mut rng = setup.scope("offset").rng();
    let mut delta = Block::random(|bytes| rng.fill_bytes(bytes)).with_lsb();
    if mutants::is("yao/offset-one") {
        delta = Block::from_u128(1);
    }
    Kept::tap(&setup, "offset", 127, || Blocks(vec![delta]));
    let chosen = plan.chosen();
    let mut q = Vec::new();
    if chosen > 0 {
        let mut sender = Sender::set_up(&setup, &pair(&setup), plan.extension(), delta).await?;
        q = sender.extend(&ctx.scope("offline"), chosen, Choices::Random).await?.q;
    }
    // 1. Labels of the evaluator's and of clients' bits, of random bits, and its own.
    let online = ctx.scope("online");
    let scope = online.scope("input");
    let shares = clients(&scope, plan).await?;
    let corrected = plan.shared.bits_but_of(GARBLER);
    let corrections = match corrected {
        0 => Bits::default(),
        _ => scope.recv::<Bits>(EVALUATOR, corrected).await?,
    };
    let mut flips = corrections;
    let mut of_clients = shares;
    of_clients.insert(EVALUATOR, Bits::zeros(plan.shared.bits_of(EVALUATOR)));
    flips ^= &in_order(plan, GARBLER, &of_clients);
    let draws = plan.shared.random_bits();
    let random = match draws > 0 && mutants::is("yao/random-of-one") {
        true => Bits::zeros(draws),
        false => Bits::random(draws, &mut scope.scope("random").rng()),
    };
    Kept::tap(&scope, "part of random bits", draws as u32, || random.clone());
    flips.append(&random);
    for (label, flip) in q.iter_mut().zip(flips.iter()) {
        *label ^= delta.if_set(flip);
    }
    let bits = plan.shared.encode(GARBLER, input)?;
    let mut own = vec![Block::ZERO; bits.len()];
    work::did(CHACHA_BYTE, own.len() * Block::BYTES);
    scope.scope("labels").rng().fill_bytes(Block::as_bytes_mut(&mut own));
    if mutants::is("yao/labels-repeat") {
        let first = own.first().copied().unwrap_or_default();
        own.fill(first);
    } else if mutants::is("yao/permute-bits-clear") {
        own.iter_mut().filter(|label| label.lsb()).for_each(|label| *label ^= delta);
    }
    if !bits.is_empty() {
        let active = own.iter().zip(bits.iter()).map(|(zero, bit)| *zero ^ delta.if_set(bit));
        scope.send(EVALUATOR, &Blocks(active.collect()));
    }
    // 2. Tables.
    let scope = online.scope("tables");
    let zeros = all_inputs(plan, &own, &q);
    let outputs = match plan.params.garbling {
        Garbling::HalfGates => tables(&scope, plan, zeros, delta),
        Garbling::ThreeHalves => tables_of_three_halves(&scope, plan, zeros, delta),
    };
    if mutants::is("yao/output-zeros-told") {
        scope.scope("zeros").send(EVALUATOR, &Blocks(outputs.clone()));
    }
    Ok((online, lowest(&outputs, plan.shared.output_bits())))
}

/// Sends tables; returns the zero labels of outputs.
fn tables(ctx: &Ctx, plan: &YaoPlan, zeros: Vec<Block>, delta: Block) -> Vec<Block> {
    let mut garbler = Garbler::new(&plan.streamed, zeros, delta, pair(ctx).tweak(GATES));
    loop {
        let tables = garbler.tables(TABLES);
        if tables.is_empty() {
            return garbler.outputs();
        }
        ctx.send(EVALUATOR, &Blocks(tables.into_flattened()));
    }
}

/// The same in three halves.
fn tables_of_three_halves(
    ctx: &Ctx,
    plan: &YaoPlan,
    zeros: Vec<Block>,
    delta: Block,
) -> Vec<Block> {
    let mut rng = ctx.scope("coins").rng();
    let mut coins = Block::random(|bytes| rng.fill_bytes(bytes));
    if mutants::is("yao/coins-known") {
        coins = Block::ZERO;
    }
    let first = pair(ctx).tweak(GATES);
    let mut garbler = three_halves::Garbler::new(&plan.streamed, zeros, delta, first, coins);
    while let Some(tables) = garbler.tables(TABLES) {
        ctx.send(EVALUATOR, &tables);
    }
    garbler.outputs()
}

/// The evaluator; returns the online phase's scope and its shares of the output bits.
async fn evaluate(ctx: &Ctx, plan: &YaoPlan, input: &Inputs) -> Result<(Ctx, Bits), Abort> {
    let setup = ctx.scope("setup");
    let chosen = plan.chosen();
    let (mut t, mut choices) = (Vec::new(), Bits::default());
    if chosen > 0 {
        let mut receiver = Receiver::set_up(&setup, &pair(&setup), plan.extension()).await?;
        let offline = ctx.scope("offline");
        let silent = plan.extension().silent.is_some();
        let received = match mutants::is("yao/one-choice") && !silent {
            false => receiver.random(&offline, chosen).await?,
            true => receiver.chosen(&offline, &Bits::zeros(chosen)).await?,
        };
        (t, choices) = (received.t, received.choices);
    }
    // 1. What its bits differ from its random choices by. Choices for random bits are its draws.
    let online = ctx.scope("online");
    let scope = online.scope("input");
    let mut bits = clients(&scope, plan).await?;
    bits.insert(EVALUATOR, plan.shared.encode(EVALUATOR, input)?);
    let corrected = plan.shared.bits_but_of(GARBLER);
    if corrected > 0 {
        let chosen = in_order(plan, GARBLER, &bits);
        scope.send(GARBLER, &chosen.xor(&choices.slice(0..corrected)));
        if mutants::is("yao/choices-told") {
            scope.scope("choices").send(GARBLER, &choices);
        }
    }
    let own = match plan.shared.bits_of(GARBLER) {
        0 => Vec::new(),
        len => scope.recv::<Blocks>(GARBLER, len).await?.0,
    };
    // 2. Tables.
    let scope = online.scope("tables");
    let active = all_inputs(plan, &own, &t);
    let outputs = read_tables(&scope, plan, active).await?;
    Beside::tap(&scope, || vec![outputs.clone()]);
    Ok((online, lowest(&outputs, plan.shared.output_bits())))
}

/// Reads tables; returns the active labels of outputs.
async fn read_tables(ctx: &Ctx, plan: &YaoPlan, active: Vec<Block>) -> Result<Vec<Block>, Abort> {
    let (streamed, first) = (&plan.streamed, pair(ctx).tweak(GATES));
    let ands = streamed.circuit().counts().ands as usize;
    let pieces = (0..ands).step_by(TABLES).map(|start| TABLES.min(ands - start));
    match plan.params.garbling {
        Garbling::HalfGates => {
            let mut evaluator = Evaluator::new(streamed, active, first);
            for len in pieces {
                let blocks = ctx.recv::<Blocks>(GARBLER, 2 * len).await?.0;
                evaluator.tables(blocks.as_chunks().0 as &[Table]);
            }
            Ok(evaluator.outputs())
        }
        Garbling::ThreeHalves => {
            let mut evaluator = three_halves::Evaluator::new(streamed, active, first);
            for len in pieces {
                let shape = three_halves::shape(len);
                evaluator.tables(&ctx.recv::<three_halves::Tables>(GARBLER, shape).await?);
            }
            Ok(evaluator.outputs())
        }
    }
}

/// The lowest bits of the first so many labels; what a program keeps stays garbled.
fn lowest(labels: &[Block], len: usize) -> Bits {
    labels.iter().take(len).map(|label| label.lsb()).collect()
}
