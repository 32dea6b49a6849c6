//! Does a coalition know what honest parties add to a challenge before it has to say anything itself?
//!
//! Then it chooses the challenge: it tries draws of its own until one suits it. A session is run
//! twice with the same honest draws and other draws of the coalition in one scope. If the challenge
//! is another one, while all that the coalition says before is the same, its draws are part of the
//! challenge. What honest parties say there that does not follow these draws is their part. It must
//! not be told to a coalition that keeps silent; what the coalition says itself (hashes of what all
//! have heard, say) does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Action, Pattern, Rule, Script, Seen, Selector, View};
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, PartyId};
use mpclab_sim::{Stream, Tape};
use rayon::prelude::*;

use super::Probe;
use super::challenges::{Drawn, Places, drawn};
use super::findings::{Compared, Outcome, Test};
use super::salted::{self, Salted, Session};
use crate::battery::last_mover::kind;
use crate::runner::{Against, Trial};

/// Name of the test.
pub(super) const NAME: &str = "challenges chosen last";

/// First of the sets of runs.
const SET: u32 = (1 << 8) + 96;
/// Coalitions, kinds of places with challenges, and scopes with draws that are looked at.
const COALITIONS: usize = 3;
const PLACES: usize = 3;
const SCOPES: usize = 32;
/// Fields of fewer bytes are heard by chance.
pub(super) const BYTES: usize = 8;
/// Chance that so many bytes are heard without being told.
pub(super) const CHANCE: f64 = 1e-18;

/// Tests coalitions of a protocol that claims to withstand cheaters.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Test> {
    if probe.target.claims().adversary != AdversaryKind::Malicious {
        return Vec::new();
    }
    let sessions = salted::sessions(probe, block, (SET, COALITIONS), is_tested);
    sessions.into_iter().filter_map(|of| Chooser { of }.test()).collect()
}

/// A coalition in one session.
struct Chooser<'a> {
    of: Session<'a>,
}

/// Draws of which those of a coalition in one scope are others.
struct Forked {
    usual: Salted,
    other: Salted,
    coalition: Vec<PartyId>,
    fork: Option<u64>,
    /// Scopes in which the coalition draws.
    drawn: Arc<Mutex<BTreeSet<u64>>>,
}

impl Forked {
    fn of(&self, stream: &Stream) -> &Salted {
        match stream {
            Stream::Party { party, scope, .. } if self.coalition.contains(party) => {
                self.drawn.lock().unwrap_or_else(PoisonError::into_inner).insert(*scope);
                if self.fork == Some(*scope) { &self.other } else { &self.usual }
            }
            _ => &self.usual,
        }
    }
}

impl Tape for Forked {
    fn draw(&self, stream: &Stream, position: u64, values: u128) -> u128 {
        self.of(stream).draw(stream, position, values)
    }

    fn reseed(&self, stream: &Stream) -> Option<[u8; 32]> {
        self.of(stream).reseed(stream)
    }
}

/// A run with its challenges, and the scopes in which the coalition draws.
struct Made {
    trial: Trial,
    challenges: Places,
    scopes: BTreeSet<u64>,
}

