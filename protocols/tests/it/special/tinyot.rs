//! `tinyot`: AES, costs step by step, and what malicious parties do.

use std::sync::Arc;

use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Width};
use mpclab_protocols::program::{Inputs, circuit_program};
use mpclab_protocols::tinyot::{TinyOt, TinyOtParams};
use mpclab_sim::vocabulary::{Phase, Roles};

use super::gmw::{FIPS_197, bits};
use super::{plan, steps_that_catch, subject};
use crate::harness::{job, measured};
use crate::tampering::product_and;

const BOXED: OtParams = OtParams { width: Width::One, base: BaseOt::Ideal, ..OtParams::DEFAULT };

fn boxed() -> TinyOtParams {
    TinyOtParams { ot: BOXED, ..TinyOtParams::default() }
}

/// 6,400 ANDs from buckets of four: two bits opened per party, peer and AND, as with `gmw`, and two
/// hashes for the check.
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
        let run = subject::<TinyOt>(&job, &boxed()).expect_once(&inputs, 1);
        for (_, output) in run.outputs() {
            assert_eq!(output.values(), bits(encrypted), "{n} parties");
        }
        let plan = plan::<TinyOt>(&job, &boxed());
        let depth = u64::from(plan.layered().circuit().counts().and_depth);
        let peers = (n * (n - 1)) as u64;
        let ands = peers * 2 * 6_400 / 8;
        let words = 2 * (n as u64 - 1) * 16 + peers * 16;
        let hashes = peers * (2 * 32 + 32);
        assert_eq!(measured(&run, Phase::Online), (ands + words + hashes, depth + 3));
        let [batch] = plan.preparation().batches() else { panic!("one batch") };
        assert_eq!((batch.used, batch.buckets, batch.size), (6_400, 6_400, 4));
        // Three bits of each leaky AND over OT extension of 16 bytes, its bit, block and
        // difference, and the differences in buckets: two parties have no more to check.
        if n == 2 {
            let (leaky, blocks) = (4 * 6_400_u64, (3 * 4 * 6_400 + 256_u64).div_ceil(128) + 1);
            let extension = 128 * 16 * blocks + 16 * (1 + 129);
            let leaky = leaky / 8 + 16 * leaky + leaky / 8;
            let coins = 2 * (32 + 32 + 64) + (32 + 16 + 64);
            let bucket = 3 * 6_400 / 8 + 32;
            // Each opens to the other its shares of the masks of 128 input bits.
            let masks = 16 + 32;
            let expected = 2 * (extension + leaky + coins + bucket + masks);
            assert_eq!(measured(&run, Phase::Offline), (expected, 12));
        }
    }
}

/// Whatever message is changed, who got it aborts or has the right output, nobody has another one,
/// and nobody but the cheater is blamed.
#[test]
fn every_changed_message_is_noticed_and_no_honest_party_is_blamed() {
    for n in [2, 3] {
        let steps = steps_that_catch::<TinyOt>(n, &boxed());
        let mut caught = vec![
            "MACs in online/output",
            "MACs in offline/batch[0]/buckets/differences",
            "7: ANDs in offline/batch[0]/leaky/check",
            "openings in offline/batch[0]/buckets/coins",
            "equal broadcasts in online/check",
        ];
        if n > 2 {
            caught.extend([
                "3: MACs of sums in offline/batch[0]/bits/bits",
                "equal broadcasts in offline/batch[0]/bits/bits/echo",
                "3b: openings in offline/batch[0]/bits/keys",
                "3d: global keys in offline/batch[0]/bits/keys",
            ]);
        }
        for caught in caught {
            assert!(steps.contains_key(caught), "{caught} is not among {steps:#?}");
        }
    }
}

#[test]
fn clients_and_weak_base_transfers_are_refused_with_what_would_work() {
    use mpclab_protocols::protocol::Protocol;
    let (all, _) = product_and(false, 3);
    let with = |roles| job(all.task.clone(), roles, 8);
    let why = |job, params| TinyOt::compile(&job, &params).err().expect("it is refused");
    let clients = crate::harness::clients(2, 3, &[0]);
    let refused = why(with(clients), boxed());
    assert!(refused.instead.contains("parties as a number"), "{refused}");
    let weak = OtParams { base: BaseOt::Simplest, ..BOXED };
    let refused = why(with(Roles::all(3)), TinyOtParams { ot: weak, ..boxed() });
    assert_eq!(refused.param, Some("ot"));
}
