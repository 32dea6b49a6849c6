//! Every function against an independent implementation on plain integers.

use std::sync::Arc;

use proptest::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::program::tests::run_scheduled;
use crate::program::{Halves, Program, check, interpret};

fn program<F: Function>(params: &F::Params, parties: usize) -> Arc<Program> {
    match F::build(params, parties).expect("allowed") {
        Task::Program(program) => program,
        Task::Relation(relation) => panic!("{} is no program", relation.name()),
    }
}

fn column(name: &str, parties: &[Vec<i128>]) -> Vec<Inputs> {
    parties.iter().map(|values| Inputs::from([(name.to_owned(), values.clone())])).collect()
}

/// What an exact program yields, through the interpreter and through its schedule.
fn outputs(program: &Program, inputs: &[Inputs]) -> Vec<i128> {
    let expected = interpret(program, inputs).expect("inputs are in the domain");
    assert!(expected.errors.iter().all(|&error| error == 0), "the program is exact");
    assert_eq!(run_scheduled(program, inputs, || true), expected.outputs);
    expected.outputs
}

/// Vectors of one length for 1 to 9 parties.
fn vectors(
    parties: std::ops::Range<usize>,
    len: usize,
    values: std::ops::Range<i128>,
) -> impl Strategy<Value = Vec<Vec<i128>>> {
    prop::collection::vec(prop::collection::vec(values, len), parties)
}

/// Bids among which ties are frequent, extremes too.
fn bids() -> impl Strategy<Value = Vec<Vec<i128>>> {
    let bid = prop_oneof![0i128..4, Just((1 << 32) - 1), 0i128..1 << 32];
    prop::collection::vec(bid.prop_map(|bid| vec![bid]), 2..12)
}

/// The first position of the largest value, and the largest of the others.
fn first_and_second(values: &[i128]) -> (usize, i128) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|&i| (-values[i], i));
    (order[0], values[order[1]])
}

