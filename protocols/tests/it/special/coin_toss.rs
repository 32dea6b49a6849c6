//! `coin_toss`: who lies is blamed, and nobody ends with another coin.

use std::sync::Arc;

use mpclab_protocols::algebra::Bits;
use mpclab_protocols::coin_toss::{CoinToss, CoinTossParams};
use mpclab_protocols::functions::{self, Function};
use mpclab_protocols::primitives::{Domain, commit};
use mpclab_protocols::program::Outputs;
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use mpclab_sim::wire::Wire;
use mpclab_sim::{PartyEnd, Run};

use super::subject;
use crate::harness::{config, job};
use crate::tampering::{Fault, Tampered, tampered};

const P0: PartyId = PartyId(0);
const P1: PartyId = PartyId(1);
const P2: PartyId = PartyId(2);

fn coins(n: usize, bits: usize) -> Arc<Job> {
    let params = functions::CoinTossParams { bits };
    let task = functions::CoinToss::build(&params, n).expect("allowed");
    job(task, Roles::all(n), 40)
}

fn toss(job: &Arc<Job>, cheater: Box<dyn Adversary>) -> Run<Outputs> {
    let n = job.roles.nodes();
    subject::<CoinToss>(job, &CoinTossParams {}).simulate(&[], config(n, 1), Some(cheater))
}

fn blamed(run: &Run<Outputs>, party: PartyId) -> Option<Vec<PartyId>> {
    match &run.parties[party.index()].0 {
        PartyEnd::Abort(Abort::Cheating { culprits, .. }) => Some(culprits.clone()),
        _ => None,
    }
}

/// The receiver of a wrong commitment or opening blames its sender alone; nobody accepts a coin
/// that another honest party does not have.
#[test]
fn tampering_with_a_coin_toss_is_blamed_on_the_sender() {
    let subject = subject::<CoinToss>(&coins(3, 8), &CoinTossParams {});
    for fault in [Fault::AddOne, Fault::FlipLast] {
        let mut number = 0;
        while let Some(Tampered { run, from, to }) = tampered(&subject, &[], number, fault) {
            number += 1;
            // The last byte of an opening is the hash of all commitments: a lie about what came.
            if fault == Fault::FlipLast && number > 6 {
                let end = &run.parties[to.index()].0;
                assert!(
                    matches!(end, PartyEnd::Abort(Abort::CheckFailed { .. })),
                    "message {number}: {end:?}"
                );
            } else {
                assert_eq!(blamed(&run, to), Some(vec![from]), "message {number}, {fault:?}");
            }
            for party in PartyId::all(3).filter(|party| *party != to) {
                assert_eq!(blamed(&run, party), None, "message {number}, {fault:?}");
            }
        }
        assert_eq!(number, 12, "six commitments and six openings");
    }
}

/// Party 1 repeats whatever party 0 sent: its commitment, later its opening.
#[derive(Default)]
struct Copies(std::collections::BTreeMap<(u64, PartyId), Vec<u8>>);

impl Adversary for Copies {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P1]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from == P0 {
            // What party 0 tells party 1 is all that party 1 has to repeat it to party 2.
            self.0.insert((message.scope_id, message.to), message.body.to_vec());
        }
        match self.0.get(&(message.scope_id, P1)) {
            Some(copy) if message.from == P1 => Decision::Replace(copy.clone()),
            _ => Decision::Pass,
        }
    }
}

#[test]
fn a_copied_commitment_opens_for_nobody_else() {
    let run = toss(&coins(3, 16), Box::<Copies>::default());
    assert_eq!(blamed(&run, P0), Some(vec![P1]));
    assert_eq!(blamed(&run, P2), Some(vec![P1]));
}

/// Party 0 commits to party 1 to other bits than to party 2, and opens both correctly.
struct Equivocates {
    job: Arc<Job>,
    first_scope: Option<u64>,
    run_id: [u8; 32],
}

impl Adversary for Equivocates {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P0]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let first = *self.first_scope.get_or_insert(message.scope_id);
        if (message.from, message.to) != (P0, P1) {
            return Decision::Pass;
        }
        let (bits, nonce) = (Bits::ones(self.job.task.output_len()), [9; 32]);
        if message.scope_id == first {
            let session = &self.run_id;
            let domain = Domain { protocol: CoinToss::NAME, session, party: P0, scope: b"online" };
            let words: Vec<u8> = bits.words().iter().flat_map(|word| word.to_le_bytes()).collect();
            return Decision::Replace(commit::commit(&domain, &words, &nonce).to_vec());
        }
        let mut body = Vec::new();
        (bits, nonce).encode(&mut body);
        body.extend_from_slice(&message.body[body.len()..]);
        Decision::Replace(body)
    }
}

/// Without a broadcast channel, parties 1 and 2 would end with different coins.
#[test]
fn equivocation_leaves_honest_parties_without_different_coins() {
    let job = coins(3, 64);
    let run = {
        let run_id = config(3, 1).seed.purpose("session");
        let cheater = Equivocates { job: Arc::clone(&job), first_scope: None, run_id };
        toss(&job, Box::new(cheater))
    };
    for party in [P1, P2] {
        let end = &run.parties[party.index()].0;
        assert!(matches!(end, PartyEnd::Abort(Abort::CheckFailed { .. })), "{party}: {end:?}");
    }
}
