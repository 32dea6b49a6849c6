//! Programs under construction: inputs, nodes, outputs.

use super::graph::{Program, Sink, depend_on_random_bits};
use super::{
    Decoding, ErrorBound, InputDecl, MAX_BITS, MAX_LEN, Name, Node, NodeId, Operation, OutputDecl,
    ProgramError, Range, Recipients, Sharing, Type,
};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// Makes a program node by node.
///
/// Every method checks lengths and types, derives the range of the result by interval arithmetic,
/// and refuses what may overflow [`MAX_BITS`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    inputs: Vec<InputDecl>,
    nodes: Vec<Node>,
    outputs: Vec<OutputDecl>,
    kept: Vec<NodeId>,
    error_bounds: Vec<ErrorBound>,
}

/// A node whose range is still to be judged.
pub(super) struct Draft {
    pub(super) operation: Operation,
    pub(super) len: usize,
    pub(super) range: Option<Range>,
    pub(super) frac: u32,
    pub(super) error: u128,
}

impl Builder {
    /// An empty program.
    #[must_use]
    pub fn new() -> Self {
        Builder::default()
    }

    /// The node with this id.
    ///
    /// # Errors
    /// An id of another program.
    pub fn node(&self, id: NodeId) -> Result<&Node> {
        self.nodes.get(id.index()).ok_or(ProgramError::UnknownNode(id))
    }

    /// All nodes so far, also those that no output will need.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Declares a column of an input party, with any value of its type.
    ///
    /// # Errors
    /// The party has that column already, or the length is not allowed.
    pub fn input(
        &mut self,
        name: impl Into<Name>,
        party: usize,
        len: usize,
        ty: Type,
    ) -> Result<NodeId> {
        self.input_in(name, party, len, ty, ty.range())
    }

    /// Declares a column of an input party whose raw values lie in a range within the type.
    ///
    /// # Errors
    /// As [`Builder::input`], or the range does not fit in the type.
    pub fn input_in(
        &mut self,
        name: impl Into<Name>,
        party: usize,
        len: usize,
        ty: Type,
        range: Range,
    ) -> Result<NodeId> {
        let name = name.into();
        if !ty.range().covers(range) {
            return Err(ProgramError::Width { name, range, ty });
        }
        if self.inputs.iter().any(|input| input.party == party && input.name == name) {
            return Err(ProgramError::Duplicate(name));
        }
        let operation = Operation::Input(self.inputs.len());
        let draft = Draft { operation, len, range: Some(range), frac: ty.frac(), error: 0 };
        let id = self.push(draft)?;
        match ty {
            Type::Word => self.retype(id, Type::Bit),
            Type::Limb { .. } => {}
            _ => self.retype(id, ty),
        }
        self.inputs.push(InputDecl { name, party, len, ty, range });
        Ok(id)
    }

    /// Public raw values with so many fractional bits.
    ///
    /// # Errors
    /// No values, or too many.
    pub fn constant(&mut self, values: Vec<i128>, frac: u32) -> Result<NodeId> {
        let range = Range::of(values.iter().copied())
            .ok_or(ProgramError::Size { operation: "const", len: 0 })?;
        let len = values.len();
        let operation = Operation::Const(values);
        self.push(Draft { operation, len, range: Some(range), frac, error: 0 })
    }

    /// Opens a vector to all output parties.
    ///
    /// # Errors
    /// An output of that name exists.
    pub fn output(
        &mut self,
        name: impl Into<Name>,
        node: NodeId,
        decoding: Decoding,
    ) -> Result<()> {
        self.output_to(name, node, decoding, Recipients::All)
    }

    /// Opens a vector to some output parties.
    ///
    /// # Errors
    /// An output of that name exists.
    pub fn output_to(
        &mut self,
        name: impl Into<Name>,
        node: NodeId,
        decoding: Decoding,
        to: Recipients,
    ) -> Result<()> {
        let name = name.into();
        let len = self.node(node)?.len;
        if self.outputs.iter().any(|output| output.name == name) {
            return Err(ProgramError::Duplicate(name));
        }
        self.outputs.push(OutputDecl { name, node, len, decoding, to });
        Ok(())
    }

    /// Computes a vector that nobody learns: what it costs is all that is asked for.
    ///
    /// # Errors
    /// An id of another program.
    pub fn keep(&mut self, node: NodeId) -> Result<()> {
        self.node(node)?;
        self.kept.push(node);
        Ok(())
    }

    /// States how far an output may be from the real-valued function.
    pub fn error_bound(&mut self, bound: ErrorBound) {
        self.error_bounds.push(bound);
    }

