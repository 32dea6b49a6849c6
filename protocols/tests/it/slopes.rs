//! What operations cost, as differences between sizes: the same at any size, whoever the protocol is.
//!
//! Figures that were published stand in `special/published.rs`.

use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Inputs, NodeId, ProgramError, Type};
use mpclab_protocols::protocol::Job;
use mpclab_sim::vocabulary::{Phase, Roles};

use crate::harness::{Subject, job, measured};
use crate::library::parties_of;
use crate::registry::{Variant, each, variants};

/// What one run of a program costs, over all parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) online_bytes: u64,
    pub(crate) online_rounds: u64,
    pub(crate) ideal_bytes: u64,
}

impl Spent {
    /// By how much a larger run costs more.
    pub(crate) fn beyond(self, smaller: Spent) -> Spent {
        Spent {
            online_bytes: self.online_bytes - smaller.online_bytes,
            online_rounds: self.online_rounds - smaller.online_rounds,
            ideal_bytes: self.ideal_bytes - smaller.ideal_bytes,
        }
    }
}

/// A program over two vectors of this length whose one output does not grow.
pub(crate) type Body = fn(&mut Builder, NodeId, NodeId) -> Result<NodeId, ProgramError>;

/// A program over two vectors of `len` bits, both brought by the first two of `n` parties, with a
/// statistical security parameter.
pub(crate) fn over_bits(n: usize, len: usize, body: Body, sigma: u32) -> (Arc<Job>, Vec<Inputs>) {
    opening(1, n, len, body, sigma)
}

/// The same with so many outputs.
fn opening(outputs: u32, n: usize, len: usize, body: Body, sigma: u32) -> (Arc<Job>, Vec<Inputs>) {
    let mut builder = Builder::new();
    let x = builder.input("x", 0, len, Type::Bit).expect("allowed");
    let y = builder.input("x", 1, len, Type::Bit).expect("allowed");
    let result = body(&mut builder, x, y).expect("allowed");
    let result = builder.gather(result, (0..outputs).collect()).expect("as many");
    builder.output("result", result, Decoding::Integer).expect("allowed");
    let program = builder.finish().expect("it has an output");
    let input = Inputs::from([("x".to_owned(), vec![1; len])]);
    let mut inputs = vec![input.clone(), input];
    inputs.resize(n, Inputs::new());
    (job(Task::Program(Arc::new(program)), Roles::all(n), sigma), inputs)
}

/// What an honest run costs.
pub(crate) fn spent(subject: &Subject, inputs: &[Inputs]) -> Spent {
    let run = subject.expect_once(inputs, 1);
    let (online_bytes, online_rounds) = measured(&run, Phase::Online);
    let ideal_bytes = Phase::ALL.map(|phase| run.metrics.phase(phase).ideal_bytes).iter().sum();
    Spent { online_bytes, online_rounds, ideal_bytes }
}

pub(crate) const NOTHING: Body = |_, x, _| Ok(x);
pub(crate) const PRODUCT: Body = |builder, x, y| builder.mul(x, y);
const SUM: Body = |builder, x, _| builder.sum(x, 1);
const DOT: Body = |builder, x, y| builder.dot(x, y, 1);
const TWO_LAYERS: Body = |builder, x, y| {
    let product = builder.mul(x, y)?;
    builder.mul(product, y)
};
const THREE_LAYERS: Body = |builder, x, y| {
    let product = builder.mul(x, y)?;
    let product = builder.mul(product, y)?;
    builder.mul(product, y)
};

/// Whole bytes of packed bits, and whole batches of what two to seven parties prepare together.
const UNIT: usize = 840;

/// What a program of this length costs; none if it is not supported.
fn at(variant: &Variant, n: usize, len: usize, body: Body) -> Option<Spent> {
    let (job, inputs) = over_bits(n, len, body, 40);
    let subject = variant.bind(&job).ok()?;
    Some(spent(&subject, &inputs))
}

/// Twice as many products or terms cost twice as much, beyond what does not grow, and no rounds.
#[test]
fn products_and_inner_products_cost_the_same_at_any_length() {
    let counted = each(&variants(), |variant| {
        let n = parties_of(variant);
        // Where additions cost something, sums grow with the widths of what is added.
        let adds_for_free = at(variant, n, UNIT, SUM) == at(variant, n, UNIT, NOTHING);
        let kinds = [("inputs", NOTHING), ("products", PRODUCT), ("terms", DOT)];
        for (kind, body) in kinds.into_iter().take(if adds_for_free { 3 } else { 2 }) {
            let spent = [1, 2, 3].map(|units| at(variant, n, units * UNIT, body));
            let [Some(one), Some(two), Some(three)] = spent else { return false };
            let (name, params) = (variant.entry.name, variant.params);
            let slopes = [two.beyond(one), three.beyond(two)];
            assert_eq!(slopes[0], slopes[1], "{name} {params}: {kind}");
            assert_eq!(slopes[0].online_rounds, 0, "{name} {params}: {kind}");
        }
        true
    });
    assert!(counted.contains(&true), "some protocol multiplies");
}

/// A layer costs what the one before it did, in rounds too.
#[test]
fn layers_cost_the_same_at_any_depth() {
    let counted = each(&variants(), |variant| {
        let n = parties_of(variant);
        // All products are needed: a circuit leaves out those that no output hangs on.
        let spent = [PRODUCT, TWO_LAYERS, THREE_LAYERS].map(|body| {
            let (job, inputs) = opening(UNIT as u32, n, UNIT, body, 40);
            Some(spent(&variant.bind(&job).ok()?, &inputs))
        });
        let [Some(one), Some(two), Some(three)] = spent else { return false };
        let (name, params) = (variant.entry.name, variant.params);
        assert_eq!(two.beyond(one), three.beyond(two), "{name} {params}");
        true
    });
    assert!(counted.contains(&true), "some protocol multiplies");
}