proptest! {
    #[test]
    fn sum_adds_elementwise(values in vectors(1..9, 3, -128..128)) {
        let params = sum::SumParams { bits: 8, length: 3, decimals: None };
        let program = program::<Sum>(&params, values.len());
        let expected: Vec<i128> =
            (0..3).map(|i| values.iter().map(|vector| vector[i]).sum()).collect();
        prop_assert_eq!(outputs(&program, &column("value", &values)), expected);
    }

    #[test]
    fn mean_variance_matches_the_definition(values in vectors(1..6, 4, -2048..2048)) {
        let params = mean_variance::MeanVarianceParams { bits: 12, length: 4.into(), decimals: None };
        let program = program::<MeanVariance>(&params, values.len());
        let all: Vec<i128> = values.iter().flatten().copied().collect();
        let n = all.len() as i128;
        let total: i128 = all.iter().sum();
        // Squared distances from the mean, scaled by n^2, instead of the program's formula.
        let spread: i128 = all.iter().map(|x| (n * x - total).pow(2)).sum::<i128>() / n;
        prop_assert_eq!(outputs(&program, &column("value", &values)), vec![total, spread]);
    }

    #[test]
    fn inner_product_multiplies_two_vectors(values in vectors(2..5, 7, -32768..32768)) {
        let params = inner_product::InnerProductParams { bits: 16, length: 7, decimals: None };
        let program = program::<InnerProduct>(&params, values.len());
        let product: i128 = (0..7).map(|i| values[0][i] * values[1][i]).sum();
        prop_assert_eq!(outputs(&program, &column("value", &values)), vec![product]);
    }

    #[test]
    fn product_multiplies_everyone(values in vectors(1..9, 1, -8..8)) {
        let program = program::<Product>(&product::ProductParams { bits: 4, decimals: None }, values.len());
        let product: i128 = values.iter().flatten().product();
        prop_assert_eq!(outputs(&program, &column("value", &values)), vec![product]);
    }

    #[test]
    fn and_is_one_if_all_bits_are(
        bits in vectors(2..9, 3, 0..2),
        zero in prop::option::of((0usize..9, 0usize..3)),
        drawn in any::<bool>(),
    ) {
        // Random bits nearly always hold a 0; ones with a single 0, or without, decide the output.
        let mut bits = if drawn { bits } else { vec![vec![1; 3]; bits.len()] };
        let parties = bits.len();
        if let Some((party, at)) = zero {
            bits[party % parties][at] = 0;
        }
        let program = program::<And>(&and::AndParams { width: 3 }, parties);
        let all = i128::from(!bits.concat().contains(&0));
        prop_assert_eq!(outputs(&program, &column("bit", &bits)), vec![all]);
    }

    #[test]
    fn the_richest_is_the_first_of_equals(wealth in bids()) {
        let program = program::<Millionaires>(&Default::default(), wealth.len());
        let richest = first_and_second(&wealth.concat()).0;
        prop_assert_eq!(outputs(&program, &column("wealth", &wealth)), vec![richest as i128]);
    }

    #[test]
    fn wide_numbers_are_compared_like_narrow_ones(
        seed: u64,
        bits in 65u32..=128,
        parties in 2usize..6,
        tie: bool,
    ) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut drawn: Vec<u128> = (0..parties).map(|_| rng.random::<u128>() >> (128 - bits)).collect();
        if tie {
            let last = drawn[parties - 1];
            drawn[0] = last;
        }
        let inputs = |signed, name: &str| -> Vec<Inputs> {
            let halves = Halves { bits, signed };
            let number = |x: &u128| match signed {
                true => ((x << (128 - bits)).cast_signed() >> (128 - bits)).cast_unsigned(),
                false => *x,
            };
            drawn.iter().map(|x| halves.columns(name, &[number(x)])).collect()
        };
        let text = |program: &Program, inputs: &[Inputs]| program.describe(&outputs(program, inputs));
        let mut order: Vec<usize> = (0..parties).collect();
        order.sort_by_key(|at| (std::cmp::Reverse(drawn[*at]), *at));
        let richest = MillionairesParams { bits, decimals: None };
        let richest = program::<Millionaires>(&richest, parties);
        let expected = format!("richest = {}", order[0]);
        prop_assert_eq!(text(&richest, &inputs(false, "wealth")), expected);
        let auction = SecondPriceAuctionParams { bits, decimals: None };
        let auction = program::<SecondPriceAuction>(&auction, parties);
        let expected = format!("winner = {}, price = {}", order[0], drawn[order[1]]);
        prop_assert_eq!(text(&auction, &inputs(false, "bid")), expected);
        let max = MaxParams { bits, length: 1, argmax: true, decimals: None };
        let max = program::<Max>(&max, parties);
        let signed = |at: usize| (drawn[at] << (128 - bits)).cast_signed() >> (128 - bits);
        order.sort_by_key(|at| (std::cmp::Reverse(signed(*at)), *at));
        let expected = format!("max = {}, party = {}", signed(order[0]), order[0]);
        prop_assert_eq!(text(&max, &inputs(true, "value")), expected);
    }

    #[test]
    fn max_finds_value_and_party(values in vectors(1..9, 3, -4..4)) {
        let params = max::MaxParams { bits: 8, length: 3, argmax: true, decimals: None };
        let inputs = column("value", &values);
        let largest = *values.iter().flatten().max().expect("not empty");
        let party = values.iter().position(|vector| vector.contains(&largest)).expect("exists");
        let with = program::<Max>(&params, values.len());
        prop_assert_eq!(outputs(&with, &inputs), vec![largest, party as i128]);
        let without = program::<Max>(&max::MaxParams { argmax: false, ..params }, values.len());
        prop_assert_eq!(outputs(&without, &inputs), vec![largest]);
    }

    #[test]
    fn the_second_price_wins(bids in bids()) {
        let program = program::<SecondPriceAuction>(&Default::default(), bids.len());
        let (winner, price) = first_and_second(&bids.concat());
        prop_assert_eq!(outputs(&program, &column("bid", &bids)), vec![winner as i128, price]);
    }

    #[test]
    fn receivers_obtain_what_they_choose(
        seed: u64,
        choices in 2usize..10,
        length in 1usize..4,
        bits in 1u32..=128,
        parties in 2usize..4,
    ) {
        let params = ObliviousTransferParams { choices, length, bits };
        let program = program::<ObliviousTransfer>(&params, parties);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let inputs: Vec<Inputs> = (0..parties)
            .map(|party| ObliviousTransfer::generate(&params, party, parties, &mut rng))
            .collect();
        let column = |name: &str, places: &dyn Fn(usize) -> usize| -> Vec<i128> {
            (0..length).map(|at| inputs[0][name][places(at)]).collect()
        };
        let chosen = |at: usize| at * choices + inputs[1]["choice"][at] as usize;
        let expected = match bits > 64 {
            true => [column("message.low", &chosen), column("message.high", &chosen)].concat(),
            false => column("message", &chosen),
        };
        prop_assert_eq!(outputs(&program, &inputs), expected);
    }

    #[test]
    fn histograms_count(values in vectors(1..6, 5, 0..7)) {
        let params = histogram::HistogramParams { bins: 7, length: 5.into() };
        let program = program::<Histogram>(&params, values.len());
        let all = values.concat();
        let count = |bin| all.iter().filter(|&&value| value == bin).count() as i128;
        let expected: Vec<i128> = (0..7).map(count).collect();
        prop_assert_eq!(outputs(&program, &column("value", &values)), expected);
    }

    #[test]
    fn regression_stays_within_its_bound_in_any_rounding(
        points in prop::collection::vec((-2048i128..2048, -2048i128..2048), 8),
        narrow in any::<bool>(),
        coins in any::<u64>(),
    ) {
        let narrow = |x: i128| if narrow { x.clamp(-2, 2) } else { x };
        let points: Vec<(i128, i128)> = points.into_iter().map(|(x, y)| (narrow(x), y)).collect();
        let params =
            linear_regression::LinearRegressionParams { rows: 4, ..Default::default() };
        check_regression(&params, &points, coins)?;
    }
}

