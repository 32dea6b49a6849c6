//! `gmw`: AES, costs layer by layer, and broken variants that are noticed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mpclab_protocols::algebra::Bits;
use mpclab_protocols::circuit::Optimise;
use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::functions::Task;
use mpclab_protocols::gmw::{Gmw, GmwParams, Published, Steps, TripleSource};
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Scheme};
use mpclab_protocols::program::{
    Builder, Decoding, Inputs, NodeId, Outputs, Type, circuit_program,
};
use mpclab_protocols::protocol::{Job, Protocol, code};
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{PartyId, Phase, Roles};
use mpclab_sim::{Draw, Run};

use super::{expect, plan};
use crate::harness::{Subject, config, correct, job, measured};

const SIZE: GmwParams = dealt(Optimise::Size);

/// Triples of a dealer.
const fn dealt(optimise: Optimise) -> GmwParams {
    let ot = OtParams { base: BaseOt::Ideal, ..OtParams::DEFAULT };
    GmwParams { optimise, triples: TripleSource::Dealer, ot }
}

// ---- AES-128 ----

/// Bits of bytes in the order of FIPS 197, each least significant first.
pub(super) fn bits(hex: &str) -> Vec<i128> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    let bytes = (0..hex.len()).step_by(2).map(byte);
    bytes.flat_map(|byte| (0..8).map(move |bit| i128::from((byte >> bit) & 1))).collect()
}

/// Key, block and encrypted block: FIPS 197, appendices B and C.1.
pub(super) const FIPS_197: [[&str; 3]; 2] = [
    [
        "2b7e151628aed2a6abf7158809cf4f3c",
        "3243f6a8885a308d313198a2e0370734",
        "3925841d02dc09fbdc118597196a0b32",
    ],
    [
        "000102030405060708090a0b0c0d0e0f",
        "00112233445566778899aabbccddeeff",
        "69c4e0d86a7b0430d8cdb78070b4c55a",
    ],
];

/// One brings the key, another one the block; 6,400 ANDs, two bits per party, peer and AND.
#[test]
fn aes_128_meets_fips_197_among_two_and_three() {
    let circuit = aes128().expect("a circuit");
    let depth = circuit.counts().and_depth;
    for n in [2, 3] {
        let program = circuit_program(&circuit, n).expect("two words");
        let job = job(Task::Program(Arc::new(program)), Roles::all(n), 40);
        for [key, block, encrypted] in FIPS_197 {
            let word = |hex| Inputs::from([("in".to_owned(), bits(hex))]);
            let mut inputs = vec![word(key), word(block)];
            inputs.resize(n, Inputs::new());
            let run = expect::<Gmw>(&job, &SIZE, &inputs, 1);
            for (_, output) in run.outputs() {
                assert_eq!(output.values(), bits(encrypted), "{n} parties");
            }
            // The widths of all layers are multiples of four, so that packing costs nothing.
            let peers = (n * (n - 1)) as u64;
            let ands = peers * 2 * 6_400 / 8;
            let words = 2 * (n as u64 - 1) * 16 + peers * 16;
            let rounds = u64::from(depth) + 2;
            assert_eq!(measured(&run, Phase::Online), (ands + words, rounds), "{n} parties");
        }
    }
}

/// Each ordered pair makes two iterations of the smallest set; choices of all but the first peer are
/// corrected by a bit, and so is what their pads differ by.
#[test]
fn triples_of_silent_transfers_cost_iterations() {
    let circuit = aes128().expect("a circuit");
    let ot = OtParams { extension: Scheme::Silent, base: BaseOt::Ideal, ..OtParams::DEFAULT };
    let params = GmwParams { optimise: Optimise::Size, triples: TripleSource::Ot, ot };
    for n in [2, 3, 4] {
        let program = circuit_program(&circuit, n).expect("two words");
        let job = job(Task::Program(Arc::new(program)), Roles::all(n), 40);
        let [key, block, encrypted] = FIPS_197[0];
        let word = |hex| Inputs::from([("in".to_owned(), bits(hex))]);
        let mut inputs = vec![word(key), word(block)];
        inputs.resize(n, Inputs::new());
        let run = expect::<Gmw>(&job, &params, &inputs, 1);
        assert!(run.outputs().all(|(_, output)| output.values() == bits(encrypted)));
        let (pairs, firsts) = ((n * (n - 1)) as u64, n as u64);
        let iteration = 288 * (2 * 5 + 1) * 16 + 288 * 5 / 8;
        let corrected = (pairs - firsts) * 2 * 6_400 / 8;
        // Two round trips for the first peer's, then for all others, a word more, and one back.
        let rounds = if n == 2 { 4 } else { 4 + 4 + 1 + 1 };
        assert_eq!(measured(&run, Phase::Offline), (pairs * 2 * iteration + corrected, rounds));
        let start = 4_256_u64.div_ceil(128) * 63 * 16;
        assert_eq!(measured(&run, Phase::Setup), (pairs * (2 * 128 * 16 + start), 1));
    }
}

