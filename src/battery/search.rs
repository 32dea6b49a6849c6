//! A seeded search for violations by several faults at once.
//!
//! Small mutations of the messages of one round at a time, as in ByzzFuzz (Winter et al., OOPSLA
//! 2023): each case is a few of the single faults together, drawn so that pairs of a message's kind
//! and a mutation that were not tried yet come first.

use std::collections::BTreeSet;

use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::adversary::{Rule, Script, Selector};
use mpclab_sim::vocabulary::PartyId;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::Target;
use super::case::{Case, Deed};
use super::sweep::{messages, mutations};

/// Name of the grid's column.
pub(super) const ATTACK: &str = "several faults at once";
/// Repetitions that cases draw from: few, so that a scenario file gets there soon.
const REPETITIONS: u32 = 4;
/// Faults of a case at most.
const FAULTS: usize = 4;
/// Draws that are compared for what they cover.
const DRAWS: usize = 4;

/// A kind of message and a mutation.
pub(super) type Kind = (String, String, String);

/// A coalition with its single faults.
type Pool = (Vec<PartyId>, Vec<(Rule, Kind)>);

/// What a search tries, and what it has covered.
pub(super) struct Search {
    pools: Vec<Pool>,
    kinds: usize,
    covered: BTreeSet<Kind>,
}

impl Search {
    pub(super) fn new(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Self {
        let mut kinds = BTreeSet::new();
        let pools = coalitions.iter().map(|coalition| {
            let mut pool = Vec::new();
            for (on, elements) in messages(target, coalition) {
                for (_, action) in mutations(elements) {
                    let rule = Rule { on: on.clone(), action };
                    let kind = kind(&rule);
                    kinds.insert(kind.clone());
                    pool.push((rule, kind));
                }
            }
            (coalition.clone(), pool)
        });
        let pools: Vec<_> = pools.collect();
        let pools = pools.into_iter().filter(|(_, pool)| !pool.is_empty()).collect();
        Search { pools, kinds: kinds.len(), covered: BTreeSet::new() }
    }

    /// So many cases, the same for equal seeds; what they try counts as covered.
    pub(super) fn cases(&mut self, target: &Target<'_>, count: usize) -> Vec<Case> {
        let seed = RunSeed::new(target.prepared.plan.seed, 0);
        let mut rng = seed.rng("search", PartyId(0));
        (0..count).filter_map(|_| self.case(&mut rng)).collect()
    }

    fn case(&mut self, rng: &mut impl Rng) -> Option<Case> {
        let (coalition, pool) = self.pools.choose(rng)?;
        let count = rng.random_range(2..=FAULTS);
        let mut faults: Vec<&(Rule, Kind)> = Vec::new();
        for _ in 0..count {
            let draws: Vec<&(Rule, Kind)> = (0..DRAWS).filter_map(|_| pool.choose(rng)).collect();
            let new = draws.iter().find(|(_, kind)| !self.covered.contains(kind));
            let fault = *new.or(draws.first())?;
            // The first rule for a message acts: another one would be idle.
            if faults.iter().all(|(rule, _)| rule.on != fault.0.on) {
                self.covered.insert(fault.1.clone());
                faults.push(fault);
            }
        }
        let rules = faults.into_iter().map(|(rule, _)| rule.clone()).collect();
        let script = Script { rules, is_rushing: rng.random(), ..Script::default() };
        Some(Case {
            family: Family::Search,
            attack: ATTACK.to_owned(),
            coalition: coalition.clone(),
            repetition: rng.random_range(0..REPETITIONS),
            deed: Deed::Script(script),
        })
    }

    /// What was covered, for people.
    pub(super) fn note(&self, target: &Target<'_>) -> String {
        let (covered, kinds) = (self.covered.len(), self.kinds);
        let label = target.label();
        format!("{label}: the search tried {covered} of {kinds} kinds of message and mutation")
    }
}

/// Scope without indices, type, mutation.
pub(super) fn kind(rule: &Rule) -> Kind {
    let Selector { scope, label, .. } = &rule.on;
    let scope = scope.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut folded = String::with_capacity(scope.len());
    let mut inside = false;
    for character in scope.chars() {
        inside = (inside || character == '[') && character != ']';
        if !inside && character != ']' {
            folded.push(character);
        }
    }
    (folded, label.clone().unwrap_or_default(), rule.action.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpclab_sim::adversary::{Action, Pattern};

    #[test]
    fn kinds_fold_indices() {
        let scope = Some(Pattern("online/mul[3]/open[12]".to_owned()));
        let on = Selector { scope, ..Selector::default() };
        let rule = Rule { on, action: Action::Drop };
        assert_eq!(kind(&rule), ("online/mul/open".to_owned(), String::new(), "drops".to_owned()));
    }
}
