//! A second evaluator, written apart from the interpreter, and what both have to agree on.

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

fn program_reads(program: &Program) -> u32 {
    program.nodes().iter().map(|node| node.operation.operands().len() as u32).sum()
}

/// The nearest batches behind these nodes, ascending.
fn batches_behind(program: &Program, ids: Vec<NodeId>) -> Vec<usize> {
    let readers = Readers::new(program);
    let locals = Walk::new(program).locals(program, ids.iter().copied());
    let read = locals.iter().flat_map(|id| program.node(*id).expect("exists").operation.operands());
    let batches = ids.iter().copied().chain(read).filter_map(|id| readers.batch_of(id));
    batches.collect::<std::collections::BTreeSet<usize>>().into_iter().collect()
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

    #[test]
    fn schedules_hold_every_interactive_node_once_and_in_order(
        steps in steps(40),
    ) {
        let program = random_program(&steps);
        let schedule = program.schedule();
        let mut members: Vec<NodeId> =
            schedule.batches.iter().flat_map(|batch| batch.members.clone()).collect();
        members.sort();
        let ids = (0..program.nodes().len() as u32).map(NodeId);
        let interactive: Vec<NodeId> = ids
            .filter(|&id| program.node(id).is_some_and(|node| node.operation.is_interactive()))
            .collect();
        prop_assert_eq!(members, interactive);
        for batch in &schedule.batches {
            for before in batches_behind(&program, operands_of(&program, batch)) {
                prop_assert!(schedule.batches[before].start < batch.start);
            }
        }
    }
}

#[test]
fn independent_operations_share_batches() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 4, int(16)).expect("valid");
    let left = builder.gather(v, vec![0, 1]).expect("valid");
    let right = builder.gather(v, vec![2, 3]).expect("valid");
    let products: Vec<NodeId> = (0..3).map(|_| builder.mul(left, right).expect("valid")).collect();
    let low = builder.less(left, right).expect("valid");
    let doubled = builder.scale(left, 4).expect("valid");
    let high = builder.less(doubled, right).expect("valid");
    let after = builder.mul(low, products[0]).expect("valid");
    for (name, id) in ["a", "b", "c", "d"].into_iter().zip([products[1], products[2], high, after])
    {
        builder.output(name, id, Decoding::Integer).expect("valid");
    }
    let program = builder.finish().expect("valid");
    let kinds: Vec<(BatchKind, usize, u32)> =
        program.schedule().batches.iter().map(|b| (b.kind, b.members.len(), b.start)).collect();
    assert_eq!(
        kinds,
        [(BatchKind::Mul, 3, 0), (BatchKind::Less { bits: 19 }, 2, 0), (BatchKind::Mul, 1, 8)]
    );
    let read = operands_of(&program, &program.schedule().batches[2]);
    assert_eq!(batches_behind(&program, read), [0, 1]);
    let opened = program.outputs().iter().map(|output| output.node).collect();
    assert_eq!(batches_behind(&program, opened), [0, 1, 2]);
    let readers = Readers::new(&program);
    let uses: Vec<u32> =
        (0..program.nodes().len() as u32).map(|id| readers.uses(NodeId(id))).collect();
    assert_eq!(uses.iter().sum::<u32>(), 4 + program_reads(&program));
    let statistics = program.statistics();
    assert_eq!((statistics.multiplications, statistics.comparisons), (8, 4));
    assert_eq!((statistics.depth_mul, statistics.depth_interactive), (2, 2));
}

/// A comparison at once and one a multiplication later; what follows the first decides whether it
/// can wait.
fn starts_of_two_comparisons(first_is_urgent: bool) -> (Vec<u32>, u32) {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 1, int(8)).expect("valid");
    let w = builder.input("w", 0, 1, int(8)).expect("valid");
    let square = builder.mul(v, v).expect("valid");
    let late = builder.less(square, w).expect("valid");
    let mut early = builder.less(v, w).expect("valid");
    if first_is_urgent {
        let scaled = builder.mul(early, w).expect("valid");
        early = builder.equal(scaled, v).expect("valid");
    }
    builder.output("late", late, Decoding::Integer).expect("valid");
    builder.output("early", early, Decoding::Integer).expect("valid");
    let program = builder.finish().expect("valid");
    let batches = &program.schedule().batches;
    let comparisons = batches.iter().filter(|batch| matches!(batch.kind, BatchKind::Less { .. }));
    (comparisons.map(|batch| batch.start).collect(), program.schedule().nominal_rounds)
}

#[test]
fn comparisons_wait_for_each_other_unless_that_costs_rounds() {
    assert_eq!(starts_of_two_comparisons(false), (vec![1], 9));
    assert_eq!(starts_of_two_comparisons(true), (vec![0, 1], 17));
}

#[test]
fn very_different_widths_do_not_share_a_batch() {
    let mut builder = Builder::new();
    let narrow = builder.input("n", 0, 1, int(8)).expect("valid");
    let wide = builder.input("w", 0, 1, int(40)).expect("valid");
    let a = builder.less(narrow, narrow).expect("valid");
    let b = builder.less(wide, wide).expect("valid");
    builder.output("a", a, Decoding::Integer).expect("valid");
    builder.output("b", b, Decoding::Integer).expect("valid");
    let program = builder.finish().expect("valid");
    let kinds: Vec<BatchKind> = program.schedule().batches.iter().map(|b| b.kind).collect();
    assert_eq!(kinds, [BatchKind::Less { bits: 41 }, BatchKind::Less { bits: 9 }]);
}

