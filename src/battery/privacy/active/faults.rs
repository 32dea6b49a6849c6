//! What a coalition does while its view is compared: one fault of each kind, known attacks, and
//! attacks that fit any protocol.

use std::collections::BTreeSet;

use mpclab_protocols::attack::{Attack, Expected, Plan};
use mpclab_sim::RunSeed;
use mpclab_sim::adversary::{
    Action, BodyChange, Decision, Departing, ElementChange, ElementChoice, Rule, Script, Seen,
    Selector,
};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Algebra;
use rand::seq::SliceRandom;

use super::super::Probe;
use crate::battery::case::Deed;
use crate::battery::{generic, search, sweep};

/// Something that a coalition does, and its name for people; the same on each block of seeds.
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) deed: Deed,
}

/// Messages that are replaced by garbage.
const GARBAGE: usize = 24;
/// Faults with special values.
const SPECIAL: usize = 24;
/// The highest bit of an encoding, whatever its width is.
const HIGHEST: u32 = 127;

/// All that a coalition could be tried with, the most promising first, and how many these are.
pub(super) fn faults(probe: &Probe<'_>, coalition: &[PartyId]) -> (Vec<Fault>, usize) {
    let target = probe.target;
    let generic = generic::deeds(target, coalition).into_iter().enumerate();
    let generic = generic.map(|(at, (name, deed))| Fault { name: format!("{name} ({at})"), deed });
    let mut all = known(probe, coalition);
    all.extend(special(probe, coalition));
    all.extend(generic);
    all.extend(garbage(probe, coalition));
    let mut single = single(probe, coalition);
    let in_all = all.len() + single.len();
    // In no order, so that those that are affordable are of all steps and of all kinds.
    let mut rng = RunSeed::new(probe.target.prepared.plan.seed, 0).rng("faults", PartyId(0));
    single.shuffle(&mut rng);
    all.extend(single);
    (all, in_all)
}

/// Known attacks of the protocol.
fn known(probe: &Probe<'_>, coalition: &[PartyId]) -> Vec<Fault> {
    let target = probe.target;
    let honest = target.coalitions().nodes().filter(|node| !coalition.contains(node)).count();
    let attacks = target.registry.attacks(&probe.cell.cell.protocol.name);
    let suits = attacks.into_iter().filter(|attack| honest >= attack.honest);
    let fault = |attack: Attack| Fault { name: attack.name.to_owned(), deed: Deed::Known(attack) };
    suits.map(fault).collect()
}

/// Special values in one message of each kind, to all if it goes to all: nothing but zeros, and errors
/// of half a ring, which everything even hides.
fn special(probe: &Probe<'_>, coalition: &[PartyId]) -> Vec<Fault> {
    let change = ElementChange::FlipBit(HIGHEST);
    let half = Action::Tamper { field: None, element: ElementChoice::All, change };
    let mut messages = sweep::messages(probe.target, coalition);
    // Those to all first.
    messages.sort_by_key(|(on, _)| on.to.is_some());
    let mut tried = BTreeSet::new();
    let mut faults = Vec::new();
    for action in [Action::Body(BodyChange::Zero), half] {
        for (on, elements) in messages.iter().filter(|(_, elements)| *elements > 0) {
            let rule = Rule { on: on.clone(), action: action.clone() };
            let kind = search::kind(&rule);
            let name = format!("{} {} in {}, of {elements} elements", rule.action, kind.1, kind.0);
            if faults.len() < SPECIAL && tried.insert(kind) {
                let deed = Deed::Script(Script { rules: vec![rule], ..Script::default() });
                faults.push(Fault { name, deed });
            }
        }
    }
    faults
}

/// Garbage in the place of elements, in messages from the first to the last: an error in any step
/// may be what a later one multiplies by a secret.
fn garbage(probe: &Probe<'_>, coalition: &[PartyId]) -> Vec<Fault> {
    let change = ElementChange::Random;
    let action = Action::Tamper { field: None, element: ElementChoice::All, change };
    let mut messages = sweep::messages(probe.target, coalition);
    messages.retain(|(_, elements)| *elements > 0);
    let stride = messages.len().div_ceil(GARBAGE).max(1);
    let fault = |(on, _): (Selector, usize)| {
        let scope = on.scope.as_ref().map(ToString::to_string).unwrap_or_default();
        let to = on.to.map_or("all".to_owned(), |to| to.to_string());
        let name = format!("garbage for {to} in {scope}");
        let rules = vec![Rule { on, action: action.clone() }];
        Fault { name, deed: Deed::Script(Script { rules, ..Script::default() }) }
    };
    messages.into_iter().step_by(stride).map(fault).collect()
}