/// Two parties' points through interpreter and schedule, against floating point.
fn check_regression(
    params: &linear_regression::LinearRegressionParams,
    points: &[(i128, i128)],
    coins: u64,
) -> Result<(), TestCaseError> {
    let program = program::<LinearRegression>(params, 2);
    let half = |points: &[(i128, i128)]| {
        let (x, y): (Vec<i128>, Vec<i128>) = points.iter().copied().unzip();
        Inputs::from([("x".to_owned(), x), ("y".to_owned(), y)])
    };
    let (first, second) = points.split_at(params.rows);
    let inputs = [half(first), half(second)];
    let expected = interpret(&program, &inputs).expect("static ranges hold");
    let mut turn = 0u32;
    let noisy = run_scheduled(&program, &inputs, || {
        turn += 1;
        coins.rotate_left(turn) & 1 == 1
    });
    prop_assert_eq!(check(&program, &expected, &noisy), Ok(()));
    let (slope, intercept) = least_squares(points, f64::from(1 << params.frac));
    let bounds = program.error_bounds();
    for got in [&expected.outputs, &noisy] {
        for ((raw, real), bound) in got.iter().zip([slope, intercept]).zip(bounds) {
            let error = (*raw as f64 / f64::from(1 << params.output_frac) - real).abs();
            let bound_here = bound.absolute + bound.relative * slope.abs();
            prop_assert!(error <= bound_here, "{bound}: {error} > {bound_here}");
        }
    }
    Ok(())
}

