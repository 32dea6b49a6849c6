//! One party: shares its bits, ANDs layer by layer, opens the outputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::share::XorShare;
use super::{DEALER, GmwPlan, Steps};
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
    reveal::<S>(&online.scope("output"), plan, shares).await
}

// ---- inputs ----

/// Shares of all input bits, in the circuit's order; clients get none.
async fn share_inputs<S: Steps>(ctx: &Ctx, plan: &GmwPlan, input: &Inputs) -> Result<Bits, Abort> {
    let roles = &plan.job.roles;
    // A party hands out its own bits before it waits for those of others.
    let mut owners: Vec<(PartyId, usize, usize)> = plan.owners().collect();
    owners.sort_by_key(|(owner, ..)| *owner != ctx.id());
    let mut vectors = BTreeMap::new();
    for (owner, party, len) in owners {
        if owner == ctx.id() {
            let bits = plan.words.encode(party, input);
            let bits = bits.ok_or_else(|| Abort::Bug("a column was not handed in".to_owned()))?;
            if let Some(own) = hand_out::<S>(ctx, plan, &bits) {
                vectors.insert(party, (own, 0));
            }
        } else if roles.computes(ctx.id()) {
            vectors.insert(party, (ctx.recv::<Bits>(owner, len).await?, 0));
        }
    }
    let mut all = Bits::default();
    for (decl, word) in plan.words.columns() {
        if let Some((vector, taken)) = vectors.get_mut(&decl.party) {
            let end = *taken + decl.len * word.width as usize;
            all.append(&vector.slice(*taken..end));
            *taken = end;
        }
    }
    // Random bits: each party draws its share.
    let random = plan.words.random_bits();
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

/// Shares of the dealer's triples: all `a`, all `b`, all `c`. What is taken is gone.
struct Triples {
    shares: Bits,
    count: usize,
    taken: usize,
}

impl Triples {
    async fn receive(ctx: &Ctx, plan: &GmwPlan) -> Result<Self, Abort> {
        let count = plan.ands();
        let mut shares = Bits::default();
        if count > 0 {
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
        // Three bits each; all that a run takes were dealt packed together.
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
    Ok(walk.outputs().bits.slice(0..plan.words.output_bits().sum()))
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

// ---- outputs ----

async fn reveal<S: Steps>(
    ctx: &Ctx,
    plan: &GmwPlan,
    shares: Option<Bits>,
) -> Result<Outputs, Abort> {
    let roles = &plan.job.roles;
    let own_share = |party: usize, shares: &Bits| {
        let own: Vec<Bits> =
            plan.own_bits(party).into_iter().map(|place| shares.slice(place)).collect();
        Bits::concat(&own)
    };
    if let Some(shares) = &shares {
        for (nodes, party) in plan.groups() {
            ctx.send_to(S::learners(roles, nodes), &own_share(party, shares));
        }
    }
    let party = roles.output.binary_search(&ctx.id());
    let Some((party, _)) = party.ok().zip(plan.opening.group_of(ctx.id())) else {
        return Ok(Outputs::none());
    };
    let len = plan.own_bits(party).iter().map(ExactSizeIterator::len).sum();
    let mut bits = match &shares {
        Some(shares) => own_share(party, shares),
        None => Bits::zeros(len),
    };
    for (_, share) in ctx.gather_from::<Bits>(roles.computing(), len).await? {
        bits ^= &share;
    }
    Ok(plan.own_outputs(party, &bits))
}
