//! Numbers that are wider than a value of a program: vectors of limbs.
//!
//! The party that brings a number shares its limbs, so each is as narrow as an engine's comparison
//! wants it. All limbs of two numbers are compared in the same rounds, and one product brings in
//! each limb but the lowest.

use super::builder::Draft;
use super::{
    Builder, Decoding, InputDecl, Inputs, Name, Node, NodeId, Operation, ProgramError, Range, Type,
};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// No column holds wider numbers.
pub const MAX_WIDE_BITS: u32 = 128;

/// A vector of numbers: one vector for each limb, the lowest first. A sign is the highest limb's,
/// all others are from 0 to `2^bits - 1`, so an order of limbs is one of the numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wide {
    limbs: Vec<NodeId>,
    /// Bits of each limb but the highest.
    bits: u32,
}

impl Wide {
    /// The limbs, the lowest first.
    #[must_use]
    pub fn limbs(&self) -> &[NodeId] {
        &self.limbs
    }

    /// The same limbs, each changed in the same way.
    pub(super) fn map(&self, mut with: impl FnMut(NodeId) -> Result<NodeId>) -> Result<Self> {
        let limbs: Result<Vec<NodeId>> = self.limbs.iter().map(|limb| with(*limb)).collect();
        Ok(Wide { limbs: limbs?, bits: self.bits })
    }

    /// Limbs of two numbers that stand in the same place, joined.
    fn zip(
        &self,
        other: &Wide,
        mut with: impl FnMut(NodeId, NodeId) -> Result<NodeId>,
    ) -> Result<Self> {
        if self.limbs.len() != other.limbs.len() || self.bits != other.bits {
            let (left, right) = (self.limbs.len(), other.limbs.len());
            return Err(ProgramError::Length { operation: "limbs", left, right });
        }
        let pairs = self.limbs.iter().zip(&other.limbs);
        let limbs: Result<Vec<NodeId>> = pairs.map(|(a, b)| with(*a, *b)).collect();
        Ok(Wide { limbs: limbs?, bits: self.bits })
    }
}

/// A vector of narrow numbers: a single limb.
impl From<NodeId> for Wide {
    fn from(limb: NodeId) -> Self {
        Wide { limbs: vec![limb], bits: 0 }
    }
}

impl InputDecl {
    /// The column that people write: of a limb, the one that holds the whole number.
    #[must_use]
    pub fn column(&self) -> &str {
        match self.ty {
            Type::Limb { at: 0, .. } => self.name.strip_suffix(LOW).unwrap_or(&self.name),
            Type::Limb { .. } => self.name.strip_suffix(HIGH).unwrap_or(&self.name),
            _ => &self.name,
        }
    }
}

/// How the numbers of a column stand in two columns of half the bits each, `name.low` and
/// `name.high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halves {
    /// Width of a number, 2 to [`MAX_WIDE_BITS`].
    pub bits: u32,
    /// Whether it is two's complement; else it has no sign.
    pub signed: bool,
}

impl Halves {
    /// Bits of the lower half; the higher has as many or one less.
    fn lower(self) -> u32 {
        self.bits.div_ceil(2)
    }

    /// What both columns are called, that of the lower halves first.
    #[must_use]
    pub fn names(self, name: &str) -> [String; 2] {
        [LOW, HIGH].map(|end| format!("{name}{end}"))
    }

    /// The columns of numbers that fit, those below zero as `2^128` more.
    #[must_use]
    pub fn columns(self, name: &str, numbers: &[u128]) -> Inputs {
        let mask = (1u128 << self.lower().min(127)) - 1;
        let high = |number: &u128| match self.signed {
            true => number.cast_signed() >> self.lower().min(127),
            false => (number >> self.lower().min(127)).cast_signed(),
        };
        let [lower, upper] = self.names(name);
        Inputs::from([
            (lower, numbers.iter().map(|n| (n & mask).cast_signed()).collect()),
            (upper, numbers.iter().map(high).collect::<Vec<i128>>()),
        ])
    }

    /// The numbers of such columns; none if a column is missing.
    #[must_use]
    pub fn numbers(self, name: &str, inputs: &Inputs) -> Vec<u128> {
        let column = |end| inputs.integers(&format!("{name}{end}")).unwrap_or_default();
        let halves = column(LOW).iter().zip(column(HIGH));
        let join = |(low, high): (&i128, &i128)| {
            low.cast_unsigned() | high.cast_unsigned().wrapping_shl(self.lower())
        };
        halves.map(join).collect()
    }
}

/// What the columns of the two halves of a number end in.
const LOW: &str = ".low";
const HIGH: &str = ".high";

