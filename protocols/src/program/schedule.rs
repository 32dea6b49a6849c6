//! Layers: which interactive operations share their rounds.

use std::collections::{BTreeMap, BTreeSet};

use super::{Node, NodeId, Operation, OutputDecl, Range, Rounding};

/// Nominal rounds of the operations that take one message round.
const SHORT: u32 = 1;
/// Nominal rounds of comparisons and truncations, of the order of what published logarithmic
/// protocols take. It only decides what is grouped; what rounds cost is measured.
const LONG: u32 = 8;
/// Nominal rounds that a long operation waits for another one of its kind: far fewer than they then
/// share.
const PATIENCE: u32 = 2;
/// Operations that differ by no more than this in width share a batch of the larger width.
const WIDTH_SLACK_BITS: u32 = 8;

/// Interactive operations of one kind that run as one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What they do.
    pub kind: BatchKind,
    /// The nodes, ascending.
    pub members: Vec<NodeId>,
    /// Number of result elements of all members together.
    pub len: usize,
    /// Earlier batches whose results the members read directly or through local nodes, ascending.
    pub depends_on: Vec<usize>,
    /// Local nodes between those batches and the members, in topological order. Batches may share
    /// some.
    pub locals: Vec<NodeId>,
    /// Start in nominal rounds.
    pub start: u32,
}

/// What the members of a batch do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    /// Elementwise products.
    Mul,
    /// Inner products; their lengths may differ from node to node.
    Dot,
    /// Elementwise conjunctions of bits.
    And,
    /// Choices between two vectors by bits.
    Select,
    /// Comparisons `a < b`.
    Less {
        /// `a - b` lies in `-2^(bits-1)..2^(bits-1)`.
        bits: u32,
    },
    /// Equality tests.
    Equal {
        /// `a - b` lies in `-2^(bits-1)..2^(bits-1)`.
        bits: u32,
    },
    /// Truncations.
    Truncate {
        /// The operand lies in `-2^(bits-1)..2^(bits-1)`.
        bits: u32,
        /// Bits cut off.
        shift: u32,
        /// How exactly.
        rounding: Rounding,
    },
}

impl BatchKind {
    /// Whether its operation looks into numbers, so that engines over fields open them behind masks.
    pub(crate) fn masks(self) -> bool {
        matches!(
            self,
            BatchKind::Less { .. } | BatchKind::Equal { .. } | BatchKind::Truncate { .. }
        )
    }
}

/// The layers of a program. Batches are in an order in which they can run one after the other;
/// independent ones may run side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The batches.
    pub batches: Vec<Batch>,
    /// Batches that the outputs read directly or through local nodes, ascending.
    pub output_depends_on: Vec<usize>,
    /// Local nodes between those and the outputs, in topological order.
    pub output_locals: Vec<NodeId>,
    /// Nominal rounds until the last batch ends.
    pub nominal_rounds: u32,
}

/// What has to agree in a batch, apart from widths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Mul,
    Dot,
    And,
    Select,
    Less,
    Equal,
    Truncate(u32, Rounding),
}

impl Kind {
    fn of(operation: &Operation) -> Option<Kind> {
        match operation {
            Operation::Mul(..) => Some(Kind::Mul),
            Operation::Dot { .. } => Some(Kind::Dot),
            Operation::And(..) => Some(Kind::And),
            Operation::Select { .. } => Some(Kind::Select),
            Operation::Less(..) => Some(Kind::Less),
            Operation::Equal(..) => Some(Kind::Equal),
            Operation::Truncate { shift, rounding, .. } => Some(Kind::Truncate(*shift, *rounding)),
            _ => None,
        }
    }

    fn rounds(self) -> u32 {
        match self {
            Kind::Mul | Kind::Dot | Kind::And | Kind::Select => SHORT,
            Kind::Less | Kind::Equal | Kind::Truncate(..) => LONG,
        }
    }

    fn with_bits(self, bits: u32) -> BatchKind {
        match self {
            Kind::Mul => BatchKind::Mul,
            Kind::Dot => BatchKind::Dot,
            Kind::And => BatchKind::And,
            Kind::Select => BatchKind::Select,
            Kind::Less => BatchKind::Less { bits },
            Kind::Equal => BatchKind::Equal { bits },
            Kind::Truncate(shift, rounding) => BatchKind::Truncate { bits, shift, rounding },
        }
    }
}

/// The width that an operation works on; 0 where it does not matter.
fn bits(nodes: &[Node], operation: &Operation) -> u32 {
    let range = |id: &NodeId| nodes[id.index()].range;
    match operation {
        Operation::Less(a, b) | Operation::Equal(a, b) => {
            range(a).checked_sub(range(b)).map_or(i128::BITS, Range::bits)
        }
        Operation::Truncate { a, .. } => range(a).bits(),
        _ => 0,
    }
}

