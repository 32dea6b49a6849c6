//! Circuits of which some are checked and others evaluated: what is public of them, and where
//! parties speak of them.

use std::sync::Arc;

use mpclab_kernels::{Block, Tweak};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Ctx, Ideal, PartyFuture};

use super::encoding::Encoding;
use super::opening::{CHANCE, EVALUATES};
use super::replica::Replica;
use super::sending::{BROUGHT, FLIPS};
use super::two_party::TwoParty;
use super::{EVALUATOR, GARBLER};
use crate::algebra::bits::Bits;
use crate::engine::cost::{Cost, Depths, Message};
use crate::oracle::{Effective, EffectiveInputs, States};
use crate::primitives::ot::{BaseOt, Choices, Extension, KAPPA, Pair, base, silent};
use crate::primitives::{Prg, commit, garbling, group};
use crate::protocol::Job;

/// Label of the garbler's bits that an honest evaluator goes on with, as it has recovered them.
pub(crate) const RECOVERED_INPUT: &str = "recovered input";

/// What circuits of which some are checked rest on.
pub(crate) const ASSUMES: &[&str] = &[
    group::ASSUMPTION,
    base::MALICIOUS_ASSUMPTION,
    garbling::ASSUMPTION,
    commit::ASSUMPTION,
    Prg::ASSUMPTION,
];

/// The same over silent transfers.
const ASSUMES_SILENT: &[&str] = &[
    group::ASSUMPTION,
    base::MALICIOUS_ASSUMPTION,
    garbling::ASSUMPTION,
    commit::ASSUMPTION,
    Prg::ASSUMPTION,
    silent::ASSUMPTION,
];

/// Circuits for one job.
pub(crate) struct Cut {
    pub(crate) two: TwoParty,
    pub(crate) encoding: Encoding,
    /// How many there are.
    pub(crate) replicas: usize,
    /// Bits that the garbler brings to each, the circuit's first.
    pub(crate) brought: usize,
    pub(crate) extension: Extension,
}

impl Cut {
    /// Transfers: one for each circuit, and one for each place of the evaluator's encoding.
    pub(crate) fn transfers(&self) -> usize {
        self.replicas + self.encoding.places()
    }

    /// What it rests on.
    pub(crate) fn assumes(&self) -> &'static [&'static str] {
        if self.extension.silent.is_some() { ASSUMES_SILENT } else { ASSUMES }
    }

    /// What a reader has to know of silent transfers.
    pub(crate) fn silent(&self) -> Option<String> {
        self.extension.notes([(self.transfers(), Choices::Random)])
    }

    /// With transfers that suit their number.
    pub(crate) fn sized(self) -> Self {
        Cut { extension: self.extension.for_demand(self.transfers()), ..self }
    }

    /// What set-up and transfers cost.
    pub(crate) fn preprocessing(&self) -> [Cost; 2] {
        let of = |[sender, receiver]: [u64; 2]| sender + receiver;
        let extension = self.extension;
        let setup = Cost { bytes: of(extension.set_up_bytes()), rounds: extension.set_up_rounds() };
        let batch = extension.bill().batch(self.transfers(), Choices::Random);
        [setup, Cost { bytes: of(batch.bytes), rounds: batch.rounds }]
    }

    /// Messages that wait for each other, by who sends them, with their bytes; empty ones are not
    /// sent.
    pub(crate) fn steps(&self, job: &Job, steps: &[(PartyId, usize)]) -> Cost {
        let mut depths = Depths::new(&job.roles);
        let mut bytes = 0;
        for (from, len) in steps.iter().filter(|(_, len)| *len > 0) {
            let to = if *from == GARBLER { EVALUATOR } else { GARBLER };
            let message = Message { from: *from, to, bytes: *len as u64 };
            bytes += depths.send(std::iter::once(message));
        }
        Cost { bytes, rounds: depths.rounds() }
    }

    /// The inputs of a corrupted party: of the evaluator what it chose in transfers, of the garbler
    /// the bits of the circuits that are evaluated.
    pub(crate) fn effective_inputs(&self, states: &States<'_>) -> EffectiveInputs {
        let effective = |party: &PartyId| {
            let effective = match *party == GARBLER {
                true => self.of_garbler(states),
                false => self.of_evaluator(states),
            };
            (*party, effective)
        };
        states.corrupted.iter().map(effective).collect()
    }

    fn of_evaluator(&self, states: &States<'_>) -> Effective {
        let flips = states.tapped::<Bits>(FLIPS).next();
        let chance = states.of_corrupted::<Bits>(CHANCE).next();
        let Some(((_, flips), (_, chance))) = flips.zip(chance) else { return Effective::Unknown };
        if flips.len() != chance.len() {
            return Effective::Unknown;
        }
        let encoded = flips.xor(chance).slice(self.replicas..flips.len());
        Effective::Input(self.two.decode(EVALUATOR, &self.encoding.decoded(&encoded)))
    }

    fn of_garbler(&self, states: &States<'_>) -> Effective {
        let Some((_, evaluates)) = states.tapped::<Bits>(EVALUATES).next() else {
            return Effective::Unknown;
        };
        let brought = states.of_corrupted::<Bits>(BROUGHT).map(|(_, bits)| bits);
        let mut evaluated =
            brought.zip(evaluates.iter()).filter(|(_, is)| *is).map(|(bits, _)| bits);
        let recovered = states.tapped::<Bits>(RECOVERED_INPUT).next().map(|(_, bits)| bits);
        match (recovered, evaluated.next()) {
            (Some(bits), _) => Effective::Input(self.two.decode(GARBLER, bits)),
            (None, Some(bits)) if evaluated.all(|other| other == bits) => {
                Effective::Input(self.two.decode(GARBLER, bits))
            }
            // Of different inputs that give one output nobody knows which it was.
            (None, _) => Effective::Unknown,
        }
    }

    /// The ideal base transfers, if they are ideal.
    pub(crate) fn ideals(&self) -> Vec<Ideal> {
        ideals(self.extension.base)
    }
}

