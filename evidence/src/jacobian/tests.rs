use super::super::exact::{self, Distribution};
use super::*;

const M61: u128 = (1 << 61) - 1;
const P128: u128 = 0u128.wrapping_sub(173);

fn field(p: u128) -> Prime {
    Prime::new(p).unwrap()
}

/// Asks about a view that is a function of the class and the draws, and cannot fail.
fn ask(
    p: u128,
    (draws, revealed, degree): (usize, &[usize], u64),
    seed: u64,
    view: impl Fn(usize, &[u128]) -> Vec<u128>,
) -> Finding {
    let question = Question { field: field(p), draws, narrow: &[], revealed, degree, seed };
    decide(&question, |class, draws| Ok(view(class, draws)))
}

fn assert_perfect(found: &Finding, rank: usize, relations: usize) {
    let Finding::Perfect { rank: r, relations: l, log2_error } = found else { panic!("{found:?}") };
    assert_eq!((*r, *l), (rank, relations));
    assert!(*log2_error <= -63.0, "{found:?}");
}

fn leaks(relation: &[(usize, u128)], values: [Option<u128>; 2]) -> Finding {
    Finding::Leaks { relation: relation.to_vec(), values }
}

/// `a + b x` at the points 1 to 3.
fn shares(f: Prime, secret: u128, slope: u128) -> [u128; 3] {
    [1, 2, 3].map(|point| f.add(secret, f.mul(slope, point)))
}

#[test]
fn a_one_time_pad_is_perfect_in_every_field_and_block() {
    for seed in 0..20 {
        for p in [5, 101, M61, P128] {
            let found = ask(p, (1, &[], 1), seed, |x, r| vec![field(p).add(x as u128, r[0])]);
            assert_perfect(&found, 1, 0);
        }
    }
}

/// Three additive shares: two say nothing, whichever; all three give the input.
#[test]
fn additive_sharing_leaks_only_all_shares() {
    let f = field(M61);
    let all = |x: usize, r: &[u128]| [r[0], r[1], f.sub(f.sub(7 + x as u128, r[0]), r[1])];
    for seed in 0..20 {
        for pair in [[0, 1], [0, 2], [1, 2]] {
            let view = |x: usize, r: &[u128]| pair.map(|at| all(x, r)[at]).to_vec();
            assert_perfect(&ask(M61, (2, &[], 1), seed, view), 2, 0);
        }
        let found = ask(M61, (2, &[], 1), seed, |x, r| all(x, r).to_vec());
        assert_eq!(found, leaks(&[(0, 1), (1, 1), (2, 1)], [Some(7), Some(8)]));
        // The coalition dealt the first share itself, and sees another.
        let found = ask(M61, (2, &[0], 1), seed, |x, r| vec![all(x, r)[2]]);
        assert_perfect(&found, 1, 0);
    }
}

#[test]
fn shamirs_sharing_of_degree_one_leaks_two_shares() {
    let f = field(P128);
    let view = |x: usize, r: &[u128]| shares(f, 3 + x as u128, r[0]);
    for at in 0..3 {
        assert_perfect(&ask(P128, (1, &[], 1), 1, |x, r| vec![view(x, r)[at]]), 1, 0);
    }
    let found = ask(P128, (1, &[], 1), 1, |x, r| view(x, r)[..2].to_vec());
    // f(2) - 2 f(1) = -f(0)
    assert_eq!(found, leaks(&[(0, P128 - 2), (1, 1)], [3, 4].map(|x| Some(P128 - x))));
}

/// Two inputs under one mask give their difference away; their sum is what both classes share.
#[test]
fn a_reused_mask_leaks() {
    let f = field(101);
    let inputs = [[10, 4], [8, 6]];
    for seed in 0..20 {
        let view = |x: usize, r: &[u128]| inputs[x].map(|input| f.add(input, r[0])).to_vec();
        let found = ask(101, (1, &[], 1), seed, view);
        assert_eq!(found, leaks(&[(0, 100), (1, 1)], [Some(95), Some(99)]));
        let fresh =
            |x: usize, r: &[u128]| vec![f.add(inputs[x][0], r[0]), f.add(inputs[x][1], r[1])];
        assert_perfect(&ask(101, (2, &[], 1), seed, fresh), 2, 0);
        // With the sum opened as well, which the output gives anyway.
        let opened = |x: usize, r: &[u128]| [fresh(x, r), vec![14]].concat();
        assert_perfect(&ask(101, (2, &[], 1), seed, opened), 2, 1);
    }
}

