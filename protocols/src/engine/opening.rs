use std::borrow::Cow;
use std::ops::Range;

use mpclab_sim::vocabulary::{PartyId, Roles};

use super::Shares;
use crate::algebra::Ring;
use crate::program::Program;

/// Who learns which of a program's output values. Parties that learn the same are one group, so
/// that what goes to all of them is written once.
pub struct Opening {
    groups: Vec<Group>,
    len: usize,
}

/// Output nodes that learn the same.
pub struct Group {
    /// The nodes, ascending.
    pub nodes: Vec<PartyId>,
    /// Values that each of them learns.
    pub len: usize,
    elements: Vec<Range<usize>>,
}

impl Opening {
    pub(crate) fn new(program: &Program, roles: &Roles) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (party, node) in roles.output.iter().enumerate() {
            let elements = program.elements_of(party);
            let len = elements.iter().map(ExactSizeIterator::len).sum();
            match groups.iter_mut().find(|group| group.elements == elements) {
                _ if len == 0 => {}
                Some(group) => group.nodes.push(*node),
                None => groups.push(Group { nodes: vec![*node], len, elements }),
            }
        }
        Opening { groups, len: program.outputs().iter().map(|output| output.len).sum() }
    }

    /// The groups of those who learn anything, in order of their first nodes.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group of a node; `None` if it learns nothing.
    pub fn group_of(&self, node: PartyId) -> Option<&Group> {
        self.groups.iter().find(|group| group.nodes.binary_search(&node).is_ok())
    }

    /// What a group learns, of shares of all output values.
    pub fn pick<'a, R: Ring, S: Shares<R>>(&self, group: &Group, shares: &'a S) -> Cow<'a, S> {
        if group.len == self.len {
            return Cow::Borrowed(shares);
        }
        let parts: Vec<S> = group.elements.iter().map(|part| shares.slice(part.clone())).collect();
        Cow::Owned(S::concat(&parts))
    }
}
