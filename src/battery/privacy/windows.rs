//! The linear distinguisher on windows of a view: scopes whose messages are seen side by side where
//! the whole is too large, and bits as numbers beside elements.

use super::Unit;
use super::findings::{Outcome, Test};
use super::linear::{self, Tossed};
use super::views::{Domain, Sample, Window, aligned};

/// Windows of one kind, by their places in a sample.
type Kind = ((Domain, bool), Vec<usize>);

/// Searches each window for honest inputs.
pub(super) fn leaks(tossed: &Tossed<'_>, unit: &Unit) -> Vec<Test> {
    let runs = aligned(&tossed.samples);
    let Some((_, first)) = runs.first() else { return Vec::new() };
    let test = |((domain, is_mixed), places): Kind| {
        let search = |place: &usize| {
            let view: Vec<Vec<u128>> =
                runs.iter().map(|(_, sample)| values(sample, *place).to_vec()).collect();
            tossed.relations(domain, &runs, &view).map(|(found, _)| found)
        };
        let outcome = together(places.iter().map(search));
        let note = note(first, &places);
        let algebra = algebra(domain, is_mixed);
        Test { note, ..unit.test(linear::NAME, &algebra, runs.len() as u64, outcome) }
    };
    kinds(first).into_iter().map(test).collect()
}

/// Searches each window for a functional that tells two inputs apart.
pub(super) fn separates(unit: &Unit, pair: usize, classes: &[Vec<&Sample>; 2]) -> Vec<Test> {
    let Some(first) = classes[0].first() else { return Vec::new() };
    let samples = (classes[0].len() + classes[1].len()) as u64;
    let target = format!("which of two inputs it is (pair {pair})");
    let test = |((domain, is_mixed), places): Kind| {
        let search = |place: &usize| {
            let rows = [0, 1].map(|class| -> Vec<Vec<u128>> {
                classes[class].iter().map(|sample| values(sample, *place).to_vec()).collect()
            });
            let search = linear::separate(domain, [&rows[0], &rows[1]]);
            let search = search.map_err(|why| why.to_string())?;
            Ok(search.relations.iter().map(|found| linear::describe(found, &target)).collect())
        };
        let outcome = together(places.iter().map(search));
        let note = note(first, &places);
        Test { note, ..unit.test(linear::NAME, &algebra(domain, is_mixed), samples, outcome) }
    };
    kinds(first).into_iter().map(test).collect()
}

fn values(sample: &Sample, place: usize) -> &[u128] {
    sample.windows.get(place).map_or(&[], |window| &window.values)
}

fn note(sample: &Sample, places: &[usize]) -> String {
    let most = places.iter().map(|place| values(sample, *place).len()).max().unwrap_or(0);
    format!("windows of {most} columns at most")
}

fn algebra(domain: Domain, is_mixed: bool) -> String {
    match is_mixed {
        true => format!("{domain} with bits as numbers"),
        false => format!("{domain}, scope by scope"),
    }
}

fn kinds(sample: &Sample) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (place, Window { domain, is_mixed, .. }) in sample.windows.iter().enumerate() {
        match kinds.iter_mut().find(|(kind, _)| *kind == (*domain, *is_mixed)) {
            Some((_, places)) => places.push(place),
            None => kinds.push(((*domain, *is_mixed), vec![place])),
        }
    }
    kinds
}

/// What was found in any window; where nothing was, why one could not be searched.
fn together(windows: impl Iterator<Item = Result<Vec<String>, String>>) -> Outcome {
    let (mut found, mut undecided) = (Vec::new(), None);
    for window in windows {
        match window {
            Ok(relations) => found.extend(relations),
            Err(why) => undecided = Some(why),
        }
    }
    match undecided {
        Some(why) if found.is_empty() => Outcome::Undecided(why),
        _ => Outcome::Searched(found),
    }
}
