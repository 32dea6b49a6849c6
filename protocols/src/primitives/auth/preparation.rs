//! All authenticated bits and ANDs that a program needs, before its inputs are known.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use std::sync::Arc;

use super::opening::opening_bytes;
use super::session::Layout;
use super::{
    AuthBits, Batch, Faces, Holder, Ledger, Session, buckets, ideal, leaky, receive, send,
};
use crate::algebra::bits::Bits;
use crate::engine::cost::Cost;
use crate::mutants;
use crate::primitives::ot::{BaseOt, Choices, Extension, base};

/// What a program needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Shared bits that each computing party knows: they are opened to it.
    pub own: Vec<usize>,
    /// Shared bits that nobody knows.
    pub shared: usize,
    /// ANDs.
    pub ands: usize,
}

/// How it is made, and what that costs: the same for all parties.
#[derive(Clone, Debug)]
pub struct Preparation {
    protocol: &'static str,
    demand: Demand,
    extension: Extension,
    sigma: u32,
    batches: Vec<Batch>,
}

/// One call for bits, and the ANDs that are made of the last of them.
#[derive(Clone, Copy)]
struct Round {
    /// Bits that the program gets.
    bits: usize,
    batch: Option<Batch>,
}

impl Round {
    /// Bits in all.
    fn all(self) -> usize {
        self.bits + self.batch.map_or(0, |batch| 3 * batch.leaky())
    }
}

impl Preparation {
    /// Of what a protocol needs; a party is among as many as `demand.own` has counts.
    #[must_use]
    pub fn new(protocol: &'static str, demand: Demand, extension: Extension, sigma: u32) -> Self {
        // Among more than two, buckets and the check of keys each have half of what may go wrong.
        let sigma = sigma + u32::from(demand.own.len() > 2);
        let batches = Batch::of(demand.ands, sigma);
        let mut preparation = Preparation { protocol, demand, extension, sigma, batches };
        let transfers = preparation.layouts().map(|(layout, _)| layout.count()).sum();
        preparation.extension = extension.for_demand(transfers);
        preparation
    }

