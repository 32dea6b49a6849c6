//! What a coalition does while its view is compared: one fault of each kind, known attacks, and
//! attacks that fit any protocol.

use std::collections::BTreeSet;

use mpclab_sim::adversary::{Action, ElementChange, ElementChoice, Rule, Script};
use mpclab_sim::vocabulary::PartyId;

use super::super::Probe;
use crate::battery::case::Deed;
use crate::battery::{generic, search, sweep};

/// Something that a coalition does, and its name for people; the same on each block of seeds.
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) deed: Deed,
}

/// Faults of one coalition that are tried at most.
const MOST: usize = 160;

/// All that a coalition is tried with, and how many there would be.
pub(super) fn faults(probe: &Probe<'_>, coalition: &[PartyId]) -> (Vec<Fault>, usize) {
    let target = probe.target;
    let honest = target.coalitions().nodes().filter(|node| !coalition.contains(node)).count();
    let attacks = target.registry.attacks(&probe.cell.cell.protocol.name);
    let suits = attacks.into_iter().filter(|attack| honest >= attack.honest);
    let known = suits.map(|attack| (attack.name.to_owned(), Deed::Known(attack)));
    let generic = generic::deeds(target, coalition).into_iter();
    let generic = generic.enumerate().map(|(at, (name, deed))| (format!("{name} ({at})"), deed));
    let mut all: Vec<Fault> =
        known.chain(generic).map(|(name, deed)| Fault { name, deed }).collect();
    let single = single(probe, coalition);
    let in_all = all.len() + single.len();
    // Of too many, some of each step: neighbours are mutations of one message.
    let room = MOST.saturating_sub(all.len());
    let stride = single.len().div_ceil(room.max(1)).max(1);
    all.extend(single.into_iter().step_by(stride));
    (all, in_all)
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
