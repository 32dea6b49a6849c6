//! Every function's pairs of inputs that a coalition can't tell apart.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::*;
use crate::program::domain::Domain;
use crate::program::{Builder, Decoding, Range, Type, interpret};

/// What is wrong with a pair, from the definition.
fn fault<F: Function>(
    params: &F::Params,
    corrupted: &[usize],
    outputs_seen: bool,
    pair: &InputPair,
) -> Option<&'static str> {
    let [first, second] = pair;
    if first == second {
        return Some("no value differs");
    }
    if corrupted.iter().any(|&party| first[party] != second[party]) {
        return Some("a corrupted input differs");
    }
    if F::leakage(params, first) != F::leakage(params, second) {
        return Some("the leakage differs");
    }
    let task = F::build(params, first.len()).expect("allowed");
    for inputs in pair {
        for (party, columns) in inputs.iter().enumerate() {
            if columns.len() != task.inputs_of(party).len() {
                return Some("a column too many or too few");
            }
        }
    }
    let Task::Program(program) = task else { return outputs_seen.then_some("no function") };
    match (interpret(&program, first), interpret(&program, second)) {
        (Ok(first), Ok(second)) if outputs_seen && first.outputs != second.outputs => {
            Some("the outputs differ")
        }
        (Ok(_), Ok(_)) => None,
        _ => Some("an input is refused"),
    }
}

/// Whether there is a pair, by trying all inputs; none if there are too many.
fn exists<F: Function>(params: &F::Params, parties: usize, corrupted: &[usize]) -> Option<bool> {
    let Ok(Task::Program(program)) = F::build(params, parties) else { return None };
    let all = Domain::of(program.inputs());
    if !all.is_within(1 << 12) {
        return None;
    }
    let mut inputs = vec![Inputs::new(); parties];
    all.reset(&mut inputs);
    let mut honest_inputs: BTreeMap<(Vec<Inputs>, Vec<i128>), Vec<Inputs>> = BTreeMap::new();
    loop {
        let known: Vec<Inputs> = corrupted.iter().map(|&party| inputs[party].clone()).collect();
        let outputs = interpret(&program, &inputs).expect("in range").outputs;
        let first = honest_inputs.entry((known, outputs)).or_insert_with(|| inputs.clone());
        if *first != inputs {
            return Some(true);
        }
        if !all.advance(&mut inputs) {
            return Some(false);
        }
    }
}

/// All coalitions of 2 to 5 parties against every one of these parameters. `hidden` says whether
/// there is a pair, for honest parties of whom at least one brings something; small domains prove
/// it.
fn check_pairs<F: Function>(all_params: &[F::Params], hidden: fn(&F::Params, &[usize]) -> bool) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let (mut denied, mut proven) = (false, false);
    for (at, params) in all_params.iter().enumerate() {
        for (parties, mask) in (2usize..=5).flat_map(|n| (0..1u32 << n).map(move |mask| (n, mask)))
        {
            let is_corrupted = |party: &usize| mask >> party & 1 == 1;
            let (corrupted, honest): (Vec<usize>, Vec<usize>) =
                (0..parties).partition(is_corrupted);
            let case = format!("{}, parameters {at}, {parties} parties, {corrupted:?}", F::NAME);
            let mut ask = |seen| F::equal_view_inputs(params, parties, &corrupted, seen, &mut rng);
            let task = F::build(params, parties).expect("allowed");
            let brings = task.inputs().iter().any(|decl| honest.contains(&decl.party));
            let expected = brings && hidden(params, &honest);
            denied |= !expected && brings;
            if let Some(exists) = exists::<F>(params, parties, &corrupted) {
                assert_eq!(exists, expected, "{case}: the test's own rule");
                proven |= !expected && brings;
            }
            for _ in 0..3 {
                for (seen, expected) in [(false, brings), (true, expected)] {
                    let pair = ask(seen);
                    assert_eq!(pair.is_some(), expected, "{case}, {seen}");
                    if let Some(pair) = pair {
                        let fault = fault::<F>(params, &corrupted, seen, &pair);
                        assert_eq!(fault, None, "{case}, {seen}: {pair:?}");
                    }
                }
            }
        }
    }
    assert_eq!(denied, proven, "{}: that there is no pair is nowhere proven", F::NAME);
}

