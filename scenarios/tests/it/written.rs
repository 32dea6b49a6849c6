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

/// Rules that act on messages of these parties.
fn rule(corrupted: Vec<PartyId>) -> impl Strategy<Value = Rule> {
    let scope = of(prop_oneof![Just(String::new()), name()]);
    let parties = (of(select(corrupted.clone())), of((0..NODES).prop_map(PartyId)));
    (
        parties,
        scope,
        of(name()),
        prop_oneof![1 => Just(None), 3 => any::<u32>().prop_map(Some)],
        action(),
    )
        .prop_map(move |((from, to), scope, label, occurrence, action)| {
            let sender = from.or(if let [only] = corrupted[..] { Some(only) } else { None });
            let to = to.filter(|to| Some(*to) != sender);
            let scope = scope.map(Pattern);
            Rule { on: Selector { from, to, scope, label, occurrence }, action }
        })
}

fn script(corrupted: Vec<PartyId>) -> impl Strategy<Value = Script> {
    let rules = proptest::collection::vec(rule(corrupted), 0..6);
    (rules, any::<[bool; 3]>()).prop_map(|(rules, flags)| {
        let mut distinct: Vec<Rule> = Vec::new();
        for (index, mut rule) in (0..).zip(rules) {
            // Distinct occurrences, or none in the last rule: each acts on something first.
            rule.on.occurrence = rule.on.occurrence.map(|at| (at & !7) | index);
            let is_last = rule.on.occurrence.is_none();
            distinct.push(rule);
            if is_last {
                break;
            }
        }
        let [is_rushing, stops_after_output, network] = flags;
        let controls_network = network && distinct.iter().any(|rule| rule.on.from.is_none());
        Script { rules: distinct, is_rushing, stops_after_output, controls_network }
    })
}

fn choice() -> impl Strategy<Value = AdversaryChoice> {
    let corrupted = subsequence((0..NODES).map(PartyId).collect::<Vec<_>>(), 1..=3);
    let attack = select(vec!["bad_share", "equivocation"]).prop_map(str::to_owned);
    let randomness = of(select(vec![Randomness::Repeated, Randomness::Zero]));
    (corrupted, any::<bool>(), randomness, attack).prop_flat_map(
        |(corrupted, is_max, randomness, attack)| {
            let corrupt = if is_max { Corrupt::Max } else { Corrupt::These(corrupted.clone()) };
            let strategy = prop_oneof![
                1 => Just(Plays::SemiHonest),
                1 => Just(Plays::Attack(attack)),
                8 => script(corrupted).prop_map(Plays::Script),
            ];
            (strategy, any::<bool>()).prop_map(move |(strategy, is_malicious)| {
                let deviates = randomness.is_some()
                    || match &strategy {
                        Plays::SemiHonest => false,
                        Plays::Attack(_) => true,
                        Plays::Script(script) => {
                            script.stops_after_output || !script.rules.is_empty()
                        }
                    };
                let kind = match is_malicious || deviates {
                    true => CorruptionKind::Malicious,
                    false => CorruptionKind::SemiHonest,
                };
                AdversaryChoice { kind, corrupt: corrupt.clone(), randomness, strategy }
            })
        },
    )
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
