use std::collections::BTreeMap;
use std::sync::Arc;

use super::rule::{Action, ElementChoice, Rule};
use super::{Act, Adversary, Decision, Departing, Dispatch, View};
use crate::seed::{PartyRng, RunSeed};
use crate::vocabulary::PartyId;

/// Messages of another run by sender, receiver, scope and occurrence.
pub type OtherRun = BTreeMap<(PartyId, PartyId, String, u32), Vec<u8>>;

/// What a [`Scripted`] adversary does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What happens to which messages; the first rule that matches acts.
    pub rules: Vec<Rule>,
    /// Whether messages are held until no honest party can go on without one.
    pub is_rushing: bool,
    /// Whether nothing is sent any more once the code of a corrupted party has its output. It acts
    /// as a rushing adversary: it sends no more than it has to.
    pub stops_after_output: bool,
    /// Whether rules without a sender also act on messages of honest parties: an adversary in the
    /// network, within the model or not.
    pub controls_network: bool,
}

/// An adversary that follows rules; without rules, a semi-honest one.
pub struct Scripted {
    corrupted: Vec<PartyId>,
    script: Script,
    other_run: Arc<OtherRun>,
    rng: PartyRng,
    has_output: bool,
    acts: Vec<Act>,
    /// Kept back for a rule, by its place in the script, the sender and the scope.
    kept: BTreeMap<(usize, PartyId, u64), Dispatch>,
    /// Bodies that passed by, by party, type and length: sent ones and received ones.
    sent: BTreeMap<(PartyId, String, usize), Vec<u8>>,
    received: BTreeMap<(PartyId, String, usize), Vec<u8>>,
    remembers: bool,
}

impl Scripted {
    /// These parties follow this script; `seed` feeds its random changes.
    #[must_use]
    pub fn new(corrupted: Vec<PartyId>, script: Script, seed: &RunSeed) -> Self {
        let remembers = |rule: &Rule| matches!(rule.action, Action::ReplayEarlier | Action::Echo);
        Scripted {
            corrupted,
            remembers: script.rules.iter().any(remembers),
            script,
            other_run: Arc::default(),
            rng: seed.rng("adversary", PartyId(0)),
            has_output: false,
            acts: Vec::new(),
            kept: BTreeMap::new(),
            sent: BTreeMap::new(),
            received: BTreeMap::new(),
        }
    }

    /// Gives it the messages of another run to replay.
    #[must_use]
    pub fn with_other_run(mut self, other_run: Arc<OtherRun>) -> Self {
        self.other_run = other_run;
        self
    }

    fn rule(&self, message: &Departing<'_>) -> Option<(usize, Action)> {
        let is_corrupted = self.corrupted.contains(&message.from);
        let acts = |rule: &Rule| {
            (is_corrupted || (self.script.controls_network && rule.on.from.is_none()))
                && rule.on.matches(message)
        };
        let at = self.script.rules.iter().position(acts)?;
        Some((at, self.script.rules[at].action.clone()))
    }

    fn act(&mut self, message: &Departing<'_>, action: &Action) {
        self.acts.push(Act::on(message, action.to_string()));
    }

