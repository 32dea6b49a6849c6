//! What protocols over Shamir's sharing have in common: dealing, opening, what honest shares fix,
//! and random values, bits and masks that parties make among themselves ([`offline`]). They differ
//! in how products become shares of degree `t` again: a [`Reduction`]. The rest of a
//! [`ShamirEngine`] is told once, in `protocol`.

pub mod attacks;
pub mod offline;
mod params;
mod party;
mod protocol;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};

use super::Opening;
use crate::algebra::{PrimeField, shamir, slices};
use crate::mutants;
use crate::protocol::Job;

pub use params::{ShamirParams, ThresholdChoice};
pub use party::{Party, Reduction};
pub use protocol::{Flows, SEMI_HONEST, ShamirEngine};

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
}

impl<F: PrimeField> Sharing<F> {
    /// This node's place in a job.
    #[must_use]
    pub fn new(ctx: &Ctx, job: &Arc<Job>, t: usize, factors: Arc<Factors<F>>) -> Self {
        Sharing { id: ctx.id(), job: Arc::clone(job), t, factors }
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
        shamir::share(values, degree, n, &mut ctx.rng())
    }

    /// Shares own values with degree `t`, sends every party its share and returns the own one;
    /// a client gets none.
    pub fn deal(&self, ctx: &Ctx, values: &[F]) -> Option<Vec<F>> {
        self.hand_out(ctx, self.split(ctx, values, self.t))
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
        let points: Vec<F> = self.roles().computing().map(shamir::point).collect();
        let rows = points.len() - self.t;
        let mut row = vec![F::ONE; points.len()];
        if let (true, Some(last)) = (mutants::is("shamir/last-dealer-ignored"), row.last_mut()) {
            *last = F::ZERO;
        }
        let mut elements = Vec::new();
        for _ in 0..rows {
            let one = mutants::is("shamir/randoms-of-one");
            elements.extend(if one { dealt[0].clone() } else { combine(&row, dealt) });
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
        match values {
            Some(values) if mutants::is("shamir/input-degree-low") => {
                Ok(self.hand_out(ctx, self.split(ctx, &values, self.t - 1)))
            }
            Some(values) => {
                if mutants::is("shamir/charged-by-input") {
                    let odd = values.iter().filter(|value| value.to_u128() & 1 == 1);
                    ctx.charge(F::MUL, odd.count() as u64);
                }
                let own = self.deal(ctx, &values);
                if let (Some(own), true) = (&own, mutants::is("shamir/own-share-told")) {
                    ctx.scope("own").broadcast(own);
                }
                Ok(own)
            }
            None if self.roles().computes(self.id) => ctx.recv(owner, len).await.map(Some),
            None => Ok(None),
        }
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
