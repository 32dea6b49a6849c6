//! Checks that read too little: a cheater tries its luck again and again.
//!
//! A check by hashes holds as all of their bytes are compared. Where the last bytes of an opaque
//! message may change and honest parties go on as if nothing had happened, a check may pass by luck,
//! once in `2^8` tries if one byte is compared. Then, and then only, errors in every kind of step
//! are made with many seeds. What is judged are the runs, as anywhere else: bytes that nobody reads
//! are no flaw.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mpclab_protocols::attack::add_one_at;
use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::adversary::{Action, ElementChange, ElementChoice, Rule, Script};
use mpclab_sim::vocabulary::{AdversaryKind, PartyId};
use mpclab_sim::wire::{Algebra, Field};

use super::case::{Case, Deed};
use super::{Target, strategies, sweep};
use crate::runner::Against;

/// Coalitions that try it, and seeds of each error.
const COALITIONS: usize = 3;
const TRIES: u32 = 1 << 10;
/// Runs of a coalition, at most.
const MOST: usize = 1 << 15;
/// Fewest bytes of what a check compares, and the last bit of them that can change.
const LEAST_BYTES: usize = 16;
const BIT: u32 = 8 * LEAST_BYTES as u32 - 1;
/// The first repetition whose seed a try takes.
const FIRST: u32 = 1 << 23;

/// Errors with many seeds, by coalitions whose opaque messages are not read to the end.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    if target.claims().adversary != AdversaryKind::Malicious {
        return Vec::new();
    }
    let unread = |coalition: &&Vec<PartyId>| has_unread(target, coalition);
    let coalitions = coalitions.iter().take(COALITIONS).filter(unread);
    coalitions.flat_map(|coalition| tries(target, coalition)).collect()
}

/// Whether honest parties go on although the end of a long opaque message is another one.
fn has_unread(target: &Target<'_>, coalition: &[PartyId]) -> bool {
    let Some(honest) = target.recorded(0, coalition) else { return false };
    let is_long = |field: &Field| {
        field.algebra == Algebra::Bytes && field.count > 0 && field.element_bytes >= LEAST_BYTES
    };
    let sent = || honest.run.view.sent.iter();
    let outputs = honest.run.outputs().filter(|(party, _)| !coalition.contains(party)).count();
    sweep::messages(target, coalition).into_iter().any(|(on, _)| {
        let of_kind = |scope: &str, from| {
            on.scope.as_ref().is_some_and(|of| of.matches(scope)) && on.from == Some(from)
        };
        let Some(seen) = sent().find(|seen| of_kind(seen.scope(), seen.from)) else { return false };
        let mut before = 0;
        seen.fields().iter().any(|field| {
            let at = before;
            before += field.count;
            let change = ElementChange::FlipBit(BIT);
            let action = Action::Tamper { field: None, element: ElementChoice::At(at), change };
            is_long(field) && passes(target, coalition, Rule { on: on.clone(), action }, outputs)
        })
    })
}

/// Whether as many honest parties have an output, and the rule did something.
fn passes(target: &Target<'_>, coalition: &[PartyId], rule: Rule, outputs: usize) -> bool {
    let Ok(subject) = target.subject(RunSeed::new(target.prepared.plan.seed, 0)) else {
        return false;
    };
    let script = Script { rules: vec![rule], ..Script::default() };
    let against = Against::script(&subject.setting(coalition.to_vec()), script, None);
    let Ok(trial) = catch_unwind(AssertUnwindSafe(|| subject.run(against))) else { return false };
    let honest = trial.run.outputs().filter(|(party, _)| !coalition.contains(party));
    !trial.run.acts.is_empty() && honest.count() == outputs
}

/// Errors that fit any protocol, and one in each message to one receiver.
fn tries(target: &Target<'_>, coalition: &[PartyId]) -> Vec<Case> {
    let generic = strategies::generic(target, &[coalition.to_vec()]).into_iter();
    let to_one = sweep::messages(target, coalition)
        .into_iter()
        .filter(|(on, elements)| on.to.is_some() && *elements > 0);
    let to_one = to_one.map(|(on, _)| {
        let rules = vec![Rule { on, action: add_one_at(0) }];
        Deed::Script(Script { rules, is_rushing: true, ..Script::default() })
    });
    let deeds: Vec<Deed> = to_one.chain(generic.map(|strategy| strategy.deed)).collect();
    let case = |(repetition, deed): (u32, &Deed)| Case {
        family: Family::Generic,
        attack: "one error with many seeds".to_owned(),
        coalition: coalition.to_vec(),
        repetition,
        deed: deed.clone(),
    };
    let all = (FIRST..FIRST + TRIES).flat_map(|try_| deeds.iter().map(move |deed| (try_, deed)));
    all.take(MOST).map(case).collect()
}
