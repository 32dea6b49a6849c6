//! Random bits and masks, made by the parties among themselves.
//!
//! Random sharings: Damgård and Nielsen, "Scalable and Unconditionally Secure Multiparty
//! Computation", CRYPTO 2007: everyone shares a random value, and a Vandermonde matrix makes
//! `n - t` sharings out of `n` that are random to any `t`. Random bits: Damgård, Fitzi, Kiltz,
//! Nielsen and Toft, TCC 2006: open the square of a random value `r`; `r` over its root is a random
//! sign. For `t = 1` the exclusive or of one bit from each of two parties is cheaper: one of them is
//! honest, and nothing is opened. Masks: the sum of bounded integers of `t + 1` parties.

use mpclab_sim::vocabulary::{Abort, PartyId, Phase};
use mpclab_sim::{Ctx, work};

use super::party::products;
use super::seeds::SEED_BYTES;
use super::{Dealing, Reduction, ShamirParams, Sharing};
use crate::algebra::bits::Bits;
use crate::algebra::{PrimeField, slices};
use crate::engine::Plan;
use crate::engine::cost::{self, Cost, Flow, Prices};
use crate::engine::field::{Needs, Supply, bounded};
use crate::mutants;

/// Random bits and masks of one batch.
pub(super) struct Randoms<F> {
    pub(super) bits: Vec<F>,
    pub(super) masks: Vec<F>,
}

