//! What is sent, phase by phase.

use mpclab_sim::vocabulary::{PartyId, Roles};

use super::{BLOCK, BmrPlan, FOR_CLIENTS};
use crate::engine::cost::{Cost, Depths, Flow, Message, Step};
use crate::primitives::auth::to_others;
use crate::primitives::ot::{Batch, Bill, Choices};

/// Where these figures come from.
pub(super) const SOURCE: &str = "Ben-Efraim, Lindell, Omri, CCS 2016: for each AND n blocks of four rows from each party to \
     each that evaluates; online a masked bit to all and a label of each party for each input \
     bit. For each AND and ordered pair two correlated transfers and a bit, where the paper has \
     three and a transfer of a bit: lambda_u delta_j is a sum of earlier ones, Nielsen et al., \
     CRYPTO 2012; transfers by Roy, CRYPTO 2022, or Yang et al., CCS 2020";

/// Bits of a message, in whole bytes.
fn packed(bits: usize) -> u64 {
    bits.div_ceil(8) as u64
}

/// Depths of the computing parties after transfers between any two of them, of which each receives
/// such a batch from all others.
fn transfers(depths: &[u64], batches: &[Batch]) -> Vec<u64> {
    let mut after = depths.to_vec();
    for (receiver, batch) in batches.iter().enumerate().filter(|(_, batch)| batch.rounds > 0) {
        for sender in (0..depths.len()).filter(|sender| *sender != receiver) {
            // The first message is the receiver's, and so is the last.
            let heard = depths[sender].max(depths[receiver] + 1);
            let ends = match batch.waits {
                0 => [heard, depths[receiver]],
                waits => [heard + waits, heard + waits - 1],
            };
            for (party, depth) in [sender, receiver].into_iter().zip(ends) {
                after[party] = after[party].max(depth);
            }
        }
    }
    after
}

/// Depths after each of these parties has sent to all of those.
fn heard(depths: &[u64], by: impl Fn(usize) -> bool) -> Vec<u64> {
    let heard = |at: usize| {
        let others = depths.iter().enumerate().filter(|(from, _)| *from != at);
        others.map(|(_, depth)| depth + 1).max().unwrap_or(0)
    };
    let after = |(at, depth): (usize, &u64)| if by(at) { heard(at).max(*depth) } else { *depth };
    depths.iter().enumerate().map(after).collect()
}

impl BmrPlan {
    /// Shares of all rows of all ANDs, to all who evaluate.
    pub(super) fn table_bytes(&self) -> u64 {
        let (n, evaluators) = (self.n() as u64, self.evaluators().count() as u64);
        evaluators * (n - 1) * 4 * n * BLOCK * self.ands() as u64
    }

    /// What the set-up and the offline phase cost.
    pub(super) fn preprocessing(&self) -> [Cost; 2] {
        let (n, ands) = (self.n(), self.ands());
        let pairs = (n * (n - 1)) as u64;
        let mut offline = Cost::default();
        if self.randomises_outputs() {
            // Between any two, bits for shares of masks of outputs.
            offline.bytes += pairs / 2 * packed(self.shared.output_bits());
            offline.rounds = 1;
        }
        if ands == 0 {
            return [Cost::default(), offline];
        }
        let of = |[sender, receiver]: [u64; 2]| sender + receiver;
        let extension = self.extension();
        let setup =
            Cost { bytes: pairs * of(extension.set_up_bytes()), rounds: extension.set_up_rounds() };
        let mut bills: Vec<Bill> = vec![extension.bill(); n];
        let mut batches = |count: &dyn Fn(PartyId) -> usize| -> Vec<Batch> {
            let of_receiver =
                |(party, bill): (PartyId, &mut Bill)| bill.batch(count(party), Choices::Chosen);
            PartyId::all(n).zip(&mut bills).map(of_receiver).collect()
        };
        let mut depths = vec![0; n];
        // 1. Masks.
        let masks = batches(&|party| self.masks_of(party));
        depths = transfers(&depths, &masks);
        // 2. Products.
        offline.bytes += pairs * packed(ands);
        depths = heard(&depths, |_| true);
        // 3. Products with offsets.
        let products = batches(&|_| ands);
        depths = transfers(&depths, &products);
        let all = masks.iter().chain(&products);
        offline.bytes += (n - 1) as u64 * all.map(|batch| of(batch.bytes)).sum::<u64>();
        // 4. Rows.
        offline.bytes += self.table_bytes();
        depths = heard(&depths, |party| self.evaluators().any(|to| to.index() == party));
        offline.rounds = offline.rounds.max(depths.into_iter().max().unwrap_or(0));
        [setup, offline]
    }

    pub(super) fn online(&self) -> Cost {
        let roles = &self.job.roles;
        let mut depths = Depths::new(roles);
        // 4. Shares of masks of outputs, before anything is heard.
        let (last, first): (Vec<Message>, Vec<Message>) =
            self.shared.messages().partition(|message| is_last(roles, message));
        let mut masks = depths.clone();
        let mut bytes = masks.send(first.into_iter());
        // 1. Shares of clients' bits; then masked bits.
        let clients = self.shared.clients().flat_map(|(from, bits)| {
            roles.computing().map(move |to| Message { from, to, bytes: packed(bits) })
        });
        bytes += depths.send(clients);
        let clients = self.client_bits();
        let broadcasts = roles.computing().map(|party| (party, self.shared.bits_of(party)));
        let broadcasts = broadcasts.map(|(party, own)| (party, packed(own + clients)));
        let broadcasts = broadcasts.filter(|(_, bytes)| *bytes > 0);
        bytes += depths.send(to_others(roles, broadcasts));
        // 2. Labels.
        if self.has_labels() {
            let before = depths.clone();
            let labels = BLOCK * u64::from(self.layered.circuit().input_wires());
            for to in self.evaluators() {
                let all = Flow::new((self.n() - 1) as u64 * labels, Step::ToOne(self.n(), to), 1);
                let mut evaluator = before.clone();
                bytes += evaluator.follow(self.n(), all);
                depths.merge(&evaluator);
            }
        }
        // 4. What clients learn.
        bytes += depths.send(last.into_iter());
        depths.merge(&masks);
        Cost { bytes, rounds: depths.rounds() }
    }
}

/// Whether what a party tells of outputs waits for its evaluation.
fn is_last(roles: &Roles, message: &Message) -> bool {
    message.from == FOR_CLIENTS && !roles.computes(message.to)
}
