//! What the interpreter answers and refuses, and what engines may answer beside it.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn engines_in_any_rounding_stay_within_ranges_and_errors(
        steps in steps(25),
        a in prop::collection::vec(-2048i128..2048, 4),
        b in prop::collection::vec(-64i128..64, 4),
        coins in any::<u64>(),
    ) {
        let program = random_program(&steps);
        let inputs = [Inputs::from([("a".to_owned(), a), ("b".to_owned(), b)])];
        let expected = interpret(&program, &inputs).expect("static ranges hold");
        prop_assert_eq!(&run_scheduled(&program, &inputs, || false), &expected.outputs);
        let mut turn = 0u32;
        let noisy = run_scheduled(&program, &inputs, || {
            turn += 1;
            coins.rotate_left(turn) & 1 == 1
        });
        prop_assert_eq!(check(&program, &expected, &noisy), Ok(()));
        let up = run_scheduled(&program, &inputs, || true);
        prop_assert_eq!(check(&program, &expected, &up), Ok(()));
    }
}

proptest! {
    #[test]
    fn quotients_stay_within_their_error(
        pairs in prop::collection::vec((-100_000i128..=100_000, 0i128..=100_000), 1..5),
        frac in 4u32..16,
        precision in 16u32..32,
        coins in any::<u64>(),
    ) {
        let len = pairs.len();
        let mut builder = Builder::new();
        let range = Range { lo: 0, hi: 100_000 };
        let a = builder.input("a", 0, len, int(18)).expect("valid");
        let b = builder.input_in("b", 0, len, int(18), range).expect("valid");
        let rounding = Rounding::Either;
        let division = Division { frac, precision, max_quotient: 1 << 17, rounding };
        let quotient = builder.divide(a, b, division).expect("valid");
        builder.output("q", quotient.node, Decoding::Fixed { frac }).expect("valid");
        let program = builder.finish().expect("valid");
        let (a, b): (Vec<i128>, Vec<i128>) = pairs.iter().copied().unzip();
        let inputs = [Inputs::from([("a".to_owned(), a), ("b".to_owned(), b)])];
        let mut turn = 0u32;
        let got = run_scheduled(&program, &inputs, || {
            turn += 1;
            coins.rotate_left(turn) & 1 == 1
        });
        let expected = interpret(&program, &inputs).expect("valid");
        prop_assert_eq!(check(&program, &expected, &got), Ok(()));
        for (&raw, &(a, b)) in got.iter().chain(&expected.outputs).zip(pairs.iter().cycle()) {
            let real = a as f64 / b.max(1) as f64;
            let error = (raw as f64 / f64::from(1 << frac) - real).abs();
            let bound = quotient.absolute + quotient.relative * real.abs();
            prop_assert!(error <= bound, "{a} / {b}: off by {error}, bound {bound}");
            let useful = real.abs() * ulp(precision - 6) + 4.0 * ulp(frac);
            prop_assert!(bound <= useful, "{bound} says little");
        }
    }
}

#[test]
fn the_interpreter_refuses_bad_inputs() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 2, int(8)).expect("valid");
    builder.output("v", v, Decoding::Integer).expect("valid");
    let program = builder.finish().expect("valid");
    let refuse = |inputs: &[Inputs]| interpret(&program, inputs).expect_err("bad input");
    assert_eq!(refuse(&[]), EvaluationError::MissingInput { party: 0, name: "v".into() });
    assert_eq!(
        refuse(&one_input(&[1])),
        EvaluationError::InputLength { party: 0, name: "v".into(), got: 1, needed: 2 }
    );
    let range = Range::signed(8);
    assert_eq!(
        refuse(&one_input(&[1, 128])),
        EvaluationError::InputRange { party: 0, name: "v".into(), row: 2, value: 128, range }
    );
}

#[test]
fn the_interpreter_refuses_what_no_output_depends_on() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 1, int(8)).expect("valid");
    builder.input("unused", 1, 1, Type::Bit).expect("valid");
    builder.output("v", v, Decoding::Integer).expect("valid");
    let program = builder.finish().expect("valid");
    let with = |value| {
        let unused = Inputs::from([("unused".to_owned(), vec![value])]);
        interpret(&program, &[one_input(&[7])[0].clone(), unused])
    };
    assert_eq!(with(1).expect("in range").outputs, [7]);
    let refused = with(2).expect_err("no bit");
    let is_unused = |name: &str| name == "unused";
    assert!(
        matches!(&refused, EvaluationError::InputRange { party: 1, name, .. } if is_unused(name))
    );
    assert_eq!(refused.to_string(), "input party 1, `unused`, row 1: 2 is not in 0..=1");
}

#[test]
fn checks_allow_what_rounding_explains_and_no_more() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 2, int(8)).expect("valid");
    let half = builder.truncate(v, 1, Rounding::Either).expect("valid");
    let tripled = builder.scale(half, 3).expect("valid");
    builder.output("exact", v, Decoding::Integer).expect("valid");
    builder.output("tripled", tripled, Decoding::Integer).expect("valid");
    let program = builder.finish().expect("valid");
    let expected = interpret(&program, &one_input(&[-5, 10])).expect("valid");
    assert_eq!(expected.outputs, [-5, 10, -9, 15]);
    assert_eq!(expected.errors, [0, 0, 3, 3]);
    assert_eq!(check(&program, &expected, &[-5, 10, -6, 18]), Ok(()));
    let wrong = check(&program, &expected, &[-5, 10, -5, 15]).expect_err("off by 4");
    assert_eq!(wrong.to_string(), "output `tripled`[0]: expected -9 ± 3, got -5");
    let wrong = check(&program, &expected, &[-5, 11, -9, 15]).expect_err("exact output");
    assert_eq!(wrong.to_string(), "output `exact`[1]: expected 10, got 11");
    assert!(matches!(
        check(&program, &expected, &[-5, 10, -9]),
        Err(Mismatch::Length { expected: 4, got: 3 })
    ));
}

#[test]
fn bits_obey_boolean_algebra() {
    let mut builder = Builder::new();
    let (a, b) = (
        builder.input("a", 0, 4, Type::Bit).expect("valid"),
        builder.input("b", 0, 4, Type::Bit).expect("valid"),
    );
    let results = [
        ("not", builder.not(a)),
        ("and", builder.and(a, b)),
        ("or", builder.or(a, b)),
        ("xor", builder.xor(a, b)),
    ];
    for (name, id) in results {
        let id = id.expect("valid");
        assert_eq!(builder.node(id).expect("exists").ty, Type::Bit);
        builder.output(name, id, Decoding::Integer).expect("valid");
    }
    let program = builder.finish().expect("valid");
    let inputs =
        [Inputs::from([("a".to_owned(), vec![0, 0, 1, 1]), ("b".to_owned(), vec![0, 1, 0, 1])])];
    let outputs = interpret(&program, &inputs).expect("valid").outputs;
    assert_eq!(outputs, [1, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0]);
}

#[test]
fn outputs_read_well() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 1, int(32)).expect("valid");
    let pair = builder.repeat(v, 2).expect("valid");
    builder.output("winner", v, Decoding::Integer).expect("valid");
    builder.output("slope", v, Decoding::Fixed { frac: 4 }).expect("valid");
    builder.output("mean", pair, Decoding::Quotient { divisor: 3 }).expect("valid");
    let program = builder.finish().expect("valid");
    let text = program.describe(&[3, -24, 5, 6]);
    assert_eq!(text, "winner = 3, slope = -1.5, mean = [1.666667, 2]");
    assert_eq!(program.describe(&[3]), "winner = 3, slope = ?, mean = [?, ?]");
}
