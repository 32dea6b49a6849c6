//! The rings against slow integer arithmetic, and the vector kernels against loops.

use mpclab_sim::wire::{Algebra, Wire};
use proptest::prelude::*;

use super::*;
use crate::primitives::Prg;

/// `a + b mod m` for `a < m` and `b <= m`; `None` is 2^128.
fn slow_add(a: u128, b: u128, m: Option<u128>) -> u128 {
    match m {
        None => a.wrapping_add(b),
        Some(m) if a >= m - b => a - (m - b),
        Some(_) => a + b,
    }
}

/// `a * b mod m` by shift and add.
fn slow_mul(a: u128, b: u128, m: Option<u128>) -> u128 {
    (0..128).rev().fold(0, |product, bit| {
        let doubled = slow_add(product, product, m);
        if (b >> bit) & 1 == 1 { slow_add(doubled, a, m) } else { doubled }
    })
}

fn slow_pow(a: u128, exponent: u128, m: u128) -> u128 {
    (0..128).rev().fold(1, |power, bit| {
        let squared = slow_mul(power, power, Some(m));
        if (exponent >> bit) & 1 == 1 { slow_mul(squared, a, Some(m)) } else { squared }
    })
}

fn modulus<R: Ring>() -> Option<u128> {
    match R::ALGEBRA {
        Algebra::Prime(p) => Some(p),
        Algebra::Ring { bits } => 1u128.checked_shl(bits),
        Algebra::Bytes | Algebra::Bits => panic!("no ring"),
    }
}

/// Values near every edge: zero, the moduli, powers of two.
fn edges() -> impl Strategy<Value = u128> {
    let p128 = P128::MODULUS;
    let centre = prop_oneof![
        Just(0u128),
        Just(M61::MODULUS),
        Just(M61::MODULUS / 2),
        Just(p128),
        Just(p128 / 2),
        (0u32..128).prop_map(|bit| 1u128 << bit),
        any::<u128>(),
    ];
    (centre, -3i128..=3).prop_map(|(centre, off)| centre.wrapping_add_signed(off))
}

fn check_ring<R: Ring>(x: u128, y: u128, z: u128) -> Result<(), TestCaseError> {
    let m = modulus::<R>();
    let residue = |v: u128| m.map_or(v, |m| v % m);
    let [a, b, c] = [x, y, z].map(R::from_u128);
    let [x, y] = [x, y].map(residue);
    prop_assert_eq!(a.to_u128(), x);
    prop_assert_eq!((a + b).to_u128(), slow_add(x, y, m));
    prop_assert_eq!((a * b).to_u128(), slow_mul(x, y, m));
    prop_assert_eq!((a - b).to_u128(), slow_add(x, m.map_or(y.wrapping_neg(), |m| m - y), m));
    prop_assert_eq!(a + -a, R::ZERO);
    prop_assert_eq!(-R::ZERO, R::ZERO);
    prop_assert_eq!(a * R::ONE, a);
    prop_assert_eq!((a + b) + c, a + (b + c));
    prop_assert_eq!((a * b) * c, a * (b * c));
    prop_assert_eq!(a * (b + c), a * b + a * c);
    let lazy = R::accumulate(R::accumulate(R::Accumulator::default(), a, b), b, c);
    prop_assert_eq!(R::reduce(lazy), a * b + b * c);

    let mut bytes = Vec::new();
    a.put(&mut bytes);
    prop_assert_eq!(bytes.len(), R::BYTES);
    prop_assert_eq!(R::take(&bytes), Some(a));
    prop_assert_eq!(R::take(&bytes[1..]), None);
    Ok(())
}