impl Builder {
    /// Declares wide numbers that an input party brings, as two columns.
    ///
    /// # Errors
    /// The party has such a column already; the length or width is not allowed.
    pub fn input_wide(
        &mut self,
        name: impl Into<Name>,
        party: usize,
        len: usize,
        halves: Halves,
    ) -> Result<Wide> {
        let (name, half, Halves { bits, signed }) = (name.into(), halves.lower(), halves);
        if !(2..=MAX_WIDE_BITS).contains(&bits) {
            let (ty, range) = (Type::Int { bits }, Range::signed(bits));
            return Err(ProgramError::Width { name, range, ty });
        }
        let low = Type::Limb { at: 0, bits: half, signed: false };
        let high = Type::Limb { at: half, bits: bits - half, signed };
        let limbs = vec![
            self.input(format!("{name}{LOW}"), party, len, low)?,
            self.input(format!("{name}{HIGH}"), party, len, high)?,
        ];
        Ok(Wide { limbs, bits: half })
    }

    /// Bit: `a < b`. Of numbers of one limb it is [`Builder::less`].
    ///
    /// # Errors
    /// Lengths or numbers of limbs differ; a difference of limbs overflows.
    pub fn less_wide(&mut self, a: &Wide, b: &Wide) -> Result<NodeId> {
        let bits = a.zip(b, |x, y| self.less(x, y))?.limbs;
        let Some((&lowest, higher)) = bits.split_first() else {
            return Err(ProgramError::Size { operation: "less_wide", len: 0 });
        };
        let mut less = lowest;
        for (&larger, (&x, &y)) in higher.iter().zip(a.limbs.iter().zip(&b.limbs).skip(1)) {
            let equal = self.equal(x, y)?;
            // Never both: the higher limb decides, or it leaves the decision to the lower ones.
            let below = self.and(equal, less)?;
            less = self.either(larger, below)?;
        }
        Ok(less)
    }

    /// `a or b` for bits that are never 1 together: without a product.
    fn either(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let operation = Operation::Add(a, b);
        let (x, y) = self.alike(&operation, a, b)?;
        let (len, error) = (x.len, x.error.max(y.error));
        let id = self.push(Draft { operation, len, range: Some(Range::BIT), frac: 0, error })?;
        self.retype(id, Type::Bit);
        Ok(id)
    }

    /// `a` where the bit is 1, else `b`.
    ///
    /// # Errors
    /// The condition is no bit; lengths, limbs or fractional bits differ.
    pub fn select_wide(&mut self, condition: NodeId, a: &Wide, b: &Wide) -> Result<Wide> {
        a.zip(b, |x, y| self.select(condition, x, y))
    }

    /// The numbers at these positions.
    ///
    /// # Errors
    /// A position that does not exist; no positions.
    pub fn gather_wide(&mut self, a: &Wide, indices: &[u32]) -> Result<Wide> {
        a.map(|limb| self.gather(limb, indices.to_vec()))
    }

    /// One vector after the other.
    ///
    /// # Errors
    /// No vectors; limbs differ.
    pub fn concat_wide(&mut self, parts: &[Wide]) -> Result<Wide> {
        let Some((first, rest)) = parts.split_first() else {
            return Err(ProgramError::Size { operation: "concat", len: 0 });
        };
        let mut columns: Vec<Vec<NodeId>> = first.limbs.iter().map(|limb| vec![*limb]).collect();
        for part in rest {
            first.zip(part, |limb, _| Ok(limb))?;
            columns.iter_mut().zip(&part.limbs).for_each(|(column, limb)| column.push(*limb));
        }
        let limbs: Result<Vec<NodeId>> =
            columns.into_iter().map(|column| self.concat(column)).collect();
        Ok(Wide { limbs: limbs?, bits: first.bits })
    }

