//! Triples, random bits and masks, made by the parties among themselves.
//!
//! Triples: `a = sum a_i` and `b = sum b_i` are random because each party's parts are, and
//! `ab = sum_ij a_i b_j`, of which a party computes `a_i b_i` itself and any two share the others.
//!
//! Random bits: the exclusive or of one bit of each party. The sum `s` of the first `i` ones is
//! shared among their owners, and `s + b_i - 2 s b_i` takes one transfer from each of them to the
//! next party, whose choice is `b_i`: `n (n - 1) / 2` transfers, where a square that is opened (see
//! [`crate::engine::shamir`]) would take one for each bit of an element.
//!
//! Masks: the sum of one bounded integer of each party; nothing is sent. A party's part of a mask is
//! no uniform share of it, and everyone sees what it adds to an opening: it hides there because the
//! same opening adds random bits, whose shares are uniform. Masks alone must not be opened.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{Abort, PartyId, Phase};
use mpclab_sim::{Ctx, work};

use super::NAME;
use crate::algebra::bits::Bits;
use crate::algebra::{PrimeField, slices};
use crate::engine::cost::Cost;
use crate::engine::field::{Needs, bounded, dealer};
use crate::mutants;
use crate::primitives::ole::{self, Chosen, Pads, Transfers};
use crate::primitives::ot::links::{self, Link, pair_index};
use crate::primitives::ot::{Choices, Extension};

/// What all batches draw that is made with others: products, and random bits.
#[derive(Clone, Copy)]
pub(in crate::dishonest_majority) struct Demand {
    products: usize,
    bits: usize,
}

impl Demand {
    pub(in crate::dishonest_majority) fn of(needs: &[Needs]) -> Self {
        let dots = |needs: &Needs| needs.dots.iter().sum::<usize>();
        Demand {
            products: needs.iter().map(|needs| needs.products + dots(needs)).sum(),
            bits: needs.iter().map(|needs| needs.bits).sum(),
        }
    }

    pub(in crate::dishonest_majority) fn is_none(self) -> bool {
        self.products + self.bits == 0
    }

    /// Memory of the pads of bits, which both ends of each pair hold until their turn comes, bytes.
    pub(in crate::dishonest_majority) fn held_bytes(self, n: usize) -> u64 {
        (n * (n - 1) / 2 * self.bits * 3 * Block::BYTES) as u64
    }

    /// Transfers of a pair that makes bits, for elements of so many bits.
    pub(in crate::dishonest_majority) fn transfers(self, width: usize) -> usize {
        self.products * width + self.bits
    }

    /// The batches of transfers of a pair, one after the other.
    pub(in crate::dishonest_majority) fn batches(
        self,
        width: usize,
    ) -> impl Iterator<Item = (usize, Choices)> {
        ole::batches(self.products, width).chain(ole::batches(self.bits, 1))
    }
}

/// What is made for `n` parties in elements of so many bits and bytes costs.
pub(in crate::dishonest_majority) fn cost(
    extension: Extension,
    n: usize,
    demand: Demand,
    [width, element]: [usize; 2],
) -> Vec<(Phase, Cost)> {
    if demand.is_none() {
        return Vec::new();
    }
    let pairs = (n * (n - 1)) as u64;
    let set_up = Cost {
        bytes: pairs * extension.set_up_bytes().iter().sum::<u64>(),
        rounds: extension.set_up_rounds(),
    };
    let mut transfers = Transfers::new(extension.bill());
    transfers.add(demand.products, width, element as u64);
    let products = transfers.bytes;
    transfers.add(demand.bits, 1, element as u64);
    // Bits go from each party to those after it, one after the other.
    let bytes = pairs * products + pairs / 2 * (transfers.bytes - products);
    let chain = if demand.bits > 0 { n as u64 - 1 } else { 1 };
    let offline = Cost { bytes, rounds: transfers.rounds + chain };
    vec![(Phase::Setup, set_up), (Phase::Offline, offline)]
}

