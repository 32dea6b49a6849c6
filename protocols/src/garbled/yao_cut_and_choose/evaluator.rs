//! The evaluator.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;
use rand::Rng;

use super::consistency::{self, Universal};
use super::outputs::{self, Values};
use super::recovery::{Opening, Trapdoor, oracle};
use super::{CutPlan, HASH, Scopes, YaoCutAndChoose, telling};
use crate::algebra::bits::Bits;
use crate::garbled::cut::RECOVERED_INPUT;
use crate::garbled::opening::{self, Circuit, cheats};
use crate::garbled::replica::{again, blocks, stream};
use crate::garbled::sending::{active, random_block};
use crate::garbled::{EVALUATOR, GARBLER};
use crate::mutants;
use crate::oracle::{CHALLENGE, Challenge};
use crate::primitives::group::{Encoded, Point};
use crate::primitives::ot::Blocks;
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// Label of what honest evaluators tap: whether the garbler's input was recovered.
pub(super) const RECOVERED: &str = "recovered";

/// Where a malicious evaluator deviates; an honest one does nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deviation {
    /// Whether it tells the garbler other outputs, having committed to values that are none.
    pub(super) forges: bool,
}

/// What the garbler told of all circuits.
struct Told {
    commitments: Vec<Point>,
    value_hashes: Vec<u8>,
    table_hashes: Vec<u8>,
    sealed: Vec<Block>,
}

/// What labels of an evaluated circuit decrypt to, and the bits that these values stand for; none if
/// one of them is no value.
pub(super) struct Found {
    pub(super) replica: usize,
    pub(super) bits: Option<Bits>,
    pub(super) values: Vec<Block>,
}

pub(super) async fn evaluate(
    ctx: &Ctx,
    plan: &CutPlan,
    input: &Inputs,
    how: Deviation,
) -> Result<Outputs, Abort> {
    let cut = &plan.cut;
    let (pads, choices) = opening::transfers(ctx, cut, YaoCutAndChoose::NAME).await?;
    let scopes = Scopes::new(ctx);
    let (place, domain) = (&scopes.place, scopes.place.domain());
    // 1. Which circuits it evaluates, and its input.
    let evaluates = challenge(&place.input, cut.replicas);
    let bits = cut.two.evaluator_input(&place.input, input)?;
    let encoded = cut.encoding.encode(&bits, &mut place.input.scope("encoding").rng());
    place.input.send(GARBLER, &Bits::concat([&evaluates, &encoded]).xor(&choices));
    let trapdoor = Trapdoor::random(&scopes.recovery);
    let bases = trapdoor.bases();
    place.input.send(GARBLER, &bases.map(Encoded::from).to_vec());
    // 2. Circuits: garbled again, or evaluated.
    let mut circuits = opening::keys_and_labels(place, cut, &pads, [&evaluates, &encoded]).await?;
    opening::tables(place, cut, &mut circuits).await?;
    let told = told(&scopes, plan).await?;
    // 3. A function for hashes of the garbler's input.
    let seed = hash_seed(&scopes.consistency);
    scopes.consistency.send(GARBLER, &Blocks(vec![seed]));
    let shape = (plan.rows(), HASH * plan.cut.replicas);
    let (hash, digests) = scopes.consistency.recv::<(Bits, Vec<u8>)>(GARBLER, shape).await?;
    // 5. Which of the circuits give outputs, and whether they give different ones.
    let own = plan.cut.two.garbler_bits();
    let universal = Universal::new(&scopes.consistency, seed, domain, plan.rows(), own);
    let digests = digests.as_chunks::<HASH>().0;
    checks(&scopes, plan, &circuits, (&told, &bases), (&universal, &hash, digests))?;
    let found = found(&scopes, plan, &circuits, &told);
    let delta = difference(&found);
    if delta.is_some() && mutants::is("cut-and-choose/differing-stops") {
        return Err(ctx.cheating(vec![GARBLER], "5. circuits give different outputs"));
    }
    let asked = trapdoor.ask(&bases, domain, delta);
    scopes.recovery.send(GARBLER, &vec![Encoded::from(asked)]);
    let slots = telling::commit(&scopes, plan, &found, how);
    // 6. Values of outputs, and seeds; the rest of the checks.
    let revealed = scopes.recovery.recv::<Blocks>(GARBLER, 1 + plan.cut.replicas).await?.0;
    let (values, seeds) = (revealed[0], &revealed[1..]);
    let values = Values::stretch(ctx, values, domain, plan.cut.two.output_bits());
    let opened = asked - oracle(domain, values.delta);
    final_checks(&scopes, plan, &circuits, &told, (&values, seeds), (&bases, &opened))?;
    // As much work whether the difference was known or not: with seeds that are none nothing is
    // recovered, and the circuit is computed on zeros.
    let seed = |at: usize| seeds[at] ^ trapdoor.key(domain, at, &told.commitments[at]);
    let hashes = (&universal, &hash, digests);
    let all = (&told, &values, &encoded);
    let garblers = recovered(&scopes, plan, &circuits, all, hashes, (&bases, &seed));
    let zeros = Bits::zeros(plan.cut.two.garbler_bits());
    let in_clear = plan.cut.two.in_clear(garblers.as_ref().unwrap_or(&zeros), &bits);
    let first = found.iter().find_map(|found| found.bits.clone());
    if let (true, Some(garblers)) = (delta.is_some(), &garblers) {
        ctx.tap(RECOVERED_INPUT, || garblers.clone());
    }
    let result = match delta.is_some() && !mutants::is("cut-and-choose/recovery-skipped") {
        true => garblers.and(in_clear),
        false => first,
    };
    ctx.tap(RECOVERED, || delta.is_some());
    let Some(result) = result else {
        return Err(ctx.cheating(vec![GARBLER], "5. evaluation: no circuit gives an output"));
    };
    // 7. The garbler's outputs: one of the commitments.
    telling::open(&scopes, plan, &result, &slots, how)?;
    Ok(plan.cut.two.outputs(EVALUATOR, plan.cut.two.of(EVALUATOR, &result), None))
}

