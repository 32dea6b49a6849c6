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

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use super::{FieldSharing, Needs, Stock};
use crate::algebra::{PrimeField, Ring, slices};
use crate::engine::Cut;
use crate::engine::cost::{Flow, Step};
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

/// Payload over all parties of single operations, bytes, and their messages: one step each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prices {
    pub(crate) open_bytes: u64,
    pub(crate) open: Step,
    pub(crate) mul_bytes: u64,
    pub(crate) mul: Step,
}

impl Prices {
    /// So many openings at once.
    pub(crate) fn openings(&self, count: usize) -> Flow {
        Flow::new(self.open_bytes * count as u64, self.open, 1)
    }

    /// So many products, spread over layers.
    pub(crate) fn products(&self, count: usize, layers: u64) -> Flow {
        Flow::new(self.mul_bytes * count as u64, self.mul, layers)
    }
}

/// `a < 0`: protocol `LTZ`, the sign is what is left when `k - 1` bits are cut off.
pub(crate) async fn is_negative<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S::Field>,
    a: &[S::Field],
    k: u32,
) -> Result<Vec<S::Field>, Abort> {
    let cut = Cut { bits: k, shift: k - 1, rounding: Rounding::Floor };
    Ok(slices::neg(&truncate(sharing, ctx, stock, a, cut).await?))
}

/// `a / 2^m`: protocol `Trunc`, or `TruncPr` where either rounding will do.
pub(crate) async fn truncate<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S::Field>,
    a: &[S::Field],
    cut: Cut,
) -> Result<Vec<S::Field>, Abort> {
    let Cut { bits: k, shift: m, rounding } = cut;
    if m == 0 {
        return Ok(a.to_vec()); // a range of -1 and 0 has a sign bit alone
    }
    let low = match rounding {
        Rounding::Floor => modulo(sharing, ctx, stock, a, k, m).await?,
        Rounding::Either => {
            let (opened, bits) = open_masked(sharing, ctx, stock, a, k, m).await?;
            let masks = compose(&bits, m);
            slices::sub(&sharing.constant(low_bits(&opened, m)), &masks)
        }
    };
    let two_to_m = S::Field::from_u128(1 << m);
    let inverse = two_to_m.inv().ok_or_else(|| Abort::Bug("2^m is zero".to_owned()))?;
    ctx.charge(S::Field::MUL, a.len() as u64);
    Ok(slices::scale(&slices::sub(a, &low), inverse))
}

/// `a mod 2^m`: protocol `Mod2m`, for `m < k`.
async fn modulo<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S::Field>,
    a: &[S::Field],
    k: u32,
    m: u32,
) -> Result<Vec<S::Field>, Abort> {
    // 1, 2. Open 2^(k-1) + a + 2^m r'' + r', where the bits of r' are shared.
    let (opened, bits) = open_masked(sharing, ctx, stock, a, k, m).await?;
    let low = low_bits(&opened, m);
    // 3. u = (c' < r'): the carry of r' + (2^m - 1 - c').
    let borrow = carry(sharing, ctx, stock, &low, &bits, m).await?;
    // 4. a mod 2^m = c' - r' + 2^m u.
    let mut result = slices::sub(&sharing.constant(low), &compose(&bits, m));
    slices::add_assign(&mut result, &slices::scale(&borrow, S::Field::from_u128(1 << m)));
    Ok(result)
}

/// `a = 0`: protocol `EQZ`.
pub(crate) async fn is_zero<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S::Field>,
    a: &[S::Field],
    k: u32,
) -> Result<Vec<S::Field>, Abort> {
    // 1. Open 2^k + a + 2^k r'' + r'; a is zero iff the low bits are those of r'.
    let (opened, bits) = open_masked(sharing, ctx, stock, a, k, k).await?;
    // 2. Whether bit i of c and of r' agree: r_i where c_i = 1, else 1 - r_i.
    let c_bits = public_bits(&low_bits(&opened, k), k);
    let ones = sharing.constant(vec![S::Field::ONE; bits.len()]);
    let agree = (0..bits.len()).map(|i| match c_bits[i] {
        true => bits[i],
        false => ones[i] - bits[i],
    });
    // 3. The product of all of them, as a tree.
    let mut level: Vec<S::Field> = agree.collect();
    let mut width = k as usize;
    while width > 1 {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for value in level.chunks_exact(width) {
            left.extend(value.chunks_exact(2).map(|pair| pair[0]));
            right.extend(value.chunks_exact(2).map(|pair| pair[1]));
        }
        let products = sharing.mul(ctx, stock, &left, &right).await?;
        let pairs = width / 2;
        let mut next = Vec::with_capacity(level.len().div_ceil(2));
        for (value, products) in level.chunks_exact(width).zip(products.chunks_exact(pairs)) {
            next.extend_from_slice(products);
            next.extend_from_slice(&value[2 * pairs..]);
        }
        level = next;
        width = width.div_ceil(2);
    }
    Ok(level)
}

