//! The single-fault sweep: each outgoing message with each mutation.

use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::adversary::{
    Action, BodyChange, ElementChange, ElementChoice, Pattern, Rule, Script, Seen, Selector,
};
use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::vocabulary::PartyId;
use rand::seq::SliceRandom;

use super::Target;
use super::case::{Case, Deed};

/// A sweep, and what was left out of it.
pub(super) struct Sweep {
    pub(super) cases: Vec<Case>,
    pub(super) note: Option<String>,
}

/// Each message of each coalition to an honest party or an ideal functionality, to this one alone
/// and to all receivers of a broadcast, with each mutation; at most so many, sampled by the
/// scenario's seed.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>], limit: usize) -> Sweep {
    let mut cases = Vec::new();
    for coalition in coalitions {
        for (on, elements) in messages(target, coalition) {
            for (attack, action) in mutations(elements) {
                let rules = vec![Rule { on: on.clone(), action }];
                let script = Script { rules, ..Script::default() };
                cases.push(case(Family::SingleFault, attack, coalition, script));
            }
        }
    }
    let all = cases.len();
    if all <= limit {
        return Sweep { cases, note: None };
    }
    let mut rng = RunSeed::new(target.prepared.plan.seed, 0).rng("sweep", PartyId(0));
    cases.shuffle(&mut rng);
    cases.truncate(limit);
    let note = format!("{}: {limit} of {all} single faults, drawn by the seed", target.label());
    Sweep { cases, note: Some(note) }
}

/// Coalitions of one party more than the claims allow, each with a few of the faults.
pub(super) fn beyond(target: &Target<'_>) -> Vec<Case> {
    let of_kind = |coalitions: Vec<Vec<PartyId>>| {
        let sweep = cases(target, &coalitions, BEYOND);
        sweep.cases.into_iter().map(|case| Case {
            family: Family::Thresholds,
            attack: format!("{} collude", target.coalitions().describe(&case.coalition)),
            ..case
        })
    };
    target.coalitions().beyond().flat_map(of_kind).collect()
}

/// Of each named role as many members drop out as it can spare, and one more, at several moments.
pub(super) fn drop_outs(target: &Target<'_>) -> Vec<Case> {
    if target.roles().is_empty() {
        return Vec::new();
    }
    let Some(honest) = target.recorded(0, &[]) else { return Vec::new() };
    let moments = (0..MOMENTS).map(|moment| honest.run.times.total_ns * moment / MOMENTS);
    let mut cases = Vec::new();
    for role in target.roles() {
        let spare = role.spare() as usize;
        for size in [spare, spare + 1] {
            for gone in target.coalitions().of_role(&role.name, size) {
                for (at_ns, kind) in moments.clone().flat_map(|at_ns| CRASHES.map(|k| (at_ns, k))) {
                    let fault = |party: &PartyId| Fault {
                        party: *party,
                        at_ns,
                        kind: FaultKind::Crash(kind),
                    };
                    cases.push(Case {
                        family: Family::Thresholds,
                        attack: format!("{} drop out", target.coalitions().describe(&gone)),
                        coalition: Vec::new(),
                        repetition: 0,
                        deed: Deed::Faults(gone.iter().map(fault).collect()),
                    });
                }
            }
        }
    }
    cases
}

/// Moments of a run at which members drop out together.
const MOMENTS: u64 = 6;
const CRASHES: [CrashKind; 2] = [CrashKind::Process, CrashKind::Host];

/// Cases with coalitions that are too large.
const BEYOND: usize = 500;

pub(super) fn case(family: Family, attack: &str, coalition: &[PartyId], script: Script) -> Case {
    Case {
        family,
        attack: attack.to_owned(),
        coalition: coalition.to_vec(),
        repetition: 0,
        deed: Deed::Script(script),
    }
}

/// Messages of a coalition to honest parties and ideal functionalities: each one, and each that
/// goes to several, as one. With each its elements: their number, and whether they are more than
/// opaque bytes.
pub(super) fn messages(target: &Target<'_>, coalition: &[PartyId]) -> Vec<(Selector, usize)> {
    let Some(trial) = target.recorded(0, coalition) else { return Vec::new() };
    let leaves = |seen: &&Seen| !coalition.contains(&seen.to);
    let mut messages: Vec<(Selector, usize)> = Vec::new();
    let mut broadcasts: Vec<(Selector, usize)> = Vec::new();
    for seen in trial.run.view.sent.iter().filter(leaves) {
        let elements = seen.fields().iter().map(|field| field.count).sum();
        let all = Selector {
            from: Some(seen.from),
            to: None,
            scope: Some(Pattern(seen.scope().to_owned())),
            label: Some(seen.label().to_owned()),
            occurrence: Some(seen.occurrence),
        };
        messages.push((Selector { to: Some(seen.to), ..all.clone() }, elements));
        let with = |(other, _): &(Selector, usize)| Selector { to: None, ..other.clone() } == all;
        let is_shared = messages.iter().filter(|other| with(other)).count() == 2;
        if is_shared {
            broadcasts.push((all, elements));
        }
    }
    messages.extend(broadcasts);
    messages
}

/// All mutations of a message with so many elements, each with its column of the grid.
pub(super) fn mutations(elements: usize) -> Vec<(&'static str, Action)> {
    let mut mutations = Vec::new();
    let last = elements.saturating_sub(1);
    let places = if last > 0 { vec![0, last / 2, last] } else { vec![0] };
    let changes = [
        ElementChange::Add(1),
        ElementChange::Set(0),
        ElementChange::Negate,
        ElementChange::Random,
        ElementChange::FlipBit(0),
        ElementChange::FlipBit(7),
        // Half a ring.
        ElementChange::FlipBit(127),
    ];
    for element in places.into_iter().filter(|_| elements > 0) {
        for change in changes {
            let element = ElementChoice::At(element);
            mutations
                .push(("one message changed", Action::Tamper { field: None, element, change }));
        }
    }
    let add = ElementChange::Add(1);
    let all = Action::Tamper { field: None, element: ElementChoice::All, change: add };
    mutations.push(("one message changed", all));
    if elements > 1 {
        let change = ElementChange::Cancel(1);
        let cancel = Action::Tamper { field: None, element: ElementChoice::All, change };
        mutations.push(("errors that cancel", cancel));
    }
    mutations.push(("one message changed", Action::Body(BodyChange::Zero)));
    mutations.push(("one message dropped", Action::Drop));
    mutations.push(("one message late", Action::Delay(DELAY_NS)));
    mutations.push(("one message doubled", Action::Duplicate));
    mutations.push(("two messages reordered", Action::Reorder));
    mutations.push(("recipients swapped", Action::SwapRecipients));
    mutations.push(("one message equivocated", Action::Equivocate));
    mutations.push(("one message replayed", Action::ReplayEarlier));
    mutations.push(("one message replayed", Action::ReplayOtherRun));
    mutations.push(("one message echoed", Action::Echo));
    mutations.push(("stop before a message", Action::Stop(CrashKind::Process)));
    mutations.push(("stop before a message", Action::Stop(CrashKind::Host)));
    mutations
}

/// How much a delayed message is late: longer than any round.
const DELAY_NS: u64 = 10_000_000_000;
