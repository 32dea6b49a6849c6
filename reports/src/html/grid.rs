//! The grid of protocols and guarantees: what the checks saw, and on what that rests.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;
use mpclab_sim::vocabulary::{Guarantee, Observed, Standing, Verdict};

use crate::distinct::distinct;
use crate::record::Record;
use crate::stats::{Group, Points};
use crate::units::thousands;

/// Most pieces of evidence that are shown for a cell.
const MOST_EVIDENCE: usize = 8;

/// Standings, the worst first.
const WORST: [Standing; 4] =
    [Standing::Violated, Standing::Inconclusive, Standing::OutOfClaim, Standing::Held];

/// One verdict of one run.
struct Case<'a> {
    point: usize,
    record: &'a Record,
    verdict: &'a Verdict,
}

/// All verdicts on one guarantee of one protocol.
struct GuaranteeCell<'a> {
    protocol: &'a str,
    guarantee: Guarantee,
    cases: Vec<Case<'a>>,
}

/// The grid for the template: `guarantees`, `rows` and `evidence`; `None` if nothing was checked.
pub(super) fn grid(points: &Points, groups: &[Group<'_>]) -> Option<Value> {
    let cells = cells(groups);
    let mut guarantees: Vec<Guarantee> = cells.iter().map(|cell| cell.guarantee).collect();
    guarantees.sort_unstable();
    guarantees.dedup();
    let protocols = distinct(cells.iter().map(|cell| cell.protocol));
    let row = |protocol: &&str| {
        let of = |guarantee: &Guarantee| {
            let same = |cell: &&GuaranteeCell<'_>| {
                cell.protocol == *protocol && cell.guarantee == *guarantee
            };
            let at = cells.iter().position(|cell| same(&cell))?;
            Some(mark(at, &cells[at]))
        };
        let protocol = *protocol;
        context! { protocol, cells => guarantees.iter().map(of).collect::<Vec<_>>() }
    };
    let rows: Vec<Value> = protocols.iter().map(row).collect();
    let shown = cells.iter().enumerate().filter(|(_, cell)| cell.has_evidence());
    let details: Vec<Value> = shown.map(|(at, cell)| detail(points, at, cell)).collect();
    let names: Vec<&str> = guarantees.iter().map(|guarantee| guarantee.name()).collect();
    (!rows.is_empty()).then(|| context! { guarantees => names, rows, evidence => details })
}

fn cells<'a>(groups: &[Group<'a>]) -> Vec<GuaranteeCell<'a>> {
    let mut cells: Vec<GuaranteeCell<'a>> = Vec::new();
    for group in groups {
        for record in &group.records {
            for verdict in &record.verdicts {
                let (protocol, guarantee) = (record.key.protocol.as_str(), verdict.guarantee);
                let case = Case { point: group.point, record, verdict };
                let same = |cell: &&mut GuaranteeCell<'_>| {
                    (cell.protocol, cell.guarantee) == (protocol, guarantee)
                };
                match cells.iter_mut().find(same) {
                    Some(cell) => cell.cases.push(case),
                    None => cells.push(GuaranteeCell { protocol, guarantee, cases: vec![case] }),
                }
            }
        }
    }
    cells
}

impl GuaranteeCell<'_> {
    fn count(&self, standing: Standing) -> usize {
        self.cases.iter().filter(|case| case.verdict.standing() == standing).count()
    }

    fn has_evidence(&self) -> bool {
        self.cases.iter().any(|case| !case.verdict.evidence.is_empty())
    }

    fn worst(&self) -> Standing {
        WORST.into_iter().find(|standing| self.count(*standing) > 0).unwrap_or(Standing::Held)
    }

    /// Sign and words: no meaning lies in a colour alone.
    fn mark(&self) -> (&'static str, String) {
        let worst = self.worst();
        let of = |case: &&Case<'_>| case.verdict.standing() == worst;
        let broken = self.cases.iter().filter(of).any(|c| c.verdict.observed == Observed::Broken);
        match worst {
            Standing::Violated => ("violated", "✗ VIOLATED".to_owned()),
            Standing::Inconclusive => ("inconclusive", "? inconclusive".to_owned()),
            Standing::OutOfClaim if broken => ("out", "○ out of claim (broken)".to_owned()),
            Standing::OutOfClaim => ("out", "○ out of claim".to_owned()),
            Standing::Held => ("held", "✓ held".to_owned()),
        }
    }

    /// `59 held, 1 violated`.
    fn counts(&self) -> String {
        let count = |standing: &Standing| match self.count(*standing) {
            0 => None,
            count => Some(format!("{} {standing}", thousands(count as u64))),
        };
        WORST.iter().rev().filter_map(count).collect::<Vec<_>>().join(", ")
    }
}

/// Different pieces of evidence with the first run that gave each, and how many did; the worst
/// first.
fn evidence<'a, 'r>(cell: &'a GuaranteeCell<'r>) -> Vec<(&'a Case<'r>, usize)> {
    let mut found: Vec<(&Case<'_>, usize)> = Vec::new();
    let mut places: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (rank, standing) in WORST.into_iter().enumerate() {
        for case in cell.cases.iter().filter(|case| case.verdict.standing() == standing) {
            match (rank, case.verdict.evidence.as_str()) {
                (_, "") => {}
                key => match places.get(&key) {
                    Some(place) => found[*place].1 += 1,
                    None => {
                        places.insert(key, found.len());
                        found.push((case, 1));
                    }
                },
            }
        }
    }
    found
}

fn id(at: usize) -> String {
    format!("verdict-{at}")
}

fn mark(at: usize, cell: &GuaranteeCell<'_>) -> Value {
    let (class, mark) = cell.mark();
    let link = cell.has_evidence().then(|| id(at));
    context! { class, mark, counts => cell.counts(), link }
}

fn detail(points: &Points, at: usize, cell: &GuaranteeCell<'_>) -> Value {
    let found = evidence(cell);
    let case = |(case, count): &(&Case<'_>, usize)| {
        let record = case.record;
        let place = points.name(case.point);
        let at = if place.is_empty() { String::new() } else { format!("{place}, ") };
        context! {
            standing => case.verdict.standing().to_string(),
            text => case.verdict.evidence.clone(),
            run => format!("{at}repetition {}, seed {:#018x}", record.repetition, record.seed),
            more => count - 1,
        }
    };
    let (class, mark) = cell.mark();
    let more = found.len().saturating_sub(MOST_EVIDENCE);
    context! {
        id => id(at),
        class,
        mark,
        name => format!("{} of {}", cell.guarantee, cell.protocol),
        counts => cell.counts(),
        open => cell.worst() == Standing::Violated,
        protocol => cell.protocol,
        cases => found.iter().take(MOST_EVIDENCE).map(case).collect::<Vec<_>>(),
        more => (more > 0).then_some(more),
    }
}
