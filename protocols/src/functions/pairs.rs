//! Pairs of inputs that a coalition can't tell apart by what it brings and learns.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use super::numbers::Numbers;
use super::sample::{column, uniform};
use super::{Function, Task};
use crate::program::domain::Domain;
use crate::program::{InputDecl, Inputs, Program, Range, interpret};

/// Two vectors of inputs, by input party.
pub type InputPair = [Vec<Inputs>; 2];

/// The values of one column, by input party; empty for a party that does not bring it.
pub(super) type Rows = Vec<Vec<i128>>;

/// Draws of a dedicated construction before the search takes over. On wide domains nearly every
/// draw is good.
const DRAWS: usize = 64;

/// Inputs from which the search starts, and variants of each that it looks at.
const STARTS: usize = 16;
const VARIANTS: usize = 64;

/// Domains of at most so many assignments are searched exhaustively in the end.
const EXHAUSTIVE: u64 = 1 << 14;

/// A function among parties some of whom are corrupted.
pub(super) struct Coalition<'a, F: Function> {
    params: &'a F::Params,
    honest: Vec<bool>,
}

impl<'a, F: Function> Coalition<'a, F> {
    pub(super) fn new(params: &'a F::Params, parties: usize, corrupted: &[usize]) -> Self {
        let honest = (0..parties).map(|party| !corrupted.contains(&party)).collect();
        Coalition { params, honest }
    }

    pub(super) fn is_honest(&self, party: usize) -> bool {
        self.honest.get(party).copied().unwrap_or(false)
    }

    /// The honest input parties, in random order.
    pub(super) fn honest_parties(&self, rng: &mut dyn Rng) -> Vec<usize> {
        parties_of(&self.honest, true, rng)
    }

    /// The corrupted input parties, in random order.
    pub(super) fn corrupted_parties(&self, rng: &mut dyn Rng) -> Vec<usize> {
        parties_of(&self.honest, false, rng)
    }

    /// Party and row of every honest value.
    pub(super) fn honest_cells<T>(&self, rows: &[Vec<T>]) -> Vec<(usize, usize)> {
        cells_of(&self.honest, rows.iter().map(Vec::len).collect())
    }

    /// The same with the honest values in random order, over rows and parties.
    pub(super) fn shuffled<T: Clone>(&self, rows: &[Vec<T>], rng: &mut dyn Rng) -> Vec<Vec<T>> {
        let cells = self.honest_cells(rows);
        let mut from = cells.clone();
        from.shuffle(rng);
        let mut shuffled = rows.to_vec();
        for ((party, at), (old_party, old_at)) in cells.into_iter().zip(from) {
            shuffled[party][at] = rows[old_party][old_at].clone();
        }
        shuffled
    }

    /// At each position on its own an amount moves from one honest party to another: sums stay.
    /// `None` if fewer than two are honest.
    pub(super) fn move_amounts(
        &self,
        first: &Rows,
        range: Range,
        rng: &mut dyn Rng,
    ) -> Option<Rows> {
        let mut second = first.clone();
        for at in 0..first.first()?.len() {
            let [a, b, ..] = self.honest_parties(rng)[..] else { return None };
            let both = first[a][at] + first[b][at];
            let fitting =
                Range { lo: range.lo.max(both - range.hi), hi: range.hi.min(both - range.lo) };
            second[a][at] = uniform(rng, fitting);
            second[b][at] = both - second[a][at];
        }
        Some(second)
    }

    /// Generated inputs of all parties.
    pub(super) fn draw(&self, rng: &mut dyn Rng) -> Vec<Inputs> {
        let parties = self.honest.len();
        (0..parties).map(|party| F::generate(self.params, party, parties, rng)).collect()
    }

    /// One column of generated inputs of all parties.
    pub(super) fn rows(&self, name: &str, rng: &mut dyn Rng) -> Rows {
        let take = |inputs: Inputs| inputs.integers(name).unwrap_or_default().to_vec();
        self.draw(rng).into_iter().map(take).collect()
    }

    /// The same of numbers of any width, as their values.
    pub(super) fn values(&self, numbers: Numbers, name: &str, rng: &mut dyn Rng) -> Rows {
        self.draw(rng).iter().map(|inputs| numbers.values(name, inputs)).collect()
    }

    /// Inputs that consist of one column.
    pub(super) fn pair(name: &str, first: Rows, second: Rows) -> InputPair {
        let inputs = |row: Vec<i128>| match row.len() {
            0 => Inputs::new(),
            _ => column(name, row),
        };
        [first, second].map(|rows| rows.into_iter().map(inputs).collect())
    }

    /// Inputs that consist of one column of numbers of any width, which all parties bring.
    pub(super) fn pair_of(numbers: Numbers, name: &str, pair: [Rows; 2]) -> InputPair {
        pair.map(|rows| rows.into_iter().map(|row| numbers.columns(name, row)).collect())
    }