    /// Whether nothing is needed: then nothing is said, and nobody has a key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Demand { own, shared, ands } = &self.demand;
        own.iter().sum::<usize>() + shared + ands == 0
    }

    /// What is needed.
    #[must_use]
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// How ANDs are made.
    #[must_use]
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    fn n(&self) -> usize {
        self.demand.own.len()
    }

    fn rounds(&self) -> Vec<Round> {
        let first = self.batches.first().copied();
        let Demand { own, shared, .. } = &self.demand;
        let mut rounds = vec![Round { bits: own.iter().sum::<usize>() + shared, batch: first }];
        let more = self.batches.iter().skip(1);
        rounds.extend(more.map(|batch| Round { bits: 0, batch: Some(*batch) }));
        rounds
    }

    /// The bits of each call.
    fn layouts(&self) -> impl Iterator<Item = (Layout, Round)> {
        let layout = |(at, round): (usize, Round)| {
            (Layout::new(self.n(), round.all(), self.sigma, at == 0), round)
        };
        self.rounds().into_iter().enumerate().map(layout)
    }

    /// What the set-up and the making cost.
    #[must_use]
    pub fn cost(&self) -> [Cost; 2] {
        if self.is_empty() {
            return [Cost::default(); 2];
        }
        let n = self.n();
        let bytes = (n * (n - 1)) as u64 * self.extension.set_up_bytes().iter().sum::<u64>();
        let setup = Cost { bytes, rounds: self.extension.set_up_rounds() };
        let mut offline = Cost::default();
        let mut bill = self.extension.bill();
        for (layout, round) in self.layouts() {
            let mut costs = vec![layout.cost(&mut bill)];
            if let Some(batch) = round.batch {
                costs.extend([leaky::cost(n, batch.leaky()), batch.cost(n)]);
            }
            for cost in costs {
                offline.bytes += cost.bytes;
                offline.rounds += cost.rounds;
            }
        }
        // Masks are opened to who knows them, beside the first ANDs.
        let known = self.demand.own.iter().filter(|own| **own > 0);
        offline.bytes += (n - 1) as u64 * known.clone().map(|own| opening_bytes(*own)).sum::<u64>();
        offline.rounds += u64::from(self.batches.is_empty() && known.count() > 0);
        [setup, offline]
    }

    /// The ideal functionality for base transfers, if that is how they are made.
    #[must_use]
    pub fn ideals(&self) -> Vec<Ideal> {
        if self.extension.base != BaseOt::Ideal || self.is_empty() {
            return Vec::new();
        }
        let n = self.n();
        let start =
            move |ctx: Ctx| -> PartyFuture<()> { Box::pin(async move { ideal(&ctx, n).await }) };
        vec![Ideal { name: base::IDEAL, start: Arc::new(start) }]
    }

    /// Bytes of what one party has of it in the end: a share, and a MAC and a key for each other
    /// party, of each bit. Masks of its own inputs, which it knows, come on top.
    #[must_use]
    pub fn bytes_of_a_party(&self) -> u64 {
        let Demand { own, shared, ands } = &self.demand;
        bits_bytes(self.n(), own.iter().sum::<usize>() + shared + 3 * ands)
    }

    /// Memory that transfers hold whatever the payload, all pairs together, bytes.
    #[must_use]
    pub fn held_bytes(&self) -> u64 {
        let pairs = (self.n() * (self.n() - 1)) as u64;
        if self.is_empty() { 0 } else { pairs * self.extension.held_bytes() }
    }

    /// Probability at most that a cheater with two global keys passes; nothing between two parties.
    #[must_use]
    pub fn hides_keys(&self) -> Option<f64> {
        let halved = || (0..self.sigma).fold(1.0, |probability, _| probability / 2.0);
        (self.n() > 2 && !self.is_empty()).then(halved)
    }

    /// Probability at most that a cheater passes and knows a bit of an AND.
    #[must_use]
    pub fn leaks(&self) -> f64 {
        self.batches.iter().map(|batch| batch.leaks()).sum()
    }

    /// What a reader of figures has to know.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let Demand { own, shared, ands } = &self.demand;
        let (mut made, mut leaky) = (0, 0);
        for batch in &self.batches {
            made += batch.buckets;
            leaky += batch.leaky();
        }
        let sizes: std::collections::BTreeSet<usize> =
            self.batches.iter().map(|batch| batch.size).collect();
        let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        let calls = self.layouts().map(|(layout, _)| (layout.count(), Choices::Chosen));
        let mut notes = Vec::from_iter(self.extension.notes(calls));
        if *ands > 0 {
            notes.push(format!(
                "{ands} ANDs are needed and {made} made, {} in vain, from {leaky} leaky ones in \
                 buckets of {}: a bit is known with probability at most 2^-{} (Wang, Ranellucci, \
                 Katz, CCS 2017)",
                made - ands,
                sizes.join(" and "),
                self.sigma,
            ));
        }
        notes.push(format!(
            "each party is left with {} bytes of correlated randomness: {} bits and {ands} ANDs \
             with their MACs and keys",
            self.bytes_of_a_party(),
            own.iter().sum::<usize>() + shared,
        ));
        notes
    }

    /// Makes all of it, in the phases of the set-up and before the inputs.
    ///
    /// # Errors
    /// `Cheating` or `CheckFailed` if somebody deviates.
    pub async fn run(&self, ctx: &Ctx) -> Result<Prepared, Abort> {
        self.run_with(ctx, Faces::default()).await
    }

    /// Bits that a call makes before those of ANDs: masks of inputs, and others that are shared.
    pub(crate) fn masks(&self) -> usize {
        self.demand.own.iter().sum::<usize>() + self.demand.shared
    }

    /// The same of a party that may have several faces.
    pub(crate) async fn run_with(&self, ctx: &Ctx, faces: Faces) -> Result<Prepared, Abort> {
        let n = self.n();
        let nobody = Holder { me: ctx.id(), n, delta: Block::ZERO };
        if self.is_empty() {
            let own = vec![AuthBits::none(nobody); n];
            let offline = ctx.scope("offline");
            return Ok(Prepared::new(self.protocol, offline, own, AuthBits::none(nobody)));
        }
        let setup = ctx.scope("setup");
        let (protocol, sigma) = (self.protocol, self.sigma);
        let mut session = Session::set_up(&setup, protocol, n, self.extension, sigma).await?;
        let holder = session.holder();
        let offline = ctx.scope("offline");
        let mut prepared = Prepared::new(protocol, offline, Vec::new(), AuthBits::none(holder));
        for (at, round) in self.rounds().into_iter().enumerate() {
            let scope = prepared.offline.scope(("batch", at));
            let faces = if at == 0 { faces } else { Faces::default() };
            let bits = scope.scope("bits");
            let mut bits = session.authenticate_towards(&bits, round.all(), faces).await?;
            if at == 0 {
                bits = masks(bits, self.demand.own.iter().sum());
            }
            let ands = make(&scope, &session, &bits, round);
            if at > 0 {
                prepared.triples.extend(ands.await?);
                continue;
            }
            let mut start = 0;
            let own = self.demand.own.iter().map(|own| {
                start += own;
                bits.slice(start - own..start)
            });
            prepared.own = own.collect();
            prepared.shared = bits.slice(start..round.bits);
            let known = know(&scope, protocol, &prepared.own, faces);
            let (ands, known) = scope.try_join(ands, known).await?;
            prepared.triples.extend(ands);
            prepared.known = known;
        }
        Ok(prepared)
    }
}

