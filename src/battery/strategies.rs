//! Strategies of a cheater whose success is a matter of luck: those that authors know, and ones
//! that fit any protocol, of which a short tournament finds the best.

use std::ops::Range;

use mpclab_protocols::attack::{Attack, Expected, Plan, add_one, add_one_at};
use mpclab_sim::adversary::{
    Action, Decision, Departing, ElementChange, ElementChoice, Pattern, Rule, Script, Selector,
};
use mpclab_sim::vocabulary::PartyId;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

use super::case::Deed;
use super::{Target, last_mover};

/// Something that a coalition does in the hope that nobody notices.
#[derive(Clone)]
pub(super) struct Strategy {
    /// Name, the same at all parameters.
    pub(super) name: String,
    /// What several strategies have in common, for people.
    pub(super) kind: &'static str,
    pub(super) deed: Deed,
    /// Whether the protocol's author names it.
    pub(super) is_own: bool,
}

impl Strategy {
    pub(super) fn own(attack: &Attack) -> Self {
        let (name, kind) = (attack.name.to_owned(), attack.name);
        Strategy { name, kind, deed: Deed::Known(attack.clone()), is_own: true }
    }
}

/// Kinds of steps that are looked at, and pairs of steps of each kind of strategy.
const STEPS: usize = 12;
const PAIRS: usize = 12;
/// Coalitions whose steps are looked at.
const COALITIONS: usize = 3;

/// Strategies that fit any protocol: errors in each step, alone and so that they cancel, an error
/// whose multiple by a guessed challenge is taken back later, and last words after an error.
pub(super) fn generic(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Strategy> {
    let steps = steps(target, coalitions);
    let mut all = Vec::new();
    let mut add = |kind: &'static str, place: &str, deed| {
        let name = format!("{kind} {place}");
        all.push(Strategy { name, kind, deed, is_own: false });
    };
    for (scope, elements) in &steps {
        add("an error in", scope, rule(scope, add_one_at(0)));
        if *elements > 1 {
            add("errors in all elements of", scope, rule(scope, add_one()));
            let (field, element) = (None, ElementChoice::All);
            let cancel = Action::Tamper { field, element, change: ElementChange::Cancel(1) };
            add("errors that cancel in", scope, rule(scope, cancel));
        }
        add("different words in", scope, rule(scope, Action::Equivocate));
    }
    let pairs: Vec<(&str, &str)> = (0..steps.len())
        .flat_map(|at| (at + 1..steps.len()).map(move |later| (at, later)))
        .map(|(at, later)| (steps[at].0.as_str(), steps[later].0.as_str()))
        .collect();
    for (error, later) in some(&pairs, PAIRS) {
        let place = format!("{error} and {later}");
        add("an error, taken back, in", &place, computed(taken_back(error, later)));
    }
    let words = coalitions.first().map(|one| last_mover::attacks(target, one)).unwrap_or_default();
    for (place, attack) in some(&words, PAIRS) {
        add("a last word after an error in", place, Deed::Computed(attack.clone()));
    }
    all
}

/// So many of a list, evenly.
fn some<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    all.iter().step_by(all.len().div_ceil(most).max(1))
}

/// Where coalitions tell honest parties elements: one step of each kind, in order of time, and how
/// many elements at most.
fn steps(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<(String, usize)> {
    let mut steps: Vec<(String, usize)> = Vec::new();
    for coalition in some(coalitions, COALITIONS) {
        let Some(trial) = target.recorded(0, coalition) else { continue };
        let sent = trial.run.view.sent.iter();
        for seen in sent.filter(|seen| !coalition.contains(&seen.to)) {
            let summed = seen.fields().iter().filter(|field| last_mover::is_summed(field));
            let elements: usize = summed.map(|field| field.count).sum();
            let kind = last_mover::kind(seen.scope());
            let known = steps.iter_mut().find(|(scope, _)| last_mover::kind(scope) == kind);
            match known {
                Some((_, most)) => *most = elements.max(*most),
                None if elements > 0 => steps.push((seen.scope().to_owned(), elements)),
                None => {}
            }
        }
    }
    steps.truncate(STEPS);
    steps
}

fn rule(scope: &str, action: Action) -> Deed {
    let on = Selector { scope: Some(Pattern(scope.to_owned())), ..Selector::default() };
    Deed::Script(Script { rules: vec![Rule { on, action }], is_rushing: true, ..Script::default() })
}

fn computed(plan: Plan) -> Deed {
    let about = "errs in the hope that nobody notices";
    Deed::Computed(Attack::new("errors", about, "generic", plan, Expected::Caught))
}

/// One more in all elements of a step, and one less in all of a later one.
fn taken_back(error: &str, later: &str) -> Plan {
    let scopes = [error.to_owned(), later.to_owned()];
    Plan::adaptive(true, move |setting| {
        let (corrupted, scopes) = (setting.corrupted.clone(), scopes.clone());
        move |message: &Departing<'_>| {
            let at = scopes.iter().position(|scope| message.scope == scope)?;
            let is_own = leaves(message, &corrupted);
            let body = is_own.then(|| changed(message, at == 1))?;
            Some((Decision::Replace(body), "an error that is taken back".to_owned()))
        }
    })
}

