//! Luck: the same error in the same message, with as many seeds as are affordable.
//!
//! A check by hashes holds as all of their bytes are compared; if one is, an error passes once in
//! 256 tries, which a fault that is tried once hardly ever meets. Small runs are tried often. Where
//! theorems let chance pass itself, nothing is tried: soundness is measured elsewhere.

use mpclab_protocols::attack::add_one_at;
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Rule, Script};
use mpclab_sim::vocabulary::{AdversaryKind, PartyId};

use super::case::{Case, Deed};
use super::{Target, sweep};

/// Coalitions that try it, and tries of each error at most.
const COALITIONS: usize = 2;
const TRIES: u64 = 1 << 10;
/// Events that all tries may cost, a run at least so many.
const EVENTS: u64 = 400_000;
const EVENTS_OF_A_RUN: u64 = 60;
/// Fewer tries of an error say little.
const LEAST: u64 = 64;
/// Chance that theorems may leave to all checks together.
const CHANCE: f64 = 1e-9;
/// The first repetition whose seed a try takes.
const FIRST: u32 = 1 << 23;

/// One more in the first element of each message to each receiver, by single parties first: two
/// honest ones that believe different things disagree.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let chance: f64 = target.soundness().iter().map(|bound| bound.probability).sum();
    if target.claims().adversary != AdversaryKind::Malicious || chance > CHANCE {
        return Vec::new();
    }
    let alone = target.coalitions().alone();
    let tried = alone.iter().chain(coalitions).take(COALITIONS);
    tried.flat_map(|coalition| tries(target, coalition)).collect()
}

fn tries(target: &Target<'_>, coalition: &[PartyId]) -> Vec<Case> {
    let Some(honest) = target.recorded(0, coalition) else { return Vec::new() };
    let to_one = sweep::messages(target, coalition).into_iter();
    let to_one = to_one.filter(|(on, elements)| on.to.is_some() && *elements > 0);
    let errors: Vec<Script> = to_one
        .map(|(on, _)| {
            let rules = vec![Rule { on, action: add_one_at(0) }];
            Script { rules, is_rushing: true, ..Script::default() }
        })
        .collect();
    let affordable = EVENTS / (honest.run.events + EVENTS_OF_A_RUN) / COALITIONS as u64;
    let each = (affordable / errors.len().max(1) as u64).min(TRIES);
    if each < LEAST {
        return Vec::new();
    }
    let case = |(repetition, script): (u32, &Script)| Case {
        family: Family::Generic,
        attack: "one error with many seeds".to_owned(),
        coalition: coalition.to_vec(),
        repetition,
        deed: Deed::Script(script.clone()),
    };
    let seeds = FIRST..FIRST + each as u32;
    let all = seeds.flat_map(|seed| errors.iter().map(move |script| (seed, script)));
    all.map(case).collect()
}
