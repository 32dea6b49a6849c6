//! Comparison, equality and truncation through replicated bits.
//!
//! Mohassel and Rindal, "ABY3", CCS 2018, section 5.3: party 0 knows `y = x_0 + x_1` and parties 1
//! and 2 know `z = x_2`, so both enter as bits, and a circuit with a parallel prefix adder finds the
//! carries of `y + z`. Bits are laid out in planes: plane `j` holds bit `j` of every value. Everything is
//! exact: the sum modulo `2^k` is the value modulo `2^k`.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::gadgets;
use super::party::Party;
use crate::algebra::bits::to_planes;
use crate::algebra::{BinaryRing, Bits, slices};
use crate::circuit::{BitSharing, Layered, WalkError, WideWalk};
use crate::engine::cost::{Flow, Step};
use crate::engine::gadgets::Gadget;
use crate::engine::replicated::{ReplicatedBits, Streams};
use crate::engine::{PackedBits, Replicated, RingVectors, Shares};

/// `a < 0`: bit `k - 1` of the sum.
pub(super) async fn is_negative<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    a: &Replicated<R>,
    k: u32,
) -> Result<ReplicatedBits, Abort> {
    let (y, z) = addends(party, ctx, streams, a, k).await?;
    let low = k as usize - 1;
    let part =
        |bits: &ReplicatedBits, from: usize, to: usize| bits.slice(from * a.len()..to * a.len());
    // The carry into the top bit, and the top bit of the sum.
    let top = part(&y, low, low + 1).xor(&part(&z, low, low + 1));
    if low == 0 {
        return Ok(top);
    }
    let (y, z) = (part(&y, 0, low), part(&z, 0, low));
    let pairs = pairs(party, ctx, streams, &y, &z).await?;
    let gadget = Gadget::Carry { bits: k - 1 };
    Ok(top.xor(&walk(party, ctx, streams, gadget, pairs, a.len()).await?))
}

/// `a = 0`: the addends cancel, so `y` and `-z` agree in all of their `k` bits.
pub(super) async fn is_zero<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    a: &Replicated<R>,
    k: u32,
) -> Result<ReplicatedBits, Abort> {
    // x_2 negated: the second addend is -z.
    let negated = Replicated(match party.seat.id.0 {
        1 => [a.0[0].clone(), slices::neg(&a.0[1])],
        2 => [slices::neg(&a.0[0]), a.0[1].clone()],
        _ => a.0.clone(),
    });
    let (y, minus_z) = addends(party, ctx, streams, &negated, k).await?;
    let agree = y.xor(&minus_z).not();
    walk(party, ctx, streams, Gadget::All { bits: k }, agree, a.len()).await
}

/// `floor(a / 2^m)`: with `a + 2^(k-1) = y + z` modulo `2^k`, it is
/// `(y >> m) + (z >> m) + carry_m - 2^(k-m) carry_k - 2^(k-1-m)`.
pub(super) async fn truncate<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    a: &Replicated<R>,
    k: u32,
    m: u32,
) -> Result<Replicated<R>, Abort> {
    let mut streams = party.seat.streams(ctx, &ctx.path());
    let len = a.len();
    let power = |exponent: u32| R::from_u128(1u128.checked_shl(exponent).unwrap_or(0));
    // 1. Make it positive, and take both addends as bits.
    let offset = party.seat.constant(vec![power(k - 1); len]);
    let a = a.zip(&offset, &slices::add);
    let (y, z) = addends(party, ctx, &mut streams, &a, k).await?;
    // 2. The shifted addends: one element from party 0; z >> m is known to its holders.
    let shifted = shifted_addends(party, ctx, &mut streams, &a, k, m).await?;
    // 3. Carries out of the low m bits and out of all k.
    let gadget = Gadget::Carries { bits: k, low: m };
    let pairs = pairs(party, ctx, &mut streams, &y, &z).await?;
    let carries = walk(party, ctx, &mut streams, gadget, pairs, len).await?;
    // 4. Both carries as numbers, and the sum of it all.
    let both = inject(party, ctx, &mut streams, &carries).await?;
    let (carry_low, carry_all) = (both.slice(0..len), both.slice(len..2 * len));
    let minus = party.seat.constant(vec![power(k - 1 - m); len]);
    Ok(shifted.add(&carry_low).sub(&carry_all.scale(power(k - m))).sub(&minus))
}

// ---- pieces ----

/// The low `k` bits of `x_0 + x_1` and of `x_2`, plane by plane.
async fn addends<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    a: &Replicated<R>,
    k: u32,
) -> Result<(ReplicatedBits, ReplicatedBits), Abort> {
    let total = k as usize * a.len();
    let planes = |values: &[R]| Bits::concat(&to_planes(values, k));
    let zeros = || Bits::zeros(total);
    let z = party.seat.bits(match party.seat.id.0 {
        1 => [zeros(), planes(&a.0[1])],
        2 => [planes(&a.0[0]), zeros()],
        _ => [zeros(), zeros()],
    });
    // Party 0 shares y as it would any bits.
    let known = party.seat.id == PartyId(0);
    let y = known.then(|| planes(&slices::add(&a.0[0], &a.0[1])));
    let y = party.seat.share_bits_from(ctx, streams, PartyId(0), y, total).await?;
    Ok((y, z))
}

