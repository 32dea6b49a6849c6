//! `dn07` with one thing wrong with its double sharings, or with what is made of them. All outputs
//! are right: only views tell.

use std::sync::Arc;

use mpclab_protocols::algebra::{PrimeField, shamir, slices};
use mpclab_protocols::attack::Attack;
use mpclab_protocols::dn07::{Dn07, Double, King};
use mpclab_protocols::engine::cost::Prices;
use mpclab_protocols::engine::field::{DotTriples, FieldEngine, Pile};
use mpclab_protocols::engine::shamir::{Party, Reduction, Sharing, combine};
use mpclab_protocols::engine::{Plan, RingVectors, Shares};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_protocols::shamir::{OpeningName, ShamirParams};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Claims};

use crate::Registry;

/// Nothing is wrong.
pub(super) const NOTHING: usize = 0;
/// What masks a product has degree `t`: the highest coefficients are bare.
const LOW_DEGREE: usize = 1;
/// The same, but it is dealt apart from what is taken off afterwards.
const BOTH_LOW: usize = 2;
/// The sharing of degree `2t` has the coefficients of the other one, and more of its own.
const TIED: usize = 3;
/// Products go to the king as they are.
const UNMASKED: usize = 4;
/// What everyone deals is zero.
const ZEROS: usize = 5;
/// Nothing is extracted: each mask is what one party dealt.
const NOT_EXTRACTED: usize = 6;
/// All rows of the matrix are the first.
const ONE_ROW: usize = 7;
/// The first two parties have the same point in the matrix.
const SAME_POINT: usize = 8;
/// As many masks are made as parties deal.
const ALL_ROWS: usize = 9;
/// All batches draw on the same double sharings, and say that these are others.
const REUSED: usize = 10;

/// Names by flaw.
pub(super) const NAMES: [&str; 11] = [
    "king",
    "king_low_degree",
    "king_both_low",
    "king_tied",
    "king_unmasked",
    "king_zeros",
    "king_not_extracted",
    "king_one_row",
    "king_same_point",
    "king_all_rows",
    "king_reused",
];

/// The protocol.
struct Mutant<const FLAW: usize>;

/// Its products.
struct Flawed<const FLAW: usize>;

pub(super) fn with_all(registry: Registry) -> Registry {
    registry
        .with::<Mutant<NOTHING>>()
        .with::<Mutant<LOW_DEGREE>>()
        .with::<Mutant<BOTH_LOW>>()
        .with::<Mutant<TIED>>()
        .with::<Mutant<UNMASKED>>()
        .with::<Mutant<ZEROS>>()
        .with::<Mutant<NOT_EXTRACTED>>()
        .with::<Mutant<ONE_ROW>>()
        .with::<Mutant<SAME_POINT>>()
        .with::<Mutant<ALL_ROWS>>()
        .with::<Mutant<REUSED>>()
}

impl<const FLAW: usize> FieldEngine for Mutant<FLAW> {
    const NAME: &'static str = NAMES[FLAW];
    const INFO: Info = <Dn07 as Protocol>::INFO;
    const COST_SOURCE: &'static str = "none";
    const OWN_OUTPUTS: bool = true;
    type Params = ShamirParams;
    type Party<F: PrimeField> = Party<F, Flawed<FLAW>>;

    fn dot_triples(params: &ShamirParams) -> DotTriples {
        <Dn07 as FieldEngine>::dot_triples(params)
    }

    fn supports(job: &Job, params: &ShamirParams) -> Result<(), Unsupported> {
        <Dn07 as FieldEngine>::supports(job, params)
    }

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<ShamirParams>>,
    ) -> Result<Self::Party<F>, Abort> {
        Party::new(ctx, plan, <Self as FieldEngine>::NAME).await
    }

    fn prices(plan: &Plan<ShamirParams>) -> Prices {
        <Dn07 as FieldEngine>::prices(plan)
    }

    fn claims(plan: &Plan<ShamirParams>) -> Claims {
        <Dn07 as FieldEngine>::claims(plan)
    }

    fn attacks() -> Vec<Attack> {
        Vec::new()
    }
}

impl<const FLAW: usize> Reduction for Flawed<FLAW> {
    type Supply<F: PrimeField> = Pile<F, Double<F>>;

    const OPENING: OpeningName = King::OPENING;

    fn reducers(n: usize, t: usize) -> usize {
        King::reducers(n, t)
    }

