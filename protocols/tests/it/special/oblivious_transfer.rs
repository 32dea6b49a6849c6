//! `oblivious_transfer`: costs of papers, cheaters, choices that no message has.

use std::sync::Arc;

use mpclab_protocols::functions::{self, Function, ObliviousTransferParams};
use mpclab_protocols::oblivious_transfer::{ObliviousTransfer, Source, TransferParams, Withstands};
use mpclab_protocols::oracle::{Effective, States};
use mpclab_protocols::primitives::ot::{BaseOt, OtParams, Scheme, Width};
use mpclab_protocols::program::Inputs;
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_sim::vocabulary::{Abort, PartyId, Phase, Roles};
use mpclab_sim::{Config, PartyEnd};

use super::{expect, subject};
use crate::harness::{clients, config, job, measured};
use crate::tampering::{Fault, tampered};

const IDEAL: OtParams = OtParams { base: BaseOt::Ideal, ..OtParams::DEFAULT };

const fn with(security: Withstands, transfers: Source, ot: OtParams) -> TransferParams {
    TransferParams { security, transfers, ot }
}

const MALICIOUS: TransferParams = with(Withstands::Malicious, Source::Extended, IDEAL);
const SEMI_HONEST: TransferParams = with(Withstands::SemiHonest, Source::Extended, IDEAL);

fn transfers(choices: usize, length: usize, bits: u32, roles: Roles) -> Arc<Job> {
    let params = ObliviousTransferParams { choices, length, bits };
    let task = functions::ObliviousTransfer::build(&params, 2).expect("allowed");
    let function = functions::ObliviousTransfer::NAME.to_owned();
    Arc::new(Job { function, ..(*job(task, roles, 40)).clone() })
}

/// Messages that say where they stand, and these choices.
fn numbered(choices: usize, chosen: &[i128]) -> [Inputs; 2] {
    let messages: Vec<i128> = (0..(choices * chosen.len()) as i128).collect();
    let column = |name: &str, values: Vec<i128>| Inputs::from([(name.to_owned(), values)]);
    [column("message", messages), column("choice", chosen.to_vec())]
}

/// One transfer of two blocks takes a bit and both of them (Beaver, CRYPTO 1995) beside (128 / k - 1) / 8
/// bytes (Roy, CRYPTO 2022), and against malicious parties a block of transfers and the check in all.
#[test]
fn extended_transfers_cost_what_papers_say() {
    let job = transfers(2, 1_280, 128, Roles::all(2));
    let zeros = |name: &str, len| (name.to_owned(), vec![0; len]);
    let messages = [zeros("message.low", 2_560), zeros("message.high", 2_560)];
    let inputs = [Inputs::from(messages), Inputs::from([zeros("choice", 1_280)])];
    for width in Width::ALL {
        let ot = OtParams { width, ..IDEAL };
        let rows = 128 / width.bits() as u64 - 1;
        let online = (1_280 / 8 + 1_280 * 2 * 16, 2);
        let params = with(Withstands::SemiHonest, Source::Extended, ot);
        let run = expect::<ObliviousTransfer>(&job, &params, &inputs, 1);
        assert_eq!(measured(&run, Phase::Offline), (10 * 16 * rows, 1));
        assert_eq!(measured(&run, Phase::Online), online);
        let params = with(Withstands::Malicious, Source::Extended, ot);
        let run = expect::<ObliviousTransfer>(&job, &params, &inputs, 1);
        assert_eq!(measured(&run, Phase::Offline), (11 * 16 * rows + 16 + 129 * 16, 3));
        assert_eq!(measured(&run, Phase::Online), online);
    }
}

/// Three transfers of one bit for one of five messages, and five messages (Naor, Pinkas, STOC 1999).
/// Base transfers of Masny and Rindal take 64 bytes each and 32 in all.
#[test]
fn one_of_n_costs_the_logarithm_in_transfers() {
    let job = transfers(5, 40, 8, Roles::all(2));
    let chosen: Vec<i128> = (0..40).map(|at| at * 7 % 5).collect();
    let params = with(Withstands::Malicious, Source::Base, OtParams::DEFAULT);
    let run = expect::<ObliviousTransfer>(&job, &params, &numbered(5, &chosen), 1);
    let expected: Vec<i128> = (0..40).map(|at| at * 5 + chosen[at as usize]).collect();
    let outputs: Vec<Vec<i128>> = run.outputs().map(|(_, output)| output.values()).collect();
    assert_eq!(outputs, [vec![], expected]);
    assert_eq!(measured(&run, Phase::Setup), (0, 0));
    assert_eq!(measured(&run, Phase::Offline), (120 * 64 + 32, 1));
    assert_eq!(measured(&run, Phase::Online), (120 / 8 + 200, 2));
}

