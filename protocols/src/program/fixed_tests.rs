//! Signed division, reciprocals and roots against floating point, in any rounding.

use proptest::prelude::*;

use super::tests::run_scheduled;
use super::*;

/// Opens what `make` computes of two columns; outputs as interpreted, and with such roundings.
fn run(
    rows: &[(i128, i128)],
    ranges: [Range; 2],
    coins: u64,
    make: impl Fn(&mut Builder, NodeId, NodeId) -> Result<Approximation, ProgramError>,
) -> (Approximation, Vec<i128>, Vec<i128>) {
    let mut builder = Builder::new();
    let mut input = |name, range: Range| {
        builder.input_in(name, 0, rows.len(), Type::of(range, 0), range).expect("valid")
    };
    let (a, b) = (input("a", ranges[0]), input("b", ranges[1]));
    let made = make(&mut builder, a, b).expect("valid");
    builder.output("made", made.node, Decoding::Integer).expect("valid");
    let program = builder.finish().expect("valid");
    let (a, b): (Vec<i128>, Vec<i128>) = rows.iter().copied().unzip();
    let inputs = [Inputs::from([("a".to_owned(), a), ("b".to_owned(), b)])];
    let expected = interpret(&program, &inputs).expect("static ranges hold");
    let mut turn = 0u32;
    let noisy = run_scheduled(&program, &inputs, || {
        turn += 1;
        coins.rotate_left(turn) & 1 == 1
    });
    assert_eq!(check(&program, &expected, &noisy), Ok(()));
    (made, expected.outputs, noisy)
}

/// Holds results to their bound, and the bound to what is useful.
fn hold(
    (made, interpreted, noisy): &(Approximation, Vec<i128>, Vec<i128>),
    real: &[f64],
    root: Root,
) -> Result<(), TestCaseError> {
    for got in [interpreted, noisy] {
        for (&raw, &real) in got.iter().zip(real) {
            let error = (raw as f64 * ulp(root.frac) - real).abs();
            let bound = made.absolute + made.relative * real.abs();
            prop_assert!(error <= bound, "{real}: off by {error}, bound {bound}");
        }
    }
    prop_assert!(made.absolute <= 2.0 * ulp(root.frac), "{made:?}");
    prop_assert!(made.relative <= ulp(root.precision.saturating_sub(6)), "{made:?}");
    if root.rounding == Rounding::Floor {
        prop_assert_eq!(interpreted, noisy);
    }
    Ok(())
}

fn settings() -> impl Strategy<Value = Root> {
    (4u32..16, 16u32..32, any::<bool>()).prop_map(|(frac, precision, exact)| {
        let rounding = if exact { Rounding::Floor } else { Rounding::Either };
        Root { frac, precision, rounding }
    })
}

fn value() -> impl Strategy<Value = i128> {
    prop_oneof![-4i128..=4, -100_000i128..=100_000, Just(-100_000), Just(100_000)]
}

proptest! {
    #[test]
    fn signed_quotients_and_reciprocals_stay_within_their_error(
        rows in prop::collection::vec((value(), value()), 1..4),
        setting in settings(),
        coins in any::<u64>(),
    ) {
        let Root { frac, precision, rounding } = setting;
        let ranges = [Range { lo: -100_000, hi: 100_000 }; 2];
        let division = Division { frac, precision, max_quotient: 1 << 17, rounding };
        let quotients = run(&rows, ranges, coins, |builder, a, b| {
            builder.divide_signed(a, b, division)
        });
        let over = |a: i128, b: i128| if b == 0 { 0.0 } else { a as f64 / b as f64 };
        let real: Vec<f64> = rows.iter().map(|&(a, b)| over(a, b)).collect();
        hold(&quotients, &real, setting)?;
        let reciprocals = run(&rows, ranges, coins, |builder, _, b| {
            builder.reciprocal(b, 1, frac, precision, rounding)
        });
        let real: Vec<f64> = rows.iter().map(|&(_, b)| over(1, b)).collect();
        hold(&reciprocals, &real, setting)?;
    }

    #[test]
    fn roots_and_their_inverses_stay_within_their_error(
        rows in prop::collection::vec((value(), value()), 1..4),
        setting in settings(),
        width in 1u32..40,
        coins in any::<u64>(),
    ) {
        let range = Range::unsigned(width);
        let rows: Vec<(i128, i128)> =
            rows.iter().map(|&(a, b)| (a.abs().pow(2).min(range.hi), b)).collect();
        let ranges = [range, Range { lo: -100_000, hi: 100_000 }];
        let roots = run(&rows, ranges, coins, |builder, a, _| builder.square_root(a, setting));
        let real: Vec<f64> = rows.iter().map(|&(a, _)| (a as f64).sqrt()).collect();
        hold(&roots, &real, setting)?;
        let inverses =
            run(&rows, ranges, coins, |builder, a, _| builder.inverse_square_root(a, setting));
        let inverse = |&root: &f64| if root == 0.0 { 0.0 } else { 1.0 / root };
        hold(&inverses, &real.iter().map(inverse).collect::<Vec<_>>(), setting)?;
    }
}

#[test]
fn every_small_radicand_in_every_precision() {
    let rows: Vec<(i128, i128)> = (0..256).map(|a| (a, 0)).collect();
    for precision in [8, 9, 20, 60] {
        for rounding in [Rounding::Floor, Rounding::Either] {
            let setting = Root { frac: 12, precision, rounding };
            let ranges = [Range::unsigned(8), Range::BIT];
            let (made, interpreted, noisy) =
                run(&rows, ranges, 0x9e37_79b9_7f4a_7c15, |builder, a, _| {
                    builder.square_root(a, setting)
                });
            for (at, (&one, &other)) in interpreted.iter().zip(&noisy).enumerate() {
                let real = (at as f64).sqrt();
                for raw in [one, other] {
                    let error = (raw as f64 * ulp(12) - real).abs();
                    assert!(error <= made.absolute + made.relative * real, "{at}: {error}");
                }
            }
        }
    }
}

#[test]
fn unsound_roots_are_refused() {
    let mut builder = Builder::new();
    let signed = builder.input("v", 0, 1, Type::Int { bits: 8 }).expect("valid");
    let root = Root { frac: 8, precision: 16, rounding: Rounding::Either };
    assert!(matches!(builder.square_root(signed, root), Err(ProgramError::Radicand { .. })));
    let range = Range::unsigned(7);
    let v = builder.input_in("w", 0, 1, Type::Int { bits: 8 }, range).expect("valid");
    let cut = builder.truncate(v, 2, Rounding::Either).expect("valid");
    assert!(matches!(builder.square_root(cut, root), Err(ProgramError::Radicand { .. })));
    let bad = Root { precision: 7, ..root };
    assert!(matches!(builder.square_root(v, bad), Err(ProgramError::Precision { .. })));
}
