//! Which operations share a batch, and when.

use proptest::prelude::*;

use super::*;

/// The nearest batches behind these nodes, ascending.
fn batches_behind(program: &Program, ids: Vec<NodeId>) -> Vec<usize> {
    let readers = Readers::new(program);
    let locals = Walk::new(program).locals(program, ids.iter().copied());
    let read = locals.iter().flat_map(|id| program.node(*id).expect("exists").operation.operands());
    let batches = ids.iter().copied().chain(read).filter_map(|id| readers.batch_of(id));
    batches.collect::<std::collections::BTreeSet<usize>>().into_iter().collect()
}

fn program_reads(program: &Program) -> u32 {
    program.nodes().iter().map(|node| node.operation.operands().len() as u32).sum()
}

proptest! {
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