    fn apply(&mut self, at: usize, action: &Action, message: &Departing<'_>) -> Decision {
        let place = (at, message.from, message.scope_id);
        let key = |party| (party, message.label.to_owned(), message.body.len());
        let replacement = match action {
            Action::Tamper { field, element, change } => {
                let mut body = message.body.to_vec();
                let mut before = 0;
                for run in message.fields {
                    let named = field.as_ref().is_none_or(|name| name == run.name);
                    for index in 0..if named { run.count } else { 0 } {
                        if matches!(element, ElementChoice::At(at) if *at != before + index) {
                            continue;
                        }
                        change.apply(run, &mut body, index, &mut self.rng);
                    }
                    before += if named { run.count } else { 0 };
                }
                Some(body)
            }
            Action::Equivocate => {
                let mut body = message.body.to_vec();
                if let Some(run) = message.fields.first() {
                    let by = super::ElementChange::Add(1 + u128::from(message.to.0));
                    by.apply(run, &mut body, 0, &mut self.rng);
                }
                Some(body)
            }
            Action::Body(change) => {
                let mut body = message.body.to_vec();
                change.apply(&mut body, &mut self.rng);
                Some(body)
            }
            Action::ReplayEarlier => self.sent.get(&key(message.from)).cloned(),
            Action::Echo => self.received.get(&key(message.from)).cloned(),
            Action::ReplayOtherRun => {
                let scope = message.scope.to_owned();
                let place = (message.from, message.to, scope, message.occurrence);
                self.other_run.get(&place).cloned()
            }
            Action::Drop => return Decision::Drop,
            Action::Delay(delay_ns) => {
                let delayed = Dispatch { delay_ns: *delay_ns, ..Dispatch::of(message) };
                return Decision::Send(vec![delayed]);
            }
            Action::Duplicate => {
                return Decision::Send(vec![Dispatch::of(message), Dispatch::of(message)]);
            }
            Action::Reorder => {
                self.kept.insert(place, Dispatch::of(message));
                return Decision::Send(Vec::new());
            }
            Action::SwapRecipients => return self.swap(place, message),
            Action::Stop(kind) => return Decision::Stop(*kind),
        };
        match replacement {
            Some(body) if body != message.body => Decision::Replace(body),
            _ => Decision::Pass,
        }
    }

    fn swap(&mut self, place: (usize, PartyId, u64), message: &Departing<'_>) -> Decision {
        match self.kept.remove(&place) {
            Some(first) if first.to != message.to => {
                let second = Dispatch { to: first.to, ..Dispatch::of(message) };
                let first = Dispatch { to: message.to, ..first };
                Decision::Send(vec![second, first])
            }
            Some(first) => {
                self.kept.insert(place, first);
                Decision::Pass
            }
            None => {
                self.kept.insert(place, Dispatch::of(message));
                Decision::Send(Vec::new())
            }
        }
    }

    /// A message that was kept to follow this one.
    fn follower(&mut self, message: &Departing<'_>) -> Option<Dispatch> {
        let rules = self.script.rules.iter().enumerate();
        let mut reorders = rules.filter(|(_, rule)| rule.action == Action::Reorder);
        let at = reorders.find_map(|(at, _)| {
            let place = (at, message.from, message.scope_id);
            self.kept.get(&place).is_some_and(|kept| kept.to == message.to).then_some(place)
        })?;
        self.kept.remove(&at)
    }

    fn remember(&mut self, message: &Departing<'_>) {
        let key = |party| (party, message.label.to_owned(), message.body.len());
        if self.corrupted.contains(&message.to) {
            self.received.insert(key(message.to), message.body.to_vec());
        }
        if self.corrupted.contains(&message.from) {
            self.sent.insert(key(message.from), message.body.to_vec());
        }
    }
}

impl Adversary for Scripted {
    fn corrupted(&self) -> Vec<PartyId> {
        self.corrupted.clone()
    }

    fn is_rushing(&self) -> bool {
        self.script.is_rushing || self.script.stops_after_output
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let is_corrupted = self.corrupted.contains(&message.from);
        let decision = if is_corrupted && self.script.stops_after_output && self.has_output {
            self.acts.push(Act::on(message, "withholds after learning the output"));
            Decision::Drop
        } else if let Some(follower) = self.follower(message) {
            Decision::Send(vec![Dispatch::of(message), follower])
        } else {
            match self.rule(message) {
                Some((at, action)) => {
                    let decision = self.apply(at, &action, message);
                    if decision != Decision::Pass {
                        self.act(message, &action);
                    }
                    decision
                }
                None => Decision::Pass,
            }
        };
        if self.remembers {
            self.remember(message);
        }
        decision
    }

    fn ended(&mut self, _: PartyId, has_output: bool) {
        self.has_output |= has_output;
    }

    fn acts(&self) -> Vec<Act> {
        self.acts.clone()
    }
}

impl View {
    /// What its parties sent, to be replayed in another run.
    #[must_use]
    pub fn to_other_run(&self) -> OtherRun {
        let sent = self.sent.iter().map(|seen| {
            let place = (seen.from, seen.to, seen.scope().to_owned(), seen.occurrence);
            (place, seen.body().to_vec())
        });
        sent.collect()
    }
}