/// Whether each position of an addition makes a carry, and then whether it passes one.
async fn pairs<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    y: &ReplicatedBits,
    z: &ReplicatedBits,
) -> Result<ReplicatedBits, Abort> {
    let mut pairs = party.seat.and(ctx, streams, y, z).await?;
    pairs.append(y.xor(z));
    Ok(pairs)
}

/// The results of a circuit on planes, one for each input wire, of `len` instances side by side.
async fn walk<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    gadget: Gadget,
    wires: ReplicatedBits,
    len: usize,
) -> Result<ReplicatedBits, Abort> {
    let wrong = |why: WalkError| Abort::Bug(why.to_string());
    let missing = || Abort::Bug("a layer without gates".to_owned());
    let planes = |bits: &ReplicatedBits| -> Vec<ReplicatedBits> {
        (0..bits.len() / len.max(1)).map(|at| bits.slice(at * len..(at + 1) * len)).collect()
    };
    let circuit: &Layered = party.gadgets.get(gadget)?;
    let mut walk = WideWalk::new(circuit, planes(&wires)).map_err(wrong)?;
    let (xor, not) = (ReplicatedBits::xor, ReplicatedBits::not);
    while !walk.is_last() {
        walk.local(xor, not);
        let [left, right] = walk.operands().map(ReplicatedBits::concat);
        let (left, right) = left.zip(right).ok_or_else(missing)?;
        let products = party.seat.and(ctx, streams, &left, &right).await?;
        walk.place(planes(&products)).map_err(wrong)?;
    }
    walk.local(xor, not);
    ReplicatedBits::concat(&walk.outputs()).ok_or_else(missing)
}

/// From shared bits to shared numbers: party 0 knows `u = b_0 + b_1` and shares it; the number is
/// `u + b_2 - 2 u b_2`. Two rounds, four elements per bit.
pub(super) async fn inject<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    bits: &ReplicatedBits,
) -> Result<Replicated<R>, Abort> {
    let len = bits.len();
    let mut again = crate::mutants::is("rep3/inject-rewound")
        .then(|| party.seat.streams_again(ctx, &ctx.path()));
    let streams = again.as_mut().unwrap_or(streams);
    let [own, next] = &bits.parts;
    let known = (party.seat.id == PartyId(0)).then(|| own.xor(next).to_elements());
    let u = party.seat.share_from(ctx, streams, PartyId(0), known, len).await?;
    let zeros = || vec![R::ZERO; len];
    let last: Replicated<R> = Replicated(match party.seat.id.0 {
        1 => [zeros(), next.to_elements()],
        2 => [own.to_elements(), zeros()],
        _ => [zeros(), zeros()],
    });
    let both = party.products(ctx, streams, &u, &last).await?;
    Ok(u.add(&last).sub(&both.scale(R::from_u128(2))))
}

/// `(y >> m) + (z >> m)` of the `k`-bit addends `y = x_0 + x_1` and `z = x_2`.
async fn shifted_addends<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    a: &Replicated<R>,
    k: u32,
    m: u32,
) -> Result<Replicated<R>, Abort> {
    let mask = u128::MAX >> (128 - k);
    let shift = |values: &[R]| -> Vec<R> {
        values.iter().map(|value| R::from_u128((value.to_u128() & mask) >> m)).collect()
    };
    let known = (party.seat.id == PartyId(0)).then(|| shift(&slices::add(&a.0[0], &a.0[1])));
    let y = party.seat.share_from(ctx, streams, PartyId(0), known, a.len()).await?;
    let zeros = || vec![R::ZERO; a.len()];
    let z = Replicated(match party.seat.id.0 {
        1 => [zeros(), shift(&a.0[1])],
        2 => [shift(&a.0[0]), zeros()],
        _ => [zeros(), zeros()],
    });
    Ok(y.add(&z))
}

// ---- declared cost ----

/// One message of packed bits from each party.
pub(super) fn layer(gates: usize) -> Flow {
    Flow::new(3 * gates.div_ceil(8) as u64, Step::Back, 1)
}

/// A message from party 0 to party 2.
fn from_first(bytes: u64) -> Flow {
    Flow::new(bytes, Step::One(PartyId(0), PartyId(2)), 1)
}

/// Cost of [`inject`].
pub(super) fn cost_inject(len: usize, element: u64) -> Flow {
    let bytes = element * len as u64;
    from_first(bytes).then(Flow::new(3 * bytes, Step::Back, 1))
}

/// Cost of [`is_negative`].
pub(super) fn cost_is_negative(len: usize, k: u32, circuit: &Layered) -> Flow {
    let low = k as usize - 1;
    let carry = match low {
        0 => Flow::default(),
        _ => layer(low * len).then(gadgets::cost(circuit, len)),
    };
    cost_addends(len, k).then(carry)
}

/// Cost of [`is_zero`].
pub(super) fn cost_is_zero(len: usize, k: u32, circuit: &Layered) -> Flow {
    cost_addends(len, k).then(gadgets::cost(circuit, len))
}

fn cost_addends(len: usize, k: u32) -> Flow {
    from_first((k as usize * len).div_ceil(8) as u64)
}

/// Cost of [`truncate`].
pub(super) fn cost_truncate(len: usize, k: u32, circuit: &Layered, element: u64) -> Flow {
    cost_addends(len, k)
        .then(from_first(element * len as u64))
        .then(layer(k as usize * len))
        .then(gadgets::cost(circuit, len))
        .then(cost_inject(2 * len, element))
}
