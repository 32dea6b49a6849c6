//! What protocols over Shamir's sharing have in common: dealing, opening, what honest shares fix,
//! and random values, bits and masks that parties make among themselves ([`offline`]). They differ
//! in how products become shares of degree `t` again: a [`Reduction`]. The rest of a
//! [`ShamirEngine`] is told once, in `protocol`.

pub mod attacks;
mod dealing;
pub mod offline;
mod params;
mod party;
mod protocol;
mod seeds;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};

use super::Opening;
use crate::algebra::{PrimeField, shamir, slices};
use crate::mutants;
use crate::protocol::Job;
use dealing::Extension;
use seeds::Seeds;

pub use super::field::{KING, OpeningName};
pub use dealing::Dealing;
pub use params::{ShamirParams, ThresholdChoice};
pub use party::{Party, Reduction};
pub use protocol::{SEMI_HONEST, ShamirEngine};

/// Public factors of a job: the same for all parties.
pub struct Factors<F> {
    /// Combine shares of the first `t + 1` parties to their value at zero.
    pub open: Vec<F>,
    /// Combine products of the first parties, as many as asked for, to their value at zero.
    pub reduce: Vec<F>,
}

impl<F: PrimeField> Factors<F> {
    /// For openings by `t + 1` parties, and for products of the first `reducers`.
    ///
    /// # Errors
    /// If two parties had one point.
    pub fn new(t: usize, reducers: usize) -> Result<Self, Abort> {
        let of = |count: usize| {
            shamir::lagrange_at_zero(&PartyId::all(count).collect::<Vec<PartyId>>())
                .ok_or_else(|| Abort::Bug("two parties have one point".to_owned()))
        };
        Ok(Factors { open: of(t + 1)?, reduce: of(reducers)? })
    }
}

/// A node among those that share with polynomials of degree `t`.
pub struct Sharing<F> {
    id: PartyId,
    job: Arc<Job>,
    t: usize,
    factors: Arc<Factors<F>>,
    opening: OpeningName,
    /// Of computing parties, where shares come from seeds.
    seeds: Option<Seeds>,
    extensions: Vec<Arc<Extension<F>>>,
}

impl<F: PrimeField> Sharing<F> {
    /// This node's place in a job.
    #[must_use]
    pub fn new(
        ctx: &Ctx,
        job: &Arc<Job>,
        t: usize,
        factors: Arc<Factors<F>>,
        opening: OpeningName,
    ) -> Self {
        let (job, seeds, extensions) = (Arc::clone(job), None, Vec::new());
        Sharing { id: ctx.id(), job, t, factors, opening, seeds, extensions }
    }

    /// The same with seeds for sharings of these degrees; clients get none, and deal as without.
    ///
    /// # Errors
    /// If somebody says something else, or two parties had one point.
    pub async fn with_seeds(
        mut self,
        ctx: &Ctx,
        protocol: &'static str,
        degrees: &[usize],
    ) -> Result<Self, Abort> {
        if !self.roles().computes(self.id) {
            return Ok(self);
        }
        let reach = degrees.iter().copied().max().unwrap_or(0);
        self.seeds = Some(Seeds::agree(ctx, self.roles(), protocol, reach).await?);
        let n = self.roles().compute;
        let extension = |degree: &usize| Extension::new(self.id, n, *degree).map(Arc::new);
        self.extensions = degrees.iter().map(extension).collect::<Result<Vec<_>, Abort>>()?;
        Ok(self)
    }

    /// Whether some of this party's shares come from seeds.
    #[must_use]
    pub fn has_seeds(&self) -> bool {
        self.seeds.is_some()
    }

    /// Whose place it is.
    #[must_use]
    pub fn id(&self) -> PartyId {
        self.id
    }

    /// Degree of the polynomials.
    #[must_use]
    pub fn t(&self) -> usize {
        self.t
    }

    /// Public factors.
    #[must_use]
    pub fn factors(&self) -> &Factors<F> {
        &self.factors
    }