/// Does wrongly what the first bits are drawn for.
fn masks(bits: AuthBits, own: usize) -> AuthBits {
    let (masks, others) = (0..own, own..bits.len());
    let masks = if own > 0 && mutants::is("auth/input-masks-repeat") {
        bits.slice(masks).gather(&vec![0; own])
    } else if mutants::is("auth/inputs-unmasked") {
        bits.slice(masks).times(&Bits::zeros(own))
    } else {
        return bits;
    };
    AuthBits::concat(bits.holder(), [&masks, &bits.slice(others)])
}

/// The ANDs of one call, from its last bits.
async fn make(
    ctx: &Ctx,
    session: &Session,
    bits: &AuthBits,
    round: Round,
) -> Result<[AuthBits; 3], Abort> {
    let Some(batch) = round.batch else {
        return Ok([(); 3].map(|()| AuthBits::none(bits.holder())));
    };
    let part = |of: usize| {
        let start = round.bits + of * batch.leaky();
        bits.slice(start..start + batch.leaky())
    };
    let [x, y, r] = [part(0), part(1), part(2)];
    let z = leaky::make(&ctx.scope("leaky"), session, [&x, &y], r).await?;
    buckets::combine(&ctx.scope("buckets"), session, [&x, &y, &z], batch).await
}

/// Opens to each party the bits that it is to know; returns the own ones.
async fn know(ctx: &Ctx, protocol: &str, own: &[AuthBits], faces: Faces) -> Result<Bits, Abort> {
    let (ctx, mut mine) = (ctx.scope("masks"), None);
    for (party, bits) in PartyId::all(own.len()).zip(own).filter(|(_, bits)| !bits.is_empty()) {
        match party == ctx.id() {
            true => mine = Some(bits),
            false => send(&ctx, protocol, party, &faces.shown(party, bits)),
        }
    }
    match mine {
        Some(bits) => receive(&ctx, protocol, bits).await,
        None => Ok(Bits::default()),
    }
}

/// Bytes of so many bits with their MACs and keys.
fn bits_bytes(n: usize, bits: usize) -> u64 {
    (bits.div_ceil(8) + bits * 2 * (n - 1) * Block::BYTES) as u64
}

/// What one party has of it.
pub struct Prepared {
    /// Who it is.
    pub holder: Holder,
    /// The phase in which it was made, for what else is prepared in it.
    pub offline: Ctx,
    /// Bits that each party knows, and what the own ones are.
    own: Vec<AuthBits>,
    known: Bits,
    /// Shared bits, and how many of them are gone.
    shared: AuthBits,
    shared_taken: usize,
    /// ANDs.
    pub triples: Triples,
    /// What was opened of it.
    pub ledger: Ledger,
}