/// Centred sums, unlike the program's formula; integers as far as they go.
fn least_squares(points: &[(i128, i128)], unit: f64) -> (f64, f64) {
    let n = points.len() as i128;
    let (total_x, total_y) = points.iter().fold((0, 0), |(x, y), p| (x + p.0, y + p.1));
    let centred = points.iter().map(|p| (n * p.0 - total_x, n * p.1 - total_y));
    let (covariance, variance) = centred.fold((0, 0), |(c, v), (x, y)| (c + x * y, v + x * x));
    let slope = if variance == 0 { 0.0 } else { covariance as f64 / variance as f64 };
    let mean = |total: i128| total as f64 / n as f64 / unit;
    (slope, mean(total_y) - slope * mean(total_x))
}

#[test]
fn regression_covers_the_corners() {
    let params = linear_regression::LinearRegressionParams { rows: 4, ..Default::default() };
    let far = |x: i128, y: i128| if x < 0 { (-2048, y) } else { (2047, -y) };
    let corners: [Vec<(i128, i128)>; 4] = [
        // A vertical line: determinant 0.
        (0..8).map(|i| (77, 100 * i)).collect(),
        // The steepest slopes: one x differs by one unit.
        (0..8).map(|i| if i == 0 { (1, 2047) } else { (0, -2048) }).collect(),
        (0..8).map(|i| if i == 0 { (2047, -2048) } else { (2046, 2047) }).collect(),
        // The widest spread.
        (0..8).map(|i| far(i % 2 - 1, 2047)).collect(),
    ];
    for points in &corners {
        for coins in [0, u64::MAX, 0x5555_5555_5555_5555] {
            check_regression(&params, points, coins).expect("within the bound");
        }
    }
}

#[test]
fn regression_defaults_fit_in_sixty_bits_and_are_useful() {
    for (rows, parties) in [(8, 3), (8, 5), (20, 5)] {
        let params = linear_regression::LinearRegressionParams { rows, ..Default::default() };
        let program = program::<LinearRegression>(&params, parties);
        assert!(program.statistics().max_bits <= 60, "{}", program.statistics().max_bits);
        let slope = &program.error_bounds()[0];
        assert!(slope.absolute < 4e-4 && slope.relative < 1e-6, "{slope}");
        let intercept = &program.error_bounds()[1];
        assert!(intercept.absolute < 0.06 && intercept.relative < 1e-4, "{intercept}");
    }
}

/// Holds one function to what all promise.
struct Promises;

impl FunctionVisitor for Promises {
    fn visit<F: Function>(&mut self) {
        let params = F::Params::default();
        for parties in [2, 3, 5] {
            let task = F::build(&params, parties).expect("defaults are allowed");
            let keeps = matches!(&task, Task::Program(program) if !program.kept().is_empty());
            assert!(task.output_len() > 0 || keeps, "{}", F::NAME);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
            let inputs: Vec<Inputs> =
                (0..parties).map(|k| F::generate(&params, k, parties, &mut rng)).collect();
            for (party, columns) in inputs.iter().enumerate() {
                let declared = task.inputs_of(party);
                assert_eq!(declared.len(), columns.len(), "{} party {party}", F::NAME);
            }
            if let Task::Program(program) = &task {
                let expected = interpret(program, &inputs).expect(F::NAME);
                let noisy = run_scheduled(program, &inputs, || true);
                assert_eq!(check(program, &expected, &noisy), Ok(()), "{}", F::NAME);
                assert!(!program.describe(&expected.outputs).contains('?'));
            }
        }
        assert!(matches!(
            F::build(&params, 0),
            Err(FunctionError::Parties { .. } | FunctionError::Parameter { .. })
        ));
    }
}

#[test]
fn every_function_keeps_the_common_promises() {
    visit_all(&mut Promises);
}

#[test]
fn the_auction_runs_five_bids_in_three_levels() {
    let program = program::<SecondPriceAuction>(&Default::default(), 5);
    let bids = column("bid", &[vec![700], vec![870], vec![910], vec![870], vec![12]]);
    let outputs = outputs(&program, &bids);
    assert_eq!(program.describe(&outputs), "winner = 2, price = 870");
    let comparisons: Vec<usize> = program
        .schedule()
        .batches
        .iter()
        .filter(|batch| matches!(batch.kind, crate::program::BatchKind::Less { bits: 33 }))
        .map(|batch| batch.len)
        .collect();
    assert_eq!(comparisons, [2, 3, 3], "one batch of comparisons per level");
    assert_eq!(program.statistics().max_bits, 33);
}

