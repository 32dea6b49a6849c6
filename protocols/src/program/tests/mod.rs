//! A second evaluator, written apart from the interpreter, and what both have to agree on.

mod interpreter;
mod refusals;
mod schedule;

use proptest::prelude::*;

use super::*;

/// Runs a program as an engine would, batch by batch as the schedule says, with any rounding.
///
/// Panics where the schedule hands out an operand too late or twice, or a value leaves its range.
pub(crate) fn run_scheduled(
    program: &Program,
    inputs: &[Inputs],
    mut round_up: impl FnMut() -> bool,
) -> Vec<i128> {
    let mut values: Vec<Option<Vec<i128>>> = vec![None; program.nodes().len()];
    let schedule = program.schedule();
    let mut walk = Walk::new(program);
    for batch in &schedule.batches {
        for id in walk.locals(program, operands_of(program, batch)) {
            let node = program.node(id).expect("exists");
            assert!(!node.operation.is_interactive());
            let result = execute(program, node, &values, inputs, &mut round_up);
            assert_eq!(values[id.index()].replace(result), None, "walked twice: {id:?}");
        }
        for &id in &batch.members {
            let node = program.node(id).expect("exists");
            let result = execute(program, node, &values, inputs, &mut round_up);
            assert_eq!(values[id.index()].replace(result), None, "run twice: {id:?}");
        }
    }
    for id in walk.locals(program, program.outputs().iter().map(|output| output.node)) {
        let node = program.node(id).expect("exists");
        values[id.index()] = Some(execute(program, node, &values, inputs, &mut round_up));
    }
    let opened = |output: &OutputDecl| values[output.node.index()].clone().expect("computed");
    program.outputs().iter().flat_map(opened).collect()
}

fn operands_of(program: &Program, batch: &Batch) -> Vec<NodeId> {
    let operands = |id: &NodeId| program.node(*id).expect("exists").operation.operands();
    batch.members.iter().flat_map(operands).collect()
}

fn execute(
    program: &Program,
    node: &Node,
    values: &[Option<Vec<i128>>],
    inputs: &[Inputs],
    round_up: &mut impl FnMut() -> bool,
) -> Vec<i128> {
    let of = |id: &NodeId| values[id.index()].as_ref().expect("operand is there in time");
    let zip = |a, b, with: &dyn Fn(i128, i128) -> i128| {
        of(a).iter().zip(of(b)).map(|(&x, &y)| with(x, y)).collect::<Vec<i128>>()
    };
    let fold = |terms: Vec<i128>, groups: usize| {
        let each = terms.len() / groups;
        (0..groups).map(|g| terms[g * each..(g + 1) * each].iter().sum()).collect::<Vec<i128>>()
    };
    let result = match &node.operation {
        Operation::Input(index) => {
            let decl = &program.inputs()[*index];
            inputs[decl.party][&*decl.name].to_vec()
        }
        Operation::Const(constant) => constant.clone(),
        Operation::RandomBits => vec![1; node.len],
        Operation::Add(a, b) => zip(a, b, &|x, y| x + y),
        Operation::Sub(a, b) => zip(a, b, &|x, y| x - y),
        Operation::Mul(a, b) => zip(a, b, &|x, y| x * y),
        Operation::And(a, b) => zip(a, b, &|x, y| x * y),
        Operation::Xor(a, b) => zip(a, b, &|x, y| x + y - 2 * x * y),
        Operation::Not(a) => of(a).iter().map(|x| 1 - x).collect(),
        Operation::Select { condition, a, b } => {
            let values = of(a).iter().zip(of(b));
            of(condition).iter().zip(values).map(|(c, (x, y))| y + c * (x - y)).collect()
        }
        Operation::Gates { circuit, a } => {
            let bits = of(a).iter().map(|bit| *bit == 1).collect();
            let bits = circuit.circuit().evaluate(&bits, 1).expect("as many bits");
            bits.iter().map(i128::from).collect()
        }
        Operation::Inject(a) => of(a).clone(),
        Operation::LowBit(a) => of(a).iter().map(|x| x.rem_euclid(2)).collect(),
        Operation::Less(a, b) => zip(a, b, &|x, y| (x < y).into()),
        Operation::Equal(a, b) => zip(a, b, &|x, y| (x == y).into()),
        Operation::Scale { a, by } => of(a).iter().map(|x| x * by).collect(),
        Operation::ScaleEach { a, by } => of(a).iter().zip(by).map(|(x, y)| x * y).collect(),
        Operation::Sum { a, groups } => fold(of(a).clone(), *groups),
        Operation::Dot { a, b, groups } => fold(zip(a, b, &|x, y| x * y), *groups),
        Operation::Gather { a, indices } => indices.iter().map(|&i| of(a)[i as usize]).collect(),
        Operation::Concat(parts) => parts.iter().flat_map(|part| of(part).clone()).collect(),
        Operation::Truncate { a, shift, rounding } => {
            let up = |up: bool| i128::from(*rounding == Rounding::Either && up);
            of(a).iter().map(|x| x.div_euclid(1 << shift) + up(round_up())).collect()
        }
    };
    assert_eq!(result.len(), node.len);
    for &value in &result {
        assert!(
            node.range.contains(value),
            "{}: {value} not in {}",
            node.operation.name(),
            node.range
        );
    }
    result
}

fn int(bits: u32) -> Type {
    Type::Int { bits }
}

fn one_input(values: &[i128]) -> [Inputs; 1] {
    [Inputs::from([("v".to_owned(), values.to_vec())])]
}

/// A step of a random program: which operation, on which earlier nodes, with which constant.
type Step = (u8, usize, usize, i128);

pub(super) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((any::<u8>(), any::<usize>(), any::<usize>(), -50i128..50), 1..most)
}

/// Builds what fits of a random program on vectors of four elements.
pub(super) fn random_program(steps: &[Step]) -> Program {
    let mut builder = Builder::new();
    let mut nodes = vec![
        builder.input("a", 0, 4, int(12)).expect("valid"),
        builder.input("b", 0, 4, int(7)).expect("valid"),
    ];
    for &(kind, i, j, constant) in steps {
        let (a, b) = (nodes[i % nodes.len()], nodes[j % nodes.len()]);
        let shift = constant.unsigned_abs() as u32 % 6 + 1;
        let made = match kind % 13 {
            0 => builder.add(a, b),
            1 => builder.sub(a, b),
            2 | 3 => builder.mul(a, b),
            4 => builder.scale(a, constant),
            5 => builder.scale_each(a, vec![constant, 1, 0, -2]),
            6 => builder.less(a, b),
            7 => builder.equal(a, b),
            8 => builder.truncate(a, shift, Rounding::Floor),
            9 => builder.truncate(a, shift, Rounding::Either),
            10 => builder.less(a, b).and_then(|bit| builder.select(bit, a, b)),
            11 => builder.dot(a, b, 2).and_then(|dot| builder.repeat(dot, 2)),
            _ => builder
                .gather(a, vec![3, 0])
                .and_then(|half| builder.concat(vec![half, half]))
                .and_then(|whole| builder.max(whole, b)),
        };
        nodes.extend(made);
    }
    for (name, &id) in ["o", "p", "q"].into_iter().zip(nodes.iter().rev()) {
        builder.output(name, id, Decoding::Integer).expect("new name");
    }
    builder.finish().expect("has outputs")
}
