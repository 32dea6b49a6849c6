//! Programs for engines that share both numbers and packed bits: each node in the cheaper way.

use super::graph::Program;
use super::lower::number;
use super::{Builder, Node, NodeId, Operation, ProgramError, Sharing, Type};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// Turns in which nodes are looked at again at most; a handful is all that ever changes anything.
const TURNS: usize = 16;

/// What an element costs in either way of sharing it, payload over all parties, in bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price {
    /// As a number.
    pub(crate) number: u64,
    /// As a packed bit.
    pub(crate) bit: u64,
}

/// What engines with packed bits pay. From numbers to bits it costs them nothing: see
/// [`Operation::LowBit`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharingPrices {
    /// To share an input.
    pub(crate) input: Price,
    /// Of a product of two numbers, or a conjunction of two bits.
    pub(crate) product: Price,
    /// To open an output.
    pub(crate) output: Price,
    /// From a packed bit to a number.
    pub(crate) inject: u64,
}

/// The same program with every bit shared as a number or packed, whichever takes fewer bytes in
/// all, and with the conversions in between.
///
/// Which way is best depends on the neighbours: what starts from nothing but packed bits and what
/// starts from nothing but numbers is improved node by node, and the better of both is taken. It is
/// as good as any single change could make it, not the optimum.
///
/// # Errors
/// A difference between the two values of a choice that is too wide.
pub(crate) fn to_cheapest(program: &Program, prices: &SharingPrices) -> Result<Program> {
    let starts = [Sharing::Boolean, Sharing::Arithmetic];
    let mut choices = starts.map(|start| {
        let mut choice = Choice::new(program, *prices, start);
        choice.improve();
        choice
    });
    let better = usize::from(choices[1].cost() < choices[0].cost());
    choices[better].settle_comparisons();
    Rewriting::new(program, &choices[better].sharing).program()
}

// ---- choosing ----

/// A way of sharing for every node, and what follows from it.
struct Choice<'a> {
    nodes: &'a [Node],
    prices: SharingPrices,
    sharing: Vec<Sharing>,
    /// How often each node is read as a number.
    as_number: Vec<u32>,
    /// How often each node is opened.
    opened: Vec<u64>,
}

/// Whether a node may be packed.
fn packs(nodes: &[Node], node: &Node) -> bool {
    let is_bit = |id: &NodeId| nodes[id.index()].ty == Type::Bit;
    node.ty == Type::Bit
        && match &node.operation {
            Operation::Input(_)
            | Operation::Const(_)
            | Operation::RandomBits
            | Operation::And(..)
            | Operation::Xor(..)
            | Operation::Not(_)
            | Operation::Less(..)
            | Operation::Equal(..) => true,
            Operation::Select { .. } | Operation::Gather { .. } | Operation::Concat(_) => {
                node.operation.operands().iter().all(is_bit)
            }
            _ => false,
        }
}

/// A circuit is never run on numbers: it would pay for XOR, too, and its layers are by its ANDs.
fn is_circuit(node: &Node) -> bool {
    matches!(node.operation, Operation::Gates { .. })
}

fn compares(node: &Node) -> bool {
    matches!(node.operation, Operation::Less(..) | Operation::Equal(..))
}

impl<'a> Choice<'a> {
    fn new(program: &'a Program, prices: SharingPrices, start: Sharing) -> Self {
        let nodes = program.nodes();
        let first = |node: &Node| match packs(nodes, node) {
            true => start,
            false if is_circuit(node) => Sharing::Boolean,
            false => Sharing::Arithmetic,
        };
        let sharing: Vec<Sharing> = nodes.iter().map(first).collect();
        let mut as_number = vec![0; nodes.len()];
        for (node, sharing) in nodes.iter().zip(&sharing) {
            if *sharing == Sharing::Arithmetic || compares(node) {
                node.operation.operands().iter().for_each(|id| as_number[id.index()] += 1);
            }
        }
        let mut opened = vec![0; nodes.len()];
        program.outputs().iter().for_each(|output| opened[output.node.index()] += 1);
        Choice { nodes, prices, sharing, as_number, opened }
    }

    /// What a node costs by itself, and the conversion of its results.
    fn cost_of(&self, at: usize, sharing: Sharing, as_number: u32) -> u64 {
        let (node, prices) = (&self.nodes[at], &self.prices);
        let (number, bit) = match node.operation {
            Operation::Input(_) => (prices.input.number, prices.input.bit),
            Operation::And(..) | Operation::Select { .. } => {
                (prices.product.number, prices.product.bit)
            }
            Operation::Xor(..) => (prices.product.number, 0),
            Operation::RandomBits | Operation::Less(..) | Operation::Equal(..) => {
                (prices.inject, 0)
            }
            _ => (0, 0),
        };
        let each = match sharing {
            Sharing::Arithmetic => number + self.opened[at] * prices.output.number,
            Sharing::Boolean => {
                let inject = if as_number > 0 { prices.inject } else { 0 };
                bit + inject + self.opened[at] * prices.output.bit
            }
        };
        each * node.len as u64
    }

    fn cost(&self) -> u64 {
        let counts = |node: &Node| packs(self.nodes, node) || is_circuit(node);
        let counted = (0..self.nodes.len()).filter(|at| counts(&self.nodes[*at]));
        counted.map(|at| self.cost_of(at, self.sharing[at], self.as_number[at])).sum()
    }

    /// Changes single nodes for as long as that saves anything.
    fn improve(&mut self) {
        let free: Vec<usize> =
            (0..self.nodes.len()).filter(|at| packs(self.nodes, &self.nodes[*at])).collect();
        for _ in 0..TURNS {
            let mut changed = false;
            for at in free.iter().rev().chain(&free) {
                changed |= self.change_if_cheaper(*at);
            }
            if !changed {
                return;
            }
        }
    }

