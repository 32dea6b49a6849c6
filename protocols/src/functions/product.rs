use std::sync::Arc;

use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair, Rows};
use super::sample::{column, nonzero, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Inputs, NodeId, ProgramError, Range};

/// Product of everyone's values.
pub struct Product;

/// Parameters of [`Product`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProductParams {
    /// Width of a value, bits with sign: 2 to 64.
    pub bits: u32,
    /// Decimals of a value, at most 18; as many as given inputs have if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

/// So narrow that all values of a corrupted party can be tried.
impl Default for ProductParams {
    fn default() -> Self {
        ProductParams { bits: 8, decimals: None }
    }
}

impl Function for Product {
    const NAME: &'static str = "product";
    const ABOUT: &'static str = "product of one value of each party";
    const IDEAL: &'static str = "Each input party brings one `value`, a signed integer of `bits` \
        bits. Everyone learns `product`, the product of all of them, wide enough never to \
        overflow. Whatever a corrupted party brings, the output is a multiple of the product of \
        the honest values, and 0 if one of them is. With `decimals` a value has so many of them, \
        and the product all that it needs. A value outside its width is refused.";
    type Params = ProductParams;

    fn build(params: &ProductParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 2..=64)?;
        let scale = Scale::checked(params.decimals)?;
        at_least(1, parties)?;
        let mut builder = Builder::new();
        let range = scale.signed(params.bits);
        let ty = scale.ty(range);
        let values: Result<Vec<NodeId>, ProgramError> =
            (0..parties).map(|party| builder.input_in("value", party, 1, ty, range)).collect();
        let product = builder.product(values?)?;
        builder.output("product", product, scale.decoding(parties))?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// Every fourth value is 0, which leaves a corrupted party no influence on the output.
    fn generate(params: &ProductParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let zero = rng.random_ratio(1, 4);
        let value =
            if zero { 0 } else { nonzero(rng, Scale::of(params.decimals).signed(params.bits)) };
        column("value", vec![value])
    }

    /// Two honest values exchange a factor, or one honest value is 0 and the others are free. One
    /// honest value alone is hidden only behind the 0 of a corrupted party.
    fn equal_view_inputs(
        params: &ProductParams,
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
            let honest = coalition.honest_parties(rng);
            let second = match honest[..] {
                [] => return None,
                [a, b, ..] if rng.random() => exchange_factor(&mut first, (a, b), range, rng),
                [zero, ref free @ ..] if !free.is_empty() => {
                    first[zero] = vec![0];
                    redraw(&first, free, range, rng)
                }
                [alone, ..] => {
                    let zero = *coalition.corrupted_parties(rng).first()?;
                    first[zero] = vec![0];
                    redraw(&first, &[alone], range, rng)
                }
            };
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}

/// `(a f, b)` in the first and `(a, b f)` in the second, for random a and b and a factor f that is
/// neither 0 nor 1.
fn exchange_factor(first: &mut Rows, at: (usize, usize), range: Range, rng: &mut dyn Rng) -> Rows {
    let most = range.hi.isqrt();
    let factor = match uniform(rng, Range { lo: 1, hi: most }) {
        1 => -1,
        factor if rng.random() => -factor,
        factor => factor,
    };
    let reach = range.hi / factor.abs();
    let fitting = Range { lo: -reach, hi: reach };
    let (a, b) = (nonzero(rng, fitting), nonzero(rng, fitting));
    (first[at.0], first[at.1]) = (vec![a * factor], vec![b]);
    let mut second = first.clone();
    (second[at.0], second[at.1]) = (vec![a], vec![b * factor]);
    second
}

fn redraw(first: &Rows, free: &[usize], range: Range, rng: &mut dyn Rng) -> Rows {
    let mut second = first.clone();
    for &party in free {
        second[party] = vec![uniform(rng, range)];
    }
    second
}
