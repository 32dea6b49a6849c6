use std::ops::Range;

use super::{
    Builder, ErrorBound, InputDecl, Name, Node, NodeId, Operation, OutputDecl, Outputs,
    ProgramError, Recipients, Schedule, Sharing, Statistics, schedule, statistics,
};

/// A finished program: nodes in topological order, without any that neither an output nor a kept
/// vector needs, and the layers in which an engine runs them.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    inputs: Vec<InputDecl>,
    nodes: Vec<Node>,
    outputs: Vec<OutputDecl>,
    kept: Vec<NodeId>,
    error_bounds: Vec<ErrorBound>,
    schedule: Schedule,
    statistics: Statistics,
}

impl Program {
    pub(super) fn new(
        inputs: Vec<InputDecl>,
        nodes: Vec<Node>,
        mut sinks: Vec<Sink>,
        error_bounds: Vec<ErrorBound>,
    ) -> Self {
        let nodes = prune(nodes, &mut sinks);
        let (mut outputs, mut kept) = (Vec::new(), Vec::new());
        for sink in sinks {
            match sink {
                Sink::Output(output) => outputs.push(output),
                Sink::Kept(node) => kept.push(node),
            }
        }
        let schedule = schedule::layer(&nodes);
        let statistics = statistics::count(&inputs, &nodes, &outputs, &schedule);
        Program { inputs, nodes, outputs, kept, error_bounds, schedule, statistics }
    }

    /// All declared inputs, also those that no output depends on.
    #[must_use]
    pub fn inputs(&self) -> &[InputDecl] {
        &self.inputs
    }

    /// The declared inputs of one input party.
    pub fn inputs_of(&self, party: usize) -> impl Iterator<Item = &InputDecl> {
        self.inputs.iter().filter(move |input| input.party == party)
    }

    /// All nodes; operands come before the nodes that read them.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node with this id, if the program has it.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())
    }

    /// All outputs.
    #[must_use]
    pub fn outputs(&self) -> &[OutputDecl] {
        &self.outputs
    }

    /// Nodes that are computed although nobody learns them.
    #[must_use]
    pub fn kept(&self) -> &[NodeId] {
        &self.kept
    }

    /// Distance of decoded outputs from the real-valued function; empty if it is computed exactly.
    #[must_use]
    pub fn error_bounds(&self) -> &[ErrorBound] {
        &self.error_bounds
    }

    /// The layers.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The same outputs and kept vectors of a program whose nodes have been rebuilt; `new` says where a node is now.
    pub(super) fn rebuilt(
        &self,
        mut builder: Builder,
        new: impl Fn(NodeId) -> NodeId,
    ) -> Result<Program, ProgramError> {
        for output in &self.outputs {
            let (name, node, to) = (output.name.clone(), new(output.node), output.to.clone());
            builder.output_to(name, node, output.decoding, to)?;
        }
        for node in &self.kept {
            builder.keep(new(*node))?;
        }
        self.error_bounds.iter().cloned().for_each(|bound| builder.error_bound(bound));
        builder.finish()
    }

    /// Static counts.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Raw values of all outputs, in the order of their declarations, as named columns.
    #[must_use]
    pub fn to_outputs(&self, raw: &[i128]) -> Outputs {
        let mut rest = raw;
        self.outputs.iter().map(|output| named(output, &mut rest)).collect()
    }

    /// The outputs that an output party learns, as named columns, from their raw values alone.
    #[must_use]
    pub fn to_outputs_of(&self, party: usize, raw: &[i128]) -> Outputs {
        let mut rest = raw;
        let own = self.outputs.iter().filter(|output| output.to.include(party));
        own.map(|output| named(output, &mut rest)).collect()
    }

    /// Of all outputs' raw values those that any of these output parties learns.
    #[must_use]
    pub fn learned_by(&self, parties: &[usize], raw: &[i128]) -> Vec<i128> {
        let (mut rest, mut learned) = (raw, Vec::new());
        for output in &self.outputs {
            let (own, others) = rest.split_at(output.len.min(rest.len()));
            if parties.iter().any(|party| output.to.include(*party)) {
                learned.extend_from_slice(own);
            }
            rest = others;
        }
        learned
    }

    /// Whether there are outputs that not all output parties learn.
    #[must_use]
    pub fn has_own_outputs(&self) -> bool {
        self.outputs.iter().any(|output| output.to != Recipients::All)
    }

    /// The first operands of these nodes, and the second ones of those that have two.
    pub(crate) fn operands_of(&self, nodes: &[NodeId]) -> [Vec<NodeId>; 2] {
        let operands: Vec<Vec<NodeId>> =
            nodes.iter().map(|id| self.nodes[id.index()].operation.operands()).collect();
        [0, 1].map(|side| operands.iter().filter_map(|ids| ids.get(side).copied()).collect())
    }

    /// How the values of each declared input are shared; as numbers if nobody reads them.
    pub(crate) fn input_sharing(&self) -> Vec<Sharing> {
        let mut sharing = vec![Sharing::Arithmetic; self.inputs.len()];
        for node in &self.nodes {
            if let Operation::Input(input) = node.operation {
                sharing[input] = node.sharing;
            }
        }
        sharing
    }

    /// How an output is shared until it is opened.
    pub(crate) fn output_sharing(&self, output: &OutputDecl) -> Sharing {
        self.nodes[output.node.index()].sharing
    }

    /// Number of values that an output party learns.
    #[must_use]
    pub fn output_len_of(&self, party: usize) -> usize {
        let own = self.outputs.iter().filter(|output| output.to.include(party));
        own.map(|output| output.len).sum()
    }

    /// [`Program::describe`] of the outputs that a party has.
    #[must_use]
    pub fn describe_own(&self, outputs: &Outputs) -> String {
        let text = |output: &OutputDecl| {
            let values = outputs.integers(&output.name)?;
            let value = |raw: &i128| output.decoding.render(*raw);
            let text = match values {
                all if output.decoding.is_of_one_number() => output.decoding.number(all)?,
                [one] => value(one),
                all => format!("[{}]", all.iter().map(value).collect::<Vec<_>>().join(", ")),
            };
            Some(format!("{} = {text}", output.name))
        };
        self.outputs.iter().filter_map(text).collect::<Vec<_>>().join(", ")
    }

    /// Which of all outputs' raw values, one after the other, an output party learns.
    pub(crate) fn elements_of(&self, party: usize) -> Vec<Range<usize>> {
        let mut end = 0;
        let mut elements = Vec::new();
        for output in &self.outputs {
            let start = end;
            end += output.len;
            if output.to.include(party) {
                elements.push(start..end);
            }
        }
        elements
    }

    /// Text such as `winner = 3, price = 870` for raw outputs. What is missing reads `?`.
    #[must_use]
    pub fn describe(&self, outputs: &[i128]) -> String {
        let mut rest = outputs.iter();
        let mut parts = Vec::with_capacity(self.outputs.len());
        for output in &self.outputs {
            if output.decoding.is_of_one_number() {
                let values: Vec<i128> = rest.by_ref().take(output.len).copied().collect();
                let number = output.decoding.number(&values).filter(|_| values.len() == output.len);
                parts.push(format!("{} = {}", output.name, number.as_deref().unwrap_or("?")));
                continue;
            }
            let mut next =
                || rest.next().map_or("?".to_owned(), |&raw| output.decoding.render(raw));
            let value = match output.len {
                1 => next(),
                len => format!("[{}]", (0..len).map(|_| next()).collect::<Vec<_>>().join(", ")),
            };
            parts.push(format!("{} = {value}", output.name));
        }
        parts.join(", ")
    }
}

