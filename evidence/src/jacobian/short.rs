//! Functionals with values in a short interval, which a mask of few values hides too little.
//!
//! A functional that takes one value more by `shift` in one class than in the other, at all equal
//! draws, is a variable `X` against `X + shift`. Let `X` be in an interval of `width` values with
//! probability 3/4 or more, and let `k = ceil(width / |shift|)`. The intervals of `X` and of
//! `X + k shift` have nothing in common, so their statistical distance is at least 1/2; by the
//! triangle inequality, `k` equal steps lead there. Each is therefore 1 / (2 k) or more, whatever
//! distribution the mask has and of however many draws it is made.
//!
//! The interval is what [`POINTS`] independent runs span. If more than a quarter of the
//! probability were outside of it, on one side 1/8 at least, no run would be there with
//! probability `2 (7/8)^POINTS`, which is below 2^-70. That the shift is the same holds at all these
//! points, and at others near the ends of every draw and near all powers of two, where a mask that
//! wraps around would show: of polynomials of the stated degree that is certain enough.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::super::prime::Prime;
use super::round::uniform;
use super::{Finding, Question};

/// Runs that span an interval.
const POINTS: usize = 384;
/// Runs after which most functionals are out.
const FIRST: usize = 16;
/// Functionals that are looked at.
const MOST: usize = 64;
/// Multiples of a functional that are looked at because of its coefficients.
const COEFFICIENTS: usize = 8;

/// What a functional does that differs between the classes by a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shifted {
    /// Its values, which nothing moves.
    Constant([u128; 2]),
    /// It is masked, but not enough.
    Short { shift: u128, width: u128, log2_distance: f64 },
}

/// Values of functionals in both classes at the same draws.
type Pairs = Vec<[u128; 2]>;

/// Looks for a functional that few values mask, or none: the one with the largest distance, by its
/// place. Revealed draws are `fixed`; all others are drawn as the protocol draws them.
///
/// # Errors
/// What the black box fails with.
pub(super) fn shifted<V>(
    question: &Question<'_>,
    view: &V,
    fixed: &[(usize, u128)],
    functionals: &[Vec<u128>],
    rng: &mut ChaCha20Rng,
) -> Result<Option<(usize, Shifted)>, String>
where
    V: Fn(usize, &[u128]) -> Result<Vec<u128>, String>,
{
    let field = question.field;
    let at = |draws: &mut [u128], places: &[usize]| -> Result<Pairs, String> {
        fixed.iter().for_each(|(draw, value)| draws[*draw] = *value);
        let views = [view(0, draws)?, view(1, draws)?];
        let of = |place: &usize| {
            [0, 1].map(|class: usize| field.dot(&functionals[*place], &views[class]))
        };
        Ok(places.iter().map(of).collect())
    };
    let mut left: Vec<usize> = (0..functionals.len().min(MOST)).collect();
    let mut seen: Vec<Pairs> = vec![Vec::new(); functionals.len()];
    let structured = structured(question);
    let random = (0..POINTS).map(|_| None);
    for (count, draws) in random.chain(structured.into_iter().map(Some)).enumerate() {
        let mut draws = match draws {
            Some(draws) => draws,
            None => (0..question.draws).map(|draw| question.sample(draw, rng)).collect(),
        };
        for (place, pair) in left.iter().zip(at(&mut draws, &left)?) {
            seen[*place].push(pair);
        }
        left.retain(|place| is_shifted(field.modulus() - 1, &seen[*place]));
        if count >= FIRST {
            left.retain(|place| is_narrow(question, &functionals[*place], &seen[*place]));
        }
        if left.is_empty() {
            return Ok(None);
        }
    }
    let mut best: Option<(usize, Shifted)> = None;
    for place in left {
        let pairs = &seen[place];
        if pairs.iter().all(|pair| *pair == pairs[0]) {
            return Ok(Some((place, Shifted::Constant(pairs[0]))));
        }
        let mut scales = scales(field, &functionals[place]);
        // In units of each draw that has few values.
        let mut base: Vec<u128> = (0..question.draws).map(|d| question.sample(d, rng)).collect();
        for (draw, _) in question.narrow {
            let values = [0, 1].map(|value| {
                base[*draw] = value;
                Ok::<u128, String>(at(&mut base.clone(), &[place])?[0][0])
            });
            let [zero, one] = values;
            let slope = field.sub(one?, zero?);
            scales.extend((slope != 0).then(|| field.inv(slope)));
        }
        let all = scales.iter().filter_map(|scale| measure(field, pairs, *scale));
        for found in all {
            let distance = |shifted: &Shifted| match shifted {
                Shifted::Constant(_) => 0.0,
                Shifted::Short { log2_distance, .. } => *log2_distance,
            };
            if best.is_none_or(|(_, known)| distance(&known) < distance(&found)) {
                best = Some((place, found));
            }
        }
    }
    Ok(best)
}

