//! Comparison and truncation of integers shared in a prime field.
//!
//! Catrina and de Hoogh, "Improved Primitives for Secure Multiparty Integer Computation", SCN
//! 2010: `Mod2m` (protocol 3.2) behind a statistical mask, with `BitLT` as the carry of an addition
//! in a logarithmic number of rounds, and `EQZ` (section 4); Catrina and Saxena, "Secure
//! Computation with Fixed-Point Numbers", FC 2010: `TruncPr`. The mask hides a value of `k` bits up
//! to a statistical distance of 2^-sigma; results are exact, but for `TruncPr`, which rounds up
//! with a probability equal to the fraction that it cuts off.
//!
//! Values lie in `-2^(k-1)..2^(k-1)`. Bits of several values are laid out value by value.

use std::iter::repeat_n;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Op};

use super::{FieldSharing, Needs, Stock};
use crate::algebra::{PrimeField, Ring};
use crate::engine::cost::{Flow, Prices};
use crate::engine::{Cut, RingVectors, Shares};
use crate::program::Rounding;

/// What [`modulo`] of `count` values draws.
pub(crate) fn needs_modulo(count: usize, k: u32, m: u32, sigma: u32) -> Needs {
    if m == 0 {
        return Needs::default();
    }
    Needs { products: count * carry_products(m), ..masked(count, k, m, sigma) }
}

/// What [`is_zero`] of `count` values draws.
pub(crate) fn needs_is_zero(count: usize, k: u32, sigma: u32) -> Needs {
    Needs { products: count * (k as usize - 1), ..masked(count, k, k, sigma) }
}

/// What [`truncate`] of `count` values draws.
pub(crate) fn needs_truncate(count: usize, k: u32, m: u32, how: Rounding, sigma: u32) -> Needs {
    match how {
        Rounding::Floor => needs_modulo(count, k, m, sigma),
        Rounding::Either => masked(count, k, m, sigma),
    }
}

/// `m` bits and a mask of `k - m + sigma` bits above them, for each of `count` values.
fn masked(count: usize, k: u32, m: u32, sigma: u32) -> Needs {
    let masks = Some((k - m + sigma, count));
    Needs { bits: count * m as usize, masks, ..Needs::default() }
}

/// Products of one [`carry`] over `m` bits.
pub(crate) fn carry_products(m: u32) -> usize {
    let (mut products, mut width) = (0, m as usize);
    while width > 1 {
        products += 2 * (width / 2) - 1;
        width = width.div_ceil(2);
    }
    products
}

/// Layers of a binary tree over `width` leaves.
pub(crate) fn tree_rounds(width: u32) -> u64 {
    u64::from(width.max(1).next_power_of_two().ilog2())
}

/// Cost of [`modulo`], from those of an opening and of products.
pub(crate) fn cost_modulo(count: usize, m: u32, prices: &Prices) -> Flow {
    if m == 0 {
        return Flow::default();
    }
    prices.openings(count).then(prices.products(count * carry_products(m), tree_rounds(m)))
}

/// Cost of [`is_zero`].
pub(crate) fn cost_is_zero(count: usize, k: u32, prices: &Prices) -> Flow {
    prices.openings(count).then(prices.products(count * (k as usize - 1), tree_rounds(k)))
}

/// Cost of [`truncate`].
pub(crate) fn cost_truncate(count: usize, cut: Cut, prices: &Prices) -> Flow {
    match cut.rounding {
        Rounding::Floor => cost_modulo(count, cut.shift, prices),
        Rounding::Either => prices.openings(count),
    }
}

/// `a < 0`: protocol `LTZ`, the sign is what is left when `k - 1` bits are cut off.
pub(crate) async fn is_negative<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    a: &S::Shares,
    k: u32,
) -> Result<S::Shares, Abort> {
    let cut = Cut { bits: k, shift: k - 1, rounding: Rounding::Floor };
    Ok(truncate(sharing, ctx, stock, a, cut).await?.negate())
}

