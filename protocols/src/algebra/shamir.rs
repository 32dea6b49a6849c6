//! Shamir's secret sharing of vectors, in a prime field.
//!
//! A degree-`t` sharing of `s` is a polynomial `f` of degree at most `t` with `f(0) = s`; party `i`
//! holds `f(i + 1)`. Shamir, How to Share a Secret, CACM 1979. A sharing costs
//! `n (t + 1)` multiplications per secret, a reconstruction one per share that it reads.

use mpclab_sim::Draw;
use mpclab_sim::vocabulary::PartyId;

use super::{PrimeField, slices};
use crate::mutants;
use crate::primitives::Prg;

/// Where a party's share is evaluated: its id plus one.
#[must_use]
pub fn point<F: PrimeField>(party: PartyId) -> F {
    let from = u128::from(!mutants::is("shamir/point-zero"));
    F::from_u128(u128::from(party.0) + from)
}

/// The polynomial `coefficients[0] + coefficients[1] x + ...` at `x`.
#[must_use]
pub fn evaluate<F: PrimeField>(coefficients: &[F], x: F) -> F {
    coefficients.iter().rev().fold(F::ZERO, |value, coefficient| value * x + *coefficient)
}

/// Shares a vector among parties `0..n` with fresh polynomials of degree at most `t`: entry `i` is
/// party `i`'s share of each secret.
#[must_use]
pub fn share<F: PrimeField, R: Draw + ?Sized>(
    secrets: &[F],
    t: usize,
    n: usize,
    rng: &mut R,
) -> Vec<Vec<F>> {
    let mut random: Vec<Vec<F>> = (0..t).map(|_| coefficients(secrets.len(), rng)).collect();
    let (tells, adds) =
        (mutants::is("shamir/coefficient-tells"), mutants::is("shamir/coefficient-adds"));
    if let (true, Some(first)) = (tells || adds, random.first_mut()) {
        first.iter_mut().zip(secrets).for_each(|(random, secret)| {
            let other = if adds { random.to_u128() >> 17 } else { 0 };
            let bit = ((secret.to_u128() ^ other) & 1) << 40;
            *random = F::from_u128((random.to_u128() & !(1 << 40)) | bit);
        });
    }
    let coefficients: Vec<&[F]> =
        std::iter::once(secrets).chain(random.iter().map(Vec::as_slice)).collect();
    let share_of = |party| match random.as_slice() {
        // Sums that are reduced once cost more than they save on one product.
        [slope] => slices::line(secrets, slope, point(party)),
        _ => slices::linear_combination(&powers(point(party), t), &coefficients),
    };
    PartyId::all(n).map(share_of).collect()
}

/// Coefficients of one power for so many secrets.
fn coefficients<F: PrimeField, R: Draw + ?Sized>(count: usize, rng: &mut R) -> Vec<F> {
    let mut random: Vec<F> = slices::random_vec(count, rng);
    let narrow = [(64, "shamir/64-bits"), (24, "shamir/24-bits"), (16, "shamir/16-bits")];
    if let Some((bits, _)) = narrow.into_iter().find(|(_, name)| mutants::is(name)) {
        random.iter_mut().for_each(|value| *value = F::from_u128(value.to_u128() % (1 << bits)));
    } else if mutants::is("shamir/coefficients-repeat") {
        let first = random.first().copied().unwrap_or(F::ZERO);
        random.fill(first);
    } else if mutants::is("shamir/coefficients-even") {
        random.iter_mut().for_each(|value| *value = F::from_u128(value.to_u128() & !1));
    } else if mutants::is("shamir/seed-short") {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key[..1]);
        random = Prg::new(key, b"").elements(count);
    }
    random
}

/// `1, x, x^2, ..., x^t`.
fn powers<F: PrimeField>(x: F, t: usize) -> Vec<F> {
    std::iter::successors(Some(F::ONE), |power| Some(*power * x)).take(t + 1).collect()
}

