//! `yao_covert`: costs, and how often cheats are caught.

use std::sync::Arc;

use mpclab_protocols::attack::Attack;
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Width};
use mpclab_protocols::program::{Inputs, circuit_program};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_protocols::yao_covert::{CovertParams, YaoCovert};
use mpclab_sim::vocabulary::{AdversaryKind, PartyId, Phase, Roles};

use super::gmw::{FIPS_197, bits};
use super::yao_cut_and_choose::{Counts, column, counted, forgers_are_caught, near, product};
use super::{expect, subject};
use crate::harness::{job, measured};

const fn boxed(replicas: u32) -> CovertParams {
    let ot = OtParams { width: Width::Two, base: BaseOt::Ideal, ..OtParams::DEFAULT };
    CovertParams { replicas, ot }
}

/// Ten circuits of 6,400 tables of 32 bytes, and what comes with them.
#[test]
fn aes_128_costs_ten_circuits() {
    let program = circuit_program(&aes128().expect("a circuit"), 2).expect("two words");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    let [key, block, encrypted] = FIPS_197[0];
    let inputs = [key, block].map(|hex| Inputs::from([("in".to_owned(), bits(hex))]));
    let run = expect::<YaoCovert>(&job, &boxed(10), &inputs, 1);
    assert!(run.outputs().all(|(_, output)| output.values() == bits(encrypted)));
    let (s, places) = (10, 512);
    let circuit = 204_800 + 32 + 16 * (128 + 2 * places) + 2 * 64 * 128;
    let steps = [(s + places) / 8 + 1, s * circuit, 128 / 8 + 32];
    assert_eq!(measured(&run, Phase::Online), (steps.iter().sum(), 3));
    let roles = Roles { output: vec![PartyId(1)], ..Roles::all(2) };
    let job = Arc::new(Job { roles, ..(*job).clone() });
    let only = expect::<YaoCovert>(&job, &boxed(10), &inputs, 1);
    assert_eq!(measured(&only, Phase::Online).1, 2);
}

fn known(name: &str) -> Attack {
    let found = YaoCovert::attacks().into_iter().find(|attack| attack.name == name);
    found.unwrap_or_else(|| panic!("{name}"))
}

/// A garbler that makes one circuit wrong is caught with `1 - 1/s`, and by name.
#[test]
fn a_garbler_is_caught_as_often_as_it_is_deterred() {
    let (job, inputs) = (product(4), [column(3), column(-6)]);
    let runs = 200;
    for replicas in [2, 5] {
        let params = boxed(replicas);
        let claims = subject::<YaoCovert>(&job, &params).bound.claims;
        let AdversaryKind::Covert(deterrence) = claims.adversary else { panic!("{claims:?}") };
        assert!((deterrence - (1.0 - 1.0 / f64::from(replicas))).abs() < 1e-5);
        for name in ["guessed-circuit", "first-circuit", "last-circuit"] {
            let counts = counted::<YaoCovert>(&job, &params, &inputs, &known(name), runs);
            near(counts.caught, runs, deterrence);
            near(counts.wrong, runs, 1.0 / f64::from(replicas));
        }
        for name in ["wrong-circuits", "garbage-labels", "swapped-labels", "shifted-tables"] {
            let counts = counted::<YaoCovert>(&job, &params, &inputs, &known(name), 10);
            assert_eq!(counts, Counts { caught: 10, ..Counts::default() }, "{name}");
        }
    }
}

/// Whoever offers a wrong label for one choice is caught as often whatever the evaluator's bit is.
#[test]
fn a_selective_failure_tells_nothing_of_the_evaluators_bit() {
    let job = product(4);
    let runs = 200;
    for value in [2, 3] {
        let inputs = [column(-7), column(value)];
        let counts =
            counted::<YaoCovert>(&job, &boxed(3), &inputs, &known("selective-failure"), runs);
        near(counts.caught, runs, 0.5);
        assert_eq!(counts.wrong, 0, "{counts:?}");
    }
}

#[test]
fn an_evaluator_forges_no_outputs() {
    forgers_are_caught::<YaoCovert>(&boxed(3), &known("forged-outputs"));
}

#[test]
fn one_circuit_is_refused() {
    for replicas in [0, 1, 1001] {
        let why = YaoCovert::compile(&product(4), &boxed(replicas)).err().expect("refused");
        assert_eq!(why.param, Some("replicas"), "{why}");
    }
}
