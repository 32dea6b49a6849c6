//! What a party knows of a program while it runs: which nodes are there, at which causal depth,
//! and their values for as long as somebody will read them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpclab_sim::CausalDepth;
use mpclab_sim::vocabulary::Abort;

use crate::program::{NodeId, Program, Readers, Walk};

/// Values of nodes, shared among the strands of one party.
pub(super) struct Board<S>(Mutex<Flow<S>>);

/// The data flow of one run.
#[derive(Clone)]
pub(super) struct Flow<S> {
    program: Arc<Program>,
    readers: Arc<Readers>,
    walk: Walk,
    nodes: Vec<State<S>>,
    batches: Vec<Pending>,
    /// Batches that can run since the last [`Flow::take_ready`].
    ready: Vec<usize>,
}

#[derive(Clone)]
struct State<S> {
    value: Option<Arc<S>>,
    /// Reads that are still to come.
    uses: u32,
    /// Operands that are not there yet.
    missing: u32,
    depth: CausalDepth,
}

/// A batch that has not run.
#[derive(Clone, Copy, Default)]
struct Pending {
    /// Members whose operands are not there yet.
    missing: u32,
    depth: CausalDepth,
}

impl Pending {
    /// What one more member reads is there; the batch can run when all have what they read.
    fn arrives(&mut self, batch: usize, depth: CausalDepth, ready: &mut Vec<usize>) {
        self.depth.merge(&depth);
        self.missing -= 1;
        if self.missing == 0 {
            ready.push(batch);
        }
    }
}

impl<S> Board<S> {
    /// Nothing but inputs and constants is there.
    pub(super) fn new(program: &Arc<Program>, readers: &Arc<Readers>) -> Self {
        let state = |(index, node): (usize, &crate::program::Node)| State {
            value: None,
            uses: readers.uses(NodeId(index as u32)),
            missing: node.operation.operands().len() as u32,
            depth: CausalDepth::default(),
        };
        let pending = |batch: &crate::program::Batch| Pending {
            missing: batch.members.len() as u32,
            depth: CausalDepth::default(),
        };
        let mut flow = Flow {
            program: Arc::clone(program),
            readers: Arc::clone(readers),
            walk: Walk::new(program),
            nodes: program.nodes().iter().enumerate().map(state).collect(),
            batches: program.schedule().batches.iter().map(pending).collect(),
            ready: Vec::new(),
        };
        let sources = flow.nodes.iter().enumerate().filter(|(_, state)| state.missing == 0);
        let mut sources: Vec<NodeId> = sources.map(|(index, _)| NodeId(index as u32)).collect();
        // A batch that reads nothing can run.
        sources.retain(|id| match readers.batch_of(*id) {
            Some(batch) => {
                flow.batches[batch].arrives(batch, CausalDepth::default(), &mut flow.ready);
                false
            }
            None => true,
        });
        flow.arrive(sources);
        Board(Mutex::new(flow))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Flow<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Flow<S> {
    /// Nodes are there, at the depths that they have: so are the local nodes behind them, and the
    /// batches whose last operand came.
    fn arrive(&mut self, mut there: Vec<NodeId>) {
        while let Some(id) = there.pop() {
            let depth = self.nodes[id.index()].depth;
            for reader in self.readers.of(id) {
                let state = &mut self.nodes[reader.index()];
                state.depth.merge(&depth);
                state.missing -= 1;
                if state.missing > 0 {
                    continue;
                }
                let Some(at) = self.readers.batch_of(*reader) else {
                    there.push(*reader);
                    continue;
                };
                self.batches[at].arrives(at, state.depth, &mut self.ready);
            }
        }
    }

    /// The batches that can run and were not handed out, ascending.
    pub(super) fn take_ready(&mut self) -> Vec<usize> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.sort_unstable();
        ready
    }

    /// The depth of what a batch reads.
    pub(super) fn depth_of(&self, batch: usize) -> CausalDepth {
        self.batches[batch].depth
    }

    /// A batch has run: the values of its members, in order, at this depth.
    pub(super) fn finish(&mut self, batch: usize, values: Vec<Arc<S>>, depth: CausalDepth) {
        let members = self.program.schedule().batches[batch].members.clone();
        for (id, value) in members.iter().zip(values) {
            self.nodes[id.index()].depth = depth;
            self.put(*id, value);
        }
        self.arrive(members);
    }

    /// The local nodes behind these that nobody computed yet, operands first: the caller does.
    pub(super) fn locals(&mut self, ids: &[NodeId]) -> Vec<NodeId> {
        let program = Arc::clone(&self.program);
        self.walk.locals(&program, ids.iter().copied())
    }

    /// Keeps a value if somebody will read it.
    pub(super) fn put(&mut self, id: NodeId, value: Arc<S>) {
        let state = &mut self.nodes[id.index()];
        state.value = (state.uses > 0).then_some(value);
    }

    /// Reads a value, for one of its uses; the last one gets the board's own handle.
    pub(super) fn read(&mut self, id: NodeId) -> Result<Arc<S>, Abort> {
        let state = &mut self.nodes[id.index()];
        state.uses = state.uses.saturating_sub(1);
        let value = if state.uses == 0 { state.value.take() } else { state.value.clone() };
        value.ok_or_else(|| Abort::Bug(format!("node {} is not at hand", id.0)))
    }

    /// Reads values, each for one of its uses.
    pub(super) fn read_all(&mut self, ids: &[NodeId]) -> Result<Vec<Arc<S>>, Abort> {
        ids.iter().map(|id| self.read(*id)).collect()
    }
}
