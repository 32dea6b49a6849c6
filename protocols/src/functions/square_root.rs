use std::sync::Arc;

use rand::Rng;

use super::decimals::Scale;
use super::error::at_least;
use super::fixed_point::FixedPointParams;
use super::pairs::{Coalition, InputPair};
use super::sample::{column, log_uniform};
use super::sum::sum_of_all;
use super::{Function, FunctionError, Task};
use crate::program::{Approximation, Builder, Decoding, Inputs, Range, Root};

/// Square roots of everyone's values together.
pub struct SquareRoot;

fn range(params: &FixedPointParams) -> Range {
    Scale::of(params.decimals).unsigned(params.bits)
}

impl Function for SquareRoot {
    const NAME: &'static str = "square_root";
    const ABOUT: &'static str = "square root of the elementwise sum of the parties' vectors";
    const IDEAL: &'static str = "Each input party brings `value`, `length` numbers from 0 to \
        2^bits - 1, with `decimals` decimals. Everyone learns `root`, the square roots of the \
        elementwise sums over all parties, in fixed point with `frac` fractional bits, within the \
        stated error; with exact truncation the same in every protocol. The root of 0 is 0. A \
        value outside its range is refused.";
    type Params = FixedPointParams;

    fn build(params: &FixedPointParams, parties: usize) -> Result<Task, FunctionError> {
        let scale = params.checked(1..=64, 1..=40, 8..=56)?;
        at_least(1, parties)?;
        let mut builder = Builder::new();
        let range = range(params);
        let (ty, length, frac) = (scale.ty(range), params.length, params.frac);
        let sum = sum_of_all(&mut builder, parties, length, ty, range)?;
        // The root of 10^decimals is public if there is an even number of them.
        let decimals = params.decimals.unwrap_or(0);
        let sum = if decimals % 2 == 1 { builder.scale_to(sum, 10, 0)? } else { sum };
        let unit = 10u128.pow(decimals.div_ceil(2));
        let rounding = params.truncation.into();
        let precision = params.precision;
        let root = builder.square_root(sum, Root { frac, precision, rounding })?;
        let decoding = match unit {
            1 => Decoding::Fixed { frac },
            unit => Decoding::Quotient { divisor: unit << frac },
        };
        builder.output("root", root.node, decoding)?;
        let absolute = root.absolute / unit as f64;
        builder.error_bound(Approximation { absolute, ..root }.bound("root"));
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// Values of every order of magnitude.
    fn generate(params: &FixedPointParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let range = range(params);
        let value = |_| log_uniform(rng, range.bits() - 1).min(range.hi);
        column("value", (0..params.length).map(value).collect())
    }

    /// An amount moves from one honest party to another, at each position on its own. One honest
    /// party alone is given away by the root, up to its error.
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
        coalition.construct(rng, |rng| {
            let first = coalition.rows("value", rng);
            let second = coalition.move_amounts(&first, range, rng)?;
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}
