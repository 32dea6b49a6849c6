//! When interactive operations start: as early as they can, but long ones wait a little for others
//! of their kind.

use std::collections::{BTreeMap, BTreeSet};

use super::schedule::Kind;
use super::{Node, Operation};

/// Nominal rounds of the operations that take one message round.
const SHORT: u32 = 1;
/// Nominal rounds of comparisons and truncations, of the order of what published logarithmic
/// protocols take. It only decides what is grouped; what rounds cost is measured.
const LONG: u32 = 8;
/// Nominal rounds that a long operation waits for another one of its kind: far fewer than they then
/// share.
const PATIENCE: u32 = 2;

/// Nominal rounds of a kind.
fn rounds_of(kind: Kind) -> u32 {
    match kind {
        Kind::RandomBits(_)
        | Kind::Mul
        | Kind::Dot
        | Kind::And
        | Kind::Select
        | Kind::Gates
        | Kind::Inject => SHORT,
        Kind::Less(_) | Kind::Equal(_) | Kind::Truncate(..) => LONG,
    }
}

/// Nominal rounds of a node; local ones take none.
fn rounds(node: &Node) -> u32 {
    match node.operation {
        Operation::Gates { .. } => node.operation.depth(),
        _ => Kind::of(node).map_or(0, rounds_of),
    }
}

/// Nominal start of each node, and the end of the last: as early as possible, except that a group
/// of long operations waits for one of its kind that follows within [`PATIENCE`], if all of its
/// members can without moving the end.
pub(super) fn align(nodes: &[Node]) -> (Vec<u32>, u32) {
    let mut starts = vec![0u32; nodes.len()];
    let mut end = 0;
    for (index, node) in nodes.iter().enumerate() {
        for id in node.operation.operands() {
            let ready = starts[id.index()] + rounds(&nodes[id.index()]);
            starts[index] = starts[index].max(ready);
        }
        end = end.max(starts[index] + rounds(node));
    }
    let mut groups = Groups::new(nodes, starts, latest(nodes, end));
    // Every turn raises a start and none passes its latest, so this ends.
    while let Some((group, later)) = groups.impatient() {
        groups.raise(group, later);
    }
    (groups.starts, end)
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

/// The long operations of one kind that start together.
type Key = (Kind, u32);

/// All groups of long operations, kept up to date while starts are raised.
struct Groups<'a> {
    nodes: &'a [Node],
    starts: Vec<u32>,
    latest: Vec<u32>,
    /// Members by their latest start.
    groups: BTreeMap<Key, BTreeSet<(u32, usize)>>,
    /// Groups that may be able to wait: all others were looked at since they or the next of their
    /// kind changed.
    dirty: BTreeSet<Key>,
    /// Who reads each node; empty until a start is raised.
    readers: Vec<Vec<u32>>,
}

impl<'a> Groups<'a> {
    fn new(nodes: &'a [Node], starts: Vec<u32>, latest: Vec<u32>) -> Self {
        let mut groups: BTreeMap<Key, BTreeSet<(u32, usize)>> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            if let Some(kind) = long(node) {
                groups.entry((kind, starts[index])).or_default().insert((latest[index], index));
            }
        }
        let dirty = groups.keys().copied().collect();
        Groups { nodes, starts, latest, groups, dirty, readers: Vec::new() }
    }

    /// The first group that can wait for the next one of its kind, and that one's start.
    fn impatient(&mut self) -> Option<(Vec<usize>, u32)> {
        while let Some(key) = self.dirty.pop_first() {
            let (kind, start) = key;
            let Some(group) = self.groups.get(&key) else { continue };
            let next = self.groups.range((kind, start + 1)..).next();
            let Some((&(_, later), _)) = next.filter(|((next, _), _)| *next == kind) else {
                continue;
            };
            let soonest = group.first().map_or(0, |(latest, _)| *latest);
            if later - start <= PATIENCE && soonest >= later {
                return Some((group.iter().map(|(_, index)| *index).collect(), later));
            }
        }
        None
    }

    /// Has nodes start later, and all that then come too early.
    fn raise(&mut self, group: Vec<usize>, later: u32) {
        if self.readers.is_empty() {
            self.readers = vec![Vec::new(); self.nodes.len()];
            for (index, node) in self.nodes.iter().enumerate() {
                for id in node.operation.operands() {
                    self.readers[id.index()].push(index as u32);
                }
            }
        }
        let mut moved: BTreeSet<usize> = BTreeSet::new();
        for index in group {
            self.start(index, later);
            moved.insert(index);
        }
        while let Some(index) = moved.pop_first() {
            let ready = self.starts[index] + rounds(&self.nodes[index]);
            for reader in std::mem::take(&mut self.readers[index]).drain(..) {
                let reader = reader as usize;
                if self.starts[reader] < ready {
                    self.start(reader, ready);
                    moved.insert(reader);
                }
                self.readers[index].push(reader as u32);
            }
        }
    }

    /// Moves one node, and notes whose groups change by that.
    fn start(&mut self, index: usize, start: u32) {
        let before = std::mem::replace(&mut self.starts[index], start);
        let Some(kind) = long(&self.nodes[index]) else { return };
        let member = (self.latest[index], index);
        if let Some(group) = self.groups.get_mut(&(kind, before)) {
            group.remove(&member);
            if group.is_empty() {
                self.groups.remove(&(kind, before));
            }
        }
        self.groups.entry((kind, start)).or_default().insert(member);
        for at in [before, start] {
            self.dirty.insert((kind, at));
            let earlier = self.groups.range(..(kind, at)).next_back().map(|(key, _)| *key);
            self.dirty.extend(earlier.filter(|(earlier, _)| *earlier == kind));
        }
    }
}

/// What kind of long operation a node is, if it is one.
fn long(node: &Node) -> Option<Kind> {
    Kind::of(node).filter(|kind| rounds_of(*kind) == LONG)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{random_program, steps};
    use super::*;

    /// The same by its definition: everything is worked out again after each turn.
    fn align_again_and_again(nodes: &[Node]) -> (Vec<u32>, u32) {
        let earliest = |floors: &[u32]| {
            let mut starts = floors.to_vec();
            for (index, node) in nodes.iter().enumerate() {
                for id in node.operation.operands() {
                    let ready = starts[id.index()] + rounds(&nodes[id.index()]);
                    starts[index] = starts[index].max(ready);
                }
            }
            starts
        };
        let mut floors = vec![0; nodes.len()];
        let mut starts = earliest(&floors);
        let ends = nodes.iter().zip(&starts).map(|(node, start)| start + rounds(node));
        let end = ends.max().unwrap_or(0);
        let latest = latest(nodes, end);
        loop {
            let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
            for (index, node) in nodes.iter().enumerate() {
                if let Some(kind) = long(node) {
                    groups.entry((kind, starts[index])).or_default().push(index);
                }
            }
            let mut pairs = groups.iter().zip(groups.keys().skip(1));
            let waits = pairs.find(|(((kind, start), group), (next, later))| {
                let near = kind == next && *later - start <= PATIENCE;
                near && group.iter().all(|index| latest[*index] >= *later)
            });
            let Some(((_, group), (_, later))) = waits else { return (starts, end) };
            group.iter().for_each(|index| floors[*index] = *later);
            starts = earliest(&floors);
        }
    }

    proptest! {
        #[test]
        fn starts_are_those_of_the_definition(steps in steps(60)) {
            let program = random_program(&steps);
            prop_assert_eq!(align(program.nodes()), align_again_and_again(program.nodes()));
        }
    }
}
