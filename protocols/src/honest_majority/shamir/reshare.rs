use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use crate::algebra::PrimeField;
use crate::engine::shamir::{OpeningName, Reduction, Sharing, combine};
use crate::mutants;

/// The degree reduction of Gennaro, Rabin and Rabin, PODC 1998.
pub struct Reshare;

impl Reduction for Reshare {
    const OPENING: OpeningName = OpeningName::Direct;

    /// Resharing needs nothing beforehand.
    type Supply<F: PrimeField> = ();

    fn reducers(_: usize, t: usize) -> usize {
        2 * t + 1
    }

    async fn supply<F: PrimeField>(
        _: &Sharing<F>,
        _: &Ctx,
        products: &[usize],
    ) -> Result<Vec<()>, Abort> {
        Ok(vec![(); products.len()])
    }

    /// One round.
    async fn reduce<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        (): &mut (),
        products: Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let (reduce, len) = (&sharing.factors().reduce, products.len());
        // 1. The first 2t + 1 parties share their products anew.
        let resharers = || PartyId::all(reduce.len());
        let reshares = resharers().any(|party| party == sharing.id());
        let degree = sharing.t() - usize::from(mutants::is("shamir/reshare-degree-low"));
        let own = if reshares { sharing.deal_all(ctx, &[(&products, degree)])? } else { None };
        drop(products);
        // 2. Everyone combines what came, as the products' value at zero.
        let dealt = sharing.dealt(ctx, resharers(), own, &[degree], len).await?;
        Ok(combine(reduce, &dealt))
    }
}
