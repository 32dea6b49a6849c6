//! `wrk`: AES and SHA-256, costs step by step, and what malicious parties do.

use std::sync::Arc;

use mpclab_protocols::circuit::Optimise;
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::circuit::sha256::sha256_compression;
use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Width};
use mpclab_protocols::program::{Inputs, circuit_program};
use mpclab_protocols::wrk::{Wrk, WrkParams};
use mpclab_sim::vocabulary::{Phase, Roles};

use super::gmw::{FIPS_197, bits};
use super::{plan, steps_that_catch, subject};
use crate::harness::{job, measured};

const BOXED: WrkParams =
    WrkParams { ot: OtParams { width: Width::One, base: BaseOt::Ideal, ..OtParams::DEFAULT } };

/// Four rows of `n` blocks from each garbler and AND; online a masked bit to each other party, a
/// label from each garbler for each input bit, and shares of masks and masked bits of outputs.
#[test]
fn aes_128_meets_fips_197_among_two_and_three() {
    let circuit = aes128().expect("a circuit");
    for n in [2, 3] {
        let program = circuit_program(&circuit, n).expect("two words");
        let job = job(Task::Program(Arc::new(program)), Roles::all(n), 40);
        let [key, block, encrypted] = FIPS_197[0];
        let word = |hex| Inputs::from([("in".to_owned(), bits(hex))]);
        let mut inputs = vec![word(key), word(block)];
        inputs.resize(n, Inputs::new());
        let run = subject::<Wrk>(&job, &BOXED).expect_once(&inputs, 1);
        for (_, output) in run.outputs() {
            assert_eq!(output.values(), bits(encrypted), "{n} parties");
        }
        let (pairs, garblers) = ((n * (n - 1)) as u64, n as u64 - 1);
        let masked = 2 * garblers * 16;
        let labels = garblers * 256 * 16;
        let outputs = (pairs + garblers) * (16 + 32);
        let online = masked + labels + pairs * 64 + outputs;
        assert_eq!(measured(&run, Phase::Online), (online, 3), "{n} parties");
        let tables = garblers * 6_400 * 4 * n as u64 * 16;
        let opened = pairs * (2 * 6_400 / 8 + 32);
        let plan = plan::<Wrk>(&job, &BOXED);
        let [_, prepared] = plan.preparation().cost();
        let offline = (prepared.bytes + opened + tables, prepared.rounds + 2);
        assert_eq!(measured(&run, Phase::Offline), offline, "{n} parties");
    }
}

/// Rounds do not grow with depth.
#[test]
fn sha_256_takes_as_many_rounds_as_aes() {
    let circuit = sha256_compression(Optimise::Size).expect("a circuit");
    let program = circuit_program(&circuit, 2).expect("two words");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    let words = circuit.inputs().iter().map(|word| word.width as usize);
    let column = |len: usize| (0..len).map(|at| i128::from(at % 3 == 0)).collect::<Vec<_>>();
    let inputs: Vec<Inputs> =
        words.map(|len| Inputs::from([("in".to_owned(), column(len))])).collect();
    let run = subject::<Wrk>(&job, &BOXED).expect_once(&inputs, 1);
    assert_eq!(measured(&run, Phase::Online).1, 3);
    assert_eq!(measured(&run, Phase::Offline).1, 14);
}

/// Whatever message is changed, who got it aborts or has the right output, nobody has another one,
/// and nobody but the cheater is blamed.
#[test]
fn every_changed_message_is_noticed_and_no_honest_party_is_blamed() {
    for n in [2, 3] {
        let steps = steps_that_catch::<Wrk>(n, &BOXED);
        for caught in [
            "MACs in offline/masks/differences",
            "equal broadcasts in online/check",
            "rows of AND 0",
            "labels in online/masked",
            "MACs in online/output",
        ] {
            assert!(steps.contains_key(caught), "{caught} is not among {steps:#?}");
        }
    }
}
