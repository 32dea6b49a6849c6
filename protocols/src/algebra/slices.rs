//! Arithmetic on whole vectors, in one pass over flat memory.
//!
//! Operands of one operation have equal lengths, and grouped ones a multiple of the group's:
//! debug builds assert it, release builds stop at the shortest. Each function counts its work, by
//! the elements that it adds, multiplies, draws or moves.

mod roots;

use mpclab_sim::{Draw, work};

use super::Ring;
use super::bits::{self, Bits};

pub use roots::{inverse_root_products, inverse_roots, inverses};

/// Columns of a linear combination that are summed at a time, so that their sums stay in cache.
const COLUMNS: usize = 64;

/// `a[i] += b[i]`.
pub fn add_assign<R: Ring>(a: &mut [R], b: &[R]) {
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len(), b.len());
    for (a, b) in a.iter_mut().zip(b) {
        *a += *b;
    }
}

/// `a[i] -= b[i]`.
pub fn sub_assign<R: Ring>(a: &mut [R], b: &[R]) {
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len(), b.len());
    for (a, b) in a.iter_mut().zip(b) {
        *a -= *b;
    }
}

/// `a[i] = one - a[i]` where a bit is set.
pub fn complement<R: Ring>(a: &mut [R], bits: &Bits, one: R) {
    work::did(R::ADD, a.len());
    work::did(bits::BIT, a.len());
    debug_assert_eq!(a.len(), bits.len());
    for (a, _) in a.iter_mut().zip(bits.iter()).filter(|(_, bit)| *bit) {
        *a = one - *a;
    }
}

/// `a[i] *= b[i]`.
pub fn mul_assign<R: Ring>(a: &mut [R], b: &[R]) {
    work::did(R::MUL, a.len());
    debug_assert_eq!(a.len(), b.len());
    for (a, b) in a.iter_mut().zip(b) {
        *a *= *b;
    }
}

/// `a[i] += factor * b[i]`.
pub fn add_scaled<R: Ring>(a: &mut [R], b: &[R], factor: R) {
    work::did(R::MUL, a.len());
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len(), b.len());
    for (a, b) in a.iter_mut().zip(b) {
        *a += factor * *b;
    }
}

/// `a[i] + b[i]`.
#[must_use]
pub fn add<R: Ring>(a: &[R], b: &[R]) -> Vec<R> {
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| *a + *b).collect()
}

/// `a[i] - b[i]`.
#[must_use]
pub fn sub<R: Ring>(a: &[R], b: &[R]) -> Vec<R> {
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| *a - *b).collect()
}

/// `a[i] * b[i]`.
#[must_use]
pub fn mul<R: Ring>(a: &[R], b: &[R]) -> Vec<R> {
    work::did(R::MUL, a.len());
    debug_assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| *a * *b).collect()
}

/// `-a[i]`.
#[must_use]
pub fn neg<R: Ring>(a: &[R]) -> Vec<R> {
    work::did(R::ADD, a.len());
    a.iter().map(|a| -*a).collect()
}

/// `a[i] * factor`.
#[must_use]
pub fn scale<R: Ring>(a: &[R], factor: R) -> Vec<R> {
    work::did(R::MUL, a.len());
    a.iter().map(|a| *a * factor).collect()
}

/// `a[i] + b[i] * x`.
#[must_use]
pub fn line<R: Ring>(a: &[R], b: &[R], x: R) -> Vec<R> {
    work::did(R::MUL, a.len());
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| *a + *b * x).collect()
}

/// Puts `a[i] * x - b[i]` behind other elements.
pub fn append_line<R: Ring>(all: &mut Vec<R>, (a, x): (&[R], R), b: &[R]) {
    work::did(R::MUL, a.len());
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len(), b.len());
    all.extend(a.iter().zip(b).map(|(a, b)| *a * x - *b));
}

/// Puts `a[i] * x - b[i] - c[i] * d[i]` behind other elements.
pub fn append_residues<R: Ring>(
    all: &mut Vec<R>,
    (a, x): (&[R], R),
    b: &[R],
    (c, d): (&[R], &[R]),
) {
    work::did(R::MUL, 2 * a.len());
    work::did(R::ADD, 2 * a.len());
    debug_assert!([b, c, d].iter().all(|other| other.len() == a.len()));
    let products = c.iter().zip(d).map(|(c, d)| *c * *d);
    all.extend(a.iter().zip(b).zip(products).map(|((a, b), cd)| *a * x - *b - cd));
}

/// The sum of all elements.
#[must_use]
pub fn sum<R: Ring>(a: &[R]) -> R {
    work::did(R::ADD, a.len());
    total(a)
}

