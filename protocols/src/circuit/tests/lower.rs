//! Programs as circuits, against the interpreter.

use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::PartyId;

use super::BOTH;
use crate::circuit::{Circuit, Lowered, Optimise, Word, lower, lower_in_range};
use crate::functions::{Function, FunctionVisitor, Task, visit_all};
use crate::program::{
    Builder, Decoding, Inputs, NodeId, Program, ProgramError, Range, Rounding, Type, interpret,
};

/// The circuit's outputs for inputs of all parties.
fn evaluate(lowered: &Lowered, inputs: &[Inputs]) -> Vec<i128> {
    let bits = lowered.words.encode_all(inputs).expect("all columns are there");
    lowered.words.decode(&lowered.circuit.evaluate(&bits, 1).expect("they fit"))
}

fn agree(program: &Program, inputs: &[Inputs]) {
    let expected = interpret(program, inputs).expect("in range").outputs;
    for optimise in BOTH {
        let lowered = lower(program, optimise).expect("not too large");
        assert_eq!(evaluate(&lowered, inputs), expected, "{optimise:?}, {inputs:?}");
    }
}

/// Every function of the library with its default parameters.
struct Library(Vec<&'static str>);

impl FunctionVisitor for Library {
    fn visit<F: Function>(&mut self) {
        let Task::Program(program) = F::build(&F::Params::default(), 3).expect("allowed") else {
            return;
        };
        let lowered = BOTH.map(|optimise| lower(&program, optimise).expect("not too large"));
        for repetition in 0..20 {
            let seed = RunSeed::new(7, repetition);
            let rng = |party: usize| seed.rng("input", PartyId::from(party));
            let random: Vec<Inputs> = (0..3)
                .map(|party| match repetition % 2 {
                    0 => F::generate(&F::Params::default(), party, 3, &mut rng(party)),
                    _ => crate::functions::uniform_inputs(
                        &Task::Program(program.clone()),
                        party,
                        &mut rng(party),
                    ),
                })
                .collect();
            let expected = interpret(&program, &random).expect("in range").outputs;
            for lowered in &lowered {
                assert_eq!(evaluate(lowered, &random), expected, "{}, {random:?}", F::NAME);
            }
        }
        self.0.push(F::NAME);
    }
}

#[test]
fn every_function_of_the_library_is_what_the_interpreter_says() {
    let mut library = Library(Vec::new());
    visit_all(&mut library);
    assert!(library.0.len() >= 18, "{:?}", library.0);
}

type Body = fn(&mut Builder, NodeId, NodeId) -> Result<NodeId, ProgramError>;

/// Every operation, on all pairs of values of small ranges with either sign, zero and points.
#[test]
fn every_operation_on_all_small_values() {
    let bodies: [Body; 15] = [
        Builder::add,
        Builder::sub,
        Builder::mul,
        Builder::less,
        Builder::equal,
        |b, x, _| b.scale(x, -7),
        |b, x, _| b.scale(x, 0),
        |b, x, y| {
            let both = b.concat(vec![x, y, x])?;
            b.scale_each(both, vec![3, -1, 11])
        },
        |b, x, y| {
            let all = b.concat(vec![x, y, y, x])?;
            let all = b.gather(all, vec![3, 1, 0, 2, 2, 1])?;
            b.sum(all, 2)
        },
        |b, x, y| {
            let (left, right) = (b.concat(vec![x, y, x])?, b.concat(vec![y, y, x])?);
            b.dot(left, right, 1)
        },
        |b, x, _| b.truncate(x, 1, Rounding::Floor),
        |b, x, y| {
            let product = b.mul(x, y)?;
            b.truncate(product, 3, Rounding::Either)
        },
        |b, x, _| b.truncate(x, 90, Rounding::Floor),
        |b, x, y| {
            let less = b.less(x, y)?;
            b.select(less, x, y)
        },
        |b, x, y| {
            let (less, equal) = (b.less(x, y)?, b.equal(x, y)?);
            b.or(less, equal)
        },
    ];
    let ranges = [(0, 1), (0, 5), (-4, 3), (-1, 0), (-5, -2), (3, 3), (0, 0), (-2, 9), (6, 7)];
    let mut built = 0;
    for body in bodies {
        for (x, y) in ranges.iter().flat_map(|x| ranges.iter().map(move |y| (*x, *y))) {
            let mut builder = Builder::new();
            let [left, right] = [x, y].map(|(lo, hi)| Range { lo, hi });
            let mut input = |name, range| {
                builder.input_in(name, 0, 1, Type::of(range, 0), range).expect("allowed")
            };
            let (a, b) = (input("x", left), input("y", right));
            // Cutting more bits than there are is refused.
            let Ok(result) = body(&mut builder, a, b) else { continue };
            built += 1;
            builder.output("result", result, Decoding::Integer).expect("allowed");
            let program = builder.finish().expect("it has an output");
            for (a, b) in (x.0..=x.1).flat_map(|a| (y.0..=y.1).map(move |b| (a, b))) {
                let column = |name: &str, value| (name.to_owned(), vec![value]);
                agree(&program, &[Inputs::from([column("x", a), column("y", b)])]);
            }
        }
    }
    assert!(built > 12 * ranges.len() * ranges.len(), "{built}");
}

/// A program over two columns of so many bits.
fn circuit(bits: u32, optimise: Optimise, body: Body) -> Circuit {
    let mut builder = Builder::new();
    let ty = if bits == 1 { Type::Bit } else { Type::Int { bits } };
    let [x, y] = [0, 1].map(|party| builder.input("x", party, 1, ty).expect("allowed"));
    let result = body(&mut builder, x, y).expect("allowed");
    builder.output("result", result, Decoding::Integer).expect("allowed");
    lower(&builder.finish().expect("it has an output"), optimise).expect("small").circuit
}

/// What arithmetic says of bits leaves no trace: no AND for XOR and NOT, one for OR; a choice costs
/// one per bit beside its comparison.
#[test]
fn programs_over_bits_cost_what_their_gates_cost() {
    let ands = |bits, body| circuit(bits, Optimise::Size, body).counts().ands;
    assert_eq!(ands(1, Builder::xor), 0);
    assert_eq!(ands(1, |b, x, _| b.not(x)), 0);
    assert_eq!(ands(1, Builder::and), 1);
    assert_eq!(ands(1, Builder::or), 1);
    assert_eq!(ands(1, Builder::equal), 0);
    assert_eq!(ands(32, Builder::less), 32);
    let larger: Body = |b, x, y| {
        let less = b.less(x, y)?;
        b.select(less, y, x)
    };
    assert_eq!(ands(32, larger), 64);
    assert_eq!(ands(32, |b, x, _| b.scale(x, 1 << 9)), 0);
    assert_eq!(ands(32, |b, x, _| b.truncate(x, 5, Rounding::Either)), 0);
    // 7 = 8 - 1 takes one subtraction of 35 bits.
    assert!(ands(32, |b, x, _| b.scale(x, 7)) <= 35);
}

#[test]
fn depth_is_logarithmic_where_it_is_asked_for() {
    let depth = |optimise, body| circuit(32, optimise, body).counts().and_depth;
    assert_eq!(depth(Optimise::Size, Builder::less), 32);
    assert_eq!(depth(Optimise::Depth, Builder::less), 6);
    assert!(depth(Optimise::Depth, Builder::mul) <= 18);
}

/// Whatever bits somebody brings stand for a value in the range, and those of each value in it for
/// that value; where all words are in range, no gate is added.
#[test]
fn words_outside_of_their_ranges_count_as_the_lowest_value() {
    let ranges = [(0, 9), (1, 4), (-3, 4), (-8, 7), (-5, -2), (3, 7), (0, 1), (0, 15), (-1, 100)];
    for (lo, hi) in ranges {
        let range = Range { lo, hi };
        let mut builder = Builder::new();
        let x = builder.input_in("x", 0, 1, Type::of(range, 0), range).expect("allowed");
        builder.output("x", x, Decoding::Integer).expect("allowed");
        let program = builder.finish().expect("it has an output");
        for optimise in BOTH {
            let lowered = lower_in_range(&program, optimise).expect("not too large");
            let word = Word::of(range);
            for bits in 0..1_u32 << word.width {
                let bits = (0..word.width).map(|at| bits >> at & 1 == 1).collect::<Vec<bool>>();
                let value = word.decode(bits.iter().copied());
                let found = lowered.circuit.evaluate(&bits.into_iter().collect(), 1);
                let found = lowered.words.decode(&found.expect("they fit"));
                let expected = if range.contains(value) { value } else { lo };
                assert_eq!(found, [expected], "{value} in {range}");
            }
            let free = word.range() == range;
            assert_eq!(lowered.circuit.counts().ands == 0, free, "{range}");
        }
    }
}
