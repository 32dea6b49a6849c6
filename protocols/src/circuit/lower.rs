//! Programs as circuits: every value a word as wide as its static range.
//!
//! All arithmetic is modulo a power of two that holds the result, so that a range which the builder
//! of the program has narrowed saves gates: of `a + b - 2ab`, known to be a bit, only `a xor b` is
//! left. Truncation is exact whatever the program allows, and free.

use std::collections::BTreeMap;

use super::{Bit, Builder, Circuit, CircuitError, Gate, Optimise, sign_extend, zero_extend};
use crate::algebra::bits::Bits;
use crate::program::{InputDecl, Inputs, NodeId, Operation, Program, Range};

/// How an integer stands in bits, least significant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Number of bits.
    pub width: u32,
    /// Whether it is two's complement.
    pub signed: bool,
}

impl Word {
    /// The least word for all values of a range.
    #[must_use]
    pub fn of(range: Range) -> Self {
        let signed = range.lo < 0;
        Word { width: range.bits() - u32::from(!signed), signed }
    }

    /// All that the word can say: what a cheater may bring.
    #[must_use]
    pub fn range(self) -> Range {
        match self.signed {
            true => Range::signed(self.width),
            false => Range::unsigned(self.width),
        }
    }

    /// The bits of a value, cut at the top if it does not fit.
    pub fn encode(self, value: i128) -> impl Iterator<Item = bool> {
        (0..self.width).map(move |bit| (value >> bit.min(127)) & 1 == 1)
    }

    /// The value of these bits.
    #[must_use]
    pub fn decode(self, bits: impl IntoIterator<Item = bool>) -> i128 {
        let weigh = |value, (at, bit)| value | (i128::from(bit) << at);
        let value = (0..self.width.min(127)).zip(bits).fold(0, weigh);
        match self.signed && self.width > 0 && (value >> (self.width - 1)) & 1 == 1 {
            true => value | (-1 << self.width),
            false => value,
        }
    }
}

/// How the columns and outputs of a program stand in bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    columns: Vec<(InputDecl, Word)>,
    random_bits: usize,
    outputs: Vec<(Word, usize)>,
}

impl Words {
    /// The columns in the order of the program, each with the word of its elements.
    #[must_use]
    pub fn columns(&self) -> &[(InputDecl, Word)] {
        &self.columns
    }

    /// Bits that an input party brings: its columns one after the other.
    #[must_use]
    pub fn bits_of(&self, party: usize) -> usize {
        let own = self.columns.iter().filter(|(decl, _)| decl.party == party);
        own.map(|(decl, word)| decl.len * word.width as usize).sum()
    }

    /// Those bits for these values, cut to their words; none if a column is not there.
    #[must_use]
    pub fn encode(&self, party: usize, input: &Inputs) -> Option<Bits> {
        let own = self.columns.iter().filter(|(decl, _)| decl.party == party);
        own.map(|column| encode(column, input))
            .collect::<Option<Vec<Bits>>>()
            .map(|all| Bits::concat(&all))
    }

    /// Random bits: inputs of the circuit behind the columns, which nobody brings.
    #[must_use]
    pub fn random_bits(&self) -> usize {
        self.random_bits
    }

    /// All bits in the order of the circuit, random ones being 0, since no output depends on them;
    /// none if a column is not there.
    #[must_use]
    pub fn encode_all(&self, inputs: &[Inputs]) -> Option<Bits> {
        let column = |column: &(InputDecl, Word)| encode(column, inputs.get(column.0.party)?);
        let all: Option<Vec<Bits>> = self.columns.iter().map(column).collect();
        let mut all = all?;
        all.push(Bits::zeros(self.random_bits));
        Some(Bits::concat(&all))
    }

    /// The raw outputs that these bits stand for.
    #[must_use]
    pub fn decode(&self, bits: &Bits) -> Vec<i128> {
        self.decode_some(bits, |_| true)
    }

