//! Twins: a corrupted party runs two honest instances in one session, with other randomness and
//! perhaps another input, and each honest party speaks with one of them.
//!
//! What the second instance says follows from what it hears, and what it hears from what it said.
//! Both are found by running in turn: the twin alone, on what honest parties said to the corrupted
//! one, and the whole, on what the twin said; until nothing changes. Then the twin is an honest run on
//! what it really heard, and nobody has been asked twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_protocols::attack::{Attack, Expected, Plan};
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Act, Adversary, Decision, Departing, Seen};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Randomness, RunSeed};
use rayon::prelude::*;

use super::Target;
use super::case::{Case, Deed};
use crate::runner::{Against, OTHER_RUN, Subject, function};

/// Coalitions that have twins, and honest parties that meet the second ones.
const COALITIONS: usize = 3;
const PEERS: usize = 2;
/// Rounds in which both runs have to settle: one message may depend on another in each.
const TURNS: usize = 24;

/// Sender, receiver, scope, place in the channel.
type Slot = (PartyId, PartyId, String, u32);
type Words = BTreeMap<Slot, Vec<u8>>;

/// Twins of a few coalitions, each met by one honest party while the others meet the first.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let mut meetings = Vec::new();
    let alone = target.coalitions().alone();
    let honest = |coalition: &[PartyId]| -> Vec<PartyId> {
        target.coalitions().nodes().filter(|party| !coalition.contains(party)).collect()
    };
    // One honest party alone is told one thing.
    let split = coalitions.iter().chain(&alone).filter(|coalition| honest(coalition).len() > 1);
    for coalition in split.take(COALITIONS) {
        for peer in honest(coalition).into_iter().take(PEERS) {
            meetings.extend([false, true].map(|other_input| (coalition, peer, other_input)));
        }
    }
    let case = |(coalition, peer, other_input): (&Vec<PartyId>, PartyId, bool)| {
        let said = Arc::new(Meeting { target, coalition, peer, other_input }.said()?);
        Some(Case {
            family: Family::Generic,
            attack: "twins in one session".to_owned(),
            coalition: coalition.clone(),
            repetition: 0,
            deed: Deed::Computed(attack(coalition.clone(), said)),
        })
    };
    meetings.into_par_iter().filter_map(case).collect()
}

fn attack(coalition: Vec<PartyId>, said: Arc<Words>) -> Attack {
    let plan = Plan::Outbox(Arc::new(move |_| {
        Box::new(Speaker::new(coalition.clone(), Arc::clone(&said))) as Box<dyn Adversary>
    }));
    Attack::new(
        "twins-in-one-session",
        "runs two honest instances with other randomness, each for other honest parties",
        "Bano et al., Twins: BFT systems made robust, OPODIS 2021 (twins)",
        plan,
        Expected::Caught,
    )
}

/// A coalition whose second instances speak with one honest party.
struct Meeting<'a> {
    target: &'a Target<'a>,
    coalition: &'a [PartyId],
    peer: PartyId,
    other_input: bool,
}

impl Meeting<'_> {
    /// What the second instances say to it in the end; `None` if that never settles, or is what
    /// the first ones say.
    fn said(&self) -> Option<Words> {
        let subject = self.target.subject(RunSeed::new(self.target.prepared.plan.seed, 0)).ok()?;
        let others = self.other_inputs();
        let mut heard = Words::new();
        let mut said: Option<Words> = None;
        for _ in 0..TURNS {
            let now = self.twin(&subject, others.clone(), heard);
            if said.as_ref() == Some(&now) {
                return said.filter(|said| !said.is_empty());
            }
            heard = self.whole(&subject, &now);
            said = Some(now);
        }
        None
    }

    /// Honest code with other randomness, on what honest parties said.
    fn twin(&self, subject: &Subject<'_>, others: Option<Others>, heard: Words) -> Words {
        let speaker = Speaker::new(self.coalition.to_vec(), Arc::new(heard));
        let against = Against {
            adversary: Some(Box::new(speaker)),
            inputs: others.map(|others| {
                let replace: crate::runner::Replace =
                    Arc::new(move |party, _| others.get(&party).cloned());
                replace
            }),
            ..Against::default()
        };
        let trial = subject.run(against.with_randomness(Randomness::Repeated));
        words(trial.run.view.sent.iter().filter(|seen| seen.to == self.peer))
    }

    /// What honest parties say to the coalition if the peer hears this.
    fn whole(&self, subject: &Subject<'_>, said: &Words) -> Words {
        let speaker = Speaker::new(self.coalition.to_vec(), Arc::new(said.clone()));
        let trial =
            subject.run(Against { adversary: Some(Box::new(speaker)), ..Against::default() });
        let received = trial.run.view.received.iter();
        words(received.filter(|seen| !self.coalition.contains(&seen.from)))
    }

    /// Other inputs of the coalition; `None` to keep what was given.
    fn other_inputs(&self) -> Option<Others> {
        if !self.other_input {
            return None;
        }
        let Target { registry, prepared, cell, .. } = self.target;
        let seed = RunSeed::new(prepared.plan.seed, OTHER_RUN);
        let input = |party: &PartyId| {
            let at = cell.cell.roles.input_index(*party)?;
            let mut rng = seed.rng("twin", *party);
            Some((*party, function::generate(registry, cell, at, &mut rng)))
        };
        Some(self.coalition.iter().filter_map(input).collect())
    }
}

/// Inputs of second instances.
type Others = BTreeMap<PartyId, mpclab_protocols::program::Inputs>;

fn words<'a>(seen: impl Iterator<Item = &'a Seen>) -> Words {
    let word = |seen: &Seen| {
        let slot = (seen.from, seen.to, seen.scope().to_owned(), seen.occurrence);
        (slot, seen.body().to_vec())
    };
    seen.map(word).collect()
}

/// Puts other words in the place of messages.
struct Speaker {
    corrupted: Vec<PartyId>,
    words: Arc<Words>,
    acts: Vec<Act>,
}

impl Speaker {
    fn new(corrupted: Vec<PartyId>, words: Arc<Words>) -> Self {
        Speaker { corrupted, words, acts: Vec::new() }
    }
}

impl Adversary for Speaker {
    fn corrupted(&self) -> Vec<PartyId> {
        self.corrupted.clone()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let slot = (message.from, message.to, message.scope.to_owned(), message.occurrence);
        match self.words.get(&slot) {
            Some(body) if body.as_slice() != message.body => {
                self.acts.push(Act::on(message, "is what a twin says"));
                Decision::Replace(body.clone())
            }
            _ => Decision::Pass,
        }
    }

    fn acts(&self) -> Vec<Act> {
        self.acts.clone()
    }
}
