use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mpclab_protocols::attack::{Attack, Expected, Plan as AttackPlan};
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Act, Action, OtherRun, Script};
use mpclab_sim::faults::Fault;
use mpclab_sim::vocabulary::{Abort, Guarantee, Observed, OutputGuarantee, PartyId, Verdict};
use mpclab_sim::{End, PartyEnd, Randomness, RunSeed};

use super::Target;
use super::composition::{self, Together};
use crate::runner::verdict::Substitution;
use crate::runner::{Against, Subject, Trial};

/// One run of a battery.
#[derive(Clone)]
pub struct Case {
    /// What kind of attack it is.
    pub family: Family,
    /// Column of the grid.
    pub attack: String,
    /// Who is corrupted, ascending.
    pub coalition: Vec<PartyId>,
    /// Repetition of the scenario whose seed it takes.
    pub repetition: u32,
    /// What is done.
    pub deed: Deed,
}

/// What is done in a case.
#[derive(Clone)]
pub enum Deed {
    /// Nothing.
    Nothing,
    /// Rules at the outboxes.
    Script(Script),
    /// A message that is no encoding: its receiver has to blame the sender.
    Malformed(Script),
    /// A known attack.
    Known(Attack),
    /// An attack that was made for this target.
    Computed(Attack),
    /// Broken randomness of the coalition.
    Randomness(Randomness),
    /// Scheduled faults.
    Faults(Vec<Fault>),
    /// Two sessions at once.
    Together(Together),
}

/// What came of a case.
#[derive(Clone)]
pub struct Tried {
    /// Verdicts by guarantee.
    pub verdicts: Vec<Verdict>,
    /// Whether the attack changed nothing that honest parties see.
    pub is_without_effect: bool,
    /// Whether right outputs are right for another input of the coalition.
    pub substitution: Substitution,
    /// What the adversary did first.
    pub act: Option<Act>,
    /// How a known attack went against what it was expected to achieve; `None` if it did not act.
    pub expectation: Option<Expectation>,
}

/// A known attack's run against what it was expected to achieve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What was expected.
    pub expected: Expected,
    /// Whether nothing in this run contradicts it.
    pub is_met: bool,
    /// Whether this run shows it; one run has to.
    pub is_shown: bool,
}

impl Deed {
    pub(super) fn against(
        &self,
        subject: &Subject<'_>,
        coalition: &[PartyId],
        other: Other<'_>,
    ) -> Against {
        let setting = subject.setting(coalition.to_vec());
        let other_run = |script: &Script| {
            let replays = script.rules.iter().any(|r| r.action == Action::ReplayOtherRun);
            replays.then(other)
        };
        match self {
            Deed::Nothing | Deed::Together(_) => Against::default(),
            Deed::Script(script) | Deed::Malformed(script) => {
                Against::script(&setting, script.clone(), other_run(script))
            }
            Deed::Known(attack) => {
                let other = match &attack.plan {
                    AttackPlan::Script(script) => other_run(script),
                    AttackPlan::Outbox(_) | AttackPlan::Inputs(_) | AttackPlan::Code(_) => None,
                };
                Against::attack(&setting, attack, other)
            }
            Deed::Computed(attack) => Against::attack(&setting, attack, None),
            Deed::Randomness(randomness) => {
                Against::semi_honest(&setting).with_randomness(*randomness)
            }
            Deed::Faults(faults) => Against { faults: faults.clone(), ..Against::default() },
        }
    }
}

/// Messages of another run, recorded when they are asked for.
type Other<'a> = &'a dyn Fn() -> Arc<OtherRun>;

impl Case {
    /// Runs it and judges what came out; a panic breaks an invariant.
    #[must_use]
    pub fn run(&self, target: &Target<'_>) -> Tried {
        let attempt = AssertUnwindSafe(|| self.attempt(target));
        catch_unwind(attempt).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Tried::broken(format!("panic: {}", text.unwrap_or_default()))
        })
    }

    fn attempt(&self, target: &Target<'_>) -> Tried {
        if let Deed::Together(together) = &self.deed {
            return composition::attempt(target, self, together);
        }
        let seed = RunSeed::new(target.prepared.plan.seed, self.repetition);
        let subject = match target.subject(seed) {
            Ok(subject) => subject,
            Err(why) => return Tried::broken(why.to_string()),
        };
        let other = || target.other_run(&self.coalition);
        let trial = subject.run(self.deed.against(&subject, &self.coalition, &other));
        let (mut verdicts, substitution) = subject.facts(&trial).judge();
        if let End::Bug(what) = &trial.run.end {
            break_invariants(&mut verdicts, what.clone());
        }
        if matches!(self.deed, Deed::Malformed(_)) {
            let delivers = target.claims().output == OutputGuarantee::Guaranteed;
            let swallowed = || if delivers { None } else { swallowed(&trial) };
            if let Some(why) = unblamed(&trial).or_else(swallowed) {
                break_invariants(&mut verdicts, why);
            }
        }
        let is_without_effect = self.is_without_effect(target, &trial);
        let expectation = match &self.deed {
            // An attack on a step that this function does not have says nothing.
            Deed::Known(attack) if !is_idle(attack, &trial, is_without_effect) => {
                Some(expectation(attack.expected, &trial, &verdicts, substitution))
            }
            _ => None,
        };
        Tried {
            is_without_effect,
            act: trial.run.acts.first().cloned(),
            verdicts,
            substitution,
            expectation,
        }
    }

    fn is_without_effect(&self, target: &Target<'_>, trial: &Trial) -> bool {
        let Some(alone) = target.undisturbed(self.repetition, &self.coalition) else {
            return false;
        };
        let digests = &trial.run.digests;
        let is_late = |script: &Script| {
            let delays = script.rules.iter().any(|rule| matches!(rule.action, Action::Delay(_)));
            delays && !trial.run.acts.is_empty()
        };
        // Who is late changes no transcript, and is seen all the same.
        let is_seen_in_time = match &self.deed {
            Deed::Nothing | Deed::Together(_) => true,
            Deed::Faults(_) => alone.event != digests.event,
            Deed::Script(script) | Deed::Malformed(script) => is_late(script),
            Deed::Known(_) | Deed::Computed(_) | Deed::Randomness(_) => false,
        };
        alone.honest == digests.honest && !is_seen_in_time
    }
}

