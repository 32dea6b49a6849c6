use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::at_least;
use super::numbers::Numbers;
use super::pairs::{Coalition, InputPair, first_largest};
use super::sample::{bell, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Decoding, Inputs, ProgramError, Range, Wide};

/// The largest of everyone's values.
pub struct Max;

/// Parameters of [`Max`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MaxParams {
    /// Width of a value, bits with sign: 2 to 128. Above 64 it is shared as two halves. What is
    /// compared are differences, one bit wider.
    pub bits: u32,
    /// Values per party, at least 1, and 2^24 of all parties at most.
    pub length: usize,
    /// Whether everyone also learns whose it is.
    pub argmax: bool,
    /// Decimals of a value, at most 18, none above 64 bits; as many as given inputs have if it is
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for MaxParams {
    fn default() -> Self {
        MaxParams { bits: 32, length: 1, argmax: false, decimals: None }
    }
}

impl Function for Max {
    const NAME: &'static str = "max";
    const ABOUT: &'static str = "the largest value, and optionally whose it is";
    const IDEAL: &'static str = "Each input party brings `value`, `length` signed integers of \
        `bits` bits. Everyone learns `max`, the largest of all; with `argmax` also `party`, the \
        index of the input party that brought it, of equals the lowest. With `decimals` a value \
        has so many of them. A value outside its width is refused.";
    type Params = MaxParams;

    fn build(params: &MaxParams, parties: usize) -> Result<Task, FunctionError> {
        let numbers = Numbers::checked(params.bits, true, params.decimals)?;
        at_least(1, parties)?;
        let mut builder = Builder::new();
        let values: Result<Vec<Wide>, ProgramError> = (0..parties)
            .map(|party| numbers.input(&mut builder, "value", party, params.length))
            .collect();
        let values = builder.concat_wide(&values?)?;
        if params.argmax {
            let of_party = |party| std::iter::repeat_n(party, params.length);
            let labels = (0..parties as i128).flat_map(of_party).collect();
            let (value, party) = builder.argmax_wide(&values, labels)?;
            numbers.output(&mut builder, "max", &value)?;
            builder.output("party", party, Decoding::Integer)?;
        } else {
            let value = builder.maximum_wide(&values)?;
            numbers.output(&mut builder, "max", &value)?;
        }
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &MaxParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let numbers = Numbers::of(params.bits, true, params.decimals);
        let values = (0..params.length).map(|_| bell(rng, numbers.range())).collect();
        numbers.columns("value", values)
    }

    /// The first of the largest values stays, all other honest ones are drawn anew below it.
    fn equal_view_inputs(
        params: &MaxParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let numbers = Numbers::of(params.bits, true, params.decimals);
        let lo = numbers.range().lo;
        coalition.construct(rng, |rng| {
            let first = coalition.values(numbers, "value", rng);
            let (largest, holder) = first_largest(&first)?;
            let mut second = first.clone();
            for cell in coalition.honest_cells(&first).into_iter().filter(|cell| *cell != holder) {
                // Nobody before the holder is as large.
                let hi = if cell < holder { largest - 1 } else { largest };
                second[cell.0][cell.1] = uniform(rng, Range { lo, hi });
            }
            Some(Coalition::<Self>::pair_of(numbers, "value", [first, second]))
        })
    }
}
