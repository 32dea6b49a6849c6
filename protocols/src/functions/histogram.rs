use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair};
use super::sample::{bell, column};
use super::{Function, FunctionError, Lengths, Task};
use crate::program::{Builder, Decoding, Inputs, MAX_LEN, NodeId, ProgramError, Range, Type};

/// How often each value occurs.
pub struct Histogram;

/// Parameters of [`Histogram`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HistogramParams {
    /// Number of bins: 2 to 65536.
    pub bins: usize,
    /// Values per party, or a list with one number for each; as many as given inputs have if it is
    /// left out.
    pub length: Lengths,
}

impl Default for HistogramParams {
    fn default() -> Self {
        HistogramParams { bins: 8, length: Lengths::All(10) }
    }
}

impl HistogramParams {
    fn range(&self) -> Range {
        Range { lo: 0, hi: self.bins as i128 - 1 }
    }
}

impl Function for Histogram {
    const NAME: &'static str = "histogram";
    const ABOUT: &'static str = "how many values fall in each bin";
    const IDEAL: &'static str = "Each input party brings `value`, `length` bin numbers from 0 to \
        bins - 1. Everyone learns `counts`, how often each bin occurs over all parties. A value \
        outside its range is refused; where a corrupted party hands one to an engine that does \
        not check it, it is counted in no bin.";
    type Params = HistogramParams;

    fn build(params: &HistogramParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bins", params.bins, 2..=65536)?;
        at_least(1, parties)?;
        let lengths = params.length.checked(parties)?;
        let mut builder = Builder::new();
        let range = params.range();
        let ty = Type::Int { bits: range.bits() };
        let brings = lengths.into_iter().enumerate().filter(|(_, length)| *length > 0);
        let values: Result<Vec<NodeId>, ProgramError> = brings
            .map(|(party, length)| builder.input_in("value", party, length, ty, range))
            .collect();
        let values = builder.concat(values?)?;
        let count = builder.node(values)?.len;
        let len = count.saturating_mul(params.bins);
        if len > MAX_LEN {
            return Err(ProgramError::Size { operation: "histogram", len }.into());
        }
        let values = builder.repeat(values, params.bins)?;
        let of_bin = |bin| std::iter::repeat_n(bin, count);
        let bins = builder.constant((0..params.bins as i128).flat_map(of_bin).collect(), 0)?;
        let hits = builder.equal(values, bins)?;
        let counts = builder.sum(hits, params.bins)?;
        builder.output("counts", counts, Decoding::Integer)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &HistogramParams, party: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        match params.length.of(party) {
            0 => Inputs::new(),
            length => column("value", (0..length).map(|_| bell(rng, params.range())).collect()),
        }
    }

    /// The honest values in another order; all that the counts leave open.
    fn equal_view_inputs(
        params: &HistogramParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        coalition.construct(rng, |rng| {
            let first = coalition.rows("value", rng);
            let second = coalition.shuffled(&first, rng);
            Some(Coalition::<Self>::pair("value", first, second))
        })
    }
}
