//! Bytes that are no encoding: nobody panics, and whoever reads them blames the sender.

use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Action, BodyChange, ElementChange, ElementChoice, Rule, Script};
use mpclab_sim::vocabulary::PartyId;

use super::Target;
use super::case::{Case, Deed};
use super::sweep::messages;

/// More than any message has.
const HUGE_BYTES: usize = 1 << 20;

/// Each message of each coalition, cut off, extended, random, and not canonical.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let mut cases = Vec::new();
    for coalition in coalitions {
        for (on, elements) in messages(target, coalition) {
            // Ideal functionalities blame nobody.
            if on.to.is_none_or(|to| to.index() >= target.cell.cell.roles.nodes()) {
                continue;
            }
            let mut add = |attack: &str, action, is_no_encoding| {
                let rules = vec![Rule { on: on.clone(), action }];
                let script = Script { rules, ..Script::default() };
                let deed =
                    if is_no_encoding { Deed::Malformed(script) } else { Deed::Script(script) };
                cases.push(Case {
                    family: Family::Malformed,
                    attack: attack.to_owned(),
                    coalition: coalition.clone(),
                    repetition: 0,
                    deed,
                });
            };
            add("wrong length", Action::Body(BodyChange::Truncate(1)), true);
            add("wrong length", Action::Body(BodyChange::Truncate(HUGE_BYTES)), true);
            add("wrong length", Action::Body(BodyChange::Extend(1)), true);
            add("wrong length", Action::Body(BodyChange::Extend(HUGE_BYTES)), true);
            // Random bytes may be an encoding of something.
            add("random bytes", Action::Body(BodyChange::Random), false);
            if elements > 0 {
                let change = ElementChange::NonCanonical;
                for element in [ElementChoice::At(0), ElementChoice::All] {
                    let action = Action::Tamper { field: None, element, change };
                    add("not canonical", action, true);
                }
            }
        }
    }
    cases
}
