use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair};
use super::sample::{bell, column};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Inputs, NodeId, ProgramError, Range, Type};

/// Elementwise sum of everyone's vectors.
pub struct Sum;

/// Parameters of [`Sum`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SumParams {
    /// Width of a value, bits with sign: 2 to 64.
    pub bits: u32,
    /// Values per party, at least 1, and 2^24 of all parties at most.
    pub length: usize,
    /// Decimals of a value, at most 18; as many as given inputs have if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for SumParams {
    fn default() -> Self {
        SumParams { bits: 32, length: 1, decimals: None }
    }
}

/// The elementwise sum of what each party brings as `value`.
pub(super) fn sum_of_all(
    builder: &mut Builder,
    parties: usize,
    length: usize,
    ty: Type,
    range: Range,
) -> Result<NodeId, ProgramError> {
    let mut total = builder.input_in("value", 0, length, ty, range)?;
    for party in 1..parties {
        let value = builder.input_in("value", party, length, ty, range)?;
        total = builder.add(total, value)?;
    }
    Ok(total)
}

impl Function for Sum {
    const NAME: &'static str = "sum";
    const ABOUT: &'static str = "elementwise sum of the parties' vectors";
    const IDEAL: &'static str = "Each input party brings `value`, `length` signed integers of \
        `bits` bits. Everyone learns `sum`, the elementwise sum over all parties, wide enough \
        never to overflow. With `decimals` a value has so many of them, and the sum is as exact. A \
        value outside its width is refused.";
    type Params = SumParams;

    fn build(params: &SumParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 2..=64)?;
        let scale = Scale::checked(params.decimals)?;
        at_least(1, parties)?;
        let mut builder = Builder::new();
        let range = scale.signed(params.bits);
        let ty = scale.ty(range);
        let total = sum_of_all(&mut builder, parties, params.length, ty, range)?;
        builder.output("sum", total, scale.decoding(1))?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &SumParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let range = Scale::of(params.decimals).signed(params.bits);
        column("value", (0..params.length).map(|_| bell(rng, range)).collect())
    }

    /// An amount moves from one honest party to another, at each position on its own. One honest
    /// party alone is given away by the sum.
    fn equal_view_inputs(
        params: &SumParams,
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
            let first = coalition.rows("value", rng);
            let second = coalition.move_amounts(&first, range, rng)?;
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}