    /// Bits of each output. What the program keeps goes out of the circuit behind them.
    pub fn output_bits(&self) -> impl Iterator<Item = usize> + '_ {
        self.outputs.iter().map(|(word, len)| word.width as usize * len)
    }

    /// The raw values of some outputs, by their position, from the bits of these alone.
    #[must_use]
    pub fn decode_some(&self, bits: &Bits, is_there: impl Fn(usize) -> bool) -> Vec<i128> {
        let mut bits = bits.iter();
        let outputs = self.outputs.iter().enumerate().filter(|(at, _)| is_there(*at));
        let words = outputs.flat_map(|(_, (word, len))| std::iter::repeat_n(*word, *len));
        words.map(|word| word.decode(bits.by_ref().take(word.width as usize))).collect()
    }
}

fn encode((decl, word): &(InputDecl, Word), input: &Inputs) -> Option<Bits> {
    let column = input.integers(&decl.name).filter(|column| column.len() == decl.len)?;
    Some(column.iter().flat_map(|value| word.encode(*value)).collect())
}

/// A program's circuit: a word per column, per output, and per vector that is kept; its elements
/// side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lowered {
    /// The circuit. Inputs are called by column and input party, as in `bid@0`.
    pub circuit: Circuit,
    /// What its bits stand for.
    pub words: Words,
}

/// A program as one circuit whose gadgets save what `optimise` says.
///
/// For inputs in their ranges the outputs decode to those of [`crate::program::interpret`].
///
/// # Errors
/// If there would be too many wires.
pub fn lower(program: &Program, optimise: Optimise) -> Result<Lowered, CircuitError> {
    lower_inputs(program, optimise, false)
}

/// The same, but a value outside of its range is read as the lowest of it: whatever a cheater
/// brings is an input that the functionality takes.
///
/// # Errors
/// If there would be too many wires.
pub fn lower_in_range(program: &Program, optimise: Optimise) -> Result<Lowered, CircuitError> {
    lower_inputs(program, optimise, true)
}

fn lower_inputs(
    program: &Program,
    optimise: Optimise,
    in_range: bool,
) -> Result<Lowered, CircuitError> {
    let mut lowering = Lowering {
        program,
        builder: Builder::new(optimise),
        columns: Vec::new(),
        random: BTreeMap::new(),
        values: Vec::with_capacity(program.nodes().len()),
    };
    let mut columns = Vec::with_capacity(program.inputs().len());
    for decl in program.inputs() {
        let word = Word::of(decl.range);
        columns.push((decl.clone(), word));
        let name = format!("{}@{}", decl.name, decl.party);
        // A column too long to number makes the builder refuse in the end.
        let width = u32::try_from(decl.len * word.width as usize).unwrap_or(u32::MAX);
        let bits = lowering.builder.input(name, width);
        let of = |row: usize| {
            let at = row * word.width as usize;
            bits.get(at..at + word.width as usize).unwrap_or_default().to_vec()
        };
        let mut column: Vec<Vec<Bit>> = (0..decl.len).map(of).collect();
        if in_range && !decl.range.covers(word.range()) {
            column.iter_mut().for_each(|bits| lowering.clamp(bits, word, decl.range));
        }
        lowering.columns.push(column);
    }
    let random = program.nodes().iter().enumerate();
    let random = random.filter(|(_, node)| node.operation == Operation::RandomBits);
    let mut random_bits = 0;
    for (at, node) in random {
        let width = u32::try_from(node.len).unwrap_or(u32::MAX);
        let bits = lowering.builder.input(format!("random#{at}"), width);
        random_bits += bits.len();
        let bits = bits.into_iter().map(|bit| vec![bit]).collect();
        lowering.random.insert(NodeId(at as u32), bits);
    }
    let last = last_reads(program);
    let mut dead: Vec<Vec<usize>> = vec![Vec::new(); program.nodes().len()];
    for (node, reader) in last.into_iter().enumerate() {
        if let Some(reader) = reader {
            dead[reader].push(node);
        }
    }
    for (at, dead) in dead.into_iter().enumerate() {
        let words = lowering.node(NodeId(at as u32));
        lowering.values.push(words);
        for node in dead {
            lowering.values[node] = Vec::new();
        }
    }
    let mut outputs = Vec::with_capacity(program.outputs().len());
    for (at, output) in program.outputs().iter().enumerate() {
        let bits = lowering.values[output.node.index()].concat();
        let name = &output.name;
        let same = program.outputs()[..at].iter().any(|earlier| earlier.name == *name);
        let name = if same { format!("{name}#{at}") } else { name.to_string() };
        lowering.builder.output(name, &bits);
        outputs.push((lowering.word(output.node), output.len));
    }
    for (at, node) in program.kept().iter().enumerate() {
        let bits = lowering.values[node.index()].concat();
        lowering.builder.output(format!("kept#{at}"), &bits);
    }
    let words = Words { columns, random_bits, outputs };
    Ok(Lowered { circuit: lowering.builder.build()?, words })
}

