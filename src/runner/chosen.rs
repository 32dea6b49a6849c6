//! The adversary that a scenario names, in one run.

use std::sync::Arc;

use mpclab_protocols::attack::Plan as AttackPlan;
use mpclab_scenarios::{
    AdversaryChoice, Cell, Corrupt, CorruptionKind, Diagnostic, Source, Strategy,
};
use mpclab_sim::RunSeed;
use mpclab_sim::adversary::{Action, OtherRun, Script};
use mpclab_sim::vocabulary::{PartyId, RoleClaim};

use super::{Against, Prepared, Subject};
use crate::registry::{Bound, Registry};

/// The repetition that is replayed from: none that a scenario may ask for.
pub const OTHER_RUN: u32 = 1 << 20;

/// Whom an adversary corrupts, ascending; one computing party stays honest.
///
/// `max` among nodes with named roles: the last ones of each role, as many as it allows.
fn corrupted(choice: &AdversaryChoice, cell: &Cell, bound: &Bound) -> Vec<PartyId> {
    let Bound { claims, roles, .. } = bound;
    if roles.is_empty() || choice.corrupt != Corrupt::Max {
        let n = cell.roles.compute;
        let most = claims.threshold.max_corrupted(n).min(n.saturating_sub(1));
        return choice.corrupt.parties(n, most);
    }
    let members = roles.iter().map(|role| role.members as usize).sum::<usize>();
    let most = claims.threshold.max_corrupted(members).min(members.saturating_sub(1));
    let counts = RoleClaim::fill(roles, most, 0);
    let last = |(role, count): (&RoleClaim, usize)| role.nodes().rev().take(count);
    let mut parties: Vec<PartyId> = roles.iter().zip(counts).flat_map(last).collect();
    parties.sort_unstable();
    parties
}

/// Checks what only the protocol knows: whom `max` stands for.
pub(super) fn check(source: &Source, cell: &Cell, bound: &Bound) -> Result<(), Box<Diagnostic>> {
    let Some(choice) = &cell.adversary else { return Ok(()) };
    let parties = corrupted(choice, cell, bound);
    let name = &cell.protocol.name;
    let script = match &choice.strategy {
        Strategy::Script(script) => script,
        Strategy::SemiHonest | Strategy::Attack(_) => &Script::default(),
    };
    if parties.is_empty() && !script.controls_network {
        let place = cell.at.adversary.below(&["corrupt"]);
        let message = format!("`{name}` claims to withstand no corrupted party here");
        return Err(source.error(&place, message, "this is nobody").into());
    }
    for (index, rule) in script.rules.iter().enumerate() {
        let Some(from) = rule.on.from.filter(|from| !parties.contains(from)) else { continue };
        if script.controls_network {
            continue;
        }
        let place = cell.at.adversary.below(&["strategy", &index.to_string(), "at", "from"]);
        let message = format!("node {} is not corrupted, so this rule never acts", from.0);
        let ids: Vec<_> = parties.iter().map(|party| party.0.to_string()).collect();
        let label = format!("corrupted in `{name}`: {}", ids.join(", "));
        return Err(source.error(&place, message, label).into());
    }
    Ok(())
}

/// What the scenario puts against a run.
pub(super) fn chosen(
    registry: &Registry,
    prepared: &Prepared,
    subject: &Subject<'_>,
    choice: &AdversaryChoice,
) -> Against {
    let cell = &subject.cell.cell;
    let parties = corrupted(choice, cell, &subject.bound);
    let setting = subject.setting(parties.clone());
    let replayed = |script: &Script| {
        let replays = script.rules.iter().any(|rule| rule.action == Action::ReplayOtherRun);
        replays.then(|| other_run(registry, prepared, subject, &parties))
    };
    let mut against = match &choice.strategy {
        Strategy::SemiHonest => Against::semi_honest(&setting),
        Strategy::Script(script) => Against::script(&setting, script.clone(), replayed(script)),
        Strategy::Attack(name) => {
            let attacks = registry.attacks(&cell.protocol.name);
            match attacks.iter().find(|attack| attack.name == *name) {
                Some(attack) => {
                    let other_run = match &attack.plan {
                        AttackPlan::Script(script) => replayed(script),
                        AttackPlan::Outbox(_) | AttackPlan::Inputs(_) | AttackPlan::Code(_) => None,
                    };
                    Against::attack(&setting, attack, other_run)
                }
                // The scenario was checked against the same registry.
                None => Against::semi_honest(&setting),
            }
        }
    };
    if let Some(randomness) = choice.randomness {
        against = against.with_randomness(randomness);
    }
    if let Some(threat) = &mut against.threat {
        threat.is_malicious |= choice.kind == CorruptionKind::Malicious && !parties.is_empty();
    }
    against
}