#[test]
fn a_constant_share_leaks() {
    let view = |x: usize, _: &[u128]| vec![5, 20 + x as u128];
    let found = ask(101, (3, &[], 1), 1, view);
    assert_eq!(found, leaks(&[(1, 1)], [Some(20), Some(21)]));
    assert_eq!(ask(101, (0, &[], 1), 1, view), found);
}

/// `r x`: zero gives itself away, other values hide each other though coefficients differ.
#[test]
fn multiplicative_masks_hide_all_but_zero() {
    let f = field(M61);
    let found = ask(M61, (1, &[], 1), 1, |x, r| vec![f.mul(r[0], x as u128)]);
    assert_eq!(found, leaks(&[(0, 1)], [Some(0), None]));
    let found = ask(M61, (1, &[], 1), 1, |x, r| vec![f.mul(r[0], x as u128 + 1)]);
    assert_perfect(&found, 1, 0);
}

/// A mask times a value that the coalition knows is no mask where that value is zero.
#[test]
fn masks_that_may_degenerate_are_statistical() {
    let f = field(M61);
    let view = |x: usize, r: &[u128]| vec![r[0], f.add(f.mul(r[0], r[1]), x as u128)];
    for revealed in [&[0][..], &[]] {
        let found = ask(M61, (2, revealed, 2), 1, view);
        let Finding::Statistical { log2_distance, log2_error } = found else { panic!("{found:?}") };
        assert!((-61.0..-50.0).contains(&log2_distance), "{found:?}");
        assert!(log2_error <= -63.0);
    }
}

/// What is solved for first may depend on what is solved for later: `a` on `b` here. The third
/// element is a function of the others, so it says nothing new.
#[test]
fn solved_draws_follow_those_solved_later() {
    let f = field(P128);
    let view = |x: usize, r: &[u128]| {
        let first = f.add(r[0], r[1]);
        let second = f.add(f.mul(first, r[1]), x as u128);
        vec![first, second, f.add(first, f.mul(second, second))]
    };
    let found = ask(P128, (2, &[], 4), 1, view);
    assert!(matches!(found, Finding::Statistical { .. }), "{found:?}");
}

/// Multiplication of Ben-Or, Goldwasser and Wigderson for three parties as seen by the first:
/// its shares of both inputs, sub-shares of the others' products, and all shares of the product.
fn multiplication(inputs: [[u128; 2]; 2], randomise: bool) -> impl Fn(usize, &[u128]) -> Vec<u128> {
    move |class, r| {
        let f = field(M61);
        let [x, y] = inputs[class];
        let (x, y) = (shares(f, x, r[0]), shares(f, y, r[1]));
        let products = [0, 1, 2].map(|party| f.mul(x[party], y[party]));
        if !randomise {
            return [&[x[0], y[0]], &products[..]].concat();
        }
        let dealt = [0, 1, 2].map(|party| shares(f, products[party], r[2 + party]));
        // f(0) = 3 f(1) - 3 f(2) + f(3)
        let weights = [3, M61 - 3, 1];
        let opened = [0, 1, 2].map(|at| f.dot(&weights, &dealt.map(|shares| shares[at])));
        [&[x[0], y[0], dealt[1][0], dealt[2][0]], &opened[..]].concat()
    }
}

#[test]
fn a_product_of_shares_is_perfect_if_it_is_shared_anew() {
    for seed in 0..20 {
        let view = multiplication([[2, 6], [3, 4]], true);
        let found = ask(M61, (5, &[2], 2), seed, view);
        assert_perfect(&found, 4, 3);
    }
}

#[test]
fn a_product_of_shares_that_is_opened_as_it_is_leaks() {
    for seed in 0..20 {
        let found = ask(M61, (5, &[], 2), seed, multiplication([[2, 6], [3, 4]], false));
        assert!(matches!(found, Finding::Leaks { values: [Some(_), Some(_)], .. }), "{found:?}");
    }
    // With another product the output differs, and what is not private is found.
    let found = ask(M61, (5, &[2], 2), 1, multiplication([[2, 6], [3, 5]], true));
    assert!(matches!(found, Finding::Leaks { .. }), "{found:?}");
}