    /// The first pair of a dedicated construction whose halves differ; by search if it fails. The
    /// construction leaves outputs equal.
    pub(super) fn construct(
        &self,
        rng: &mut dyn Rng,
        make: impl Fn(&mut dyn Rng) -> Option<InputPair>,
    ) -> Option<InputPair> {
        let mut draws = (0..DRAWS).filter_map(|_| make(rng));
        let found = draws.find(|[first, second]| first != second);
        found.or_else(|| self.search(true, rng))
    }

    /// Looks for a pair by random draws and small changes of them, and over the whole domain if it
    /// is small. What has to be equal: corrupted inputs, declared leakage, and the outputs if they
    /// are seen, as the interpreter has them. A relation's outputs are not fixed by the inputs, so
    /// nothing is found for one whose outputs are seen.
    pub(super) fn search(&self, outputs_seen: bool, rng: &mut dyn Rng) -> Option<InputPair> {
        let task = F::build(self.params, self.honest.len()).ok()?;
        let parties = self.honest.len();
        let search = Search {
            task: &task,
            honest: &self.honest,
            draw: &|party, rng| F::generate(self.params, party, parties, rng),
            leakage: &|inputs| F::leakage(self.params, inputs),
        };
        search.run(outputs_seen, rng)
    }
}

/// Inputs of one input party, uniform over their declared ranges.
pub fn uniform_inputs(task: &Task, party: usize, rng: &mut dyn Rng) -> Inputs {
    let decls = task.inputs().iter().filter(|decl| decl.party == party);
    let column = |decl: &InputDecl| {
        let values: Vec<i128> = (0..decl.len).map(|_| uniform(rng, decl.range)).collect();
        (decl.name.to_string(), values)
    };
    decls.map(column).collect()
}

/// Two vectors of inputs as [`Function::equal_view_inputs`] gives them, for a task that is known by
/// its program alone: found by its search, from uniform draws, without leakage.
pub fn equal_view_inputs(
    task: &Task,
    parties: usize,
    corrupted: &[usize],
    outputs_seen: bool,
    rng: &mut dyn Rng,
) -> Option<InputPair> {
    let honest: Vec<bool> = (0..parties).map(|party| !corrupted.contains(&party)).collect();
    let search = Search {
        task,
        honest: &honest,
        draw: &|party, rng| uniform_inputs(task, party, rng),
        leakage: &|_| Vec::new(),
    };
    search.run(outputs_seen, rng)
}

/// A search for a pair, whatever the inputs are drawn by.
struct Search<'a> {
    task: &'a Task,
    honest: &'a [bool],
    draw: &'a dyn Fn(usize, &mut dyn Rng) -> Inputs,
    leakage: &'a dyn Fn(&[Inputs]) -> Vec<i128>,
}

impl Search<'_> {
    fn is_honest(&self, party: usize) -> bool {
        self.honest.get(party).copied().unwrap_or(false)
    }

    fn run(&self, outputs_seen: bool, rng: &mut dyn Rng) -> Option<InputPair> {
        let program = match self.task {
            Task::Program(program) => outputs_seen.then_some(program.as_ref()),
            Task::Relation(_) if outputs_seen => return None,
            Task::Relation(_) => None,
        };
        let (free, fixed): (Vec<&InputDecl>, Vec<&InputDecl>) =
            self.task.inputs().iter().partition(|decl| self.is_honest(decl.party));
        if Domain::of(free.iter().copied()).is_within(1) {
            return None;
        }
        for _ in 0..STARTS {
            let start: Vec<Inputs> =
                (0..self.honest.len()).map(|party| (self.draw)(party, rng)).collect();
            let mut collision = Collision::default();
            collision.insert(self.seen(program, &start), &start);
            for _ in 0..VARIANTS {
                let variant = self.vary(&start, &free, rng);
                let found = collision.insert(self.seen(program, &variant), &variant);
                if found.is_some() {
                    return found;
                }
            }
        }
        self.exhaust(program, &free, &fixed)
    }

    /// What the coalition learns apart from its own inputs; none if the functionality refuses.
    fn seen(&self, program: Option<&Program>, inputs: &[Inputs]) -> Option<Vec<Vec<i128>>> {
        let mut seen = vec![(self.leakage)(inputs)];
        if let Some(program) = program {
            seen.push(interpret(program, inputs).ok()?.outputs);
        }
        Some(seen)
    }

    /// Other honest inputs: all anew, one party's anew, one value anew, an amount moved from one
    /// value to another, or two values exchanged.
    fn vary(&self, start: &[Inputs], free: &[&InputDecl], rng: &mut dyn Rng) -> Vec<Inputs> {
        let mut inputs = start.to_vec();
        let renewed = match rng.random_range(0..5u32) {
            0 => parties_of(self.honest, true, rng),
            1 => parties_of(self.honest, true, rng).into_iter().take(1).collect(),
            _ => Vec::new(),
        };
        for &party in &renewed {
            inputs[party] = (self.draw)(party, rng);
        }
        if !renewed.is_empty() {
            return inputs;
        }
        let (from, to) = (Place::random(free, rng), Place::random(free, rng));
        let (a, b) = (from.value(start), to.value(start));
        let (a, b) = match rng.random_range(0..3u32) {
            0 => (uniform(rng, from.decl.range), b),
            1 => (a - 1, b + 1),
            _ => (b, a),
        };
        if from.decl.range.contains(a) && to.decl.range.contains(b) {
            // In this order, so that a value that meets itself changes all the same.
            to.set(&mut inputs, b);
            from.set(&mut inputs, a);
        }
        inputs
    }

    fn exhaust(
        &self,
        program: Option<&Program>,
        free: &[&InputDecl],
        fixed: &[&InputDecl],
    ) -> Option<InputPair> {
        if !Domain::of(free.iter().chain(fixed).copied()).is_within(EXHAUSTIVE) {
            return None;
        }
        let (free, fixed) = (Domain::of(free.iter().copied()), Domain::of(fixed.iter().copied()));
        let mut inputs = vec![Inputs::new(); self.honest.len()];
        free.reset(&mut inputs);
        fixed.reset(&mut inputs);
        loop {
            let mut collision = Collision::default();
            loop {
                let found = collision.insert(self.seen(program, &inputs), &inputs);
                if found.is_some() {
                    return found;
                }
                if !free.advance(&mut inputs) {
                    break;
                }
            }
            if !fixed.advance(&mut inputs) {
                return None;
            }
        }
    }
}

