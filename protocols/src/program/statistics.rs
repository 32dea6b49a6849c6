use serde::Serialize;

use super::graph::dot_terms;
use super::{InputDecl, Node, Operation, OutputDecl, Rounding, Schedule};

/// Counts that follow from the program alone; elements, not nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Values that the input parties bring.
    pub inputs: u64,
    /// Values that are opened.
    pub outputs: u64,
    /// Products of two secret numbers, those inside inner products not included.
    pub multiplications: u64,
    /// Conjunctions of two secret bits.
    pub ands: u64,
    /// Choices by a secret bit.
    pub selections: u64,
    /// Inner products.
    pub dots: u64,
    /// Products inside inner products.
    pub dot_terms: u64,
    /// Comparisons.
    pub comparisons: u64,
    /// Equality tests.
    pub equalities: u64,
    /// Truncations.
    pub truncations: u64,
    /// Truncations to either neighbour that an output depends on.
    pub shown_roundings: u64,
    /// Products, inner products, conjunctions and choices on the longest path.
    pub depth_mul: u32,
    /// Interactive operations on the longest path.
    pub depth_interactive: u32,
    /// Batches of the schedule.
    pub batches: u64,
    /// Width of the widest value, bits with sign; a comparison's difference counts as a value.
    pub max_bits: u32,
}

pub(super) fn count(
    inputs: &[InputDecl],
    nodes: &[Node],
    outputs: &[OutputDecl],
    schedule: &Schedule,
) -> Statistics {
    let mut statistics = Statistics {
        inputs: inputs.iter().map(|input| input.len as u64).sum(),
        outputs: outputs.iter().map(|output| output.len as u64).sum(),
        batches: schedule.batches.len() as u64,
        shown_roundings: shown_roundings(nodes, outputs),
        ..Statistics::default()
    };
    let mut depth_mul = vec![0u32; nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        let (len, mut bits, mut level) = (node.len as u64, node.range.bits(), 0);
        match node.operation {
            Operation::Mul(..) => {
                statistics.multiplications += len;
                level = 1;
            }
            Operation::Dot { .. } => {
                statistics.dots += len;
                statistics.dot_terms += len * dot_terms(nodes, node) as u64;
                level = 1;
            }
            Operation::And(..) => {
                statistics.ands += len;
                level = 1;
            }
            Operation::Gates { ref circuit, .. } => {
                statistics.ands += u64::from(circuit.circuit().counts().ands);
                level = node.operation.depth();
            }
            Operation::Select { a, b, .. } => {
                let difference = nodes[a.index()].range.checked_sub(nodes[b.index()].range);
                bits = bits.max(difference.map_or(bits, |range| range.bits()));
                statistics.selections += len;
                level = 1;
            }
            Operation::Less(a, b) | Operation::Equal(a, b) => {
                let difference = nodes[a.index()].range.checked_sub(nodes[b.index()].range);
                bits = difference.map_or(bits, |range| range.bits());
                match node.operation {
                    Operation::Less(..) => statistics.comparisons += len,
                    _ => statistics.equalities += len,
                }
            }
            Operation::Truncate { .. } => statistics.truncations += len,
            _ => {}
        }
        let operands = node.operation.operands();
        let before = operands.iter().map(|id| depth_mul[id.index()]).max().unwrap_or(0);
        depth_mul[index] = before + level;
        statistics.depth_mul = statistics.depth_mul.max(depth_mul[index]);
        statistics.depth_interactive = statistics.depth_interactive.max(node.depth);
        statistics.max_bits = statistics.max_bits.max(bits);
    }
    statistics
}

/// Elements of truncations to either neighbour from which a way leads to an output.
fn shown_roundings(nodes: &[Node], outputs: &[OutputDecl]) -> u64 {
    let mut shown = vec![false; nodes.len()];
    for output in outputs {
        shown[output.node.index()] = true;
    }
    let mut count = 0;
    for (index, node) in nodes.iter().enumerate().rev() {
        if !shown[index] {
            continue;
        }
        for operand in node.operation.operands() {
            shown[operand.index()] = true;
        }
        if matches!(node.operation, Operation::Truncate { rounding: Rounding::Either, .. }) {
            count += node.len as u64;
        }
    }
    count
}