fn check_integers<R: Ring>(v: i128) -> Result<(), TestCaseError> {
    let a = R::from_i128(v);
    prop_assert_eq!(a + R::from_i128(v.wrapping_neg()), {
        // -2^127 is its own negation as an i128; its double is -2^128.
        if v == i128::MIN { R::from_i128(v) + R::from_i128(v) } else { R::ZERO }
    });
    let centred = a.to_i128();
    prop_assert_eq!(R::from_i128(centred), a);
    if let Some(m) = modulus::<R>() {
        prop_assert!(centred.unsigned_abs() <= m / 2);
        prop_assert!(centred != (m / 2) as i128 || m % 2 == 1);
        if v.unsigned_abs() <= (m - 1) / 2 {
            prop_assert_eq!(centred, v);
        }
        // The residue of a negative number, by hand.
        let residue = v.unsigned_abs() % m;
        let expected = if v < 0 && residue > 0 { m - residue } else { residue };
        prop_assert_eq!(a.to_u128(), expected);
    } else {
        prop_assert_eq!(centred, v);
    }
    Ok(())
}

fn check_field<F: PrimeField>(x: u128) -> Result<(), TestCaseError> {
    let a = F::from_u128(x);
    prop_assert_eq!(F::ALGEBRA, Algebra::Prime(F::MODULUS));
    match a.inv() {
        None => prop_assert_eq!(a, F::ZERO),
        Some(inverse) => prop_assert_eq!(inverse * a, F::ONE),
    }
    let sign = a * (a * a).inverse_root();
    if a == F::ZERO {
        prop_assert_eq!(sign, F::ZERO);
    } else {
        prop_assert!(sign == F::ONE || sign == -F::ONE);
        // -1 is no square modulo a prime that is 3 modulo 4, so the other root has the other sign.
        prop_assert_eq!(-a * (a * a).inverse_root(), -sign);
    }
    let several: Vec<F> = (0..9).map(|k| a * a + F::from_u128(k)).collect();
    let roots: Vec<F> = several.iter().map(|square| square.inverse_root()).collect();
    prop_assert_eq!(slices::inverse_roots(&several), roots);
    prop_assert_eq!(a.pow(5), a * a * a * a * a);
    prop_assert_eq!(a.pow(0), F::ONE);
    Ok(())
}

proptest! {
    #[test]
    fn rings_agree_with_slow_integers(x in edges(), y in edges(), z in edges()) {
        check_ring::<M61>(x, y, z)?;
        check_ring::<P128>(x, y, z)?;
        check_ring::<Toy<3>>(x, y, z)?;
        check_ring::<Toy<251>>(x, y, z)?;
        check_ring::<Toy<1019>>(x, y, z)?;
        check_ring::<Z64>(x, y, z)?;
        check_ring::<Z128>(x, y, z)?;
    }

    #[test]
    fn signed_integers_wrap_and_come_back_centred(v in edges()) {
        let v = v as i128;
        check_integers::<M61>(v)?;
        check_integers::<P128>(v)?;
        check_integers::<Toy<3>>(v)?;
        check_integers::<Toy<251>>(v)?;
        check_integers::<Toy<1019>>(v)?;
        check_integers::<Z64>(v)?;
        check_integers::<Z128>(v)?;
    }

    #[test]
    fn inverses_and_roots_exist_where_they_should(x in edges()) {
        check_field::<M61>(x)?;
        check_field::<P128>(x)?;
        check_field::<Toy<3>>(x)?;
        check_field::<Toy<251>>(x)?;
        check_field::<Toy<1019>>(x)?;
    }

    #[test]
    fn kernels_agree_with_loops(len in 0usize..300, group in 1usize..80, seed in any::<u8>()) {
        check_kernels::<M61>(len, group, seed)?;
        check_kernels::<P128>(len, group, seed)?;
        check_kernels::<Toy<3>>(len, group, seed)?;
        check_kernels::<Toy<251>>(len, group, seed)?;
        check_kernels::<Toy<1019>>(len, group, seed)?;
        check_kernels::<Z64>(len, group, seed)?;
        check_kernels::<Z128>(len, group, seed)?;
    }
}

