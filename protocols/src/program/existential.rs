//! Whether outputs can be explained by inputs that nobody has seen.

use super::domain::Domain;
use super::graph::Program;
use super::interpret::given;
use super::{EvaluationError, InputDecl, Inputs, Operation, check_known, interpret};
use crate::value::Outputs;

/// What is known of the inputs behind some outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existential {
    /// These inputs of all input parties explain the outputs.
    Found(Vec<Inputs>),
    /// No inputs within the declared ranges do.
    None,
    /// There are more assignments than the limit; none was tried.
    TooLarge,
}

/// Is there an assignment of the unknown inputs, over their whole declared ranges, for which the
/// program gives these outputs? `fixed[k]` is what input party `k` brings, `None` if it is not
/// known.
///
/// Outputs that are left out are not known; others are compared by [`check_known`], so that either rounding is accepted; where
/// [`super::Rounding::Either`] comes before an output, `Found` is a necessary condition only.
/// Exhaustive, in a fixed order, with at most `limit` interpretations; columns that no output
/// depends on are not varied, and stay at the lower end of their range.
///
/// # Errors
/// A known input that is missing, of the wrong length or out of range: the functionality refuses
/// it, whatever the others bring. A value outside its static range, which is a bug.
pub fn existential(
    program: &Program,
    fixed: &[Option<Inputs>],
    outputs: &Outputs,
    limit: u64,
) -> Result<Existential, EvaluationError> {
    let known = |decl: &InputDecl| !matches!(fixed.get(decl.party), Some(None));
    let mut inputs: Vec<Inputs> =
        fixed.iter().map(|party| party.clone().unwrap_or_default()).collect();
    for decl in program.inputs().iter().filter(|decl| known(decl)) {
        given(decl, &inputs)?;
    }
    let unknown = program.inputs().iter().filter(|decl| !known(decl));
    Domain::of(unknown).reset(&mut inputs);
    let read = program.nodes().iter().filter_map(|node| match node.operation {
        Operation::Input(index) => program.inputs().get(index),
        _ => None,
    });
    let domain = Domain::of(read.filter(|decl| !known(decl)));
    if !domain.is_within(limit) {
        return Ok(Existential::TooLarge);
    }
    loop {
        if check_known(program, &interpret(program, &inputs)?, outputs).is_ok() {
            return Ok(Existential::Found(inputs));
        }
        if !domain.advance(&mut inputs) {
            return Ok(Existential::None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Builder, Decoding, Range, Rounding, Type};

    fn one(value: i128) -> Option<Inputs> {
        Some(Inputs::from([("v".to_owned(), vec![value])]))
    }

    fn of(product: i128) -> Outputs {
        Outputs::of("product", vec![product])
    }

    /// `x y` of two parties, 8 bits each; party 1 also brings 64 bits that nothing depends on.
    fn product() -> Program {
        let mut builder = Builder::new();
        let byte = Type::Int { bits: 8 };
        let x = builder.input("v", 0, 1, byte).expect("valid");
        let y = builder.input("v", 1, 1, byte).expect("valid");
        builder.input("unused", 1, 1, Type::Int { bits: 64 }).expect("valid");
        let product = builder.mul(x, y).expect("valid");
        builder.output("product", product, Decoding::Integer).expect("valid");
        builder.finish().expect("valid")
    }

    #[test]
    fn multiples_are_found_and_others_are_not() {
        let program = product();
        let ask = |x, output| existential(&program, &[one(x), None], &of(output), 256);
        for (x, output, y) in [(3, 21, 7), (3, -384, -128), (0, 0, -128), (-1, 128, -128)] {
            let Ok(Existential::Found(inputs)) = ask(x, output) else {
                panic!("{x} times something is {output}")
            };
            assert_eq!(inputs[0]["v"], [x]);
            assert_eq!(inputs[1]["v"], [y]);
            assert_eq!(interpret(&program, &inputs).expect("in range").outputs, [output]);
        }
        // No multiple, out of reach, and a zero that nobody can undo.
        for (x, output) in [(3, 22), (3, 384), (0, 1)] {
            assert_eq!(ask(x, output), Ok(Existential::None), "{x} times something is {output}");
        }
        let ask = |outputs: &Outputs| existential(&program, &[one(3), None], outputs, 256);
        assert_eq!(ask(&of(21).with("other", vec![0])), Ok(Existential::None), "too many outputs");
        assert!(matches!(ask(&Outputs::none()), Ok(Existential::Found(_))), "nothing is known");
    }

    #[test]
    fn all_or_nobody_may_be_known() {
        let program = product();
        let mut known = [one(3), one(4)];
        if let Some(party) = &mut known[1] {
            party.insert("unused".to_owned(), vec![0]);
        }
        assert!(matches!(existential(&program, &known, &of(12), 1), Ok(Existential::Found(_))));
        assert_eq!(existential(&program, &known, &of(13), 1), Ok(Existential::None));
        // (-128)^2, and a prime that no byte holds.
        let nobody = |output| existential(&program, &[None, None], &of(output), 1 << 16);
        assert!(matches!(nobody(16384), Ok(Existential::Found(_))));
        assert_eq!(nobody(16381), Ok(Existential::None));
    }

    #[test]
    fn the_limit_counts_what_the_outputs_depend_on() {
        let program = product();
        let ask = |limit| existential(&program, &[one(3), None], &of(22), limit);
        assert_eq!(ask(256), Ok(Existential::None));
        assert_eq!(ask(255), Ok(Existential::TooLarge));
    }

    #[test]
    fn either_rounding_explains_an_output() {
        let mut builder = Builder::new();
        let v = builder.input("v", 0, 1, Type::Int { bits: 8 }).expect("valid");
        let w = builder.input_in("v", 1, 1, Type::Bit, Range::BIT).expect("valid");
        let half = builder.truncate(v, 1, Rounding::Either).expect("valid");
        let sum = builder.add(half, w).expect("valid");
        builder.output("sum", sum, Decoding::Integer).expect("valid");
        let program = builder.finish().expect("valid");
        let sum = |value| Outputs::of("sum", vec![value]);
        let ask = |output| existential(&program, &[one(10), None], &sum(output), 2);
        for output in 5..=7 {
            assert!(matches!(ask(output), Ok(Existential::Found(_))), "{output}");
        }
        // 4 is within the error bound of a rounding on either side.
        for output in [3, 8] {
            assert_eq!(ask(output), Ok(Existential::None), "{output}");
        }
    }

    #[test]
    fn known_inputs_that_are_refused_are_an_error() {
        let program = product();
        let ask = |fixed: &[Option<Inputs>]| existential(&program, fixed, &of(0), 1);
        let range = Range::signed(8);
        assert_eq!(
            ask(&[one(128), None]),
            Err(EvaluationError::InputRange {
                party: 0,
                name: "v".into(),
                row: 1,
                value: 128,
                range
            })
        );
        assert_eq!(
            ask(&[one(0)]),
            Err(EvaluationError::MissingInput { party: 1, name: "v".into() })
        );
    }
}