/// Lagrange's coefficients: the factors whose combination of `f(points[i])` is `f(x)`, for every
/// polynomial of degree below the number of points. `None` if a point occurs twice.
#[must_use]
pub fn lagrange_at<F: PrimeField>(points: &[F], x: F) -> Option<Vec<F>> {
    let others = |i: usize| points.iter().enumerate().filter(move |(j, _)| *j != i);
    let differences: Vec<F> = (0..points.len())
        .map(|i| others(i).fold(F::ONE, |product, (_, other)| product * (points[i] - *other)))
        .collect();
    let mut factors = slices::inverses(&differences)?;
    for (i, factor) in factors.iter_mut().enumerate() {
        *factor *= others(i).fold(F::ONE, |product, (_, other)| product * (x - *other));
    }
    Some(factors)
}

/// [`lagrange_at`] of several places, none of which is one of the points. `None` if one is, or a
/// point occurs twice.
#[must_use]
pub fn lagrange_at_all<F: PrimeField>(points: &[F], places: &[F]) -> Option<Vec<Vec<F>>> {
    let all = |factors: &[F]| factors.iter().fold(F::ONE, |product, factor| product * *factor);
    let others = |i: usize| points.iter().enumerate().filter(move |(j, _)| *j != i);
    let weight = |i| others(i).fold(F::ONE, |product, (_, other)| product * (points[i] - *other));
    let weights = slices::inverses(&(0..points.len()).map(weight).collect::<Vec<F>>())?;
    let distances: Vec<F> =
        places.iter().flat_map(|x| points.iter().map(move |point| *x - *point)).collect();
    let inverses = slices::inverses(&distances)?;
    let rows = distances.chunks(points.len()).zip(inverses.chunks(points.len()));
    let factors = |(distances, inverses): (&[F], &[F])| {
        let product = all(distances);
        weights.iter().zip(inverses).map(|(weight, inverse)| product * *weight * *inverse).collect()
    };
    Some(rows.map(factors).collect())
}

/// Lagrange's coefficients at zero for the shares of `parties`; `None` if a party occurs twice.
///
/// [`slices::linear_combination`] of these and the parties' shares is the vector of secrets.
#[must_use]
pub fn lagrange_at_zero<F: PrimeField>(parties: &[PartyId]) -> Option<Vec<F>> {
    let points: Vec<F> = parties.iter().map(|party| point(*party)).collect();
    lagrange_at(&points, F::ZERO)
}

/// The secrets of a degree-`t` sharing, from the shares of `t + 1` parties or more; only the first
/// `t + 1` count. `None` if there are fewer, or one occurs twice.
#[must_use]
pub fn reconstruct<F: PrimeField>(shares: &[(PartyId, &[F])], t: usize) -> Option<Vec<F>> {
    let enough = shares.get(..=t)?;
    let (parties, rows): (Vec<PartyId>, Vec<&[F]>) = enough.iter().copied().unzip();
    Some(slices::linear_combination(&lagrange_at_zero(&parties)?, &rows))
}

/// Whether all shares lie on polynomials of degree at most `t`; false if a party occurs twice or
/// the lengths differ. Shares of `t + 1` parties or fewer always do.
#[must_use]
pub fn consistent_degree<F: PrimeField>(shares: &[(PartyId, &[F])], t: usize) -> bool {
    let (points, rows): (Vec<F>, Vec<&[F]>) =
        shares.iter().map(|(party, row)| (point::<F>(*party), *row)).unzip();
    if rows.windows(2).any(|pair| pair[0].len() != pair[1].len()) {
        return false;
    }
    if points.iter().enumerate().any(|(i, point)| points[..i].contains(point)) {
        return false;
    }
    let basis = shares.len().min(t + 1);
    (basis..shares.len()).all(|i| {
        lagrange_at(&points[..basis], points[i])
            .is_some_and(|factors| slices::linear_combination(&factors, &rows[..basis]) == rows[i])
    })
}

#[cfg(test)]
mod tests;
