//! Adversaries of scenario files, and files written from adversaries.

use mpclab_scenarios::{
    AdversaryChoice, Corrupt, CorruptionKind, Expected, Plan, Strategy, adversary_yaml,
    reproduction,
};
use mpclab_sim::Randomness;
use mpclab_sim::adversary::{
    Action, BodyChange, ElementChange, ElementChoice, Pattern, Rule, Script, Selector,
};
use mpclab_sim::faults::CrashKind;
use mpclab_sim::vocabulary::{Guarantee, PartyId};
use serde_json::json;

use crate::catalogue::{plan_text, try_plan};

const BASE: &str = "about: x\nfunction: {name: sum}\nparties: {compute: 4, input: 2}\n\
                    protocols: [shamir]\nnetwork: lan\n";

fn with(adversary: &str) -> String {
    format!("{BASE}adversary: {adversary}\n")
}

fn read(adversary: &str) -> AdversaryChoice {
    let plan = plan_text(&with(adversary));
    plan.cells[0].adversary.clone().expect("an adversary")
}

fn these(ids: &[u32]) -> Corrupt {
    Corrupt::These(ids.iter().copied().map(PartyId).collect())
}

fn script_of(choice: &AdversaryChoice) -> Script {
    let Strategy::Script(script) = &choice.strategy else { panic!("a script, not {choice:?}") };
    script.clone()
}

#[test]
fn without_a_strategy_parties_are_semi_honest() {
    assert_eq!(plan_text(BASE).cells[0].adversary, None);
    let plain = AdversaryChoice {
        kind: CorruptionKind::SemiHonest,
        corrupt: these(&[1, 5]),
        randomness: None,
        strategy: Strategy::SemiHonest,
    };
    assert_eq!(read("{corrupt: [5, 1]}"), plain);
    assert_eq!(read("{corrupt: [5, 1], kind: semi-honest, randomness: sound}"), plain);
    let malicious = AdversaryChoice { kind: CorruptionKind::Malicious, ..plain.clone() };
    assert_eq!(read("{corrupt: [5, 1], kind: malicious}"), malicious);
    let rushing = read("{corrupt: [1], rushing: true}");
    assert_eq!(rushing.kind, CorruptionKind::SemiHonest);
    assert_eq!(script_of(&rushing), Script { is_rushing: true, ..Script::default() });
}

#[test]
fn whatever_deviates_is_malicious() {
    let deviations = [
        "stop_after_output: true",
        "randomness: zero",
        "randomness: repeated",
        "strategy: bad_share",
        "strategy: [{do: drop}]",
        "network: true, strategy: [{do: drop}]",
    ];
    for deviation in deviations {
        let choice = read(&format!("{{corrupt: [1], {deviation}}}"));
        assert_eq!(choice.kind, CorruptionKind::Malicious, "{deviation}");
        let refused =
            try_plan(&with(&format!("{{kind: semi-honest, corrupt: [1], {deviation}}}")), &[]);
        assert!(refused.unwrap_err().contains("semi-honest parties follow"), "{deviation}");
    }
    assert_eq!(read("{corrupt: [1], randomness: zero}").randomness, Some(Randomness::Zero));
}

#[test]
fn corrupted_are_ids_a_count_or_the_claimed_threshold() {
    assert_eq!(read("{corrupt: [5]}").corrupt, these(&[5]), "a client");
    assert_eq!(read("{corrupt: {count: 3}}").corrupt, these(&[1, 2, 3]));
    assert_eq!(read("{corrupt: max}").corrupt, Corrupt::Max);
    let network = read("{corrupt: [], network: true, strategy: [{at: {from: 0}, do: drop}]}");
    assert_eq!((network.corrupt, network.kind), (these(&[]), CorruptionKind::Malicious));
    let parties = |ids: &[u32]| ids.iter().copied().map(PartyId).collect::<Vec<_>>();
    assert_eq!(Corrupt::Max.parties(5, 2), parties(&[3, 4]));
    assert_eq!(Corrupt::Max.parties(2, 9), parties(&[0, 1]));
    assert_eq!(these(&[0, 6]).parties(5, 2), parties(&[0, 6]));
}