/// The last node that reads each node; none for outputs and what only they read.
fn last_reads(program: &Program) -> Vec<Option<usize>> {
    let nodes = program.nodes();
    let mut last = vec![None; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        for operand in node.operation.operands() {
            last[operand.index()] = Some(at);
            let (Operation::Add(..), Operation::Mul(a, b)) =
                (&node.operation, &nodes[operand.index()].operation)
            else {
                continue;
            };
            // A sum may be a choice, which is made of the operands of the difference in it.
            for factor in [a, b] {
                last[factor.index()] = Some(at);
                let below = nodes[factor.index()].operation.operands();
                below.into_iter().for_each(|id| last[id.index()] = Some(at));
            }
        }
    }
    let outputs = program.outputs().iter().map(|output| output.node);
    for id in outputs.chain(program.kept().iter().copied()) {
        last[id.index()] = None;
    }
    last
}

struct Lowering<'a> {
    program: &'a Program,
    builder: Builder,
    /// Elements of each column.
    columns: Vec<Vec<Vec<Bit>>>,
    /// Elements of the random bits that were not reached yet.
    random: BTreeMap<NodeId, Vec<Vec<Bit>>>,
    /// Elements of each node, as wide as its range; empty once nobody reads them any more.
    values: Vec<Vec<Vec<Bit>>>,
}