#[test]
fn what_the_method_does_not_reach_is_inconclusive() {
    let f = field(M61);
    let inconclusive = |found: &Finding| matches!(found, Finding::Inconclusive { .. });
    let product = ask(M61, (2, &[], 2), 1, |x, r| vec![f.add(f.mul(r[0], r[1]), x as u128)]);
    assert!(inconclusive(&product), "{product:?}");
    let small = ask(5, (1, &[], 7), 1, |x, r| vec![(x as u128 + r[0]) % 5]);
    assert!(inconclusive(&small), "{small:?}");
    let ragged = ask(M61, (1, &[], 1), 1, |x, r| vec![r[0]; 1 + x]);
    assert!(inconclusive(&ragged), "{ragged:?}");
    let missing = ask(M61, (1, &[3], 1), 1, |_, r| r.to_vec());
    assert!(inconclusive(&missing), "{missing:?}");
    let question = Question { field: f, draws: 1, narrow: &[], revealed: &[], degree: 1, seed: 1 };
    let aborted = decide(&question, |_, _| Err("party 1 aborted".to_owned()));
    assert_eq!(aborted, Finding::Inconclusive { why: "party 1 aborted".to_owned() });
}

/// A view of elements `c + x (d + e r) + a r + b r r` with few random coefficients, and the first
/// draw itself if it is revealed.
fn random_view(seed: u64, is_revealed: bool) -> impl Fn(usize, &[u128]) -> Vec<u128> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut some = |of: u32| {
        let drawn = rng.next_u32();
        if drawn.is_multiple_of(of) { u128::from(drawn >> 8) % 13 } else { 0 }
    };
    let elements: Vec<Vec<u128>> =
        (0..2).map(|_| (0..14).map(|at| some(if at < 5 { 2 } else { 7 })).collect()).collect();
    move |x, r| {
        let monomials = [1, r[0], r[1], r[2], x as u128, r[0] * r[0], r[0] * r[1], r[0] * r[2]];
        let others = [r[1] * r[1], r[1] * r[2], r[2] * r[2]];
        let with_x = [r[0], r[1], r[2]].map(|draw| draw * x as u128);
        let value = |element: &Vec<u128>| {
            let monomials = monomials.iter().chain(&others).chain(&with_x);
            element.iter().zip(monomials).map(|(a, b)| a * b).sum::<u128>() % 13
        };
        let elements = elements.iter().map(value);
        elements.chain(is_revealed.then_some(r[0])).collect()
    }
}

/// The whole method against enumeration: what it decides is never contradicted.
#[test]
fn decisions_agree_with_enumeration() {
    let mut seen = [0; 4];
    for seed in 0..600 {
        let is_revealed = seed % 2 == 1;
        let view = random_view(seed, is_revealed);
        let distribution = |class: usize| {
            let mut distribution = Distribution::default();
            for at in 0..13u128.pow(3) {
                let seen = view(class, &[at % 13, at / 13 % 13, at / 169]);
                let seen: Vec<u8> = seen.into_iter().map(|element| element as u8).collect();
                distribution.add(&seen, exact::weight(&[13; 3]).unwrap()).unwrap();
            }
            distribution
        };
        let difference = exact::first_difference(&[distribution(0), distribution(1)]).unwrap();
        let revealed: &[usize] = if is_revealed { &[0] } else { &[] };
        let found = ask(13, (3, revealed, 2), seed, &view);
        match found {
            Finding::Perfect { .. } => assert_eq!(difference, None, "seed {seed}: {found:?}"),
            Finding::Leaks { .. } | Finding::Short { .. } => {
                assert!(difference.is_some(), "seed {seed}: {found:?}");
            }
            _ => {}
        }
        seen[match found {
            Finding::Perfect { .. } => 0,
            Finding::Leaks { .. } | Finding::Short { .. } => 1,
            Finding::Statistical { .. } => 2,
            Finding::Inconclusive { .. } => 3,
        }] += 1;
    }
    assert!(seen[0] > 60 && seen[1] > 60, "both decisions occur: {seen:?}");
}

