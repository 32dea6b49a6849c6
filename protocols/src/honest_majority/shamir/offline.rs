//! Random bits and masks, made by the parties among themselves.
//!
//! Random sharings: Damgård and Nielsen, "Scalable and Unconditionally Secure Multiparty
//! Computation", CRYPTO 2007: everyone shares a random value, and a Vandermonde matrix makes
//! `n - t` sharings out of `n` that are random to any `t`. Random bits: Damgård, Fitzi, Kiltz,
//! Nielsen and Toft, TCC 2006: open the square of a random value `r`; `r` over its root is a random
//! sign. Masks: the sum of bounded integers of `t + 1` parties.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::party::{Party, combine};
use crate::algebra::{PrimeField, shamir, slices};
use crate::engine::cost::Cost;
use crate::engine::field::compare::Prices;
use crate::engine::field::{FieldSharing, Needs, Stock, bounded};

/// Makes the stocks of all batches at once.
pub(super) async fn prepare<F: PrimeField>(
    party: &Party<F>,
    offline: &Ctx,
    needs: &[Needs],
) -> Result<Vec<Stock<Party<F>>>, Abort> {
    let count = needs.iter().map(|needs| needs.bits).sum();
    let (bits, masks) = offline
        .try_join(
            random_bits(party, offline.scope("bits"), count),
            random_masks(party, offline.scope("masks"), needs),
        )
        .await?;
    let (mut bits, mut masks) = (bits.into_iter(), masks.into_iter());
    let stock = |(batch, needs): (usize, &Needs)| {
        let own_bits = bits.by_ref().take(needs.bits).collect();
        let own_masks = masks.by_ref().take(needs.masks.map_or(0, |(_, count)| count)).collect();
        Stock::new(batch, Vec::new(), own_bits, own_masks)
    };
    Ok(needs.iter().enumerate().map(stock).collect())
}

/// Sharings of random values, `n - t` for each that a party deals.
async fn random_elements<F: PrimeField>(
    party: &Party<F>,
    ctx: &Ctx,
    count: usize,
) -> Result<Vec<F>, Abort> {
    let (n, t) = (party.roles().compute, party.t);
    // 1. Everyone deals random values.
    let dealt = count.div_ceil(n - t);
    let own = party.deal(ctx, &slices::random_vec(dealt, &mut ctx.rng()));
    let all = party.collect(ctx, party.roles().computing(), own, dealt).await?;
    // 2. Row j of the matrix: the points' j-th powers.
    let points: Vec<F> = party.roles().computing().map(shamir::point).collect();
    let mut row = vec![F::ONE; n];
    let mut elements = Vec::with_capacity(dealt * (n - t));
    for _ in 0..n - t {
        elements.extend(combine(&row, &all));
        slices::mul_assign(&mut row, &points);
    }
    ctx.charge(F::MUL, (dealt * n * (n - t)) as u64);
    elements.truncate(count);
    Ok(elements)
}

async fn random_bits<F: PrimeField>(
    party: &Party<F>,
    ctx: Ctx,
    count: usize,
) -> Result<Vec<F>, Abort> {
    let half = F::from_u128(2).inv().ok_or_else(|| Abort::Bug("2 is zero".to_owned()))?;
    let mut bits = Vec::with_capacity(count);
    let mut attempt = 0usize;
    while bits.len() < count {
        let ctx = ctx.scope(("attempt", attempt));
        attempt += 1;
        // 1. Random r; 2. its square; 3. opened.
        let r = random_elements(party, &ctx.scope("random"), count - bits.len()).await?;
        // Its products need none.
        let mut none = Stock::new(0, Vec::new(), Vec::new(), Vec::new());
        let squares = party.mul(&ctx.scope("square"), &mut none, &r, &r).await?;
        let squares = party.open(&ctx.scope("open"), &squares).await?;
        // 4. r / root is 1 or -1; (r / root + 1) / 2 is a bit. A zero is drawn again.
        let one = party.constant(vec![F::ONE])?[0];
        let roots = slices::inverse_roots(&squares);
        for ((r, square), root) in r.iter().zip(&squares).zip(roots) {
            if *square != F::ZERO {
                bits.push((*r * root + one) * half);
            }
        }
        // A power of this size takes at most two products per bit of the prime.
        ctx.charge(F::MUL, squares.len() as u64 * 2 * u64::from(F::BITS));
    }
    Ok(bits)
}

/// Masks of the widths that the batches ask for: sums of bounded integers of `t + 1` parties.
async fn random_masks<F: PrimeField>(
    party: &Party<F>,
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
    let dealers = || PartyId::all(party.t + 1);
    let own = if dealers().any(|dealer| dealer == party.id) {
        let mut rng = ctx.rng();
        let values: Vec<F> = widths.iter().map(|width| bounded(*width, &mut rng)).collect();
        party.deal(&ctx, &values)
    } else {
        None
    };
    let dealt = party.collect(&ctx, dealers(), own, widths.len()).await?;
    let mut sum = vec![F::ZERO; widths.len()];
    dealt.iter().for_each(|values| slices::add_assign(&mut sum, values));
    Ok(sum)
}

/// What [`prepare`] costs, unless a random value is zero and is drawn again (once in `p`).
pub(super) fn cost(needs: &[Needs], n: u64, t: u64, element: u64, prices: &Prices) -> Cost {
    let bits: u64 = needs.iter().map(|needs| needs.bits as u64).sum();
    let masks: u64 = needs.iter().filter_map(|n| n.masks).map(|(_, count)| count as u64).sum();
    let random_bytes = n * (n - 1) * element * bits.div_ceil(n - t);
    let mask_bytes = (t + 1) * (n - 1) * element * masks;
    Cost {
        bytes: random_bytes + (prices.mul_bytes + prices.open_bytes) * bits + mask_bytes,
        rounds: if bits > 0 { 3 } else { u64::from(masks > 0) },
    }
}
