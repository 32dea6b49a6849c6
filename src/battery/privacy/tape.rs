//! Tapes: who decides the random draws of a run, with a record of what was drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Stream, Tape};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// A draw: whose, its number in the stream, and from how many values (0 stands for 2^128).
pub(super) type Draw = (Stream, u64, u128);

/// Decides draws, each of which it is asked for once.
pub(super) trait Source: Send {
    /// A value below the number of values.
    fn choose(&mut self, draw: &Draw) -> u128;
}

/// What random functions come from.
pub(super) type Key = [u8; 32];

/// Somebody who can evaluate a random function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) party: PartyId,
    /// Of the function.
    pub(super) name: [u8; 32],
    pub(super) key: Key,
}

/// What was drawn in a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// Values by draw.
    pub(super) draws: BTreeMap<Draw, u128>,
    /// Draws in the order in which they were asked for.
    pub(super) order: Vec<Draw>,
    /// Who can evaluate which random function, in the order of asking.
    pub(super) holders: Vec<Holder>,
    /// Keys that everybody knows: [`Record::keys_of_both`] of runs that have nothing in common.
    pub(super) public: Arc<BTreeSet<Key>>,
    /// Whether bytes were drawn that no tape decides.
    pub(super) has_bytes: bool,
    /// Whether a random function was read as one kind of values and again as another: what is
    /// independent here is the same stream in reality.
    pub(super) is_read_twice: bool,
}

impl Record {
    /// Keys of random functions that two runs have in common. With other seeds and other draws,
    /// such keys are constants, or made of what is public.
    pub(super) fn keys_of_both(&self, other: &Record) -> Arc<BTreeSet<Key>> {
        let keys =
            |of: &Record| of.holders.iter().map(|holder| holder.key).collect::<BTreeSet<Key>>();
        Arc::new(keys(self).intersection(&keys(other)).copied().collect())
    }
}

/// A tape that keeps what its source decides.
pub(super) struct Recorder<S> {
    state: Mutex<(S, Record)>,
}

impl<S: Source + 'static> Recorder<S> {
    pub(super) fn new(source: S) -> Arc<Self> {
        Arc::new(Recorder { state: Mutex::new((source, Record::default())) })
    }

    fn lock(&self) -> MutexGuard<'_, (S, Record)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was drawn since the last time; the next run begins.
    pub(super) fn take(&self) -> Record {
        std::mem::take(&mut self.lock().1)
    }

    /// Looks at the source, or changes it.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut self.lock().0)
    }
}

impl<S: Source + 'static> Tape for Recorder<S> {
    fn draw(&self, stream: &Stream, position: u64, values: u128) -> u128 {
        let (source, record) = &mut *self.lock();
        let draw = (*stream, position, values);
        if let Some(value) = record.draws.get(&draw) {
            return *value;
        }
        let same = (*stream, position, 0)..=(*stream, position, u128::MAX);
        let is_function = matches!(stream, Stream::Function(_));
        record.is_read_twice |= is_function && record.draws.range(same).next().is_some();
        let value = source.choose(&draw);
        record.draws.insert(draw, value);
        record.order.push(draw);
        value
    }

    fn holds(&self, party: PartyId, name: &[u8; 32], key: &Key) {
        self.lock().1.holders.push(Holder { party, name: *name, key: *key });
    }

    fn passes(&self, _: &Stream) {
        self.lock().1.has_bytes = true;
    }
}

/// Uniform draws.
pub(super) struct Uniform(ChaCha20Rng);

impl Uniform {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Uniform(ChaCha20Rng::from_seed(seed))
    }
}

impl Source for Uniform {
    fn choose(&mut self, (_, _, values): &Draw) -> u128 {
        below(*values, &mut self.0)
    }
}

/// A uniform value below `values`; 0 stands for 2^128.
pub(super) fn below(values: u128, rng: &mut impl Rng) -> u128 {
    let mask = u128::MAX >> values.wrapping_sub(1).leading_zeros().min(127);
    loop {
        let drawn = (u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())) & mask;
        if values == 0 || drawn < values {
            return drawn;
        }
    }
}

/// All branches of a run, one after the other, each a path of choices like the digits of an
/// odometer.
#[derive(Default)]
pub(super) struct Odometer {
    /// Values to choose from and the choice, in the order of asking.
    digits: Vec<(u128, u128)>,
    asked: usize,
    /// Whether a run with the same choices was asked for something else.
    is_erratic: bool,
}