#[test]
fn decimals_stay_exact() {
    let params = MeanVarianceParams { length: 1.into(), decimals: Some(2), ..Default::default() };
    let exact = program::<MeanVariance>(&params, 3);
    let results = outputs(&exact, &column("value", &[vec![150], vec![-225], vec![500]]));
    assert_eq!(exact.describe(&results), "mean = 1.416667, variance = 8.763889");
    assert!(exact.statistics().max_bits <= 63, "{}", exact.statistics().max_bits);
    let tenths = |values: [i128; 3]| column("value", &values.map(|value| vec![value]));
    let sum = program::<Sum>(&SumParams { decimals: Some(1), ..Default::default() }, 3);
    assert_eq!(sum.describe(&outputs(&sum, &tenths([1, 2, -6]))), "sum = -0.3");
    let product = program::<Product>(&ProductParams { bits: 8, decimals: Some(1) }, 3);
    assert_eq!(product.describe(&outputs(&product, &tenths([1, 2, -5]))), "product = -0.01");
    let max = program::<Max>(&MaxParams { decimals: Some(1), ..Default::default() }, 3);
    assert_eq!(max.describe(&outputs(&max, &tenths([1, -2, 25]))), "max = 2.5");
    let params = InnerProductParams { length: 1, decimals: Some(1), bits: 16 };
    let inner = program::<InnerProduct>(&params, 3);
    let vectors = column("value", &[vec![1], vec![-15], vec![]]);
    assert_eq!(inner.describe(&outputs(&inner, &vectors)), "product = -0.15");
    let params = SecondPriceAuctionParams { bits: 16, decimals: Some(2) };
    let auction = program::<SecondPriceAuction>(&params, 3);
    let bids = column("bid", &[vec![1250], vec![1199], vec![1300]]);
    assert_eq!(auction.describe(&outputs(&auction, &bids)), "winner = 2, price = 12.5");
}

#[test]
fn whole_numbers_need_no_decimals() {
    let with = |decimals| MeanVarianceParams { decimals, ..Default::default() };
    let whole = program::<MeanVariance>(&with(None), 3);
    assert_eq!(whole, program::<MeanVariance>(&with(Some(0)), 3));
    let many = MeanVariance::build(&with(Some(19)), 3).expect_err("too many");
    assert_eq!(many.to_string(), "parameter `decimals` is 19; allowed: 0 to 18");
}