#[test]
fn sums_hide_how_they_are_made_up() {
    let all =
        [(2, 1), (8, 3), (32, 1)].map(|(bits, length)| SumParams { bits, length, decimals: None });
    check_pairs::<Sum>(&all, |_, honest| honest.len() > 1);
}

#[test]
fn products_hide_factors_and_what_meets_a_zero() {
    let all = [2, 3, 8, 25].map(|bits| ProductParams { bits, decimals: None });
    check_pairs::<Product>(&all, |_, honest| !honest.is_empty());
}

#[test]
fn conjunctions_hide_what_meets_a_zero() {
    let all = [2, 4, 9].map(|width| AndParams { width });
    check_pairs::<And>(&all, |_, honest| !honest.is_empty());
}

#[test]
fn transfers_hide_choices_and_all_other_messages() {
    let all = [(2, 1, 2), (3, 1, 1), (2, 3, 128), (5, 2, 64)];
    let all = all.map(|(choices, length, bits)| ObliviousTransferParams { choices, length, bits });
    check_pairs::<ObliviousTransfer>(&all, |_, honest| honest.iter().any(|&party| party < 2));
}

/// What a corrupted receiver obtains stays, and what it does not obtain is drawn anew.
#[test]
fn a_receiver_is_shown_other_messages_that_it_did_not_choose() {
    let params = ObliviousTransferParams { choices: 4, length: 8, bits: 64 };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let pair = ObliviousTransfer::equal_view_inputs(&params, 2, &[1], true, &mut rng);
    let [first, second] = pair.expect("there are others");
    for (at, (one, other)) in first[0]["message"].iter().zip(&second[0]["message"]).enumerate() {
        let is_chosen = first[1]["choice"][at / 4] == (at % 4) as i128;
        assert_eq!(one == other, is_chosen, "{at}");
    }
}

#[test]
fn counts_hide_whose_value_is_whose() {
    let all = [(2, 1), (3, 2), (8, 10)]
        .map(|(bins, length)| HistogramParams { bins, length: Lengths::All(length) });
    check_pairs::<Histogram>(&all, |params, honest| honest.len() * params.length.of(0) > 1);
}

#[test]
fn inner_products_hide_both_vectors() {
    let all = [(2, 1), (2, 2), (8, 3), (56, 2), (16, 100)];
    let all = all.map(|(bits, length)| InnerProductParams { bits, length, decimals: None });
    check_pairs::<InnerProduct>(&all, |_, honest| honest.iter().any(|&party| party < 2));
}

#[test]
fn maxima_hide_what_is_smaller() {
    let all = [(2, 1, false), (2, 1, true), (8, 2, true), (64, 3, false)];
    let all = all.map(|(bits, length, argmax)| MaxParams { bits, length, argmax, decimals: None });
    check_pairs::<Max>(&all, |_, honest| !honest.is_empty());
}

#[test]
fn fortunes_are_hidden_behind_the_richest() {
    let all = [1, 2, 32, 64, 65, 128].map(|bits| MillionairesParams { bits, decimals: None });
    check_pairs::<Millionaires>(&all, |_, honest| !honest.is_empty());
}

#[test]
fn winning_and_losing_bids_are_hidden() {
    let all = [2, 3, 32, 64, 65, 128].map(|bits| SecondPriceAuctionParams { bits, decimals: None });
    check_pairs::<SecondPriceAuction>(&all, |_, honest| !honest.is_empty());
}

#[test]
fn one_bit_bids_of_two_can_give_each_other_away() {
    let params = SecondPriceAuctionParams { bits: 1, decimals: None };
    for (corrupted, expected) in [(0, false), (1, true)] {
        assert_eq!(exists::<SecondPriceAuction>(&params, 2, &[corrupted]), Some(expected));
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let ask = SecondPriceAuction::equal_view_inputs(&params, 2, &[corrupted], true, &mut rng);
        assert_eq!(ask.is_some(), expected, "party {corrupted} is corrupted");
    }
}

#[test]
fn two_moments_hide_the_values() {
    let all = [(2, 1), (3, 1), (12, 4), (48, 2)];
    let all = all.map(|(bits, length)| MeanVarianceParams {
        bits,
        length: Lengths::All(length),
        decimals: None,
    });
    check_pairs::<MeanVariance>(&all, |params, honest| honest.len() * params.length.of(0) > 1);
}

