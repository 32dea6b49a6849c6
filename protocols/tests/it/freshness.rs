//! No mask is used twice, in one run or in another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, InputDecl, Inputs, Range, Rounding, Type};
use mpclab_protocols::protocol::Job;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::harness::{Subject, config, job};
use crate::library::{Case, Size, cases, parties_of};
use crate::registry::{Variant, each, variants};

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

fn bodies(subject: &Subject, seed: u64) -> Bodies {
    let (n, bodies) = (subject.job.roles.nodes(), Arc::default());
    let records = Records(Arc::clone(&bodies));
    let column = |decl: &InputDecl| (decl.name.to_string(), vec![0; decl.len]);
    let zeros = |party| subject.job.task.inputs_of(party).iter().map(column).collect();
    let zeros: Vec<Inputs> = (0..subject.job.roles.input.len()).map(zeros).collect();
    let run = subject.simulate(&zeros, config(n, seed), Some(Box::new(records)));
    assert!(run.is_complete(), "{}: {:?}", subject.name, run.end);
    let bodies = bodies.lock().expect("unpoisoned");
    bodies.clone()
}

/// Everything is zero, so whatever is sent but the outputs is a mask and nothing else.
fn zeros(comparisons: usize, n: usize, are_public: bool) -> Arc<Job> {
    let mut builder = Builder::new();
    let (ty, range) = (Type::Int { bits: 2 }, Range::BIT);
    let mut zero = |party| match are_public {
        true => builder.constant(vec![0; 64], 0).expect("allowed"),
        false => builder.input_in("zero", party, 64, ty, range).expect("allowed"),
    };
    let [first, zero] = [0, 1].map(&mut zero);
    let mut product = first;
    for _ in 0..4 {
        product = builder.mul(product, zero).expect("allowed");
        let dot = builder.dot(product, zero, 16).expect("allowed");
        let dots = builder.repeat(dot, 4).expect("allowed");
        product = builder.add(product, dots).expect("allowed");
    }
    let products = product;
    let large = builder.constant(vec![1; 64], 0).expect("allowed");
    for _ in 0..comparisons {
        let less = builder.less(product, large).expect("allowed");
        let equal = builder.equal(product, large).expect("allowed");
        let sum = builder.add(less, equal).expect("allowed");
        let wide = builder.scale(sum, 100).expect("allowed");
        product = builder.truncate(wide, 7, Rounding::Floor).expect("allowed");
    }
    // An output that a circuit does not know beforehand.
    let result = builder.add(products, product).expect("allowed");
    builder.output("result", result, Decoding::Integer).expect("allowed");
    let program = builder.finish().expect("it has an output");
    job(Task::Program(Arc::new(program)), Roles::all(n), 40)
}

/// Zeros with comparisons if it can, without if not, or a function that has no inputs: the first
/// in which enough is said. Whoever does none of these has a function whose inputs are zero, in which
/// it says less.
fn of_zeros(variant: &Variant) -> Option<Subject> {
    let n = parties_of(variant);
    let programs = [2, 0].into_iter().map(|comparisons| zeros(comparisons, n, true));
    let roles = Roles::all(n);
    let (others, functions): (Vec<Case>, Vec<Case>) =
        cases(Size::Default, n).into_iter().partition(|case| !case.task.inputs().is_empty());
    let job = |case: Case| case.job(&roles, Size::Default);
    // Of public zeros circuits make nothing at all; what is compared of secret ones, such as hashes
    // of what all have heard, is no mask.
    let jobs = programs.chain(functions.into_iter().map(job)).chain([zeros(2, n, false)]);
    let bound = |job: Arc<Job>| variant.bind(&job).ok();
    let enough = |least: usize| move |subject: &Subject| masks(subject, 1).len() >= least;
    let found = jobs.filter_map(bound).find(enough(2 * n));
    found.or_else(|| others.into_iter().map(job).filter_map(bound).find(enough(n)))
}

/// Messages that are shorter may come twice by chance.
const LEAST_BYTES: usize = 8;

/// All messages of a run that are long enough.
fn masks(subject: &Subject, seed: u64) -> Bodies {
    let mut sent = bodies(subject, seed);
    sent.retain(|_, body| body.len() >= LEAST_BYTES);
    sent
}

/// The first message that comes twice in runs with these seeds, if any.
fn repeated(subject: &Subject, seeds: [u64; 2]) -> Option<String> {
    let mut all: BTreeMap<Vec<u8>, (u64, PartyId, u64)> = BTreeMap::new();
    for seed in seeds {
        for ((from, scope, number), body) in masks(subject, seed) {
            if let Some(before) = all.insert(body, (seed, from, scope)) {
                return Some(format!("seed {seed}, {from}, {scope:x}, {number}: as {before:x?}"));
            }
        }
    }
    None
}

#[test]
fn no_two_messages_of_zeros_are_equal() {
    let looked_at = each(&variants(), |variant| {
        let subject = of_zeros(variant)?;
        assert_eq!(repeated(&subject, [1, 2]), None, "{}", subject.name);
        // Masks that do not depend on the seed would be noticed.
        assert!(repeated(&subject, [1, 1]).is_some(), "{}", subject.name);
        Some(variant.entry.name)
    });
    for (variant, looked_at) in variants().iter().zip(looked_at) {
        let name = variant.entry.name;
        assert!(looked_at.is_some(), "{name} {} says too little of zeros", variant.params);
    }
}