/// `a / 2^m`: protocol `Trunc`, or `TruncPr` where either rounding will do.
pub(crate) async fn truncate<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    a: &S::Shares,
    cut: Cut,
) -> Result<S::Shares, Abort> {
    let Cut { bits: k, shift: m, rounding } = cut;
    if m == 0 {
        return Ok(a.clone()); // a range of -1 and 0 has a sign bit alone
    }
    let low = match rounding {
        Rounding::Floor => modulo(sharing, ctx, stock, a, k, m).await?,
        Rounding::Either => {
            let (opened, bits) = open_masked(sharing, ctx, stock, a, k, m).await?;
            let masks = bits.compose(m);
            sharing.constant(low_bits(&opened, m))?.sub(&masks)
        }
    };
    let two_to_m = S::Field::from_u128(1 << m);
    let inverse = two_to_m.inv().ok_or_else(|| Abort::Bug("2^m is zero".to_owned()))?;
    charge::<S>(ctx, S::Field::MUL, a.len());
    Ok(a.sub(&low).scale(inverse))
}

/// `a mod 2^m`: protocol `Mod2m`, for `m < k`.
async fn modulo<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    a: &S::Shares,
    k: u32,
    m: u32,
) -> Result<S::Shares, Abort> {
    // 1, 2. Open 2^(k-1) + a + 2^m r'' + r', where the bits of r' are shared.
    let (opened, bits) = open_masked(sharing, ctx, stock, a, k, m).await?;
    let low = low_bits(&opened, m);
    let composed = bits.compose(m);
    // 3. u = (c' < r'): the carry of r' + (2^m - 1 - c').
    let borrow = carry(sharing, ctx, stock, &low, bits, m).await?;
    // 4. a mod 2^m = c' - r' + 2^m u.
    let difference = sharing.constant(low)?.sub(&composed);
    Ok(difference.add(&borrow.scale(S::Field::from_u128(1 << m))))
}

/// `a = 0`: protocol `EQZ`.
pub(crate) async fn is_zero<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    a: &S::Shares,
    k: u32,
) -> Result<S::Shares, Abort> {
    // 1. Open 2^k + a + 2^k r'' + r'; a is zero iff the low bits are those of r'.
    let (opened, bits) = open_masked(sharing, ctx, stock, a, k, k).await?;
    // 2. Whether bit i of c and of r' agree: r_i where c_i = 1, else 1 - r_i.
    let c_bits = public_bits(&low_bits(&opened, k), k);
    let differ: Vec<bool> = c_bits.iter().map(|bit| !bit).collect();
    // 3. The product of all of them, as a tree.
    let mut level = flip(sharing, &bits, &differ)?;
    let mut width = k as usize;
    while width > 1 {
        let side = |side: usize| {
            level.map(|level| {
                let values = level.chunks_exact(width);
                values.flat_map(|value| value.chunks_exact(2).map(|pair| pair[side])).collect()
            })
        };
        let products = sharing.mul(ctx, stock, &side(0), &side(1)).await?;
        let pairs = width / 2;
        level = level.zip(&products, |level, products| {
            let mut next = Vec::with_capacity(level.len().div_ceil(2));
            for (value, products) in level.chunks_exact(width).zip(products.chunks_exact(pairs)) {
                next.extend_from_slice(products);
                next.extend_from_slice(&value[2 * pairs..]);
            }
            next
        });
        width = width.div_ceil(2);
    }
    Ok(level)
}

/// Opens each value under a mask; also returns the shares of the mask's low `m` bits.
async fn open_masked<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    a: &S::Shares,
    k: u32,
    m: u32,
) -> Result<(Vec<S::Field>, S::Shares), Abort> {
    let bits = stock.take_bits(ctx, a.len() * m as usize)?;
    let high = stock.take_masks(ctx, a.len())?;
    // A multiple of 2^m that makes the value positive: 2^(k-1), or 2^k where m = k.
    let offset = S::Field::from_u128(1 << (k - 1).max(m));
    let masked = a
        .add(&sharing.constant(vec![offset; a.len()])?)
        .add(&high.scale(S::Field::from_u128(1 << m)))
        .add(&bits.compose(m));
    charge::<S>(ctx, S::Field::ADD, a.len() * (m as usize + 3));
    charge::<S>(ctx, S::Field::MUL, a.len() * (m as usize + 1));
    Ok((sharing.open(ctx, &masked).await?, bits))
}