impl Source for Odometer {
    fn choose(&mut self, (_, _, values): &Draw) -> u128 {
        let at = self.asked;
        self.asked += 1;
        match self.digits.get(at) {
            Some((expected, value)) => {
                self.is_erratic |= expected != values;
                *value
            }
            None => {
                self.digits.push((*values, 0));
                0
            }
        }
    }
}

impl Odometer {
    /// From how many values each draw of this branch was made.
    pub(super) fn widths(&self) -> Vec<u128> {
        self.digits.iter().map(|(values, _)| *values).collect()
    }

    /// Whether equal choices led to different draws, so that branches are no branches.
    pub(super) fn is_erratic(&self) -> bool {
        self.is_erratic || self.asked < self.digits.len()
    }

    /// Goes to the next branch; `false` if there is none.
    pub(super) fn advance(&mut self) -> bool {
        self.asked = 0;
        while let Some((values, value)) = self.digits.pop() {
            if value.wrapping_add(1) != values {
                self.digits.push((values, value + 1));
                return true;
            }
        }
        false
    }
}

/// Values that somebody else chooses, for draws that were seen before.
#[derive(Default)]
pub(super) struct Assigned {
    places: BTreeMap<Draw, usize>,
    values: Vec<u128>,
    /// A draw that was not seen before.
    pub(super) unknown: bool,
}

impl Assigned {
    pub(super) fn new(draws: &[Draw]) -> Self {
        let places = draws.iter().enumerate().map(|(at, draw)| (*draw, at)).collect();
        Assigned { places, values: Vec::new(), unknown: false }
    }

    /// The values of the next run, in the order of the draws.
    pub(super) fn assign(&mut self, values: &[u128]) {
        self.values = values.to_vec();
    }
}

impl Source for Assigned {
    fn choose(&mut self, draw: &Draw) -> u128 {
        let value = self.places.get(draw).and_then(|at| self.values.get(*at));
        self.unknown |= value.is_none();
        value.copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(call: u64) -> Stream {
        Stream::Party { party: PartyId(0), scope: 7, call }
    }

    /// A coin, and on heads a draw from three: four branches.
    #[test]
    fn an_odometer_takes_every_branch_once() {
        let tape = Recorder::new(Odometer::default());
        let mut branches = Vec::new();
        loop {
            let coin = tape.draw(&stream(2), 0, 2);
            let more = (coin == 1).then(|| tape.draw(&stream(1), 0, 3));
            assert_eq!(tape.draw(&stream(2), 0, 2), coin, "asked twice, drawn once");
            branches.push((coin, more, tape.take().order.len()));
            assert!(!tape.with(|odometer| odometer.is_erratic()));
            if !tape.with(Odometer::advance) {
                break;
            }
        }
        let expected =
            [(0, None, 1), (1, Some(0), 2), (1, Some(1), 2), (1, Some(2), 2)].map(|branch| branch);
        assert_eq!(branches, expected);
    }

    #[test]
    fn a_run_that_asks_for_something_else_is_noticed() {
        let tape = Recorder::new(Odometer::default());
        tape.draw(&stream(1), 0, 3);
        tape.take();
        assert!(tape.with(Odometer::advance));
        tape.draw(&stream(1), 0, 4);
        assert!(tape.with(|odometer| odometer.is_erratic()));
    }

    #[test]
    fn uniform_draws_fill_their_range() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for values in [1, 2, 3, 7, 256] {
            let mut seen = vec![false; values as usize];
            (0..200 * values).for_each(|_| seen[below(values, &mut rng) as usize] = true);
            assert!(seen.iter().all(|seen| *seen));
        }
        assert!((0..200).any(|_| below(0, &mut rng) >> 120 != 0));
    }

    #[test]
    fn assigned_values_are_those_of_their_draws() {
        let draws = [(stream(1), 0, 7), (stream(1), 1, 7)];
        let tape = Recorder::new(Assigned::new(&draws));
        tape.with(|assigned| assigned.assign(&[5, 6]));
        assert_eq!((tape.draw(&stream(1), 1, 7), tape.draw(&stream(1), 0, 7)), (6, 5));
        assert!(!tape.with(|assigned| assigned.unknown));
        tape.draw(&stream(2), 0, 7);
        assert!(tape.with(|assigned| assigned.unknown));
    }
}
