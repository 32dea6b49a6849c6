use std::borrow::Cow;
use std::ops::Range;

use mpclab_sim::vocabulary::{PartyId, Roles};

use super::{PackedBits, Shares};
use crate::algebra::Ring;
use crate::program::{OutputDecl, Program, Sharing};

/// Who learns which of a program's output values that are shared in one way. Parties that learn the
/// same are one group, so that what goes to all of them is written once.
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
    pub(crate) fn new(program: &Program, roles: &Roles, sharing: Sharing) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (party, node) in roles.output.iter().enumerate() {
            let elements = elements(program, party, sharing);
            let len = elements.iter().map(ExactSizeIterator::len).sum();
            match groups.iter_mut().find(|group| group.elements == elements) {
                _ if len == 0 => {}
                Some(group) => group.nodes.push(*node),
                None => groups.push(Group { nodes: vec![*node], len, elements }),
            }
        }
        let mut outputs: Vec<&OutputDecl> = program.outputs().iter().collect();
        outputs.retain(|output| program.output_sharing(output) == sharing);
        Opening { groups, len: outputs.iter().map(|output| output.len).sum() }
    }

    /// Number of values, whoever learns them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is opened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
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
    /// The same of packed bits.
    pub fn pick_bits<'a, B: PackedBits>(&self, group: &Group, shares: &'a B) -> Cow<'a, B> {
        if group.len == self.len {
            return Cow::Borrowed(shares);
        }
        let parts: Vec<B> = group.elements.iter().map(|part| shares.slice(part.clone())).collect();
        B::concat(&parts).map_or(Cow::Borrowed(shares), Cow::Owned)
    }
}

/// Which of all outputs' values that are shared so an output party learns.
fn elements(program: &Program, party: usize, sharing: Sharing) -> Vec<Range<usize>> {
    let mut end = 0;
    let mut elements = Vec::new();
    let outputs = program.outputs().iter();
    for output in outputs.filter(|output| program.output_sharing(output) == sharing) {
        let start = end;
        end += output.len;
        if output.to.include(party) {
            elements.push(start..end);
        }
    }
    elements
}
