//! One party, or a client.

use std::collections::BTreeMap;
use std::ops::Range;

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::evaluate::evaluate;
use super::garbling::{labels, tables};
use super::masks::{self, Masks};
use super::{BmrPlan, FOR_CLIENTS};
use crate::algebra::bits::Bits;
use crate::garbled::wires::Wires;
use crate::mutants;
use crate::oracle::Computed;
use crate::primitives::ot::Blocks;
use crate::program::{Inputs, Outputs};

/// All that a party has before inputs are known.
pub(super) struct Prepared {
    pub(super) masks: Masks,
    /// Of the masked bit 0 of every wire.
    pub(super) labels: Vec<Block>,
    /// Sums of all parties' shares of rows, for who evaluates.
    pub(super) tables: Vec<Block>,
    /// Where they were sent.
    pub(super) tables_scope: Ctx,
}

/// A client or computing party.
pub(super) async fn run(ctx: &Ctx, plan: &BmrPlan, input: &Inputs) -> Result<Outputs, Abort> {
    if !plan.job.roles.computes(ctx.id()) {
        let online = ctx.scope("online");
        hand_out(&online.scope("input"), plan, &plan.shared.encode(ctx.id(), input)?);
        return learn(&online.scope("output"), plan, None).await;
    }
    // Set-up, and offline.
    let links = masks::set_up(ctx, plan).await?;
    let offline = ctx.scope("offline");
    let masks = masks::make(&offline, plan, links).await?;
    let tables_scope = offline.scope("tables");
    let labels = labels(&tables_scope, plan);
    let tables = tables(&tables_scope, plan, &masks, &labels).await?;
    let prepared = Prepared { masks, labels, tables, tables_scope };
    // Online. 4. Shares of masks of outputs.
    let online = ctx.scope("online");
    let output = online.scope("output");
    let is_client = |node: PartyId| !plan.job.roles.computes(node);
    let waits = |node: PartyId| ctx.id() == FOR_CLIENTS && is_client(node);
    tell(&output, plan, &prepared.masks.outputs, |node| !waits(node));
    // 1. Masked bits.
    let own = plan.shared.encode(ctx.id(), input)?;
    let masked = masked_inputs(&online.scope("input"), plan, &prepared.masks, own).await?;
    // 2. Labels.
    let scope = online.scope("labels");
    let evaluates = plan.evaluators().any(|party| party == ctx.id());
    let all = exchange_labels(&scope, plan, &prepared, &masked).await?;
    if !evaluates {
        return Ok(Outputs::none());
    }
    // 3. Evaluation.
    let wires = evaluate(&scope, plan, &prepared, &masked, &all)?;
    Computed::tap(&scope, || wires.all());
    // 4. What is learned.
    let mut shares = prepared.masks.outputs.clone();
    shares ^= &outputs(plan, &wires);
    tell(&output, plan, &shares, waits);
    learn(&output, plan, Some(&shares)).await
}

// ---- 1. Inputs ----

/// A client's bits as shares of all who compute.
fn hand_out(ctx: &Ctx, plan: &BmrPlan, bits: &Bits) {
    if bits.is_empty() {
        return;
    }
    let (n, mut rng) = (plan.n(), ctx.rng());
    let mut shares: Vec<Bits> = (1..n).map(|_| Bits::random(bits.len(), &mut rng)).collect();
    if mutants::is("bmr/clients-unmasked") {
        shares.fill(Bits::zeros(bits.len()));
    }
    let mut last = bits.clone();
    shares.iter().for_each(|share| last ^= share);
    shares.push(last);
    for (party, share) in plan.job.roles.computing().zip(&shares) {
        ctx.send(party, share);
    }
}