#[test]
fn quotients_hide_common_factors_and_what_meets_a_zero() {
    let narrow = FixedPointParams { bits: 2, frac: 2, precision: 8, ..Default::default() };
    let all = [
        FixedPointParams { length: 3, ..Default::default() },
        FixedPointParams { decimals: Some(2), ..Default::default() },
        FixedPointParams { truncation: Truncation::Exact, ..Default::default() },
        narrow,
    ];
    check_pairs::<Divide>(&all, |_, honest| honest.iter().any(|&party| party < 2));
}

#[test]
fn roots_hide_how_the_sum_is_made_up() {
    let narrow = FixedPointParams { bits: 1, frac: 4, precision: 9, ..Default::default() };
    let all = [
        FixedPointParams { bits: 2, frac: 6, precision: 12, ..narrow.clone() },
        FixedPointParams { length: 2, ..Default::default() },
        FixedPointParams { decimals: Some(1), ..Default::default() },
        narrow,
    ];
    check_pairs::<SquareRoot>(&all, |_, honest| honest.len() > 1);
}

#[test]
fn reciprocals_hide_how_the_sum_is_made_up() {
    let narrow = ReciprocalParams { bits: 2, frac: 12, precision: 20, ..Default::default() };
    let fine = ReciprocalParams { frac: 40, precision: 50, ..Default::default() };
    let all = [
        ReciprocalParams { length: 2, ..fine.clone() },
        ReciprocalParams { bits: 6, decimals: Some(1), ..fine },
        narrow,
    ];
    check_pairs::<Reciprocal>(&all, |_, honest| honest.len() > 1);
}

#[test]
fn lines_hide_the_points() {
    let narrow = LinearRegressionParams {
        bits: 4,
        frac: 1,
        rows: 1,
        output_frac: 4,
        precision: 9,
        ..Default::default()
    };
    let all = [
        LinearRegressionParams { rows: 2, ..narrow.clone() },
        LinearRegressionParams { rows: 1, ..Default::default() },
        LinearRegressionParams::default(),
        narrow,
    ];
    check_pairs::<LinearRegression>(&all, |_, honest| !honest.is_empty());
}

#[test]
fn coins_have_no_inputs_to_hide() {
    check_pairs::<CoinToss>(&[CoinTossParams::default()], |_, _| true);
}

/// More honest points than a permutation moves: their second moments change.
#[test]
fn dedicated_pairs_are_no_mere_permutations() {
    let params = MeanVarianceParams { bits: 16, length: 3.into(), decimals: None };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let pair = MeanVariance::equal_view_inputs(&params, 2, &[0], true, &mut rng).expect("exists");
    let cubes = |inputs: &[Inputs]| inputs[1]["value"].iter().map(|x| x.pow(3)).sum::<i128>();
    assert_ne!(cubes(&pair[0]), cubes(&pair[1]));
    let params = LinearRegressionParams { rows: 3, ..Default::default() };
    let pair =
        LinearRegression::equal_view_inputs(&params, 2, &[0], true, &mut rng).expect("exists");
    let squares = |inputs: &[Inputs]| inputs[1]["y"].iter().map(|y| y * y).sum::<i128>();
    assert_ne!(squares(&pair[0]), squares(&pair[1]));
}

/// Only the largest is opened; whose it is, modulo 2, is declared to leak.
struct LeakyMax;

impl Function for LeakyMax {
    const NAME: &'static str = "leaky_max";
    const ABOUT: &'static str = "";
    const IDEAL: &'static str = "";
    type Params = MaxParams;

    fn build(params: &MaxParams, parties: usize) -> Result<Task, FunctionError> {
        Max::build(params, parties)
    }

    fn generate(params: &MaxParams, party: usize, parties: usize, rng: &mut dyn Rng) -> Inputs {
        Max::generate(params, party, parties, rng)
    }

    fn leakage(params: &MaxParams, inputs: &[Inputs]) -> Vec<i128> {
        let params = MaxParams { argmax: true, ..params.clone() };
        let Ok(Task::Program(program)) = Max::build(&params, inputs.len()) else { return vec![] };
        interpret(&program, inputs).map_or(vec![], |expected| vec![expected.outputs[1] % 2])
    }
}

