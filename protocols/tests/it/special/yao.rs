//! `yao`: AES and SHA-256, costs of garbled tables, memory of labels.

use std::sync::Arc;

use mpclab_protocols::circuit::Optimise;
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::circuit::sha256::sha256_compression;
use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Scheme, Width};
use mpclab_protocols::program::{Inputs, circuit_program};
use mpclab_protocols::yao::{Garbling, Yao, YaoParams};
use mpclab_sim::vocabulary::{PartyId, Phase, Roles};

use super::gmw::{FIPS_197, bits};
use super::{expect, plan, subject};
use crate::harness::{job, measured};

const BOXED: YaoParams = YaoParams {
    ot: OtParams { base: BaseOt::Ideal, ..OtParams::DEFAULT },
    garbling: Garbling::HalfGates,
};

/// The garbler brings the key, the evaluator the block: 6,400 tables of 32 bytes are the published
/// 204,800 of Zahur, Rosulek, Evans (EUROCRYPT 2015: two blocks an AND); labels, corrections and shares of outputs
/// come on top.
#[test]
fn aes_128_meets_fips_197_and_costs_what_half_gates_cost() {
    let program = circuit_program(&aes128().expect("a circuit"), 2).expect("two words");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    for [key, block, encrypted] in FIPS_197 {
        let inputs = [key, block].map(|hex| Inputs::from([("in".to_owned(), bits(hex))]));
        for params in [BOXED, YaoParams::default()] {
            let run = expect::<Yao>(&job, &params, &inputs, 1);
            assert!(run.outputs().all(|(_, output)| output.values() == bits(encrypted)));
            let (tables, labels, corrections, outputs) = (204_800, 128 * 16, 128 / 8, 2 * 128 / 8);
            let bytes = tables + labels + corrections + outputs;
            assert_eq!(measured(&run, Phase::Online), (bytes, 3));
            // 128 transfers with random choices: 63 corrections of 16 bytes.
            assert_eq!(measured(&run, Phase::Offline), (63 * 16, 1));
        }
        // 128 base transfers of 64 bytes and 32 for all, and two blocks for each level of the trees.
        let run = expect::<Yao>(&job, &YaoParams::default(), &inputs, 1);
        assert_eq!(measured(&run, Phase::Setup), (128 * 64 + 32 + 2 * 128 * 16, 2));
    }
}

/// Silent transfers of the smallest set: 288 trees of five levels, two blocks each and one for all,
/// from 2,816 + 1,440 transfers in whole blocks of 128.
#[test]
fn silent_transfers_cost_an_iteration_and_what_it_starts_from() {
    let program = circuit_program(&aes128().expect("a circuit"), 2).expect("two words");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    let [key, block, encrypted] = FIPS_197[0];
    let inputs = [key, block].map(|hex| Inputs::from([("in".to_owned(), bits(hex))]));
    let ot = OtParams { extension: Scheme::Silent, ..OtParams::DEFAULT };
    let params = YaoParams { ot, ..YaoParams::default() };
    let run = expect::<Yao>(&job, &params, &inputs, 1);
    assert!(run.outputs().all(|(_, output)| output.values() == bits(encrypted)));
    let start = 4_256_u64.div_ceil(128) * 63 * 16;
    let setup = 128 * 64 + 32 + 2 * 128 * 16 + start;
    assert_eq!(measured(&run, Phase::Setup), (setup, 2));
    let iteration = 288 * (2 * 5 + 1) * 16 + 288 * 5 / 8;
    assert_eq!(measured(&run, Phase::Offline), (iteration, 2));
    let online = expect::<Yao>(&job, &YaoParams::default(), &inputs, 1);
    assert_eq!(measured(&run, Phase::Online), measured(&online, Phase::Online));
    let bound = subject::<Yao>(&job, &params).bound;
    let said = "silent transfers of a pair: iterations of the small set (n = 9216, k = 2816, t = \
                288), 1 of them, of which 4832 transfers are left over";
    assert!(bound.notes.iter().any(|note| note == said), "{:?}", bound.notes);
    assert!(bound.assumes.iter().any(|it| it.contains("regular noise")), "{:?}", bound.assumes);
    assert_eq!(bound.held_bytes, 2 * 16 * (9_216 + 4_256));
    let soft = subject::<Yao>(&job, &YaoParams::default()).bound;
    assert_eq!((soft.assumes.len(), soft.held_bytes), (2, 0));
}

