//! `yao_cut_and_choose`: costs, and what cheating garblers and evaluators achieve, counted.

use std::sync::Arc;

use mpclab_protocols::attack::{Attack, Plan, Setting};
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Width};
use mpclab_protocols::program::{
    self, Builder, Decoding, Inputs, Outputs, Range, Type, circuit_program,
};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_protocols::yao_cut_and_choose::{CutAndChooseParams, YaoCutAndChoose};
use mpclab_sim::vocabulary::{Abort, PartyId, Phase, Roles, Security};
use mpclab_sim::{PartyEnd, Run, RunSeed, Simulation};

use super::gmw::{FIPS_197, bits};
use super::{expect, plan, subject};
use crate::harness::{config, correct, job, measured};

const GARBLER: PartyId = PartyId(0);
const EVALUATOR: PartyId = PartyId(1);

const fn boxed(replicas: u32) -> CutAndChooseParams {
    let ot = OtParams { width: Width::Two, base: BaseOt::Ideal, ..OtParams::DEFAULT };
    CutAndChooseParams { replicas, ot }
}

/// 40 circuits of 6,400 tables of 32 bytes, and what comes with them.
#[test]
fn aes_128_costs_forty_circuits() {
    let program = circuit_program(&aes128().expect("a circuit"), 2).expect("two words");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    let [key, block, encrypted] = FIPS_197[0];
    let inputs = [key, block].map(|hex| Inputs::from([("in".to_owned(), bits(hex))]));
    let run = expect::<YaoCutAndChoose>(&job, &boxed(40), &inputs, 1);
    assert!(run.outputs().all(|(_, output)| output.values() == bits(encrypted)));
    // 128 bits are encoded in 512; a hash of 42 + 2 * 6 rows, as three events share 2^-40.
    let (s, places, rows) = (40, 512, 54);
    let labels = 16 * (128 + rows + 2 * places);
    let circuit = 204_800 + 32 + labels + 32 + 2 * 16 * 128 + 32;
    let steps = [
        (s + places) / 8 + 64,
        s * circuit + 64 * 128,
        16,
        7 + 32 * s,
        32 + 32 * s,
        16 * (1 + s),
        36 + 16,
    ];
    assert_eq!(measured(&run, Phase::Online), (steps.iter().sum(), 7));
    assert_eq!(measured(&run, Phase::Offline).1, 3);
    let evaluator = Roles { output: vec![PartyId(1)], ..Roles::all(2) };
    let only = expect::<YaoCutAndChoose>(
        &Arc::new(Job { roles: evaluator, ..(*job).clone() }),
        &boxed(40),
        &inputs,
        1,
    );
    assert_eq!(measured(&only, Phase::Online).1, 6);
}

/// A product of two signed words, for both.
pub(super) fn product(len: u32) -> Arc<Job> {
    let mut builder = Builder::new();
    let ty = Type::Int { bits: len };
    let [x, y] = [0, 1].map(|party| builder.input("x", party, 1, ty).expect("allowed"));
    let product = builder.mul(x, y).expect("allowed");
    builder.output("product", product, Decoding::Integer).expect("allowed");
    job(Task::Program(Arc::new(builder.finish().expect("allowed"))), Roles::all(2), 20)
}

pub(super) fn column(value: i128) -> Inputs {
    Inputs::from([("x".to_owned(), vec![value])])
}

/// A run against a party that attacks by its code.
fn attacked<P: Protocol>(
    job: &Arc<Job>,
    params: &P::Params,
    inputs: &[Inputs],
    (attack, cheater): (&Attack, PartyId),
    seed: u64,
) -> Run<Outputs> {
    let subject = subject::<P>(job, params);
    let Plan::Code(code) = &attack.plan else { panic!("{} is no code", attack.name) };
    let setting = Setting {
        job: Arc::clone(job),
        corrupted: vec![cheater],
        seed: RunSeed::new(seed, 0),
        params: serde_json::to_value(params).expect("JSON"),
    };
    let mut simulation = Simulation::new(config(2, seed));
    for ideal in &subject.bound.ideals {
        simulation = simulation.with_ideal(ideal.clone());
    }
    simulation.run(|ctx| {
        let input = inputs[ctx.id().index()].clone();
        match ctx.id() == cheater {
            true => code(ctx, setting.clone(), input),
            false => (subject.bound.start)(ctx, input),
        }
    })
}

/// What became of the evaluator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) caught: u32,
    pub(super) right: u32,
    pub(super) wrong: u32,
}

