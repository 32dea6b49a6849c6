//! Declared cost of a program: what papers say of single operations, added up over its schedule.
//!
//! Rounds are causal: the longest chain of messages of which each was sent after the one before
//! was read. A step of a protocol lengthens only the chains of those who receive in it, so depths
//! are followed node by node; adding up steps would declare more than is ever measured.

use std::rc::Rc;

use mpclab_sim::vocabulary::{DeclaredCost, Figure, PartyId, Phase, PhaseCost, Roles};

use super::levels;
use crate::program::{Batch, NodeId, Program, Walk};

/// What a phase costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Payload over all parties, bytes.
    pub bytes: u64,
    /// Causal rounds.
    pub rounds: u64,
}

/// Messages that are sent at once, before any of them is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Each of the first so many computing parties to every computing party.
    First(usize),
    /// Each of the first so many computing parties to every one that comes more than so many places
    /// after it on the ring of all.
    Beyond {
        /// Who sends.
        dealers: usize,
        /// How many after each hear nothing.
        places: usize,
    },
    /// Each computing party to the one before it, the first to the last.
    Back,
    /// Each of the first so many computing parties to this one.
    ToOne(usize, PartyId),
    /// This computing party to each other one.
    FromOne(PartyId),
    /// One to another.
    One(PartyId, PartyId),
}

/// An operation: its steps one after the other, and what all of its messages hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    bytes: u64,
    steps: Vec<Step>,
}

impl Flow {
    /// Equal steps one after the other, `bytes` in all of them together.
    #[must_use]
    pub fn new(bytes: u64, step: Step, times: u64) -> Self {
        Flow { bytes, steps: vec![step; times as usize] }
    }

    /// So many of these at once in each of so many layers, `count` over all layers.
    #[must_use]
    pub fn spread(&self, count: usize, layers: u64) -> Self {
        let bytes = self.bytes * count as u64;
        Flow { bytes, steps: self.steps.repeat(layers as usize) }
    }

    /// Whether no message is sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Payload of all messages, bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// One after the other.
    #[must_use]
    pub fn then(mut self, next: Flow) -> Self {
        self.bytes += next.bytes;
        self.steps.extend(next.steps);
        self
    }
}

/// Payload over all parties of single operations, bytes, and their messages.
#[derive(Clone, Debug)]
pub struct Prices {
    /// Opening a value to all computing parties.
    pub open: Flow,
    /// A product.
    pub product: Flow,
    /// An inner product.
    pub dot: DotPrice,
}

/// What an inner product costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DotPrice {
    /// A product for each of its terms.
    ProductPerTerm,
    /// As much as one product: it is summed before anything is sent.
    OneProduct,
}

impl Prices {
    /// So many openings at once.
    #[must_use]
    pub fn openings(&self, count: usize) -> Flow {
        self.open.spread(count, 1)
    }

    /// So many products, spread over layers.
    #[must_use]
    pub fn products(&self, count: usize, layers: u64) -> Flow {
        self.product.spread(count, layers)
    }
}

/// What a malicious engine does besides computing: messages among the computing parties.
pub struct Checks<'a> {
    /// After the inputs, before the first batch.
    pub inputs: Flow,
    /// A check of what was computed since the last one; told whether that was anything.
    pub check: &'a mut dyn FnMut(bool) -> Flow,
}

/// Payload from one node to another.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Who sends it.
    pub from: PartyId,
    /// Who gets it.
    pub to: PartyId,
    /// Its payload.
    pub bytes: u64,
}

/// Causal depth of each node: the longest chain of messages behind it.
#[derive(Clone, Debug)]
pub(crate) struct Depths(Vec<u64>);

impl Depths {
    /// Nothing is sent yet.
    pub(crate) fn new(roles: &Roles) -> Self {
        Depths(vec![0; roles.nodes()])
    }

    /// Rounds so far.
    pub(crate) fn rounds(&self) -> u64 {
        self.0.iter().copied().max().unwrap_or(0)
    }

