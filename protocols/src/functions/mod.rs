//! What can be computed: ideal functionalities with parameters, roles and input generators.
//!
//! A [`Function`] with its parameters and a number of input parties makes a [`Task`]: a program
//! that any generic engine can run, or a relation that a dedicated protocol's outputs have to
//! satisfy. Adding a function touches its own file and one line of [`visit_all`].

mod and;
mod coin_toss;
mod decimals;
mod divide;
mod error;
mod fixed_point;
mod histogram;
mod inner_product;
mod input;
mod lengths;
mod linear_regression;
mod max;
mod mean_variance;
mod micro;
mod millionaires;
mod numbers;
mod oblivious_transfer;
#[cfg(test)]
mod pair_tests;
mod pairs;
mod product;
mod random_bits;
mod reciprocal;
#[cfg(test)]
mod refusal_tests;
mod sample;
mod second_price_auction;
mod square_root;
mod sum;
mod task;
#[cfg(test)]
mod tests;
mod truncation;

use rand::Rng;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use and::{And, AndParams};
pub use coin_toss::{CoinToss, CoinTossParams};
pub use divide::Divide;
pub use error::FunctionError;
pub use fixed_point::FixedPointParams;
pub use histogram::{Histogram, HistogramParams};
pub use inner_product::{InnerProduct, InnerProductParams};
pub use input::{InputError, InputProblem, parse_inputs};
pub use lengths::Lengths;
pub use linear_regression::{LinearRegression, LinearRegressionParams};
pub use max::{Max, MaxParams};
pub use mean_variance::{MeanVariance, MeanVarianceParams};
pub use micro::{
    Compare, Conjunction, Dot, DotParams, LayersParams, Micro, Multiply, Open, OpenParams,
    Truncate, TruncateParams, WidthParams,
};
pub use millionaires::{Millionaires, MillionairesParams};
pub(crate) use oblivious_transfer::Transfers;
pub use oblivious_transfer::{ObliviousTransfer, ObliviousTransferParams};
pub use pairs::{InputPair, equal_view_inputs, uniform_inputs};
pub use product::{Product, ProductParams};
pub use random_bits::{RandomBits, RandomBitsParams};
pub use reciprocal::{Reciprocal, ReciprocalParams};
pub use second_price_auction::{SecondPriceAuction, SecondPriceAuctionParams};
pub use square_root::SquareRoot;
pub use sum::{Sum, SumParams};
pub use task::{Agreement, Relation, RelationError, Task};
pub use truncation::Truncation;

use crate::program::Inputs;

/// An ideal functionality.
pub trait Function: Sized + Send + Sync + 'static {
    /// Name in scenario files.
    const NAME: &'static str;
    /// What it computes, one line.
    const ABOUT: &'static str;
    /// The functionality in full: inputs, outputs, ties, and what an input outside its domain
    /// means.
    const IDEAL: &'static str;
    /// What a scenario may set; every key has a default.
    type Params: DeserializeOwned + Serialize + JsonSchema + Default + Send + Sync + 'static;

    /// What `parties` input parties compute together.
    ///
    /// # Errors
    /// A parameter or number of parties that is not allowed, or a value that would not fit.
    fn build(params: &Self::Params, parties: usize) -> Result<Task, FunctionError>;

    /// Random inputs of one input party that resemble the real thing and lie in the domain, for
    /// parameters that [`Function::build`] accepts.
    fn generate(params: &Self::Params, party: usize, parties: usize, rng: &mut dyn Rng) -> Inputs;

    /// What the functionality tells the adversary beyond the outputs, as raw values of any meaning;
    /// by default nothing. Privacy is judged given what is declared here.
    fn leakage(params: &Self::Params, inputs: &[Inputs]) -> Vec<i128> {
        let _ = (params, inputs);
        Vec::new()
    }

    /// Two vectors of inputs, by input party, that a coalition can't tell apart in the ideal world:
    /// they differ in at least one honest value, but not in what the input parties `corrupted`
    /// bring, not in the declared leakage, and not in the outputs if the coalition learns them
    /// (`outputs_seen`). All values lie in their declared ranges, for parameters that
    /// [`Function::build`] accepts.
    ///
    /// None where no such pair exists: the outputs give away all honest values, as the sum does
    /// with one honest party, or there are none. Outputs are equal as the interpreter has them; an
    /// engine that may round either way can still open neighbours.
    ///
    /// The default searches: random draws and small changes of them, a bounded number of times,
    /// then every assignment of domains up to 2^14. On larger ones it may miss a pair, and it finds
    /// none for a [`Relation`] whose outputs are seen: write a dedicated construction there.
    fn equal_view_inputs(
        params: &Self::Params,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        pairs::Coalition::<Self>::new(params, parties, corrupted).search(outputs_seen, rng)
    }
}

/// Does something with every function, whatever its parameters.
pub trait FunctionVisitor {
    /// Called once per function.
    fn visit<F: Function>(&mut self);
}

/// Shows a visitor all functions of this crate, in alphabetical order.
pub fn visit_all(visitor: &mut impl FunctionVisitor) {
    visitor.visit::<And>();
    visitor.visit::<CoinToss>();
    visitor.visit::<Compare>();
    visitor.visit::<Conjunction>();
    visitor.visit::<Divide>();
    visitor.visit::<Dot>();
    visitor.visit::<Histogram>();
    visitor.visit::<InnerProduct>();
    visitor.visit::<LinearRegression>();
    visitor.visit::<Max>();
    visitor.visit::<MeanVariance>();
    visitor.visit::<Millionaires>();
    visitor.visit::<Multiply>();
    visitor.visit::<ObliviousTransfer>();
    visitor.visit::<Open>();
    visitor.visit::<Product>();
    visitor.visit::<RandomBits>();
    visitor.visit::<Reciprocal>();
    visitor.visit::<SecondPriceAuction>();
    visitor.visit::<SquareRoot>();
    visitor.visit::<Sum>();
    visitor.visit::<Truncate>();
}
