//! Layers: which interactive operations share their rounds.

use std::collections::BTreeMap;

use super::align::align;
use super::{Node, NodeId, Operation, Range, Rounding, Sharing};

/// Operations that differ by no more than this in width share a batch of the larger width.
const WIDTH_SLACK_BITS: u32 = 8;

/// Interactive operations of one kind that run as one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What they do.
    pub kind: BatchKind,
    /// How their results are shared.
    pub sharing: Sharing,
    /// The nodes, ascending.
    pub members: Vec<NodeId>,
    /// Number of result elements of all members together.
    pub len: usize,
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
    /// Uniform bits.
    RandomBits,
    /// A boolean circuit.
    Gates,
    /// From packed bits to numbers.
    Inject,
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
        self.masked_bits().is_some()
    }

    /// Width of what is opened behind masks, if anything is.
    pub(crate) fn masked_bits(self) -> Option<u32> {
        match self {
            BatchKind::Less { bits }
            | BatchKind::Equal { bits }
            | BatchKind::Truncate { bits, .. } => Some(bits),
            BatchKind::Mul
            | BatchKind::Dot
            | BatchKind::And
            | BatchKind::Select
            | BatchKind::RandomBits
            | BatchKind::Gates
            | BatchKind::Inject => None,
        }
    }
}

/// The layers of a program. Batches are in an order in which they can run one after the other;
/// independent ones may run side by side.
/// Local nodes belong to none: [`super::Walk`] says when they are due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The batches.
    pub batches: Vec<Batch>,
    /// Nominal rounds until the last batch ends.
    pub nominal_rounds: u32,
}

/// What has to agree in a batch, apart from widths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Mul,
    Dot,
    And,
    Select,
    RandomBits(Sharing),
    Less(Sharing),
    Equal(Sharing),
    Truncate(u32, Rounding),
    Gates,
    Inject,
}

impl Kind {
    pub(super) fn of(node: &Node) -> Option<Kind> {
        match &node.operation {
            Operation::Mul(..) => Some(Kind::Mul),
            Operation::Dot { .. } => Some(Kind::Dot),
            Operation::And(..) => Some(Kind::And),
            Operation::Select { .. } => Some(Kind::Select),
            Operation::RandomBits => Some(Kind::RandomBits(node.sharing)),
            Operation::Gates { .. } => Some(Kind::Gates),
            Operation::Inject(_) => Some(Kind::Inject),
            Operation::Less(..) => Some(Kind::Less(node.sharing)),
            Operation::Equal(..) => Some(Kind::Equal(node.sharing)),
            Operation::Truncate { shift, rounding, .. } => Some(Kind::Truncate(*shift, *rounding)),
            _ => None,
        }
    }

    fn sharing(self) -> Sharing {
        match self {
            Kind::And | Kind::Select | Kind::Gates => Sharing::Boolean,
            Kind::RandomBits(sharing) | Kind::Less(sharing) | Kind::Equal(sharing) => sharing,
            Kind::Mul | Kind::Dot | Kind::Truncate(..) | Kind::Inject => Sharing::Arithmetic,
        }
    }

    fn with_bits(self, bits: u32) -> BatchKind {
        match self {
            Kind::Mul => BatchKind::Mul,
            Kind::Dot => BatchKind::Dot,
            Kind::And => BatchKind::And,
            Kind::Select => BatchKind::Select,
            Kind::RandomBits(_) => BatchKind::RandomBits,
            Kind::Gates => BatchKind::Gates,
            Kind::Inject => BatchKind::Inject,
            Kind::Less(_) => BatchKind::Less { bits },
            Kind::Equal(_) => BatchKind::Equal { bits },
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
pub(super) fn layer(nodes: &[Node]) -> Schedule {
    let (starts, nominal_rounds) = align(nodes);
    let mut groups: BTreeMap<(u32, Kind), Vec<(u32, NodeId)>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if let Some(kind) = Kind::of(node) {
            let member = (bits(nodes, &node.operation), NodeId(index as u32));
            groups.entry((starts[index], kind)).or_default().push(member);
        }
    }
    let mut batches = Vec::new();
    for ((start, kind), members) in groups {
        // Circuits differ, so each runs by itself.
        let groups = match kind {
            Kind::Gates => members.into_iter().map(|(bits, id)| (bits, vec![id])).collect(),
            _ => split_by_width(members),
        };
        for (bits, members) in groups {
            let len = members.iter().map(|id| nodes[id.index()].len).sum();
            let (kind, sharing) = (kind.with_bits(bits), kind.sharing());
            batches.push(Batch { kind, sharing, members, len, start });
        }
    }
    Schedule { batches, nominal_rounds }
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
