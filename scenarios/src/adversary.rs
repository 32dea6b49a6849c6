//! Adversaries of scenarios: who is corrupted and what they do, and how a file says so.

use std::fmt;

use mpclab_sim::Randomness;
use mpclab_sim::adversary::{
    Action, BodyChange, ElementChange, ElementChoice, Rule, Script, Selector,
};
use mpclab_sim::faults::CrashKind;
use mpclab_sim::vocabulary::PartyId;
use serde_yaml::{Mapping, Value};

use crate::units::{self, TIME};

/// Who is corrupted, and what they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdversaryChoice {
    /// Against which adversary the claims are held.
    pub kind: CorruptionKind,
    /// Who is corrupted.
    pub corrupt: Corrupt,
    /// What is wrong with corrupted parties' random numbers.
    pub randomness: Option<Randomness>,
    /// What they do at their outbox.
    pub strategy: Strategy,
}

/// How corrupted parties behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorruptionKind {
    /// They follow the protocol and pool what they see. Their strategy sends what the protocol
    /// sends, and their randomness is sound.
    SemiHonest,
    /// They deviate at will.
    Malicious,
}

impl fmt::Display for CorruptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CorruptionKind::SemiHonest => "semi-honest",
            CorruptionKind::Malicious => "malicious",
        })
    }
}

/// Who is corrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Corrupt {
    /// These nodes, ascending; never all computing parties, and nobody only if the adversary
    /// controls the network.
    These(Vec<PartyId>),
    /// As many computing parties as the protocol claims to withstand, the last ones.
    Max,
}

impl Corrupt {
    /// The corrupted nodes, ascending, of a protocol with `compute` computing parties that claims
    /// to withstand `threshold` corrupted ones.
    #[must_use]
    pub fn parties(&self, compute: usize, threshold: usize) -> Vec<PartyId> {
        match self {
            Corrupt::These(parties) => parties.clone(),
            Corrupt::Max => last(compute, threshold.min(compute)),
        }
    }
}

/// The last `count` of the computing parties, ascending.
pub(crate) fn last(compute: usize, count: usize) -> Vec<PartyId> {
    PartyId::all(compute).skip(compute - count).collect()
}

/// What corrupted parties do at their outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// What the protocol says.
    SemiHonest,
    /// A known attack of the protocol, by name.
    Attack(String),
    /// What these rules say.
    Script(Script),
}

/// Writes an adversary as the `adversary:` part of a scenario file, several lines.
///
/// Read again, it is the same adversary. What of a script never acts is left out: rules behind one
/// that acts on all of their messages first, and control of the network without a rule for it.
#[must_use]
pub fn adversary_yaml(choice: &AdversaryChoice) -> String {
    let file = map([("adversary", value(choice))]);
    serde_yaml::to_string(&file).unwrap_or_default()
}

/// An adversary as it stands in files; equal for equal meanings.
pub(crate) fn value(choice: &AdversaryChoice) -> Value {
    let AdversaryChoice { kind, corrupt, randomness, strategy } = choice;
    let mut top = Mapping::new();
    let mut put = |key: &str, value: Value| top.insert(Value::from(key), value);
    put("kind", word(&kind.to_string()));
    match corrupt {
        Corrupt::These(parties) => {
            let ids = parties.iter().map(|party| Value::from(party.0)).collect();
            put("corrupt", Value::Sequence(ids))
        }
        Corrupt::Max => put("corrupt", word("max")),
    };
    match randomness {
        None => None,
        Some(Randomness::Repeated) => put("randomness", word("repeated")),
        Some(Randomness::Zero) => put("randomness", word("zero")),
    };
    match strategy {
        Strategy::SemiHonest => {}
        Strategy::Attack(name) => {
            put("strategy", word(name));
        }
        Strategy::Script(script) => {
            let rules = effective(&script.rules);
            let network = script.controls_network
                && rules.iter().any(|rule| may_act_on_honest(rule.on.from, corrupt));
            let flags = [
                ("rushing", script.is_rushing),
                ("network", network),
                ("stop_after_output", script.stops_after_output),
            ];
            for (key, _) in flags.iter().filter(|(_, is_set)| *is_set) {
                put(key, Value::from(true));
            }
            // Without any key, a script that does nothing would read as no script.
            if !rules.is_empty() || flags.iter().all(|(_, is_set)| !is_set) {
                put("strategy", Value::Sequence(rules.into_iter().map(rule_value).collect()));
            }
        }
    }
    Value::Mapping(top)
}