/// `r' > c'` for public `c'` and shared bits of `r'`: the carry out of `r' + (2^m - 1 - c')`, as a
/// tree of generate and propagate pairs.
async fn carry<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    c: &[S::Field],
    r_bits: S::Shares,
    m: u32,
) -> Result<S::Shares, Abort> {
    let mut width = m as usize;
    let c_bits = public_bits(c, m);
    // b_i = 1 - c_i is public: g_i = b_i r_i, p_i = b_i + r_i - 2 b_i r_i.
    let generates = |(r, bit): (&S::Field, &bool)| if *bit { S::Field::ZERO } else { *r };
    let mut g = r_bits.map(|bits| bits.iter().zip(&c_bits).map(generates).collect());
    let flipped: Vec<bool> = c_bits.iter().map(|bit| !bit).collect();
    let mut p = flip(sharing, &r_bits, &flipped)?;
    drop((r_bits, c_bits, flipped));
    while width > 1 {
        // (g, p) of a pair: g_high + p_high g_low, p_high p_low; the lowest needs no p.
        let left = p.map(|p| left_factors(p, width));
        let right = p.zip(&g, |p, g| right_factors(p, g, width));
        let products = sharing.mul(ctx, stock, &left, &right).await?;
        g = g.zip(&products, |g, products| next_generates(g, products, width));
        p = p.zip(&products, |p, products| next_propagates(p, products, width));
        width = width.div_ceil(2);
    }
    Ok(g)
}

/// `p_high` of each pair, once for its `g` and, but for the lowest pair, once for its `p`.
fn left_factors<F: PrimeField>(p: &[F], width: usize) -> Vec<F> {
    let mut factors = Vec::with_capacity(p.len());
    for p in p.chunks_exact(width) {
        for pair in 0..width / 2 {
            factors.extend(repeat_n(p[2 * pair + 1], 1 + usize::from(pair > 0)));
        }
    }
    factors
}

/// What [`left_factors`] are multiplied with: `g_low`, and `p_low`.
fn right_factors<F: PrimeField>(p: &[F], g: &[F], width: usize) -> Vec<F> {
    let mut factors = Vec::with_capacity(p.len());
    for (p, g) in p.chunks_exact(width).zip(g.chunks_exact(width)) {
        for pair in 0..width / 2 {
            factors.push(g[2 * pair]);
            factors.extend((pair > 0).then_some(p[2 * pair]));
        }
    }
    factors
}

/// `g_high + p_high g_low` of each pair; what has no partner stays.
fn next_generates<F: PrimeField>(g: &[F], products: &[F], width: usize) -> Vec<F> {
    let pairs = width / 2;
    let mut next = Vec::with_capacity(g.len().div_ceil(2));
    for (g, products) in g.chunks_exact(width).zip(products.chunks_exact(2 * pairs - 1)) {
        let of = |pair: usize| g[2 * pair + 1] + products[(2 * pair).saturating_sub(1)];
        next.extend((0..pairs).map(of));
        next.extend_from_slice(&g[2 * pairs..]);
    }
    next
}

/// `p_high p_low` of each pair but the lowest; what has no partner stays.
fn next_propagates<F: PrimeField>(p: &[F], products: &[F], width: usize) -> Vec<F> {
    let pairs = width / 2;
    let mut next = Vec::with_capacity(p.len().div_ceil(2));
    for (p, products) in p.chunks_exact(width).zip(products.chunks_exact(2 * pairs - 1)) {
        next.extend((0..pairs).map(|pair| if pair > 0 { products[2 * pair] } else { F::ZERO }));
        next.extend_from_slice(&p[2 * pairs..]);
    }
    next
}

/// Shared bits, negated where it is said.
fn flip<S: FieldSharing>(
    sharing: &S,
    bits: &S::Shares,
    negated: &[bool],
) -> Result<S::Shares, Abort> {
    let ones = negated.iter().map(|negated| S::Field::from_u128(u128::from(*negated)));
    let sign = |(bit, negated): (&S::Field, &bool)| if *negated { -*bit } else { *bit };
    let signed = bits.map(|bits| bits.iter().zip(negated).map(sign).collect());
    Ok(sharing.constant(ones.collect())?.add(&signed))
}

/// Charges local ring operations on so many shares.
fn charge<S: FieldSharing>(ctx: &Ctx, op: Op, count: usize) {
    ctx.charge(op, S::Shares::PARTS * count as u64);
}

/// The low `m` bits of public values.
fn low_bits<F: PrimeField>(values: &[F], m: u32) -> Vec<F> {
    let mask = (1u128 << m) - 1;
    values.iter().map(|value| F::from_u128(value.to_u128() & mask)).collect()
}

/// Bits of public values below `2^m`, lowest first, value by value.
fn public_bits<F: PrimeField>(values: &[F], m: u32) -> Vec<bool> {
    values.iter().flat_map(|value| (0..m).map(|i| (value.to_u128() >> i) & 1 == 1)).collect()
}
