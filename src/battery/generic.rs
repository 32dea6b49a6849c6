//! Attacks that make sense against any protocol, named as in the literature.

use mpclab_reports::battery::Family;
use mpclab_sim::Randomness;
use mpclab_sim::adversary::{Action, ElementChange, ElementChoice, Rule, Script, Selector};
use mpclab_sim::vocabulary::PartyId;

use super::Target;
use super::case::{Case, Deed};

/// Seeds that each attack is tried with.
const SEEDS: u32 = 3;

/// Whole-run behaviours of each coalition.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let mut cases = Vec::new();
    for coalition in coalitions {
        for repetition in 0..SEEDS {
            for (attack, deed) in deeds(target, coalition) {
                cases.push(Case {
                    family: Family::Generic,
                    attack: attack.to_owned(),
                    coalition: coalition.clone(),
                    repetition,
                    deed,
                });
            }
        }
    }
    cases
}

/// What a coalition does in a whole run, each with its name.
pub(super) fn deeds(target: &Target<'_>, coalition: &[PartyId]) -> Vec<(&'static str, Deed)> {
    let all = |action: Action| Script {
        rules: vec![Rule { on: Selector::default(), action }],
        ..Script::default()
    };
    let rushing = |script: Script| Deed::Script(Script { is_rushing: true, ..script });
    let add = |change| Action::Tamper { field: None, element: ElementChoice::All, change };
    let mut deeds = vec![
        ("low entropy", Deed::Randomness(Randomness::Zero)),
        ("low entropy", Deed::Randomness(Randomness::Repeated)),
        ("copy what others say", rushing(all(Action::Echo))),
        ("equivocate", rushing(all(Action::Equivocate))),
        ("replay another session", rushing(all(Action::ReplayOtherRun))),
        ("errors in everything", rushing(all(add(ElementChange::Add(1))))),
        ("garbage in everything", rushing(all(add(ElementChange::Random)))),
        ("silence", rushing(all(Action::Drop))),
        (
            "stop after learning the output",
            Deed::Script(Script { stops_after_output: true, ..Script::default() }),
        ),
        ("follow the protocol", rushing(Script::default())),
    ];
    // Two instances of one identity: each honest party speaks with another of them.
    let honest = target.coalitions().everybody().filter(|party| !coalition.contains(party));
    for to in honest {
        let on = Selector { to: Some(to), ..Selector::default() };
        let rules = vec![Rule { on, action: Action::ReplayOtherRun }];
        deeds.push(("twins", rushing(Script { rules, ..Script::default() })));
    }
    deeds
}