    fn change_if_cheaper(&mut self, at: usize) -> bool {
        let (now, other) = match self.sharing[at] {
            Sharing::Arithmetic => (Sharing::Arithmetic, Sharing::Boolean),
            Sharing::Boolean => (Sharing::Boolean, Sharing::Arithmetic),
        };
        let mut before = self.cost_of(at, now, self.as_number[at]);
        let mut after = self.cost_of(at, other, self.as_number[at]);
        let mut operands = self.nodes[at].operation.operands();
        if compares(&self.nodes[at]) {
            operands.clear();
        }
        operands.sort_unstable();
        for same in operands.chunk_by(|a, b| a == b) {
            let (id, times) = (same[0].index(), same.len() as u32);
            let reads = self.as_number[id];
            let then = if other == Sharing::Arithmetic { reads + times } else { reads - times };
            before += self.cost_of(id, self.sharing[id], reads);
            after += self.cost_of(id, self.sharing[id], then);
        }
        if after >= before {
            return false;
        }
        self.sharing[at] = other;
        for id in operands {
            let reads = &mut self.as_number[id.index()];
            if other == Sharing::Arithmetic { *reads += 1 } else { *reads -= 1 }
        }
        true
    }

    /// A comparison whose result is read as a number hands one out, and as a packed bit if it is
    /// read so; both cost the same, but the bit is there two rounds before the number.
    fn settle_comparisons(&mut self) {
        let mut reads = vec![0u32; self.nodes.len()];
        self.nodes
            .iter()
            .flat_map(|node| node.operation.operands())
            .for_each(|id| reads[id.index()] += 1);
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| compares(node)) {
            if self.as_number[at] > 0 && packs(self.nodes, node) {
                let all = self.as_number[at] == reads[at] && self.opened[at] == 0;
                self.sharing[at] = if all { Sharing::Arithmetic } else { Sharing::Boolean };
            }
        }
    }
}

// ---- rewriting ----

/// The program as it is written down anew.
struct Rewriting<'a> {
    program: &'a Program,
    sharing: &'a [Sharing],
    builder: Builder,
    /// Where the nodes of the program are now, in either way of sharing.
    numbers: Vec<Option<NodeId>>,
    bits: Vec<Option<NodeId>>,
}

impl<'a> Rewriting<'a> {
    fn new(program: &'a Program, sharing: &'a [Sharing]) -> Self {
        let builder = Builder::with_inputs(program.inputs());
        let none = vec![None; program.nodes().len()];
        Rewriting { program, sharing, builder, numbers: none.clone(), bits: none }
    }

    fn program(mut self) -> Result<Program> {
        for (at, node) in self.program.nodes().iter().enumerate() {
            match self.sharing[at] {
                Sharing::Arithmetic => self.numbers[at] = Some(self.number(node)?),
                Sharing::Boolean => self.bits[at] = Some(self.bit(node)?),
            }
        }
        let Rewriting { program, builder, numbers, bits, .. } = self;
        // One of both is there, by the node's own sharing.
        let of = |id: NodeId| match self.sharing[id.index()] {
            Sharing::Arithmetic => numbers[id.index()],
            Sharing::Boolean => bits[id.index()],
        };
        program.rebuilt(builder, |id| of(id).unwrap_or(id))
    }

    fn number(&mut self, node: &Node) -> Result<NodeId> {
        for id in node.operation.operands() {
            self.as_number(id)?;
        }
        let numbers = &self.numbers;
        number(&mut self.builder, node, |id| numbers[id.index()].unwrap_or(id))
    }

    fn bit(&mut self, node: &Node) -> Result<NodeId> {
        let operation = match node.operation {
            Operation::Less(a, b) => Operation::Less(self.as_number(a)?, self.as_number(b)?),
            Operation::Equal(a, b) => Operation::Equal(self.as_number(a)?, self.as_number(b)?),
            Operation::Select { condition, a, b } => {
                // b + c (a + b), modulo 2.
                let (condition, a, b) =
                    (self.as_bits(condition)?, self.as_bits(a)?, self.as_bits(b)?);
                let either = self.builder.adopt_bits(node, Operation::Xor(a, b))?;
                let change = self.builder.adopt_bits(node, Operation::And(condition, either))?;
                Operation::Xor(b, change)
            }
            ref same => {
                for id in same.operands() {
                    self.as_bits(id)?;
                }
                let (mut same, bits) = (same.clone(), &self.bits);
                same.rename(|id| bits[id.index()].unwrap_or(id));
                same
            }
        };
        self.builder.adopt_bits(node, operation)
    }

    fn as_number(&mut self, id: NodeId) -> Result<NodeId> {
        let at = id.index();
        match (self.numbers[at], self.bits[at]) {
            (Some(number), _) => Ok(number),
            (None, Some(bits)) => {
                let like = &self.program.nodes()[at];
                let number = self.builder.adopt(like, Operation::Inject(bits))?;
                self.numbers[at] = Some(number);
                Ok(number)
            }
            (None, None) => Err(ProgramError::UnknownNode(id)),
        }
    }

    fn as_bits(&mut self, id: NodeId) -> Result<NodeId> {
        let at = id.index();
        match (self.bits[at], self.numbers[at]) {
            (Some(bits), _) => Ok(bits),
            (None, Some(number)) => {
                let like = &self.program.nodes()[at];
                let bits = self.builder.adopt_bits(like, Operation::LowBit(number))?;
                self.bits[at] = Some(bits);
                Ok(bits)
            }
            (None, None) => Err(ProgramError::UnknownNode(id)),
        }
    }
}