fn check_kernels<R: Ring>(len: usize, group: usize, seed: u8) -> Result<(), TestCaseError> {
    let len = len / group * group;
    let mut rng = Prg::new([seed; 32], b"kernels");
    let rows: [Vec<R>; 5] = std::array::from_fn(|_| rng.elements(len));
    let [a, b, c, d, e] = &rows;
    let each = |f: &dyn Fn(usize) -> R| -> Vec<R> { (0..len).map(f).collect() };
    let grouped = |v: &[R]| -> Vec<R> {
        v.chunks(group).map(|run| run.iter().fold(R::ZERO, |sum, x| sum + *x)).collect()
    };
    let assigned = |f: &dyn Fn(&mut [R])| {
        let mut v = a.clone();
        f(&mut v);
        v
    };
    let products = each(&|i| a[i] * b[i]);
    prop_assert_eq!(slices::add(a, b), each(&|i| a[i] + b[i]));
    prop_assert_eq!(slices::sub(a, b), each(&|i| a[i] - b[i]));
    prop_assert_eq!(&slices::mul(a, b), &products);
    prop_assert_eq!(slices::neg(a), each(&|i| -a[i]));
    prop_assert_eq!(slices::scale(a, R::from_u128(9)), each(&|i| a[i] * R::from_u128(9)));
    prop_assert_eq!(assigned(&|v| slices::add_assign(v, b)), slices::add(a, b));
    prop_assert_eq!(assigned(&|v| slices::sub_assign(v, b)), slices::sub(a, b));
    prop_assert_eq!(&assigned(&|v| slices::mul_assign(v, b)), &products);
    let factor = R::from_u128(11);
    let scaled = each(&|i| a[i] + factor * b[i]);
    prop_assert_eq!(assigned(&|v| slices::add_scaled(v, b, factor)), scaled.clone());
    prop_assert_eq!(slices::line(a, b, factor), scaled);
    prop_assert_eq!(slices::sum_groups(a, group), grouped(a));
    let runs = vec![group; a.len() / group];
    prop_assert_eq!(slices::dot_runs(a, b, &runs), grouped(&products));
    prop_assert_eq!(slices::dot(a, b), slices::sum(&products));

    let replicated = each(&|i| a[i] * c[i] + a[i] * d[i] + b[i] * c[i]);
    prop_assert_eq!(slices::replicated_product([a, b], [c, d]), replicated.clone());
    prop_assert_eq!(slices::replicated_dot([a, b], [c, d], &runs), grouped(&replicated));
    let beaver = each(&|i| c[i] + d[i] * b[i] + e[i] * a[i]);
    let leader = each(&|i| beaver[i] + d[i] * e[i]);
    let mac = each(&|i| beaver[i] + d[i] * e[i] * factor);
    let triples: Vec<R> = (0..a.len()).flat_map(|i| [a[i], b[i], c[i]]).collect();
    let opened = [&d[..], &e[..]].concat();
    let publics = [
        (slices::Public::None, beaver),
        (slices::Public::All, leader),
        (slices::Public::Times(factor), mac),
    ];
    for (public, expected) in publics {
        let sums = grouped(&expected);
        prop_assert_eq!(slices::beaver_product(&triples, &opened, public), expected);
        prop_assert_eq!(slices::beaver_dot(&triples, &opened, public, &runs), sums);
    }
    let differences = [each(&|i| d[i] - a[i]), each(&|i| e[i] - b[i])].concat();
    prop_assert_eq!(slices::beaver_differences(&triples, [d, e]), differences);

    let factors: Vec<R> = rng.elements(5);
    let views = rows.each_ref().map(Vec::as_slice);
    let combined = each(&|i| (0..5).fold(R::ZERO, |sum, row| sum + factors[row] * rows[row][i]));
    prop_assert_eq!(slices::linear_combination(&factors, &views), combined);
    let picks: Vec<u32> = (0..len as u32).rev().step_by(3).collect();
    let picked: Vec<R> = picks.iter().map(|i| a[*i as usize]).collect();
    prop_assert_eq!(slices::gather(a, &picks), picked);
    Ok(())
}

