use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use mpclab_protocols::oracle::{SoundnessBound, SoundnessTrial};
use mpclab_sim::adversary::OtherRun;
use mpclab_sim::vocabulary::{Claims, PartyId};
use mpclab_sim::{Digests, RunSeed};
use rand::seq::SliceRandom;
use serde_json::Value;

use super::case::{Case, Deed};
use crate::registry::{Bound, Registry};
use crate::runner::{Against, OTHER_RUN, Prepared, PreparedCell, Subject, Trial};
use mpclab_reports::battery::Family;

/// One protocol on one function, to be attacked.
pub struct Target<'a> {
    /// Protocols and functions.
    pub registry: &'a Registry,
    /// The scenario.
    pub prepared: &'a Prepared,
    /// The cell.
    pub cell: &'a PreparedCell,
    claims: Claims,
    soundness: Vec<SoundnessBound>,
    soundness_trials: Vec<SoundnessTrial<Value>>,
    /// By repetition and coalition.
    undisturbed: Mutex<BTreeMap<(u32, Vec<PartyId>), Digests>>,
}

/// Coalitions of one size.
pub(super) struct Coalitions {
    /// Those that are tried.
    pub(super) tried: Vec<Vec<PartyId>>,
    /// How many there are.
    pub(super) in_all: Option<u64>,
}

/// All coalitions are tried among at most so many parties.
const EXHAUSTED: usize = 5;
/// Coalitions that are tried among more.
const SAMPLED: usize = 12;

impl<'a> Target<'a> {
    /// A cell as a target; `None` if its protocol can't run it.
    #[must_use]
    pub fn new(
        registry: &'a Registry,
        prepared: &'a Prepared,
        cell: &'a PreparedCell,
    ) -> Option<Self> {
        if cell.unsupported.is_some() {
            return None;
        }
        let seed = RunSeed::new(prepared.plan.seed, 0);
        let bound = Subject::new(registry, cell, seed).ok()?.bound;
        let Bound { claims, oracle, .. } = &*bound;
        let claims = *claims;
        let (soundness, soundness_trials) = (oracle.soundness(), oracle.soundness_trials());
        let undisturbed = Mutex::default();
        Some(Target { registry, prepared, cell, claims, soundness, soundness_trials, undisturbed })
    }

    /// What theorems say of the protocol's checks.
    pub(super) fn soundness(&self) -> &[SoundnessBound] {
        &self.soundness
    }

    /// How the protocol's soundness errors are measured.
    pub(super) fn soundness_trials(&self) -> &[SoundnessTrial<Value>] {
        &self.soundness_trials
    }

    /// What the protocol claims.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Name of the row: the protocol's label, with the swept values.
    #[must_use]
    pub fn label(&self) -> String {
        let cell = &self.cell.cell;
        let swept = cell.sweep.iter().map(|(key, value)| format!(", {key} = {value}"));
        cell.protocol.label.clone() + swept.collect::<String>().as_str()
    }

    /// Number of computing parties.
    #[must_use]
    pub fn n(&self) -> usize {
        self.cell.cell.roles.compute
    }

    /// Size of the largest coalitions that the claims cover; one party stays honest.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.claims.threshold.max_corrupted(self.n()).min(self.n() - 1)
    }

    /// The run of a seed, without an adversary yet.
    ///
    /// # Errors
    /// Why the protocol can't do it.
    pub fn subject(
        &self,
        seed: RunSeed,
    ) -> Result<Subject<'a>, mpclab_protocols::protocol::Unsupported> {
        Subject::new(self.registry, self.cell, seed)
    }

    /// A run with a semi-honest coalition, to see what it sends; `None` if it can't be run.
    pub(super) fn recorded(&self, repetition: u32, coalition: &[PartyId]) -> Option<Trial> {
        let seed = RunSeed::new(self.prepared.plan.seed, repetition);
        let subject = self.subject(seed).ok()?;
        Some(subject.run(Against::semi_honest(&subject.setting(coalition.to_vec()))))
    }

    /// What a run comes to in which the coalition follows the protocol.
    pub(super) fn undisturbed(&self, repetition: u32, coalition: &[PartyId]) -> Option<Digests> {
        let key = (repetition, coalition.to_vec());
        let all = || self.undisturbed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all().get(&key).copied();
        if known.is_some() {
            return known;
        }
        let digests = self.recorded(repetition, coalition)?.run.digests;
        all().insert(key, digests);
        Some(digests)
    }

    /// What a coalition sends in another run: other inputs where they are drawn, other randomness,
    /// another session.
    pub(super) fn other_run(&self, coalition: &[PartyId]) -> Arc<OtherRun> {
        let trial = self.recorded(OTHER_RUN, coalition);
        Arc::new(trial.map(|trial| trial.run.view.to_other_run()).unwrap_or_default())
    }

    /// Coalitions of computing parties of one size: all of few parties; of many those with the
    /// first and the last party, which protocols give roles to, and others at random.
    pub(super) fn coalitions(&self, size: usize) -> Coalitions {
        let n = self.n();
        let in_all = binomial(n as u64, size as u64);
        if n <= EXHAUSTED {
            return Coalitions { tried: subsets(n, size), in_all };
        }
        let mut tried: Vec<Vec<PartyId>> =
            vec![PartyId::all(size).collect(), PartyId::all(n).skip(n - size).collect()];
        let mut rng = RunSeed::new(self.prepared.plan.seed, 0).rng("coalitions", PartyId(0));
        let mut parties: Vec<PartyId> = PartyId::all(n).collect();
        for _ in 0..10 * SAMPLED {
            parties.shuffle(&mut rng);
            let mut coalition = parties[..size].to_vec();
            coalition.sort_unstable();
            if !tried.contains(&coalition) {
                tried.push(coalition);
            }
            if tried.len() == SAMPLED {
                break;
            }
        }
        Coalitions { tried, in_all }
    }

    /// Runs without an adversary: the control.
    pub(super) fn honest(&self) -> Vec<Case> {
        let case = |repetition| Case {
            family: Family::Honest,
            attack: "nobody attacks".to_owned(),
            coalition: Vec::new(),
            repetition,
            deed: Deed::Nothing,
        };
        (0..HONEST_RUNS).map(case).collect()
    }
}

/// Runs without an adversary.
const HONEST_RUNS: u32 = 5;

/// All subsets of a size, in lexicographic order.
fn subsets(n: usize, size: usize) -> Vec<Vec<PartyId>> {
    let chosen = |mask: &u32| mask.count_ones() as usize == size;
    let mut all: Vec<Vec<PartyId>> = (0..1u32 << n)
        .filter(chosen)
        .map(|mask| PartyId::all(n).filter(|party| mask >> party.0 & 1 == 1).collect())
        .collect();
    all.sort_unstable();
    all.retain(|subset| !subset.is_empty());
    all
}

fn binomial(n: u64, k: u64) -> Option<u64> {
    (0..k.min(n - k)).try_fold(1u64, |product, i| Some(product.checked_mul(n - i)? / (i + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_all_there_are() {
        assert_eq!(subsets(4, 2).len(), 6);
        assert_eq!(subsets(3, 1), [[PartyId(0)], [PartyId(1)], [PartyId(2)]]);
        assert!(subsets(3, 0).is_empty());
        assert_eq!((binomial(5, 2), binomial(100, 50)), (Some(10), None));
    }
}