/// Masked bits of all input wires, in their order; random bits of a program are zeros.
async fn masked_inputs(
    ctx: &Ctx,
    plan: &BmrPlan,
    masks: &Masks,
    mut own: Bits,
) -> Result<Bits, Abort> {
    let (holder, shared) = (masks.holder, &plan.shared);
    own ^= &masks.own;
    // Everyone masks its share of clients' bits.
    let mut clients = Bits::default();
    for (client, len) in shared.clients() {
        clients.append(&ctx.recv::<Bits>(client, len).await?);
    }
    clients ^= &masks.clients;
    let told = Bits::concat([&own, &clients]);
    if !told.is_empty() {
        ctx.send_to(holder.peers(), &told);
    }
    let mut masked = BTreeMap::from([(holder.me, own)]);
    for peer in holder.peers() {
        let own = shared.bits_of(peer);
        let len = own + clients.len();
        if len > 0 {
            let told = ctx.recv::<Bits>(peer, len).await?;
            masked.insert(peer, told.slice(0..own));
            clients ^= &told.slice(own..len);
        }
    }
    let mut taken = 0;
    for (client, len) in shared.clients() {
        masked.insert(client, clients.slice(taken..taken + len));
        taken += len;
    }
    let columns = shared.columns();
    let columns = columns.filter_map(|(owner, place)| Some(masked.get(&owner)?.slice(place)));
    let mut all = Bits::concat(&columns.collect::<Vec<_>>());
    all.append(&Bits::zeros(shared.random_bits()));
    Ok(all)
}

// ---- 2. Labels ----

/// Sends labels of masked inputs to whoever evaluates; those of all parties, if that is this one.
async fn exchange_labels(
    ctx: &Ctx,
    plan: &BmrPlan,
    prepared: &Prepared,
    masked: &Bits,
) -> Result<Vec<Vec<Block>>, Abort> {
    let holder = prepared.masks.holder;
    if plan.ands() == 0 {
        return Ok(Vec::new());
    }
    let of_wire = |(label, bit): (&Block, bool)| *label ^ holder.delta.if_set(bit);
    let own: Vec<Block> = prepared.labels.iter().zip(masked.iter()).map(of_wire).collect();
    let mut all = vec![Vec::new(); holder.n];
    if plan.has_labels() {
        if mutants::is("bmr/labels-told") {
            let both = own.iter().flat_map(|label| [*label, *label ^ holder.delta]).collect();
            ctx.scope("both").send_to(plan.evaluators(), &Blocks(both));
        }
        let own = Blocks(own);
        ctx.send_to(plan.evaluators(), &own);
        if plan.evaluators().any(|party| party == holder.me) {
            let told = ctx.gather_from::<Blocks>(holder.peers(), masked.len()).await?;
            for (party, Blocks(labels)) in told {
                all[party.index()] = labels;
            }
        }
        all[holder.me.index()] = own.0;
    }
    Ok(all)
}

// ---- 4. Outputs ----

/// Masked bits of all output wires that somebody may learn.
fn outputs(plan: &BmrPlan, wires: &Wires) -> Bits {
    let all = plan.layered.circuit().output_wires().take(plan.shared.output_bits());
    wires.masked(&all.collect::<Vec<u32>>())
}

fn at_places(bits: &Bits, places: &[Range<usize>]) -> Bits {
    let parts = places.iter().map(|place| bits.slice(place.clone()));
    Bits::concat(&parts.collect::<Vec<_>>())
}

/// Tells shares of outputs, or of their masks, to some of those who learn them.
fn tell(ctx: &Ctx, plan: &BmrPlan, shares: &Bits, whom: impl Fn(PartyId) -> bool) {
    for (nodes, places) in plan.shared.learners() {
        let nodes = nodes.iter().copied().filter(|node| whom(*node));
        ctx.send_to(nodes, &at_places(shares, places));
    }
}

/// What this node learns, from everyone's shares; its own has the masked bits in it.
async fn learn(ctx: &Ctx, plan: &BmrPlan, own: Option<&Bits>) -> Result<Outputs, Abort> {
    let mut learners = plan.shared.learners();
    let Some((_, places)) = learners.find(|(nodes, _)| nodes.contains(&ctx.id())) else {
        return Ok(Outputs::none());
    };
    let len = plan.shared.learned_bits(ctx.id());
    let mut bits = own.map_or_else(|| Bits::zeros(len), |own| at_places(own, places));
    for (_, share) in ctx.gather_from::<Bits>(plan.job.roles.computing(), len).await? {
        bits ^= &share;
    }
    Ok(plan.shared.learned(&plan.program, ctx.id(), &bits))
}