#[test]
fn a_rule_says_where_and_what() {
    let text = "{corrupt: [1], rushing: true, stop_after_output: true, strategy: [\
                {at: {from: 1, to: 2, scope: 'online/mul*', label: z64, occurrence: 3, \
                field: shares, element: 7}, do: {add: 340282366920938463463374607431768211455}}, \
                {at: {element: all, scope: ''}, do: negate}, {do: {stop: process}}]}";
    let tamper = |field: Option<&str>, element, change| Action::Tamper {
        field: field.map(str::to_owned),
        element,
        change,
    };
    let precise = Rule {
        on: Selector {
            from: Some(PartyId(1)),
            to: Some(PartyId(2)),
            scope: Some(Pattern("online/mul*".to_owned())),
            label: Some("z64".to_owned()),
            occurrence: Some(3),
        },
        action: tamper(Some("shares"), ElementChoice::At(7), ElementChange::Add(u128::MAX)),
    };
    let root = Selector { scope: Some(Pattern(String::new())), ..Selector::default() };
    let wide = Rule { on: root, action: tamper(None, ElementChoice::All, ElementChange::Negate) };
    let stop = Action::Stop(CrashKind::Process);
    let script = Script {
        rules: vec![precise, wide, Rule { on: Selector::default(), action: stop }],
        is_rushing: true,
        stops_after_output: true,
        controls_network: false,
    };
    assert_eq!(script_of(&read(text)), script);
}

#[test]
fn each_action_has_its_words() {
    let tamper = |change| Action::Tamper { field: None, element: ElementChoice::All, change };
    let actions = [
        ("{add: 1}", tamper(ElementChange::Add(1))),
        ("{set: '7'}", tamper(ElementChange::Set(7))),
        ("negate", tamper(ElementChange::Negate)),
        ("random", tamper(ElementChange::Random)),
        ("{flip_bit: 127}", tamper(ElementChange::FlipBit(127))),
        ("{ cancel: 2 }", tamper(ElementChange::Cancel(2))),
        ("non_canonical", tamper(ElementChange::NonCanonical)),
        ("equivocate", Action::Equivocate),
        ("zero_bytes", Action::Body(BodyChange::Zero)),
        ("random_bytes", Action::Body(BodyChange::Random)),
        ("{truncate: 3}", Action::Body(BodyChange::Truncate(3))),
        ("{extend: 16777216}", Action::Body(BodyChange::Extend(1 << 24))),
        ("drop", Action::Drop),
        ("{delay: 1.5ms}", Action::Delay(1_500_000)),
        ("duplicate", Action::Duplicate),
        ("reorder", Action::Reorder),
        ("swap_recipients", Action::SwapRecipients),
        ("{replay: earlier}", Action::ReplayEarlier),
        ("{replay: other-run}", Action::ReplayOtherRun),
        ("echo", Action::Echo),
        ("{stop: host}", Action::Stop(CrashKind::Host)),
        ("{stop: process}", Action::Stop(CrashKind::Process)),
    ];
    for (words, action) in actions {
        let choice = read(&format!("{{corrupt: [1], strategy: [{{do: {words}}}]}}"));
        assert_eq!(script_of(&choice).rules[0].action, action, "{words}");
    }
}

/// Swept value, protocol and its position, and attack of each cell.
fn rows(plan: &Plan) -> Vec<String> {
    let row = |cell: &mpclab_scenarios::Cell| {
        let sweep: Vec<_> =
            cell.sweep.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let attack = match &cell.adversary.as_ref().expect("an adversary").strategy {
            Strategy::Attack(name) => name.as_str(),
            _ => "-",
        };
        format!("{} {}:{} {attack}", sweep.join(" "), cell.protocol_index, cell.protocol.label)
    };
    plan.cells.iter().map(row).collect()
}

