//! Random bits and masks, made by the parties among themselves.
//!
//! Random sharings: Damgård and Nielsen, "Scalable and Unconditionally Secure Multiparty
//! Computation", CRYPTO 2007: everyone shares a random value, and a Vandermonde matrix makes
//! `n - t` sharings out of `n` that are random to any `t`. Random bits: Damgård, Fitzi, Kiltz,
//! Nielsen and Toft, TCC 2006: open the square of a random value `r`; `r` over its root is a random
//! sign. Masks: the sum of bounded integers of `t + 1` parties.

use std::future::Future;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::Sharing;
use crate::algebra::{PrimeField, Ring, slices};
use crate::engine::cost::{Flow, Prices, Step};
use crate::engine::field::{FieldSharing, Needs, Stock, bounded};

/// A party over Shamir's sharing, as far as random values need it.
pub(crate) trait Polynomials:
    FieldSharing<Shares = Vec<<Self as FieldSharing>::Field>>
{
    /// Its place.
    fn sharing(&self) -> &Sharing<Self::Field>;

    /// What so many products draw on.
    fn supply(
        &self,
        ctx: &Ctx,
        products: usize,
    ) -> impl Future<Output = Result<Self::Supply, Abort>> + Send;
}

/// Random bits and masks of one batch.
pub(crate) struct Randoms<F> {
    pub(crate) bits: Vec<F>,
    pub(crate) masks: Vec<F>,
}

/// Makes the random bits and masks of all batches at once.
pub(crate) async fn prepare<S: Polynomials>(
    party: &S,
    offline: &Ctx,
    needs: &[Needs],
) -> Result<Vec<Randoms<S::Field>>, Abort> {
    let count = needs.iter().map(|needs| needs.bits).sum();
    let (bits, masks) = offline
        .try_join(
            random_bits(party, offline.scope("bits"), count),
            random_masks(party.sharing(), offline.scope("masks"), needs),
        )
        .await?;
    let (mut bits, mut masks) = (bits.into_iter(), masks.into_iter());
    let of_batch = |needs: &Needs| Randoms {
        bits: bits.by_ref().take(needs.bits).collect(),
        masks: masks.by_ref().take(needs.masks.map_or(0, |(_, count)| count)).collect(),
    };
    Ok(needs.iter().map(of_batch).collect())
}

/// Sharings of random values, `n - t` for each that a party deals.
async fn random_elements<F: PrimeField>(
    sharing: &Sharing<F>,
    ctx: &Ctx,
    count: usize,
) -> Result<Vec<F>, Abort> {
    let (n, t) = (sharing.roles().compute, sharing.t);
    // 1. Everyone deals random values.
    let dealt = count.div_ceil(n - t);
    let own = sharing.deal(ctx, &slices::random_vec(dealt, &mut ctx.rng()));
    let all = sharing.collect(ctx, sharing.roles().computing(), own, dealt).await?;
    // 2. Row j of the matrix: the points' j-th powers.
    Ok(sharing.extract(ctx, &all, count))
}

async fn random_bits<S: Polynomials>(
    party: &S,
    ctx: Ctx,
    count: usize,
) -> Result<Vec<S::Field>, Abort> {
    let half = S::Field::from_u128(2).inv().ok_or_else(|| Abort::Bug("2 is zero".to_owned()))?;
    let mut bits = Vec::with_capacity(count);
    let mut attempt = 0usize;
    while bits.len() < count {
        let ctx = ctx.scope(("attempt", attempt));
        attempt += 1;
        // 1. Random r; 2. its square; 3. opened.
        let missing = count - bits.len();
        let (r, supply) = ctx
            .try_join(
                random_elements(party.sharing(), &ctx.scope("random"), missing),
                party.supply(&ctx, missing),
            )
            .await?;
        let mut stock = Stock::of_products(attempt, supply);
        let squares = party.mul(&ctx.scope("square"), &mut stock, &r, &r).await?;
        let squares = party.open(&ctx.scope("open"), &squares).await?;
        // 4. r / root is 1 or -1; (r / root + 1) / 2 is a bit. A zero is drawn again.
        let one = party.constant(vec![S::Field::ONE])?[0];
        for (r, square) in r.iter().zip(&squares) {
            if *square != S::Field::ZERO {
                bits.push((*r * square.inverse_root() + one) * half);
            }
        }
        // A power of this size takes at most two products per bit of the prime.
        ctx.charge(S::Field::MUL, squares.len() as u64 * 2 * u64::from(S::Field::BITS));
    }
    Ok(bits)
}

/// Masks of the widths that the batches ask for: sums of bounded integers of `t + 1` parties.
async fn random_masks<F: PrimeField>(
    sharing: &Sharing<F>,
    ctx: Ctx,
    needs: &[Needs],
) -> Result<Vec<F>, Abort> {
    let widths: Vec<u32> = needs
        .iter()
        .filter_map(|needs| needs.masks)
        .flat_map(|(width, count)| std::iter::repeat_n(width, count))
        .collect();
    if widths.is_empty() {
        return Ok(Vec::new());
    }
    let dealers = || PartyId::all(sharing.t + 1);
    let own = if dealers().any(|dealer| dealer == sharing.id) {
        let mut rng = ctx.rng();
        let values: Vec<F> = widths.iter().map(|width| bounded(*width, &mut rng)).collect();
        sharing.deal(&ctx, &values)
    } else {
        None
    };
    let dealt = sharing.collect(&ctx, dealers(), own, widths.len()).await?;
    let mut sum = vec![F::ZERO; widths.len()];
    dealt.iter().for_each(|values| slices::add_assign(&mut sum, values));
    Ok(sum)
}

/// Operations of [`prepare`], side by side, unless a random value is zero and is drawn again (once
/// in `p`); `supply` is what all parties send for so many products to draw on, bytes.
pub(crate) fn flows(
    needs: &[Needs],
    (n, t): (usize, usize),
    element: u64,
    prices: &Prices,
    supply: impl Fn(usize) -> u64,
) -> [Flow; 2] {
    let bits: usize = needs.iter().map(|needs| needs.bits).sum();
    let masks: u64 = needs.iter().filter_map(|n| n.masks).map(|(_, count)| count as u64).sum();
    let others = n as u64 - 1;
    let dealt = n as u64 * others * element * bits.div_ceil(n - t) as u64;
    let random = Flow::new(dealt + supply(bits), Step::First(n), 1);
    let summed = (t as u64 + 1) * others * element * masks;
    [
        match bits {
            0 => Flow::default(),
            _ => random.then(prices.products(bits, 1)).then(prices.openings(bits)),
        },
        Flow::new(summed, Step::First(t + 1), u64::from(masks > 0)),
    ]
}