#[test]
fn what_no_output_needs_is_dropped() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 3, int(8)).expect("valid");
    let (_, label) = builder.argmax(v, vec![0, 1, 2]).expect("valid");
    builder.output("label", label, Decoding::Integer).expect("valid");
    let program = builder.finish().expect("valid");
    // Two levels: a comparison each, the label chosen twice, the value once.
    assert_eq!(program.statistics().comparisons, 2);
    assert_eq!(program.statistics().selections, 3);
    assert_eq!(interpret(&program, &one_input(&[5, 9, 9])).expect("valid").outputs, [1]);
}

#[test]
fn overflow_is_refused_with_node_and_ranges() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 2, int(64)).expect("valid");
    let error = builder.mul(v, v).expect_err("128 bits");
    let range = Range::signed(64);
    assert_eq!(
        error,
        ProgramError::Overflow { node: NodeId(1), operation: "mul", operands: vec![range, range] }
    );
    assert!(error.to_string().starts_with("node 1 (mul): operands in -9223372036854775808..="));
    let wide = builder.scale(v, 1 << 62).expect("126 bits");
    let wider = builder.scale(wide, 2).expect("127 bits");
    assert!(matches!(builder.add(wider, wide), Err(ProgramError::Overflow { .. })));
    assert!(matches!(builder.sum(wider, 1), Err(ProgramError::Overflow { .. })));
    assert!(matches!(builder.less(wider, wide), Err(ProgramError::Overflow { .. })));
    assert!(matches!(builder.dot(wide, v, 1), Err(ProgramError::Overflow { .. })));
}

#[test]
fn mistakes_of_the_author_are_refused() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 4, int(8)).expect("valid");
    let f = builder.input("f", 0, 4, Type::Fixed { bits: 8, frac: 4 }).expect("valid");
    let short = builder.gather(v, vec![0]).expect("valid");
    assert!(matches!(builder.add(v, short), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.add(v, f), Err(ProgramError::Types { .. })));
    assert!(matches!(builder.concat(vec![v, f]), Err(ProgramError::Types { .. })));
    assert!(matches!(builder.sum(v, 3), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.sum(v, 0), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.gather(v, vec![4]), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.gather(v, vec![]), Err(ProgramError::Size { .. })));
    assert!(matches!(builder.select(v, v, v), Err(ProgramError::Types { .. })));
    assert!(matches!(builder.truncate(f, 5, Rounding::Floor), Err(ProgramError::Shift { .. })));
    assert!(matches!(builder.truncate(v, 0, Rounding::Floor), Err(ProgramError::Shift { .. })));
    assert!(matches!(builder.truncate(v, 8, Rounding::Floor), Err(ProgramError::Shift { .. })));
    assert_eq!(builder.input("v", 0, 1, int(8)), Err(ProgramError::Duplicate("v".into())));
    assert!(matches!(
        builder.input_in("w", 0, 1, int(8), Range { lo: 0, hi: 128 }),
        Err(ProgramError::Width { name, .. }) if &*name == "w"
    ));
    assert_eq!(builder.node(NodeId(99)), Err(ProgramError::UnknownNode(NodeId(99))));
    assert_eq!(builder.finish(), Err(ProgramError::NoOutput));
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
fn random_bits_stay_secret() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 3, Type::Bit).expect("valid");
    let random = builder.random_bits(3).expect("valid");
    let masked = builder.xor(v, random).expect("valid");
    builder.keep(masked).expect("valid");
    builder.output("v", v, Decoding::Integer).expect("valid");
    let program = builder.clone().finish().expect("no output depends on them");
    assert_eq!(program.kept().len(), 1);
    builder.output("masked", masked, Decoding::Integer).expect("valid");
    let refused = builder.finish().expect_err("its output is not a function of the inputs");
    assert!(refused.to_string().contains("`masked` depends on random bits"), "{refused}");
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
fn products_of_many_take_as_few_levels_as_possible() {
    for (count, levels, bits) in [(1, 0, 4), (2, 1, 8), (3, 2, 10), (5, 3, 16), (8, 3, 26)] {
        let mut builder = Builder::new();
        let factors: Vec<NodeId> =
            (0..count).map(|k| builder.input("v", k, 2, int(4)).expect("valid")).collect();
        let product = builder.product(factors).expect("fits");
        builder.output("product", product, Decoding::Integer).expect("valid");
        let program = builder.finish().expect("valid");
        assert_eq!(program.schedule().nominal_rounds, levels, "{count} factors");
        assert_eq!(program.statistics().multiplications, 2 * (count as u64 - 1));
        assert_eq!(program.statistics().max_bits, bits);
        let inputs: Vec<Inputs> =
            (0..count).map(|k| one_input(&[-2, k as i128])[0].clone()).collect();
        let expected: Vec<i128> = vec![(-2i128).pow(count as u32), (0..count as i128).product()];
        assert_eq!(interpret(&program, &inputs).expect("in range").outputs, expected);
    }
    let empty = Builder::new().product(Vec::new());
    assert_eq!(empty, Err(ProgramError::Size { operation: "product", len: 0 }));
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
fn unsound_divisions_are_refused() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 1, int(8)).expect("valid");
    let rounding = Rounding::Either;
    let division = Division { frac: 8, precision: 16, max_quotient: 1 << 10, rounding };
    assert!(matches!(builder.divide(v, v, division), Err(ProgramError::Divisor { .. })));
    let bad = Division { precision: 70, ..division };
    assert!(matches!(builder.divide(v, v, bad), Err(ProgramError::Precision { .. })));
}