    async fn supply<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        products: &[usize],
    ) -> Result<Vec<Pile<F, Double<F>>>, Abort> {
        if [NOTHING, LOW_DEGREE, UNMASKED].contains(&FLAW) {
            return King::supply(sharing, ctx, products).await;
        }
        let needed = match FLAW {
            REUSED => products.iter().copied().max().unwrap_or(0),
            _ => products.iter().sum(),
        };
        let ctx = ctx.scope("double");
        let doubles = doubles::<F, FLAW>(sharing, &ctx, needed).await?;
        let mut start = 0;
        let pile = |(batch, count): (usize, &usize)| {
            let own = doubles.slice(start..start + count);
            start += if FLAW == REUSED { 0 } else { *count };
            Pile::new("double sharings", format!("{}[{batch}]", ctx.path()), 1, own)
        };
        Ok(products.iter().enumerate().map(pile).collect())
    }

    async fn reduce<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        supply: &mut Pile<F, Double<F>>,
        products: Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        if ![LOW_DEGREE, UNMASKED].contains(&FLAW) {
            return King::reduce(sharing, ctx, supply, products).await;
        }
        let double = supply.take(ctx, products.len())?;
        if FLAW == UNMASKED {
            return King::open_high(sharing, ctx, products).await;
        }
        let low = Double::from_vectors(|_| double.vector(0).to_vec());
        let mut low = Pile::new("low masks", ctx.path(), 1, low);
        King::reduce(sharing, ctx, &mut low, products).await
    }
}

/// Double sharings as `dn07` makes them, but for the flaw.
async fn doubles<F: PrimeField, const FLAW: usize>(
    sharing: &Sharing<F>,
    ctx: &Ctx,
    count: usize,
) -> Result<Double<F>, Abort> {
    let (n, t) = (sharing.roles().compute, sharing.t());
    if count == 0 {
        return Ok(Double::from_vectors(|_| Vec::new()));
    }
    let len = count.div_ceil(if FLAW == ALL_ROWS { n } else { n - t });
    let values: Vec<F> = match FLAW {
        ZEROS => vec![F::ZERO; len],
        _ => slices::random_vec(len, &mut ctx.rng()),
    };
    let low = sharing.split(ctx, &values, t);
    let high = match FLAW {
        BOTH_LOW => sharing.split(ctx, &values, t),
        TIED => tied(sharing, ctx, &low),
        _ => sharing.split(ctx, &values, 2 * t),
    };
    let both = low.into_iter().zip(high).map(|(low, high)| [low, high].concat()).collect();
    let own = sharing.hand_out(ctx, both);
    let mut low = sharing.collect(ctx, sharing.roles().computing(), own, 2 * len).await?;
    let high: Vec<Vec<F>> = low.iter_mut().map(|both| both.split_off(len)).collect();
    let dealt = [low, high];
    Ok(Double::from_vectors(|which| extract::<F, FLAW>(sharing, &dealt[which], count)))
}

/// `low(x) + x^(t+1) g(x)` for random `g`.
fn tied<F: PrimeField>(sharing: &Sharing<F>, ctx: &Ctx, low: &[Vec<F>]) -> Vec<Vec<F>> {
    let (n, t, len) = (sharing.roles().compute, sharing.t(), low[0].len());
    let top: Vec<F> = slices::random_vec(len, &mut ctx.rng());
    let more = shamir::share(&top, t - 1, n, &mut ctx.rng());
    let points = sharing.roles().computing().map(shamir::point::<F>);
    let add = |((low, more), x): ((&Vec<F>, Vec<F>), F)| {
        let power = (0..=t).fold(F::ONE, |power, _| power * x);
        low.iter().zip(more).map(|(low, more)| *low + power * more).collect()
    };
    low.iter().zip(more).zip(points).map(add).collect()
}

fn extract<F: PrimeField, const FLAW: usize>(
    sharing: &Sharing<F>,
    dealt: &[Vec<F>],
    count: usize,
) -> Vec<F> {
    let (n, rows) = (dealt.len(), dealt.len() - sharing.t());
    let mut points: Vec<F> = sharing.roles().computing().map(shamir::point).collect();
    let mut made = match FLAW {
        NOT_EXTRACTED => dealt[..rows].concat(),
        ONE_ROW => combine(&vec![F::ONE; n], dealt).repeat(rows),
        SAME_POINT | ALL_ROWS => {
            if FLAW == SAME_POINT {
                points[1] = points[0];
            }
            let power = |at: usize| {
                let of = |x: &F| (0..at).fold(F::ONE, |power, _| power * *x);
                combine(&points.iter().map(of).collect::<Vec<F>>(), dealt)
            };
            (0..if FLAW == ALL_ROWS { n } else { rows }).flat_map(power).collect()
        }
        _ => sharing.extract(dealt, count),
    };
    made.truncate(count);
    made
}