/// 6,400 ANDs of 1.5 blocks and 5 bits: Rosulek, Roy, CRYPTO 2021.
#[test]
fn aes_128_in_three_halves_takes_157_600_bytes_of_tables() {
    let program = circuit_program(&aes128().expect("a circuit"), 2).expect("two words");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    let params = YaoParams { garbling: Garbling::ThreeHalves, ..BOXED };
    for [key, block, encrypted] in FIPS_197 {
        let inputs = [key, block].map(|hex| Inputs::from([("in".to_owned(), bits(hex))]));
        let run = expect::<Yao>(&job, &params, &inputs, 1);
        assert!(run.outputs().all(|(_, output)| output.values() == bits(encrypted)));
        assert_eq!(measured(&run, Phase::Online), (157_600 + 128 * 16 + 16 + 32, 3));
    }
}

/// Rounds do not grow with depth, and labels that are held do not grow with size.
#[test]
fn sha_256_takes_as_many_rounds_as_aes_and_few_labels() {
    let circuit = sha256_compression(Optimise::Size).expect("a circuit");
    let counts = circuit.counts();
    let program = circuit_program(&circuit, 2).expect("two words");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    let plan = plan::<Yao>(&job, &BOXED);
    assert!(plan.streamed().width() * 20 < counts.gates as usize, "{}", plan.streamed().width());
    let words = circuit.inputs().iter().map(|word| word.width as usize);
    let column = |len: usize| (0..len).map(|at| i128::from(at % 3 == 0)).collect::<Vec<_>>();
    let inputs: Vec<Inputs> =
        words.map(|len| Inputs::from([("in".to_owned(), column(len))])).collect();
    let run = expect::<Yao>(&job, &BOXED, &inputs, 1);
    let (bytes, rounds) = measured(&run, Phase::Online);
    assert!(bytes > u64::from(counts.ands) * 32 && rounds == 3, "{bytes} bytes");
}

/// All ways to make transfers cost what they say, and a round is saved where the evaluator learns
/// alone.
#[test]
fn every_width_and_base_transfer_costs_what_is_declared() {
    let circuit = aes128().expect("a circuit");
    let program = circuit_program(&circuit, 2).expect("two words");
    let task = Task::Program(Arc::new(program));
    let [key, block, _] = FIPS_197[0];
    let inputs = [key, block].map(|hex| Inputs::from([("in".to_owned(), bits(hex))]));
    let everyone = job(task.clone(), Roles::all(2), 40);
    for width in Width::ALL {
        for base in [BaseOt::Endemic, BaseOt::Simplest] {
            let params = YaoParams { ot: OtParams { width, base, ..OtParams::DEFAULT }, ..BOXED };
            let run = expect::<Yao>(&everyone, &params, &inputs, 1);
            let rounds = base.rounds() + u64::from(width != Width::One);
            assert_eq!(measured(&run, Phase::Setup).1, rounds, "{params:?}");
            let corrections = 16 * (width.fields() as u64 - 1);
            assert_eq!(measured(&run, Phase::Offline), (corrections, 1), "{params:?}");
        }
    }
    let evaluator = Roles { output: vec![PartyId(1)], ..Roles::all(2) };
    let run = expect::<Yao>(&job(task, evaluator, 40), &BOXED, &inputs, 1);
    assert_eq!(measured(&run, Phase::Online).1, 2);
}
