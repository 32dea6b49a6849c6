//! Small programs at the edges of what can be built, on every protocol that runs programs.

use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{
    Builder, Decoding, Inputs, NodeId, Program, ProgramError, Range, Recipients, Rounding, Type,
};
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::harness::{clients, job};
use crate::registry::{Variant, each, entries, variants};

const SIGMA: u32 = 8;

/// Every operation, on values of at most so many bits where that is possible.
fn everything(bits: u32) -> Program {
    build(|builder| {
        let ty = Type::Int { bits: (bits.saturating_sub(1) / 2).max(1) };
        let (x, y) = (builder.input("x", 0, 2, ty)?, builder.input("x", 1, 2, ty)?);
        let product = builder.mul(x, y)?;
        let dot = builder.dot(x, y, 2)?;
        let sum = builder.add(x, y)?;
        let less = builder.less(product, sum)?;
        let equal = builder.equal(product, dot)?;
        let select = builder.select(less, product, dot)?;
        let floor = builder.truncate(product, 1, Rounding::Floor)?;
        let either = builder.truncate(product, 1, Rounding::Either)?;
        for (name, node) in [
            ("less", less),
            ("equal", equal),
            ("select", select),
            ("floor", floor),
            ("either", either),
        ] {
            open(builder, name, node)?;
        }
        Ok(())
    })
}

/// Whether every operation on values of so many bits is supported, so that programs have to be.
pub(crate) fn runs_everything(variant: &Variant, roles: &Roles, bits: u32, sigma: u32) -> bool {
    let task = Task::Program(Arc::new(everything(bits)));
    variant.bind(&job(task, roles.clone(), sigma)).is_ok()
}

/// Runs a program with these protocols and parameters. Who runs every operation on values of its
/// width has to run it; others may refuse it. Returns how many ran it.
fn on(variants: &[Variant], program: &Program, roles: &Roles, inputs: &[Inputs]) -> usize {
    let job = job(Task::Program(Arc::new(program.clone())), roles.clone(), SIGMA);
    let run = |variant: &Variant| match variant.bind(&job) {
        Ok(subject) => {
            subject.expect(inputs, 3);
            1
        }
        Err(why) => {
            let bits = program.statistics().max_bits;
            let (name, params) = (variant.entry.name, variant.params);
            assert!(
                !runs_everything(variant, roles, bits, SIGMA),
                "{name} {params} runs every operation of {bits} bits among {roles:?}, but: {why}"
            );
            0
        }
    };
    variants.iter().map(run).sum()
}

/// As [`on`], with everything that the registry has.
fn on_all(program: &Program, roles: &Roles, inputs: &[Inputs]) {
    let ran = each(&variants(), |variant| on(&[*variant], program, roles, inputs));
    assert!(ran.iter().sum::<usize>() > 0, "nobody runs it among {roles:?}");
}

/// One of the parameters of each protocol, so that many programs meet all of them.
pub(crate) fn on_some(pick: usize, program: &Program, roles: &Roles, inputs: &[Inputs]) -> usize {
    let of = |all: Vec<Variant>| all[pick % all.len()];
    let some: Vec<Variant> = entries().iter().map(|entry| of(entry.all().collect())).collect();
    on(&some, program, roles, inputs)
}

type Built = Result<(), ProgramError>;

fn build(nodes: impl FnOnce(&mut Builder) -> Built) -> Program {
    let mut builder = Builder::new();
    nodes(&mut builder).expect("the program is allowed");
    builder.finish().expect("it has outputs")
}

fn open(builder: &mut Builder, name: &'static str, node: NodeId) -> Built {
    builder.output(name, node, Decoding::Integer)
}

fn column(values: &[i128]) -> Inputs {
    Inputs::from([("x".to_owned(), values.to_vec())])
}

/// Everyone among three, clients that bring and learn, and roles that touch in one party only.
fn placements(inputs: usize) -> Vec<Roles> {
    let ids = |ids: std::ops::Range<usize>| ids.map(PartyId::from).collect::<Vec<_>>();
    let bringing = |roles: Roles| Roles { input: roles.input[..inputs].to_vec(), ..roles };
    vec![
        bringing(Roles::all(3)),
        bringing(clients(5, 3, &[0, 4, 8])),
        Roles { compute: 3, input: ids(0..inputs), output: ids(0..1) },
        Roles { compute: 3, input: ids(0..inputs), output: ids(2..3) },
        Roles { compute: 3, input: ids(0..inputs), output: ids(3..4) },
    ]
}

fn everywhere(program: &Program, inputs: &[Inputs]) {
    for roles in placements(inputs.len()) {
        on_all(program, &roles, inputs);
    }
}