fn total<R: Ring>(a: &[R]) -> R {
    a.iter().fold(R::ZERO, |sum, a| sum + *a)
}

/// The sum of each run of `group` elements.
#[must_use]
pub fn sum_groups<R: Ring>(a: &[R], group: usize) -> Vec<R> {
    work::did(R::ADD, a.len());
    debug_assert_eq!(a.len() % group.max(1), 0);
    a.chunks_exact(group.max(1)).map(total).collect()
}

/// The sums of contiguous runs of these lengths.
///
/// # Panics
/// If the lengths add up to more than the vector holds.
#[must_use]
pub fn sum_runs<R: Ring>(a: &[R], lengths: &[usize]) -> Vec<R> {
    work::did(R::ADD, a.len());
    let mut rest = a;
    let run = |length: &usize| {
        let (run, behind) = rest.split_at(*length);
        rest = behind;
        total(run)
    };
    lengths.iter().map(run).collect()
}

/// The inner product.
#[must_use]
pub fn dot<R: Ring>(a: &[R], b: &[R]) -> R {
    work::did(R::TERM, a.len());
    products(a, b)
}

fn products<R: Ring>(a: &[R], b: &[R]) -> R {
    debug_assert_eq!(a.len(), b.len());
    let mut total = R::ZERO;
    let runs = a.chunks(R::LAZY_PRODUCTS).zip(b.chunks(R::LAZY_PRODUCTS));
    for (a, b) in runs {
        let products = a.iter().zip(b);
        total += R::reduce(
            products.fold(R::Accumulator::default(), |sum, (a, b)| R::accumulate(sum, *a, *b)),
        );
    }
    total
}

/// The inner products of contiguous runs of these lengths.
///
/// # Panics
/// If the lengths add up to more than the vectors hold.
#[must_use]
pub fn dot_runs<R: Ring>(a: &[R], b: &[R], lengths: &[usize]) -> Vec<R> {
    work::did(R::TERM, a.len());
    let mut start = 0;
    let run = |length: &usize| {
        let range = start..start + length;
        start += length;
        products(&a[range.clone()], &b[range])
    };
    lengths.iter().map(run).collect()
}

/// `factors[0] * rows[0][i] + factors[1] * rows[1][i] + ...`; empty if there are no rows.
#[must_use]
pub fn linear_combination<R: Ring>(factors: &[R], rows: &[&[R]]) -> Vec<R> {
    debug_assert_eq!(factors.len(), rows.len());
    debug_assert!(rows.windows(2).all(|pair| pair[0].len() == pair[1].len()));
    let width = rows.iter().map(|row| row.len()).min().unwrap_or(0);
    work::did(R::TERM, width * rows.len());
    // Sums of few terms stay in registers.
    match factors.len() {
        2 => return combination_of::<R, 2>(factors, rows),
        3 => return combination_of::<R, 3>(factors, rows),
        4 => return combination_of::<R, 4>(factors, rows),
        5 => return combination_of::<R, 5>(factors, rows),
        _ => {}
    }
    let mut combination = vec![R::ZERO; width];
    for (index, out) in combination.chunks_mut(COLUMNS).enumerate() {
        let columns = index * COLUMNS..index * COLUMNS + out.len();
        for (factors, rows) in factors.chunks(R::LAZY_PRODUCTS).zip(rows.chunks(R::LAZY_PRODUCTS)) {
            let mut sums = [R::Accumulator::default(); COLUMNS];
            let sums = &mut sums[..out.len()];
            let (fours, rest) = factors.as_chunks::<4>();
            let (row_fours, row_rest) = rows.as_chunks::<4>();
            for (factors, rows) in fours.iter().zip(row_fours) {
                accumulate_rows(sums, factors, &rows.map(|row| &row[columns.clone()]));
            }
            for (factor, row) in rest.iter().zip(row_rest) {
                accumulate_rows(sums, &[*factor], &[&row[columns.clone()]]);
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out += R::reduce(*sum);
            }
        }
    }
    combination
}

/// [`linear_combination`] of so many rows.
fn combination_of<R: Ring, const N: usize>(factors: &[R], rows: &[&[R]]) -> Vec<R> {
    let (Some(factors), Some(rows)) = (factors.first_chunk::<N>(), rows.first_chunk::<N>()) else {
        return Vec::new();
    };
    let width = rows.iter().map(|row| row.len()).min().unwrap_or(0);
    let rows = rows.map(|row| &row[..width]);
    let column = |at: usize| {
        let terms = factors.iter().zip(rows);
        R::reduce(terms.fold(R::Accumulator::default(), |sum, (factor, row)| {
            R::accumulate(sum, *factor, row[at])
        }))
    };
    (0..width).map(column).collect()
}

