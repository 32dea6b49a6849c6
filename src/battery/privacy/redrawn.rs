//! Can a coalition change its part of a challenge when it has heard the parts of the others?
//!
//! Then it chooses the challenge, whatever it has committed to. A session is run again and again
//! with the same draws, while the coalition hears first and speaks last. Of each message that it
//! says about a challenge, once it has heard anything of it, every field is changed by one. Honest
//! parties have to stop before they know a challenge, or to know the same one. Where they stop, the
//! last such message is changed in as many ways as runs are affordable: a check that compares few
//! bytes is passed by some.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use mpclab_protocols::attack::{Attack, Expected, Plan};
use mpclab_sim::adversary::{Decision, Departing};
use mpclab_sim::vocabulary::{AdversaryKind, PartyId};
use mpclab_sim::wire::Field;
use rayon::prelude::*;

use super::Probe;
use super::challenges::{self, Drawn, drawn};
use super::chosen::{BYTES, CHANCE};
use super::findings::{Compared, Test};
use super::salted::{self, Salted, Session};
use crate::battery::last_mover::kind;
use crate::runner::Against;

/// Name of the test.
pub(super) const NAME: &str = "challenges changed last";

const SET: u32 = (1 << 8) + 120;
/// Coalitions, kinds of places with challenges, messages and fields of each that are looked at.
const COALITIONS: usize = 2;
const PLACES: usize = 4;
const WORDS: usize = 12;
const FIELDS: usize = 4;
/// Ways to change one message at most, and events that those of one coalition may cost, a run at
/// least so many.
const TRIES: u64 = 1 << 11;
const EVENTS: u64 = 400_000;
const EVENTS_OF_A_RUN: u64 = 60;

/// Judges challenges of a protocol that claims to withstand cheaters.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Test> {
    if probe.target.claims().adversary == AdversaryKind::SemiHonest {
        return Vec::new();
    }
    let test = |of: Session<'_>| {
        let speaker = *of.coalition.first()?;
        Changer { of, speaker }.test()
    };
    let sessions = salted::sessions(probe, block, (SET, COALITIONS), is_tested);
    sessions.into_iter().filter_map(test).collect()
}

/// A coalition in one session, of which one speaks last.
struct Changer<'a> {
    of: Session<'a>,
    speaker: PartyId,
}

/// What the speaker says to honest parties about a challenge: scope and occurrence.
type Word = (String, u32);

/// What is changed of a word: bits of the first two bytes of a field, and the last bit of its last.
#[derive(Clone, Debug)]
struct Change {
    word: Word,
    field: Range<usize>,
    bits: [u8; 2],
}

/// Words of one place in order, with the bytes of their fields.
type Words = Arc<Mutex<Vec<(Word, Vec<Range<usize>>)>>>;

/// A run's challenges by place, and its events.
struct Ran {
    challenges: BTreeMap<String, Vec<Drawn>>,
    events: u64,
}

