//! `dn07`: Shamir shares, products through a king, semi-honest, honest majority.
//!
//! Damgård and Nielsen, "Scalable and Unconditionally Secure Multiparty Computation", CRYPTO 2007,
//! section 4. Offline, everyone deals random values twice, with degree `t` and with degree `2t`; a
//! Vandermonde matrix makes `n - t` double sharings out of `n` that are random to any `t`. A
//! product of two sharings has degree `2t`: under `[r]_2t` it goes to the king, who tells all what
//! it is, and everyone takes `[r]_t` off: `2 (n - 1)` elements in two rounds, where `shamir` sends
//! `(2t + 1)(n - 1)` in one. An inner product costs what one product does.
//!
//! Values are opened inside the computation through the king as well, to whom `t + 1` parties send
//! their shares (`opening: direct` sends them to everyone); outputs by `t + 1` parties to each output
//! node, in one round. The king is always party 0. Bits and masks are as in `shamir`.
//!
//! With `compress: true`, seeds make `t` shares of the one sharing of a double sharing and `2t` of
//! the other: `2 (n - 1) - 3t` elements from each dealer, so at `n = 2t + 1` it sends nothing for the
//! second.

mod attacks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use crate::algebra::{PrimeField, slices};
use crate::attack::Attack;
use crate::engine::cost::{Flow, Step};
use crate::engine::field::Pile;
use crate::engine::shamir::{
    Dealing, KING, OpeningName, Reduction, SEMI_HONEST, ShamirEngine, Sharing, combine,
};
use crate::engine::{RingVectors, Shares};
use crate::protocol::Info;

/// The protocol.
pub struct Dn07;

impl ShamirEngine for Dn07 {
    const NAME: &'static str = "dn07";
    const INFO: Info = Info {
        about: "Shamir shares in a prime field, products opened by a king under double sharings",
        source: "Damgard, Nielsen, CRYPTO 2007",
        claims: SEMI_HONEST,
        parties: (3, usize::MAX),
    };
    const HELD_PERCENT: u64 = 170;
    const COST_SOURCE: &'static str = "Damgard, Nielsen, CRYPTO 2007: 2(n-1) elements per product and 2n(n-1)/(n-t) for its \
         double sharing, which tends to the paper's 6(n-1) for n = 2t + 1; random bits for t \
         = 1 as the exclusive or of two parties' bits, else as Damgard et al., TCC 2006; \
         comparisons as Catrina and de Hoogh, SCN 2010";
    type Reduction = King;

    /// Everyone to the king, and the king to everyone.
    fn product(dealing: &Dealing, element: u64) -> Flow {
        let step = |step| Flow::new((dealing.n as u64 - 1) * element, step, 1);
        step(Step::ToOne(dealing.n, KING)).then(step(Step::FromOne(KING)))
    }

    /// Two sharings, dealt by all, for `n - t` products.
    fn supply_elements(dealing: &Dealing, products: usize) -> usize {
        let Dealing { n, t, .. } = *dealing;
        let both = dealing.elements(t) + dealing.elements(2 * t);
        n * both * products.div_ceil(n - t)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }
}

/// Sharings of the same random values with degree `t` and with degree `2t`.
#[derive(Clone, Debug)]
pub struct Double<F>([Vec<F>; 2]);

impl<F: PrimeField> RingVectors<F> for Double<F> {
    const VECTORS: usize = 2;

    fn vector(&self, which: usize) -> &[F] {
        &self.0[which]
    }
    fn from_vectors(vectors: &mut dyn FnMut(usize) -> Vec<F>) -> Self {
        Double([vectors(0), vectors(1)])
    }
}

/// Products and openings through the king.
pub struct King;

impl King {
    /// Opens values of any degree below `n`: the king combines the shares of all.
    ///
    /// # Errors
    /// If somebody says something else.
    pub async fn open_high<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        shares: Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let len = shares.len();
        if sharing.id() != KING {
            ctx.send(KING, &shares);
            return ctx.recv(KING, len).await;
        }
        let all = sharing.collect(ctx, sharing.roles().computing(), Some(shares), len).await?;
        let values = combine(&sharing.factors().reduce, &all);
        ctx.send_to(sharing.roles().computing(), &values);
        Ok(values)
    }
}

impl Reduction for King {
    type Supply<F: PrimeField> = Pile<F, Double<F>>;

    const OPENING: OpeningName = OpeningName::Star;

    fn degrees(t: usize) -> Vec<usize> {
        vec![t, 2 * t]
    }

    fn reducers(n: usize, _: usize) -> usize {
        n
    }

    /// One round for all batches.
    async fn supply<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        products: &[usize],
    ) -> Result<Vec<Pile<F, Double<F>>>, Abort> {
        let ctx = ctx.scope("double");
        let doubles = doubles(sharing, &ctx, products.iter().sum()).await?;
        let mut start = 0;
        let pile = |(batch, count): (usize, &usize)| {
            if crate::mutants::is("dn07/batches-alike") {
                start = 0;
            }
            let own = doubles.slice(start..start + count);
            start += count;
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
        let Double([mut low, mut high]) = supply.take(ctx, products.len())?;
        if crate::mutants::is("dn07/unmasked") {
            low.fill(F::ZERO);
            high.fill(F::ZERO);
        }
        slices::add_assign(&mut high, &products);
        let mut opened = Self::open_high(sharing, ctx, high).await?;
        slices::sub_assign(&mut opened, &low);
        Ok(opened)
    }
}

/// Double sharings that are random to any `t` parties.
async fn doubles<F: PrimeField>(
    sharing: &Sharing<F>,
    ctx: &Ctx,
    count: usize,
) -> Result<Double<F>, Abort> {
    let (n, t) = (sharing.roles().compute, sharing.t());
    if count == 0 {
        return Ok(Double(Default::default()));
    }
    // 1. Everyone deals random values, with degree t and with degree 2t.
    let rows = if crate::mutants::is("dn07/too-many-rows") { n } else { n - t };
    let len = count.div_ceil(rows);
    let mut values: Vec<F> = slices::random_vec(len, &mut ctx.rng());
    if crate::mutants::is("dn07/zeros-dealt") {
        values.fill(F::ZERO);
    }
    let high_degree = if crate::mutants::is("dn07/high-degree-t") { t } else { 2 * t };
    let degrees = [t, high_degree];
    let own = if !sharing.has_seeds() && crate::mutants::is("dn07/degrees-tied") {
        let mut shares = sharing.split(ctx, &values, t);
        let mut high = shares.clone();
        let top: Vec<F> = slices::random_vec(len, &mut ctx.rng());
        for (party, (high, low)) in sharing.roles().computing().zip(high.iter_mut().zip(&shares)) {
            let power =
                (0..2 * t).fold(F::ONE, |power, _| power * crate::algebra::shamir::point(party));
            *high = slices::add(low, &slices::scale(&top, power));
        }
        shares.iter_mut().zip(high).for_each(|(share, high)| slices::append(share, &high));
        sharing.hand_out(ctx, shares)
    } else {
        sharing.deal_all(ctx, &degrees.map(|degree| (&values[..], degree)))?
    };
    let dealers = sharing.roles().computing();
    let mut low = sharing.dealt(ctx, dealers, own, &degrees, len).await?;
    // 2. The matrix makes n - t of n.
    let high: Vec<Vec<F>> = low.iter_mut().map(|both| both.split_off(len)).collect();
    let double = Double([low, high].map(|dealt| sharing.extract(&dealt, count)));
    match crate::mutants::is("dn07/doubles-repeat") {
        true => Ok(double.gather(&vec![0; count])),
        false => Ok(double),
    }
}