#[test]
fn known_attacks_are_like_a_swept_key() {
    let text =
        with("{corrupt: max, strategy: known-attacks}").replace("[shamir]", "[shamir, rep3]");
    let plan = plan_text(
        &(text.clone()
            + "sweep: {network: [lan, wan]}\nexpect: [{privacy: held, \
                           when: {adversary.strategy: equivocation, network: wan}}]\n"),
    );
    let on = |network: &str| {
        let start = format!("network=\"{network}\" adversary.strategy=");
        [
            format!("{start}\"bad_share\" 0:shamir bad_share"),
            format!("{start}\"equivocation\" 0:shamir equivocation"),
            format!("{start}\"equivocation\" 1:rep3 equivocation"),
            format!("{start}\"reveal_mismatch\" 1:rep3 reveal_mismatch"),
        ]
    };
    assert_eq!(rows(&plan), [on("lan"), on("wan")].concat());
    assert!(plan.cells.iter().enumerate().all(|(index, cell)| cell.index == index));
    let concerned = plan.cells.iter().filter(|cell| plan.expect[0].concerns(cell));
    assert_eq!(concerned.map(|cell| cell.index).collect::<Vec<_>>(), [5, 6]);
    // Beside other values of the same key, attacks stand in its place.
    let text = text.replace(", strategy: known-attacks", "").replace("[shamir, rep3]", "[shamir]");
    let sweep = "sweep: {adversary.strategy: [[{do: drop}], known-attacks], network: [lan]}\n";
    let plan = plan_text(&(text + sweep));
    assert_eq!(
        rows(&plan),
        [
            "adversary.strategy=[{\"do\":\"drop\"}] network=\"lan\" 0:shamir -",
            "adversary.strategy=\"bad_share\" network=\"lan\" 0:shamir bad_share",
            "adversary.strategy=\"equivocation\" network=\"lan\" 0:shamir equivocation",
        ]
    );
}

#[test]
fn a_sweep_reaches_every_part() {
    let sweep = "sweep: {adversary.corrupt: [[1], {count: 2}, max], adversary.rushing: [false, true], \
                 'adversary.strategy[0].do.add': [1, 2]}\n";
    let plan = plan_text(&(with("{corrupt: [0], strategy: [{do: {add: 5}}]}") + sweep));
    assert_eq!(plan.cells.len(), 12);
    let last = plan.cells[11].adversary.as_ref().unwrap();
    assert_eq!(last.corrupt, Corrupt::Max);
    let script = script_of(last);
    assert!(script.is_rushing);
    assert!(matches!(
        &script.rules[0].action,
        Action::Tamper { change: ElementChange::Add(2), .. }
    ));
    let whole = "sweep: {adversary: [null, {corrupt: [1]}]}\n";
    let plan = plan_text(&format!("{BASE}{whole}"));
    let is_attacked: Vec<_> = plan.cells.iter().map(|cell| cell.adversary.is_some()).collect();
    assert_eq!(is_attacked, [false, true]);
    assert_eq!(plan.cells[1].sweep, [("adversary".to_owned(), json!({"corrupt": [1]}))]);
}

#[test]
fn an_identity_depends_on_the_adversary() {
    let identity = |adversary: &str| plan_text(&with(adversary)).cells[0].identity();
    assert_eq!(plan_text(BASE).cells[0].identity().get("adversary"), None);
    let base = identity("{corrupt: [3], strategy: [{at: {to: 0}, do: drop}]}");
    let spelled = "{kind: malicious, rushing: false, network: false, randomness: sound, \
                   corrupt: {count: 1}, strategy: [{at: {to: 0}, do: drop}]}";
    assert_eq!(base, identity(spelled));
    let others = [
        "{corrupt: [3]}",
        "{corrupt: [3], kind: malicious}",
        "{corrupt: max, strategy: [{at: {to: 0}, do: drop}]}",
        "{corrupt: [2], strategy: [{at: {to: 0}, do: drop}]}",
        "{corrupt: [3], strategy: [{at: {to: 1}, do: drop}]}",
        "{corrupt: [3], strategy: [{at: {to: 0}, do: echo}]}",
        "{corrupt: [3], strategy: bad_share}",
        "{corrupt: [3], rushing: true, strategy: [{at: {to: 0}, do: drop}]}",
        "{corrupt: [3], network: true, strategy: [{at: {to: 0}, do: drop}]}",
        "{corrupt: [3], stop_after_output: true, strategy: [{at: {to: 0}, do: drop}]}",
        "{corrupt: [3], randomness: zero, strategy: [{at: {to: 0}, do: drop}]}",
        "{corrupt: [3], randomness: repeated, strategy: [{at: {to: 0}, do: drop}]}",
    ];
    let all: std::collections::BTreeSet<_> =
        others.iter().map(|other| identity(other).to_string()).collect();
    assert!(!all.contains(&base.to_string()));
    assert_eq!(all.len(), others.len(), "each differs from each");
}

