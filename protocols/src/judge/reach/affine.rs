use std::collections::BTreeMap;

use super::lattice::{self, Term};
use super::space::Space;
use super::{Answer, TRIED, WORK};
use crate::primitives::Prg;

/// Random points of each kind at which outputs are held to be affine: two polynomials of degree `d`
/// that differ agree at few of those anywhere.
const POINTS: usize = 16;

/// Outputs as integer combinations of the unknown inputs: what is left of each output at the lower
/// ends of all ranges, and what each input adds to each output.
pub(super) struct Affine {
    rest: Vec<i128>,
    columns: Vec<Vec<i128>>,
    widths: Vec<u128>,
}

impl Affine {
    /// None if the outputs are not affine in the unknown inputs, or there are too many to see it.
    pub(super) fn of(space: &Space<'_>) -> Option<Self> {
        let lowest = space.lowest();
        let points = lowest.len() as u64 + 2 * POINTS as u64;
        if !space.is_polynomial() || points.saturating_mul(space.work()) > WORK {
            return None;
        }
        let base = space.at(&lowest)?;
        let mut columns = Vec::with_capacity(lowest.len());
        for at in 0..lowest.len() {
            let mut point = lowest.clone();
            point[at] = point[at].wrapping_add(1);
            let moved = space.at(&point)?;
            columns.push(sub(&moved, &base));
        }
        let mut rng = Prg::new([0; 32], b"affine");
        for _ in 0..POINTS {
            for point in space.random(&mut rng) {
                let mut expected = base.clone();
                for (column, by) in columns.iter().zip(sub(&point, &lowest)) {
                    let part = column.iter().map(|slope| slope.wrapping_mul(by));
                    expected.iter_mut().zip(part).for_each(|(sum, part)| {
                        *sum = sum.wrapping_add(part);
                    });
                }
                if space.at(&point)? != expected {
                    return None;
                }
            }
        }
        let target: Vec<i128> = space.target().collect();
        let widths = space.ranges().map(|range| range.width()).collect();
        Some(Affine { rest: sub(&target, &base), columns, widths })
    }

    /// Whether inputs in range give the outputs.
    pub(super) fn within(&self) -> Answer {
        self.each(|rows, columns| match rows {
            [row] => lattice::within(&self.terms(*row, columns), self.rest[*row]),
            rows => self.together(rows, columns),
        })
    }

    /// Whether any integers do.
    pub(super) fn anywhere(&self) -> Answer {
        self.each(|rows, columns| {
            let all = rows
                .iter()
                .map(|row| lattice::anywhere(&self.terms(*row, columns), self.rest[*row]));
            match all.min_by_key(|answer| *answer != Answer::No) {
                Some(Answer::Yes) if rows.len() > 1 => Answer::Unknown,
                Some(answer) => answer,
                None => Answer::Yes,
            }
        })
    }

    /// Asks of outputs that have inputs in common together, and of others apart.
    fn each(&self, ask: impl Fn(&[usize], &[usize]) -> Answer) -> Answer {
        let mut groups: Vec<usize> = (0..self.rest.len()).collect();
        for column in &self.columns {
            let mut rows = (0..column.len()).filter(|row| column[*row] != 0);
            let Some(first) = rows.next().map(|row| groups[row]) else { continue };
            for row in rows {
                let other = groups[row];
                groups.iter_mut().filter(|group| **group == other).for_each(|group| *group = first);
            }
        }
        let mut members: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (row, group) in groups.iter().enumerate() {
            members.entry(*group).or_default().0.push(row);
        }
        for (at, column) in self.columns.iter().enumerate() {
            let Some(row) = column.iter().position(|slope| *slope != 0) else { continue };
            members.entry(groups[row]).or_default().1.push(at);
        }
        let mut all = Answer::Yes;
        for (rows, columns) in members.values() {
            match ask(rows, columns) {
                Answer::No => return Answer::No,
                Answer::Unknown => all = Answer::Unknown,
                Answer::Yes => {}
            }
        }
        all
    }

    fn terms(&self, row: usize, columns: &[usize]) -> Vec<Term> {
        let term = |at: &usize| Term { slope: self.columns[*at][row], width: self.widths[*at] };
        columns.iter().map(term).filter(|term| term.slope != 0).collect()
    }

    /// Several outputs of the same inputs: each on its own, then all combinations.
    fn together(&self, rows: &[usize], columns: &[usize]) -> Answer {
        let alone = |row: &usize| lattice::within(&self.terms(*row, columns), self.rest[*row]);
        if rows.iter().any(|row| alone(row) == Answer::No) {
            return Answer::No;
        }
        let size = columns
            .iter()
            .try_fold(1u128, |size, at| size.checked_mul(self.widths[*at].checked_add(1)?));
        if size.is_none_or(|size| size > u128::from(TRIED)) {
            return Answer::Unknown;
        }
        let mut point = vec![0u128; columns.len()];
        loop {
            let value = |row: usize| {
                let terms = columns.iter().zip(&point);
                let part = |(at, by): (&usize, &u128)| {
                    self.columns[*at][row].wrapping_mul(by.cast_signed())
                };
                terms.map(part).fold(0i128, i128::wrapping_add)
            };
            if rows.iter().all(|row| value(*row) == self.rest[*row]) {
                return Answer::Yes;
            }
            let next = columns.iter().zip(&mut point).any(|(at, value)| {
                let goes_on = *value < self.widths[*at];
                *value = if goes_on { *value + 1 } else { 0 };
                goes_on
            });
            if !next {
                return Answer::No;
            }
        }
    }
}

fn sub(a: &[i128], b: &[i128]) -> Vec<i128> {
    a.iter().zip(b).map(|(a, b)| a.wrapping_sub(*b)).collect()
}
