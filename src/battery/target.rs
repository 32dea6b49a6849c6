use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mpclab_protocols::oracle::{SoundnessBound, SoundnessTrial};
use mpclab_sim::adversary::OtherRun;
use mpclab_sim::vocabulary::{Claims, PartyId, RoleClaim};
use mpclab_sim::{Digests, RunSeed};
use serde_json::Value;

use super::case::{Case, Deed};
use super::coalition::Coalitions;
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
    leaks: Option<String>,
    roles: Vec<RoleClaim>,
    coalitions: Coalitions,
    soundness: Vec<SoundnessBound>,
    soundness_trials: Vec<SoundnessTrial<Value>>,
    /// By repetition and coalition.
    undisturbed: Mutex<BTreeMap<(u32, Vec<PartyId>), Digests>>,
    /// Keys that everybody knows.
    public_keys: OnceLock<Arc<BTreeSet<[u8; 32]>>>,
}

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
        let Bound { claims, leaks, roles, oracle, .. } = &*bound;
        let nodes = &cell.cell.roles;
        Some(Target {
            registry,
            prepared,
            cell,
            claims: *claims,
            leaks: leaks.clone(),
            roles: roles.clone(),
            coalitions: Coalitions::new(claims, roles, nodes, seed),
            soundness: oracle.soundness(),
            soundness_trials: oracle.soundness_trials(),
            undisturbed: Mutex::default(),
            public_keys: OnceLock::new(),
        })
    }

    /// Keys that are the same in all runs, as they are found once; none if runs fail.
    pub(super) fn public_keys(
        &self,
        find: impl FnOnce() -> Result<Arc<BTreeSet<[u8; 32]>>, String>,
    ) -> Arc<BTreeSet<[u8; 32]>> {
        Arc::clone(self.public_keys.get_or_init(|| find().unwrap_or_default()))
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

    /// Whom an adversary may corrupt, within the claims and beyond.
    pub(super) fn coalitions(&self) -> &Coalitions {
        &self.coalitions
    }

    /// What the functionality leaks by the scenario's own choice.
    pub(super) fn leaks(&self) -> Option<&str> {
        self.leaks.as_deref()
    }

    /// What is claimed of each named role.
    pub(super) fn roles(&self) -> &[RoleClaim] {
        &self.roles
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

    /// Computing parties outside of a coalition.
    pub(super) fn honest_beside(&self, coalition: &[PartyId]) -> usize {
        PartyId::all(self.n()).filter(|party| !coalition.contains(party)).count()
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