/// Asks with narrow draws.
fn ask_narrow(
    (draws, narrow): (usize, &[(usize, u128)]),
    seed: u64,
    view: impl Fn(usize, &[u128]) -> Vec<u128>,
) -> Finding {
    let question = Question { field: field(M61), draws, narrow, revealed: &[], degree: 2, seed };
    decide(&question, |class, draws| Ok(view(class, draws)))
}

/// Finds a distance of at least 2^-most, and no more than the true 2^-least.
fn assert_short(found: &Finding, least: f64, most: f64) {
    let Finding::Short { log2_distance, .. } = found else { panic!("{found:?}") };
    assert!((-most..=-least).contains(log2_distance), "{found:?}");
}

#[test]
fn masks_from_few_values_are_measured() {
    let f = field(M61);
    for seed in 0..20 {
        // In any multiple, with one more mask of as many values, and next to what is hidden well.
        let one = |x: usize, r: &[u128]| vec![f.mul(12_345, f.add(x as u128, r[0])), r[1]];
        assert_short(&ask_narrow((2, &[(0, 1 << 24)]), seed, one), 24.0, 26.0);
        let two = |x: usize, r: &[u128]| vec![f.sub(f.sub(5 * x as u128, r[0]), r[1])];
        let narrow = [(0, 1 << 24), (1, 1 << 24)];
        assert_short(&ask_narrow((2, &narrow), seed, two), 21.0, 24.0);
        let masks = |x: usize, r: &[u128]| vec![f.add(f.add(x as u128, r[0]), r[1])];
        assert_perfect(&ask_narrow((2, &[(0, 1 << 24)]), seed, masks), 1, 0);
        // A leak beside a narrow draw is none of its business.
        let bare = |x: usize, r: &[u128]| vec![r[0], f.add(r[1], x as u128), r[1]];
        let found = ask_narrow((2, &[(0, 1 << 24)]), seed, bare);
        assert!(matches!(found, Finding::Leaks { values: [Some(_), Some(_)], .. }), "{found:?}");
    }
}

/// In rings elements are looked at one by one.
#[test]
fn elements_of_rings_that_few_values_mask_are_measured() {
    let values = [1 << 64, 1 << 64, 2];
    let ask = |revealed: &[usize], view: &dyn Fn(u128, &[u128]) -> u128| {
        let ring = Ring { bits: 64, values: &values, revealed, seed: 1 };
        let modulus = 1u128 << 64;
        let view = |x: usize, r: &[u128]| Ok(vec![r[1], view(x as u128, r) % modulus]);
        short_element(&ring, view).unwrap()
    };
    assert_eq!(ask(&[], &|x, r| x + r[0]), None);
    assert_eq!(ask(&[], &|x, r| (x + r[0] % 1024) % 1024), None, "it wraps around");
    assert_eq!(ask(&[], &|x, r| x ^ r[2]), None, "a bit that hides a bit");
    let short = |x: u128, r: &[u128]| (1 << 64) + x - r[0] % (1 << 24);
    assert_short(&ask(&[], &short).unwrap(), 24.0, 26.0);
    // What is known besides changes nothing, unless it is not known.
    let known = |x: u128, r: &[u128]| short(x, r) + r[1];
    assert_short(&ask(&[1], &known).unwrap(), 24.0, 26.0);
    assert_eq!(ask(&[], &known), None);
}

#[test]
fn a_mask_that_wraps_around_is_not_short() {
    let inconclusive = |found: &Finding| matches!(found, Finding::Inconclusive { .. });
    for values in [1 << 24, 1_000_003] {
        let wraps = |x: usize, r: &[u128]| vec![(x as u128 + r[0]) % values];
        let found = ask_narrow((1, &[(0, values)]), 1, wraps);
        assert!(inconclusive(&found), "{found:?}");
    }
    // Neither is the low half of a wide draw.
    let wraps = |x: usize, r: &[u128]| vec![(x as u128 + r[0] % (1 << 24)) % (1 << 24)];
    let found = ask_narrow((1, &[]), 1, wraps);
    assert!(inconclusive(&found), "{found:?}");
    let cut = |x: usize, r: &[u128]| vec![x as u128 + r[0] % (1 << 24)];
    assert_short(&ask_narrow((1, &[]), 1, cut), 24.0, 26.0);
}