/// Whether the classes differ by the same everywhere, modulo the largest value and one.
fn is_shifted(largest: u128, pairs: &[[u128; 2]]) -> bool {
    let shift = |pair: &[u128; 2]| minus(largest, pair[1], pair[0]);
    let (first, last) = (pairs.first().map(shift), pairs.last().map(shift));
    first == last && first != Some(0)
}

/// `a - b` modulo the largest value and one.
fn minus(largest: u128, a: u128, b: u128) -> u128 {
    if a >= b { a - b } else { largest - (b - a) + 1 }
}

/// Whether a multiple of it may be short; what depends on narrow draws is measured at the end.
fn is_narrow(question: &Question<'_>, functional: &[u128], pairs: &[[u128; 2]]) -> bool {
    let field = question.field;
    !question.narrow.is_empty()
        || scales(field, functional).iter().any(|scale| measure(field, pairs, *scale).is_some())
}

/// Factors by which a functional may become a short one.
fn scales(field: Prime, functional: &[u128]) -> Vec<u128> {
    let coefficients = functional.iter().filter(|coefficient| **coefficient != 0);
    let inverse = coefficients.take(COEFFICIENTS).map(|coefficient| field.inv(*coefficient));
    let mut scales: Vec<u128> = std::iter::once(1).chain(inverse).collect();
    scales.sort_unstable();
    scales.dedup();
    scales
}

/// The interval and the shift of a multiple, if it is short.
fn measure(field: Prime, pairs: &[[u128; 2]], scale: u128) -> Option<Shifted> {
    let scaled = |pair: &[u128; 2]| pair.map(|value| field.mul(scale, value));
    let pairs: Pairs = pairs.iter().map(scaled).collect();
    interval(field.modulus() - 1, &pairs)
}

/// The interval and the shift, if it is short.
fn interval(largest: u128, pairs: &[[u128; 2]]) -> Option<Shifted> {
    let [first, other] = pairs.first().copied()?;
    let (mut above, mut below) = (0u128, 0u128);
    for [value, _] in pairs {
        let from_first = minus(largest, *value, first);
        match from_first <= largest / 2 {
            true => above = above.max(from_first),
            false => below = below.max(minus(largest, first, *value)),
        }
    }
    let width = above.checked_add(below)?.checked_add(1)?;
    let shift = minus(largest, other, first).min(minus(largest, first, other));
    if width > largest / 4 || shift == 0 {
        return None;
    }
    let steps = width.div_ceil(shift);
    Some(Shifted::Short { shift, width, log2_distance: -1.0 - (steps as f64).log2() })
}

/// A black box whose view elements are integers modulo a power of two.
#[derive(Clone, Copy, Debug)]
pub struct Ring<'a> {
    /// Bits of an element, at most 128.
    pub bits: u32,
    /// From how many values each draw is made; 0 stands for 2^128.
    pub values: &'a [u128],
    /// Draws that the coalition knows, which are held.
    pub revealed: &'a [usize],
    /// Where random points come from.
    pub seed: u64,
}

