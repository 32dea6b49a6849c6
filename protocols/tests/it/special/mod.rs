//! What is known of single protocols: published figures, refusals in full, cheaters of their own.

mod bmr;
mod claims;
mod coin_toss;
mod gmw;
mod oblivious_transfer;
mod published;
mod refusals;
mod rep3;
mod rep3_ps;
mod semi;
mod spdz;
mod tinyot;
mod wrk;
mod yao;
mod yao_covert;
mod yao_cut_and_choose;

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{PartyEnd, Run};

use crate::harness::Subject;
use crate::registry::entry;
use crate::tampering::{Fault, Tampered, product_and, tampered};

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

/// At which steps a change of any message of a product and its output is noticed, and how often.
/// Whoever has an output has the right one, and nobody but the cheater is named.
fn steps_that_catch<P: Protocol>(n: usize, params: &P::Params) -> BTreeMap<String, usize> {
    let (job, inputs) = product_and(true, n);
    let subject = subject::<P>(&job, params);
    let expected = vec![-500, 1];
    let mut steps: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = 0;
    while let Some(Tampered { run, from, .. }) = tampered(&subject, &inputs, number, Fault::AddOne)
    {
        number += 1;
        for party in PartyId::all(n).filter(|party| *party != from) {
            match &run.parties[party.index()].0 {
                PartyEnd::Output(output) => assert_eq!(output.values(), expected, "{number}"),
                PartyEnd::Abort(Abort::Bug(why)) => panic!("message {number}: {why}"),
                PartyEnd::Abort(Abort::Cheating { culprits, step }) => {
                    assert_eq!(culprits, &[from], "message {number}: {step}");
                    *steps.entry(step.clone()).or_default() += 1;
                }
                PartyEnd::Abort(Abort::CheckFailed { step }) => {
                    *steps.entry(step.clone()).or_default() += 1;
                }
                _ => {}
            }
        }
    }
    steps
}