/// Whether a rule for messages of this sender acts on some of honest parties, if it acts on those
/// at all.
pub(crate) fn may_act_on_honest(from: Option<PartyId>, corrupt: &Corrupt) -> bool {
    match (from, corrupt) {
        (Some(from), Corrupt::These(parties)) => !parties.contains(&from),
        (None, _) | (_, Corrupt::Max) => true,
    }
}

/// Rules that act on some message at all.
fn effective(rules: &[Rule]) -> Vec<&Rule> {
    let acts = |at: &usize| acting_before(rules, *at).is_none();
    (0..rules.len()).filter(acts).map(|at| &rules[at]).collect()
}

/// The rule that acts on all messages of a later one before it.
pub(crate) fn acting_before(rules: &[Rule], at: usize) -> Option<usize> {
    rules[..at].iter().position(|earlier| covers(&earlier.on, &rules[at].on))
}

/// Whether a selector means all messages that another one means, as far as their text tells.
fn covers(wide: &Selector, narrow: &Selector) -> bool {
    fn fits<T: PartialEq>(wide: Option<&T>, narrow: Option<&T>) -> bool {
        wide.is_none() || wide == narrow
    }
    fits(wide.from.as_ref(), narrow.from.as_ref())
        && fits(wide.to.as_ref(), narrow.to.as_ref())
        && fits(wide.scope.as_ref(), narrow.scope.as_ref())
        && fits(wide.label.as_ref(), narrow.label.as_ref())
        && fits(wide.occurrence.as_ref(), narrow.occurrence.as_ref())
}

fn rule_value(rule: &Rule) -> Value {
    let Selector { from, to, scope, label, occurrence } = &rule.on;
    let mut at = Mapping::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            at.insert(Value::from(key), value);
        }
    };
    put("from", from.map(|party| Value::from(party.0)));
    put("to", to.map(|party| Value::from(party.0)));
    put("scope", scope.as_ref().map(|scope| word(&scope.0)));
    put("label", label.as_deref().map(word));
    put("occurrence", occurrence.map(Value::from));
    if let Action::Tamper { field, element, .. } = &rule.action {
        put("field", field.as_deref().map(word));
        put(
            "element",
            match element {
                ElementChoice::At(index) => Some(Value::from(*index)),
                ElementChoice::All => None,
            },
        );
    }
    let action = ("do", action_value(&rule.action));
    if at.is_empty() { map([action]) } else { map([("at", Value::Mapping(at)), action]) }
}

fn action_value(action: &Action) -> Value {
    match action {
        Action::Tamper { change, .. } => change_value(*change),
        Action::Equivocate => word("equivocate"),
        Action::Body(BodyChange::Zero) => word("zero_bytes"),
        Action::Body(BodyChange::Random) => word("random_bytes"),
        Action::Body(BodyChange::Truncate(bytes)) => map([("truncate", Value::from(*bytes))]),
        Action::Body(BodyChange::Extend(bytes)) => map([("extend", Value::from(*bytes))]),
        Action::Drop => word("drop"),
        Action::Delay(ns) => map([("delay", word(&units::written(*ns, &TIME)))]),
        Action::Duplicate => word("duplicate"),
        Action::Reorder => word("reorder"),
        Action::SwapRecipients => word("swap_recipients"),
        Action::ReplayEarlier => map([("replay", word("earlier"))]),
        Action::ReplayOtherRun => map([("replay", word("other-run"))]),
        Action::Echo => word("echo"),
        Action::Stop(CrashKind::Host) => map([("stop", word("host"))]),
        Action::Stop(CrashKind::Process) => map([("stop", word("process"))]),
    }
}

fn change_value(change: ElementChange) -> Value {
    match change {
        ElementChange::Add(by) => map([("add", residue(by))]),
        ElementChange::Cancel(by) => map([("cancel", residue(by))]),
        ElementChange::Set(to) => map([("set", residue(to))]),
        ElementChange::Negate => word("negate"),
        ElementChange::Random => word("random"),
        ElementChange::FlipBit(bit) => map([("flip_bit", Value::from(bit))]),
        ElementChange::NonCanonical => word("non_canonical"),
    }
}

/// A number that no reader rounds.
fn residue(number: u128) -> Value {
    u64::try_from(number).map_or_else(|_| word(&number.to_string()), Value::from)
}

fn word(text: &str) -> Value {
    Value::from(text)
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Mapping(entries.into_iter().map(|(key, value)| (Value::from(key), value)).collect())
}