/// Which circuits are evaluated: any set but the empty one, uniformly.
fn challenge(ctx: &Ctx, replicas: usize) -> Bits {
    let scope = ctx.scope("challenge");
    let (mut rng, sets) = (scope.rng(), (1 << replicas) - 1);
    let drawn = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
    let mut set = 1 + drawn % sets;
    if mutants::is("cut-and-choose/challenge-constant") {
        set = 1;
    }
    scope.tap(CHALLENGE, || Challenge { among: sets, drawn: vec![set - 1] });
    (0..replicas).map(|at| set >> at & 1 == 1).collect()
}

/// What the hash of the garbler's input follows from.
fn hash_seed(ctx: &Ctx) -> Block {
    let seed = match mutants::is("cut-and-choose/hash-known") {
        true => Block::ZERO,
        false => random_block(&mut ctx.rng()),
    };
    ctx.tap(CHALLENGE, || Challenge { among: 0, drawn: vec![seed.to_u128()] });
    seed
}

async fn told(scopes: &Scopes, plan: &CutPlan) -> Result<Told, Abort> {
    let (ctx, replicas, bits) = (&scopes.circuits, plan.cut.replicas, plan.cut.two.output_bits());
    let commitments = ctx.recv::<Vec<Encoded>>(GARBLER, replicas).await?;
    let commitments = commitments.iter().map(Encoded::point).collect();
    let (mut value_hashes, mut table_hashes, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
    if bits > 0 {
        value_hashes = ctx.recv::<Vec<u8>>(GARBLER, outputs::HASHES * bits).await?;
        sealed = ctx.recv::<Blocks>(GARBLER, 2 * bits * replicas).await?.0;
        table_hashes = ctx.recv::<Vec<u8>>(GARBLER, HASH * replicas).await?;
    }
    Ok(Told { commitments, value_hashes, table_hashes, sealed })
}

/// What can be checked before anything is revealed: none of it depends on the evaluator's input.
fn checks(
    scopes: &Scopes,
    plan: &CutPlan,
    circuits: &[Circuit],
    (told, bases): (&Told, &[Point; 2]),
    (universal, hash, digests): (&Universal, &Bits, &[[u8; HASH]]),
) -> Result<(), Abort> {
    let domain = scopes.place.domain();
    for (at, circuit) in circuits.iter().enumerate() {
        match circuit {
            Circuit::Checked { seed, replica, .. } => {
                let opening = Opening::stretch(&scopes.circuits, *seed, domain);
                if opening.commitment(bases) != told.commitments[at] {
                    return Err(cheats(&scopes.circuits, "2. commitment to the seed", at));
                }
                let zeros = universal.sums(&replica.garbler);
                let sums = active(&zeros, hash, replica.delta);
                if !consistency::agrees(domain, at, &sums, &digests[at]) {
                    return Err(cheats(&scopes.consistency, "4. hash of the garbler's input", at));
                }
            }
            Circuit::Evaluated { key, garbler, .. } => {
                // Nobody sees these labels where a circuit is checked: to leave such a circuit out
                // would let a garbler choose for nothing which circuits count.
                if !consistency::agrees(domain, at, &universal.sums(garbler), &digests[at]) {
                    return Err(cheats(&scopes.consistency, "4. labels of the garbler's bits", at));
                }
                let sealed = opened(&scopes.circuits, plan, (told, *key), domain, at);
                if table_hash(told, at)
                    .is_some_and(|hash| outputs::table_hash(domain, at, &sealed) != *hash)
                {
                    return Err(cheats(&scopes.circuits, "2. values under keys", at));
                }
            }
        }
    }
    Ok(())
}

fn table_hash(told: &Told, at: usize) -> Option<&[u8; HASH]> {
    told.table_hashes.as_chunks::<HASH>().0.get(at)
}

/// A circuit's values under labels.
fn opened(
    ctx: &Ctx,
    plan: &CutPlan,
    (told, key): (&Told, Block),
    domain: &[u8],
    at: usize,
) -> Vec<Block> {
    let width = 2 * plan.cut.two.output_bits();
    let mut sealed = blocks(&mut stream(ctx, key, domain, "outputs"), width);
    let own = &told.sealed[width * at..width * (at + 1)];
    sealed.iter_mut().zip(own).for_each(|(row, masked)| *row ^= *masked);
    sealed
}

/// What evaluated circuits give. One that gives no bits would have been noticed if it had been
/// checked.
fn found(scopes: &Scopes, plan: &CutPlan, circuits: &[Circuit], told: &Told) -> Vec<Found> {
    let domain = scopes.place.domain();
    let mut all = Vec::new();
    for (replica, circuit) in circuits.iter().enumerate() {
        let Circuit::Evaluated { key, outputs: labels, .. } = circuit else { continue };
        let sealed = opened(&scopes.circuits, plan, (told, *key), domain, replica);
        let values = outputs::unsealed(scopes.values(plan, replica), labels, &sealed);
        let bits = outputs::bits(domain, &values, &told.value_hashes);
        all.push(Found { replica, bits, values });
    }
    all
}

/// The difference of the two values of an output bit, if circuits give both.
fn difference(found: &[Found]) -> Option<Block> {
    let mut giving = found.iter().filter_map(|found| Some((found.bits.as_ref()?, &found.values)));
    let (bits, values) = giving.next()?;
    let differs = |(others, other): (&Bits, &Vec<Block>)| {
        let at = bits.iter().zip(others.iter()).position(|(one, other)| one != other)?;
        Some(values[at] ^ other[at])
    };
    giving.find_map(differs)
}

/// What was revealed fits what was told, and circuits that are checked.
fn final_checks(
    scopes: &Scopes,
    plan: &CutPlan,
    circuits: &[Circuit],
    told: &Told,
    (values, seeds): (&Values, &[Block]),
    (bases, asked): (&[Point; 2], &Point),
) -> Result<(), Abort> {
    let (ctx, domain) = (&scopes.recovery, scopes.place.domain());
    if mutants::is("cut-and-choose/values-unchecked") {
        return Ok(());
    }
    if values.hashes(domain) != told.value_hashes {
        return Err(ctx.cheating(vec![GARBLER], "6. values of outputs"));
    }
    for (at, circuit) in circuits.iter().enumerate() {
        let Circuit::Checked { seed, replica, outputs: zeros } = circuit else { continue };
        let sealed = values.sealed(scopes.values(plan, at), zeros, replica.delta);
        if table_hash(told, at)
            .is_some_and(|hash| outputs::table_hash(domain, at, &sealed) != *hash)
        {
            return Err(cheats(ctx, "6. values under labels", at));
        }
        let key = Opening::stretch(ctx, *seed, domain).key(domain, at, bases, asked);
        if !mutants::is("cut-and-choose/seeds-told") && seeds[at] ^ key != *seed {
            return Err(cheats(ctx, "6. seeds", at));
        }
    }
    Ok(())
}

/// The garbler's bits, by the seed of a circuit that is right in all that is checked of others.
/// That its input is the one of all is a part of it: a garbler that tells what fits another input
/// is caught where the circuit is checked, and overruled here where it is not.
///
/// All evaluated circuits are looked at, and everything in each of them: the garbler waits for the
/// next message, and when it comes may not depend on the evaluator's input.
fn recovered(
    scopes: &Scopes,
    plan: &CutPlan,
    circuits: &[Circuit],
    (told, values, encoded): (&Told, &Values, &Bits),
    (universal, hash, digests): (&Universal, &Bits, &[[u8; HASH]]),
    (bases, seed): (&[Point; 2], &dyn Fn(usize) -> Block),
) -> Option<Bits> {
    let (ctx, place, cut) = (&scopes.recovery, &scopes.place, &plan.cut);
    let domain = place.domain();
    let mut right = None;
    for (at, circuit) in circuits.iter().enumerate() {
        let Circuit::Evaluated { garbler, encoded: labels, tables, .. } = circuit else { continue };
        let seed = seed(at);
        let commitment = Opening::stretch(ctx, seed, domain).commitment(bases);
        let replica = place.replica(cut, seed);
        let garbling = replica.garble(&cut.two, &cut.encoding, place.gates(cut, at));
        let (again, zeros) = again(garbling);
        let zeros = cut.two.masked(zeros, &replica.garbler);
        let sealed = values.sealed(scopes.values(plan, at), &zeros, replica.delta);
        let values_hash = outputs::table_hash(domain, at, &sealed);
        let sums = active(&universal.sums(&replica.garbler), hash, replica.delta);
        let (own, bits) = of_labels(&replica.garbler, garbler, replica.delta);
        let (others, chosen) = of_labels(&replica.encoded, labels, replica.delta);
        let checks = [
            commitment == told.commitments[at],
            again == *tables,
            table_hash(told, at).is_none_or(|told| *told == values_hash),
            consistency::agrees(domain, at, &sums, &digests[at]),
            own,
            others && chosen == *encoded,
        ];
        let bits = bits.slice(0..cut.two.garbler_bits());
        if right.is_none() && checks == [true; 6] {
            right = Some(bits);
        }
    }
    right
}

/// Whether active labels are among the two of their wires, and the bits for which they stand.
fn of_labels(zeros: &[Block], active: &[Block], delta: Block) -> (bool, Bits) {
    let differences = || zeros.iter().zip(active).map(|(zero, active)| *zero ^ *active);
    let is_label = |difference| difference == Block::ZERO || difference == delta;
    let are_labels = differences().fold(true, |all, difference| all & is_label(difference));
    (are_labels, differences().map(|difference| difference == delta).collect())
}