#[test]
fn quotients_and_roots_state_their_error() {
    for truncation in [Truncation::Probabilistic, Truncation::Exact] {
        let program = program::<Divide>(&FixedPointParams { truncation, ..Default::default() }, 2);
        assert!(program.statistics().max_bits <= 63, "{}", program.statistics().max_bits);
        let bound = &program.error_bounds()[0];
        assert!(bound.absolute < 2e-5 && bound.relative < 1e-6, "{bound}");
        let near = |dividend: i128, divisor: i128, real: f64| {
            let inputs = column("value", &[vec![dividend], vec![divisor]]);
            let raw = interpret(&program, &inputs).expect("in range").outputs[0];
            let error = (raw as f64 / 65536.0 - real).abs();
            assert!(error <= bound.absolute + bound.relative * real.abs(), "{error}: {bound}");
        };
        near(100, -9, -100.0 / 9.0);
        near(-100, -9, 100.0 / 9.0);
        near(-32768, -32768, 1.0);
        near(-32768, 1, -32768.0);
        near(5, 0, 0.0);
        near(0, -7, 0.0);
    }
    let exact = FixedPointParams { truncation: Truncation::Exact, ..Default::default() };
    let exact = program::<Divide>(&exact, 3);
    let halves = column("value", &[vec![100], vec![-8], vec![]]);
    assert_eq!(exact.describe(&outputs(&exact, &halves)), "quotient = -12.5");

    let params = ReciprocalParams { decimals: Some(1), ..Default::default() };
    let inverse = program::<Reciprocal>(&params, 2);
    let bound = &inverse.error_bounds()[0];
    assert!(bound.absolute < 3e-7 && bound.relative < 1e-6, "{bound}");
    for (a, b) in [(25, -50), (327_670, 327_670), (-327_680, 0), (1, 0), (7, -8), (30, -30)] {
        let inputs = column("value", &[vec![a], vec![b]]);
        let raw = interpret(&inverse, &inputs).expect("in range").outputs[0];
        let real = if a + b == 0 { 0.0 } else { 10.0 / (a + b) as f64 };
        let error = (raw as f64 / 16_777_216.0 - real).abs();
        assert!(error <= bound.absolute + bound.relative * real.abs(), "{a} {b}: {error}");
    }

    let truncation = Truncation::Exact;
    let params = FixedPointParams { truncation, decimals: Some(1), ..Default::default() };
    let root = program::<SquareRoot>(&params, 3);
    let tenths = column("value", &[vec![10], vec![12], vec![3]]);
    assert_eq!(root.describe(&outputs(&root, &tenths)), "root = 1.581139");
    let params = FixedPointParams { truncation, ..Default::default() };
    let root = program::<SquareRoot>(&params, 2);
    let squares = column("value", &[vec![100], vec![44]]);
    assert_eq!(root.describe(&outputs(&root, &squares)), "root = 12");
    let bound = &root.error_bounds()[0];
    assert!(bound.absolute < 1e-5 && bound.relative < 2e-6, "{bound}");
}

#[test]
fn mean_variance_takes_one_round() {
    let program = program::<MeanVariance>(&Default::default(), 3);
    assert_eq!(program.schedule().nominal_rounds, 1);
    let inputs = column("value", &[vec![1, 2, 3, 4], vec![5, 6, 7, 8], vec![9, 10, 11, 12]]);
    let outputs = outputs(&program, &inputs);
    assert_eq!(program.describe(&outputs), "mean = 6.5, variance = 11.916667");
}

#[test]
fn products_and_conjunctions_take_the_depth_of_a_tree() {
    for (parties, levels) in [(2, 1), (3, 2), (4, 2), (5, 3), (9, 4)] {
        let product = program::<Product>(&Default::default(), parties);
        assert_eq!(product.schedule().nominal_rounds, levels, "{parties} parties");
        let and = program::<And>(&Default::default(), parties);
        assert_eq!(and.schedule().nominal_rounds, levels + 2, "4 bits of {parties} parties");
        assert_eq!(and.statistics().ands, 4 * (parties as u64 - 1) + 3);
    }
    let least = program::<And>(&and::AndParams { width: 2 }, 2);
    assert_eq!(least.schedule().nominal_rounds, 2, "two layers at least");
}

/// In which share of runs with three parties nothing that party 0 brings changes the output.
fn without_influence<F: Function>(ends: [i128; 2]) -> f64 {
    let params = F::Params::default();
    let program = program::<F>(&params, 3);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(21);
    let stuck = |_: &usize| {
        let inputs: Vec<Inputs> = (0..3).map(|k| F::generate(&params, k, 3, &mut rng)).collect();
        let with = |value| {
            let mut inputs = inputs.clone();
            inputs[0].all_integers_mut().for_each(|place| *place = value);
            interpret(&program, &inputs).expect("in range").outputs
        };
        with(ends[0]) == with(ends[1])
    };
    (0..1000).filter(stuck).count() as f64 / 1000.0
}

#[test]
fn many_inputs_leave_a_corrupted_party_no_influence() {
    for share in [without_influence::<Product>([1, 2]), without_influence::<And>([0, 1])] {
        assert!((0.25..0.9).contains(&share), "{share}");
    }
    assert!(without_influence::<Sum>([0, 1]) == 0.0, "a sum always can be shifted");
}
