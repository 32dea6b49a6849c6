//! No mask is used twice, in one run or in another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mpclab_protocols::additive::Additive;
use mpclab_protocols::dn07::Dn07;
use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Rounding};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_protocols::rep3::Rep3;
use mpclab_protocols::rep3_ps::Rep3Ps;
use mpclab_protocols::shamir::Shamir;
use mpclab_protocols::spdz::Spdz;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::harness::{config, job, simulate};

/// Sender, scope and number of the message within both, and what it holds.
type Bodies = BTreeMap<(PartyId, u64, usize), Vec<u8>>;

/// Writes down every message; one that goes to several parties is written down once.
struct Records(Arc<Mutex<Bodies>>);

impl Adversary for Records {
    fn corrupted(&self) -> Vec<PartyId> {
        Vec::new()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let mut bodies = self.0.lock().expect("unpoisoned");
        let (from, scope) = (message.from, message.scope_id);
        let sent = bodies.range((from, scope, 0)..(from, scope, usize::MAX));
        let (number, last) = sent.last().map_or((0, None), |(key, body)| (key.2 + 1, Some(body)));
        if last.is_none_or(|last| last != message.body) {
            bodies.insert((from, scope, number), message.body.to_vec());
        }
        Decision::Pass
    }
}

fn bodies<P: Protocol>(job: &Arc<Job>, seed: u64) -> Bodies {
    let (n, params, bodies) = (job.roles.nodes(), Arc::default(), Arc::default());
    let records = Records(Arc::clone(&bodies));
    let run = simulate::<P>(job, &params, &[], config(n, seed), Some(Box::new(records)));
    assert!(run.is_complete());
    let bodies = bodies.lock().expect("unpoisoned");
    bodies.clone()
}

/// Everything is zero and public, so whatever is sent but the outputs is a mask and nothing else.
fn zeros(comparisons: usize) -> Arc<Job> {
    let mut builder = Builder::new();
    let zero = builder.constant(vec![0; 64], 0).expect("allowed");
    let mut product = zero;
    for _ in 0..4 {
        product = builder.mul(product, zero).expect("allowed");
        let dot = builder.dot(product, zero, 16).expect("allowed");
        let dots = builder.repeat(dot, 4).expect("allowed");
        product = builder.add(product, dots).expect("allowed");
    }
    let large = builder.constant(vec![999; 64], 0).expect("allowed");
    for _ in 0..comparisons {
        let less = builder.less(product, large).expect("allowed");
        let equal = builder.equal(product, large).expect("allowed");
        let sum = builder.add(less, equal).expect("allowed");
        let wide = builder.scale(sum, 100).expect("allowed");
        product = builder.truncate(wide, 7, Rounding::Floor).expect("allowed");
    }
    builder.output("product", product, Decoding::Integer).expect("allowed");
    let program = builder.finish().expect("it has an output");
    job(Task::Program(Arc::new(program)), Roles::all(3), 40)
}

fn masks_are_fresh<P: Protocol>(job: &Arc<Job>) {
    let mut all: BTreeMap<Vec<u8>, (u64, PartyId, u64)> = BTreeMap::new();
    for seed in [1, 2] {
        let sent = bodies::<P>(job, seed);
        assert!(sent.len() > 3 * job.roles.nodes(), "{}: {} messages", P::NAME, sent.len());
        for ((from, scope, number), body) in sent {
            assert!(body.len() >= 8, "{}: {body:?} may come twice by chance", P::NAME);
            if let Some(before) = all.insert(body, (seed, from, scope)) {
                panic!("{}: seed {seed}, {from}, {scope:x}, {number} is as {before:x?}", P::NAME);
            }
        }
    }
}

#[test]
fn no_two_messages_of_public_zeros_are_equal() {
    let job = zeros(2);
    masks_are_fresh::<Additive>(&job);
    masks_are_fresh::<Shamir>(&job);
    masks_are_fresh::<Dn07>(&job);
    masks_are_fresh::<Rep3>(&job);
    masks_are_fresh::<Rep3Ps>(&job);
    masks_are_fresh::<Spdz>(&job);
}
