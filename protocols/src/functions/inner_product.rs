use std::sync::Arc;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair};
use super::sample::{bell, column, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Inputs, Range};

/// Inner product of two parties' vectors.
pub struct InnerProduct;

/// Parameters of [`InnerProduct`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InnerProductParams {
    /// Width of a value, bits with sign: 2 to 56.
    pub bits: u32,
    /// Values per vector: 1 to 2^24.
    pub length: usize,
    /// Decimals of a value, at most 18; as many as given inputs have if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for InnerProductParams {
    fn default() -> Self {
        InnerProductParams { bits: 16, length: 100, decimals: None }
    }
}

impl Function for InnerProduct {
    const NAME: &'static str = "inner_product";
    const ABOUT: &'static str = "inner product of two parties' vectors";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `length` signed \
        integers of `bits` bits; further input parties bring nothing. Everyone learns `product`, \
        the sum of the products of equal positions, wide enough never to overflow. With \
        `decimals` a value has so many of them, and the product twice as many. A value outside \
        its width is refused.";
    type Params = InnerProductParams;

    fn build(params: &InnerProductParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 2..=56)?;
        let scale = Scale::checked(params.decimals)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let range = scale.signed(params.bits);
        let ty = scale.ty(range);
        let x = builder.input_in("value", 0, params.length, ty, range)?;
        let y = builder.input_in("value", 1, params.length, ty, range)?;
        let product = builder.dot(x, y, 1)?;
        builder.output("product", product, scale.decoding(2))?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &InnerProductParams, party: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        if party > 1 {
            return Inputs::new();
        }
        let range = Scale::of(params.decimals).signed(params.bits);
        column("value", (0..params.length).map(|_| bell(rng, range)).collect())
    }

    /// An honest vector moves across the other, at random pairs of positions; if both are honest
    /// they may also change places. A single honest value is hidden only behind a 0.
    fn equal_view_inputs(
        params: &InnerProductParams,
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
            let moving = *honest.iter().find(|&&party| party < 2)?;
            let (mut x, mut y) = (first[moving].clone(), first[1 - moving].clone());
            let both = coalition.is_honest(1 - moving);
            let moved = if params.length > 1 {
                move_across(&mut x, &y, range, rng)
            } else if both {
                x.clone()
            } else {
                y[0] = 0;
                vec![uniform(rng, range)]
            };
            (first[moving], first[1 - moving]) = (x, y.clone());
            let mut second = first.clone();
            second[moving] = moved;
            if both && rng.random() {
                second.swap(0, 1);
            }
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}

/// Redraws x, and gives another vector with the same inner product with y: at pairs of positions
/// (i, j), x moves by `(y_j, -y_i)`, divided by what both have in common.
fn move_across(x: &mut [i128], y: &[i128], range: Range, rng: &mut dyn Rng) -> Vec<i128> {
    let mut positions: Vec<usize> = (0..x.len()).collect();
    positions.shuffle(rng);
    let mut moved = x.to_vec();
    for pair in positions.chunks_exact(2) {
        let (i, j) = (pair[0], pair[1]);
        let steps = match gcd(y[i], y[j]) {
            0 => [(i, 1), (j, -1)],
            common => [(i, y[j] / common), (j, -y[i] / common)],
        };
        for (at, step) in steps {
            let fitting =
                Range { lo: range.lo.max(range.lo - step), hi: range.hi.min(range.hi - step) };
            x[at] = uniform(rng, fitting);
            moved[at] = x[at] + step;
        }
    }
    // An odd one out stays.
    moved
}

/// The greatest common divisor, not negative.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