/// Adds a few rows at once, because sums that are loaded and stored cost more than products.
#[inline]
fn accumulate_rows<R: Ring, const N: usize>(
    sums: &mut [R::Accumulator],
    factors: &[R; N],
    rows: &[&[R]; N],
) {
    let rows = rows.map(|row| &row[..sums.len()]);
    for (column, sum) in sums.iter_mut().enumerate() {
        *sum = factors
            .iter()
            .zip(rows)
            .fold(*sum, |sum, (factor, row)| R::accumulate(sum, *factor, row[column]));
    }
}

/// `sum 2^i bits[i]` of each run of `width` bits, for a width from 1 to 128.
#[must_use]
pub fn compose<R: Ring>(bits: &[R], width: u32) -> Vec<R> {
    work::did(R::TERM, bits.len());
    let powers: Vec<R> = (0..width).map(|i| R::from_u128(1 << i)).collect();
    bits.chunks_exact(width.max(1) as usize).map(|bits| products(bits, &powers)).collect()
}

/// A copy.
#[must_use]
pub fn copy<R: Ring>(a: &[R]) -> Vec<R> {
    work::did(R::PLACE, a.len());
    a.to_vec()
}

/// Puts `b` behind `a`.
pub fn append<R: Ring>(a: &mut Vec<R>, b: &[R]) {
    work::did(R::PLACE, b.len());
    a.extend_from_slice(b);
}

/// So many zeros.
#[must_use]
pub fn zeros<R: Ring>(len: usize) -> Vec<R> {
    work::did(R::PLACE, len);
    vec![R::ZERO; len]
}

/// `a[indices[i]]`.
///
/// # Panics
/// If an index is not below the length of `a`.
#[must_use]
pub fn gather<R: Ring>(a: &[R], indices: &[u32]) -> Vec<R> {
    work::did(R::PLACE, indices.len());
    indices.iter().map(|index| a[*index as usize]).collect()
}

/// Uniform elements.
#[must_use]
pub fn random_vec<R: Ring, G: Draw + ?Sized>(count: usize, rng: &mut G) -> Vec<R> {
    work::did(R::DRAW, count);
    let mut elements = Vec::with_capacity(count);
    while elements.len() < count
        && let Some(chosen) = rng.choose(R::SIZE)
    {
        elements.push(R::from_u128(chosen));
    }
    let mut buffer = [0u8; 4096];
    while elements.len() < count {
        let bytes = ((count - elements.len()) * R::BYTES).min(buffer.len() / R::BYTES * R::BYTES);
        rng.fill_bytes(&mut buffer[..bytes]);
        elements.extend(buffer[..bytes].chunks_exact(R::BYTES).filter_map(R::from_uniform_bytes));
    }
    elements
}

/// A party's additive share of each product of two replicated values:
/// `a0 * b0 + a0 * b1 + a1 * b0`, where it holds the shares `a0, a1` and `b0, b1`.
///
/// Araki et al., High-Throughput Semi-Honest Secure Three-Party Computation, CCS 2016.
#[must_use]
pub fn replicated_product<R: Ring>(a: [&[R]; 2], b: [&[R]; 2]) -> Vec<R> {
    work::did(R::MUL, 2 * a[0].len());
    debug_assert!(a[1].len() == a[0].len() && b[0].len() == a[0].len() && b[1].len() == a[0].len());
    let (left, right) = (a[0].iter().zip(a[1]), b[0].iter().zip(b[1]));
    left.zip(right)
        .map(|((a0, a1), (b0, b1))| {
            let sum = R::accumulate(R::Accumulator::default(), *a0, *b0 + *b1);
            R::reduce(R::accumulate(sum, *a1, *b0))
        })
        .collect()
}

/// [`replicated_product`] summed over contiguous runs of these lengths.
///
/// # Panics
/// If the lengths add up to more than the vectors hold.
#[must_use]
pub fn replicated_dot<R: Ring>(a: [&[R]; 2], b: [&[R]; 2], lengths: &[usize]) -> Vec<R> {
    work::did(R::TERM, 2 * a[0].len());
    work::did(R::ADD, a[0].len());
    let mut start = 0;
    let run = |length: &usize| {
        let range = start..start + length;
        start += length;
        let ([a0, a1], [b0, b1]) = (a.map(|a| &a[range.clone()]), b.map(|b| &b[range.clone()]));
        // Each term is two products.
        let terms = R::LAZY_PRODUCTS / 2;
        let left = a0.chunks(terms).zip(a1.chunks(terms));
        let right = b0.chunks(terms).zip(b1.chunks(terms));
        left.zip(right).fold(R::ZERO, |total, ((a0, a1), (b0, b1))| {
            let terms = a0.iter().zip(a1).zip(b0.iter().zip(b1));
            total
                + R::reduce(terms.fold(R::Accumulator::default(), |sum, ((a0, a1), (b0, b1))| {
                    R::accumulate(R::accumulate(sum, *a0, *b0 + *b1), *a1, *b0)
                }))
        })
    };
    lengths.iter().map(run).collect()
}

