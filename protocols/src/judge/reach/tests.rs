use super::*;
use crate::functions::{Function, InnerProduct, InnerProductParams, Sum, SumParams, Task};
use crate::program::{Builder, Decoding, NodeId, Recipients, Type};

fn inputs(value: i128) -> Option<Inputs> {
    Some(Inputs::from([("x".to_owned(), vec![value])]))
}

fn builder_of(parties: usize, bits: u32) -> (Builder, Vec<NodeId>) {
    let mut builder = Builder::new();
    let x = (0..parties)
        .map(|party| builder.input("x", party, 1, Type::Int { bits }).expect("fits"))
        .collect();
    (builder, x)
}

fn product(parties: usize, bits: u32) -> Program {
    let (mut builder, x) = builder_of(parties, bits);
    let product = x[1..].iter().fold(x[0], |product, x| builder.mul(product, *x).expect("fits"));
    builder.output("product", product, Decoding::Integer).expect("fits");
    builder.finish().expect("it has an output")
}

fn sum_of(terms: &[i128]) -> Vec<Option<Inputs>> {
    terms.iter().map(|value| inputs(*value)).chain([None]).collect()
}

/// Over the integers: 1 is no multiple of 15, whatever the inverse of 15 is in a field.
#[test]
fn a_coalition_reaches_multiples_within_its_range() {
    let program = product(3, 8);
    let ask = |known: &[Option<Inputs>], y| reach(&program, known, &program.to_outputs(&[y]));
    for (known, y, expected) in [
        (&[inputs(3), inputs(5), None], 105, Reach::Reachable),
        (&[inputs(3), inputs(5), None], 106, Reach::Unreachable),
        (&[inputs(3), inputs(5), None], 15 * 128, Reach::OutOfRange),
        (&[inputs(3), inputs(0), None], 1, Reach::Unreachable),
        (&[inputs(3), inputs(0), None], 0, Reach::Reachable),
        (&[inputs(3), None, None], 78, Reach::Reachable),
        (&[inputs(3), None, None], 77, Reach::Unreachable),
        (&[inputs(0), None, None], 77, Reach::Unreachable),
        (&[inputs(2), inputs(3), inputs(4)], 24, Reach::Reachable),
        (&[inputs(2), inputs(3), inputs(4)], 25, Reach::Unreachable),
    ] {
        assert_eq!(ask(known, y), expected, "{y} from {known:?}");
    }
}

/// The functionality refuses the one, whatever the other brings.
#[test]
fn an_input_out_of_range_is_not_excused_by_anothers() {
    let (mut builder, x) = builder_of(3, 8);
    let sum = x[1..].iter().fold(x[0], |sum, x| builder.add(sum, *x).expect("fits"));
    builder.output("sum", sum, Decoding::Integer).expect("fits");
    let program = builder.finish().expect("it has an output");
    for program in [program, product(3, 8)] {
        for (beyond, expected) in [(1_000_000, Reach::OutOfRange), (100, Reach::Reachable)] {
            let outputs = outputs_of(&program, [1, 2], beyond);
            let known = [inputs(1), inputs(beyond), None];
            assert_eq!(reach(&program, &known, &outputs), expected);
        }
    }
}

/// What these values give, with the second replaced by a value that may be out of range.
fn outputs_of(program: &Program, [first, third]: [i128; 2], second: i128) -> Outputs {
    let is_product = program.statistics().depth_mul > 0;
    let output = if is_product { first * second * third } else { first + second + third };
    program.to_outputs(&[output])
}

/// Two factors of 40 bits are too many to try, and far too small for 2^100.
#[test]
fn what_is_too_large_for_the_ranges_is_no_substitution() {
    let program = product(3, 40);
    let ask = |y| reach(&program, &[inputs(1), None, None], &program.to_outputs(&[y]));
    assert_ne!(ask(1 << 100), Reach::Reachable);
    assert!(matches!(ask((1 << 61) - 1), Reach::Undecided(_)), "a prime below the product");
}

