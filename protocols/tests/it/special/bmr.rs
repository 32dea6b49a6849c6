//! `bmr`: AES and SHA-256, costs step by step, and clients.

use std::sync::Arc;

use mpclab_protocols::bmr::{Bmr, BmrParams};
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::circuit::sha256::{SHA256_INITIAL, sha256_compression};
use mpclab_protocols::circuit::{Circuit, Optimise};
use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Scheme, Width};
use mpclab_protocols::program::{Builder, Decoding, Inputs, Type, circuit_program};
use mpclab_protocols::protocol::Job;
use mpclab_sim::vocabulary::{PartyId, Phase, Roles};

use super::gmw::{FIPS_197, bits};
use super::subject;
use crate::harness::{job, measured};

const BOXED: BmrParams =
    BmrParams { ot: OtParams { width: Width::Eight, base: BaseOt::Ideal, ..OtParams::DEFAULT } };

/// Chosen transfers over fields of 2^8: two bytes each, in whole blocks of 128.
const fn chosen(count: u64) -> u64 {
    count.div_ceil(128) * 16 * 16
}

fn job_of(circuit: &Circuit, n: usize) -> Arc<Job> {
    let program = circuit_program(circuit, n).expect("two words");
    job(Task::Program(Arc::new(program)), Roles::all(n), 40)
}

/// For each AND two transfers and a bit between any two, and four rows of `n` blocks from each to
/// each; online a masked bit to each other party and 256 labels from each to each; a share of each
/// bit of the output, and before that bits that make it random again among more than two.
#[test]
fn aes_128_meets_fips_197_among_two_three_and_five() {
    let circuit = aes128().expect("a circuit");
    for n in [2, 3, 5] {
        let job = job_of(&circuit, n);
        let [key, block, encrypted] = FIPS_197[n % 2];
        let word = |hex| Inputs::from([("in".to_owned(), bits(hex))]);
        let mut inputs = vec![word(key), word(block)];
        inputs.resize(n, Inputs::new());
        let run = subject::<Bmr>(&job, &BOXED).expect_once(&inputs, 1);
        for (_, output) in run.outputs() {
            assert_eq!(output.values(), bits(encrypted), "{n} parties");
        }
        let n = n as u64;
        let pairs = n * (n - 1);
        let online = 2 * (n - 1) * 16 + pairs * 256 * 16 + pairs * 16;
        assert_eq!(measured(&run, Phase::Online), (online, 2), "{n} parties");
        // Two owners, who draw masks of their inputs too.
        let masks = (n - 1) * (2 * chosen(6_400 + 128) + (n - 2) * chosen(6_400));
        let ands = pairs * (6_400 / 8 + chosen(6_400));
        let rows = pairs * 6_400 * 4 * n * 16;
        let again = if n > 2 { pairs / 2 * 16 } else { 0 };
        let offline = (masks + ands + rows + again, 4);
        assert_eq!(measured(&run, Phase::Offline), offline, "{n} parties");
    }
}

/// FIPS 180-4, example of one block: the message `abc`. Rounds do not grow with depth.
#[test]
fn sha_256_meets_fips_180_in_as_many_rounds_as_aes() {
    let circuit = sha256_compression(Optimise::Size).expect("a circuit");
    let mut block = [0; 16];
    (block[0], block[15]) = (0x6162_6380, 24);
    let expected = [
        0xba78_16bf_u32,
        0x8f01_cfea,
        0x4141_40de,
        0x5dae_2223,
        0xb003_61a3,
        0x9617_7a9c,
        0xb410_ff61,
        0xf200_15ad,
    ];
    let bits = |words: &[u32]| -> Vec<i128> {
        words.iter().flat_map(|word| (0..32).map(move |bit| i128::from(word >> bit & 1))).collect()
    };
    let word = |words: &[u32]| Inputs::from([("in".to_owned(), bits(words))]);
    let inputs = [word(&SHA256_INITIAL), word(&block), Inputs::new()];
    let run = subject::<Bmr>(&job_of(&circuit, 3), &BOXED).expect_once(&inputs, 1);
    for (_, output) in run.outputs() {
        assert_eq!(output.values(), bits(&expected));
    }
    assert_eq!(measured(&run, Phase::Online).1, 2);
    assert_eq!(measured(&run, Phase::Offline).1, 4);
}

/// An iteration of silent transfers is a round trip before each of both batches; what is left of the
/// first serves the second.
#[test]
fn silent_transfers_take_iterations_and_as_few_rounds() {
    let ot = OtParams { extension: Scheme::Silent, ..BOXED.ot };
    let (job, inputs) = alternating(20, Roles::all(3));
    let run = subject::<Bmr>(&job, &BmrParams { ot }).expect_once(&inputs, 1);
    assert_eq!(measured(&run, Phase::Offline).1, 2 + 1 + 1 + 1 + 1);
    assert_eq!(measured(&run, Phase::Online).1, 2);
}

/// So many layers of ANDs and XORs.
fn alternating(layers: usize, roles: Roles) -> (Arc<Job>, Vec<Inputs>) {
    let mut builder = Builder::new();
    let [x, y] = [0, 1].map(|k| builder.input("x", k, 3, Type::Bit).expect("allowed"));
    let mut value = x;
    for _ in 0..layers {
        let product = builder.and(value, y).expect("bits");
        value = builder.xor(product, x).expect("bits");
    }
    let sum = builder.xor(x, y).expect("bits");
    builder.output("value", value, Decoding::Integer).expect("allowed");
    builder.output("sum", sum, Decoding::Integer).expect("allowed");
    let program = Arc::new(builder.finish().expect("it has an output"));
    let mut inputs: Vec<Inputs> =
        [[1, 0, 1], [1, 1, 0]].map(|x| Inputs::from([("x".to_owned(), x.to_vec())])).into();
    inputs.resize(roles.nodes(), Inputs::new());
    (job(Task::Program(program), roles, 40), inputs)
}

/// Clients share their bits, which are masked by all: a round more, and another one to tell what
/// they learn. Party 0 evaluates for them, and nobody else does.
#[test]
fn clients_cost_a_round_at_either_end() {
    let ids = |ids: &[usize]| ids.iter().copied().map(PartyId::from).collect::<Vec<_>>();
    let roles = Roles { compute: 3, input: ids(&[3, 4]), output: ids(&[4]) };
    let (job, inputs) = alternating(4, roles);
    let given: Vec<Inputs> = inputs[..2].to_vec();
    let run = subject::<Bmr>(&job, &BOXED).expect_once(&given, 1);
    let shares = 2 * 3;
    let masked = 3 * 2;
    let labels = 2 * 6 * 16;
    let outputs = 3;
    assert_eq!(measured(&run, Phase::Online), (shares + masked + labels + outputs, 4));
    let masks = 3 * 2 * chosen(6 + 12);
    let ands = 3 * 2 * (2 + chosen(12));
    let rows = 2 * 12 * 4 * 3 * 16;
    assert_eq!(measured(&run, Phase::Offline), (masks + ands + rows + 3, 4));
}
