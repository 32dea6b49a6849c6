//! What a script takes and yields: parameters, inputs, outputs.

use mpclab_protocols::program::{Decoding, ErrorBound, NodeId, Range, Recipients, Type};
use rhai::{Array, Dynamic, INT, Map};
use serde_json::Value;

use super::arithmetic::frac_of;
use super::failure::Failure;
use super::operand::Number;
use super::state::{Outcome, Secret, State, refuse};

/// What an input may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    ty: Type,
    range: Range,
}

/// Most bits of an input without sign.
const MAX_INPUT_BITS: INT = 120;

fn width(bits: INT) -> Outcome<u32> {
    if (1..=MAX_INPUT_BITS).contains(&bits) {
        return Ok(bits as u32);
    }
    refuse(format!("an input has 1 to {MAX_INPUT_BITS} bits"))
}

impl Kind {
    /// Integers with sign.
    pub(super) fn int(bits: INT) -> Outcome<Self> {
        let ty = Type::Int { bits: width(bits)? };
        Ok(Kind { ty, range: ty.range() })
    }

    /// Integers from 0 on.
    pub(super) fn uint(bits: INT) -> Outcome<Self> {
        let bits = width(bits)?;
        Ok(Kind { ty: Type::Int { bits: bits + 1 }, range: Range::unsigned(bits) })
    }

    pub(super) fn bit() -> Self {
        Kind { ty: Type::Bit, range: Range::BIT }
    }

    /// Fixed point with sign.
    pub(super) fn fixed(bits: INT, frac: INT) -> Outcome<Self> {
        let (bits, frac) = (width(bits)?, frac_of(frac)?);
        if frac == 0 {
            return refuse("fixed point has at least one fractional bit");
        }
        let ty = Type::Fixed { bits, frac };
        Ok(Kind { ty, range: ty.range() })
    }

    /// The same with narrower bounds, both included.
    pub(super) fn between(self, low: Dynamic, high: Dynamic) -> Outcome<Self> {
        let (Some(low), Some(high)) = (Number::of(&low), Number::of(&high)) else {
            return refuse("bounds are numbers");
        };
        let frac = self.ty.frac();
        let range = Range { lo: low.raw(frac)?, hi: high.raw(frac)? };
        if range.lo > range.hi || !self.range.covers(range) {
            return refuse(format!("these bounds are not within {}", self.ty));
        }
        Ok(Kind { range, ..self })
    }
}

/// How many elements a vector has.
pub(super) fn length(len: INT) -> Outcome<usize> {
    match usize::try_from(len) {
        Ok(len) if len > 0 => Ok(len),
        _ => refuse(format!("a length of {len}: a vector has at least one element")),
    }
}

