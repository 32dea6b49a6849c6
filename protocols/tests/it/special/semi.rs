//! `semi`: what a triple and a random bit cost beside published figures.

use mpclab_protocols::FieldName;
use mpclab_protocols::functions::{Function, RandomBits, RandomBitsParams};
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Width};
use mpclab_protocols::program::Inputs;
use mpclab_protocols::semi::{Semi, SemiParams};
use mpclab_sim::vocabulary::{Phase, Roles};

use super::expect;
use crate::harness::{job, measured};
use crate::slopes::{PRODUCT, over_bits};

fn params(field: FieldName, width: Width) -> SemiParams {
    let ot = OtParams { base: BaseOt::Ideal, width, ..OtParams::DEFAULT };
    SemiParams { field, ot, ..SemiParams::default() }
}

/// Bytes and rounds of the offline phase of products side by side.
fn products(params: &SemiParams, n: usize, count: usize) -> (u64, u64) {
    let (job, inputs) = over_bits(n, count, PRODUCT, 40);
    measured(&expect::<Semi>(&job, params, &inputs, 1), Phase::Offline)
}

/// `offline_bytes_total` of `semi`, MP-SPDZ v0.4.2, Compiler/cost.py, at 64 bits a transfer: parties,
/// bytes of a triple of 128-bit elements.
const MP_SPDZ_TRIPLES: [(usize, u64); 3] = [(2, 6_144), (3, 18_432), (5, 61_440)];

#[test]
fn a_triple_costs_what_is_published() {
    for (n, published) in MP_SPDZ_TRIPLES {
        let spent = |count| products(&params(FieldName::P128, Width::Two), n, count);
        let [(few, rounds), (many, same)] = [2, 12].map(spent);
        assert_eq!((many - few, rounds, same), (10 * published, 2, 2), "{n} parties");
    }
}

/// n (n - 1) k (lambda + 8 l) bits, with lambda = 128 / w for a transfer of a chosen bit; blocks of 128
/// transfers are whole where 128 products are.
#[test]
fn a_triple_costs_a_transfer_for_each_bit() {
    for width in Width::ALL {
        for (field, k, l) in [(FieldName::M61, 61, 8), (FieldName::P128, 128, 16)] {
            let lambda = 128 / width.bits() as u64;
            let [(few, _), (many, _)] = [128, 256].map(|n| products(&params(field, width), 2, n));
            assert_eq!(many - few, 128 * 2 * k * (lambda + 8 * l) / 8, "{k} bits, {width:?}");
        }
    }
}

/// One transfer from each party to each one after it, and as many rounds as there are parties.
#[test]
fn a_random_bit_costs_a_transfer_of_each_pair() {
    for n in [2, 3, 4] {
        let spent = |count| {
            let task = RandomBits::build(&RandomBitsParams { count }, n).expect("allowed");
            let (job, inputs) = (job(task, Roles::all(n), 40), vec![Inputs::new(); n]);
            let run = expect::<Semi>(&job, &params(FieldName::M61, Width::Two), &inputs, 1);
            measured(&run, Phase::Offline)
        };
        let [(few, rounds), (many, same)] = [128, 256].map(spent);
        let pairs = (n * (n - 1) / 2) as u64;
        assert_eq!((many - few, rounds, same), (128 * pairs * (8 + 8), n as u64, n as u64));
    }
}
