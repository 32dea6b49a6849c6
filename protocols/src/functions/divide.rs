use std::sync::Arc;

use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair};
use super::sample::{bell, column, log_uniform, uniform};
use super::{Function, FunctionError, Task, Truncation};
use crate::program::{Builder, Decoding, Division, ErrorBound, Inputs, Range};

/// One party's values over another's.
pub struct Divide;

/// Parameters of [`Divide`]. The defaults keep every value within 63 bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DivideParams {
    /// Width of a value, bits with sign: 2 to 48.
    pub bits: u32,
    /// Values per party.
    pub length: usize,
    /// Fractional bits of the quotient: 0 to 40.
    pub frac: u32,
    /// Fractional bits of the secret reciprocal: 8 to 60.
    pub precision: u32,
    /// How fixed-point numbers are truncated.
    pub truncation: Truncation,
    /// Decimals of a value, at most 18; as many as given inputs have if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for DivideParams {
    fn default() -> Self {
        DivideParams {
            bits: 16,
            length: 1,
            frac: 16,
            precision: 24,
            truncation: Truncation::Probabilistic,
            decimals: None,
        }
    }
}

impl DivideParams {
    fn range(&self) -> Range {
        Scale::of(self.decimals).signed(self.bits)
    }
}

impl Function for Divide {
    const NAME: &'static str = "divide";
    const ABOUT: &'static str = "quotients of two parties' values, of either sign";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `length` signed numbers \
        of `bits` bits, with `decimals` decimals; further input parties bring nothing. Everyone \
        learns `quotient`, the values of party 0 over those of party 1, position by position, in \
        fixed point with `frac` fractional bits, within the stated error; with exact truncation \
        the same in every protocol. Over a divisor of 0 the quotient is 0. A value outside its \
        width is refused.";
    type Params = DivideParams;

    fn build(params: &DivideParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 2..=48)?;
        allow("frac", params.frac, 0..=40)?;
        allow("precision", params.precision, 8..=60)?;
        let scale = Scale::checked(params.decimals)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let range = params.range();
        let ty = scale.ty(range);
        let dividend = builder.input_in("value", 0, params.length, ty, range)?;
        let divisor = builder.input_in("value", 1, params.length, ty, range)?;
        // The divisor is 0 or at least one unit.
        let division = Division {
            frac: params.frac,
            precision: params.precision,
            max_quotient: range.magnitude(),
            rounding: params.truncation.into(),
        };
        let quotient = builder.divide_signed(dividend, divisor, division)?;
        builder.output("quotient", quotient.node, Decoding::Fixed { frac: params.frac })?;
        let (absolute, relative) = (quotient.absolute, quotient.relative);
        builder.error_bound(ErrorBound {
            output: "quotient".into(),
            absolute,
            relative,
            of: "quotient".into(),
        });
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// Dividends of any size; divisors of every order of magnitude and either sign, never 0.
    fn generate(params: &DivideParams, party: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let range = params.range();
        let divisor = |rng: &mut dyn Rng| {
            let magnitude = log_uniform(rng, range.bits() - 1).clamp(1, range.hi);
            if rng.random() { magnitude } else { -magnitude }
        };
        let value = |rng: &mut dyn Rng| match party {
            0 => bell(rng, range),
            _ => divisor(rng),
        };
        match party {
            0 | 1 => column("value", (0..params.length).map(|_| value(rng)).collect()),
            _ => Inputs::new(),
        }
    }

    /// Dividend and divisor are doubled if both are honest, which not even roundings see. One alone
    /// is hidden behind a 0 of the other.
    fn equal_view_inputs(
        params: &DivideParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let range = params.range();
        let half = Range { lo: range.lo / 2, hi: range.hi / 2 };
        coalition.construct(rng, |rng| {
            let mut first = coalition.rows("value", rng);
            let mut draw =
                |range| -> Vec<i128> { (0..params.length).map(|_| uniform(rng, range)).collect() };
            let mut second = first.clone();
            match [0, 1].map(|party| coalition.is_honest(party)) {
                [true, true] => {
                    for party in [0, 1] {
                        first[party] = draw(half);
                        second[party] = first[party].iter().map(|value| 2 * value).collect();
                    }
                }
                [is_dividend, is_divisor] if is_dividend || is_divisor => {
                    let (hidden, zero) = if is_dividend { (0, 1) } else { (1, 0) };
                    first[zero].fill(0);
                    second[zero].fill(0);
                    second[hidden] = draw(range);
                }
                _ => return None,
            }
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}
