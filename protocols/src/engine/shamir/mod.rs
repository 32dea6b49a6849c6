//! What protocols over Shamir's sharing have in common: dealing, opening, what honest shares fix,
//! and random values, bits and masks that parties make among themselves ([`offline`]).

pub(crate) mod offline;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};

use crate::algebra::{PrimeField, shamir, slices};
use crate::primitives::CHACHA_BYTE;
use crate::protocol::Job;

/// Public factors of a job: the same for all parties.
pub(crate) struct Factors<F> {
    /// Combine shares of the first `t + 1` parties to their value at zero.
    pub(crate) open: Vec<F>,
    /// Combine products of the first parties, as many as asked for, to their value at zero.
    pub(crate) reduce: Vec<F>,
}

impl<F: PrimeField> Factors<F> {
    /// For openings by `t + 1` parties, and for products of the first `reducers`.
    pub(crate) fn new(t: usize, reducers: usize) -> Result<Self, Abort> {
        let of = |count: usize| {
            shamir::lagrange_at_zero(&PartyId::all(count).collect::<Vec<PartyId>>())
                .ok_or_else(|| Abort::Bug("two parties have one point".to_owned()))
        };
        Ok(Factors { open: of(t + 1)?, reduce: of(reducers)? })
    }
}

/// A node among those that share with polynomials of degree `t`.
pub(crate) struct Sharing<F> {
    pub(crate) id: PartyId,
    job: Arc<Job>,
    pub(crate) t: usize,
    pub(crate) factors: Arc<Factors<F>>,
}

impl<F: PrimeField> Sharing<F> {
    pub(crate) fn new(ctx: &Ctx, job: &Arc<Job>, t: usize, factors: Arc<Factors<F>>) -> Self {
        Sharing { id: ctx.id(), job: Arc::clone(job), t, factors }
    }

    pub(crate) fn roles(&self) -> &Roles {
        &self.job.roles
    }

    /// The parties whose shares suffice to open.
    pub(crate) fn openers(&self) -> impl Iterator<Item = PartyId> + Clone + use<F> {
        PartyId::all(self.t + 1)
    }

    /// Each party's share of own values, of any degree.
    pub(crate) fn split(&self, ctx: &Ctx, values: &[F], degree: usize) -> Vec<Vec<F>> {
        let (n, len) = (self.roles().compute, values.len());
        ctx.charge(CHACHA_BYTE, (len * degree * F::BYTES) as u64);
        ctx.charge(F::MUL, (len * degree * n) as u64);
        shamir::share(values, degree, n, &mut ctx.rng())
    }

    /// Shares own values with degree `t`, sends every party its share and returns the own one;
    /// a client gets none.
    pub(crate) fn deal(&self, ctx: &Ctx, values: &[F]) -> Option<Vec<F>> {
        let shares = self.split(ctx, values, self.t);
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
    pub(crate) async fn collect(
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
    pub(crate) fn extract(&self, ctx: &Ctx, dealt: &[Vec<F>], count: usize) -> Vec<F> {
        let points: Vec<F> = self.roles().computing().map(shamir::point).collect();
        let rows = points.len() - self.t;
        let mut row = vec![F::ONE; points.len()];
        let mut elements = Vec::new();
        for _ in 0..rows {
            elements.extend(combine(&row, dealt));
            slices::mul_assign(&mut row, &points);
        }
        ctx.charge(F::MUL, (elements.len() * points.len()) as u64);
        elements.truncate(count);
        elements
    }

    /// The input of a node: it deals, and clients get no share back.
    pub(crate) async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Option<Vec<F>>, Abort> {
        match values {
            Some(values) => Ok(self.deal(ctx, &values)),
            None if self.roles().computes(self.id) => ctx.recv(owner, len).await.map(Some),
            None => Ok(None),
        }
    }

    /// Opens values to the output nodes, by `t + 1` parties.
    pub(crate) async fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Vec<F>>,
        len: usize,
    ) -> Result<Vec<F>, Abort> {
        let opens = self.openers().any(|party| party == self.id);
        if let (true, Some(shares)) = (opens, shares) {
            ctx.send_to(self.roles().output.iter().copied(), shares);
        }
        if !self.roles().learns_output(self.id) {
            return Ok(Vec::new());
        }
        let own = shares.filter(|_| opens).cloned();
        Ok(combine(&self.factors.open, &self.collect(ctx, self.openers(), own, len).await?))
    }
}

/// The linear combination of whole vectors.
pub(crate) fn combine<F: PrimeField>(factors: &[F], vectors: &[Vec<F>]) -> Vec<F> {
    let rows: Vec<&[F]> = vectors.iter().map(Vec::as_slice).collect();
    slices::linear_combination(factors, &rows)
}

/// Honest shares fix an input if there are `t + 1` of them, and contradict each other if they lie
/// on no polynomial of degree `t`.
///
/// # Errors
/// A sentence, if they do.
pub(crate) fn extract<F: PrimeField>(
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
