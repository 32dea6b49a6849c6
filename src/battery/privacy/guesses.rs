//! A rushing coalition that computes: it runs honest parties' own code on draws of its own choice,
//! and finds out which of them fit what it hears.
//!
//! A commitment hides what was drawn only if there are too many draws to try. The coalition knows the
//! session, who takes part, and the code. Before it has to say anything it hears what honest parties
//! say first; if their draws are among those that it can try, it knows what they will open, and
//! chooses its own draws so that a coin falls as it likes. It follows the protocol with them.
//! Of a protocol with inputs it asks which input goes with what it hears: two inputs that it may not
//! tell apart must not make messages that it has met with one of them alone. It looks at messages one
//! by one, and at what is opened: the sum of what all tell each other in one place. Masks from too
//! short a seed look uniform one by one, but they come again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use mpclab_protocols::program::Inputs;
use mpclab_reports::battery::Family;
use mpclab_sim::RunSeed;
use mpclab_sim::adversary::{Seen, View};
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, PartyId};
use mpclab_sim::wire::Algebra;
use rayon::prelude::*;

use super::findings::{Compared, Outcome, Test};
use super::independent::{self, LEAST_RUNS};
use super::salted::{self, Salt, Salted};
use super::sums::{FieldPlace, Sum, Told, sums};
use super::{ALPHA, Probe};
use crate::evidence::{contingency, interval};
use crate::runner::Trial;

/// Names of the tests.
pub(super) const COIN: &str = "coin under guessing";
pub(super) const OPAQUE: &str = "guessed content";

/// First of the sets of runs; each coalition takes so many.
const SET: u32 = (1 << 8) + 32;
const SETS: u32 = 4;
/// Draws that a coalition tries at first: only if two of them make the same message it tries more.
const LOOKS: u32 = 256;
const CANDIDATES: u32 = 1 << 12;
/// Draws of honest parties that fit, and own ones, which are looked at of each run.
const FITTING: usize = 2;
const OWN: u32 = 4;
/// Fewest bytes that are taken to hide something.
const HIDING: usize = 8;
/// Places that are looked at.
const FIELDS: usize = 32;
/// Coalitions that ask for inputs.
const COALITIONS: usize = 2;

/// Tests coalitions on one block of seeds.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(Guarantee, &[PartyId]) -> bool,
) -> Vec<Test> {
    let tried = independent::tried(probe).into_iter().zip((SET..).step_by(SETS as usize));
    let guess = |coalition, set| Guess { probe, block, set, coalition };
    if independent::is_coin(probe) {
        let tried =
            tried.filter(|(coalition, _)| is_tested(Guarantee::InputIndependence, coalition));
        return tried.map(|(coalition, set)| guess(coalition, set).coin()).collect();
    }
    let tried = tried.take(COALITIONS);
    let tried = tried.filter(|(coalition, _)| is_tested(Guarantee::Privacy, coalition));
    tried.filter_map(|(coalition, set)| guess(coalition, set).content()).collect()
}

/// A coalition that guesses.
struct Guess<'a> {
    probe: &'a Probe<'a>,
    block: u32,
    /// First of its sets of runs.
    set: u32,
    coalition: Vec<PartyId>,
}

/// What an honest party said first, by what it drew then.
type Table = BTreeMap<Vec<u8>, Vec<u32>>;
/// Where something was heard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Scope, sender, receiver, place in the channel, field.
    Field(String, PartyId, PartyId, u32, usize),
    /// The sum of what all told each other: scope, place in the channel, field.
    Sum(String, u32, usize),
    /// The sums of all scopes whose names differ in numbers alone.
    Sums(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Field(scope, from, to, occurrence, field) => {
                write!(f, "{scope}, {from} to {to}, {occurrence}, {field}")
            }
            Place::Sum(scope, occurrence, field) => {
                write!(f, "sum in {scope}, {occurrence}, {field}")
            }
            Place::Sums(scope) => write!(f, "sums in {scope}"),
        }
    }
}

/// By place, what was heard there, with the class of each run.
type Fields = BTreeMap<Place, Vec<(usize, Vec<u8>)>>;