#[test]
fn pairs_agree_on_declared_leakage() {
    let params = MaxParams { bits: 2, length: 1, argmax: false, decimals: None };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
    let mut missed = 0;
    for seen in [false, true] {
        for _ in 0..50 {
            let ask = LeakyMax::equal_view_inputs(&params, 3, &[0], seen, &mut rng);
            let pair = ask.expect("parties 1 and 2 hide behind party 0");
            assert_eq!(fault::<LeakyMax>(&params, &[0], seen, &pair), None);
            // The same function without leakage has pairs that would not do here.
            let pair = pairs::Coalition::<Max>::new(&params, 3, &[0]).search(seen, &mut rng);
            let fault = fault::<LeakyMax>(&params, &[0], seen, &pair.expect("exists"));
            missed += usize::from(fault == Some("the leakage differs"));
        }
    }
    assert!(missed > 0);
}

/// The default alone, without any dedicated construction.
#[test]
fn the_search_finds_pairs_of_most_functions() {
    struct Search(Vec<&'static str>);
    impl FunctionVisitor for Search {
        fn visit<F: Function>(&mut self) {
            let params = F::Params::default();
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(13);
            let coalition = pairs::Coalition::<F>::new(&params, 3, &[2]);
            match coalition.search(true, &mut rng) {
                None => self.0.push(F::NAME),
                Some(pair) => {
                    assert_eq!(fault::<F>(&params, &[2], true, &pair), None, "{}", F::NAME);
                }
            }
        }
    }
    let mut search = Search(Vec::new());
    visit_all(&mut search);
    // No inputs at all, or outputs so fine or wide that they collide by construction only.
    let none = [CoinToss::NAME, Divide::NAME, InnerProduct::NAME, RandomBits::NAME];
    assert_eq!(search.0, none);
}

/// The conjunction of bits of which every draw is 1.
struct Constant;

impl Function for Constant {
    const NAME: &'static str = "constant";
    const ABOUT: &'static str = "";
    const IDEAL: &'static str = "";
    type Params = SumParams;

    fn build(params: &SumParams, parties: usize) -> Result<Task, FunctionError> {
        let mut builder = Builder::new();
        let ty = Type::Int { bits: params.bits };
        let bits: Result<Vec<_>, _> =
            (0..parties).map(|party| builder.input_in("value", party, 1, ty, Range::BIT)).collect();
        let all = builder.product(bits?)?;
        builder.output("all", all, Decoding::Integer)?;
        Ok(Task::Program(std::sync::Arc::new(builder.finish()?)))
    }

    fn generate(_: &SumParams, _: usize, _: usize, _: &mut dyn Rng) -> Inputs {
        Inputs::from([("value".to_owned(), vec![1])])
    }
}

#[test]
fn the_search_goes_where_the_generator_does_not() {
    let params = SumParams { bits: 2, length: 1, decimals: None };
    for seen in [false, true] {
        // With outputs seen, only a corrupted 0 hides the honest bit, and it is never drawn.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let pair = Constant::equal_view_inputs(&params, 2, &[1], seen, &mut rng);
        let pair = pair.expect("exists");
        assert_eq!(fault::<Constant>(&params, &[1], seen, &pair), None);
        assert_eq!(pair[0][1]["value"] == [0], seen);
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    assert_eq!(Constant::equal_view_inputs(&params, 1, &[], true, &mut rng), None);
}

#[test]
fn every_fault_of_a_pair_is_seen() {
    let params = SumParams { bits: 8, length: 1, decimals: None };
    let of = |values: &[i128]| -> Vec<Inputs> {
        values.iter().map(|&v| Inputs::from([("value".to_owned(), vec![v])])).collect()
    };
    let ask = |first: &[i128], second: &[i128], seen| {
        fault::<Sum>(&params, &[0], seen, &[of(first), of(second)])
    };
    assert_eq!(ask(&[1, 2, 3], &[1, 3, 2], true), None);
    assert_eq!(ask(&[1, 2, 3], &[1, 3, 3], false), None);
    assert_eq!(ask(&[1, 2, 3], &[1, 3, 3], true), Some("the outputs differ"));
    assert_eq!(ask(&[1, 2, 3], &[1, 2, 3], true), Some("no value differs"));
    assert_eq!(ask(&[1, 2, 3], &[2, 2, 2], true), Some("a corrupted input differs"));
    assert_eq!(ask(&[1, 2, 127], &[1, 1, 128], true), Some("an input is refused"));
    let mut wide = of(&[1, 3, 2]);
    wide[1].insert("other".to_owned(), vec![1]);
    let pair = [of(&[1, 2, 3]), wide];
    assert_eq!(fault::<Sum>(&params, &[0], true, &pair), Some("a column too many or too few"));
}
