//! Faults of the network and of honest machines, within and beyond what protocols assume.

use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Action, Rule, Script, Selector};
use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::vocabulary::PartyId;

use super::Target;
use super::case::{Case, Deed};

/// Crashes per party and kind, spread over the run.
const MOMENTS: u64 = 6;

/// Late, lost and doubled messages of honest parties; pauses and crashes.
pub(super) fn cases(target: &Target<'_>) -> Vec<Case> {
    let Some(honest) = target.recorded(0, &[]) else { return Vec::new() };
    let total_ns = honest.run.times.total_ns;
    let nodes = target.cell.cell.roles.nodes();
    let mut cases = Vec::new();
    let mut add = |attack: &str, deed| {
        cases.push(Case {
            family: Family::Network,
            attack: attack.to_owned(),
            coalition: Vec::new(),
            repetition: 0,
            deed,
        });
    };
    for from in PartyId::all(nodes) {
        for to in PartyId::all(nodes).filter(|to| *to != from) {
            // All messages of a link: one that is late alone would be overtaken in its channel.
            let late = Action::Delay(total_ns.max(1));
            add("late messages", Deed::Script(on_link(from, to, None, late)));
            for (attack, action) in [
                ("lost messages", Action::Drop),
                ("doubled messages", Action::Duplicate),
                ("reordered messages", Action::Reorder),
            ] {
                for occurrence in [Some(0), None] {
                    add(attack, Deed::Script(on_link(from, to, occurrence, action.clone())));
                }
            }
        }
        for moment in 0..MOMENTS {
            let at_ns = total_ns * moment / MOMENTS;
            let fault = |kind| Deed::Faults(vec![Fault { party: from, at_ns, kind }]);
            add("pause", fault(FaultKind::Pause { until_ns: at_ns + total_ns }));
            for kind in [CrashKind::Process, CrashKind::Host] {
                add("crash", fault(FaultKind::Crash(kind)));
            }
        }
    }
    cases
}

/// What a network does to the messages of one link.
fn on_link(from: PartyId, to: PartyId, occurrence: Option<u32>, action: Action) -> Script {
    let on = Selector { from: Some(from), to: Some(to), occurrence, ..Selector::default() };
    Script { rules: vec![Rule { on, action }], controls_network: true, ..Script::default() }
}