impl Guess<'_> {
    fn session(&self) -> RunSeed {
        self.probe.seed(self.block, self.set, 0)
    }

    fn salt(&self, kind: u32, run: u32) -> Salt {
        salted::salt(self.probe, self.block, self.set + kind, run)
    }

    fn honest(&self) -> Vec<PartyId> {
        let all = self.probe.cell.cell.roles.computing();
        all.filter(|party| !self.coalition.contains(party)).collect()
    }

    fn run(&self, inputs: &[Inputs], salted: Salted) -> Option<Trial> {
        salted::run(self.probe, self.session(), inputs, &self.coalition, salted)
    }

    fn test(&self, name: &str, guarantee: Guarantee, samples: u64, note: String) -> Test {
        let claims = self.probe.target.claims();
        let claimed = match guarantee {
            Guarantee::Privacy => self.probe.target.leaks().is_none(),
            _ => claims.adversary == AdversaryKind::Malicious,
        };
        Test {
            family: Family::Privacy,
            name: name.to_owned(),
            guarantee,
            claimed,
            coalition: self.coalition.clone(),
            algebra: "draws that can be tried".to_owned(),
            samples,
            note,
            outcome: Outcome::Compared(Vec::new()),
        }
    }

    /// Whether the coalition can make the first bit of a coin zero.
    fn coin(&self) -> Test {
        let honest = self.honest();
        let test = |samples, note| self.test(COIN, Guarantee::InputIndependence, samples, note);
        let mut tables = vec![Table::new(); honest.len()];
        self.look(&honest, &mut tables, 0..LOOKS);
        let is_open = |table: &Table| (2..LOOKS as usize).contains(&table.len());
        if honest.is_empty() || !tables.iter().all(is_open) {
            let most = u64::from(LOOKS) * u64::from(LOOKS) / 4;
            let note = format!("sees commitments to one of {most} draws or fewer");
            return test(LOOKS.into(), note);
        }
        self.look(&honest, &mut tables, LOOKS..CANDIDATES);
        let runs = self.probe.effort.fixed as u32;
        let made: Vec<Option<bool>> =
            (0..runs).into_par_iter().map(|run| self.toss(&honest, &tables, run)).collect();
        let bits: Vec<bool> = made.iter().flatten().copied().collect();
        let (all, zeros) = (bits.len() as u64, bits.iter().filter(|bit| !**bit).count() as u64);
        // Whoever may abort may bias those that are left.
        if bits.len() < made.len() || bits.len() < LEAST_RUNS {
            return test(all, format!("without an output in {} runs", made.len() as u64 - all));
        }
        let compared = Compared {
            what: "guessing: bit 0".to_owned(),
            p_value: interval::soundness(zeros, all, 0.5, ALPHA).p_value,
            detail: format!(
                "a coalition that tries {CANDIDATES} draws of honest parties makes bit 0 of the \
                 output zero in {zeros} of {all} runs"
            ),
        };
        let note = independent::fewest(all);
        let outcome = Outcome::Compared(vec![compared]);
        Test { outcome, ..test(u64::from(CANDIDATES) + all, note) }
    }

    /// What honest parties say first if they draw these.
    fn look(&self, honest: &[PartyId], tables: &mut [Table], candidates: std::ops::Range<u32>) {
        let own = self.salt(1, 0);
        let said = |candidate: u32| {
            let salted = Salted::new(self.salt(0, candidate)).with(&self.coalition, own);
            let trial = self.run(&[], salted)?;
            Some((candidate, first_words(&trial, honest)))
        };
        let all: Vec<_> = candidates.into_par_iter().filter_map(said).collect();
        for (candidate, words) in all {
            for (table, words) in tables.iter_mut().zip(words) {
                table.entry(words).or_default().push(candidate);
            }
        }
    }

    /// A coin among honest parties that draw afresh and a coalition that has tried their draws.
    fn toss(&self, honest: &[PartyId], tables: &[Table], run: u32) -> Option<bool> {
        let of_honest = Salted::new(self.salt(2, run));
        let with_own =
            |salted: &Salted, own: u32| salted.clone().with(&self.coalition, self.salt(1, own));
        let heard = first_words(&self.run(&[], with_own(&of_honest, 0))?, honest);
        let fitting = |at: usize| {
            let fit = |(table, words): (&Table, &Vec<u8>)| table.get(words)?.get(at).copied();
            let all: Option<Vec<u32>> = tables.iter().zip(&heard).map(fit).collect();
            let drawn = honest.iter().zip(all?);
            Some(drawn.fold(of_honest.clone(), |salted, (party, candidate)| {
                salted.with(&[*party], self.salt(0, candidate))
            }))
        };
        let guesses: Vec<Salted> = (0..FITTING).map_while(fitting).collect();
        let zeros = |own: &u32| {
            let is_zero = |guess: &&Salted| {
                let trial = self.run(&[], with_own(guess, *own));
                trial.and_then(|trial| self.bit(&trial)) == Some(false)
            };
            guesses.iter().filter(is_zero).count()
        };
        let own = match guesses.is_empty() {
            true => 0,
            false => (0..OWN).rev().max_by_key(zeros)?,
        };
        let trial = self.run(&[], with_own(&of_honest, own))?;
        // It has to choose before it says anything.
        (first_words(&trial, honest) == heard).then(|| self.bit(&trial)).flatten()
    }

    fn bit(&self, trial: &Trial) -> Option<bool> {
        let output = independent::honest_output(trial, self.probe)?;
        let bits = output.iter().find_map(|(_, column)| column.bits().cloned())?;
        (!bits.is_empty()).then(|| bits.get(0))
    }

    /// Whether what is heard goes with one of two inputs; nothing where the coalition hears nothing.
    fn content(&self) -> Option<Test> {
        let seed = self.probe.seed(0, self.set, 1);
        let pair = self.probe.pair(&self.coalition, &seed)?;
        let honest = self.honest();
        let hears = |kind: u32, runs: usize| -> Fields {
            let run = |at: usize| {
                let salted = Salted::new(self.salt(kind, at as u32));
                let salted = salted.with(&self.coalition, self.salt(1, 0));
                let trial = self.run(&pair.inputs[at % 2], salted)?;
                Some((at % 2, heard(&trial, &self.coalition, &honest)))
            };
            let all: Vec<_> = (0..runs).into_par_iter().filter_map(run).collect();
            let mut fields = Fields::new();
            for (class, of_run) in all {
                of_run.into_iter().for_each(|(place, bytes)| {
                    fields.entry(place).or_default().push((class, bytes));
                });
            }
            fields
        };
        if hears(0, 1).is_empty() {
            return None;
        }
        let fixed = self.probe.effort.fixed;
        let looks = hears(0, fixed / 2);
        let varies = |said: &&Vec<(usize, Vec<u8>)>| {
            let values: BTreeSet<&[u8]> = said.iter().map(|(_, bytes)| bytes.as_slice()).collect();
            (2..said.len()).contains(&values.len())
        };
        let open: Vec<&Place> =
            looks.iter().filter(|(_, said)| varies(said)).map(|(place, _)| place).collect();
        let most = fixed * fixed / 16;
        let note = format!("sees messages and openings that hide one of {most} draws or fewer");
        let test = |samples| self.test(OPAQUE, Guarantee::Privacy, samples, note.clone());
        if open.is_empty() {
            return Some(test(fixed as u64 / 2));
        }
        let (learned, asked) = (hears(2, 2 * fixed), hears(3, fixed));
        let compare = |place: &&Place| {
            let told = told(learned.get(*place)?, asked.get(*place)?);
            let right = told.iter().filter(|(class, guess)| class == guess).count();
            let guessed = told.iter().filter(|(_, guess)| *guess < 2).count();
            Some(Compared {
                what: place.to_string(),
                p_value: contingency::independence(&told).p_value,
                detail: format!(
                    "what is heard there ({place}) goes with one of two inputs, on \
                     draws that the coalition has tried: {right} of {guessed} guesses are right"
                ),
            })
        };
        let compared = open.iter().take(FIELDS).filter_map(compare).collect();
        Some(Test { outcome: Outcome::Compared(compared), ..test(3 * fixed as u64) })
    }
}

