use super::{NodeId, Program};

/// Goes through the local nodes of a program, each once, while somebody else goes through its
/// batches in any order in which they can run.
///
/// Local nodes cost nothing but time, so whoever needs one first computes it.
#[derive(Clone, Debug)]
pub struct Walk {
    reached: Vec<bool>,
}

impl Walk {
    /// Before the first node.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        Walk { reached: vec![false; program.nodes().len()] }
    }

    /// The local nodes behind these, these included, that were not reached before; operands first.
    pub fn locals(
        &mut self,
        program: &Program,
        ids: impl IntoIterator<Item = NodeId>,
    ) -> Vec<NodeId> {
        let mut open: Vec<NodeId> = ids.into_iter().collect();
        let mut locals = Vec::new();
        while let Some(id) = open.pop() {
            let (Some(node), Some(reached)) = (program.node(id), self.reached.get_mut(id.index()))
            else {
                continue;
            };
            if node.operation.is_interactive() || std::mem::replace(reached, true) {
                continue;
            }
            open.extend(node.operation.operands());
            locals.push(id);
        }
        locals.sort_unstable();
        locals
    }
}

/// Who reads what: the edges along which values flow, one for each time that a node is an operand.
#[derive(Clone, Debug)]
pub struct Readers {
    /// Where the readers of each node begin, and behind the last where they end.
    starts: Vec<u32>,
    readers: Vec<NodeId>,
    /// How often each node is opened.
    outputs: Vec<u32>,
    batch_of: Vec<Option<u32>>,
}

impl Readers {
    /// Of a program.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let nodes = program.nodes();
        let mut starts = vec![0u32; nodes.len() + 1];
        for id in nodes.iter().flat_map(|node| node.operation.operands()) {
            starts[id.index() + 1] += 1;
        }
        for index in 0..nodes.len() {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut readers = vec![NodeId(0); starts[nodes.len()] as usize];
        for (index, node) in nodes.iter().enumerate() {
            for id in node.operation.operands() {
                let at = &mut next[id.index()];
                readers[*at as usize] = NodeId(index as u32);
                *at += 1;
            }
        }
        let mut outputs = vec![0; nodes.len()];
        program.outputs().iter().for_each(|output| outputs[output.node.index()] += 1);
        let mut batch_of = vec![None; nodes.len()];
        for (index, batch) in program.schedule().batches.iter().enumerate() {
            batch.members.iter().for_each(|id| batch_of[id.index()] = Some(index as u32));
        }
        Readers { starts, readers, outputs, batch_of }
    }

    /// The nodes that read a node, ascending; twice if it is both operands.
    #[must_use]
    pub fn of(&self, id: NodeId) -> &[NodeId] {
        let end = |index: usize| self.starts.get(index).map_or(0, |end| *end as usize);
        self.readers.get(end(id.index())..end(id.index() + 1)).unwrap_or_default()
    }

    /// How often a node is read, by other nodes and as an output.
    #[must_use]
    pub fn uses(&self, id: NodeId) -> u32 {
        let opened = self.outputs.get(id.index()).copied().unwrap_or(0);
        self.of(id).len() as u32 + opened
    }

    /// The batch that a node is a member of; none for local nodes.
    #[must_use]
    pub fn batch_of(&self, id: NodeId) -> Option<usize> {
        self.batch_of.get(id.index()).copied().flatten().map(|batch| batch as usize)
    }
}