/// The next values as a column.
fn named(output: &OutputDecl, rest: &mut &[i128]) -> (Name, Vec<i128>) {
    let (own, others) = rest.split_at_checked(output.len).unwrap_or((rest, &[]));
    *rest = others;
    (output.name.clone(), own.to_vec())
}

/// Why a node is computed.
pub(super) enum Sink {
    /// It is opened.
    Output(OutputDecl),
    /// Nobody learns it.
    Kept(NodeId),
}

impl Sink {
    fn node(&mut self) -> &mut NodeId {
        match self {
            Sink::Output(output) => &mut output.node,
            Sink::Kept(node) => node,
        }
    }
}

/// Keeps what the sinks depend on, and renames.
fn prune(nodes: Vec<Node>, sinks: &mut [Sink]) -> Vec<Node> {
    let mut needed = vec![false; nodes.len()];
    for sink in sinks.iter_mut() {
        needed[sink.node().index()] = true;
    }
    for index in (0..nodes.len()).rev() {
        if needed[index] {
            nodes[index].operation.operands().iter().for_each(|id| needed[id.index()] = true);
        }
    }
    let mut names = vec![NodeId(0); nodes.len()];
    let mut kept: Vec<Node> = Vec::with_capacity(nodes.len());
    for (index, mut node) in nodes.into_iter().enumerate() {
        if needed[index] {
            // Ids fit: there were at least as many nodes before.
            names[index] = NodeId(kept.len() as u32);
            node.operation.rename(|id| names[id.index()]);
            kept.push(node);
        }
    }
    for sink in sinks {
        *sink.node() = names[sink.node().index()];
    }
    kept
}

/// Number of terms of each inner product of a dot node; 0 for others.
pub(super) fn dot_terms(nodes: &[Node], node: &Node) -> usize {
    match node.operation {
        Operation::Dot { a, groups, .. } => nodes[a.index()].len / groups,
        _ => 0,
    }
}

/// Which nodes depend on random bits.
pub(super) fn depend_on_random_bits(nodes: &[Node]) -> Vec<bool> {
    let mut random: Vec<bool> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let reads = node.operation.operands().iter().any(|id| random[id.index()]);
        random.push(reads || node.operation == Operation::RandomBits);
    }
    random
}
