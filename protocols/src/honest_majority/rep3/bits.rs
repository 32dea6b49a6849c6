//! Comparison, equality and truncation through replicated bits.
//!
//! Mohassel and Rindal, "ABY3", CCS 2018, section 5.3: party 0 knows `y = x_0 + x_1` and parties 1
//! and 2 know `z = x_2`, so both enter as bits, and a parallel prefix adder finds the carries of
//! `y + z`. Bits are laid out in planes: plane `j` holds bit `j` of every value. Everything is
//! exact: the sum modulo `2^k` is the value modulo `2^k`.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::party::Party;
use crate::algebra::bits::{TRANSPOSE_WORD, to_planes};
use crate::algebra::{BinaryRing, Bits, slices};
use crate::circuit::BitSharing;
use crate::engine::cost::{Flow, Step};
use crate::engine::replicated::{ReplicatedBits, Streams};
use crate::engine::{PackedBits, Replicated, RingVectors, Shares};

/// Planes of an addition, lowest first: whether each makes a carry, and whether it passes one.
struct Carries {
    generate: Vec<ReplicatedBits>,
    propagate: Vec<ReplicatedBits>,
    /// Whether it matters in the end if all planes together pass a carry.
    passes: bool,
}

/// `a < 0`: bit `k - 1` of the sum.
pub(super) async fn is_negative<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    a: &Replicated<R>,
    k: u32,
) -> Result<ReplicatedBits, Abort> {
    let len = a.len();
    // 1. Both addends as bits.
    let (y, z) = addends(party, ctx, streams, a, k).await?;
    // 2. The carry into the top bit; 3. the top bit of the sum.
    let low = k as usize - 1;
    let top = plane(&y, low, len).xor(&plane(&z, low, len));
    if low == 0 {
        return Ok(top);
    }
    let (y, z) = (y.slice(0..low * len), z.slice(0..low * len));
    let mut carries = [pairs(party, ctx, streams, &y, &z, len).await?];
    reduce(party, ctx, streams, &mut carries).await?;
    Ok(top.xor(&carries[0].generate[0]))
}

/// `a = 0`: the addends cancel, so `y` and `-z` agree in all of their `k` bits.
pub(super) async fn is_zero<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    a: &Replicated<R>,
    k: u32,
) -> Result<ReplicatedBits, Abort> {
    let len = a.len();
    // x_2 negated: the second addend is -z.
    let negated = Replicated(match party.seat.id.0 {
        1 => [a.0[0].clone(), slices::neg(&a.0[1])],
        2 => [slices::neg(&a.0[0]), a.0[1].clone()],
        _ => a.0.clone(),
    });
    let (y, minus_z) = addends(party, ctx, streams, &negated, k).await?;
    let agree = y.xor(&minus_z).not();
    // The conjunction of all planes, as a tree.
    let mut planes: Vec<ReplicatedBits> =
        (0..k as usize).map(|at| plane(&agree, at, len)).collect();
    while planes.len() > 1 {
        let pairs = planes.len() / 2;
        let side = |which: usize| -> Vec<ReplicatedBits> {
            (0..pairs).map(|pair| planes[2 * pair + which].clone()).collect()
        };
        let all = party.seat.and(ctx, streams, &joined(&side(0))?, &joined(&side(1))?).await?;
        let mut next: Vec<ReplicatedBits> = (0..pairs).map(|at| plane(&all, at, len)).collect();
        next.extend(planes.drain(2 * pairs..));
        planes = next;
    }
    Ok(planes.swap_remove(0))
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
    let a = a.zip(&offset, slices::add);
    let (y, z) = addends(party, ctx, &mut streams, &a, k).await?;
    // 2. The shifted addends: one element from party 0; z >> m is known to its holders.
    let shifted = shifted_addends(party, ctx, &mut streams, &a, k, m).await?;
    // 3. Carries out of the low m bits and out of all k, side by side.
    let mut low_part = pairs(party, ctx, &mut streams, &y, &z, len).await?;
    let high_part = Carries {
        generate: low_part.generate.split_off(m as usize),
        propagate: low_part.propagate.split_off(m as usize),
        passes: true,
    };
    let mut carries = [low_part, high_part];
    reduce(party, ctx, &mut streams, &mut carries).await?;
    let [low_part, high_part] = carries;
    let carry_low = low_part.generate[0].clone();
    let passed = party.seat.and(ctx, &mut streams, &high_part.propagate[0], &carry_low).await?;
    let carry_all = high_part.generate[0].xor(&passed);
    // 4. Both carries as numbers, and the sum of it all.
    let both = inject(party, ctx, &mut streams, &joined(&[carry_low, carry_all])?).await?;
    let (carry_low, carry_all) = (both.slice(0..len), both.slice(len..2 * len));
    let minus = party.seat.constant(vec![power(k - 1 - m); len]);
    Ok(shifted.add(&carry_low).sub(&carry_all.scale(power(k - m))).sub(&minus))
}

// ---- pieces ----

fn plane(bits: &ReplicatedBits, at: usize, len: usize) -> ReplicatedBits {
    bits.slice(at * len..(at + 1) * len)
}

