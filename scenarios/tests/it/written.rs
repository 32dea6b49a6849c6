//! Adversaries that are written and read again.

use mpclab_scenarios::{
    AdversaryChoice, Corrupt, CorruptionKind, Strategy as Plays, adversary_yaml,
};
use mpclab_sim::Randomness;
use mpclab_sim::adversary::{
    Action, BodyChange, ElementChange, ElementChoice, Pattern, Rule, Script, Selector,
};
use mpclab_sim::faults::CrashKind;
use mpclab_sim::vocabulary::PartyId;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::catalogue::plan_text;

/// Nodes of the scenario; the first four compute.
const NODES: u32 = 6;

/// Names that YAML may read as something else, too.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["z64", "true", "12", "null", "~", "a: b", "#", "'", "- x", "1e3", "é"])
            .prop_map(str::to_owned),
        "[a-z/*\\[\\]0-9]{1,12}"
    ]
}

fn change() -> impl Strategy<Value = ElementChange> {
    let number = || prop_oneof![0..5u128, any::<u64>().prop_map(u128::from), any::<u128>()];
    prop_oneof![
        number().prop_map(ElementChange::Add),
        number().prop_map(ElementChange::Set),
        Just(ElementChange::Negate),
        Just(ElementChange::Random),
        (0..128u32).prop_map(ElementChange::FlipBit),
        number().prop_map(ElementChange::Cancel),
        Just(ElementChange::NonCanonical),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let element = prop_oneof![Just(ElementChoice::All), any::<usize>().prop_map(ElementChoice::At)];
    let tamper = (of(name()), element, change())
        .prop_map(|(field, element, change)| Action::Tamper { field, element, change });
    let others = prop_oneof![
        Just(Action::Equivocate),
        Just(Action::Body(BodyChange::Zero)),
        Just(Action::Body(BodyChange::Random)),
        any::<usize>().prop_map(|bytes| Action::Body(BodyChange::Truncate(bytes))),
        (0..=1usize << 24).prop_map(|bytes| Action::Body(BodyChange::Extend(bytes))),
        Just(Action::Drop),
        any::<u64>().prop_map(Action::Delay),
        (0..1000u64).prop_map(|ms| Action::Delay(ms * 1_000_000)),
        Just(Action::Duplicate),
        Just(Action::Reorder),
        Just(Action::SwapRecipients),
        Just(Action::ReplayEarlier),
        Just(Action::ReplayOtherRun),
        Just(Action::Echo),
        select(vec![CrashKind::Host, CrashKind::Process]).prop_map(Action::Stop),
    ];
    prop_oneof![tamper, others]
}

/// A rule for messages of these senders; `only` is the one whose messages it sees if it does not
/// say of whom.
fn rule(senders: Vec<PartyId>, only: Option<PartyId>) -> impl Strategy<Value = Rule> {
    let scope = of(prop_oneof![Just(String::new()), name()]);
    let parties = (of(select(senders)), of((0..NODES).prop_map(PartyId)));
    let occurrence = prop_oneof![1 => Just(None), 3 => any::<u32>().prop_map(Some)];
    (parties, scope, of(name()), occurrence, action()).prop_map(
        move |((from, to), scope, label, occurrence, action)| {
            let to = to.filter(|to| Some(*to) != from.or(only));
            let scope = scope.map(Pattern);
            Rule { on: Selector { from, to, scope, label, occurrence }, action }
        },
    )
}

/// Scripts in which every rule acts on something first.
fn script(corrupted: Vec<PartyId>, network: bool) -> impl Strategy<Value = Script> {
    let everybody = (0..NODES).map(PartyId).collect();
    let only = if let [only] = corrupted[..] { Some(only) } else { None };
    let rule = match network {
        true => rule(everybody, None).boxed(),
        false => rule(corrupted, only).boxed(),
    };
    let rules = proptest::collection::vec(rule, 0..6);
    (rules, any::<[bool; 2]>()).prop_map(move |(rules, flags)| {
        let mut distinct: Vec<Rule> = Vec::new();
        for (index, mut rule) in (0..).zip(rules) {
            // Distinct occurrences, or none in the last rule.
            rule.on.occurrence = rule.on.occurrence.map(|at| (at & !7) | index);
            let is_last = rule.on.occurrence.is_none();
            distinct.push(rule);
            if is_last {
                break;
            }
        }
        let [is_rushing, stops_after_output] = flags;
        Script { rules: distinct, is_rushing, stops_after_output, controls_network: network }
    })
}

fn choice() -> impl Strategy<Value = AdversaryChoice> {
    let corrupted = subsequence((0..NODES).map(PartyId).collect::<Vec<_>>(), 0..=3);
    let attack = select(vec!["bad_share", "equivocation"]).prop_map(str::to_owned);
    let randomness = of(select(vec![Randomness::Repeated, Randomness::Zero]));
    (corrupted, any::<bool>(), randomness, attack).prop_flat_map(
        |(corrupted, network, randomness, attack)| {
            let corrupt = match &corrupted[..] {
                [] => Corrupt::Max,
                _ => Corrupt::These(corrupted.clone()),
            };
            let senders = match &corrupted[..] {
                [] => (0..NODES).map(PartyId).collect(),
                _ => corrupted,
            };
            let strategy = prop_oneof![
                1 => Just(Plays::SemiHonest),
                1 => Just(Plays::Attack(attack)),
                8 => script(senders, network).prop_map(Plays::Script),
            ];
            (strategy, any::<bool>()).prop_map(move |(strategy, is_malicious)| {
                let choice = AdversaryChoice {
                    kind: CorruptionKind::Malicious,
                    corrupt: corrupt.clone(),
                    randomness,
                    strategy,
                };
                valid(choice, is_malicious)
            })
        },
    )
}

/// Takes back what has no effect, and makes the kind one that fits.
fn valid(mut choice: AdversaryChoice, is_malicious: bool) -> AdversaryChoice {
    let mut deviates = is_malicious || choice.randomness.is_some();
    match &mut choice.strategy {
        Plays::SemiHonest => {}
        Plays::Attack(_) => deviates = true,
        Plays::Script(script) => {
            let honest = |rule: &Rule| match (rule.on.from, &choice.corrupt) {
                (Some(from), Corrupt::These(parties)) => !parties.contains(&from),
                _ => true,
            };
            script.controls_network &= script.rules.iter().any(honest);
            deviates |= script.stops_after_output || !script.rules.is_empty();
            // An adversary in the network alone.
            if script.controls_network && script.rules.len() == 1 {
                choice.corrupt = Corrupt::These(Vec::new());
            }
        }
    }
    if !deviates {
        choice.kind = CorruptionKind::SemiHonest;
    }
    choice
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_adversary_reads_as_it_is_written(choice in choice()) {
        let text = format!(
            "about: x\nfunction: {{name: sum}}\nparties: {{compute: 4, input: 2}}\n\
             protocols: [shamir]\nnetwork: lan\n{}",
            adversary_yaml(&choice)
        );
        let plan = plan_text(&text);
        prop_assert_eq!(plan.cells[0].adversary.as_ref(), Some(&choice), "{}", text);
        // Nor does resolving change it.
        let again = plan_text(&plan.resolved);
        prop_assert_eq!(again.cells[0].adversary.as_ref(), Some(&choice), "{}", plan.resolved);
    }
}