    fn step(&mut self, computing: usize, step: Step) {
        let before = &self.0[..computing];
        let depths = match step {
            Step::First(senders) => {
                // Nobody hears itself, so the deepest sender hears the second deepest.
                let deepest = |but: Option<usize>| {
                    let heard = (0..senders).filter(|sender| Some(*sender) != but);
                    heard.max_by_key(|sender| before[*sender])
                };
                let first = deepest(None);
                let second = first.and_then(|first| deepest(Some(first)));
                let heard = |at| if first == Some(at) { second } else { first };
                let depth = |at: usize| heard(at).map_or(0, |sender| before[sender] + 1);
                (0..computing).map(|at| before[at].max(depth(at))).collect()
            }
            Step::Back => {
                let next = |at: usize| before[(at + 1) % computing];
                (0..computing).map(|at| before[at].max(next(at) + 1)).collect()
            }
            Step::Beyond { dealers, places } => {
                let depth = |at: usize| {
                    let from = (1..computing - places).map(|before| (at + before) % computing);
                    let heard = from.filter(|from| *from < dealers);
                    heard.map(|from| before[from] + 1).max().unwrap_or(0)
                };
                (0..computing).map(|at| before[at].max(depth(at))).collect()
            }
            Step::ToOne(senders, one) => {
                let others = (0..senders).filter(|at| *at != one.index());
                let heard = others.map(|at| before[at] + 1).max().unwrap_or(0);
                let mut depths = before.to_vec();
                depths[one.index()] = before[one.index()].max(heard);
                depths
            }
            Step::FromOne(one) => {
                let told = |at: usize| if at == one.index() { 0 } else { before[one.index()] + 1 };
                (0..computing).map(|at| before[at].max(told(at))).collect()
            }
            Step::One(from, to) => {
                let mut depths = before.to_vec();
                depths[to.index()] = before[to.index()].max(before[from.index()] + 1);
                depths
            }
        };
        self.0[..computing].copy_from_slice(&depths);
    }

    /// Messages that are sent at once; returns their payload, bytes.
    pub(crate) fn send(&mut self, messages: impl Iterator<Item = Message>) -> u64 {
        let before = self.0.clone();
        let mut bytes = 0;
        for message in messages {
            let depth = &mut self.0[message.to.index()];
            *depth = (*depth).max(before[message.from.index()] + 1);
            bytes += message.bytes;
        }
        bytes
    }

    /// One after the other; returns their payload, bytes.
    pub(crate) fn follow(&mut self, computing: usize, flow: Flow) -> u64 {
        flow.steps.into_iter().for_each(|step| self.step(computing, step));
        flow.bytes
    }

    pub(crate) fn merge(&mut self, other: &Depths) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }
}

/// Operations of the computing parties side by side, from the start of a phase.
#[must_use]
pub fn beside(computing: usize, flows: impl IntoIterator<Item = Flow>) -> Cost {
    let mut cost = Cost::default();
    for flow in flows {
        let mut depths = Depths(vec![0; computing]);
        cost.bytes += depths.follow(computing, flow);
        cost.rounds = cost.rounds.max(depths.0.into_iter().max().unwrap_or(0));
    }
    cost
}

/// Depths of the nodes of a program; none where no batch is behind.
struct Flows<'a> {
    program: &'a Program,
    walk: Walk,
    nodes: Vec<Option<Rc<Depths>>>,
}

impl<'a> Flows<'a> {
    fn new(program: &'a Program) -> Self {
        let nodes = vec![None; program.nodes().len()];
        Flows { program, walk: Walk::new(program), nodes }
    }

    /// Raises depths by those of all that a batch reads.
    fn read(&mut self, batch: &Batch, depths: &mut Depths) {
        let nodes = self.program.nodes();
        let operands = batch.members.iter().flat_map(|id| nodes[id.index()].operation.operands());
        let operands: Vec<NodeId> = operands.collect();
        for id in self.walk.locals(self.program, operands.iter().copied()) {
            self.nodes[id.index()] = self.deepest(&nodes[id.index()].operation.operands());
        }
        if let Some(read) = self.deepest(&operands) {
            depths.merge(&read);
        }
    }

    fn finish(&mut self, batch: &Batch, depths: Depths) {
        let depths = Rc::new(depths);
        batch.members.iter().for_each(|id| self.nodes[id.index()] = Some(Rc::clone(&depths)));
    }

    /// The depths of what depends on all of these.
    fn deepest(&self, ids: &[NodeId]) -> Option<Rc<Depths>> {
        let mut read = ids.iter().filter_map(|id| self.nodes[id.index()].as_ref());
        let mut merged = Rc::clone(read.next()?);
        let mut last = Rc::clone(&merged);
        for depths in read {
            // Members of one batch share theirs.
            if !Rc::ptr_eq(depths, &last) {
                Rc::make_mut(&mut merged).merge(depths);
                last = Rc::clone(depths);
            }
        }
        Some(merged)
    }
}

/// The online phase: inputs, then the batches as a data flow, then outputs.
pub fn online(
    program: &Program,
    roles: &Roles,
    inputs: impl Iterator<Item = Message>,
    flow: impl Fn(&Batch) -> Flow,
    outputs: impl Iterator<Item = Message>,
) -> Cost {
    checked(program, roles, inputs, flow, outputs, None)
}