impl Tried {
    pub(super) fn broken(why: String) -> Self {
        let mut verdicts = Vec::new();
        break_invariants(&mut verdicts, why);
        Tried {
            verdicts,
            is_without_effect: false,
            substitution: Substitution::None,
            act: None,
            expectation: None,
        }
    }
}

pub(super) fn break_invariants(verdicts: &mut Vec<Verdict>, evidence: String) {
    verdicts.retain(|verdict| verdict.guarantee != Guarantee::Invariants);
    let (guarantee, claimed) = (Guarantee::Invariants, true);
    verdicts.push(Verdict { guarantee, claimed, observed: Observed::Broken, evidence });
}

/// Whether the messages that an attack changes did not occur.
fn is_idle(attack: &Attack, trial: &Trial, is_without_effect: bool) -> bool {
    match attack.plan {
        AttackPlan::Script(_) | AttackPlan::Outbox(_) => trial.run.acts.is_empty(),
        AttackPlan::Inputs(_) => !trial.is_substituted,
        // Code of one role does nothing else in another.
        AttackPlan::Code(_) => is_without_effect,
    }
}

/// Whether honest parties stop for bytes that are no encoding, and nobody blames who sent them.
fn unblamed(trial: &Trial) -> Option<String> {
    let run = &trial.run;
    let mut honest = run.parties.iter().enumerate().filter_map(|(at, (end, _))| {
        let party = PartyId::from(at);
        (!run.corrupted.contains(&party)).then_some((party, end))
    });
    let blames = |end: &PartyEnd<_>| match end {
        PartyEnd::Abort(Abort::Malformed { from, .. }) => run.corrupted.contains(from),
        _ => false,
    };
    let is_blamed = honest.clone().any(|(_, end)| blames(end));
    let stopped = honest.find(|(_, end)| !matches!(end, PartyEnd::Output(_)));
    match stopped {
        Some((party, _)) if !is_blamed && !run.acts.is_empty() => {
            Some(format!("{party} stops, and nobody blames who sent malformed bytes"))
        }
        _ => None,
    }
}

/// Whether a party reads bytes that are no encoding and goes on to its output. Those that promise
/// an output whatever happens may do without such a message.
fn swallowed(trial: &Trial) -> Option<String> {
    let run = &trial.run;
    let reader = run.acts.first()?.to;
    let counts = run.metrics.parties.get(reader.index())?;
    let is_read = counts.unread == 0 && counts.late == 0;
    let honest = run.parties.iter().enumerate();
    let mut honest = honest.filter(|(at, _)| !run.corrupted.contains(&PartyId::from(*at)));
    let all_output = honest.all(|(_, (end, _))| matches!(end, PartyEnd::Output(_)));
    let is_swallowed = is_read && all_output && !run.corrupted.contains(&reader);
    is_swallowed.then(|| format!("{reader} accepts bytes that are no encoding"))
}

/// What a known attack achieved in a run, against what it was to achieve.
fn expectation(
    expected: Expected,
    trial: &Trial,
    verdicts: &[Verdict],
    substitution: Substitution,
) -> Expectation {
    let observed = |guarantee| {
        let verdict = verdicts.iter().find(|verdict| verdict.guarantee == guarantee);
        verdict.map(|verdict| &verdict.observed)
    };
    let is_broken = |guarantee| observed(guarantee) == Some(&Observed::Broken);
    let honest = trial.run.parties.iter().enumerate();
    let mut honest = honest.filter(|(at, _)| !trial.run.corrupted.contains(&PartyId::from(*at)));
    let stopped = honest.any(|(_, (end, _))| !matches!(end, PartyEnd::Output(_)));
    let right = !is_broken(Guarantee::Correctness);
    let substituted = substitution == Substitution::Input;
    let (is_met, is_shown) = match expected {
        Expected::Caught => (right && stopped, true),
        Expected::Withstood => (right && !stopped, true),
        Expected::NoWrongOutput => (right, true),
        Expected::Gamble => (true, true),
        Expected::InputSubstitution => (right && !stopped, substituted),
        Expected::AnotherOutput => (!stopped, substituted || is_broken(Guarantee::Correctness)),
        Expected::Breaks(guarantee) => (true, is_broken(guarantee)),
    };
    Expectation { expected, is_met, is_shown }
}
