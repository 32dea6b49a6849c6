//! A rushing coalition that computes: it errs in one step, hears what everybody says in a later one,
//! and says last what makes the sum of all zero there.
//!
//! Many checks are such sums (the MACs of opened values, zeros that are opened, digits of inputs).
//! They hold against a last mover only if all have committed to what they say, or if what honest
//! parties say fixes the rest. The first of a coalition says the last word, while the others say
//! zeros; or the last of it, while the others say what the protocol has them say, as where a
//! commitment of one party alone binds nobody. Which steps are sums is not known here: all pairs of kinds of steps
//! are tried in which elements of an algebra are told.

use std::collections::BTreeMap;

use mpclab_protocols::attack::{Attack, Expected, Plan, Setting};
use mpclab_reports::battery::Family;
use mpclab_sim::PartyRng;
use mpclab_sim::adversary::{Decision, Departing, ElementChange, Seen};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::{Algebra, Field};

use super::Target;
use super::case::{Case, Deed};

/// Kinds of steps in which it errs, and in which it says the last word, at most.
const KINDS: (usize, usize) = (16, 16);
/// Coalitions that try it.
const COALITIONS: usize = 3;

/// A step: the path of its scope.
type Step = String;

/// Pairs of an error and a last word, by each of a few coalitions.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let mut cases = Vec::new();
    for coalition in coalitions.iter().take(COALITIONS) {
        cases.extend(attacks(target, coalition).into_iter().map(|(_, attack)| Case {
            family: Family::Generic,
            attack: "last word after an error".to_owned(),
            coalition: coalition.clone(),
            repetition: 0,
            deed: Deed::Computed(attack),
        }));
    }
    cases
}

/// All pairs of an error and a last word by one coalition, each with its place.
pub(super) fn attacks(target: &Target<'_>, coalition: &[PartyId]) -> Vec<(String, Attack)> {
    let honest = target.honest_beside(coalition);
    let [first, last] = [coalition.first(), coalition.last()].map(|party| party.copied());
    let mut attacks = Vec::new();
    for speaker in first.into_iter().chain(last.filter(|last| first != Some(*last))) {
        let Some((errors, words)) = steps(target, coalition, speaker) else { continue };
        let heard = if first == Some(speaker) { honest } else { honest + coalition.len() - 1 };
        for (error, from) in &errors {
            for (word, _) in words.iter().filter(|(word, to)| word != error && to > from) {
                let of = format!("{error} and {word} by {speaker}");
                attacks.push((of, attack(error, word, (speaker, heard))));
            }
        }
    }
    attacks
}

/// Where the coalition tells honest parties elements, and where all honest parties tell it as many,
/// each with its place in time; the first of each kind.
#[expect(clippy::type_complexity, reason = "two lists")]
fn steps(
    target: &Target<'_>,
    coalition: &[PartyId],
    speaker: PartyId,
) -> Option<(Vec<(Step, usize)>, Vec<(Step, usize)>)> {
    let view = target.recorded(0, coalition)?.run.view;
    let honest = target.honest_beside(coalition);
    let has_elements = |seen: &&Seen| seen.fields().iter().any(is_summed);
    let (mut errors, mut words): (Vec<(Step, usize)>, Vec<(Step, usize)>) = Default::default();
    let mut kinds: [Vec<String>; 2] = Default::default();
    for (at, sent) in view.sent.iter().enumerate().filter(|(_, seen)| has_elements(seen)) {
        if coalition.contains(&sent.to) {
            continue;
        }
        let step = || (sent.scope().to_owned(), at);
        let kind = kind(sent.scope());
        if !kinds[0].contains(&kind) && errors.len() < KINDS.0 {
            kinds[0].push(kind.clone());
            errors.push(step());
        }
        let told = view.received.iter().filter(|seen| {
            let same = seen.to == speaker && seen.scope() == sent.scope();
            same && seen.occurrence == sent.occurrence && seen.fields() == sent.fields()
        });
        let told = told.filter(|seen| !coalition.contains(&seen.from)).count();
        if told == honest && sent.from == speaker && words.len() < KINDS.1 {
            let known = words.iter().any(|(word, _)| word == sent.scope());
            // Two of a kind, as the first check may come before the first error.
            if !known && kinds[1].iter().filter(|other| **other == kind).count() < 2 {
                kinds[1].push(kind);
                words.push(step());
            }
        }
    }
    Some((errors, words))
}

