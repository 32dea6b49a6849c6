//! Is a challenge decided only when a coalition has said what it checks?
//!
//! *For late draws*: of each challenge the last word is looked for that the coalition says before
//! anybody speaks of it. The session is run again with the same draws until then, and others of
//! honest parties from then on. A challenge that stays what it was follows from what was drawn
//! before, such as a coin that was tossed once and stretched.
//!
//! *That are told*: challenges that nobody speaks of, which a party draws for itself, such as which
//! circuits it opens, against what the coalition hears before its last word.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{AdversaryKind, PartyId};
use mpclab_sim::{Stream, Tape};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

use super::Probe;
use super::challenges::{self, Drawn, Places};
use super::findings::{Compared, Test};
use super::salted::{self, Salt, Salted, Session};
use super::tape::below;
use crate::battery::last_mover::kind;
use crate::evidence::agreement::{self, Choice};
use crate::evidence::xors;
use crate::runner::Against;
use crate::runner::verdict::Threat;

/// Names of the tests.
pub(super) const LATE: &str = "challenges for late draws";
pub(super) const TOLD: &str = "challenges that are told";

const SET: u32 = (1 << 8) + 112;
const COALITIONS: usize = 2;
/// Places of one kind, and values of each, in all so many.
const PLACES: usize = 6;
const VALUES: (usize, usize) = (2, 64);
/// Runs with other draws.
const RUNS: u32 = 4;
/// Runs in which what is heard is compared, their first, and bytes that are.
const HEARD: u32 = 300;
const FIRST: u32 = 1000;
const BYTES: usize = 128;
/// Bytes of which XORs are searched.
const GROUP: usize = 8;

/// Judges challenges of a protocol that claims to withstand cheaters.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Test> {
    if probe.target.claims().adversary == AdversaryKind::SemiHonest {
        return Vec::new();
    }
    let sessions = salted::sessions(probe, block, (SET, COALITIONS), is_tested).into_iter();
    let test = |of| {
        let late = Late { of };
        [late.decided(), late.told()]
    };
    sessions.flat_map(test).flatten().collect()
}

/// A coalition in one session.
struct Late<'a> {
    of: Session<'a>,
}

/// What a run shows.
#[derive(Default)]
struct Ran {
    challenges: Places,
    said: Vec<Said>,
    /// Random functions that the coalition evaluates.
    held: BTreeSet<[u8; 32]>,
}

/// A message: whether the coalition says it, where, and what of it the coalition hears.
struct Said {
    is_own: bool,
    scope: String,
    heard: Vec<u8>,
}