// ---- costs ----

/// Layers of ANDs of these widths, one after the other, over bits of the first two of `n`.
fn layers(widths: &[usize], n: usize) -> (Arc<Job>, Vec<Inputs>) {
    let mut builder = Builder::new();
    let most = widths.iter().copied().max().unwrap_or(1);
    let [x, y] = [0, 1].map(|k| builder.input("x", k, most, Type::Bit).expect("allowed"));
    let first = |builder: &mut Builder, a: NodeId, len: usize| {
        builder.gather(a, (0..len as u32).collect()).expect("there")
    };
    let mut value = x;
    for (at, &width) in widths.iter().enumerate() {
        let (left, right) = (first(&mut builder, value, width), first(&mut builder, y, width));
        let product = builder.and(left, right).expect("bits");
        // Nothing may fold: what comes next is no product with `y` already.
        let other = first(&mut builder, x, width);
        let mixed = builder.xor(product, other).expect("bits");
        builder.output(format!("layer{at}"), mixed, Decoding::Integer).expect("allowed");
        value = mixed;
    }
    let program = Arc::new(builder.finish().expect("it has an output"));
    let column = |k: usize| -> Vec<i128> {
        (0..most).map(|at| ((at * 7 + k * 3) % 5 % 2) as i128).collect()
    };
    let mut inputs: Vec<Inputs> =
        (0..2).map(|k| Inputs::from([("x".to_owned(), column(k))])).collect();
    inputs.resize(n, Inputs::new());
    (job(Task::Program(program), Roles::all(n), 40), inputs)
}

/// Each layer is a message of `d` and `e` together from each to each other: Goldreich, Micali,
/// Wigderson, STOC 1987, with the triples of Beaver, CRYPTO 1991.
#[test]
fn a_layer_costs_two_bits_per_party_peer_and_and() {
    let cost = |widths: &[usize], n: usize| {
        let (job, inputs) = layers(widths, n);
        measured(&expect::<Gmw>(&job, &SIZE, &inputs, 1), Phase::Online)
    };
    for n in [2, 3, 5] {
        let peers = (n * (n - 1)) as u64;
        let packed = |bits: usize| bits.div_ceil(8) as u64;
        for widths in [vec![9, 9], vec![9, 7, 4, 1], vec![1024, 1000, 3]] {
            let (most, all) = (widths[0], widths.iter().sum());
            let inputs = 2 * (n as u64 - 1) * packed(most);
            let ands = widths.iter().map(|width| packed(2 * width)).sum::<u64>();
            let expected = inputs + peers * (ands + packed(all));
            let rounds = 2 + widths.len() as u64;
            assert_eq!(cost(&widths, n), (expected, rounds), "{n} parties, {widths:?}");
        }
        // The slope of ANDs alone: outputs and inputs grow by as many bits.
        let [few, many] = [800, 1600].map(|width| cost(&[width], n).0);
        let (inputs, outputs) = (2 * (n as u64 - 1) * 100, peers * 100);
        assert_eq!(8 * (many - few - inputs - outputs), 2 * peers * 800, "{n} parties");
    }
}

#[test]
fn depth_is_saved_where_it_is_asked_for() {
    let mut builder = Builder::new();
    let [x, y] = [0, 1].map(|k| builder.input("x", k, 1, Type::Int { bits: 32 }).expect("new"));
    let less = builder.less(x, y).expect("allowed");
    builder.output("less", less, Decoding::Integer).expect("allowed");
    let program = builder.finish().expect("it has an output");
    let job = job(Task::Program(Arc::new(program)), Roles::all(2), 40);
    let counts = |optimise| plan::<Gmw>(&job, &dealt(optimise)).layered().circuit().counts();
    let (size, depth) = (counts(Optimise::Size), counts(Optimise::Depth));
    assert_eq!((size.ands, size.and_depth), (32, 32));
    assert_eq!(depth.and_depth, 6);
}

// ---- broken variants ----

