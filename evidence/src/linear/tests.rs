use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::super::elimination::PowerOfTwo;
use super::super::prime::Prime;
use super::*;

const M61: u128 = (1 << 61) - 1;
const P128: u128 = 0u128.wrapping_sub(173);

fn draw(rng: &mut ChaCha20Rng) -> u128 {
    u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
}

/// Uniform elements; reduction of 128 bits is uniform enough for these tests.
fn uniform<R: LocalRing>(ring: R, runs: usize, columns: usize, seed: u64) -> Vec<Vec<u128>> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut row = |_| (0..columns).map(|_| ring.reduce(draw(&mut rng))).collect();
    (0..runs).map(&mut row).collect()
}

fn search<R: LocalRing>(ring: R, view: &[Vec<u128>], targets: &[Vec<u128>]) -> Search {
    leaks(ring, Runs { known: &[], view, targets }, ring.residue_bits()).unwrap()
}

/// The value of a relation's functional in one run.
fn value<R: LocalRing>(ring: R, relation: &Relation, known: &[u128], view: &[u128]) -> u128 {
    relation.coefficients.iter().fold(0, |sum, (column, coefficient)| {
        let entry = match column {
            Column::Known(at) => known[*at],
            Column::View(at) => view[*at],
            Column::One => 1,
        };
        ring.add(sum, ring.mul(*coefficient, entry))
    })
}

fn is_quiet_on_uniform_views<R: LocalRing>(ring: R) {
    for seed in 0..20 {
        let view = uniform(ring, 110, 30, seed);
        let targets = uniform(ring, 110, 3, 1000 + seed);
        assert_eq!(search(ring, &view, &targets).relations, []);
        let classes = [&view[..], &uniform(ring, 110, 30, 2000 + seed)[..]];
        for design in [Design::Paired, Design::Fixed] {
            assert_eq!(separates(ring, classes, design).unwrap().relations, []);
        }
    }
}

/// An input shared additively among three, all shares seen: no element alone says anything.
fn finds_a_sum_of_shares<R: LocalRing>(ring: R) {
    for seed in 0..20 {
        let mut view = uniform(ring, 120, 30, seed);
        let targets = uniform(ring, 120, 2, 1000 + seed);
        for (row, target) in view.iter_mut().zip(&targets) {
            row[20] = ring.sub(ring.sub(target[1], row[4]), row[11]);
        }
        let found = search(ring, &view, &targets);
        let [relation] = &found.relations[..] else { panic!("{found:?}") };
        assert_eq!((relation.target, relation.power), (1, 0));
        let columns: Vec<Column> = relation.coefficients.iter().map(|(c, _)| *c).collect();
        assert_eq!(columns, [Column::View(4), Column::View(11), Column::View(20)]);
        for (row, target) in view.iter().zip(&targets) {
            assert_eq!(value(ring, relation, &[], row), target[1]);
        }
        assert!(found.log2_false_positive <= -REQUIRED_BITS);
    }
}

#[test]
fn uniform_views_are_quiet() {
    is_quiet_on_uniform_views(Prime::new(2).unwrap());
    is_quiet_on_uniform_views(Prime::new(5).unwrap());
    is_quiet_on_uniform_views(Prime::new(M61).unwrap());
    is_quiet_on_uniform_views(PowerOfTwo::new(64).unwrap());
    is_quiet_on_uniform_views(PowerOfTwo::new(128).unwrap());
}

#[test]
fn a_sum_of_shares_is_found() {
    finds_a_sum_of_shares(Prime::new(2).unwrap());
    finds_a_sum_of_shares(Prime::new(5).unwrap());
    finds_a_sum_of_shares(Prime::new(P128).unwrap());
    finds_a_sum_of_shares(PowerOfTwo::new(64).unwrap());
    finds_a_sum_of_shares(PowerOfTwo::new(128).unwrap());
}

/// `t + 4 r` for a random `r` gives away two bits, and says nothing of the others.
#[test]
fn low_bits_are_found_modulo_a_power_of_two() {
    let ring = PowerOfTwo::new(64).unwrap();
    let mut view = uniform(ring, 120, 20, 1);
    let targets = uniform(ring, 120, 1, 2);
    for (row, target) in view.iter_mut().zip(&targets) {
        row[7] = ring.add(target[0], ring.mul(4, row[7]));
    }
    let found = search(ring, &view, &targets);
    let [relation] = &found.relations[..] else { panic!("{found:?}") };
    assert_eq!(relation.power, 62);
    assert_eq!(relation.coefficients, [(Column::View(7), 1 << 62)]);
    for (row, target) in view.iter().zip(&targets) {
        assert_eq!(value(ring, relation, &[], row), ring.scale(target[0], 62));
    }
}

