use std::fmt;

use super::body::{BodyChange, ElementChange};
use crate::faults::CrashKind;
use crate::vocabulary::PartyId;

use super::Departing;

/// What a script does to which messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which messages.
    pub on: Selector,
    /// What it does to them.
    pub action: Action,
}

/// Which messages a rule acts on; what is not said is arbitrary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Sender.
    pub from: Option<PartyId>,
    /// Receiver.
    pub to: Option<PartyId>,
    /// Path of the scope.
    pub scope: Option<Pattern>,
    /// Name of the message's type.
    pub label: Option<String>,
    /// Place among the messages of its sender to its receiver in its scope, from 0.
    pub occurrence: Option<u32>,
}

impl Selector {
    /// Whether it means this message.
    #[must_use]
    pub fn matches(&self, message: &Departing<'_>) -> bool {
        self.from.is_none_or(|from| from == message.from)
            && self.to.is_none_or(|to| to == message.to)
            && self.occurrence.is_none_or(|occurrence| occurrence == message.occurrence)
            && self.label.as_ref().is_none_or(|label| label == message.label)
            && self.scope.as_ref().is_none_or(|scope| scope.matches(message.scope))
    }
}

/// A scope's path in which `*` stands for any characters, also none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(pub String);

impl Pattern {
    /// Whether a path fits.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = path.strip_prefix(first) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which elements of a message a change concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElementChoice {
    /// This one, counted over all runs of elements of the message, from 0.
    At(usize),
    /// All.
    All,
}

/// What a script does to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Elements change.
    Tamper {
        /// Only in runs of elements of this name.
        field: Option<String>,
        /// Which elements.
        element: ElementChoice,
        /// How.
        change: ElementChange,
    },
    /// Like adding 1 to the first element, but more for each receiver: all get something else.
    Equivocate,
    /// The whole body changes.
    Body(BodyChange),
    /// It never arrives.
    Drop,
    /// It departs this much later, nanoseconds.
    Delay(u64),
    /// It departs twice.
    Duplicate,
    /// It departs after the next message of its channel.
    Reorder,
    /// Its body is exchanged with that of the next message of the same sender, scope and type to
    /// somebody else.
    SwapRecipients,
    /// The body of an earlier message of the same sender and type, and of the same length, goes in
    /// its place.
    ReplayEarlier,
    /// The body of the same message in another run goes in its place: other inputs, other
    /// randomness, another session.
    ReplayOtherRun,
    /// The body that this party last received with the same type and length goes in its place: it
    /// repeats what another one said.
    Echo,
    /// The sender stops before this message.
    Stop(CrashKind),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Tamper { field, element, change } => {
                match change {
                    ElementChange::Add(by) => write!(f, "adds {by} to")?,
                    ElementChange::Set(to) => write!(f, "sets to {to}")?,
                    ElementChange::Negate => f.write_str("negates")?,
                    ElementChange::Random => f.write_str("randomises")?,
                    ElementChange::FlipBit(bit) => write!(f, "flips bit {bit} of")?,
                    ElementChange::Cancel(by) => write!(f, "adds and subtracts {by} in turn")?,
                    ElementChange::NonCanonical => f.write_str("encodes not canonically")?,
                }
                match element {
                    ElementChoice::At(at) => write!(f, " element {at}")?,
                    ElementChoice::All => f.write_str(" all elements")?,
                }
                field.as_ref().map_or(Ok(()), |field| write!(f, " of {field}"))
            }
            Action::Equivocate => f.write_str("tells each receiver something else"),
            Action::Body(BodyChange::Zero) => f.write_str("sends zeros"),
            Action::Body(BodyChange::Truncate(bytes)) => write!(f, "cuts off {bytes} bytes"),
            Action::Body(BodyChange::Extend(bytes)) => write!(f, "appends {bytes} bytes"),
            Action::Body(BodyChange::Random) => f.write_str("sends random bytes"),
            Action::Drop => f.write_str("drops"),
            Action::Delay(ns) => write!(f, "delays by {ns} ns"),
            Action::Duplicate => f.write_str("duplicates"),
            Action::Reorder => f.write_str("reorders with the next"),
            Action::SwapRecipients => f.write_str("swaps recipients"),
            Action::ReplayEarlier => f.write_str("replays an earlier message"),
            Action::ReplayOtherRun => f.write_str("replays from another run"),
            Action::Echo => f.write_str("repeats what it received"),
            Action::Stop(_) => f.write_str("stops before the message"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_stars() {
        let fits = |pattern: &str, path: &str| Pattern(pattern.to_owned()).matches(path);
        assert!(fits("online/mul[3]", "online/mul[3]") && !fits("online/mul", "online/mul[3]"));
        assert!(fits("*", "online") && fits("online/*", "online/mul[3]/open"));
        assert!(fits("*/open", "online/mul[3]/open") && !fits("*/open", "online/mul[3]/opened"));
        assert!(fits("online/*/open[*]", "online/mul[3]/open[1]"));
        assert!(!fits("online/*/open[*]", "online/open[1]"));
        assert!(!fits("ab*b", "ab") && fits("ab*b", "abb"));
    }
}
