use std::sync::Arc;

use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair};
use super::sample::{column, log_uniform, uniform};
use super::{Function, FunctionError, Task, Truncation};
use crate::program::{Builder, Decoding, Inputs, Range};

/// One over everyone's values together.
pub struct Reciprocal;

/// Parameters of [`Reciprocal`]. The defaults keep every value within 63 bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReciprocalParams {
    /// Width of a value, bits with sign: 2 to 48.
    pub bits: u32,
    /// Values per party, at least 1, and 2^24 of all parties at most.
    pub length: usize,
    /// Fractional bits of the reciprocal: 1 to 40.
    pub frac: u32,
    /// Fractional bits of the secret iteration: 8 to 60.
    pub precision: u32,
    /// How fixed-point numbers are truncated.
    pub truncation: Truncation,
    /// Decimals of a value, at most 18; as many as given inputs have if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for ReciprocalParams {
    fn default() -> Self {
        ReciprocalParams {
            bits: 16,
            length: 1,
            frac: 24,
            precision: 24,
            truncation: Truncation::Exact,
            decimals: None,
        }
    }
}

impl ReciprocalParams {
    fn range(&self) -> Range {
        Scale::of(self.decimals).signed(self.bits)
    }
}

impl Function for Reciprocal {
    const NAME: &'static str = "reciprocal";
    const ABOUT: &'static str = "one over the elementwise sum of the parties' vectors";
    const IDEAL: &'static str = "Each input party brings `value`, `length` signed numbers of `bits` \
        bits, with `decimals` decimals. Everyone learns `reciprocal`, one over the elementwise sums \
        over all parties, in fixed point with `frac` fractional bits, within the stated error; with \
        exact truncation the same in every protocol. The reciprocal of 0 is 0. A value outside its \
        width is refused.";
    type Params = ReciprocalParams;

    fn build(params: &ReciprocalParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 2..=48)?;
        allow("frac", params.frac, 1..=40)?;
        allow("precision", params.precision, 8..=60)?;
        let scale = Scale::checked(params.decimals)?;
        at_least(1, parties)?;
        let mut builder = Builder::new();
        let range = params.range();
        let (ty, length, frac) = (scale.ty(range), params.length, params.frac);
        let mut sum = builder.input_in("value", 0, length, ty, range)?;
        for party in 1..parties {
            let value = builder.input_in("value", party, length, ty, range)?;
            sum = builder.add(sum, value)?;
        }
        // At most 10^18.
        let unit = scale.unit() as u64;
        let rounding = params.truncation.into();
        let reciprocal = builder.reciprocal(sum, unit, frac, params.precision, rounding)?;
        builder.output("reciprocal", reciprocal.node, Decoding::Fixed { frac })?;
        builder.error_bound(reciprocal.bound("reciprocal"));
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// Values of every order of magnitude and either sign.
    fn generate(params: &ReciprocalParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let range = params.range();
        let mut value = || {
            let magnitude = log_uniform(rng, range.bits() - 1).min(range.hi);
            if rng.random() { magnitude } else { -magnitude }
        };
        column("value", (0..params.length).map(|_| value()).collect())
    }

    /// An amount moves from one honest party to another, at each position on its own. One honest
    /// party alone is given away, up to the error.
    fn equal_view_inputs(
        params: &ReciprocalParams,
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
        coalition.construct(rng, |rng| {
            let first = coalition.rows("value", rng);
            let mut second = first.clone();
            for at in 0..params.length {
                let [a, b, ..] = coalition.honest_parties(rng)[..] else { return None };
                let both = first[a][at] + first[b][at];
                let fitting =
                    Range { lo: range.lo.max(both - range.hi), hi: range.hi.min(both - range.lo) };
                second[a][at] = uniform(rng, fitting);
                second[b][at] = both - second[a][at];
            }
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}
