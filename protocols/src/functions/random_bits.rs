use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::at_least;
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Inputs};

/// Parameters of [`RandomBits`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RandomBitsParams {
    /// Number of bits: 1 to 2^24.
    pub count: usize,
}

impl Default for RandomBitsParams {
    fn default() -> Self {
        RandomBitsParams { count: 1 }
    }
}

/// Shared random bits, without inputs.
pub struct RandomBits;

impl Function for RandomBits {
    const NAME: &'static str = "random_bits";
    const ABOUT: &'static str = "uniform bits that nobody learns";
    const IDEAL: &'static str = "Nobody brings anything. `count` uniform bits are drawn. Nobody \
        learns anything.";
    type Params = RandomBitsParams;

    fn build(params: &RandomBitsParams, parties: usize) -> Result<Task, FunctionError> {
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let bits = builder.random_bits(params.count)?;
        builder.keep(bits)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(_: &RandomBitsParams, _: usize, _: usize, _: &mut dyn Rng) -> Inputs {
        Inputs::new()
    }
}