/// The low `k` bits of `x_0 + x_1` and of `x_2`, plane by plane.
async fn addends<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    a: &Replicated<R>,
    k: u32,
) -> Result<(ReplicatedBits, ReplicatedBits), Abort> {
    let total = k as usize * a.len();
    ctx.charge(TRANSPOSE_WORD, (a.len() * R::LIMBS) as u64);
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

/// One vector after the other.
fn joined(parts: &[ReplicatedBits]) -> Result<ReplicatedBits, Abort> {
    ReplicatedBits::concat(parts).ok_or_else(|| Abort::Bug("no planes to join".to_owned()))
}

/// Generate and propagate bits of all planes.
async fn pairs<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    y: &ReplicatedBits,
    z: &ReplicatedBits,
    len: usize,
) -> Result<Carries, Abort> {
    let made = party.seat.and(ctx, streams, y, z).await?;
    let split = |bits: &ReplicatedBits| -> Vec<ReplicatedBits> {
        (0..bits.len() / len.max(1)).map(|at| plane(bits, at, len)).collect()
    };
    Ok(Carries { generate: split(&made), propagate: split(&y.xor(z)), passes: false })
}

/// Joins neighbouring planes of every part until one is left of each, a level of all parts in one
/// round: `g = g_high + p_high g_low`, `p = p_high p_low`. The lowest pair of a part needs its `p`
/// only if the part as a whole does.
async fn reduce<R: BinaryRing>(
    party: &Party<R>,
    ctx: &Ctx,
    streams: &mut Streams,
    parts: &mut [Carries],
) -> Result<(), Abort> {
    let wants_p = |part: &Carries, pair: usize| part.passes || pair > 0;
    while parts.iter().any(|part| part.generate.len() > 1) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for part in parts.iter() {
            for pair in 0..part.generate.len() / 2 {
                left.push(part.propagate[2 * pair + 1].clone());
                right.push(part.generate[2 * pair].clone());
                if wants_p(part, pair) {
                    left.push(part.propagate[2 * pair + 1].clone());
                    right.push(part.propagate[2 * pair].clone());
                }
            }
        }
        let len = left[0].len();
        let (left, right) = (joined(&left)?, joined(&right)?);
        let gates = party.seat.and(ctx, streams, &left, &right).await?;
        let mut at = 0;
        let mut next = || {
            at += 1;
            plane(&gates, at - 1, len)
        };
        for part in parts.iter_mut() {
            let pairs = part.generate.len() / 2;
            let (mut generate, mut propagate) = (Vec::new(), Vec::new());
            for pair in 0..pairs {
                generate.push(part.generate[2 * pair + 1].xor(&next()));
                let unused = || part.propagate[2 * pair].clone();
                propagate.push(if wants_p(part, pair) { next() } else { unused() });
            }
            generate.extend(part.generate.drain(2 * pairs..));
            propagate.extend(part.propagate.drain(2 * pairs..));
            (part.generate, part.propagate) = (generate, propagate);
        }
    }
    Ok(())
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

/// The layers of [`reduce`]: parts of so many planes of `len` bits, and whether each passes.
fn reduce_cost(len: usize, parts: &[(usize, bool)]) -> Flow {
    let (mut total, mut parts) = (Flow::default(), parts.to_vec());
    while parts.iter().any(|(planes, _)| *planes > 1) {
        let gates = |(planes, passes): &(usize, bool)| match planes / 2 {
            0 => 0,
            pairs => 2 * pairs - usize::from(!passes),
        };
        total = total.then(layer(len * parts.iter().map(gates).sum::<usize>()));
        parts.iter_mut().for_each(|(planes, _)| *planes = planes.div_ceil(2));
    }
    total
}

/// Cost of [`addends`].
fn addends_cost(len: usize, k: u32) -> Flow {
    from_first((k as usize * len).div_ceil(8) as u64)
}

/// Cost of [`inject`].
pub(super) fn cost_inject(len: usize, element: u64) -> Flow {
    let bytes = element * len as u64;
    from_first(bytes).then(Flow::new(3 * bytes, Step::Back, 1))
}

/// Cost of [`is_negative`].
pub(super) fn cost_is_negative(len: usize, k: u32) -> Flow {
    let low = k as usize - 1;
    let carry = if low == 0 {
        Flow::default()
    } else {
        layer(low * len).then(reduce_cost(len, &[(low, false)]))
    };
    addends_cost(len, k).then(carry)
}

/// Cost of [`is_zero`].
pub(super) fn cost_is_zero(len: usize, k: u32) -> Flow {
    let (mut gates, mut width) = (Flow::default(), k as usize);
    while width > 1 {
        gates = gates.then(layer(width / 2 * len));
        width = width.div_ceil(2);
    }
    addends_cost(len, k).then(gates)
}

/// Cost of [`truncate`].
pub(super) fn cost_truncate(len: usize, k: u32, m: u32, element: u64) -> Flow {
    let parts = [(m as usize, false), ((k - m) as usize, true)];
    addends_cost(len, k)
        .then(from_first(element * len as u64))
        .then(layer(k as usize * len))
        .then(reduce_cost(len, &parts))
        .then(layer(len))
        .then(cost_inject(2 * len, element))
}