/// Every comparison at every pair of ends and neighbours of the ends of its range.
#[test]
fn comparisons_are_exact_at_the_ends_of_their_ranges() {
    for bits in [1, 2, 3, 5, 8, 16, 31, 33] {
        let ty = Type::Int { bits };
        let range = ty.range();
        let candidates = [range.lo, range.lo + 1, -1, 0, 1, range.hi - 1, range.hi];
        let mut values: Vec<i128> =
            candidates.into_iter().filter(|value| range.contains(*value)).collect();
        values.dedup();
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for x in &values {
            left.extend(values.iter().map(|_| *x));
            right.extend(&values);
        }
        let program = build(|builder| {
            let x = builder.input("x", 0, left.len(), ty)?;
            let y = builder.input("x", 1, left.len(), ty)?;
            let less = builder.less(x, y)?;
            let equal = builder.equal(x, y)?;
            let max = builder.max(x, y)?;
            open(builder, "less", less)?;
            open(builder, "equal", equal)?;
            open(builder, "max", max)
        });
        on_all(&program, &Roles::all(3), &[column(&left), column(&right)]);
    }
}

/// A range that is all of a width, and one that is no more than a sign: widths of one bit.
#[test]
fn comparisons_with_constants_are_exact_at_the_ends() {
    for (range, constant) in [
        (Range { lo: -1, hi: 0 }, 0),
        (Range { lo: -1, hi: 0 }, -1),
        (Range { lo: 0, hi: 1 }, 1),
        (Range { lo: -128, hi: 127 }, 0),
        (Range { lo: 0, hi: 255 }, 255),
        (Range { lo: -(1 << 40), hi: -(1 << 40) + 3 }, -(1 << 40) + 1),
    ] {
        let program = build(|builder| {
            let ty = Type::of(range, 0);
            let x = builder.input_in("x", 0, 4, ty, range)?;
            let c = builder.constant(vec![constant; 4], 0)?;
            let (less, more) = (builder.less(x, c)?, builder.less(c, x)?);
            let equal = builder.equal(x, c)?;
            open(builder, "less", less)?;
            open(builder, "more", more)?;
            open(builder, "equal", equal)
        });
        let inputs = column(&[range.lo, range.hi, range.lo + 1, range.hi - 1]);
        on_all(&program, &Roles::all(3), &[inputs]);
    }
}

/// Both roundings, every shift, both ends and the values around multiples of the power of two.
#[test]
fn truncations_are_exact_at_the_ends_of_their_ranges() {
    for (bits, shift) in [(2, 1), (3, 2), (8, 1), (8, 4), (8, 7), (9, 3), (33, 17), (40, 39)] {
        let range = Range::signed(bits);
        let unit = 1i128 << shift;
        let candidates =
            [range.lo, range.lo + 1, -unit, -unit - 1, -unit + 1, -1, 0, 1, unit - 1, unit];
        let values: Vec<i128> = candidates
            .into_iter()
            .chain([range.hi - 1, range.hi])
            .filter(|value| range.contains(*value))
            .collect();
        let program = build(|builder| {
            let x = builder.input("x", 0, values.len(), Type::Int { bits })?;
            let floor = builder.truncate(x, shift, Rounding::Floor)?;
            let either = builder.truncate(x, shift, Rounding::Either)?;
            open(builder, "floor", floor)?;
            open(builder, "either", either)
        });
        on_all(&program, &Roles::all(3), &[column(&values)]);
    }
}

/// The widest values that are accepted, plain and in comparisons: what is one bit wider is refused.
#[test]
fn programs_run_up_to_the_widths_that_are_accepted() {
    let roles = Roles::all(3);
    each(&variants(), |variant| {
        for (kind, build) in [("plain", wide as fn(u32) -> Program), ("compared", compared)] {
            let at = |bits: u32| {
                let task = Task::Program(Arc::new(build(bits)));
                variant.bind(&job(task, roles.clone(), SIGMA))
            };
            let accepted: Vec<u32> = (1..=126).filter(|bits| at(*bits).is_ok()).collect();
            let Some(most) = accepted.last() else { continue };
            let (name, params) = (variant.entry.name, variant.params);
            let all: Vec<u32> = (1..=*most).collect();
            assert_eq!(accepted, all, "{name} {params}, {kind}: widths between are refused");
            let Range { lo, hi } = Range::signed(*most);
            let values = [lo, hi, lo + 1, -1, 0, hi - 1];
            let mut backwards = values;
            backwards.reverse();
            let subject = at(*most).expect("accepted above");
            subject.expect(&[column(&values), column(&backwards)], 3);
        }
    });
}

fn wide(bits: u32) -> Program {
    build(|builder| {
        let x = builder.input("x", 0, 6, Type::Int { bits })?;
        open(builder, "x", x)
    })
}

fn compared(bits: u32) -> Program {
    build(|builder| {
        let ty = Type::Int { bits };
        let (x, y) = (builder.input("x", 0, 6, ty)?, builder.input("x", 1, 6, ty)?);
        let sum = builder.add(x, y)?;
        let cut = builder.truncate(sum, 1, Rounding::Floor)?;
        let most = builder.truncate(sum, bits, Rounding::Floor)?;
        let (less, equal) = (builder.less(x, y)?, builder.equal(x, y)?);
        for (name, node) in
            [("sum", sum), ("cut", cut), ("most", most), ("less", less), ("equal", equal)]
        {
            open(builder, name, node)?;
        }
        Ok(())
    })
}

