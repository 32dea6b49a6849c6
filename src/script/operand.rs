//! What stands on either side of an operator: secret vectors, public numbers, lists of both.

use mpclab_protocols::program::NodeId;
use rhai::{Array, Dynamic};

use super::state::{Outcome, Secret, State, refuse};

/// A public number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub(super) fn of(value: &Dynamic) -> Option<Self> {
        if let Ok(int) = value.as_int() {
            return Some(Number::Int(int));
        }
        if let Ok(bit) = value.as_bool() {
            return Some(Number::Int(i64::from(bit)));
        }
        value.as_float().ok().map(Number::Float)
    }

    pub(super) fn as_float(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }

    /// The nearest multiple of `2^-frac`, in that unit.
    pub(super) fn raw(self, frac: u32) -> Outcome<i128> {
        match self {
            Number::Int(int) => {
                let raw = i128::from(int).checked_mul(1 << frac.min(63));
                raw.map_or_else(|| refuse("this number is too large"), Ok)
            }
            Number::Float(float) if frac == 0 && float.fract() != 0.0 => refuse(format!(
                "{float} is no integer, and the other side is; `to_fixed(x, frac)` makes it fixed \
                 point"
            )),
            // Beyond 2^53 a float is no longer what is written.
            Number::Float(float) if frac == 0 && float.abs() > (1u64 << 53) as f64 => {
                refuse(format!(
                    "{float} may have lost digits: public integers have 64 bits; `constant(3) << \
                     70` makes larger ones"
                ))
            }
            Number::Float(float) => {
                let scaled = (float * (1u64 << frac.min(63)) as f64).round();
                if scaled.is_finite() && scaled.abs() < 1e37 {
                    return Ok(scaled as i128);
                }
                refuse(format!("{float} is too large"))
            }
        }
    }
}

/// One side of an operator.
pub(super) enum Operand {
    Secret(NodeId),
    /// At least one number.
    Public(Vec<Number>),
}

impl State {
    /// Reads a value of the script.
    pub(super) fn operand(&mut self, value: Dynamic) -> Outcome<Operand> {
        if let Some(secret) = value.read_lock::<Secret>() {
            return Ok(Operand::Secret(secret.0));
        }
        if let Some(number) = Number::of(&value) {
            return Ok(Operand::Public(vec![number]));
        }
        let what = super::words::a_type(value.type_name());
        match value.into_array() {
            Ok(list) if !list.is_empty() => self.list(list),
            Ok(_) => refuse("an empty list has no type"),
            Err(_) => refuse(format!("{what} is neither a secret nor a number")),
        }
    }

    fn list(&mut self, list: Array) -> Outcome<Operand> {
        let numbers: Option<Vec<Number>> = list.iter().map(Number::of).collect();
        if let Some(numbers) = numbers {
            return Ok(Operand::Public(numbers));
        }
        let mut parts = Vec::with_capacity(list.len());
        for value in list {
            if value.is_array() {
                return refuse("a list of lists; `concat` joins lists");
            }
            parts.push(self.operand(value)?);
        }
        let mut frac = 0;
        for part in &parts {
            if let Operand::Secret(id) = part {
                frac = frac.max(self.frac(*id)?);
            }
        }
        let ids: Outcome<Vec<NodeId>> =
            parts.into_iter().map(|part| self.with_frac(part, frac)).collect();
        let joined = self.builder.concat(ids?);
        Ok(Operand::Secret(self.made(joined)?.0))
    }

    /// A node; public integers become constants, other numbers need the fractional bits of a secret
    /// beside them.
    pub(super) fn node_of(&mut self, value: Dynamic) -> Outcome<NodeId> {
        let operand = self.operand(value)?;
        let frac = match &operand {
            Operand::Secret(id) => self.frac(*id)?,
            Operand::Public(_) => 0,
        };
        self.with_frac(operand, frac)
    }

    /// A node with exactly so many fractional bits, not fewer than it has.
    pub(super) fn with_frac(&mut self, operand: Operand, frac: u32) -> Outcome<NodeId> {
        match operand {
            Operand::Secret(id) if self.frac(id)? == frac => Ok(id),
            Operand::Secret(id) => {
                let shift = frac.saturating_sub(self.frac(id)?).min(120);
                let scaled = self.builder.scale_to(id, 1 << shift, frac);
                Ok(self.made(scaled)?.0)
            }
            Operand::Public(numbers) => {
                let raw: Outcome<Vec<i128>> =
                    numbers.iter().map(|number| number.raw(frac)).collect();
                let made = self.builder.constant(raw?, frac);
                Ok(self.made(made)?.0)
            }
        }
    }

    /// Both sides with equal fractional bits and lengths; one value meets all of the other side.
    pub(super) fn aligned(&mut self, a: Dynamic, b: Dynamic) -> Outcome<(NodeId, NodeId)> {
        let (a, b) = (self.operand(a)?, self.operand(b)?);
        let mut frac = 0;
        for operand in [&a, &b] {
            if let Operand::Secret(id) = operand {
                frac = frac.max(self.frac(*id)?);
            }
        }
        let (a, b) = (self.with_frac(a, frac)?, self.with_frac(b, frac)?);
        self.stretched(a, b)
    }

    /// Repeats the side that has one element as often as the other has some.
    pub(super) fn stretched(&mut self, a: NodeId, b: NodeId) -> Outcome<(NodeId, NodeId)> {
        match (self.len(a)?, self.len(b)?) {
            (1, times) if times > 1 => Ok((self.repeated(a, times)?, b)),
            (times, 1) if times > 1 => Ok((a, self.repeated(b, times)?)),
            _ => Ok((a, b)),
        }
    }

    pub(super) fn repeated(&mut self, a: NodeId, times: usize) -> Outcome<NodeId> {
        let repeated = self.builder.repeat(a, times);
        Ok(self.made(repeated)?.0)
    }
}
