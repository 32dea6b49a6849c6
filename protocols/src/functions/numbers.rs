//! Columns of numbers that are only compared, of up to 128 bits.

use super::FunctionError;
use super::decimals::Scale;
use super::error::allow;
use super::sample::column;
use crate::program::{Builder, Halves, Inputs, MAX_WIDE_BITS, Name, ProgramError, Range, Wide};

/// Wider numbers are shared as two halves: with a statistical mask, they would fit no field.
const MAX_NARROW_BITS: u32 = 64;

/// The numbers of a column.
///
/// Functions reckon with values in the order of the numbers: raw values, but of wide numbers without
/// sign what they are above 2^127.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    bits: u32,
    signed: bool,
    scale: Scale,
}

impl Numbers {
    /// Numbers of 1 to 128 bits without sign, or of 2 to 128 bits with one. Wide ones are whole.
    pub(super) fn checked(
        bits: u32,
        signed: bool,
        decimals: Option<u32>,
    ) -> Result<Self, FunctionError> {
        allow("bits", bits, 1 + u32::from(signed)..=MAX_WIDE_BITS)?;
        let scale = Scale::checked(decimals.filter(|_| bits <= MAX_NARROW_BITS))?;
        match decimals.filter(|decimals| *decimals > 0 && bits > MAX_NARROW_BITS) {
            None => Ok(Numbers { bits, signed, scale }),
            Some(decimals) => {
                let allowed =
                    format!("0, as numbers of more than {MAX_NARROW_BITS} bits are whole");
                let given = decimals.to_string();
                Err(FunctionError::Parameter { name: "decimals", given, allowed })
            }
        }
    }

    /// Those of parameters that are known to be allowed.
    pub(super) fn of(bits: u32, signed: bool, decimals: Option<u32>) -> Self {
        Numbers { bits, signed, scale: Scale::of(decimals) }
    }

    /// The halves of wide numbers.
    fn halves(self) -> Option<Halves> {
        let Numbers { bits, signed, .. } = self;
        (bits > MAX_NARROW_BITS).then_some(Halves { bits, signed })
    }

    /// All values.
    pub(super) fn range(self) -> Range {
        let least = i128::MIN >> (i128::BITS - self.bits.clamp(1, i128::BITS));
        match (self.halves(), self.signed) {
            (None, true) => self.scale.signed(self.bits),
            (None, false) => self.scale.unsigned(self.bits),
            (Some(_), true) => Range { lo: least, hi: !least },
            (Some(_), false) => {
                Range { lo: self.value(0), hi: self.value(2 * (!least).cast_unsigned() + 1) }
            }
        }
    }

    /// The value of a number.
    pub(super) fn value(self, number: u128) -> i128 {
        number.wrapping_sub(self.zero()).cast_signed()
    }

    /// The number of value 0.
    fn zero(self) -> u128 {
        if self.halves().is_some() && !self.signed { 1 << 127 } else { 0 }
    }

    /// Declares a column.
    pub(super) fn input(
        self,
        builder: &mut Builder,
        name: impl Into<Name>,
        party: usize,
        len: usize,
    ) -> Result<Wide, ProgramError> {
        let range = self.range();
        match self.halves() {
            Some(halves) => builder.input_wide(name, party, len, halves),
            None => Ok(builder.input_in(name, party, len, self.scale.ty(range), range)?.into()),
        }
    }

    /// Opens one number.
    pub(super) fn output(
        self,
        builder: &mut Builder,
        name: &str,
        number: &Wide,
    ) -> Result<(), ProgramError> {
        builder.output_wide(name, number, self.scale.decoding(1))
    }

    /// What columns of these numbers are called, that of the lowest bits first.
    pub(super) fn names(self, name: &str) -> Vec<String> {
        self.halves().map_or_else(|| vec![name.to_owned()], |halves| halves.names(name).to_vec())
    }

    /// What a party brings.
    pub(super) fn columns(self, name: &str, values: Vec<i128>) -> Inputs {
        match self.halves() {
            Some(halves) => {
                let number = |value: &i128| value.cast_unsigned().wrapping_add(self.zero());
                halves.columns(name, &values.iter().map(number).collect::<Vec<u128>>())
            }
            None => column(name, values),
        }
    }

    /// What a party brings with these numbers without sign.
    pub(super) fn columns_of(self, name: &str, numbers: &[u128]) -> Inputs {
        match self.halves() {
            Some(halves) => halves.columns(name, numbers),
            None => column(name, numbers.iter().map(|number| number.cast_signed()).collect()),
        }
    }

    /// The numbers without sign that a party brings; none if there is no such column.
    pub(super) fn numbers(self, name: &str, inputs: &Inputs) -> Vec<u128> {
        match self.halves() {
            Some(halves) => halves.numbers(name, inputs),
            None => {
                let values = inputs.integers(name).unwrap_or_default();
                values.iter().map(|value| value.cast_unsigned()).collect()
            }
        }
    }

    /// The values that a party brings; none if there is no such column.
    pub(super) fn values(self, name: &str, inputs: &Inputs) -> Vec<i128> {
        match self.halves() {
            Some(halves) => {
                let numbers = halves.numbers(name, inputs).into_iter();
                numbers.map(|number| self.value(number)).collect()
            }
            None => inputs.integers(name).unwrap_or_default().to_vec(),
        }
    }
}
