use std::sync::Arc;

use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::pairs::{Coalition, InputPair};
use super::sample::column;
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Decoding, Inputs, NodeId, ProgramError, Type};

/// Conjunction of everyone's bits.
pub struct And;

/// Parameters of [`And`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AndParams {
    /// Bits per party: 2 to 1024.
    pub width: usize,
}

impl Default for AndParams {
    fn default() -> Self {
        AndParams { width: 4 }
    }
}

impl Function for And {
    const NAME: &'static str = "and";
    const ABOUT: &'static str = "whether all bits of all parties are 1";
    const IDEAL: &'static str = "Each input party brings `bit`, `width` bits. Everyone learns \
        `all`, which is 1 if all bits of all parties are 1 and else 0: first the conjunction over \
        the parties at each position, then over the positions, hence two layers or more. If one \
        honest bit is 0, the output is 0 whatever a corrupted party brings. A value other than 0 \
        and 1 is refused.";
    type Params = AndParams;

    fn build(params: &AndParams, parties: usize) -> Result<Task, FunctionError> {
        allow("width", params.width, 2..=1024)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let bits: Result<Vec<NodeId>, ProgramError> = (0..parties)
            .map(|party| builder.input("bit", party, params.width, Type::Bit))
            .collect();
        let agreed = builder.product(bits?)?;
        let positions: Result<Vec<NodeId>, ProgramError> =
            (0..params.width as u32).map(|at| builder.gather(agreed, vec![at])).collect();
        let all = builder.product(positions?)?;
        builder.output("all", all, Decoding::Integer)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// All bits are 1, or all but one: the output of a run then hangs on single products, and one
    /// honest 0 leaves a corrupted party no influence on it.
    fn generate(params: &AndParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let mut bits = vec![1; params.width];
        if rng.random() {
            bits[rng.random_range(0..params.width)] = 0;
        }
        column("bit", bits)
    }

    /// In both, a 0 among the honest bits decides; the other honest bits are free.
    fn equal_view_inputs(
        params: &AndParams,
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
            let mut first = coalition.rows("bit", rng);
            let mut second = first.clone();
            for rows in [&mut first, &mut second] {
                let cells = coalition.honest_cells(rows);
                for &(party, at) in &cells {
                    rows[party][at] = i128::from(rng.random::<bool>());
                }
                let &(party, at) = cells.get(rng.random_range(0..cells.len().max(1)))?;
                rows[party][at] = 0;
            }
            Some(Coalition::<Self>::pair("bit", first, second))
        })
    }
}
