//! What is known of single protocols: published figures, refusals in full, cheaters of their own.

mod claims;
mod coin_toss;
mod dn07;
mod gmw;
mod published;
mod refusals;
mod rep3;
mod rep3_ps;
mod spdz;
mod tinyot;
mod wrk;
mod yao;
mod yao_covert;
mod yao_cut_and_choose;

use std::sync::Arc;

use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_sim::Run;

use crate::harness::Subject;
use crate::registry::entry;

/// A protocol by its type, on a job that it can do, by the code that its crate has compiled.
#[track_caller]
fn subject<P: Protocol>(job: &Arc<Job>, params: &P::Params) -> Subject {
    let params = serde_json::to_value(params).expect("parameters are JSON");
    let bound = entry::<P>().bind(job, &params);
    bound.unwrap_or_else(|why| panic!("{} on {}: {why}", P::NAME, job.function))
}

/// An honest run that keeps every promise.
#[track_caller]
fn expect<P: Protocol>(
    job: &Arc<Job>,
    params: &P::Params,
    inputs: &[Inputs],
    seed: u64,
) -> Run<Outputs> {
    subject::<P>(job, params).expect(inputs, seed)
}

/// A protocol's plan of a job that it can do.
#[track_caller]
fn plan<P: Protocol>(job: &Arc<Job>, params: &P::Params) -> Arc<P::Plan> {
    P::compile(job, params).unwrap_or_else(|why| panic!("{} on {}: {why}", P::NAME, job.function))
}