/// What a coalition sends in another run: other inputs where they are drawn, other randomness,
/// another session.
fn other_run(
    registry: &Registry,
    prepared: &Prepared,
    subject: &Subject<'_>,
    parties: &[PartyId],
) -> Arc<OtherRun> {
    let seed = RunSeed::new(prepared.plan.seed, OTHER_RUN);
    let other = Subject::new(registry, subject.cell, seed);
    let view = other.map(|other| other.run(Against::semi_honest(&other.setting(parties.to_vec()))));
    Arc::new(view.map(|trial| trial.run.view.to_other_run()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use mpclab_reports::record::Record;
    use mpclab_sim::vocabulary::{Guarantee, Observed, Standing, Verdict};

    use super::*;
    use crate::runner::{prepare, run_one};

    /// A product of three parties under an adversary: the record of its first run, or all mistakes.
    fn run(protocol: &str, adversary: &str) -> Result<Record, String> {
        let text = format!(
            "about: x\nfunction: {{ name: product, params: {{ bits: 4 }} }}\nparties: 3\n\
             protocols: [{protocol}]\nnetwork: ideal\ncompute: none\nadversary: {adversary}\n"
        );
        let path = Path::new("scenario.yaml");
        let texts = BTreeMap::from([(PathBuf::from(path), text)]);
        let registry = crate::registry();
        let shown = |mistakes: Vec<Diagnostic>| {
            mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let plan = mpclab_scenarios::plan_texts(&texts, path, &[], &registry).map_err(shown)?;
        let prepared = prepare(plan, &registry).map_err(shown)?;
        Ok(run_one(&registry, &prepared, &prepared.cells[0], 0, None))
    }

    fn verdict(record: &Record, guarantee: Guarantee) -> &Verdict {
        let found = record.verdicts.iter().find(|verdict| verdict.guarantee == guarantee);
        found.expect("a verdict")
    }

    #[test]
    fn rules_of_a_scenario_act_and_are_judged_against_the_claims() {
        let tamper = "{corrupt: [1], strategy: [{at: {scope: online/*}, do: {add: 1}}]}";
        let record = run("additive", tamper).expect("runs");
        assert_eq!(record.corrupted, [PartyId(1)]);
        assert!(!record.acts.is_empty());
        let correctness = verdict(&record, Guarantee::Correctness);
        assert_eq!(correctness.standing(), Standing::OutOfClaim, "semi-honest security");
        let watched = run("additive", "{corrupt: max}").expect("runs");
        assert_eq!(watched.corrupted, [PartyId(1), PartyId(2)]);
        assert!(watched.acts.is_empty());
        let correctness = verdict(&watched, Guarantee::Correctness);
        assert_eq!(correctness.standing(), Standing::Held);
        let malicious = run("additive", "{corrupt: max, kind: malicious}").expect("runs");
        let correctness = verdict(&malicious, Guarantee::Correctness);
        assert_eq!(correctness.observed, Observed::Held);
        assert_eq!(correctness.standing(), Standing::OutOfClaim);
    }

    #[test]
    fn messages_of_another_run_are_replayed() {
        let replay = "{corrupt: [1], strategy: [{at: {scope: online/*}, do: {replay: other-run}}]}";
        let record = run("additive", replay).expect("runs");
        assert!(record.acts.iter().any(|act| act.contains("another run")), "{:?}", record.acts);
    }

    #[test]
    fn what_only_the_protocol_knows_is_checked_where_it_stands() {
        let refused = run("rep3", "{corrupt: max, strategy: [{at: {from: 0}, do: drop}]}");
        let message = refused.expect_err("rep3 withstands one party, the last one");
        assert!(message.contains("node 0 is not corrupted"), "{message}");
        assert!(message.contains("corrupted in `rep3`: 2"), "{message}");
        assert!(run("additive", "{corrupt: max, strategy: [{at: {from: 1}, do: drop}]}").is_ok());
    }
}
