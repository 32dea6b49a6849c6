//! Equations of degree two between a view and honest inputs: masks of products that are used twice,
//! and what is left of a difference when a challenge that everybody knows is divided out.
//!
//! Runs are those of the linear distinguisher. Few columns take part, as the number of terms grows
//! with their square: of columns that do not follow from others, the first, the last, and some of
//! both.

use super::findings::{Compared, Outcome, Test};
use super::linear::Tossed;
use super::views::{Domain, Sample, aligned};
use super::{ALPHA, Unit};
use crate::evidence::agreement;
use crate::evidence::elimination::{Echelon, LocalRing, PowerOfTwo};
use crate::evidence::polynomial::{LEAST_TRIALS, Told, affordable, tell};
use crate::evidence::prime::Prime;

/// Name of the test.
pub(super) const NAME: &str = "equations of degree two";

/// Columns of an equation, honest values in it, and values that the coalition may know.
const COLUMNS: usize = 16;
const SECRETS: usize = 4;
const KNOWN: usize = 4;
/// Columns of which some are chosen.
const CANDIDATES: usize = 96;

/// Tests each algebra of the views.
pub(super) fn tests(tossed: &Tossed<'_>, unit: &Unit) -> Vec<Test> {
    let runs = aligned(&tossed.samples);
    let Some((_, first)) = runs.first() else { return Vec::new() };
    let test = |domain: &Domain| {
        let told = match *domain {
            Domain::Prime(p) => Prime::new(p).map(|ring| all(ring, tossed, *domain, &runs)),
            Domain::Ring(bits) => {
                PowerOfTwo::new(bits).map(|ring| all(ring, tossed, *domain, &runs))
            }
            Domain::Bits => PowerOfTwo::new(1).map(|ring| all(ring, tossed, *domain, &runs)),
        };
        let told = told.filter(|told| !told.is_empty())?;
        let tried = told.iter().map(|told| told.equations).sum::<u64>().max(1);
        let share = agreement::detectable(LEAST_TRIALS as u64, tried, ALPHA);
        let note = format!(
            "{tried} equations in {COLUMNS} columns at most; sees what holds in {:.0} % of {LEAST_TRIALS} \
             trials",
            100.0 * share
        );
        let compared = told.iter().enumerate().map(|(choice, told)| Compared {
            what: format!("choice {choice} of columns"),
            p_value: told.p_value,
            detail: format!(
                "an equation of degree two holds for honest inputs that were used, and not for \
                 others, in {} of {} runs in which it tells them apart",
                told.with, told.sides
            ),
        });
        let outcome = Outcome::Compared(compared.collect());
        Some(Test { note, ..unit.test(NAME, &domain.to_string(), runs.len() as u64, outcome) })
    };
    first.columns.keys().filter_map(test).collect()
}

/// What some choices of columns tell.
fn all<R: LocalRing>(
    ring: R,
    tossed: &Tossed<'_>,
    domain: Domain,
    runs: &[(usize, &Sample)],
) -> Vec<Told> {
    let residues = |values: &[i128], most: usize| -> Vec<u128> {
        values.iter().take(most).map(|value| ring.reduce(domain.residue(*value))).collect()
    };
    let mut secrets: Vec<[Vec<u128>; 2]> = Vec::with_capacity(runs.len());
    let mut views: Vec<Vec<u128>> = Vec::with_capacity(runs.len());
    for (run, sample) in runs {
        let Some(choice) = tossed.choice(*run) else { continue };
        secrets.push(choice.map(|values| residues(values, SECRETS)));
        let mut view = residues(tossed.known(*run), KNOWN);
        view.extend(sample.column(domain).into_iter().take(CANDIDATES).map(|v| ring.reduce(v)));
        views.push(view);
    }
    let count = secrets.first().map_or(0, |[used, _]| used.len());
    let most = affordable(views.len(), count, COLUMNS);
    if count == 0 || most == 0 {
        return Vec::new();
    }
    let told = |columns: Vec<usize>| {
        let of_run = |view: &Vec<u128>| columns.iter().map(|at| view[*at]).collect();
        let chosen: Vec<Vec<u128>> = views.iter().map(of_run).collect();
        tell(ring, &chosen, &secrets)
    };
    choices(independent(ring, &views), most).into_iter().filter_map(told).collect()
}

/// Columns that do not follow from others, ascending.
fn independent<R: LocalRing>(ring: R, views: &[Vec<u128>]) -> Vec<usize> {
    let width = views.iter().map(Vec::len).min().unwrap_or(0);
    let row = |view: &Vec<u128>| -> Vec<u128> {
        [ring.reduce(1)].into_iter().chain(view[..width].iter().copied()).collect()
    };
    let rows = views.iter().take(width + 16).map(row).collect();
    let echelon = Echelon::of(ring, rows, width + 1);
    let mut pivots: Vec<usize> =
        echelon.pivots().iter().filter_map(|at| at.checked_sub(1)).collect();
    pivots.sort_unstable();
    pivots
}

/// All columns if they are few; else the first, the last, and half of each.
fn choices(columns: Vec<usize>, most: usize) -> Vec<Vec<usize>> {
    let count = columns.len();
    if count <= most {
        return if columns.is_empty() { Vec::new() } else { vec![columns] };
    }
    let (first, last) = (&columns[..most], &columns[count - most..]);
    let both = [&first[..most / 2], &last[most / 2..]].concat();
    vec![first.to_vec(), last.to_vec(), both]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_follow_from_others_are_left_out() {
        let ring = Prime::new(101).unwrap();
        let views: Vec<Vec<u128>> = (0..30u128)
            .map(|run| {
                let [a, b] = [run * run % 101, run * 37 % 50];
                vec![a, 7, b, (a + 3 * b) % 101, a, run * run * run % 101]
            })
            .collect();
        assert_eq!(independent(ring, &views), [0, 2, 5]);
        assert_eq!(choices(vec![0, 2, 5], 4), [vec![0, 2, 5]]);
        let found = choices((0..9).collect(), 4);
        assert_eq!(found, [vec![0, 1, 2, 3], vec![5, 6, 7, 8], vec![0, 1, 7, 8]]);
        assert!(choices(Vec::new(), 4).is_empty());
    }
}