#[test]
fn an_input_may_be_an_output_and_outputs_may_repeat() {
    let program = build(|builder| {
        let x = builder.input("x", 0, 1, Type::Int { bits: 8 })?;
        let y = builder.input("x", 1, 3, Type::Int { bits: 8 })?;
        open(builder, "x", x)?;
        open(builder, "again", x)?;
        open(builder, "y", y)
    });
    everywhere(&program, &[column(&[-128]), column(&[127, 0, -1])]);
}

#[test]
fn constants_alone_may_be_outputs() {
    let program = build(|builder| {
        builder.input("x", 0, 2, Type::Int { bits: 8 })?;
        let c = builder.constant(vec![-3, 5], 0)?;
        let d = builder.constant(vec![7], 0)?;
        open(builder, "c", c)?;
        open(builder, "d", d)
    });
    everywhere(&program, &[column(&[1, 2])]);
    let no_inputs = build(|builder| {
        let c = builder.constant(vec![4], 0)?;
        let square = builder.mul(c, c)?;
        let less = builder.less(c, square)?;
        open(builder, "square", square)?;
        open(builder, "less", less)
    });
    everywhere(&no_inputs, &[Inputs::new(), Inputs::new()]);
}

/// Some parties bring nothing, and one brings two columns.
#[test]
fn parties_may_bring_nothing_or_several_columns() {
    let program = build(|builder| {
        let x = builder.input("x", 2, 2, Type::Int { bits: 8 })?;
        let y = builder.input("y", 2, 2, Type::Int { bits: 8 })?;
        let product = builder.mul(x, y)?;
        let less = builder.less(x, y)?;
        open(builder, "product", product)?;
        open(builder, "less", less)
    });
    let mut both = column(&[-128, 127]);
    both.insert("y".to_owned(), vec![-128, -128]);
    everywhere(&program, &[Inputs::new(), Inputs::new(), both]);
}

/// Some outputs are for all, some for one party, one for two of them, and one party may learn
/// nothing that others do not.
#[test]
fn outputs_may_be_for_some_alone() {
    let program = build(|builder| {
        let x = builder.input("x", 0, 2, Type::Int { bits: 8 })?;
        let y = builder.input("x", 1, 3, Type::Int { bits: 8 })?;
        let square = builder.mul(x, x)?;
        let less = builder.less(square, x)?;
        let (one, two) = (Recipients::These(vec![1]), Recipients::These(vec![0, 1]));
        builder.output_to("one", square, Decoding::Integer, one.clone())?;
        builder.output("all", less, Decoding::Integer)?;
        builder.output_to("two", y, Decoding::Integer, two)?;
        builder.output_to("other", x, Decoding::Integer, one)
    });
    everywhere(&program, &[column(&[-128, 127]), column(&[3, -4, 5])]);
    let only = build(|builder| {
        let x = builder.input("x", 0, 2, Type::Int { bits: 8 })?;
        let product = builder.mul(x, x)?;
        builder.output_to("only", product, Decoding::Integer, Recipients::These(vec![0]))
    });
    everywhere(&only, &[column(&[-3, 127])]);
}

/// One party's input alone decides: parties stand at different causal depths throughout.
#[test]
fn one_input_party_and_one_output_party_among_two() {
    let program = build(|builder| {
        let x = builder.input("x", 0, 2, Type::Int { bits: 8 })?;
        let square = builder.mul(x, x)?;
        let zero = builder.constant(vec![0, 0], 0)?;
        let less = builder.less(x, zero)?;
        open(builder, "square", square)?;
        open(builder, "less", less)
    });
    for (input, output) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2), (2, 2)] {
        let [input, output] = [input, output].map(|id| vec![PartyId(id)]);
        let roles = Roles { compute: 2, input, output };
        on_all(&program, &roles, &[column(&[-128, 127])]);
    }
}

/// Inner products of several lengths share one batch.
#[test]
fn inner_products_of_mixed_lengths_share_a_batch() {
    let program = build(|builder| {
        let x = builder.input("x", 0, 6, Type::Int { bits: 8 })?;
        let y = builder.input("x", 1, 6, Type::Int { bits: 8 })?;
        let one = builder.gather(x, vec![5])?;
        for (name, node, other, groups) in
            [("six", x, y, 1), ("threes", x, y, 2), ("ones", x, y, 6), ("one", one, one, 1)]
        {
            let dot = builder.dot(node, other, groups)?;
            open(builder, name, dot)?;
        }
        Ok(())
    });
    assert_eq!(program.schedule().batches.len(), 1);
    everywhere(&program, &[column(&[-128, 127, 3, 0, -1, 5]), column(&[-128, -128, 9, 1, 1, 2])]);
}
