//! Twins: a corrupted party runs two honest instances in one session, with other randomness and
//! perhaps another input, and each honest party speaks with one of them.
//!
//! What the second instance says follows from what it hears, and what it hears from what it said.
//! Both are found by running in turn: the twin alone, on what honest parties said to the corrupted
//! one, and the whole, on what the twin said; until nothing changes. Then the twin is an honest run on
//! what it really heard, and nobody has been asked twice.
//!
//! A check of what was said at first may catch a twin that differs in everything. So there are twins
//! that differ in one step: one with other randomness that speaks there alone, one that takes
//! something else for what it was told, and goes on from that, and one with another input only.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_protocols::attack::{Attack, Expected, Plan};
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Act, Adversary, Decision, Departing, ElementChange, Seen, View};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Randomness, RunSeed};
use rayon::prelude::*;

use super::case::{Case, Deed};
use super::{Target, last_mover};
use crate::runner::{Against, OTHER_RUN, Subject, function};

/// Coalitions that have twins, and honest parties that meet the second ones.
const COALITIONS: usize = 3;
const PEERS: usize = 2;
/// Rounds in which both runs have to settle: one message may depend on another in each.
const TURNS: usize = 24;
/// Of twins that differ in one step: coalitions, and steps of each kind.
const STEP_COALITIONS: usize = 2;
const STEPS: usize = 6;
/// Turns of theirs.
const STEP_TURNS: usize = 12;

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
    for (at, coalition) in split.take(COALITIONS).enumerate() {
        for peer in honest(coalition).into_iter().take(PEERS) {
            let wholes = [false, true].map(|other_input| Twin::Whole { other_input });
            meetings.extend(wholes.map(|twin| (coalition, peer, twin)));
        }
        let peer = honest(coalition).last().copied();
        if let Some(peer) = peer.filter(|_| at < STEP_COALITIONS) {
            let steps = of_steps(target, coalition).into_iter();
            meetings.extend(steps.map(|twin| (coalition, peer, twin)));
        }
    }
    let case = |(coalition, peer, twin): (&Vec<PartyId>, PartyId, Twin)| {
        let name = twin.attack();
        let said = Arc::new(Meeting { target, coalition, peer, twin }.said()?);
        Some(Case {
            family: Family::Generic,
            attack: name.to_owned(),
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

/// How the second instances differ from the first.
#[derive(Clone)]
enum Twin {
    /// In all that they draw, and perhaps in inputs.
    Whole { other_input: bool },
    /// In inputs alone.
    Input,
    /// In all that they draw, but they are heard on this path only.
    Speaks(String),
    /// They take something else for what they are told in this scope.
    Mishears(String),
}

impl Twin {
    fn attack(&self) -> &'static str {
        match self {
            Twin::Whole { .. } => "twins in one session",
            _ => "twins in one step",
        }
    }
}

/// Twins that differ in one step: where the coalition tells several honest parties the same, and
/// where it is told something; the first of each kind.
fn of_steps(target: &Target<'_>, coalition: &[PartyId]) -> Vec<Twin> {
    let Some(trial) = target.recorded(0, coalition) else { return Vec::new() };
    let view: &View = &trial.run.view;
    let mut paths: Vec<String> = Vec::new();
    for path in broadcasts(view, coalition) {
        // A commitment and its opening belong together.
        let around = path.rsplit_once('/').map_or(path, |(around, _)| around);
        let around = if around.contains('/') { around } else { path };
        add(&mut paths, around);
    }
    let mut heard: Vec<String> = Vec::new();
    let elements = |seen: &&Seen| !coalition.contains(&seen.from) && !seen.fields().is_empty();
    view.received.iter().filter(elements).for_each(|seen| add(&mut heard, seen.scope()));
    let speaks = paths.into_iter().map(Twin::Speaks);
    speaks.chain(heard.into_iter().map(Twin::Mishears)).chain([Twin::Input]).collect()
}

fn add(paths: &mut Vec<String>, path: &str) {
    let kind = last_mover::kind(path);
    if paths.len() < STEPS && paths.iter().all(|other| last_mover::kind(other) != kind) {
        paths.push(path.to_owned());
    }
}

/// Scopes in which one of the coalition tells several honest parties the same, in order.
fn broadcasts<'a>(view: &'a View, coalition: &'a [PartyId]) -> impl Iterator<Item = &'a str> {
    let leaves = |seen: &&Seen| !coalition.contains(&seen.to);
    let is_shared = move |seen: &&Seen| {
        let same = |other: &&Seen| {
            (other.from, other.scope(), other.occurrence)
                == (seen.from, seen.scope(), seen.occurrence)
                && other.body() == seen.body()
        };
        view.sent.iter().filter(leaves).filter(same).count() > 1
    };
    view.sent
        .iter()
        .filter(move |seen| !coalition.contains(&seen.to))
        .filter(is_shared)
        .map(Seen::scope)
}

/// A coalition whose second instances speak with one honest party.
struct Meeting<'a> {
    target: &'a Target<'a>,
    coalition: &'a [PartyId],
    peer: PartyId,
    twin: Twin,
}

impl Meeting<'_> {
    /// What the second instances say to it in the end; `None` if that never settles, or is what
    /// the first ones say.
    fn said(&self) -> Option<Words> {
        let subject = self.target.subject(RunSeed::new(self.target.prepared.plan.seed, 0)).ok()?;
        let others = self.other_inputs();
        let mut heard = Words::new();
        let mut said: Option<Words> = None;
        let turns = if matches!(self.twin, Twin::Whole { .. }) { TURNS } else { STEP_TURNS };
        for _ in 0..turns {
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
        let draws_otherwise = matches!(self.twin, Twin::Whole { .. } | Twin::Speaks(_));
        let trial = subject.run(match draws_otherwise {
            true => against.with_randomness(Randomness::Repeated),
            false => against,
        });
        let to_peer = trial.run.view.sent.iter().filter(|seen| seen.to == self.peer);
        words(to_peer.filter(|seen| self.is_spoken(seen)))
    }

    /// What honest parties say to the coalition if the peer hears this.
    fn whole(&self, subject: &Subject<'_>, said: &Words) -> Words {
        let speaker = Speaker::new(self.coalition.to_vec(), Arc::new(said.clone()));
        let trial =
            subject.run(Against { adversary: Some(Box::new(speaker)), ..Against::default() });
        let received = trial.run.view.received.iter();
        let honest = received.filter(|seen| !self.coalition.contains(&seen.from));
        // Elsewhere a twin speaks with honest parties of its own, so that it gets there.
        let mut words = words(honest.filter(|seen| self.is_spoken(seen)));
        if let Twin::Mishears(path) = &self.twin {
            let mut rng = subject.seed.rng("twin", self.peer);
            for seen in trial.run.view.received.iter().filter(|seen| seen.scope() == path) {
                let slot = (seen.from, seen.to, seen.scope().to_owned(), seen.occurrence);
                let word = words.get_mut(&slot);
                if let (Some(word), Some(field)) = (word, seen.fields().first()) {
                    ElementChange::Add(1).apply(field, word, 0, &mut rng);
                }
            }
        }
        words
    }

    /// Whether the second instances speak with the others here.
    fn is_spoken(&self, seen: &Seen) -> bool {
        let Twin::Speaks(path) = &self.twin else { return true };
        let rest = seen.scope().strip_prefix(path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Other inputs of the coalition; `None` to keep what was given.
    fn other_inputs(&self) -> Option<Others> {
        if !matches!(self.twin, Twin::Whole { other_input: true } | Twin::Input) {
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
