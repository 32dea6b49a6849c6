//! What an adversary's rules do to which messages.

use mpclab_sim::adversary::{
    Action, BodyChange, ElementChange, ElementChoice, Pattern, Rule, Selector,
};
use mpclab_sim::faults::CrashKind;
use mpclab_sim::vocabulary::PartyId;

use crate::adversary::{Corrupt, acting_before};
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::wire::adversary::{ActionWire, ElementWire, ReplayWord, RuleWire, SelectorWire};
use crate::wire::{CrashWord, Residue, Time};

/// Most bytes that a rule appends to a message.
const MAX_EXTENSION: u64 = 16 << 20;

/// Bits of the widest element.
const MAX_ELEMENT_BITS: u32 = 128;

/// Whose messages rules act on.
pub(crate) struct Coalition<'a> {
    /// `None` if that is wrong itself.
    pub(crate) corrupt: Option<&'a Corrupt>,
    pub(crate) nodes: usize,
    pub(crate) controls_network: bool,
}

/// Gives rules their meaning, in order.
///
/// # Errors
/// What cannot be, and rules that can never act.
pub(crate) fn rules(
    wires: &[RuleWire],
    at: &KeyPath,
    coalition: &Coalition<'_>,
) -> Result<Vec<Rule>, Vec<Mistake>> {
    let (mut rules, mut mistakes) = (Vec::new(), Vec::new());
    for (index, wire) in wires.iter().enumerate() {
        match rule(wire, &at.index(index), coalition) {
            Ok(rule) => rules.push(rule),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let shadowed = (0..rules.len()).filter_map(|index| {
        let earlier = acting_before(&rules, index)?;
        let label = format!("strategy[{earlier}] acts on all of its messages");
        let mistake = Mistake::new(&at.index(index), "this rule never acts", label);
        Some(mistake.help("only the first rule that matches a message acts on it"))
    });
    let shadowed: Vec<_> = shadowed.collect();
    if shadowed.is_empty() { Ok(rules) } else { Err(shadowed) }
}

fn rule(wire: &RuleWire, at: &KeyPath, coalition: &Coalition<'_>) -> Result<Rule, Mistake> {
    let none = SelectorWire::default();
    let given = wire.at.as_ref().unwrap_or(&none);
    let on = selector(given, &at.key("at"), coalition)?;
    if !wire.action.is_of_elements() {
        let element = given.element.is_some().then_some("element");
        if let Some(key) = element.or(given.field.is_some().then_some("field")) {
            let message = format!("`{key}` is for changes of elements");
            let label = "this rule acts on whole messages";
            return Err(Mistake::new(&at.key("at").key(key), message, label).on_key());
        }
    }
    let element = match given.element {
        None | Some(ElementWire::All) => ElementChoice::All,
        Some(ElementWire::At(index)) => {
            ElementChoice::At(usize::try_from(index).unwrap_or(usize::MAX))
        }
    };
    let action = action(wire.action, (given.field.clone(), element), &at.key("do"))?;
    Ok(Rule { on, action })
}

fn selector(
    wire: &SelectorWire,
    at: &KeyPath,
    coalition: &Coalition<'_>,
) -> Result<Selector, Mistake> {
    let party = |key: &str, id: Option<u64>| {
        id.map(|id| node(id, &at.key(key), coalition.nodes)).transpose()
    };
    let (from, to) = (party("from", wire.from)?, party("to", wire.to)?);
    let corrupted = match coalition.corrupt {
        Some(Corrupt::These(parties)) => Some(parties),
        Some(Corrupt::Max) | None => None,
    };
    if let (Some(from), Some(parties)) = (from, corrupted)
        && !parties.contains(&from)
        && !coalition.controls_network
    {
        let ids: Vec<_> = parties.iter().map(|party| party.0.to_string()).collect();
        let message =
            format!("node {from} is not corrupted, so this rule never acts", from = from.0);
        let label = format!("corrupted: {}", ids.join(", "));
        let mistake = Mistake::new(&at.key("from"), message, label);
        return Err(
            mistake.help("with `network: true`, rules act on messages of honest parties, too")
        );
    }
    let only = corrupted.filter(|parties| parties.len() == 1 && !coalition.controls_network);
    let sender = from.or_else(|| only.map(|parties| parties[0]));
    if to.is_some() && to == sender {
        let message = "nobody sends messages to itself, so this rule never acts";
        let label = if from.is_some() { "the sender" } else { "the only corrupted party" };
        return Err(Mistake::new(&at.key("to"), message, label));
    }
    for (key, text) in [("label", &wire.label), ("field", &wire.field)] {
        if text.as_ref().is_some_and(String::is_empty) {
            let message = format!("`{key}` must be a name");
            return Err(Mistake::new(&at.key(key), message, "empty"));
        }
    }
    Ok(Selector {
        from,
        to,
        scope: wire.scope.clone().map(Pattern),
        label: wire.label.clone(),
        occurrence: wire.occurrence,
    })
}

fn action(
    wire: ActionWire,
    (field, element): (Option<String>, ElementChoice),
    at: &KeyPath,
) -> Result<Action, Mistake> {
    let tamper = |change| Action::Tamper { field, element, change };
    Ok(match wire {
        ActionWire::Add(Residue(by)) => tamper(ElementChange::Add(by)),
        ActionWire::Cancel(Residue(by)) => tamper(ElementChange::Cancel(by)),
        ActionWire::Set(Residue(to)) => tamper(ElementChange::Set(to)),
        ActionWire::Negate => tamper(ElementChange::Negate),
        ActionWire::Random => tamper(ElementChange::Random),
        ActionWire::FlipBit(bit) if bit >= MAX_ELEMENT_BITS => {
            let message = format!("elements have at most {MAX_ELEMENT_BITS} bits");
            let label = format!("bits are 0 to {}", MAX_ELEMENT_BITS - 1);
            return Err(Mistake::new(&at.key("flip_bit"), message, label));
        }
        ActionWire::FlipBit(bit) => tamper(ElementChange::FlipBit(bit)),
        ActionWire::NonCanonical => tamper(ElementChange::NonCanonical),
        ActionWire::Equivocate => Action::Equivocate,
        ActionWire::ZeroBytes => Action::Body(BodyChange::Zero),
        ActionWire::RandomBytes => Action::Body(BodyChange::Random),
        ActionWire::Truncate(bytes) => {
            Action::Body(BodyChange::Truncate(usize::try_from(bytes).unwrap_or(usize::MAX)))
        }
        ActionWire::Extend(bytes) if bytes > MAX_EXTENSION => {
            let message = format!("a rule may append at most {MAX_EXTENSION} bytes");
            return Err(Mistake::new(&at.key("extend"), message, "too many"));
        }
        ActionWire::Extend(bytes) => Action::Body(BodyChange::Extend(bytes as usize)),
        ActionWire::Drop => Action::Drop,
        ActionWire::Delay(Time(ns)) => Action::Delay(ns),
        ActionWire::Duplicate => Action::Duplicate,
        ActionWire::Reorder => Action::Reorder,
        ActionWire::SwapRecipients => Action::SwapRecipients,
        ActionWire::Replay(ReplayWord::Earlier) => Action::ReplayEarlier,
        ActionWire::Replay(ReplayWord::OtherRun) => Action::ReplayOtherRun,
        ActionWire::Echo => Action::Echo,
        ActionWire::Stop(CrashWord::Host) => Action::Stop(CrashKind::Host),
        ActionWire::Stop(CrashWord::Process) => Action::Stop(CrashKind::Process),
    })
}

/// The node of an id.
pub(crate) fn node(id: u64, at: &KeyPath, nodes: usize) -> Result<PartyId, Mistake> {
    let index = usize::try_from(id).unwrap_or(usize::MAX);
    if index >= nodes {
        let label = format!("nodes are 0 to {}", nodes - 1);
        return Err(Mistake::new(at, format!("there is no node {id}"), label));
    }
    Ok(PartyId::from(index))
}
