//! Dealing: who sends which shares to whom.
//!
//! A polynomial of degree `t` with a given value at zero has `t` more values that can be anything.
//! Without seeds the dealer draws coefficients and sends everyone its share. With seeds
//! (`compress: true`) the shares of the `t` parties that come after the dealer on the ring are
//! pseudorandom: each expands the seed that it has in common with the dealer, and hears nothing.
//! The dealer lays the polynomial through the secret and these shares, and sends the other
//! `n - 1 - t` parties theirs: `t` at `n = 2t + 1`, half as many. Pseudorandom secret sharing goes
//! back to Gilboa and Ishai, CRYPTO 1999, and Cramer, Damgård and Ishai, TCC 2005; with a dealer
//! that knows the secret pairwise seeds do.
//!
//! Why `t` parties still learn nothing: shares at `t` points that are not zero and the value at zero
//! fix one polynomial each, so uniform shares there make a uniform polynomial, which is what
//! coefficients make. In place of every stream whose seed two honest parties have, put a truly
//! random one: whoever notices tells ChaCha12 from random (a hybrid over at most `n t` seeds). Then
//! all that a coalition of `t` has of an honest dealer's sharing are `t` shares of a uniform
//! polynomial: those that it expands itself, and those that it is sent. What one
//! dealer deals in other scopes, or again in the same one, comes from other streams; what it deals at
//! once, from further on in the same ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::Sharing;
use super::seeds::{self, places_after};
use crate::algebra::{PrimeField, shamir, slices};
use crate::engine::cost::{Flow, Step};

/// How shares are dealt among the computing parties: what declared costs follow from.
#[derive(Clone, Copy, Debug)]
pub struct Dealing {
    /// Computing parties.
    pub n: usize,
    /// Degree of the polynomials.
    pub t: usize,
    /// Whether seeds make as many shares as polynomials have degree.
    pub compress: bool,
}

impl Dealing {
    /// Elements that a dealer sends for each value that it shares with this degree.
    #[must_use]
    pub fn elements(&self, degree: usize) -> usize {
        self.n - 1 - if self.compress { degree } else { 0 }
    }

    /// The first parties, so many, share values with degree `t` at once; `bytes` in all.
    #[must_use]
    pub fn flow(&self, bytes: u64, dealers: usize) -> Flow {
        let step = match self.compress {
            true => Step::Beyond { dealers, places: self.t },
            false => Step::First(dealers),
        };
        Flow::new(bytes, step, u64::from(bytes > 0))
    }

    /// Whether a computing party has to be sent what a dealer shares with degree `t`.
    #[must_use]
    pub fn is_sent(&self, dealer: PartyId, to: PartyId) -> bool {
        let has_seeds = self.compress && dealer.index() < self.n;
        dealer != to && (!has_seeds || places_after(dealer, to, self.n) > self.t)
    }
}

/// What lays a polynomial through a secret and the shares of the first followers: the factors of
/// both in each other share.
pub(super) struct Extension<F> {
    degree: usize,
    /// Of the dealer's own share.
    own: Vec<F>,
    /// Of those beyond, in order.
    beyond: Vec<Vec<F>>,
}

impl<F: PrimeField> Extension<F> {
    /// For sharings of this degree that a party deals.
    ///
    /// # Errors
    /// If two parties have one point, or one has that of the secret.
    pub(super) fn new(dealer: PartyId, n: usize, degree: usize) -> Result<Self, Abort> {
        let at = |places: usize| shamir::point(PartyId::from((dealer.index() + places) % n));
        let known: Vec<F> = std::iter::once(F::ZERO).chain((1..=degree).map(at)).collect();
        let others: Vec<F> = (degree + 1..=n).map(at).collect();
        let mut beyond = shamir::lagrange_at_all(&known, &others)
            .ok_or_else(|| Abort::Bug("two parties have one point".to_owned()))?;
        // The ring ends where it began.
        let own = beyond.pop().unwrap_or_default();
        Ok(Extension { degree, own, beyond })
    }
}

impl<F: PrimeField> Sharing<F> {
    /// Shares own values with degree `t`, sends every party its share unless a seed makes it, and
    /// returns the own one; a client gets none.
    ///
    /// # Errors
    /// If two parties had one point.
    pub fn deal(&self, ctx: &Ctx, values: &[F]) -> Result<Option<Vec<F>>, Abort> {
        self.deal_all(ctx, &[(values, self.t)])
    }