impl Lowering<'_> {
    /// Puts the lowest value of a range in the place of what lies outside.
    fn clamp(&mut self, bits: &mut Vec<Bit>, word: Word, range: Range) {
        let of = |value: i128| -> Vec<Bit> { word.encode(value).map(Bit::Const).collect() };
        let (low, high) = (of(range.lo), of(range.hi));
        let less = |builder: &mut Builder, a: &[Bit], b: &[Bit]| match word.signed {
            true => builder.less_signed(a, b),
            false => builder.less(a, b),
        };
        let below = less(&mut self.builder, bits, &low);
        let above = less(&mut self.builder, &high, bits);
        let outside = self.builder.or(below, above);
        *bits = self.builder.select(outside, &low, bits);
    }

    fn word(&self, id: NodeId) -> Word {
        Word::of(self.program.nodes()[id.index()].range)
    }

    /// The elements of a node at another width.
    fn at(&self, id: NodeId, width: usize) -> Vec<Vec<Bit>> {
        let word = self.word(id);
        self.values[id.index()].iter().map(|bits| word.extend(bits, width)).collect()
    }

    fn node(&mut self, id: NodeId) -> Vec<Vec<Bit>> {
        let node = &self.program.nodes()[id.index()];
        let width = self.word(id).width as usize;
        if node.range.lo == node.range.hi {
            return vec![self.public(node.range.lo, width); node.len];
        }
        match &node.operation {
            Operation::Input(index) => {
                let word = Word::of(self.program.inputs()[*index].range);
                self.columns[*index].iter().map(|bits| word.extend(bits, width)).collect()
            }
            Operation::Const(values) => {
                values.iter().map(|value| self.public(*value, width)).collect()
            }
            Operation::RandomBits => self.random.remove(&id).unwrap_or_default(),
            Operation::Add(a, b) => self.pairs(*a, *b, width, Builder::add),
            Operation::Sub(a, b) => self.pairs(*a, *b, width, Builder::subtract),
            Operation::Scale { a, by } => {
                let a = self.at(*a, width);
                a.iter().map(|a| self.scale(a, *by)).collect()
            }
            Operation::ScaleEach { a, by } => {
                let a = self.at(*a, width);
                a.iter().zip(by).map(|(a, by)| self.scale(a, *by)).collect()
            }
            Operation::Sum { a, groups } => {
                let a = self.at(*a, width);
                a.chunks(a.len() / groups).map(|group| self.sum(group, width)).collect()
            }
            Operation::Gather { a, indices } => {
                let a = self.at(*a, width);
                indices.iter().map(|index| a[*index as usize].clone()).collect()
            }
            Operation::Concat(parts) => {
                parts.iter().flat_map(|part| self.at(*part, width)).collect()
            }
            Operation::Mul(a, b) => self.products(*a, *b, width),
            Operation::And(a, b) => self.pairs(*a, *b, width, Builder::and_words),
            Operation::Xor(a, b) => self.pairs(*a, *b, width, Builder::xor_words),
            Operation::Not(a) => {
                let a = self.at(*a, width);
                a.iter().map(|a| self.builder.not_word(a)).collect()
            }
            Operation::Gates { circuit, a } => self.gates(circuit.circuit(), *a),
            Operation::Inject(a) | Operation::LowBit(a) => self.at(*a, width),
            Operation::Select { condition, a, b } => self.select(*condition, *a, *b, width),
            Operation::Dot { a, b, groups } => {
                let products = self.products(*a, *b, width);
                let group = products.len() / groups;
                products.chunks(group).map(|group| self.sum(group, width)).collect()
            }
            Operation::Less(a, b) => self.compare(*a, *b, width, |builder, a, b, signed| {
                if signed { builder.less_signed(a, b) } else { builder.less(a, b) }
            }),
            Operation::Equal(a, b) => {
                self.compare(*a, *b, width, |builder, a, b, _| builder.equal(a, b))
            }
            Operation::Truncate { a, shift, .. } => {
                let whole = self.word(*a).width.max(*shift) as usize + width;
                let a = self.at(*a, whole);
                a.iter().map(|a| a[*shift as usize..*shift as usize + width].to_vec()).collect()
            }
        }
    }

    /// A circuit's gates among the others.
    fn gates(&mut self, circuit: &Circuit, a: NodeId) -> Vec<Vec<Bit>> {
        let mut wires: Vec<Bit> = Vec::with_capacity(circuit.wires() as usize);
        wires.extend(self.at(a, 1).into_iter().flatten());
        for gate in circuit.gates() {
            let of = |wire: u32| wires[wire as usize];
            let wire = match *gate {
                Gate::And(left, right) => self.builder.and(of(left), of(right)),
                Gate::Xor(left, right) => self.builder.xor(of(left), of(right)),
                Gate::Not(operand) => self.builder.not(of(operand)),
                Gate::Const(bit) => Bit::Const(bit),
            };
            wires.push(wire);
        }
        circuit.output_wires().map(|wire| vec![wires[wire as usize]]).collect()
    }

    fn public(&self, value: i128, width: usize) -> Vec<Bit> {
        self.builder.constant(value.cast_unsigned(), width)
    }

    fn pairs(
        &mut self,
        a: NodeId,
        b: NodeId,
        width: usize,
        with: fn(&mut Builder, &[Bit], &[Bit]) -> Vec<Bit>,
    ) -> Vec<Vec<Bit>> {
        let (a, b) = (self.at(a, width), self.at(b, width));
        a.iter().zip(&b).map(|(a, b)| with(&mut self.builder, a, b)).collect()
    }

    /// Bits of a common width with room for all signs, and whether there are any.
    fn compare(
        &mut self,
        a: NodeId,
        b: NodeId,
        width: usize,
        with: fn(&mut Builder, &[Bit], &[Bit], bool) -> Bit,
    ) -> Vec<Vec<Bit>> {
        let words = [self.word(a), self.word(b)];
        let signed = words.iter().any(|word| word.signed);
        let needed = words.map(|word| word.width + u32::from(signed && !word.signed));
        let common = needed[0].max(needed[1]) as usize;
        let (a, b) = (self.at(a, common), self.at(b, common));
        let bit = |(a, b): (&Vec<Bit>, &Vec<Bit>)| {
            zero_extend(&[with(&mut self.builder, a, b, signed)], width)
        };
        a.iter().zip(&b).map(bit).collect()
    }

    fn select(&mut self, bit: NodeId, one: NodeId, zero: NodeId, width: usize) -> Vec<Vec<Bit>> {
        let (bits, ones, zeros) = (self.at(bit, 1), self.at(one, width), self.at(zero, width));
        let sides = ones.iter().zip(&zeros);
        bits.iter()
            .zip(sides)
            .map(|(bit, (one, zero))| self.builder.select(bit[0], one, zero))
            .collect()
    }

    fn products(&mut self, a: NodeId, b: NodeId, width: usize) -> Vec<Vec<Bit>> {
        let (x, y) = (self.word(a), self.word(b));
        let (left, right) = (self.values[a.index()].clone(), self.values[b.index()].clone());
        let pairs = left.iter().zip(&right);
        pairs.map(|(left, right)| self.product((x, left), (y, right), width)).collect()
    }

    /// A product modulo `2^width`.
    fn product(&mut self, a: (Word, &[Bit]), b: (Word, &[Bit]), width: usize) -> Vec<Bit> {
        let is_bit = |word: Word| !word.signed && word.width == 1;
        for ((word, bit), (other, factor)) in [(a, b), (b, a)] {
            if is_bit(word) {
                let factor = other.extend(factor, width);
                return factor.iter().map(|other| self.builder.and(bit[0], *other)).collect();
            }
        }
        if !a.0.signed && !b.0.signed {
            return self.builder.multiply(a.1, b.1, width);
        }
        let [a, b] = [a, b].map(|(word, bits)| {
            let width = word.width + u32::from(!word.signed);
            word.extend(bits, width as usize)
        });
        let product = self.builder.multiply_signed(&a, &b);
        sign_extend(&product, width)
    }

    fn sum(&mut self, group: &[Vec<Bit>], width: usize) -> Vec<Bit> {
        let group: Vec<&[Bit]> = group.iter().map(Vec::as_slice).collect();
        self.builder.sum(&group, width)
    }

    /// A word times a public number, at the word's width: an addition or subtraction per non-zero
    /// digit of its non-adjacent form (Reitwiesner 1960), of which there are fewest.
    fn scale(&mut self, word: &[Bit], by: i128) -> Vec<Bit> {
        let width = word.len();
        let mut rows: Vec<Vec<Bit>> = Vec::new();
        // -x 2^k = (not x) 2^k + 2^k.
        let mut corrections: u128 = 0;
        let mut rest = by;
        for shift in 0..width.min(127) {
            if rest & 1 == 1 {
                let negative = rest & 2 != 0;
                rest = if negative { rest.wrapping_add(1) } else { rest - 1 };
                let mut row = vec![Bit::ZERO; shift];
                let kept = &word[..width - shift];
                if negative {
                    row.extend(self.builder.not_word(kept));
                    corrections = corrections.wrapping_add(1 << shift);
                } else {
                    row.extend_from_slice(kept);
                }
                rows.push(row);
            }
            rest >>= 1;
        }
        if corrections != 0 {
            rows.push(self.builder.constant(corrections, width));
        }
        self.sum(&rows, width)
    }
}

impl Word {
    fn extend(self, bits: &[Bit], width: usize) -> Vec<Bit> {
        if self.signed { sign_extend(bits, width) } else { zero_extend(bits, width) }
    }
}