impl Changer<'_> {
    fn test(&self) -> Option<Test> {
        let usual = self.run(None, "", &Words::default())?;
        let mut places: BTreeMap<String, &str> = BTreeMap::new();
        for place in usual.challenges.keys() {
            places.entry(kind(place)).or_insert(place);
        }
        let places: Vec<&str> = places.into_values().take(PLACES).collect();
        let affordable = EVENTS / (usual.events + EVENTS_OF_A_RUN) / places.len().max(1) as u64;
        let (mut compared, mut tries) = (Vec::new(), 0);
        for place in places {
            let words = Words::default();
            let usual = self.run(None, place, &words)?;
            let words = words.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let changed = self.changed(place, &usual, &words, affordable.min(TRIES), &mut tries);
            compared.push(Compared {
                what: format!("last words on {place}"),
                p_value: if changed.is_some() { CHANCE } else { 1.0 },
                detail: format!(
                    "when it has heard all others, {} says something else in {}, and the challenge \
                     in {place} is another one",
                    self.speaker,
                    changed.map_or_else(String::new, |(scope, _)| scope)
                ),
            });
        }
        let note = format!("{tries} words were changed");
        (tries > 0).then(|| challenges::test(NAME, &self.of.coalition, tries, note, compared))
    }

    /// The word that changes a challenge, if one does.
    fn changed(
        &self,
        place: &str,
        usual: &Ran,
        words: &[(Word, Vec<Range<usize>>)],
        affordable: u64,
        tries: &mut usize,
    ) -> Option<Word> {
        let before = usual.challenges.get(place)?;
        // Honest parties go on to another challenge; or they stop, or know the same one.
        let outcome = |change: &Change| {
            let ran = self.run(Some(change), place, &Words::default())?;
            ran.challenges.get(place).map(|challenge| challenge != before)
        };
        let of = |(word, fields): &(Word, Vec<Range<usize>>)| {
            let change = |field: &Range<usize>| Change {
                word: word.clone(),
                field: field.clone(),
                bits: [1, 0],
            };
            fields.iter().take(FIELDS).map(change).collect::<Vec<Change>>()
        };
        let changes: Vec<Change> = words.iter().take(WORDS).flat_map(of).collect();
        let outcomes: Vec<Option<bool>> = changes.par_iter().map(outcome).collect();
        *tries += changes.len();
        if let Some(at) = outcomes.iter().position(|changed| *changed == Some(true)) {
            return Some(changes[at].word.clone());
        }
        // The first field of the last message that is checked before there is a challenge.
        let checked = outcomes.iter().rposition(Option::is_none)?;
        let first = changes.iter().find(|change| change.word == changes[checked].word)?;
        let ways = (2..affordable).collect::<Vec<u64>>();
        *tries += ways.len();
        let passed = ways.par_iter().find_map_first(|way| {
            let bits = [*way as u8, (way >> 8) as u8];
            (outcome(&Change { bits, ..first.clone() })?).then_some(())
        });
        passed.map(|()| first.word.clone())
    }

    /// A run in which the coalition hears first, and one word is another one; words that it says in
    /// a place after having heard something there are kept.
    fn run(&self, change: Option<&Change>, place: &str, words: &Words) -> Option<Ran> {
        let (block, set) = self.of.at;
        let [own, honest] = [0, 1].map(|run| salted::salt(self.of.probe, block, set, run));
        let tape = Salted::new(honest).with(&self.of.coalition, own);
        let subject = salted::subject(self.of.probe, self.of.session, &self.of.inputs, tape)?;
        let setting = subject.setting(self.of.coalition.clone());
        let last = Last {
            speaker: self.speaker,
            coalition: self.of.coalition.clone(),
            place: place.to_owned(),
            change: change.cloned(),
            words: Arc::clone(words),
            has_heard: false,
        };
        let plan = Plan::adaptive(true, move |_| {
            let mut last = last.clone();
            move |message: &Departing<'_>| last.decide(message)
        });
        let attack = Attack::new(NAME, "speaks last", "Blum, CRYPTO 1981", plan, Expected::Caught);
        let against = Against::attack(&setting, &attack, None);
        let trial = salted::run_against(&subject, against)?;
        let mut challenges: BTreeMap<String, Vec<Drawn>> = BTreeMap::new();
        for ((place, _), drawn) in drawn(&trial, &self.of.coalition) {
            challenges.entry(place).or_default().push(drawn);
        }
        Some(Ran { challenges, events: trial.run.events })
    }
}

/// Who speaks last, and what it changes.
#[derive(Clone)]
struct Last {
    speaker: PartyId,
    coalition: Vec<PartyId>,
    place: String,
    change: Option<Change>,
    words: Words,
    has_heard: bool,
}

impl Last {
    fn decide(&mut self, message: &Departing<'_>) -> Option<(Decision, String)> {
        let [from, to] = [message.from, message.to].map(|party| self.coalition.contains(&party));
        let rest = message.scope.strip_prefix(self.place.as_str());
        let is_in_place = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.has_heard |= is_in_place && !from && to;
        if message.from != self.speaker || to {
            return None;
        }
        let word = (message.scope.to_owned(), message.occurrence);
        if let Some(change) = self.change.as_ref().filter(|change| change.word == word) {
            let mut body = message.body.to_vec();
            if let Some(field) = body.get_mut(change.field.clone()) {
                field.iter_mut().zip(change.bits).for_each(|(byte, bits)| *byte ^= bits);
                field.iter_mut().next_back().into_iter().for_each(|byte| *byte ^= 1);
            }
            return Some((Decision::Replace(body), "says something else".to_owned()));
        }
        let long = message.fields.iter().filter(|field| field.bytes() >= BYTES);
        let bytes = |field: &Field| field.offset..field.offset + field.bytes();
        let fields: Vec<Range<usize>> = long.map(bytes).collect();
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !words.iter().any(|(known, _)| *known == word);
        if is_in_place && self.has_heard && is_new && !fields.is_empty() {
            words.push((word, fields));
        }
        None
    }
}
