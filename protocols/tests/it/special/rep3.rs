//! `rep3`: packed bits, circuits, and both beside numbers.

use std::sync::Arc;

use mpclab_protocols::circuit::aes::aes128;
use mpclab_protocols::circuit::{Interactive, Layered};
use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{
    BatchKind, Builder, Decoding, Inputs, Outputs, Program, Type, circuit_program,
};
use mpclab_protocols::rep3::{BitSharingName, Rep3, Rep3Params};
use mpclab_sim::PartyEnd;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{Abort, PartyId, Phase, Roles};
use mpclab_sim::wire::Algebra;

use super::gmw::{FIPS_197, bits};
use super::{expect, plan, subject};
use crate::harness::{clients, config, job, measured};

/// Three bits per AND, packed layer by layer, and a round for each layer; XOR costs nothing.
#[test]
fn aes_128_meets_fips_197() {
    let circuit = aes128().expect("a circuit");
    let counts = circuit.counts();
    let program = circuit_program(&circuit, 3).expect("two words");
    let layered = Layered::new(circuit, Interactive::And);
    assert_eq!(layered.batches().sum::<usize>(), 6_400);
    let ands: u64 = layered.batches().map(|gates| 3 * gates.div_ceil(8) as u64).sum();
    assert!((2_400..2_500).contains(&ands), "{ands} bytes: 6,400 * 3 / 8 and some padding");
    let job = job(Task::Program(Arc::new(program)), Roles::all(3), 40);
    for [key, block, encrypted] in FIPS_197 {
        let word = |hex| Inputs::from([("in".to_owned(), bits(hex))]);
        let inputs = [word(key), word(block), Inputs::new()];
        let run = expect::<Rep3>(&job, &Rep3Params::default(), &inputs, 1);
        for (_, output) in run.outputs() {
            assert_eq!(output.values(), bits(encrypted));
        }
        // Each word of 128 bits is 16 bytes: one to share, and one for each party to open.
        let expected = (ands + 2 * 16 + 3 * 16, u64::from(counts.and_depth) + 2);
        assert_eq!(measured(&run, Phase::Online), expected);
    }
}

/// Bits into a circuit, its results into sums, sums into comparisons, these into bits again.
fn mixed() -> Program {
    let mut circuit = mpclab_protocols::circuit::Builder::new(Default::default());
    let [a, b] = ["a", "b"].map(|name| circuit.input(name, 8));
    let sum = circuit.add(&a, &b);
    let less = circuit.less(&a, &b);
    circuit.output("sum", &sum);
    circuit.output("less", &[less]);
    let circuit = circuit.build().expect("a circuit");
    let mut builder = Builder::new();
    let x = builder.input("x", 0, 8, Type::Word).expect("allowed");
    let y = builder.input("x", 1, 8, Type::Word).expect("allowed");
    let limit = builder.input("limit", 2, 1, Type::Int { bits: 8 }).expect("allowed");
    let words = builder.gates(&circuit, &[x, y]).expect("fits");
    let ones = builder.sum(words[0], 1).expect("allowed");
    let many = builder.less(limit, ones).expect("allowed");
    let either = builder.xor(many, words[1]).expect("bits");
    let scaled = builder.mul(ones, limit).expect("allowed");
    let chosen = builder.select(either, scaled, limit).expect("allowed");
    for (name, node) in [("ones", ones), ("either", either), ("chosen", chosen)] {
        builder.output(name, node, Decoding::Integer).expect("allowed");
    }
    builder.output("sum", words[0], Decoding::Word).expect("allowed");
    builder.finish().expect("there are outputs")
}

/// All in one program, for parties and for clients: figures as declared, outputs as interpreted.
#[test]
fn circuits_and_numbers_mix() {
    let word = |value: u32| (0..8).map(|bit| i128::from((value >> bit) & 1)).collect::<Vec<_>>();
    for roles in [Roles::all(3), clients(3, 3, &[1, 4, 5])] {
        let job = job(Task::Program(Arc::new(mixed())), roles, 40);
        for (x, y, limit) in [(0, 0, 0), (255, 1, 3), (77, 142, 5), (200, 99, -1)] {
            let inputs = [
                Inputs::from([("x".to_owned(), word(x))]),
                Inputs::from([("x".to_owned(), word(y))]),
                Inputs::from([("limit".to_owned(), vec![limit])]),
            ];
            for sharing in [BitSharingName::Packed, BitSharingName::Numbers] {
                let params = Rep3Params { bits: sharing, ..Default::default() };
                let run = expect::<Rep3>(&job, &params, &inputs, 1);
                let ones = i128::from(((x + y) & 255).count_ones());
                let either = i128::from((limit < ones) ^ (x < y));
                let chosen = if either == 1 { ones * limit } else { limit };
                let mut expected = vec![ones, either, chosen];
                expected.extend(word((x + y) & 255));
                let learns = run.outputs().filter(|(party, _)| job.roles.learns_output(*party));
                for (_, output) in learns {
                    assert_eq!(output.values(), expected, "{x}, {y}, {limit}, {sharing:?}");
                }
            }
        }
    }
}