/// Everything that each batch draws, laid out as a dealer's shares are: see
/// [`crate::engine::field::dealer::deal_batch`].
pub(in crate::dishonest_majority) async fn make<F: PrimeField>(
    ctx: &Ctx,
    n: usize,
    extension: Extension,
    needs: &[Needs],
) -> Result<Vec<Vec<F>>, Abort> {
    let demand = Demand::of(needs);
    let mut links = match demand.is_none() {
        true => Vec::new(),
        false => {
            let setup = ctx.scope("setup");
            links::random(&setup, NAME, n, extension, "semi/delta-zero").await?
        }
    };
    let offline = ctx.scope("offline");
    let masks = masks::<F>(&offline.scope("masks"), needs);
    if demand.is_none() {
        return Ok(lay_out(needs, Default::default(), Vec::new(), masks));
    }
    // 1. Everyone draws its parts.
    let [a, b] = dealer::factors::<F>(demand.products, &mut offline.scope("factors").rng());
    let own_bits: Vec<F> = own_bits(&offline.scope("bits"), demand.bits).to_elements();
    let making = Making { offline: &offline, n, demand, a: &a, b: &b, bits: &own_bits };
    // 2. Transfers of everything; what is said of products needs nothing else.
    let scopes: Vec<Scopes> = links.iter().map(|link| making.scopes(link.peer)).collect();
    let (sent, received) = making.extend(&mut links, &scopes).await?;
    let mut c = slices::mul(&a, &b);
    let (shares, pads): (Vec<Vec<F>>, Vec<Pads>) = sent.into_iter().unzip();
    shares.iter().for_each(|shares| slices::add_assign(&mut c, shares));
    // 3. What others say of products, and bits from party to party.
    let (products, of_bits): (Vec<Chosen<F>>, Vec<Chosen<F>>) = received.into_iter().unzip();
    let (shares, bits) = offline
        .try_join(making.products(&scopes, products), making.chain(&scopes, pads, of_bits))
        .await?;
    shares.iter().for_each(|shares| slices::add_assign(&mut c, shares));
    Ok(lay_out(needs, [a, b, c], bits, masks))
}

/// This party's part of each random bit.
fn own_bits(ctx: &Ctx, count: usize) -> Bits {
    let bits = Bits::random(count, &mut ctx.rng());
    if mutants::is("semi/bits-told") {
        ctx.broadcast(&bits);
    }
    match mutants::is("semi/bits-of-one") && ctx.id() != PartyId(0) {
        true => Bits::zeros(count),
        false => bits,
    }
}

/// This party's parts of the masks of all batches.
fn masks<F: PrimeField>(ctx: &Ctx, needs: &[Needs]) -> Vec<F> {
    let mut rng = ctx.rng();
    let widths = needs.iter().filter_map(|needs| needs.masks);
    let masks: Vec<F> = widths
        .flat_map(|(width, count)| std::iter::repeat_n(width, count))
        .map(|width| bounded(width, &mut rng))
        .collect();
    work::did(F::DRAW, masks.len());
    match mutants::is("semi/masks-of-one") && ctx.id() != PartyId(0) {
        true => vec![F::ZERO; masks.len()],
        false => masks,
    }
}

/// One party's parts of what is made with others.
struct Making<'a, F> {
    offline: &'a Ctx,
    n: usize,
    demand: Demand,
    a: &'a [F],
    b: &'a [F],
    bits: &'a [F],
}

/// Where this party sends to a peer and receives from it, for products and for bits.
struct Scopes {
    peer: PartyId,
    products: [Ctx; 2],
    bits: [Ctx; 2],
}

/// What a sender has of a peer: its shares of products, and the pads of bits.
type Sent<F> = (Vec<F>, Pads);
/// What a receiver has: of products, and of bits.
type Received<F> = (Chosen<F>, Chosen<F>);