const SOUND: u8 = 0;
/// The triples of the first layer serve all layers.
const REUSES: u8 = 1;
/// Inputs are handed to the last party as they are.
const UNMASKED: u8 = 2;
/// The public product of both differences is left out.
const NO_CROSS_TERM: u8 = 3;
/// The dealer's `c` is not the product.
const WRONG_TRIPLES: u8 = 4;

/// All add public bits.
const ALL_LEAD: u8 = 5;

/// The steps of the protocol, but for a flaw.
struct Flawed<const FLAW: u8>;

impl<const FLAW: u8> Steps for Flawed<FLAW> {
    const NAME: &'static str = "flawed-gmw";

    fn triples(count: usize, rng: &mut impl Draw) -> [Bits; 3] {
        let [a, b, mut c] = Published::triples(count, rng);
        if FLAW == WRONG_TRIPLES {
            c.set(0, !c.get(0));
        }
        [a, b, c]
    }

    fn split(bits: &Bits, n: usize, rng: &mut impl Draw) -> Vec<Bits> {
        if FLAW != UNMASKED {
            return Published::split(bits, n, rng);
        }
        let mut shares = vec![Bits::zeros(bits.len()); n];
        shares[n - 1] = bits.clone();
        shares
    }

    fn next_triple(taken: usize) -> usize {
        if FLAW == REUSES { 0 } else { taken }
    }

    fn leads(party: PartyId) -> bool {
        FLAW == ALL_LEAD || Published::leads(party)
    }

    fn product(triple: [Bits; 3], differences: [Bits; 2], leads: bool) -> Bits {
        Published::product(triple, differences, leads && FLAW != NO_CROSS_TERM)
    }
}

/// What parties say in the scope of inputs.
struct Listens(Arc<Mutex<Vec<Vec<u8>>>>);

impl Adversary for Listens {
    fn corrupted(&self) -> Vec<PartyId> {
        Vec::new()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        self.0.lock().expect("unpoisoned").push(message.body.to_vec());
        Decision::Pass
    }
}

fn heard<P: Protocol<Params = GmwParams>>(n: usize, seed: u64) -> (Run<Outputs>, Vec<Vec<u8>>) {
    let (job, inputs) = layers(&[128, 128, 128], n);
    let said = Arc::default();
    let listens = Box::new(Listens(Arc::clone(&said)));
    let bound = code::<P>().bind(&job, &SIZE).expect("it can");
    let run = Subject { name: P::NAME.to_owned(), job, bound }.simulate(
        &inputs,
        config(n, seed),
        Some(listens),
    );
    let said = said.lock().expect("unpoisoned").clone();
    (run, said)
}

/// What three detectors say: outputs are right, no triple serves twice, and no message of two runs
/// on the same inputs is the same twice, but for those that opened values repeat.
fn judged<P: Protocol<Params = GmwParams>>(n: usize) -> [bool; 3] {
    let (job, inputs) = layers(&[128, 128, 128], n);
    let ((first, one), (second, other)) = (heard::<P>(n, 1), heard::<P>(n, 2));
    let right = [&first, &second].iter().all(|run| correct(&job, &inputs, run).is_ok());
    let one: BTreeSet<Vec<u8>> = one.into_iter().filter(|body| !body.is_empty()).collect();
    let fresh = other.iter().all(|body| body.is_empty() || !one.contains(body));
    [right, first.breaches.is_empty(), fresh]
}

#[test]
fn each_flaw_is_noticed_by_the_detector_for_it() {
    for n in [2, 3, 20] {
        assert_eq!(judged::<Gmw>(n), [true; 3], "{n} parties");
        assert_eq!(judged::<Gmw<Flawed<SOUND>>>(n), [true; 3], "{n} parties");
    }
    assert_eq!(judged::<Gmw<Flawed<REUSES>>>(3), [true, false, true]);
    assert_eq!(judged::<Gmw<Flawed<UNMASKED>>>(3), [true, true, false]);
    assert_eq!(judged::<Gmw<Flawed<NO_CROSS_TERM>>>(3), [false, true, true]);
    assert_eq!(judged::<Gmw<Flawed<WRONG_TRIPLES>>>(3), [false, true, true]);
    // A bit that an odd number of parties add is added.
    assert_eq!(judged::<Gmw<Flawed<ALL_LEAD>>>(2), [false, true, true]);
    assert_eq!(judged::<Gmw<Flawed<ALL_LEAD>>>(3), [true; 3]);
}