/// Sets the bits behind the last one in every message of packed bits of one party.
struct Padding;

impl Adversary for Padding {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![PartyId(1)]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from != PartyId(1) || message.fields[0].algebra != Algebra::Bits {
            return Decision::Pass;
        }
        let mut body = message.body.to_vec();
        if let Some(last) = body.last_mut() {
            *last |= 0xf0;
        }
        Decision::Replace(body)
    }
}

/// Three bits to a message: a share, a layer of ANDs, an opened vector. None with padding is taken.
#[test]
fn bits_behind_the_last_one_are_malformed() {
    for owner in [0, 1] {
        let mut builder = Builder::new();
        let x = builder.input("x", owner, 3, Type::Bit).expect("allowed");
        let y = builder.input("x", 2, 3, Type::Bit).expect("allowed");
        let both = builder.and(x, y).expect("bits");
        builder.output("both", both, Decoding::Integer).expect("allowed");
        let program = Arc::new(builder.finish().expect("there are outputs"));
        let job = job(Task::Program(program), Roles::all(3), 40);
        let subject = subject::<Rep3>(&job, &Rep3Params::default());
        let column = Inputs::from([("x".to_owned(), vec![1, 0, 1])]);
        let mut inputs = vec![Inputs::new(); 3];
        inputs[owner] = column.clone();
        inputs[2] = column;
        let run = subject.simulate(&inputs, config(3, 1), Some(Box::new(Padding)));
        // Party 0 is the one whom party 1 sends its shares and its part of each layer.
        let blamed = |end: &PartyEnd<Outputs>| {
            matches!(end, PartyEnd::Abort(Abort::Malformed { from: PartyId(1), .. }))
        };
        let (end, _) = &run.parties[0];
        assert!(blamed(end), "{end:?}");
    }
}

/// The same function either way: kinds of batches say how a bit is shared.
#[test]
fn a_bit_is_shared_as_takes_fewer_bytes() {
    let kinds = |build: fn(&mut Builder)| -> Vec<BatchKind> {
        let mut builder = Builder::new();
        build(&mut builder);
        let program = Arc::new(builder.finish().expect("there are outputs"));
        let plan =
            plan::<Rep3>(&job(Task::Program(program), Roles::all(3), 40), &Rep3Params::default());
        plan.program.schedule().batches.iter().map(|batch| batch.kind).collect()
    };
    // Bits that are summed are numbers from the start: eight bytes each, against four elements.
    let sum = kinds(|builder| {
        let x = builder.input("x", 0, 5, Type::Bit).expect("allowed");
        let sum = builder.sum(x, 1).expect("allowed");
        builder.output("sum", sum, Decoding::Integer).expect("allowed");
    });
    assert_eq!(sum, []);
    // Conjunctions of two by two are packed and then become numbers, 4 * 64 + 3 + 2 bits each; as
    // numbers they would take 3 * 64 + 2 * 64.
    let pairs = kinds(|builder| {
        let x = builder.input("x", 0, 4, Type::Bit).expect("allowed");
        let y = builder.input("x", 1, 4, Type::Bit).expect("allowed");
        let both = builder.and(x, y).expect("bits");
        let sum = builder.sum(both, 1).expect("allowed");
        builder.output("sum", sum, Decoding::Integer).expect("allowed");
    });
    assert_eq!(pairs, [BatchKind::And, BatchKind::Inject]);
    // A comparison that only a choice between numbers reads is a number as before.
    let max = kinds(|builder| {
        let x = builder.input("x", 0, 2, Type::Int { bits: 8 }).expect("allowed");
        let max = builder.maximum(x).expect("allowed");
        builder.output("max", max, Decoding::Integer).expect("allowed");
    });
    assert_eq!(max, [BatchKind::Less { bits: 9 }, BatchKind::Mul]);
}