#[test]
fn sums_are_reached_between_the_ends_of_the_range() {
    let Ok(Task::Program(program)) = Sum::build(&SumParams { bits: 64, ..Default::default() }, 3)
    else {
        panic!("sum is a program")
    };
    let decl = program.inputs()[0].clone();
    let known = |value: i128| Some(Inputs::from([(decl.name.to_string(), vec![value; decl.len])]));
    let count = program.outputs().iter().map(|output| output.len).sum();
    let ask = |sum| {
        let outputs = program.to_outputs(&vec![sum; count]);
        reach(&program, &[known(1), None, known(2)], &outputs)
    };
    let (lo, hi) = (decl.range.lo + 3, decl.range.hi + 3);
    assert_eq!([lo, 0, hi].map(ask), [(); 3].map(|()| Reach::Reachable));
    assert_eq!([lo - 1, hi + 1, 123_456_789 << 64].map(ask), [(); 3].map(|()| Reach::OutOfRange));
}

/// Digits of 9 bits side by side: all of the honest vector in one output.
#[test]
fn an_inner_product_that_shows_a_vector_is_out_of_range() {
    let params = InnerProductParams { bits: 8, length: 12, ..Default::default() };
    let Ok(Task::Program(program)) = InnerProduct::build(&params, 2) else {
        panic!("it is a program")
    };
    let decl = &program.inputs()[0];
    let honest: Vec<i128> = (0..12).map(|at| 3 * at - 17).collect();
    let name = decl.name.to_string();
    let known = [Some(Inputs::from([(name, honest.clone())])), None];
    let ask = |y| reach(&program, &known, &program.to_outputs(&[y]));
    let dot = |factor: &dyn Fn(i128) -> i128| -> i128 {
        (0..12).zip(&honest).map(|(at, x)| factor(at) * x).sum()
    };
    assert_eq!(ask(dot(&|at| 100 - 19 * at)), Reach::Reachable);
    assert_eq!(ask(dot(&|at| 1 << (9 * at))), Reach::OutOfRange);
}

/// Outputs that have inputs in common are explained together.
#[test]
fn several_outputs_are_explained_by_the_same_inputs() {
    let (mut builder, x) = builder_of(2, 8);
    let sum = builder.add(x[0], x[1]).expect("fits");
    let difference = builder.sub(x[0], x[1]).expect("fits");
    builder.output("sum", sum, Decoding::Integer).expect("fits");
    builder
        .output_to("difference", difference, Decoding::Integer, Recipients::These(vec![0]))
        .expect("fits");
    let program = builder.finish().expect("it has outputs");
    let ask = |outputs: &Outputs| reach(&program, &sum_of(&[5]), outputs);
    let of = |sum| Outputs::of("sum", vec![sum]);
    assert_eq!(ask(&of(11).with("difference", vec![-1])), Reach::Reachable);
    assert_eq!(ask(&of(11).with("difference", vec![0])), Reach::Unreachable);
    // Who learns no difference says nothing of it.
    assert_eq!(ask(&of(11)), Reach::Reachable);
    assert_eq!(ask(&of(200)), Reach::OutOfRange);
    assert_eq!(ask(&of(11).with("other", vec![0])), Reach::Unreachable);
}

/// Where there is no arithmetic outside of the ranges, there is no input there either.
#[test]
fn comparisons_are_searched_in_range() {
    let (mut builder, x) = builder_of(2, 4);
    let less = builder.less(x[0], x[1]).expect("fits");
    builder.output("less", less, Decoding::Integer).expect("fits");
    let program = builder.finish().expect("it has an output");
    let ask = |x, y| reach(&program, &sum_of(&[x]), &program.to_outputs(&[y]));
    assert_eq!([ask(3, 1), ask(3, 0)], [Reach::Reachable, Reach::Reachable]);
    assert_eq!([ask(7, 1), ask(7, 2)], [Reach::Unreachable, Reach::Unreachable]);
}