    /// Shares values at once, each vector with a degree of its own: shares of one after those of the
    /// other.
    ///
    /// # Errors
    /// If two parties had one point.
    pub fn deal_all(&self, ctx: &Ctx, sharings: &[(&[F], usize)]) -> Result<Option<Vec<F>>, Abort> {
        let Some(seeds) = &self.seeds else {
            let mut all = sharings.iter().map(|(values, degree)| self.split(ctx, values, *degree));
            let mut shares = all.next().unwrap_or_default();
            for more in all {
                shares.iter_mut().zip(more).for_each(|(share, more)| slices::append(share, &more));
            }
            return Ok(self.hand_out(ctx, shares));
        };
        let n = self.roles().compute;
        let highest = sharings.iter().map(|(_, degree)| *degree).max().unwrap_or(0);
        let dealing = seeds.next_dealing(ctx, self.id);
        let mut streams = seeds.of_followers(ctx, &dealing, highest);
        let (mut own, mut beyond) = (Vec::new(), vec![Vec::new(); n]);
        for (values, degree) in sharings {
            let (len, extension) = (values.len(), self.extension(*degree)?);
            let streams = streams.iter_mut().take(*degree);
            let known: Vec<Vec<F>> = streams.map(|stream| seeds::shares(stream, len)).collect();
            let rows: Vec<&[F]> =
                std::iter::once(*values).chain(known.iter().map(Vec::as_slice)).collect();
            extend(&mut own, slices::linear_combination(&extension.own, &rows));
            for (to, factors) in beyond[degree + 1..].iter_mut().zip(&extension.beyond) {
                extend(to, slices::linear_combination(factors, &rows));
            }
        }
        for (places, shares) in beyond.iter().enumerate().filter(|(_, shares)| !shares.is_empty()) {
            ctx.send(seeds.follower(places), shares);
        }
        Ok(Some(own))
    }

    /// What some computing parties deal in a scope, by [`Sharing::deal_all`] with these degrees and
    /// vectors of this length: this party's shares, its own among them, in order of dealers.
    ///
    /// # Errors
    /// If one of them says something else.
    pub async fn dealt(
        &self,
        ctx: &Ctx,
        from: impl Iterator<Item = PartyId> + Clone,
        mut own: Option<Vec<F>>,
        degrees: &[usize],
        len: usize,
    ) -> Result<Vec<Vec<F>>, Abort> {
        let Some(seeds) = &self.seeds else {
            return self.collect(ctx, from, own, degrees.len() * len).await;
        };
        let is_sent = |dealer: PartyId, degree: &usize| seeds.places_after(dealer) > *degree;
        let sent = |dealer| degrees.iter().filter(|degree| is_sent(dealer, degree)).count();
        // 1. Messages of one length at a time.
        let mut messages: BTreeMap<PartyId, Vec<F>> = BTreeMap::new();
        for vectors in 1..=degrees.len() {
            let senders = from.clone().filter(|d| *d != self.id && sent(*d) == vectors);
            let senders: Vec<PartyId> = senders.collect();
            if !senders.is_empty() {
                messages.extend(ctx.gather_from::<Vec<F>>(senders, vectors * len).await?);
            }
        }
        // 2. What is not in them comes from seeds.
        let mut all = Vec::new();
        for dealer in from {
            if dealer == self.id {
                all.extend(own.take());
                continue;
            }
            let dealing = seeds.next_dealing(ctx, dealer);
            let message = messages.remove(&dealer).unwrap_or_default();
            if message.len() == degrees.len() * len {
                all.push(message);
                continue;
            }
            let mut stream = seeds.of_dealer(ctx, &dealing, dealer)?;
            let mut parts = message.chunks(len.max(1));
            let mut shares = Vec::new();
            for degree in degrees {
                match is_sent(dealer, degree) {
                    true => slices::append(&mut shares, parts.next().unwrap_or_default()),
                    false => extend(&mut shares, seeds::shares(&mut stream, len)),
                }
            }
            all.push(shares);
        }
        Ok(all)
    }

    /// Kept for the degrees of the protocol, and made anew for others.
    fn extension(&self, degree: usize) -> Result<Arc<Extension<F>>, Abort> {
        match self.extensions.iter().find(|extension| extension.degree == degree) {
            Some(known) => Ok(Arc::clone(known)),
            None => Extension::new(self.id, self.roles().compute, degree).map(Arc::new),
        }
    }
}

/// Nothing is copied if there was nothing before.
fn extend<F: PrimeField>(all: &mut Vec<F>, more: Vec<F>) {
    match all.is_empty() {
        true => *all = more,
        false => slices::append(all, &more),
    }
}
