//! Random small programs on every protocol that runs programs.

use mpclab_protocols::program::{
    Builder, Decoding, Inputs, NodeId, Program, ProgramError, Rounding, Type,
};
use mpclab_sim::vocabulary::Roles;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::harness::clients;
use crate::programs::on_some;

/// Values that are wider take no further part, so that masks fit in the small field.
const MAX_BITS: u32 = 40;
const MAX_LEN: usize = 12;
const OUTPUTS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// An operation and what picks its operands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pick {
    pub(crate) operation: u8,
    pub(crate) a: u16,
    pub(crate) b: u16,
    pub(crate) c: u16,
}

/// A column of an input party: its width, and for each value an end of the range or something
/// between.
pub(crate) type Column = (u32, Vec<(u8, i128)>);

/// Grows a program; what the builder refuses is left out.
struct Grower {
    builder: Builder,
    pool: Vec<NodeId>,
}

impl Grower {
    fn node(&self, pick: u16) -> NodeId {
        self.pool[usize::from(pick) % self.pool.len()]
    }

    fn len(&self, id: NodeId) -> usize {
        self.builder.node(id).map_or(1, |node| node.len)
    }

    /// A node, repeated or cut to a length.
    fn fitted(&mut self, pick: u16, len: usize) -> Result<NodeId, ProgramError> {
        let id = self.node(pick);
        let has = self.len(id);
        if has == len {
            return Ok(id);
        }
        self.builder
            .gather(id, (0..len).map(|at| ((at + usize::from(pick)) % has) as u32).collect())
    }

    fn grow(&mut self, pick: Pick) -> Result<NodeId, ProgramError> {
        let Pick { operation, a, b, c } = pick;
        let x = self.node(a);
        let len = self.len(x);
        let divisors: Vec<usize> = (1..=len).filter(|groups| len.is_multiple_of(*groups)).collect();
        let groups = divisors[usize::from(c) % divisors.len()];
        let small = |pick: u16| i128::from(pick % 17) - 8;
        let y = self.fitted(b, len)?;
        let builder = &mut self.builder;
        match operation % 20 {
            0 => builder.add(x, y),
            1 => builder.sub(x, y),
            2 | 3 => builder.mul(x, y),
            4 | 5 => builder.dot(x, y, groups),
            6 => builder.less(x, y),
            7 => builder.equal(x, y),
            8 => builder.max(x, y),
            9 => {
                let bit = builder.less(y, x)?;
                let other = self.fitted(c, len)?;
                self.builder.select(bit, y, other)
            }
            10 | 11 => {
                let bits = builder.node(x)?.range.bits();
                let shift = 1 + u32::from(c) % bits.saturating_sub(1).max(1);
                let rounding = [Rounding::Floor, Rounding::Either][usize::from(b % 2)];
                builder.truncate(x, shift, rounding)
            }
            12 => builder.concat(vec![x, y, x]),
            13 => builder.sum(x, groups),
            14 => builder.scale_each(x, (0..len).map(|at| small(c + at as u16)).collect()),
            16 => {
                let bits = [self.bits(x, y)?, self.bits(y, x)?];
                self.builder.select(bits[0], bits[1], bits[0])
            }
            17 => {
                let bits = [self.bits(x, y)?, self.bits(y, x)?];
                self.builder.and(bits[0], bits[1])
            }
            18 => {
                let bits = [self.bits(x, y)?, self.bits(y, x)?];
                self.builder.xor(bits[0], bits[1])
            }
            19 => {
                let bits = self.bits(x, y)?;
                self.builder.not(bits)
            }
            _ => {
                let c = builder.constant((0..len).map(|at| small(b + at as u16)).collect(), 0)?;
                builder.sub(c, x)
            }
        }
    }

    /// A vector if it is one of bits, else whether its elements are less than the other's.
    fn bits(&mut self, a: NodeId, other: NodeId) -> Result<NodeId, ProgramError> {
        match self.builder.node(a)?.ty {
            Type::Bit => Ok(a),
            _ => self.builder.less(a, other),
        }
    }

    fn keep(&mut self, id: NodeId) {
        let fits = |node: &mpclab_protocols::program::Node| {
            node.range.bits() <= MAX_BITS && node.len <= MAX_LEN
        };
        if self.builder.node(id).is_ok_and(fits) {
            self.pool.push(id);
        }
    }
}

/// The program and what the parties bring. The outputs are the nodes that came last.
pub(crate) fn program(columns: &[Column], picks: &[Pick]) -> (Program, Vec<Inputs>) {
    let mut grower = Grower { builder: Builder::new(), pool: Vec::new() };
    let mut inputs = Vec::new();
    for (party, (bits, values)) in columns.iter().enumerate() {
        let ty = if *bits == 1 { Type::Bit } else { Type::Int { bits: *bits } };
        let range = ty.range();
        let value = |(kind, any): &(u8, i128)| match kind {
            0 => range.lo,
            1 => range.hi,
            _ => range.lo + any.rem_euclid(range.hi - range.lo + 1),
        };
        let id = grower.builder.input("x", party, values.len(), ty).expect("a small column");
        grower.pool.push(id);
        inputs.push(Inputs::from([(
            "x".to_owned(),
            values.iter().map(value).collect::<Vec<i128>>(),
        )]));
    }
    for pick in picks {
        if let Ok(id) = grower.grow(*pick) {
            grower.keep(id);
        }
    }
    let last = grower.pool.iter().rev().copied();
    for (name, id) in OUTPUTS.into_iter().zip(last.collect::<Vec<_>>()) {
        grower.builder.output(name, id, Decoding::Integer).expect("names differ");
    }
    (grower.builder.finish().expect("there are outputs"), inputs)
}

pub(crate) fn columns() -> impl Strategy<Value = Vec<Column>> {
    vec(
        (
            prop_oneof![Just(1), 1u32..12],
            vec((0u8..4, any::<i128>().prop_map(|value| value >> 8)), 1..5),
        ),
        3,
    )
}

pub(crate) fn picks() -> impl Strategy<Value = Vec<Pick>> {
    let pick = (any::<u8>(), 0u16..1000, 0u16..1000, 0u16..1000);
    vec(pick.prop_map(|(operation, a, b, c)| Pick { operation, a, b, c }), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn random_programs_yield_what_the_interpreter_does(
        columns in columns(),
        picks in picks(),
        with_clients: bool,
        pick in 0usize..24,
    ) {
        let (program, inputs) = program(&columns, &picks);
        let roles = if with_clients { clients(3, 3, &[1, 4]) } else { Roles::all(3) };
        prop_assert!(on_some(pick, &program, &roles, &inputs) > 0);
    }
}
