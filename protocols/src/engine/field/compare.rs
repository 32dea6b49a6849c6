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
use mpclab_sim::work;

use super::walk::{by_wire, walk};
use super::{FieldSharing, Needs, Stock};
use crate::algebra::bits::BIT;
use crate::algebra::{PrimeField, Ring};
use crate::engine::cost::{Flow, Prices};
use crate::engine::gadgets::Gadget;
use crate::engine::{Cut, RingVectors, Shares};
use crate::mutants;
use crate::oracle::{MASKED, MaskedOpening};
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
    let masks = Some((k - m + mutants::sigma(sigma), count));
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
    let agree = by_wire::<S>(&flip(sharing, &bits, &differ)?, k as usize);
    drop((bits, differ));
    walk(sharing, ctx, stock, &Gadget::All { bits: k }.circuit()?, agree).await
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
    let bits = drawn(bits, m, "masks/bits-zero", "masks/bits-repeat");
    let bits = stuck(bits, m as usize);
    let high = stock.take_masks(ctx, a.len())?;
    let high = drawn(high, 1, "masks/removed", "masks/repeat");
    let even = mutants::is("masks/high-even");
    let high = if even { high.scale(S::Field::from_u128(2)) } else { high };
    let tied = mutants::is("masks/high-is-low");
    let high = match tied {
        true => high.scale(S::Field::from_u128(1 << m)).add(&bits.compose(m)),
        false => high,
    };
    // A multiple of 2^m that makes the value positive: 2^(k-1), or 2^k where m = k.
    let offset = S::Field::from_u128(1 << (k - 1).max(m));
    let masked = a
        .add(&sharing.constant(vec![offset; a.len()])?)
        .add(&high.scale(S::Field::from_u128(1 << m)))
        .add(&bits.compose(m));
    let opened = sharing.open(ctx, &masked).await?;
    ctx.tap(MASKED, || MaskedOpening {
        bits: k,
        opened: opened.iter().map(|value| value.to_u128()).collect(),
    });
    Ok((opened, bits))
}

/// Bits of masks, so many of one mask side by side. Two mutants have zeros where nothing changes.
fn stuck<R: Ring, V: RingVectors<R>>(bits: V, of_mask: usize) -> V {
    let lowest = mutants::is("masks/lowest-bit-zero");
    let first = mutants::is("masks/first-clear");
    if !lowest && !first {
        return bits;
    }
    let is_zero = |at: usize| (lowest && at.is_multiple_of(of_mask)) || (first && at < of_mask);
    bits.map(&|bits| {
        let bit = |(at, bit): (usize, &R)| if is_zero(at) { R::ZERO } else { *bit };
        bits.iter().enumerate().map(bit).collect()
    })
}

/// Parts of masks, so many of one mask side by side. Two mutants hide nothing, and all values alike.
fn drawn<R: Ring, V: Shares<R>>(parts: V, of_mask: u32, zero: &str, repeat: &str) -> V {
    if mutants::is(zero) {
        return parts.sub(&parts);
    }
    if mutants::is(repeat) {
        let first: Vec<u32> = (0..parts.len() as u32).map(|at| at % of_mask).collect();
        return parts.gather(&first);
    }
    parts
}

/// `r' > c'` for public `c'` and shared bits of `r'`: the carry out of `r' + (2^m - 1 - c')`.
async fn carry<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    c: &[S::Field],
    r_bits: S::Shares,
    m: u32,
) -> Result<S::Shares, Abort> {
    let c_bits = public_bits(c, m);
    // b_i = 1 - c_i is public: g_i = b_i r_i, p_i = b_i + r_i - 2 b_i r_i.
    let generates = |(r, bit): (&S::Field, &bool)| if *bit { S::Field::ZERO } else { *r };
    let g = r_bits.map(&|bits| {
        work::did(S::Field::PLACE, bits.len());
        bits.iter().zip(&c_bits).map(generates).collect()
    });
    let flipped: Vec<bool> = c_bits.iter().map(|bit| !bit).collect();
    let p = flip(sharing, &r_bits, &flipped)?;
    drop((r_bits, c_bits, flipped));
    let mut wires = by_wire::<S>(&g, m as usize);
    drop(g);
    wires.extend(by_wire::<S>(&p, m as usize));
    drop(p);
    walk(sharing, ctx, stock, &Gadget::Carry { bits: m }.circuit()?, wires).await
}

/// Shared bits, negated where it is said.
fn flip<S: FieldSharing>(
    sharing: &S,
    bits: &S::Shares,
    negated: &[bool],
) -> Result<S::Shares, Abort> {
    let ones = negated.iter().map(|negated| S::Field::from_u128(u128::from(*negated)));
    let sign = |(bit, negated): (&S::Field, &bool)| if *negated { -*bit } else { *bit };
    let signed = bits.map(&|bits| {
        work::did(S::Field::ADD, bits.len());
        bits.iter().zip(negated).map(sign).collect()
    });
    work::did(S::Field::PLACE, negated.len());
    Ok(sharing.constant(ones.collect())?.add(&signed))
}

/// The low `m` bits of public values.
fn low_bits<F: PrimeField>(values: &[F], m: u32) -> Vec<F> {
    work::did(F::PLACE, values.len());
    let mask = (1u128 << m) - 1;
    values.iter().map(|value| F::from_u128(value.to_u128() & mask)).collect()
}

/// Bits of public values below `2^m`, lowest first, value by value.
fn public_bits<F: PrimeField>(values: &[F], m: u32) -> Vec<bool> {
    work::did(BIT, values.len() * m as usize);
    values.iter().flat_map(|value| (0..m).map(|i| (value.to_u128() >> i) & 1 == 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is drawn and declared is what the circuits take.
    #[test]
    fn products_and_rounds_are_those_of_the_circuits() {
        for width in 1..=130 {
            let of = |gadget: Gadget| {
                let counts = gadget.circuit().expect("small").circuit().counts();
                (counts.ands as usize, u64::from(counts.and_depth))
            };
            let carry = (carry_products(width), tree_rounds(width));
            assert_eq!(of(Gadget::Carry { bits: width }), carry, "{width}");
            let all = (width as usize - 1, tree_rounds(width));
            assert_eq!(of(Gadget::All { bits: width }), all, "{width}");
        }
    }
}