/// Looks for a single element of a view that few values mask. That none is found decides nothing.
///
/// # Errors
/// What the black box fails with.
pub fn short_element<V>(ring: &Ring<'_>, view: V) -> Result<Option<Finding>, String>
where
    V: Fn(usize, &[u128]) -> Result<Vec<u128>, String>,
{
    let mut rng = ChaCha20Rng::seed_from_u64(ring.seed);
    let largest = u128::MAX >> (128 - ring.bits.clamp(1, 128));
    let all = |value: u128| ring.values.iter().map(move |of| value.min(of.wrapping_sub(1)));
    let near = (0..ring.bits.min(128)).flat_map(|bit| [1u128 << bit, (1u128 << bit) - 1]);
    let structured: Vec<Vec<u128>> =
        near.chain([u128::MAX]).map(|value| all(value).collect()).collect();
    let mut held: Option<Vec<u128>> = None;
    let mut seen: Vec<Pairs> = Vec::new();
    let mut left: Vec<usize> = Vec::new();
    let random = (0..POINTS).map(|_| None);
    for (count, draws) in random.chain(structured.into_iter().map(Some)).enumerate() {
        let mut draws: Vec<u128> = draws
            .unwrap_or_else(|| ring.values.iter().map(|values| below(*values, &mut rng)).collect());
        let held = held.get_or_insert_with(|| draws.clone());
        ring.revealed.iter().for_each(|draw| draws[*draw] = held[*draw]);
        let views = [view(0, &draws)?, view(1, &draws)?];
        if count == 0 {
            left = (0..views[0].len()).collect();
            seen = vec![Vec::new(); views[0].len()];
        }
        if views.iter().any(|view| view.len() != seen.len()) {
            return Err(format!("views have {} or other elements", seen.len()));
        }
        left.iter().for_each(|at| seen[*at].push([0, 1].map(|class: usize| views[class][*at])));
        left.retain(|at| is_shifted(largest, &seen[*at]));
        if count >= FIRST {
            left.retain(|at| interval(largest, &seen[*at]).is_some());
        }
        if left.is_empty() {
            return Ok(None);
        }
    }
    let found = |at: usize| {
        let pairs = &seen[at];
        let relation = vec![(at, 1)];
        if pairs.iter().all(|pair| *pair == pairs[0]) {
            return Some(Finding::Leaks { relation, values: pairs[0].map(Some) });
        }
        match interval(largest, pairs)? {
            Shifted::Short { shift, width, log2_distance } => {
                Some(Finding::Short { relation, shift, width, log2_distance })
            }
            Shifted::Constant(values) => {
                Some(Finding::Leaks { relation, values: values.map(Some) })
            }
        }
    };
    Ok(left.into_iter().find_map(found))
}

/// A uniform value below `values`; 0 stands for 2^128.
fn below(values: u128, rng: &mut ChaCha20Rng) -> u128 {
    let mask = u128::MAX >> values.wrapping_sub(1).leading_zeros().min(127);
    loop {
        let drawn = (u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())) & mask;
        if values == 0 || drawn < values {
            return drawn;
        }
    }
}

/// All draws at the ends of their ranges, and next to powers of two.
fn structured(question: &Question<'_>) -> Vec<Vec<u128>> {
    let bits = 128 - question.field.modulus().leading_zeros();
    let near = (0..bits).flat_map(|bit| [1u128 << bit, (1u128 << bit) - 1]);
    let all = |value: u128| {
        (0..question.draws).map(|draw| value.min(question.values(draw) - 1)).collect()
    };
    near.chain([u128::MAX]).map(all).collect()
}

impl Question<'_> {
    /// From how many values a draw is made.
    pub(super) fn values(&self, draw: usize) -> u128 {
        let narrow = self.narrow.iter().find(|(narrow, _)| *narrow == draw);
        narrow.map_or(self.field.modulus(), |(_, values)| (*values).max(1))
    }

    /// A draw.
    pub(super) fn sample(&self, draw: usize, rng: &mut ChaCha20Rng) -> u128 {
        let values = self.values(draw);
        if values == self.field.modulus() {
            return uniform(self.field, rng);
        }
        below(values, rng)
    }
}
