use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::sample::{bell, column};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Decoding, Inputs, Range, Type};

/// Inner product of two parties' vectors.
pub struct InnerProduct;

/// Parameters of [`InnerProduct`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InnerProductParams {
    /// Width of a value, bits with sign: 2 to 56.
    pub bits: u32,
    /// Values per vector.
    pub length: usize,
}

impl Default for InnerProductParams {
    fn default() -> Self {
        InnerProductParams { bits: 16, length: 100 }
    }
}

impl Function for InnerProduct {
    const NAME: &'static str = "inner_product";
    const ABOUT: &'static str = "inner product of two parties' vectors";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `length` signed \
        integers of `bits` bits; further input parties bring nothing. Everyone learns `product`, \
        the sum of the products of equal positions, wide enough never to overflow. A value \
        outside its width is refused.";
    type Params = InnerProductParams;

    fn build(params: &InnerProductParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 2..=56)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let ty = Type::Int { bits: params.bits };
        let x = builder.input("value", 0, params.length, ty)?;
        let y = builder.input("value", 1, params.length, ty)?;
        let product = builder.dot(x, y, 1)?;
        builder.output("product", product, Decoding::Integer)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &InnerProductParams, party: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        if party > 1 {
            return Inputs::new();
        }
        let range = Range::signed(params.bits);
        column("value", (0..params.length).map(|_| bell(rng, range)).collect())
    }
}