impl Chooser<'_> {
    fn test(&self) -> Option<Test> {
        let first = self.run(None, None)?;
        let mut places: BTreeMap<String, &str> = BTreeMap::new();
        for (scope, _) in first.challenges.keys() {
            places.entry(kind(scope)).or_insert(scope);
        }
        let places: Vec<&str> = places.into_values().take(PLACES).collect();
        if places.is_empty() {
            return None;
        }
        let scopes: Vec<u64> = first.scopes.iter().copied().take(SCOPES).collect();
        let others = scopes.par_iter().filter_map(|scope| self.run(Some(*scope), None));
        let others: Vec<Made> = others.collect();
        let compared = places.iter().map(|place| self.compared(&first, &others, place));
        let compared: Vec<Compared> = compared.collect();
        Some(Test {
            family: Family::Privacy,
            name: NAME.to_owned(),
            guarantee: Guarantee::Soundness,
            claimed: true,
            coalition: self.of.coalition.clone(),
            algebra: "challenges".to_owned(),
            samples: (1 + others.len() + places.len()) as u64,
            note: format!("other draws in {} scopes", scopes.len()),
            outcome: Outcome::Compared(compared),
        })
    }

    /// One run, with other draws in one scope, and with a coalition that is silent in a place.
    fn run(&self, fork: Option<u64>, silent: Option<&str>) -> Option<Made> {
        let (block, set) = self.of.at;
        let [own, other, honest] =
            [0, 1, 2].map(|run| salted::salt(self.of.probe, block, set, run));
        let salted = |own| Salted::new(honest).with(&self.of.coalition, own);
        let drawn_in = Arc::new(Mutex::new(BTreeSet::new()));
        let tape = Forked {
            usual: salted(own),
            other: salted(other),
            coalition: self.of.coalition.clone(),
            fork,
            drawn: Arc::clone(&drawn_in),
        };
        let subject = salted::subject(self.of.probe, self.of.session, &self.of.inputs, tape)?;
        let setting = subject.setting(self.of.coalition.clone());
        let trial = match silent {
            None => salted::run_against(&subject, Against::semi_honest(&setting))?,
            // Who waits for it may meet a limit.
            Some(place) => {
                let against = Against::script(&setting, silence(place), None);
                catch_unwind(AssertUnwindSafe(|| subject.run(against))).ok()?
            }
        };
        let challenges = drawn(&trial, &[]);
        let scopes = drawn_in.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(Made { trial, challenges, scopes })
    }

    fn compared(&self, first: &Made, others: &[Made], place: &str) -> Compared {
        let view = &first.trial.run.view;
        let decides = |other: &&Made| {
            let challenge = |made: &Made| -> Option<Drawn> {
                made.challenges.get(&(place.to_owned(), 0)).copied()
            };
            let both = challenge(first).zip(challenge(other));
            let is_another = both.is_some_and(|(one, other)| one != other);
            is_another && self.before(view, place) == self.before(&other.trial.run.view, place)
        };
        let fields = others.iter().find(decides).and_then(|other| {
            let fields = self.theirs(view, &other.trial.run.view, place);
            let silent = self.run(None, Some(place))?;
            let heard = silent.trial.run.view.received.iter();
            let heard: Vec<&[u8]> = heard
                .filter(|seen| is_in(seen, place) && !self.of.coalition.contains(&seen.from))
                .map(Seen::body)
                .collect();
            let knows = |field: &Vec<u8>| heard.iter().any(|body| holds(body, field));
            (!fields.is_empty() && fields.iter().all(knows)).then_some(fields.len())
        });
        Compared {
            what: format!("draws for {place}"),
            p_value: if fields.is_some() { CHANCE } else { 1.0 },
            detail: format!(
                "the coalition draws a part of the challenge in {place}, and hears all that honest \
                 parties add ({} fields) before it says anything there",
                fields.unwrap_or(0)
            ),
        }
    }

    /// What the coalition says outside of a place, until it speaks there.
    fn before<'v>(&self, view: &'v View, place: &str) -> Vec<(&'v str, PartyId, &'v [u8])> {
        let is_own = |seen: &&Seen| !self.of.coalition.contains(&seen.to);
        let sent = || view.sent.iter().filter(is_own);
        let inside = sent().filter(|seen| is_in(seen, place)).map(|seen| seen.at_ns).min();
        let until = inside.unwrap_or(u64::MAX);
        let outside = sent().filter(|seen| !is_in(seen, place) && seen.at_ns < until);
        outside.map(|seen| (seen.scope(), seen.to, seen.body())).collect()
    }

    /// Fields of what honest parties say in a place and the coalition does not, in messages that are
    /// the same whatever the coalition draws.
    fn theirs(&self, view: &View, other: &View, place: &str) -> BTreeSet<Vec<u8>> {
        let told = |view: &View| -> BTreeMap<(String, PartyId, PartyId, u32), Vec<Vec<u8>>> {
            let sent = view.sent.iter().filter(|seen| is_in(seen, place));
            let own: BTreeSet<Vec<u8>> = sent.flat_map(fields).collect();
            let received = view.received.iter().filter(|seen| is_in(seen, place));
            let received = received.filter(|seen| !self.of.coalition.contains(&seen.from));
            received
                .map(|seen| {
                    let slot = (seen.scope().to_owned(), seen.from, seen.to, seen.occurrence);
                    (slot, fields(seen).into_iter().filter(|field| !own.contains(field)).collect())
                })
                .collect()
        };
        let other = told(other);
        let same = told(view).into_iter().filter(|(slot, fields)| other.get(slot) == Some(fields));
        same.flat_map(|(_, fields)| fields).collect()
    }
}

/// A coalition that says nothing in a place.
fn silence(place: &str) -> Script {
    let rule = |scope: String| Rule {
        on: Selector { scope: Some(Pattern(scope)), ..Selector::default() },
        action: Action::Drop,
    };
    let rules = vec![rule(place.to_owned()), rule(format!("{place}/*"))];
    Script { rules, ..Script::default() }
}

/// Whether a message belongs to a scope or to one within it.
fn is_in(seen: &Seen, place: &str) -> bool {
    let rest = seen.scope().strip_prefix(place);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Contents of fields that are long enough to be told from chance.
fn fields(seen: &Seen) -> Vec<Vec<u8>> {
    let content = |field: &mpclab_sim::wire::Field| {
        let end = field.offset.saturating_add(field.bytes());
        seen.body().get(field.offset..end).filter(|bytes| bytes.len() >= BYTES).map(<[u8]>::to_vec)
    };
    seen.fields().iter().filter_map(content).collect()
}

/// Whether bytes stand within others.
fn holds(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len().max(1)).any(|window| window == part)
}