#[test]
fn the_resolved_file_says_what_the_scenario_leaves_out() {
    let text = with("{corrupt: {count: 2}, strategy: known-attacks}");
    let text = text.replace("network: lan", "network: {rtt: 1ms}\ncompute: none");
    let plan = plan_text(&text);
    insta::assert_snapshot!(plan.resolved);
    let again = plan_text(&plan.resolved);
    assert_eq!(rows(&again), rows(&plan));
    assert_eq!(again.resolved, plan_text(&again.resolved).resolved);
    // A default that depends on swept values stays open.
    let sweep = "sweep: {adversary.strategy: [null, bad_share]}\n";
    let plan = plan_text(&format!("{}{sweep}", with("{corrupt: [1]}")));
    let again = plan_text(&plan.resolved);
    let kinds = |plan: &Plan| -> Vec<_> {
        plan.cells.iter().map(|cell| cell.adversary.as_ref().unwrap().kind).collect()
    };
    assert_eq!(kinds(&plan), [CorruptionKind::SemiHonest, CorruptionKind::Malicious]);
    assert_eq!(kinds(&again), kinds(&plan));
}

#[test]
fn every_guarantee_can_be_expected() {
    let keys = [
        "correctness",
        "agreement",
        "abort_kind",
        "identification",
        "fairness",
        "delivery",
        "input_independence",
        "privacy",
        "soundness",
        "invariants",
        "declared_cost",
    ];
    let list: Vec<_> = keys.iter().map(|key| format!("{{{key}: inconclusive}}")).collect();
    let plan = plan_text(&format!("{BASE}expect: [{}]\n", list.join(", ")));
    let expected = |expectation: &mpclab_scenarios::Expectation| match expectation.expected {
        Expected::Verdict { guarantee, .. } => guarantee,
        Expected::Metric { .. } => panic!("a verdict"),
    };
    assert_eq!(plan.expect.iter().map(expected).collect::<Vec<_>>(), Guarantee::ALL);
}

#[test]
fn an_adversary_is_written_for_readers() {
    let choice = read(
        "{corrupt: [1, 2], rushing: true, randomness: repeated, strategy: [\
         {at: {from: 1, to: 0, scope: 'online/mul*', occurrence: 3, element: 0}, do: {add: 1}}, \
         {at: {label: '12', field: shares}, do: {set: 340282366920938463463374607431768211455}}, \
         {at: {scope: 'offline/*'}, do: {delay: 1500us}}, {do: {stop: process}}]}",
    );
    insta::assert_snapshot!(adversary_yaml(&choice));
}

#[test]
fn a_cell_is_written_alone_with_another_adversary() {
    let text = "about: x\nfunction: {name: auction}\nparties: 4\n\
                protocols: [shamir, {name: shamir, params: {threshold: 1}}]\nnetwork: lan\n\
                adversary: {corrupt: [1], strategy: known-attacks}\n\
                sweep: {network: [wan, {preset: lan, rtt: 7ms}], function.params.bits: [8, 16]}\n\
                expect: [{correctness: held, when: {network: wan}}]\nseed: 9\nrepetitions: 2\n";
    let plan = plan_text(text);
    assert_eq!(plan.cells.len(), 16);
    for cell in &plan.cells {
        let choice = read("{corrupt: [0, 2], strategy: [{at: {to: 1}, do: {delay: 3ms}}]}");
        let alone = plan_text(&reproduction(&plan, cell, &choice, 5));
        let [again] = &alone.cells[..] else { panic!("one cell, not {}", alone.cells.len()) };
        let wanted = mpclab_scenarios::Cell { adversary: Some(choice), ..cell.clone() };
        assert_eq!(again.identity(), wanted.identity());
        assert_eq!(again.protocol, cell.protocol);
        assert_eq!((alone.seed, alone.repetitions, alone.expect.len()), (9, 5, 0));
    }
}

#[test]
fn what_never_acts_is_not_written() {
    let rule = |to: Option<u32>, action| Rule {
        on: Selector { from: Some(PartyId(1)), to: to.map(PartyId), ..Selector::default() },
        action,
    };
    let rules = vec![
        rule(Some(0), Action::Drop),
        rule(Some(0), Action::Echo),
        rule(None, Action::Reorder),
        rule(Some(2), Action::Duplicate),
    ];
    let choice = |rules: &[Rule], controls_network| AdversaryChoice {
        kind: CorruptionKind::Malicious,
        corrupt: these(&[1]),
        randomness: None,
        strategy: Strategy::Script(Script {
            rules: rules.to_vec(),
            controls_network,
            ..Script::default()
        }),
    };
    let again = plan_text(&format!("{BASE}{}", adversary_yaml(&choice(&rules, true))));
    let effective = choice(&[rules[0].clone(), rules[2].clone()], false);
    assert_eq!(again.cells[0].adversary, Some(effective));
}