/// The longest sums that fit an accumulator, of the largest products there are.
fn check_largest_sums<R: Ring>() {
    let largest = -R::ONE;
    for len in [63, 64, 65, 127, 128, 129, 1000] {
        let vector = vec![largest; len];
        let expected = R::from_u128(len as u128);
        assert_eq!(slices::dot(&vector, &vector), expected, "{} terms in {}", len, R::LABEL);
        let rows = vec![&vector[..5]; len];
        assert_eq!(slices::linear_combination(&vector, &rows), [expected; 5]);
    }
}

#[test]
fn delayed_reduction_never_overflows() {
    check_largest_sums::<M61>();
    check_largest_sums::<P128>();
    check_largest_sums::<Toy<65519>>();
    check_largest_sums::<Z64>();
    check_largest_sums::<Z128>();
}

#[test]
fn inverses_of_a_vector_are_those_of_its_elements() {
    let elements: Vec<P128> = Prg::new([3; 32], b"inverses").elements(20);
    let expected: Option<Vec<P128>> = elements.iter().map(|a| a.inv()).collect();
    assert!(expected.is_some());
    assert_eq!(slices::inverses(&elements), expected);
    assert_eq!(slices::inverses(&[P128::ONE, P128::ZERO]), None);
    assert_eq!(slices::inverses::<P128>(&[]), Some(vec![]));
}

#[test]
fn encodings_that_are_not_canonical_are_refused() {
    let p = M61::MODULUS as u64;
    for value in [p, p + 1, u64::MAX] {
        assert_eq!(M61::take(&value.to_le_bytes()), None);
    }
    assert_eq!(M61::take(&(p - 1).to_le_bytes()), Some(-M61::ONE));
    for value in [P128::MODULUS, u128::MAX] {
        assert_eq!(P128::take(&value.to_le_bytes()), None);
    }
    assert_eq!(P128::take(&(P128::MODULUS - 1).to_le_bytes()), Some(-P128::ONE));

    let mut body = Vec::new();
    vec![M61::ONE, M61::ZERO].encode(&mut body);
    assert_eq!(Vec::<M61>::decode(&body, &2), Ok(vec![M61::ONE, M61::ZERO]));
    body[8..].copy_from_slice(&p.to_le_bytes());
    let error = Vec::<M61>::decode(&body, &2).expect_err("p is not canonical");
    assert_eq!(error.0, "element 1 is not canonical");
}

#[test]
fn uniform_bytes_favour_no_element() {
    assert_eq!(M61::from_uniform_bytes(&u64::MAX.to_le_bytes()), None);
    assert_eq!(M61::from_uniform_bytes(&(7u64 | 5 << 61).to_le_bytes()), Some(M61::from_u128(7)));
    assert_eq!(P128::from_uniform_bytes(&P128::MODULUS.to_le_bytes()), None);
    assert_eq!(Z64::from_uniform_bytes(&u64::MAX.to_le_bytes()), Some(-Z64::ONE));
}

/// Every element comes from equally many of all byte strings.
fn check_every_byte_string<R: Ring>() {
    let mut counts = vec![0; modulus::<R>().expect("a prime") as usize];
    for value in 0..1u32 << (8 * R::BYTES) {
        if let Some(element) = R::from_uniform_bytes(&value.to_le_bytes()[..R::BYTES]) {
            counts[element.to_u128() as usize] += 1;
        }
    }
    assert!(counts[0] > 0 && counts.iter().all(|count| *count == counts[0]), "{}", R::LABEL);
}

#[test]
fn toy_fields_are_small_and_draw_every_element_alike() {
    check_every_byte_string::<Toy<3>>();
    check_every_byte_string::<Toy<7>>();
    check_every_byte_string::<Toy<31>>();
    check_every_byte_string::<Toy<251>>();
    check_every_byte_string::<Toy<1019>>();
    assert_eq!(
        [Toy::<3>::BITS, Toy::<7>::BITS, Toy::<251>::BITS, Toy::<1019>::BITS],
        [2, 3, 8, 10]
    );
    assert_eq!((Toy::<251>::BYTES, Toy::<1019>::BYTES), (1, 2));
    assert_eq!((Toy::<251>::take(&[250]), Toy::<251>::take(&[251])), (Some(-Toy::ONE), None));
    assert_eq!(Toy::<1019>::take(&1019u16.to_le_bytes()), None);
}

