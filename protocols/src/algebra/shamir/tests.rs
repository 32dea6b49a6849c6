use std::convert::Infallible;

use mpclab_sim::Draw;
use proptest::prelude::*;
use rand::TryRng;

use super::*;
use crate::algebra::{M61, P128, Ring, Toy};
use crate::primitives::Prg;

fn views<F>(shares: &[Vec<F>], parties: &[usize]) -> Vec<(PartyId, Vec<F>)>
where
    F: PrimeField,
{
    parties.iter().map(|i| (PartyId::from(*i), shares[*i].clone())).collect()
}

fn borrowed<F>(shares: &[(PartyId, Vec<F>)]) -> Vec<(PartyId, &[F])> {
    shares.iter().map(|(party, row)| (*party, row.as_slice())).collect()
}

/// Every set of `size` parties out of `n`.
fn subsets(n: usize, size: usize) -> impl Iterator<Item = Vec<usize>> {
    (0u32..1 << n)
        .filter(move |set| set.count_ones() as usize == size)
        .map(move |set| (0..n).filter(|i| (set >> i) & 1 == 1).collect())
}

fn check_every_subset<F: PrimeField>(n: usize) {
    let mut prg = Prg::new([4; 32], b"shamir");
    for t in 0..n {
        let secrets: Vec<F> = prg.elements(5);
        let shares = share(&secrets, t, n, &mut prg);
        assert_eq!(shares.len(), n);
        for set in subsets(n, t + 1) {
            let chosen = views(&shares, &set);
            assert_eq!(reconstruct(&borrowed(&chosen), t).as_ref(), Some(&secrets), "{set:?}");
        }
        let all = views(&shares, &(0..n).collect::<Vec<_>>());
        assert!(consistent_degree(&borrowed(&all), t));
        assert_eq!(consistent_degree(&borrowed(&all), t.saturating_sub(1)), t == 0, "degree is t");
    }
}

#[test]
fn any_t_plus_1_parties_reconstruct() {
    check_every_subset::<M61>(6);
    check_every_subset::<P128>(5);
}

/// Factors of several places at once are those of each.
#[test]
fn a_polynomial_is_known_everywhere_from_as_many_points_as_it_needs() {
    let points: Vec<P128> = [0, 3, 1, 7].map(P128::from_u128).into();
    let places: Vec<P128> = [2, 4, 5].map(P128::from_u128).into();
    let all = lagrange_at_all(&points, &places).expect("all differ");
    for (place, factors) in places.iter().zip(&all) {
        assert_eq!(Some(factors), lagrange_at(&points, *place).as_ref());
    }
    assert_eq!(all.len(), 3);
    assert_eq!(lagrange_at_all(&points, &points[1..2]), None, "that is one of the points");
    assert_eq!(lagrange_at_all(&[points[1], points[1]], &places), None);
}

#[test]
fn fewer_shares_or_repeated_parties_reconstruct_nothing() {
    let mut prg = Prg::new([4; 32], b"shamir");
    let shares = share(&[M61::ONE], 2, 5, &mut prg);
    let too_few = views(&shares, &[0, 3]);
    assert_eq!(reconstruct(&borrowed(&too_few), 2), None);
    let repeated = views(&shares, &[0, 3, 3]);
    assert_eq!(reconstruct(&borrowed(&repeated), 2), None);
    assert!(!consistent_degree(&borrowed(&repeated), 2));
}

#[test]
fn one_changed_share_is_inconsistent() {
    let mut prg = Prg::new([6; 32], b"shamir");
    let secrets: Vec<M61> = prg.elements(4);
    let shares = share(&secrets, 2, 6, &mut prg);
    for (party, element) in [(0, 0), (3, 2), (5, 3)] {
        let mut changed = shares.clone();
        changed[party][element] += M61::ONE;
        let all = views(&changed, &[0, 1, 2, 3, 4, 5]);
        assert!(!consistent_degree(&borrowed(&all), 2));
        // Three shares always fit a polynomial of degree 2.
        assert!(consistent_degree(&borrowed(&all[..3]), 2));
    }
    let mut short = views(&shares, &[0, 1, 2, 3]);
    short[1].1.pop();
    assert!(!consistent_degree(&borrowed(&short), 2));
}

proptest! {
    #[test]
    fn sharings_are_linear_and_their_products_have_twice_the_degree(
        x in any::<u64>(), y in any::<u64>(), t in 0usize..4,
    ) {
        let n = 2 * t + 1;
        let mut prg = Prg::new([1; 32], b"linear");
        let (a, b) = (M61::from_u128(x.into()), M61::from_u128(y.into()));
        let (left, right) = (share(&[a], t, n, &mut prg), share(&[b], t, n, &mut prg));
        let parties: Vec<usize> = (0..n).collect();
        let both = |f: fn(M61, M61) -> M61| -> Vec<(PartyId, Vec<M61>)> {
            parties.iter().map(|i| (PartyId::from(*i), vec![f(left[*i][0], right[*i][0])])).collect()
        };
        let (sum, product) = (both(|a, b| a + b), both(|a, b| a * b));
        prop_assert_eq!(reconstruct(&borrowed(&sum), t), Some(vec![a + b]));
        prop_assert_eq!(reconstruct(&borrowed(&product), 2 * t), Some(vec![a * b]));
    }

    #[test]
    fn interpolation_agrees_with_the_polynomial(
        coefficients in proptest::collection::vec(any::<u128>(), 1..8), at in any::<u128>(),
    ) {
        let coefficients: Vec<P128> = coefficients.into_iter().map(P128::from_u128).collect();
        let points: Vec<P128> = PartyId::all(coefficients.len()).map(point).collect();
        let values: Vec<P128> = points.iter().map(|x| evaluate(&coefficients, *x)).collect();
        let at = P128::from_u128(at);
        let factors = lagrange_at(&points, at).expect("distinct points");
        prop_assert_eq!(slices::dot(&factors, &values), evaluate(&coefficients, at));
    }
}

#[test]
fn points_are_ids_plus_one() {
    assert_eq!(point::<M61>(PartyId(0)), M61::ONE);
    assert_eq!(point::<M61>(PartyId(u32::MAX)), M61::from_u128(1 << 32));
}

/// Small enough to try all randomness.
type F7 = Toy<7>;

/// Plays chosen bytes instead of random ones.
struct Tape(Vec<u8>);

impl Draw for Tape {}

impl TryRng for Tape {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("drawn in bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("drawn in bytes")
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.0.pop().expect("no more randomness than t elements");
        }
        Ok(())
    }
}

/// How often each pair of shares occurs over all randomness.
fn joint_distribution(secret: F7, t: usize, parties: [usize; 2]) -> [u32; 49] {
    let mut counts = [0; 49];
    for draw in 0..7u32.pow(t as u32) {
        let tape = (0..t as u32).map(|k| (draw / 7u32.pow(k) % 7) as u8).collect();
        let shares = share(&[secret], t, 4, &mut Tape(tape));
        let [left, right] = parties.map(|i| shares[i][0].to_u128() as usize);
        counts[7 * left + right] += 1;
    }
    counts
}

#[test]
fn t_shares_are_independent_of_the_secret_and_t_plus_1_are_not() {
    for parties in [[0, 1], [0, 3], [2, 3]] {
        for secret in 0..7 {
            let counts = joint_distribution(F7::from_u128(secret), 2, parties);
            assert_eq!(counts, [1; 49], "uniform whatever the secret");
        }
        let of = |secret| joint_distribution(F7::from_u128(secret), 1, parties);
        assert_ne!(of(0), of(1), "two shares determine a sharing of degree 1");
    }
}