/// Lays out a program: every interactive node goes as early as it can, but waits a little for
/// others of its kind where that delays no output; those of one kind that start together form a
/// batch.
pub(super) fn layer(nodes: &[Node], outputs: &[OutputDecl]) -> Schedule {
    let (starts, nominal_rounds) = align(nodes);
    let mut groups: BTreeMap<(u32, Kind), Vec<(u32, NodeId)>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if let Some(kind) = Kind::of(&node.operation) {
            let member = (bits(nodes, &node.operation), NodeId(index as u32));
            groups.entry((starts[index], kind)).or_default().push(member);
        }
    }
    let mut batches = Vec::new();
    for ((start, kind), members) in groups {
        for (bits, members) in split_by_width(members) {
            let len = members.iter().map(|id| nodes[id.index()].len).sum();
            let kind = kind.with_bits(bits);
            let (depends_on, locals) = (Vec::new(), Vec::new());
            batches.push(Batch { kind, members, len, depends_on, locals, start });
        }
    }
    let batch_of = batch_of(nodes.len(), &batches);
    for batch in &mut batches {
        let operands = batch.members.iter().flat_map(|id| nodes[id.index()].operation.operands());
        (batch.depends_on, batch.locals) = behind(nodes, &batch_of, operands.collect());
    }
    let opened = outputs.iter().map(|output| output.node).collect();
    let (output_depends_on, output_locals) = behind(nodes, &batch_of, opened);
    Schedule { batches, output_depends_on, output_locals, nominal_rounds }
}

/// Nominal rounds of a node; local ones take none.
fn rounds(node: &Node) -> u32 {
    Kind::of(&node.operation).map_or(0, Kind::rounds)
}

/// Nominal start of each node, none earlier than its floor, and the end of the last.
fn earliest(nodes: &[Node], floors: &[u32]) -> (Vec<u32>, u32) {
    let mut starts = floors.to_vec();
    let mut end = 0;
    for (index, node) in nodes.iter().enumerate() {
        for id in node.operation.operands() {
            let ready = starts[id.index()] + rounds(&nodes[id.index()]);
            starts[index] = starts[index].max(ready);
        }
        end = end.max(starts[index] + rounds(node));
    }
    (starts, end)
}

/// The latest start of each node that does not move the end.
fn latest(nodes: &[Node], end: u32) -> Vec<u32> {
    let mut starts: Vec<u32> = nodes.iter().map(|node| end - rounds(node)).collect();
    for (index, node) in nodes.iter().enumerate().rev() {
        for id in node.operation.operands() {
            let due = starts[index] - rounds(&nodes[id.index()]);
            starts[id.index()] = starts[id.index()].min(due);
        }
    }
    starts
}

/// Starts as early as possible, except that a group of long operations waits for one of its kind
/// that follows within [`PATIENCE`], if all of its members can without moving the end.
fn align(nodes: &[Node]) -> (Vec<u32>, u32) {
    let mut floors = vec![0; nodes.len()];
    let (mut starts, end) = earliest(nodes, &floors);
    let latest = latest(nodes, end);
    // Every turn raises a start and none passes its latest, so this ends.
    while let Some((group, later)) = impatient(nodes, &starts, &latest) {
        group.into_iter().for_each(|index| floors[index] = later);
        starts = earliest(nodes, &floors).0;
    }
    (starts, end)
}

/// The first group that can wait for another one of its kind, and that one's start.
fn impatient(nodes: &[Node], starts: &[u32], latest: &[u32]) -> Option<(Vec<usize>, u32)> {
    let mut groups: BTreeMap<(Kind, u32), Vec<usize>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if let Some(kind) = Kind::of(&node.operation).filter(|kind| kind.rounds() == LONG) {
            groups.entry((kind, starts[index])).or_default().push(index);
        }
    }
    let pairs = groups.iter().zip(groups.iter().skip(1));
    for (((kind, start), group), ((next, later), _)) in pairs {
        let near = kind == next && later - start <= PATIENCE;
        if near && group.iter().all(|&index| latest[index] >= *later) {
            return Some((group.clone(), *later));
        }
    }
    None
}

/// Groups of similar widths, each with its largest; members ascending.
fn split_by_width(mut members: Vec<(u32, NodeId)>) -> Vec<(u32, Vec<NodeId>)> {
    members.sort_by(|a, b| b.cmp(a));
    let mut groups: Vec<(u32, Vec<NodeId>)> = Vec::new();
    for (bits, id) in members {
        match groups.last_mut() {
            Some((most, group)) if *most - bits <= WIDTH_SLACK_BITS => group.push(id),
            _ => groups.push((bits, vec![id])),
        }
    }
    groups.iter_mut().for_each(|(_, group)| group.sort_unstable());
    groups
}

fn batch_of(nodes: usize, batches: &[Batch]) -> Vec<Option<usize>> {
    let mut of = vec![None; nodes];
    for (index, batch) in batches.iter().enumerate() {
        batch.members.iter().for_each(|id| of[id.index()] = Some(index));
    }
    of
}

/// The nearest batches behind these nodes, and the local nodes on the way, the given ones included.
fn behind(
    nodes: &[Node],
    batch_of: &[Option<usize>],
    mut open: Vec<NodeId>,
) -> (Vec<usize>, Vec<NodeId>) {
    let (mut batches, mut locals) = (BTreeSet::new(), BTreeSet::new());
    while let Some(id) = open.pop() {
        match batch_of[id.index()] {
            Some(batch) => {
                batches.insert(batch);
            }
            None => {
                if locals.insert(id) {
                    open.extend(nodes[id.index()].operation.operands());
                }
            }
        }
    }
    (batches.into_iter().collect(), locals.into_iter().collect())
}