/// Makes the random bits and masks of all batches at once.
pub(super) async fn prepare<F: PrimeField, K: Reduction>(
    sharing: &Sharing<F>,
    offline: &Ctx,
    needs: &[Needs],
) -> Result<Vec<Randoms<F>>, Abort> {
    let count = needs.iter().map(|needs| needs.bits).sum();
    let (bits, masks) = offline
        .try_join(
            random_bits::<F, K>(sharing, offline.scope("bits"), count),
            random_masks(sharing, offline.scope("masks"), needs),
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
    let rows = if mutants::is("dn07/too-many-rows") { n } else { n - t };
    let dealt = count.div_ceil(rows);
    let own = sharing.deal(ctx, &slices::random_vec(dealt, &mut ctx.rng()))?;
    let all = sharing.dealt(ctx, sharing.roles().computing(), own, &[t], dealt).await?;
    // 2. Row j of the matrix: the points' j-th powers.
    Ok(sharing.extract(&all, count))
}

/// Random bits that are made at once. More take more rounds, but what is in flight at one time stays
/// below a gigabyte.
const PIECE: usize = 1 << 20;

/// Whether bits of `t + 1` parties are added up modulo 2. That takes `t` products for each; by roots
/// it is a random value, a product and an opening.
fn adds_up(t: usize) -> bool {
    t == 1
}

async fn random_bits<F: PrimeField, K: Reduction>(
    sharing: &Sharing<F>,
    ctx: Ctx,
    count: usize,
) -> Result<Vec<F>, Abort> {
    if !adds_up(sharing.t) {
        return bits_by_roots::<F, K>(sharing, &ctx, count).await;
    }
    let mut bits = Vec::with_capacity(count);
    for (piece, len) in pieces(count).enumerate() {
        bits.extend(bits_of_two::<F, K>(sharing, &ctx.scope(("piece", piece)), len).await?);
    }
    Ok(bits)
}

/// Bits that are made one piece after the other.
fn pieces(bits: usize) -> impl Iterator<Item = usize> {
    (0..bits.div_ceil(PIECE)).map(move |piece| PIECE.min(bits - piece * PIECE))
}

/// `a + b - 2ab` for a random bit of each of the first two parties.
async fn bits_of_two<F: PrimeField, K: Reduction>(
    sharing: &Sharing<F>,
    ctx: &Ctx,
    count: usize,
) -> Result<Vec<F>, Abort> {
    // 1. Two parties deal bits, and everyone what the products draw on.
    let (deal, products) = (ctx.scope("deal"), [count]);
    let dealers = || PartyId::all(2);
    let own = if dealers().any(|dealer| dealer == sharing.id) {
        let bits = Bits::random(count, &mut deal.rng());
        let values: Vec<F> = bits.to_elements();
        sharing.deal(&deal, &values)?
    } else {
        None
    };
    let degrees = [sharing.t];
    let made = ctx.try_join(
        sharing.dealt(&deal, dealers(), own, &degrees, count),
        K::supply(sharing, ctx, &products),
    );
    let (dealt, mut supplies) = made.await?;
    let (Ok([mut sum, b]), Some(mut supply)) = (<[Vec<F>; 2]>::try_from(dealt), supplies.pop())
    else {
        return Err(Abort::Bug("no two dealers, or no supply".to_owned()));
    };
    if mutants::is("shamir/bits-of-one") {
        return Ok(sum);
    }
    // 2. Their products, and the sum modulo 2.
    let products = slices::mul(&sum, &b);
    let products = K::reduce(sharing, &ctx.scope("product"), &mut supply, products).await?;
    if !supply.is_spent() {
        return Err(Abort::Bug("products leave correlated randomness over".to_owned()));
    }
    slices::add_assign(&mut sum, &b);
    slices::sub_assign(&mut sum, &products);
    slices::sub_assign(&mut sum, &products);
    Ok(sum)
}

/// Random signs as bits.
async fn bits_by_roots<F: PrimeField, K: Reduction>(
    sharing: &Sharing<F>,
    ctx: &Ctx,
    count: usize,
) -> Result<Vec<F>, Abort> {
    let half = F::from_u128(2).inv().ok_or_else(|| Abort::Bug("2 is zero".to_owned()))?;
    let mut bits = Vec::with_capacity(count);
    let mut attempt = 0usize;
    while bits.len() < count {
        let ctx = ctx.scope(("attempt", attempt));
        attempt += 1;
        // 1. Random r; 2. its square; 3. opened.
        let missing = PIECE.min(count - bits.len());
        let (random, products) = (ctx.scope("random"), [missing]);
        let made = ctx.try_join(
            random_elements(sharing, &random, missing),
            K::supply(sharing, &ctx, &products),
        );
        let (r, mut supplies) = made.await?;
        let mut supply = supplies.pop().ok_or_else(|| Abort::Bug("no supply".to_owned()))?;
        let products = slices::mul(&r, &r);
        let squares = K::reduce(sharing, &ctx.scope("square"), &mut supply, products).await?;
        let squares = sharing.open(&ctx.scope("open"), &squares).await?;
        if !supply.is_spent() {
            return Err(Abort::Bug("squares leave correlated randomness over".to_owned()));
        }
        // 4. r / root is 1 or -1; (r / root + 1) / 2 is a bit. A zero is drawn again.
        let roots = slices::inverse_roots(&squares);
        work::did(F::MUL, 2 * r.len());
        for ((r, square), root) in r.iter().zip(&squares).zip(roots) {
            if *square != F::ZERO {
                bits.push((*r * root + F::ONE) * half);
            }
        }
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
        work::did(F::DRAW, widths.len());
        let values: Vec<F> = widths.iter().map(|width| bounded(*width, &mut rng)).collect();
        sharing.deal(&ctx, &values)?
    } else {
        None
    };
    let dealt = sharing.dealt(&ctx, dealers(), own, &[sharing.t], widths.len()).await?;
    let mut sum = vec![F::ZERO; widths.len()];
    let counted = if mutants::is("shamir/masks-of-one") { 1 } else { dealt.len() };
    dealt.iter().take(counted).for_each(|values| slices::add_assign(&mut sum, values));
    Ok(sum)
}

/// What is made before the inputs costs, side by side, unless a random value is zero and is drawn
/// again (once in `p`); `supply` is how many elements all parties send for what so many products
/// draw on. Before that, everyone sends seeds to so many (`reach`) where there are any.
pub fn cost(
    plan: &Plan<ShamirParams>,
    prices: &Prices,
    supply: impl Fn(usize) -> usize,
    reach: usize,
) -> Vec<(Phase, Cost)> {
    let (dealing, element) = (plan.dealing(), plan.params.field.bytes());
    let (Dealing { n, t, .. }, sent) = (dealing, dealing.elements(dealing.t));
    let bits: usize = plan.needs.iter().map(|needs| needs.bits).sum();
    let masks: usize = plan.needs.iter().filter_map(|n| n.masks).map(|(_, count)| count).sum();
    let drawn: usize = plan.needs.iter().map(products).sum();
    let dealt = |elements: usize, dealers: usize| dealing.flow(elements as u64 * element, dealers);
    let piece = |bits: usize| match adds_up(t) {
        true => {
            let (own, drawn) = ((t + 1) * sent * bits, supply(bits));
            let dealers = if drawn > 0 { n } else { t + 1 };
            dealt(own + drawn, dealers).then(prices.products(bits, 1))
        }
        false => dealt(n * sent * bits.div_ceil(n - t) + supply(bits), n)
            .then(prices.products(bits, 1))
            .then(prices.openings(bits)),
    };
    let made = pieces(bits).map(piece).fold(Flow::default(), Flow::then);
    let flows = [dealt(supply(drawn), n), made, dealt((t + 1) * sent * masks, t + 1)];
    let seeds = Cost { bytes: (n * reach * SEED_BYTES) as u64, rounds: 1 };
    let setup = if dealing.compress { seeds } else { Cost::default() };
    vec![(Phase::Setup, setup), (Phase::Offline, cost::beside(n, flows))]
}
