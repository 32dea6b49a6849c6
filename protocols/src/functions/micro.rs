//! Single operations of a program, so that what one costs is the slope of a sweep.
//!
//! Results stay secret, except for [`Open`], unless the scenario asks to open them, and so to check
//! them. A run has its inputs and its setup beside the
//! operations; they are the same at every count, or grow apart from the slope of rounds and of the
//! scopes `online/mul`, `online/less` and so on, which hold the operations alone.

use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::sample::{column, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Decoding, Inputs, NodeId, ProgramError, Range, Rounding, Type};

/// What differs from one microbenchmark to the next.
pub trait Micro: Sized + Send + Sync + 'static {
    /// Name in scenario files.
    const NAME: &'static str;
    /// What it computes, one line.
    const ABOUT: &'static str;
    /// The functionality in full.
    const IDEAL: &'static str;
    /// What a scenario may set.
    type Params: DeserializeOwned + Serialize + JsonSchema + Default + Send + Sync + 'static;

    /// Range and number of the values that the first two input parties bring.
    ///
    /// # Errors
    /// A parameter that is not allowed.
    fn operands(params: &Self::Params) -> Result<(Range, usize), FunctionError>;

    /// Whether everyone learns the results.
    fn opens(params: &Self::Params) -> bool;

    /// The results of the operations on both vectors.
    ///
    /// # Errors
    /// A value that would not fit.
    fn operate(
        params: &Self::Params,
        builder: &mut Builder,
        operands: [NodeId; 2],
    ) -> Result<NodeId, ProgramError>;
}

impl<M: Micro> Function for M {
    const NAME: &'static str = M::NAME;
    const ABOUT: &'static str = M::ABOUT;
    const IDEAL: &'static str = M::IDEAL;
    type Params = M::Params;

    fn build(params: &M::Params, parties: usize) -> Result<Task, FunctionError> {
        at_least(2, parties)?;
        let (range, len) = M::operands(params)?;
        let ty = if range == Range::BIT { Type::Bit } else { Type::Int { bits: range.bits() } };
        let mut builder = Builder::new();
        let left = builder.input_in("value", 0, len, ty, range)?;
        let right = builder.input_in("value", 1, len, ty, range)?;
        let results = M::operate(params, &mut builder, [left, right])?;
        match M::opens(params) {
            true => builder.output("results", results, Decoding::Integer)?,
            false => builder.keep(results)?,
        }
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(params: &M::Params, party: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        match M::operands(params) {
            Ok((range, len)) if party < 2 => {
                column("value", (0..len).map(|_| uniform(rng, range)).collect())
            }
            _ => Inputs::new(),
        }
    }
}

/// Layers of independent operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LayersParams {
    /// Operations per layer: 1 to 2^24.
    pub count: usize,
    /// Layers, one behind the other: 1 to 100000.
    pub depth: usize,
    /// Whether everyone learns the results, so that they are checked; otherwise nobody does.
    pub open: bool,
}

impl Default for LayersParams {
    fn default() -> Self {
        LayersParams { count: 1, depth: 1, open: false }
    }
}

/// Combines with the right operand, layer by layer.
fn layers(
    params: &LayersParams,
    [left, right]: [NodeId; 2],
    mut combine: impl FnMut(NodeId, NodeId) -> Result<NodeId, ProgramError>,
) -> Result<NodeId, ProgramError> {
    (0..params.depth).try_fold(left, |result, _| combine(result, right))
}

/// Products of secrets.
pub struct Multiply;

impl Micro for Multiply {
    const NAME: &'static str = "multiply";
    const ABOUT: &'static str =
        "products of secrets that nobody learns, side by side or in a chain";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `count` integers \
        from -1 to 1. The products of equal positions are computed, and `depth` - 1 times \
        multiplied by the values of party 1 again. Nobody learns anything, or everyone `results` \
        if `open`. A value outside its range is refused.";
    type Params = LayersParams;

    fn opens(params: &LayersParams) -> bool {
        params.open
    }

    fn operands(params: &LayersParams) -> Result<(Range, usize), FunctionError> {
        allow("depth", params.depth, 1..=100_000)?;
        Ok((Range { lo: -1, hi: 1 }, params.count))
    }

    fn operate(
        params: &LayersParams,
        builder: &mut Builder,
        operands: [NodeId; 2],
    ) -> Result<NodeId, ProgramError> {
        layers(params, operands, |left, right| builder.mul(left, right))
    }
}

/// Conjunctions of secret bits.
pub struct Conjunction;

impl Micro for Conjunction {
    const NAME: &'static str = "conjunction";
    const ABOUT: &'static str = "conjunctions of secret bits that nobody learns";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `count` bits. The \
        conjunctions of equal positions are computed, and `depth` - 1 times joined with the bits \
        of party 1 again. Nobody learns anything, or everyone `results` if `open`. A value other \
        than 0 and 1 is refused.";
    type Params = LayersParams;

    fn opens(params: &LayersParams) -> bool {
        params.open
    }

    fn operands(params: &LayersParams) -> Result<(Range, usize), FunctionError> {
        allow("depth", params.depth, 1..=100_000)?;
        Ok((Range::BIT, params.count))
    }

    fn operate(
        params: &LayersParams,
        builder: &mut Builder,
        operands: [NodeId; 2],
    ) -> Result<NodeId, ProgramError> {
        layers(params, operands, |left, right| builder.and(left, right))
    }
}