    /// Drops what neither an output nor a kept vector needs, and lays out the rounds.
    ///
    /// # Errors
    /// There is neither, or an output depends on random bits.
    pub fn finish(self) -> Result<Program> {
        if self.outputs.is_empty() && self.kept.is_empty() {
            return Err(ProgramError::NoOutput);
        }
        let random = depend_on_random_bits(&self.nodes);
        if let Some(output) = self.outputs.iter().find(|output| random[output.node.index()]) {
            return Err(ProgramError::Random { output: output.name.clone() });
        }
        let opened = self.outputs.into_iter().map(Sink::Output);
        let sinks = opened.chain(self.kept.into_iter().map(Sink::Kept)).collect();
        Ok(Program::new(self.inputs, self.nodes, sinks, self.error_bounds))
    }

    /// Replaces the range of a node by a narrower one that follows from what interval arithmetic
    /// can't see, and its error by a smaller one. Both have to hold for the node as interpreted
    /// and as computed.
    pub(crate) fn tighten(&mut self, id: NodeId, range: Range, error: u128) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            let (lo, hi) = (node.range.lo.max(range.lo), node.range.hi.min(range.hi));
            debug_assert!(lo <= hi, "{} and {range} have nothing in common", node.range);
            if lo <= hi {
                node.range = Range { lo, hi };
            }
            node.error = node.error.min(error);
            node.ty = Type::of(node.range, node.ty.frac());
        }
    }

    /// Gives a node another type that its range fits in.
    pub(super) fn retype(&mut self, id: NodeId, ty: Type) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            debug_assert!(ty.range().covers(node.range), "{ty} does not cover {}", node.range);
            node.ty = ty;
        }
    }

    /// Takes over the declared inputs of another program.
    pub(super) fn with_inputs(inputs: &[InputDecl]) -> Self {
        Builder { inputs: inputs.to_vec(), ..Builder::default() }
    }

    /// [`Builder::adopt`] as packed bits.
    pub(super) fn adopt_bits(&mut self, like: &Node, operation: Operation) -> Result<NodeId> {
        let id = self.adopt(like, operation)?;
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.sharing = Sharing::Boolean;
        }
        Ok(id)
    }

    /// Both operands, of equal lengths and scales.
    pub(super) fn alike(
        &self,
        operation: &Operation,
        a: NodeId,
        b: NodeId,
    ) -> Result<(&Node, &Node)> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        if x.len != y.len {
            return Err(length(operation.name(), x.len, y.len));
        }
        if x.ty.frac() != y.ty.frac() {
            let operation = operation.name();
            return Err(ProgramError::Types { operation, left: x.ty, right: y.ty });
        }
        Ok((x, y))
    }

    /// The refusal of an operation whose result is too wide.
    pub(super) fn overflow(&self, operation: &Operation) -> ProgramError {
        let range = |id: NodeId| self.nodes.get(id.index()).map(|node| node.range);
        let mut operands: Vec<Range> = operation.operands().into_iter().filter_map(range).collect();
        match operation {
            Operation::Scale { by, .. } => operands.push(Range::point(*by)),
            Operation::ScaleEach { by, .. } => operands.extend(Range::of(by.iter().copied())),
            Operation::Const(values) => operands.extend(Range::of(values.iter().copied())),
            _ => {}
        }
        let node = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        ProgramError::Overflow { node, operation: operation.name(), operands }
    }

    pub(super) fn push(&mut self, draft: Draft) -> Result<NodeId> {
        let Draft { operation, len, range, frac, error } = draft;
        if len == 0 || len > MAX_LEN {
            return Err(ProgramError::Size { operation: operation.name(), len });
        }
        let Some(range) = range.filter(|range| range.bits() <= MAX_BITS) else {
            return Err(self.overflow(&operation));
        };
        let id = u32::try_from(self.nodes.len())
            .map_err(|_| ProgramError::Size { operation: operation.name(), len })?;
        let before = operation.operands().into_iter().filter_map(|id| self.nodes.get(id.index()));
        let before = before.map(|node| node.depth).max().unwrap_or(0);
        let depth = before + operation.depth();
        let error = error.min(range.width());
        let (ty, sharing) = (Type::of(range, frac), Sharing::default());
        self.nodes.push(Node { operation, ty, len, range, error, depth, sharing });
        Ok(NodeId(id))
    }
}

pub(super) fn length(operation: &'static str, left: usize, right: usize) -> ProgramError {
    ProgramError::Length { operation, left, right }
}