/// Party and place of every value of those who are honest, from how many values each has.
fn cells_of(honest: &[bool], lens: Vec<usize>) -> Vec<(usize, usize)> {
    let honest = lens.into_iter().zip(honest).enumerate().filter(|(_, (_, honest))| **honest);
    honest.flat_map(|(party, (len, _))| (0..len).map(move |at| (party, at))).collect()
}

/// The honest or the other input parties, in random order.
fn parties_of(all: &[bool], honest: bool, rng: &mut dyn Rng) -> Vec<usize> {
    let mut parties: Vec<usize> = (0..all.len()).filter(|&party| all[party] == honest).collect();
    parties.shuffle(rng);
    parties
}

/// Inputs by what the coalition learns of them.
#[derive(Default)]
struct Collision(BTreeMap<Vec<Vec<i128>>, Vec<Inputs>>);

impl Collision {
    /// A pair, if other inputs look the same.
    fn insert(&mut self, seen: Option<Vec<Vec<i128>>>, inputs: &[Inputs]) -> Option<InputPair> {
        match self.0.entry(seen?) {
            Entry::Vacant(place) => {
                place.insert(inputs.to_vec());
                None
            }
            Entry::Occupied(first) if first.get() == inputs => None,
            Entry::Occupied(first) => Some([first.get().clone(), inputs.to_vec()]),
        }
    }
}

/// One value of one party.
struct Place<'a> {
    decl: &'a InputDecl,
    row: usize,
}

impl<'a> Place<'a> {
    /// One of the columns, of which there has to be one.
    fn random(decls: &[&'a InputDecl], rng: &mut dyn Rng) -> Self {
        let decl = decls[rng.random_range(0..decls.len())];
        Place { decl, row: rng.random_range(0..decl.len.max(1)) }
    }

    fn value(&self, inputs: &[Inputs]) -> i128 {
        let columns = inputs.get(self.decl.party);
        let column = columns.and_then(|columns| columns.integers(&self.decl.name));
        column.and_then(|column| column.get(self.row)).copied().unwrap_or(self.decl.range.lo)
    }

    fn set(&self, inputs: &mut [Inputs], value: i128) {
        let columns = inputs.get_mut(self.decl.party);
        let column = columns.and_then(|columns| columns.integers_mut(&self.decl.name));
        if let Some(place) = column.and_then(|column| column.get_mut(self.row)) {
            *place = value;
        }
    }
}

/// The largest value, and party and row of the first that is as large; none if there are no values.
pub(super) fn first_largest(rows: &Rows) -> Option<(i128, (usize, usize))> {
    let of = |(party, row): (usize, &Vec<i128>)| {
        row.iter().enumerate().map(move |(at, &value)| (value, (party, at))).collect::<Vec<_>>()
    };
    let values = rows.iter().enumerate().flat_map(of);
    values.reduce(|best, next| if next.0 > best.0 { next } else { best })
}
