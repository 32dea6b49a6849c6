use std::cmp::Ordering;
use std::sync::Arc;

use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::at_least;
use super::numbers::Numbers;
use super::pairs::{Coalition, InputPair, first_largest};
use super::sample::{log_uniform, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Decoding, Inputs, ProgramError, Range, Wide};

/// Who is the richest.
pub struct Millionaires;

/// Parameters of [`Millionaires`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MillionairesParams {
    /// Width of a fortune, bits without sign: 1 to 128. Above 64 it is shared as two halves. What is
    /// compared are differences, one bit wider.
    pub bits: u32,
    /// Decimals of a value, at most 18, none above 64 bits; as many as given inputs have if it is
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for MillionairesParams {
    fn default() -> Self {
        MillionairesParams { bits: 32, decimals: None }
    }
}

impl Function for Millionaires {
    const NAME: &'static str = "millionaires";
    const ABOUT: &'static str = "who is the richest, without saying how rich";
    const IDEAL: &'static str = "Each input party brings one `wealth` from 0 to 2^bits - 1. \
        Everyone learns `richest`, the index of the input party with the largest; of equals, the \
        lowest index. With two parties it is one comparison: 1 if party 1 is strictly richer, \
        else 0. With `decimals` a value has so many of them. A value outside its range is refused.";
    type Params = MillionairesParams;

    fn build(params: &MillionairesParams, parties: usize) -> Result<Task, FunctionError> {
        let numbers = Numbers::checked(params.bits, false, params.decimals)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let wealth: Result<Vec<Wide>, ProgramError> =
            (0..parties).map(|party| numbers.input(&mut builder, "wealth", party, 1)).collect();
        let wealth = wealth?;
        let richest = match &wealth[..] {
            [a, b] => builder.less_wide(a, b)?,
            all => {
                let all = builder.concat_wide(all)?;
                builder.argmax_wide(&all, (0..parties as i128).collect())?.1
            }
        };
        builder.output("richest", richest, Decoding::Integer)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &MillionairesParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let numbers = Numbers::of(params.bits, false, params.decimals);
        let wealth = match Scale::of(params.decimals).unit() {
            1 if params.bits > 64 => {
                let bits = rng.random_range(1..=params.bits.min(u128::BITS));
                numbers.value(rng.random::<u128>() >> (u128::BITS - bits))
            }
            1 => log_uniform(rng, params.bits),
            unit => {
                let whole = log_uniform(rng, params.bits);
                whole * unit - uniform(rng, Range { lo: 0, hi: whole.signum() * (unit - 1) })
            }
        };
        numbers.columns("wealth", vec![wealth])
    }

    /// The richest stays the richest, with more if it is honest; the other honest ones are drawn
    /// anew below it.
    fn equal_view_inputs(
        params: &MillionairesParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let numbers = Numbers::of(params.bits, false, params.decimals);
        let Range { lo: least, hi: most } = numbers.range();
        coalition.construct(rng, |rng| {
            let first = coalition.values(numbers, "wealth", rng);
            let (largest, richest) = first_largest(&first)?;
            let mut second = first.clone();
            for cell in coalition.honest_cells(&first) {
                let range = match cell.cmp(&richest) {
                    Ordering::Less => Range { lo: least, hi: largest - 1 },
                    Ordering::Equal => Range { lo: largest, hi: most },
                    Ordering::Greater => Range { lo: least, hi: largest },
                };
                second[cell.0][cell.1] = uniform(rng, range);
            }
            Some(Coalition::<Self>::pair_of(numbers, "wealth", [first, second]))
        })
    }
}