    /// Opens one number to all output parties: as it is if it has one limb, else limb by limb.
    ///
    /// # Errors
    /// An output of that name exists; more than one number.
    pub fn output_wide(
        &mut self,
        name: impl Into<Name>,
        number: &Wide,
        narrow: Decoding,
    ) -> Result<()> {
        let [.., highest] = number.limbs[..] else {
            return Err(ProgramError::Size { operation: "output", len: 0 });
        };
        let highest: &Node = self.node(highest)?;
        if highest.len != 1 {
            return Err(ProgramError::Length { operation: "output", left: highest.len, right: 1 });
        }
        let signed = highest.range.lo < 0;
        let (node, decoding) = match number.limbs[..] {
            [one] => (one, narrow),
            _ => {
                let limbs = self.concat(number.limbs.clone())?;
                (limbs, Decoding::Limbs { bits: number.bits, signed })
            }
        };
        self.output(name, node, decoding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Optimise, lower};
    use crate::program::{BatchKind, Program, interpret};
    use proptest::prelude::*;

    fn program(bits: u32, signed: bool) -> Program {
        let mut builder = Builder::new();
        let halves = Halves { bits, signed };
        let a = builder.input_wide("x", 0, 1, halves).expect("allowed");
        let b = builder.input_wide("x", 1, 1, halves).expect("allowed");
        let less = builder.less_wide(&a, &b).expect("narrow limbs");
        let larger = builder.select_wide(less, &b, &a).expect("alike");
        builder.output("less", less, Decoding::Integer).expect("new");
        builder.output_wide("larger", &larger, Decoding::Integer).expect("new");
        builder.finish().expect("it has outputs")
    }

    fn check(bits: u32, signed: bool, a: u128, b: u128) {
        let program = program(bits, signed);
        let halves = Halves { bits, signed };
        let inputs = [a, b].map(|number| halves.columns("x", &[number]));
        assert_eq!(halves.numbers("x", &inputs[0]), [a]);
        let outputs = interpret(&program, &inputs).expect("in range").outputs;
        let (less, larger) = if signed {
            let (a, b) = (a.cast_signed(), b.cast_signed());
            (a < b, a.max(b).to_string())
        } else {
            (a < b, a.max(b).to_string())
        };
        let text = format!("less = {}, larger = {larger}", u8::from(less));
        assert_eq!(program.describe(&outputs), text, "{a} < {b}, {bits} bits");
        let lowered = lower(&program, Optimise::Depth).expect("not too large");
        let bits = lowered.words.encode_all(&inputs).expect("all are there");
        let found = lowered.circuit.evaluate(&bits, 1).expect("as many bits");
        assert_eq!(lowered.words.decode(&found), outputs, "{a} < {b}");
    }

    #[test]
    fn ends_and_middles_compare_as_128_bit_numbers_do() {
        let middle = 1u128 << 127;
        let values = [0, 1, u128::from(u64::MAX), 1 << 64, middle - 1, middle, u128::MAX];
        for (a, b) in values.iter().flat_map(|a| values.map(|b| (*a, b))) {
            check(128, false, a, b);
            check(128, true, a, b);
        }
    }

    proptest! {
        #[test]
        fn any_width_compares(bits in 2u32..=128, a: u128, b: u128, same: bool) {
            let [a, mut b] = [a, b].map(|value| value >> (128 - bits));
            if same {
                b = a ^ (b & 3);
            }
            check(bits, false, a, b);
            let [a, b] = [a, b].map(|value| {
                ((value << (128 - bits)).cast_signed() >> (128 - bits)).cast_unsigned()
            });
            check(bits, true, a, b);
        }
    }

    #[test]
    fn all_limbs_are_compared_in_the_same_rounds() {
        let program = program(128, false);
        let batches = &program.schedule().batches;
        let kinds: Vec<BatchKind> = batches.iter().map(|batch| batch.kind).collect();
        let (less, equal) = (BatchKind::Less { bits: 65 }, BatchKind::Equal { bits: 65 });
        assert_eq!(kinds, [less, equal, BatchKind::And, BatchKind::Select]);
        assert_eq!(batches[0].members.len(), 2);
        assert_eq!(program.statistics().depth_interactive, 3);
    }

    #[test]
    fn columns_are_called_by_the_whole_number() {
        let program = program(127, true);
        let names: Vec<(&str, &str)> =
            program.inputs().iter().map(|decl| (decl.column(), &*decl.name)).collect();
        assert_eq!(names[..2], [("x", "x.low"), ("x", "x.high")]);
        let range = |at: usize| program.inputs()[at].range;
        assert_eq!([range(0), range(1)], [Range::unsigned(64), Range::signed(63)]);
    }

    #[test]
    fn widths_and_vectors_that_do_not_fit_are_refused() {
        let mut builder = Builder::new();
        for bits in [0, 1, 129] {
            let halves = Halves { bits, signed: false };
            assert!(builder.input_wide("x", 0, 1, halves).is_err(), "{bits}");
        }
        let mut input = |name, bits| {
            builder.input_wide(name, 0, 2, Halves { bits, signed: false }).expect("allowed")
        };
        let (wide, other) = (input("x", 128), input("y", 100));
        assert!(builder.less_wide(&wide, &other).is_err());
        assert!(builder.output_wide("two", &wide, Decoding::Integer).is_err());
    }
}