/// The path of a scope without the numbers of its batches.
pub(super) fn kind(scope: &str) -> String {
    let mut depth = 0;
    let outside = |c: &char| match c {
        '[' => {
            depth += 1;
            false
        }
        ']' => {
            depth -= 1;
            false
        }
        _ => depth == 0,
    };
    scope.chars().filter(outside).collect()
}

pub(super) fn is_summed(field: &Field) -> bool {
    !matches!(field.algebra, Algebra::Bytes) && field.count > 0
}

fn attack(error: &str, word: &str, by: (PartyId, usize)) -> Attack {
    let (error, word) = (error.to_owned(), word.to_owned());
    let plan = Plan::adaptive(true, move |setting| {
        let mut mover = LastMover::new(setting, &error, &word, by);
        move |message: &Departing<'_>| mover.decide(message)
    });
    Attack::new(
        "last-word-after-an-error",
        "errs in one step, and says last in another what makes the sum of all zero",
        "Cleve, STOC 1986 (rushing); Damgard et al., ESORICS 2013: why MAC checks commit",
        plan,
        Expected::Caught,
    )
}

struct LastMover {
    corrupted: Vec<PartyId>,
    error: Step,
    word: Step,
    /// Who says the last word, and how many it has to hear before.
    speaker: PartyId,
    others: usize,
    rng: PartyRng,
    /// What the speaker was told in the later step, by occurrence.
    heard: BTreeMap<u32, Vec<Vec<u8>>>,
}

impl LastMover {
    fn new(
        setting: &Setting,
        error: &str,
        word: &str,
        (speaker, others): (PartyId, usize),
    ) -> Self {
        LastMover {
            corrupted: setting.corrupted.clone(),
            error: error.to_owned(),
            word: word.to_owned(),
            speaker,
            others,
            rng: setting.seed.rng("last mover", PartyId(0)),
            heard: BTreeMap::new(),
        }
    }

    fn decide(&mut self, message: &Departing<'_>) -> Option<(Decision, String)> {
        let is_own = self.corrupted.contains(&message.from);
        let others_speak = self.corrupted.first() != Some(&self.speaker);
        if message.scope == self.word && message.to == self.speaker && (others_speak || !is_own) {
            self.heard.entry(message.occurrence).or_default().push(message.body.to_vec());
        }
        if !is_own || self.corrupted.contains(&message.to) {
            return None;
        }
        if message.scope == self.error {
            let body = self.changed(message, ElementChange::Add(1));
            return Some((Decision::Replace(body), "adds one to every element".to_owned()));
        }
        let heard = self.heard.get(&message.occurrence)?;
        let fits = heard.iter().all(|body| body.len() == message.body.len());
        let is_silent = others_speak && message.from != self.speaker;
        if message.scope != self.word || heard.len() < self.others || !fits || is_silent {
            return None;
        }
        let body = self.last_word(message);
        Some((Decision::Replace(body), "says what makes the sum zero".to_owned()))
    }

    fn changed(&mut self, message: &Departing<'_>, change: ElementChange) -> Vec<u8> {
        let mut body = message.body.to_vec();
        for field in message.fields.iter().filter(|field| is_summed(field)) {
            for index in 0..field.count {
                change.apply(field, &mut body, index, &mut self.rng);
            }
        }
        body
    }

    /// The speaker says the negative of what it was told, others nothing.
    fn last_word(&mut self, message: &Departing<'_>) -> Vec<u8> {
        let mut body = self.changed(message, ElementChange::Set(0));
        if self.speaker != message.from {
            return body;
        }
        let mut heard = self.heard.get(&message.occurrence).cloned().unwrap_or_default();
        for field in message.fields.iter().filter(|field| is_summed(field)) {
            for index in 0..field.count {
                for told in &mut heard {
                    let mut value = 0;
                    field.mutate(told, index, |old| {
                        value = old;
                        old
                    });
                    ElementChange::Add(value).apply(field, &mut body, index, &mut self.rng);
                }
                ElementChange::Negate.apply(field, &mut body, index, &mut self.rng);
            }
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_leave_numbers_out() {
        assert_eq!(kind("online/mul[3]/open"), "online/mul/open");
        assert_eq!(kind("online/less[12]/carry[a[1]]"), "online/less/carry");
    }
}
