//! What cheating garblers offer that is wrong in all circuits.

use mpclab_sim::RunSeed;
use rand::Rng;

use super::GARBLER;
use super::cut::Cut;
use crate::attack::Setting;

/// What a garbler offers that is wrong; an honest one nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrong {
    /// Places of the evaluator's encoding whose label for 1 is none.
    pub(crate) probed: Vec<usize>,
    /// Places whose two labels are each in the other's place.
    pub(crate) swapped: Vec<usize>,
    /// ANDs that are other functions of their operands.
    pub(crate) shifts: Option<Shift>,
    /// Whether places are swapped and ANDs shifted in the first circuit alone, and not in all.
    pub(crate) in_one: bool,
}

/// Which ANDs are shifted by the offset: of `a`, whose permute bit is `p`, and `b` it then gives
/// `a b + a + p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    /// The first. Seeds are drawn until its permute bit is 0, so that it is the same function in
    /// all circuits.
    First,
    /// Each, so that outputs are right by chance alone.
    Every,
}

impl Wrong {
    /// A probe of one place of the encoding.
    pub(crate) fn probe(cut: &Cut, setting: &Setting) -> Self {
        Wrong { probed: drawn(setting.seed, cut.encoding.places()), ..Wrong::default() }
    }

    /// Another bit of the evaluator's than its own: the place that belongs to one bit alone.
    pub(crate) fn swap(cut: &Cut, setting: &Setting) -> Self {
        Wrong { swapped: drawn(setting.seed, cut.two.evaluator_bits()), ..Wrong::default() }
    }

    /// The same in one circuit: whether it gives another output is for the evaluator's input to say.
    pub(crate) fn swap_in_one(cut: &Cut, setting: &Setting) -> Self {
        Wrong { in_one: true, ..Wrong::swap(cut, setting) }
    }

    /// Whether labels of a place are in each other's place.
    pub(crate) fn swaps(&self, circuit: usize, place: usize) -> bool {
        (circuit == 0 || !self.in_one) && self.swapped.contains(&place)
    }

    /// Which ANDs of a circuit are shifted.
    pub(crate) fn shifts(&self, circuit: usize) -> Option<Shift> {
        self.shifts.filter(|_| circuit == 0 || !self.in_one)
    }

    /// The first AND is another function, in one circuit: whether that gives another output is for
    /// both inputs to say.
    pub(crate) fn shift_in_one() -> Self {
        Wrong { in_one: true, ..Wrong::shift(Shift::First) }
    }

    /// Another function of two bits than AND.
    pub(crate) fn shift(shift: Shift) -> Self {
        Wrong { shifts: Some(shift), ..Wrong::default() }
    }
}

/// One of so many, if there are any.
fn drawn(seed: RunSeed, among: usize) -> Vec<usize> {
    let one = |among: u64| (seed.rng("attack", GARBLER).next_u64() % among) as usize;
    (among > 0).then(|| one(among as u64)).into_iter().collect()
}