/// The ideal functionality for base transfers, in which the evaluator sends, if that is what makes
/// them.
pub(crate) fn ideals(of: BaseOt) -> Vec<Ideal> {
    if of != BaseOt::Ideal {
        return Vec::new();
    }
    let start = |ctx: Ctx| -> PartyFuture<()> {
        Box::pin(async move {
            let scope = ctx.scope("setup").scope("base");
            base::ideal(&scope, [EVALUATOR, GARBLER], KAPPA).await
        })
    };
    vec![Ideal { name: base::IDEAL, start: Arc::new(start) }]
}

/// Where parties speak of circuits, and what their hashes are bound to.
pub(crate) struct Place {
    pub(crate) online: Ctx,
    pub(crate) input: Ctx,
    pub(crate) tables: Ctx,
    pair: Pair,
    gates: Tweak,
    labels: Tweak,
}

impl Place {
    /// In the online phase of a protocol.
    pub(crate) fn new(ctx: &Ctx, protocol: &str) -> Self {
        let online = ctx.scope("online");
        let pair = Pair::new(&online, protocol, [GARBLER, EVALUATOR]);
        Place {
            input: online.scope("input"),
            tables: online.scope("tables"),
            gates: pair.tweak("mpclab replicas gates v1"),
            labels: pair.tweak("mpclab replicas labels v1"),
            pair,
            online,
        }
    }

    /// What hashes are bound to.
    pub(crate) fn domain(&self) -> &[u8] {
        self.pair.domain()
    }

    /// The first tweak of a purpose, for so many hashes in each circuit.
    pub(crate) fn tweak(&self, purpose: &str, replica: usize, each: usize) -> Tweak {
        after(self.pair.tweak(purpose), replica, each)
    }

    /// The first tweak of a circuit's gates.
    pub(crate) fn gates(&self, cut: &Cut, replica: usize) -> Tweak {
        after(self.gates, replica, cut.two.ands())
    }

    /// The first tweak under which labels of a circuit are masked, one for each place.
    pub(crate) fn labels(&self, cut: &Cut, replica: usize) -> Tweak {
        after(self.labels, replica, cut.encoding.places())
    }

    /// What a seed says.
    pub(crate) fn replica(&self, cut: &Cut, seed: Block) -> Replica {
        let wires = [cut.brought, cut.encoding.places()];
        Replica::stretch(&self.online, seed, self.domain(), wires)
    }
}

fn after(first: Tweak, replica: usize, each: usize) -> Tweak {
    Tweak { index: first.index + (replica * each) as u64, ..first }
}