/// Of each run its class, and the class with which its bytes were met; 2 if with neither or both
/// alike.
fn told(learned: &[(usize, Vec<u8>)], asked: &[(usize, Vec<u8>)]) -> Vec<(u128, u128)> {
    let mut met: BTreeMap<&[u8], [u32; 2]> = BTreeMap::new();
    for (class, bytes) in learned {
        met.entry(bytes).or_default()[*class] += 1;
    }
    let guess = |bytes: &[u8]| match met.get(bytes) {
        Some([first, second]) if first > second => 0,
        Some([first, second]) if first < second => 1,
        _ => 2,
    };
    asked.iter().map(|(class, bytes)| (*class as u128, guess(bytes))).collect()
}

/// What each honest party tells the coalition in the first scope in which it speaks to it.
fn first_words(trial: &Trial, honest: &[PartyId]) -> Vec<Vec<u8>> {
    let received = &trial.run.view.received;
    let words = |party: &PartyId| {
        let of_party = || received.iter().filter(|seen| seen.from == *party);
        let scope = of_party().next().map(Seen::scope);
        let first = of_party().filter(|seen| Some(seen.scope()) == scope && seen.occurrence == 0);
        let mut first: Vec<&Seen> = first.collect();
        first.sort_by_key(|seen| seen.to);
        first.iter().flat_map(|seen| seen.body()).copied().collect()
    };
    honest.iter().map(words).collect()
}

