use std::sync::Arc;

use mpclab_protocols::attack::{Attack, Plan as AttackPlan, Setting};
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_sim::adversary::{Action, Adversary, OtherRun, Rule, Script, Scripted};
use mpclab_sim::faults::Fault;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Ctx, PartyFuture, Randomness};

use super::verdict::Threat;

/// Code that takes the place of a corrupted party's.
pub type Code = Arc<dyn Fn(Ctx, Inputs) -> PartyFuture<Outputs> + Send + Sync>;

/// What a corrupted party brings instead of what it was given; `None` leaves that.
pub type Replace = Arc<dyn Fn(PartyId, &Inputs) -> Option<Inputs> + Send + Sync>;

/// What stands against a run.
#[derive(Default)]
pub struct Against {
    /// Decides at the outboxes; it says whom it corrupts.
    pub adversary: Option<Box<dyn Adversary>>,
    /// Runs instead of the honest code of corrupted parties.
    pub code: Option<Code>,
    /// Other inputs of corrupted parties.
    pub inputs: Option<Replace>,
    /// What is wrong with the randomness of corrupted parties.
    pub randomness: Option<Randomness>,
    /// What it may do; `None` if nobody is against the run.
    pub threat: Option<Threat>,
    /// Faults besides those of the scenario.
    pub faults: Vec<Fault>,
}

impl Against {
    /// Parties that follow the protocol and pool what they see.
    #[must_use]
    pub fn semi_honest(setting: &Setting) -> Self {
        Against::script(setting, Script::default(), None)
    }

    /// Rules at the outboxes of corrupted parties; `other_run` is what `ReplayOtherRun` repeats.
    #[must_use]
    pub fn script(setting: &Setting, script: Script, other_run: Option<Arc<OtherRun>>) -> Self {
        let deviates = !script.rules.is_empty() || script.stops_after_output;
        let threat = Threat {
            is_malicious: deviates && !setting.corrupted.is_empty(),
            breaks_network: script.controls_network
                && script.rules.iter().any(|rule| breaks_network(rule, &setting.corrupted)),
        };
        let mut adversary = Scripted::new(setting.corrupted.clone(), script, &setting.seed);
        if let Some(other_run) = other_run {
            adversary = adversary.with_other_run(other_run);
        }
        Against { adversary: Some(Box::new(adversary)), threat: Some(threat), ..Against::default() }
    }

    /// A known attack.
    #[must_use]
    pub fn attack(setting: &Setting, attack: &Attack, other_run: Option<Arc<OtherRun>>) -> Self {
        let threat = Some(Threat { is_malicious: true, breaks_network: false });
        match &attack.plan {
            AttackPlan::Script(script) => Against::script(setting, script.clone(), other_run),
            AttackPlan::Outbox(start) => {
                Against { adversary: Some(start(setting)), threat, ..Against::default() }
            }
            AttackPlan::Inputs(replace) => {
                let (replace, setting_of_inputs) = (Arc::clone(replace), setting.clone());
                Against {
                    inputs: Some(Arc::new(move |party, given| {
                        replace(&setting_of_inputs, party, given)
                    })),
                    threat,
                    ..Against::semi_honest(setting)
                }
            }
            AttackPlan::Code(code) => {
                let (code, setting_of_code) = (Arc::clone(code), setting.clone());
                let watch = Against::semi_honest(setting);
                Against {
                    code: Some(Arc::new(move |ctx, input| {
                        code(ctx, setting_of_code.clone(), input)
                    })),
                    threat,
                    ..watch
                }
            }
        }
    }

    /// The same with broken randomness of the corrupted parties.
    #[must_use]
    pub fn with_randomness(mut self, randomness: Randomness) -> Self {
        self.randomness = Some(randomness);
        if let Some(threat) = &mut self.threat {
            threat.is_malicious = true;
        }
        self
    }

    pub(super) fn corrupted(&self) -> Vec<PartyId> {
        self.adversary.as_ref().map_or_else(Vec::new, |adversary| adversary.corrupted())
    }
}

/// Whether a rule, applied to honest messages, leaves the model of authenticated channels that
/// deliver everything: only delays do not.
fn breaks_network(rule: &Rule, corrupted: &[PartyId]) -> bool {
    let is_own = rule.on.from.is_some_and(|from| corrupted.contains(&from));
    !is_own && !matches!(rule.action, Action::Delay(_))
}
