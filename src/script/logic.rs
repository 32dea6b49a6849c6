//! Secret bits. Today they are the integers 0 and 1; this module is all that would change.

use mpclab_protocols::program::{Builder, NodeId, ProgramError, Type};
use rhai::Dynamic;

use super::operand::{Number, Operand};
use super::state::{Outcome, Secret, State, refuse};

type Connective = fn(&mut Builder, NodeId, NodeId) -> Result<NodeId, ProgramError>;

impl State {
    /// A node of bits; public ones may be `true` and `false`.
    pub(super) fn bits(&mut self, value: Dynamic) -> Outcome<NodeId> {
        match self.operand(value)? {
            Operand::Secret(id) if self.node(id)?.ty == Type::Bit => Ok(id),
            Operand::Secret(id) => {
                let ty = self.node(id)?.ty;
                refuse(format!("a bit is needed; this is {ty}; `x != 0` makes one"))
            }
            Operand::Public(numbers) => {
                let bit = |number: &Number| match number {
                    Number::Int(0) => Ok(false),
                    Number::Int(1) => Ok(true),
                    _ => refuse("a bit is needed; this is another number"),
                };
                let bits: Outcome<Vec<bool>> = numbers.iter().map(bit).collect();
                let made = self.builder.constant_bits(&bits?);
                Ok(self.made(made)?.0)
            }
        }
    }

    fn connect(&mut self, a: Dynamic, b: Dynamic, with: Connective) -> Outcome<Secret> {
        let (a, b) = (self.bits(a)?, self.bits(b)?);
        let (a, b) = self.stretched(a, b)?;
        let made = with(&mut self.builder, a, b);
        self.made(made)
    }

    pub(super) fn and(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        self.connect(a, b, Builder::and)
    }

    pub(super) fn or(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        self.connect(a, b, Builder::or)
    }

    pub(super) fn xor(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        self.connect(a, b, Builder::xor)
    }

    pub(super) fn not(&mut self, a: Secret) -> Outcome<Secret> {
        let a = self.bits(Dynamic::from(a))?;
        let made = self.builder.not(a);
        self.made(made)
    }

    /// `a` where the bit is 1, else `b`.
    pub(super) fn select(&mut self, bit: Dynamic, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let bit = self.bits(bit)?;
        let (a, b) = self.aligned(a, b)?;
        let (bit, a) = self.stretched(bit, a)?;
        let (a, b) = self.stretched(a, b)?;
        let made = self.builder.select(bit, a, b);
        self.made(made)
    }
}