pub(super) fn counted<P: Protocol>(
    job: &Arc<Job>,
    params: &P::Params,
    inputs: &[Inputs; 2],
    attack: &Attack,
    runs: u64,
) -> Counts {
    let mut counts = Counts::default();
    for seed in 0..runs {
        let run = attacked::<P>(job, params, inputs, (attack, GARBLER), seed);
        match &run.parties[1].0 {
            PartyEnd::Abort(Abort::Cheating { culprits, .. }) => {
                assert_eq!(culprits[..], [GARBLER]);
                counts.caught += 1;
            }
            PartyEnd::Output(output) => match is_right(job, inputs, output) {
                true => counts.right += 1,
                false => counts.wrong += 1,
            },
            other => panic!("{}: {other:?}", attack.name),
        }
    }
    counts
}

/// An evaluator that forges the garbler's outputs is caught by it, and changes nothing where there are
/// none.
pub(super) fn forgers_are_caught<P: Protocol>(params: &P::Params, attack: &Attack) {
    let (job, inputs) = (product(4), [column(3), column(-6)]);
    for seed in 0..10 {
        let run = attacked::<P>(&job, params, &inputs, (attack, EVALUATOR), seed);
        let PartyEnd::Abort(Abort::Cheating { culprits, .. }) = &run.parties[0].0 else {
            panic!("{:?}", run.parties[0].0)
        };
        assert_eq!(culprits[..], [EVALUATOR]);
        let roles = Roles { output: vec![EVALUATOR], ..Roles::all(2) };
        let for_evaluator = Arc::new(Job { roles, ..(*job).clone() });
        let run = attacked::<P>(&for_evaluator, params, &inputs, (attack, EVALUATOR), seed);
        assert!(run.is_complete());
    }
}

fn is_right(job: &Arc<Job>, inputs: &[Inputs], output: &Outputs) -> bool {
    let program = job.program().expect("a program");
    let expected = program::interpret(program, inputs).expect("inputs fit");
    program::check_outputs(program, &expected, 1, output).is_ok()
}

fn known(name: &str) -> Attack {
    let found = YaoCutAndChoose::attacks().into_iter().find(|attack| attack.name == name);
    found.unwrap_or_else(|| panic!("{name}"))
}

/// The rate at which something happens that has this probability, five standard deviations aside.
#[track_caller]
pub(super) fn near(count: u32, runs: u64, probability: f64) {
    let mean = runs as f64 * probability;
    let deviation = (mean * (1.0 - probability)).sqrt();
    assert!(
        (f64::from(count) - mean).abs() <= 5.0 * deviation,
        "{count} of {runs}, {mean} expected"
    );
}

/// The best garbler guesses which of `2^s - 1` sets is evaluated, and is caught or overruled if not.
#[test]
fn a_garbler_succeeds_as_often_as_it_guesses_the_set() {
    let (job, inputs) = (product(4), [column(3), column(-6)]);
    for (replicas, runs) in [(2, 200), (3, 300), (4, 300)] {
        let params = boxed(replicas);
        let plan = plan::<YaoCutAndChoose>(&job, &params);
        let [trial] = &YaoCutAndChoose::soundness_trials(&plan)[..] else { panic!("one trial") };
        let counts = counted::<YaoCutAndChoose>(&job, &params, &inputs, &trial.strategies[0], runs);
        let sets = f64::from((1u32 << replicas) - 1);
        near(counts.wrong, runs, 1.0 / sets);
        // Labels that nobody could use do not make the others count for nothing.
        let alone = counted::<YaoCutAndChoose>(&job, &params, &inputs, &trial.strategies[1], runs);
        near(alone.wrong, runs, 1.0 / sets);
        assert_eq!(alone.right, 0, "{alone:?}");
        assert!(counts.caught > 0 && counts.right > 0, "{counts:?}");
        let bound = &YaoCutAndChoose::soundness(&plan)[0];
        assert!((bound.probability - 1.0 / sets).abs() < 1e-12 && bound.event == trial.event);
    }
}

/// One wrong circuit is caught if it is checked; if it is evaluated beside a right one, the garbler's
/// input is recovered, and the output is right.
#[test]
fn one_wrong_circuit_is_caught_or_recovered_from() {
    let (job, inputs) = (product(4), [column(-7), column(5)]);
    let runs = 200;
    for name in ["wrong-circuit", "forged-values"] {
        let counts = counted::<YaoCutAndChoose>(&job, &boxed(5), &inputs, &known(name), runs);
        // 15 of 31 sets leave it out, 15 have others beside it, one is it alone.
        near(counts.caught, runs, if name == "wrong-circuit" { 15.0 / 31.0 } else { 16.0 / 31.0 });
        near(counts.right, runs, 15.0 / 31.0);
        assert!(counts.wrong < 30, "{name}: {counts:?}");
    }
    // The garbler tells what fits its other input: it is caught where that circuit is checked.
    let counts =
        counted::<YaoCutAndChoose>(&job, &boxed(8), &inputs, &known("inconsistent-input"), 100);
    near(counts.caught, 100, 127.0 / 255.0);
    assert!(counts.right > 25 && counts.wrong <= 2, "{counts:?}");
    for name in ["wrong-circuits", "no-recovery", "swapped-labels", "shifted-table"] {
        let counts = counted::<YaoCutAndChoose>(&job, &boxed(12), &inputs, &known(name), 10);
        assert_eq!(counts, Counts { caught: 10, ..Counts::default() }, "{name}");
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
            counted::<YaoCutAndChoose>(&job, &boxed(5), &inputs, &known("selective-failure"), runs);
        // Chosen with one half; 30 of 31 sets check a circuit, and nobody can evaluate otherwise.
        near(counts.caught, runs, 0.5);
        assert_eq!(counts.wrong, 0, "{counts:?}");
    }
}

