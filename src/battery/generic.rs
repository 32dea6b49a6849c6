//! Attacks that make sense against any protocol, named as in the literature.

use mpclab_protocols::attack::{Attack, Expected, Plan};
use mpclab_reports::battery::Family;
use mpclab_sim::Randomness;
use mpclab_sim::adversary::{
    Action, Decision, Departing, ElementChange, ElementChoice, Rule, Script, Seen, Selector, View,
};
use mpclab_sim::vocabulary::PartyId;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::Target;
use super::case::{Case, Deed};
use super::last_mover::{is_summed, kind};

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

/// Steps of other shares that are tried, the first of each kind.
const STEPS: usize = 8;

/// Another share, told to all: where a member of a coalition tells all others as much as they tell
/// it, it tells one more, and takes one more for what one of them tells it. So its own code has the
/// sum that all have, and goes on as if the share were its own: what is compared of the sum is
/// alike, and what is checked of the share is not.
fn other_shares(target: &Target<'_>, coalition: &[PartyId]) -> Vec<Deed> {
    let Some(trial) = target.recorded(0, coalition) else { return Vec::new() };
    let (view, mut kinds): (&View, Vec<String>) = (&trial.run.view, Vec::new());
    let mut deeds = Vec::new();
    for sent in view.sent.iter().filter(|seen| seen.fields().iter().any(is_summed)) {
        let is_answer = |seen: &&Seen| {
            (seen.from, seen.to) == (sent.to, sent.from)
                && seen.scope() == sent.scope()
                && seen.fields() == sent.fields()
        };
        let is_told_alike = view.received.iter().any(|seen| is_answer(&seen));
        let of = kind(sent.scope());
        if is_told_alike && !kinds.contains(&of) && kinds.len() < STEPS {
            kinds.push(of);
            deeds.push(other_share(sent.scope().to_owned(), [sent.from, sent.to]));
        }
    }
    deeds
}

fn other_share(scope: String, [speaker, peer]: [PartyId; 2]) -> Deed {
    let about = "tells another share and goes on as if it were its own";
    let plan = Plan::adaptive(false, move |_| {
        let scope = scope.clone();
        move |message: &Departing<'_>| {
            let is_meant = message.from == speaker || (message.from, message.to) == (peer, speaker);
            let is_meant = is_meant && message.scope == scope && message.occurrence == 0;
            let field = message.fields.iter().find(|field| is_meant && is_summed(field))?;
            let mut body = message.body.to_vec();
            // An addition draws nothing.
            let mut rng = ChaCha20Rng::seed_from_u64(0);
            ElementChange::Add(1).apply(field, &mut body, 0, &mut rng);
            Some((Decision::Replace(body), about.to_owned()))
        }
    });
    Deed::Computed(Attack::new("another-share", about, "generic", plan, Expected::Caught))
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
    let others = other_shares(target, coalition).into_iter();
    deeds.extend(others.map(|deed| ("another share, told to all", deed)));
    deeds
}