impl<F: PrimeField> Making<'_, F> {
    /// By ordered pairs: who sends transfers, who receives them.
    fn scopes(&self, peer: PartyId) -> Scopes {
        let pairs = [[self.offline.id(), peer], [peer, self.offline.id()]];
        let of = |what| pairs.map(|pair| self.offline.scope((what, pair_index(self.n, pair))));
        Scopes { peer, products: of("ole"), bits: of("bit") }
    }

    /// Extends all transfers with every peer. Both ends do products first, and then bits, where the
    /// receiver comes after the sender.
    async fn extend(
        &self,
        links: &mut [Link],
        scopes: &[Scopes],
    ) -> Result<(Vec<Sent<F>>, Vec<Received<F>>), Abort> {
        let own = self.offline.id();
        let (mut senders, mut receivers) = (Vec::new(), Vec::new());
        for (Link { peer, to, from }, scopes) in links.iter_mut().zip(scopes) {
            let Scopes { products: [out, back], bits: [bits_out, bits_back], .. } = scopes;
            let bits = if own < *peer { self.demand.bits } else { 0 };
            senders.push(async move {
                let shares = ole::send(out, to, self.a).await?;
                Ok::<_, Abort>((shares, ole::extend(bits_out, to, bits, 1).await?))
            });
            let bits = if *peer < own { self.bits } else { &[] };
            receivers.push(async move {
                let chosen = ole::choose(back, from, self.b, F::BITS as usize).await?;
                Ok::<_, Abort>((chosen, ole::choose(bits_back, from, bits, 1).await?))
            });
        }
        let all = self
            .offline
            .try_join(self.offline.try_join_all(senders), self.offline.try_join_all(receivers));
        all.await
    }

    /// Shares of products from each peer as a sender.
    async fn products(
        &self,
        scopes: &[Scopes],
        chosen: Vec<Chosen<F>>,
    ) -> Result<Vec<Vec<F>>, Abort> {
        let strands = scopes.iter().zip(chosen).map(|(scopes, chosen)| {
            let Scopes { peer, products: [_, back], .. } = scopes;
            ole::receive(back, *peer, chosen)
        });
        self.offline.try_join_all(strands.collect::<Vec<_>>()).await
    }

    /// Shares of the exclusive or of everybody's bits.
    async fn chain(
        &self,
        scopes: &[Scopes],
        pads: Vec<Pads>,
        chosen: Vec<Chosen<F>>,
    ) -> Result<Vec<F>, Abort> {
        let own = self.offline.id();
        // s + b - 2 s b: what those before have of s, times this party's b.
        let mut shares = slices::copy(self.bits);
        for (Scopes { peer, bits: [_, back], .. }, chosen) in scopes.iter().zip(chosen) {
            if *peer < own {
                let products = ole::receive(back, *peer, chosen).await?;
                subtract_twice(&mut shares, &products);
            }
        }
        // The same, with this party's share of s times b of those after it.
        for (Scopes { peer, bits: [out, _], .. }, pads) in scopes.iter().zip(pads) {
            if *peer > own {
                let products = ole::correct(out, *peer, &pads, &shares);
                subtract_twice(&mut shares, &products);
            }
        }
        Ok(shares)
    }
}

fn subtract_twice<F: PrimeField>(shares: &mut [F], products: &[F]) {
    slices::sub_assign(shares, products);
    slices::sub_assign(shares, products);
}

/// What each batch draws, as [`crate::engine::field::Stock::cut`] expects it.
fn lay_out<F: PrimeField>(
    needs: &[Needs],
    [a, b, c]: [Vec<F>; 3],
    bits: Vec<F>,
    masks: Vec<F>,
) -> Vec<Vec<F>> {
    let (mut at, mut bits, mut masks) = (0, bits.into_iter(), masks.into_iter());
    let mut next = |len: usize| {
        at += len;
        at - len..at
    };
    let of_batch = |needs: &Needs| {
        let len = needs.triple_elements() + needs.random_elements();
        work::did(F::PLACE, len);
        let mut all = Vec::with_capacity(len);
        for at in next(needs.products) {
            all.extend([a[at], b[at], c[at]]);
        }
        for length in &needs.dots {
            let dot = next(*length);
            all.extend(a[dot.clone()].iter().chain(&b[dot.clone()]));
            all.push(slices::sum(&c[dot]));
        }
        all.extend(bits.by_ref().take(needs.bits));
        all.extend(masks.by_ref().take(needs.masks.map_or(0, |(_, count)| count)));
        all
    };
    needs.iter().map(of_batch).collect()
}