/// Independent operations on values of a width.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WidthParams {
    /// Width of a value, bits with sign: 2 to 64.
    pub bits: u32,
    /// Operations: 1 to 2^24.
    pub count: usize,
    /// Whether everyone learns the results, so that they are checked; otherwise nobody does.
    pub open: bool,
}

impl Default for WidthParams {
    fn default() -> Self {
        WidthParams { bits: 32, count: 1, open: false }
    }
}

fn of_width(bits: u32, len: usize) -> Result<(Range, usize), FunctionError> {
    allow("bits", bits, 2..=64)?;
    Ok((Range::signed(bits), len))
}

/// Comparisons of secrets.
pub struct Compare;

impl Micro for Compare {
    const NAME: &'static str = "compare";
    const ABOUT: &'static str = "comparisons of secrets that nobody learns";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `count` signed \
        integers of `bits` bits. Whether that of party 0 is less is computed for each position. \
        Nobody learns anything. A value outside its width is refused.";
    type Params = WidthParams;

    fn opens(params: &WidthParams) -> bool {
        params.open
    }

    fn operands(params: &WidthParams) -> Result<(Range, usize), FunctionError> {
        of_width(params.bits, params.count)
    }

    fn operate(
        _: &WidthParams,
        builder: &mut Builder,
        [left, right]: [NodeId; 2],
    ) -> Result<NodeId, ProgramError> {
        builder.less(left, right)
    }
}

/// Parameters of [`Open`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpenParams {
    /// Width of a value, bits with sign: 2 to 64.
    pub bits: u32,
    /// Openings: 1 to 2^24.
    pub count: usize,
}

impl Default for OpenParams {
    fn default() -> Self {
        OpenParams { bits: 32, count: 1 }
    }
}

/// Openings.
pub struct Open;

impl Micro for Open {
    const NAME: &'static str = "open";
    const ABOUT: &'static str = "sums of two secrets, opened";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `count` signed \
        integers of `bits` bits. Everyone learns `results`, their sums by position. A value \
        outside its width is refused.";
    type Params = OpenParams;

    fn opens(_: &OpenParams) -> bool {
        true
    }

    fn operands(params: &OpenParams) -> Result<(Range, usize), FunctionError> {
        of_width(params.bits, params.count)
    }

    fn operate(
        _: &OpenParams,
        builder: &mut Builder,
        [left, right]: [NodeId; 2],
    ) -> Result<NodeId, ProgramError> {
        builder.add(left, right)
    }
}

/// Parameters of [`Dot`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DotParams {
    /// Width of a value, bits with sign: 2 to 56.
    pub bits: u32,
    /// Inner products: 1 to 2^24 terms in all.
    pub count: usize,
    /// Terms of each.
    pub length: usize,
    /// Whether everyone learns the results, so that they are checked; otherwise nobody does.
    pub open: bool,
}

impl Default for DotParams {
    fn default() -> Self {
        DotParams { bits: 16, count: 1, length: 10, open: false }
    }
}

/// Inner products of secrets.
pub struct Dot;

impl Micro for Dot {
    const NAME: &'static str = "dot";
    const ABOUT: &'static str = "inner products of secrets that nobody learns";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `count` vectors of \
        `length` signed integers of `bits` bits, one after the other. The inner products of \
        vectors of equal position are computed. Nobody learns anything, or everyone `results` if \
        `open`. A value outside its width is refused.";
    type Params = DotParams;

    fn opens(params: &DotParams) -> bool {
        params.open
    }

    fn operands(params: &DotParams) -> Result<(Range, usize), FunctionError> {
        allow("bits", params.bits, 2..=56)?;
        of_width(params.bits, params.count.saturating_mul(params.length))
    }

    fn operate(
        params: &DotParams,
        builder: &mut Builder,
        [left, right]: [NodeId; 2],
    ) -> Result<NodeId, ProgramError> {
        builder.dot(left, right, params.count)
    }
}

/// Parameters of [`Truncate`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TruncateParams {
    /// Width of a value, bits with sign: 2 to 64.
    pub bits: u32,
    /// Truncations: 1 to 2^24.
    pub count: usize,
    /// Bits cut off.
    pub shift: u32,
    /// Whether the floor is wanted, not the floor or one more.
    pub exact: bool,
    /// Whether everyone learns the results, so that they are checked; otherwise nobody does.
    pub open: bool,
}

impl Default for TruncateParams {
    fn default() -> Self {
        TruncateParams { bits: 32, count: 1, shift: 8, exact: false, open: false }
    }
}

/// Truncations of secrets.
pub struct Truncate;

impl Micro for Truncate {
    const NAME: &'static str = "truncate";
    const ABOUT: &'static str = "truncations of secrets that nobody learns";
    const IDEAL: &'static str = "Input parties 0 and 1 each bring `value`, `count` signed \
        integers of `bits` bits. Their sums by position are divided by 2^`shift`, and the \
        quotient is the floor, or either neighbour unless `exact`. Nobody learns anything, or \
        everyone `results` if `open`. A value outside its width is refused.";
    type Params = TruncateParams;

    fn opens(params: &TruncateParams) -> bool {
        params.open
    }

    fn operands(params: &TruncateParams) -> Result<(Range, usize), FunctionError> {
        of_width(params.bits, params.count)
    }

    fn operate(
        params: &TruncateParams,
        builder: &mut Builder,
        [left, right]: [NodeId; 2],
    ) -> Result<NodeId, ProgramError> {
        let rounding = if params.exact { Rounding::Floor } else { Rounding::Either };
        let sums = builder.add(left, right)?;
        builder.truncate(sums, params.shift, rounding)
    }
}