#[test]
fn every_message_of_256_can_be_chosen() {
    let job = transfers(256, 256, 16, Roles::all(2));
    let chosen: Vec<i128> = (0..256).collect();
    let run = expect::<ObliviousTransfer>(&job, &MALICIOUS, &numbered(256, &chosen), 1);
    let expected: Vec<i128> = (0..256).map(|at| at * 257).collect();
    assert!(run.outputs().any(|(_, output)| output.values() == expected));
}

/// Who asks for a number that no message has obtains none of them, and stands for the first.
#[test]
fn numbers_without_a_message_obtain_none() {
    let job = transfers(5, 3, 8, Roles::all(2));
    let mut inputs = numbered(5, &[1, 6, 4]);
    inputs[0] = Inputs::from([("message".to_owned(), vec![255; 15])]);
    let subject = subject::<ObliviousTransfer>(&job, &MALICIOUS);
    let taps = Config { keep_taps: true, ..config(2, 1) };
    let run = subject.simulate(&inputs, taps, None);
    let obtained: Vec<Vec<i128>> = run.outputs().map(|(_, output)| output.values()).collect();
    assert_eq!(obtained, [vec![], vec![255, 0, 255]]);
    let Effective::Input(brought) = ({
        let corrupted = [PartyId(1)];
        let (theirs, honest) = (&run.taps, &run.taps);
        let states = States { corrupted: &corrupted, honest, theirs, setup: &run.ideal_taps };
        let mut found = subject.bound.oracle.effective_inputs(&states).into_iter();
        found.next().expect("of the receiver").1
    }) else {
        panic!("it is known")
    };
    assert_eq!(brought["choice"], [1, 0, 4]);
}

/// A receiver that changes what it tells in extension is named, if somebody checks it.
#[test]
fn inconsistent_choices_are_blamed_on_the_receiver_where_parties_may_be_malicious() {
    let job = transfers(2, 100, 8, Roles::all(2));
    let inputs = numbered(2, &[1; 100]);
    let corrections = |params| {
        let subject = subject::<ObliviousTransfer>(&job, params);
        let all = (0..20).filter_map(|number| tampered(&subject, &inputs, number, Fault::FlipLast));
        let of_receiver = all.filter(|tampered| tampered.from == PartyId(1));
        let blamed = of_receiver.filter(|tampered| {
            let end = &tampered.run.parties[0].0;
            matches!(end, PartyEnd::Abort(Abort::Cheating { culprits, .. }) if *culprits == [PartyId(1)])
        });
        blamed.count()
    };
    // Proofs of trees, and answers to the check; wrong corrections are a known attack.
    assert!(corrections(&MALICIOUS) >= 2);
    assert_eq!(corrections(&SEMI_HONEST), 0);
}

#[test]
fn what_contradicts_itself_is_refused() {
    let refused = |params: &TransferParams, roles| {
        let why = ObliviousTransfer::compile(&transfers(2, 1, 8, roles), params).err();
        why.expect("refused").to_string()
    };
    let all = Roles::all(2);
    let silent = OtParams { extension: Scheme::Silent, ..IDEAL };
    assert_eq!(
        refused(&with(Withstands::Malicious, Source::Base, silent), all.clone()),
        "base transfers are not extended; would work: params: { transfers: base } with no \
         extension and no width"
    );
    let simplest = OtParams { base: BaseOt::Simplest, ..OtParams::DEFAULT };
    assert_eq!(
        refused(&with(Withstands::Malicious, Source::Base, simplest), all),
        "simplest base transfers withstand no malicious party; would work: params: { ot: { base: \
         endemic } }"
    );
    assert_eq!(
        refused(&MALICIOUS, clients(2, 2, &[0, 1])),
        "its parties send and receive for themselves; would work: parties: 2"
    );
}
