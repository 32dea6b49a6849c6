//! `dn07`, but products go to the king under a mask of degree `t`: the highest coefficients of the
//! polynomial that it interpolates are not masked.

use std::sync::Arc;

use mpclab_protocols::algebra::PrimeField;
use mpclab_protocols::dn07::{Dn07, Double, King};
use mpclab_protocols::engine::cost::Prices;
use mpclab_protocols::engine::field::{FieldEngine, Pile};
use mpclab_protocols::engine::shamir::{Party, Reduction, Sharing};
use mpclab_protocols::engine::{Plan, RingVectors};
use mpclab_protocols::protocol::{Info, Protocol};
use mpclab_protocols::shamir::ShamirParams;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Claims};

/// The protocol.
pub(super) struct LowMask;

/// Its products.
pub(super) struct Low;

impl FieldEngine for LowMask {
    const NAME: &'static str = "low_mask";
    const INFO: Info = <Dn07 as Protocol>::INFO;
    const COST_SOURCE: &'static str = "none";
    type Params = ShamirParams;
    type Party<F: PrimeField> = Party<F, Low>;

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<ShamirParams>>,
    ) -> Result<Party<F, Low>, Abort> {
        Party::new(ctx, plan)
    }

    fn prices(plan: &Plan<ShamirParams>) -> Prices {
        <Dn07 as FieldEngine>::prices(plan)
    }

    fn claims(plan: &Plan<ShamirParams>) -> Claims {
        <Dn07 as FieldEngine>::claims(plan)
    }
}

impl Reduction for Low {
    type Supply<F: PrimeField> = Pile<F, Double<F>>;

    fn reducers(n: usize, t: usize) -> usize {
        King::reducers(n, t)
    }

    async fn supply<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        products: &[usize],
    ) -> Result<Vec<Pile<F, Double<F>>>, Abort> {
        King::supply(sharing, ctx, products).await
    }

    async fn reduce<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        supply: &mut Pile<F, Double<F>>,
        products: Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let double = supply.take(ctx, products.len())?;
        let low = Double::from_vectors(|_| double.vector(0).to_vec());
        let mut low = Pile::new("low masks", ctx.path(), 1, low);
        King::reduce(sharing, ctx, &mut low, products).await
    }

    async fn open<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        shares: &[F],
    ) -> Result<Vec<F>, Abort> {
        King::open(sharing, ctx, shares).await
    }
}
