//! The garbler, and what a malicious one does otherwise.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use super::consistency::{self, Universal};
use super::outputs::{self, Values};
use super::recovery::{Opening, oracle};
use super::{CutPlan, Open, Scopes, YaoCutAndChoose, commitment};
use crate::algebra::bits::Bits;
use crate::garbled::cheating::Wrong;
use crate::garbled::replica::{blocks, stream};
use crate::garbled::sending::{self, Garbled, random_block};
use crate::garbled::{EVALUATOR, GARBLER};
use crate::mutants;
use crate::primitives::group::{Encoded, Point};
use crate::primitives::ot::Blocks;
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// Where a malicious garbler deviates, by circuit; an honest one does nowhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Deviation {
    /// Circuits of the negated function.
    pub(super) negated: Vec<usize>,
    /// The same, under values that are none.
    pub(super) forged: Vec<usize>,
    /// Circuits that get another input.
    pub(super) inconsistent: Vec<usize>,
    /// Circuits in which labels of its own bits are none.
    pub(super) garbage: Vec<usize>,
    /// Circuits whose seed can't be recovered.
    pub(super) lost: Vec<usize>,
    /// What is wrong in all circuits.
    pub(super) wrong: Wrong,
}

pub(super) async fn garble(
    ctx: &Ctx,
    plan: &CutPlan,
    input: &Inputs,
    how: &Deviation,
) -> Result<Outputs, Abort> {
    let sides = sending::transfers(ctx, &plan.cut, YaoCutAndChoose::NAME).await?;
    let scopes = Scopes::new(ctx);
    let (place, domain) = (&scopes.place, scopes.place.domain());
    // 1. The evaluator's choices, and bases of the recovery.
    let sides = sending::chosen(place, &sides).await?;
    let bases = place.input.recv::<Vec<Encoded>>(EVALUATOR, 2).await?;
    let bases = [bases[0].point(), bases[1].point()];
    // 2. Circuits.
    let mut bits = plan.cut.two.garbler_input(&place.input, input)?;
    let mut masks = Bits::random(plan.rows(), &mut place.input.scope("hash").rng());
    if mutants::is("cut-and-choose/hash-unmasked") {
        masks = Bits::zeros(plan.rows());
    }
    bits.append(&masks);
    let mut circuits =
        sending::begin(place, &plan.cut, &how.wrong, |at| match how.inconsistent.contains(&at) {
            true => bits.xor(&plan.all_own()),
            false => bits.clone(),
        });
    for at in &how.garbage {
        circuits[*at].active.iter_mut().for_each(|label| *label ^= Block::ONES);
    }
    sending::keys_and_labels(place, &plan.cut, &circuits, &sides, &how.wrong);
    sending::tables(place, &plan.cut, &mut circuits, &how.wrong);
    let values_seed = random_block(&mut scopes.circuits.rng());
    let values = Values::stretch(ctx, values_seed, domain, plan.cut.two.output_bits());
    let openings = tell_outputs(&scopes, plan, &circuits, (&values, &bases), how);
    for at in &how.garbage {
        // It tells what holds where such a circuit is checked.
        circuits[*at].active.iter_mut().for_each(|label| *label ^= Block::ONES);
    }
    // 4. One hash of its input in all circuits, by the function that the evaluator draws.
    let seed = scopes.consistency.recv::<Blocks>(EVALUATOR, 1).await?.0[0];
    let own = bits.len() - plan.rows();
    let universal = Universal::new(&scopes.consistency, seed, domain, plan.rows(), own);
    let digests = circuits
        .iter()
        .enumerate()
        .map(|(at, circuit)| consistency::digest(domain, at, &universal.sums(&circuit.active)));
    let digests: Vec<u8> = digests.flatten().collect();
    scopes.consistency.send(EVALUATOR, &(universal.of(&bits), digests));
    // 6. Values of outputs, and seeds for who knew their difference.
    let asked = scopes.recovery.recv::<Vec<Encoded>>(EVALUATOR, 1).await?[0].point();
    let told = plan.cut.two.told();
    let commitments = match told.is_empty() {
        true => Vec::new(),
        false => scopes.recovery.recv::<Vec<u8>>(EVALUATOR, 32 * plan.cut.replicas).await?,
    };
    let asked = asked - oracle(domain, values.delta);
    let seeds = circuits.iter().zip(&openings).enumerate().map(|(at, (circuit, opening))| {
        let key = opening.key(domain, at, &bases, &asked);
        let seed = circuit.seed ^ Block::ONES.if_set(how.lost.contains(&at));
        match mutants::is("cut-and-choose/seeds-told") {
            true => seed,
            false => seed ^ key,
        }
    });
    let revealed = std::iter::once(values_seed).chain(seeds).collect();
    scopes.recovery.send(EVALUATOR, &Blocks(revealed));
    if told.is_empty() {
        return Ok(plan.cut.two.outputs(GARBLER, Bits::default(), Some(&bits)));
    }
    // 7. Its own outputs, which the evaluator has committed to.
    let opened = scopes.output.recv::<Open>(EVALUATOR, (((), ()), told.len())).await?;
    let ((slot, nonce), outputs) = opened;
    let committed = commitments.as_chunks::<32>().0.get(u32::from_le_bytes(slot) as usize);
    let expected = commitment(&scopes.output, &values.at(told, &outputs), &nonce);
    if !mutants::is("cut-and-choose/bits-accepted") && committed != Some(&expected) {
        return Err(ctx.cheating(vec![EVALUATOR], "7. values of outputs"));
    }
    Ok(plan.cut.two.outputs(GARBLER, outputs, Some(&bits)))
}

/// Commitments to seeds, hashes of values, and values under labels, those under keys.
fn tell_outputs(
    scopes: &Scopes,
    plan: &CutPlan,
    circuits: &[Garbled],
    (values, bases): (&Values, &[Point; 2]),
    how: &Deviation,
) -> Vec<Opening> {
    let (ctx, domain) = (&scopes.circuits, scopes.place.domain());
    let stretch = |circuit: &Garbled| Opening::stretch(ctx, circuit.seed, domain);
    let openings: Vec<Opening> = circuits.iter().map(stretch).collect();
    let committed = openings.iter().map(|opening| Encoded::from(opening.commitment(bases)));
    ctx.send(EVALUATOR, &committed.collect::<Vec<_>>());
    if plan.cut.two.output_bits() == 0 {
        return openings;
    }
    ctx.send(EVALUATOR, &values.hashes(domain));
    let (mut hashes, mut all) = (Vec::new(), Vec::new());
    for (at, circuit) in circuits.iter().enumerate() {
        let delta = circuit.replica.delta;
        let is_wrong = how.negated.contains(&at) || how.forged.contains(&at);
        let zeros: Vec<Block> =
            circuit.outputs.iter().map(|zero| *zero ^ delta.if_set(is_wrong)).collect();
        let tweak = scopes.values(plan, at);
        let mut sealed = values.sealed(tweak, &zeros, delta);
        if how.forged.contains(&at) {
            sealed.iter_mut().for_each(|row| *row ^= Block::ONES);
        }
        hashes.extend(outputs::table_hash(domain, at, &sealed));
        let mut mask = blocks(&mut stream(ctx, circuit.key, domain, "outputs"), sealed.len());
        mask.iter_mut().zip(&sealed).for_each(|(mask, row)| *mask ^= *row);
        all.extend(mask);
    }
    ctx.send(EVALUATOR, &Blocks(all));
    ctx.send(EVALUATOR, &hashes);
    openings
}
