use std::sync::Arc;

use rand::{Rng, RngExt};

use super::decimals::Scale;
use super::error::at_least;
use super::fixed_point::FixedPointParams;
use super::pairs::{Coalition, InputPair};
use super::sample::{bell, column, log_uniform, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Decoding, Division, Inputs, Range};

/// One party's values over another's.
pub struct Divide;

fn range(params: &FixedPointParams) -> Range {
    Scale::of(params.decimals).signed(params.bits)
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
    type Params = FixedPointParams;

    fn build(params: &FixedPointParams, parties: usize) -> Result<Task, FunctionError> {
        let scale = params.checked(2..=48, 0..=40, 8..=60)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let range = range(params);
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
        builder.error_bound(quotient.bound("quotient"));
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// Dividends of any size; divisors of every order of magnitude and either sign, never 0.
    fn generate(params: &FixedPointParams, party: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let range = range(params);
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
        params: &FixedPointParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let range = range(params);
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