impl State {
    /// A column that a party brings.
    pub(super) fn input(
        &mut self,
        party: INT,
        name: &str,
        kind: Kind,
        len: INT,
    ) -> Outcome<Secret> {
        let Some(party) = usize::try_from(party).ok().filter(|party| *party < self.parties.input)
        else {
            let parties = self.parties.input;
            return refuse(format!("there is no input party {party} among {parties}, from 0"));
        };
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) || name == "party" {
            return refuse("a column's name has letters, digits and `_`, and is not `party`");
        }
        let len = length(len)?;
        self.need_room(len)?;
        let made = self.builder.input_in(name, party, len, kind.ty, kind.range);
        self.made(made)
    }

    /// A column that all parties bring; a list of one vector for each.
    pub(super) fn inputs(&mut self, name: &str, kind: Kind, len: INT) -> Outcome<Array> {
        let parties = 0..self.parties.input as INT;
        parties.map(|party| Ok(Dynamic::from(self.input(party, name, kind, len)?))).collect()
    }

    /// Opens values to some output parties, or all.
    pub(super) fn output(
        &mut self,
        name: &str,
        value: Dynamic,
        to: Option<Dynamic>,
    ) -> Outcome<()> {
        let id = self.node_of(value)?;
        let decoding = match self.frac(id)? {
            0 => Decoding::Integer,
            frac => Decoding::Fixed { frac },
        };
        self.open(name, id, decoding, to)
    }

    /// Opens integers that stand for quotients by a public number.
    pub(super) fn output_ratio(
        &mut self,
        name: &str,
        value: Dynamic,
        by: INT,
        to: Option<Dynamic>,
    ) -> Outcome<()> {
        let id = self.node_of(value)?;
        match u128::try_from(by) {
            Ok(divisor) if divisor > 0 && self.frac(id)? == 0 => {
                self.open(name, id, Decoding::Quotient { divisor }, to)
            }
            _ => refuse("`output_ratio` takes integers and a divisor of at least 1"),
        }
    }

    fn open(
        &mut self,
        name: &str,
        id: NodeId,
        decoding: Decoding,
        to: Option<Dynamic>,
    ) -> Outcome<()> {
        if name.is_empty() {
            return refuse("an output needs a name");
        }
        let to = match to {
            None => Recipients::All,
            Some(to) => self.recipients(to)?,
        };
        self.builder.output_to(name, id, decoding, to).map_err(|error| error.to_string().into())
    }

    /// The output parties of a position or a list of positions.
    fn recipients(&self, to: Dynamic) -> Outcome<Recipients> {
        let list = if to.is_array() { to.into_array().unwrap_or_default() } else { vec![to] };
        let mut parties = Vec::with_capacity(list.len());
        for party in list {
            let Ok(position) = party.as_int() else {
                return refuse("who learns an output is a position or a list of positions");
            };
            match usize::try_from(position).ok().filter(|party| *party < self.parties.output) {
                Some(party) => parties.push(party),
                None => {
                    let all = self.parties.output;
                    return refuse(format!(
                        "there is no output party {position} among {all}, from 0"
                    ));
                }
            }
        }
        parties.sort_unstable();
        parties.dedup();
        match parties.len() {
            0 => refuse("nobody would learn this output"),
            all if all == self.parties.output => Ok(Recipients::All),
            _ => Ok(Recipients::These(parties)),
        }
    }

    /// States how far an output may be from the real-valued function.
    pub(super) fn error_bound(&mut self, output: &str, absolute: f64) -> Outcome<()> {
        if !absolute.is_finite() || absolute < 0.0 {
            return refuse("an error is a number of at least 0");
        }
        let (output, of) = (output.into(), output.into());
        self.bounds.push(ErrorBound { output, absolute, relative: 0.0, of });
        Ok(())
    }

    /// A parameter of the scenario; one without default has to be given.
    pub(super) fn param(&mut self, name: &str, default: Option<Dynamic>) -> Outcome<Dynamic> {
        self.asked.insert(name.to_owned());
        let given = self.given.get(name).filter(|given| !given.is_null()).cloned();
        let wrong = |state: &mut State, message: &str| {
            state.wrong_param.get_or_insert_with(|| Failure::param(name, message));
            refuse(format!("parameter `{name}` {message}"))
        };
        match (given, default) {
            (None, None) => wrong(self, "is missing"),
            (None, Some(default)) => Ok(default),
            (Some(given), default) => match (dynamic(&given), default) {
                (None, _) => wrong(self, "holds a number that is too large"),
                (Some(value), None) => Ok(value),
                (Some(value), Some(default)) => match fitted(value, &default) {
                    Some(value) => Ok(value),
                    None => wrong(self, &format!("must be of the kind of {default}")),
                },
            },
        }
    }
}

/// A value as the default's type; a whole number may stand where any number may.
fn fitted(value: Dynamic, default: &Dynamic) -> Option<Dynamic> {
    if value.type_id() == default.type_id() {
        return Some(value);
    }
    let int = value.as_int().ok()?;
    default.is_float().then(|| Dynamic::from_float(int as f64))
}

/// A parameter's value in the language; none if a number does not fit.
fn dynamic(value: &Value) -> Option<Dynamic> {
    Some(match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(bit) => Dynamic::from_bool(*bit),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Dynamic::from_int(int),
            (None, Some(float)) if !number.is_u64() => Dynamic::from_float(float),
            _ => return None,
        },
        Value::String(text) => Dynamic::from(text.clone()),
        Value::Array(list) => {
            let list: Option<Array> = list.iter().map(dynamic).collect();
            Dynamic::from_array(list?)
        }
        Value::Object(map) => {
            let entry =
                |(key, value): (&String, &Value)| Some((key.as_str().into(), dynamic(value)?));
            let map: Option<Map> = map.iter().map(entry).collect();
            Dynamic::from_map(map?)
        }
    })
}