#[test]
fn an_evaluator_forges_no_outputs() {
    forgers_are_caught::<YaoCutAndChoose>(&boxed(5), &known("forged-outputs"));
}

/// Whether the garbler's input was recovered shows in nothing that the evaluator is charged for.
#[test]
fn to_recover_takes_as_much_as_not_to() {
    let (job, inputs) = (product(4), [column(-7), column(5)]);
    let honest = subject::<YaoCutAndChoose>(&job, &boxed(5));
    let mut recovered = 0;
    for attack in ["wrong-circuit", "forged-values", "swapped-in-one"].map(known) {
        for seed in 0..20 {
            let attacker = (&attack, GARBLER);
            let run = attacked::<YaoCutAndChoose>(&job, &boxed(5), &inputs, attacker, seed);
            let PartyEnd::Output(output) = &run.parties[1].0 else { continue };
            if is_right(&job, &inputs, output) {
                let usual = honest.simulate(&inputs, config(2, seed), None);
                assert_eq!(run.metrics.parties[1].ops, usual.metrics.parties[1].ops, "{seed}");
                recovered += 1;
            }
        }
    }
    assert!(recovered > 5, "{recovered}");
}

/// What lies outside of a range is read as the lowest of it, in the circuit.
#[test]
fn inputs_out_of_range_are_read_as_the_lowest() {
    let mut builder = Builder::new();
    let ranges = [Range { lo: 2, hi: 5 }, Range { lo: -3, hi: 1 }];
    for (party, range) in ranges.into_iter().enumerate() {
        let ty = Type::Int { bits: 8 };
        let x = builder.input_in("x", party, 1, ty, range).expect("allowed");
        builder.output(format!("x{party}"), x, Decoding::Integer).expect("allowed");
    }
    let job = job(Task::Program(Arc::new(builder.finish().expect("allowed"))), Roles::all(2), 20);
    let subject = subject::<YaoCutAndChoose>(&job, &boxed(3));
    for (inputs, outputs) in [
        ([2, -3], [2, -3]),
        ([5, 1], [5, 1]),
        ([6, -4], [2, -3]),
        ([0, 3], [2, -3]),
        ([1, 2], [2, -3]),
    ] {
        let run = subject.simulate(&inputs.map(column), config(2, 1), None);
        for (_, output) in run.outputs() {
            assert_eq!(output.values(), outputs, "{inputs:?}");
        }
        assert_eq!(run.outputs().count(), 2);
    }
}

/// Outputs for one alone, and draws of both.
#[test]
fn outputs_for_the_garbler_alone_are_right() {
    let job = product(4);
    let inputs = [column(-7), column(5)];
    for (learns, rounds) in [(vec![PartyId(0)], 7), (vec![PartyId(1)], 6)] {
        let roles = Roles { output: learns, ..Roles::all(2) };
        let job = Arc::new(Job { roles, ..(*job).clone() });
        let run = expect::<YaoCutAndChoose>(&job, &boxed(4), &inputs, 1);
        assert!(correct(&job, &inputs, &run).is_ok());
        assert_eq!(measured(&run, Phase::Online).1, rounds);
    }
}

#[test]
fn fewer_circuits_claim_less_and_one_is_refused() {
    let job = product(4);
    let claims = |replicas| subject::<YaoCutAndChoose>(&job, &boxed(replicas)).bound.claims;
    assert_eq!(claims(5).security, Security::Both { sigma: 3, kappa: 128 });
    assert_eq!(claims(40).security, Security::Both { sigma: 20, kappa: 128 });
    for replicas in [0, 1, 65] {
        let why = YaoCutAndChoose::compile(&job, &boxed(replicas)).err().expect("refused");
        assert_eq!(why.param, Some("replicas"), "{why}");
    }
    let simplest = OtParams { base: BaseOt::Simplest, ..OtParams::default() };
    let params = CutAndChooseParams { ot: simplest, ..CutAndChooseParams::default() };
    let why = YaoCutAndChoose::compile(&job, &params).err().expect("refused");
    assert_eq!(why.param, Some("ot"), "{why}");
}