    /// Who does what.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        &self.job.roles
    }

    /// The parties whose shares suffice to open.
    pub fn openers(&self) -> impl Iterator<Item = PartyId> + Clone + use<F> {
        PartyId::all(self.t + 1)
    }

    /// Each party's share of own values, of any degree.
    pub fn split(&self, ctx: &Ctx, values: &[F], degree: usize) -> Vec<Vec<F>> {
        let n = self.roles().compute;
        let mut shares = shamir::share(values, degree, n, &mut ctx.rng());
        if mutants::is("shamir/rarely-constant") {
            for (at, value) in values.iter().enumerate() {
                if shares[0][at].to_u128() % 256 == 129 {
                    shares.iter_mut().for_each(|share| share[at] = *value);
                }
            }
        }
        shares
    }

    /// Sends every computing party its share and returns the own one; a client gets none.
    pub fn hand_out(&self, ctx: &Ctx, shares: Vec<Vec<F>>) -> Option<Vec<F>> {
        let mut own = None;
        for (party, share) in self.roles().computing().zip(shares) {
            if party == self.id {
                own = Some(share);
            } else {
                ctx.send(party, &share);
            }
        }
        own
    }

    /// What some parties deal to this one, its own share among them, in order of their ids.
    ///
    /// # Errors
    /// If one of them says something else.
    pub async fn collect(
        &self,
        ctx: &Ctx,
        from: impl Iterator<Item = PartyId> + Clone,
        own: Option<Vec<F>>,
        len: usize,
    ) -> Result<Vec<Vec<F>>, Abort> {
        let mut dealt = ctx.gather_from::<Vec<F>>(from, len).await?;
        if let Some(own) = own {
            dealt.insert(self.id, own);
        }
        Ok(dealt.into_iter().map(|(_, share)| share).collect())
    }

    /// `count` sharings that are random to any `t` parties, from one of each party: its values are
    /// multiplied with the first `n - t` rows of a Vandermonde matrix.
    pub fn extract(&self, dealt: &[Vec<F>], count: usize) -> Vec<F> {
        let mut points: Vec<F> = self.roles().computing().map(shamir::point).collect();
        if mutants::is("shamir/points-alike") {
            points[1] = points[0];
        }
        let rows = points.len() - if mutants::is("dn07/too-many-rows") { 0 } else { self.t };
        let mut row = vec![F::ONE; points.len()];
        if let (true, Some(last)) = (mutants::is("shamir/last-dealer-ignored"), row.last_mut()) {
            *last = F::ZERO;
        }
        let mut elements = Vec::new();
        for at in 0..rows {
            elements.extend(if mutants::is("shamir/randoms-of-one") {
                dealt[0].clone()
            } else if mutants::is("shamir/not-extracted") {
                dealt[at].clone()
            } else {
                combine(&row, dealt)
            });
            slices::mul_assign(&mut row, &points);
        }
        elements.truncate(count);
        elements
    }

    /// The input of a node: it deals, and clients get no share back.
    ///
    /// # Errors
    /// If it says something else.
    pub async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Vec<F>>, Abort> {
        let degree = self.t - usize::from(mutants::is("shamir/input-degree-low"));
        match values {
            Some(values) => {
                if mutants::is("shamir/charged-by-input") {
                    let odd = values.iter().filter(|value| value.to_u128() & 1 == 1);
                    ctx.charge(F::MUL, odd.count() as u64);
                }
                let own = self.deal_all(ctx, &[(&values, degree)])?;
                if let (Some(own), true) = (&own, mutants::is("shamir/own-share-told")) {
                    ctx.scope("own").broadcast(own);
                }
                Ok(own)
            }
            None if !self.roles().computes(self.id) => Ok(None),
            None if !self.roles().computes(owner) => ctx.recv(owner, len).await.map(Some),
            None => {
                let from = std::iter::once(owner);
                Ok(self.dealt(ctx, from, None, &[degree], len).await?.pop())
            }
        }
    }

    /// Opens values of degree `t` to all computing parties: `t + 1` of them send their shares, to
    /// everyone, or to the king, who tells all what it is.
    ///
    /// # Errors
    /// If one of them says something else.
    pub async fn open(&self, ctx: &Ctx, shares: &[F]) -> Result<Vec<F>, Abort> {
        let (len, open) = (shares.len(), &self.factors.open);
        let opens = self.openers().any(|party| party == self.id);
        let own = || opens.then(|| slices::copy(shares));
        let star = self.opening == OpeningName::Star;
        match own() {
            Some(own) if !star => ctx.send_to(self.roles().computing(), &own),
            Some(own) if self.id != KING => ctx.send(KING, &own),
            _ => {}
        }
        if star && self.id != KING {
            return ctx.recv(KING, len).await;
        }
        let all = self.collect(ctx, self.openers(), own(), len).await?;
        let values = combine(open, &all);
        if star {
            ctx.send_to(self.roles().computing(), &values);
        }
        Ok(values)
    }

    /// Opens to each output node what it learns, by `t + 1` parties.
    ///
    /// # Errors
    /// If one of them says something else.
    pub async fn reveal(
        &self,
        ctx: &Ctx,
        opening: &Opening,
        shares: Option<&Vec<F>>,
    ) -> Result<Vec<F>, Abort> {
        let opens = self.openers().any(|party| party == self.id);
        if let (true, Some(shares)) = (opens, shares) {
            for group in opening.groups() {
                let own = opening.pick::<F, _>(group, shares);
                ctx.send_to(group.nodes.iter().copied(), &*own);
                if mutants::is("shamir/output-told") {
                    ctx.scope("all").broadcast(&*own);
                }
            }
        }
        let Some(group) = opening.group_of(self.id) else { return Ok(Vec::new()) };
        let own = shares.filter(|_| opens);
        let own = own.map(|shares| opening.pick::<F, _>(group, shares).into_owned());
        let all = self.collect(ctx, self.openers(), own, group.len).await?;
        Ok(combine(&self.factors.open, &all))
    }
}

/// The linear combination of whole vectors.
#[must_use]
pub fn combine<F: PrimeField>(factors: &[F], vectors: &[Vec<F>]) -> Vec<F> {
    let rows: Vec<&[F]> = vectors.iter().map(Vec::as_slice).collect();
    slices::linear_combination(factors, &rows)
}

/// Honest shares fix an input if there are `t + 1` of them, and contradict each other if they lie
/// on no polynomial of degree `t`.
///
/// # Errors
/// A sentence, if they do.
pub fn extract<F: PrimeField>(
    owner: PartyId,
    shares: &[(PartyId, &Vec<F>)],
    t: usize,
) -> Result<Option<Vec<F>>, String> {
    let shares: Vec<(PartyId, &[F])> =
        shares.iter().map(|(party, share)| (*party, share.as_slice())).collect();
    if !shamir::consistent_degree(&shares, t) {
        return Err(format!(
            "honest shares of the input of {owner} lie on no polynomial of degree {t}"
        ));
    }
    Ok(shamir::reconstruct(&shares, t))
}
