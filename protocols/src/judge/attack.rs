//! Known attacks on a protocol, with what they are expected to achieve.

mod adaptive;
mod code;
mod common;

use std::fmt;
use std::sync::Arc;

use mpclab_sim::adversary::{
    Action, Adversary, ElementChange, ElementChoice, Pattern, Rule, Script, Selector,
};
use mpclab_sim::vocabulary::{Guarantee, PartyId};
use mpclab_sim::{Ctx, PartyFuture, RunSeed};
use serde_json::Value;

use crate::program::{Inputs, Outputs};
use crate::protocol::Job;

pub use adaptive::Adaptive;
pub(crate) use code::code;
pub use common::{
    additive_error, input_substitution, last_mover_abort, last_products, out_of_range_input,
    output_equivocation, wrong_output_share,
};

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
    /// Fewest honest parties that it is an attack on: two where they are told different things.
    pub honest: usize,
}

/// Makes the adversary at the outbox.
pub type Start = dyn Fn(&Setting) -> Box<dyn Adversary> + Send + Sync;

/// Other inputs of a corrupted party than those that it was given, or `None`.
pub type Replace = dyn Fn(&Setting, PartyId, &Inputs) -> Option<Inputs> + Send + Sync;

/// Code of a corrupted party.
pub type Code = dyn Fn(Ctx, Setting, Inputs) -> PartyFuture<Outputs> + Send + Sync;

/// How an attack is carried out.
#[derive(Clone)]
pub enum Plan {
    /// Rules at the outbox.
    Script(Script),
    /// An adversary of its own at the outbox; corrupted parties run honest code.
    Outbox(Arc<Start>),
    /// Honest code with other inputs than those that were handed out; `None` leaves them.
    Inputs(Arc<Replace>),
    /// Other code takes the place of each corrupted party's; `Inputs` are what it was given.
    Code(Arc<Code>),
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
    /// The protocol's parameters, as a scenario has them.
    pub params: Value,
}

/// What an attack is expected to achieve wherever it acts; anything else is a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Honest parties notice and abort; no output is wrong.
    Caught,
    /// Nothing: all honest parties get the right output.
    Withstood,
    /// Luck decides: honest parties notice and abort, or get the right output all the same.
    NoWrongOutput,
    /// Luck decides: honest parties notice and abort, or a wrong output is accepted; how often is
    /// measured against the deterrence that is claimed.
    Gamble,
    /// It amounts to another input of the coalition's own, which nobody can prevent.
    InputSubstitution,
    /// Nobody notices, and outputs are others: on some inputs wrong ones, on others (of a sum on
    /// all) those of another input of the coalition's own.
    AnotherOutput,
    /// The guarantee does not hold in some runs (an error may meet a zero in others); the protocol
    /// does not claim it, or it is a violation.
    Breaks(Guarantee),
}

impl Attack {
    /// An attack that makes sense against any number of honest parties.
    #[must_use]
    pub fn new(
        name: &'static str,
        about: &'static str,
        source: &'static str,
        plan: Plan,
        expected: Expected,
    ) -> Self {
        Attack { name, about, source, plan, expected, honest: 1 }
    }

    /// The same, if it is one only on so many honest parties or more.
    #[must_use]
    pub fn on_honest(self, least: usize) -> Self {
        Attack { honest: least, ..self }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Caught => f.write_str("caught"),
            Expected::Withstood => f.write_str("withstood"),
            Expected::NoWrongOutput => f.write_str("no wrong output"),
            Expected::Gamble => f.write_str("a gamble"),
            Expected::InputSubstitution => f.write_str("input substitution"),
            Expected::AnotherOutput => f.write_str("another output"),
            Expected::Breaks(guarantee) => write!(f, "breaks {guarantee}"),
        }
    }
}

impl Plan {
    /// One rule for all messages of the coalition in scopes that fit a pattern.
    #[must_use]
    pub fn rule(scope: &str, action: Action) -> Self {
        Plan::rules([(scope, action)])
    }

    /// Rules for all messages of the coalition in scopes that fit patterns; the first that fits
    /// acts.
    #[must_use]
    pub fn rules<'a>(rules: impl IntoIterator<Item = (&'a str, Action)>) -> Self {
        let rule = |(scope, action): (&str, Action)| {
            let scope = Some(Pattern(scope.to_owned()));
            Rule { on: Selector { scope, ..Selector::default() }, action }
        };
        let rules = rules.into_iter().map(rule).collect();
        Plan::Script(Script { rules, ..Script::default() })
    }

    /// The same rules by a rushing coalition; other plans stay as they are.
    #[must_use]
    pub fn rushing(self) -> Self {
        match self {
            Plan::Script(script) => Plan::Script(Script { is_rushing: true, ..script }),
            other => other,
        }
    }

    /// A coalition that decides on each message by what it has seen; see [`Adaptive`].
    #[must_use]
    pub fn adaptive<D>(
        is_rushing: bool,
        start: impl Fn(&Setting) -> D + Send + Sync + 'static,
    ) -> Self
    where
        D: adaptive::Decide + 'static,
    {
        Plan::Outbox(Arc::new(move |setting| {
            Box::new(Adaptive::new(setting.corrupted.clone(), is_rushing, start(setting)))
        }))
    }
}

/// Adds one to every element.
#[must_use]
pub fn add_one() -> Action {
    let (element, change) = (ElementChoice::All, ElementChange::Add(1));
    Action::Tamper { field: None, element, change }
}

/// Adds one to one element.
#[must_use]
pub fn add_one_at(element: usize) -> Action {
    let (element, change) = (ElementChoice::At(element), ElementChange::Add(1));
    Action::Tamper { field: None, element, change }
}

impl fmt::Debug for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attack").field("name", &self.name).finish_non_exhaustive()
    }
}