/// The online phase of an engine that may check: its inputs, the operands of what opens masked
/// values (see `levels`), all before the outputs are opened, and the outputs.
pub fn checked(
    program: &Program,
    roles: &Roles,
    inputs: impl Iterator<Item = Message>,
    flow: impl Fn(&Batch) -> Flow,
    outputs: impl Iterator<Item = Message>,
    mut checks: Option<Checks<'_>>,
) -> Cost {
    let (batches, n) = (&program.schedule().batches, roles.compute);
    let levels = levels(program, checks.is_some());
    let input_check = checks.as_mut().map(|c| std::mem::take(&mut c.inputs)).unwrap_or_default();
    let mut check = |depths: &mut Depths, opened: bool| match &mut checks {
        Some(checks) => depths.follow(n, (checks.check)(opened)),
        None => 0,
    };
    let mut shared = Depths::new(roles);
    let mut bytes = shared.send(inputs);
    bytes += shared.follow(n, input_check);
    let mut walk = Flows::new(program);
    let last = levels.iter().copied().max().unwrap_or(0);
    for level in 0..=last {
        let mut all = shared.clone();
        let mut opened = false;
        for batch in batches.iter().zip(&levels).filter(|(_, at)| **at == level).map(|(b, _)| b) {
            let mut depths = shared.clone();
            walk.read(batch, &mut depths);
            let flow = flow(batch);
            opened |= !flow.is_empty();
            bytes += depths.follow(n, flow);
            all.merge(&depths);
            walk.finish(batch, depths);
        }
        shared = all;
        bytes += check(&mut shared, opened);
    }
    if !program.outputs().is_empty() {
        bytes += shared.send(outputs);
        bytes += check(&mut shared, true);
    }
    Cost { bytes, rounds: shared.rounds() }
}

/// Puts phases together; those that cost nothing are left out.
pub fn declare(phases: impl IntoIterator<Item = (Phase, Cost)>, source: &str) -> DeclaredCost {
    let costly = phases.into_iter().filter(|(_, cost)| *cost != Cost::default());
    let exact = |(phase, cost): (Phase, Cost)| PhaseCost {
        phase,
        bytes: Figure::Exact(cost.bytes),
        rounds: Figure::Exact(cost.rounds),
    };
    DeclaredCost { phases: costly.map(exact).collect(), source: source.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(depths: [u64; 3], steps: &[Step]) -> Vec<u64> {
        let mut depths = Depths(depths.to_vec());
        steps.iter().for_each(|step| depths.step(3, *step));
        depths.0
    }

    #[test]
    fn a_step_deepens_those_who_receive() {
        assert_eq!(after([0, 0, 0], &[Step::First(3)]), [1, 1, 1]);
        // The deepest does not hear itself, and the third party is not heard at all.
        assert_eq!(after([5, 2, 9], &[Step::First(2)]), [5, 6, 9]);
        assert_eq!(after([5, 5, 0], &[Step::First(2)]), [6, 6, 6]);
        assert_eq!(after([0, 0, 7], &[Step::First(1)]), [0, 1, 7]);
        assert_eq!(after([0, 0, 4], &[Step::Back]), [1, 5, 4]);
        assert_eq!(after([3, 0, 1], &[Step::One(PartyId(0), PartyId(2))]), [3, 0, 4]);
        let king = PartyId(1);
        assert_eq!(after([3, 9, 1], &[Step::ToOne(3, king)]), [3, 9, 1]);
        assert_eq!(after([3, 0, 1], &[Step::ToOne(3, king)]), [3, 4, 1]);
        assert_eq!(after([3, 0, 1], &[Step::ToOne(3, king), Step::FromOne(king)]), [5, 4, 5]);
        assert_eq!(after([3, 0, 9], &[Step::ToOne(2, king)]), [3, 4, 9]);
        // Whoever comes next has a seed, so each hears the one after it alone.
        let beyond = |dealers| Step::Beyond { dealers, places: 1 };
        assert_eq!(after([1, 5, 9], &[beyond(3)]), [6, 10, 9]);
        assert_eq!(after([1, 5, 9], &[beyond(2)]), [6, 5, 9]);
    }

    /// Two messages of party 0 in a row are one round: it read nothing in between.
    #[test]
    fn steps_of_a_sender_that_hears_nothing_do_not_add_up() {
        let share = Step::One(PartyId(0), PartyId(2));
        assert_eq!(after([0, 0, 0], &[share, share]), [0, 0, 1]);
        assert_eq!(after([0, 0, 0], &[share, Step::Back, Step::Back]), [3, 2, 2]);
    }
}