impl Prepared {
    fn new(protocol: &'static str, offline: Ctx, own: Vec<AuthBits>, shared: AuthBits) -> Self {
        let holder = shared.holder();
        let triples = Triples::none(holder);
        let ledger = Ledger::new(protocol, holder);
        let known = Bits::default();
        Prepared { holder, offline, own, known, shared, shared_taken: 0, triples, ledger }
    }

    /// The bits that this party knows; they are gone then.
    #[must_use]
    pub fn take_known(&mut self) -> Bits {
        std::mem::take(&mut self.known)
    }

    /// Shares of the bits that a party knows; they are gone then.
    pub fn take_own(&mut self, ctx: &Ctx, owner: PartyId) -> AuthBits {
        let none = AuthBits::none(self.holder);
        let own = self.own.get_mut(owner.index()).map(|own| std::mem::replace(own, none.clone()));
        let own = own.unwrap_or(none);
        let name = format!("{}/{owner}", ctx.session_id());
        let len = own.len();
        ctx.consume("input masks", &name, 0..len as u64, bits_bytes(self.holder.n, len));
        own
    }

    /// The next so many shared bits, fewer if there are not as many; they are gone then.
    pub fn take_shared(&mut self, ctx: &Ctx, count: usize) -> AuthBits {
        let start = self.shared_taken;
        let end = self.shared.len().min(start + count);
        self.shared_taken = end;
        let name = format!("{}/shared", ctx.session_id());
        let bytes = bits_bytes(self.holder.n, end) - bits_bytes(self.holder.n, start);
        ctx.consume("shared bits", &name, start as u64..end as u64, bytes);
        self.shared.slice(start..end)
    }
}

/// ANDs of random bits: shared `a`, `b` and `a b`. What is taken is gone.
pub struct Triples {
    parts: [AuthBits; 3],
    taken: usize,
}

impl Triples {
    fn none(holder: Holder) -> Self {
        Triples { parts: [(); 3].map(|()| AuthBits::none(holder)), taken: 0 }
    }

    fn extend(&mut self, more: [AuthBits; 3]) {
        self.parts.iter_mut().zip(&more).for_each(|(part, more)| part.extend(more));
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.taken == self.parts[0].len()
    }

    /// The next so many.
    ///
    /// # Errors
    /// A bug if there are fewer.
    pub fn take(&mut self, ctx: &Ctx, count: usize) -> Result<[AuthBits; 3], Abort> {
        let holder = self.parts[0].holder();
        let start = if mutants::is("auth/triples-reused") { 0 } else { self.taken };
        let end = self.taken + count;
        if end > self.parts[0].len() {
            return Err(Abort::Bug(format!("{count} ANDs are needed, too few are left")));
        }
        let name = format!("{}/ands", ctx.session_id());
        let bytes = bits_bytes(holder.n, 3 * end) - bits_bytes(holder.n, 3 * self.taken);
        ctx.consume("AND triples", &name, start as u64..(start + count) as u64, bytes);
        self.taken = end;
        Ok([0, 1, 2].map(|part: usize| self.parts[part].slice(start..start + count)))
    }

    /// Products of shared bits, from ANDs and what the differences from them were opened as: `d`
    /// and `e` in `z = c + d b + e a + d e` (Beaver, CRYPTO 1991).
    #[must_use]
    pub fn products([a, b, c]: &[AuthBits; 3], opened: &Bits) -> AuthBits {
        let (d, e) = (opened.slice(0..a.len()), opened.slice(a.len()..2 * a.len()));
        let mut products = c.clone();
        products ^= &b.times(&d);
        products ^= &a.times(&e);
        products.add_public(&d.and(&e));
        products
    }

    /// What is opened for products of `x` and `y`: all `x + a`, then all `y + b`.
    #[must_use]
    pub fn differences([a, b, _]: &[AuthBits; 3], [x, y]: [&AuthBits; 2]) -> AuthBits {
        let mut differences = x.clone();
        differences ^= a;
        let mut others = y.clone();
        others ^= b;
        differences.extend(&others);
        differences
    }
}
