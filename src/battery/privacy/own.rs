//! What of a masked opening is left to a coalition that takes off what it drew itself?
//!
//! A mask that several parties add up hides as long as one of them is honest. If what a coalition
//! drew is the whole mask, the opened value less its draws is short, or the low bits of that are the
//! value's: a linear functional modulo a power of two.

use mpclab_sim::Stream;

use super::findings::{Compared, Outcome, Test};
use super::linear::Tossed;
use super::tape::Draw;
use super::views::{Domain, Sample, aligned};
use super::{ALPHA, Unit, openings};
use crate::evidence::masks::{Masked, detectable, less_own};

/// Runs whose openings are looked at.
const RUNS: usize = 60;
/// Openings, and what is taken off each.
const OPENED: usize = 48;
const DRAWN: usize = 96;
/// Bits above those that an opening hides.
const ABOVE: u32 = 2;

/// What a coalition drew of bounded integers, and bits.
#[derive(Clone, Default)]
pub(super) struct Own {
    /// Draws from neither two values nor a whole field, and sums of those that stand in one place.
    pub(super) integers: Vec<u128>,
    pub(super) bits: Vec<u128>,
}

impl Own {
    /// Picks them out of a coalition's draws.
    pub(super) fn of(draws: &[(Draw, u128)], is_field: impl Fn(u128) -> bool) -> Self {
        let bits = draws.iter().filter(|((_, _, values), _)| *values == 2);
        let bits = bits.map(|(_, value)| *value).take(DRAWN).collect();
        let is_integer = |values: u128| values > 2 && !is_field(values);
        let narrow: Vec<&(Draw, u128)> =
            draws.iter().filter(|((_, _, values), _)| is_integer(*values)).take(DRAWN).collect();
        let mut integers: Vec<u128> = narrow.iter().map(|(_, value)| *value).collect();
        integers.extend(sums(&narrow));
        Own { integers, bits }
    }
}

/// Sums of draws that several streams have in one place: of all of them, and of those of two.
fn sums(draws: &[&(Draw, u128)]) -> Vec<u128> {
    let place = |(stream, position, values): &Draw| match stream {
        Stream::Party { scope, call, .. } => (Some((*scope, *call)), *position, *values),
        Stream::Function(_) => (None, *position, *values),
    };
    let mut groups: Vec<(_, Vec<u128>)> = Vec::new();
    for (draw, value) in draws {
        let place = place(draw);
        match groups.iter_mut().find(|(known, _)| *known == place) {
            Some((_, group)) => group.push(*value),
            None => groups.push((place, vec![*value])),
        }
    }
    let of = |group: &Vec<u128>| -> Vec<u128> {
        let all = group.iter().fold(0, |sum: u128, value| sum.wrapping_add(*value));
        let two = group.windows(2).map(|two| two[0].wrapping_add(two[1]));
        let two = two.filter(|_| group.len() > 2);
        [all].into_iter().chain(two).collect()
    };
    groups.iter().filter(|(_, group)| group.len() > 1).flat_map(|(_, group)| of(group)).collect()
}

/// Tests of the openings of these runs; none where nothing is opened or drawn.
pub(super) fn tests(tossed: &Tossed<'_>, unit: &Unit, sigma: u32) -> Vec<Test> {
    let runs = aligned(&tossed.samples);
    let opens = runs.first().is_some_and(|(_, first)| !first.opened.is_empty());
    if !opens || unit.coalition.is_empty() {
        return Vec::new();
    }
    let samples: Vec<&Sample> = runs.iter().map(|(_, sample)| *sample).take(RUNS).collect();
    widths(&samples, unit, sigma).into_iter().chain([low_bits(tossed, unit, &runs)]).collect()
}

/// Whether something that a coalition drew leaves less of an opening than the claimed width.
fn widths(samples: &[&Sample], unit: &Unit, sigma: u32) -> Option<Test> {
    let masked = |sample: &&Sample| -> Vec<Masked> {
        let values = sample.opened.iter().take(OPENED);
        values.map(|opened| (opened.bits + sigma, opened.value)).collect()
    };
    let masked: Vec<Vec<Masked>> = samples.iter().map(masked).collect();
    let own: Vec<Vec<u128>> = samples.iter().map(|sample| sample.own.integers.clone()).collect();
    // The high part of a mask stands above some of the bits that it hides.
    let opened = samples.iter().flat_map(|sample| &sample.opened);
    let shifts = opened.map(|opened| opened.bits).max().unwrap_or(0);
    let found = less_own(&masked, &own, shifts)?;
    let detail = format!(
        "opened value {} less what the coalition drew itself (draw {}, shifted by {} bits) lacks {} \
         of {sigma} bits of its mask on average",
        found.value,
        found.less.unwrap_or(0),
        found.shift,
        found.lacks / found.runs.max(1),
    );
    let what = "width of what is left of masks".to_owned();
    let compared = Compared { what, p_value: found.p_value, detail };
    let least = detectable(found.runs, found.tried, ALPHA);
    let note = format!("sees masks of which honest parties' part lacks {least} bits or more");
    let outcome = Outcome::Compared(vec![compared]);
    let samples = found.runs;
    Some(Test {
        note,
        ..unit.test(openings::NAME, "opened values less own draws", samples, outcome)
    })
}

/// Searches the low bits of openings and what the coalition drew for honest inputs.
fn low_bits(tossed: &Tossed<'_>, unit: &Unit, runs: &[(usize, &Sample)]) -> Test {
    let bits = runs.iter().flat_map(|(_, sample)| &sample.opened).map(|opened| opened.bits).max();
    let domain = Domain::Ring((bits.unwrap_or(0) + ABOVE).min(128));
    let view: Vec<Vec<u128>> = runs.iter().map(|(_, sample)| columns(sample)).collect();
    let (outcome, note) = match tossed.relations(domain, runs, &view) {
        Ok((found, note)) => (Outcome::Searched(found), note),
        Err(why) => (Outcome::Undecided(why), String::new()),
    };
    let algebra = format!("openings and own draws, {domain}");
    Test { note, ..unit.test(openings::NAME, &algebra, runs.len() as u64, outcome) }
}

/// Columns of that search.
pub(super) fn columns(sample: &Sample) -> Vec<u128> {
    let opened = sample.opened.iter().take(OPENED).map(|opened| opened.value);
    let own = sample.own.bits.iter().chain(sample.own.integers.iter().take(OPENED));
    opened.chain(own.copied()).collect()
}

#[cfg(test)]
mod tests {
    use mpclab_sim::vocabulary::PartyId;

    use super::*;

    #[test]
    fn draws_in_one_place_are_added_up() {
        let draw = |party: u16, position, values, value| {
            let stream = Stream::Party { party: PartyId(party.into()), scope: 7, call: 1 };
            ((stream, position, values), value)
        };
        let draws = [
            draw(0, 0, 1 << 41, 5),
            draw(0, 1, 1 << 41, 6),
            draw(0, 2, 2, 1),
            draw(0, 3, 101, 9),
            draw(1, 0, 1 << 41, 10),
            draw(2, 0, 1 << 41, 20),
        ];
        let own = Own::of(&draws, |values| values == 101);
        assert_eq!(own.bits, [1]);
        assert_eq!(own.integers, [5, 6, 10, 20, 35, 15, 30]);
    }
}
