//! Small programs at the edges of what can be built, on every engine.

use std::sync::Arc;

use mpclab_protocols::additive::{Additive, AdditiveParams};
use mpclab_protocols::circuit::Optimise;
use mpclab_protocols::functions::Task;
use mpclab_protocols::gmw::{Gmw, GmwParams};
use mpclab_protocols::program::{
    Builder, Decoding, Inputs, NodeId, Program, ProgramError, Range, Rounding, Type,
};
use mpclab_protocols::protocol::Protocol;
use mpclab_protocols::rep3::{Rep3, Rep3Params, RingName};
use mpclab_protocols::shamir::{Shamir, ShamirParams};
use mpclab_protocols::spdz::{Spdz, SpdzParams};
use mpclab_protocols::{DotTriples, FieldName};
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::harness::{clients, expect, job};

const SIGMA: u32 = 8;

/// Runs a program on every engine and algebra that supports it and returns how many did.
pub(crate) fn on_all_engines(program: &Program, roles: &Roles, inputs: &[Inputs]) -> usize {
    let task = Task::Program(Arc::new(program.clone()));
    let mut ran = 0;
    for field in [FieldName::M61, FieldName::P128] {
        for dot in [DotTriples::Triples, DotTriples::InnerProduct] {
            ran += on::<Additive>(AdditiveParams { field, dot }, &task, roles, inputs);
        }
        ran += on::<Shamir>(ShamirParams { field, ..Default::default() }, &task, roles, inputs);
        ran += on::<Spdz>(SpdzParams { field, ..Default::default() }, &task, roles, inputs);
    }
    for ring in [RingName::Z64, RingName::Z128] {
        ran += on::<Rep3>(Rep3Params { ring }, &task, roles, inputs);
    }
    for optimise in [Optimise::Size, Optimise::Depth] {
        ran += on::<Gmw>(GmwParams { optimise }, &task, roles, inputs);
    }
    ran
}

/// Engines and algebras that take part: two of them among peers who all learn the output only.
pub(crate) fn engines(roles: &Roles) -> usize {
    let peers = roles.nodes() == roles.compute && roles.output.len() == roles.compute;
    if peers { 12 } else { 10 }
}

fn on<P: Protocol>(params: P::Params, task: &Task, roles: &Roles, inputs: &[Inputs]) -> usize {
    let (job, params) = (job(task.clone(), roles.clone(), SIGMA), Arc::new(params));
    if P::compile(&job, &params).is_err() {
        return 0;
    }
    expect::<P>(&job, &params, inputs, 3);
    1
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
        assert_eq!(on_all_engines(program, &roles, inputs), engines(&roles), "{roles:?}");
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
        let ran = on_all_engines(&program, &Roles::all(3), &[column(&left), column(&right)]);
        assert_eq!(ran, engines(&Roles::all(3)), "{bits} bits");
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
        let ran = on_all_engines(&program, &Roles::all(3), &[inputs]);
        assert_eq!(ran, engines(&Roles::all(3)), "{range} against {constant}");
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
        let ran = on_all_engines(&program, &Roles::all(3), &[column(&values)]);
        assert_eq!(ran, engines(&Roles::all(3)), "{bits} bits, cut by {shift}");
    }
}

/// Full widths of the algebras: 64 bits in the smaller ring, 127 in the larger.
#[test]
fn rings_compute_up_to_their_full_width() {
    for (ring, bits) in [(RingName::Z64, 64), (RingName::Z128, 127)] {
        let range = Range::signed(bits - 1);
        let values = [range.lo, range.hi, range.lo + 1, -1, 0, 1];
        let mut backwards = values;
        backwards.reverse();
        let program = build(|builder| {
            let ty = Type::Int { bits: bits - 1 };
            let x = builder.input("x", 0, 6, ty)?;
            let y = builder.input("x", 1, 6, ty)?;
            let sum = builder.add(x, y)?;
            let cut = builder.truncate(sum, 1, Rounding::Floor)?;
            let most = builder.truncate(sum, bits - 1, Rounding::Floor)?;
            let (less, equal) = (builder.less(x, y)?, builder.equal(x, y)?);
            for (name, node) in
                [("sum", sum), ("cut", cut), ("most", most), ("less", less), ("equal", equal)]
            {
                open(builder, name, node)?;
            }
            Ok(())
        });
        let task = Task::Program(Arc::new(program));
        let inputs = [column(&values), column(&backwards)];
        assert_eq!(on::<Rep3>(Rep3Params { ring }, &task, &Roles::all(3), &inputs), 1, "{ring:?}");
    }
}

/// Full widths of the fields, with and without masks.
#[test]
fn fields_compute_up_to_what_they_accept() {
    for (field, plain, masked) in [(FieldName::M61, 60, 49), (FieldName::P128, 127, 116)] {
        let open_sum = build(|builder| {
            let x = builder.input("x", 0, 2, Type::Int { bits: plain })?;
            open(builder, "x", x)
        });
        let compare = build(|builder| {
            let ty = Type::Int { bits: masked - 1 };
            let (x, y) = (builder.input("x", 0, 2, ty)?, builder.input("x", 1, 2, ty)?);
            let less = builder.less(x, y)?;
            let equal = builder.equal(x, y)?;
            open(builder, "less", less)?;
            open(builder, "equal", equal)
        });
        let ends = |bits| vec![Range::signed(bits).lo, Range::signed(bits).hi];
        let mut backwards = ends(masked - 1);
        backwards.reverse();
        let wide = [column(&ends(plain))];
        let narrow = [column(&ends(masked - 1)), column(&backwards)];
        for (program, inputs) in [(open_sum, &wide[..]), (compare, &narrow[..])] {
            let task = Task::Program(Arc::new(program));
            let roles = Roles::all(3);
            let additive = AdditiveParams { field, ..Default::default() };
            let shamir = ShamirParams { field, ..Default::default() };
            assert_eq!(on::<Additive>(additive, &task, &roles, inputs), 1, "{field:?}");
            assert_eq!(on::<Shamir>(shamir, &task, &roles, inputs), 1, "{field:?}");
            let spdz = SpdzParams { field, ..Default::default() };
            assert_eq!(on::<Spdz>(spdz, &task, &roles, inputs), 1, "{field:?}");
        }
    }
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
        assert_eq!(on_all_engines(&program, &roles, &[column(&[-128, 127])]), 6, "{roles:?}");
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