/// Opens each value under a mask; also returns the shares of the mask's low `m` bits.
async fn open_masked<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S::Field>,
    a: &[S::Field],
    k: u32,
    m: u32,
) -> Result<(Vec<S::Field>, Vec<S::Field>), Abort> {
    let bits = stock.take_bits(a.len() * m as usize)?;
    let high = stock.take_masks(a.len())?;
    // A multiple of 2^m that makes the value positive: 2^(k-1), or 2^k where m = k.
    let offset = S::Field::from_u128(1 << (k - 1).max(m));
    let mut masked = slices::add(a, &sharing.constant(vec![offset; a.len()]));
    slices::add_assign(&mut masked, &slices::scale(&high, S::Field::from_u128(1 << m)));
    slices::add_assign(&mut masked, &compose(&bits, m));
    ctx.charge(S::Field::ADD, (a.len() * (m as usize + 3)) as u64);
    ctx.charge(S::Field::MUL, (a.len() * (m as usize + 1)) as u64);
    Ok((sharing.open(ctx, &masked).await?, bits))
}

/// `r' > c'` for public `c'` and shared bits of `r'`: the carry out of `r' + (2^m - 1 - c')`, as a
/// tree of generate and propagate pairs.
async fn carry<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S::Field>,
    c: &[S::Field],
    r_bits: &[S::Field],
    m: u32,
) -> Result<Vec<S::Field>, Abort> {
    let count = c.len();
    let mut width = m as usize;
    let c_bits = public_bits(c, m);
    // b_i = 1 - c_i is public: g_i = b_i r_i, p_i = b_i + r_i - 2 b_i r_i.
    let ones = sharing.constant(vec![S::Field::ONE; r_bits.len()]);
    let (mut g, mut p) = (Vec::with_capacity(r_bits.len()), Vec::with_capacity(r_bits.len()));
    for ((bit, r), one) in c_bits.iter().zip(r_bits).zip(&ones) {
        g.push(if *bit { S::Field::ZERO } else { *r });
        p.push(if *bit { *r } else { *one - *r });
    }
    while width > 1 {
        let pairs = width / 2;
        // (g, p) of a pair: g_high + p_high g_low, p_high p_low; the lowest needs no p.
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for value in 0..count {
            let at = value * width;
            for pair in 0..pairs {
                left.push(p[at + 2 * pair + 1]);
                right.push(g[at + 2 * pair]);
                if pair > 0 {
                    left.push(p[at + 2 * pair + 1]);
                    right.push(p[at + 2 * pair]);
                }
            }
        }
        let products = sharing.mul(ctx, stock, &left, &right).await?;
        let mut products = products.into_iter();
        let mut next = || products.next().unwrap_or(S::Field::ZERO);
        let (mut next_g, mut next_p) = (Vec::new(), Vec::new());
        for value in 0..count {
            let at = value * width;
            for pair in 0..pairs {
                next_g.push(g[at + 2 * pair + 1] + next());
                next_p.push(if pair > 0 { next() } else { S::Field::ZERO });
            }
            if width % 2 == 1 {
                next_g.push(g[at + width - 1]);
                next_p.push(p[at + width - 1]);
            }
        }
        (g, p) = (next_g, next_p);
        width = width.div_ceil(2);
    }
    Ok(g)
}

/// `sum 2^i bits[i]` of each run of `m` bits.
fn compose<F: PrimeField>(bits: &[F], m: u32) -> Vec<F> {
    let powers: Vec<F> = (0..m).map(|i| F::from_u128(1 << i)).collect();
    bits.chunks_exact(m.max(1) as usize).map(|bits| slices::dot(bits, &powers)).collect()
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
