use std::sync::Arc;

use rand::Rng;
use rand::seq::SliceRandom;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair};
use super::sample::{bell, column, uniform};
use super::{Function, FunctionError, Lengths, Task};
use crate::program::{Builder, Decoding, Inputs, NodeId, ProgramError, Range};

/// Mean and population variance of everyone's values.
pub struct MeanVariance;

/// Parameters of [`MeanVariance`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MeanVarianceParams {
    /// Width of a value, bits with sign: 2 to 48.
    pub bits: u32,
    /// Values per party, or a list with one number for each; as many as given inputs have if it is
    /// left out.
    pub length: Lengths,
    /// Decimals of a value, at most 18; as many as given inputs have if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for MeanVarianceParams {
    fn default() -> Self {
        MeanVarianceParams { bits: 20, length: Lengths::All(4), decimals: None }
    }
}

impl Function for MeanVariance {
    const NAME: &'static str = "mean_variance";
    const ABOUT: &'static str = "exact mean and population variance of all values together";
    const IDEAL: &'static str = "Each input party brings `value`, `length` signed integers of \
        `bits` bits; there are n in all. Opened are the sum S and D = n * sum of squares - S^2. \
        As n is public, they say exactly as much as mean = S / n and variance = D / n^2. With \
        `decimals` a value is such a number of units of 10^-decimals, and both are as exact. A \
        value outside its width is refused.";
    type Params = MeanVarianceParams;

    fn build(params: &MeanVarianceParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 2..=48)?;
        let scale = Scale::checked(params.decimals)?;
        at_least(1, parties)?;
        let lengths = params.length.checked(parties)?;
        let mut builder = Builder::new();
        let range = scale.signed(params.bits);
        let ty = scale.ty(range);
        let brings = lengths.into_iter().enumerate().filter(|(_, length)| *length > 0);
        let values: Result<Vec<NodeId>, ProgramError> = brings
            .map(|(party, length)| builder.input_in("value", party, length, ty, range))
            .collect();
        let values = builder.concat(values?)?;
        let count = builder.node(values)?.len;
        let sum = builder.sum(values, 1)?;
        let spread = spread(&mut builder, (values, values), (sum, sum), count)?;
        let unit = scale.unit().unsigned_abs();
        let divisor = (count as u128).saturating_mul(unit);
        builder.output("mean", sum, Decoding::Quotient { divisor })?;
        let divisor = divisor.saturating_mul(divisor);
        builder.output("variance", spread, Decoding::Quotient { divisor })?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &MeanVarianceParams, party: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let range = Scale::of(params.decimals).signed(params.bits);
        match params.length.of(party) {
            0 => Inputs::new(),
            length => column("value", (0..length).map(|_| bell(rng, range)).collect()),
        }
    }

    /// The honest values in another order, and where there are three or more, three of them as
    /// `t + s (0, 4, 5)` in the first and `t + s (1, 2, 6)` in the second: equal sums, equal sums
    /// of squares. One honest value alone is given away by the sum.
    fn equal_view_inputs(
        params: &MeanVarianceParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let range = Scale::of(params.decimals).signed(params.bits);
        coalition.construct(rng, |rng| {
            let mut first = coalition.rows("value", rng);
            let mut cells = coalition.honest_cells(&first);
            cells.shuffle(rng);
            let mut second = first.clone();
            let largest_step = range.hi.saturating_sub(range.lo) / 6;
            if let ([a, b, c, ..], 1..) = (&cells[..], largest_step) {
                let step = uniform(rng, Range { lo: 1, hi: largest_step });
                let start = uniform(rng, Range { lo: range.lo, hi: range.hi - 6 * step });
                for (cell, one, other) in [(a, 0, 1), (b, 4, 2), (c, 5, 6)] {
                    first[cell.0][cell.1] = start + one * step;
                    second[cell.0][cell.1] = start + other * step;
                }
            }
            let second = coalition.shuffled(&second, rng);
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}

/// `n * sum of x y - (sum of x) (sum of y)` of n pairs: n^2 times the covariance. The two products
/// share a round.
///
/// By Popoviciu and Cauchy-Schwarz it is at most `n^2 / 4 * (width of x) * (width of y)` in
/// absolute value, and not negative if x = y.
pub(super) fn spread(
    builder: &mut Builder,
    (x, y): (NodeId, NodeId),
    (sum_x, sum_y): (NodeId, NodeId),
    count: usize,
) -> Result<NodeId, ProgramError> {
    let most = max_spread(builder.node(x)?.range, builder.node(y)?.range, count);
    let products = builder.dot(x, y, 1)?;
    let products = builder.scale(products, count as i128)?;
    let product = builder.mul(sum_x, sum_y)?;
    let result = builder.sub(products, product)?;
    if let Some(hi) = most {
        builder.tighten(result, Range { lo: if x == y { 0 } else { -hi }, hi }, 0);
    }
    Ok(result)
}

/// The largest [`spread`] of so many pairs from these ranges, unless it overflows.
pub(super) fn max_spread(x: Range, y: Range, count: usize) -> Option<i128> {
    let count = count as u128;
    let quarter = (count * count / 4).checked_mul(x.width())?;
    i128::try_from(quarter.checked_mul(y.width())?).ok()
}