/// Whether a scope is another one or lies in it.
fn is_within(scope: &str, place: &str) -> bool {
    scope.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Late<'_> {
    /// Whether challenges stay what they are for draws after the coalition's last word before them.
    fn decided(&self) -> Option<Test> {
        let usual = self.run(None, 1, &BTreeSet::new())?;
        let of = |places: &Places, place: &str| -> Vec<Drawn> {
            places.iter().filter(|((at, _), _)| at == place).map(|(_, drawn)| *drawn).collect()
        };
        let scopes: BTreeSet<&String> = usual.challenges.keys().map(|(scope, _)| scope).collect();
        let mut of_kind: BTreeMap<String, usize> = BTreeMap::new();
        let mut compared = Vec::new();
        for place in scopes {
            let count = of_kind.entry(kind(place)).or_default();
            *count += 1;
            let begins = usual.said.iter().position(|said| is_within(&said.scope, place));
            let Some(begins) = begins.filter(|_| *count <= PLACES) else { continue };
            let words = usual.said[..begins].iter().filter(|said| said.is_own).count();
            if words > 0 {
                let again = |run| self.run(Some((words, 2 + run)), 1, &usual.held);
                let again = (0..RUNS).into_par_iter().filter_map(again);
                let again: Vec<_> = again.map(|ran| of(&ran.challenges, place)).collect();
                let runs = [vec![of(&usual.challenges, place)], again].concat();
                compared.push(challenges::late(place, &runs));
            }
        }
        let samples = compared.len() * (1 + RUNS as usize);
        let note = format!("{} places", compared.len());
        (!compared.is_empty())
            .then(|| challenges::test(LATE, &self.of.coalition, samples, note, compared))
    }

    /// Whether the coalition hears of challenges that nobody speaks of.
    fn told(&self) -> Option<Test> {
        let first = self.run(None, FIRST, &BTreeSet::new())?;
        let places: BTreeSet<&String> = first.challenges.keys().map(|(scope, _)| scope).collect();
        let is_spoken = |place: &str| first.said.iter().any(|said| is_within(&said.scope, place));
        let private: Vec<&String> =
            places.into_iter().filter(|place| !is_spoken(place)).take(PLACES).collect();
        if private.is_empty() {
            return None;
        }
        let run = |at| self.run(None, FIRST + at, &BTreeSet::new());
        let runs: Vec<Ran> = (0..HEARD).into_par_iter().filter_map(run).collect();
        let compared: Vec<Compared> =
            private.into_iter().filter_map(|place| self.follows(place, &runs)).collect();
        let samples = compared.len() * runs.len();
        (!compared.is_empty())
            .then(|| challenges::test(TOLD, &self.of.coalition, samples, String::new(), compared))
    }

    /// Whether a challenge follows what the coalition hears before its last word, near it first: the
    /// value that was used, or another one that a coin might have given.
    fn follows(&self, place: &str, runs: &[Ran]) -> Option<Compared> {
        let heard = |ran: &Ran| -> Vec<u8> {
            let near = |scope: &str| {
                scope.bytes().zip(place.bytes()).take_while(|(one, other)| one == other).count()
            };
            let last = ran.said.iter().rposition(|said| said.is_own).unwrap_or(0);
            let mut heard: Vec<&Said> = ran.said[..last].iter().collect();
            heard.sort_by_key(|said| (Reverse(near(&said.scope)), &said.scope));
            heard.into_iter().flat_map(|said| said.heard.iter().copied()).take(BYTES).collect()
        };
        let mut rng = ChaCha20Rng::from_seed(self.of.session.purpose("other challenges"));
        let mut rows: Vec<Vec<u8>> = Vec::new();
        let mut choices: Vec<Choice> = Vec::new();
        for ran in runs {
            let Some((among, used)) = ran.challenges.get(&(place.to_owned(), 0)) else { continue };
            rows.push(heard(ran));
            choices.push([*used, below(*among, &mut rng)]);
        }
        let width = rows.iter().map(Vec::len).min().filter(|width| *width > 0)?;
        let columns: Vec<Vec<u128>> =
            (0..width).map(|at| rows.iter().map(|row| u128::from(row[at])).collect()).collect();
        let secrets = [choices];
        let plane = agreement::planes(&columns, &secrets).map_or(1.0, |found| found.p_value);
        let xor = xors::follow(&columns, 8, GROUP.min(width), &secrets);
        let xor = xor.map_or(1.0, |found| found.p_value);
        Some(Compared {
            what: format!("what is heard of {place}"),
            p_value: (2.0 * plane.min(xor)).min(1.0),
            detail: format!("before its last word the coalition hears of the challenge in {place}"),
        })
    }

    /// A run with these honest draws, or with others once the coalition has said so much.
    fn run(
        &self,
        late: Option<(usize, u32)>,
        honest: u32,
        known: &BTreeSet<[u8; 32]>,
    ) -> Option<Ran> {
        let (block, set) = self.of.at;
        let salt = |run| salted::salt(self.of.probe, block, set, run);
        let (words, other) = late.unwrap_or((usize::MAX, 0));
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let tape = Changed {
            usual: Salted::new(salt(honest)).with(&self.of.coalition, salt(0)),
            other: salt(other),
            coalition: self.of.coalition.clone(),
            known: known.clone(),
            seen: Arc::clone(&seen),
        };
        let (coalition, of) = (self.of.coalition.clone(), Arc::clone(&seen));
        let watch = Watch { coalition, words, seen: of };
        let subject = salted::subject(self.of.probe, self.of.session, &self.of.inputs, tape)?;
        // What honest parties tap is kept.
        let threat = Some(Threat { is_malicious: false, breaks_network: false });
        let against = Against { adversary: Some(Box::new(watch)), threat, ..Against::default() };
        let trial = salted::run_against(&subject, against)?;
        let challenges = challenges::of_places(&trial, &self.of.coalition, VALUES);
        let Seen { said, held, .. } = std::mem::take(&mut *locked(&seen));
        Some(Ran { challenges, said, held })
    }
}

/// What is seen of a run as it goes on.
#[derive(Default)]
struct Seen {
    said: Vec<Said>,
    own_words: usize,
    is_late: bool,
    /// Whether a stream began late.
    begun: BTreeMap<Stream, bool>,
    held: BTreeSet<[u8; 32]>,
}

/// Draws of which those of honest parties are others that begin late.
struct Changed {
    usual: Salted,
    other: Salt,
    coalition: Vec<PartyId>,
    /// Random functions that the coalition evaluates: it knows them, whenever they begin.
    known: BTreeSet<[u8; 32]>,
    seen: Arc<Mutex<Seen>>,
}

impl Changed {
    fn seed(&self, stream: &Stream) -> [u8; 32] {
        let is_own = match stream {
            Stream::Party { party, .. } => self.coalition.contains(party),
            Stream::Function(name) => self.known.contains(name),
        };
        let mut seen = locked(&self.seen);
        let is_late = seen.is_late;
        let began_late = *seen.begun.entry(*stream).or_insert(is_late);
        let seed = self.usual.seed(stream);
        match began_late && !is_own {
            true => *blake3::keyed_hash(&self.other, &seed).as_bytes(),
            false => seed,
        }
    }
}

impl Tape for Changed {
    fn draw(&self, stream: &Stream, position: u64, values: u128) -> u128 {
        salted::draw(&self.seed(stream), position, values)
    }

    fn reseed(&self, stream: &Stream) -> Option<[u8; 32]> {
        Some(self.seed(stream))
    }

    fn holds(&self, party: PartyId, name: &[u8; 32], _: &[u8; 32]) {
        if self.coalition.contains(&party) {
            locked(&self.seen).held.insert(*name);
        }
    }
}

/// Looks on, and says when the coalition has said so much.
struct Watch {
    coalition: Vec<PartyId>,
    words: usize,
    seen: Arc<Mutex<Seen>>,
}

impl Adversary for Watch {
    fn corrupted(&self) -> Vec<PartyId> {
        self.coalition.clone()
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let [from, to] = [message.from, message.to].map(|party| self.coalition.contains(&party));
        let heard = if !from && to { message.body.to_vec() } else { Vec::new() };
        let mut seen = locked(&self.seen);
        seen.said.push(Said { is_own: from && !to, scope: message.scope.to_owned(), heard });
        seen.own_words += usize::from(from && !to);
        seen.is_late |= seen.own_words >= self.words;
        Decision::Pass
    }
}
