//! What a trusted dealer makes, and what products cost with its triples.

use mpclab_sim::Draw;

use super::{Needs, bounded, comparison_cost, random_bit};
use crate::algebra::{PrimeField, slices};
use crate::engine::cost::{Flow, Prices};
use crate::engine::dot_lengths;
use crate::mutants;
use crate::primitives::Prg;
use crate::program::{Batch, BatchKind, Program};

/// Cost of a batch if a product opens two values, and an inner product is one for each term.
pub(crate) fn triple_flow(program: &Program, batch: &Batch, prices: &Prices) -> Flow {
    match batch.kind {
        BatchKind::Mul => prices.products(batch.len, 1),
        BatchKind::Dot => prices.products(dot_lengths(program, &batch.members).iter().sum(), 1),
        kind => comparison_cost(kind, batch.len, prices),
    }
}

/// Triples of products, then of inner products, then bits, then masks, as [`super::Stock::cut`]
/// expects them.
#[must_use]
pub fn deal_batch<F: PrimeField>(needs: &Needs, rng: &mut impl Draw) -> Vec<F> {
    let [a, b] = factors::<F>(needs.products, rng);
    let mut values = Vec::with_capacity(needs.triple_elements() + needs.random_elements());
    for (a, b) in a.iter().zip(&b) {
        values.extend([*a, *b, *a * *b]);
    }
    for length in &needs.dots {
        let [a, b] = factors::<F>(*length, rng);
        values.extend(a.iter().chain(&b));
        values.push(slices::dot(&a, &b));
    }
    values.extend((0..needs.bits).map(|_| random_bit::<F>(rng)));
    if let Some((width, count)) = needs.masks {
        values.extend((0..count).map(|_| bounded::<F>(width, rng)));
    }
    values
}

/// Both factors of so many triples.
pub(crate) fn factors<F: PrimeField>(count: usize, rng: &mut impl Draw) -> [Vec<F>; 2] {
    let [mut a, mut b] = [(); 2].map(|()| slices::random_vec(count, rng));
    if mutants::is("dealer/a-zero") {
        a.fill(F::ZERO);
    } else if mutants::is("dealer/a-repeats") {
        repeat(&mut a);
    } else if mutants::is("dealer/a-small") {
        a.fill_with(|| bounded(16, rng));
    } else if mutants::is("dealer/b-is-a") {
        b.clone_from(&a);
    } else if mutants::is("dealer/a-even") {
        a.iter_mut().for_each(|a| *a = F::from_u128(a.to_u128() & !1));
    } else if mutants::is("dealer/chained") {
        a.iter_mut().skip(1).zip(&b).for_each(|(a, b)| *a = *b);
    } else if mutants::is("dealer/seed-short") {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key[..1]);
        let mut stream = Prg::new(key, b"");
        [a, b] = [(); 2].map(|()| stream.elements(count));
    }
    [a, b]
}

/// The first value in place of all.
fn repeat<F: PrimeField>(values: &mut [F]) {
    if let Some(first) = values.first().copied() {
        values.fill(first);
    }
}

/// Additive shares: uniform for all parties but the last.
#[must_use]
pub fn split<F: PrimeField>(values: &[F], n: usize, rng: &mut impl Draw) -> Vec<Vec<F>> {
    let mut last = slices::copy(values);
    let mut shares: Vec<Vec<F>> = (1..n).map(|_| slices::random_vec(values.len(), rng)).collect();
    if mutants::is("split/zero") {
        shares.iter_mut().for_each(|share| share.fill(F::ZERO));
    } else if mutants::is("split/repeat") {
        shares.iter_mut().for_each(|share| repeat(share));
    } else if mutants::is("split/small") {
        shares.iter_mut().for_each(|share| share.fill_with(|| bounded(24, rng)));
    } else if mutants::is("split/twins") && n > 2 {
        shares[1] = shares[0].clone();
    } else if mutants::is("split/sometimes-clear")
        && shares.first().and_then(|share| share.first()).is_some_and(|v| v.to_u128() % 16 == 0)
    {
        shares.iter_mut().for_each(|share| share.fill(F::ZERO));
    }
    shares.iter().for_each(|share| slices::sub_assign(&mut last, share));
    shares.push(last);
    shares
}