fn check_random<R: Ring>() {
    let (mut bulk, mut single) = (Prg::new([5; 32], b"r"), Prg::new([5; 32], b"r"));
    let vector: Vec<R> = bulk.elements(1000);
    let expected: Vec<R> = (0..1000).map(|_| R::random(&mut single)).collect();
    assert_eq!(vector, expected, "one stream, whether drawn in bulk or one by one");
    for bit in 0..R::BITS {
        let ones = vector.iter().filter(|a| (a.to_u128() >> bit) & 1 == 1).count();
        // Six standard deviations of a fair coin.
        assert!((405..=595).contains(&ones), "bit {bit} of {}: {ones} of 1000", R::LABEL);
    }
}

#[test]
fn random_elements_fill_the_ring() {
    check_random::<M61>();
    check_random::<P128>();
    check_random::<Z64>();
    check_random::<Z128>();
}

/// Fermat's test: true for every prime, and for a composite only if `base` is a liar.
fn passes_fermat(n: u128, base: u128) -> bool {
    slow_pow(base, n - 1, n) == 1
}

/// Lucas: `n` is prime if some number has order exactly `n - 1`, which is checked on the primes
/// that divide `n - 1`. Smaller factors are proved by trial division, larger ones the same way.
fn is_prime_with(n: u128, generator: u128, factors: &[u128]) -> bool {
    let mut rest = n - 1;
    for factor in factors {
        while rest.is_multiple_of(*factor) {
            rest /= factor;
        }
    }
    rest == 1
        && passes_fermat(n, generator)
        && factors.iter().all(|q| slow_pow(generator, (n - 1) / q, n) != 1)
}

fn is_prime_by_division(n: u128) -> bool {
    n > 1 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))
}

#[test]
fn the_moduli_are_prime() {
    // A chain of certificates, each with the factors of the number less one; the large factors
    // come first, down to those that trial division settles.
    let chain: [(u128, u128, &[u128]); 4] = [
        (2_414_025_939_978_703, 3, &[2, 3, 7, 31, 487, 1_269_055_841]),
        (275_198_957_157_572_143, 3, &[2, 3, 19, 2_414_025_939_978_703]),
        (P128::MODULUS, 5, &[2, 23, 41, 937, 510_529, 1_370_537_633, 275_198_957_157_572_143]),
        (M61::MODULUS, 37, &[2, 3, 5, 7, 11, 13, 31, 41, 61, 151, 331, 1321]),
    ];
    let mut proved = Vec::new();
    for (n, generator, factors) in chain {
        for factor in factors {
            assert!(proved.contains(factor) || is_prime_by_division(*factor), "{factor}");
        }
        assert!(is_prime_with(n, generator, factors), "{n}");
        proved.push(n);
    }
    assert_eq!(P128::MODULUS, u128::MAX - 172);
    assert_eq!((M61::MODULUS % 4, P128::MODULUS % 4), (3, 3));
}

#[test]
fn no_larger_128_bit_prime_is_3_modulo_4() {
    let larger = (P128::MODULUS + 1..=u128::MAX).filter(|n| n % 4 == 3);
    assert!(larger.clone().count() > 40);
    for n in larger {
        assert!([2, 3, 5].iter().any(|base| !passes_fermat(n, *base)), "{n} might be prime");
    }
}

#[test]
fn every_price_can_be_calibrated_and_has_its_own_key() {
    let ops: Vec<Op> = ops().chain(crate::primitives::ops()).collect();
    for (index, op) in ops.iter().enumerate() {
        assert!(ops[..index].iter().all(|other| other.key != op.key), "{} twice", op.key);
        assert!(!op.unit.is_empty());
        (op.work.expect("it can be done here"))(3, 1000);
    }
}