fn leaves(message: &Departing<'_>, corrupted: &[PartyId]) -> bool {
    corrupted.contains(&message.from) && !corrupted.contains(&message.to)
}

/// A body with one more, or one less, in all its elements.
fn changed(message: &Departing<'_>, less: bool) -> Vec<u8> {
    let mut body = message.body.to_vec();
    // These changes draw nothing.
    let mut rng = ChaCha20Rng::seed_from_u64(0);
    let changes: &[ElementChange] = match less {
        true => &[ElementChange::Negate, ElementChange::Add(1), ElementChange::Negate],
        false => &[ElementChange::Add(1)],
    };
    for field in message.fields.iter().filter(|field| last_mover::is_summed(field)) {
        for index in 0..field.count {
            changes.iter().for_each(|change| {
                change.apply(field, &mut body, index, &mut rng);
            });
        }
    }
    body
}

/// Runs of each strategy that enters, and of each that is left.
const ROUNDS: [u32; 2] = [24, 100];
/// Strategies that fit any protocol in the second round.
const LEFT: usize = 4;

/// What a tournament gave.
pub(super) struct Winner {
    /// Place of the best strategy.
    pub(super) at: usize,
    /// Runs that it took.
    pub(super) runs: u64,
}

/// The strategy that succeeds most often on seeds from `first` on; the author's own unless
/// another one does so far more often than chance.
pub(super) fn tournament(
    strategies: &[Strategy],
    first: u32,
    successes: impl Fn(&Strategy, Range<u32>) -> u64 + Sync,
) -> Winner {
    let play = |places: &[usize], seeds: Range<u32>| -> Vec<(usize, u64)> {
        let score = |at: &usize| (*at, successes(&strategies[*at], seeds.clone()));
        places.par_iter().map(score).collect()
    };
    let everybody: Vec<usize> = (0..strategies.len()).collect();
    let mut scores = play(&everybody, first..first + ROUNDS[0]);
    scores.sort_by_key(|(at, score)| (std::cmp::Reverse(*score), *at));
    let (own, others): (Vec<_>, Vec<_>) =
        scores.into_iter().partition(|(at, _)| strategies[*at].is_own);
    let left = own.iter().chain(others.iter().filter(|(_, score)| *score > 0).take(LEFT));
    let left: Vec<usize> = left.map(|(at, _)| *at).collect();
    let start = first + ROUNDS[0];
    let finals = play(&left, start..start + ROUNDS[1]);
    let best = |is_own: bool| {
        let of = finals.iter().filter(|(at, _)| strategies[*at].is_own == is_own);
        of.copied().max_by_key(|(at, score)| (*score, std::cmp::Reverse(*at)))
    };
    let at = match (best(true), best(false)) {
        (Some((at, own)), Some((other, score))) => {
            // Three standard deviations, at most.
            let margin = 3.0 * (own.max(1) as f64).sqrt();
            if score as f64 > own as f64 + margin { other } else { at }
        }
        (Some((at, _)), None) | (None, Some((at, _))) => at,
        (None, None) => 0,
    };
    let runs =
        everybody.len() as u64 * u64::from(ROUNDS[0]) + left.len() as u64 * u64::from(ROUNDS[1]);
    Winner { at, runs }
}

/// What was tried, for people: each kind with how many there were.
pub(super) fn tried(strategies: &[Strategy]) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for strategy in strategies {
        match kinds.iter_mut().find(|(kind, _)| *kind == strategy.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((strategy.kind, 1)),
        }
    }
    let all: Vec<String> = kinds
        .into_iter()
        .map(|(kind, count)| match count {
            1 => kind.trim_end_matches(" in").trim_end_matches(" of").to_owned(),
            _ => format!("{} ({count})", kind.trim_end_matches(" in").trim_end_matches(" of")),
        })
        .collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strategies(own: usize, all: usize) -> Vec<Strategy> {
        let one = |at: usize| Strategy {
            name: at.to_string(),
            kind: if at < own { "own" } else { "an error in" },
            deed: Deed::Nothing,
            is_own: at < own,
        };
        (0..all).map(one).collect()
    }

    /// Strategies win with these many of a hundred seeds.
    fn winner(own: usize, percent: &[u64]) -> usize {
        let all = strategies(own, percent.len());
        let score = |one: &Strategy, seeds: Range<u32>| {
            let at: usize = one.name.parse().unwrap();
            seeds.filter(|seed| u64::from(seed * 37 % 100) < percent[at]).count() as u64
        };
        tournament(&all, 0, score).at
    }

    #[test]
    fn the_authors_strategy_yields_to_a_far_better_one_only() {
        assert_eq!(winner(1, &[14, 10, 0, 16]), 0);
        assert_eq!(winner(1, &[14, 10, 0, 90]), 3);
        assert_eq!(winner(1, &[0, 0, 30, 0]), 2);
        assert_eq!(winner(2, &[10, 30, 30, 0]), 1);
        assert_eq!(winner(0, &[10, 30, 50]), 2);
        assert_eq!(tried(&strategies(1, 4)), "own, an error (3)");
    }
}
