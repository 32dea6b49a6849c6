//! The core operations, each with its static range and error.

use super::graph::{Program, Sink, depend_on_random_bits};
use super::{
    Decoding, ErrorBound, InputDecl, MAX_BITS, MAX_LEN, Name, Node, NodeId, Operation, OutputDecl,
    ProgramError, Range, Recipients, Rounding, Sharing, Type,
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

    /// `a + b`
    ///
    /// # Errors
    /// Lengths or fractional bits differ; overflow.
    pub fn add(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let operation = Operation::Add(a, b);
        let (x, y) = self.alike(&operation, a, b)?;
        let (range, error) = (x.range.checked_add(y.range), x.error.saturating_add(y.error));
        let (len, frac) = (x.len, x.ty.frac());
        self.push(Draft { operation, len, range, frac, error })
    }

    /// `a - b`
    ///
    /// # Errors
    /// Lengths or fractional bits differ; overflow.
    pub fn sub(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let operation = Operation::Sub(a, b);
        let (x, y) = self.alike(&operation, a, b)?;
        let (range, error) = (x.range.checked_sub(y.range), x.error.saturating_add(y.error));
        let (len, frac) = (x.len, x.ty.frac());
        self.push(Draft { operation, len, range, frac, error })
    }

    /// `a * by` for a public integer.
    ///
    /// # Errors
    /// Overflow.
    pub fn scale(&mut self, a: NodeId, by: i128) -> Result<NodeId> {
        let frac = self.node(a)?.ty.frac();
        self.scale_to(a, by, frac)
    }

    /// `a * by`, read with other fractional bits than `a`: the raw values are multiplied by `by`.
    ///
    /// # Errors
    /// Overflow.
    pub fn scale_to(&mut self, a: NodeId, by: i128, frac: u32) -> Result<NodeId> {
        let x = self.node(a)?;
        let (len, range) = (x.len, x.range.checked_mul(Range::point(by)));
        let error = x.error.saturating_mul(by.unsigned_abs());
        self.push(Draft { operation: Operation::Scale { a, by }, len, range, frac, error })
    }

    /// `a[i] * by[i]` for public integers.
    ///
    /// # Errors
    /// Lengths differ; overflow.
    pub fn scale_each(&mut self, a: NodeId, by: Vec<i128>) -> Result<NodeId> {
        let x = self.node(a)?;
        let (len, frac) = (x.len, x.ty.frac());
        let factors = match Range::of(by.iter().copied()) {
            Some(factors) if by.len() == len => factors,
            _ => return Err(length("scale_each", len, by.len())),
        };
        let range = x.range.checked_mul(factors);
        let error = x.error.saturating_mul(factors.magnitude());
        self.push(Draft { operation: Operation::ScaleEach { a, by }, len, range, frac, error })
    }

    /// Sums of contiguous groups of equal length.
    ///
    /// # Errors
    /// The number of groups does not divide the length; overflow.
    pub fn sum(&mut self, a: NodeId, groups: usize) -> Result<NodeId> {
        let x = self.node(a)?;
        let each = group_len("sum", x.len, groups)?;
        let (range, frac) = (x.range.checked_times(each), x.ty.frac());
        let error = x.error.saturating_mul(each as u128);
        self.push(Draft {
            operation: Operation::Sum { a, groups },
            len: groups,
            range,
            frac,
            error,
        })
    }

    /// The elements at these positions.
    ///
    /// # Errors
    /// A position that does not exist; no positions.
    pub fn gather(&mut self, a: NodeId, indices: Vec<u32>) -> Result<NodeId> {
        let x = self.node(a)?;
        if let Some(&bad) = indices.iter().find(|&&index| index as usize >= x.len) {
            return Err(length("gather", x.len, bad as usize));
        }
        let (range, ty, error) = (x.range, x.ty, x.error);
        let (len, frac) = (indices.len(), ty.frac());
        let operation = Operation::Gather { a, indices };
        let id = self.push(Draft { operation, len, range: Some(range), frac, error })?;
        self.retype(id, ty);
        Ok(id)
    }

    /// One vector after the other.
    ///
    /// # Errors
    /// No vectors; fractional bits differ.
    pub fn concat(&mut self, parts: Vec<NodeId>) -> Result<NodeId> {
        let Some((&first, rest)) = parts.split_first() else {
            return Err(ProgramError::Size { operation: "concat", len: 0 });
        };
        if rest.is_empty() {
            return Ok(first);
        }
        let x = self.node(first)?;
        let (mut len, mut range, mut error, ty) = (x.len, x.range, x.error, x.ty);
        let mut same = true;
        for &part in rest {
            let y = self.node(part)?;
            if y.ty.frac() != ty.frac() {
                return Err(ProgramError::Types { operation: "concat", left: ty, right: y.ty });
            }
            len = len.saturating_add(y.len);
            range = range.hull(y.range);
            error = error.max(y.error);
            same &= y.ty == ty;
        }
        let operation = Operation::Concat(parts);
        let id = self.push(Draft { operation, len, range: Some(range), frac: ty.frac(), error })?;
        if same {
            self.retype(id, ty);
        }
        Ok(id)
    }

    /// `a * b`; fractional bits add up. Of bits it is the conjunction, and a bit.
    ///
    /// # Errors
    /// Lengths differ; overflow.
    pub fn mul(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        if x.len != y.len {
            return Err(length("mul", x.len, y.len));
        }
        let (len, frac) = (x.len, x.ty.frac() + y.ty.frac());
        let (range, error) = (x.range.checked_mul(y.range), product_error(x, y));
        let bits = x.ty == Type::Bit && y.ty == Type::Bit;
        let operation = if bits { Operation::And(a, b) } else { Operation::Mul(a, b) };
        let id = self.push(Draft { operation, len, range, frac, error })?;
        if bits {
            self.retype(id, Type::Bit);
        }
        Ok(id)
    }

    /// `a * b` as numbers, also of bits.
    pub(super) fn mul_numbers(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        let (len, frac) = (x.len, x.ty.frac() + y.ty.frac());
        let (range, error) = (x.range.checked_mul(y.range), product_error(x, y));
        self.push(Draft { operation: Operation::Mul(a, b), len, range, frac, error })
    }

    /// Inner products of contiguous groups of equal length; fractional bits add up.
    ///
    /// # Errors
    /// Lengths differ; the number of groups does not divide them; overflow.
    pub fn dot(&mut self, a: NodeId, b: NodeId, groups: usize) -> Result<NodeId> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        if x.len != y.len {
            return Err(length("dot", x.len, y.len));
        }
        let each = group_len("dot", x.len, groups)?;
        let range = x.range.checked_mul(y.range).and_then(|product| product.checked_times(each));
        let error = product_error(x, y).saturating_mul(each as u128);
        let frac = x.ty.frac() + y.ty.frac();
        let operation = Operation::Dot { a, b, groups };
        self.push(Draft { operation, len: groups, range, frac, error })
    }

    /// Bit: `a < b`.
    ///
    /// # Errors
    /// Lengths or fractional bits differ; the difference overflows.
    pub fn less(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.compare(Operation::Less(a, b), a, b)
    }

    /// Bit: `a = b`.
    ///
    /// # Errors
    /// Lengths or fractional bits differ; the difference overflows.
    pub fn equal(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.compare(Operation::Equal(a, b), a, b)
    }

    /// Division by `2^shift`. An integer becomes the quotient; fixed point keeps its value and
    /// loses fractional bits.
    ///
    /// # Errors
    /// The shift is 0, wider than the values, or cuts more than the fractional bits.
    pub fn truncate(&mut self, a: NodeId, shift: u32, rounding: Rounding) -> Result<NodeId> {
        let x = self.node(a)?;
        let (len, ty) = (x.len, x.ty);
        let cut_point = matches!(ty, Type::Fixed { frac, .. } if shift > frac);
        if shift == 0 || shift >= x.range.bits() || cut_point {
            return Err(ProgramError::Shift { shift, ty });
        }
        let mut range = x.range.shift_right(shift);
        let mut error = x.error.div_ceil(1 << shift);
        if rounding == Rounding::Either {
            range.hi += 1;
            error = error.saturating_add(1);
        }
        let frac = ty.frac().saturating_sub(shift);
        let operation = Operation::Truncate { a, shift, rounding };
        self.push(Draft { operation, len, range: Some(range), frac, error })
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

    fn compare(&mut self, operation: Operation, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (x, y) = self.alike(&operation, a, b)?;
        let (len, exact) = (x.len, x.error == 0 && y.error == 0);
        if x.range.checked_sub(y.range).is_none_or(|difference| difference.bits() > MAX_BITS) {
            return Err(self.overflow(&operation));
        }
        let error = u128::from(!exact);
        let id = self.push(Draft { operation, len, range: Some(Range::BIT), frac: 0, error })?;
        self.retype(id, Type::Bit);
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

    fn overflow(&self, operation: &Operation) -> ProgramError {
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

/// `|x y - x' y'| <= |x| |y - y'| + |y'| |x - x'|`, and both ranges hold computed values too.
fn product_error(x: &Node, y: &Node) -> u128 {
    let left = x.range.magnitude().saturating_mul(y.error);
    left.saturating_add(y.range.magnitude().saturating_mul(x.error))
}

fn group_len(operation: &'static str, len: usize, groups: usize) -> Result<usize> {
    match len.checked_rem(groups) {
        Some(0) => Ok(len / groups),
        _ => Err(length(operation, len, groups)),
    }
}

pub(super) fn length(operation: &'static str, left: usize, right: usize) -> ProgramError {
    ProgramError::Length { operation, left, right }
}
