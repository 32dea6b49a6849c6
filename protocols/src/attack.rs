//! Known attacks on a protocol, with what they are expected to achieve.

use std::fmt;
use std::sync::Arc;

use mpclab_sim::adversary::{Action, Adversary, Pattern, Rule, Script, Selector};
use mpclab_sim::vocabulary::{Guarantee, PartyId};
use mpclab_sim::{Ctx, PartyFuture, RunSeed};

use crate::program::{Inputs, Outputs};
use crate::protocol::Job;

/// An attack that somebody published, or that follows from a paper's proof.
#[derive(Clone)]
pub struct Attack {
    /// Name in scenario files: words joined by hyphens.
    pub name: &'static str,
    /// What the coalition does, one sentence.
    pub about: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// How it is carried out.
    pub plan: Plan,
    /// What it achieves.
    pub expected: Expected,
}

/// How an attack is carried out.
#[derive(Clone)]
pub enum Plan {
    /// Rules at the outbox.
    Script(Script),
    /// An adversary of its own at the outbox; corrupted parties run honest code.
    Outbox(Arc<dyn Fn(&Setting) -> Box<dyn Adversary> + Send + Sync>),
    /// Other code takes the place of each corrupted party's; `Inputs` are what it was given.
    Code(Arc<dyn Fn(Ctx, Setting, Inputs) -> PartyFuture<Outputs> + Send + Sync>),
}

/// What an attack is carried out on.
#[derive(Clone)]
pub struct Setting {
    /// The job under attack.
    pub job: Arc<Job>,
    /// Who is corrupted, ascending.
    pub corrupted: Vec<PartyId>,
    /// The run's seed, for the attack's own choices.
    pub seed: RunSeed,
}

/// What an attack is expected to achieve; anything else is a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Honest parties notice and abort.
    Caught,
    /// Nothing: all honest parties get the right output.
    Withstood,
    /// It amounts to another input of the coalition's own, which nobody can prevent.
    InputSubstitution,
    /// The guarantee does not hold; the protocol does not claim it, or it is a violation.
    Breaks(Guarantee),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Caught => f.write_str("caught"),
            Expected::Withstood => f.write_str("withstood"),
            Expected::InputSubstitution => f.write_str("input substitution"),
            Expected::Breaks(guarantee) => write!(f, "breaks {guarantee}"),
        }
    }
}

impl Plan {
    /// One rule for all messages of the coalition in scopes that fit a pattern.
    #[must_use]
    pub fn rule(scope: &str, action: Action) -> Self {
        let scope = Some(Pattern(scope.to_owned()));
        let rule = Rule { on: Selector { scope, ..Selector::default() }, action };
        Plan::Script(Script { rules: vec![rule], ..Script::default() })
    }
}

impl fmt::Debug for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attack").field("name", &self.name).finish_non_exhaustive()
    }
}