/// Which part of the public `d e` a party adds to its share of a product from a Beaver triple.
#[derive(Clone, Copy, Debug)]
pub enum Public<R> {
    /// None of it: another party does.
    None,
    /// All of it.
    All,
    /// So many times of it, as a share of its MAC.
    Times(R),
}

impl<R: Ring> Public<R> {
    /// What is multiplied with `d`: `b`, and of `e` what is to be added.
    #[inline(always)]
    fn with(self, b: R, e: R) -> R {
        match self {
            Public::None => b,
            Public::All => b + e,
            Public::Times(factor) => b + factor * e,
        }
    }

    /// Products for each of a triple's.
    fn products(self) -> usize {
        if matches!(self, Public::Times(_)) { 3 } else { 2 }
    }
}

/// `x[i] - a[i]` of all products, then all `y[i] - b[i]`, for triples `a, b, c` side by side.
#[must_use]
pub fn beaver_differences<R: Ring>(triples: &[R], [x, y]: [&[R]; 2]) -> Vec<R> {
    work::did(R::ADD, x.len() + y.len());
    let (triples, _) = triples.as_chunks::<3>();
    debug_assert!(triples.len() == x.len() && x.len() == y.len());
    let mut differences = Vec::with_capacity(x.len() + y.len());
    differences.extend(x.iter().zip(triples).map(|(x, [a, _, _])| *x - *a));
    differences.extend(y.iter().zip(triples).map(|(y, [_, b, _])| *y - *b));
    differences
}

/// A party's share of each product from a Beaver triple: `c + d * b + e * a`, and of the public
/// `d * e` what it adds.
///
/// `a`, `b`, `c` side by side are its shares of the triples; of `opened`, the first half are
/// `d = x - a`, the second `e = y - b`. Beaver, Efficient Multiparty Protocols Using Circuit
/// Randomization, CRYPTO 1991.
#[must_use]
pub fn beaver_product<R: Ring>(triples: &[R], opened: &[R], public: Public<R>) -> Vec<R> {
    // Two products, one reduction, and a sum or two; for a MAC a product more.
    work::did(R::MUL, public.products() * (triples.len() / 3));
    work::did(R::ADD, triples.len() / 3);
    let (triples, _) = triples.as_chunks::<3>();
    debug_assert_eq!(opened.len(), 2 * triples.len());
    let (d, e) = opened.split_at(opened.len() / 2);
    triples
        .iter()
        .zip(d.iter().zip(e))
        .map(|([a, b, c], (d, e))| {
            let sum = R::accumulate(R::Accumulator::default(), *d, public.with(*b, *e));
            *c + R::reduce(R::accumulate(sum, *e, *a))
        })
        .collect()
}

/// [`beaver_product`] summed over contiguous runs of these lengths.
///
/// # Panics
/// If the lengths add up to more than the vectors hold.
#[must_use]
pub fn beaver_dot<R: Ring>(
    triples: &[R],
    opened: &[R],
    public: Public<R>,
    lengths: &[usize],
) -> Vec<R> {
    work::did(R::TERM, public.products() * (triples.len() / 3));
    work::did(R::ADD, triples.len() / 3);
    let (triples, _) = triples.as_chunks::<3>();
    debug_assert_eq!(opened.len(), 2 * triples.len());
    let (d, e) = opened.split_at(opened.len() / 2);
    let terms = R::LAZY_PRODUCTS / 2;
    let mut start = 0;
    let run = |length: &usize| {
        let range = start..start + length;
        start += length;
        let opened = d[range.clone()].chunks(terms).zip(e[range.clone()].chunks(terms));
        triples[range].chunks(terms).zip(opened).fold(R::ZERO, |total, (triples, (d, e))| {
            let mut plain = R::ZERO;
            let mut sum = R::Accumulator::default();
            for ([a, b, c], (d, e)) in triples.iter().zip(d.iter().zip(e)) {
                plain += *c;
                sum = R::accumulate(R::accumulate(sum, *d, public.with(*b, *e)), *e, *a);
            }
            total + plain + R::reduce(sum)
        })
    };
    lengths.iter().map(run).collect()
}
