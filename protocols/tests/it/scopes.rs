//! Known attacks name scopes that exist: a pattern that fits nothing attacks nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mpclab_protocols::attack::Plan;
use mpclab_protocols::functions::{CoinToss, CoinTossParams, Function, Task};
use mpclab_protocols::program::{Builder, Decoding, Inputs, Rounding, Type};
use mpclab_protocols::protocol::{Code, Job, Protocol, ProtocolVisitor};
use mpclab_protocols::visit_all;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::harness::{config, job, simulate};

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
fn everything() -> Arc<Job> {
    let mut builder = Builder::new();
    let ty = Type::Int { bits: 8 };
    let x = builder.input("x", 0, 2, ty).expect("allowed");
    let y = builder.input("x", 1, 2, ty).expect("allowed");
    let product = builder.mul(x, y).expect("allowed");
    let again = builder.mul(product, y).expect("allowed");
    let parts = [
        builder.dot(x, y, 1).expect("allowed"),
        builder.less(x, y).expect("allowed"),
        builder.equal(x, y).expect("allowed"),
        builder.truncate(product, 3, Rounding::Floor).expect("allowed"),
        again,
    ];
    for (part, name) in parts.into_iter().zip(["dot", "less", "equal", "truncate", "again"]) {
        builder.output(name, part, Decoding::Integer).expect("allowed");
    }
    job(Task::Program(Arc::new(builder.finish().expect("allowed"))), Roles::all(3), 8)
}

struct Checks {
    jobs: Vec<Arc<Job>>,
    patterns: usize,
}

impl ProtocolVisitor for Checks {
    fn visit<P: Protocol>(&mut self, _: Box<dyn Code>) {
        let params = Arc::new(P::Params::default());
        let scopes: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        for job in self.jobs.iter().filter(|job| P::compile(job, &params).is_ok()) {
            let input = Inputs::from([("x".to_owned(), vec![3, -5])]);
            let recorder = Box::new(Scopes(Arc::clone(&scopes)));
            let inputs = [input.clone(), input, Inputs::new()];
            assert!(
                simulate::<P>(job, &params, &inputs, config(3, 1), Some(recorder)).is_complete()
            );
        }
        let scopes = scopes.lock().expect("unpoisoned");
        assert!(!scopes.is_empty(), "{} runs none of the jobs", P::NAME);
        for attack in P::attacks() {
            let Plan::Script(script) = attack.plan else { continue };
            for pattern in script.rules.iter().filter_map(|rule| rule.on.scope.as_ref()) {
                self.patterns += 1;
                assert!(
                    scopes.iter().any(|scope| pattern.matches(scope)),
                    "{}: {} acts in {pattern}, of which there is none: {scopes:#?}",
                    P::NAME,
                    attack.name,
                );
            }
        }
    }
}

#[test]
fn every_scope_of_a_known_attack_exists() {
    let coins = CoinToss::build(&CoinTossParams { bits: 4 }, 3).expect("allowed");
    let mut checks = Checks { jobs: vec![everything(), job(coins, Roles::all(3), 8)], patterns: 0 };
    visit_all(&mut checks);
    assert!(checks.patterns > 30, "{}", checks.patterns);
}
