//! Known attacks name scopes that exist: a pattern that fits nothing attacks nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mpclab_protocols::attack::Plan;
use mpclab_protocols::functions::{
    CoinToss, CoinTossParams, Function, ObliviousTransfer, ObliviousTransferParams, Task,
};
use mpclab_protocols::program::{Builder, Decoding, InputDecl, Inputs, Rounding, Type};
use mpclab_protocols::protocol::Job;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::harness::{config, job};
use crate::registry::{Entry, entries};

/// Writes down the scopes in which messages are sent.
struct Scopes(Arc<Mutex<BTreeSet<String>>>);

impl Adversary for Scopes {
    fn corrupted(&self) -> Vec<PartyId> {
        Vec::new()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        self.0.lock().expect("unpoisoned").insert(message.scope.to_owned());
        Decision::Pass
    }
}

/// Every operation once, the products in two layers.
fn everything(n: usize) -> Arc<Job> {
    let mut builder = Builder::new();
    let ty = Type::Int { bits: 8 };
    let x = builder.input("x", 0, 2, ty).expect("allowed");
    let y = builder.input("x", 1, 2, ty).expect("allowed");
    let product = builder.mul(x, y).expect("allowed");
    let again = builder.mul(product, y).expect("allowed");
    let (less, equal) =
        (builder.less(x, y).expect("allowed"), builder.equal(x, y).expect("allowed"));
    let both = builder.and(less, equal).expect("allowed");
    let parts = [
        builder.dot(x, y, 1).expect("allowed"),
        less,
        equal,
        builder.sum(both, 1).expect("allowed"),
        builder.truncate(product, 3, Rounding::Floor).expect("allowed"),
        again,
    ];
    for (part, name) in parts.into_iter().zip(["dot", "less", "equal", "both", "truncate", "again"])
    {
        builder.output(name, part, Decoding::Integer).expect("allowed");
    }
    job(Task::Program(Arc::new(builder.finish().expect("allowed"))), Roles::all(n), 8)
}

/// Scopes in which a protocol with its default parameters sends, over all jobs that it can do.
fn scopes_of(entry: &Entry, jobs: &[Arc<Job>]) -> BTreeSet<String> {
    let scopes: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    for job in jobs {
        let Ok(subject) = entry.bind(job, &entry.variants[0]) else { continue };
        let recorder = Box::new(Scopes(Arc::clone(&scopes)));
        let nodes = job.roles.nodes();
        let column = |decl: &InputDecl| (decl.name.to_string(), vec![1; decl.len]);
        let input = |party| job.task.inputs_of(party).iter().map(column).collect();
        let inputs: Vec<Inputs> = (0..nodes).map(input).collect();
        assert!(subject.simulate(&inputs, config(nodes, 1), Some(recorder)).is_complete());
    }
    let scopes = scopes.lock().expect("unpoisoned");
    assert!(!scopes.is_empty(), "{} runs none of the jobs", entry.name);
    scopes.clone()
}

#[test]
fn every_scope_of_a_known_attack_exists() {
    let coins = CoinToss::build(&CoinTossParams { bits: 4 }, 3).expect("allowed");
    let params = ObliviousTransferParams { choices: 3, length: 2, bits: 8 };
    let transfers = ObliviousTransfer::build(&params, 2).expect("allowed");
    let transfers = job(transfers, Roles::all(2), 8);
    let function = ObliviousTransfer::NAME.to_owned();
    let transfers = Arc::new(Job { function, ..(*transfers).clone() });
    let jobs = [everything(3), everything(2), job(coins, Roles::all(3), 8), transfers];
    let mut patterns = 0;
    for entry in entries() {
        let scopes = scopes_of(entry, &jobs);
        for attack in entry.code.attacks() {
            let Plan::Script(script) = attack.plan else { continue };
            for pattern in script.rules.iter().filter_map(|rule| rule.on.scope.as_ref()) {
                patterns += 1;
                assert!(
                    scopes.iter().any(|scope| pattern.matches(scope)),
                    "{}: {} acts in {pattern}, of which there is none: {scopes:#?}",
                    entry.name,
                    attack.name,
                );
            }
        }
    }
    assert!(patterns > 30, "{patterns}");
}