/// A functional that uses what the coalition knows is a leak; one of what it knows alone is none.
#[test]
fn what_the_coalition_may_know_is_no_leak() {
    let ring = Prime::new(M61).unwrap();
    let (known, mut view) = (uniform(ring, 100, 2, 1), uniform(ring, 100, 10, 2));
    let mut targets = uniform(ring, 100, 2, 3);
    for ((known, view), target) in known.iter().zip(&mut view).zip(&mut targets) {
        target[0] = ring.sub(known[1], known[0]);
        view[3] = ring.add(target[1], known[0]);
        view[5] = target[0];
    }
    let runs = Runs { known: &known, view: &view, targets: &targets };
    let found = leaks(ring, runs, 61.0).unwrap();
    let [relation] = &found.relations[..] else { panic!("{found:?}") };
    assert_eq!(relation.target, 1);
    assert_eq!(relation.coefficients, [(Column::Known(0), M61 - 1), (Column::View(3), 1)]);
}

/// An input whose lowest bit is public leaks only if more of it follows from the view.
#[test]
fn a_public_low_bit_is_no_leak() {
    let ring = PowerOfTwo::new(8).unwrap();
    let mut view = uniform(ring, 120, 10, 1);
    let mut targets = uniform(ring, 120, 1, 2);
    targets.iter_mut().for_each(|target| target[0] = ring.mul(2, target[0]));
    assert_eq!(search(ring, &view, &targets).relations, []);
    for (row, target) in view.iter_mut().zip(&targets) {
        row[0] = ring.add(target[0], ring.mul(16, row[0]));
    }
    assert_eq!(search(ring, &view, &targets).relations[0].power, 4);
}

#[test]
fn classes_that_a_functional_tells_apart_are_found() {
    let ring = Prime::new(M61).unwrap();
    for design in [Design::Paired, Design::Fixed] {
        let mut classes = [uniform(ring, 110, 30, 1), uniform(ring, 110, 30, 2)];
        for (class, constant) in classes.iter_mut().zip([5, 9]) {
            class.iter_mut().for_each(|row| row[8] = ring.sub(constant, row[2]));
        }
        let found = separates(ring, [&classes[0], &classes[1]], design).unwrap();
        let [relation] = &found.relations[..] else { panic!("{found:?}") };
        assert_eq!(value(ring, relation, &[], &classes[0][17]), 0);
        assert_eq!(value(ring, relation, &[], &classes[1][17]), 1);
        assert!(found.log2_false_positive <= -REQUIRED_BITS);
    }
}

/// With as many columns as runs everything is a combination of the view; that proves nothing.
#[test]
fn too_few_runs_accuse_nobody() {
    let ring = Prime::new(M61).unwrap();
    let (view, targets) = (uniform(ring, 20, 40, 1), uniform(ring, 20, 1, 2));
    let runs = Runs { known: &[], view: &view, targets: &targets };
    let refused = leaks(ring, runs, 61.0).unwrap_err();
    assert_eq!(refused, Misfit::TooFewRuns { runs: 20, rank: 20, log2_false_positive: 0.0 });
    let uneven = separates(ring, [&view, &view[1..]], Design::Paired).unwrap_err();
    assert_eq!(uneven, Misfit::Unpaired { counts: [20, 19] });
    let ragged = [vec![1, 2], vec![1]];
    let runs = Runs { known: &[], view: &ragged, targets: &targets[..2] };
    let refused = leaks(ring, runs, 61.0).unwrap_err();
    assert_eq!(refused, Misfit::Shape { run: 1, expected: 2, found: 1 });
}

/// The largest size that batteries use; the planted relation forces the whole elimination.
#[test]
fn two_thousand_runs_of_three_hundred_columns_are_no_burden() {
    let ring = Prime::new(P128).unwrap();
    let (view, mut targets) = (uniform(ring, 2000, 300, 1), uniform(ring, 2000, 2, 2));
    for (row, target) in view.iter().zip(&mut targets) {
        target[0] = ring.add(row[0], ring.mul(3, row[299]));
    }
    let found = search(ring, &view, &targets);
    assert_eq!(found.rank, 301);
    assert_eq!(found.relations[0].coefficients, [(Column::View(0), 1), (Column::View(299), 3)]);
}
