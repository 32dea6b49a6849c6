//! One party: shares its bits, ANDs layer by layer, opens the outputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::share::XorShare;
use super::{DEALER, GmwPlan, Steps, TripleSource, triples};
use crate::algebra::bits::Bits;
use crate::circuit::{Walk, WalkError};
use crate::mutants;
use crate::program::{Inputs, Outputs};

/// A client or computing party.
pub(super) async fn run<S: Steps>(
    ctx: &Ctx,
    plan: &GmwPlan,
    input: &Inputs,
) -> Result<Outputs, Abort> {
    let computes = plan.job.roles.computes(ctx.id());
    let triples = if computes { Some(Triples::receive(ctx, plan).await?) } else { None };
    let online = ctx.scope("online");
    let inputs = share_inputs::<S>(&online.scope("input"), plan, input).await?;
    let shares = match triples {
        Some(triples) => Some(evaluate::<S>(&online, plan, inputs, triples).await?),
        None => None,
    };
    let told = |nodes: &[PartyId]| S::learners(&plan.job.roles, nodes);
    let scope = online.scope("output");
    plan.shared.reveal(&scope, &plan.program, shares.as_ref(), told).await
}

// ---- inputs ----

/// Shares of all input bits, in the circuit's order; clients get none.
async fn share_inputs<S: Steps>(ctx: &Ctx, plan: &GmwPlan, input: &Inputs) -> Result<Bits, Abort> {
    let roles = &plan.job.roles;
    // A party hands out its own bits before it waits for those of others.
    let mut owners: Vec<(PartyId, usize, usize)> = plan.shared.owners().collect();
    owners.sort_by_key(|(owner, ..)| *owner != ctx.id());
    let mut vectors = BTreeMap::new();
    for (owner, _, len) in owners {
        if owner == ctx.id() {
            if let Some(own) = hand_out::<S>(ctx, plan, &plan.shared.encode(owner, input)?) {
                vectors.insert(owner, own);
            }
        } else if roles.computes(ctx.id()) {
            vectors.insert(owner, ctx.recv::<Bits>(owner, len).await?);
        }
    }
    let mut all = Bits::default();
    for (owner, place) in plan.shared.columns() {
        if let Some(vector) = vectors.get(&owner) {
            all.append(&vector.slice(place));
        }
    }
    // Random bits: each party draws its share.
    let random = plan.shared.random_bits();
    if random > 0 && roles.computes(ctx.id()) {
        all.append(&Bits::random(random, &mut ctx.scope("random").rng()));
    }
    Ok(all)
}

/// Sends a share to every computing party; returns the sender's own, if it computes.
fn hand_out<S: Steps>(ctx: &Ctx, plan: &GmwPlan, bits: &Bits) -> Option<Bits> {
    let roles = &plan.job.roles;
    let mut own = None;
    for (party, share) in roles.computing().zip(S::split(bits, roles.compute, &mut ctx.rng())) {
        if party == ctx.id() {
            if mutants::is("gmw/own-share-told") {
                ctx.scope("own").broadcast(&share);
            }
            own = Some(share);
        } else {
            ctx.send(party, &share);
        }
    }
    own
}

// ---- ANDs ----

/// Shares of triples: all `a`, all `b`, all `c`. What is taken is gone.
struct Triples {
    shares: Bits,
    count: usize,
    taken: usize,
}

impl Triples {
    async fn receive(ctx: &Ctx, plan: &GmwPlan) -> Result<Self, Abort> {
        let count = plan.ands();
        let mut shares = Bits::default();
        if count > 0 && plan.params.triples == TripleSource::Ot {
            let extension = plan.extension();
            let made = triples::make(ctx, &plan.job.roles, extension, count).await?;
            shares = Bits::concat(&made);
        } else if count > 0 {
            shares = ctx.scope("offline").recv(ctx.ideal(DEALER), 3 * count).await?;
        }
        Ok(Triples { shares, count, taken: 0 })
    }

    fn take<S: Steps>(&mut self, ctx: &Ctx, count: usize) -> Result<[Bits; 3], Abort> {
        let (start, end) = (S::next_triple(self.taken), self.taken + count);
        if end > self.count {
            return Err(Abort::Bug(format!("{count} triples are needed, too few are left")));
        }
        let pile = format!("{}/layers", ctx.session_id());
        // Three bits each; all that a run takes are packed together.
        let bytes = (3 * end).div_ceil(8) - (3 * self.taken).div_ceil(8);
        ctx.consume("bit triples", &pile, start as u64..(start + count) as u64, bytes as u64);
        let again = mutants::is("gmw/triples-reused-unnoticed");
        let start = if again { 0 } else { start };
        self.taken = end;
        let part = |which| {
            let first = which * self.count + start;
            self.shares.slice(first..first + count)
        };
        Ok([part(0), part(1), part(2)])
    }
}

/// Shares of all output bits.
async fn evaluate<S: Steps>(
    online: &Ctx,
    plan: &GmwPlan,
    inputs: Bits,
    mut triples: Triples,
) -> Result<Bits, Abort> {
    let leads = S::leads(online.id());
    let wrong = |why: WalkError| Abort::Bug(why.to_string());
    let inputs = XorShare { bits: inputs, leads };
    let mut walk = Walk::new(Arc::clone(&plan.layered), inputs, 1).map_err(wrong)?;
    while !walk.is_last() {
        let scope = online.scope(("and", walk.layer()));
        walk.local();
        let (x, y) = walk.operands();
        let triples = triples.take::<S>(&scope, x.bits.len())?;
        let bits = and::<S>(&scope, plan, [&x.bits, &y.bits], triples, leads).await?;
        if mutants::is("gmw/products-told") {
            scope.scope("product").broadcast(&bits);
        }
        walk.place(XorShare { bits, leads }).map_err(wrong)?;
    }
    if triples.taken != triples.count {
        return Err(Abort::Bug("triples are left over".to_owned()));
    }
    walk.local();
    // What is kept stays shared.
    Ok(walk.outputs().bits.slice(0..plan.shared.output_bits()))
}

/// Opens `d = x + a` and `e = y + b` for one layer, and returns shares of `c + d b + e a + d e`.
async fn and<S: Steps>(
    ctx: &Ctx,
    plan: &GmwPlan,
    [x, y]: [&Bits; 2],
    [a, b, c]: [Bits; 3],
    leads: bool,
) -> Result<Bits, Abort> {
    let roles = &plan.job.roles;
    let len = x.len();
    let mut opened = Bits::concat([&x.xor(&a), &y.xor(&b)]);
    ctx.send_to(roles.computing(), &opened);
    for (_, share) in ctx.gather_from::<Bits>(roles.computing(), 2 * len).await? {
        opened ^= &share;
    }
    let (d, e) = (opened.slice(0..len), opened.slice(len..2 * len));
    Ok(S::product([a, b, c], [d, e], leads))
}