/// One fault of each step, type and mutation.
fn single(probe: &Probe<'_>, coalition: &[PartyId]) -> Vec<Fault> {
    let mut tried = BTreeSet::new();
    let mut faults = Vec::new();
    for (on, elements) in sweep::messages(probe.target, coalition) {
        for action in mutations(elements) {
            let rule = Rule { on: on.clone(), action };
            let kind = search::kind(&rule);
            let name = format!("{} {} in {}", rule.action, kind.1, kind.0);
            let is_shared = rule.on.to.is_none();
            if tried.insert((kind, is_shared)) {
                let whom = if is_shared { " to all" } else { "" };
                let deed = Deed::Script(Script { rules: vec![rule], ..Script::default() });
                faults.push(Fault { name: format!("{name}{whom}"), deed });
            }
        }
    }
    faults
}

/// Additive errors of each step: known attacks, an error of one in what the coalition sends, and one
/// in what it holds, which is what it received. Of each message the first element and all.
pub(super) fn additive(probe: &Probe<'_>, coalition: &[PartyId]) -> Vec<Fault> {
    let mut faults = known(probe, coalition);
    let change = ElementChange::Add(1);
    for (on, elements) in sweep::messages(probe.target, coalition) {
        for element in [ElementChoice::At(0), ElementChoice::All].into_iter().take(elements) {
            let action = Action::Tamper { field: None, element, change };
            let rule = Rule { on: on.clone(), action };
            let kind = search::kind(&rule);
            let name = format!("{} {} in {}", rule.action, kind.1, kind.0);
            let deed = Deed::Script(Script { rules: vec![rule], ..Script::default() });
            faults.push(Fault { name, deed });
        }
    }
    faults.extend(held(probe, coalition));
    faults
}

/// Errors in what a coalition goes on with: it takes something else for what it was told.
fn held(probe: &Probe<'_>, coalition: &[PartyId]) -> Vec<Fault> {
    let Some(trial) = probe.target.recorded(0, coalition) else { return Vec::new() };
    let arrives = |seen: &&Seen| {
        let fields = seen.fields();
        let has_elements = fields.iter().any(|f| !matches!(f.algebra, Algebra::Bytes));
        has_elements && coalition.contains(&seen.to) && !coalition.contains(&seen.from)
    };
    let fault = |seen: &Seen| {
        let (from, to, occurrence) = (seen.from, seen.to, seen.occurrence);
        let scope = seen.scope().to_owned();
        let name = format!("{to} takes 1 more for what {from} says in {scope}");
        let plan = Plan::adaptive(false, move |setting| {
            let mut rng = setting.seed.rng("held", PartyId(0));
            let scope = scope.clone();
            move |message: &Departing<'_>| {
                let is_meant = (message.from, message.to) == (from, to)
                    && message.occurrence == occurrence
                    && message.scope == scope;
                let field = message.fields.first().filter(|_| is_meant)?;
                let mut body = message.body.to_vec();
                ElementChange::Add(1).apply(field, &mut body, 0, &mut rng);
                Some((Decision::Replace(body), "takes 1 more for what it hears".to_owned()))
            }
        });
        let about = "goes on with something else than it was told";
        let attack = Attack::new(HELD, about, "additive attacks", plan, Expected::Caught);
        Fault { name, deed: Deed::Computed(attack) }
    };
    trial.run.view.received.iter().filter(arrives).map(fault).collect()
}

/// Name of errors in what is held.
const HELD: &str = "error in what it holds";

/// What changes contents: a message that is late, doubled or reordered tells nobody anything new.
fn mutations(elements: usize) -> Vec<Action> {
    let all = |change| Action::Tamper { field: None, element: ElementChoice::All, change };
    let tells = |action: &Action| {
        !matches!(action, Action::Delay(_) | Action::Duplicate | Action::Reorder | Action::Stop(_))
    };
    let single = sweep::mutations(elements).into_iter().map(|(_, action)| action);
    let mut actions: Vec<Action> = single.filter(tells).collect();
    actions.extend([all(ElementChange::FlipBit(0)), all(ElementChange::Set(1))]);
    actions
}