/// What honest parties tell the coalition, and what follows from it and its own messages.
fn heard(trial: &Trial, coalition: &[PartyId], honest: &[PartyId]) -> Vec<(Place, Vec<u8>)> {
    let view = &trial.run.view;
    let mut all = Vec::new();
    let mut add = |seen: &Seen| {
        for (at, field) in seen.fields().iter().enumerate() {
            let end = field.offset.saturating_add(field.bytes());
            let bytes = seen.body().get(field.offset..end).filter(|bytes| bytes.len() >= HIDING);
            let scope = seen.scope().to_owned();
            let place = Place::Field(scope, seen.from, seen.to, seen.occurrence, at);
            all.extend(bytes.map(|bytes| (place, bytes.to_vec())));
        }
    };
    view.received.iter().filter(|seen| honest.contains(&seen.from)).for_each(&mut add);
    view.sent.iter().filter(|seen| honest.contains(&seen.to)).for_each(&mut add);
    let sums = coalition.first().map(|member| opened(view, *member, honest)).unwrap_or_default();
    let mut together: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for ((scope, ..), bytes) in &sums {
        let alike = scope.replace(|c: char| c.is_ascii_digit(), "");
        together.entry(alike).or_default().extend(bytes);
    }
    let single =
        sums.into_iter().map(|((scope, at, field), sum)| (Place::Sum(scope, at, field), sum));
    all.extend(single.filter(|(_, sum)| sum.len() >= HIDING));
    let together = together.into_iter().filter(|(_, sums)| sums.len() >= HIDING);
    all.extend(together.map(|(scope, sums)| (Place::Sums(scope), sums)));
    all
}

/// Sums of equal places of what a member and all others tell each other.
fn opened(view: &View, member: PartyId, honest: &[PartyId]) -> BTreeMap<FieldPlace, Vec<u8>> {
    let told = view.received.iter().filter(|seen| seen.to == member);
    let tells =
        view.sent.iter().filter(|seen| seen.from == member && honest.first() == Some(&seen.to));
    let told = told.chain(tells).map(|seen| Told {
        from: seen.from,
        scope: seen.scope(),
        occurrence: seen.occurrence,
        fields: seen.fields(),
        body: seen.body(),
    });
    let of_all = sums(told).into_iter().filter(|(_, sum)| {
        sum.from.contains(&member) && honest.iter().all(|party| sum.from.contains(party))
    });
    let bytes = |(place, sum): (_, Sum)| {
        let bytes = |(algebra, value): (Algebra, u128)| match algebra {
            Algebra::Bits => vec![value as u8],
            _ => value.to_le_bytes().to_vec(),
        };
        (place, sum.elements.into_iter().flat_map(bytes).collect())
    };
    of_all.map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_were_met_with_one_class_tell_it() {
        let said = |class, byte: u8| (class, vec![byte; 32]);
        let learned = [said(0, 1), said(1, 2), said(0, 3), said(1, 3)];
        let asked = [said(0, 1), said(1, 2), said(1, 3), said(0, 4)];
        assert_eq!(told(&learned, &asked), [(0, 0), (1, 1), (1, 2), (0, 2)]);
    }
}
